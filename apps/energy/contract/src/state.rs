//! What `energy` stores, and where.
//!
//! What many meters say in a slot is packed four to a word, each in 64 bits (see [`crate::packing`]):
//! clearing a slot of 10,000 meters reads five thousand words and writes six.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{List, Map, Text, record, storage};

use crate::limits::NAME_BYTES_MAX;

/// A community's name.
pub(super) type Name = Text<NAME_BYTES_MAX>;
/// What owners have of a certificate.
pub(super) type Owners = Map<Address, Wh>;

record! {
    /// A community; its manager is never zero.
    pub(super) struct Community {
        /// Who founded it.
        pub(super) manager: Address,
        /// Places of meters there ever were.
        pub(super) meters: u32,
        /// Members now.
        pub(super) members: u32,
        /// Meters whose readings the next slot waits for.
        pub(super) expected: u32,
        /// The next slot to be cleared.
        pub(super) next: u64,
        /// The slot that is being settled; zero: none.
        pub(super) settling: u64,
        /// Changes that hold in the next slot to be cleared.
        pub(super) applied: u64,
        /// Of a rehearsal: the end of the last slot that anything was read of.
        pub(super) heard: u64,
        /// Who gets network fees.
        pub(super) network: Address,
        /// What no kWh costs more than.
        pub(super) ceiling: u64,
        /// Meters that take part in the next slot to be cleared.
        pub(super) active: u32,
        /// Who gets the community's fees.
        pub(super) treasury: Address,
        /// Whether it plays the past again.
        pub(super) rehearsal: bool,
        /// The weights of all meters that take part in the next slot to be cleared, together.
        pub(super) weights: u32,
        /// Who gets levies.
        pub(super) levy_to: Address,
        /// The zone that certificates name.
        pub(super) zone: B256,
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
        /// Seconds before a slot is final.
        pub(super) final_seconds: u32,
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

    /// A member.
    pub(super) struct Member {
        /// Its place, from one on; zero: never a member.
        pub(super) place: u32,
        /// The first slot without it; zero: none.
        pub(super) leaves: u64,
        /// The number of its last change of limits, from one on.
        pub(super) limits_at: u64,
        /// The number of the last change that has it take part, from one on.
        pub(super) in_at: u64,
    }

    /// A place among a community's meters, as long as it is settled.
    pub(super) struct Seat {
        /// Whose.
        pub(super) household: Address,
        /// What its fuse lets through, W.
        pub(super) fuse: u32,
        /// The first slot that it is measured in.
        pub(super) joined: u64,
        /// Who supplies it.
        pub(super) supplier: Address,
    }

    /// What stands at a place.
    pub(super) struct Source {
        /// The meter.
        pub(super) meter: B256,
        /// What is generated with behind it; zero: nothing.
        pub(super) technology: B256,
    }

    /// A meter of a community.
    pub(super) struct Meter {
        /// Its place, from one on; zero: no meter of it.
        pub(super) place: u32,
        /// The last counter that was taken.
        pub(super) counter: u64,
        /// The first slot that it is measured in.
        pub(super) joined: u64,
        /// The first slot without it; zero: none.
        pub(super) leaves: u64,
        /// What its fuse lets through, W.
        pub(super) fuse: u32,
    }

    /// What a member set, and from which slot on it holds.
    pub(super) struct Change {
        /// From which slot on.
        pub(super) from: u64,
        /// Whose place.
        pub(super) index: u32,
        /// One of [`crate::changes`].
        pub(super) kind: u8,
        /// The dearest it buys at; its weight, where that changes.
        pub(super) buy: u64,
        /// The cheapest it sells at.
        pub(super) sell: u64,
    }

    /// What a place weighs.
    pub(super) struct Weight {
        /// The place.
        pub(super) index: u32,
        /// Its weight.
        pub(super) weight: u16,
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
        /// How it was dealt: the interface's `Mode`.
        pub(super) mode: u8,
        /// Its length in seconds; zero before it is cleared.
        pub(super) seconds: u32,
        /// Readings there are.
        pub(super) readings: u32,
        /// Places when it was cleared.
        pub(super) meters: u32,
        /// Places settled.
        pub(super) settled: u32,
    }

    /// What a slot comes to ([`crate::terms`]); prices in two's complement.
    pub(super) struct Terms {
        /// What went from member to member.
        pub(super) volume: u64,
        /// The price.
        pub(super) price: u64,
        /// The lowest that would have done.
        pub(super) lowest: u64,
        /// The highest.
        pub(super) highest: u64,
        /// What buyers share, as [`crate::terms::Side`] says.
        pub(super) buy_margin: u64,
        /// See there.
        pub(super) buy_amount: u64,
        /// See there.
        pub(super) buy_total: u64,
        /// See there.
        pub(super) buy_edge: u64,
        /// See there.
        pub(super) buy_last: B256,
        /// What sellers share.
        pub(super) sell_margin: u64,
        /// See there.
        pub(super) sell_amount: u64,
        /// See there.
        pub(super) sell_total: u64,
        /// See there.
        pub(super) sell_edge: u64,
        /// See there.
        pub(super) sell_last: B256,
        /// What the market holds between pages of settlement, in two's complement.
        pub(super) pot: u128,
        /// Rounds of the hybrid key.
        pub(super) rounds: u8,
    }

