//! The rules meet the expected files of the shared data, where these lie beside the project.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod data;
mod sor;
mod trace;
