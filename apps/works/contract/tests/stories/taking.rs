//! How work is taken: claims, objections, signatures, inspections, defects, variations.

use alloy_primitives::B256;
use commonhold_works_contract::{
    interface::IWorks::{
        Kind, MilestoneState, NoReason, NotDone, NotYours, Part, UnfitFigure, UnfitState, Verdict,
        WindowOver, answerDefectCall, answerVariationCall, askInspectionCall, claimMilestoneCall,
        contractOfCall, fixDefectCall, inspectCall, milestonesCall, objectToCall,
        proposeVariationCall, raiseDefectCall, settleMilestoneCall, signMilestoneCall,
    },
    shape::word,
};

use crate::world::{
    BUILDER, DAY, NOW, OPERATOR, RIVAL, STRANGER, SUM, SURVEYOR, WHY, WINDOW, World, refused,
};

impl World {
    fn state(&mut self, number: u64, milestone: usize) -> MilestoneState {
        self.view(milestonesCall {
            number,
            from: 0,
            max: 10,
        })
        .page[milestone - 1]
            .state
    }

    fn claimed(&mut self, contract: u64) {
        let order = self.order(contract, &["K01"]);
        assert_eq!(self.measure(order, "K01", [40, 60]), Verdict::Accept);
        let (contract_, milestone) = (contract, 1);
        self.send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    }
}

#[test]
fn nothing_is_claimed_that_was_not_measured() {
    let mut world = World::new();
    let contract_ = world.contract();
    let claim = claimMilestoneCall {
        contract_,
        milestone: 1,
    };
    let nothing = NotDone {
        orders: 0,
        accepted: 0,
        graveDefects: 0,
    };
    refused(world.send(BUILDER, claim.clone()), nothing);
    let order = world.order(contract_, &["K01"]);
    world.measure(order, "K01", [40, 300]);
    let rejected = NotDone {
        orders: 1,
        accepted: 0,
        graveDefects: 0,
    };
    refused(world.send(BUILDER, claim.clone()), rejected);
    world.measure(order, "K01", [40, 60]);
    let call = raiseDefectCall {
        contract_,
        milestone: 1,
        category: 1,
        allowedDays: 3,
        what: WHY,
    };
    let number = world.send(SURVEYOR, call).unwrap();
    let grave = NotDone {
        orders: 1,
        accepted: 1,
        graveDefects: 1,
    };
    refused(world.send(BUILDER, claim.clone()), grave);
    world.send(BUILDER, fixDefectCall { number }).unwrap();
    // It is not mended after all.
    let no = answerDefectCall {
        number,
        closed: false,
        reason: B256::ZERO,
    };
    refused(world.send(SURVEYOR, no), NoReason {});
    world
        .send(
            SURVEYOR,
            answerDefectCall {
                number,
                closed: false,
                reason: WHY,
            },
        )
        .unwrap();
    world.send(BUILDER, fixDefectCall { number }).unwrap();
    world
        .send(
            SURVEYOR,
            answerDefectCall {
                number,
                closed: true,
                reason: WHY,
            },
        )
        .unwrap();
    let own = NotYours {
        what: Kind::Contract,
        number: contract_,
        caller: SURVEYOR,
    };
    refused(world.send(SURVEYOR, claim.clone()), own);
    world.send(BUILDER, claim).unwrap();
    assert_eq!(world.state(contract_, 1), MilestoneState::Claimed);
}

#[test]
fn who_objects_in_time_brings_it_before_people() {
    let mut world = World::new();
    let contract_ = world.contract();
    world.claimed(contract_);
    let milestone = 1;
    let object = objectToCall {
        contract_,
        milestone,
        rule: word("I4"),
        reason: WHY,
    };
    let silent = objectToCall {
        reason: B256::ZERO,
        ..object.clone()
    };
    refused(world.send(SURVEYOR, silent), NoReason {});
    world.send(SURVEYOR, object).unwrap();
    assert_eq!(world.state(contract_, 1), MilestoneState::Objected);

    // Its window does not certify it any more; owner and certifier sign, once each.
    world.wait(u64::from(WINDOW) + 1);
    let unfit = UnfitState {
        what: Kind::Milestone,
        number: 1,
    };
    refused(
        world.send(
            STRANGER,
            settleMilestoneCall {
                contract_,
                milestone,
            },
        ),
        unfit,
    );
    let sign = |approve, reason| signMilestoneCall {
        contract_,
        milestone,
        approve,
        reason,
    };
    let own = NotYours {
        what: Kind::Milestone,
        number: 1,
        caller: BUILDER,
    };
    refused(world.send(BUILDER, sign(true, WHY)), own);
    world.send(OPERATOR, sign(true, B256::ZERO)).unwrap();
    world.send(SURVEYOR, sign(true, B256::ZERO)).unwrap();
    assert_eq!(world.state(contract_, 1), MilestoneState::Certified);

    // The objection was unfounded: that is a fact about who objected.
    let facts = world.facts(SURVEYOR);
    assert_eq!(facts.len(), 1);
    assert_eq!(
        (facts[0].part, facts[0].dimension, facts[0].outcome),
        (Part::Supervisor, 1, 0)
    );
}

