//! What always holds of `members`.

use commonhold_module::{Context, Findings, Outcome};
use commonhold_primitives::limits::MEMBERS_MAX;

use super::state::{BY_ACCOUNT, BY_KEY, MEMBERS};

/// Every member is found by its key and by its account, and by no other's.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let count = MEMBERS.len(ctx)?;
    findings.check(count <= u64::from(MEMBERS_MAX), || {
        format!("members: {count} of them")
    });
    for number in 0..count {
        let Some(member) = MEMBERS.get(ctx, number)? else {
            continue;
        };
        let mark = number.saturating_add(1);
        let by_key = BY_KEY.at(&member.public_key).read(ctx)?;
        findings.check(by_key == mark, || {
            format!("members: {number}'s key finds {by_key}")
        });
        let by_account = BY_ACCOUNT.at(&member.account).read(ctx)?;
        findings.check(by_account == mark, || {
            format!("members: {number}'s account finds {by_account}")
        });
    }
    Ok(())
}
