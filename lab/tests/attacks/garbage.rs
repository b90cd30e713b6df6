//! Noise, and real messages with something wrong in them, on every channel there is.

use commonhold_chain::network::CHANNELS;
use commonhold_lab::{
    byzantine::{
        BACKFILL, BROADCAST, CERTIFICATE, Conduct, GOSSIP, OPENING, PROBE, RESOLVER, STATE, VOTE,
    },
    scenario::{Outcome, Scenario},
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_glue::simulate::action::Crash;

use crate::{attacked, cut_off};

fn babbles(on: &'static [u64], seed: u64) -> Outcome {
    let scenario = Scenario {
        transactions: 20,
        height: 6,
        ..attacked(Conduct::Babble(on))
    };
    let outcome = scenario.run(seed);
    for channel in on {
        let sent = outcome.misdeeds_on[channel];
        assert!(sent > 20, "{sent} messages on channel {channel}");
    }
    assert_eq!(outcome.collapsed, 0, "a member stopped");
    outcome
}

/// Here garbage is proof of misconduct: the others cut it off, and go on as three of four.
#[test]
fn garbage_among_what_members_push_to_one_another() {
    for (channel, seed) in [
        (&[VOTE], 910),
        (&[CERTIFICATE], 911),
        (&[PROBE], 912),
        (&[GOSSIP], 913),
        (&[OPENING], 915),
    ] {
        let outcome = babbles(channel, seed);
        let by = cut_off(&outcome);
        assert_eq!(by, 3, "channel {channel:?}: not cut off by all");
    }
}

/// Here garbage is passed over unless it answers a question.
#[test]
fn garbage_among_questions_answers_and_blocks() {
    babbles(&[RESOLVER, BACKFILL, BROADCAST, STATE], 914);
}

/// Nobody cuts it off, so that the garbage never ends; and one member joins through it.
#[test]
fn garbage_everywhere_for_ever() {
    let mut scenario = Scenario {
        cut_off: false,
        transactions: 60,
        height: 14,
        late: [3].into(),
        ..attacked(Conduct::Babble(&CHANNELS))
    };
    scenario.crashes = vec![Crash::DelayRound {
        participants: vec![scenario.founding.keys[3].clone()],
        round: Round::new(Epoch::zero(), View::new(8)),
    }];
    let outcome = scenario.run(920);
    for channel in CHANNELS {
        let sent = outcome.misdeeds_on[&channel];
        assert!(sent > 100, "{sent} messages on channel {channel}");
    }
    assert_eq!(cut_off(&outcome), 3, "somebody took no offence");
    assert_eq!(outcome.collapsed, 0, "a member stopped");
    let first = outcome.histories[3].keys().next().copied();
    assert!(
        first > Some(3),
        "it executed the chain from block {first:?}"
    );
}
