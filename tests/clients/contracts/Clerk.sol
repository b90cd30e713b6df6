// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What this contract needs of the system module `records`; the tests compare it with the module's ABI.
interface IRecords {
    struct Registration {
        bytes32 salt;
        bytes32 contentHash;
        uint64 length;
        string kind;
        bytes32 sealedKeyHash;
        address policy;
        address custodian;
    }

    error MissingContentHash();

    function register(Registration calldata registration) external returns (bytes32 id);

    function recordsOf(address owner, uint64 from, uint64 max)
        external
        view
        returns (bytes32[] memory page, uint64 total);
}

/// A contract that works with the system module `records`.
contract Clerk {
    error SecondThoughts(bytes32 id);

    event Filed(bytes32 indexed id);
    event Dropped(bytes reason);

    IRecords constant RECORDS = IRecords(0xC000000000000000000000000000000000000004);

    /// Registers content as this contract's.
    function file(bytes32 contentHash) public returns (bytes32 id) {
        id = RECORDS.register(
            IRecords.Registration(0, contentHash, 1024, "text/plain", 0, address(0), address(0))
        );
        emit Filed(id);
    }

    /// Registers content and then fails: nothing of it may stay.
    function fileAndFail(bytes32 contentHash) external {
        revert SecondThoughts(file(contentHash));
    }

    /// Calls the above and survives it: this event stays, and nothing else.
    function fileAndForget(bytes32 contentHash) external {
        try this.fileAndFail(contentHash) {
            assert(false);
        } catch (bytes memory reason) {
            emit Dropped(reason);
        }
    }

    /// How many records this contract has.
    function count() external view returns (uint64 total) {
        (, total) = RECORDS.recordsOf(address(this), 0, 1);
    }

    /// The module runs in its own storage or not at all.
    function borrow() external returns (bool done) {
        (done,) = address(RECORDS).delegatecall(
            abi.encodeCall(
                IRecords.register,
                IRecords.Registration(0, bytes32(uint256(1)), 1, "text/plain", 0, address(0), address(0))
            )
        );
    }
}
