//! `commonhold account guardian`.

use alloy_primitives::{Address, B256};
use clap::Subcommand;
use commonhold_sdk::{
    guardians::{Guardianship, Guarding},
    page::all,
    roles::Claim,
};
use serde::Serialize;

use super::ledger::{Desk, LedgerArgs, MemberArgs, Said, done, period};
use crate::{exit::Failure, output::Output, record::code, time, wallet::KeystoreArgs};

/// Say who may act for somebody, and ask.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    ledger: LedgerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Name somebody to act for you; or, with --ward, attest somebody's guardian in a member's name.
    ///
    /// Whom you name acts for you until you take it back. A guardian that is attested may act when two
    /// members attest them, until the time given: a minor's 18th birthday.
    #[command(after_help = "\
Examples:
  commonhold account guardian appoint bob --account alice
  commonhold account guardian appoint bob --ward mira --until 2038-05-04 --account clinic
  commonhold account guardian appoint bob --ward mira --until 2038-05-04 --account registry")]
    Appoint {
        /// Whom: an address, an account of your keystore, or a handle.
        guardian: String,
        /// For whom, if not for you.
        #[arg(long, value_name = "WHO", requires = "until")]
        ward: Option<String>,
        /// From when on: 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h or +90m [default: now].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        from_time: Option<u64>,
        /// Until when [default, for you: until taken back].
        #[arg(long, value_name = "TIME", value_parser = time::parse)]
        until: Option<u64>,
        /// Hash of the evidence: a birth certificate, a court's order.
        #[arg(long, value_name = "HASH", requires = "ward")]
        evidence: Option<B256>,
        #[command(flatten)]
        member: MemberArgs,
    },
    /// Take back whom you named; or, with --ward, what a member attested.
    End {
        /// Whom.
        guardian: String,
        /// For whom, if not for you.
        #[arg(long, value_name = "WHO")]
        ward: Option<String>,
        /// Why: up to 32 letters, or 32 bytes in hex.
        #[arg(long, value_name = "WHY", default_value = "", value_parser = code)]
        reason: B256,
        #[command(flatten)]
        member: MemberArgs,
    },
    /// Stop acting for somebody.
    Resign {
        /// For whom.
        ward: String,
    },
    /// List who acts for somebody, and for whom they act.
    List {
        /// Who [default: your account].
        who: Option<String>,
    },
}

pub(super) fn run(args: &Args, wallet: &KeystoreArgs, out: &mut Output) -> eyre::Result<()> {
    let desk = Desk::open(&args.ledger, wallet)?;
    match &args.verb {
        Verb::Appoint {
            guardian,
            ward: None,
            from_time,
            until,
            member,
            ..
        } => {
            own(member)?;
            let who = desk.who(Some(guardian), out)?;
            let account = desk.account()?;
            let (from, until) = (from_time.unwrap_or(0), until.unwrap_or(0));
            let receipt = desk.client.name_guardian(&account, who, from, until)?;
            let when = period(from, until);
            done(format!("{guardian} may act for you {when}"), &receipt, out)
        }
        Verb::Appoint {
            guardian,
            ward: Some(ward),
            from_time,
            until,
            evidence,
            member,
        } => {
            let pair = (desk.who(Some(ward), out)?, desk.who(Some(guardian), out)?);
            let account = desk.account()?;
            let member = desk.member(member, account.address())?;
            let claim = Claim {
                not_before: from_time.unwrap_or(0),
                until: until.unwrap_or(0),
                evidence: evidence.unwrap_or_default(),
            };
            let receipt = desk
                .client
                .attest_guardian(&account, member.number, pair, claim)?;
            let how = desk.client.guarding(pair.1, pair.0, 0)?;
            let more = if how == Guarding::OneMember {
                "; it takes another member's word"
            } else {
                ""
            };
            let when = period(claim.not_before, claim.until);
            let said = format!(
                "{guardian} may act for {ward} {when}, says {}{more}",
                member.name
            );
            done(said, &receipt, out)
        }
        Verb::End {
            guardian,
            ward: None,
            member,
            ..
        } => {
            own(member)?;
            let who = desk.who(Some(guardian), out)?;
            let account = desk.account()?;
            let ward = account.address();
            let receipt = desk.client.end_guardianship(&account, ward, who)?;
            let said = format!("{guardian} may no longer act for you on your own word");
            done(said, &receipt, out)
        }
        Verb::End {
            guardian,
            ward: Some(ward),
            reason,
            member,
        } => {
            let pair = (desk.who(Some(ward), out)?, desk.who(Some(guardian), out)?);
            let account = desk.account()?;
            let member = desk.member(member, account.address())?;
            let receipt = desk
                .client
                .withdraw_guardian(&account, member.number, pair, *reason)?;
            let said = format!("{} no longer attests {guardian} for {ward}", member.name);
            done(said, &receipt, out)
        }
        Verb::Resign { ward } => {
            let who = desk.who(Some(ward), out)?;
            let account = desk.account()?;
            let guardian = account.address();
            let receipt = desk.client.end_guardianship(&account, who, guardian)?;
            done(format!("you no longer act for {ward}"), &receipt, out)
        }
        Verb::List { who } => {
            let who = desk.who(who.as_ref(), out)?;
            list(&desk, who, out)
        }
    }
}

