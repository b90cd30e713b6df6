//! The modules that every network has: who its members are, who people are, which devices measure, what
//! is registered, money, and which times have come.
//!
//! Each folder is one module, with the same files in each: `interface.rs` (the Solidity interface,
//! the only source of the ABI), `state.rs` (what lies where), a file of pure rules under the domain's
//! own word, `contract.rs` (one function per message), `views.rs` (bounded reads), `limits.rs`,
//! `invariants.rs`. The folder's `mod.rs` declares the module and offers its Rust interface: functions
//! that other modules call, on their own context, and that mean this module's storage.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod accounts;
pub mod devices;
pub mod limits;
pub mod members;
pub mod records;
pub mod seals;
pub mod token;

use commonhold_module::Module;

/// The system modules, in the order of their addresses.
pub fn modules() -> Vec<Module> {
    vec![
        members::module(),
        accounts::module(),
        devices::module(),
        records::module(),
        token::module(),
        seals::module(),
    ]
}
