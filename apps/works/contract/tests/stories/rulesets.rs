//! Texts that are pinned: what is taken, what is refused, and that what they say is what counts.

use commonhold_works_contract::{
    arl::FIBRE_OSP_1,
    interface::IWorks::{
        FibreJudged, MalformedRuleset, NewContract, UnknownRuleset, Verdict, decideReviewCall,
        formContractCall, registerRulesetCall, rulesetCall,
    },
    shape::word,
};

use alloy_primitives::{B256, keccak256};

use crate::world::{OPERATOR, SURVEYOR, WHY, World, refused};

fn register(world: &mut World, text: &str) -> B256 {
    let ruleset = text.to_owned();
    world
        .send(OPERATOR, registerRulesetCall { ruleset })
        .unwrap()
}

#[test]
fn a_ruleset_is_its_text() {
    let mut world = World::new();
    let hash = register(&mut world, FIBRE_OSP_1);
    assert_eq!(hash, keccak256(FIBRE_OSP_1));
    assert_eq!(world.view(rulesetCall { hash }), FIBRE_OSP_1);
    // Whoever registers it again has the same.
    assert_eq!(register(&mut world, FIBRE_OSP_1), hash);
    let other = register(&mut world, &format!("{FIBRE_OSP_1}# for us\n"));
    assert_ne!(other, hash);
}

#[test]
fn what_is_no_ruleset_is_refused() {
    let mut world = World::new();
    let ruleset = "splices shall be good".to_owned();
    refused(
        world.send(OPERATOR, registerRulesetCall { ruleset }),
        MalformedRuleset {
            line: 1,
            what: "here must be ruleset".to_owned(),
        },
    );
    let package = world.package();
    let ruleset = B256::repeat_byte(7);
    let offer = NewContract {
        ruleset,
        ..world.offer(package, 0)
    };
    let unknown = UnknownRuleset { ruleset };
    refused(world.send(OPERATOR, formContractCall { offer }), unknown);
}

#[test]
fn within_a_guard_band_the_certifier_decides() {
    let mut world = World::new();
    let text = FIBRE_OSP_1.replace(
        "SPLICE_MEAN \"mdB\" omit",
        "SPLICE_MEAN \"mdB\" omit guard 40",
    );
    let ruleset = register(&mut world, &text);
    let package = world.package();
    let offer = NewContract {
        ruleset,
        ..world.offer(package, 0)
    };
    let contract = world.contract_of(offer);
    let order = world.order(contract, &["K01"]);
    // A mean of 50 mdB is within 80, but not by 40.
    assert_eq!(world.measure(order, "K01", [40, 60]), Verdict::Review);
    let call = decideReviewCall {
        order,
        fibre: word("K01"),
        accept: true,
        reason: WHY,
    };
    world.send(SURVEYOR, call).unwrap();
    let judged = world.bench.events::<FibreJudged>();
    assert_eq!(
        judged.last().map(|said| said.verdict),
        Some(Verdict::Accept)
    );
}
