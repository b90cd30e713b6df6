//! A section of eleven fibres: two are rejected, mended and shot again; what follows for milestone, payment and
//! credit.

use commonhold_works_contract::interface::IWorks::{
    Kind, MilestoneState, OrderDone, Part, Verdict, applyForPaymentCall, certificatesCall,
    certifyPaymentCall, claimMilestoneCall, factsCall, fibreCall, milestonesCall, payCall,
    settleMilestoneCall,
};
use commonhold_works_contract::shape::word;

use alloy_primitives::B256;

use crate::world::{BUILDER, STRANGER, SURVEYOR, WINDOW, World, bill};

const FIBRES: [&str; 11] = [
    "K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10", "K11",
];

#[test]
fn eleven_fibres_two_of_them_at_the_second_try() {
    let mut world = World::new();
    let contract_ = world.contract();
    let order = world.order(contract_, &FIBRES);
    let mut done = None;
    for name in FIBRES {
        let bad = ["K04", "K09"].contains(&name);
        if bad {
            let before = world.nonce(order, name);
            assert_eq!(world.measure(order, name, [40, 300]), Verdict::Reject);
            assert_ne!(
                world.nonce(order, name),
                before,
                "a new try has a new nonce"
            );
        }
        assert_eq!(world.measure(order, name, [40, 60]), Verdict::Accept);
        done = world.bench.events::<OrderDone>().pop();
        let call = fibreCall {
            order,
            name: word(name),
        };
        assert_eq!(world.view(call).attempt, u32::from(bad));
    }
    let done = done.unwrap();
    assert_eq!((done.fibres, done.first), (11, 9));

    let milestone = 1;
    world
        .send(
            BUILDER,
            claimMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    world.wait(u64::from(WINDOW) + 1);
    world
        .send(
            STRANGER,
            settleMilestoneCall {
                contract_,
                milestone,
            },
        )
        .unwrap();
    let call = milestonesCall {
        number: contract_,
        from: 0,
        max: 1,
    };
    assert_eq!(world.view(call).page[0].state, MilestoneState::Certified);
    // What hangs on the milestone is paid now.
    let done: Vec<u16> = bill()
        .iter()
        .map(|line| if line.milestone <= 1 { 1_000 } else { 0 })
        .collect();
    let apply = applyForPaymentCall {
        contract_,
        done: done.clone(),
    };
    world.send(BUILDER, apply).unwrap();
    let certify = certifyPaymentCall {
        contract_,
        done,
        reason: B256::ZERO,
    };
    world.send(SURVEYOR, certify).unwrap();
    world
        .send(
            STRANGER,
            payCall {
                contract_,
                number: 1,
            },
        )
        .unwrap();
    let call = certificatesCall {
        number: contract_,
        from: 0,
        max: 1,
    };
    assert_ne!(world.view(call).page[0].paidAt, 0);

    // Nine of eleven at the first try: the fact says so, and nobody's opinion.
    let call = factsCall {
        party: BUILDER,
        from: 0,
        max: 100,
    };
    let facts = world.view(call).page;
    let quality = facts
        .iter()
        .find(|fact| fact.source == Kind::Order)
        .unwrap();
    assert_eq!((quality.part, quality.dimension), (Part::Executor, 1));
    assert_eq!((quality.outcome, quality.verification), (8_181, 3));
}
