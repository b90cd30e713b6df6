//! A real community: 32 homes, 8,760 hours.

use commonhold_energy_client::{
    community::{self, Community, Regime},
    simulate::{Mode, Nano, Run, Simulated, simulate},
};
use commonhold_energy_contract::{clearing::HALF, sharing::Key};
use serde_json::Value;

use crate::{data, json};

fn all() -> Option<(Community, Vec<Regime>, Value)> {
    let dir = data("community_sundance")?;
    let tariffs = data("tariffs.json")?;
    let expected = json(&dir.join("expected_results.json"));
    let community = community::read(&dir).unwrap();
    Some((community, community::tariffs(&tariffs).unwrap(), expected))
}

fn whole(found: &Simulated, expected: &Value) {
    for (found, name) in [
        (found.consumption_wh, "consumption_wh"),
        (found.generation_wh, "generation_wh"),
        (found.import_wh, "import_wh"),
        (found.export_wh, "export_wh"),
        (found.max_local_wh, "max_local_wh"),
        (found.to - found.from, "slots"),
        (found.homes as u64, "homes"),
    ] {
        assert_eq!(found, expected[name].as_u64().unwrap(), "{name}");
    }
}

/// What holds of every run.
fn closes(run: &Run) {
    assert_eq!(
        run.accounts_sum_nano,
        Nano(0),
        "{} {}",
        run.tariff,
        run.mode
    );
    assert_eq!((run.balance_faults, run.check_faults), (0, 0));
    assert_eq!(run.worse_off, 0, "{} {}", run.tariff, run.mode);
    let bought: u64 = run.bills.iter().map(|bill| bill.import_local_wh).sum();
    let sold: u64 = run.bills.iter().map(|bill| bill.export_local_wh).sum();
    assert_eq!((bought, sold), (run.local_wh, run.local_wh));
}

fn auction(run: &Run, expected: &Value) {
    closes(run);
    let expected = &expected[&run.tariff];
    assert_eq!(run.local_wh, expected["ours_local_wh"].as_u64().unwrap());
    assert_eq!(run.active_slots, expected["active_slots"].as_u64().unwrap());
    let nano = |name: &str| Nano(expected[name].as_i64().unwrap().into());
    assert_eq!(run.grid_only_nano, nano("grid_only_nano"));
    assert_eq!(run.saving_nano, nano("ours_saving_nano"));
    assert_eq!(run.mean_price, expected["mean_price"].as_i64());
}

#[test]
fn june_comes_out_to_the_unit_under_the_auction_and_every_key() {
    let Some((community, regimes, expected)) = all() else {
        return;
    };
    let hybrid = Key::Hybrid { rounds: 5 };
    let modes = [
        Mode::Auction(HALF),
        Mode::Share(Key::Static),
        Mode::Share(hybrid),
        Mode::Share(Key::Dynamic),
        Mode::Share(Key::Priority),
    ];
    let found = simulate(&community, (3_624, 4_344), &regimes, &modes).unwrap();
    let june = &expected["results"]["june"];
    whole(&found, june);
    let keys = &expected["ex_ante_and_keys"]["june_sharing_keys"];
    for run in &found.runs {
        closes(run);
        let wh = match run.mode.as_str() {
            "auction" => {
                auction(run, june);
                continue;
            }
            "static" => &keys["static_equal"],
            "hybrid-5" => &keys["hybrid5_equal"],
            "dynamic" => &keys["dynamic"],
            _ => &keys["max_local"],
        };
        assert_eq!(run.local_wh, wh.as_u64().unwrap(), "{}", run.mode);
    }
    assert_eq!(found.runs.len(), 10);
}

#[test]
fn the_year_comes_out_to_the_unit() {
    let Some((community, regimes, expected)) = all() else {
        return;
    };
    let found = simulate(&community, (0, 8_760), &regimes, &[Mode::Auction(HALF)]).unwrap();
    let year = &expected["results"]["year"];
    whole(&found, year);
    assert_eq!(found.runs.len(), 2);
    for run in &found.runs {
        auction(run, year);
    }
}
