//! Payment: what is certified, what is refused, and what being late costs.

use alloy_primitives::{B256, U256};
use commonhold_system::token::interface::IToken::EscrowTooSmall;
use commonhold_works_contract::interface::IWorks::{
    AboveContractSum, Backwards, Kind, MilestoneOpen, NoReason, NotNext, NotYours, OtherSum,
    UnfitFigure, UnfitState, acceptContractCall, addLinesCall, agreeShareCall, applyForPaymentCall,
    certificatesCall, certifyPaymentCall, claimMilestoneCall, fundCall, nameSubcontractorCall,
    payCall, signMilestoneCall,
};

use crate::world::{
    BUILDER, CENT, DAY, OPERATOR, RIVAL, SPLICER, STRANGER, SUM, SURVEYOR, WHY, World, bill,
    refused,
};

impl World {
    fn apply(&mut self, contract_: u64, done: &[u16]) {
        let done = done.to_vec();
        self.send(BUILDER, applyForPaymentCall { contract_, done })
            .unwrap();
    }
}

fn certify(contract_: u64, done: &[u16], reason: B256) -> certifyPaymentCall {
    let done = done.to_vec();
    certifyPaymentCall {
        contract_,
        done,
        reason,
    }
}

#[test]
fn nothing_is_certified_above_the_contract_sum() {
    let mut world = World::new();
    let contract = world.contract();
    world.apply(contract, &[1001, 0, 0]);
    let max = SUM as i64;
    let over = AboveContractSum {
        line: 1,
        gross: 1001,
        max,
    };
    refused(
        world.send(SURVEYOR, certify(contract, &[1001, 0, 0], B256::ZERO)),
        over,
    );
    // Less is certified with a reason; and never less than before.
    refused(
        world.send(SURVEYOR, certify(contract, &[600, 0, 0], B256::ZERO)),
        NoReason {},
    );
    world
        .send(SURVEYOR, certify(contract, &[600, 0, 0], WHY))
        .unwrap();
    world.apply(contract, &[599, 0, 0]);
    refused(
        world.send(SURVEYOR, certify(contract, &[599, 0, 0], B256::ZERO)),
        Backwards { line: 1 },
    );
    let few = UnfitFigure {
        what: commonhold_works_contract::shape::word("done"),
        given: U256::from(2),
    };
    refused(world.send(SURVEYOR, certify(contract, &[700, 0], WHY)), few);
}

#[test]
fn a_line_waits_for_its_milestone() {
    let mut world = World::new();
    let contract = world.contract();
    world.apply(contract, &[0, 10, 0]);
    let open = MilestoneOpen {
        line: 2,
        milestone: 1,
    };
    refused(
        world.send(SURVEYOR, certify(contract, &[0, 10, 0], B256::ZERO)),
        open,
    );
    world.measured(contract);
    world
        .send(SURVEYOR, certify(contract, &[0, 10, 0], B256::ZERO))
        .unwrap();
    let nothing = UnfitState {
        what: Kind::Contract,
        number: contract,
    };
    refused(
        world.send(SURVEYOR, certify(contract, &[0, 20, 0], B256::ZERO)),
        nothing,
    );
}

#[test]
fn who_certifies_does_not_build_and_who_builds_does_not_certify() {
    let mut world = World::new();
    let contract = world.contract();
    world.apply(contract, &[10, 0, 0]);
    for caller in [BUILDER, OPERATOR, RIVAL] {
        let own = NotYours {
            what: Kind::Contract,
            number: contract,
            caller,
        };
        refused(
            world.send(caller, certify(contract, &[10, 0, 0], B256::ZERO)),
            own,
        );
    }
    let package = world.package();
    let offer = world.offer(package, 0);
    let number = world.offered(offer);
    refused(
        world.send(
            BUILDER,
            acceptContractCall {
                number,
                sum: SUM - 1,
            },
        ),
        OtherSum {
            agreed: SUM - 1,
            sum: SUM,
        },
    );
    world
        .send(BUILDER, acceptContractCall { number, sum: SUM })
        .unwrap();
    let lines = bill();
    let fixed = UnfitState {
        what: Kind::Contract,
        number,
    };
    refused(world.send(OPERATOR, addLinesCall { number, lines }), fixed);
}

