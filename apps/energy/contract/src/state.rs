//! What `energy` stores, and where.
//!
//! What many meters say in a slot is packed four to a word, each in 64 bits (see [`crate::packing`]):
//! reading a slot of 4,096 meters touches some thousand words.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{List, Map, Text, record, storage};

use crate::limits::NAME_BYTES_MAX;

/// A community's name.
pub(super) type Name = Text<NAME_BYTES_MAX>;

record! {
    /// A community; its manager is never zero.
    pub(super) struct Community {
        /// Who founded it.
        pub(super) manager: Address,
        /// Its meters.
        pub(super) meters: u32,
        /// The next slot to be cleared.
        pub(super) next: u64,
        /// Who gets network fees.
        pub(super) network: Address,
        /// The slot that is being settled; zero: none.
        pub(super) settling: u64,
        /// Who gets the community's fees.
        pub(super) treasury: Address,
        /// What no kWh costs more than.
        pub(super) ceiling: u64,
        /// Who gets levies.
        pub(super) levy_to: Address,
        /// Meters that take part.
        pub(super) active: u32,
        /// What it is called.
        pub(super) name: Name,
    }

    /// Rules; prices in two's complement.
    pub(super) struct Rules {
        /// The interface's `Mode`.
        pub(super) mode: u8,
        /// Rounds of the hybrid key.
        pub(super) rounds: u8,
        /// Where the price lies.
        pub(super) k_numerator: u32,
        /// Of so many parts.
        pub(super) k_denominator: u32,
        /// Seconds of a slot.
        pub(super) slot_seconds: u32,
        /// Seconds of grace.
        pub(super) grace_seconds: u32,
        /// From which slot on.
        pub(super) from: u64,
        /// The price under a key.
        pub(super) local_price: u64,
        /// To the network operator.
        pub(super) network_fee: u64,
        /// To the community.
        pub(super) community_fee: u64,
        /// In levies.
        pub(super) levy: u64,
    }

    /// A member; its meter is never zero.
    pub(super) struct Member {
        /// Its meter.
        pub(super) meter: B256,
        /// Who supplies it.
        pub(super) supplier: Address,
        /// Its place.
        pub(super) index: u32,
        /// What its fuse lets through, W.
        pub(super) fuse: u32,
    }

    /// A meter; its community is never zero.
    pub(super) struct Meter {
        /// Whose it is.
        pub(super) household: Address,
        /// Its place among the community's.
        pub(super) index: u32,
        /// What its fuse lets through, W.
        pub(super) fuse: u32,
        /// Its community.
        pub(super) community: u64,
        /// The last counter that was taken.
        pub(super) counter: u64,
    }

    /// Somebody's account in a community.
    pub(super) struct Account {
        /// What they have.
        pub(super) balance: u128,
        /// What their supplier owes them, in two's complement.
        pub(super) statement: u128,
        /// Wh from the community.
        pub(super) import_local: u64,
        /// From the grid.
        pub(super) import_grid: u64,
        /// To the community.
        pub(super) export_local: u64,
        /// To the grid.
        pub(super) export_grid: u64,
    }

    /// A supplier's prices, in two's complement.
    pub(super) struct Prices {
        /// From which slot on.
        pub(super) from: u64,
        /// For energy from the grid.
        pub(super) retail: u64,
        /// For energy to the grid.
        pub(super) feed_in: u64,
    }

    /// A slot.
    pub(super) struct Slot {
        /// The interface's `SlotState`.
        pub(super) state: u8,
        /// Whether anything traded.
        pub(super) traded: bool,
        /// How it was dealt: the interface's `Mode`.
        pub(super) mode: u8,
        /// Its length in seconds; zero before it is cleared.
        pub(super) seconds: u32,
        /// Readings there are.
        pub(super) readings: u32,
        /// Meters when it was cleared.
        pub(super) meters: u32,
        /// Meters settled.
        pub(super) settled: u32,
        /// The price, in two's complement.
        pub(super) price: u64,
        /// What went from member to member.
        pub(super) volume: u64,
        /// What decides ties; before clearing, the sum of the readings' digests.
        pub(super) key: B256,
        /// What the market holds between pages of settlement, in two's complement.
        pub(super) pot: u128,
    }

    /// A proposal.
    pub(super) struct Proposal {
        /// Of which community.
        pub(super) community: u64,
        /// Until when it can be voted on.
        pub(super) expires: u64,
        /// Members for it.
        pub(super) approvals: u32,
        /// Members against it.
        pub(super) rejections: u32,
        /// Whether it is decided.
        pub(super) decided: bool,
    }
}

storage! {
    /// Communities, from number 1 on.
    COMMUNITIES: List<Community> = 0;
    /// What is decided by now, by community.
    RULES: Map<u64, Rules> = 2;
    /// What holds later; from slot zero: nothing.
    COMING: Map<u64, Rules> = 3;
    /// Who may join.
    INVITED: Map<u64, Map<Address, bool>> = 4;
    /// Members.
    MEMBERS: Map<u64, Map<Address, Member>> = 5;
    /// Their households, by place.
    HOUSEHOLDS: Map<u64, List<Address>> = 6;
    /// Meters.
    METERS: Map<B256, Meter> = 7;
    /// Accounts.
    ACCOUNTS: Map<u64, Map<Address, Account>> = 8;
    /// All who ever had one.
    HOLDERS: Map<u64, List<Address>> = 9;
    /// Who is among them.
    LISTED: Map<u64, Map<Address, bool>> = 10;
    /// What is deposited in a community.
    DEPOSITED: Map<u64, U256> = 11;
    /// Suppliers' prices, oldest first.
    PRICES: Map<u64, Map<Address, List<Prices>>> = 12;
    /// Standing limits, four to a word.
    LIMITS: Map<u64, Map<u32, U256>> = 13;
    /// Slots.
    SLOTS: Map<u64, Map<u64, Slot>> = 14;
    /// Readings of a slot, four to a word.
    READINGS: Map<u64, Map<u64, Map<u32, U256>>> = 15;
    /// Orders of a slot and what they were filled, four to a word.
    ORDERS: Map<u64, Map<u64, Map<u32, U256>>> = 16;
    /// Proposals, from number 1 on.
    PROPOSALS: List<Proposal> = 17;
    /// Their rules.
    PROPOSED: Map<u64, Rules> = 19;
    /// Who voted.
    VOTED: Map<u64, Map<Address, bool>> = 20;
    /// Readings that came after a slot was settled, by place.
    CORRECTED: Map<u64, Map<u64, Map<u32, u64>>> = 21;
}

/// A price as it is stored.
pub(super) const fn stored(price: i64) -> u64 {
    price.cast_unsigned()
}

/// A stored price.
pub(super) const fn price(stored: u64) -> i64 {
    stored.cast_signed()
}
