//! Anna pays Ben, and lets Carla pay for her.

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::interface::IToken::{
    Approval, ERC20InsufficientAllowance, ERC20InsufficientBalance, ERC20InvalidApprover,
    ERC20InvalidReceiver, ERC20InvalidSender, ERC20InvalidSpender, Holder, NoAmount, Redeemed,
    Transfer, approveCall, decimalsCall, holdersCall, nameCall, redeemCall, symbolCall,
    transferCall, transferFromCall,
};

use super::{allow, allowance, balance, desk, pay, supply, told, units};
use crate::{ANNA, BEN, CARLA, refused};

fn take(from: Address, to: Address, value: u64) -> transferFromCall {
    let value = units(value);
    transferFromCall { from, to, value }
}

#[test]
fn the_token_introduces_itself() {
    let mut desk = desk(ANNA, 1);
    assert_eq!(desk.view(nameCall {}).unwrap(), "Commonhold Settlement");
    assert_eq!(desk.view(symbolCall {}).unwrap(), "CHS");
    assert_eq!(desk.view(decimalsCall {}), Ok(9));
}

#[test]
fn anna_pays_ben() {
    let mut desk = desk(ANNA, 100);
    assert_eq!(desk.bench.send(ANNA, TOKEN, pay(BEN, 30)), Ok(true));
    let (from, to, value) = (ANNA, BEN, units(30));
    told(&desk, Transfer { from, to, value });
    assert_eq!(balance(&mut desk, ANNA), units(70));
    assert_eq!(balance(&mut desk, BEN), units(30));
    assert_eq!(supply(&mut desk), units(100));
    // The last unit too, and not one more.
    desk.send(ANNA, pay(BEN, 70)).unwrap();
    assert_eq!(balance(&mut desk, ANNA), U256::ZERO);
    let short = ERC20InsufficientBalance {
        sender: ANNA,
        balance: U256::ZERO,
        needed: units(1),
    };
    refused(desk.send(ANNA, pay(BEN, 1)), short);
    // Nothing is something that everybody has, and oneself somebody to pay.
    desk.send(CARLA, pay(ANNA, 0)).unwrap();
    desk.send(BEN, pay(BEN, 100)).unwrap();
    assert_eq!(balance(&mut desk, BEN), units(100));
    let all = U256::MAX;
    let short = ERC20InsufficientBalance {
        sender: BEN,
        balance: units(100),
        needed: all,
    };
    for to in [ANNA, BEN] {
        let call = transferCall { to, value: all };
        refused(desk.send(BEN, call), short.clone());
    }
}

#[test]
fn nobody_can_be_paid_where_nobody_is() {
    let mut desk = desk(ANNA, 100);
    for receiver in [Address::ZERO, TOKEN] {
        let error = ERC20InvalidReceiver { receiver };
        refused(desk.send(ANNA, pay(receiver, 1)), error.clone());
        refused(desk.send(ANNA, pay(receiver, 0)), error.clone());
        refused(desk.send(ANNA, take(ANNA, receiver, 0)), error);
    }
    let sender = Address::ZERO;
    refused(
        desk.send(ANNA, take(sender, BEN, 0)),
        ERC20InvalidSender { sender },
    );
    refused(
        desk.send(Address::ZERO, pay(BEN, 0)),
        ERC20InvalidSender { sender },
    );
    let spender = Address::ZERO;
    refused(
        desk.send(ANNA, allow(spender, 1)),
        ERC20InvalidSpender { spender },
    );
    let approver = Address::ZERO;
    refused(
        desk.send(approver, allow(BEN, 1)),
        ERC20InvalidApprover { approver },
    );
}

