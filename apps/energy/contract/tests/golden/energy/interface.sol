// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Neighbours trade green power by what their meters say. A slot is named by its beginning, seconds
/// since 1970. Energy is in Wh, imports above zero and exports below; prices are in micro-currency per
/// kWh; money is in units of the settlement token, a billionth each, so that Wh times price is money.
interface IEnergy {
    /// How a community deals.
    enum Mode {
        /// One price, found slot by slot from standing limits.
        Auction,
        /// By weight; what is not used is fed in.
        Static,
        /// By weight, and again of what is left.
        Hybrid,
        /// By consumption.
        Dynamic,
        /// By weight, the heaviest first; of one weight in the order of joining.
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
        UnfitMark,
        /// What it says was generated is less than was exported, or more than can be.
        UnfitGeneration
    }

    /// What members decide.
    struct Rules {
        /// How the community deals.
        Mode mode;
        /// Rounds of the hybrid key; zero otherwise.
        uint8 rounds;
        /// Where an auction's price lies between its bounds: a fraction.
        uint32 kNumerator; uint32 kDenominator;
        /// The price under a sharing key.
        int64 localPrice;
        /// What a buyer pays beside: to the network operator, to the community, in levies.
        int64 networkFee; int64 communityFee; int64 levy;
        /// Seconds of a slot: 900, 1,800 or 3,600.
        uint32 slotSeconds;
        /// Seconds after a slot's end in which missing readings are waited for.
        uint32 graceSeconds;
        /// Seconds after a slot's end in which later versions of its readings are waited for: it is
        /// cleared then at the earliest.
        uint32 finalSeconds;
    }

    /// A community.
    struct Community {
        /// What it is called.
        string name;
        /// Who founded it, and invites.
        address manager;
        /// Who gets network fees, the community's fees, levies.
        address network; address treasury; address levyTo;
        /// What no kWh costs more than, fees included: what members' reserves are reckoned by.
        uint64 ceiling;
        /// The zone that its certificates name, by the hash of its name.
        bytes32 zone;
        /// Whether it was founded to play the past again: what is set then holds from the next slot to be
        /// cleared on, and not from the next slot to begin.
        bool rehearsal;
        /// Places of meters there ever were, members (who may vote), and meters whose readings the next
        /// slot to be cleared waits for.
        uint32 meters; uint32 members; uint32 expected;
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
        /// What it generates with, by the hash of its code; zero: nothing.
        bytes32 technology;
        /// The first slot that it is measured in, and the first that it is not any more (zero: none).
        uint64 joined; uint64 leaves;
        /// The dearest it buys at and the cheapest it sells at, as they were set last.
        int64 buy; int64 sell;
        /// Whether it takes part, or will from the slot on that its changes hold from.
        bool active;
        /// What it has to have to take part.
        uint256 reserve;
        /// What it has.
        uint256 balance;
        /// What it is owed by its supplier (below zero: owes) for energy from and to the grid.
        int256 statement;
        /// Wh from the community and from the grid so far, to the community and to the grid.
        uint64 importLocal; uint64 importGrid; uint64 exportLocal; uint64 exportGrid;
        /// What it weighs under the static, hybrid and priority keys, in the next slot to be cleared.
        uint16 weight;
    }

    /// What a place weighs under the static, hybrid and priority keys.
    struct Weight {
        /// The place.
        uint32 index;
        /// Its weight beside the others', 8,191 at most. It is 1 until members decide otherwise.
        uint16 weight;
    }

    /// A slot.
    struct Slot {
        /// What became of it.
        SlotState state;
        /// Readings there are, places when it was cleared, and places settled.
        uint32 readings; uint32 meters; uint32 settled;
        /// How it was dealt.
        Mode mode;
        /// The weights of all who took part together, under the static and hybrid keys; zero otherwise.
        uint32 weights;
        /// Whether anything traded.
        bool traded;
        /// The price.
        int64 price;
        /// The lowest and the highest price that would have cleared the slot.
        int64 lowest; int64 highest;
        /// What went from member to member.
        uint64 volume;
        /// What decides ties. It follows from the community and the slot alone.
        bytes32 key;
    }

