//! Files of a member that were damaged while it was stopped. It says what is wrong and what to do, and
//! ends with exit code 4; or it does without them. Nothing that is final is missing without a word.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Child,
};

use alloy_primitives::B256;
use commonhold_node::{
    devnet::{Devnet, DevnetMember},
    store,
};
use commonhold_sdk::Client;
use rustix::process::Signal;

use crate::{
    Up,
    nodes::{
        Told, account, command, copy, network, spawn, start, stop, transfer, wait_for_answer,
        wait_for_receipts,
    },
};

/// Transactions before the damage.
const TRANSACTIONS: usize = 24;
/// Bytes of a blob before its content.
const HEADER: usize = 4096;

/// What is done to the engine directory of the stopped member 4, with the directory of the network.
type Damage = fn(engine: &Path, data: &Path);

/// What a start after it gives.
enum Ends {
    /// It is refused, with one of these words.
    Refused(&'static [&'static str]),
    /// The member serves, with everything that was final.
    Serves,
}
use Ends::{Refused, Serves};

/// What may be found, from nothing at all to another's. The partitions stand for what is in them:
/// blocks, outcomes, certificates, state, progress, votes, what is only a cache.
const CASES: &[(&str, Damage, Ends)] = &[
    ("nothing", |_, _| {}, Serves),
    (
        "a changed block",
        |engine, _| flip(engine, "member-blocks-value"),
        Refused(&["is missing, though everything"]),
    ),
    (
        "blocks cut short",
        |engine, _| cut(engine, "member-blocks-key", |_| HEADER as u64),
        // Which of the two depends on where the pages of what it points to end.
        Refused(&[
            "is missing, though everything",
            "the block archive cannot be opened",
        ]),
    ),
    (
        "a changed header of a file",
        |engine, _| flip_at(engine, "member-blocks-metadata", HEADER / 2),
        Refused(&["blob corrupt"]),
    ),
    (
        "outcomes cut short",
        |engine, _| cut(engine, "member-outcomes-value", |len| len / 2),
        Refused(&["the outcome of block"]),
    ),
    (
        "no certificates",
        |engine, _| remove(engine, "member-certificates-key"),
        Refused(&["a certificate that covers block"]),
    ),
    (
        "an emptied state tree",
        |engine, _| cut(engine, "member-state-mmr-journal-blobs", |_| 0),
        Refused(&["database init failed"]),
    ),
    (
        "no record of what was processed",
        |engine, _| remove(engine, "member-application-metadata"),
        Refused(&["recorded as processed up to 0"]),
    ),
    (
        "no votes",
        |engine, _| remove(engine, "member_consensus_0"),
        Refused(&["could vote twice"]),
    ),
    (
        "another member's votes",
        |engine, data| {
            remove(engine, "member_consensus_0");
            let theirs = data.join("member-1/data/engine/member_consensus_0");
            copy(&theirs, &engine.join("member_consensus_0"));
        },
        Refused(&["that is not this member's"]),
    ),
    (
        "another member's store",
        |engine, data| {
            fs::remove_dir_all(engine).unwrap();
            copy(&data.join("member-1/data/engine"), engine);
        },
        Refused(&["the store of another member"]),
    ),
    (
        "a store of another network",
        |engine, data| {
            let elsewhere = data.join("member-4/elsewhere");
            store::claim(&elsewhere, B256::repeat_byte(1), B256::repeat_byte(2)).unwrap();
            fs::copy(elsewhere.join("store.json"), engine.join("store.json")).unwrap();
        },
        Refused(&["the store of another network"]),
    ),
    (
        "a store of nobody",
        |engine, _| fs::remove_file(engine.join("store.json")).unwrap(),
        Refused(&["does not say whose store it is"]),
    ),
];

/// The last blob of a partition.
fn blob(engine: &Path, partition: &str) -> PathBuf {
    let entries = fs::read_dir(engine.join(partition)).unwrap();
    entries.map(|entry| entry.unwrap().path()).max().unwrap()
}

fn flip_at(engine: &Path, partition: &str, at: usize) {
    let path = blob(engine, partition);
    let mut bytes = fs::read(&path).unwrap();
    bytes[at] ^= 0x5a;
    fs::write(path, bytes).unwrap();
}

