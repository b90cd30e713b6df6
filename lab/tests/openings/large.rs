//! A larger network.

use commonhold_lab::{founding::found, readers::Plot, scenario::Scenario};

use crate::{all_opened, wanted};

const MEMBERS: usize = 16;

#[test]
fn sixteen_members_open() {
    let scenario = Scenario {
        founding: found(16, 6),
        ..wanted(&[Plot::Granted, Plot::Owner, Plot::Stranger])
    };
    let outcome = scenario.run(1_500);
    all_opened(&outcome, Plot::Owner);
    for (asked, opened) in outcome
        .readers
        .of(Plot::Granted)
        .into_iter()
        .zip(all_opened(&outcome, Plot::Granted))
    {
        // 2f + 1 of 3f + 1.
        assert!(opened.answers.len() > MEMBERS * 2 / 3, "{opened:?}");
        let took = opened.ms - asked.seen_ms.unwrap();
        println!("{MEMBERS} members: open {took} simulated ms after the request was final");
    }
    assert!(outcome.cut_off.is_empty());
}
