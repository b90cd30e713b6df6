//! What `token` stores, and where.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{List, Map, Slot, Text, record, storage};

use super::limits::REASON_BYTES_MAX;

record! {
    /// A proposal to issue.
    pub(super) struct Issue {
        /// The member's account that made it.
        pub(super) proposer: Address,
        /// When.
        pub(super) proposed_at: u64,
        /// Members for it, as of the last vote.
        pub(super) approvals: u32,
        /// Who is to get the money.
        pub(super) to: Address,
        /// When it can no longer be approved.
        pub(super) expires: u64,
        /// Members against it, as of the last vote.
        pub(super) rejections: u32,
        /// How much.
        pub(super) amount: U256,
        /// In which block it was made.
        pub(super) proposed_in: u64,
        /// When it was decided; zero: it is not.
        pub(super) decided_at: u64,
        /// In which block.
        pub(super) decided_in: u64,
        /// Members that there were at the last vote.
        pub(super) members: u32,
        /// The interface's `IssueState`; that it expired is not written.
        pub(super) state: u8,
        /// Why, for people.
        pub(super) reason: Text<REASON_BYTES_MAX>,
    }

    /// An escrow; its payer is never zero.
    pub(super) struct Escrow {
        /// Whose money it was.
        pub(super) payer: Address,
        /// When it was opened.
        pub(super) opened_at: u64,
        /// Who gives it out.
        pub(super) controller: Address,
        /// From when on the payer may take it back; zero: never.
        pub(super) deadline: u64,
        /// How much is in it.
        pub(super) held: U256,
        /// How much was ever put in.
        pub(super) paid_in: U256,
        /// In which block it was opened.
        pub(super) opened_in: u64,
    }
}

storage! {
    /// All the money there is.
    SUPPLY: Slot<U256> = 0;
    /// What everybody has; the module's own is what all escrows hold.
    BALANCES: Map<Address, U256> = 1;
    /// How much of an owner's money a spender may move.
    ALLOWANCES: Map<Address, Map<Address, U256>> = 2;
    /// The number of an owner's next permit.
    NONCES: Map<Address, U256> = 3;
    /// Whoever ever had money, in the order in which they first had.
    HOLDERS: List<Address> = 4;
    /// A holder's number plus one.
    HOLDER_NUMBERS: Map<Address, u64> = 6;
    /// Proposals to issue.
    ISSUES: List<Issue> = 7;
    /// Votes on a proposal by members' accounts: the interface's `Vote`.
    VOTES: Map<u64, Map<Address, u8>> = 9;
    /// Escrows by id.
    ESCROWS: Map<B256, Escrow> = 10;
    /// All ids, in the order of opening.
    ESCROW_IDS: List<B256> = 11;
    /// Ids of one payer's escrows.
    BY_PAYER: Map<Address, List<B256>> = 13;
    /// Ids of one controller's escrows.
    BY_CONTROLLER: Map<Address, List<B256>> = 14;
}
