//! `commonhold account role`.

use alloy_primitives::{Address, B256};
use clap::Subcommand;
use commonhold_sdk::{
    page::all,
    roles::{Claim, Standing, role, role_name},
};
use serde::Serialize;

use super::ledger::{Desk, LedgerArgs, MemberArgs, Said, done, period, standing};
use crate::{
    output::{Output, columns},
    record::code,
    time,
    wallet::KeystoreArgs,
};

/// Say who may act as what, in a member's name, and ask.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    ledger: LedgerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Attest somebody a role, in the name of the member whose account or delegate you are.
    #[command(after_help = "\
Examples:
  commonhold account role attest researcher --to bob --until 2027-12-31 --account clinic
  commonhold account role attest calibrator --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 \\
      --member 'Member 2' --account lab     # as the delegate of that member")]
    Attest {
        /// The role: a-z 0-9 -
        role: String,
        /// Whom: an address, an account of your keystore, or a handle.
        #[arg(long, value_name = "WHO")]
        to: String,
        /// From when on: 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h or +90m [default: now].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        from_time: Option<u64>,
        /// Until when [default: until withdrawn].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        until: Option<u64>,
        /// Hash of the evidence: a licence, a certificate.
        #[arg(long, value_name = "HASH")]
        evidence: Option<B256>,
        #[command(flatten)]
        member: MemberArgs,
    },
    /// Withdraw what was attested in a member's name.
    Withdraw {
        /// The role.
        role: String,
        /// From whom.
        #[arg(long, value_name = "WHO")]
        from: String,
        /// Why: up to 32 letters, or 32 bytes in hex.
        #[arg(long, value_name = "WHY", default_value = "", value_parser = code)]
        reason: B256,
        #[command(flatten)]
        member: MemberArgs,
    },
    /// Give up a role of yours, whoever attested it.
    Renounce {
        /// The role.
        role: String,
    },
    /// Let somebody attest and withdraw one role in the name of the member that you act for.
    Delegate {
        /// The role; guardian-registrar is for guardians.
        role: String,
        /// Whom.
        #[arg(long, value_name = "WHO")]
        to: String,
        /// Until when [default: until dismissed].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        until: Option<u64>,
    },
    /// Dismiss a delegate. What they attested stands until you withdraw it.
    Undelegate {
        /// The role.
        role: String,
        /// Whom.
        #[arg(long, value_name = "WHO")]
        from: String,
    },
    /// List somebody's roles, or who has a role.
    List {
        /// Whose roles [default: your account's].
        who: Option<String>,
        /// Who has this role.
        #[arg(long, value_name = "ROLE", conflicts_with = "who")]
        role: Option<String>,
    },
    /// Show how somebody stands in a role, and what each member says.
    Show {
        /// The role.
        role: String,
        /// Who [default: your account].
        who: Option<String>,
        /// When [default: now].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        at: Option<u64>,
    },
    /// List whom a member has delegated what.
    Delegates {
        #[command(flatten)]
        member: MemberArgs,
    },
}

pub(super) fn run(args: &Args, wallet: &KeystoreArgs, out: &mut Output) -> eyre::Result<()> {
    let desk = Desk::open(&args.ledger, wallet)?;
    match &args.verb {
        Verb::Attest {
            role: name,
            to,
            from_time,
            until,
            evidence,
            member,
        } => {
            let role = role(name)?;
            let who = desk.who(Some(to), out)?;
            let account = desk.account()?;
            let member = desk.member(member, account.address())?;
            let claim = Claim {
                not_before: from_time.unwrap_or(0),
                until: until.unwrap_or(0),
                evidence: evidence.unwrap_or_default(),
            };
            let receipt = desk
                .client
                .attest_role(&account, member.number, (who, role), claim)?;
            let when = period(claim.not_before, claim.until);
            let said = format!("{to} may act as {name} {when}, says {}", member.name);
            done(said, &receipt, out)
        }
        Verb::Withdraw {
            role: name,
            from,
            reason,
            member,
        } => {
            let role = role(name)?;
            let who = desk.who(Some(from), out)?;
            let account = desk.account()?;
            let member = desk.member(member, account.address())?;
            let receipt =
                desk.client
                    .withdraw_role(&account, member.number, (who, role), *reason)?;
            let left = desk.client.role_standing(who, role, 0)?;
            let still = if left == Standing::Good {
                "; another member still does"
            } else {
                ""
            };
            let said = format!("{} no longer attests {from} {name}{still}", member.name);
            done(said, &receipt, out)
        }
        Verb::Renounce { role: name } => {
            let account = desk.account()?;
            let receipt = desk.client.renounce_role(&account, role(name)?)?;
            done(format!("{name} is renounced"), &receipt, out)
        }
        Verb::Delegate {
            role: name,
            to,
            until,
        } => {
            let role = role(name)?;
            let who = desk.who(Some(to), out)?;
            let (account, until) = (desk.account()?, until.unwrap_or(0));
            let receipt = desk.client.delegate_role(&account, who, role, until)?;
            let when = period(0, until);
            done(format!("{to} may attest {name} {when}"), &receipt, out)
        }
        Verb::Undelegate { role: name, from } => {
            let role = role(name)?;
            let who = desk.who(Some(from), out)?;
            let account = desk.account()?;
            let receipt = desk.client.undelegate_role(&account, who, role)?;
            let said = format!(
                "{from} may attest {name} no longer; what they attested stands until withdrawn"
            );
            done(said, &receipt, out)
        }
        Verb::List { role: Some(of), .. } => holders(&desk, role(of)?, out),
        Verb::List { who, role: None } => {
            let who = desk.who(who.as_ref(), out)?;
            roles(&desk, who, out)
        }
        Verb::Show {
            role: name,
            who,
            at,
        } => {
            let role = role(name)?;
            let who = desk.who(who.as_ref(), out)?;
            show(&desk, (who, role), at.unwrap_or(0), out)
        }
        Verb::Delegates { member } => delegates(&desk, member, out),
    }
}

