//! The RPC over HTTP and WebSocket, on a network of one node in memory.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod bounds;
mod ethereum;
mod guard;
mod keeping;
mod replay;
mod rest;
mod support;
mod traps;
mod vault;
mod websocket;
