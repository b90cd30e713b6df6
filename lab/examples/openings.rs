//! How long openings take in simulated networks of the given sizes.
//!
//! ```text
//! cargo run --locked --package commonhold-lab --example openings -- 4 16 64
//! ```
//! The network, its clock and its delays are simulated, so the figures are the protocol's, not the
//! machine's. Sixty-four members take the machine some minutes.
#![allow(clippy::unwrap_used, reason = "a program run by hand")]

use std::env;

use commonhold_lab::{
    founding::found,
    readers::{Plot, Wishes},
    scenario::Scenario,
};

/// Openings in each network.
const OPENINGS: usize = 8;
const SEED: u64 = 1_500;

fn main() {
    for members in env::args().skip(1) {
        let scenario = Scenario {
            founding: found(members.parse().unwrap(), 6),
            openings: Wishes {
                plots: vec![Plot::Granted; OPENINGS],
                ..Wishes::default()
            },
            transactions: 10,
            height: 4,
            ..Scenario::new()
        };
        let took = scenario.run(SEED).readers.took_ms();
        let median = took.get(took.len() / 2).unwrap();
        let longest = took.last().unwrap();
        println!(
            "{members} members, {} openings: median {median} ms, longest {longest} ms after the \
             request was final (bar 250)",
            took.len()
        );
    }
}