#[test]
fn a_refusal_has_a_reason_and_sends_the_milestone_back() {
    let mut world = World::new();
    let contract_ = world.contract();
    world.claimed(contract_);
    let milestone = 1;
    let object = objectToCall {
        contract_,
        milestone,
        rule: word("BUDGET"),
        reason: WHY,
    };
    world.send(OPERATOR, object.clone()).unwrap();
    let sign = |approve, reason| signMilestoneCall {
        contract_,
        milestone,
        approve,
        reason,
    };
    refused(world.send(SURVEYOR, sign(false, B256::ZERO)), NoReason {});
    world.send(SURVEYOR, sign(false, WHY)).unwrap();
    assert_eq!(world.state(contract_, 1), MilestoneState::Refused);
    world
        .send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    let until = world.bench.now() + u64::from(WINDOW);
    world.wait(u64::from(WINDOW) + 1);
    refused(world.send(OPERATOR, object), WindowOver { until });
    world
        .send(
            STRANGER,
            settleMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    assert!(world.facts(OPERATOR).is_empty());
}

#[test]
fn a_variation_that_both_agree_to_moves_what_is_due() {
    let mut world = World::new();
    let contract_ = world.contract();
    let more = proposeVariationCall {
        contract_,
        quantity: 100_000,
        rate: 2_500,
        omits: false,
        extensionDays: 10,
        what: WHY,
    };
    let number = world.send(BUILDER, more.clone()).unwrap();
    let answer = |number, accept| answerVariationCall {
        number,
        accept,
        reason: WHY,
    };
    let own = NotYours {
        what: Kind::Variation,
        number,
        caller: BUILDER,
    };
    refused(world.send(BUILDER, answer(number, true)), own);
    world.wait(8 * DAY);
    world.send(OPERATOR, answer(number, true)).unwrap();
    let shown = world.view(contractOfCall { number: contract_ });
    assert_eq!(
        (shown.sum, shown.added, shown.extensionDays),
        (SUM, 250_000, 10)
    );
    let step = &world
        .view(milestonesCall {
            number: contract_,
            from: 0,
            max: 1,
        })
        .page[0];
    assert_eq!(step.offer.dueAt, NOW + 40 * DAY);
    // An answer in the second period is half an answer in time.
    let fact = &world.facts(OPERATOR)[0];
    assert_eq!(
        (fact.part, fact.dimension, fact.outcome),
        (Part::Owner, 2, 5_000)
    );

    // Nothing is left out that is not there.
    let less = proposeVariationCall {
        quantity: 5_000_000,
        omits: true,
        ..more
    };
    let number = world.send(OPERATOR, less).unwrap();
    let given = alloy_primitives::U256::from(12_500_000);
    refused(
        world.send(BUILDER, answer(number, true)),
        UnfitFigure {
            what: word("rate"),
            given,
        },
    );
    world.send(BUILDER, answer(number, false)).unwrap();

    // Late by thirty-five days but for the ten that were granted: of thirty planned, nothing is left; by two
    // days within them it would be three quarters.
    world.wait(24 * DAY);
    world.measured(contract_);
    let fact = &world.facts(BUILDER)[1];
    assert_eq!(
        (fact.part, fact.dimension, fact.outcome),
        (Part::Executor, 0, 10_000)
    );
}

#[test]
fn an_inspection_is_asked_for_and_answered_in_time_or_late() {
    let mut world = World::new();
    let contract_ = world.contract();
    let ask = |due_at| askInspectionCall {
        contract_,
        milestone: 1,
        dueAt: due_at,
    };
    let now = world.bench.now();
    let early = commonhold_works_contract::interface::IWorks::UnfitTime {
        time: now + 60,
        now: now + DAY,
    };
    refused(world.send(BUILDER, ask(now + 60)), early);
    let number = world.send(BUILDER, ask(now + 3 * DAY)).unwrap();
    world.wait(5 * DAY);
    let inspect = |passed| inspectCall {
        number,
        passed,
        report: WHY,
    };
    let own = NotYours {
        what: Kind::Contract,
        number: contract_,
        caller: RIVAL,
    };
    refused(world.send(RIVAL, inspect(true)), own);
    world.send(SURVEYOR, inspect(true)).unwrap();
    let fact = &world.facts(SURVEYOR)[0];
    assert_eq!(
        (fact.part, fact.dimension, fact.outcome),
        (Part::Supervisor, 0, 5_000)
    );
    let again = UnfitState {
        what: Kind::Inspection,
        number,
    };
    refused(world.send(SURVEYOR, inspect(false)), again);
}
