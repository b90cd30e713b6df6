//! The Solidity interface of `records`.

#![allow(
    clippy::too_many_arguments,
    reason = "sol! makes a function of an event's fields"
)]

use alloy_sol_types::sol;

sol! {
    #![sol(abi, all_derives)]

    /// Registered content, and who may open it.
    interface IRecords {
        /// What is to be registered.
        struct Registration {
            /// Makes the id unguessable where the content can be guessed, and distinct where the
            /// owner registers the same content twice.
            bytes32 salt;
            /// BLAKE3 of the encrypted content.
            bytes32 contentHash;
            /// Bytes of the encrypted content.
            uint64 length;
            /// What it is: up to 64 of `a-z 0-9 . + - _ /`, such as `application/fhir+json`.
            string kind;
            /// keccak-256 of the data key as it is sealed to the network; zero for none.
            bytes32 sealedKeyHash;
            /// The contract that manages the access list; zero: the owner does.
            address policy;
            /// The member that keeps the content, by its account; zero: not stated.
            address custodian;
        }

        /// A registered record.
        struct Record {
            /// Its id.
            bytes32 id;
            /// Who registered it.
            address owner;
            /// When, seconds since 1970.
            uint64 registeredAt;
            /// In which block.
            uint64 registeredIn;
            /// BLAKE3 of the encrypted content.
            bytes32 contentHash;
            /// Bytes of the encrypted content.
            uint64 length;
            /// What it is.
            string kind;
            /// keccak-256 of the data key as it is sealed to the network; zero for none.
            bytes32 sealedKeyHash;
            /// The contract that manages the access list; zero: the owner does.
            address policy;
            /// The member that keeps the content, by its account; zero: not stated.
            address custodian;
            /// The record that this one replaces; zero for none.
            bytes32 supersedes;
            /// The record that replaces this one; zero for none.
            bytes32 supersededBy;
            /// When it opens for everyone, seconds since 1970; zero: it opens by request.
            uint64 opensAt;
            /// The stream to a day of which its data key is sealed; zero: to the record itself.
            bytes32 stream;
            /// That day, in days since 1970.
            uint32 day;
        }

        /// An entry of a record's access list.
        struct Grant {
            /// Who may open the record.
            address grantee;
            /// When the entry was made, seconds since 1970.
            uint64 givenAt;
            /// From when on it holds.
            uint64 notBefore;
            /// Until just before when it holds; zero: for ever.
            uint64 until;
            /// How many openings it is good for; zero: as many as they like.
            uint32 uses;
            /// How many of them were permitted.
            uint32 used;
            /// When it was revoked; zero: it was not.
            uint64 revokedAt;
            /// keccak-256 of the header packet that was made for the grantee; zero for none.
            bytes32 headerHash;
        }

        /// What a log entry tells of.
        enum Action {
            /// Somebody was let in: the subject; the detail is the header packet's hash.
            Granted,
            /// Somebody's entry was revoked: the subject.
            Revoked,
            /// The record was superseded; the detail is the new record's id.
            Superseded,
            /// The actor declared an opening; the detail is the purpose.
            Opened,
            /// The subject's request to open was permitted; the detail is the request's number.
            Permitted,
            /// The subject's request to open was refused; the detail is the request's number.
            Refused,
            /// The record was erased; the detail is the content's hash where that went with it.
            Erased
        }

        /// An entry of a record's log.
        struct LogEntry {
            /// What happened.
            Action action;
            /// Who did it.
            address actor;
            /// To whom; zero where it does not apply.
            address subject;
            /// When, seconds since 1970.
            uint64 time;
            /// In which block.
            uint64 blockNumber;
            /// What the action says of it.
            bytes32 detail;
        }

        /// Whether somebody may open a record, and why or why not.
        enum Access {
            /// No: there is no such record.
            UnknownRecord,
            /// No: there never was an entry.
            NoGrant,
            /// No: the entry does not hold yet.
            NotYet,
            /// No: the entry no longer holds.
            Expired,
            /// No: the entry was revoked.
            Revoked,
            /// Yes: the entry holds.
            Granted,
            /// Yes: it is the owner.
            Owner,
            /// No: the entry is good for no further opening.
            UsedUp,
            /// No: the record's data key is not sealed to the network, or to a time.
            NotSealed,
            /// Yes: its time has come, and it is open to everyone.
            Open,
            /// No, and nobody ever again: the record was erased, or its content was.
            Erased
        }

        /// A request to open a record's sealed key, and what became of it.
        struct Opening {
            /// Its number, from 0.
            uint64 number;
            /// The record.
            bytes32 id;
            /// Who is to read.
            address reader;
            /// Who asked: the reader, or the record's policy for them.
            address by;
            /// When, seconds since 1970.
            uint64 time;
            /// In which block.
            uint64 blockNumber;
            /// What for, as the reader says.
            bytes32 purpose;
            /// The X25519 key that members are to answer to.
            bytes32 readerKey;
            /// What the access list said: whether it was permitted, and why or why not.
            Access access;
        }

        /// A record that its owner had erased.
        struct Erasure {
            /// The record.
            bytes32 id;
            /// When, seconds since 1970.
            uint64 time;
            /// In which block.
            uint64 blockNumber;
            /// The content that went with it, with all packets and sealed keys; zero where somebody
            /// else registered that content first.
            bytes32 contentHash;
            /// BLAKE3 of the record's content, whether it went or not.
            bytes32 bodyHash;
            /// The sealed key that went with it; zero where there was none of the owner's.
            bytes32 sealedKeyHash;
        }

        /// A record was registered.
        event Registered(
            bytes32 indexed id,
            address indexed owner,
            bytes32 indexed contentHash,
            uint64 length,
            string kind,
            bytes32 sealedKeyHash,
            address policy,
            address custodian
        );
        /// A record opens for everyone at a time: seconds since 1970.
        event OpensAt(bytes32 indexed id, uint64 opensAt);
        /// A record's data key is that of a stream's day (days since 1970): who opens it opens the day.
        event InStream(bytes32 indexed id, bytes32 indexed stream, uint32 indexed day);
        /// A record was superseded by another of the same owner.
        event Superseded(bytes32 indexed oldId, bytes32 indexed newId, address indexed owner);
        /// Somebody was let in.
        event Granted(
            bytes32 indexed id,
            address indexed grantee,
            address indexed by,
            uint64 notBefore,
            uint64 until,
            uint32 uses,
            bytes32 headerHash
        );
        /// Somebody's entry was revoked.
        event Revoked(bytes32 indexed id, address indexed grantee, address indexed by);
        /// Somebody declared that they opened the record.
        event Opened(bytes32 indexed id, address indexed who, bytes32 indexed purpose);
        /// Somebody asked for a record's sealed key to be opened to `readerKey`.
        event OpeningRequested(
            uint64 indexed number,
            bytes32 indexed id,
            address indexed reader,
            bytes32 purpose,
            bytes32 readerKey,
            Access access
        );

        /// A record was erased by its owner; `content` says whether its content went with it, and
        /// `sealedKeyHash` which sealed key did.
        event Erased(
            bytes32 indexed id,
            address indexed owner,
            bytes32 indexed contentHash,
            bool content,
            bytes32 sealedKeyHash
        );

        /// A record of this owner, content and salt is registered already.
        error AlreadyRegistered(bytes32 id);
        /// There is no such record.
        error UnknownRecord(bytes32 id);
        /// Only the record's owner may do this.
        error NotOwner(bytes32 id, address caller);
        /// Only the record's manager (its owner, or its policy) may do this.
        error NotManager(bytes32 id, address caller, address manager);
        /// The hash of the content is zero.
        error MissingContentHash();
        /// A kind has 1 to 64 of `a-z 0-9 . + - _ /` and starts and ends with a letter or digit.
        error InvalidKind(string kind);
        /// The custodian is not a member's account.
        error UnknownCustodian(address custodian);
        /// The record was superseded already.
        error AlreadySuperseded(bytes32 id, bytes32 by);
        /// A record of a stream is not superseded: its readings are anchored.
        error PartOfStream(bytes32 id, bytes32 stream);
        /// Nobody can be let in at the zero address.
        error NoGrantee();
        /// The owner needs no entry.
        error GranteeIsOwner(bytes32 id);
        /// The entry would end before it begins.
        error EmptyWindow(uint64 notBefore, uint64 until);
        /// The entry would be over already.
        error WindowIsPast(uint64 until, uint64 time);
        /// Exactly this entry holds already.
        error AlreadyGranted(bytes32 id, address grantee);
        /// There is no entry for them.
        error NoSuchGrant(bytes32 id, address grantee);
        /// Their entry was revoked already.
        error AlreadyRevoked(bytes32 id, address grantee, uint64 revokedAt);
        /// What opens at a time must have a sealed key, and its time must be to come.
        error UnfitOpeningTime(uint64 opensAt, uint64 time);
        /// The caller may not open the record.
        error MayNotOpen(bytes32 id, address caller, Access access);
        /// Only the record's policy may ask for others.
        error NotPolicy(bytes32 id, address caller, address policy);
        /// Not a key that anything can be sealed to.
        error UnfitReaderKey(bytes32 readerKey);
        /// There is no such request.
        error UnknownOpening(uint64 number);
        /// The record was erased already.
        error AlreadyErased(bytes32 id);
        /// The record was erased: nobody can be let in any more.
        error RecordErased(bytes32 id);
        /// The content or sealed key of this hash was erased and cannot be registered again.
        error NameErased(bytes32 name);

        /// Registers content as the caller's. Its id is
        /// `keccak256(abi.encode("rec", chainid, owner, contentHash, salt))`.
        function register(Registration calldata registration) external returns (bytes32 id);
        /// As `register`, for content that opens for everyone at `opensAt`, in seconds since 1970, by
        /// the network's opening key of that time: its data key is sealed to it.
        function registerUntil(Registration calldata registration, uint64 opensAt)
            external returns (bytes32 id);
        /// Registers content in the place of the caller's record `oldId`. Access lists are not
        /// carried over: old content stays open to those who had it, new content starts closed.
        function supersede(bytes32 oldId, Registration calldata registration)
            external returns (bytes32 id);
        /// Lets `grantee` open the record from `notBefore` until just before `until` (zero: for
        /// ever), `uses` times (zero: as often as they like). Replaces an earlier entry for the same
        /// grantee, also a revoked one.
        function grant(
            bytes32 id,
            address grantee,
            uint64 notBefore,
            uint64 until,
            uint32 uses,
            bytes32 headerHash
        ) external;
        /// Revokes `grantee`'s entry, from the next transaction on. The owner and the manager may.
        function revoke(bytes32 id, address grantee) external;
        /// Declares, for the log, that the caller opened the record. Only who may open it can.
        function declareOpened(bytes32 id, bytes32 purpose) external;
        /// Asks for the record's sealed key to be opened to the caller at `readerKey`. A refusal is
        /// no revert but an answer: it stands on the ledger like a permission.
        function requestOpening(bytes32 id, bytes32 purpose, bytes32 readerKey)
            external returns (uint64 number, Access access);
        /// The same for `reader`. Only the record's policy may; the access list decides here too, so
        /// a policy makes the entry first, or leaves it out to have the refusal written down.
        function requestOpeningFor(bytes32 id, address reader, bytes32 purpose, bytes32 readerKey)
            external returns (uint64 number, Access access);
        /// Erases the caller's record for ever. Every member deletes the record's sealed key and,
        /// where the caller registered this content first, the content with all that belongs to it.
        function erase(bytes32 id) external;

        /// The id of a record of this owner, content and salt, registered or not.
        function idOf(address owner, bytes32 contentHash, bytes32 salt)
            external view returns (bytes32 id);
        /// A record.
        function record(bytes32 id) external view returns (Record memory entry);
        /// Up to `max` ids (100 at most) from number `from` on, in the order of registration, and how
        /// many there are.
        function records(uint64 from, uint64 max)
            external view returns (bytes32[] memory page, uint64 total);
        /// The same of one owner's records.
        function recordsOf(address owner, uint64 from, uint64 max)
            external view returns (bytes32[] memory page, uint64 total);
        /// The same of the records that somebody was ever let into.
        function sharedWith(address grantee, uint64 from, uint64 max)
            external view returns (bytes32[] memory page, uint64 total);
        /// Somebody's entry of a record's access list.
        function grantOf(bytes32 id, address grantee) external view returns (Grant memory entry);
        /// Up to `max` entries (100 at most) of a record's access list from number `from` on, in the
        /// order of first grants, and how many there are.
        function grants(bytes32 id, uint64 from, uint64 max)
            external view returns (Grant[] memory page, uint64 total);
        /// Whether `who` may open the record at time `at` (zero: now), and why or why not.
        function access(bytes32 id, address who, uint64 at) external view returns (Access answer);
        /// Whether `who` may open the record at time `at` (zero: now).
        function mayOpen(bytes32 id, address who, uint64 at) external view returns (bool answer);
        /// A request to open, by its number.
        function opening(uint64 number) external view returns (Opening memory entry);
        /// Up to `max` requests (100 at most) from number `from` on, oldest first, and how many there
        /// are.
        function openings(uint64 from, uint64 max)
            external view returns (Opening[] memory page, uint64 total);
        /// Whether members may still answer a request: it was permitted, not longer ago than an hour,
        /// and the entry that permitted it was not revoked and is not over.
        function mayRelease(uint64 number) external view returns (Access answer);
        /// Whether a record was erased, or its content.
        function isErased(bytes32 id) external view returns (bool answer);
        /// Who was the first to register what has this hash, content or a sealed key (zero: nobody
        /// did), and whether they had it erased.
        function registrant(bytes32 name) external view returns (address first, bool erased);
        /// Up to `max` erasures (100 at most) from number `from` on, oldest first, and how many there
        /// are.
        function erasures(uint64 from, uint64 max)
            external view returns (Erasure[] memory page, uint64 total);
        /// Accounts of the members that keep a record's content, the custodian first where it has
        /// one; none where it was erased.
        function keepers(bytes32 id) external view returns (address[] memory accounts);
        /// Up to `max` entries (100 at most) of a record's log from number `from` on, oldest first,
        /// and how many there are.
        function log(bytes32 id, uint64 from, uint64 max)
            external view returns (LogEntry[] memory page, uint64 total);
    }
}
