//! Four members found a network with the commands of `docs/founding.md`, each in a directory of its own.

mod machines;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
};

use alloy_primitives::{Address, U256};
use commonhold_node::{keys, read_genesis};
use commonhold_sdk::{
    Account, Client, Records,
    records::{Ask, Form, PutOptions, reader_secret},
    transaction::Draft,
};
use serde_json::Value;

use crate::{nodes, ok, refused};

use machines::{Keys, Machine, agreed, assembled, hand_around, identities, signature};

#[test]
fn what_was_changed_is_refused_before_and_after_signing() {
    let temp = tempfile::tempdir().unwrap();
    let machines = identities(temp.path(), 28_000);
    let [north, east, south, west] = &machines[..] else {
        panic!();
    };
    // A second identity does not take the place of the first.
    let again = north.page("network identity").output().unwrap();
    refused(&again, 1, "exists already; nothing is overwritten");
    // A member's file that was changed on its way.
    let own = fs::read_to_string(east.file("west.json")).unwrap();
    fs::write(east.file("west.json"), own.replace("\"West\"", "\"Vest\"")).unwrap();
    let words = east.page("network assemble").output().unwrap();
    refused(&words, 4, "did not sign what this application says");
    fs::write(east.file("west.json"), own).unwrap();

    // Whoever assembles, in whichever order, has the same bytes.
    let document = assembled(&machines);
    let seconds = String::from_utf8(document.clone()).unwrap();
    let seconds = serde_json::from_str::<Value>(&seconds).unwrap()["timestamp"].to_string();
    let mut words = east.words("network assemble");
    let time = words
        .iter()
        .position(|word| word == "--not-before")
        .unwrap()
        + 1;
    words[time] = seconds;
    words[2..6].reverse();
    let out = words.iter().position(|word| word == "-o").unwrap() + 1;
    words[out] = "again.json".into();
    ok(&east.run(&words.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(fs::read(east.file("again.json")).unwrap(), document);

    let checked: Vec<Value> = machines.iter().map(|m| m.json("network check")).collect();
    for (member, told) in machines.iter().zip(&checked) {
        assert_eq!(told["hash"], checked[0]["hash"]);
        assert_eq!(
            (&told["quorum"], &told["signed"]),
            (&3.into(), &false.into())
        );
        let members = told["members"].as_array().unwrap();
        let own: Vec<_> = members.iter().filter(|m| m["own"] == true).collect();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0]["name"], member.name);
    }

    // Before anybody has signed: what members said of themselves cannot be changed, nor the form.
    let changed = |member: &Machine, from: &str, to: &str| {
        let text = String::from_utf8(document.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(member.file("founding.json"), text.replacen(from, to, 1)).unwrap();
    };
    changed(south, "\"East\"", "\"Eest\"");
    let check = south.page("network check").output().unwrap();
    refused(&check, 4, "did not sign what this application says");
    changed(south, "\n}\n", "\n} ");
    let check = south.page("network check").output().unwrap();
    refused(&check, 4, "is not as it was assembled");
    // Whoever is not in it, or is in it with an application that is not its newest.
    fs::write(south.file("founding.json"), &document).unwrap();
    let stranger = south.run(&[
        "network",
        "identity",
        "-o",
        "other",
        "--name",
        "Other",
        "--endpoint",
        "other.example:9701",
        "--new-account",
    ]);
    ok(&stranger);
    let check = [
        "network",
        "check",
        "founding.json",
        "--config",
        "other/config.toml",
    ];
    refused(&south.run(&check), 1, "no member of this founding document");
    let own = fs::read_to_string(south.file("member/member.json")).unwrap();
    let moved = own.replace(&south.p2p.to_string(), "9999");
    fs::write(south.file("member/member.json"), moved).unwrap();
    let check = south.page("network check").output().unwrap();
    refused(&check, 4, "the endpoint of this member");
    fs::write(south.file("member/member.json"), own).unwrap();

    for member in &machines[..3] {
        ok(&member.page("network sign").output().unwrap());
    }
    // Another chain id is another network: the hash says so, and a signature is of one hash.
    changed(south, "7101", "7102");
    let check = south.page("network check").output().unwrap();
    refused(&check, 4, "this member has signed the founding document");
    let mut sign = south.words("network sign");
    *sign.last_mut().unwrap() = "other.sig.json".into();
    let sign = south.run(&sign.iter().map(String::as_str).collect::<Vec<_>>());
    refused(&sign, 4, "this member has signed the founding document");
    assert!(!south.file("other.sig.json").exists());
    let keys = [
        "network",
        "keys",
        "--founding",
        "founding.json",
        "--config",
        "member/config.toml",
    ];
    refused(
        &south.run(&keys),
        4,
        "this member has signed the founding document",
    );
    let of_others = ["network", "signatures", "founding.json", "south.sig.json"];
    refused(&south.run(&of_others), 4, "South signed");
    fs::write(south.file("founding.json"), &document).unwrap();

    // The fourth has not signed: it makes no keys, and the others see who it is.
    refused(&west.run(&keys), 1, "this member has not signed");
    hand_around(&machines[..3], signature);
    let three = [
        "network",
        "signatures",
        "founding.json",
        "north.sig.json",
        "east.sig.json",
    ];
    refused(&north.run(&three), 1, "not signed by: ");
    let mut words = keys.to_vec();
    words.extend([
        "--signatures",
        "north.sig.json",
        "east.sig.json",
        "south.sig.json",
    ]);
    refused(&north.run(&words), 1, "not signed by: West");
    // A signature that was changed.
    let own = fs::read_to_string(south.file("east.sig.json")).unwrap();
    let told: BTreeMap<String, Value> = serde_json::from_str(&own).unwrap();
    let signed = told["signature"].as_str().unwrap();
    let digit = if signed.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{digit}", &signed[..signed.len() - 1]);
    fs::write(south.file("east.sig.json"), own.replace(signed, &forged)).unwrap();
    let output = south.run(&["network", "signatures", "founding.json", "east.sig.json"]);
    refused(&output, 4, "was not made with its identity key");
    for member in &machines {
        assert!(!member.file("member/share.key").exists());
        assert!(!member.file("member/genesis.json").exists());
    }
}

#[test]
fn a_round_without_members_names_them_and_one_killed_after_every_line_goes_on() {
    let temp = tempfile::tempdir().unwrap();
    let machines = agreed(temp.path(), 28_600);
    // One waits for the others for as long as it was told to.
    let said = Keys::start_with(&machines[0], &["--patience", "1"]).fails(3);
    let (_, why) = said.split_once("round 0 gave no key. Not there: ").unwrap();
    let away = why.split_once('.').unwrap().0;
    let mut away: Vec<&str> = away.split(", ").collect();
    away.sort_unstable();
    assert_eq!(away, ["East", "South", "West"]);
    assert!(
        why.contains("all members run it with --network-round 1"),
        "{said}"
    );

    // All go on with the round, and one of them dies after its first line, then after its second, …
    let others = [0, 2, 3].map(|at| Keys::start(&machines[at]));
    let mut lives = 0;
    let told = loop {
        lives += 1;
        let mut keys = Keys::start(&machines[1]);
        let lived = (0..lives).all(|_| keys.says());
        if !lived {
            break keys.result().0;
        }
        // It is killed where it ends here, unless it has come to its end by itself.
    };
    assert!(lives > 5, "{lives}");
    for keys in others {
        assert_eq!(keys.result().0["networkKey"], told["networkKey"]);
    }
    let document = fs::read(machines[0].file("member/genesis.json")).unwrap();
    for member in &machines {
        let own = fs::read(member.file("member/genesis.json")).unwrap();
        assert_eq!(own, document);
    }
    // What is there is not made again, in any round.
    let next = Keys::start_with(&machines[0], &["--network-round", "1"]).fails(1);
    assert!(next.contains("has given this network its key"), "{next}");
}

/// The same on hosts with addresses and names of their own, where this system lets us have such.
#[test]
fn four_hosts_found_a_network() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/founding/netns.sh");
    let output = Command::new(script)
        .arg(env!("CARGO_BIN_EXE_commonhold"))
        .output()
        .unwrap();
    let told = ok(&output);
    // Seen where the test runner shows what a test says.
    println!("{told}");
    assert!(told.starts_with("skipped: ") || told.ends_with("all is proven to a stranger\n"));
}

