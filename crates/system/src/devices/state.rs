//! What `devices` stores, and where.

use alloy_primitives::{Address, B256};
use commonhold_module::{List, Map, Text, record, storage};

use super::limits::{MODEL_BYTES_MAX, NAME_BYTES_MAX};

/// The model of a device.
pub(super) type Model = Text<MODEL_BYTES_MAX>;
/// The name of a stream, or of a source that cannot sign.
pub(super) type Name = Text<NAME_BYTES_MAX>;

record! {
    /// An enrolled device; its owner is never zero.
    pub(super) struct Device {
        /// Whose it is.
        pub(super) owner: Address,
        /// How it signs.
        pub(super) algorithm: u8,
        /// The first byte of a key of 33 bytes; zero for others.
        pub(super) key_head: u8,
        /// Whether it was revoked.
        pub(super) revoked: bool,
        /// When it was enrolled.
        pub(super) enrolled_at: u64,
        /// The key, without that first byte; the gateway of a source that cannot sign.
        pub(super) key: B256,
        /// The stream that its readings go to.
        pub(super) stream: B256,
        /// Until just before when its calibration holds; zero: not stated.
        pub(super) calibrated_until: u64,
        /// When it was revoked.
        pub(super) revoked_at: u64,
        /// The hash of the certificate of its last calibration.
        pub(super) certificate: B256,
        /// Why it was revoked.
        pub(super) reason: B256,
        /// Who may take it over.
        pub(super) successor: Address,
        /// What it is.
        pub(super) model: Model,
        /// What a source that cannot sign is called at its gateway.
        pub(super) name: Name,
    }

    /// A stream; its owner is never zero.
    pub(super) struct Stream {
        /// Whose it is.
        pub(super) owner: Address,
        /// When it was opened.
        pub(super) opened_at: u64,
        /// Who anchors for it.
        pub(super) gateway: Address,
        /// When it was closed; zero: it is open.
        pub(super) closed_at: u64,
    }

    /// A share. There is one where `given` is set.
    pub(super) struct Share {
        /// When it was given.
        pub(super) given_at: u64,
        /// The first day.
        pub(super) from_day: u32,
        /// The day after the last; zero: for ever.
        pub(super) until_day: u32,
        /// Whether there is one.
        pub(super) given: bool,
        /// Whether it was taken back.
        pub(super) revoked: bool,
        /// When.
        pub(super) revoked_at: u64,
    }

    /// An anchored batch.
    pub(super) struct Anchor {
        /// The record of the encrypted batch.
        pub(super) record: B256,
        /// The root of the tree over its readings.
        pub(super) root: B256,
        /// The day.
        pub(super) day: u32,
        /// How many readings.
        pub(super) count: u32,
        /// The time of the earliest, milliseconds.
        pub(super) from: u64,
        /// The time of the latest.
        pub(super) to: u64,
        /// When it was anchored.
        pub(super) time: u64,
        /// In which block.
        pub(super) block_number: u64,
    }

    /// Where an anchor stands.
    pub(super) struct Standpoint {
        /// The stream; zero: there is none.
        pub(super) stream: B256,
        /// Its number there.
        pub(super) number: u64,
    }
}

// Slots 24 to 31 are kept for keys of gateways, orders and quotas.
storage! {
    /// Devices by id.
    DEVICES: Map<B256, Device> = 0;
    /// All ids, in the order of enrolment.
    IDS: List<B256> = 1;
    /// Ids of the devices that were ever somebody's.
    BY_OWNER: Map<Address, List<B256>> = 3;
    /// Which of them stand in that list.
    OWNED: Map<Address, Map<B256, bool>> = 4;
    /// Ids of the devices that were ever assigned to a stream.
    BY_STREAM: Map<B256, List<B256>> = 5;
    /// Which of them stand in that list.
    ASSIGNED: Map<B256, Map<B256, bool>> = 6;
    /// Streams by id.
    STREAMS: Map<B256, Stream> = 7;
    /// Ids of somebody's streams.
    STREAMS_OF: Map<Address, List<B256>> = 8;
    /// Ids of the streams that an account was ever the gateway of.
    STREAMS_AT: Map<Address, List<B256>> = 9;
    /// Which of them stand in that list.
    SERVED: Map<Address, Map<B256, bool>> = 10;
    /// A stream's shares by grantee.
    SHARES: Map<B256, Map<Address, Share>> = 11;
    /// Who ever had a share of a stream, in the order of first shares.
    GRANTEES: Map<B256, List<Address>> = 12;
    /// Ids of the streams that somebody ever had a share of.
    SHARED_WITH: Map<Address, List<B256>> = 13;
    /// A stream's anchors, in their order.
    ANCHORS: Map<B256, List<Anchor>> = 14;
    /// The numbers of a stream's anchors of one day.
    OF_DAY: Map<B256, Map<u32, List<u64>>> = 15;
    /// keccak-256 of the sealed key of a stream's day.
    DAY_KEYS: Map<B256, Map<u32, B256>> = 16;
    /// A stream's anchors by root: the number plus one.
    BY_ROOT: Map<B256, Map<B256, u64>> = 17;
    /// Anchors by the record of their batch.
    BY_RECORD: Map<B256, Standpoint> = 18;
    /// Ids of all streams, in the order of opening.
    STREAM_IDS: List<B256> = 19;
    /// What their owners call streams.
    STREAM_NAMES: Map<B256, Name> = 21;
}
