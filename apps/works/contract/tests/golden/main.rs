//! What outsiders rely on stands in files here, and the rules meet the expected files of the shared data, where
//! these lie beside the project.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod costs;
mod data;
#[allow(dead_code, reason = "the properties need the rest")]
#[path = "../properties/everything.rs"]
mod everything;
mod integers;
mod interface;
mod law;
#[allow(dead_code, reason = "the properties need the rest")]
#[path = "../properties/made.rs"]
mod made;
mod sor;
mod trace;
#[allow(dead_code, reason = "the stories need the rest")]
#[path = "../stories/world.rs"]
mod world;
