//! Running modules' views on proven entries, so that no layout of a module is written down twice.
//!
//! Whoever has proofs of the right entries has the view's answer, offline: the code that answers is the
//! code that every member runs.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, Bytes, Log, U256};
use alloy_sol_types::SolCall;
use commonhold_module::{BlockInfo, Fault, Host, Module, Outcome};
use commonhold_primitives::StateValue;

use super::findings::EntryFinding;

/// Gas that a view may use; far more than one needs.
const VIEW_GAS: u64 = 100_000_000;

/// Slots of modules whose values are known.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    values: BTreeMap<(Address, U256), U256>,
    used: BTreeSet<(Address, U256)>,
}

/// Why a view does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// A slot is not known.
    #[error("slot {slot:#x} of {address} is not among the entries")]
    Missing {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Further ones of the same module that the view said it will read.
        announced: Vec<U256>,
    },
    /// The module rejects the question, with this reason.
    #[error("the module rejects the question")]
    Rejected(Bytes),
    /// The view does what no view does.
    #[error("{0}")]
    Broken(String),
}

impl Slots {
    /// Takes a slot's value in; tells whether it was not known.
    pub fn insert(&mut self, address: Address, slot: U256, value: U256) -> bool {
        self.values.insert((address, slot), value).is_none()
    }

    /// Takes proven entries in.
    ///
    /// # Errors
    /// Where one is no slot, or stands twice.
    pub fn add(&mut self, entries: &[EntryFinding]) -> Result<(), String> {
        for entry in entries {
            let (slot, value) = match (entry.slot, &entry.value) {
                (Some(slot), Some(StateValue::Slot(value))) => (slot, *value),
                (Some(slot), None) => (slot, U256::ZERO),
                _ => return Err("an entry is not a slot".to_owned()),
            };
            if !self.insert(entry.address, slot, value) {
                return Err("an entry stands twice".to_owned());
            }
        }
        Ok(())
    }

    /// Whether a slot's value is known.
    pub fn knows(&self, address: Address, slot: U256) -> bool {
        self.values.contains_key(&(address, slot))
    }

    /// The slots that are known.
    pub fn known(&self) -> impl Iterator<Item = (Address, U256)> {
        self.values.keys().copied()
    }

    /// Whether every slot that is known was read by a view, or announced by one.
    pub fn are_used(&self) -> bool {
        self.used.len() == self.values.len()
    }

    /// What a view says, with nothing but these slots.
    ///
    /// # Errors
    /// [`ViewError`] says what it lacks.
    pub fn call<C: SolCall>(
        &mut self,
        module: &Module,
        call: &C,
        block: BlockInfo,
    ) -> Result<C::Return, ViewError> {
        let mut machine = Machine {
            slots: self,
            block,
            gas: VIEW_GAS,
            announced: Vec::new(),
            missing: None,
        };
        let input = call.abi_encode();
        let outcome = module.call(&mut machine, Address::ZERO, U256::ZERO, true, &input);
        let (missing, announced) = (machine.missing, machine.announced);
        match (missing, outcome) {
            (Some((address, slot)), _) => Err(ViewError::Missing {
                address,
                slot,
                announced,
            }),
            (None, Ok(output)) => {
                C::abi_decode_returns(&output).map_err(|e| ViewError::Broken(e.to_string()))
            }
            (None, Err(Fault::Reject(reason))) => Err(ViewError::Rejected(reason)),
            (None, Err(e)) => Err(ViewError::Broken(e.to_string())),
        }
    }
}

/// A host that knows some slots.
struct Machine<'a> {
    slots: &'a mut Slots,
    block: BlockInfo,
    gas: u64,
    announced: Vec<U256>,
    missing: Option<(Address, U256)>,
}

impl Host for Machine<'_> {
    fn block(&self) -> BlockInfo {
        self.block
    }

    fn charge(&mut self, gas: u64) -> Outcome<()> {
        self.gas = self.gas.checked_sub(gas).ok_or(Fault::OutOfGas)?;
        Ok(())
    }

    fn gas_left(&self) -> u64 {
        self.gas
    }

    fn prefetch(&mut self, address: Address, slots: &[U256]) -> Outcome<()> {
        for slot in slots {
            if self.slots.knows(address, *slot) {
                self.slots.used.insert((address, *slot));
            } else {
                self.announced.push(*slot);
            }
        }
        Ok(())
    }

    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256> {
        self.charge(100)?;
        match self.slots.values.get(&(address, slot)) {
            Some(value) => {
                self.slots.used.insert((address, slot));
                Ok(*value)
            }
            None => {
                self.missing = Some((address, slot));
                Err(Fault::Fatal("a slot is not known".to_owned()))
            }
        }
    }

    fn sstore(&mut self, _: Address, _: U256, _: U256) -> Outcome<()> {
        Err(Fault::Fatal("a view writes".to_owned()))
    }

    fn emit(&mut self, _: Log) -> Outcome<()> {
        Err(Fault::Fatal("a view emits".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use alloy_primitives::B256;
    use commonhold_primitives::system::RECORDS;
    use commonhold_system::records::{self, interface::IRecords::logCall};

    use super::*;

    #[test]
    fn a_view_answers_by_what_it_is_given_and_says_what_it_lacks() {
        let (module, mut slots) = (records::module(), Slots::default());
        let call = logCall {
            id: B256::repeat_byte(1),
            from: 0,
            max: 100,
        };
        let ask = |slots: &mut Slots| slots.call(&module, &call, BlockInfo::default());
        let Err(ViewError::Missing { address, slot, .. }) = ask(&mut slots) else {
            unreachable!("it knows nothing")
        };
        assert_eq!(address, RECORDS);
        // A log that has one entry is not told without that entry.
        assert!(slots.insert(address, slot, U256::ONE));
        let mut lacked = 0;
        loop {
            match ask(&mut slots) {
                Err(ViewError::Missing { address, slot, .. }) => {
                    lacked += 1;
                    assert!(slots.insert(address, slot, U256::ZERO));
                }
                told => {
                    assert_eq!(told.unwrap().total, 1);
                    break;
                }
            }
        }
        assert!(lacked >= 3, "an entry takes three slots");
        assert!(slots.are_used());
        slots.insert(RECORDS, U256::MAX, U256::ONE);
        assert!(!slots.are_used(), "nothing read it");
    }
}
