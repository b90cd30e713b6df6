//! Faults in the ceremonies of epochs: members that deal wrongly, that withhold what a ceremony needs, that are gone
//! at one of its steps, or cut off across its end; and ceremonies under load, in networks that grow and shrink.
//!
//! After every run the checker verifies certificates under the key of the founding, whichever shares made them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use commonhold_lab::{
    byzantine::{Conduct, RESHARE, dealer::Misdeal, server::Falsehood},
    ceremonies::{BLOCKS, ceremonies},
    faults::{GOOD, cut, down, ms, schedule},
    founding::{EPOCH_BLOCKS, found, found_to_grow},
    member::LEADER_TIMEOUT,
    scenario::{Outcome, Scenario},
    script::Script,
};
use commonhold_primitives::{consensus::MemberKey, limits::epoch_blocks_min};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::{Action, Crash};
use commonware_utils::NZU64;

const LIAR: usize = 1;

/// Four members through so many epochs, into the next.
fn through(epochs: u64) -> Scenario {
    let scenario = Scenario::new();
    Scenario {
        founding: scenario.founding.with_epochs(NZU64!(BLOCKS)),
        transactions: 100,
        height: epochs * BLOCKS + 3,
        limit: ms(240_000),
        ..scenario
    }
}

/// One of four is false through two ceremonies. Both succeed, and nothing stops.
fn with_one(misdeal: Misdeal, seed: u64) -> Outcome {
    let scenario = Scenario {
        byzantine: [(LIAR, Conduct::Deal(misdeal))].into(),
        ..through(2)
    };
    let outcome = scenario.run(seed);
    let told = outcome.misdeeds_on.get(&RESHARE).copied().unwrap_or(0);
    assert!(told > 0, "nothing false was dealt");
    assert_eq!(outcome.collapsed, 0, "a member stopped");
    assert_eq!(ceremonies(&scenario, &outcome).0, outcome.epochs().len());
    outcome
}

/// The liar's key: the same number of members has the same keys.
fn liar() -> MemberKey {
    found(4, 1).keys[LIAR].clone()
}

/// Nobody can use its dealing, and who was cheated says so by cutting it off.
#[test]
fn shares_that_are_wrong_for_everybody() {
    let outcome = with_one(Misdeal::Wrong(&[0, 2, 3]), 1_200);
    assert!(outcome.dealt_for(&liar()).is_empty());
    for member in [0, 2, 3] {
        assert!(outcome.cut_off.contains(&(member, LIAR)), "member {member}");
    }
}

/// It must lay open what it gave to the one that it cheated, so that one has its share all the same.
#[test]
fn a_share_that_is_wrong_for_one() {
    let outcome = with_one(Misdeal::Wrong(&[3]), 1_201);
    assert!(outcome.cut_off.contains(&(3, LIAR)));
    assert!(!outcome.cut_off.contains(&(0, LIAR)));
}

/// Two right dealings: there is one log, so one of them counts, and whoever has the other finds its share laid open.
#[test]
fn two_dealings_one_of_them_for_one_member() {
    with_one(Misdeal::Two(&[2]), 1_202);
}

/// As above, and too few acknowledge either: its log is of no use in that epoch.
#[test]
fn two_dealings_for_two_halves() {
    let outcome = with_one(Misdeal::Two(&[2, 3]), 1_203);
    assert!(!outcome.dealt_for(&liar()).contains(&1));
}

#[test]
fn no_dealings() {
    let outcome = with_one(Misdeal::Nothing, 1_204);
    assert!(outcome.dealt_for(&liar()).is_empty());
}

/// Whoever acknowledges nothing has its share laid open by those who dealt it: its own loss.
#[test]
fn no_acknowledgements() {
    let outcome = with_one(Misdeal::Unacknowledged, 1_205);
    let epochs = outcome.epochs().len() as u64;
    let all: Vec<u64> = (1..=epochs).collect();
    assert_eq!(outcome.revealed_in(&liar()), all);
}

#[test]
fn no_log_in_its_blocks() {
    let outcome = with_one(Misdeal::NoLog, 1_206);
    assert!(outcome.dealt_for(&liar()).is_empty());
}

/// Its log of the first epoch is good there, and nowhere else.
#[test]
fn an_old_log_in_its_blocks() {
    let outcome = with_one(Misdeal::OldLog, 1_207);
    let later: Vec<u64> = outcome.dealt_for(&liar());
    assert!(later.iter().all(|epoch| *epoch == 1), "{later:?}");
}

/// Two of seven are false in different ways, which is all that seven bear.
#[test]
fn two_false_dealers_of_seven() {
    const LIARS: [(usize, Misdeal); 2] = [
        (1, Misdeal::Wrong(&[0, 2, 3, 5])),
        (4, Misdeal::Unacknowledged),
    ];
    let founding = found(7, 6);
    let keys = founding.keys.clone();
    let blocks = epoch_blocks_min(7);
    let scenario = Scenario {
        founding: founding.with_epochs(blocks.try_into().unwrap()),
        byzantine: LIARS.map(|(m, misdeal)| (m, Conduct::Deal(misdeal))).into(),
        transactions: 60,
        height: blocks + 3,
        limit: ms(240_000),
        ..Scenario::new()
    };
    let outcome = scenario.run(1_210);
    assert_eq!(ceremonies(&scenario, &outcome).0, outcome.epochs().len());
    assert_eq!(outcome.collapsed, 0, "a member stopped");
    assert!(outcome.dealt_for(&keys[1]).is_empty());
    assert!(outcome.revealed_in(&keys[4]).contains(&1));
}

