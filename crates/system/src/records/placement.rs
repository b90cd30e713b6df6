//! Which members keep a record's content.
//!
//! Rendezvous hashing: for each content, members stand in the order of keccak-256 of the content's hash
//! and the member's identity key, the highest first, and the first [`REPLICAS_DEFAULT`] keep it. Nobody
//! chooses, everybody finds the same; a member that comes or goes moves only what it has to. The member
//! that a record names as its custodian comes before all others.

use alloy_primitives::{Address, B256, keccak256};
use commonhold_module::{Context, Outcome};

use super::{
    contract::known, erasure::is_gone, interface::IRecords::keepersCall, limits::REPLICAS_DEFAULT,
};
use crate::members;

/// A member: the account that acts for it, and its node's identity key.
pub type Member = (Address, B256);

/// All of `members` in the order in which they keep the content of that hash. The first
/// [`REPLICAS_DEFAULT`] are its keepers; who comes next stands in for one that is away.
pub fn order(content: B256, custodian: Address, members: &[Member]) -> Vec<Member> {
    let mut ranked: Vec<(bool, B256, Member)> = members
        .iter()
        .map(|member| {
            let (account, key) = *member;
            let chosen = !custodian.is_zero() && account == custodian;
            let weight = keccak256([content.0, key.0].concat());
            (chosen, weight, *member)
        })
        .collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked.into_iter().map(|(_, _, member)| member).collect()
}

/// Accounts of the members that keep a record's content; none where it was erased.
pub(super) fn keepers(ctx: &mut Context<'_>, call: keepersCall) -> Outcome<Vec<Address>> {
    let record = known(ctx, call.id)?;
    if is_gone(ctx, call.id, &record)? {
        return Ok(Vec::new());
    }
    let members = members::keys(ctx)?;
    let order = order(record.content_hash, record.custodian, &members);
    let keepers = order.into_iter().take(REPLICAS_DEFAULT);
    Ok(keepers.map(|(account, _)| account).collect())
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn members(count: u8) -> Vec<Member> {
        (1..=count)
            .map(|n| (Address::repeat_byte(n), B256::repeat_byte(n)))
            .collect()
    }

    #[test]
    fn everybody_finds_the_same_order() {
        let mut members = members(9);
        let content = B256::repeat_byte(0x77);
        let first = order(content, Address::ZERO, &members);
        members.reverse();
        assert_eq!(order(content, Address::ZERO, &members), first);
        let weight = |member: &Member| keccak256([content.0, member.1.0].concat());
        assert!(first.is_sorted_by(|a, b| weight(a) > weight(b)));
    }

    #[test]
    fn the_custodian_is_always_one() {
        let members = members(9);
        for n in 0..50 {
            let content = B256::repeat_byte(n);
            let custodian = Address::repeat_byte(n % 9 + 1);
            let (with, without) = (
                order(content, custodian, &members),
                order(content, Address::ZERO, &members),
            );
            assert_eq!(with.first().map(|member| member.0), Some(custodian));
            let rest = |order: &[Member]| -> Vec<Member> {
                let others = order.iter().filter(|member| member.0 != custodian);
                others.copied().collect()
            };
            assert_eq!(rest(&with), rest(&without));
            // A stranger is nobody's keeper.
            let stranger = Address::repeat_byte(0xee);
            assert_eq!(order(content, stranger, &members), without);
        }
    }

    #[test]
    fn a_member_that_leaves_moves_only_what_it_kept() {
        let (all, fewer) = (members(7), members(6));
        let mut loads = [0u32; 7];
        for n in 0..200u8 {
            let content = keccak256([n]);
            let before = order(content, Address::ZERO, &all);
            let after = order(content, Address::ZERO, &fewer);
            let stay: Vec<Member> = before.iter().filter(|m| **m != all[6]).copied().collect();
            assert_eq!(after, stay);
            for keeper in before.iter().take(REPLICAS_DEFAULT) {
                loads[usize::from(keeper.1[0]) - 1] += 1;
            }
        }
        // 600 copies on seven members.
        assert!(
            loads.iter().all(|load| (50..130).contains(load)),
            "{loads:?}"
        );
    }
}