/// Nobody speaks for themselves in a member's name.
fn own(member: &MemberArgs) -> eyre::Result<()> {
    if member.is_given() {
        let why = "--member goes with --ward: your own guardian you name yourself";
        return Err(Failure::Usage(why.into()).into());
    }
    Ok(())
}

#[derive(Serialize)]
struct Entry {
    ward: Address,
    guardian: Address,
    standing: &'static str,
    until: u64,
    attestations: Vec<Said>,
}

#[derive(Serialize)]
struct Listed {
    account: Address,
    guardians: Vec<Entry>,
    wards: Vec<Entry>,
}

fn list(desk: &Desk<'_>, account: Address, out: &mut Output) -> eyre::Result<()> {
    let members = desk.client.members()?;
    let entry = |found: Guardianship| -> eyre::Result<Entry> {
        let (ward, guardian) = (found.ward, found.guardian);
        let said = all(|from| desk.client.guardian_attestations(ward, guardian, from))?;
        Ok(Entry {
            ward,
            guardian,
            standing: guarding(found.standing),
            until: found.until,
            attestations: said.into_iter().map(|s| Said::of(s, &members)).collect(),
        })
    };
    let entries = |found: Vec<Guardianship>| found.into_iter().map(entry).collect();
    let guardians: eyre::Result<Vec<Entry>> =
        entries(all(|from| desk.client.guardians_of(account, from))?);
    let wards: eyre::Result<Vec<Entry>> = entries(all(|from| desk.client.wards_of(account, from))?);
    let listed = Listed {
        account,
        guardians: guardians?,
        wards: wards?,
    };
    out.result(&listed, |listed| {
        let guardians = listed.guardians.iter().map(|e| ("guardian", e.guardian, e));
        let wards = listed.wards.iter().map(|e| ("ward", e.ward, e));
        let mut text = String::new();
        for (side, other, entry) in guardians.chain(wards) {
            let until = match entry.until {
                0 => String::new(),
                until => format!(" until {}", time::show(until)),
            };
            text.push_str(&format!("{side} {other}: {}{until}\n", entry.standing));
            for said in &entry.attestations {
                text.push_str(&format!("  {}\n", said.text()));
            }
        }
        text
    })
}

/// Whether somebody may act for a ward, in a word.
const fn guarding(guarding: Guarding) -> &'static str {
    match guarding {
        Guarding::Guardian => "guardian",
        Guarding::Proxy => "proxy",
        Guarding::Suspended => "suspended",
        Guarding::OneMember => "one-member",
        Guarding::NotYet => "not-yet",
        Guarding::Expired => "expired",
        Guarding::Resigned => "resigned",
        Guarding::Withdrawn => "withdrawn",
        Guarding::Lapsed => "lapsed",
        Guarding::None | Guarding::__Invalid => "none",
    }
}