    /// What a slot says of a meter.
    struct Line {
        /// Its place among the community's meters.
        uint32 index;
        /// Whether there is a reading, what it says, and its version.
        bool read; int64 net; uint8 version;
        /// Its quality: 0 measured, others as the device says; 8 more: signed by a gateway; 16: decided
        /// by the network operator.
        uint8 quality;
        /// Whether it was an order, its limit, and what of it was filled.
        bool ordered; int64 limit; uint64 fill;
    }

    /// The Wh of a certificate, by their state: of one owner, or all of them.
    struct Stock {
        /// May be transferred, claimed, locked.
        uint64 active;
        /// Stand for a Wh that was consumed in their slot.
        uint64 claimed;
        /// Were not used in time.
        uint64 expired;
        /// Were taken back: the reading was corrected.
        uint64 withdrawn;
        /// Held for another registry.
        uint64 locked;
    }

    /// A certificate: what was generated behind a meter in a slot, as far as its readings say: what was fed in,
    /// and what the household used of its own.
    struct Certificate {
        /// Names it: keccak256(meter, slot, version).
        bytes32 id;
        /// The meter.
        bytes32 meter;
        /// Whose it was.
        address household;
        /// What it generates with.
        bytes32 technology;
        /// Where.
        bytes32 zone;
        /// Who answers for it: the network operator.
        address issuer;
        /// The slot's length in seconds.
        uint32 duration;
        /// The reading's version.
        uint8 version;
        /// Until when it is used, seconds since 1970.
        uint64 expires;
        /// All its Wh.
        Stock stock;
        /// What a correction should have taken back, and was not there any more.
        uint64 owed;
    }

    /// A certificate in few words.
    struct Held {
        /// Names it.
        bytes32 id;
        /// All its Wh; none where there is no certificate.
        Stock stock;
        /// What of the claimed Wh its household used itself.
        uint64 own;
        /// What a correction should have taken back, and was not there any more.
        uint64 owed;
    }

    /// A dispute about a meter's slot.
    struct Dispute {
        /// Who opened it; zero: nobody.
        address by;
        /// What it is about, in the vault.
        bytes32 evidence;
        /// Whether the network operator decided.
        bool decided;
        /// By what, in the vault.
        bytes32 reading;
    }

