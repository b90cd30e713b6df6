//! Anna sets money aside, and Carla says who gets it.

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::{
    escrow::escrow_id,
    interface::IToken::{
        Added, ERC20InsufficientAllowance, ERC20InsufficientBalance, ERC20InvalidReceiver,
        EscrowExists, EscrowTooSmall, Extended, Held, InvalidController, MayNotRefund, NoAmount,
        NotController, NotPayer, Refunded, Released, Share, Transfer, UnfitDeadline, UnfitShares,
        UnknownEscrow, addCall, escrowCall, escrowIdCall, escrowsCall, escrowsControlledByCall,
        escrowsPaidByCall, extendCall, holdCall, refundCall, releaseCall, splitCall,
    },
    limits::SHARES_MAX,
};

use super::{allow, balance, desk, issue, supply, told, units};
use crate::{ANNA, BEN, CARLA, Desk, refused};

const START: u64 = 1_000_000;
const DAVE: Address = Address::repeat_byte(0xd4);

fn holding(payer: Address, amount: u64, deadline: u64) -> holdCall {
    holdCall {
        salt: B256::ZERO,
        payer,
        controller: CARLA,
        amount: units(amount),
        deadline,
    }
}

fn share(to: Address, amount: u64) -> Share {
    let amount = units(amount);
    Share { to, amount }
}

fn release(id: B256, to: Address, amount: u64) -> releaseCall {
    let amount = units(amount);
    releaseCall { id, to, amount }
}

fn refund(id: B256, amount: u64) -> refundCall {
    let amount = units(amount);
    refundCall { id, amount }
}

fn add(id: B256, amount: u64) -> addCall {
    let amount = units(amount);
    addCall { id, amount }
}

fn held(desk: &mut Desk, id: B256) -> U256 {
    desk.view(escrowCall { id }).unwrap().held
}

/// Anna has 100, of which 60 are in an escrow that Carla controls.
fn opened(deadline: u64) -> (Desk, B256) {
    let mut desk = desk(ANNA, 100);
    let id = desk.send(ANNA, holding(ANNA, 60, deadline)).unwrap();
    (desk, id)
}

#[test]
fn anna_sets_money_aside() {
    let mut desk = desk(ANNA, 100);
    let id = desk
        .bench
        .send(ANNA, TOKEN, holding(ANNA, 60, START + 10))
        .unwrap();
    let (payer, controller, amount) = (ANNA, CARLA, units(60));
    let opened = Held {
        id,
        payer,
        controller,
        amount,
        deadline: START + 10,
    };
    told(&desk, opened);
    let (from, to, value) = (ANNA, TOKEN, amount);
    told(&desk, Transfer { from, to, value });
    assert_eq!(id, escrow_id(1_337, ANNA, B256::ZERO));
    let (opener, salt) = (ANNA, B256::ZERO);
    assert_eq!(desk.view(escrowIdCall { opener, salt }), Ok(id));
    assert_eq!(balance(&mut desk, ANNA), units(40));
    assert_eq!(balance(&mut desk, TOKEN), units(60));
    assert_eq!(supply(&mut desk), units(100));

    let entry = desk.view(escrowCall { id }).unwrap();
    assert_eq!((entry.payer, entry.controller), (ANNA, CARLA));
    assert_eq!((entry.held, entry.paidIn), (amount, amount));
    assert_eq!((entry.openedAt, entry.openedIn), (START, 1));
    assert_eq!(entry.deadline, START + 10);
    let (from, max) = (0, 10);
    let all = desk.view(escrowsCall { from, max }).unwrap();
    let paid = desk.view(escrowsPaidByCall { payer, from, max }).unwrap();
    let controlled = escrowsControlledByCall {
        controller,
        from,
        max,
    };
    let controlled = desk.view(controlled).unwrap();
    assert_eq!((all.page, all.total), (vec![entry.clone()], 1));
    assert_eq!((paid.page, paid.total), (vec![entry.clone()], 1));
    assert_eq!((controlled.page, controlled.total), (vec![entry], 1));
    let none = escrowsPaidByCall {
        payer: CARLA,
        from,
        max,
    };
    assert_eq!(desk.view(none).unwrap().total, 0);
}

