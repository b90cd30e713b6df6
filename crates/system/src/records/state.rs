//! What `records` stores, and where.

use alloy_primitives::{Address, B256};
use commonhold_module::{List, Map, Text, record, storage};

use super::limits::KIND_BYTES_MAX;

record! {
    /// A registered record; its owner is never zero.
    pub(super) struct Record {
        /// Who registered it.
        pub(super) owner: Address,
        /// When.
        pub(super) registered_at: u64,
        /// BLAKE3 of the encrypted content.
        pub(super) content_hash: B256,
        /// The member that keeps the content; zero: not stated.
        pub(super) custodian: Address,
        /// Bytes of the encrypted content.
        pub(super) length: u64,
        /// keccak-256 of the sealed data key; zero for none.
        pub(super) sealed_key_hash: B256,
        /// The contract that manages the access list; zero: the owner does.
        pub(super) policy: Address,
        /// In which block it was registered.
        pub(super) registered_in: u64,
        /// The record that this one replaces.
        pub(super) supersedes: B256,
        /// The record that replaces this one.
        pub(super) superseded_by: B256,
        /// What it is.
        pub(super) kind: Text<KIND_BYTES_MAX>,
        /// When it opens for everyone; zero: it opens by request.
        pub(super) opens_at: u64,
        /// The day of its stream that it is sealed to.
        pub(super) day: u32,
        /// That stream; zero: it is sealed to itself.
        pub(super) stream: B256,
    }

    /// An entry of an access list. There is one where `given` is set.
    pub(super) struct Grant {
        /// When it was made.
        pub(super) given_at: u64,
        /// From when on it holds.
        pub(super) not_before: u64,
        /// Until just before when; zero: for ever.
        pub(super) until: u64,
        /// Whether there is one.
        pub(super) given: bool,
        /// Whether it was revoked.
        pub(super) revoked: bool,
        /// How many openings it is good for; zero: any number.
        pub(super) uses: u32,
        /// keccak-256 of the header packet made for the grantee; zero for none.
        pub(super) header_hash: B256,
        /// When it was revoked.
        pub(super) revoked_at: u64,
        /// How many of its openings were permitted.
        pub(super) used: u32,
    }

    /// An entry of a record's log.
    pub(super) struct LogEntry {
        /// The interface's `Action`.
        pub(super) action: u8,
        /// Who did it.
        pub(super) actor: Address,
        /// When.
        pub(super) time: u64,
        /// To whom.
        pub(super) subject: Address,
        /// In which block.
        pub(super) block_number: u64,
        /// What the action says of it.
        pub(super) detail: B256,
    }

    /// A request to open.
    pub(super) struct Opening {
        /// The record.
        pub(super) id: B256,
        /// Who is to read.
        pub(super) reader: Address,
        /// When.
        pub(super) time: u64,
        /// The interface's `Access`.
        pub(super) access: u8,
        /// Who asked.
        pub(super) by: Address,
        /// In which block.
        pub(super) block_number: u64,
        /// What for.
        pub(super) purpose: B256,
        /// The key that members answer to.
        pub(super) reader_key: B256,
    }

    /// Who registered a name first: a content's hash, or a sealed key's.
    pub(super) struct Name {
        /// Who; zero: nobody.
        pub(super) first: Address,
        /// Whether they had it erased.
        pub(super) erased: bool,
    }

    /// An erased record.
    pub(super) struct Erasure {
        /// The record.
        pub(super) id: B256,
        /// When.
        pub(super) time: u64,
        /// In which block.
        pub(super) block_number: u64,
        /// Whether its content went with it.
        pub(super) content: bool,
        /// Whether its sealed key went with it.
        pub(super) sealed_key: bool,
    }
}

// Slots 10 and 11 are kept for sealing's further needs.
storage! {
    /// Records by id.
    RECORDS: Map<B256, Record> = 0;
    /// All ids, in the order of registration.
    IDS: List<B256> = 1;
    /// Ids of one owner's records, in the order of registration.
    BY_OWNER: Map<Address, List<B256>> = 3;
    /// A record's access list: the entry for each grantee.
    GRANTS: Map<B256, Map<Address, Grant>> = 4;
    /// Who ever had an entry, in the order of first grants.
    GRANTEES: Map<B256, List<Address>> = 5;
    /// Ids of the records that somebody ever had an entry for.
    SHARED: Map<Address, List<B256>> = 6;
    /// A record's log, oldest first.
    LOG: Map<B256, List<LogEntry>> = 7;
    /// Requests to open, oldest first.
    OPENINGS: List<Opening> = 8;
    /// Contents and sealed keys by their hashes.
    NAMES: Map<B256, Name> = 12;
    /// Records that were erased.
    ERASED: Map<B256, bool> = 13;
    /// Erasures, oldest first.
    ERASURES: List<Erasure> = 14;
}
