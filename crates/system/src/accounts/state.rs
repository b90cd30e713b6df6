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

    /// What one member says in one matter: that an account has a role, or that somebody is a ward's
    /// guardian. Or what a ward itself says of whom it named. There is one where `given` is set.
    pub(super) struct Word {
        /// Whether there is one.
        pub(super) given: bool,
        /// 0 while it is open, 1 when it was withdrawn, 2 when it was renounced.
        pub(super) end: u8,
        /// When it was said.
        pub(super) given_at: u64,
        /// From when on it holds.
        pub(super) not_before: u64,
        /// Until just before when; zero: until it is ended.
        pub(super) until: u64,
        /// Who said it.
        pub(super) by: Address,
        /// When it was ended.
        pub(super) ended_at: u64,
        /// Hash of the evidence; zero for none.
        pub(super) evidence: B256,
        /// Why it was withdrawn.
        pub(super) reason: B256,
    }

    /// That a member lets an account attest a role in its name. There is one where `given` is set.
    pub(super) struct Delegation {
        /// Whether there is one.
        pub(super) given: bool,
        /// Whether the delegate was dismissed.
        pub(super) ended: bool,
        /// Since when.
        pub(super) since: u64,
        /// Until just before when; zero: until dismissed.
        pub(super) until: u64,
        /// When the delegate was dismissed.
        pub(super) ended_at: u64,
    }

    /// Which of a member's delegations.
    pub(super) struct Delegate {
        /// To whom.
        pub(super) account: Address,
        /// For which role.
        pub(super) role: B256,
    }
}

storage! {
    /// Accounts by address.
    ACCOUNTS: Map<Address, Account> = 0;
    /// Registered accounts, in the order of registration.
    REGISTERED: List<Address> = 1;
    /// The versions of an account's encryption key; the first is version 1.
    KEYS: Map<Address, List<KeyVersion>> = 3;
    /// The account that has a handle.
    HANDLES: Map<Handle, Address> = 4;
    /// What each member says of an account in a role.
    ATTESTATIONS: Map<Address, Map<B256, Map<u64, Word>>> = 5;
    /// Members that ever attested an account a role.
    ATTESTERS: Map<Address, Map<B256, List<u64>>> = 6;
    /// Roles that an account was ever attested.
    ROLES: Map<Address, List<B256>> = 7;
    /// Accounts that were ever attested a role.
    HOLDERS: Map<B256, List<Address>> = 8;
    /// A member's delegations, by role and delegate.
    DELEGATIONS: Map<u64, Map<B256, Map<Address, Delegation>>> = 9;
    /// Whom a member ever delegated what.
    DELEGATES: Map<u64, List<Delegate>> = 10;
    /// What each member says of a ward's guardian.
    GUARDIANSHIPS: Map<Address, Map<Address, Map<u64, Word>>> = 11;
    /// Members that ever attested a ward's guardian.
    GUARANTORS: Map<Address, Map<Address, List<u64>>> = 12;
    /// What a ward says of whom it named.
    PROXIES: Map<Address, Map<Address, Word>> = 13;
    /// Whoever was named or attested as a ward's guardian.
    GUARDIANS: Map<Address, List<Address>> = 14;
    /// For whom somebody was ever named or attested.
    WARDS: Map<Address, List<Address>> = 15;
    /// Whom two members attest as a ward's guardians, or did.
    IMPOSED: Map<Address, List<Address>> = 16;
}
