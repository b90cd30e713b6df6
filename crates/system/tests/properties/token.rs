//! Random lives of money, against a plain ledger: every unit is somebody's after every message, whether
//! people send it or modules do, and refusals change nothing.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{
    Outcome,
    bench::{Bench, account},
};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::{
    self,
    escrow::escrow_id,
    interface::IToken::{
        Share, addCall, allowanceCall, approveCall, approveIssueCall, balanceOfCall, escrowCall,
        extendCall, holdCall, holdersCall, proposeIssueCall, redeemCall, refundCall, releaseCall,
        splitCall, totalSupplyCall, transferCall, transferFromCall,
    },
};
use proptest::prelude::*;

use crate::{PEOPLE, check, network, person};

/// People, and two modules that use the Rust interface.
const ACTORS: u8 = PEOPLE + 2;
/// Whom money can be sent to: actors, the module's own address, nobody.
const PLACES: u8 = ACTORS + 2;

#[derive(Clone, Debug)]
enum Message {
    Issue(u8, U256),
    Redeem(U256),
    Transfer(u8, U256),
    Approve(u8, U256),
    TransferFrom(u8, u8, U256),
    /// Salt, payer, controller, amount, seconds to the deadline (zero: none).
    Hold(u8, u8, u8, U256, u64),
    Add(usize, U256),
    Release(usize, u8, U256),
    Split(usize, Vec<(u8, U256)>),
    Refund(usize, U256),
    /// Seconds from now (zero: for ever).
    Extend(usize, u64),
}

