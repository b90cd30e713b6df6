// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// Measuring devices, the streams of their readings, and who may open which days of a stream.
interface IDevices {
    /// What stands against a device, or does not.
    enum Standing {
        /// It is not enrolled, or was not yet.
        Unknown,
        /// Nothing.
        Good,
        /// It was revoked.
        Revoked,
        /// Its calibration is over.
        PastCalibration
    }

    /// An enrolled device.
    struct Device {
        /// Its id: `sha256("commonhold/device/v1" ‖ algorithm ‖ key)`.
        bytes32 id;
        /// Whose it is.
        address owner;
        /// How it signs: 1 Ed25519, 2 P-256, 3 secp256k1; 0: it cannot, its gateway does.
        uint8 algorithm;
        /// Its public key: 32 bytes, or 33, compressed. Of a source that cannot sign: the gateway's
        /// device id, and the source's name.
        bytes key;
        /// The device that signs for it; zero where it signs itself.
        bytes32 gateway;
        /// What it is called at its gateway; empty where it signs itself.
        string name;
        /// What it is.
        string model;
        /// When it was enrolled, seconds since 1970.
        uint64 enrolledAt;
        /// Until just before when its calibration holds, seconds since 1970; zero: not stated.
        uint64 calibratedUntil;
        /// The hash of the certificate of its last calibration; zero: none.
        bytes32 certificate;
        /// The stream that its readings go to; zero: none.
        bytes32 stream;
        /// When it was revoked; zero: it was not.
        uint64 revokedAt;
        /// Why, as who revoked it says.
        bytes32 reason;
        /// Who may take it over; zero: nobody.
        address successor;
    }

    /// A stream of readings.
    struct Stream {
        /// Its id: `keccak256(abi.encode("stream", chainid, owner, name))`.
        bytes32 id;
        /// Whose it is.
        address owner;
        /// The account that anchors for it; zero: nobody does.
        address gateway;
        /// What its owner calls it.
        string name;
        /// When it was opened, seconds since 1970.
        uint64 openedAt;
        /// When it was closed; zero: it is open.
        uint64 closedAt;
        /// How many batches are anchored.
        uint64 anchors;
    }

    /// Somebody's right to open days of a stream.
    struct Share {
        /// Who may.
        address grantee;
        /// When it was given, seconds since 1970.
        uint64 givenAt;
        /// The first day, in days since 1970.
        uint32 fromDay;
        /// The day after the last one; zero: for ever.
        uint32 untilDay;
        /// When it was taken back; zero: it was not.
        uint64 revokedAt;
    }

    /// Readings of one stream and one day (UTC) that are to be anchored.
    struct Batch {
        /// The stream.
        bytes32 stream;
        /// The day of all its readings, in days since 1970.
        uint32 day;
        /// The root of the hash tree over them.
        bytes32 root;
        /// How many there are.
        uint32 count;
        /// The time of the earliest, milliseconds since 1970.
        uint64 from;
        /// The time of the latest.
        uint64 to;
        /// BLAKE3 of the encrypted batch.
        bytes32 contentHash;
        /// Bytes of the encrypted batch.
        uint64 contentLength;
        /// keccak-256 of the day's data key as it is sealed to the network: the same for all
        /// batches of the stream and day.
        bytes32 sealedKeyHash;
        /// Makes the record's id distinct.
        bytes32 salt;
        /// The member that keeps the content, by its account; zero: not stated.
        address custodian;
    }

    /// An anchored batch.
    struct Anchor {
        /// Its number in its stream, from 0.
        uint64 number;
        /// The stream.
        bytes32 stream;
        /// The day, in days since 1970.
        uint32 day;
        /// The record of the encrypted batch.
        bytes32 record;
        /// The root of the hash tree over its readings.
        bytes32 root;
        /// How many there are.
        uint32 count;
        /// The time of the earliest, milliseconds since 1970.
        uint64 from;
        /// The time of the latest.
        uint64 to;
        /// When it was anchored, seconds since 1970.
        uint64 time;
        /// In which block.
        uint64 blockNumber;
    }

