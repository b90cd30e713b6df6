//! A leader that shows different valid blocks to different members.

use commonhold_lab::{byzantine::Conduct, scenario::Scenario};

use crate::attacked;

/// Honest members signed for different blocks of the same leader.
fn twins(scenario: &Scenario, seed: u64, views_min: usize) {
    let outcome = scenario.run(seed);
    assert!(outcome.misdeeds > 0, "the twins agreed");
    let views = outcome.split_views();
    assert!(
        views >= views_min,
        "different blocks were signed in {views} views"
    );
    assert_eq!(outcome.collapsed, 0, "a member stopped");
}

/// With its own vote, the block that two of the others hear of becomes final.
#[test]
fn one_member_hears_another_block_than_two() {
    twins(&attacked(Conduct::Twins(&[0])), 900, 1);
}

#[test]
fn two_members_hear_another_block_than_one() {
    twins(&attacked(Conduct::Twins(&[0, 2])), 902, 1);
}

/// Nobody cuts them off: every time that it is their turn there are two blocks.
#[test]
fn twins_that_are_never_cut_off() {
    let scenario = Scenario {
        cut_off: false,
        transactions: 40,
        height: 14,
        ..attacked(Conduct::Twins(&[0]))
    };
    twins(&scenario, 904, 2);
}
