// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// The consortium: which organisations run the network, and their votes on who does and how.
interface IMembers {
    /// What members decide about.
    enum Kind {
        /// An organisation becomes a member.
        Admission,
        /// A member leaves.
        Expulsion,
        /// A member's node gets another identity key.
        Key,
        /// A member's node listens elsewhere.
        Endpoint,
        /// Another account acts for a member.
        Account,
        /// A value of the network changes.
        Parameter,
        /// A version of the software is needed from an epoch on.
        Upgrade
    }

    /// What became of a proposal.
    enum State {
        /// Members may still vote.
        Open,
        /// More than two thirds of the members approved it.
        Accepted,
        /// So many members are against it that it cannot be accepted any more.
        Refused,
        /// Its proposer took it back.
        Withdrawn,
        /// Its time ran out.
        Expired
    }

    /// Values of the network that members change.
    enum Parameter {
        /// Seconds after its proposal within which a proposal is voted on.
        VoteSeconds,
        /// Gas of a block.
        BlockGasLimit
    }

    /// A member, also one that is to come or that left.
    struct Member {
        /// Its number, from zero, in the order of admission. It is never another's.
        uint64 number;
        /// The organisation's name.
        string name;
        /// Its node's ed25519 identity key: now, when it comes, or when it left.
        bytes32 publicKey;
        /// Where its node listens for other members, `host:port`.
        string endpoint;
        /// The account that acts for it on the ledger.
        address account;
        /// When it was admitted, seconds since 1970.
        uint64 since;
        /// The first epoch in which it is a member.
        uint64 fromEpoch;
        /// The first epoch in which it no longer is; zero: none is set.
        uint64 untilEpoch;
        /// Whether it is a member in this epoch.
        bool stands;
    }

    /// A member as it takes part in one epoch.
    struct Seat {
        /// Its number.
        uint64 number;
        /// Its node's ed25519 identity key in this epoch.
        bytes32 publicKey;
        /// Where its node listens in this epoch.
        string endpoint;
        /// The account that acts for it in this epoch.
        address account;
    }

    /// A committee that differs from the one before it.
    struct Committee {
        /// The first epoch in which it stands.
        uint64 fromEpoch;
        /// How many members it has.
        uint32 members;
    }

    /// A proposal, and what became of it. Fields that its kind does not speak of are empty.
    struct Proposal {
        /// Its number, from zero.
        uint64 id;
        /// What it is about.
        Kind kind;
        /// What became of it.
        State state;
        /// The number of the member that made it.
        uint64 proposer;
        /// Why, for people.
        string reason;
        /// When it was made, seconds since 1970.
        uint64 proposedAt;
        /// In which block.
        uint64 proposedIn;
        /// When it can no longer be voted on.
        uint64 expires;
        /// Members that were for it when somebody last voted, its proposer among them.
        uint32 approvals;
        /// Members that were against it.
        uint32 refusals;
        /// Members that there were then.
        uint32 members;
        /// When it was accepted, refused or withdrawn; zero: it was not.
        uint64 decidedAt;
        /// In which block.
        uint64 decidedIn;
        /// The epoch from which what was accepted holds; zero: nothing was.
        uint64 fromEpoch;
        /// The number of the member that it is about; of an admission once it is accepted.
        uint64 member;
        /// The organisation's name, or the version of an upgrade.
        string name;
        /// The node's identity key.
        bytes32 publicKey;
        /// Where the node listens.
        string endpoint;
        /// The account that is to act.
        address account;
        /// The parameter.
        Parameter parameter;
        /// Its value, or the epoch of an upgrade.
        uint64 value;
    }

    /// A member's vote.
    struct Cast {
        /// The number of the member.
        uint64 member;
        /// Whether it is for the proposal.
        bool approve;
        /// Why, for people.
        string reason;
        /// When it was given, seconds since 1970.
        uint64 castAt;
        /// In which block.
        uint64 castIn;
        /// Whether the member stands in this epoch: only then its vote counts.
        bool counts;
    }

