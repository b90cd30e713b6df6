//! Names and encryption keys of people and organisations.
//!
//! Whoever holds an account may register it: a display name, which need not be unique and is for
//! people to read, and an X25519 key, to which others encrypt. Keys are rotated, never forgotten:
//! whoever finds an old packet can tell which key it was made for. A handle is a unique name, first
//! come, first served, and can be released. Roles, guardians and delegates come with a later version;
//! storage slots are kept for them.

mod contract;
pub mod interface;
mod invariants;
pub mod limits;
pub mod naming;
mod state;
mod views;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Module, Outcome};
use commonhold_primitives::system::ACCOUNTS as ADDRESS;

use interface::IAccounts;

/// The module.
pub fn module() -> Module {
    Module::new::<IAccounts::IAccountsCalls>("accounts", ADDRESS, IAccounts::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .always(invariants::check)
        .message(contract::register)
        .message(contract::rename)
        .message(contract::rotate_encryption_key)
        .message(contract::claim_handle)
        .message(contract::release_handle)
        .view(views::is_registered)
        .view(views::account)
        .view(views::accounts)
        .view(views::encryption_key)
        .view(views::encryption_key_at)
        .view(views::encryption_keys)
        .view(views::resolve)
}

/// Whether `account` is registered.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn is_registered(ctx: &mut Context<'_>, account: Address) -> Outcome<bool> {
    views::is_registered(
        &mut ctx.enter(ADDRESS),
        IAccounts::isRegisteredCall { account },
    )
}

/// The X25519 key to which others encrypt for `account`, and its version; zeros where there is none.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn encryption_key(ctx: &mut Context<'_>, account: Address) -> Outcome<(B256, u64)> {
    let call = IAccounts::encryptionKeyCall { account };
    views::encryption_key(&mut ctx.enter(ADDRESS), call).map(|found| (found.key, found.version))
}
