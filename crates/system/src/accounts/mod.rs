//! Names, encryption keys, roles and guardians of people and organisations.
//!
//! Whoever holds an account may register it: a display name, which need not be unique and is for
//! people to read, and an X25519 key, to which others encrypt. Keys are rotated, never forgotten:
//! whoever finds an old packet can tell which key it was made for. A handle is a unique name, first
//! come, first served, and can be released.
//!
//! # Roles
//!
//! A role is a name ([`roles`]). An account has it where a member attests it, by the member's account or
//! by whom the member has *delegated* that role to; the attestation says in which member's name. Each
//! member says for itself, with a first and a last moment (the first included, the last not), and the
//! role stands while any of these words stands. Who gave a word withdraws it, and whom it is about
//! renounces it; that holds from the next transaction on. Members have no role by being members: one
//! that wants its account to have a role attests it, in the open like every other. An account need not
//! be registered to have a role: a contract can have one.
//!
//! Members are kept by their numbers, so that a member whose account changes keeps its words. What a
//! member said stands only while it is a member; so do its delegations. When a delegate is dismissed or
//! its time is over, what it attested stands until somebody who speaks for the member withdraws it.
//!
//! [`may_act`] is the one answer to "may this account act in this role at this time", for every module.
//! For what is done now, ask about now: the answer about another time is what members say *today* of
//! that time. A withdrawal does not reach back, but a member that attests anew replaces its earlier word.
//!
//! # Guardians
//!
//! An account names who may act for it, its proxies; or two members attest its guardian, with an end,
//! where it cannot (`guarding.rs` says against what). It lapses by itself. [`may_act_for`] is the one
//! answer; it is not transitive.

mod attested;
mod attesting;
mod contract;
mod delegating;
mod guardians;
mod guarding;
pub mod interface;
mod invariants;
pub mod limits;
pub mod naming;
pub mod roles;
pub mod standing;
mod state;
mod views;
mod words;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Module, Outcome};
use commonhold_primitives::system::ACCOUNTS as ADDRESS;

use interface::IAccounts::{self, Guarding, Standing};

/// The module.
pub fn module() -> Module {
    Module::new::<IAccounts::IAccountsCalls>("accounts", ADDRESS, IAccounts::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .always(invariants::check)
        .message(contract::register)
        .message(contract::rename)
        .message(contract::rotate_encryption_key)
        .message(contract::claim_handle)
        .message(contract::release_handle)
        .message(attesting::attest)
        .message(attesting::withdraw)
        .message(attesting::renounce)
        .message(delegating::delegate)
        .message(delegating::undelegate)
        .message(guarding::name_guardian)
        .message(guarding::attest_guardian)
        .message(guarding::withdraw_guardian)
        .message(guarding::end_guardianship)
        .view(views::is_registered)
        .view(views::account)
        .view(views::accounts)
        .view(views::encryption_key)
        .view(views::encryption_key_at)
        .view(views::encryption_keys)
        .view(views::resolve)
        .view(attesting::may_act_as)
        .view(attesting::attestation)
        .view(attesting::attestations)
        .view(attesting::roles_of)
        .view(attesting::holders)
        .view(delegating::delegation)
        .view(delegating::delegations)
        .view(guardians::is_guardian)
        .view(guardians::may_act_for)
        .view(guardians::is_ward_view)
        .view(guardians::guardians)
        .view(guardians::wards)
        .view(guardians::guardian_attestations)
}

/// Whether `account` is registered.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn is_registered(ctx: &mut Context<'_>, account: Address) -> Outcome<bool> {
    views::is_registered(
        &mut ctx.enter(ADDRESS),
        IAccounts::isRegisteredCall { account },
    )
}

/// The X25519 key to which others encrypt for `account`, and its version; zeros where there is none.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn encryption_key(ctx: &mut Context<'_>, account: Address) -> Outcome<(B256, u64)> {
    let call = IAccounts::encryptionKeyCall { account };
    views::encryption_key(&mut ctx.enter(ADDRESS), call).map(|found| (found.key, found.version))
}

/// Whether `account` may act in `role` at the time `at` (zero: now).
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn may_act(ctx: &mut Context<'_>, account: Address, role: B256, at: u64) -> Outcome<bool> {
    Ok(standing(ctx, account, role, at)? == Standing::Good)
}

/// How `account` stands in `role` at the time `at` (zero: now): as [`may_act`], with the reason.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn standing(ctx: &mut Context<'_>, account: Address, role: B256, at: u64) -> Outcome<Standing> {
    attesting::standing(&mut ctx.enter(ADDRESS), account, role, at)
}

/// Whether `actor` may act for `subject` at the time `at` (zero: now): everybody for themselves, and
/// guardians and proxies for their wards.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn may_act_for(
    ctx: &mut Context<'_>,
    actor: Address,
    subject: Address,
    at: u64,
) -> Outcome<bool> {
    let call = IAccounts::mayActForCall { actor, subject, at };
    guardians::may_act_for(&mut ctx.enter(ADDRESS), call)
}

/// Whether `guardian` may act for `ward` at the time `at` (zero: now), and why or why not.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn guarding(
    ctx: &mut Context<'_>,
    guardian: Address,
    ward: Address,
    at: u64,
) -> Outcome<Guarding> {
    let call = IAccounts::isGuardianCall { guardian, ward, at };
    guardians::is_guardian(&mut ctx.enter(ADDRESS), call).map(|answer| answer.why)
}

/// Whether `account` is under a guardianship that members attest, at the time `at` (zero: now).
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn is_ward(ctx: &mut Context<'_>, account: Address, at: u64) -> Outcome<bool> {
    let call = IAccounts::isWardCall { account, at };
    guardians::is_ward_view(&mut ctx.enter(ADDRESS), call)
}
