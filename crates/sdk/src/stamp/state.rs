//! Running the records module's view on proven entries, so that its layout is written down once.

use std::collections::BTreeMap;

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Log, U256};
use alloy_sol_types::{SolCall as _, SolError as _};
use commonhold_module::{BlockInfo, Fault, Host, Outcome};
use commonhold_primitives::{StateValue, system::RECORDS};
use commonhold_system::records::{
    self,
    interface::IRecords::{UnknownRecord, recordCall},
};

use super::findings::{EntryFinding, RecordFinding};

/// Gas that the view may use; far more than it needs.
const VIEW_GAS: u64 = 10_000_000;

/// A host that knows some slots of the records module.
struct Proven {
    slots: BTreeMap<U256, U256>,
    block: BlockInfo,
    gas: u64,
    missing: Option<U256>,
    read: Vec<U256>,
}

impl Host for Proven {
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
    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256> {
        self.charge(100)?;
        match self.slots.get(&slot) {
            Some(value) if address == RECORDS => {
                self.read.push(slot);
                Ok(*value)
            }
            _ => {
                self.missing = Some(slot);
                Err(Fault::Fatal(format!(
                    "slot {slot:#x} of {address} is not among the entries"
                )))
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

impl Proven {
    const fn new(slots: BTreeMap<U256, U256>, block: BlockInfo) -> Self {
        Self {
            slots,
            block,
            gas: VIEW_GAS,
            missing: None,
            read: Vec::new(),
        }
    }

    /// The record; `None` where there is none.
    fn view(&mut self, id: B256) -> Result<Option<RecordFinding>, String> {
        let input = recordCall { id }.abi_encode();
        match records::module().call(self, Address::ZERO, U256::ZERO, true, &input) {
            Ok(output) => {
                let record = recordCall::abi_decode_returns(&output).map_err(|e| e.to_string())?;
                Ok(Some(record.into()))
            }
            Err(Fault::Reject(reason)) if UnknownRecord::abi_decode_validate(&reason).is_ok() => {
                Ok(None)
            }
            Err(e) => Err(e.to_string()),
        }
    }
}

/// What proven entries say of a record.
pub(super) fn record(
    id: B256,
    entries: &[EntryFinding],
    header: &Header,
) -> Result<Option<RecordFinding>, String> {
    let mut slots = BTreeMap::new();
    for entry in entries {
        let value = match (entry.address, entry.slot, &entry.value) {
            (RECORDS, Some(slot), Some(StateValue::Slot(value))) => (slot, *value),
            (RECORDS, Some(slot), None) => (slot, U256::ZERO),
            _ => return Err("an entry is not a slot of the records module".to_owned()),
        };
        if slots.insert(value.0, value.1).is_some() {
            return Err("an entry stands twice".to_owned());
        }
    }
    let block = BlockInfo {
        chain_id: 0,
        number: header.number,
        timestamp: header.timestamp,
    };
    let mut host = Proven::new(slots, block);
    let found = host.view(id)?;
    if host.slots.keys().any(|slot| !host.read.contains(slot)) {
        return Err("an entry has nothing to do with the record".to_owned());
    }
    Ok(found)
}

/// The slots of the records module that tell of a record, where `read` gives their values now.
///
/// # Errors
/// What `read` fails with, or that the view fails.
pub fn slots_of_record<E: From<String>>(
    id: B256,
    mut read: impl FnMut(U256) -> Result<U256, E>,
) -> Result<Vec<U256>, E> {
    let mut slots = BTreeMap::new();
    // The view reads some ten slots; each round finds one more.
    for _ in 0..commonhold_primitives::limits::STAMP_ENTRIES_MAX {
        let mut host = Proven::new(slots, BlockInfo::default());
        let outcome = host.view(id);
        match (host.missing, outcome) {
            (Some(slot), _) => {
                slots = host.slots;
                slots.insert(slot, read(slot)?);
            }
            (None, Ok(_)) => return Ok(host.slots.into_keys().collect()),
            (None, Err(e)) => return Err(e.into()),
        }
    }
    Err("the record has more slots than STAMP_ENTRIES_MAX"
        .to_owned()
        .into())
}
