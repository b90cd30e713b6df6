//! Stories: an operator, a contractor with its subcontractor, a certifier, rivals, and instruments.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

mod credit;
mod dealing;
mod disputes;
mod documents;
mod evidence;
#[allow(dead_code, reason = "the properties need the rest")]
#[path = "../properties/made.rs"]
mod made;
mod paying;
mod radio;
mod rulesets;
mod section;
mod taking;
mod tenders;
mod world;