    /// What a signed reading says, and what stands against it.
    struct Reading {
        /// Whose it is: the device, or the source where a gateway signed for one.
        bytes32 subject;
        /// Who signed it.
        bytes32 signer;
        /// Its counter.
        uint64 counter;
        /// When it was taken, by the device's clock, milliseconds since 1970.
        uint64 time;
        /// keccak-256 of the whole.
        bytes32 digest;
        /// What stands against the subject.
        Standing subjectStanding;
        /// What stands against the signer.
        Standing signerStanding;
    }

    /// A device was enrolled.
    event Enrolled(
        bytes32 indexed device,
        address indexed owner,
        uint8 algorithm,
        bytes key,
        string model,
        uint64 calibratedUntil
    );
    /// A device was calibrated.
    event Calibrated(bytes32 indexed device, address indexed by, uint64 until, bytes32 certificate);
    /// A device was offered to somebody; zero: to nobody any more.
    event TransferOffered(bytes32 indexed device, address indexed owner, address indexed successor);
    /// A device is somebody else's.
    event Transferred(bytes32 indexed device, address indexed from, address indexed to);
    /// A device was revoked: what it signs from now on is worth nothing.
    event Revoked(bytes32 indexed device, address indexed by, bytes32 reason);
    /// A device's readings go to a stream; zero: to none.
    event Assigned(bytes32 indexed device, bytes32 indexed stream);
    /// A stream was opened.
    event StreamOpened(
        bytes32 indexed stream,
        address indexed owner,
        address indexed gateway,
        string name
    );
    /// A stream has another gateway.
    event GatewaySet(bytes32 indexed stream, address indexed gateway);
    /// A stream was closed.
    event StreamClosed(bytes32 indexed stream);
    /// Somebody may open days of a stream.
    event Shared(
        bytes32 indexed stream,
        address indexed grantee,
        uint32 fromDay,
        uint32 untilDay
    );
    /// Somebody may no longer open anything of a stream.
    event Unshared(bytes32 indexed stream, address indexed grantee);
    /// A batch was anchored.
    event Anchored(
        bytes32 indexed stream,
        bytes32 indexed record,
        bytes32 indexed root,
        uint64 number,
        uint32 day,
        uint32 count,
        uint64 from,
        uint64 to
    );

