//! Settlement money.
//!
//! An ERC-20 token with permit (EIP-2612, EIP-5267) and the errors of EIP-6093. Amounts are whole units;
//! one token has 10⁹ of them ([`DECIMALS`]), so that watt-hours times a price in micro-currency per
//! kilowatt-hour settle without rounding. Nobody moves an account's money but the account, whom it
//! approved, and the controller of an escrow that it paid.
//!
//! Money comes into being by a decision of more than two thirds of the members (`issuing.rs`) and goes
//! when its holder gives it back. Nothing else changes the supply.
//!
//! Escrows ([`escrow`]) are for whoever settles something later: an application's module, a contract,
//! or an arbiter. The rules are the same for all of them: a module that takes a payer's money needs the
//! payer's allowance (or permit) as a contract does. What escrows hold is the balance of this module's
//! own address, so every unit is somebody's balance at all times, and nobody can send there otherwise.
//!
//! The Rust interface below is what other modules call, on their own context: they are the caller.

mod balances;
mod contract;
pub mod escrow;
pub mod interface;
mod invariants;
pub mod issuing;
pub mod limits;
pub mod permit;
mod state;
mod views;

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Module, Outcome};
use commonhold_primitives::system::TOKEN as ADDRESS;

use interface::IToken;

/// The token's name, and that of the EIP-712 domain of permits.
pub const NAME: &str = "Commonhold Settlement";
/// The token's symbol.
pub const SYMBOL: &str = "CHS";
/// The version of the EIP-712 domain of permits.
pub const VERSION: &str = "1";
/// Decimal places of one token.
pub const DECIMALS: u8 = 9;

/// The module.
pub fn module() -> Module {
    Module::new::<IToken::ITokenCalls>("token", ADDRESS, IToken::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .always(invariants::check)
        .message(contract::transfer)
        .message(contract::approve)
        .message(contract::transfer_from)
        .message(permit::permit)
        .message(contract::redeem)
        .message(issuing::propose_issue)
        .message(issuing::approve_issue)
        .message(issuing::reject_issue)
        .message(issuing::withdraw_issue)
        .message(escrow::hold)
        .message(escrow::add)
        .message(escrow::release)
        .message(escrow::split)
        .message(escrow::refund)
        .message(escrow::extend)
        .view(views::name)
        .view(views::symbol)
        .view(views::decimals)
        .view(views::total_supply)
        .view(views::balance_of)
        .view(views::allowance)
        .view(permit::nonces)
        .view(permit::domain_separator)
        .view(permit::eip712_domain)
        .view(views::holders)
        .view(issuing::issue_quorum)
        .view(issuing::issue)
        .view(issuing::issues)
        .view(issuing::vote_of)
        .view(views::id_of_escrow)
        .view(views::escrow)
        .view(views::escrows)
        .view(views::escrows_paid_by)
        .view(views::escrows_controlled_by)
}

/// What `account` has.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn balance_of(ctx: &mut Context<'_>, account: Address) -> Outcome<U256> {
    views::balance_of(&mut ctx.enter(ADDRESS), IToken::balanceOfCall { account })
}

/// Moves the calling module's own money.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn transfer(ctx: &mut Context<'_>, to: Address, value: U256) -> Outcome<()> {
    let call = IToken::transferCall { to, value };
    contract::transfer(&mut ctx.enter(ADDRESS), call).map(drop)
}

/// Moves an owner's money, as far as the owner lets the calling module.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn transfer_from(
    ctx: &mut Context<'_>,
    from: Address,
    to: Address,
    value: U256,
) -> Outcome<()> {
    let call = IToken::transferFromCall { from, to, value };
    contract::transfer_from(&mut ctx.enter(ADDRESS), call).map(drop)
}

/// Takes an owner's signed permission: with it, a payer lets a module move money in the one call that
/// the module needs it for.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn permit(ctx: &mut Context<'_>, call: IToken::permitCall) -> Outcome<()> {
    permit::permit(&mut ctx.enter(ADDRESS), call)
}

/// Opens an escrow, whose id is of the calling module and its salt.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn hold(ctx: &mut Context<'_>, call: IToken::holdCall) -> Outcome<B256> {
    escrow::hold(&mut ctx.enter(ADDRESS), call)
}

/// Puts more of its payer's money into an escrow, as far as the payer lets the calling module.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn add(ctx: &mut Context<'_>, id: B256, amount: U256) -> Outcome<()> {
    escrow::add(&mut ctx.enter(ADDRESS), IToken::addCall { id, amount })
}

/// Gives out of an escrow that the calling module controls.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn release(ctx: &mut Context<'_>, id: B256, to: Address, amount: U256) -> Outcome<()> {
    let call = IToken::releaseCall { id, to, amount };
    escrow::release(&mut ctx.enter(ADDRESS), call)
}

/// Gives shares out of an escrow that the calling module controls, all of them or none.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn split(ctx: &mut Context<'_>, id: B256, shares: Vec<IToken::Share>) -> Outcome<()> {
    escrow::split(&mut ctx.enter(ADDRESS), IToken::splitCall { id, shares })
}

/// Gives back to an escrow's payer, as its controller.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn refund(ctx: &mut Context<'_>, id: B256, amount: U256) -> Outcome<()> {
    escrow::refund(&mut ctx.enter(ADDRESS), IToken::refundCall { id, amount })
}

/// An escrow, as its view shows it.
///
/// # Errors
/// Rejects with `UnknownEscrow`; out of gas, or what the machine runs into.
pub fn escrow(ctx: &mut Context<'_>, id: B256) -> Outcome<IToken::Escrow> {
    views::escrow(&mut ctx.enter(ADDRESS), IToken::escrowCall { id })
}
