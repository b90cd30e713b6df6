//! The story of health, told to the binary (`lab` tells it to a simulated network).

mod people;

use std::{path::Path, process::Output};

use commonhold_health_story::{Stage, Told, tell};
use rustix::process::Signal;
use serde_json::Value;

use crate::{Up, ok, run};

/// A node, and a keystore with everybody's account.
struct Town<'a> {
    dir: &'a Path,
    rpc: String,
}

impl Town<'_> {
    fn run(&self, who: &str, words: &[&str]) -> Output {
        let words = [words, &["--account", who, "--json"]].concat();
        run(self.dir, &words, &self.rpc)
    }

    fn health(&self, who: &str, words: &[&str]) -> Value {
        let told = self.says(who, words);
        assert_eq!(told.refused, None, "{who} says {words:?}");
        told.data
    }

    #[track_caller]
    fn refused(&self, who: &str, words: &[&str], why: &str) {
        let told = self.says(who, words);
        let said = told.refused.unwrap_or_default();
        let data = told.data.to_string();
        assert!(said.contains(why) || data.contains(why), "{said}{data}");
    }

    /// Checks a directory offline; `why` it is refused, where it is.
    #[track_caller]
    fn verify(&self, directory: &str, why: Option<&str>) {
        let output = run(self.dir, &["verify", directory], &self.rpc);
        let said = String::from_utf8_lossy(&output.stderr);
        match why {
            None => assert!(output.status.success(), "{said}"),
            Some(why) => assert!(!output.status.success() && said.contains(why), "{said}"),
        }
    }

    fn account(&self, words: &[&str]) {
        ok(&run(self.dir, &[&["account"], words].concat(), &self.rpc));
    }
}

impl Stage for Town<'_> {
    fn organisation(&self, name: &str, member: usize) {
        let key = format!("data/member-{}/account.key", member + 1);
        self.account(&["import", name, &key]);
        self.account(&["register", name]);
    }

    fn person(&self, name: &str) {
        self.account(&["new", name]);
        self.account(&["register", name]);
    }

    fn attest(&self, by: &str, role: &str, to: &str) {
        self.account(&["role", "attest", role, "--to", to, "--account", by]);
    }

    fn says(&self, who: &str, words: &[&str]) -> Told {
        let output = self.run(who, &[&["health"], words].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let data: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        let refused = match output.status.code() {
            Some(0) => None,
            Some(1) => Some(said),
            code => panic!("{who} says {words:?}: {code:?}: {said}"),
        };
        assert!(
            refused.is_some() || data.is_some(),
            "{words:?} has no answer"
        );
        Told {
            data: data.unwrap_or_default(),
            refused,
        }
    }

    fn place(&self) -> &Path {
        self.dir
    }
}

#[test]
fn a_patient_two_hospitals_a_researcher_an_ethics_board_an_emergency() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "25600", "--heartbeat", "200"]);
    let town = Town {
        dir,
        rpc: up.url(0),
    };
    tell(&town);
    people::are_kept_and_take_over(&town);
    assert_eq!(up.stop(Signal::INT), Some(0));
}
