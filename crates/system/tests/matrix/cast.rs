//! Everybody who calls.

use alloy_primitives::Address;
use commonhold_module::bench::account;

/// Somebody, by what they are to the others.
pub(crate) struct Actor {
    /// What the tables call them.
    pub(crate) name: &'static str,
    /// Their account.
    pub(crate) address: Address,
}

/// The member in whose name things were attested, and that keeps the owner's record.
pub(crate) const MEMBER: Address = account(1);
/// Another member.
pub(crate) const OTHER_MEMBER: Address = account(2);
/// Nobody that the ledger has ever heard of.
pub(crate) const STRANGER: Address = account(0xa0);
/// Registered, and nothing else.
pub(crate) const REGISTERED: Address = account(0xa1);
/// Whose things are dealt with.
pub(crate) const OWNER: Address = account(0xa2);
/// Who is under a guardianship.
pub(crate) const WARD: Address = account(0xa3);
/// Whom the owner lets in.
pub(crate) const GRANTEE: Address = account(0xa4);
/// Whom the owner let in once, until a time that is over.
pub(crate) const LATE_GRANTEE: Address = account(0xa5);
/// Whom the owner let in, and no longer does.
pub(crate) const REVOKED_GRANTEE: Address = account(0xa6);
/// The member's delegate for the role in question, and for guardians.
pub(crate) const DELEGATE: Address = account(0xb0);
/// The other member's, for the same.
pub(crate) const OTHER_DELEGATE: Address = account(0xb1);
/// The member's, for another role.
pub(crate) const WRONG_DELEGATE: Address = account(0xb2);
/// The member's, until a time that is over.
pub(crate) const LATE_DELEGATE: Address = account(0xb3);
/// The member's, dismissed.
pub(crate) const DISMISSED_DELEGATE: Address = account(0xb4);
/// Who holds the role in question, and those that sound powerful.
pub(crate) const HOLDER: Address = account(0xb5);
/// Who held them until a time that is over.
pub(crate) const LATE_HOLDER: Address = account(0xb6);
/// From whom they were withdrawn.
pub(crate) const WITHDRAWN_HOLDER: Address = account(0xb7);
/// Who holds the role of those who calibrate devices.
pub(crate) const CALIBRATOR: Address = account(0xb8);
/// The account that anchors for the owner's stream.
pub(crate) const GATEWAY: Address = account(0xb9);
/// Whom two members attest as the ward's guardian.
pub(crate) const GUARDIAN: Address = account(0xc0);
/// Whom one member attests.
pub(crate) const LONE_GUARDIAN: Address = account(0xc1);
/// Whom two members attested, until a time that is over.
pub(crate) const LATE_GUARDIAN: Address = account(0xc2);
/// Whom the owner named to act for it.
pub(crate) const PROXY: Address = account(0xc3);
/// The contract that is the policy of a record of the owner's.
pub(crate) const POLICY: Address = account(0xd0);
/// A contract that is nothing to anybody.
pub(crate) const CONTRACT: Address = account(0xd1);

const fn actor(name: &'static str, address: Address) -> Actor {
    Actor { name, address }
}

/// All of them, in the order of the tables.
pub(crate) const CAST: &[Actor] = &[
    actor("stranger", STRANGER),
    actor("registered", REGISTERED),
    actor("owner", OWNER),
    actor("ward", WARD),
    actor("grantee", GRANTEE),
    actor("late-grantee", LATE_GRANTEE),
    actor("revoked-grantee", REVOKED_GRANTEE),
    actor("member", MEMBER),
    actor("other-member", OTHER_MEMBER),
    actor("delegate", DELEGATE),
    actor("other-delegate", OTHER_DELEGATE),
    actor("wrong-delegate", WRONG_DELEGATE),
    actor("late-delegate", LATE_DELEGATE),
    actor("dismissed-delegate", DISMISSED_DELEGATE),
    actor("holder", HOLDER),
    actor("late-holder", LATE_HOLDER),
    actor("withdrawn-holder", WITHDRAWN_HOLDER),
    actor("calibrator", CALIBRATOR),
    actor("gateway", GATEWAY),
    actor("guardian", GUARDIAN),
    actor("lone-guardian", LONE_GUARDIAN),
    actor("late-guardian", LATE_GUARDIAN),
    actor("proxy", PROXY),
    actor("policy", POLICY),
    actor("contract", CONTRACT),
];