#[test]
fn carla_alone_gives_out() {
    let (mut desk, id) = opened(0);
    for caller in [ANNA, BEN, TOKEN] {
        let stranger = NotController { id, caller };
        refused(desk.send(caller, release(id, BEN, 1)), stranger.clone());
        let shares = vec![share(BEN, 1)];
        refused(desk.send(caller, splitCall { id, shares }), stranger);
        let not = MayNotRefund { id, caller };
        refused(desk.send(caller, refund(id, 1)), not);
    }
    desk.bench.send(CARLA, TOKEN, release(id, BEN, 25)).unwrap();
    let (from, to, value) = (TOKEN, BEN, units(25));
    told(&desk, Transfer { from, to, value });
    let released = Released {
        id,
        to,
        amount: value,
    };
    told(&desk, released);
    assert_eq!(balance(&mut desk, BEN), units(25));
    assert_eq!(held(&mut desk, id), units(35));
    let small = EscrowTooSmall {
        id,
        held: units(35),
        needed: units(36),
    };
    refused(desk.send(CARLA, release(id, BEN, 36)), small.clone());
    refused(desk.send(CARLA, refund(id, 36)), small);
    refused(desk.send(CARLA, release(id, BEN, 0)), NoAmount {});
    for receiver in [Address::ZERO, TOKEN] {
        refused(
            desk.send(CARLA, release(id, receiver, 1)),
            ERC20InvalidReceiver { receiver },
        );
    }
    // Back to Anna, with what is left.
    desk.bench.send(CARLA, TOKEN, refund(id, 35)).unwrap();
    let refunded = Refunded {
        id,
        payer: ANNA,
        by: CARLA,
        amount: units(35),
    };
    told(&desk, refunded);
    assert_eq!(balance(&mut desk, ANNA), units(75));
    assert_eq!(balance(&mut desk, TOKEN), U256::ZERO);
    let small = EscrowTooSmall {
        id,
        held: U256::ZERO,
        needed: units(1),
    };
    refused(desk.send(CARLA, release(id, BEN, 1)), small);
}

#[test]
fn a_split_is_whole_or_not_at_all() {
    let (mut desk, id) = opened(0);
    let shares = vec![
        share(BEN, 10),
        share(DAVE, 20),
        share(BEN, 5),
        share(ANNA, 1),
    ];
    let call = splitCall { id, shares };
    desk.bench.send(CARLA, TOKEN, call).unwrap();
    assert_eq!(desk.bench.events::<Transfer>().len(), 4);
    assert_eq!(desk.bench.events::<Released>().len(), 4);
    assert_eq!(balance(&mut desk, BEN), units(15));
    assert_eq!(balance(&mut desk, DAVE), units(20));
    assert_eq!(balance(&mut desk, ANNA), units(41));
    assert_eq!(held(&mut desk, id), units(24));

    let before = desk.bench.stored().clone();
    let split = |shares| splitCall { id, shares };
    let small = |needed| EscrowTooSmall {
        id,
        held: units(24),
        needed,
    };
    let over = vec![share(BEN, 24), share(DAVE, 1)];
    refused(desk.send(CARLA, split(over)), small(units(25)));
    let to = BEN;
    let amount = U256::MAX;
    let wrapped = vec![Share { to, amount }, share(BEN, 25)];
    refused(desk.send(CARLA, split(wrapped)), small(U256::MAX));
    let empty = vec![share(BEN, 1), share(DAVE, 0)];
    refused(desk.send(CARLA, split(empty)), NoAmount {});
    let nobody = vec![share(BEN, 1), share(Address::ZERO, 1)];
    let receiver = Address::ZERO;
    refused(
        desk.send(CARLA, split(nobody)),
        ERC20InvalidReceiver { receiver },
    );
    let unfit = |n: usize| UnfitShares {
        sharesGiven: U256::from(n),
        sharesMax: U256::from(SHARES_MAX),
    };
    refused(desk.send(CARLA, split(vec![])), unfit(0));
    let many = vec![share(BEN, 1); SHARES_MAX + 1];
    refused(desk.send(CARLA, split(many)), unfit(SHARES_MAX + 1));
    assert_eq!(*desk.bench.stored(), before);
}

