//! Who may call what: every function that changes something, of every module, called by everybody there
//! is.
//!
//! The functions come from the modules' interfaces, the callers from [`cast`]. What each call must end
//! in stands in `tables/MODULE.txt`: per row, which is a function or one case of it, the outcomes (`allowed`,
//! or the error's name) and who meets them. Each cell is performed on a world of its own. The test fails
//! on a function without a row, on a cell without an expectation, and on one whose expectation is wrong.
//!
//! A module adds a file here (its rows and what must be there before), a line in [`PARTS`], and its table,
//! which `COMMONHOLD_MATRIX=write` writes from what happens: read it before it is committed, above all
//! who is allowed. Somebody new goes into the cast, and every table then asks for what they may do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod accounts;
mod cast;
mod devices;
mod members;
mod records;
mod seals;
mod table;
mod token;
mod world;

use std::{env, fs, path::PathBuf};

use alloy_primitives::U256;
use commonhold_module::{Fault, Module};
use table::{Table, findings};
use world::World;

/// What a module brings.
struct Part {
    /// The module's name.
    module: &'static str,
    /// Makes what its rows speak of, in a world where everybody has their standing in `accounts`.
    prepare: fn(&mut World),
    /// The calls.
    rows: fn() -> Vec<Row>,
}

/// One function of a module, or one case of it.
struct Row {
    /// `function`, or `function, case`.
    name: &'static str,
    /// The call, ABI-encoded.
    call: fn(&World) -> Vec<u8>,
    /// What to say of a call that went through, where that is not all.
    says: fn(&[u8]) -> String,
}

impl Row {
    /// A call that is allowed or refused.
    fn new(name: &'static str, call: fn(&World) -> Vec<u8>) -> Self {
        let says = |_: &[u8]| "allowed".to_owned();
        Self { name, call, says }
    }

    /// A call that goes through and says in its answer what came of it.
    fn saying(name: &'static str, call: fn(&World) -> Vec<u8>, says: fn(&[u8]) -> String) -> Self {
        Self { name, call, says }
    }
}

const PARTS: &[Part] = &[
    members::PART,
    accounts::PART,
    devices::PART,
    records::PART,
    token::PART,
    seals::PART,
];

/// What a fault is called: the name of the error, whichever module declares it.
fn name_of(fault: &Fault) -> String {
    let Fault::Reject(data) = fault else {
        panic!("{fault}")
    };
    let selector = data.first_chunk::<4>().unwrap();
    let modules = commonhold_system::modules();
    let mut names = modules.iter().flat_map(|module| {
        let found = module
            .abi()
            .errors()
            .find(|error| error.selector() == *selector)
            .map(|error| error.name.clone());
        found.into_iter()
    });
    names
        .next()
        .unwrap_or_else(|| panic!("an error that nobody declares: {data}"))
}

/// Performs every cell of a module.
fn perform(part: &Part, module: &Module) -> Table {
    let mut world = World::new();
    (part.prepare)(&mut world);
    let mut table = Table::default();
    for row in (part.rows)() {
        let input = (row.call)(&world);
        for actor in cast::CAST {
            let mut world = world.clone();
            let before = world.bench.stored().clone();
            let address = module.address();
            let outcome = world
                .bench
                .raw(actor.address, address, U256::ZERO, false, &input);
            let outcome = match outcome {
                Ok(output) => (row.says)(&output),
                Err(fault) => {
                    let name = name_of(&fault);
                    assert_eq!(world.bench.stored(), &before, "{} left something", row.name);
                    name
                }
            };
            assert_eq!(world.bench.invariants(), Ok(vec![]), "{}", row.name);
            table.enter(row.name, actor.name, outcome);
        }
    }
    table
}

fn file(module: &str) -> PathBuf {
    let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/tables");
    PathBuf::from(tables).join(format!("{module}.txt"))
}

#[test]
fn everybody_may_do_what_the_tables_say_and_nothing_else() {
    let write = env::var("COMMONHOLD_MATRIX").is_ok_and(|value| value == "write");
    let mut wrong = Vec::new();
    for module in commonhold_system::modules() {
        let (name, messages) = (module.name(), module.messages());
        if messages.is_empty() {
            continue;
        }
        let Some(part) = PARTS.iter().find(|part| part.module == name) else {
            wrong.push(format!("{name}: no part in tests/matrix/main.rs"));
            continue;
        };
        let actual = perform(part, &module);
        if write {
            fs::write(file(name), actual.text()).unwrap();
        }
        let text = fs::read_to_string(file(name)).unwrap_or_default();
        match Table::parse(&text) {
            Ok(expected) => {
                let found = findings(&messages, &expected, &actual);
                wrong.extend(found.into_iter().map(|found| format!("{name}: {found}")));
            }
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nWhere that is intended, run this test with COMMONHOLD_MATRIX=write, and read the \
         difference before it is committed.",
        wrong.join("\n")
    );
}

#[test]
fn every_part_is_of_a_module() {
    let modules = commonhold_system::modules();
    for part in PARTS {
        assert!(
            modules.iter().any(|module| module.name() == part.module),
            "{}",
            part.module
        );
    }
}