    /// A community was founded.
    event Founded(uint64 indexed community, address indexed manager, string name, uint64 start);
    /// Somebody may join.
    event Invited(uint64 indexed community, address indexed household);
    /// Somebody joined with a meter.
    event Joined(uint64 indexed community, address indexed household, bytes32 indexed meter, uint32 index,
        uint32 fuse, address supplier, bytes32 technology, uint64 from);
    /// A member leaves: this is the first slot without it.
    event Left(uint64 indexed community, address indexed household, uint32 indexed index, uint64 from,
        address by);
    /// A member's limits from a slot on.
    event LimitsSet(uint64 indexed community, uint32 indexed index, uint64 from, int64 buy, int64 sell);
    /// A member takes part from a slot on, if it has its reserve then, or no longer.
    event Activated(uint64 indexed community, uint32 indexed index, uint64 from, bool active);
    /// A supplier's prices from a slot on.
    event TariffSet(uint64 indexed community, address indexed supplier, uint64 from, int64 retail,
        int64 feedIn);
    /// A member proposes rules.
    event RulesProposed(uint64 indexed proposal, uint64 indexed community, address indexed by);
    /// A member proposes weights.
    event WeightsProposed(uint64 indexed proposal, uint64 indexed community, address indexed by);
    /// A place's weight from a slot on, as members decided.
    event WeightSet(uint64 indexed community, uint32 indexed index, uint64 from, uint16 weight);
    /// A member voted.
    event Voted(uint64 indexed proposal, address indexed member, bool approve);
    /// Rules hold from a slot on.
    event RulesDecided(uint64 indexed proposal, uint64 indexed community, uint64 from, Rules rules);
    /// Money was put in.
    event Deposited(uint64 indexed community, address indexed account, uint256 amount);
    /// Money was taken out.
    event Withdrawn(uint64 indexed community, address indexed account, uint256 amount);
    /// A reading was taken. `digest` names the signed envelope.
    event Read(uint64 indexed community, uint64 indexed slot, uint32 indexed index, int64 net,
        uint8 version, uint8 quality, bytes32 digest);
    /// A reading that was taken says what was generated behind the meter, and with what was exported what of it
    /// the household used itself.
    event Generated(uint64 indexed community, uint64 indexed slot, uint32 indexed index, uint64 wh, uint64 own);
    /// A slot has its price.
    event Cleared(uint64 indexed community, uint64 indexed slot, bool traded, int64 price, uint64 volume,
        uint32 readings);
    /// A meter's slot is settled. Where it exported, a certificate of as many Wh is issued; what the
    /// community took of it is claimed by its buyers in that step, the rest is the household's. What the
    /// household used of its own (`Generated`) is issued and claimed in that step too.
    event Settled(uint64 indexed community, uint64 indexed slot, uint32 indexed index, int64 net,
        bool ordered, int64 limit, uint64 local, int256 prepaid, int256 statement);
    /// A slot that was settled is corrected for one meter, at its supplier's prices alone.
    event DeltaNote(uint64 indexed community, uint64 indexed slot, uint32 indexed index, int64 before,
        int64 net, int256 statement);
    /// A certificate of a slot that was corrected: so many more Wh by the reading's later version, so
    /// many taken back, so many that were not there to be taken back.
    event Reissued(uint64 indexed community, uint64 indexed slot, uint32 indexed index, uint8 version,
        uint64 issued, uint64 withdrawn, uint64 owed);
    /// Wh of a certificate went to another owner.
    event CertificateTransferred(uint64 indexed community, uint64 indexed slot, uint32 indexed index,
        address from, address to, uint64 wh);
    /// Wh of a certificate stand for what a meter consumed.
    event CertificateClaimed(uint64 indexed community, uint64 indexed slot, uint32 indexed index,
        address owner, uint32 consumer, uint64 wh);
    /// Wh of a certificate were not used in time.
    event CertificateExpired(uint64 indexed community, uint64 indexed slot, uint32 indexed index,
        address owner, uint64 wh);
    /// Wh of a certificate were taken back by its issuer.
    event CertificateWithdrawn(uint64 indexed community, uint64 indexed slot, uint32 indexed index,
        address owner, uint64 wh);
    /// Wh of a certificate are held for another registry, or no longer.
    event CertificateLocked(uint64 indexed community, uint64 indexed slot, uint32 indexed index,
        address owner, uint64 wh, bool locked, bytes32 registry);
    /// Somebody disputes a meter's slot.
    event Disputed(uint64 indexed community, uint64 indexed slot, uint32 indexed index, address by,
        bytes32 evidence);
    /// The network operator decided.
    event DisputeDecided(uint64 indexed community, uint64 indexed slot, uint32 indexed index, int64 net,
        bytes32 reading);

    /// There is no such community.
    error UnknownCommunity(uint64 community);
    /// A name has 1 to 64 bytes, no control, invisible or direction-changing characters, and neither
    /// starts nor ends with white space.
    error UnfitName();
    /// Rules name no mode, fraction, price or time that there is, or cost more than the ceiling.
    error UnfitRules();
    /// Weights are of 1 to 64 places, each once, in the order of places.
    error UnfitWeights();
    /// Nobody is paid or given anything at the zero address, or by themselves.
    error NoPayee();
    /// A slot begins at a multiple of an hour.
    error UnfitStart(uint64 start);
    /// Only the community's manager may do this.
    error NotManager(uint64 community, address caller);
    /// The caller was not invited.
    error NotInvited(uint64 community, address caller);
    /// The caller is a member already.
    error AlreadyMember(uint64 community, address caller);
    /// This is no member, or not any more.
    error NotMember(uint64 community, address caller);
    /// A member that left joins again when all slots that it is measured in are settled.
    error StillMeasured(uint64 community, uint64 until);
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
    /// Prices stand for two days at least: others can hold from this slot on.
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
    /// The account has less than is to be taken and, while its member takes part, its reserve together.
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
    /// Readings are missing, or later versions of them may come, and are waited for.
    error Waiting(uint64 slot, uint32 readings, uint32 meters, uint64 until);
    /// All slots of the past are cleared.
    error NothingToClear(uint64 next);
    /// Nothing is to be settled.
    error NothingToSettle(uint64 community);
    /// No certificate of this place and slot.
    error NoCertificate(uint64 slot, uint32 index);
    /// The owner has fewer Wh in that state.
    error TooFew(uint64 there, uint64 needed);
    /// The member consumed less in the slot that nothing is claimed for.
    error NotConsumed(uint64 left, uint64 needed);
    /// The certificate's time is over.
    error Expired(uint64 expires);
    /// The certificate's time is not over.
    error NotExpired(uint64 expires);
    /// Only the community's network operator may do this.
    error NotNetwork(uint64 community, address caller);
    /// Only whose meter it is and the network operator may do this.
    error NotParty(uint64 slot, uint32 index, address caller);
    /// What was in the vault is named by a hash.
    error NoEvidence();
    /// The slot is disputed already.
    error AlreadyDisputed(uint64 slot, uint32 index);
    /// Nobody disputes the slot.
    error NotDisputed(uint64 slot, uint32 index);
    /// The network operator decided about this meter's slot: no reading changes it any more.
    error AlreadyDecided(uint64 slot, uint32 index);
    /// No meter has this place.
    error UnknownPlace(uint64 community, uint32 index);

