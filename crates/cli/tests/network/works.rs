//! A section of eleven fibres is tendered, built, measured, certified and paid, a radio site beside it is swept, by
//! the words of the command line; all of it is handed out and checked by a stranger.

#[path = "../../../../apps/works/contract/tests/properties/made.rs"]
#[allow(dead_code, reason = "the law's tests need the rest")]
mod made;
mod radio;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{Up, ok, refused, run};

/// The section's fibres; two of them have a bad splice first.
const FIBRES: [&str; 11] = [
    "K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10", "K11",
];
const BAD: [&str; 2] = ["K04", "K09"];

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/works");
/// Raw traces of the section, and verdicts: each fibre once, the bad ones twice.
const VERDICTS: usize = FIBRES.len() + BAD.len();
const TRACES: usize = 4 * VERDICTS;

/// Blocks that become final before the time of something has come: far more than the five seconds of a tender
/// have.
const BLOCKS_MAX: u32 = 200;

struct Site<'a> {
    dir: &'a Path,
    rpc: String,
}

impl Site<'_> {
    fn run(&self, words: &[&str]) -> String {
        ok(&run(self.dir, words, &self.rpc)).trim().to_owned()
    }

    fn works(&self, who: &str, words: &[&str]) -> Value {
        let words = [&["works"], words, &["--account", who, "--json"]].concat();
        serde_json::from_str(&self.run(&words)).unwrap()
    }

    fn refused(&self, who: &str, words: &[&str], why: &str) {
        let words = [&["works"], words, &["--account", who]].concat();
        refused(&run(self.dir, &words, &self.rpc), 1, why);
    }

    /// Says words whose time comes: as long as it has not come, one block more becomes final.
    fn in_time(&self, who: &str, words: &[&str]) {
        let words = [&["works"], words, &["--account", who]].concat();
        let mut last = None;
        for _ in 0..BLOCKS_MAX {
            let output = run(self.dir, &words, &self.rpc);
            if output.status.success() {
                return;
            }
            last = Some(output);
            self.run(&["token", "send", "surveyor", "0.01", "--account", "operator"]);
        }
        panic!("{last:?}");
    }

    /// An instrument of the builder's, by its key file; its device id.
    fn instrument(&self, key: &str, model: &str) -> String {
        self.run(&["device", "new", key]);
        let words = ["device", "enrol", key, "--model", model];
        self.run(&[&words[..], &["--account", "builder"]].concat())
    }

    fn write(&self, name: &str, form: &Value) {
        fs::write(self.dir.join(name), form.to_string()).unwrap();
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[test]
fn a_section_is_built_from_tender_to_release() {
    let dir = tempfile::tempdir().unwrap();
    let up = Up::start(dir.path(), &["--dir", "data", "--port-base", "26100"]);
    let site = Site {
        dir: dir.path(),
        rpc: up.url(0),
    };

    // Parties, admitted by a member; money, issued by three.
    for member in 1..=3 {
        let key = format!("data/member-{member}/account.key");
        site.run(&["account", "import", &format!("member-{member}"), &key]);
    }
    for who in ["operator", "builder", "surveyor"] {
        site.run(&["account", "new", who]);
        site.run(&["account", "register", who]);
        site.works("member-1", &["party", "enrol", who, "--group", who]);
    }
    let issue = [
        "token",
        "issue",
        "propose",
        "operator",
        "1000",
        "--reason",
        "paid in",
        "--account",
        "member-1",
    ];
    site.run(&issue);
    for member in ["member-2", "member-3"] {
        site.run(&["token", "issue", "approve", "0", "--account", member]);
    }

    // The tender: sealed for some seconds, then open to everybody.
    let package = {
        site.works("operator", &["project", "open", "Valley"]);
        site.works("operator", &["package", "add", "1", "Section 1"])["package"].to_string()
    };
    site.works("operator", &["tender", "open", &package, "--seconds", "5"]);
    site.write("bid.json", &json!({ "price_minor": 50_000 }));
    site.works("builder", &["tender", "bid", "1", "bid.json"]);
    site.refused("operator", &["tender", "reveal", "1"], "");
    site.in_time("operator", &["tender", "reveal", "1"]);
    // Who comes later finds the same bids, open already.
    let bids = site.works("surveyor", &["tender", "reveal", "1"]);
    assert_eq!(bids[0]["bid"], "{\"price_minor\":50000}");
    site.works(
        "operator",
        &[
            "tender",
            "award",
            "1",
            "builder",
            "--reason",
            "the only one",
        ],
    );

    // The contract.
    let start = now();
    site.write(
        "contract.json",
        &json!({
            "package": 1, "tender": 1, "contractor": "builder", "certifier": "surveyor",
            "terms": {
                "retention_permille": 50, "retention_release_at_completion_permille": 500,
                "due_unix": start + 30 * 86_400, "objection_seconds": 0, "defects_days": 0,
            },
            "milestones": [{
                "title": "measured", "due_unix": start + 30 * 86_400, "planned_days": 30, "tested": true,
            }],
            "line_milestones": [1],
        }),
    );
    fs::write(
        dir.path().join("bill.csv"),
        "item,unit,quantity,rate\n1,m,100.000,5.00\n",
    )
    .unwrap();
    let ruleset = format!("{SAMPLES}/ruleset.json");
    site.works(
        "operator",
        &["contract", "offer", "contract.json", "bill.csv", &ruleset],
    );
    site.works("builder", &["contract", "accept", "1"]);
    site.works("operator", &["contract", "fund", "1", "500.00"]);

    measured(&site, start);

    // Certified without an objection, and paid; nothing above the sum.
    site.refused("surveyor", &["milestone", "claim", "1", "1"], "not yours");
    site.works("builder", &["milestone", "claim", "1", "1"]);
    site.works("builder", &["diary", "1", "all measured", "--crew", "4"]);
    // The window has no length here: with the next second it is over.
    site.in_time("operator", &["milestone", "settle", "1", "1"]);
    let contract = site.works("operator", &["contract", "show", "1"]);
    assert_eq!(contract["state"], "completed");
    site.works("builder", &["apply", "1", "1000"]);
    site.refused(
        "surveyor",
        &["certify", "1", "1001", "--reason", "more"],
        "above contract sum",
    );
    let certified = site.works("surveyor", &["certify", "1", "1000"]);
    assert_eq!(certified["paymentMinor"], 48_750);
    assert_eq!(site.works("operator", &["pay", "1"])["minor"], 48_750);

    // A defect, a document, a notice, the rest of the money; and what all of it says of the builder.
    site.works("surveyor", &["defect", "raise", "1", "a lid is loose"]);
    site.refused("operator", &["release", "1"], "defects open");
    site.works("builder", &["defect", "fix", "1"]);
    site.works("surveyor", &["defect", "answer", "1", "approve"]);
    site.works(
        "builder",
        &[
            "doc",
            "add",
            "1",
            "VAL1-BLD-ZZ-01-DR-E-0001",
            "bill.csv",
            "--status",
            "S2",
        ],
    );
    site.works(
        "builder",
        &[
            "doc", "transmit", "1", "1", "--to", "operator", "--for", "as-built",
        ],
    );
    site.works("operator", &["doc", "ack", "1"]);
    site.works(
        "builder",
        &[
            "notice",
            "give",
            "1",
            "rfi",
            "which lid?",
            "--to",
            "surveyor",
        ],
    );
    site.works(
        "surveyor",
        &["notice", "answer", "1", "approve", "the round one"],
    );
    disputed(&site);
    released(&site);
    credited(&site);
    let swept = radio::swept(&site, start);
    handed_out(&site);
    let audit = site.works("surveyor", &["audit", "1", "-o", "valley"]);
    assert_eq!(
        (&audit["traces"], &audit["verdicts"]),
        (&json!(TRACES + swept), &json!(VERDICTS + swept))
    );
    // What an earlier run left is used; what it had not written is written.
    fs::remove_file(dir.path().join("valley/index.json")).unwrap();
    let again = site.works("surveyor", &["audit", "1", "-o", "valley"]);
    assert_eq!(again["transactions"], audit["transactions"]);
    up.stop(Signal::TERM);
    checked_by_a_stranger(dir.path(), swept);
}

/// The order, and two instruments whose files are read by every member: two fibres are rejected, mended and shot
/// again.
fn measured(site: &Site<'_>, start: u64) {
    let devices = ["near", "far"].map(|name| site.instrument(&format!("{name}.key"), "OTDR"));
    let enrolled = now() + 1;
    let order = fs::read_to_string(format!("{SAMPLES}/order.json")).unwrap();
    let mut order: Value = serde_json::from_str(&order).unwrap();
    order["fibres"] = json!(FIBRES);
    order["test_window_unix"] = json!([start, start + 86_400]);
    order["min_averaging_time_s"] = json!(1);
    site.write("order.json", &order);
    let devices = devices.join(",");
    let issue = ["order", "issue", "1", "1", "order.json", "--device"];
    site.works("surveyor", &[&issue[..], &[&devices]].concat());

    let mut time = enrolled;
    let mut shoot = |fibres: &[&'static str], bad: &[&str]| {
        let mut words = [
            "evidence", "submit", "1", "--key", "near.key", "--key", "far.key",
        ]
        .map(str::to_owned)
        .to_vec();
        for fibre in fibres {
            let losses = if bad.contains(fibre) {
                [40, 300]
            } else {
                [40, 60]
            };
            for (wavelength, back) in [(1310, false), (1310, true), (1550, false), (1550, true)] {
                time += 1;
                let seconds = u32::try_from(time).unwrap();
                let made = made::fibre(fibre, wavelength, back, losses, seconds);
                let name = format!("{fibre}-{time}.sor");
                fs::write(site.dir.join(&name), made.file()).unwrap();
                words.push(name);
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let told = site.works("builder", &words);
        let all = told.as_array().unwrap();
        assert!(all.iter().all(|one| one["weight"] == "clean"), "{told}");
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let verdicts = |expected: &dyn Fn(&str) -> &'static str| {
        let told = site.works("surveyor", &["verdict", "1"]);
        for fibre in FIBRES {
            assert_eq!(told[fibre], expected(fibre), "{told}");
        }
    };
    let first = shoot(&FIBRES, &BAD);
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    site.refused("builder", &first, "nonce used");
    verdicts(&|fibre| {
        if BAD.contains(&fibre) {
            "REJECT"
        } else {
            "ACCEPT"
        }
    });
    let rules = site.works("surveyor", &["verdict", "1", "K04"]);
    let rules = rules["rules"].as_array().unwrap();
    let failed = rules.iter().filter(|rule| rule["status"] == "FAIL");
    let failed: Vec<&Value> = failed.map(|rule| &rule["id"]).collect();
    assert!(failed.contains(&&json!("SPLICE_HARD")), "{rules:?}");
    site.refused("builder", &["milestone", "claim", "1", "1"], "not done");
    shoot(&BAD, &[]);
    verdicts(&|_| "ACCEPT");
    let order = site.works("surveyor", &["order", "show", "1"]);
    assert_eq!(
        (&order["accepted"], &order["first"]),
        (&json!(11), &json!(9))
    );
}

/// A claim that is refused; what was awarded of it stands when both sides state the same.
fn disputed(site: &Site<'_>) {
    let claim = [
        "notice", "give", "1", "claim", "a flood", "--to", "surveyor",
    ];
    let claim = site.works("builder", &claim)["notice"].to_string();
    let answer = ["notice", "answer", &claim, "refuse", "no flood was seen"];
    site.works("surveyor", &answer);
    let award = ["notice", "award", &claim, "--share", "700", "seven tenths"];
    assert_eq!(site.works("builder", &award)["stands"], false);
    assert_eq!(site.works("operator", &award)["stands"], true);
}

/// The retention, now that no defect is open and the days for them are over.
fn released(site: &Site<'_>) {
    let release = site.works("operator", &["release", "1"]);
    assert_eq!(release["paymentMinor"], 1_250);
    assert_eq!(site.works("operator", &["pay", "1"])["minor"], 1_250);
    let contract = site.works("operator", &["contract", "show", "1"]);
    assert_eq!(contract["state"], "closed");
}

fn credited(site: &Site<'_>) {
    let score = site.works("builder", &["credit", "show"]);
    assert_eq!(
        (&score["score"], &score["grade"]),
        (&json!(700), &json!("NR"))
    );
    assert!(score["pending"].as_u64().unwrap() >= 3, "{score}");
    let explained = site.works("builder", &["credit", "explain"]);
    let outcome = &explained["not_counted"][0];
    assert_eq!(
        (&outcome["dimension"], &outcome["outcome_bp"]),
        (&json!("Q"), &json!(8_181))
    );
    site.works(
        "builder",
        &["credit", "appeal", "1", "--grounds", "too good"],
    );
    // Members without a part in it decide; two that say the same.
    let vote = ["credit", "vote", "1", "upheld"];
    site.refused("surveyor", &vote, "not member");
    assert_eq!(site.works("member-2", &vote)["state"], "appealed");
    assert_eq!(site.works("member-3", &vote)["state"], "upheld");
    let appeals = site.works("builder", &["credit", "appeals"]);
    assert_eq!(appeals[0]["votes"]["upheld"], 2);
}

/// Papers and registers.
fn handed_out(site: &Site<'_>) {
    let words = ["certificate", "1", "1", "-o", "certificate.pdf"];
    let paper = site.works("builder", &words);
    assert_eq!(paper["paymentMinor"], 48_750);
    let pdf = fs::read(site.dir.join("certificate.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    let codes = paper["codes"].as_array().unwrap().iter();
    let codes: Vec<&str> = codes.map(|code| code.as_str().unwrap()).collect();
    fs::write(site.dir.join("codes.txt"), codes.join("\n")).unwrap();
    site.refused(
        "builder",
        &["certificate", "1", "3", "-o", "3.pdf"],
        "has 2",
    );

    let registers = site.works("builder", &["register", "1", "-o", "valley.xlsx"]);
    assert_eq!(registers["registers"].as_array().unwrap().len(), 20);
    let register = |name: &str, file: &str| {
        site.works("builder", &["register", "1", name, "-o", file]);
    };
    register("documents", "documents.csv");
    let documents = fs::read_to_string(site.dir.join("documents.csv")).unwrap();
    assert!(
        documents.contains("VAL1-BLD-ZZ-01-DR-E-0001"),
        "{documents}"
    );
    register("notices", "notices.csv");
    let notices = fs::read_to_string(site.dir.join("notices.csv")).unwrap();
    assert!(notices.contains(",700,"), "{notices}");
    register("defects", "defects.bcf");
    let issues = site.works("builder", &["inspect", "defects.bcf"]);
    assert_eq!(issues["topics"][0]["status"], "Closed");
    register("milestones", "programme.xml");
    let programme = site.works("builder", &["inspect", "programme.xml"]);
    assert_eq!(programme["tasks"][0]["name"], "measured");
    assert_eq!(programme["tasks"][0]["percent"], 100);
}

/// Without a node: the network has ended.
fn checked_by_a_stranger(dir: &Path, swept: usize) {
    let verify = |what: &str| run(dir, &["verify", what, "--json"], "http://127.0.0.1:1");
    let found: Value = serde_json::from_str(&ok(&verify("valley"))).unwrap();
    assert_eq!(
        (&found["traces"], &found["verdicts"]),
        (&json!(TRACES + swept), &json!(VERDICTS + swept))
    );
    let stamp: Value = serde_json::from_str(&ok(&verify("codes.txt"))).unwrap();
    assert!(
        stamp["proven"].to_string().contains("PaymentCertified"),
        "{stamp}"
    );

    let traces = fs::read_dir(dir.join("valley/traces")).unwrap();
    let traces: BTreeSet<_> = traces.map(|entry| entry.unwrap().path()).collect();
    let last = traces
        .iter()
        .rfind(|path| path.extension().is_some_and(|end| end == "s1p"));
    for raw in [traces.first().unwrap(), last.unwrap()] {
        let whole = fs::read(raw).unwrap();
        let mut bytes = whole.clone();
        bytes[whole.len() / 2] ^= 1;
        fs::write(raw, bytes).unwrap();
        refused(&verify("valley"), 4, "is not what the ledger says");
        fs::write(raw, whole).unwrap();
    }
    let stamps = fs::read_dir(dir.join("valley/proof")).unwrap();
    let stamps = stamps.map(|entry| entry.unwrap().path());
    let is_one = |path: &std::path::PathBuf| path.to_string_lossy().contains("/tx-");
    let stamp = stamps.filter(is_one).max().unwrap();
    let whole = fs::read(&stamp).unwrap();
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 1;
    fs::write(&stamp, bytes).unwrap();
    refused(&verify("valley"), 4, "proof/tx-");
    fs::write(&stamp, whole).unwrap();
    fs::write(dir.join("valley/registers/more.csv"), "").unwrap();
    refused(&verify("valley"), 4, "was added");
}
