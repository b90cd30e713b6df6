use super::*;
use crate::{community, testing::sample};
use commonhold_energy_contract::clearing::HALF;

fn all() -> Vec<Mode> {
    vec![
        Mode::Auction(HALF),
        Mode::Share(Key::Static),
        Mode::Share(Key::Hybrid { rounds: 5 }),
        Mode::Share(Key::Dynamic),
        Mode::Share(Key::Priority),
    ]
}

#[test]
fn a_street_shares_what_it_can_and_no_unit_is_lost() {
    let community = community::read(&sample("street")).unwrap();
    let regimes = community::tariffs(&sample("street/tariffs.json")).unwrap();
    let found = simulate(&community, (0, 48), &regimes, &all()).unwrap();
    assert!(found.max_local_wh > 0);
    assert_eq!(found.runs.len(), 10);
    for run in &found.runs {
        assert_eq!(run.accounts_sum_nano, Nano(0));
        assert_eq!(
            (run.worse_off, run.balance_faults, run.check_faults),
            (0, 0, 0)
        );
        assert!(run.local_wh <= found.max_local_wh);
        if ["auction", "dynamic", "priority"].contains(&run.mode.as_str()) {
            assert_eq!(run.local_wh, found.max_local_wh, "{}", run.mode);
        }
        let bought: u64 = run.bills.iter().map(|bill| bill.import_local_wh).sum();
        let sold: u64 = run.bills.iter().map(|bill| bill.export_local_wh).sum();
        assert_eq!((bought, sold), (run.local_wh, run.local_wh));
        let paid: i128 = run.bills.iter().map(|bill| bill.paid_nano.0).sum();
        assert_eq!(paid, run.paid_nano.0);
        assert_eq!(run.saving_nano.0, run.grid_only_nano.0 - run.paid_nano.0);
        let cents: i128 = run.bills.iter().map(|bill| bill.paid_cents.0).sum();
        assert_eq!(cents * CENT_NANO - run.rounding_nano.0, run.paid_nano.0);
    }
}

#[test]
fn a_home_that_weighs_more_gets_more_and_one_that_weighs_nothing_gets_nothing() {
    let mut community = community::read(&sample("street")).unwrap();
    let regimes = community::tariffs(&sample("street/tariffs.json")).unwrap();
    let modes = [Mode::Share(Key::Static), Mode::Share(Key::Priority)];
    let got = |community: &Community| {
        let found = simulate(community, (0, 48), &regimes[..1], &modes).unwrap();
        let local =
            |run: &Run| -> Vec<u64> { run.bills.iter().map(|bill| bill.import_local_wh).collect() };
        for run in &found.runs {
            assert_eq!((run.accounts_sum_nano, run.check_faults), (Nano(0), 0));
        }
        [local(&found.runs[0]), local(&found.runs[1])]
    };
    let [equal, joined] = got(&community);
    let last = equal.iter().rposition(|wh| *wh != 0).unwrap();
    let first = equal.iter().position(|wh| *wh != 0).unwrap();
    assert_ne!(first, last);
    community.homes[last].weight = 5;
    community.homes[first].weight = 0;
    let [weighed, ranked] = got(&community);
    assert_eq!(weighed[first], 0);
    assert!(weighed[last] > equal[last] && ranked[last] >= joined[last]);
    assert!(ranked[first] <= joined[first]);
}

#[test]
fn slots_that_there_are_not_are_refused() {
    let community = community::read(&sample("street")).unwrap();
    for window in [(0, 49), (5, 5), (6, 5)] {
        let found = simulate(&community, window, &[], &all());
        assert_eq!(found.unwrap_err(), Unfit::Slots(window.0, window.1, 48));
    }
}
