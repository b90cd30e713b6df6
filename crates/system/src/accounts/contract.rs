//! The messages of `accounts`.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, Text, ensure, reject};

use super::{
    interface::IAccounts::{
        AlreadyRegistered, EncryptionKeyRotated, HandleClaimed, HandleHeld, HandleReleased,
        HandleTaken, InvalidHandle, InvalidName, KeyUnchanged, NoHandle, NotRegistered, Registered,
        Renamed, WeakKey, claimHandleCall, registerCall, releaseHandleCall, renameCall,
        rotateEncryptionKeyCall,
    },
    naming::{is_display_name, is_handle, is_weak_key},
    state::{ACCOUNTS, Account, HANDLES, Handle, KEYS, KeyVersion, Name, REGISTERED},
    views,
};

pub(super) fn register(ctx: &mut Context<'_>, call: registerCall) -> Outcome<()> {
    let name = display_name(call.name)?;
    let caller = ctx.caller();
    let place = ACCOUNTS.at(&caller);
    ctx.fetch(&[&place, &REGISTERED, &KEYS.at(&caller)])?;
    ensure(!place.read(ctx)?.registered, || AlreadyRegistered {
        account: caller,
    })?;

    let now = ctx.now();
    let text = name.as_str().to_owned();
    let account = Account {
        registered: true,
        registered_at: now,
        updated_at: now,
        name,
        handle: Handle::default(),
    };
    place.write(ctx, &account)?;
    REGISTERED.push(ctx, &caller)?;
    ctx.emit(Registered {
        account: caller,
        name: text,
    })?;
    if !call.encryptionKey.is_zero() {
        add_key(ctx, caller, call.encryptionKey)?;
    }
    Ok(())
}

pub(super) fn rename(ctx: &mut Context<'_>, call: renameCall) -> Outcome<()> {
    let name = display_name(call.name)?;
    let caller = ctx.caller();
    let account = registered(ctx, caller)?;

    let text = name.as_str().to_owned();
    let account = Account {
        name,
        updated_at: ctx.now(),
        ..account
    };
    ACCOUNTS.at(&caller).write(ctx, &account)?;
    ctx.emit(Renamed {
        account: caller,
        name: text,
    })
}

pub(super) fn rotate_encryption_key(
    ctx: &mut Context<'_>,
    call: rotateEncryptionKeyCall,
) -> Outcome<u64> {
    let caller = ctx.caller();
    let account = registered(ctx, caller)?;
    let current = views::current_key(ctx, caller)?.key;
    ensure(current != call.key || current.is_zero(), || KeyUnchanged {
        key: current,
    })?;

    let version = add_key(ctx, caller, call.key)?;
    ACCOUNTS.at(&caller).write(
        ctx,
        &Account {
            updated_at: ctx.now(),
            ..account
        },
    )?;
    Ok(version)
}

pub(super) fn claim_handle(ctx: &mut Context<'_>, call: claimHandleCall) -> Outcome<()> {
    ensure(is_handle(&call.handle), || InvalidHandle {
        handle: call.handle.clone(),
    })?;
    let handle = Handle::new(call.handle)?;
    let caller = ctx.caller();
    let account = registered(ctx, caller)?;
    ensure(account.handle.is_empty(), || HandleHeld {
        handle: account.handle.clone().into(),
    })?;
    let place = HANDLES.at(&handle);
    let holder = place.read(ctx)?;
    ensure(holder.is_zero(), || HandleTaken {
        handle: handle.clone().into(),
        holder,
    })?;

    place.write(ctx, &caller)?;
    ACCOUNTS.at(&caller).write(
        ctx,
        &Account {
            handle: handle.clone(),
            ..account
        },
    )?;
    ctx.emit(HandleClaimed {
        account: caller,
        handle: handle.into(),
    })
}

pub(super) fn release_handle(ctx: &mut Context<'_>, _: releaseHandleCall) -> Outcome<()> {
    let caller = ctx.caller();
    let account = registered(ctx, caller)?;
    let handle = account.handle.clone();
    ensure(!handle.is_empty(), || NoHandle { account: caller })?;

    HANDLES.at(&handle).write(ctx, &Address::ZERO)?;
    ACCOUNTS.at(&caller).write(
        ctx,
        &Account {
            handle: Handle::default(),
            ..account
        },
    )?;
    ctx.emit(HandleReleased {
        account: caller,
        handle: handle.into(),
    })
}

fn display_name(name: String) -> Outcome<Name> {
    let name = Text::new(name)?;
    ensure(is_display_name(name.as_str()), || InvalidName {})?;
    Ok(name)
}

fn registered(ctx: &mut Context<'_>, account: Address) -> Outcome<Account> {
    let found = ACCOUNTS.at(&account).read(ctx)?;
    if found.registered {
        Ok(found)
    } else {
        reject(NotRegistered { account })
    }
}

fn add_key(ctx: &mut Context<'_>, account: Address, key: B256) -> Outcome<u64> {
    ensure(!is_weak_key(&key), || WeakKey { key })?;
    let since = ctx.now();
    let version = KEYS
        .at(&account)
        .push(ctx, &KeyVersion { key, since })?
        .saturating_add(1);
    ctx.emit(EncryptionKeyRotated {
        account,
        version,
        key,
    })?;
    Ok(version)
}
