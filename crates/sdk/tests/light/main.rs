//! The light client against nodes that lie about one thing at a time, and the answers that it shares with the
//! TypeScript package.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    missing_docs,
    reason = "tests"
)]

mod chain;
mod golden;
mod liars;
#[path = "../stamp/network.rs"]
mod network;
mod node;
mod several;
mod views;
