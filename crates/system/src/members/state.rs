//! What `members` stores, and where.

use alloy_primitives::{Address, B256};
use commonhold_module::{List, Map, Text, record, storage};

use super::limits::{ENDPOINT_BYTES_MAX, NAME_BYTES_MAX};

record! {
    /// A member.
    pub(super) struct Member {
        /// The account that acts for it.
        pub(super) account: Address,
        /// When it became a member.
        pub(super) since: u64,
        /// Its node's ed25519 identity key.
        pub(super) public_key: B256,
        /// The organisation's name.
        pub(super) name: Text<NAME_BYTES_MAX>,
        /// Where its node listens.
        pub(super) endpoint: Text<ENDPOINT_BYTES_MAX>,
    }
}

// Slots 4 to 15 are kept for proposals, votes and parameters.
storage! {
    /// The members, in the order of admission.
    MEMBERS: List<Member> = 0;
    /// A member's number plus one, by its node's key.
    BY_KEY: Map<B256, u64> = 2;
    /// A member's number plus one, by its account.
    BY_ACCOUNT: Map<Address, u64> = 3;
}
