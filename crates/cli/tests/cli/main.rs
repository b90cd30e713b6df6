//! The binary as its users meet it: what it prints, where, and with which exit code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

mod account;
mod config;
mod doctor;
mod energy;
mod health;
mod help;
mod node;
mod pipes;
mod records;
mod roles;
mod seal;
mod stub;
mod tls;
mod token;
mod up;

/// The binary, with nothing of the caller's environment that could change what it does.
fn commonhold(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_commonhold"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COMMONHOLD_") {
            command.env_remove(name);
        }
    }
    command.args(args).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    commonhold(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a successful run gave.
#[track_caller]
fn ok(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    stdout(output)
}

/// What a failed run said; it must have given no result.
#[track_caller]
fn failed(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
    let said = stderr(output);
    assert!(!said.trim().is_empty());
    said
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&ok(output)).unwrap()
}

fn write_private(path: &Path, content: &str) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(path)
        .unwrap()
        .write_all(content.as_bytes())
        .unwrap();
}