    /// A round of the hybrid key.
    pub(super) struct Round {
        /// What there was.
        pub(super) left: u64,
        /// The parts of all who wanted something.
        pub(super) whole: u64,
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

    /// Wh of a certificate, by state.
    pub(super) struct Wh {
        /// Whether anything was written: else it is what the slot says.
        pub(super) there: bool,
        /// May be transferred, claimed, locked.
        pub(super) active: u64,
        /// Used.
        pub(super) claimed: u64,
        /// Not used in time.
        pub(super) expired: u64,
        /// Taken back.
        pub(super) withdrawn: u64,
        /// Held for another registry.
        pub(super) locked: u64,
        /// What could not be taken back.
        pub(super) owed: u64,
    }

    /// A dispute.
    pub(super) struct Dispute {
        /// Who opened it; zero: nobody.
        pub(super) by: Address,
        /// Whether it is decided.
        pub(super) decided: bool,
        /// What it is about.
        pub(super) evidence: B256,
        /// By what it is decided.
        pub(super) reading: B256,
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
    /// Members, and who were.
    MEMBERS: Map<u64, Map<Address, Member>> = 5;
    /// Places.
    SEATS: Map<u64, List<Seat>> = 6;
    /// What stands at a place.
    SOURCES: Map<u64, Map<u32, Source>> = 8;
    /// Meters, by community.
    METERS: Map<u64, Map<B256, Meter>> = 9;
    /// The community that a meter was last in.
    TAKEN: Map<B256, u64> = 10;
    /// Accounts.
    ACCOUNTS: Map<u64, Map<Address, Account>> = 11;
    /// All who ever had one.
    HOLDERS: Map<u64, List<Address>> = 12;
    /// Who is among them.
    LISTED: Map<u64, Map<Address, bool>> = 14;
    /// What is deposited in a community.
    DEPOSITED: Map<u64, U256> = 15;
    /// Suppliers' prices, oldest first.
    PRICES: Map<u64, Map<Address, List<Prices>>> = 16;
    /// What members changed, oldest first.
    CHANGES: Map<u64, List<Change>> = 17;
    /// Standing limits and weights of the next slot to be cleared, four to a word.
    LIMITS: Map<u64, Map<u32, U256>> = 19;
    /// Slots.
    SLOTS: Map<u64, Map<u64, Slot>> = 20;
    /// What they come to.
    TERMS: Map<u64, Map<u64, Terms>> = 21;
    /// Rounds of the hybrid key.
    ROUNDS: Map<u64, Map<u64, Map<u8, Round>>> = 22;
    /// Readings of a slot, four to a word.
    READINGS: Map<u64, Map<u64, Map<u32, U256>>> = 23;
    /// Orders of a settled slot and what they were filled, four to a word.
    ORDERS: Map<u64, Map<u64, Map<u32, U256>>> = 24;
    /// Readings that came after a slot was settled, by place.
    CORRECTED: Map<u64, Map<u64, Map<u32, u64>>> = 25;
    /// Proposals, from number 1 on.
    PROPOSALS: List<Proposal> = 26;
    /// Their rules.
    PROPOSED: Map<u64, Rules> = 28;
    /// Who voted.
    VOTED: Map<u64, Map<Address, bool>> = 29;
    /// All Wh of a certificate, by slot and place.
    STOCKS: Map<u64, Map<u64, Map<u32, Wh>>> = 30;
    /// What an owner has of it.
    HOLDINGS: Map<u64, Map<u64, Map<u32, Owners>>> = 31;
    /// What is claimed for a place's consumption beside what its community gave it.
    CLAIMED: Map<u64, Map<u64, Map<u32, u64>>> = 32;
    /// Disputes.
    DISPUTES: Map<u64, Map<u64, Map<u32, Dispute>>> = 33;
    /// Weights that are proposed, by proposal.
    WEIGHTS: Map<u64, List<Weight>> = 34;
    /// What households used of what they generated in a slot, as their newest readings say, four to a word.
    OWN: Map<u64, Map<u64, Map<u32, U256>>> = 36;
}

/// A price as it is stored.
pub(super) const fn stored(price: i64) -> u64 {
    price.cast_unsigned()
}

/// A stored price.
pub(super) const fn price(stored: u64) -> i64 {
    stored.cast_signed()
}
