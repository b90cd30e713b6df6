//! The gateway: readings of devices in over MQTT and HTTP, on the disk before they are acknowledged, in
//! encrypted batches to the vault, and their roots to the ledger.
//!
//! ```text
//! device ── MQTT, HTTP ──> intake ── signature, bounds ──> journal ── acknowledged
//!                                                             │
//! ledger <── root, count, times ── batcher <── per stream and day
//! vault  <── encrypted body ──────────┘
//! ```
//!
//! The specification of each part stands in its module: [`intake`], [`journal`], [`batch`], [`mqtt`],
//! [`http`], [`adapt`], [`directory`]. What decides is put together in [`parts`], and needs nothing of the
//! process that it runs in: [`clock`], [`ledger`] and [`bodies`] come from outside.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )
)]

pub mod adapt;
pub mod batch;
pub mod bodies;
mod chain;
pub mod clients;
pub mod clock;
pub mod config;
pub mod directory;
pub mod error;
pub mod http;
pub mod intake;
pub mod journal;
pub mod ledger;
pub mod limits;
pub mod mqtt;
pub mod parts;
pub mod password;
pub mod rate;
pub mod refusal;
mod run;
pub mod state;
mod stop;
pub mod topic;
pub mod totals;

pub use config::{Config, ConfigError};
pub use error::GatewayError;
pub use refusal::Refusal;
pub use run::{Gateway, read_device_key};
