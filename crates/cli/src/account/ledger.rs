//! What the verbs about roles and guardians have in common: who acts, in which member's name, and how
//! what members say is shown.

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_sdk::{
    Account, Client, Keystore, Kind,
    members::Member,
    roles::{Attestation, Standing},
};
use serde::Serialize;

use crate::{
    client::{RpcArgs, who},
    exit::Failure,
    output::Output,
    time,
    wallet::KeystoreArgs,
};

/// Which node is asked and which account acts.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct LedgerArgs {
    #[command(flatten)]
    rpc: RpcArgs,
    /// The account that acts; not needed where there is one only.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "COMMONHOLD_ACCOUNT",
        hide_env_values = true,
        help_heading = "Accounts"
    )]
    account: Option<String>,
}

/// In whose name something is attested or withdrawn.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct MemberArgs {
    /// In which member's name, by its number, name or account [default: the one that your account acts
    /// for].
    #[arg(long, value_name = "MEMBER")]
    member: Option<String>,
}

impl MemberArgs {
    /// Whether one is named.
    pub(super) const fn is_given(&self) -> bool {
        self.member.is_some()
    }
}

/// A node, a keystore, and who of it acts.
pub(super) struct Desk<'a> {
    pub(super) client: Client,
    wallet: &'a KeystoreArgs,
    keystore: Keystore,
    account: Option<&'a String>,
}

impl<'a> Desk<'a> {
    pub(super) fn open(ledger: &'a LedgerArgs, wallet: &'a KeystoreArgs) -> eyre::Result<Self> {
        Ok(Self {
            client: ledger.rpc.client()?,
            wallet,
            keystore: wallet.open()?,
            account: ledger.account.as_ref(),
        })
    }

    /// Opens the account that acts.
    pub(super) fn account(&self) -> eyre::Result<Account> {
        let name = self.wallet.acting(&self.keystore, self.account)?;
        self.wallet.load(&self.keystore, &name)
    }

    /// Whom a text means; without one, the account that acts.
    pub(super) fn who(&self, text: Option<&String>, out: &Output) -> eyre::Result<Address> {
        match text {
            Some(text) => who(text, &self.keystore, &self.client, out),
            None => {
                let name = self.wallet.acting(&self.keystore, self.account)?;
                self.wallet.address(&self.keystore, &name)
            }
        }
    }

    /// The member that is named, or the one that the account that acts acts for.
    pub(super) fn member_or_own(&self, args: &MemberArgs, out: &Output) -> eyre::Result<Member> {
        match &args.member {
            Some(text) => Ok(self.client.member(text)?),
            None => self.member(args, self.who(None, out)?),
        }
    }

    /// In which member's name `account` acts.
    pub(super) fn member(&self, args: &MemberArgs, account: Address) -> eyre::Result<Member> {
        if let Some(text) = &args.member {
            return Ok(self.client.member(text)?);
        }
        self.client.member_of(account).map_err(|e| {
            if e.kind() == Kind::Refused {
                let why = format!("{e}: say in which --member's name");
                Failure::Usage(why).into()
            } else {
                e.into()
            }
        })
    }
}

/// What a step on the ledger gave.
#[derive(Serialize)]
struct Done {
    transaction: B256,
    block: Option<u64>,
}

/// Says what was done, and gives its transaction.
pub(super) fn done(
    said: impl AsRef<str>,
    receipt: &TransactionReceipt,
    out: &mut Output,
) -> eyre::Result<()> {
    out.say(said);
    let done = Done {
        transaction: receipt.transaction_hash,
        block: receipt.block_number,
    };
    out.result(&done, |_| String::new())
}

/// What a member says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Said {
    member: u64,
    name: String,
    by: Address,
    standing: &'static str,
    given_at: u64,
    not_before: u64,
    until: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<B256>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<B256>,
}

impl Said {
    pub(super) fn of(said: Attestation, members: &[Member]) -> Self {
        let some = |word: B256| (!word.is_zero()).then_some(word);
        let member = members.iter().find(|m| m.number == said.member);
        Self {
            member: said.member,
            name: member.map(|m| m.name.clone()).unwrap_or_default(),
            by: said.by,
            standing: standing(said.standing),
            given_at: said.givenAt,
            not_before: said.notBefore,
            until: said.until,
            ended_at: (said.endedAt != 0).then_some(said.endedAt),
            evidence: some(said.evidence),
            reason: some(said.reason),
        }
    }

    pub(super) fn text(&self) -> String {
        let end = match self.ended_at {
            Some(at) => format!("ended {}", time::show(at)),
            None => period(self.not_before, self.until),
        };
        let who = if self.name.is_empty() {
            format!("member {}", self.member)
        } else {
            self.name.clone()
        };
        format!("{who}, by {}: {}, {end}", self.by, self.standing)
    }
}

/// A time that something holds; zero is no end.
pub(super) fn period(not_before: u64, until: u64) -> String {
    match (not_before, until) {
        (0, 0) => "until taken back".to_owned(),
        (0, until) => format!("until {}", time::show(until)),
        (from, 0) => format!("from {}", time::show(from)),
        (from, until) => format!("from {} until {}", time::show(from), time::show(until)),
    }
}

/// How somebody stands in a role, in a word.
pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Good => "good",
        Standing::NotYet => "not-yet",
        Standing::Expired => "expired",
        Standing::Renounced => "renounced",
        Standing::Withdrawn => "withdrawn",
        Standing::Lapsed => "lapsed",
        Standing::None | Standing::__Invalid => "none",
    }
}