#[test]
fn four_members_found_a_network_one_late_and_two_killed() {
    let temp = tempfile::tempdir().unwrap();
    let machines = agreed(temp.path(), 28_300);
    let told = machines[3].json("network signatures");
    let members = told["members"].as_array().unwrap();
    assert!(members.iter().all(|m| m["signed"] == true), "{told}");

    // West is late: nothing can be finished before it comes, and all say for whom they wait.
    let mut running: Vec<Keys> = machines[..3].iter().map(Keys::start).collect();
    for keys in &mut running {
        keys.wait_for("Waiting for: West (dealing, acknowledgement)");
    }
    // South has dealt, and acknowledged what it was dealt; now it dies, and goes on.
    running[2].kill();
    let mut west = Keys::start(&machines[3]);
    west.wait_for("Waiting for: South (dealing, acknowledgement)");
    for member in &machines {
        assert!(!member.file("member/share.key").exists());
    }
    running[2] = Keys::start(&machines[2]);
    running[2].wait_for("Going on with round 0 of the network key");
    running.push(west);
    // East dies between the two keys, wherever the others are then.
    running[1].wait_for("The network key is made, and this member's share is written");
    running[1].kill();
    running[1] = Keys::start(&machines[1]);
    let ended: Vec<(Value, String)> = running.into_iter().map(Keys::result).collect();

    // All have the same document, byte by byte, and were told the same keys.
    let document = fs::read(machines[0].file("member/genesis.json")).unwrap();
    let genesis = read_genesis(&machines[0].file("member/genesis.json")).unwrap();
    let key = ended[0].0["networkKey"].as_str().unwrap().to_owned();
    assert_eq!(key, genesis.network_key.to_string());
    for (member, (told, said)) in machines.iter().zip(&ended) {
        assert_eq!(
            fs::read(member.file("member/genesis.json")).unwrap(),
            document
        );
        assert_eq!(told["networkKey"], key);
        assert_eq!(told["genesisHash"], genesis.hash().to_string());
        // What is secret is nobody else's to read, and nobody was told of it.
        for secret in ["share.key", "seal.share", "identity.key", "seal.lock"] {
            let file = member.file("member").join(secret);
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{secret}");
            let secret = fs::read(&file).unwrap();
            let printed = format!("{told}{said}");
            let hex = String::from_utf8_lossy(&secret);
            assert!(!printed.contains(hex.trim()), "{}", member.name);
        }
    }
    // Whoever runs it again is told that it is done.
    let (again, _) = Keys::start(&machines[2]).result();
    assert_eq!(again["already"], true);
    assert_eq!(again["networkKey"], key);

    // The network runs, a transaction is final, and a stranger checks it with the key alone.
    let mut network: Vec<Child> = machines
        .iter()
        .map(|member| {
            let log = fs::File::create(member.file("node.log")).unwrap();
            let mut node = member.page("node");
            node.stdout(Stdio::null()).stderr(log).spawn().unwrap()
        })
        .collect();
    let url = |member: &Machine| format!("http://127.0.0.1:{}", member.http);
    for (node, member) in network.iter_mut().zip(&machines) {
        let client = Client::new(&url(member)).unwrap();
        nodes::wait_until(|| {
            let ended = node.try_wait().unwrap();
            let log = || fs::read_to_string(member.file("node.log")).unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", log());
            client.block_number().is_ok()
        });
    }
    let secret = keys::read_secret(&machines[1].file("member/account.key")).unwrap();
    let account = Account::from_secret(&secret).unwrap();
    let client = Client::new(&url(&machines[1])).unwrap();
    assert_eq!(client.genesis().unwrap(), genesis);
    // Two epochs later the shares are others, and the key is what it was.
    nodes::wait_until(|| client.block_number().unwrap() > 70);
    let draft = Draft::transfer(Address::repeat_byte(0xee), U256::ZERO);
    let receipt = client.send(&account, draft).unwrap();
    let transaction = receipt.transaction_hash.to_string();
    let rpc = url(&machines[3]);
    let elsewhere = Client::new(&rpc).unwrap();
    nodes::wait_until(|| elsewhere.receipt(receipt.transaction_hash).is_ok());
    let stamp = ["stamp", &transaction, "-o", "tx.stamp.json", "--rpc", &rpc];
    ok(&machines[3].run(&stamp));
    let verify = |key: &str| machines[3].run(&["verify", "tx.stamp.json", "--network-key", key]);
    ok(&verify(&key));
    let sealing = genesis.seal_key().unwrap().unwrap();
    refused(&verify(&alloy_primitives::hex::encode(sealing)), 4, "");
    // What is sealed to the other key opens.
    client.ensure_registered(&account, "East").unwrap();
    let file = machines[1].file("in");
    fs::write(&file, "sealed\n").unwrap();
    let options = PutOptions {
        kind: "text/plain".into(),
        seal: true,
        ..PutOptions::default()
    };
    let records = Records::new(&client, &account);
    let id = records.put(&file, &options, &()).unwrap().id;
    let ask = Ask {
        purpose: Default::default(),
        secret: &reader_secret().unwrap(),
        resume: false,
    };
    let to = machines[1].file("out");
    let opened = records
        .open_sealed(id, &ask, Form::Plain, &to, &())
        .unwrap();
    assert_eq!((opened.bytes, opened.blamed.len()), (7, 0));
    assert_eq!(fs::read_to_string(&to).unwrap(), "sealed\n");
    for node in &mut network {
        nodes::stop(node);
    }
}
