//! Members' machines, and what is typed on them: the commands of the page.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{commonhold, ok};

pub(crate) const NAMES: [&str; 4] = ["North", "East", "South", "West"];
pub(crate) const PAGE: &str = include_str!("../../../../../docs/founding.md");

/// A member's own machine: a directory.
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    dir: PathBuf,
    pub(crate) p2p: u16,
    pub(crate) http: u16,
}

/// The words of the command of the page that begins so, as North types it.
pub(crate) fn page(verb: &str) -> Vec<String> {
    let begin = format!("    commonhold {verb}");
    let at = PAGE.find(&begin).unwrap();
    let joined = PAGE[at..].replace("\\\n", " ");
    let line = joined.lines().next().unwrap();
    line.split_whitespace().skip(1).map(str::to_owned).collect()
}

impl Machine {
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = commonhold(&self.dir);
        command.args(words);
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// The command of the page that begins so, as this member types it.
    pub(crate) fn words(&self, verb: &str) -> Vec<String> {
        let mut words = page(verb);
        let own = format!("{}.sig.json", self.name.to_lowercase());
        for at in 0..words.len() {
            let word = &mut words[at];
            if word == "North" {
                *word = self.name.to_owned();
            } else if word == "north.example:9701" {
                *word = format!("127.0.0.1:{}", self.p2p);
            } else if word == "2026-12-01T09:00:00Z" {
                *word = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap()
                    .as_secs()
                    .to_string();
            } else if word == "-o" && words[at + 1] == "north.sig.json" {
                words[at + 1] = own.clone();
            }
        }
        if verb == "network identity" {
            // Four nodes on one machine.
            words.push("--http-listen".into());
            words.push(format!("127.0.0.1:{}", self.http));
        }
        if verb == "network assemble" {
            // Short epochs, so that the key's shares are dealt anew while a test looks on.
            words.extend(["--epoch-blocks", "32", "--heartbeat-ms", "100"].map(str::to_owned));
        }
        words
    }

    pub(crate) fn page(&self, verb: &str) -> Command {
        let words = self.words(verb);
        self.command(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(crate) fn json(&self, verb: &str) -> Value {
        let output = self.page(verb).arg("--json").output().unwrap();
        serde_json::from_str(&ok(&output)).unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// A running `commonhold network keys`.
pub(crate) struct Keys {
    process: Child,
    said: BufReader<ChildStderr>,
    all: String,
}

impl Keys {
    pub(crate) fn start(member: &Machine) -> Self {
        Self::start_with(member, &[])
    }

    pub(crate) fn start_with(member: &Machine, more: &[&str]) -> Self {
        let mut process = member
            .page("network keys")
            .arg("--json")
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            said: BufReader::new(process.stderr.take().unwrap()),
            process,
            all: String::new(),
        }
    }

    /// Reads what is said until a line is this.
    pub(crate) fn wait_for(&mut self, wanted: &str) {
        loop {
            let mut line = String::new();
            let read = self.said.read_line(&mut line).unwrap();
            self.all.push_str(&line);
            assert!(read > 0, "ended before it said {wanted:?}: {}", self.all);
            if line.trim_end() == wanted {
                return;
            }
        }
    }

    /// Reads one line; whether there was one.
    pub(crate) fn says(&mut self) -> bool {
        self.said.read_line(&mut self.all).unwrap() > 0
    }

    /// Waits for its end, which must be this failure.
    pub(crate) fn fails(mut self, code: i32) -> String {
        self.said.read_to_string(&mut self.all).unwrap();
        let ended = self.process.wait().unwrap();
        assert_eq!(ended.code(), Some(code), "{}", self.all);
        std::mem::take(&mut self.all)
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        assert_eq!(self.process.wait().unwrap().code(), None);
    }

    /// Waits for its end, which must be a success.
    pub(crate) fn result(mut self) -> (Value, String) {
        self.said.read_to_string(&mut self.all).unwrap();
        let mut told = String::new();
        let mut out = self.process.stdout.take().unwrap();
        out.read_to_string(&mut told).unwrap();
        let ended = self.process.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{}", self.all);
        let said = std::mem::take(&mut self.all);
        (serde_json::from_str(&told).unwrap(), said)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Four identities, each on its own machine, and everybody's public file with everybody.
pub(crate) fn identities(dir: &Path, port: u16) -> Vec<Machine> {
    let machines: Vec<Machine> = (0..)
        .zip(NAMES)
        .map(|(i, name)| Machine {
            name,
            dir: dir.join(name),
            p2p: port + 100 + i,
            http: port + i,
        })
        .collect();
    for member in &machines {
        fs::create_dir(&member.dir).unwrap();
        ok(&member.page("network identity").output().unwrap());
        for secret in ["identity.key", "seal.lock", "account.key"] {
            let file = member.file("member").join(secret);
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{secret}");
        }
    }
    hand_around(&machines, |member| {
        (
            "member/member.json".into(),
            format!("{}.json", member.name.to_lowercase()),
        )
    });
    machines
}

/// Copies a file of each to all, under the name that the others know it by.
pub(crate) fn hand_around(machines: &[Machine], file: impl Fn(&Machine) -> (String, String)) {
    for from in machines {
        let (own, name) = file(from);
        for to in machines {
            if from.file(&own) != to.file(&name) {
                fs::copy(from.file(&own), to.file(&name)).unwrap();
            }
        }
    }
}

pub(crate) fn signature(member: &Machine) -> (String, String) {
    let name = format!("{}.sig.json", member.name.to_lowercase());
    (name.clone(), name)
}

/// Assembles the document at North, and gives it to all.
pub(crate) fn assembled(machines: &[Machine]) -> Vec<u8> {
    ok(&machines[0].page("network assemble").output().unwrap());
    let document = fs::read(machines[0].file("founding.json")).unwrap();
    for member in &machines[1..] {
        fs::write(member.file("founding.json"), &document).unwrap();
    }
    document
}

/// Identities, the document, and everybody's signature of it with everybody.
pub(crate) fn agreed(dir: &Path, port: u16) -> Vec<Machine> {
    let machines = identities(dir, port);
    assembled(&machines);
    for member in &machines {
        member.json("network check");
        ok(&member.page("network sign").output().unwrap());
    }
    hand_around(&machines, signature);
    machines
}
