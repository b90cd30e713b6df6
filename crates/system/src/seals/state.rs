//! What `seals` stores, and where.

use alloy_primitives::B256;
use commonhold_module::{List, Map, Slot, record, storage};
use commonhold_primitives::opening_key::{OPENING_KEY_LEN, SEAL_KEY_LEN};

record! {
    /// The seal key, 96 bytes; all zero where there is none.
    pub(super) struct SealKey {
        /// Its first third.
        pub(super) first: B256,
        /// Its second third.
        pub(super) second: B256,
        /// Its last third.
        pub(super) third: B256,
    }

    /// The opening key of a time, 48 bytes, filled up with zeros.
    pub(super) struct OpeningKey {
        /// Its first 32 bytes.
        pub(super) first: B256,
        /// Its last 16 bytes.
        pub(super) second: B256,
    }
}

// Slots 6 to 15 are kept for sealing's further needs.
storage! {
    /// The seal key.
    SEAL_KEY: Slot<SealKey> = 0;
    /// Opening keys by time.
    OPENED: Map<u64, OpeningKey> = 3;
    /// Times whose opening keys were published, in that order.
    TIMES: List<u64> = 4;
}

impl SealKey {
    /// The key of these bytes.
    pub(super) fn from_bytes(bytes: &[u8; SEAL_KEY_LEN]) -> Self {
        let (first, rest) = bytes.split_at(32);
        let (second, third) = rest.split_at(32);
        Self {
            first: B256::right_padding_from(first),
            second: B256::right_padding_from(second),
            third: B256::right_padding_from(third),
        }
    }

    /// The key; `None` where there is none.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let bytes = [self.first, self.second, self.third].concat();
        bytes.iter().any(|byte| *byte != 0).then_some(bytes)
    }
}

impl OpeningKey {
    /// The key of these bytes.
    pub(super) fn from_bytes(bytes: &[u8; OPENING_KEY_LEN]) -> Self {
        let (first, second) = bytes.split_at(32);
        Self {
            first: B256::right_padding_from(first),
            second: B256::right_padding_from(second),
        }
    }

    /// The key; `None` where there is none. No opening key is all zero: its first bit says that it is
    /// compressed.
    pub(super) fn bytes(&self) -> Option<[u8; OPENING_KEY_LEN]> {
        let mut bytes = [0; OPENING_KEY_LEN];
        let (first, second) = bytes.split_at_mut(32);
        first.copy_from_slice(self.first.as_slice());
        second.copy_from_slice(self.second.get(..16)?);
        bytes.iter().any(|byte| *byte != 0).then_some(bytes)
    }
}