    /// Founds a community, whose first slot begins at `start`. No kWh ever costs more than `ceiling`,
    /// fees included. Where `start` has passed it is a rehearsal: see `Community`.
    function found(string calldata name, bytes32 zone, address network, address treasury, address levyTo,
        uint64 ceiling, uint64 start, Rules calldata rules) external returns (uint64 community);
    /// Lets somebody join, as the manager.
    function invite(uint64 community, address household) external;
    /// Joins with a meter: an enrolled device of the caller's, behind a fuse of so many W, with
    /// `technology` behind it (zero: no generation). Measured from the next slot to begin on; takes part
    /// once the reserve is there.
    function join(uint64 community, bytes32 meter, uint32 fuse, int64 buy, int64 sell, address supplier,
        bytes32 technology) external returns (uint32 index);
    /// Leaves, from the next slot to begin on. When all slots before it are settled, all money can be
    /// taken out.
    function leave(uint64 community) external;
    /// Has a member leave, as the manager.
    function exclude(uint64 community, address household) external;
    /// Sets the caller's limits, from the next slot to begin on.
    function setLimits(uint64 community, int64 buy, int64 sell) external;
    /// States the caller's prices as a supplier, from the next full hour on.
    function setTariff(uint64 community, int64 retail, int64 feedIn) external;
    /// Proposes rules, as a member, which is the first vote for them.
    function proposeRules(uint64 community, Rules calldata rules) external returns (uint64 proposal);
    /// Proposes weights of some places, as a member, which is the first vote for them. They hold from the next
    /// slot to begin on, once they are decided; other places keep theirs.
    function proposeWeights(uint64 community, Weight[] calldata weights) external returns (uint64 proposal);
    /// Votes, as a member. The vote that makes more than half of all members decides: rules hold from the
    /// next full hour on, weights from the next slot to begin on.
    function vote(uint64 proposal, bool approve) external returns (bool decided);
    /// Puts the caller's money in, as far as the caller lets this contract move it. A member that has
    /// its reserve then takes part from the next slot to begin on.
    function deposit(uint64 community, uint256 amount) external;
    /// Takes the caller's money out; a member's reserve stays while it takes part.
    function withdraw(uint64 community, uint256 amount) external;
    /// Takes signed readings of one slot, all of them or none. Each is of a meter of the community,
    /// says the record `net` in `Wh` (whole; imports above zero), of a time in the slot, and may say
    /// `version` (1 to 255), `quality` (0 to 7) and what was `generated` behind the meter in `Wh`. Anybody may bring them.
    function report(uint64 community, uint64 slot, bytes[] calldata readings) external;
    /// Clears the next slot once it is over and final and its readings are all there or the grace is
    /// over. Anybody may. `cleared` is false where the call only passed over slots without a reading or
    /// took in what members changed: call again.
    function clear(uint64 community) external returns (uint64 slot, uint64 volume, bool cleared);
    /// Settles up to `max` meters (256 at most) of the slot that was cleared. Anybody may.
    function settle(uint64 community, uint32 max) external returns (uint32 left);
    /// Corrects a settled slot by a later version of a reading, within thirty days: what the meter took
    /// or gave beside what it traded is settled anew at the supplier's prices, and nobody else's slot
    /// changes.
    function correct(uint64 community, uint64 slot, bytes calldata reading) external;
    /// Gives the caller's Wh of a certificate to somebody.
    function transferCertificate(uint64 community, uint64 slot, uint32 index, address to, uint64 wh)
        external;
    /// Claims the caller's Wh of a certificate for what the caller's meter consumed in the same slot.
    function claim(uint64 community, uint64 slot, uint32 index, uint64 wh) external;
    /// Lets an owner's active Wh expire when their time is over. Anybody may.
    function expire(uint64 community, uint64 slot, uint32 index, address owner) external returns
        (uint64 wh);
    /// Takes an owner's active Wh back, as the network operator.
    function withdrawCertificate(uint64 community, uint64 slot, uint32 index, address owner, uint64 wh)
        external;
    /// Holds the caller's Wh for another registry.
    function lock(uint64 community, uint64 slot, uint32 index, uint64 wh, bytes32 registry) external;
    /// Lets go of an owner's Wh that another registry did not take, as the network operator.
    function unlock(uint64 community, uint64 slot, uint32 index, address owner, uint64 wh, bytes32 registry)
        external;
    /// Disputes a meter's settled slot, within thirty days, as whose meter it is or as the network
    /// operator. `evidence` names what is in the vault.
    function dispute(uint64 community, uint64 slot, uint32 index, bytes32 evidence) external;
    /// Decides a dispute, as the network operator, by its own reading, which is in the vault.
    function decideDispute(uint64 community, uint64 slot, uint32 index, int64 net, bytes32 reading)
        external;

