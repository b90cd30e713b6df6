//! Neighbours found a community, vote, join, trade, correct and dispute, and everybody audits it.

use std::{fs, path::Path};

use rustix::process::Signal;
use serde_json::Value;

use crate::{Up, ok, refused, run};

const STREET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/energy/street");
/// From ten to six: the part of the sample's day in which the sun shines.
const SLOTS: [&str; 4] = ["--from", "20", "--to", "36"];
/// How many slots that are.
const COUNT: usize = 16;

/// Whoever says words to a node, and the node.
struct Town<'a> {
    dir: &'a Path,
    rpc: String,
}

impl Town<'_> {
    #[track_caller]
    fn says(&self, who: &str, words: &[&str]) -> Value {
        let words = [words, &["--account", who, "--json"]].concat();
        let told = ok(&run(self.dir, &words, &self.rpc));
        serde_json::from_str(&told).unwrap_or_default()
    }

    #[track_caller]
    fn energy(&self, who: &str, words: &[&str]) -> Value {
        self.says(who, &[&["energy"], words].concat())
    }

    /// Somebody with money.
    fn settle_in(&self, who: &str) {
        ok(&run(self.dir, &["account", "new", who], &self.rpc));
        self.says("grid", &["token", "send", who, "50"]);
    }
}

#[test]
fn neighbours_trade_and_whoever_audits_finds_the_same() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let network = ["--port-base", "26300", "--heartbeat", "200"];
    let up = Up::start(dir, &network);
    let rpc = up.url(0);
    for (name, member) in [("grid", 1), ("bank", 2), ("town", 3)] {
        let key = format!("data/member-{member}/account.key");
        ok(&run(dir, &["account", "import", name, &key], &rpc));
    }
    let town = Town { dir, rpc };
    let propose = [
        "token", "issue", "propose", "grid", "1000", "--reason", "energy",
    ];
    let number = town.says("grid", &propose)["number"].to_string();
    for member in ["bank", "town"] {
        town.says(member, &["token", "issue", "approve", &number]);
    }
    let elm = founded(&town);
    weighed(&town, &elm);
    let street = played(&town);
    assert_ne!(elm, street);
    told(&town, &street);
    disputed(&town, &street);
    let found = audited(&town, &street, &up);
    let oak = corrected(&town);
    // One state on every member, and one root for whoever asks whichever of them.
    let urls: Vec<String> = (0..4).map(|member| up.url(member)).collect();
    let month = audit(&town, "grid", &oak, "2025-02");
    for url in &urls {
        let there = Town {
            dir,
            rpc: url.clone(),
        };
        assert_eq!(audit(&there, "bank", &oak, "2025-02"), month);
        assert_eq!(audit(&there, "bank", &street, "2025-01"), found);
    }
    assert_eq!(up.stop(Signal::TERM), Some(0));
    // A member that has nothing but the blocks makes all that it is asked from them, and whoever has a
    // keystore of their own asks it.
    fs::remove_file(dir.join("data/member-4/data/index.redb")).unwrap();
    let up = Up::start(dir, &network);
    let auditor = dir.join("auditor");
    fs::create_dir(&auditor).unwrap();
    let there = Town {
        dir: &auditor,
        rpc: up.url(3),
    };
    ok(&run(&auditor, &["account", "new", "auditor"], &there.rpc));
    for (community, time, expected) in [(&street, "2025-01", &found), (&oak, "2025-02", &month)] {
        assert_eq!(&audit(&there, "auditor", community, time), expected);
    }
    assert_eq!(up.stop(Signal::TERM), Some(0));
}

#[track_caller]
fn audit(town: &Town<'_>, who: &str, community: &str, month: &str) -> Value {
    town.energy(who, &["audit", "--month", month, "--community", community])
}

/// Members decide what they weigh under a sharing key.
fn weighed(town: &Town<'_>, elm: &str) {
    let weigh = ["community", "weigh", "anna=3", "1=2", "--community", elm];
    let proposed = town.energy("anna", &weigh);
    assert_eq!(
        (
            &proposed["weights"][0]["weight"],
            &proposed["weights"][1]["weight"]
        ),
        (&3.into(), &2.into())
    );
    let proposal = proposed["proposal"].to_string();
    let vote = ["community", "vote", &proposal];
    let stranger = [&["energy"][..], &vote, &["--account", "town"]].concat();
    refused(&run(town.dir, &stranger, &town.rpc), 1, "not member");
    assert_eq!(town.energy("bert", &vote)["decided"], true);
}

