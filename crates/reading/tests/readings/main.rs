//! Readings, batches and proofs: what survives, what is refused, and the bytes that others rely on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

mod batches;
mod envelopes;
mod keys;
mod support;
mod vectors;
