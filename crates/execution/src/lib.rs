//! The machine: pure execution of blocks and calls by revm under Osaka's rules, with this network's
//! modules as native contracts.
//!
//! Everything here is synchronous and deterministic: state goes in through an [`Overlay`], receipts
//! and writes come out. Entries that are not loaded are asked for ([`Step::Need`],
//! [`Resumable::Need`]); the caller loads them and runs again. The outcome does not depend on which
//! entries were loaded when.
//!
//! - `BLOCKHASH` and the EIP-2935 contract give the same: every block stores its parent's hash in the
//!   contract before its transactions, at slot `(number − 1) mod 8191`.
//! - On a free network (base fee 0) the effective price of gas is 0 whatever a transaction offers, and
//!   no balance is needed for gas. Otherwise Ethereum's rules hold: the base fee is burnt, the tip goes
//!   to the block's beneficiary.
//! - A transaction is limited to 16,777,216 gas (EIP-7825), a block to its gas limit.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

mod access;
mod block;
mod call;
mod estimate;
mod genesis;
pub mod limits;
mod machine;
mod natives;
mod overlay;
mod rules;
mod simulate;
mod trace;
mod transaction;
mod transfers;
mod view;

pub use access::AccessListed;
pub use block::{Executed, Mode, Progress, Refusal, Step};
pub use call::{CallError, CallRequest, CallResult, Misplaced, Resumable};
pub use genesis::GenesisError;
pub use machine::{Env, Machine};
pub use overlay::{Entries, Overlay};
pub use simulate::{SimulatedBlock, SimulatedCall, SimulationError};
pub use transaction::effective_gas_price;