#[test]
fn carla_pays_for_anna_as_far_as_anna_lets_her() {
    let mut desk = desk(ANNA, 100);
    assert_eq!(desk.bench.send(ANNA, TOKEN, allow(CARLA, 50)), Ok(true));
    let approval = Approval {
        owner: ANNA,
        spender: CARLA,
        value: units(50),
    };
    told(&desk, approval);
    assert_eq!(desk.bench.send(CARLA, TOKEN, take(ANNA, BEN, 20)), Ok(true));
    assert_eq!(desk.bench.logs().len(), 1, "a transfer, no approval");
    assert_eq!(allowance(&mut desk, ANNA, CARLA), units(30));
    let short = |allowance, needed| ERC20InsufficientAllowance {
        spender: CARLA,
        allowance: units(allowance),
        needed: units(needed),
    };
    refused(desk.send(CARLA, take(ANNA, BEN, 31)), short(30, 31));
    // Anna herself needs an allowance too where she asks as a spender.
    let own = ERC20InsufficientAllowance {
        spender: ANNA,
        allowance: U256::ZERO,
        needed: units(1),
    };
    refused(desk.send(ANNA, take(ANNA, BEN, 1)), own);
    // An approval stands in the place of the one before.
    desk.send(ANNA, allow(CARLA, 5)).unwrap();
    refused(desk.send(CARLA, take(ANNA, BEN, 6)), short(5, 6));
    desk.send(ANNA, allow(CARLA, 0)).unwrap();
    refused(desk.send(CARLA, take(ANNA, BEN, 1)), short(0, 1));
    // What Anna lets go is not there: the allowance is not used up by a refusal.
    desk.send(ANNA, allow(CARLA, 1_000)).unwrap();
    let poor = ERC20InsufficientBalance {
        sender: ANNA,
        balance: units(80),
        needed: units(81),
    };
    refused(desk.send(CARLA, take(ANNA, CARLA, 81)), poor);
    assert_eq!(allowance(&mut desk, ANNA, CARLA), units(1_000));
    assert_eq!(balance(&mut desk, ANNA), units(80));
}

#[test]
fn the_largest_allowance_is_not_used_up() {
    let mut desk = desk(ANNA, 100);
    let call = |value| approveCall {
        spender: CARLA,
        value,
    };
    desk.send(ANNA, call(U256::MAX)).unwrap();
    desk.send(CARLA, take(ANNA, BEN, 60)).unwrap();
    assert_eq!(allowance(&mut desk, ANNA, CARLA), U256::MAX);
    desk.send(ANNA, call(U256::MAX - U256::ONE)).unwrap();
    desk.send(CARLA, take(ANNA, BEN, 40)).unwrap();
    let left = U256::MAX - units(41);
    assert_eq!(allowance(&mut desk, ANNA, CARLA), left);
}

#[test]
fn anna_gives_money_back() {
    let mut desk = desk(ANNA, 100);
    let (account, amount, mark) = (ANNA, units(40), B256::repeat_byte(7));
    desk.bench
        .send(ANNA, TOKEN, redeemCall { amount, mark })
        .unwrap();
    let (from, to, value) = (ANNA, Address::ZERO, amount);
    told(&desk, Transfer { from, to, value });
    let redeemed = Redeemed {
        account,
        amount,
        mark,
    };
    told(&desk, redeemed);
    assert_eq!(balance(&mut desk, ANNA), units(60));
    assert_eq!(supply(&mut desk), units(60));
    let redeem = |n| redeemCall {
        amount: units(n),
        mark,
    };
    refused(desk.send(ANNA, redeem(0)), NoAmount {});
    let short = ERC20InsufficientBalance {
        sender: ANNA,
        balance: units(60),
        needed: units(61),
    };
    refused(desk.send(ANNA, redeem(61)), short);
}

#[test]
fn whoever_had_money_is_listed_once() {
    let mut desk = desk(ANNA, 100);
    desk.send(ANNA, pay(BEN, 100)).unwrap();
    desk.send(ANNA, pay(CARLA, 0)).unwrap();
    desk.send(BEN, pay(ANNA, 1)).unwrap();
    let holders = desk.view(holdersCall { from: 0, max: 10 }).unwrap();
    let holder = |account, n| Holder {
        account,
        balance: units(n),
    };
    assert_eq!(holders.page, [holder(ANNA, 1), holder(BEN, 99)]);
    assert_eq!(holders.total, 2);
    let rest = desk.view(holdersCall { from: 1, max: 10 }).unwrap();
    assert_eq!(rest.page, [holder(BEN, 99)]);
}
