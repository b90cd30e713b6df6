//! Whole networks in the deterministic simulator: 50 seeds in every run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use commonhold_lab::scenario::Scenario;

#[test]
fn all_is_well() {
    let t = std::time::Instant::now();
    for outcome in Scenario::new().run_all(0..2) {
        println!("{} {} {:?}", outcome.height(), outcome.skipped_views(), t.elapsed());
    }
}