#[test]
fn certificates_are_paid_in_their_order_and_out_of_what_is_there() {
    let mut world = World::new();
    let package = world.package();
    let offer = world.offer(package, 0);
    let number = world.offered(offer);
    world
        .send(BUILDER, acceptContractCall { number, sum: SUM })
        .unwrap();
    for done in [100, 200] {
        world.apply(number, &[done, 0, 0]);
        world
            .send(SURVEYOR, certify(number, &[done, 0, 0], B256::ZERO))
            .unwrap();
    }
    let pay = |which| payCall {
        contract_: number,
        number: which,
    };
    refused(world.send(STRANGER, pay(2)), NotNext { number: 2, next: 1 });
    let nothing = UnfitState {
        what: Kind::Contract,
        number,
    };
    refused(world.send(STRANGER, pay(1)), nothing);
    let amount = U256::from(CENT);
    world.send(OPERATOR, fundCall { number, amount }).unwrap();
    let Err(fault) = world.send(STRANGER, pay(1)) else {
        panic!("paid")
    };
    assert!(fault.decode::<EscrowTooSmall>().is_some());
    let amount = U256::from(SUM) * U256::from(CENT);
    world.send(OPERATOR, fundCall { number, amount }).unwrap();

    // NEC4: three weeks from the application to the money. Four weeks is seven days late.
    world.wait(28 * DAY);
    world.send(STRANGER, pay(1)).unwrap();
    let fact = world.facts(OPERATOR).pop().unwrap();
    assert_eq!((fact.dimension, fact.outcome), (0, 7_667));
    world.send(STRANGER, pay(2)).unwrap();
    refused(world.send(STRANGER, pay(2)), NotNext { number: 2, next: 3 });
}

#[test]
fn subcontractors_agree_to_their_shares_and_shares_end_at_the_whole() {
    let mut world = World::new();
    let number = world.contract();
    let name = |subcontractor, permille| nameSubcontractorCall {
        number,
        subcontractor,
        permille,
    };
    world.send(BUILDER, name(SPLICER, 600)).unwrap();
    let over = UnfitFigure {
        what: commonhold_works_contract::shape::word("permille"),
        given: U256::from(1_100),
    };
    refused(world.send(BUILDER, name(RIVAL, 500)), over);
    world.send(BUILDER, name(RIVAL, 400)).unwrap();
    let own = NotYours {
        what: Kind::Contract,
        number,
        caller: STRANGER,
    };
    refused(world.send(STRANGER, agreeShareCall { number }), own);
    world.send(SPLICER, agreeShareCall { number }).unwrap();
    // Who has not agreed gets nothing yet: it stays with the contractor.
    let first = world.paid(number, &[100, 0, 0]) as u64;
    assert_eq!(world.money(SPLICER), first * 600 / 1000);
    assert_eq!(world.money(RIVAL), 0);
    assert_eq!(world.money(BUILDER), first - first * 600 / 1000);
}

#[test]
fn delay_costs_what_the_contract_says() {
    let mut world = World::new();
    let contract_ = world.contract();
    world.measured(contract_);
    // Done seventy days after the beginning, ten after it was due.
    let now = world.bench.now();
    world.wait(crate::world::NOW + 70 * DAY - now);
    world
        .send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone: 2,
            },
        )
        .unwrap();
    for who in [OPERATOR, SURVEYOR] {
        let call = signMilestoneCall {
            contract_,
            milestone: 2,
            approve: true,
            reason: B256::ZERO,
        };
        world.send(who, call).unwrap();
    }
    world.paid(contract_, &[1000, 1000, 1000]);
    let page = world
        .view(certificatesCall {
            number: contract_,
            from: 0,
            max: 1,
        })
        .page;
    assert_eq!(page[0].damages, 10 * 10_000);
    assert_eq!(page[0].retention, 11_000_000 / 20 / 2);
    let fact = world.facts(BUILDER).pop().unwrap();
    // 40,000 × 10 / 30 is more than all.
    assert_eq!((fact.dimension, fact.outcome), (0, 0));
}
