//! The Solidity interface of `energy`.

#![allow(
    clippy::too_many_arguments,
    reason = "sol! makes a function of an event's fields"
)]

use alloy_sol_types::sol;

sol! {
    #![sol(abi, all_derives)]

    /// Neighbours trade green power by what their meters say. A slot is named by its beginning, seconds
    /// since 1970. Energy is in Wh, imports above zero and exports below; prices are in micro-currency per
    /// kWh; money is in units of the settlement token, a billionth each, so that Wh times price is money.
    interface IEnergy {
        /// How a community deals.
        enum Mode {
            /// One price, found slot by slot from standing limits.
            Auction,
            /// Equal shares; what is not used is fed in.
            Static,
            /// Equal shares, and again of what is left.
            Hybrid,
            /// By consumption.
            Dynamic,
            /// By the order of joining.
            Priority
        }

        /// What became of a slot.
        enum SlotState {
            /// Readings come in.
            Open,
            /// Price and volumes stand; accounts are being changed, page by page.
            Cleared,
            /// All accounts are changed.
            Settled
        }

        /// Why a reading is not taken.
        enum Fault {
            /// Not a reading in its one form.
            Malformed,
            /// Of a device that is no meter of this community.
            NotAMeter,
            /// Of a device that is revoked or not enrolled.
            Revoked,
            /// Its counter was used already.
            OldCounter,
            /// Not of this slot, by its time.
            OtherSlot,
            /// It says no net energy, or says it twice.
            NoEnergy,
            /// Its energy is not in Wh.
            WrongUnit,
            /// Its energy is no whole number of Wh.
            NotWhole,
            /// More than the meter's fuse lets through in a slot.
            BeyondFuse,
            /// No later version than the one that is there.
            OldVersion,
            /// Its quality or version is out of range.
            UnfitMark
        }

        /// What members decide.
        struct Rules {
            /// How the community deals.
            Mode mode;
            /// Rounds of the hybrid key; zero otherwise.
            uint8 rounds;
            /// Where an auction's price lies between its bounds: numerator.
            uint32 kNumerator;
            /// And denominator.
            uint32 kDenominator;
            /// The price under a sharing key.
            int64 localPrice;
            /// What a buyer pays beside, to the network operator.
            int64 networkFee;
            /// To the community.
            int64 communityFee;
            /// In levies.
            int64 levy;
            /// Seconds of a slot: 900, 1,800 or 3,600.
            uint32 slotSeconds;
            /// Seconds after a slot's end in which readings are waited for.
            uint32 graceSeconds;
        }

        /// A community.
        struct Community {
            /// What it is called.
            string name;
            /// Who founded it, and invites.
            address manager;
            /// Who gets network fees.
            address network;
            /// Who gets the community's fees.
            address treasury;
            /// Who gets levies.
            address levyTo;
            /// What no kWh costs more than, fees included: what members' reserves are reckoned by.
            uint64 ceiling;
            /// Members with a meter.
            uint32 meters;
            /// The next slot to be cleared.
            uint64 next;
            /// The slot that is being settled; zero: none.
            uint64 settling;
            /// What is decided by now.
            Rules rules;
            /// From which slot on other rules hold; zero: no others are decided.
            uint64 rulesFrom;
        }

        /// A member, its meter and its account.
        struct Member {
            /// Who.
            address household;
            /// Its meter: an enrolled device.
            bytes32 meter;
            /// Its place among the community's meters.
            uint32 index;
            /// What its fuse lets through, W.
            uint32 fuse;
            /// Who supplies it from the grid.
            address supplier;
            /// The dearest it buys at.
            int64 buy;
            /// The cheapest it sells at.
            int64 sell;
            /// Whether it takes part: it has its reserve.
            bool active;
            /// What it has to have to take part.
            uint256 reserve;
            /// What it has.
            uint256 balance;
            /// What it is owed by its supplier (below zero: owes) for energy from and to the grid.
            int256 statement;
            /// Wh from the community so far.
            uint64 importLocal;
            /// From the grid.
            uint64 importGrid;
            /// To the community.
            uint64 exportLocal;
            /// To the grid.
            uint64 exportGrid;
        }

        /// A slot.
        struct Slot {
            /// What became of it.
            SlotState state;
            /// Readings there are.
            uint32 readings;
            /// Meters when it was cleared.
            uint32 meters;
            /// Meters settled.
            uint32 settled;
            /// Whether anything traded.
            bool traded;
            /// The price.
            int64 price;
            /// What went from member to member.
            uint64 volume;
            /// What decides ties: it follows from all readings.
            bytes32 key;
        }

        /// What a slot says of a meter.
        struct Line {
            /// Its place among the community's meters.
            uint32 index;
            /// Whether there is a reading.
            bool read;
            /// What it says.
            int64 net;
            /// Its version.
            uint8 version;
            /// Its quality: 0 measured, others as the device says; 8 and more: signed by a gateway.
            uint8 quality;
            /// Whether it was an order.
            bool ordered;
            /// The order's limit.
            int64 limit;
            /// What of it was filled.
            uint64 fill;
        }

        /// A community was founded.
        event Founded(uint64 indexed community, address indexed manager, string name, uint64 start);
        /// Somebody may join.
        event Invited(uint64 indexed community, address indexed household);
        /// Somebody joined with a meter.
        event Joined(
            uint64 indexed community,
            address indexed household,
            bytes32 indexed meter,
            uint32 index,
            uint32 fuse,
            address supplier
        );
        /// A member's limits from the next slot to be cleared on.
        event LimitsSet(uint64 indexed community, uint32 indexed index, int64 buy, int64 sell);
        /// A member takes part from the next slot to be cleared on, or no longer.
        event Activated(uint64 indexed community, uint32 indexed index, bool active);
        /// A supplier's prices from a slot on.
        event TariffSet(
            uint64 indexed community,
            address indexed supplier,
            uint64 from,
            int64 retail,
            int64 feedIn
        );
        /// A member proposes rules.
        event RulesProposed(uint64 indexed proposal, uint64 indexed community, address indexed by);
        /// A member voted.
        event Voted(uint64 indexed proposal, address indexed member, bool approve);
        /// Rules hold from a slot on.
        event RulesDecided(uint64 indexed proposal, uint64 indexed community, uint64 from, Rules rules);
        /// Money was put in.
        event Deposited(uint64 indexed community, address indexed account, uint256 amount);
        /// Money was taken out.
        event Withdrawn(uint64 indexed community, address indexed account, uint256 amount);
        /// A reading was taken. `digest` names the signed envelope.
        event Read(
            uint64 indexed community,
            uint64 indexed slot,
            uint32 indexed index,
            int64 net,
            uint8 version,
            uint8 quality,
            bytes32 digest
        );
        /// A slot has its price.
        event Cleared(
            uint64 indexed community,
            uint64 indexed slot,
            bool traded,
            int64 price,
            uint64 volume,
            uint32 readings,
            bytes32 key
        );
        /// A meter's slot is settled.
        event Settled(
            uint64 indexed community,
            uint64 indexed slot,
            uint32 indexed index,
            int64 net,
            uint64 local,
            int256 prepaid,
            int256 statement
        );
        /// A slot that was settled is corrected for one meter, at its supplier's prices alone.
        event DeltaNote(
            uint64 indexed community,
            uint64 indexed slot,
            uint32 indexed index,
            int64 before,
            int64 net,
            int256 statement
        );

        /// There is no such community.
        error UnknownCommunity(uint64 community);
        /// A name has 1 to 64 bytes, no control, invisible or direction-changing characters, and neither
        /// starts nor ends with white space.
        error UnfitName();
        /// Rules name no mode, fraction, price or time that there is, or cost more than the ceiling.
        error UnfitRules();
        /// Nobody can be paid at the zero address.
        error NoPayee();
        /// A slot begins at a multiple of an hour.
        error UnfitStart(uint64 start);
        /// Only the community's manager may do this.
        error NotManager(uint64 community, address caller);
        /// The caller was not invited.
        error NotInvited(uint64 community, address caller);
        /// The caller is a member already.
        error AlreadyMember(uint64 community, address caller);
        /// The caller is no member.
        error NotMember(uint64 community, address caller);
        /// The device is not the caller's.
        error NotYourMeter(bytes32 meter, address caller);
        /// The device is a meter of a community already.
        error MeterTaken(bytes32 meter, uint64 community);
        /// A fuse lets something through.
        error NoFuse();
        /// The community has as many meters as it may.
        error TooManyMeters(uint64 community, uint32 max);
        /// A limit lies between minus the ceiling and the ceiling.
        error UnfitLimit(int64 limit, uint64 ceiling);
        /// A price is beyond its bounds.
        error UnfitPrice(int64 price);
        /// The supplier has stated no prices here.
        error UnknownSupplier(uint64 community, address supplier);
        /// Prices stand for two days at least: others can be stated once the next slot to be cleared is this.
        error TariffWaits(uint64 from);
        /// There is no such proposal.
        error UnknownProposal(uint64 proposal);
        /// The proposal is decided, or its time is over.
        error ProposalOver(uint64 proposal);
        /// The member voted already.
        error AlreadyVoted(uint64 proposal, address member);
        /// Rules that were decided hold only later: others can be decided then.
        error RulesWait(uint64 from);
        /// An amount of zero moves nothing.
        error NoAmount();
        /// The account has less.
        error TooLittle(uint256 balance, uint256 needed);
        /// A slot is being settled: accounts change.
        error Settling(uint64 slot);
        /// One call takes 1 to `max` readings.
        error UnfitCount(uint256 given, uint256 max);
        /// Not the beginning of a slot.
        error NotASlot(uint64 slot);
        /// The slot has not ended.
        error NotOver(uint64 slot, uint64 end);
        /// The slot is cleared: a reading for it is a correction.
        error SlotCleared(uint64 slot);
        /// The slot is not settled.
        error NotSettled(uint64 slot);
        /// The time in which a slot is corrected is over.
        error TooLate(uint64 slot, uint64 until);
        /// The reading of this number in the call is not taken, and with it none.
        error ReadingRefused(uint256 number, Fault fault);
        /// The device signed another reading, or none.
        error FalseReading(bytes32 signer);
        /// There is no such device.
        error UnknownDevice(bytes32 device);
        /// Readings are missing, and are waited for.
        error Waiting(uint64 slot, uint32 readings, uint32 meters, uint64 until);
        /// All slots of the past are cleared.
        error NothingToClear(uint64 next);
        /// Nothing is to be settled.
        error NothingToSettle(uint64 community);

        /// Founds a community, whose first slot begins at `start`. No kWh ever costs more than `ceiling`,
        /// fees included.
        function found(
            string calldata name,
            address network,
            address treasury,
            address levyTo,
            uint64 ceiling,
            uint64 start,
            Rules calldata rules
        ) external returns (uint64 community);
        /// Lets somebody join, as the manager.
        function invite(uint64 community, address household) external;
        /// Joins with a meter: an enrolled device of the caller's, behind a fuse of so many W.
        function join(
            uint64 community,
            bytes32 meter,
            uint32 fuse,
            int64 buy,
            int64 sell,
            address supplier
        ) external returns (uint32 index);
        /// Sets the caller's limits, from the next slot to be cleared on.
        function setLimits(uint64 community, int64 buy, int64 sell) external;
        /// States the caller's prices as a supplier, from the next slot to be cleared on.
        function setTariff(uint64 community, int64 retail, int64 feedIn) external;
        /// Proposes rules, as a member, which is the first vote for them.
        function proposeRules(uint64 community, Rules calldata rules)
            external returns (uint64 proposal);
        /// Votes, as a member. The vote that makes more than half of all members decides: the rules hold
        /// from the next full hour on that is not cleared.
        function vote(uint64 proposal, bool approve) external returns (bool decided);
        /// Puts the caller's money in, as far as the caller lets this contract move it.
        function deposit(uint64 community, uint256 amount) external;
        /// Takes the caller's money out. Whoever has less than the reserve then takes no part.
        function withdraw(uint64 community, uint256 amount) external;
        /// Takes signed readings of one slot, all of them or none. Each is of a meter of the community,
        /// says the record `net` in `Wh` (whole; imports above zero), of a time in the slot, and may say
        /// `version` (1 to 255) and `quality` (0 to 7). Anybody may bring them.
        function report(uint64 community, uint64 slot, bytes[] calldata readings) external;
        /// Clears the next slot once it is over and its readings are all there or the grace is over. Slots
        /// without a reading are passed over.
        function clear(uint64 community) external returns (uint64 slot, uint64 volume);
        /// Settles up to `max` meters (256 at most) of the slot that was cleared.
        function settle(uint64 community, uint32 max) external returns (uint32 left);
        /// Corrects a settled slot by a later version of a reading: the difference is settled at the
        /// supplier's prices, and nobody else's slot changes.
        function correct(uint64 community, uint64 slot, bytes calldata reading) external;

        /// A community.
        function community(uint64 number) external view returns (Community memory entry);
        /// How many communities there are.
        function communities() external view returns (uint64 total);
        /// A member.
        function member(uint64 number, address household) external view returns (Member memory entry);
        /// Up to `max` members' households (100 at most) from number `from` on, in the order of joining.
        function members(uint64 number, uint64 from, uint64 max)
            external view returns (address[] memory page, uint64 total);
        /// What an account that is no member's has: an operator's, a treasury's, a supplier's.
        function account(uint64 number, address who)
            external view returns (uint256 balance, int256 statement);
        /// A supplier's prices in a slot.
        function tariff(uint64 number, address supplier, uint64 slot)
            external view returns (int64 retail, int64 feedIn);
        /// A slot.
        function slotOf(uint64 number, uint64 slot) external view returns (Slot memory entry);
        /// What a slot says of up to `max` meters (400 at most), from place `from` on.
        function linesOf(uint64 number, uint64 slot, uint32 from, uint32 max)
            external view returns (Line[] memory page, uint32 total);
        /// The linear check of a cleared slot: fills are within what was measured and within limits, both
        /// sides add up to the volume, and under an auction no one price clears more.
        function checkSlot(uint64 number, uint64 slot) external view returns (bool holds);
        /// What is proposed, and how it stands.
        function proposal(uint64 number)
            external view returns (
                uint64 ofCommunity,
                Rules memory rules,
                uint32 approvals,
                uint32 rejections,
                uint64 expires,
                bool decided
            );
    }
}