/// Two neighbours play a morning of the past again; one meter's hour was wrong and is corrected, after it was
/// settled: by a delta note that is in the bill and in the audit.
fn corrected(town: &Town<'_>) -> String {
    let create = [
        "community",
        "create",
        "Oak Lane",
        "--retail",
        "280000",
        "--feed-in",
        "60000",
        "--network-fee",
        "60000",
        "--slot",
        "60",
        "--grace",
        "0m",
        "--start",
        "2025-02-01T08:00Z",
    ];
    let oak = town.energy("grid", &create)["community"].to_string();
    let of = ["--community", &oak];
    for (who, technology) in [("ida", ""), ("jon", "solar")] {
        town.settle_in(who);
        town.energy("grid", &[&["community", "invite", who], &of[..]].concat());
        let key = format!("{who}.key");
        ok(&run(town.dir, &["device", "new", &key], &town.rpc));
        let join = [
            "join",
            "--meter",
            &key,
            "--fuse",
            "11000",
            "--buy",
            "200000",
            "--sell",
            "70000",
            "--deposit",
            "10",
            "--technology",
            technology,
        ];
        town.energy(who, &[&join[..], &of].concat());
    }
    for (name, rows) in [
        ("ida", [(500, 0), (700, 0), (300, 0)]),
        ("jon", [(0, 400), (0, 900), (200, 0)]),
        ("roof", [(0, 650), (0, 1_000), (0, 100)]),
    ] {
        let mut table = "time,import_wh,export_wh\n".to_owned();
        for (hour, (import, export)) in (8..).zip(rows) {
            table += &format!("2025-02-01T{hour:02}:00Z,{import},{export}\n");
        }
        fs::write(town.dir.join(format!("{name}.csv")), table).unwrap();
    }
    town.energy(
        "ida",
        &[&["import", "ida.csv", "--meter", "ida.key"], &of[..]].concat(),
    );
    let roof = ["import", "jon.csv", "--meter", "jon.key"];
    let roof = [&roof[..], &["--production", "roof.csv"], &of].concat();
    assert_eq!(town.energy("jon", &roof)["readings"], 3);
    let settled = town.energy("ida", &[&["settle"], &of[..]].concat());
    assert_eq!(settled["settled"].as_array().unwrap().len(), 3);
    // A slot that is settled is not settled twice.
    let again = town.energy("ida", &[&["settle"], &of[..]].concat());
    assert_eq!(again["settled"].as_array().unwrap().len(), 0);

    let month = [&["--month", "2025-02"], &of[..]].concat();
    let bill = |who: &str| town.energy(who, &[&["bill"], &month[..]].concat());
    let before = bill("ida");
    assert_eq!(before["corrections"], 0);
    let correct = ["correct", "2025-02-01T08:00Z", "--meter", "ida.key"];
    let correct = [&correct[..], &["--net", "700"], &of].concat();
    let note = town.energy("ida", &correct);
    // 200 Wh more came from the grid.
    assert_eq!(
        (&note["before_wh"], &note["statement_nano"]),
        (&500.into(), &"-56000000".into())
    );
    let after = bill("ida");
    assert_eq!(after["corrections"], 1);
    let total = |bill: &Value| bill["total_nano"].as_i64().unwrap();
    assert_eq!(total(&after) - total(&before), -56_000_000);
    let same = [&correct[..], &["--version", "2"]].concat();
    let same = [&["energy"], &same[..], &["--account", "ida"]].concat();
    refused(&run(town.dir, &same, &town.rpc), 1, "reading refused");

    // Of what was fed in a part was used at home: certificates follow.
    let correct = ["correct", "2025-02-01T09:00Z", "--meter", "jon.key"];
    let less = ["--net=-850", "--generated", "1000"];
    let note = town.energy("jon", &[&correct[..], &less, &of].concat());
    assert_eq!(note["certificate"]["withdrawn_wh"], 50);
    assert_eq!(note["certificate"]["issued_wh"], 50);
    let held = town.energy("jon", &[&["certificates"], &month[..]].concat());
    let sum = |field: &str| held[field].as_u64().unwrap();
    assert_eq!((sum("own_wh"), sum("withdrawn_wh")), (250 + 150 + 100, 50));
    assert_eq!(sum("issued_wh") - sum("withdrawn_wh"), 650 + 1_000 + 100);
    moved(town, &oak);
    let found = audit(town, "ida", &oak, "2025-02");
    assert_eq!(
        (&found["holds"], &found["slots"], &found["corrections"]),
        (&true.into(), &3.into(), &2.into())
    );
    oak
}

