//! Stories: a patient, two hospitals, a researcher, an ethics board, an emergency.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod consenting;
mod emergencies;
mod ethics;
mod guardians;
mod pseudonyms;
mod research;
mod streams;
mod studies;
mod world;
