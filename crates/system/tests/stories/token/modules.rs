//! Applications settle with money of people who let them: works by milestones, energy by the slot.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Outcome};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::{
    self,
    interface::IToken::{
        ERC20InsufficientAllowance, EscrowTooSmall, NotController, Share, holdCall, releaseCall,
    },
};

use super::{allow, balance, desk, pay, units};
use crate::{ANNA, BEN, CARLA, Desk, refused};

const WORKS: Address = Address::repeat_byte(0xc1);
const ENERGY: Address = Address::repeat_byte(0xc2);

/// Runs `f` as a message of a module that `caller` calls.
fn within<T>(
    desk: &mut Desk,
    caller: Address,
    module: Address,
    f: impl FnOnce(&mut Context<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let outcome = desk.bench.within(caller, module, f);
    assert_eq!(desk.bench.invariants(), Ok(vec![]));
    outcome
}

fn package(amount: u64) -> holdCall {
    holdCall {
        salt: B256::repeat_byte(1),
        payer: ANNA,
        controller: WORKS,
        amount: units(amount),
        deadline: 0,
    }
}

fn share(to: Address, n: u64) -> Share {
    let amount = units(n);
    Share { to, amount }
}

#[test]
fn a_module_needs_leave_as_everybody_does() {
    let mut desk = desk(ANNA, 1_000);
    let error = ERC20InsufficientAllowance {
        spender: WORKS,
        allowance: U256::ZERO,
        needed: units(500),
    };
    // That Anna herself calls the module changes nothing.
    let outcome = within(&mut desk, ANNA, WORKS, |ctx| token::hold(ctx, package(500)));
    refused(outcome, error);
    desk.send(ANNA, allow(WORKS, 800)).unwrap();
    let id = within(&mut desk, ANNA, WORKS, |ctx| {
        let id = token::hold(ctx, package(500))?;
        token::add(ctx, id, units(300))?;
        Ok(id)
    });
    let id = id.unwrap();
    assert_eq!(balance(&mut desk, TOKEN), units(800));
    // Neither Anna nor another module gives it out.
    for caller in [ANNA, ENERGY] {
        let call = releaseCall {
            id,
            to: BEN,
            amount: units(1),
        };
        refused(desk.send(caller, call), NotController { id, caller });
    }
}

#[test]
fn a_milestone_pays_the_contractor_and_the_subcontractors_at_once() {
    let mut desk = desk(ANNA, 1_000);
    desk.send(ANNA, allow(WORKS, 1_000)).unwrap();
    let id = within(&mut desk, ANNA, WORKS, |ctx| {
        token::hold(ctx, package(1_000))
    })
    .unwrap();
    // 400 certified: 5 % retention stays in, 40 of the advance come off, the rest is split.
    within(&mut desk, BEN, WORKS, |ctx| {
        token::split(ctx, id, vec![share(BEN, 200), share(CARLA, 140)])?;
        token::refund(ctx, id, units(40))?;
        assert_eq!(token::escrow(ctx, id)?.held, units(620));
        Ok(())
    })
    .unwrap();
    assert_eq!(balance(&mut desk, BEN), units(200));
    assert_eq!(balance(&mut desk, CARLA), units(140));
    assert_eq!(balance(&mut desk, ANNA), units(40));
    // A message that fails in its second step leaves nothing of its first.
    let before = desk.bench.stored().clone();
    let outcome = within(&mut desk, BEN, WORKS, |ctx| {
        token::release(ctx, id, BEN, units(600))?;
        token::release(ctx, id, CARLA, units(21))
    });
    let error = EscrowTooSmall {
        id,
        held: units(20),
        needed: units(21),
    };
    refused(outcome, error);
    assert_eq!(*desk.bench.stored(), before);
}

#[test]
fn a_community_draws_on_what_was_prepaid() {
    let mut desk = desk(ANNA, 1_000);
    desk.send(ANNA, pay(BEN, 400)).unwrap();
    for payer in [ANNA, BEN] {
        desk.send(payer, allow(ENERGY, 300)).unwrap();
    }
    let prepaid = |payer, salt| holdCall {
        salt: B256::repeat_byte(salt),
        payer,
        controller: ENERGY,
        amount: units(300),
        deadline: 2_000_000,
    };
    let (anna, ben) = within(&mut desk, CARLA, ENERGY, |ctx| {
        Ok((
            token::hold(ctx, prepaid(ANNA, 1))?,
            token::hold(ctx, prepaid(BEN, 2))?,
        ))
    })
    .unwrap();
    // A slot: Anna bought of Ben and of the community, Ben of the community.
    within(&mut desk, CARLA, ENERGY, |ctx| {
        token::split(ctx, anna, vec![share(BEN, 70), share(ENERGY, 30)])?;
        token::release(ctx, ben, ENERGY, units(20))?;
        assert_eq!(token::balance_of(ctx, ENERGY)?, units(50));
        token::transfer(ctx, CARLA, units(50))
    })
    .unwrap();
    assert_eq!(balance(&mut desk, CARLA), units(50));
    assert_eq!(balance(&mut desk, BEN), units(170));
    assert_eq!(balance(&mut desk, TOKEN), units(480));
    // A module has money of its own only as far as it was given any.
    let outcome = within(&mut desk, CARLA, ENERGY, |ctx| {
        token::transfer_from(ctx, ANNA, CARLA, units(1))
    });
    let error = ERC20InsufficientAllowance {
        spender: ENERGY,
        allowance: U256::ZERO,
        needed: units(1),
    };
    refused(outcome, error);
}
