//! Nobody lies; members crash, links fail.

use commonhold_lab::{
    faults::{link, ms},
    readers::{Plot, Wishes},
    scenario::Scenario,
};
use commonhold_system::records::interface::IRecords::Access;
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::Crash;
use commonware_utils::probability;

use crate::{all_opened, away, failures, members, opened, wanted};

const EVERYTHING: [Plot; 6] = [
    Plot::Granted,
    Plot::Owner,
    Plot::Stranger,
    Plot::Once,
    Plot::Revoked(2),
    Plot::Until(9),
];

#[test]
fn who_is_let_in_opens_and_nobody_else() {
    let scenario = Scenario {
        not_before: ms(9_400),
        ..wanted(&EVERYTHING)
    };
    for outcome in scenario.run_all(1_100..1_102) {
        let said = |plot| {
            let asked = outcome.readers.of(plot).into_iter();
            let said = asked.map(|asked| outcome.readers.access(asked).unwrap());
            said.collect::<Vec<Access>>()
        };
        all_opened(&outcome, Plot::Granted);
        all_opened(&outcome, Plot::Owner);
        all_opened(&outcome, Plot::Until(9));
        assert_eq!(said(Plot::Owner), [Access::Owner]);
        assert_eq!(said(Plot::Stranger), [Access::NoGrant]);
        assert!(opened(&outcome, Plot::Stranger)[0].is_none());
        assert_eq!(said(Plot::Once), [Access::Granted, Access::UsedUp]);
        let once = opened(&outcome, Plot::Once);
        assert!(once[0].is_some() && once[1].is_none());
        let revoked = [
            Access::Granted,
            Access::Granted,
            Access::Revoked,
            Access::Revoked,
        ];
        assert_eq!(said(Plot::Revoked(2)), revoked);
        assert!(
            opened(&outcome, Plot::Revoked(2))[2..]
                .iter()
                .all(Option::is_none)
        );
        // Those that were opened, too, were asked for beside every member when it was over.
        for plot in [Plot::Revoked(2), Plot::Until(9), Plot::Stranger] {
            for asked in outcome.readers.of(plot) {
                assert_eq!(asked.denied_at, members(0..4), "{plot:?}");
            }
        }
        assert_eq!(failures(&outcome), [0; 0]);
        assert_eq!(outcome.readers.interrupted, 0);
        assert!(outcome.cut_off.is_empty());
    }
}

#[test]
fn one_member_is_away() {
    let mut scenario = Scenario {
        not_before: ms(4_000),
        ..wanted(&[Plot::Granted, Plot::Owner, Plot::Granted])
    };
    scenario.openings.from_ms = 800;
    away(&mut scenario, &[3], ms(400), ms(3_500));
    for outcome in scenario.run_all(1_110..1_112) {
        for opened in [
            all_opened(&outcome, Plot::Granted),
            all_opened(&outcome, Plot::Owner),
        ]
        .concat()
        {
            assert!(opened.ms < 3_500, "not before it was back: {opened:?}");
            assert_eq!(opened.answers, members(0..3));
        }
    }
}

/// Nothing opens while two of four are away, whoever asks how often; then it does.
#[test]
fn two_members_are_away_and_come_back() {
    // Some first rounds of a network go by while members begin at different moments.
    let (from, until) = (5_800, 10_000);
    let mut scenario = Scenario {
        not_before: ms(10_500),
        ..wanted(&[Plot::Granted, Plot::Owner])
    };
    scenario.openings.from_ms = from + 700;
    away(&mut scenario, &[1, 2], ms(from), ms(until));
    for outcome in scenario.run_all(1_120..1_122) {
        let seen = outcome
            .readers
            .asked
            .iter()
            .filter_map(|asked| asked.seen_ms);
        let last = seen.max().unwrap();
        assert!(last < from, "a request came too late: {last}");
        let failed = failures(&outcome);
        let within = |ms: &&u64| (from..until).contains(*ms);
        let failed = failed.iter().filter(within).count();
        assert!(failed > 0, "nobody asked while they were away");
        for opened in [
            all_opened(&outcome, Plot::Granted),
            all_opened(&outcome, Plot::Owner),
        ]
        .concat()
        {
            assert!(opened.ms >= until, "two members opened it: {opened:?}");
        }
    }
}