fn amount() -> impl Strategy<Value = U256> {
    prop_oneof![
        20 => (0..30u64).prop_map(U256::from),
        1 => Just(U256::MAX),
        1 => (0..60u64).prop_map(|n| U256::MAX - U256::from(n)),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let (actor, place, escrow) = (0..ACTORS, 0..PLACES, 0..6usize);
    prop_oneof![
        2 => (place.clone(), amount()).prop_map(|(to, n)| Message::Issue(to, n)),
        1 => amount().prop_map(Message::Redeem),
        4 => (place.clone(), amount()).prop_map(|(to, n)| Message::Transfer(to, n)),
        3 => (place.clone(), amount()).prop_map(|(spender, n)| Message::Approve(spender, n)),
        3 => (actor.clone(), place.clone(), amount())
            .prop_map(|(from, to, n)| Message::TransferFrom(from, to, n)),
        4 => (0..3u8, actor, place.clone(), amount(), 0..50u64)
            .prop_map(|(salt, payer, by, n, until)| Message::Hold(salt, payer, by, n, until)),
        2 => (escrow.clone(), amount()).prop_map(|(escrow, n)| Message::Add(escrow, n)),
        3 => (escrow.clone(), place.clone(), amount())
            .prop_map(|(escrow, to, n)| Message::Release(escrow, to, n)),
        3 => (escrow.clone(), prop::collection::vec((place, amount()), 0..4))
            .prop_map(|(escrow, shares)| Message::Split(escrow, shares)),
        3 => (escrow.clone(), amount()).prop_map(|(escrow, n)| Message::Refund(escrow, n)),
        1 => (escrow, 0..50u64).prop_map(|(escrow, until)| Message::Extend(escrow, until)),
    ]
}

fn address(place: u8) -> Address {
    match place {
        n if n < PEOPLE => person(n),
        n if n < ACTORS => account(0xc0 + n),
        n if n == ACTORS => TOKEN,
        _ => Address::ZERO,
    }
}

struct Escrow {
    id: B256,
    payer: u8,
    controller: u8,
    held: U256,
    deadline: u64,
}

/// A plain ledger.
#[derive(Default)]
struct Model {
    balances: BTreeMap<u8, U256>,
    allowances: BTreeMap<(u8, u8), U256>,
    escrows: Vec<Escrow>,
    supply: U256,
}

impl Model {
    fn has(&self, who: u8) -> U256 {
        self.balances.get(&who).copied().unwrap_or_default()
    }

    /// Moves money; tells whether it can be moved.
    fn shift(&mut self, from: u8, to: u8, n: U256) -> bool {
        let Some(left) = self.has(from).checked_sub(n) else {
            return false;
        };
        self.balances.insert(from, left);
        self.balances.insert(to, self.has(to) + n);
        true
    }

    /// Moves `payer`'s money for `by`; tells whether it may and can.
    fn shift_for(&mut self, by: u8, payer: u8, to: u8, n: U256) -> bool {
        let allowed = self.allowances.entry((payer, by)).or_default();
        let (allowed, endless) = (*allowed, *allowed == U256::MAX);
        let done = n <= allowed && self.shift(payer, to, n);
        if done && !endless {
            self.allowances.insert((payer, by), allowed - n);
        }
        done
    }

    fn take_in(&mut self, by: u8, payer: u8, n: U256) -> bool {
        !n.is_zero()
            && if by == payer {
                self.shift(payer, ACTORS, n)
            } else {
                self.shift_for(by, payer, ACTORS, n)
            }
    }

    fn give_out(&mut self, which: usize, shares: &[(u8, U256)]) -> bool {
        let sum = shares
            .iter()
            .try_fold(U256::ZERO, |sum, (_, n)| sum.checked_add(*n));
        let left = sum.and_then(|sum| self.escrows[which].held.checked_sub(sum));
        let Some(left) = left.filter(|_| shares.iter().all(|(_, n)| !n.is_zero())) else {
            return false;
        };
        self.escrows[which].held = left;
        for (to, n) in shares {
            assert!(self.shift(ACTORS, *to, *n));
        }
        true
    }

    /// Does it, and tells whether it can be done.
    fn apply(&mut self, who: u8, message: &Message, now: u64, chain: u64) -> bool {
        match message {
            Message::Issue(to, n) => {
                let grown = self.supply.checked_add(*n);
                let Some(supply) = grown.filter(|_| *to < ACTORS && !n.is_zero()) else {
                    return false;
                };
                self.supply = supply;
                self.balances.insert(*to, self.has(*to) + *n);
                true
            }
            Message::Redeem(n) => {
                let left = self.has(who).checked_sub(*n);
                let Some(left) = left.filter(|_| !n.is_zero()) else {
                    return false;
                };
                self.balances.insert(who, left);
                self.supply -= *n;
                true
            }
            Message::Transfer(to, n) => *to < ACTORS && self.shift(who, *to, *n),
            Message::Approve(spender, n) => {
                let fine = *spender <= ACTORS;
                if fine {
                    self.allowances.insert((who, *spender), *n);
                }
                fine
            }
            Message::TransferFrom(from, to, n) => {
                *to < ACTORS && self.shift_for(who, *from, *to, *n)
            }
            Message::Hold(salt, payer, controller, n, until) => {
                let id = escrow_id(chain, address(who), B256::repeat_byte(*salt));
                let free = self.escrows.iter().all(|escrow| escrow.id != id);
                let fine = free && *controller < ACTORS && self.take_in(who, *payer, *n);
                if fine {
                    self.escrows.push(Escrow {
                        id,
                        payer: *payer,
                        controller: *controller,
                        held: *n,
                        deadline: if *until == 0 { 0 } else { now + until },
                    });
                }
                fine
            }
            Message::Add(which, n) => {
                let Some(payer) = self.escrows.get(*which).map(|escrow| escrow.payer) else {
                    return false;
                };
                let fine = self.take_in(who, payer, *n);
                if fine {
                    self.escrows[*which].held += *n;
                }
                fine
            }
            Message::Release(which, to, n) => self.split(who, *which, &[(*to, *n)]),
            Message::Split(which, shares) => self.split(who, *which, shares),
            Message::Refund(which, n) => {
                let Some(escrow) = self.escrows.get(*which) else {
                    return false;
                };
                let (payer, end) = (escrow.payer, escrow.deadline);
                let due = end != 0 && end <= now;
                let may = who == escrow.controller || (who == payer && due);
                may && self.give_out(*which, &[(payer, *n)])
            }
            Message::Extend(which, until) => {
                let Some(escrow) = self.escrows.get_mut(*which) else {
                    return false;
                };
                let deadline = if *until == 0 { 0 } else { now + until };
                let later = escrow.deadline != 0 && (deadline == 0 || deadline > escrow.deadline);
                let fine = who == escrow.payer && later;
                if fine {
                    escrow.deadline = deadline;
                }
                fine
            }
        }
    }

    fn split(&mut self, who: u8, which: usize, shares: &[(u8, U256)]) -> bool {
        let known = self.escrows.get(which);
        let may = known.is_some_and(|escrow| escrow.controller == who);
        let fit = !shares.is_empty() && shares.iter().all(|(to, _)| *to < ACTORS);
        may && fit && self.give_out(which, shares)
    }
}

/// Sends a person's message; runs a module's by way of the Rust interface.
fn send(bench: &mut Bench, who: u8, message: Message, ids: &[B256]) -> Outcome<()> {
    let from = address(who);
    let module = who >= PEOPLE;
    let now = bench.now();
    let at = |until| if until == 0 { 0 } else { now + until };
    let id = |which: usize| ids.get(which).copied().unwrap_or_default();
    let caller = person(0);
    match message {
        Message::Issue(to, amount) => {
            let (to, reason) = (address(to), "test".to_owned());
            let call = proposeIssueCall { to, amount, reason };
            let number = bench.send(account(1), TOKEN, call)?;
            bench.send(account(2), TOKEN, approveIssueCall { number })?;
            bench.send(account(3), TOKEN, approveIssueCall { number })?;
            Ok(())
        }
        Message::Redeem(amount) => {
            let mark = B256::ZERO;
            bench
                .send(from, TOKEN, redeemCall { amount, mark })
                .map(drop)
        }
        Message::Transfer(to, value) => {
            let to = address(to);
            if module {
                return bench.within(caller, from, |ctx| token::transfer(ctx, to, value));
            }
            bench
                .send(from, TOKEN, transferCall { to, value })
                .map(drop)
        }
        Message::Approve(spender, value) => {
            let spender = address(spender);
            bench
                .send(from, TOKEN, approveCall { spender, value })
                .map(drop)
        }
        Message::TransferFrom(payer, to, value) => {
            let (payer, to) = (address(payer), address(to));
            if module {
                return bench.within(caller, from, |ctx| {
                    token::transfer_from(ctx, payer, to, value)
                });
            }
            let call = transferFromCall {
                from: payer,
                to,
                value,
            };
            bench.send(from, TOKEN, call).map(drop)
        }
        Message::Hold(salt, payer, controller, amount, until) => {
            let call = holdCall {
                salt: B256::repeat_byte(salt),
                payer: address(payer),
                controller: address(controller),
                amount,
                deadline: at(until),
            };
            if module {
                return bench.within(caller, from, |ctx| token::hold(ctx, call).map(drop));
            }
            bench.send(from, TOKEN, call).map(drop)
        }
        Message::Add(which, amount) => {
            let id = id(which);
            if module {
                return bench.within(caller, from, |ctx| token::add(ctx, id, amount));
            }
            bench.send(from, TOKEN, addCall { id, amount }).map(drop)
        }
        Message::Release(which, to, amount) => {
            let (id, to) = (id(which), address(to));
            if module {
                return bench.within(caller, from, |ctx| token::release(ctx, id, to, amount));
            }
            bench
                .send(from, TOKEN, releaseCall { id, to, amount })
                .map(drop)
        }
        Message::Split(which, shares) => {
            let id = id(which);
            let share = |(to, amount)| Share {
                to: address(to),
                amount,
            };
            let shares: Vec<_> = shares.into_iter().map(share).collect();
            if module {
                return bench.within(caller, from, |ctx| token::split(ctx, id, shares));
            }
            bench.send(from, TOKEN, splitCall { id, shares }).map(drop)
        }
        Message::Refund(which, amount) => {
            let id = id(which);
            if module {
                return bench.within(caller, from, |ctx| token::refund(ctx, id, amount));
            }
            bench.send(from, TOKEN, refundCall { id, amount }).map(drop)
        }
        Message::Extend(which, until) => {
            let (id, deadline) = (id(which), at(until));
            bench
                .send(from, TOKEN, extendCall { id, deadline })
                .map(drop)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_unit_is_somebodys(
        messages in prop::collection::vec((0..ACTORS, message(), 0..20u64), 1..50)
    ) {
        let mut bench = network();
        let mut model = Model::default();
        // Everybody begins with something, and lets the first module take of it.
        for who in 0..ACTORS {
            let n = U256::from(50);
            let beginning = [Message::Issue(who, n), Message::Approve(PEOPLE, n)];
            for message in beginning {
                prop_assert!(model.apply(who, &message, 0, 1_337));
                prop_assert_eq!(send(&mut bench, who, message, &[]), Ok(()));
            }
        }
        for (who, message, wait) in messages {
            let time = bench.now() + wait;
            bench.at(time);
            let before = bench.stored().clone();
            let ids: Vec<_> = model.escrows.iter().map(|escrow| escrow.id).collect();
            let outcome = send(&mut bench, who, message.clone(), &ids);
            let expected = model.apply(who, &message, time, 1_337);
            prop_assert_eq!(outcome.is_ok(), expected, "{:?} by {}: {:?}", message, who, outcome);
            prop_assert!(expected || *bench.stored() == before, "{:?} left something", message);
            check(&mut bench)?;

            let sum = model.balances.values().try_fold(U256::ZERO, |sum, n| sum.checked_add(*n));
            prop_assert_eq!(sum, Some(model.supply));
            prop_assert_eq!(bench.view(TOKEN, totalSupplyCall {}), Ok(model.supply));
        }

        for who in 0..PLACES {
            let call = balanceOfCall { account: address(who) };
            prop_assert_eq!(bench.view(TOKEN, call), Ok(model.has(who)));
        }
        for escrow in &model.escrows {
            let found = bench.view(TOKEN, escrowCall { id: escrow.id }).unwrap();
            prop_assert_eq!(found.held, escrow.held);
            prop_assert_eq!(found.deadline, escrow.deadline);
            prop_assert_eq!(found.payer, address(escrow.payer));
            prop_assert_eq!(found.controller, address(escrow.controller));
        }
        for ((owner, spender), allowed) in &model.allowances {
            let (owner, spender) = (address(*owner), address(*spender));
            let found = bench.view(TOKEN, allowanceCall { owner, spender });
            prop_assert_eq!(found, Ok(*allowed));
        }
        let holders = bench.view(TOKEN, holdersCall { from: 0, max: 100 }).unwrap();
        let told = holders.page.iter().try_fold(U256::ZERO, |sum, h| sum.checked_add(h.balance));
        prop_assert_eq!(told, Some(model.supply));
    }
}