#[derive(Serialize)]
struct Entry {
    account: Address,
    role: String,
    standing: &'static str,
}

fn roles(desk: &Desk<'_>, account: Address, out: &mut Output) -> eyre::Result<()> {
    let entries: Vec<Entry> = all(|from| desk.client.roles_of(account, from))?
        .into_iter()
        .map(|entry| Entry {
            account,
            role: role_name(&entry.role),
            standing: standing(entry.standing),
        })
        .collect();
    out.result(&entries, |entries| {
        let row = |e: &Entry| vec![e.role.clone(), e.standing.to_owned()];
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

fn holders(desk: &Desk<'_>, role: B256, out: &mut Output) -> eyre::Result<()> {
    let entries: Vec<Entry> = all(|from| desk.client.role_holders(role, from))?
        .into_iter()
        .map(|holder| Entry {
            account: holder.account,
            role: role_name(&role),
            standing: standing(holder.standing),
        })
        .collect();
    out.result(&entries, |entries| {
        let row = |e: &Entry| vec![e.account.to_string(), e.standing.to_owned()];
        columns(&entries.iter().map(row).collect::<Vec<_>>())
    })
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    entry: Entry,
    may: bool,
    attestations: Vec<Said>,
}

fn show(
    desk: &Desk<'_>,
    (account, role): (Address, B256),
    at: u64,
    out: &mut Output,
) -> eyre::Result<()> {
    let how = desk.client.role_standing(account, role, at)?;
    let said = all(|from| desk.client.role_attestations(account, role, from))?;
    let members = desk.client.members()?;
    let shown = Shown {
        entry: Entry {
            account,
            role: role_name(&role),
            standing: standing(how),
        },
        may: how == Standing::Good,
        attestations: said.into_iter().map(|s| Said::of(s, &members)).collect(),
    };
    out.result(&shown, |shown| {
        let mut rows = vec![
            vec!["account".to_owned(), shown.entry.account.to_string()],
            vec!["role".to_owned(), shown.entry.role.clone()],
            vec!["standing".to_owned(), shown.entry.standing.to_owned()],
        ];
        let said = |s: &Said| vec!["attested".to_owned(), s.text()];
        rows.extend(shown.attestations.iter().map(said));
        columns(&rows)
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Delegate {
    member: u64,
    account: Address,
    role: String,
    holds: bool,
    since: u64,
    until: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<u64>,
}

fn delegates(desk: &Desk<'_>, member: &MemberArgs, out: &mut Output) -> eyre::Result<()> {
    // Whoever names the member needs no account.
    let member = desk.member_or_own(member, out)?.number;
    let delegates: Vec<Delegate> = all(|from| desk.client.role_delegations(member, from))?
        .into_iter()
        .map(|d| Delegate {
            member,
            account: d.account,
            role: role_name(&d.role),
            holds: d.holds,
            since: d.since,
            until: d.until,
            ended_at: (d.endedAt != 0).then_some(d.endedAt),
        })
        .collect();
    out.result(&delegates, |delegates| {
        let row = |d: &Delegate| {
            let state = match (d.ended_at, d.holds) {
                (Some(at), _) => format!("dismissed {}", time::show(at)),
                (None, true) => period(0, d.until),
                (None, false) => "over".to_owned(),
            };
            vec![d.account.to_string(), d.role.clone(), state]
        };
        columns(&delegates.iter().map(row).collect::<Vec<_>>())
    })
}
