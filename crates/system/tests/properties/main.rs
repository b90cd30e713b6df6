//! Random messages: whatever people send, the invariants hold after each, and the modules agree with
//! a plain model of what they should have done.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod accounts;
mod devices;
mod inputs;
mod members;
mod records;
mod roles;
mod token;

use alloy_primitives::Address;
use commonhold_module::bench::{Bench, account, genesis};
use proptest::prelude::*;

/// How many people take part.
const PEOPLE: u8 = 4;

/// One of the people.
const fn person(n: u8) -> Address {
    account(0xa0 + n)
}

fn people() -> impl Strategy<Value = u8> {
    0..PEOPLE
}

/// A network of four members, in its first block.
fn network() -> Bench {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(4)).unwrap();
    bench
}

/// Checks what always holds.
fn check(bench: &mut Bench) -> Result<(), TestCaseError> {
    prop_assert_eq!(bench.invariants(), Ok(vec![]));
    Ok(())
}
