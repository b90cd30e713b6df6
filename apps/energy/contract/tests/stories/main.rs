//! What happens in a street.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

mod founding;
mod metering;
mod proving;
mod timing;
mod trading;
#[allow(dead_code, reason = "the properties need the rest")]
mod world;