/// Answers take long, one is away, and the member that is asked crashes while they come.
#[test]
fn the_member_that_is_asked_crashes() {
    let mut interrupted = 0;
    for seed in 1_130..1_134 {
        let mut scenario = Scenario {
            link: link(60, 20, probability!(0.9)),
            not_before: ms(4_500),
            ..wanted(&[Plot::Granted, Plot::Owner, Plot::Granted, Plot::Owner])
        };
        scenario.openings.beside = members([0]);
        scenario.openings.from_ms = 2_000;
        away(&mut scenario, &[0], ms(2_060), ms(2_300));
        away(&mut scenario, &[3], ms(1_500), ms(4_000));
        let outcome = match seed {
            1_130 => scenario.run_twice(seed),
            _ => scenario.run(seed),
        };
        assert_eq!(outcome.starts, [2, 1, 1, 2]);
        interrupted += outcome.readers.interrupted;
        all_opened(&outcome, Plot::Granted);
        all_opened(&outcome, Plot::Owner);
    }
    assert!(interrupted > 0, "no crash hit a question");
}

/// A member that was asked crashes, starts again, and is asked for other things, while the answers to
/// what it asked before are still on their way. They are not taken for answers to what it asks now.
#[test]
fn answers_to_what_a_member_asked_before_it_crashed() {
    let mut interrupted = 0;
    for seed in 1_140..1_144 {
        let mut scenario = Scenario {
            link: link(250, 20, probability!(1.0)),
            not_before: ms(9_000),
            ..wanted(&[Plot::Owner; 5])
        };
        scenario.openings.beside = members([2]);
        scenario.openings.from_ms = 7_000;
        away(&mut scenario, &[2], ms(7_100), ms(7_150));
        let outcome = scenario.run(seed);
        interrupted += outcome.readers.interrupted;
        assert!(outcome.cut_off.is_empty(), "{:?}", outcome.cut_off);
        all_opened(&outcome, Plot::Owner);
    }
    assert!(interrupted >= 4, "{interrupted} questions were interrupted");
}

#[test]
fn links_are_slow_and_lossy() {
    let scenario = Scenario {
        link: link(30, 10, probability!(0.9)),
        ..wanted(&EVERYTHING[..5])
    };
    for outcome in scenario.run_all(1_150..1_154) {
        let sent = outcome.counted("messages_sent_total");
        let got = outcome.counted("messages_received_total");
        assert!(sent - got > sent / 20, "{got} of {sent} messages arrived");
        all_opened(&outcome, Plot::Granted);
        all_opened(&outcome, Plot::Owner);
    }
}

/// It asks the others for what was asked on the ledger before it came.
#[test]
fn a_member_that_joined_by_state_sync_is_asked() {
    let mut scenario = Scenario {
        transactions: 60,
        height: 14,
        late: members([3]),
        openings: Wishes {
            plots: vec![Plot::Granted, Plot::Owner, Plot::Stranger],
            beside: members([3]),
            ..Wishes::default()
        },
        ..Scenario::new()
    };
    scenario.crashes = vec![Crash::DelayRound {
        participants: vec![scenario.founding.keys[3].clone()],
        round: Round::new(Epoch::zero(), View::new(20)),
    }];
    for outcome in scenario.run_all(1_160..1_162) {
        let first = *outcome.histories[3].keys().next().unwrap();
        let readers = &outcome.readers;
        let heights = readers
            .law
            .numbers()
            .map(|n| readers.law.request(n).unwrap().height);
        assert!(
            heights.max().unwrap() < first,
            "a request was made after it joined"
        );
        for opened in [
            all_opened(&outcome, Plot::Granted),
            all_opened(&outcome, Plot::Owner),
        ]
        .concat()
        {
            assert_eq!(opened.at, 3);
        }
        for asked in readers.of(Plot::Stranger) {
            assert_eq!(asked.denied_at, members([3]));
        }
    }
}