    /// This device is enrolled already, or was once and is revoked.
    error AlreadyEnrolled(bytes32 device);
    /// There is no such device.
    error UnknownDevice(bytes32 device);
    /// Not a public key of that algorithm. Sources that cannot sign are enrolled by `enrolSource`.
    error UnfitKey(uint8 algorithm);
    /// The proof is not this device's signature of its enrolment by the caller.
    error FalseProof(bytes32 device);
    /// A name or model is not empty, has no control, invisible or direction-changing characters,
    /// and neither starts nor ends with white space.
    error UnfitName();
    /// Only the device's owner may do this.
    error NotOwner(bytes32 device, address caller);
    /// Only the device's owner or a member may do this.
    error NotOwnerOrMember(bytes32 device, address caller);
    /// Only the device's owner, a member, or who has the role `calibrator` or `meter-operator` may do
    /// this.
    error NotCalibrator(bytes32 device, address caller);
    /// The device was not offered to the caller.
    error NotSuccessor(bytes32 device, address caller);
    /// The device was revoked.
    error DeviceRevoked(bytes32 device, uint64 revokedAt);
    /// A device that cannot sign is nobody's gateway.
    error NotAGateway(bytes32 device);
    /// The caller has a stream of this name.
    error StreamExists(bytes32 stream);
    /// There is no such stream.
    error UnknownStream(bytes32 stream);
    /// Only the stream's owner may do this.
    error NotStreamOwner(bytes32 stream, address caller);
    /// The stream was closed.
    error ClosedStream(bytes32 stream, uint64 closedAt);
    /// Nobody can be let in at the zero address.
    error NoGrantee();
    /// The owner needs no share.
    error GranteeIsOwner(bytes32 stream);
    /// The share would end before it begins.
    error EmptyWindow(uint32 fromDay, uint32 untilDay);
    /// Exactly this share stands already.
    error AlreadyShared(bytes32 stream, address grantee);
    /// There is no share of theirs.
    error NoSuchShare(bytes32 stream, address grantee);
    /// Their share was taken back already.
    error AlreadyUnshared(bytes32 stream, address grantee, uint64 revokedAt);
    /// One call anchors 1 to `max` batches.
    error UnfitBatchCount(uint256 given, uint256 max);
    /// Only the stream's gateway anchors.
    error NotGateway(bytes32 stream, address caller, address gateway);
    /// A batch has 1 to `max` readings.
    error UnfitReadingCount(bytes32 stream, uint32 count, uint32 max);
    /// The root of a batch is zero.
    error MissingRoot(bytes32 stream);
    /// The batch's times are not in order, or not all of its day.
    error WrongDay(bytes32 stream, uint32 day, uint64 from, uint64 to);
    /// The batch's readings are of a time too far ahead of the block's (seconds since 1970).
    error InFuture(bytes32 stream, uint64 to, uint64 time);
    /// A batch of this root is anchored in this stream already.
    error AlreadyAnchored(bytes32 stream, bytes32 root, uint64 number);
    /// The batch names another sealed key than the others of its day, or none.
    error WrongSealedKey(bytes32 stream, uint32 day, bytes32 expected);
    /// The record is of no batch.
    error NoAnchor(bytes32 record);
    /// Not a signed reading in its one form.
    error MalformedReading();
    /// The reading is not signed by the device that it names.
    error FalseReading(bytes32 signer);

    // What `records` says where a batch or a request is put to it.

    /// There is no such record.
    error UnknownRecord(bytes32 id);
    /// The record is of no stream.
    error NotPolicy(bytes32 id, address caller, address policy);
    /// Not a key that anything can be sealed to.
    error UnfitReaderKey(bytes32 readerKey);
    /// A record of this owner, content and salt is registered already.
    error AlreadyRegistered(bytes32 id);
    /// The hash of the content is zero.
    error MissingContentHash();
    /// The custodian is not a member's account.
    error UnknownCustodian(address custodian);
    /// The content or sealed key of this hash was erased and cannot be registered again.
    error NameErased(bytes32 name);

    /// Enrols a device of the caller's. `proof`: its signature, 64 bytes, of
    /// `sha256("commonhold/enrolment/v1" ‖ chain id u64 ‖ this address ‖ caller ‖ key)`.
    function enrol(
        uint8 algorithm,
        bytes calldata key,
        string calldata model,
        uint64 calibratedUntil,
        bytes calldata proof
    ) external returns (bytes32 device);
    /// Enrols a source that cannot sign, at a gateway's device of the caller's. Its owner gets it by
    /// `transfer`.
    function enrolSource(
        bytes32 gateway,
        string calldata name,
        string calldata model,
        uint64 calibratedUntil
    ) external returns (bytes32 device);
    /// Notes a device's calibration, until just before `until` (zero: not stated). The owner, members,
    /// and who has the role `calibrator` or `meter-operator` may.
    function calibrate(bytes32 device, uint64 until, bytes32 certificate) external;
    /// Offers a device to somebody; zero takes the offer back.
    function transfer(bytes32 device, address to) external;
    /// Takes over a device that was offered to the caller. It leaves its stream.
    function acceptDevice(bytes32 device) external;
    /// Revokes a device, from the next transaction on and for ever. The owner and members may.
    function revoke(bytes32 device, bytes32 reason) external;
    /// Has a device's readings go to a stream of the same owner; zero: to none.
    function assign(bytes32 device, bytes32 stream) external;

