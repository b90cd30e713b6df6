//! What always holds of `accounts`.

use commonhold_module::{Context, Findings, Outcome};

use super::{
    attested,
    naming::{is_display_name, is_handle, is_weak_key},
    state::{ACCOUNTS, HANDLES, KEYS, REGISTERED},
};

/// Everybody in the list is registered under a fit name; a handle and its holder name each other; no
/// key is weak, and no version is older than the one before. What was attested of those in the list
/// holds together too (`attested.rs`).
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for number in 0..REGISTERED.len(ctx)? {
        let Some(address) = REGISTERED.get(ctx, number)? else {
            continue;
        };
        let account = ACCOUNTS.at(&address).read(ctx)?;
        let mut check = |holds, what| {
            findings.check(holds, || format!("accounts: {address} {what}"));
        };
        check(account.registered, "is listed but not registered");
        check(is_display_name(account.name.as_str()), "has an unfit name");
        check(
            account.updated_at >= account.registered_at,
            "was updated before registration",
        );
        if !account.handle.is_empty() {
            check(is_handle(account.handle.as_str()), "has an unfit handle");
            check(
                HANDLES.at(&account.handle).read(ctx)? == address,
                "has a handle not its own",
            );
        }
        let keys = KEYS.at(&address);
        let mut since = account.registered_at;
        for version in 0..keys.len(ctx)? {
            let Some(key) = keys.get(ctx, version)? else {
                continue;
            };
            check(!is_weak_key(&key.key), "has a weak key");
            check(key.since >= since, "has keys out of order");
            since = key.since;
        }
        attested::roles(ctx, findings, address)?;
        attested::guardians(ctx, findings, address)?;
    }
    attested::delegations(ctx, findings)
}
