//! Reads of `accounts`.

use alloy_primitives::Address;
use commonhold_module::{Context, Outcome, ensure, reject};

use super::{
    interface::IAccounts::{
        Account as AccountView, KeyVersion as KeyVersionView, NotRegistered, UnknownKeyVersion,
        accountCall, accountsCall, accountsReturn, encryptionKeyAtCall, encryptionKeyCall,
        encryptionKeyReturn, encryptionKeysCall, encryptionKeysReturn, isRegisteredCall,
        resolveCall,
    },
    naming::is_handle,
    state::{ACCOUNTS, HANDLES, Handle, KEYS, KeyVersion, REGISTERED},
};

pub(super) fn is_registered(ctx: &mut Context<'_>, call: isRegisteredCall) -> Outcome<bool> {
    Ok(ACCOUNTS.at(&call.account).read(ctx)?.registered)
}

pub(super) fn account(ctx: &mut Context<'_>, call: accountCall) -> Outcome<AccountView> {
    let account = ACCOUNTS.at(&call.account).read(ctx)?;
    ensure(account.registered, || NotRegistered {
        account: call.account,
    })?;
    let current = current_key(ctx, call.account)?;
    Ok(AccountView {
        name: account.name.into(),
        handle: account.handle.into(),
        encryptionKey: current.key,
        keyVersion: current.version,
        registeredAt: account.registered_at,
        updatedAt: account.updated_at,
    })
}

pub(super) fn accounts(ctx: &mut Context<'_>, call: accountsCall) -> Outcome<accountsReturn> {
    let total = REGISTERED.len(ctx)?;
    let page = REGISTERED.page(ctx, call.from, call.max)?;
    Ok(accountsReturn { page, total })
}

pub(super) fn encryption_key(
    ctx: &mut Context<'_>,
    call: encryptionKeyCall,
) -> Outcome<encryptionKeyReturn> {
    current_key(ctx, call.account)
}

pub(super) fn encryption_key_at(
    ctx: &mut Context<'_>,
    call: encryptionKeyAtCall,
) -> Outcome<KeyVersionView> {
    let found = match call.version.checked_sub(1) {
        Some(number) => KEYS.at(&call.account).get(ctx, number)?,
        None => None,
    };
    match found {
        Some(version) => Ok(show(version)),
        None => reject(UnknownKeyVersion {
            account: call.account,
            version: call.version,
        }),
    }
}

pub(super) fn encryption_keys(
    ctx: &mut Context<'_>,
    call: encryptionKeysCall,
) -> Outcome<encryptionKeysReturn> {
    let keys = KEYS.at(&call.account);
    let total = keys.len(ctx)?;
    let page = keys
        .page(ctx, call.from, call.max)?
        .into_iter()
        .map(show)
        .collect();
    Ok(encryptionKeysReturn { page, total })
}

pub(super) fn resolve(ctx: &mut Context<'_>, call: resolveCall) -> Outcome<Address> {
    if !is_handle(&call.handle) {
        return Ok(Address::ZERO);
    }
    HANDLES.at(&Handle::new(call.handle)?).read(ctx)
}

/// An account's current key and its version; zeros where it has none.
pub(super) fn current_key(ctx: &mut Context<'_>, account: Address) -> Outcome<encryptionKeyReturn> {
    let keys = KEYS.at(&account);
    let version = keys.len(ctx)?;
    let current = match version.checked_sub(1) {
        Some(number) => keys.get(ctx, number)?,
        None => None,
    };
    Ok(encryptionKeyReturn {
        key: current.unwrap_or_default().key,
        version,
    })
}

const fn show(version: KeyVersion) -> KeyVersionView {
    KeyVersionView {
        key: version.key,
        since: version.since,
    }
}
