//! What an on-chain application is.
//!
//! A [`Module`] is a native contract: a name, a fixed address, one Solidity interface, one Rust
//! function per function of the interface, a storage layout with written slot numbers, what it writes
//! at genesis and what always holds of its state. The framework enforces the same rules for all:
//!
//! - direct calls only: a module runs at its own address and never as another contract's code;
//! - gas for the input is taken before the input is read;
//! - the input must be a valid ABI encoding of the arguments, and bounded;
//! - no value unless the function is declared payable;
//! - nothing changes in a static call, nor in a function declared a view;
//! - every function of the interface is dispatched, and nothing else is.
//!
//! A module's functions get everything they may know through [`Context`]; there is no global state,
//! no clock and no randomness. A rejection anywhere undoes everything that the call did, so a
//! function never catches the rejection of a function that it called.
//!
//! To write one, take a folder of `commonhold-system` as the model. The interface is a `sol!` block
//! with `#![sol(abi, all_derives)]`; the storage is declared with [`storage!`] and [`record!`]; each
//! function takes the context and its decoded call, checks with [`ensure`], loads, applies the pure
//! rules, stores, emits; [`Module`] names them all. [`mod@bench`] runs it in memory, and [`golden`] writes
//! down what outsiders rely on. `tests/framework.rs` holds the smallest complete module.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod bench;
pub mod context;
pub mod errors;
pub mod golden;
pub mod host;
pub mod limits;
pub mod module;
pub mod registry;
pub mod storage;

pub use alloy_json_abi::JsonAbi;
pub use context::Context;
pub use host::{BlockInfo, Fault, Host, Outcome, ensure, reject};
pub use module::{Findings, Module};
pub use registry::{Registry, RegistryError};
pub use storage::{Field, Key, List, Map, Slot, Text, Value};
