//! Who may do what: the questions that messages ask of `accounts` and `members`.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure};
use commonhold_system::{
    accounts::{self, roles},
    members,
};

use crate::interface::IHealth::{NoEncryptionKey, NotForSubject, NotMember, Purpose, RoleMissing};

/// May ask for what concerns public health.
pub const PUBLIC_HEALTH: B256 = roles::role("public-health");

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
    let acts = accounts::may_act_for(ctx, caller, subject, 0)?;
    ensure(acts, || NotForSubject { subject, caller })
}

/// Rejects who may not decide for the subject to let somebody in: besides strangers, a ward for
/// itself.
pub(super) fn deciding_for(ctx: &mut Context<'_>, subject: Address) -> Outcome<()> {
    acting_for(ctx, subject)?;
    let caller = ctx.caller();
    let ward = caller == subject && accounts::is_ward(ctx, subject, 0)?;
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
