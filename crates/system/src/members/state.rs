//! What `members` stores, and where.

use alloy_primitives::{Address, B256};
use commonhold_module::{List, Map, Slot, Text, record, storage};

use super::limits::{ENDPOINT_BYTES_MAX, NAME_BYTES_MAX, REASON_BYTES_MAX};

/// A name, as it is stored.
pub(super) type Name = Text<NAME_BYTES_MAX>;
/// An endpoint, as it is stored.
pub(super) type Endpoint = Text<ENDPOINT_BYTES_MAX>;
/// A reason, as it is stored.
pub(super) type Reason = Text<REASON_BYTES_MAX>;

record! {
    /// For how long a member is one.
    pub(super) struct Member {
        /// The first epoch.
        pub(super) from: u64,
        /// The first epoch in which it no longer is; zero: open.
        pub(super) until: u64,
        /// When it was admitted.
        pub(super) since: u64,
    }

    /// Key and account of a member, from an epoch on until its next version; the endpoint of the same
    /// version lies in `ENDPOINTS`.
    pub(super) struct Version {
        /// The first epoch.
        pub(super) from: u64,
        /// The account that acts for it.
        pub(super) account: Address,
        /// Its node's ed25519 identity key.
        pub(super) key: B256,
    }

    /// For whom an account acts.
    pub(super) struct Holding {
        /// The member's number plus one; zero: for nobody.
        pub(super) mark: u64,
        /// The first epoch.
        pub(super) from: u64,
        /// The first epoch in which it no longer does; zero: open.
        pub(super) until: u64,
    }

    /// A committee, from an epoch on until the next one.
    pub(super) struct Roster {
        /// The first epoch.
        pub(super) from: u64,
        /// How many members it has.
        pub(super) count: u32,
    }

    /// A member in a committee.
    pub(super) struct Seat {
        /// Its number.
        pub(super) number: u64,
        /// Which of its versions.
        pub(super) version: u64,
    }

    /// A parameter's value, from an epoch on until the next one.
    pub(super) struct Setting {
        /// The first epoch.
        pub(super) from: u64,
        /// The value.
        pub(super) value: u64,
    }

    /// A proposal.
    pub(super) struct Proposal {
        /// The interface's `Kind`.
        pub(super) kind: u8,
        /// The interface's `State`; that it expired is not written.
        pub(super) state: u8,
        /// The interface's `Parameter`.
        pub(super) parameter: u8,
        /// Members for it, as of the last vote.
        pub(super) approvals: u32,
        /// Members against it, as of the last vote.
        pub(super) refusals: u32,
        /// Members that there were at the last vote.
        pub(super) members: u32,
        /// The number of the member that made it.
        pub(super) proposer: u64,
        /// When.
        pub(super) proposed_at: u64,
        /// In which block.
        pub(super) proposed_in: u64,
        /// When it can no longer be voted on.
        pub(super) expires: u64,
        /// When it was decided; zero: it is not.
        pub(super) decided_at: u64,
        /// In which block.
        pub(super) decided_in: u64,
        /// From which epoch on what was accepted holds.
        pub(super) effect: u64,
        /// The number of the member that it is about.
        pub(super) member: u64,
        /// A parameter's value, or an upgrade's epoch.
        pub(super) value: u64,
        /// The account that is to act.
        pub(super) account: Address,
        /// The node's identity key.
        pub(super) key: B256,
        /// The organisation's name, or an upgrade's version.
        pub(super) name: Name,
        /// Where the node listens.
        pub(super) endpoint: Endpoint,
        /// Why, for people.
        pub(super) reason: Reason,
    }

    /// A vote.
    pub(super) struct Cast {
        /// The number of the member.
        pub(super) member: u64,
        /// When.
        pub(super) at: u64,
        /// In which block.
        pub(super) block: u64,
        /// Whether it is for the proposal.
        pub(super) approve: bool,
        /// Why, for people.
        pub(super) reason: Reason,
    }

    /// An upgrade that was decided.
    pub(super) struct Upgrade {
        /// The proposal.
        pub(super) id: u64,
        /// The epoch.
        pub(super) from: u64,
        /// The version.
        pub(super) version: Name,
    }
}

storage! {
    /// Everybody who ever was or is to be a member, in the order of admission.
    MEMBERS: List<Member> = 0;
    /// A member's number plus one, by whatever keys its node has, is to get or had.
    BY_KEY: Map<B256, u64> = 2;
    /// For whom an account acts, last acted or is to act.
    BY_ACCOUNT: Map<Address, Holding> = 3;
    /// The number plus one of the last member of a name.
    BY_NAME: Map<Name, u64> = 4;
    /// Members' names, by number.
    NAMES: Map<u64, Name> = 5;
    /// Versions of a member, the first epochs ascending.
    VERSIONS: Map<u64, List<Version>> = 6;
    /// Endpoints by member and version.
    ENDPOINTS: Map<u64, Map<u64, Endpoint>> = 7;
    /// Committees, the first epochs ascending.
    ROSTERS: List<Roster> = 8;
    /// Members of a committee by number, ascending.
    SEATS: Map<u64, Map<u64, Seat>> = 10;
    /// Blocks of an epoch.
    EPOCH_BLOCKS: Slot<u64> = 11;
    /// Values of a parameter, the first epochs ascending.
    SETTINGS: Map<u8, List<Setting>> = 12;
    /// Proposals.
    PROPOSALS: List<Proposal> = 13;
    /// How a member voted on a proposal: `FOR`, `AGAINST` or, not at all, zero.
    VOTES: Map<u64, Map<u64, u8>> = 15;
    /// Votes on a proposal, in the order in which they were given.
    CASTS: Map<u64, List<Cast>> = 16;
    /// Upgrades, in the order of their decisions.
    UPGRADES: List<Upgrade> = 17;
}

/// A vote for a proposal.
pub(super) const FOR: u8 = 1;
/// A vote against a proposal.
pub(super) const AGAINST: u8 = 2;
