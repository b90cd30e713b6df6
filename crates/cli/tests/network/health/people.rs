//! A hospital imports for many, is cut off and goes on; and a person takes over what it keeps of her.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use serde_json::Value;

use super::Town;
use crate::person;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/health");

/// Everybody in the samples, and the hospital's own address for what names nobody.
const PEOPLE: usize = 4;

pub(super) fn are_kept_and_take_over(town: &Town<'_>) {
    let exports = town.dir.join("exports");
    fs::create_dir_all(&exports).unwrap();
    for file in ["bulk.ndjson", "variants.vcf", "ward.json"] {
        fs::copy(format!("{SAMPLES}/{file}"), exports.join(file)).unwrap();
    }
    fs::write(exports.join("notes.txt"), "to whom it may concern").unwrap();
    cut_off(town);

    let import = ["import", "exports"];
    town.refused("north", &import, "1 of 4 files are refused");
    fs::remove_file(exports.join("notes.txt")).unwrap();
    let told = town.health("north", &import);
    let people = told["people"].as_array().unwrap();
    assert_eq!(people.len(), PEOPLE, "{told}");
    // Everything was in already, and the ledger has each slice once.
    let mut slices = 0;
    for person in people {
        let taken = &person["taken"];
        assert_eq!(taken["slices"], taken["before"], "{told}");
        let subject = person["subject"].as_str().unwrap();
        let held = town.health("north", &["records", "--subject", subject]);
        assert_eq!(
            held["records"].as_array().unwrap().len() as u64,
            taken["slices"]
        );
        slices += held["records"].as_array().unwrap().len();
    }
    assert!(slices > 12, "{slices}");
    let text = told.to_string();
    for name in ["Patient/", "Quillfeather", "Imogen", "ann\""] {
        assert!(!text.contains(name), "{text}");
    }

    // Whom it knows by which pseudonym the hospital alone is told.
    let listed = town.health("north", &["pseudonym", "list"]);
    let rows = listed["pseudonyms"].as_array().unwrap();
    assert_eq!(rows.len(), PEOPLE - 1);
    let ann = rows
        .iter()
        .find(|row| row["name"] == "Patient/ann")
        .unwrap();
    let ann = ann["pseudonym"].as_str().unwrap();
    let consent = [
        "consent",
        "set",
        "--subject",
        ann,
        "--purpose",
        "treatment",
        "--classes",
        "all",
        "--duo",
        "DUO:0000004",
    ];
    town.refused("north", &consent, "not for subject");
    town.refused("anna", &["pseudonym", "take", ann], "not offered");
    let offer = ["pseudonym", "offer", "Patient/ann", "--to", "anna"];
    town.health("north", &offer);
    town.health("anna", &["pseudonym", "take", ann]);
    town.refused("north", &offer, "already held");
    let held = town.health("anna", &["pseudonym", "held"]);
    assert_eq!(held["pseudonyms"][0]["pseudonym"], ann);
    town.health("anna", &consent);

    // Whoever opens an emergency of the pseudonym is seen by her who is behind it.
    let open = ["emergency", "open", ann, "--reason", "2", "-k", "ann.key"];
    town.health("clara", &open);
    let seen = town.health("anna", &["emergency", "list"]);
    let seen = seen["emergencies"].as_array().unwrap();
    assert!(seen.iter().any(|case| case["subject"] == ann), "{seen:?}");
    takes_everything(town, ann);

    // She sees what is kept of her beside her own, and the hospital erases it.
    let of_ann = |told: &Value| {
        let all = told["records"].as_array().unwrap().iter();
        let hers: Vec<Value> = all.filter(|row| row["subject"] == ann).cloned().collect();
        hers
    };
    let hers = of_ann(&town.health("anna", &["records"]));
    assert!(!hers.is_empty());
    let one = hers[0]["record"].as_str().unwrap();
    town.refused("anna", &["erase", one], "who alone can erase it");
    let erase = ["erase", "--all", "--subject", ann];
    let erased = town.health("north", &erase);
    assert_eq!(erased["erased"].as_array().unwrap().len(), hers.len());
    assert_eq!(erased["left"][0]["slices"], 0);
    assert_eq!(erased["left"][0]["consent"], true);
    let hers = of_ann(&town.health("anna", &["records"]));
    assert!(hers.iter().all(|row| row["erased"] == true));
    // What was erased comes in again when it is given again.
    let again = town.health("north", &import);
    let people = again["people"].as_array().unwrap();
    let ann = people.iter().find(|row| row["subject"] == ann).unwrap();
    assert_eq!(ann["taken"]["before"], 0);
}

/// Her trail and her export have what is under the pseudonym too, and whoever leaves that out is found.
fn takes_everything(town: &Town<'_>, pseudonym: &str) {
    for verb in ["audit", "export"] {
        let told = town.health("anna", &[verb, "-o", verb]);
        let others = told["pseudonyms"].as_array().unwrap();
        assert_eq!(others.len(), 1, "{told}");
        town.verify(verb, None);
        let below = town.dir.join(verb).join("pseudonyms");
        fs::rename(&below, town.dir.join("elsewhere")).unwrap();
        town.verify(verb, Some("is missing"));
        fs::rename(town.dir.join("elsewhere"), &below).unwrap();
        fs::create_dir(below.join("0xghost")).unwrap();
        town.verify(verb, Some("it was added"));
        fs::remove_dir(below.join("0xghost")).unwrap();
        let mut names = fs::read_dir(&below)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let name = names.next().unwrap();
        assert!(name.eq_ignore_ascii_case(pseudonym), "{name:?}");
    }
}

/// Starts the import, and kills it when it has begun with the second of what it was given.
fn cut_off(town: &Town<'_>) {
    let words = ["health", "import", "exports", "--account", "north"];
    let mut import = person(town.dir, &words, &town.rpc)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(import.stderr.take().unwrap()).lines();
    let begun = lines
        .map(Result::unwrap)
        .filter(|line| line.ends_with(" slices"));
    assert_eq!(begun.take(2).count(), 2);
    import.kill().unwrap();
    import.wait().unwrap();
}
