//! What is awarded of a claim is a fact about both sides, once both or two members state the same.

use commonhold_works_contract::{
    interface::IWorks::{
        AlreadySaid, Fact, Kind, NotMember, NoticeKind, Part, Partial, UnfitFigure, UnfitState,
        answerNoticeCall, awardOfCall, factsCall, giveNoticeCall, stateAwardCall,
    },
    shape::word,
};

use alloy_primitives::{Address, B256, U256, keccak256};

use crate::world::{BUILDER, MEMBERS, NOW, OPERATOR, STRANGER, SURVEYOR, WHY, World, refused};

const AWARD: B256 = B256::repeat_byte(0xaa);

const fn of(claim: u64, share: u16) -> stateAwardCall {
    stateAwardCall {
        claim,
        share,
        award: AWARD,
    }
}

const fn said(number: u64) -> AlreadySaid {
    AlreadySaid {
        what: Kind::Notice,
        number,
    }
}

impl World {
    /// A claim that the surveyor refused.
    fn disputed(&mut self) -> u64 {
        let contract_ = self.contract();
        let call = giveNoticeCall {
            contract_,
            kind: NoticeKind::Claim,
            to: SURVEYOR,
            aware: NOW,
            about: 0,
            content: WHY,
        };
        let number = self.send(BUILDER, call).unwrap();
        let open = UnfitState {
            what: Kind::Notice,
            number,
        };
        refused(self.send(BUILDER, of(number, 700)), open);
        let answer = answerNoticeCall {
            number,
            accept: false,
            content: WHY,
        };
        self.send(SURVEYOR, answer).unwrap();
        number
    }

    fn disputes(&mut self, party: Address, part: Part, dimension: u8) -> Vec<Fact> {
        let (from, max) = (0, 100);
        let mut facts = self.view(factsCall { party, from, max }).page;
        facts.retain(|fact| (fact.part, fact.dimension) == (part, dimension));
        facts
    }
}

#[test]
fn both_sides_state_the_same_and_it_is_a_fact_of_both() {
    let mut world = World::new();
    let claim = world.disputed();
    assert!(!world.send(BUILDER, of(claim, 800)).unwrap());
    // Another share is another statement: nothing stands yet.
    assert!(!world.send(OPERATOR, of(claim, 700)).unwrap());
    assert_eq!(world.view(awardOfCall { claim }).at, 0);
    refused(world.send(OPERATOR, of(claim, 700)), said(claim));
    assert!(world.send(BUILDER, of(claim, 700)).unwrap());
    let found = world.view(awardOfCall { claim });
    assert_eq!((found.share, found.award, found.at), (700, AWARD, NOW));
    let builder = world.disputes(BUILDER, Part::Executor, 5);
    let owner = world.disputes(OPERATOR, Part::Owner, 3);
    for (facts, outcome) in [(builder, 7_000), (owner, 3_000)] {
        assert_eq!(facts.len(), 1);
        let fact = &facts[0];
        assert_eq!((fact.outcome, fact.verification), (outcome, 2));
        assert_eq!((fact.source, fact.item), (Kind::Notice, claim));
    }
    refused(world.send(MEMBERS[0], of(claim, 700)), said(claim));
}

#[test]
fn two_members_without_a_part_in_it_state_what_a_side_will_not() {
    let mut world = World::new();
    let claim = world.disputed();
    for caller in [STRANGER, SURVEYOR] {
        refused(world.send(caller, of(claim, 250)), NotMember { caller });
    }
    // A member of the owner's group has a part in it.
    let member = MEMBERS[3];
    world.enrol(member, keccak256(OPERATOR));
    refused(world.send(member, of(claim, 250)), Partial { member });
    let unfit = UnfitFigure {
        what: word("share"),
        given: U256::from(1_001),
    };
    refused(world.send(MEMBERS[0], of(claim, 1_001)), unfit);
    assert!(!world.send(MEMBERS[0], of(claim, 250)).unwrap());
    refused(world.send(MEMBERS[0], of(claim, 300)), said(claim));
    assert!(world.send(MEMBERS[1], of(claim, 250)).unwrap());
    let facts = world.disputes(BUILDER, Part::Executor, 5);
    assert_eq!((facts[0].outcome, facts[0].verification), (2_500, 3));
}
