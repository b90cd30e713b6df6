//! Members attest roles and guardians, people ask.

use std::{path::Path, process::Output};

use rustix::process::Signal;
use serde_json::Value;

use crate::{Up, ok, refused, run};

/// A node and a keystore with the accounts of two members and of three people.
struct Town<'a> {
    dir: &'a Path,
    rpc: String,
}

impl Town<'_> {
    fn account(&self, args: &[&str]) -> Output {
        run(self.dir, &[&["account"], args].concat(), &self.rpc)
    }

    fn answer(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        serde_json::from_str(&ok(&self.account(&args))).unwrap()
    }

    #[track_caller]
    fn refused(&self, args: &[&str], code: i32, why: &str) {
        refused(&self.account(args), code, why);
    }

    /// How bob stands as an auditor.
    fn standing(&self) -> String {
        let shown = self.answer(&["role", "show", "auditor", "bob"]);
        let standing = shown["standing"].as_str().unwrap();
        assert_eq!(shown["may"], standing == "good");
        standing.to_owned()
    }

    /// How bob stands as mira's guardian.
    fn guarding(&self) -> String {
        let listed = self.answer(&["guardian", "list", "mira"]);
        listed["guardians"][0]["standing"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

#[test]
fn roles_and_guardians_from_the_command_line() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "25200", "--heartbeat", "200"]);
    let town = Town {
        dir,
        rpc: up.url(0),
    };
    for (name, member) in [("clinic", 1), ("registry", 2)] {
        let key = format!("data/member-{member}/account.key");
        ok(&town.account(&["import", name, &key]));
    }
    for name in ["bob", "lab", "mira"] {
        ok(&town.account(&["new", name]));
    }

    let by = |account| ["--account", account];
    let attest = [
        "role", "attest", "auditor", "--to", "bob", "--until", "+30d",
    ];
    assert_eq!(town.standing(), "none");
    town.refused(&[&attest[..], &by("lab")].concat(), 2, "--member");
    let as_member = [&attest[..], &["--member", "0"], &by("lab")].concat();
    town.refused(&as_member, 1, "neither member nor delegate");
    let delegate = ["role", "delegate", "auditor", "--to", "lab"];
    ok(&town.account(&[&delegate[..], &by("clinic")].concat()));
    ok(&town.account(&as_member));
    assert_eq!(town.standing(), "good");
    let shown = town.answer(&["role", "show", "auditor", "bob"]);
    assert_eq!(shown["attestations"][0]["member"], 0);
    let at_end = town.answer(&["role", "show", "auditor", "bob", "--at", "+31d"]);
    assert_eq!(at_end["standing"], "expired");
    assert_eq!(town.answer(&["role", "list", "bob"])[0]["role"], "auditor");
    let holders = town.answer(&["role", "list", "--role", "auditor"]);
    assert_eq!(holders.as_array().unwrap().len(), 1);
    let dismiss = ["role", "undelegate", "auditor", "--from", "lab"];
    ok(&town.account(&[&dismiss[..], &by("clinic")].concat()));
    let delegates = town.answer(&[&["role", "delegates"][..], &by("clinic")].concat());
    assert_eq!(delegates[0]["holds"], false);
    assert_eq!(town.standing(), "good", "until it is withdrawn");
    let withdraw = [
        "role", "withdraw", "auditor", "--from", "bob", "--reason", "LEFT",
    ];
    ok(&town.account(&[&withdraw[..], &by("clinic")].concat()));
    assert_eq!(town.standing(), "withdrawn");
    ok(&town.account(&[&attest[..], &by("registry")].concat()));
    ok(&town.account(&[&["role", "renounce", "auditor"][..], &by("bob")].concat()));
    assert_eq!(town.standing(), "renounced");

    let appoint = [
        "guardian", "appoint", "bob", "--ward", "mira", "--until", "+400d",
    ];
    ok(&town.account(&[&appoint[..], &by("clinic")].concat()));
    assert_eq!(town.guarding(), "one-member");
    ok(&town.account(&[&appoint[..], &by("registry")].concat()));
    assert_eq!(town.guarding(), "guardian");
    let named = ["guardian", "appoint", "lab", "--account", "mira"];
    town.refused(&named, 1, "under guardianship");
    let text = ok(&town.account(&["guardian", "list", "mira"]));
    assert!(
        text.contains(": guardian until 20") && text.lines().count() == 3,
        "{text}"
    );
    ok(&town.account(&["guardian", "resign", "mira", "--account", "bob"]));
    assert_eq!(town.guarding(), "resigned");
    ok(&town.account(&named));
    ok(&town.account(&["guardian", "end", "lab", "--account", "mira"]));
    let end = ["guardian", "end", "lab", "--account", "mira"];
    town.refused(&end, 1, "nothing to end");
    assert_eq!(up.stop(Signal::INT), Some(0));
}
