//! Random messages: whatever people send, the invariants hold after each, and readers get exactly what
//! a plain model says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod inputs;
mod model;
mod sharing;
#[allow(dead_code, reason = "the stories need the rest")]
#[path = "../stories/world.rs"]
mod world;

use alloy_primitives::B256;
use commonhold_module::bench::{Bench, genesis};

/// A network of four members with the law of health, in its first block.
fn network() -> Bench {
    let mut modules = commonhold_system::modules();
    modules.push(commonhold_health_contract::module());
    let mut bench = Bench::new(modules).unwrap();
    bench.genesis(&genesis(4)).unwrap();
    bench
}

/// A key that can be sealed to.
const KEY: B256 = B256::repeat_byte(0x42);