/// A community of two who vote.
fn founded(town: &Town<'_>) -> String {
    let create = [
        "community",
        "create",
        "Elm Street",
        "--retail",
        "280000",
        "--feed-in",
        "60000",
        "--network-fee",
        "60000",
    ];
    let elm = town.energy("grid", &create)["community"].to_string();
    for (who, buy) in [("anna", "200000"), ("bert", "190000")] {
        town.settle_in(who);
        town.energy("grid", &["community", "invite", who, "--community", &elm]);
        let key = format!("{who}.key");
        ok(&run(town.dir, &["device", "new", &key], &town.rpc));
        let join = [
            "join",
            "--meter",
            &key,
            "--fuse",
            "11000",
            "--buy",
            buy,
            "--sell",
            "70000",
            "--deposit",
            "10",
            "--community",
            &elm,
        ];
        town.energy(who, &join);
    }
    let set = ["limits", "--buy", "210000", "--community", &elm];
    assert_eq!(town.energy("anna", &set)["buy"], 210_000);
    let rules = [
        "community",
        "propose",
        "--mode",
        "dynamic",
        "--local-price",
        "120000",
        "--community",
        &elm,
    ];
    let proposal = town.energy("anna", &rules)["proposal"].to_string();
    let stranger = [
        "energy",
        "community",
        "vote",
        &proposal,
        "--account",
        "town",
    ];
    refused(&run(town.dir, &stranger, &town.rpc), 1, "not member");
    let vote = town.energy("bert", &["community", "vote", &proposal]);
    assert_eq!(
        (&vote["approvals"], &vote["decided"]),
        (&2.into(), &true.into())
    );
    let shown = town.energy("grid", &["community", "show", &elm]);
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
    elm
}

/// The sample street's daylight, played and played again.
fn played(town: &Town<'_>) -> String {
    let replay = ["replay", STREET, "--start", "2025-01-01T00:00Z"];
    let replay = [&replay[..], &SLOTS].concat();
    let told = town.energy("grid", &replay);
    assert_eq!(
        (&told["slots"], &told["readings"]),
        (&COUNT.into(), &(4 * COUNT).into())
    );
    assert_eq!(told["complete"], true);
    for none in ["worse_off", "accounts_sum_nano", "unbalanced_homes"] {
        assert_eq!(told[none], 0, "{none}");
    }
    let simulate = ["energy", "simulate", STREET, "--mode", "auction", "--json"];
    let simulate = [&simulate[..], &SLOTS].concat();
    let expected = ok(&run(town.dir, &simulate, &town.rpc));
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let run = &expected["runs"][0];
    assert_eq!(told["local_wh"], run["local_wh"]);
    assert_eq!(told["saving_nano"], run["saving_nano"]);
    // What is there is not sent again.
    let again = town.energy("grid", &replay);
    assert_eq!(
        (&again["slots"], &again["transactions"]),
        (&0.into(), &0.into())
    );
    assert_eq!(again["community"], told["community"]);
    told["community"].to_string()
}

/// One slot, one bill, everybody's papers, the certificates.
fn told(town: &Town<'_>, street: &str) {
    let market = ["market", "2025-01-01T12:00Z", "--community", street];
    let slot = town.energy("grid", &market);
    assert_eq!(
        (&slot["state"], &slot["linear_check"]),
        (&"settled".into(), &true.into())
    );
    assert!(slot["volume_wh"].as_u64().unwrap() > 0, "{slot}");
    let month = ["--month", "2025-01", "--community", street];
    let files = ["--csv", "dora.csv", "--pdf", "dora.pdf"];
    let bill = ["bill", "--household", "dora"];
    let bill = town.energy("grid", &[&bill[..], &month, &files].concat());
    assert_eq!(bill["slots"], COUNT);
    let table = fs::read_to_string(town.dir.join("dora.csv")).unwrap();
    assert_eq!(table.lines().count(), 2 + COUNT);
    assert!(table.contains(&bill["total_nano"].to_string()), "{table}");
    assert!(
        fs::read(town.dir.join("dora.pdf"))
            .unwrap()
            .starts_with(b"%PDF")
    );
    let all = ["bill", "--all", "--balance", "balance.csv"];
    let all = town.energy("grid", &[&all[..], &month].concat());
    assert_eq!(all["bills"].as_array().unwrap().len(), 4);
    let balance = fs::read_to_string(town.dir.join("balance.csv")).unwrap();
    assert_eq!(balance.lines().count(), 1 + 4 * COUNT);
    let list = ["certificates", "--export", "certificates.json"];
    let held = town.energy("grid", &[&list[..], &month].concat());
    let sum = |field: &str| held[field].as_u64().unwrap();
    assert_eq!(sum("issued_wh"), sum("active_wh") + sum("claimed_wh"));
    assert!(sum("claimed_wh") > sum("own_wh"), "{held}");
    assert!(sum("own_wh") > 0, "{held}");
    let export = fs::read_to_string(town.dir.join("certificates.json")).unwrap();
    assert!(export.contains("certificate_bundle_status"), "{export}");
}

