// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// The consortium: which organisations run the network.
interface IMembers {
    /// A member.
    struct Member {
        /// Its number, from zero, in the order of admission.
        uint64 number;
        /// The organisation's name.
        string name;
        /// Its node's ed25519 identity key.
        bytes32 publicKey;
        /// Where its node listens for other members, `host:port`.
        string endpoint;
        /// The account that acts for it on the ledger.
        address account;
        /// When it became a member, seconds since 1970.
        uint64 since;
    }

    /// No member has this node key.
    error UnknownKey(bytes32 publicKey);
    /// This account acts for no member.
    error UnknownAccount(address account);

    /// How many members there are.
    function memberCount() external view returns (uint64 count);
    /// Up to `max` members (100 at most) from number `from` on, and how many there are.
    function members(uint64 from, uint64 max)
        external view returns (Member[] memory page, uint64 total);
    /// The member whose node has this identity key.
    function memberByKey(bytes32 publicKey) external view returns (Member memory member);
    /// The member that this account acts for.
    function memberByAccount(address account) external view returns (Member memory member);
    /// Whether this account acts for a member.
    function isMember(address account) external view returns (bool answer);
}
