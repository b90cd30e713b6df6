//! Credit: facts count when they are final, appeals take them out, forgery caps.

use alloy_primitives::Address;
use commonhold_works_contract::{
    interface::IWorks::{
        AlreadySaid, AppealOver, FactState, Kind, NotMember, Part, Partial, Score, UnfitState,
        appealCall, appealOfCall, creditCall, explainCall, settleCreditCall, stateForgeryCall,
        voteAppealCall,
    },
    shape::word,
};

use crate::{
    made::fibre,
    world::{BUILDER, DAY, MEMBERS, NOW, OPERATOR, STRANGER, WHY, World, refused},
};

impl World {
    fn score(&mut self, party: Address, part: Part) -> Score {
        self.view(creditCall { party, part })
    }

    /// A contract whose fibres are good at the first try, or bad.
    fn worked(&mut self, losses: [u64; 2]) -> u64 {
        let contract = self.contract();
        let order = self.order(contract, &["K01"]);
        self.measure(order, "K01", losses);
        if losses[1] > 200 {
            self.measure(order, "K01", [40, 60]);
        }
        contract
    }
}

#[test]
fn a_newcomer_has_the_prior_and_facts_count_after_fourteen_days() {
    let mut world = World::new();
    let new = world.score(BUILDER, Part::Executor);
    assert_eq!((new.score, new.grade, new.pending), (700, word("NR"), 0));
    world.worked([40, 60]);
    let pending = world.score(BUILDER, Part::Executor);
    assert_eq!((pending.score, pending.pending), (700, 1));
    world.wait(14 * DAY + 1);
    let known = world.score(BUILDER, Part::Executor);
    assert_eq!(known.pending, 0);
    assert!(known.score > 700, "{}", known.score);
    let effects = world.view(explainCall {
        party: BUILDER,
        part: Part::Executor,
        from: 0,
        max: 10,
    });
    assert_eq!(effects.page.len(), 1);
    assert_eq!(
        effects.page[0].delta,
        i64::try_from(known.micro).unwrap() - 700_000
    );
}

#[test]
fn nobody_earns_with_their_own_group() {
    let mut world = World::new();
    // The builder belongs to the operator's owner: what they do together counts for nothing.
    let group = alloy_primitives::keccak256(OPERATOR);
    world.enrol(crate::world::RIVAL, group);
    // A party's group stays what it was, whatever is said of it later.
    let shown = world.view(commonhold_works_contract::interface::IWorks::partyCall {
        account: crate::world::RIVAL,
    });
    assert_eq!(
        shown.group,
        alloy_primitives::keccak256(crate::world::RIVAL)
    );
}

#[test]
fn an_appeal_takes_a_fact_out_until_members_decide() {
    let mut world = World::new();
    world.worked([40, 300]);
    let fact = 1;
    let grounds = WHY;
    let number = world.send(BUILDER, appealCall { fact, grounds }).unwrap();
    let unfit = UnfitState {
        what: Kind::Fact,
        number: fact,
    };
    refused(world.send(BUILDER, appealCall { fact, grounds }), unfit);
    world.wait(15 * DAY);
    let open = world.score(BUILDER, Part::Executor);
    assert_eq!((open.score, open.ifWon), (700, 700));
    assert!(open.ifLost < 700, "{}", open.ifLost);

    // Members that have no part in it vote; two that say the same decide.
    let vote = |state, outcome| voteAppealCall {
        number,
        state,
        outcome,
    };
    refused(
        world.send(STRANGER, vote(FactState::Upheld, 0)),
        NotMember { caller: STRANGER },
    );
    world
        .send(MEMBERS[0], vote(FactState::Overturned, 0))
        .unwrap();
    let twice = AlreadySaid {
        what: Kind::Appeal,
        number,
    };
    refused(
        world.send(MEMBERS[0], vote(FactState::Overturned, 0)),
        twice,
    );
    world
        .send(MEMBERS[1], vote(FactState::Amended, 9_000))
        .unwrap();
    world
        .send(MEMBERS[2], vote(FactState::Amended, 9_000))
        .unwrap();
    let decided = world.view(appealOfCall { number });
    assert_eq!(
        (decided.state, decided.votes),
        (FactState::Amended, [0, 1, 2])
    );
    let after = world.score(BUILDER, Part::Executor);
    assert!(
        after.score > 700 && after.ifLost == after.ifWon,
        "{}",
        after.score
    );
    let over = UnfitState {
        what: Kind::Appeal,
        number,
    };
    refused(world.send(MEMBERS[3], vote(FactState::Upheld, 0)), over);
}

#[test]
fn who_has_a_part_in_it_does_not_decide_and_silence_upholds() {
    let mut world = World::new();
    world.worked([40, 300]);
    world.worked([40, 60]);
    let until = world.facts(BUILDER)[1].time + 14 * DAY;
    // A member of the operator's owner.
    let group = alloy_primitives::keccak256(OPERATOR);
    world.enrol(MEMBERS[3], group);
    let number = world
        .send(
            BUILDER,
            appealCall {
                fact: 1,
                grounds: WHY,
            },
        )
        .unwrap();
    let vote = voteAppealCall {
        number,
        state: FactState::Upheld,
        outcome: 0,
    };
    refused(
        world.send(MEMBERS[3], vote.clone()),
        Partial { member: MEMBERS[3] },
    );
    world.wait(31 * DAY);
    world.send(STRANGER, vote).unwrap();
    assert_eq!(world.view(appealOfCall { number }).state, FactState::Upheld);
    assert!(world.score(BUILDER, Part::Executor).score < 700);

    // A fact that is final is not appealed against any more.
    let now = world.bench.now();
    let call = appealCall {
        fact: 2,
        grounds: WHY,
    };
    refused(world.send(BUILDER, call), AppealOver { until, now });
}

#[test]
fn what_a_counterparty_counts_is_its_own_score_of_the_epoch_before() {
    let mut world = World::new();
    world.worked([40, 60]);
    world.wait(15 * DAY);
    let before = world.score(BUILDER, Part::Executor).micro;
    // The operator is not rated: it goes on to count as somebody unknown.
    let settle = settleCreditCall {
        party: OPERATOR,
        part: Part::Owner,
    };
    world.send(STRANGER, settle).unwrap();
    assert_eq!(world.score(BUILDER, Part::Executor).micro, before);
    // A member of its group makes its word count whole.
    world.enrol(MEMBERS[3], alloy_primitives::keccak256(OPERATOR));
    assert!(world.score(BUILDER, Part::Executor).micro > before);
}

#[test]
fn proven_forgery_caps_the_score() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    let mut made = fibre("K01", 1310, false, [40, 300], u32::try_from(NOW).unwrap());
    made.said = Some((1, 50));
    let evidence = world.bring(order, &made).unwrap().number;
    let call = stateForgeryCall { evidence };
    refused(
        world.send(OPERATOR, call.clone()),
        NotMember { caller: OPERATOR },
    );
    world.send(MEMBERS[0], call.clone()).unwrap();
    refused(
        world.send(MEMBERS[0], call.clone()),
        AlreadySaid {
            what: Kind::Evidence,
            number: evidence,
        },
    );
    assert_eq!(world.score(BUILDER, Part::Executor).afterFlags, 700);
    world.send(MEMBERS[1], call).unwrap();
    let capped = world.score(BUILDER, Part::Executor);
    // The cap is shown beside the number and not hidden in it.
    assert_eq!((capped.score, capped.afterFlags), (700, 400));
}
