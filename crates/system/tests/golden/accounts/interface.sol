// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Names and encryption keys of people and organisations.
interface IAccounts {
    /// A registered account.
    struct Account {
        /// Its display name; not unique.
        string name;
        /// Its handle, unique; empty where it has none.
        string handle;
        /// Its X25519 key; zero where it has none.
        bytes32 encryptionKey;
        /// The key's version: the first is 1; zero where there is no key.
        uint64 keyVersion;
        /// When it was registered, seconds since 1970.
        uint64 registeredAt;
        /// When its name or key last changed.
        uint64 updatedAt;
    }

    /// One version of an account's encryption key.
    struct KeyVersion {
        /// The X25519 key.
        bytes32 key;
        /// When it became the account's key, seconds since 1970.
        uint64 since;
    }

    /// An account was registered.
    event Registered(address indexed account, string name);
    /// An account has a new display name.
    event Renamed(address indexed account, string name);
    /// An account has a new encryption key.
    event EncryptionKeyRotated(address indexed account, uint64 indexed version, bytes32 key);
    /// An account has claimed a handle.
    event HandleClaimed(address indexed account, string handle);
    /// An account has released its handle.
    event HandleReleased(address indexed account, string handle);

    /// The account is registered already.
    error AlreadyRegistered(address account);
    /// The account is not registered.
    error NotRegistered(address account);
    /// A display name is not empty, has no control, invisible or direction-changing characters,
    /// and neither starts nor ends with white space.
    error InvalidName();
    /// No secret can be agreed with this key: it is a point of small order.
    error WeakKey(bytes32 key);
    /// This is the account's key already.
    error KeyUnchanged(bytes32 key);
    /// The account has no such version of its key.
    error UnknownKeyVersion(address account, uint64 version);
    /// A handle has 3 to 32 characters of `a-z 0-9 - .`, starts and ends with a letter or digit,
    /// and has no two of `- .` in a row.
    error InvalidHandle(string handle);
    /// Another account has this handle.
    error HandleTaken(string handle, address holder);
    /// The account has a handle already; it must be released first.
    error HandleHeld(string handle);
    /// The account has no handle.
    error NoHandle(address account);

    /// Registers the caller with a display name of up to 64 bytes and an X25519 key (zero: none
    /// yet).
    function register(string calldata name, bytes32 encryptionKey) external;
    /// Changes the caller's display name.
    function rename(string calldata name) external;
    /// Gives the caller a new X25519 key; old versions stay readable.
    function rotateEncryptionKey(bytes32 key) external returns (uint64 version);
    /// Claims a unique handle for the caller.
    function claimHandle(string calldata handle) external;
    /// Releases the caller's handle; anybody may claim it then.
    function releaseHandle() external;

    /// Whether an account is registered.
    function isRegistered(address account) external view returns (bool answer);
    /// An account's entry.
    function account(address account) external view returns (Account memory entry);
    /// Up to `max` registered accounts (100 at most) from number `from` on, in the order of
    /// registration, and how many there are.
    function accounts(uint64 from, uint64 max)
        external view returns (address[] memory page, uint64 total);
    /// An account's current X25519 key and its version; zeros where it has none.
    function encryptionKey(address account) external view returns (bytes32 key, uint64 version);
    /// One version of an account's X25519 key.
    function encryptionKeyAt(address account, uint64 version)
        external view returns (KeyVersion memory entry);
    /// Up to `max` versions (100 at most) of an account's key from number `from` on (version 1 is
    /// number 0), and how many there are.
    function encryptionKeys(address account, uint64 from, uint64 max)
        external view returns (KeyVersion[] memory page, uint64 total);
    /// The account that has this handle; zero where nobody has.
    function resolve(string calldata handle) external view returns (address account);
}
