//! `commonhold energy correct` and `dispute`: a slot whose reading was wrong.

use std::path::PathBuf;

use alloy_primitives::{B256, Bytes, I256};
use clap::Subcommand;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        DeltaNote, DisputeDecided, Disputed, Member, Read, Reissued, SlotState, correctCall,
        decideDisputeCall, disputeCall, disputeOfCall, reportCall,
    },
};
use commonhold_sdk::{Client, amount, client::events, clock::now_ms};
use commonhold_session::{Answer, Refused, Session};
use serde_json::json;

use super::which::{self, CommunityArg};
use crate::{keys, ledger, metering::Measured, moments};

/// Bring a later version of a reading of a slot.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy correct 2026-06-01T12:00+02:00 --meter meter.key --net 420 --account anna
  commonhold energy correct 2026-06-01T12:00+02:00 --meter meter.key --net=-1800 --household anna

A slot that is not cleared yet is computed anew. In one that is settled, within thirty days, what the meter took
or gave beside what it traded is settled anew at its supplier's prices, by a delta note; nobody else's slot
changes.")]
pub(crate) struct Correct {
    /// The slot's beginning: a time, or seconds since 1970.
    #[arg(value_name = "SLOT", value_parser = moments::parse)]
    slot: u64,
    /// The meter's key file.
    #[arg(long, value_name = "FILE")]
    meter: PathBuf,
    /// Imports less exports of the slot, Wh.
    #[arg(long, value_name = "WH", allow_hyphen_values = true)]
    net: i64,
    /// What was generated behind the meter in the slot, Wh, where that is measured.
    #[arg(long, value_name = "WH")]
    generated: Option<u64>,
    /// Which version of the slot's reading it is [default: the one after the newest].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    version: Option<u8>,
    /// Whose meter it is [default: yours].
    #[arg(long, value_name = "WHO")]
    household: Option<String>,
    #[command(flatten)]
    community: CommunityArg,
}

/// Disputes about what a meter said of a settled slot.
#[derive(clap::Args)]
pub(crate) struct Dispute {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Dispute a slot within thirty days, as whose meter it is or as the network operator.
    Open {
        #[command(flatten)]
        about: About,
        /// What it is about: the record that keeps it in the vault.
        #[arg(long, value_name = "ID")]
        evidence: B256,
    },
    /// Decide a dispute within ninety days, as the network operator, by its own reading.
    Decide {
        #[command(flatten)]
        about: About,
        /// Imports less exports of the slot, Wh.
        #[arg(long, value_name = "WH", allow_hyphen_values = true)]
        net: i64,
        /// The reading: the record that keeps it in the vault.
        #[arg(long, value_name = "ID")]
        reading: B256,
    },
    /// Tell how a dispute stands.
    Show {
        #[command(flatten)]
        about: About,
    },
}

/// Which slot, and whose.
#[derive(clap::Args)]
struct About {
    /// The slot's beginning: a time, or seconds since 1970.
    #[arg(value_name = "SLOT", value_parser = moments::parse)]
    slot: u64,
    /// Whose meter it is [default: yours].
    #[arg(long, value_name = "WHO")]
    household: Option<String>,
    #[command(flatten)]
    community: CommunityArg,
}

/// A community, and somebody's place in it.
struct Place {
    community: u64,
    member: Member,
    name: String,
}

impl Place {
    fn meant(
        session: &dyn Session,
        client: &Client,
        community: CommunityArg,
        household: Option<&str>,
    ) -> eyre::Result<Self> {
        let community = community.meant(client)?;
        let (address, name) = which::household(session, community, household)?;
        let member = ledger::member(client, community, address)?;
        Ok(Self {
            community,
            member,
            name,
        })
    }

    /// The newest version of what the meter said of a slot; zero: it said nothing.
    fn version(&self, client: &Client, slot: u64) -> eyre::Result<u8> {
        let asked = ledger::Asked {
            slots: Some(&[slot]),
            ..ledger::Asked::default()
        };
        let said = ledger::events::<Read>(client, self.community, asked)?;
        let own = said
            .iter()
            .filter(|told| told.event.index == self.member.index);
        Ok(own.map(|told| told.event.version).max().unwrap_or_default())
    }
}