/// A household disputes a slot; the network operator decides it, by a delta note that the audit counts.
fn disputed(town: &Town<'_>, street: &str) {
    let about = [
        "2025-01-01T17:00Z",
        "--household",
        "dora",
        "--community",
        street,
    ];
    let words = |verb: &[&'static str]| [&["dispute"], verb, &about].concat();
    let open = town.energy("grid", &words(&["show"]));
    assert_eq!(open["disputed"], false);
    let evidence = format!("0x{}", "ab".repeat(32));
    let open = [&words(&["open"])[..], &["--evidence", &evidence]].concat();
    assert_eq!(town.energy("grid", &open)["disputed"], true);
    let decide = ["--net", "100", "--reading", &evidence];
    let decide = [&words(&["decide"])[..], &decide].concat();
    assert_eq!(town.energy("grid", &decide)["decided"], true);
}

/// Wh of a certificate are given away, claimed once, locked and let go, and taken back by their issuer.
fn moved(town: &Town<'_>, oak: &str) {
    let nine = ["2025-02-01T09:00Z", "--of", "1", "--community", oak];
    let words = |verb: &'static str, wh: &'static str, more: &[&'static str]| {
        [&["certificates", verb], &nine[..], &["--wh", wh], more].concat()
    };
    // Of 900 that were fed in the neighbour took 700, and 50 went by the correction.
    let left = town.energy("jon", &words("transfer", "30", &["--to", "ida"]));
    assert_eq!(left["active_wh"], 120);
    let all = [&["energy"][..], &words("claim", "30", &[])].concat();
    let claim = [&all[..], &["--account", "ida"]].concat();
    // What she consumed in that hour is claimed for already.
    refused(&run(town.dir, &claim, &town.rpc), 1, "not consumed");
    let registry = ["--registry", "national"];
    let held = town.energy("jon", &words("lock", "100", &registry));
    assert_eq!(
        (&held["active_wh"], &held["locked_wh"]),
        (&20.into(), &100.into())
    );
    let by_issuer = ["--owner", "jon", "--registry", "national"];
    let held = town.energy("grid", &words("unlock", "40", &by_issuer));
    assert_eq!(
        (&held["active_wh"], &held["locked_wh"]),
        (&60.into(), &60.into())
    );
    let held = town.energy("grid", &words("withdraw", "10", &["--owner", "jon"]));
    assert_eq!(
        (&held["active_wh"], &held["withdrawn_wh"]),
        (&50.into(), &60.into())
    );
}

/// The month from two members' points of view, and from a file in which one byte is another.
fn audited(town: &Town<'_>, street: &str, up: &Up) -> Value {
    let month = ["--month", "2025-01", "--community", street];
    let audit = [&["audit", "--out", "january.evidence"][..], &month].concat();
    let found = town.energy("grid", &audit);
    assert_eq!(
        (&found["holds"], &found["slots"]),
        (&true.into(), &COUNT.into())
    );
    let items = found["items"].as_array().unwrap();
    assert!(
        items.iter().all(|item| item["checked"].as_u64() > Some(0)),
        "{found}"
    );
    let other = Town {
        dir: town.dir,
        rpc: up.url(2),
    };
    let there = other.energy("bank", &[&["audit"][..], &month].concat());
    assert_eq!(there, found);
    let path = town.dir.join("january.evidence");
    let offline = [
        "energy",
        "audit",
        "--evidence",
        "january.evidence",
        "--json",
    ];
    let again: Value =
        serde_json::from_str(&ok(&run(town.dir, &offline, "http://127.0.0.1:1"))).unwrap();
    assert_eq!(again["root"], found["root"]);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    refused(&run(town.dir, &offline, &town.rpc), 4, "was changed");
    found
}
