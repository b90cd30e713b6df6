//! Everything a module's function may know and do.

use alloy_primitives::{Address, Log, U256};
use alloy_sol_types::SolEvent;

use crate::{
    errors::StaticCall,
    host::{BlockInfo, Host, Outcome, reject},
    storage::Place,
};

/// Gas of the first access to a slot in a transaction (EIP-2929).
const COLD_ACCESS_GAS: u64 = 2_100;

/// The running call, as its module sees it. Passed explicitly to every function.
pub struct Context<'a> {
    host: &'a mut dyn Host,
    module: Address,
    caller: Address,
    value: U256,
    read_only: bool,
}

impl<'a> Context<'a> {
    /// A call of `caller` into the module at `module`.
    pub fn new(
        host: &'a mut dyn Host,
        module: Address,
        caller: Address,
        value: U256,
        read_only: bool,
    ) -> Self {
        Self {
            host,
            module,
            caller,
            value,
            read_only,
        }
    }

    /// The module's own address.
    pub const fn module(&self) -> Address {
        self.module
    }

    /// Who calls: the account that signed the transaction, or the contract or module in between.
    pub const fn caller(&self) -> Address {
        self.caller
    }

    /// The value sent along, in wei.
    pub const fn value(&self) -> U256 {
        self.value
    }

    /// Whether the call may change nothing.
    pub const fn read_only(&self) -> bool {
        self.read_only
    }

    /// The block that the call runs in.
    pub fn block(&self) -> BlockInfo {
        self.host.block()
    }

    /// The block's time, seconds since 1970.
    pub fn now(&self) -> u64 {
        self.host.block().timestamp
    }

    /// Takes gas for work that storage and events do not already pay for.
    ///
    /// # Errors
    /// Out of gas.
    pub fn charge(&mut self, gas: u64) -> Outcome<()> {
        self.host.charge(gas)
    }

    /// Emits an event of the module.
    ///
    /// # Errors
    /// A rejection in a read-only call; out of gas.
    pub fn emit(&mut self, event: impl SolEvent) -> Outcome<()> {
        self.writable()?;
        self.host.emit(Log {
            address: self.module,
            data: event.encode_log_data(),
        })
    }

    /// The context of a call from this module into the module at `module`. The Rust interface of a
    /// module starts with it, so that its handles mean its own storage and its callee sees this
    /// module as the caller.
    pub fn enter(&mut self, module: Address) -> Context<'_> {
        Context {
            host: &mut *self.host,
            module,
            caller: self.module,
            value: U256::ZERO,
            read_only: self.read_only,
        }
    }

    /// Says what the call is about to read or write, so that a machine whose state lies on disk
    /// loads it in one go instead of stopping at each. Changes nothing else.
    ///
    /// # Errors
    /// What the machine runs into.
    pub fn fetch(&mut self, places: &[&dyn Place]) -> Outcome<()> {
        let slots: Vec<U256> = places.iter().flat_map(|place| place.slots()).collect();
        self.prefetch(&slots)
    }

    /// Announces no more slots than the call's gas can pay for, so that nobody makes members load
    /// what is never paid.
    pub(crate) fn prefetch(&mut self, slots: &[U256]) -> Outcome<()> {
        let affordable = self.host.gas_left().div_euclid(COLD_ACCESS_GAS);
        let affordable = usize::try_from(affordable).unwrap_or(usize::MAX);
        let slots = slots.get(..affordable).unwrap_or(slots);
        self.host.prefetch(self.module, slots)
    }

    pub(crate) fn sload(&mut self, slot: U256) -> Outcome<U256> {
        self.host.sload(self.module, slot)
    }

    pub(crate) fn sstore(&mut self, slot: U256, value: U256) -> Outcome<()> {
        self.writable()?;
        self.host.sstore(self.module, slot, value)
    }

    fn writable(&self) -> Outcome<()> {
        if self.read_only {
            reject(StaticCall {})
        } else {
            Ok(())
        }
    }
}
