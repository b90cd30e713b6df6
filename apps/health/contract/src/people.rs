//! Who may do what: the questions that messages ask of `accounts` and `members`.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure};
use commonhold_system::{
    accounts::{self, roles},
    members,
};

use crate::{
    interface::IHealth::{NoEncryptionKey, NotForSubject, NotMember, Purpose, RoleMissing},
    state::PSEUDONYMS,
};

/// May ask for what concerns public health.
pub const PUBLIC_HEALTH: B256 = roles::role("public-health");

/// May be the second person of an emergency where no other clinician is there.
pub const ON_CALL: B256 = roles::role("on-call");

/// The role that a purpose takes; `None`: none.
pub const fn role_for(purpose: Purpose) -> Option<B256> {
    match purpose {
        Purpose::Research | Purpose::ClinicalTrial => Some(roles::RESEARCHER),
        Purpose::Treatment => Some(roles::CLINICIAN),
        Purpose::PublicHealth => Some(PUBLIC_HEALTH),
        _ => None,
    }
}

/// Rejects who may not act for the subject at all. Enough to take something back.
pub(super) fn acting_for(ctx: &mut Context<'_>, subject: Address) -> Outcome<()> {
    let caller = ctx.caller();
    let acts = acts_for(ctx, caller, subject)?;
    ensure(acts, || NotForSubject { subject, caller })
}

/// Whether somebody may act for a subject now: for the address, or for who took it over as a pseudonym
/// of theirs.
pub(super) fn acts_for(ctx: &mut Context<'_>, who: Address, subject: Address) -> Outcome<bool> {
    if who == subject {
        return Ok(true);
    }
    let holder = holder(ctx, subject)?;
    let holds = !holder.is_zero() && accounts::may_act_for(ctx, who, holder, 0)?;
    Ok(holds || accounts::may_act_for(ctx, who, subject, 0)?)
}

/// Whether somebody is the subject, under this address or under the one that holds it as a pseudonym.
pub(super) fn is_self(ctx: &mut Context<'_>, who: Address, subject: Address) -> Outcome<bool> {
    Ok(who == subject || holder(ctx, subject)? == who)
}

fn holder(ctx: &mut Context<'_>, subject: Address) -> Outcome<Address> {
    Ok(PSEUDONYMS.at(&subject).read(ctx)?.holder)
}

/// Rejects who may not decide for the subject to let somebody in: besides strangers, a ward for
/// itself.
pub(super) fn deciding_for(ctx: &mut Context<'_>, subject: Address) -> Outcome<()> {
    acting_for(ctx, subject)?;
    let caller = ctx.caller();
    let ward = is_self(ctx, caller, subject)? && accounts::is_ward(ctx, caller, 0)?;
    ensure(!ward, || NotForSubject { subject, caller })
}

/// Rejects a caller without this role.
pub(super) fn in_role(ctx: &mut Context<'_>, role: B256) -> Outcome<()> {
    let caller = ctx.caller();
    let holds = accounts::may_act(ctx, caller, role, 0)?;
    ensure(holds, || RoleMissing { caller, role })
}

/// Rejects a caller that acts for no member of the consortium; tells the member's number.
pub(super) fn member(ctx: &mut Context<'_>) -> Outcome<u64> {
    let caller = ctx.caller();
    let number = members::number_of(ctx, caller)?;
    ensure(number.is_some(), || NotMember { caller })?;
    Ok(number.unwrap_or_default())
}

/// Rejects a caller to whom nothing can be sealed.
pub(super) fn with_key(ctx: &mut Context<'_>) -> Outcome<()> {
    let account = ctx.caller();
    let (key, _) = accounts::encryption_key(ctx, account)?;
    ensure(!key.is_zero(), || NoEncryptionKey { account })
}
