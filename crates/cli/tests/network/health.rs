//! A patient, a hospital, researchers and an ethics board, from the command line: what consent permits opens,
//! and nothing else.

mod people;

use std::{fs, path::Path, process::Output};

use rustix::process::Signal;
use serde_json::Value;

use crate::{CANARY, Up, commonhold, ok};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/health");

/// A node, and a keystore with everybody's account.
struct Town<'a> {
    dir: &'a Path,
    rpc: String,
}

impl Town<'_> {
    fn run(&self, who: &str, args: &[&str]) -> Output {
        commonhold(self.dir)
            .args(args)
            .args(["--account", who, "--json"])
            .env("COMMONHOLD_RPC", &self.rpc)
            .env("COMMONHOLD_PASSPHRASE", CANARY)
            .env("COMMONHOLD_KEYSTORE", self.dir.join("keystore"))
            .output()
            .unwrap()
    }

    fn health(&self, who: &str, args: &[&str]) -> Value {
        let output = self.run(who, &[&["health"], args].concat());
        serde_json::from_str(&ok(&output)).unwrap()
    }

    #[track_caller]
    fn refused(&self, who: &str, args: &[&str], why: &str) {
        let output = self.run(who, &[&["health"], args].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(why) || told.contains(why), "{said}{told}");
    }

    /// Makes accounts; the keys of the first two members are theirs.
    fn people(&self) {
        let account = |args: &[&str]| {
            let output = commonhold(self.dir)
                .arg("account")
                .args(args)
                .env("COMMONHOLD_RPC", &self.rpc)
                .env("COMMONHOLD_PASSPHRASE", CANARY)
                .env("COMMONHOLD_KEYSTORE", self.dir.join("keystore"))
                .output()
                .unwrap();
            ok(&output)
        };
        account(&["import", "hospital", "data/member-1/account.key"]);
        for name in ["anna", "clara", "carl", "rosa", "emil", "emma"] {
            account(&["new", name]);
            account(&["register", name]);
        }
        for (role, who) in [
            ("clinician", "clara"),
            ("clinician", "carl"),
            ("researcher", "rosa"),
            ("ethics-committee", "emil"),
            ("ethics-committee", "emma"),
        ] {
            let attest = ["role", "attest", role, "--to", who, "--account", "hospital"];
            account(&attest);
        }
    }

    /// The names of the slices that a request opens to somebody, in a new directory.
    fn fetched(&self, who: &str, request: &str, into: &str) -> Vec<String> {
        let told = self.health(who, &["fetch", request, "-o", into]);
        let slices = told["slices"].as_array().unwrap();
        let mut names: Vec<String> = slices
            .iter()
            .map(|slice| {
                let file = self.dir.join(slice["file"].as_str().unwrap());
                let text = fs::read_to_string(file).unwrap();
                let bundle: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(bundle["resourceType"], "Bundle");
                slice["class"].as_str().unwrap().to_owned()
            })
            .collect();
        names.sort();
        names
    }
}

fn number(told: &Value, name: &str) -> String {
    told[name].as_u64().unwrap().to_string()
}

