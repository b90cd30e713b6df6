//! `commonhold health inspect`.

use std::fs;

use serde_json::Value;

use crate::{failed, ok, run, stdout};

const WARD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../samples/health/ward.json"
);

#[test]
fn files_are_described_and_nobody_in_them() {
    let text = ok(&run(&["health", "inspect", WARD]));
    assert!(text.contains("FHIR R4 bundle"), "{text}");
    assert!(text.contains("1 person"), "{text}");
    assert!(text.contains("problems.restricted"), "{text}");
    for name in ["Quillfeather", "Imogen", "1979-04-12"] {
        assert!(!text.contains(name), "{text}");
    }
}

#[test]
fn a_refused_file_is_told_with_its_place_and_ends_as_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bad.json");
    let text = fs::read_to_string(WARD).unwrap();
    fs::write(
        &path,
        text.replace("\"id\": \"asthma\"", "\"id\": \"labelled\""),
    )
    .unwrap();
    let bad = path.display().to_string();
    let output = run(&["health", "inspect", "--json", WARD, &bad]);
    failed(&output, 1);
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(answer["files"][0]["outcome"], "taken");
    assert_eq!(answer["files"][0]["people"], 1);
    assert_eq!(answer["files"][1]["outcome"], "refused");
    assert_eq!(answer["files"][1]["place"], "Bundle.entry[5].resource");
    let bulk = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../samples/health/bulk.ndjson"
    );
    let twice = run(&["health", "inspect", bulk, bulk]);
    failed(&twice, 1);
    assert!(
        stdout(&twice).contains("with the others"),
        "the same people twice"
    );
    let nothing = run(&["health", "inspect", "/nowhere.json"]);
    failed(&nothing, 1);
}
