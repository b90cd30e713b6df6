//! Rows that are neither readings nor batches: day keys, what is known of devices, streams by number.

use alloy_primitives::{B256, Bytes};
use commonhold_reading::DeviceId;
use commonhold_system::devices::interface::IDevices::Device;
use redb::{ReadableDatabase as _, ReadableTable as _};
use serde::{Deserialize, Serialize};

use super::{
    Journal, JournalError, StreamDay,
    tables::{DEVICES, KEYS, STREAMS},
};

/// The data key of a stream's day, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayKey {
    /// A Crypt4GH packet that the gateway's account alone can open.
    pub packet: Vec<u8>,
    /// The same key, sealed to the network under the identity of the stream's day.
    pub sealed: Vec<u8>,
}

/// What the ledger said last of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRow {
    /// The number of its key's algorithm.
    pub algorithm: u8,
    /// Its public key.
    pub key: Bytes,
    /// The stream that it is assigned to; zero where to none.
    pub stream: B256,
    /// Since when it is revoked, in seconds since 1970; zero where it is not.
    pub revoked_at: u64,
    /// Until when it is calibrated, in seconds since 1970; zero where nobody says.
    pub calibrated_until: u64,
}

impl From<Device> for KnownRow {
    fn from(found: Device) -> Self {
        Self {
            algorithm: found.algorithm,
            key: found.key,
            stream: found.stream,
            revoked_at: found.revokedAt,
            calibrated_until: found.calibratedUntil,
        }
    }
}

impl Journal {
    /// The key of a stream's day, where it was made.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn day_key(&self, place: StreamDay) -> Result<Option<DayKey>, JournalError> {
        let transaction = self.shared.db.begin_read().map_err(storage)?;
        let found = transaction.open_table(KEYS)?.get(place)?;
        let Some(row) = found else { return Ok(None) };
        let (packet, sealed) = row
            .value()
            .split_at_checked(commonhold_vault::crypt4gh::PACKET_LEN)
            .ok_or_else(|| JournalError::Storage("a day's key is cut off".to_owned()))?;
        Ok(Some(DayKey {
            packet: packet.to_vec(),
            sealed: sealed.to_vec(),
        }))
    }

    /// Keeps the key of a stream's day.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn keep_day_key(&self, place: StreamDay, key: &DayKey) -> Result<(), JournalError> {
        let transaction = self.shared.db.begin_write()?;
        let row = [key.packet.as_slice(), &key.sealed].concat();
        transaction
            .open_table(KEYS)?
            .insert(place, row.as_slice())?;
        Ok(transaction.commit()?)
    }

    /// The id of a stream by its number.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn stream_of(&self, number: u32) -> Result<B256, JournalError> {
        let transaction = self.shared.db.begin_read().map_err(storage)?;
        let table = transaction.open_table(STREAMS)?;
        for row in table.iter()? {
            let (id, found) = row?;
            if found.value() == number {
                return Ok(B256::from(*id.value()));
            }
        }
        Err(JournalError::Storage(format!(
            "no stream has the number {number}"
        )))
    }

    /// What was known of devices when they were kept last.
    ///
    /// # Errors
    /// [`JournalError`].
    pub(crate) fn devices(&self) -> Result<Vec<(DeviceId, KnownRow)>, JournalError> {
        let transaction = self.shared.db.begin_read().map_err(storage)?;
        let table = transaction.open_table(DEVICES)?;
        let rows = table.iter()?.map(|row| {
            let (id, value) = row?;
            let known = serde_json::from_slice(value.value())?;
            Ok((DeviceId(B256::from(*id.value())), known))
        });
        rows.collect()
    }
}

pub(super) fn storage(e: redb::TransactionError) -> JournalError {
    JournalError::Storage(e.to_string())
}