#[test]
fn what_consent_permits_opens_and_nothing_else() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "25600", "--heartbeat", "200"]);
    let town = Town {
        dir,
        rpc: up.url(0),
    };
    town.people();

    let file = format!("{SAMPLES}/ward.json");
    let imported = town.health("anna", &["import", &file]);
    let slices = imported["files"][0]["records"].as_array().unwrap().len();
    assert!(slices > 8, "{imported}");
    let other = format!("{SAMPLES}/visit.json");
    let several = format!("{SAMPLES}/bulk.ndjson");
    town.refused("emil", &["import", &file, &other], "another person");
    town.refused("emil", &["import", &several], "several people");
    let held = town.health("anna", &["records"]);
    assert_eq!(held["records"].as_array().unwrap().len(), slices);

    // Treatment: the owner is asked.
    let ask = ["request", "--from", "anna", "--purpose", "treatment"];
    let labs = [&ask[..], &["--classes", "labs,meds,vitals"]].concat();
    let before = town.health("clara", &[&labs[..], &["--dry-run"]].concat());
    assert_eq!(before["requests"][0]["decisions"][0]["verdict"], "DENY");
    let permit = [
        "consent",
        "set",
        "--purpose",
        "treatment",
        "--classes",
        "labs,meds",
        "--to",
        "role:clinician",
        "--duo",
        "DUO:0000004",
    ];
    let consent = town.health("anna", &permit);
    assert_eq!(consent["permits"][0]["to"], "role:clinician");
    town.refused("rosa", &labs, "role missing");
    let asked = town.health("clara", &labs);
    let request = number(&asked["requests"][0], "request");
    town.refused("clara", &["fetch", &request, "-o", "early"], "do not open");
    let waiting = town.health("anna", &["review"]);
    assert_eq!(
        waiting["requests"][0]["asking"].as_array().unwrap().len(),
        2
    );
    town.health("anna", &["review", "approve", &request]);
    assert_eq!(town.fetched("clara", &request, "seen"), ["labs", "meds"]);
    town.refused("rosa", &["fetch", &request, "-o", "rosa"], "another's");
    town.health("anna", &["review", "revoke", &request]);
    town.refused("clara", &["fetch", &request, "-o", "again"], "revoked");
    assert_eq!(fs::read_dir(dir.join("again")).unwrap().count(), 0);

    // Research: a registered study that a board approved, under a standing permit.
    let board = ["ethics", "found", "--member", "emil,emma", "--quorum", "2"];
    let board = number(&town.health("hospital", &board), "board");
    let protocol = format!("{SAMPLES}/protocol.json");
    let register = ["study", "register", &protocol, "--board", &board];
    let study = number(&town.health("rosa", &register), "study");
    let permit = [
        "consent",
        "set",
        "--purpose",
        "research",
        "--classes",
        "vitals",
        "--duo",
        "DUO:0000006",
        "--standing",
        "--veto",
        "0",
    ];
    assert_eq!(
        town.health("anna", &permit)["permits"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let ask = [
        "request",
        "--from",
        "anna",
        "--purpose",
        "research",
        "--study",
        &study,
        "--classes",
        "all",
    ];
    let ballot = number(&town.health("rosa", &["ethics", "open", &study]), "ballot");
    town.health("emil", &["ethics", "vote", &ballot, "approve"]);
    town.refused(
        "rosa",
        &["ethics", "vote", &ballot, "approve"],
        "role missing",
    );
    let early = town.health("rosa", &[&ask[..], &["--dry-run"]].concat());
    let of = |told: &Value, class: &str| {
        let decisions = told["requests"][0]["decisions"].as_array().unwrap();
        let one = decisions.iter().find(|one| one["class"] == class).unwrap();
        one["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(of(&early, "vitals"), "NEEDS", "the board has not decided");
    assert_eq!(of(&early, "labs"), "DENY");
    let decided = town.health("emma", &["ethics", "vote", &ballot, "approve"]);
    assert_eq!(decided["state"], "approved");
    let asked = town.health("rosa", &ask);
    assert_eq!(of(&asked, "vitals"), "PERMIT");
    let request = number(&asked["requests"][0], "request");
    assert_eq!(town.fetched("rosa", &request, "study"), ["vitals"]);

    // She leaves the study: what was given is counted, and nothing more opens.
    let left = town.health("anna", &["withdraw", "--study", &study]);
    assert_eq!(left["left"][0]["copiesOutstanding"], 1);
    town.refused("rosa", &["fetch", &request, "-o", "late"], "left the study");

    // An emergency: two clinicians, the emergency slice alone, and she says what it was.
    let open = ["emergency", "open", "anna", "--reason", "2", "-k", "key"];
    town.refused("rosa", &open, "no emergency right");
    assert!(!dir.join("key").exists());
    let case = number(&town.health("clara", &open), "emergency");
    let fetch = ["emergency", "fetch", &case, "-k", "key", "-o", "slice.json"];
    town.refused("clara", &fetch, "not confirmed");
    town.refused("clara", &["emergency", "confirm", &case], "unfit person");
    town.health("carl", &["emergency", "confirm", &case]);
    town.health("clara", &fetch);
    let text = fs::read_to_string(dir.join("slice.json")).unwrap();
    let bundle: Value = serde_json::from_str(&text).unwrap();
    let kinds = bundle["entry"].as_array().unwrap().iter();
    let kinds: Vec<&str> = kinds
        .map(|entry| entry["resource"]["resourceType"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"AllergyIntolerance"), "{kinds:?}");
    let review = ["emergency", "review", &case, "--justified"];
    let told = town.health("anna", &review);
    assert_eq!(told["emergencies"][0]["state"], "justified");
    let listed = town.health("anna", &["emergency", "list"]);
    assert_eq!(listed["emergencies"].as_array().unwrap().len(), 1);
    people::are_kept_and_take_over(&town);
    assert_eq!(up.stop(Signal::INT), Some(0));
}
