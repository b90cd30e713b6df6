//! What proven entries say of a record, by the records module's own view.

use alloy_consensus::Header;
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError as _;
use commonhold_module::BlockInfo;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::{
    self,
    interface::IRecords::{UnknownRecord, recordCall},
};

use super::{
    findings::{EntryFinding, RecordFinding},
    view::{Slots, ViewError},
};

/// The record; `None` where there is none.
fn view(slots: &mut Slots, id: B256, block: BlockInfo) -> Result<Option<RecordFinding>, ViewError> {
    match slots.call(&records::module(), &recordCall { id }, block) {
        Ok(record) => Ok(Some(record.into())),
        Err(ViewError::Rejected(reason)) if UnknownRecord::abi_decode_validate(&reason).is_ok() => {
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// What proven entries say of a record.
pub(super) fn record(
    id: B256,
    entries: &[EntryFinding],
    header: &Header,
) -> Result<Option<RecordFinding>, String> {
    if entries.iter().any(|entry| entry.address != RECORDS) {
        return Err("an entry is not a slot of the records module".to_owned());
    }
    let mut slots = Slots::default();
    slots.add(entries)?;
    let block = BlockInfo {
        chain_id: 0,
        number: header.number,
        timestamp: header.timestamp,
    };
    let found = view(&mut slots, id, block).map_err(|e| e.to_string())?;
    if !slots.are_used() {
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
    let mut slots = Slots::default();
    // The view reads some ten slots; each round finds one more.
    for _ in 0..commonhold_primitives::limits::STAMP_ENTRIES_MAX {
        match view(&mut slots, id, BlockInfo::default()) {
            Err(ViewError::Missing { slot, .. }) => {
                slots.insert(RECORDS, slot, read(slot)?);
            }
            Ok(_) => return Ok(slots.known().map(|(_, slot)| slot).collect()),
            Err(e) => return Err(e.to_string().into()),
        }
    }
    Err("the record has more slots than STAMP_ENTRIES_MAX"
        .to_owned()
        .into())
}
