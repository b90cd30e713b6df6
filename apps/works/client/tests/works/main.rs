//! The command line without a chain, held against the expected files of the shared data where these lie beside
//! the project, and against samples of our own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod corpus;
#[path = "../../../contract/tests/properties/everything.rs"]
#[allow(dead_code, reason = "the contract's tests need the rest")]
mod everything;
mod exchange;
#[path = "../tools/parsers.rs"]
#[allow(dead_code, reason = "the soak needs the rest")]
mod parsers;
mod rules;
mod samples;

use std::{fs, path::PathBuf};

use alloy_primitives::Address;
use clap::Parser;
use commonhold_sdk::{Account, Client, records::Progress};
use commonhold_session::{Answer, Refused, Session};
use commonhold_works_client::command;
use serde_json::Value;

#[derive(Parser)]
struct Binary {
    #[command(flatten)]
    args: command::Args,
}

/// Runs `commonhold works WORDS`.
fn works(words: &[&str]) -> Answer {
    attempt(words).unwrap_or_else(|error| panic!("{words:?}: {error:#}"))
}

fn attempt(words: &[&str]) -> eyre::Result<Answer> {
    let words = ["works"].iter().chain(words);
    command::run(&Binary::try_parse_from(words)?.args, &Nobody)
}

/// Neither a node nor an account: whatever asks for one is no dry run.
struct Nobody;

impl Session for Nobody {
    fn client(&self) -> eyre::Result<Client> {
        Err(Refused("no node".into()).into())
    }

    fn account(&self) -> eyre::Result<Account> {
        Err(Refused("no account".into()).into())
    }

    fn address(&self) -> eyre::Result<Address> {
        Err(Refused("no account".into()).into())
    }

    fn who(&self, text: &str) -> eyre::Result<Address> {
        Err(Refused(format!("{text} is nobody")).into())
    }

    fn say(&self, _: &str) {}

    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(())
    }
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// A path of the shared data; `None`, which is said, where it is not there.
fn data(name: &str) -> Option<String> {
    let path = root().join("../shared/data/works").join(name);
    if path.exists() {
        return Some(path.into_os_string().into_string().unwrap());
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

fn read(path: &str) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A file of `samples/works`, which this repository brings.
fn sample(name: &str) -> String {
    let path = root().join("samples/works").join(name);
    path.into_os_string().into_string().unwrap()
}

/// Everything that is expected is there; what is beside it is not asked about.
fn holds(place: &str, expected: &Value, found: &Value) {
    match expected {
        Value::Object(members) => {
            for (key, value) in members {
                let place = format!("{place}.{key}");
                let found = found.get(key);
                holds(
                    &place,
                    value,
                    found.unwrap_or_else(|| panic!("{place} is missing")),
                );
            }
        }
        Value::Array(members) => {
            let found = found
                .as_array()
                .unwrap_or_else(|| panic!("{place}: no list"));
            assert_eq!(members.len(), found.len(), "{place}: {found:#?}");
            for (number, (value, found)) in members.iter().zip(found).enumerate() {
                holds(&format!("{place}[{number}]"), value, found);
            }
        }
        Value::Number(number) if number.is_f64() => {
            assert_eq!(number.as_f64(), found.as_f64(), "{place}");
        }
        _ => assert_eq!(expected, found, "{place}"),
    }
}