    /// A version of the software that is needed from an epoch on.
    struct Upgrade {
        /// The proposal that was accepted.
        uint64 id;
        /// The version, as `1.2.3`.
        string version;
        /// The epoch.
        uint64 fromEpoch;
    }

    /// A member proposes something.
    event Proposed(
        uint64 indexed id,
        uint64 indexed proposer,
        Kind indexed kind,
        string reason,
        uint64 expires
    );
    /// A member voted.
    event Voted(uint64 indexed id, uint64 indexed member, bool approve, string reason);
    /// A proposal is accepted, from `fromEpoch` on and about the member of that number, or refused.
    event Decided(
        uint64 indexed id,
        Kind indexed kind,
        State state,
        uint64 fromEpoch,
        uint64 member
    );
    /// A proposer took a proposal back.
    event Withdrawn(uint64 indexed id);
    /// From an epoch on there are so many members, of which so many may fail or lie. With fewer than
    /// four no one may.
    event CommitteeChanged(uint64 indexed fromEpoch, uint32 members, uint32 faults);

    /// No member has or had this node key.
    error UnknownKey(bytes32 publicKey);
    /// This account acts for no member in this epoch.
    error UnknownAccount(address account);
    /// Who calls acts for no member in this epoch.
    error NotMember(address caller);
    /// There is no member of this number.
    error UnknownMember(uint64 number);
    /// There is no proposal of this number.
    error UnknownProposal(uint64 id);
    /// The proposal is not open any more.
    error ProposalIsOver(uint64 id, State state);
    /// This member has voted on it already.
    error AlreadyVoted(uint64 id, uint64 member);
    /// Only the member that made a proposal takes it back.
    error NotProposer(uint64 id, address caller);
    /// The member has left or is about to.
    error MemberLeaves(uint64 number, uint64 untilEpoch);
    /// Another change of the same kind is decided and does not hold yet: propose this one from
    /// `fromEpoch` on.
    error ChangePending(uint64 fromEpoch);
    /// It would be as it is.
    error NothingChanges();
    /// A member has, is to get or once had this node key. A key serves one member, once.
    error KeyInUse(bytes32 publicKey);
    /// This account acts for a member, or is about to.
    error AccountInUse(address account);
    /// A member has this name, or is about to.
    error NameInUse(string name);
    /// These bytes are no ed25519 key that can sign.
    error UnfitKey(bytes32 publicKey);
    /// The proof is not the key's signature over this application.
    error FalseProof(bytes32 publicKey);
    /// A name is empty, has white space at its ends, or characters that deceive.
    error UnfitName();
    /// An endpoint is `host:port`: a DNS name in lower case, an IPv4 address, or an IPv6 address in
    /// brackets, and a port that is not zero.
    error UnfitEndpoint();
    /// A reason is empty, has white space at its ends, or characters that deceive.
    error UnfitReason();
    /// The zero address acts for nobody.
    error UnfitAccount();
    /// A version is three numbers below 65,536, as `1.2.3`.
    error UnfitVersion();
    /// The parameter's value is out of its bounds.
    error UnfitParameter(Parameter parameter, uint64 value, uint64 min, uint64 max);
    /// What is decided now cannot hold before `earliest`.
    error EpochTooEarly(uint64 epoch, uint64 earliest);
    /// There are as many members as a network takes.
    error TooManyMembers(uint64 max);
    /// The last member cannot be expelled.
    error LastMember();
    /// What holds in this epoch may still change; up to `fixedUntil` it cannot.
    error NotFixedYet(uint64 epoch, uint64 fixedUntil);

