// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What this contract needs of the system module `token`.
interface IToken {
    function transfer(address to, uint256 value) external returns (bool done);
    function transferFrom(address from, address to, uint256 value) external returns (bool done);
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    function balanceOf(address account) external view returns (uint256 amount);
    function hold(bytes32 salt, address payer, address controller, uint256 amount, uint64 deadline)
        external
        returns (bytes32 id);
    function release(bytes32 id, address to, uint256 amount) external;
    function refund(bytes32 id, uint256 amount) external;
}

/// A contract that sets other people's money aside and gives it out.
contract Till {
    error SecondThoughts(bytes32 id);

    event Dropped(bytes reason);

    IToken constant TOKEN = IToken(0xc000000000000000000000000000000000000005);

    /// Sets the caller's money aside, as far as the caller lets this contract.
    function deposit(bytes32 salt, uint256 amount) public returns (bytes32 id) {
        return TOKEN.hold(salt, msg.sender, address(this), amount, 0);
    }

    /// The same with the caller's leave in the same transaction.
    function depositWithPermit(
        bytes32 salt,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (bytes32 id) {
        TOKEN.permit(msg.sender, address(this), amount, deadline, v, r, s);
        return deposit(salt, amount);
    }

    /// Gives out in two steps: a part to `to`, the rest back.
    function settle(bytes32 id, address to, uint256 part, uint256 rest) public {
        TOKEN.release(id, to, part);
        TOKEN.refund(id, rest);
    }

    /// Gives out and then fails: nothing of it may stay.
    function settleAndFail(bytes32 id, address to, uint256 part, uint256 rest) external {
        settle(id, to, part, rest);
        revert SecondThoughts(id);
    }

    /// Calls the above and survives it: this event stays, and nothing else.
    function settleAndForget(bytes32 id, address to, uint256 part, uint256 rest) external {
        try this.settleAndFail(id, to, part, rest) {
            assert(false);
        } catch (bytes memory reason) {
            emit Dropped(reason);
        }
    }

    /// Takes money from the caller, sets it aside and gives it out, all in one call.
    function atOnce(bytes32 salt, address to, uint256 part, uint256 rest) external {
        settle(deposit(salt, part + rest), to, part, rest);
    }

    /// Moves the caller's money through this contract.
    function pass(address to, uint256 amount) external {
        require(TOKEN.transferFrom(msg.sender, address(this), amount), "not taken");
        require(TOKEN.balanceOf(address(this)) >= amount, "not here");
        require(TOKEN.transfer(to, amount), "not given");
    }

    /// The module runs in its own storage or not at all.
    function borrow() external returns (bool done) {
        (done,) = address(TOKEN).delegatecall(abi.encodeCall(IToken.transfer, (msg.sender, 0)));
    }

    /// Nothing moves in a static call.
    function peek() external view returns (bool done) {
        (done,) = address(TOKEN).staticcall(abi.encodeCall(IToken.transfer, (msg.sender, 0)));
    }
}
