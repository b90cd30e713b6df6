//! The Solidity interface of `accounts`.

#![allow(
    clippy::too_many_arguments,
    reason = "sol! makes a function of an event's fields"
)]

use alloy_sol_types::sol;

sol! {
    #![sol(abi, all_derives)]

    /// Names, encryption keys, roles and guardians of people and organisations.
    ///
    /// A role is a name: 1 to 32 of `a-z 0-9 -`, filled up with zeros, as Solidity writes
    /// `bytes32 role = "researcher"`. It starts with a letter, ends with a letter or digit and has no
    /// two `-` in a row. A member is named by its number (see `members`).
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

        /// Whether somebody may act in a role, and why not. Of what several members say the last in
        /// this order counts.
        enum Standing {
            /// No: no member ever attested it.
            None,
            /// No: who attested it is no member any more.
            Lapsed,
            /// No: the member withdrew it.
            Withdrawn,
            /// No: the holder renounced it.
            Renounced,
            /// No: its time is over.
            Expired,
            /// No: its time has not come.
            NotYet,
            /// Yes.
            Good
        }

        /// Whether somebody may act for a ward, and why not.
        enum Guarding {
            /// No: nobody ever said so.
            None,
            /// No: who attested it is no member any more.
            Lapsed,
            /// No: who named or attested them took it back.
            Withdrawn,
            /// No: the guardian resigned.
            Resigned,
            /// No: its time is over.
            Expired,
            /// No: its time has not come.
            NotYet,
            /// No: one member attests it, and it takes two.
            OneMember,
            /// No: the ward named them, but is now under the guardianship of somebody else.
            Suspended,
            /// Yes: the ward named them.
            Proxy,
            /// Yes: two members or more attest it.
            Guardian
        }

        /// What one member says: that an account has a role, or that somebody is a ward's guardian.
        struct Attestation {
            /// In whose name it was said.
            uint64 member;
            /// Who said it: the member's account, or its delegate.
            address by;
            /// When, seconds since 1970.
            uint64 givenAt;
            /// From when on it holds.
            uint64 notBefore;
            /// Until just before when it holds; zero: until it is withdrawn.
            uint64 until;
            /// What it says now.
            Standing standing;
            /// When it was withdrawn or renounced; zero: it was not.
            uint64 endedAt;
            /// Hash of the evidence; zero for none.
            bytes32 evidence;
            /// Why it was withdrawn, as who withdrew it says.
            bytes32 reason;
        }

        /// A role that an account has or had.
        struct RoleEntry {
            /// The role.
            bytes32 role;
            /// How it stands now.
            Standing standing;
        }

        /// An account that has or had a role.
        struct Holder {
            /// The account.
            address account;
            /// How it stands now.
            Standing standing;
        }

        /// Whom a member lets attest one role in its name.
        struct Delegation {
            /// The delegate.
            address account;
            /// The role.
            bytes32 role;
            /// Since when, seconds since 1970; zero: never.
            uint64 since;
            /// Until just before when; zero: until dismissed.
            uint64 until;
            /// When it was dismissed; zero: it was not.
            uint64 endedAt;
            /// Whether it may attest now.
            bool holds;
        }

        /// A ward and somebody who is or was its guardian.
        struct Guardianship {
            /// Who is acted for.
            address ward;
            /// Who acts.
            address guardian;
            /// How it stands now.
            Guarding standing;
            /// Until just before when it stands, as things are; zero: it has no end, or does not
            /// stand now.
            uint64 until;
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
        /// An account was attested a role in a member's name.
        event Attested(
            address indexed account,
            bytes32 indexed role,
            uint64 indexed member,
            address by,
            uint64 notBefore,
            uint64 until,
            bytes32 evidence
        );
        /// A member's attestation was withdrawn.
        event AttestationWithdrawn(
            address indexed account,
            bytes32 indexed role,
            uint64 indexed member,
            address by,
            bytes32 reason
        );
        /// An account renounced a role: every member's attestation of it ended.
        event RoleRenounced(address indexed account, bytes32 indexed role);
        /// A member lets an account attest a role in its name.
        event Delegated(
            uint64 indexed member,
            bytes32 indexed role,
            address indexed account,
            uint64 until
        );
        /// A member dismissed a delegate. What the delegate attested stands until it is withdrawn.
        event Undelegated(uint64 indexed member, bytes32 indexed role, address indexed account);
        /// An account named somebody to act for it.
        event GuardianNamed(
            address indexed ward,
            address indexed guardian,
            uint64 notBefore,
            uint64 until
        );
        /// A guardian was attested in a member's name.
        event GuardianAttested(
            address indexed ward,
            address indexed guardian,
            uint64 indexed member,
            address by,
            uint64 notBefore,
            uint64 until,
            bytes32 evidence
        );
        /// A member's attestation of a guardian was withdrawn.
        event GuardianWithdrawn(
            address indexed ward,
            address indexed guardian,
            uint64 indexed member,
            address by,
            bytes32 reason
        );
        /// The ward took back whom it named, or the guardian resigned.
        event GuardianshipEnded(
            address indexed ward,
            address indexed guardian,
            address indexed by
        );

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
        /// A role has 1 to 32 of `a-z 0-9 -`, starts with a letter, ends with a letter or digit, has
        /// no two `-` in a row, and is filled up with zeros.
        error InvalidRole(bytes32 role);
        /// The zero address is nobody.
        error NoAccount();
        /// There is no member of this number.
        error UnknownMember(uint64 member);
        /// Only a member's account may do this.
        error NotMember(address caller);
        /// Only this member's account may do this, or whom the member has delegated this role to.
        error NeitherMemberNorDelegate(uint64 member, bytes32 role, address caller);
        /// It would end before it begins.
        error EmptyWindow(uint64 notBefore, uint64 until);
        /// It would be over already.
        error WindowIsPast(uint64 until, uint64 time);
        /// Exactly this stands already.
        error AlreadyAttested(uint64 member, address account);
        /// The member has attested no such thing of the account, or has withdrawn it, or it was
        /// renounced.
        error NothingToWithdraw(uint64 member, address account);
        /// The account has no such role that it could renounce.
        error NothingToRenounce(address account, bytes32 role);
        /// Exactly this delegation holds already.
        error AlreadyDelegated(uint64 member, bytes32 role, address account);
        /// The account is not the member's delegate for this role.
        error NoSuchDelegate(uint64 member, bytes32 role, address account);
        /// Nobody is their own guardian.
        error OwnGuardian(address account);
        /// The ward has named them already, with exactly these times.
        error AlreadyNamed(address ward, address guardian);
        /// Who is under a guardianship that members attest names nobody else.
        error UnderGuardianship(address ward);
        /// A guardianship that members attest has an end, and not later than this.
        error GuardianshipTooLong(uint64 until, uint64 latest);
        /// Members attest as many guardians of the ward as it may have.
        error TooManyGuardians(address ward);
        /// Only the ward and the guardian end it here; a member withdraws what it attested.
        error NeitherWardNorGuardian(address ward, address guardian, address caller);
        /// There is nothing that the caller could end: a ward ends what it named itself, a guardian
        /// whatever stands or is to come.
        error NothingToEnd(address ward, address guardian);

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
        /// Attests an account a role in a member's name; by the member's account, or by its delegate
        /// for that role. Holds from `notBefore` (zero: from now, or, where what the member said
        /// before still holds, from when that did) until just before `until` (zero: until it is
        /// withdrawn), in the place of whatever the member said of it before.
        function attest(
            uint64 member,
            address account,
            bytes32 role,
            uint64 notBefore,
            uint64 until,
            bytes32 evidence
        ) external;
        /// Withdraws what was attested in a member's name; by the member's account, or by its
        /// delegate for that role. Holds from the next transaction on.
        function withdraw(uint64 member, address account, bytes32 role, bytes32 reason) external;
        /// Ends whatever members attest of the caller in this role.
        function renounce(bytes32 role) external;
        /// Lets an account attest and withdraw one role in the calling member's name, until just
        /// before `until` (zero: until dismissed). For `guardian-registrar`: attest and withdraw
        /// guardians.
        function delegate(address account, bytes32 role, uint64 until) external;
        /// Dismisses a delegate of the calling member. What it attested stands until it is withdrawn.
        function undelegate(address account, bytes32 role) external;
        /// Names somebody to act for the caller, from `notBefore` (zero: now) until just before
        /// `until` (zero: until taken back).
        function nameGuardian(address guardian, uint64 notBefore, uint64 until) external;
        /// Attests somebody as a ward's guardian in a member's name; by the member's account, or by
        /// its delegate for `guardian-registrar`. It takes two members. `until`, which must be given,
        /// is the end: a minor's 18th birthday.
        function attestGuardian(
            uint64 member,
            address ward,
            address guardian,
            uint64 notBefore,
            uint64 until,
            bytes32 evidence
        ) external;
        /// Withdraws what was attested of a guardian in a member's name, as `withdraw` does.
        function withdrawGuardian(uint64 member, address ward, address guardian, bytes32 reason)
            external;
        /// Takes back whom the caller named, where it is the ward; where it is the guardian, resigns.
        function endGuardianship(address ward, address guardian) external;

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
        /// Whether an account may act in a role at time `at` (zero: now), and why or why not. Asked
        /// about the past, the answer is what members say today of that time.
        function mayActAs(address account, bytes32 role, uint64 at)
            external view returns (bool may, Standing why);
        /// What one member says of an account in a role.
        function attestation(address account, bytes32 role, uint64 member)
            external view returns (Attestation memory entry);
        /// Up to `max` members' attestations (100 at most) of an account in a role from number `from`
        /// on, and how many there are.
        function attestations(address account, bytes32 role, uint64 from, uint64 max)
            external view returns (Attestation[] memory page, uint64 total);
        /// Up to `max` roles (20 at most) that an account was ever attested, from number `from` on,
        /// and how many there are.
        function rolesOf(address account, uint64 from, uint64 max)
            external view returns (RoleEntry[] memory page, uint64 total);
        /// Up to `max` accounts (20 at most) that were ever attested a role, from number `from` on,
        /// and how many there are.
        function holders(bytes32 role, uint64 from, uint64 max)
            external view returns (Holder[] memory page, uint64 total);
        /// Whether an account may attest a role in a member's name, and since and until when.
        function delegation(uint64 member, bytes32 role, address account)
            external view returns (Delegation memory entry);
        /// Up to `max` delegates (100 at most) that a member ever had, from number `from` on, and how
        /// many there are.
        function delegations(uint64 member, uint64 from, uint64 max)
            external view returns (Delegation[] memory page, uint64 total);
        /// Whether somebody is a ward's guardian or proxy at time `at` (zero: now), and why or why
        /// not.
        function isGuardian(address guardian, address ward, uint64 at)
            external view returns (bool answer, Guarding why);
        /// Whether `actor` may act for `subject` at time `at` (zero: now): everybody for themselves,
        /// and guardians and proxies for their wards.
        function mayActFor(address actor, address subject, uint64 at)
            external view returns (bool answer);
        /// Whether an account is under a guardianship that members attest, at time `at` (zero: now).
        function isWard(address account, uint64 at) external view returns (bool answer);
        /// Up to `max` guardians (20 at most) that were ever named or attested for a ward, from number
        /// `from` on, and how many there are.
        function guardians(address ward, uint64 from, uint64 max)
            external view returns (Guardianship[] memory page, uint64 total);
        /// Up to `max` wards (20 at most) for whom a guardian was ever named or attested, from number
        /// `from` on, and how many there are.
        function wards(address guardian, uint64 from, uint64 max)
            external view returns (Guardianship[] memory page, uint64 total);
        /// Up to `max` members' attestations (100 at most) of a guardian from number `from` on, and
        /// how many there are.
        function guardianAttestations(address ward, address guardian, uint64 from, uint64 max)
            external view returns (Attestation[] memory page, uint64 total);
    }
}
