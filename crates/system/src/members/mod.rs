//! The consortium: which organisations run the network, and their votes on who does and how.
//!
//! Nobody appoints members but the members. One proposes, each votes once, and more than two thirds of
//! those that are members when a vote is counted decide, in the transaction of the vote that makes them so
//! many ([`epochs::quorum`]). Proposals that are not decided in time expire.
//!
//! **Time is counted in epochs** of as many blocks as the genesis document says. What is decided in one
//! holds from the fourth after it on, always ([`epochs::EFFECT_EPOCHS`]). So who is in an epoch, under
//! which node key, at which endpoint, is settled three epochs before it begins, and `committeeOf` answers
//! the same for ever (`roster.rs`). Nothing is frozen by a hook: everything has the epoch from which it
//! holds.
//!
//! A member's number is never another's, and neither is a key that a node of its ever had. Its account acts
//! for it alone, while it does. Who left stays in the list, with the epoch in which it went.
//!
//! Everything else that asks who is a member means: in this epoch.

mod ballots;
mod contract;
mod deciding;
pub mod epochs;
pub mod forms;
pub mod interface;
mod invariants;
pub mod limits;
mod proposing;
mod roster;
mod state;
mod views;
mod voting;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Module, Outcome};
use commonhold_primitives::system::MEMBERS as ADDRESS;

pub use epochs::quorum;
use interface::IMembers;

/// The module.
pub fn module() -> Module {
    Module::new::<IMembers::IMembersCalls>("members", ADDRESS, IMembers::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .at_genesis(contract::genesis)
        .always(invariants::check)
        .message(proposing::propose_admission)
        .message(proposing::propose_expulsion)
        .message(proposing::propose_key)
        .message(proposing::propose_endpoint)
        .message(proposing::propose_account)
        .message(proposing::propose_parameter)
        .message(proposing::propose_upgrade)
        .message(voting::vote)
        .message(voting::withdraw)
        .view(views::member_count)
        .view(views::members)
        .view(views::member_by_key)
        .view(views::member_by_account)
        .view(views::is_member)
        .view(views::committee_of)
        .view(views::peers_of)
        .view(views::epochs)
        .view(views::quorum)
        .view(ballots::proposals)
        .view(ballots::proposal)
        .view(ballots::votes_on)
        .view(ballots::parameter_at)
        .view(ballots::gas_limit_at)
        .view(ballots::upgrades)
        .view(ballots::version_at)
}

/// Whether `account` acts for a member.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn is_member(ctx: &mut Context<'_>, account: Address) -> Outcome<bool> {
    Ok(number_of(ctx, account)?.is_some())
}

/// The number of the member that `account` acts for.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn number_of(ctx: &mut Context<'_>, account: Address) -> Outcome<Option<u64>> {
    roster::number_of(&mut ctx.enter(ADDRESS), account)
}

/// Whether there is a member of this number now. What a member said elsewhere counts only while there
/// is.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn stands(ctx: &mut Context<'_>, number: u64) -> Outcome<bool> {
    Ok(standing(ctx, &[number])? == [true])
}

/// The same of many numbers at once: what is to be loaded for it is loaded in one go.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn standing(ctx: &mut Context<'_>, numbers: &[u64]) -> Outcome<Vec<bool>> {
    roster::standing(&mut ctx.enter(ADDRESS), numbers)
}

/// How many members there are.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn count(ctx: &mut Context<'_>) -> Outcome<u32> {
    roster::count(&mut ctx.enter(ADDRESS))
}

/// How many members there ever were or are to be: their numbers are below.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn total(ctx: &mut Context<'_>) -> Outcome<u64> {
    state::MEMBERS.len(&mut ctx.enter(ADDRESS))
}

/// The account and the identity key of every member, in the order of admission.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn keys(ctx: &mut Context<'_>) -> Outcome<Vec<(Address, B256)>> {
    roster::keys(&mut ctx.enter(ADDRESS))
}

/// Who is in an epoch, by number: any that was, is, or is one of the next three.
///
/// # Errors
/// Rejects a later one; out of gas, or what the machine runs into.
pub fn committee(ctx: &mut Context<'_>, epoch: u64) -> Outcome<Vec<IMembers::Seat>> {
    views::committee_of(&mut ctx.enter(ADDRESS), IMembers::committeeOfCall { epoch })
}
