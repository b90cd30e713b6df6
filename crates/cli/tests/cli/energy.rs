//! `commonhold energy` without a ledger.

use std::fs;

use serde_json::Value;

use crate::{failed, json, ok, run, stdout};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/energy");

fn sample(name: &str) -> String {
    format!("{SAMPLES}/{name}")
}

#[test]
fn books_are_cleared_for_people_and_for_programs() {
    let books = sample("books.json");
    let text = ok(&run(&["energy", "clear", &books]));
    assert!(text.contains("noon: 720 Wh at"), "{text}");
    assert!(text.contains("evening: nothing trades"), "{text}");

    let all = json(&run(&["energy", "clear", "--json", &books]));
    let noon = &all["books"][0];
    assert_eq!(
        (&noon["id"], &noon["volume_wh"]),
        (&"noon".into(), &720.into())
    );
    assert_eq!(
        (&noon["price_lo"], &noon["price_hi"]),
        (&150_000.into(), &160_000.into())
    );
    assert_eq!(noon["price_micro_per_kwh"], 155_000);
    assert_eq!(noon["linear_check"], true);
    let fills = noon["fills"].as_array().unwrap();
    let sum = |side: &str| -> u64 {
        let of_side = fills.iter().filter(|fill| fill["side"] == side);
        of_side.map(|fill| fill["fill_wh"].as_u64().unwrap()).sum()
    };
    assert_eq!((sum("bid"), sum("offer")), (720, 720));
    let evening = &all["books"][1];
    assert_eq!(evening["price_micro_per_kwh"], Value::Null);
    assert_eq!(
        (&evening["volume_wh"], &evening["linear_check"]),
        (&0.into(), &true.into())
    );

    let sellers = json(&run(&["energy", "clear", "--json", &books, "--k", "1/1"]));
    assert_eq!(sellers["books"][0]["price_micro_per_kwh"], 160_000);
    let table = json(&run(&["energy", "clear", "--json", &sample("book.csv")]));
    assert_eq!(table["books"][0]["id"], "book");
    failed(&run(&["energy", "clear", &books, "--k", "3/2"]), 2);
}

#[test]
fn a_book_that_is_none_is_refused_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bad.json");
    fs::write(
        &path,
        r#"{"bids": [["a", 1, 1], ["b", 1, -1]], "offers": []}"#,
    )
    .unwrap();
    let output = run(&["energy", "clear", &path.display().to_string()]);
    failed(&output, 1);
    assert_eq!(stdout(&output), "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("bids[1]: the energy is outside of 1 to"),
        "{said}"
    );
    failed(&run(&["energy", "clear", "/nowhere.json"]), 1);
}

#[test]
fn a_community_is_simulated_and_a_profile_is_read() {
    let street = sample("street");
    let text = ok(&run(&["energy", "simulate", &street]));
    assert_eq!(text.lines().count(), 11, "{text}");
    let june = [
        "energy", "simulate", &street, "--json", "--mode", "auction", "--tariff", "town",
    ];
    let found = json(&run(&june));
    let runs = found["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["local_wh"], found["max_local_wh"]);
    assert_eq!(
        (&runs[0]["accounts_sum_nano"], &runs[0]["worse_off"]),
        (&0.into(), &0.into())
    );
    let own = [
        "energy",
        "simulate",
        &street,
        "--retail",
        "300000",
        "--feed-in",
        "80000",
    ];
    assert_eq!(ok(&run(&own)).lines().count(), 6);
    for wrong in [
        &["--month", "2026-07"][..],
        &["--month", "2026-06"],
        &["--to", "49"],
        &["--tariff", "none"],
        &["--retail", "99999999999", "--feed-in", "0"],
    ] {
        failed(&run(&[&["energy", "simulate", &street], wrong].concat()), 1);
    }
    failed(&run(&["energy", "simulate", &street, "--retail", "1"]), 2);

    let report = json(&run(&[
        "energy",
        "inspect",
        "--json",
        &sample("greenbutton.xml"),
    ]));
    assert_eq!(
        (&report["intervals"], &report["import_wh"]),
        (&3.into(), &1_299.into())
    );
    let report = json(&run(&[
        "energy",
        "inspect",
        "--json",
        &sample("profile.csv"),
    ]));
    assert_eq!(
        (&report["form"], &report["intervals"]),
        (&"csv".into(), &16.into())
    );
    failed(&run(&["energy", "inspect", &sample("books.json")]), 1);
}
