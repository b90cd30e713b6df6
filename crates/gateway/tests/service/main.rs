//! The gateway as its clients see it, with a ledger that is a map.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod client;
mod directory;
mod http;
mod mqtt;
mod refusals;
mod world;
