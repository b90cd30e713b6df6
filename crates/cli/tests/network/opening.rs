//! Records that are sealed to the network, and who opens them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use commonhold_sdk::{
    Client, Kind, Records,
    records::{Ask, Form, PutOptions, Terms, reader_secret},
};
use rustix::process::Signal;
use serde_json::Value;

use crate::{Up, nodes, ok};

fn run(dir: &Path, account: &str, args: &[&str], rpc: &str) -> Output {
    crate::run(dir, &[args, &["--account", account]].concat(), rpc)
}

fn refused(output: &Output, why: &str) {
    crate::refused(output, 1, why);
}

#[test]
fn a_sealed_record_opens_for_whom_the_ledger_lets_in() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "24000", "--heartbeat", "200"]);
    let key = up.banner["networkKey"].as_str().unwrap().to_owned();
    for (name, member) in [("alice", 0), ("bob", 2)] {
        for verb in ["new", "register"] {
            ok(&crate::run(dir, &["account", verb, name], &up.url(member)));
        }
    }
    let content: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    fs::write(dir.join("in"), &content).unwrap();
    let put = ["record", "put", "in", "--seal", "--network-key", &key];
    let id = ok(&run(dir, "alice", &put, &up.url(0)));
    let id = id.trim();
    let open = |name: &str, account: &str, member: usize| {
        let to = dir.join(name);
        let _ = fs::remove_file(&to);
        let args = [
            "record",
            "open",
            id,
            "-o",
            name,
            "--purpose",
            "TREAT",
            "--json",
        ];
        (run(dir, account, &args, &up.url(member)), to)
    };
    let opened = |(output, to): (Output, PathBuf)| {
        let told: Value = serde_json::from_str(&ok(&output)).unwrap();
        assert_eq!(fs::read(to).unwrap(), content);
        told["request"].as_u64().unwrap()
    };
    let nothing = |(output, to): (Output, PathBuf), why: &str| {
        refused(&output, why);
        assert!(!to.exists());
    };

    // The owner needs no grant; somebody else does, and the refusal is on the ledger.
    assert_eq!(opened(open("own", "alice", 1)), 0);
    nothing(open("early", "bob", 2), "never let in");
    let grant = ["record", "grant", id, "--to", "bob", "--uses", "2"];
    ok(&run(dir, "alice", &grant, &up.url(3)));
    assert_eq!(opened(open("first", "bob", 2)), 2);
    // As a Crypt4GH file for the reader's key: any tool of that standard reads it.
    let args = ["record", "open", id, "-o", "second.c4gh", "--c4gh"];
    ok(&run(dir, "bob", &args, &up.url(1)));
    let file = fs::read(dir.join("second.c4gh")).unwrap();
    assert!(file.starts_with(b"crypt4gh"));
    assert_eq!(
        file.len(),
        124 + content.len() + content.len().div_ceil(65_536) * 28
    );
    nothing(open("third", "bob", 2), "all the openings");
    // What is left behind for taking an opening up again is gone.
    let asking = dir.join("keystore/asking");
    assert_eq!(fs::read_dir(asking).unwrap().count(), 0);

    let revoke = ["record", "revoke", id, "--from", "bob"];
    ok(&run(dir, "alice", &revoke, &up.url(0)));
    nothing(open("fourth", "bob", 2), "revoked");
    let log = ok(&run(
        dir,
        "alice",
        &["record", "log", id, "--json"],
        &up.url(2),
    ));
    let log: Value = serde_json::from_str(&log).unwrap();
    let actions: Vec<&str> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "registered",
            "permitted",
            "refused",
            "granted",
            "permitted",
            "permitted",
            "refused",
            "revoked",
            "refused"
        ]
    );
    assert_eq!(up.stop(Signal::TERM), Some(0));
}

