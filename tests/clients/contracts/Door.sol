// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a policy needs of the system module `records`.
interface ISealedRecords {
    function grant(
        bytes32 id,
        address grantee,
        uint64 notBefore,
        uint64 until,
        uint32 uses,
        bytes32 headerHash
    ) external;

    function requestOpeningFor(bytes32 id, address reader, bytes32 purpose, bytes32 readerKey)
        external
        returns (uint64 number, uint8 access);
}

/// A policy: it decides in the owner's place who opens records that name it. Whoever its keeper has let
/// in may open each of them once a request, for the purposes that it knows; all others are refused, and
/// that stands on the ledger too.
contract Door {
    ISealedRecords constant RECORDS = ISealedRecords(0xC000000000000000000000000000000000000004);

    address public immutable keeper = msg.sender;
    mapping(address => bool) public isIn;
    mapping(bytes32 => bool) public isPurpose;

    error NotKeeper();

    function letIn(address who, bytes32 purpose) external {
        if (msg.sender != keeper) revert NotKeeper();
        isIn[who] = true;
        isPurpose[purpose] = true;
    }

    /// As `records` has it: readers need not know that a contract answers.
    function requestOpening(bytes32 id, bytes32 purpose, bytes32 readerKey)
        external
        returns (uint64 number, uint8 access)
    {
        if (isIn[msg.sender] && isPurpose[purpose]) {
            RECORDS.grant(id, msg.sender, 0, 0, 1, 0);
        }
        return RECORDS.requestOpeningFor(id, msg.sender, purpose, readerKey);
    }
}
