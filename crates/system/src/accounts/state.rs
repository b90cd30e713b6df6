//! What `accounts` stores, and where.

use alloy_primitives::{Address, B256};
use commonhold_module::{List, Map, Text, record, storage};

use super::limits::{HANDLE_BYTES_MAX, NAME_BYTES_MAX};

/// A display name.
pub(super) type Name = Text<NAME_BYTES_MAX>;
/// A handle.
pub(super) type Handle = Text<HANDLE_BYTES_MAX>;

record! {
    /// A registered account. Registered means: `registered` is set.
    pub(super) struct Account {
        /// Whether there is one.
        pub(super) registered: bool,
        /// When it was registered.
        pub(super) registered_at: u64,
        /// When its name or key last changed.
        pub(super) updated_at: u64,
        /// Its display name.
        pub(super) name: Name,
        /// Its handle; empty for none.
        pub(super) handle: Handle,
    }

    /// One version of an account's encryption key.
    pub(super) struct KeyVersion {
        /// The X25519 key.
        pub(super) key: B256,
        /// When it became the account's key.
        pub(super) since: u64,
    }
}

// Slots 5 to 15 are kept for roles, guardians and delegates.
storage! {
    /// Accounts by address.
    ACCOUNTS: Map<Address, Account> = 0;
    /// Registered accounts, in the order of registration.
    REGISTERED: List<Address> = 1;
    /// The versions of an account's encryption key; the first is version 1.
    KEYS: Map<Address, List<KeyVersion>> = 3;
    /// The account that has a handle.
    HANDLES: Map<Handle, Address> = 4;
}
