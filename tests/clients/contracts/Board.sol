// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// An ordinary contract: storage, events, and each way to fail.
contract Board {
    error Refused(address who, uint256 line);

    event Written(address indexed author, uint256 indexed line, string text);

    address public immutable founder;
    uint256 public lines;
    mapping(uint256 line => string) public text;

    constructor() {
        founder = msg.sender;
    }

    function write(string calldata what) external returns (uint256 line) {
        require(bytes(what).length != 0, "nothing to write");
        line = ++lines;
        text[line] = what;
        emit Written(msg.sender, line, what);
    }

    function erase(uint256 line) external {
        if (line == 0 || line > lines) revert Refused(msg.sender, line);
        delete text[line];
    }

    function divide(uint256 a, uint256 b) external pure returns (uint256) {
        return a / b;
    }

    function whoAmI() external view returns (address) {
        return msg.sender;
    }
}