    /// Opens a stream of the caller's, for which the account `gateway` anchors.
    function openStream(string calldata name, address gateway) external returns (bytes32 stream);
    /// Has another account anchor for a stream.
    function setGateway(bytes32 stream, address gateway) external;
    /// Closes a stream: nothing is anchored any more.
    function closeStream(bytes32 stream) external;
    /// Lets `grantee` open the days of a stream from `fromDay` until just before `untilDay` (zero:
    /// for ever), in days since 1970. Replaces an earlier share of theirs.
    function share(bytes32 stream, address grantee, uint32 fromDay, uint32 untilDay) external;
    /// Takes a share back, for all days, from the next transaction on.
    function unshare(bytes32 stream, address grantee) external;
    /// Anchors batches: registers a record of each, the stream's owner's, sealed to the stream's day.
    function anchor(Batch[] calldata batches) external returns (bytes32[] memory records);

    /// Asks for a record of a stream to be opened to the caller at `readerKey`: `records` decides and
    /// writes it down. Gives the request's number and the decision, as `IRecords.Access`.
    function requestOpening(bytes32 id, bytes32 purpose, bytes32 readerKey)
        external returns (uint64 number, uint8 access);

    /// The id of a device with this key, enrolled or not.
    function idOf(uint8 algorithm, bytes calldata key) external view returns (bytes32 device);
    /// A device.
    function device(bytes32 id) external view returns (Device memory entry);
    /// Up to `max` ids (100 at most) from number `from` on, in the order of enrolment, and how many
    /// there are.
    function devices(uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// The same of the devices that were ever somebody's.
    function devicesOf(address owner, uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// The same of the devices that were ever assigned to a stream.
    function devicesIn(bytes32 stream, uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// What stands against a device at time `at` (zero: now), in seconds since 1970.
    function standing(bytes32 device, uint64 at) external view returns (Standing answer);
    /// Reads and verifies a signed reading of an enrolled device, as things stand now.
    function checkReading(bytes calldata reading) external view returns (Reading memory found);

    /// The id of a stream of this owner and name, opened or not.
    function streamId(address owner, string calldata name) external view returns (bytes32 stream);
    /// A stream.
    function stream(bytes32 id) external view returns (Stream memory entry);
    /// Up to `max` streams (100 at most) from number `from` on, in the order of opening, and how many
    /// there are.
    function streams(uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// Up to `max` of somebody's streams (100 at most) from number `from` on, and how many there are.
    function streamsOf(address owner, uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// The same of the streams that an account was ever the gateway of.
    function streamsAt(address gateway, uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// The same of the streams that somebody ever had a share of.
    function streamsSharedWith(address grantee, uint64 from, uint64 max)
        external view returns (bytes32[] memory page, uint64 total);
    /// Somebody's share of a stream.
    function shareOf(bytes32 stream, address grantee) external view returns (Share memory entry);
    /// Up to `max` shares (100 at most) of a stream from number `from` on, and how many there are.
    function shares(bytes32 stream, uint64 from, uint64 max)
        external view returns (Share[] memory page, uint64 total);
    /// Up to `max` anchors (100 at most) of a stream from number `from` on, and how many there are.
    function anchors(bytes32 stream, uint64 from, uint64 max)
        external view returns (Anchor[] memory page, uint64 total);
    /// The same of one day, by their places on that day.
    function anchorsOfDay(bytes32 stream, uint32 day, uint64 from, uint64 max)
        external view returns (Anchor[] memory page, uint64 total);
    /// keccak-256 of the sealed key of a stream's day; zero where nothing is anchored of it.
    function sealedKeyOfDay(bytes32 stream, uint32 day) external view returns (bytes32 sealedKeyHash);
    /// The anchor that a record is of.
    function anchorOf(bytes32 record) external view returns (Anchor memory entry);
}