/// With two of four that withhold their logs no ceremony can succeed: the old shares are carried on, and the network
/// goes on with them.
#[test]
fn more_than_can_be_borne_stop_the_ceremony_and_nothing_else() {
    let withhold = Conduct::Deal(Misdeal::NoLog);
    let scenario = Scenario {
        byzantine: [(1, withhold), (2, withhold)].into(),
        ..through(2)
    };
    let outcome = scenario.run(1_211);
    assert_eq!(ceremonies(&scenario, &outcome), (0, 0));
    assert_eq!(outcome.collapsed, 0, "a member stopped");
}

/// Blocks into an epoch at which a member is gone: as soon as it began, among dealings, just before and at the
/// middle, among logs, and just before the border.
const STEPS: [u64; 6] = [0, 3, 14, 16, 20, 29];

/// In each epoch it is gone at another step, for three seconds.
#[test]
fn a_member_disappears_at_each_step() {
    let epochs = STEPS.len() as u64;
    let mut scenario = Scenario {
        transactions: 200,
        ..through(epochs + 1)
    };
    let key = scenario.founding.keys[3].clone();
    let crash = |(epoch, step): (u64, &u64)| {
        let from = epoch * BLOCKS + step;
        Crash::ProcessedHeight {
            participant: key.clone(),
            heights: from..=from + 2,
            downtime: ms(3_000),
        }
    };
    scenario.crashes = (1..).zip(&STEPS).map(crash).collect();
    let outcome = scenario.run(1_220);
    assert_eq!(outcome.starts[3], u32::try_from(epochs).unwrap() + 1);
    assert_eq!(ceremonies(&scenario, &outcome).0, outcome.epochs().len());
}

/// A member is cut off before, at or after the border of two epochs, and hears of the others in the one after the
/// next. It follows, and has a share of its own again.
#[test]
fn a_member_is_cut_off_across_a_border() {
    for (seed, at) in (1_230..).zip([1_500, 3_000, 4_500]) {
        let mut scenario = through(5);
        let keys = scenario.founding.keys.clone();
        let (from, until) = (ms(at), ms(at + 16_000));
        let mut events = cut(&keys, &[3], from);
        events.push((until, Action::Heal(GOOD)));
        scenario.crashes = vec![schedule(events)];
        scenario.not_before = until;
        let outcome = scenario.run(seed);
        ceremonies(&scenario, &outcome);
        let borders = outcome.histories[0].values().filter(|told| {
            let time = told.block.timestamp_ms();
            told.block.number() % BLOCKS == 0 && time > at && time < at + 16_000
        });
        assert!(borders.count() > 0, "it heard of each border in time");
        let last = outcome.epochs().pop().unwrap();
        assert_eq!(
            last.output.revealed().len(),
            0,
            "its share is its own again"
        );
    }
}

/// All stop in the middle of a ceremony in which one deals wrongly.
#[test]
fn all_stop_while_one_deals_wrongly() {
    let mut scenario = Scenario {
        byzantine: [(LIAR, Conduct::Deal(Misdeal::Wrong(&[3])))].into(),
        ..through(2)
    };
    let keys = scenario.founding.keys.clone();
    let events = keys.iter().flat_map(|key| down(key, ms(2_000), ms(2_600)));
    scenario.crashes = vec![schedule(events)];
    let outcome = scenario.run(1_240);
    assert_eq!(outcome.starts, [2, 2, 2, 2]);
    assert!(ceremonies(&scenario, &outcome).0 > 0);
}

/// When the member that joins is killed for the first time: soon after it was started.
const KILLED_FROM_MS: u64 = 5_000;

/// A fresh member joins in a later epoch while one that it asks lies about blocks, state and where to start; it is
/// killed while it joins, and joins again.
#[test]
fn a_member_joins_a_later_epoch_among_lies_and_crashes() {
    let mut joined_again = 0;
    for (seed, falsehood) in (1_250..).zip([Falsehood::Flipped, Falsehood::Another]) {
        let mut scenario = Scenario {
            byzantine: [(LIAR, Conduct::Answer(falsehood))].into(),
            late: [3].into(),
            ..through(4)
        };
        let key = scenario.founding.keys[3].clone();
        let kills = (0..40).flat_map(|n| {
            let at = ms(KILLED_FROM_MS + 200 * n);
            down(&key, at, at + ms(100))
        });
        scenario.crashes = vec![
            Crash::DelayRound {
                participants: vec![key.clone()],
                round: Round::new(Epoch::new(1), View::new(6)),
            },
            schedule(kills),
        ];
        let outcome = scenario.run(seed);
        ceremonies(&scenario, &outcome);
        let first = *outcome.histories[3].keys().next().unwrap();
        assert!(first > BLOCKS, "it executed the chain from block {first}");
        assert!(outcome.misdeeds > 0, "no lie was told");
        joined_again += outcome.interrupted;
    }
    assert!(joined_again > 0, "nobody was killed while it started");
}

