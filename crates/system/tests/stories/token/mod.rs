//! Money: issued, moved, signed for, set aside, given back.

mod erc20;
mod escrows;
mod issuing;
mod modules;
mod permits;

use std::fmt::Debug;

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use commonhold_module::bench::account;
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::interface::IToken::{
    IssueState, allowanceCall, approveCall, approveIssueCall, balanceOfCall, proposeIssueCall,
    totalSupplyCall, transferCall,
};

use crate::Desk;

fn units(n: u64) -> U256 {
    U256::from(n)
}

fn proposal(to: Address, amount: U256) -> proposeIssueCall {
    proposeIssueCall {
        to,
        amount,
        reason: "paid in, statement 17".to_owned(),
    }
}

/// Has the first three of the four members issue money.
fn issue(desk: &mut Desk, to: Address, amount: U256) {
    let number = desk.send(account(1), proposal(to, amount)).unwrap();
    let approve = approveIssueCall { number };
    assert_eq!(desk.send(account(2), approve), Ok(IssueState::Open));
    let approve = approveIssueCall { number };
    assert_eq!(desk.send(account(3), approve), Ok(IssueState::Issued));
}

/// A network where `holder` has so much and nobody else has anything.
fn desk(holder: Address, amount: u64) -> Desk {
    let mut desk = Desk::of(TOKEN);
    issue(&mut desk, holder, units(amount));
    desk
}

fn balance(desk: &mut Desk, account: Address) -> U256 {
    desk.view(balanceOfCall { account }).unwrap()
}

fn supply(desk: &mut Desk) -> U256 {
    desk.view(totalSupplyCall {}).unwrap()
}

fn allowance(desk: &mut Desk, owner: Address, spender: Address) -> U256 {
    desk.view(allowanceCall { owner, spender }).unwrap()
}

fn pay(to: Address, value: u64) -> transferCall {
    let value = units(value);
    transferCall { to, value }
}

fn allow(spender: Address, value: u64) -> approveCall {
    let value = units(value);
    approveCall { spender, value }
}

/// Checks that the last call emitted one event of this kind, and which.
#[track_caller]
fn told<E: SolEvent + PartialEq + Debug>(desk: &Desk, event: E) {
    assert_eq!(desk.bench.events::<E>(), [event]);
}
