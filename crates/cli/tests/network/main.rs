//! The binary runs a whole network: processes, files and signals as they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

mod ceremony;
mod damage;
mod dashboard;
mod devices;
mod energy;
mod founding;
mod full;
mod gateway;
mod health;
mod keeping;
mod kills;
mod light;
mod lives;
mod members;
mod nodes;
mod opening;
mod roles;
mod runbook;
mod secrets;
mod tour;
mod works;

/// A passphrase that must be seen nowhere.
const CANARY: &str = "canary-passphrase-7f3a";

/// A running `commonhold up`.
struct Up {
    process: Child,
    said: BufReader<ChildStderr>,
    /// What it printed when its members were healthy.
    banner: serde_json::Value,
}

fn commonhold(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_commonhold"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COMMONHOLD_") {
            command.env_remove(name);
        }
    }
    command
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .current_dir(dir);
    command
}

/// `commonhold WORDS` as somebody says it whose keystore is in `dir`, by way of the node at `rpc`.
fn person(dir: &Path, words: &[&str], rpc: &str) -> Command {
    let mut command = commonhold(dir);
    command
        .args(words)
        .env("COMMONHOLD_RPC", rpc)
        .env("COMMONHOLD_PASSPHRASE", CANARY)
        .env("COMMONHOLD_KEYSTORE", dir.join("keystore"));
    command
}

/// What comes of [`person`].
fn run(dir: &Path, words: &[&str], rpc: &str) -> Output {
    person(dir, words, rpc).output().unwrap()
}

#[track_caller]
fn refused(output: &Output, code: i32, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(why), "{said}");
}

impl Up {
    /// Starts `commonhold up` in `dir` and waits until it says that its members are healthy.
    fn start(dir: &Path, args: &[&str]) -> Self {
        // Nothing must depend on the caller's mask: it is as wide as can be.
        let up = commonhold(dir);
        let mut process = Command::new("sh");
        process
            .args(["-c", "umask 000; exec \"$0\" \"$@\""])
            .arg(up.get_program());
        for (name, value) in up.get_envs() {
            match value {
                Some(value) => process.env(name, value),
                None => process.env_remove(name),
            };
        }
        let mut process = process
            .current_dir(dir)
            .stdin(Stdio::null())
            .env("COMMONHOLD_PASSPHRASE", CANARY)
            .args(["up", "--json"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut answers = serde_json::Deserializer::from_reader(process.stdout.take().unwrap())
            .into_iter::<serde_json::Value>();
        let Some(Ok(banner)) = answers.next() else {
            let _ = process.kill();
            let mut why = String::new();
            said.read_to_string(&mut why).unwrap();
            panic!("the network did not start: {why}");
        };
        Self {
            process,
            said,
            banner,
        }
    }

    /// The URL of a member.
    fn url(&self, member: usize) -> String {
        self.banner["members"][member]["url"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Reads what is said until a line that contains `part`.
    fn wait_for(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.said.read_line(&mut line).unwrap() > 0,
                "ended before it said {part:?}"
            );
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Stops it with a signal, and gives its exit code.
    fn stop(mut self, signal: Signal) -> Option<i32> {
        kill_process(pid(self.process.id()), signal).unwrap();
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        let code = self.process.wait().unwrap().code();
        if code != Some(0) && signal != Signal::KILL {
            panic!("{rest}");
        }
        code
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Members end with their standard input, which ends with this process.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
}

/// The process of a member, by the file that `up` keeps.
fn member_pid(dir: &Path, member: usize) -> Pid {
    let file = dir.join(format!("data/member-{member}/node.pid"));
    pid(fs::read_to_string(file).unwrap().trim().parse().unwrap())
}

#[track_caller]
fn ok(output: &Output) -> String {
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}