/// Four members admit a fifth, then two more at once, then expel three of the founders at once: 4, 5, 7, 4 by votes
/// under load. Three of the four that hold the key in the end did not found it, and the certificates of all epochs
/// verify under the founders' key.
#[test]
fn four_five_seven_four() {
    const LATE: [usize; 3] = [4, 5, 6];
    let blocks = epoch_blocks_min(7);
    let founding = found_to_grow(4, 3, 8).with_epochs(blocks.try_into().unwrap());
    let keys = founding.keys.clone();
    let mut script = Script::default();
    script.admit(&founding, 20, 0, 4, &[0, 1, 2]);
    script.admit(&founding, blocks + 2, 1, 5, &[0, 1, 2]);
    script.admit(&founding, blocks + 2, 2, 6, &[0, 1, 2]);
    for (member, id) in (0..3).zip(3..) {
        script.expel(2 * blocks + 2, id, member, &[0, 1, 2]);
    }
    let scenario = Scenario {
        founding,
        script,
        crashes: vec![Crash::DelayRound {
            participants: LATE.map(|m| keys[m].clone()).to_vec(),
            round: Round::new(Epoch::new(1), View::new(2)),
        }],
        late: LATE.into(),
        absent: [0, 1, 2].into(),
        transactions: 400,
        height: 7 * blocks + 10,
        limit: ms(600_000),
        ..Scenario::new()
    };
    let outcome = scenario.run(1_260);
    assert_eq!(ceremonies(&scenario, &outcome).0, outcome.epochs().len());
    let sizes: Vec<usize> = outcome
        .epochs()
        .iter()
        .map(|info| info.output.players().len())
        .collect();
    assert_eq!(sizes[..7], [4, 4, 4, 5, 7, 4, 4]);
    for member in LATE {
        let signs = outcome.signs_in(&keys[member]);
        assert_eq!(signs.first(), Some(if member == 4 { &4 } else { &5 }));
    }
    assert_eq!(outcome.signs_in(&keys[0]), [1, 2, 3, 4, 5]);
    // Certificates of every epoch, under the founders' key: of each the last block at least.
    let certified = |epoch: u64| outcome.certified.contains(&((epoch + 1) * blocks - 1));
    assert!((0..7).all(certified), "a border has no certificate");
}

/// A run under as much load as clients make, with epochs of so many blocks. No final transaction is lost: the run ends
/// when every one is final on every member.
fn loaded(members: u64, blocks: u64, transactions: usize) -> Outcome {
    let scenario = Scenario {
        founding: found(members, 60).with_epochs(blocks.try_into().unwrap()),
        transactions,
        pause_ms: 4..10,
        height: 3,
        limit: ms(240_000),
        ..Scenario::new()
    };
    let outcome = scenario.run(1_270);
    assert_eq!(outcome.figures.finality_ms.len(), transactions);
    if blocks < EPOCH_BLOCKS.get() {
        let (succeeded, _) = ceremonies(&scenario, &outcome);
        assert!(succeeded > 0, "no ceremony succeeded");
    }
    outcome
}

/// Final transactions in a thousand simulated seconds, of the blocks between the tenth of the run and the last that
/// is full of what clients sent, and without the two that begin an epoch.
fn within_epochs(outcome: &Outcome, blocks: u64) -> u64 {
    let history = &outcome.histories[0];
    let mut loaded = history.values().rev();
    let last = loaded.find(|told| told.block.transactions().len() > 10);
    let (mut count, mut span) = (0, 0);
    for number in 10..last.unwrap().block.number() {
        if number % blocks > 1 {
            let (before, told) = (&history[&(number - 1)].block, &history[&number].block);
            count += told.transactions().len() as u64;
            span += told.timestamp_ms() - before.timestamp_ms();
        }
    }
    count * 1_000_000 / span
}

/// While shares are dealt and logs are in blocks, at most a tenth less becomes final than without. In simulated time,
/// in which computing costs nothing: it is what members wait for. At times an epoch begins with a pause: no longer
/// than it takes until a view is given up.
#[test]
fn a_ceremony_costs_nothing() {
    let alone = loaded(4, EPOCH_BLOCKS.get(), 1_200);
    let without = within_epochs(&alone, EPOCH_BLOCKS.get());
    let outcome = loaded(4, BLOCKS, 1_200);
    let with = within_epochs(&outcome, BLOCKS);
    println!("final transactions in 1,000 s: {without} without ceremonies, {with} with");
    assert!(with * 10 >= without * 9, "{with} of {without}");
    let blocks = outcome.histories[0].values();
    let times: Vec<u64> = blocks.map(|told| told.block.timestamp_ms()).collect();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max();
    let given_up = u64::try_from(2 * LEADER_TIMEOUT.as_millis()).unwrap();
    assert!(
        longest < Some(given_up + 500),
        "no block for {longest:?} ms"
    );
}
