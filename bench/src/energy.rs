//! Energy: order books cleared and checked on one core.

use std::time::Instant;

use alloy_primitives::{B256, U256};
use commonhold_energy_contract::clearing::{HALF, Order, check, clear};
use eyre::eyre;

use crate::report::{Bar, Report};

/// Times each book is cleared; the fastest counts.
const ROUNDS: u32 = 7;
/// Orders, whether all prices differ, the most seconds, and what a peer takes for a book of the kind:
/// gsy-framework's pay-as-clear, one call, on two cores of the kind that this was written on.
const BOOKS: &[(usize, bool, f64, f64)] = &[
    (10_000, true, 0.005, 10.6),
    (100_000, false, 0.05, 4.8),
    (1_000_000, false, 0.25, 192.0),
];

/// Half bids, half offers; prices of 80,000 to 300,000 in steps of 100, or all of them different;
/// quantities of 1 to 5,000 Wh.
fn book(count: usize, distinct: bool) -> (Vec<Order>, Vec<Order>) {
    let mut state = 1u64;
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut side = || {
        let mut orders = Vec::new();
        for number in 0..count / 2 {
            let random = next();
            let price = if distinct {
                // A prime with no factor in common with the range: no price comes twice.
                80_000 + (number as u64 * 17_389) % 220_000
            } else {
                80_000 + random % 2_201 * 100
            };
            orders.push(Order {
                id: B256::from(U256::from(number)),
                price: i64::try_from(price).unwrap_or(0),
                quantity: 1 + (random >> 32) % 5_000,
            });
        }
        orders
    };
    (side(), side())
}

pub(crate) fn run(report: &mut Report) -> eyre::Result<()> {
    report.part("Energy, one core");
    let key = B256::repeat_byte(1);
    for (count, distinct, most, peer) in BOOKS {
        let (bids, offers) = book(*count, *distinct);
        let (mut clearing, mut checking) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            let since = Instant::now();
            let found = clear(&bids, &offers, HALF, &key).map_err(|unfit| eyre!("{unfit:?}"))?;
            clearing = clearing.min(since.elapsed().as_secs_f64());
            let since = Instant::now();
            let (price, volume) = (found.price, found.volume);
            let fills = (&found.bid_fills, &found.offer_fills);
            check(&bids, &offers, price, volume, fills.0, fills.1)
                .map_err(|violation| eyre!("{violation:?}"))?;
            checking = checking.min(since.elapsed().as_secs_f64());
        }
        let prices = if *distinct {
            "all prices distinct"
        } else {
            "steps of 100"
        };
        let beside = format!(
            "{prices}; the linear check takes {:.1} ms; a peer takes {peer} s for such a book: {:.0} times",
            checking * 1e3,
            peer / clearing,
        );
        let name = match count {
            10_000 => "clear 10,000 orders",
            100_000 => "clear 100,000 orders",
            _ => "clear 1,000,000 orders",
        };
        report.figure(name, clearing, "s", Bar::AtMost(*most), &beside)?;
    }
    Ok(())
}
