//! The tables of the journal's file.

use redb::TableDefinition;

/// Raised whenever the form of the file changes.
pub(super) const VERSION: u64 = 1;

pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
pub(super) const STREAMS: TableDefinition<'_, &[u8; 32], u32> = TableDefinition::new("streams");
/// Number and floor.
pub(super) const SUBJECTS: TableDefinition<'_, &[u8; 32], (u32, u64)> =
    TableDefinition::new("subjects");
pub(super) const READINGS: TableDefinition<'_, (u32, u32, u64), &[u8]> =
    TableDefinition::new("readings");
pub(super) const SEEN: TableDefinition<'_, (u32, u64), &[u8; 24]> = TableDefinition::new("seen");
pub(super) const DUE: TableDefinition<'_, (u32, u32), ()> = TableDefinition::new("due");
pub(super) const BATCHES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("batches");
pub(super) const KEYS: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("keys");
pub(super) const DEVICES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("devices");
pub(super) const SESSIONS: TableDefinition<'_, &str, u64> = TableDefinition::new("sessions");

pub(super) const TOTALS: &str = "totals";
pub(super) const SEQUENCE: &str = "sequence";

/// Bytes of a reading's row before the envelope.
pub(super) const HEAD: usize = 9;