#[test]
fn a_quorum_opens_and_fewer_do_not() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (network, mut running) = nodes::running(dir, 24_300);
    let client = Client::new(&network.members[0].url()).unwrap();
    let (owner, reader) = (nodes::account(1), nodes::account(2));
    client.ensure_registered(&owner, "Ada").unwrap();
    client.ensure_registered(&reader, "Bob").unwrap();
    let from = dir.join("in");
    fs::write(&from, "sealed\n").unwrap();
    let options = PutOptions {
        kind: "text/plain".into(),
        seal: true,
        ..PutOptions::default()
    };
    let owners = Records::new(&client, &owner);
    let id = owners.put(&from, &options, &()).unwrap().id;
    owners
        .grant(id, reader.address(), Terms::default())
        .unwrap();
    let readers = Records::new(&client, &reader);
    let to = dir.join("out");
    let open = |secret: &_, resume| {
        let ask = Ask {
            purpose: Default::default(),
            secret,
            resume,
        };
        readers.open_sealed(id, &ask, Form::Plain, &to, &())
    };

    // One away: the others open it.
    nodes::stop(&mut running[3]);
    let opened = open(&reader_secret().unwrap(), false).unwrap();
    assert_eq!((opened.bytes, opened.blamed.len()), (7, 0));
    assert_eq!(fs::read_to_string(&to).unwrap(), "sealed\n");
    fs::remove_file(&to).unwrap();

    // It stands on the ledger that it may be opened, and only two are there to do it.
    let secret = reader_secret().unwrap();
    let reader_key = secret.public().0.into();
    let requested = client
        .request_opening(
            &reader,
            Default::default(),
            id,
            Default::default(),
            reader_key,
        )
        .unwrap();
    nodes::stop(&mut running[2]);
    let e = open(&secret, true).unwrap_err();
    assert_eq!(e.kind(), Kind::Unavailable, "{e}");
    let said = e.to_string();
    assert!(
        said.contains("opening needs 3") && said.contains("got 2"),
        "{said}"
    );
    assert!(!to.exists());

    // They are back: the same request opens it.
    for at in [2, 3] {
        running[at] = nodes::start(dir, &network.members[at]);
        nodes::wait_for_answer(&mut running[at], &network.members[at]).unwrap();
    }
    let sealing = client.sealing().unwrap();
    nodes::wait_until(|| {
        let answers = client.answers(&sealing, requested.number, true);
        answers.is_ok_and(|answers| answers.answers.len() == 4)
    });
    assert_eq!(open(&secret, true).unwrap().number, Some(requested.number));
    assert_eq!(fs::read_to_string(&to).unwrap(), "sealed\n");
    for node in &mut running {
        nodes::stop(node);
    }
}

#[test]
fn a_time_opens_for_everyone_and_for_nobody_before() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let (network, mut running) = nodes::running(dir, 24_600);
    let client = Client::new(&network.members[0].url()).unwrap();
    let (owner, stranger) = (nodes::account(1), nodes::account(2));
    client.ensure_registered(&owner, "Ada").unwrap();
    let from = dir.join("bid");
    fs::write(&from, "4,711\n").unwrap();
    let now = || client.block_time().unwrap();
    let options = |opens_at| PutOptions {
        kind: "text/plain".into(),
        opens_at,
        ..PutOptions::default()
    };
    let owners = Records::new(&client, &owner);
    let far = owners.put(&from, &options(now() + 10_000), &()).unwrap().id;
    let opens_at = now() + 15;
    let id = owners.put(&from, &options(opens_at), &()).unwrap().id;
    let strangers = Records::new(&client, &stranger);
    let to = dir.join("out");
    let secret = reader_secret().unwrap();
    let open = |id| {
        let ask = Ask {
            purpose: Default::default(),
            secret: &secret,
            resume: false,
        };
        strangers.open_sealed(id, &ask, Form::Plain, &to, &())
    };

    // Before its time every member refuses, the owner is refused too, and nothing can be published.
    let sealing = client.sealing().unwrap();
    for member in &network.members {
        let client = Client::new(&member.url()).unwrap();
        let e = client.time_key(&sealing, now() + 5_000).unwrap_err();
        assert_eq!(e.kind(), Kind::Refused, "{e}");
    }
    assert_eq!(open(far).unwrap_err().kind(), Kind::Refused);
    nodes::wait_until(|| now() >= opens_at);
    let opened = open(id).unwrap();
    assert_eq!((opened.number, opened.bytes), (None, 6));
    assert_eq!(fs::read_to_string(&to).unwrap(), "4,711\n");

    // It stands on the ledger, so that it opens with too few members to ask.
    assert!(client.published_key(&sealing, opens_at).unwrap().is_some());
    for node in &mut running[2..] {
        nodes::stop(node);
    }
    fs::remove_file(&to).unwrap();
    open(id).unwrap();
    assert_eq!(fs::read_to_string(&to).unwrap(), "4,711\n");
    for node in &mut running[..2] {
        nodes::stop(node);
    }
}
