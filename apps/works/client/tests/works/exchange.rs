//! What people exchange.

use std::fs;

use serde_json::{Value, json};

use crate::{data, holds, read, works};

fn inspected(folder: &str, expected: &str) {
    let Some(expected) = data(&format!("{folder}/{expected}")) else {
        return;
    };
    for expected in read(&expected).as_array().unwrap() {
        let file = expected["file"].as_str().unwrap();
        let found = works(&["inspect", &data(&format!("{folder}/{file}")).unwrap()]);
        holds(file, expected, &found.data);
    }
}

#[test]
fn sweeps_are_read_as_expected() {
    inspected("radio", "expected_s1p.json");
}

#[test]
fn issues_are_read_as_expected() {
    inspected("bcf", "expected.json");
}

#[test]
fn programmes_are_read_as_expected() {
    inspected("schedule", "expected.json");
}

#[test]
fn our_programme_is_read_as_expected() {
    let Some(programme) = data("project/schedule.mspdi.xml") else {
        return;
    };
    let found = works(&["inspect", &programme]).data;
    let expected = read(&data("project/expected_schedule.json").unwrap());
    let expected = expected.as_array().unwrap();
    let found = found["tasks"].as_array().unwrap();
    assert_eq!(expected.len(), found.len());
    for (expected, found) in expected.iter().zip(found) {
        for name in ["uid", "name", "milestone", "start", "finish"] {
            assert_eq!(expected[name], found[name]);
        }
        let hours = format!("PT{}H0M0S", expected["duration_h"]);
        assert_eq!(found["duration"], hours);
        let before = found["predecessors"].as_array().unwrap();
        let before: Vec<&Value> = before.iter().map(|link| &link["uid"]).collect();
        assert_eq!(expected["predecessors"], json!(before));
    }
}

#[test]
fn what_is_converted_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let to = |name: &str| {
        folder
            .path()
            .join(name)
            .into_os_string()
            .into_string()
            .unwrap()
    };
    let same = |from: &str, name: &str, part: &str| {
        let Some(from) = data(from) else { return };
        works(&["convert", &from, &to(name)]);
        let (before, after) = (
            works(&["inspect", &from]).data,
            works(&["inspect", &to(name)]).data,
        );
        assert_eq!(before[part], after[part], "{name}");
    };
    same("project/boq.csv", "bill.xlsx", "lines");
    same("project/boq.csv", "bill.csv", "lines");
    same("project/schedule.mspdi.xml", "programme.xml", "tasks");
    same("schedule/mpxj-mspdirelations.xml", "relations.xml", "tasks");
    let Some(issues) = data("bcf/bcf-v2.1-maximuminformation.bcf") else {
        return;
    };
    works(&["convert", &issues, &to("issues.bcf")]);
    let (before, after) = (
        works(&["inspect", &issues]).data,
        works(&["inspect", &to("issues.bcf")]).data,
    );
    assert_eq!(after["version"], "3.0");
    for (before, after) in before["topics"]
        .as_array()
        .unwrap()
        .iter()
        .zip(after["topics"].as_array().unwrap())
    {
        for part in [
            "guid",
            "title",
            "due_date",
            "assigned_to",
            "labels",
            "comments",
            "related_topics",
        ] {
            assert_eq!(before[part], after[part], "{part}");
        }
    }
    works(&["convert", &issues, &to("issues.csv")]);
    assert!(
        fs::read_to_string(to("issues.csv"))
            .unwrap()
            .contains("Maximum Content")
    );
}
