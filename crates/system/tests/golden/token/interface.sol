// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Settlement money: ERC-20 with permit (EIP-2612), nine decimals, issued by the members, and
/// escrows. Amounts are in units; 1,000,000,000 of them are one token.
interface IToken {
    /// What became of a proposal to issue.
    enum IssueState {
        /// Members may still vote.
        Open,
        /// Enough members approved; the money is there.
        Issued,
        /// So many members are against it that it cannot be approved any more.
        Rejected,
        /// Its proposer took it back.
        Withdrawn,
        /// Its time ran out.
        Expired
    }

    /// How a member voted.
    enum Vote {
        /// Not at all.
        None,
        /// For it.
        Approve,
        /// Against it.
        Reject
    }

    /// A proposal to issue money, and what became of it.
    struct Issue {
        /// Its number, from zero.
        uint64 number;
        /// What became of it.
        IssueState state;
        /// The member's account that proposed it.
        address proposer;
        /// Who is to get the money.
        address to;
        /// How much.
        uint256 amount;
        /// Why, for people.
        string reason;
        /// When it was proposed, seconds since 1970.
        uint64 proposedAt;
        /// In which block.
        uint64 proposedIn;
        /// When it can no longer be approved.
        uint64 expires;
        /// Members that were for it when somebody last voted, its proposer among them.
        uint32 approvals;
        /// Members that were against it.
        uint32 rejections;
        /// Members that there were then.
        uint32 members;
        /// When it was issued, rejected or withdrawn; zero: it was not.
        uint64 decidedAt;
        /// In which block.
        uint64 decidedIn;
    }

    /// Whoever ever had money, and what they have now.
    struct Holder {
        /// Who.
        address account;
        /// How much.
        uint256 balance;
    }

    /// Money that is set aside.
    struct Escrow {
        /// Its id.
        bytes32 id;
        /// Whose money it was, and to whom it is refunded.
        address payer;
        /// Who alone gives it out.
        address controller;
        /// How much is in it.
        uint256 held;
        /// How much was ever put in.
        uint256 paidIn;
        /// From when on its payer may take back what is left; zero: never.
        uint64 deadline;
        /// When it was opened, seconds since 1970.
        uint64 openedAt;
        /// In which block.
        uint64 openedIn;
    }

    /// A part of what an escrow gives out.
    struct Share {
        /// Who gets it.
        address to;
        /// How much.
        uint256 amount;
    }

    /// Money moved: from the zero address where it was issued, to it where it was redeemed, and
    /// from or to this contract where it leaves or enters an escrow.
    event Transfer(address indexed from, address indexed to, uint256 value);
    /// An owner lets a spender move so much in all, and no more.
    event Approval(address indexed owner, address indexed spender, uint256 value);
    /// A member proposes to issue money.
    event IssueProposed(
        uint64 indexed number,
        address indexed proposer,
        address indexed to,
        uint256 amount,
        string reason,
        uint64 expires
    );
    /// A member voted.
    event IssueVoted(uint64 indexed number, address indexed member, Vote vote);
    /// A proposal is decided.
    event IssueDecided(uint64 indexed number, IssueState state);
    /// A holder gave money back, which is gone. `mark` is the holder's own: what it was paid out
    /// by, say.
    event Redeemed(address indexed account, uint256 amount, bytes32 indexed mark);
    /// An escrow was opened.
    event Held(
        bytes32 indexed id,
        address indexed payer,
        address indexed controller,
        uint256 amount,
        uint64 deadline
    );
    /// More was put into an escrow.
    event Added(bytes32 indexed id, address indexed by, uint256 amount);
    /// An escrow gave money out.
    event Released(bytes32 indexed id, address indexed to, uint256 amount);
    /// An escrow gave money back to its payer.
    event Refunded(bytes32 indexed id, address indexed payer, address indexed by, uint256 amount);
    /// An escrow's payer leaves the money in longer.
    event Extended(bytes32 indexed id, uint64 deadline);