/// Changes a byte in the middle of what a blob holds.
fn flip(engine: &Path, partition: &str) {
    let bytes = fs::read(blob(engine, partition)).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    flip_at(engine, partition, HEADER.midpoint(end.max(HEADER)));
}

fn cut(engine: &Path, partition: &str, to: fn(u64) -> u64) {
    let blob = File::options()
        .write(true)
        .open(blob(engine, partition))
        .unwrap();
    let len = blob.metadata().unwrap().len();
    blob.set_len(to(len)).unwrap();
}

fn remove(engine: &Path, partition: &str) {
    fs::remove_dir_all(engine.join(partition)).unwrap();
}

/// Makes a network, and transactions that every member knows, and stops it.
fn stopped(dir: &Path) -> (Devnet, Vec<Told>) {
    let network = network(dir, 24_800);
    let mut nodes: Vec<Child> = network.members.iter().map(|m| start(dir, m)).collect();
    for (node, member) in nodes.iter_mut().zip(&network.members) {
        wait_for_answer(node, member).unwrap();
    }
    let (client, account) = (client(&network.members[0]), account(0));
    let told: Vec<Told> = (0..TRANSACTIONS)
        .map(|_| transfer(&client, &account).unwrap())
        .collect();
    for member in &network.members {
        wait_for_receipts(member, &told);
    }
    nodes.iter_mut().for_each(stop);
    (network, told)
}

fn client(member: &DevnetMember) -> Client {
    Client::new(&member.url()).unwrap()
}

/// Starts a member alone, and compares how that ends.
fn begins(dir: &Path, member: &DevnetMember, told: &[Told], what: &str, ends: &Ends) {
    let _ = fs::remove_file(member.log_file());
    let mut node = start(dir, member);
    let answer = wait_for_answer(&mut node, member);
    let log = || fs::read_to_string(member.log_file()).unwrap();
    match (ends, answer) {
        (Serves, Ok(())) => {
            wait_for_receipts(member, told);
            node.kill().unwrap();
            node.wait().unwrap();
        }
        (Refused(words), Err(status)) => {
            let log = log();
            let said = log.lines().last().unwrap();
            assert_eq!(status.code(), Some(4), "{what}: {log}");
            assert!(said.starts_with("error: "), "{what}: {log}");
            let expected = words.iter().any(|words| said.contains(words));
            assert!(expected, "{what}: {said}");
            let engine = member.config.data.join("engine");
            assert!(said.contains(engine.to_str().unwrap()), "{what}: {said}");
        }
        (_, answer) => {
            let _ = node.kill();
            panic!("{what}: {answer:?}: {}", log());
        }
    }
}

#[test]
fn damaged_files_are_named_and_the_others_go_on() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (network, told) = stopped(dir);
    let member = &network.members[3];
    let (data, engine) = (&member.config.data, member.config.data.join("engine"));
    let whole = dir.join("whole");
    fs::rename(data, &whole).unwrap();
    for (what, damage, ends) in CASES {
        copy(&whole, data);
        damage(&engine, &dir.join("data"));
        begins(dir, member, &told, what, ends);
        fs::remove_dir_all(data).unwrap();
    }

    // The others do not wait for it, and whoever keeps them says why it is away.
    copy(&whole, data);
    remove(&engine, "member_consensus_0");
    let mut up = Up::start(dir, &[]);
    let said = up.wait_for("Member 4 cannot run (exit code 4)");
    assert!(
        said.contains("could vote twice") && said.contains("--join"),
        "{said}"
    );
    assert_eq!(up.banner["members"][3]["running"], false);
    let account = account(0);
    transfer(&client(&network.members[1]), &account).unwrap();

    // What it says helps.
    fs::remove_dir_all(&engine).unwrap();
    let mut joining = spawn(command(dir, member).arg("--join"), member);
    wait_for_answer(&mut joining, member).unwrap();
    // What was before it joined, its others tell.
    let new = transfer(&client(member), &account).unwrap();
    wait_for_receipts(member, &[new]);
    stop(&mut joining);
    assert_eq!(up.stop(Signal::TERM), Some(0));
}
