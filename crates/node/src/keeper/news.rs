//! What a block says of records.

use alloy_primitives::B256;
use alloy_sol_types::SolEvent as _;
use commonhold_index::Entry;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{Granted, Registered};

use super::wanted::Care;

/// Records that a block registers, and those whose readers got packets.
pub(super) fn of(entry: &Entry) -> Vec<(B256, Care)> {
    let logs = entry.receipts.iter().flat_map(|receipt| &receipt.logs);
    let mut found = Vec::new();
    for log in logs.filter(|log| log.address == RECORDS) {
        if let Ok(event) = Registered::decode_log(log) {
            found.push((event.id, Care::default()));
        } else if let Ok(event) = Granted::decode_log(log)
            && !event.headerHash.is_zero()
        {
            let packets = Care {
                packets: true,
                ..Care::default()
            };
            found.push((event.id, packets));
        }
    }
    found
}