    /// The sender has less than is needed (EIP-6093, as all up to `ERC20InvalidSpender`).
    error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed);
    /// Nobody sends from here.
    error ERC20InvalidSender(address sender);
    /// Nobody can receive here: the zero address, or this contract.
    error ERC20InvalidReceiver(address receiver);
    /// The spender may move less than is needed.
    error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed);
    /// Nobody approves from here.
    error ERC20InvalidApprover(address approver);
    /// Nobody spends from here.
    error ERC20InvalidSpender(address spender);
    /// The permit's time ran out.
    error ERC2612ExpiredSignature(uint256 deadline);
    /// The permit is signed by another than its owner, was used already, is of another network,
    /// or is no signature at all (`signer` is zero then).
    error ERC2612InvalidSigner(address signer, address owner);
    /// An amount of zero moves nothing.
    error NoAmount();
    /// There would be more money than the ledger can count.
    error SupplyOverflow(uint256 supply, uint256 amount);
    /// The caller acts for no member.
    error NotMember(address caller);
    /// A reason has 1 to 128 bytes, no control, invisible or direction-changing characters, and
    /// neither starts nor ends with white space.
    error InvalidReason();
    /// There is no such proposal.
    error UnknownIssue(uint64 number);
    /// The proposal is decided, or its time ran out.
    error IssueIsOver(uint64 number, IssueState state);
    /// The member voted already.
    error AlreadyVoted(uint64 number, address member);
    /// Only its proposer may withdraw a proposal.
    error NotProposer(uint64 number, address caller);
    /// An escrow is controlled by somebody: neither the zero address nor this contract.
    error InvalidController(address controller);
    /// A deadline lies in the future; an extended one later than before.
    error UnfitDeadline(uint64 deadline, uint64 time);
    /// The opener has an escrow of this salt already.
    error EscrowExists(bytes32 id);
    /// There is no such escrow.
    error UnknownEscrow(bytes32 id);
    /// Only its controller gives out of an escrow.
    error NotController(bytes32 id, address caller);
    /// Only its controller refunds an escrow; its payer too, from the deadline on.
    error MayNotRefund(bytes32 id, address caller);
    /// Only its payer extends an escrow.
    error NotPayer(bytes32 id, address caller);
    /// The escrow holds less than is needed.
    error EscrowTooSmall(bytes32 id, uint256 held, uint256 needed);
    /// A split has 1 to `sharesMax` shares.
    error UnfitShares(uint256 sharesGiven, uint256 sharesMax);

    /// Moves the caller's money.
    function transfer(address to, uint256 value) external returns (bool done);
    /// Lets a spender move so much of the caller's money, in the place of what it was let before.
    /// The largest number there is stands for any amount and is not used up.
    function approve(address spender, uint256 value) external returns (bool done);
    /// Moves an owner's money, as far as the owner lets the caller. Emits no `Approval`.
    function transferFrom(address from, address to, uint256 value) external returns (bool done);
    /// What `approve` does, for an owner who signed it (EIP-712) instead of calling.
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    /// Gives the caller's own money back: it is gone, and the supply smaller. `mark` is the
    /// caller's own.
    function redeem(uint256 amount, bytes32 mark) external;

    /// Proposes to issue money, as a member, which is the first approval.
    function proposeIssue(address to, uint256 amount, string calldata reason)
        external returns (uint64 number);
    /// Approves a proposal, as a member. The approval that makes the quorum issues the money.
    function approveIssue(uint64 number) external returns (IssueState state);
    /// Votes against a proposal, as a member.
    function rejectIssue(uint64 number) external returns (IssueState state);
    /// Takes the caller's own proposal back.
    function withdrawIssue(uint64 number) external;

    /// Sets money of `payer` aside: the caller's own, or as much as `payer` lets the caller move.
    /// `controller` alone gives it out. From `deadline` on (zero: never) `payer` may take back
    /// alone what is left. Each opener has salts of its own.
    function hold(
        bytes32 salt,
        address payer,
        address controller,
        uint256 amount,
        uint64 deadline
    ) external returns (bytes32 id);
    /// Puts more of its payer's money into an escrow: the caller's own, or as much as the payer
    /// lets the caller move.
    function add(bytes32 id, uint256 amount) external;
    /// Gives out of an escrow, as its controller.
    function release(bytes32 id, address to, uint256 amount) external;
    /// Gives several shares out of an escrow, as its controller: all of them or none.
    function split(bytes32 id, Share[] calldata shares) external;
    /// Gives back to an escrow's payer, as its controller, or from the deadline on as its payer.
    function refund(bytes32 id, uint256 amount) external;
    /// Moves an escrow's deadline to a later time (zero: to never), as its payer.
    function extend(bytes32 id, uint64 deadline) external;

    /// The token's name.
    function name() external view returns (string memory text);
    /// The token's symbol.
    function symbol() external view returns (string memory text);
    /// Decimal places of one token.
    function decimals() external view returns (uint8 places);
    /// All the money there is.
    function totalSupply() external view returns (uint256 amount);
    /// What an account has. This contract's own balance is what all escrows hold.
    function balanceOf(address account) external view returns (uint256 amount);
    /// How much of an owner's money a spender may move.
    function allowance(address owner, address spender) external view returns (uint256 amount);
    /// The number that an owner's next permit has to carry.
    function nonces(address owner) external view returns (uint256 nonce);
    /// The EIP-712 domain separator of permits.
    function DOMAIN_SEPARATOR() external view returns (bytes32 separator);
    /// The EIP-712 domain of permits (EIP-5267).
    function eip712Domain()
        external view returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );
    /// Up to `max` accounts (100 at most) that ever had money, from number `from` on, in the order
    /// in which they first had, and how many there are.
    function holders(uint64 from, uint64 max)
        external view returns (Holder[] memory page, uint64 total);
    /// How many approvals a proposal needs: more than two thirds of the members.
    function issueQuorum() external view returns (uint32 approvals);
    /// A proposal to issue.
    function issue(uint64 number) external view returns (Issue memory entry);
    /// Up to `max` proposals (100 at most) from number `from` on, oldest first, and how many there
    /// are.
    function issues(uint64 from, uint64 max)
        external view returns (Issue[] memory page, uint64 total);
    /// How a member's account voted on a proposal.
    function voteOf(uint64 number, address member) external view returns (Vote vote);
    /// The id of the escrow that `opener` opens with `salt`.
    function escrowId(address opener, bytes32 salt) external view returns (bytes32 id);
    /// An escrow.
    function escrow(bytes32 id) external view returns (Escrow memory entry);
    /// Up to `max` escrows (100 at most) from number `from` on, oldest first, and how many there
    /// are.
    function escrows(uint64 from, uint64 max)
        external view returns (Escrow[] memory page, uint64 total);
    /// The same of one payer.
    function escrowsPaidBy(address payer, uint64 from, uint64 max)
        external view returns (Escrow[] memory page, uint64 total);
    /// The same of one controller.
    function escrowsControlledBy(address controller, uint64 from, uint64 max)
        external view returns (Escrow[] memory page, uint64 total);
}
