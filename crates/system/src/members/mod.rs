//! The consortium: which organisations run the network.
//!
//! The members that the genesis document names are readable here, by number, by node key and by
//! account. One account acts for one member. A number is never given to another member. Votes of the members come with a later version; storage
//! slots are kept for them.

mod contract;
pub mod interface;
mod invariants;
pub mod limits;
mod state;
mod views;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Module, Outcome};
use commonhold_primitives::system::MEMBERS as ADDRESS;

use interface::IMembers;

/// The module.
pub fn module() -> Module {
    Module::new::<IMembers::IMembersCalls>("members", ADDRESS, IMembers::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .at_genesis(contract::genesis)
        .always(invariants::check)
        .view(views::member_count)
        .view(views::members)
        .view(views::member_by_key)
        .view(views::member_by_account)
        .view(views::is_member)
}

/// Whether `account` acts for a member.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn is_member(ctx: &mut Context<'_>, account: Address) -> Outcome<bool> {
    views::is_member(&mut ctx.enter(ADDRESS), IMembers::isMemberCall { account })
}

/// The number of the member that `account` acts for.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn number_of(ctx: &mut Context<'_>, account: Address) -> Outcome<Option<u64>> {
    views::number_of(&mut ctx.enter(ADDRESS), account)
}

/// Whether there is a member of this number now. What a member said elsewhere counts only while there
/// is.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn stands(ctx: &mut Context<'_>, number: u64) -> Outcome<bool> {
    views::stands(&mut ctx.enter(ADDRESS), number)
}

/// How many members there are.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn count(ctx: &mut Context<'_>) -> Outcome<u32> {
    let count = views::member_count(&mut ctx.enter(ADDRESS), IMembers::memberCountCall {})?;
    // There are never more than `MEMBERS_MAX`.
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How many of `members` members make a decision: more than two thirds, as in consensus. `2f + 1` of
/// `3f + 1`.
pub const fn quorum(members: u32) -> u32 {
    members.saturating_sub(members.saturating_sub(1).div_euclid(3))
}

/// The account and the identity key of every member, in the order of admission.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn keys(ctx: &mut Context<'_>) -> Outcome<Vec<(Address, B256)>> {
    views::keys(&mut ctx.enter(ADDRESS))
}

#[cfg(test)]
mod tests {
    use commonware_utils::{Faults as _, N3f1};

    use super::quorum;

    #[test]
    fn a_quorum_is_the_consensus_own() {
        for members in 1..=100 {
            assert_eq!(quorum(members), N3f1::quorum(members));
            assert!(3 * u64::from(quorum(members)) > 2 * u64::from(members));
        }
    }
}