pub(crate) fn correct(args: &Correct, session: &dyn Session) -> eyre::Result<Answer> {
    let secret = keys::read(&args.meter)?;
    let (client, account) = (session.client()?, session.account()?);
    let place = Place::meant(session, &client, args.community, args.household.as_deref())?;
    let id = secret.key().id();
    if place.member.meter != id.0 {
        let why = format!("{id} is not the meter of {}", place.name);
        return Err(Refused(why).into());
    }
    let (community, slot) = (place.community, args.slot);
    let version = match args.version {
        Some(version) => version,
        None => {
            let newest = place.version(&client, slot)?;
            newest
                .checked_add(1)
                .ok_or_else(|| Refused("a reading has no more than 255 versions".to_owned()))?
        }
    };
    let found = ledger::slot(&client, community, slot)?;
    let seconds = ledger::community(&client, community)?.rules.slotSeconds;
    let measured = Measured {
        slot,
        seconds,
        net: args.net,
        generated: args.generated,
        version,
    };
    let signed = measured.sign(&secret, now_ms())?;
    let reading = Bytes::copy_from_slice(signed.bytes());
    let receipt = if found.state == SlotState::Open {
        let readings = vec![reading];
        let call = reportCall {
            community,
            slot,
            readings,
        };
        client.send_call(&account, ADDRESS, &call)?
    } else {
        let call = correctCall {
            community,
            slot,
            reading,
        };
        client.send_call(&account, ADDRESS, &call)?
    };
    let note = events::<DeltaNote>(&receipt, ADDRESS).next();
    let again = events::<Reissued>(&receipt, ADDRESS).next();
    let data = json!({
        "community": community,
        "slot": slot,
        "household": place.member.household,
        "net_wh": args.net,
        "version": version,
        "before_wh": note.as_ref().map(|note| note.before),
        "statement_nano": note.as_ref().map(|note| note.statement.to_string()),
        "certificate": again.map(|again| json!({
            "issued_wh": again.issued, "withdrawn_wh": again.withdrawn, "owed_wh": again.owed,
        })),
    });
    let what = match note {
        Some(note) => format!(
            "delta note: {} Wh instead of {} Wh, {} with the supplier",
            note.net,
            note.before,
            signed_amount(note.statement)
        ),
        None => "the slot is cleared by it when it is due".to_owned(),
    };
    let when = moments::show(slot);
    Answer::of(
        &data,
        format!("version {version} of {when} of {}: {what}", place.name),
    )
}

/// Money with its sign.
fn signed_amount(nano: I256) -> String {
    let sign = if nano.is_negative() { "-" } else { "" };
    format!("{sign}{}", amount::show(nano.unsigned_abs()))
}

pub(crate) fn dispute(args: &Dispute, session: &dyn Session) -> eyre::Result<Answer> {
    let client = session.client()?;
    let place = |about: &About| {
        Place::meant(
            session,
            &client,
            about.community,
            about.household.as_deref(),
        )
    };
    match &args.verb {
        Verb::Open { about, evidence } => {
            let place = place(about)?;
            let call = disputeCall {
                community: place.community,
                slot: about.slot,
                index: place.member.index,
                evidence: *evidence,
            };
            let _: Disputed = client.send_for_event(&session.account()?, ADDRESS, &call)?;
            show(&client, &place, about.slot)
        }
        Verb::Decide {
            about,
            net,
            reading,
        } => {
            let place = place(about)?;
            let call = decideDisputeCall {
                community: place.community,
                slot: about.slot,
                index: place.member.index,
                net: *net,
                reading: *reading,
            };
            let _: DisputeDecided = client.send_for_event(&session.account()?, ADDRESS, &call)?;
            show(&client, &place, about.slot)
        }
        Verb::Show { about } => show(&client, &place(about)?, about.slot),
    }
}

fn show(client: &Client, place: &Place, slot: u64) -> eyre::Result<Answer> {
    let call = disputeOfCall {
        number: place.community,
        slot,
        index: place.member.index,
    };
    let found = client.call(ADDRESS, &call)?;
    let (when, name) = (moments::show(slot), &place.name);
    let text = if found.by.is_zero() {
        format!("{when} of {name} is not disputed")
    } else if found.decided {
        format!(
            "{when} of {name}: decided by the reading in record {}",
            found.reading
        )
    } else {
        format!("{when} of {name}: disputed by {}, open", found.by)
    };
    let data = json!({
        "community": place.community,
        "slot": slot,
        "household": place.member.household,
        "disputed": !found.by.is_zero(),
        "by": found.by,
        "evidence": found.evidence,
        "decided": found.decided,
        "reading": found.reading,
    });
    Answer::of(&data, text)
}
