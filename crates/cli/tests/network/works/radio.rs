//! A radio site beside the section: offered under RADIO-1, swept twice, and taken.

use std::{fmt::Write as _, fs};

use serde_json::{Value, json};

use super::{SAMPLES, Site, now};

/// Sweeps that were brought, each of which was judged.
pub(super) fn swept(site: &Site<'_>, start: u64) -> usize {
    site.works("operator", &["package", "add", "1", "Site A"]);
    let due = start + 30 * 86_400;
    site.write(
        "site-contract.json",
        &json!({
            "package": 2, "contractor": "builder", "certifier": "surveyor",
            "terms": { "due_unix": due, "objection_seconds": 0 },
            "milestones": [{
                "title": "swept", "due_unix": due, "planned_days": 10, "tested": true,
            }],
        }),
    );
    let design = format!("{SAMPLES}/site.json");
    let offer = [
        "contract",
        "offer",
        "site-contract.json",
        "bill.csv",
        &design,
    ];
    site.works("operator", &offer);
    site.works("builder", &["contract", "accept", "2"]);
    let analyser = site.instrument("analyser.key", "Site analyser");
    let enrolled = now() + 1;
    let issue = ["order", "issue", "2", "1", &design, "--device", &analyser];
    assert_eq!(site.works("surveyor", &issue)["fibres"], 1);

    // The sector points elsewhere first; then it is turned.
    let dry = format!("{SAMPLES}/site_evidence.json");
    let found = fs::read_to_string(&dry).unwrap();
    let mut found: Value = serde_json::from_str(&found).unwrap();
    let mut bring = |azimuth: i64, time: u64, noise: u64| {
        found[0]["azimuth_cdeg"] = azimuth.into();
        found[0]["gnss"]["unix_time"] = time.into();
        found[0]["sweep"] = "sweep.s1p".into();
        site.write("found.json", &found);
        let mut sweep = "# MHz S DB R 50\n".to_owned();
        for step in 0..201 {
            let hundredths = (step * 7 + noise) % 90;
            writeln!(sweep, "{} -19.{hundredths:02} 0.0", 3_400 + step).unwrap();
        }
        fs::write(site.dir.join("sweep.s1p"), sweep).unwrap();
        let words = [
            "evidence",
            "submit",
            "2",
            "found.json",
            "--key",
            "analyser.key",
        ];
        let told = site.works("builder", &words);
        assert_eq!(
            (&told[0]["sector"], &told[0]["weight"]),
            (&json!("S1"), &json!("clean"))
        );
    };
    bring(4_000, enrolled, 1);
    let told = site.works("surveyor", &["verdict", "2", "S1"]);
    assert_eq!(told["verdict"], "REJECT");
    let rules = told["rules"].as_array().unwrap().iter();
    let failed: Vec<&Value> = rules.filter(|rule| rule["status"] == "FAIL").collect();
    let azimuth = (&failed[0]["id"], &failed[0]["value"], failed.len());
    assert_eq!(azimuth, (&json!("AZIMUTH"), &json!(1_000), 1));
    bring(3_100, enrolled + 1, 2);
    assert_eq!(site.works("surveyor", &["verdict", "2"])["S1"], "ACCEPT");
    // The same evidence without a ledger.
    let dry = site.works("builder", &["radio", &design, "found.json"]);
    assert_eq!(dry[0]["verdict"], "ACCEPT");
    site.works("builder", &["milestone", "claim", "2", "1"]);
    site.in_time("operator", &["milestone", "settle", "2", "1"]);
    2
}