    /// A community.
    function community(uint64 number) external view returns (Community memory entry);
    /// How many communities there are.
    function communities() external view returns (uint64 total);
    /// A member, or who was one.
    function member(uint64 number, address household) external view returns (Member memory entry);
    /// Up to `max` places' households (100 at most) from number `from` on, in the order of joining.
    function members(uint64 number, uint64 from, uint64 max) external view returns (address[] memory page,
        uint64 total);
    /// What an account that is no member's has: an operator's, a treasury's, a supplier's.
    function account(uint64 number, address who) external view returns (uint256 balance, int256 statement);
    /// A supplier's prices in a slot.
    function tariff(uint64 number, address supplier, uint64 slot) external view returns (int64 retail,
        int64 feedIn);
    /// A slot. Before it is cleared: what it would come to by the readings that are there.
    function slotOf(uint64 number, uint64 slot) external view returns (Slot memory entry);
    /// What a slot says of up to `max` meters (400 at most), from place `from` on.
    function linesOf(uint64 number, uint64 slot, uint32 from, uint32 max) external view returns
        (Line[] memory page, uint32 total);
    /// The linear check of a cleared slot: fills are within what was measured and within limits, both
    /// sides add up to the volume, and under an auction no one price clears more.
    function checkSlot(uint64 number, uint64 slot) external view returns (bool holds);
    /// What is proposed, and how it stands. Where weights are proposed, the rules are those that held then.
    function proposal(uint64 number) external view returns (uint64 ofCommunity, Rules memory rules,
        uint32 approvals, uint32 rejections, uint64 expires, bool decided);
    /// What is proposed for some places; nothing where rules are.
    function proposedWeights(uint64 number) external view returns (Weight[] memory weights);
    /// Up to 100 certificates, each of a slot and a place. Where there is none, it has no Wh.
    function certificatesOf(uint64 number, uint64[] calldata slots, uint32[] calldata indexes) external view
        returns (Held[] memory page);
    /// A certificate, and what an owner has of it.
    function certificate(uint64 number, uint64 slot, uint32 index, address owner) external view returns
        (Certificate memory entry, Stock memory has);
    /// A dispute.
    function disputeOf(uint64 number, uint64 slot, uint32 index) external view returns
        (Dispute memory entry);
}