#[test]
fn as_many_shares_as_may_be() {
    let mut desk = desk(ANNA, 100);
    let id = desk.send(ANNA, holding(ANNA, 100, 0)).unwrap();
    let people = (1..=SHARES_MAX).map(|n| Address::left_padding_from(&(256 + n).to_be_bytes()));
    let shares: Vec<_> = people.map(|to| share(to, 1)).collect();
    let last = shares[SHARES_MAX - 1].to;
    desk.send(CARLA, splitCall { id, shares }).unwrap();
    assert_eq!(balance(&mut desk, last), units(1));
    assert_eq!(held(&mut desk, id), units(36));
}

#[test]
fn all_there_is_can_be_set_aside_and_no_more_given_out() {
    let mut desk = Desk::of(TOKEN);
    issue(&mut desk, ANNA, U256::MAX);
    let call = holdCall {
        amount: U256::MAX,
        ..holding(ANNA, 0, 0)
    };
    let id = desk.send(ANNA, call).unwrap();
    let (to, amount) = (BEN, U256::MAX);
    let shares = vec![Share { to, amount }, share(DAVE, 1)];
    let needed = U256::MAX;
    let held = U256::MAX;
    refused(
        desk.send(CARLA, splitCall { id, shares }),
        EscrowTooSmall { id, held, needed },
    );
    desk.send(CARLA, releaseCall { id, to, amount }).unwrap();
    assert_eq!(balance(&mut desk, BEN), U256::MAX);
}

#[test]
fn from_the_deadline_on_anna_takes_back_what_is_left() {
    let (mut desk, id) = opened(START + 10);
    let early = MayNotRefund { id, caller: ANNA };
    refused(desk.send(ANNA, refund(id, 60)), early.clone());
    desk.bench.at(START + 9);
    refused(desk.send(ANNA, refund(id, 60)), early);
    desk.bench.at(START + 10);
    let stranger = MayNotRefund { id, caller: BEN };
    refused(desk.send(BEN, refund(id, 60)), stranger);
    // Carla can still give out, as long as it is there.
    desk.send(CARLA, release(id, BEN, 10)).unwrap();
    desk.send(ANNA, refund(id, 20)).unwrap();
    desk.bench.send(ANNA, TOKEN, refund(id, 30)).unwrap();
    let refunded = Refunded {
        id,
        payer: ANNA,
        by: ANNA,
        amount: units(30),
    };
    told(&desk, refunded);
    assert_eq!(balance(&mut desk, ANNA), units(90));
    assert_eq!(balance(&mut desk, BEN), units(10));
}

#[test]
fn without_a_deadline_only_carla_ends_it() {
    let (mut desk, id) = opened(0);
    desk.bench.at(u64::MAX);
    let never = MayNotRefund { id, caller: ANNA };
    refused(desk.send(ANNA, refund(id, 60)), never);
    desk.send(CARLA, refund(id, 60)).unwrap();
}

#[test]
fn anna_may_leave_it_in_longer_but_not_shorter() {
    let (mut desk, id) = opened(START + 10);
    let extend = |deadline| extendCall { id, deadline };
    refused(
        desk.send(CARLA, extend(START + 20)),
        NotPayer { id, caller: CARLA },
    );
    for deadline in [1, START + 9, START + 10] {
        let time = START;
        refused(
            desk.send(ANNA, extend(deadline)),
            UnfitDeadline { deadline, time },
        );
    }
    desk.bench.send(ANNA, TOKEN, extend(START + 20)).unwrap();
    let deadline = START + 20;
    told(&desk, Extended { id, deadline });
    desk.bench.at(START + 15);
    let early = MayNotRefund { id, caller: ANNA };
    refused(desk.send(ANNA, refund(id, 1)), early.clone());
    // Not to a time that has come, though it be later than the old one.
    desk.bench.at(START + 25);
    let (deadline, time) = (START + 25, START + 25);
    refused(
        desk.send(ANNA, extend(deadline)),
        UnfitDeadline { deadline, time },
    );
    desk.send(ANNA, extend(0)).unwrap();
    refused(desk.send(ANNA, refund(id, 1)), early);
    // There is nothing later than never.
    let unfit = |deadline| UnfitDeadline { deadline, time };
    refused(desk.send(ANNA, extend(0)), unfit(0));
    refused(desk.send(ANNA, extend(u64::MAX)), unfit(u64::MAX));
}

