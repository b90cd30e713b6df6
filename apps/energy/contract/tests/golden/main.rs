//! What outsiders rely on stands in files here, and what messages cost. After an intended change,
//! `COMMONHOLD_GOLDEN=write` writes them anew; the diff shows what clients will feel.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

mod costs;
mod interface;
#[allow(dead_code, reason = "the stories need the rest")]
#[path = "../stories/world.rs"]
mod world;
