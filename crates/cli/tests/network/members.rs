//! Four members decide who joins them, from the command line.

use std::{fs, path::Path, process::Output};

use rustix::process::Signal;
use serde_json::Value;

use crate::{Up, ok, refused, run};

/// A node and a keystore with the accounts of its members and of somebody else.
struct Town<'a> {
    dir: &'a Path,
    rpc: String,
}

impl Town<'_> {
    fn member(&self, args: &[&str]) -> Output {
        run(self.dir, &[&["member"], args].concat(), &self.rpc)
    }

    fn answer(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        serde_json::from_str(&ok(&self.member(&args))).unwrap()
    }

    #[track_caller]
    fn refused(&self, args: &[&str], code: i32, why: &str) {
        refused(&self.member(args), code, why);
    }

    fn vote(&self, id: &str, how: &str, who: &str) -> Output {
        let reason = "as agreed in the assembly";
        self.member(&["vote", id, how, "--reason", reason, "--account", who])
    }
}

#[test]
fn a_hospital_applies_and_is_admitted() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "28900", "--heartbeat", "200"]);
    let town = Town {
        dir,
        rpc: up.url(0),
    };
    for member in 1..=4 {
        let (name, key) = (
            format!("m{member}"),
            format!("data/member-{member}/account.key"),
        );
        let import = ["account", "import", &name, &key];
        ok(&run(dir, &import, &town.rpc));
    }
    ok(&run(dir, &["account", "new", "valley"], &town.rpc));

    // On the candidate's own machine: its node's key, the network's document, no network.
    let application = |more: &[&str]| {
        let args = [
            "application",
            "--identity",
            "valley.key",
            "--genesis",
            "data/genesis.json",
        ];
        let args = [&args[..], more].concat();
        run(
            dir,
            &[&["member"], &args[..]].concat(),
            "http://127.0.0.1:1",
        )
    };
    let asks = [
        "--name",
        "Valley Hospital",
        "--endpoint",
        "node.valley.example:9701",
        "--acts",
        "valley",
        "-o",
        "valley.json",
    ];
    refused(&application(&asks), 1, "--new makes one");
    ok(&application(&[&asks[..], &["--new"]].concat()));
    refused(&application(&asks), 1, "--force");
    let secret = fs::read_to_string(dir.join("valley.key")).unwrap();
    let public = fs::read_to_string(dir.join("valley.json")).unwrap();
    assert!(!public.contains(secret.trim()), "a secret left its machine");

    // A stranger proposes nothing; what was tampered with is nobody's.
    let propose = |file, who| {
        let reason = "runs the hospital of the valley";
        let admit = ["propose", "admit", file];
        [&admit[..], &["--reason", reason, "--account", who]].concat()
    };
    town.refused(&propose("valley.json", "valley"), 1, "acts for no member");
    let other = public.replace("node.valley", "node.villain");
    fs::write(dir.join("other.json"), other).unwrap();
    town.refused(&propose("other.json", "m1"), 1, "signature");
    fs::write(dir.join("torn.json"), &public[..40]).unwrap();
    town.refused(&propose("torn.json", "m1"), 1, "member application");

    let proposed = town.answer(&propose("valley.json", "m1"));
    assert_eq!(
        (&proposed["id"], &proposed["state"]),
        (&0.into(), &"open".into())
    );
    refused(&town.vote("0", "--yes", "m1"), 1, "voted");
    refused(&town.vote("0", "--yes", "valley"), 1, "acts for no member");
    assert_eq!(ok(&town.vote("0", "--no", "m2")), "open\n");
    assert_eq!(ok(&town.vote("0", "--yes", "m3")), "open\n");
    let open = town.answer(&["proposals", "--open"]);
    assert_eq!(
        open[0]["asks"],
        "admit \"Valley Hospital\" at node.valley.example:9701"
    );
    assert_eq!(ok(&town.vote("0", "--yes", "m4")), "accepted\n");
    refused(&town.vote("0", "--yes", "m2"), 1, "not open any more");
    assert_eq!(town.answer(&["proposals", "--open"]), Value::Array(vec![]));

    let shown = town.answer(&["proposal", "0"]);
    assert_eq!(
        (&shown["state"], &shown["needed"]),
        (&"accepted".into(), &3.into())
    );
    let epoch = shown["fromEpoch"].as_u64().unwrap();
    let votes = shown["votes"].as_array().unwrap();
    let how: Vec<_> = votes.iter().map(|vote| &vote["approve"]).collect();
    assert_eq!(how, [true, false, true, true]);
    assert_eq!(votes[1]["reason"], "as agreed in the assembly");

    // Everybody sees whom they get, and from when on.
    let listed = town.answer(&["list"]);
    let newcomer = &listed[4];
    assert_eq!(newcomer["name"], "Valley Hospital");
    assert_eq!(
        (&newcomer["fromEpoch"], &newcomer["stands"]),
        (&epoch.into(), &false.into())
    );
    let epochs = town.answer(&["epochs"]);
    assert_eq!(epochs["coming"][0]["fromEpoch"], epoch);
    assert_eq!(epochs["coming"][0]["members"], 5);
    let now = epochs["epoch"].as_u64().unwrap();
    assert_eq!(now + 4, epoch, "an epoch of an hour has not gone by");
    let committee = town.answer(&["list", "--epoch", &now.to_string()]);
    assert_eq!(committee.as_array().unwrap().len(), 4);
    town.refused(&["list", "--epoch", "1000"], 1, "may still change");

    // A second thought, and what cannot be.
    let reason = ["--reason", "has been away", "--account", "m1"];
    let expel = [&["propose", "expel", "3"][..], &reason].concat();
    assert_eq!(ok(&town.member(&expel)), "1\n");
    town.refused(&["withdraw", "1", "--account", "m2"], 1, "takes it back");
    assert_eq!(
        ok(&town.member(&["withdraw", "1", "--account", "m1"])),
        "withdrawn\n"
    );
    let endpoint = [&["propose", "endpoint", "3", "nowhere"][..], &reason].concat();
    town.refused(&endpoint, 1, "host:port");
    let parameter = ["propose", "parameter", "vote-seconds", "60"];
    town.refused(&[&parameter[..], &reason].concat(), 1, "bounds");
    let upgrade = ["propose", "upgrade", "9.9.9", "--epoch", "1"];
    town.refused(&[&upgrade[..], &reason].concat(), 1, "earliest");

    assert_eq!(up.stop(Signal::TERM), Some(0));
}
