use std::fs;

use tempfile::TempDir;

use super::*;
use crate::testing::sample;

/// The sample community, to be changed.
fn copy() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(sample("street")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    dir
}

fn changed(file: &str, from: &str, to: &str) -> String {
    let dir = copy();
    let path = dir.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    match read(dir.path()) {
        Ok(_) => "taken".to_owned(),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn the_sample_is_taken_and_consumers_generate_nothing() {
    let community = read(copy().path()).unwrap();
    assert_eq!(community.homes.len(), 4);
    assert!(community.homes.iter().all(|home| home.slots.len() == 48));
    let consumer = community
        .homes
        .iter()
        .find(|home| home.name == "dora")
        .unwrap();
    assert!(consumer.slots.iter().all(|slot| slot.1 == 0));
    let regimes = tariffs(&sample("street/tariffs.json")).unwrap();
    assert_eq!(regimes.len(), 2);
}

#[test]
fn limits_leave_nobody_worse_off() {
    let community = read(copy().path()).unwrap();
    for regime in tariffs(&sample("street/tariffs.json")).unwrap() {
        for home in &community.homes {
            let (buy, sell) = regime.limits(home);
            assert!(sell >= regime.tariff.feed_in);
            assert!(buy <= regime.tariff.retail - regime.fees.total().unwrap());
        }
    }
}

#[test]
fn what_is_missing_or_wrong_is_refused_with_its_place() {
    for (file, from, to, expected) in [
        (
            "anna.csv",
            "\n3,",
            "\n4,",
            "anna.csv: line 5: 1 slots are missing",
        ),
        (
            "anna.csv",
            "\n3,",
            "\n2,",
            "anna.csv: line 5: begins before",
        ),
        (
            "anna.csv",
            "\n47,",
            "\n48,",
            "anna.csv: line 49: 1 slots are missing",
        ),
        (
            "anna.csv",
            "_wh",
            "_kwh",
            "anna.csv: line 1: a home's columns are in Wh",
        ),
        (
            "anna.csv",
            "\n0,",
            "\n0,-",
            "anna.csv: line 2: the energy is no whole number",
        ),
        (
            "anna.csv",
            "\n0,",
            "\n0,1.",
            "anna.csv: line 2: the energy is no whole number",
        ),
        (
            "community.json",
            "\"anna.csv\"",
            "\"../anna.csv\"",
            "community.json: homes[0]: a home",
        ),
        (
            "community.json",
            "\"anna.csv\"",
            "\".anna\"",
            "community.json: homes[0]: a home",
        ),
        (
            "community.json",
            "\"bert\"",
            "\"anna\"",
            "community.json: homes[1]: has the same",
        ),
        (
            "community.json",
            "1800",
            "1801",
            "community.json: the file: slot_seconds",
        ),
        (
            "community.json",
            "48",
            "49",
            "anna.csv: the file: 1 slots are missing",
        ),
        ("community.json", "48", "47", "anna.csv: line 49: is beyond"),
        (
            "community.json",
            "consumer",
            "landlord",
            "community.json: homes[",
        ),
        ("community.json", "{", "", "community.json: line"),
    ] {
        let found = changed(file, from, to);
        assert!(found.starts_with(expected), "{file} {to}: {found}");
    }
    let dir = copy();
    fs::remove_file(dir.path().join("bert.csv")).unwrap();
    let found = read(dir.path()).unwrap_err().to_string();
    assert!(
        found.starts_with("bert.csv: the file: cannot be read"),
        "{found}"
    );
}

#[test]
fn tariffs_that_are_none_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.json");
    for (text, expected) in [
        ("{}", "t.json: the file: holds no tariff"),
        (r#"{"a": {"retail_import": 1}}"#, "t.json: a: a tariff has"),
        (
            r#"{"a": {"retail_import": 1.5, "feed_in": 1, "local_network_fee": 1}}"#,
            "t.json: a: a tariff has",
        ),
        (
            r#"{"a": {"retail_import": 10000001, "feed_in": 1, "local_network_fee": 1}}"#,
            "t.json: a: a price or fee is outside",
        ),
        ("[", "t.json: line 1"),
    ] {
        fs::write(&path, text).unwrap();
        let found = tariffs(&path).unwrap_err().to_string();
        assert!(found.starts_with(expected), "{text}: {found}");
    }
}
