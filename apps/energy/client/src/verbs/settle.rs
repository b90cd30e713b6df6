//! `commonhold energy settle`: clear and settle what is due. Anybody may.

use alloy_sol_types::SolError as _;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{Cleared, NothingToClear, Waiting, clearCall, settleCall},
    limits::SETTLED_PER_CALL_MAX,
};
use commonhold_sdk::{Account, Client, SdkError, client::events};
use commonhold_session::{Answer, Session};
use serde::Serialize;
use serde_json::json;

use super::which::CommunityArg;
use crate::{ledger, moments};

/// Clear and settle the slots that are due.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    community: CommunityArg,
}

/// A slot that was settled.
#[derive(Serialize)]
pub(crate) struct Done {
    slot: u64,
    volume_wh: u64,
    price: Option<i64>,
}

/// Why no more slots were settled.
pub(crate) enum Rest {
    /// All that there was to do is done.
    Nothing,
    /// A slot waits.
    Waits(String),
    /// An end was asked for.
    Stopped,
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let community = args.community.meant(&client)?;
    let (done, rest) = due(session, &client, &account, community)?;
    let line = |one: &Done| match one.price {
        Some(price) => format!(
            "{}  {} Wh at {price}",
            moments::show(one.slot),
            one.volume_wh
        ),
        None => format!("{}  nothing traded", moments::show(one.slot)),
    };
    let mut lines: Vec<String> = done.iter().map(line).collect();
    let waits = match rest {
        Rest::Waits(why) => Some(why),
        Rest::Nothing => None,
        Rest::Stopped => Some("stopped: the same command goes on".to_owned()),
    };
    lines.extend(waits.clone());
    if lines.is_empty() {
        lines.push("nothing is due".to_owned());
    }
    let data = json!({ "community": community, "settled": done, "waits": waits });
    Answer::of(&data, lines.join("\n"))
}

/// Clears and settles what is due, slot by slot.
pub(crate) fn due(
    session: &dyn Session,
    client: &Client,
    account: &Account,
    community: u64,
) -> eyre::Result<(Vec<Done>, Rest)> {
    let mut done = Vec::new();
    while !session.stopping() {
        if ledger::community(client, community)?.settling != 0 {
            finish(client, account, community)?;
        }
        match client.send_call(account, ADDRESS, &clearCall { community }) {
            Ok(receipt) => {
                if let Some(told) = events::<Cleared>(&receipt, ADDRESS).next() {
                    done.push(Done {
                        slot: told.slot,
                        volume_wh: told.volume,
                        price: told.traded.then_some(told.price),
                    });
                }
            }
            Err(error) => match rest(&error) {
                Some(rest) => return Ok((done, rest)),
                None => return Err(error.into()),
            },
        }
    }
    Ok((done, Rest::Stopped))
}

/// Settles the slot that is cleared.
pub(crate) fn finish(client: &Client, account: &Account, community: u64) -> Result<(), SdkError> {
    while ledger::community(client, community)?.settling != 0 {
        let max = SETTLED_PER_CALL_MAX;
        client.send_call(account, ADDRESS, &settleCall { community, max })?;
    }
    Ok(())
}

/// Why there is nothing to clear, where that is what was said.
fn rest(error: &SdkError) -> Option<Rest> {
    let SdkError::Reverted { data, .. } = error else {
        return None;
    };
    if NothingToClear::abi_decode(data).is_ok() {
        return Some(Rest::Nothing);
    }
    let waiting = Waiting::abi_decode(data).ok()?;
    Some(Rest::Waits(format!(
        "slot {} waits: {} of {} readings are there, until {}",
        moments::show(waiting.slot),
        waiting.readings,
        waiting.meters,
        moments::show(waiting.until)
    )))
}