#[test]
fn more_is_put_in() {
    let (mut desk, id) = opened(0);
    desk.bench.send(ANNA, TOKEN, add(id, 15)).unwrap();
    let added = |by, n| Added {
        id,
        by,
        amount: units(n),
    };
    told(&desk, added(ANNA, 15));
    // Carla takes it from Anna, as far as Anna lets her; never from anybody else.
    let short = ERC20InsufficientAllowance {
        spender: CARLA,
        allowance: U256::ZERO,
        needed: units(5),
    };
    refused(desk.send(CARLA, add(id, 5)), short);
    desk.send(ANNA, allow(CARLA, 5)).unwrap();
    desk.bench.send(CARLA, TOKEN, add(id, 5)).unwrap();
    told(&desk, added(CARLA, 5));
    refused(desk.send(ANNA, add(id, 0)), NoAmount {});
    let poor = ERC20InsufficientBalance {
        sender: ANNA,
        balance: units(20),
        needed: units(21),
    };
    refused(desk.send(ANNA, add(id, 21)), poor);
    desk.send(CARLA, release(id, BEN, 80)).unwrap();
    desk.send(ANNA, add(id, 20)).unwrap();
    let entry = desk.view(escrowCall { id }).unwrap();
    assert_eq!((entry.held, entry.paidIn), (units(20), units(100)));
}

#[test]
fn what_makes_no_escrow_is_refused() {
    let mut desk = desk(ANNA, 100);
    for controller in [Address::ZERO, TOKEN] {
        let call = holdCall {
            controller,
            ..holding(ANNA, 1, 0)
        };
        refused(desk.send(ANNA, call), InvalidController { controller });
    }
    for deadline in [1, START - 1, START] {
        let time = START;
        refused(
            desk.send(ANNA, holding(ANNA, 1, deadline)),
            UnfitDeadline { deadline, time },
        );
    }
    refused(desk.send(ANNA, holding(ANNA, 0, 0)), NoAmount {});
    let poor = ERC20InsufficientBalance {
        sender: ANNA,
        balance: units(100),
        needed: units(101),
    };
    refused(desk.send(ANNA, holding(ANNA, 101, 0)), poor);
    // Whose money Ben has no leave to move.
    for payer in [ANNA, TOKEN, Address::ZERO] {
        let error = ERC20InsufficientAllowance {
            spender: BEN,
            allowance: U256::ZERO,
            needed: units(1),
        };
        refused(desk.send(BEN, holding(payer, 1, 0)), error);
    }
    let id = B256::repeat_byte(1);
    let unknown = UnknownEscrow { id };
    refused(desk.send(ANNA, add(id, 1)), unknown.clone());
    refused(desk.send(ANNA, release(id, BEN, 1)), unknown.clone());
    refused(desk.send(ANNA, refund(id, 1)), unknown.clone());
    let call = extendCall { id, deadline: 0 };
    refused(desk.send(ANNA, call), unknown.clone());
    refused(desk.view(escrowCall { id }), unknown);
    assert_eq!(desk.view(escrowsCall { from: 0, max: 9 }).unwrap().total, 0);
}

#[test]
fn nobody_takes_anothers_place() {
    let mut desk = desk(ANNA, 100);
    desk.send(ANNA, allow(CARLA, 100)).unwrap();
    desk.send(ANNA, allow(BEN, 100)).unwrap();
    // The same salt of two openers is two escrows.
    let first = desk.send(CARLA, holding(ANNA, 10, 0)).unwrap();
    let second = desk.send(BEN, holding(ANNA, 20, 0)).unwrap();
    assert_ne!(first, second);
    refused(
        desk.send(CARLA, holding(ANNA, 10, 0)),
        EscrowExists { id: first },
    );
    // Empty is not gone.
    desk.send(CARLA, refund(first, 10)).unwrap();
    refused(
        desk.send(CARLA, holding(ANNA, 10, 0)),
        EscrowExists { id: first },
    );
    let other = holdCall {
        salt: B256::repeat_byte(1),
        ..holding(ANNA, 10, 0)
    };
    desk.send(CARLA, other).unwrap();
    assert_eq!(balance(&mut desk, ANNA), units(70));
}
