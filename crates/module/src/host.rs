//! What the machine offers to a module while it runs, and the only ways in which a run may end early.

use alloy_primitives::{Address, Bytes, Log, U256};
use alloy_sol_types::SolError;

/// Why a call into a module ended without a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The caller's fault: the call reverts with this data (an ABI-encoded Solidity error).
    #[error("rejected: {0}")]
    Reject(Bytes),
    /// The call's gas is used up.
    #[error("out of gas")]
    OutOfGas,
    /// The machine cannot go on: an entry of the state is not loaded yet, or a limit of the machine
    /// itself was hit. The whole transaction is abandoned and nothing of it is kept; never caused by
    /// what a caller sends.
    #[error("fatal: {0}")]
    Fatal(String),
}

/// The result of anything that can end in a [`Fault`].
pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    /// The rejection that carries this error of the module's interface.
    pub fn reject(error: &impl SolError) -> Self {
        Self::Reject(error.abi_encode().into())
    }

    /// The error that a rejection carries, where it is an `E`.
    pub fn decode<E: SolError>(&self) -> Option<E> {
        match self {
            Self::Reject(data) => E::abi_decode(data).ok(),
            Self::OutOfGas | Self::Fatal(_) => None,
        }
    }
}

/// Ends the call with this error of the module's interface.
///
/// # Errors
/// Always.
pub fn reject<T>(error: impl SolError) -> Outcome<T> {
    Err(Fault::reject(&error))
}

/// Ends the call with this error unless `holds`.
///
/// # Errors
/// The rejection.
pub fn ensure<E: SolError>(holds: bool, error: impl FnOnce() -> E) -> Outcome<()> {
    if holds { Ok(()) } else { reject(error()) }
}

/// The block that a call runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BlockInfo {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The block's number.
    pub number: u64,
    /// The block's time, seconds since 1970.
    pub timestamp: u64,
}

/// The machine beneath a module: metered storage and logs. Implemented by `commonhold-execution` over
/// the EVM's journal, so that a revert of the caller undoes everything, and by the test bench.
pub trait Host {
    /// The block that the call runs in.
    fn block(&self) -> BlockInfo;
    /// Takes `gas` from what the call has left.
    fn charge(&mut self, gas: u64) -> Outcome<()>;
    /// Gas the call has left.
    fn gas_left(&self) -> u64;
    /// Says which slots the call is about to touch, so that a machine whose state lies on disk can
    /// load them in one go. Costs nothing and changes nothing; a machine may ignore it, or end the
    /// run with [`Fault::Fatal`] as [`Host::sload`] does where entries are not loaded yet.
    fn prefetch(&mut self, _address: Address, _slots: &[U256]) -> Outcome<()> {
        Ok(())
    }
    /// Reads a storage slot (EIP-2929 cost).
    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256>;
    /// Writes a storage slot (EIP-2200/3529 cost, without refund).
    fn sstore(&mut self, address: Address, slot: U256, value: U256) -> Outcome<()>;
    /// Emits a log (EIP cost of `LOGn`).
    fn emit(&mut self, log: Log) -> Outcome<()>;
}
