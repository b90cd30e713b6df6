//! `commonhold energy market`: one slot, held against the linear check on this machine.

use commonhold_energy_contract::{
    ADDRESS,
    clearing::{Order, check},
    interface::IEnergy::{Line, Mode, Slot, SlotState, checkSlotCall},
};
use commonhold_session::{Answer, Session};
use serde::Serialize;
use serde_json::json;

use super::{
    rules::named,
    which::{self, CommunityArg},
};
use crate::{ledger, moments};

/// Show a slot: orders, what they were filled, the price, and whether it passes the linear check here.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy market 2026-06-01T12:00+02:00
  commonhold energy market 1780308000 --community 2 --json")]
pub(crate) struct Args {
    /// The slot's beginning: a time, or seconds since 1970.
    #[arg(value_name = "SLOT", value_parser = moments::parse)]
    slot: u64,
    #[command(flatten)]
    community: CommunityArg,
}

#[derive(Serialize)]
struct Shown {
    index: u32,
    household: String,
    net_wh: i64,
    version: u8,
    quality: u8,
    limit: Option<i64>,
    fill_wh: u64,
}

/// The two sides of a slot, as orders with their fills.
fn sides(lines: &[Line]) -> [(Vec<Order>, Vec<u64>); 2] {
    [true, false].map(|buys| {
        let of_side = lines
            .iter()
            .filter(|line| line.ordered && (line.net > 0) == buys);
        let order = |line: &Line| {
            let order = Order {
                id: alloy_primitives::U256::from(line.index).into(),
                price: line.limit,
                quantity: line.net.unsigned_abs(),
            };
            (order, line.fill)
        };
        of_side.map(order).unzip()
    })
}

/// The linear check, computed here from what the node tells.
fn linear(slot: &Slot, lines: &[Line]) -> Result<(), String> {
    let [(bids, bought), (offers, sold)] = sides(lines);
    if slot.mode == Mode::Auction {
        let price = slot.traded.then_some(slot.price);
        return check(&bids, &offers, price, slot.volume, &bought, &sold)
            .map_err(|violation| format!("{violation:?}"));
    }
    let sum = |fills: &[u64]| {
        fills
            .iter()
            .try_fold(0u64, |sum, fill| sum.checked_add(*fill))
    };
    let both = bids.iter().zip(&bought).chain(offers.iter().zip(&sold));
    let within = both
        .into_iter()
        .all(|(order, fill)| *fill <= order.quantity);
    let volume = Some(slot.volume);
    if within && sum(&bought) == volume && sum(&sold) == volume {
        Ok(())
    } else {
        Err("what was shared is not what was given, or more than was measured".to_owned())
    }
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let client = session.client()?;
    let number = args.community.meant(&client)?;
    let slot = ledger::slot(&client, number, args.slot)?;
    let lines = ledger::lines(&client, number, args.slot)?;
    let households = ledger::households(&client, number)?;
    let names = which::names(session, number)?;
    let state = match slot.state {
        SlotState::Open => "open",
        SlotState::Cleared => "cleared",
        SlotState::Settled => "settled",
        SlotState::__Invalid => "unknown",
    };
    let open = slot.state == SlotState::Open;
    let here = linear(&slot, &lines);
    let there = !open
        && client.call(
            ADDRESS,
            &checkSlotCall {
                number,
                slot: args.slot,
            },
        )?;
    let shown: Vec<Shown> = lines
        .iter()
        .filter(|line| line.read)
        .map(|line| {
            let household = households
                .get(line.index as usize)
                .copied()
                .unwrap_or_default();
            Shown {
                index: line.index,
                household: names
                    .get(&household)
                    .cloned()
                    .unwrap_or_else(|| household.to_string()),
                net_wh: line.net,
                version: line.version,
                quality: line.quality,
                limit: line.ordered.then_some(line.limit),
                fill_wh: line.fill,
            }
        })
        .collect();
    let data = json!({
        "community": number,
        "slot": args.slot,
        "time": moments::show(args.slot),
        "state": state,
        "mode": named(slot.mode),
        "readings": slot.readings,
        "meters": slot.meters,
        "price_micro_per_kwh": slot.traded.then_some(slot.price),
        "price_lo": slot.traded.then_some(slot.lowest),
        "price_hi": slot.traded.then_some(slot.highest),
        "volume_wh": slot.volume,
        "lines": shown,
        "linear_check": here.is_ok(),
        "ledger_check": there,
    });
    let price = if slot.traded {
        format!("{} ({} to {})", slot.price, slot.lowest, slot.highest)
    } else {
        "none".to_owned()
    };
    let mut text = vec![format!(
        "slot {} of community {number}: {state}, {} readings, {}, price {price}, {} Wh",
        moments::show(args.slot),
        slot.readings,
        named(slot.mode),
        slot.volume,
    )];
    for line in &shown {
        let order = match line.limit {
            Some(limit) if line.net_wh > 0 => format!("buys at {limit}"),
            Some(limit) => format!("sells at {limit}"),
            None => "no order".to_owned(),
        };
        text.push(format!(
            "{:>4}  {}  {} Wh  {order}  {} Wh filled",
            line.index, line.household, line.net_wh, line.fill_wh
        ));
    }
    text.push(match &here {
        Ok(()) => "the linear check holds".to_owned(),
        Err(why) => format!("the linear check FAILS: {why}"),
    });
    let mut answer = Answer::of(&data, text.join("\n"))?;
    if !open && (here.is_err() || !there) {
        answer.refused = Some("the slot fails the linear check".to_owned());
    }
    Ok(answer)
}
