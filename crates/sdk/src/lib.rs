//! The client: accounts, calls and what they answer, records in the vault, stamps and their check.
//!
//! Everything blocks; there is no async runtime in here. Errors tell of which of four kinds they are
//! ([`Kind`]), so that a program can answer with the exit code of its kind.

pub mod abi;
pub mod account;
pub mod amount;
pub mod bundle;
pub mod client;
pub mod clock;
pub mod devices;
pub mod error;
pub mod guardians;
mod http;
pub mod keystore;
pub mod lane;
pub mod light;
pub mod limits;
mod logs;
pub mod members;
pub mod page;
mod people;
mod private;
pub mod proving;
pub mod readings;
pub mod records;
pub mod roles;
pub mod sealing;
pub mod stamp;
mod stamping;
pub mod timed;
pub mod tls;
pub mod token;
pub mod transaction;

pub use abi::Abis;
pub use account::Account;
pub use client::Client;
pub use clock::Clock;
pub use error::{Kind, SdkError};
pub use keystore::{Keystore, KeystoreError};
pub use light::LightClient;
pub use records::Records;
pub use sealing::Sealing;
pub use stamp::{Findings, StampError};
pub use tls::Authorities;

/// What a node is asked with and answers, where it is not reached over the network.
pub use http::Carrier;
pub use ureq::http::{Request, Response};

/// A key for one request to open.
pub use commonhold_seal::ReaderSecret;

/// Devices' keys and what they sign.
pub use commonhold_reading as reading;
/// What the ledger has of devices and streams.
pub use commonhold_system::devices::{interface::IDevices, module as devices_module};

/// What the ledger has of records.
pub use commonhold_system::records::{access, interface::IRecords, module as records_module};

/// What answers views, and the block that it answers in.
pub use commonhold_module::{BlockInfo, Module};

/// Stamps as they are written, the key that they are checked with, and where modules are.
pub use commonhold_primitives::{
    Stamp,
    consensus::NetworkKey,
    stamp::Claim,
    system::{DEVICES, RECORDS, TOKEN},
};

/// Files that appear complete or not at all.
pub use commonhold_vault::place;
