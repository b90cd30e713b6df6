//! A larger network. `lab/examples/openings.rs` measures networks that take too long for a test.

use commonhold_lab::{founding::found, readers::Plot, scenario::Scenario};

use crate::{all_opened, wanted};

const MEMBERS: usize = 16;
/// Simulated milliseconds from the final request to the content, at the median.
const MILLIS_MAX: u64 = 250;

#[test]
fn sixteen_members_open() {
    let scenario = Scenario {
        founding: found(16, 6),
        ..wanted(&[Plot::Granted, Plot::Owner, Plot::Stranger])
    };
    let outcome = scenario.run(1_500);
    all_opened(&outcome, Plot::Owner);
    for opened in all_opened(&outcome, Plot::Granted) {
        // 2f + 1 of 3f + 1.
        assert!(opened.answers.len() > MEMBERS * 2 / 3, "{opened:?}");
    }
    let took = outcome.readers.took_ms();
    println!("{MEMBERS} members: content after {took:?} simulated ms");
    assert!(took[took.len() / 2] <= MILLIS_MAX, "{took:?}");
    assert!(outcome.cut_off.is_empty());
}