    /// Proposes that an organisation becomes a member. `proof` is its node key's ed25519 signature, so
    /// that nobody brings in a key that is not theirs.
    function proposeAdmission(
        string name,
        bytes32 publicKey,
        string endpoint,
        address account,
        bytes proof,
        string reason
    ) external returns (uint64 id);
    /// Proposes that a member leaves.
    function proposeExpulsion(uint64 number, string reason) external returns (uint64 id);
    /// Proposes another identity key for a member's node; `proof` is the new key's signature.
    function proposeKey(uint64 number, bytes32 publicKey, bytes proof, string reason)
        external returns (uint64 id);
    /// Proposes where a member's node listens.
    function proposeEndpoint(uint64 number, string endpoint, string reason)
        external returns (uint64 id);
    /// Proposes which account acts for a member.
    function proposeAccount(uint64 number, address account, string reason)
        external returns (uint64 id);
    /// Proposes a parameter's value.
    function proposeParameter(Parameter parameter, uint64 value, string reason)
        external returns (uint64 id);
    /// Proposes that nodes below a version stop before an epoch. What is decided later replaces what
    /// was decided before about the same and later epochs.
    function proposeUpgrade(string version, uint64 epoch, string reason)
        external returns (uint64 id);
    /// Votes as a member, once. Proposing is approving. The vote that makes more than two thirds of
    /// the members decides, in this transaction.
    function vote(uint64 id, bool approve, string reason) external returns (State state);
    /// Takes a proposal of one's own back.
    function withdraw(uint64 id) external;

    /// How many members there are in this epoch.
    function memberCount() external view returns (uint64 count);
    /// Up to `max` members (100 at most) from number `from` on, those that left and those that are to
    /// come among them, and how many there ever were.
    function members(uint64 from, uint64 max)
        external view returns (Member[] memory page, uint64 total);
    /// The member whose node has, is to get or once had this identity key.
    function memberByKey(bytes32 publicKey) external view returns (Member memory member);
    /// The member that this account acts for in this epoch.
    function memberByAccount(address account) external view returns (Member memory member);
    /// Whether this account acts for a member in this epoch.
    function isMember(address account) external view returns (bool answer);
    /// The members of an epoch, by number: any that was, is, or is one of the next three.
    function committeeOf(uint64 epoch) external view returns (Seat[] memory seats);
    /// Whoever may deal or get shares in an epoch: the members of it, of the two after it and of as many
    /// as 16 committees before them, each node key once, the latest first; with where the member
    /// listens in it, or in its nearest epoch.
    function peersOf(uint64 epoch) external view returns (Seat[] memory peers);
    /// The current epoch, how many blocks each has, the last epoch that nothing can change any more,
    /// and the committees that are decided and do not stand yet.
    function epochs()
        external view
        returns (uint64 epoch, uint64 blocks, uint64 fixedUntil, Committee[] memory coming);
    /// How many votes make a decision in this epoch.
    function quorum() external view returns (uint32 votes);
    /// Up to `max` proposals (100 at most) from number `from` on, and how many there are.
    function proposals(uint64 from, uint64 max)
        external view returns (Proposal[] memory page, uint64 total);
    /// A proposal.
    function proposal(uint64 id) external view returns (Proposal memory proposal);
    /// Up to `max` votes (100 at most) on a proposal from the `from`th on, in the order in which they
    /// were given, and how many there are.
    function votesOn(uint64 id, uint64 from, uint64 max)
        external view returns (Cast[] memory page, uint64 total);
    /// A parameter's value in an epoch: any that was, is, or is one of the next three.
    function parameterAt(Parameter parameter, uint64 epoch)
        external view returns (uint64 value);
    /// Gas of a block of an epoch: any that was, is, or is one of the next three.
    function gasLimitAt(uint64 epoch) external view returns (uint64 gas);
    /// Up to `max` upgrades (100 at most) from the `from`th on, in the order of their decisions, and
    /// how many there are.
    function upgrades(uint64 from, uint64 max)
        external view returns (Upgrade[] memory page, uint64 total);
    /// The version that nodes need in an epoch (any that was, is, or is one of the next three): of the
    /// upgrades from it or an earlier one the last that was decided; empty: any.
    function versionAt(uint64 epoch) external view returns (string memory version);
}
