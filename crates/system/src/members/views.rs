//! Reads of `members`.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, Outcome, reject};

use super::{
    interface::IMembers::{
        Member as MemberView, UnknownAccount, UnknownKey, isMemberCall, memberByAccountCall,
        memberByKeyCall, memberCountCall, membersCall, membersReturn,
    },
    state::{BY_ACCOUNT, BY_KEY, MEMBERS, Member},
};

pub(super) fn member_count(ctx: &mut Context<'_>, _: memberCountCall) -> Outcome<u64> {
    MEMBERS.len(ctx)
}

pub(super) fn members(ctx: &mut Context<'_>, call: membersCall) -> Outcome<membersReturn> {
    let total = MEMBERS.len(ctx)?;
    let page = (call.from..)
        .zip(MEMBERS.page(ctx, call.from, call.max)?)
        .map(show)
        .collect();
    Ok(membersReturn { page, total })
}

pub(super) fn member_by_key(ctx: &mut Context<'_>, call: memberByKeyCall) -> Outcome<MemberView> {
    match BY_KEY.at(&call.publicKey).read(ctx)?.checked_sub(1) {
        Some(number) => numbered(ctx, number),
        None => reject(UnknownKey {
            publicKey: call.publicKey,
        }),
    }
}

pub(super) fn member_by_account(
    ctx: &mut Context<'_>,
    call: memberByAccountCall,
) -> Outcome<MemberView> {
    match number_of(ctx, call.account)? {
        Some(number) => numbered(ctx, number),
        None => reject(UnknownAccount {
            account: call.account,
        }),
    }
}

pub(super) fn is_member(ctx: &mut Context<'_>, call: isMemberCall) -> Outcome<bool> {
    Ok(number_of(ctx, call.account)?.is_some())
}

pub(super) fn keys(ctx: &mut Context<'_>) -> Outcome<Vec<(Address, B256)>> {
    let mut keys = Vec::new();
    loop {
        let from = u64::try_from(keys.len()).unwrap_or(u64::MAX);
        let page = MEMBERS.page(ctx, from, u64::MAX)?;
        if page.is_empty() {
            return Ok(keys);
        }
        keys.extend(
            page.into_iter()
                .map(|member| (member.account, member.public_key)),
        );
    }
}

pub(super) fn number_of(ctx: &mut Context<'_>, account: Address) -> Outcome<Option<u64>> {
    Ok(BY_ACCOUNT.at(&account).read(ctx)?.checked_sub(1))
}

pub(super) fn stands(ctx: &mut Context<'_>, number: u64) -> Outcome<bool> {
    Ok(number < MEMBERS.len(ctx)?)
}

fn numbered(ctx: &mut Context<'_>, number: u64) -> Outcome<MemberView> {
    let member = MEMBERS.get(ctx, number)?;
    let member = member.ok_or_else(|| Fault::Fatal(format!("member {number} is missing")))?;
    Ok(show((number, member)))
}

fn show((number, member): (u64, Member)) -> MemberView {
    MemberView {
        number,
        name: member.name.into(),
        publicKey: member.public_key,
        endpoint: member.endpoint.into(),
        account: member.account,
        since: member.since,
    }
}
