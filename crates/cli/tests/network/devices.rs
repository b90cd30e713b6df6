//! Devices that measure, a stream that keeps what they measured, and the proof of one reading.

use std::{fs, path::Path, process::Command};

use alloy_primitives::{Address, B256, keccak256};
use commonhold_sdk::{
    Account, Client, IDevices, Keystore, Records,
    reading::{Batch, Entry, Envelope, Flags},
};
use commonhold_seal::{DataKey as SealedContent, Identity, SealedKey};
use commonhold_system::records::access::record_id;
use commonhold_vault::{DataKey, crypt4gh::encrypt};
use rustix::process::Signal;
use serde_json::Value;

use crate::{CANARY, Up, ok, refused, run};

/// A device that is a shell script with openssl, and has nothing of ours.
fn script(dir: &Path, args: &[&str]) -> Vec<u8> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/clients/device.sh");
    let output = Command::new("bash")
        .arg(script)
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    output.stdout
}

fn word(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().trim().to_owned()
}

/// Does what a gateway does with readings of one day; gives the batch's record.
fn anchor(client: &Client, gateway: &Account, stream: B256, readings: &[Vec<u8>]) -> B256 {
    let entry = |bytes: &Vec<u8>| {
        let envelope = Envelope::parse(bytes).unwrap();
        Entry {
            received: envelope.reading().time + 5,
            flags: Flags::NONE,
            envelope,
        }
    };
    let batch = Batch::new(readings.iter().map(entry).collect()).unwrap();
    let day = batch.day().unwrap();
    let content = batch.encode().unwrap();
    let key = DataKey::random().unwrap();
    let mut body = Vec::new();
    let id = encrypt(&key, &mut content.as_slice(), &mut body).unwrap();
    let identity = Identity::of_record(B256::ZERO, stream, day).unwrap();
    let sealing = client.sealing().unwrap();
    let mut rng = rand::rng();
    let sealed = SealedKey::seal(
        &sealing.key,
        &identity.here(),
        &SealedContent::from_bytes(&key.to_bytes()),
        &mut rng,
    )
    .unwrap();
    let owner = client.stream(stream).unwrap().owner;
    let salt = keccak256(&content);
    let chain = client.chain_id().unwrap();
    let record = record_id(chain, owner, id.hash.into(), salt);
    Records::new(client, gateway)
        .deposit(&id, &mut body.as_slice(), record, &sealed, &())
        .unwrap();
    let batch = IDevices::Batch {
        stream,
        day,
        root: batch.root(),
        count: batch.count(),
        from: batch.from(),
        to: batch.to(),
        contentHash: id.hash.into(),
        contentLength: id.len,
        sealedKeyHash: sealed.digest(),
        salt,
        custodian: Address::ZERO,
    };
    client.anchor(gateway, vec![batch]).unwrap();
    record
}

#[test]
fn what_devices_sign_is_anchored_opened_by_the_day_and_proven_to_anybody() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "25200", "--heartbeat", "200"]);
    let network_key = up.banner["networkKey"].as_str().unwrap().to_owned();
    let rpc = up.url(0);
    let here = |args: &[&str]| run(dir, args, &rpc);
    let done = |args: &[&str]| ok(&here(args)).trim().to_owned();
    for name in ["alice", "bob", "gateway"] {
        done(&["account", "new", name]);
        done(&["account", "register", name]);
    }
    let client = Client::new(&rpc).unwrap();
    let keystore = Keystore::open(&dir.join("keystore")).unwrap();
    let alice = keystore.show("alice").unwrap().address.unwrap().to_string();
    let chain = client.chain_id().unwrap().to_string();
    let open = [
        "stream",
        "open",
        "home",
        "--gateway",
        "gateway",
        "--account",
        "alice",
    ];
    let stream = done(&open);

    // Two devices that are shell scripts, and one that is a file of ours.
    let mut devices = Vec::new();
    for algorithm in ["ed25519", "p256"] {
        let file = format!("{algorithm}.pem");
        script(dir, &["new", algorithm, &file]);
        let key = word(script(dir, &["key", &file]));
        let proof = word(script(dir, &["prove", &file, &chain, &alice]));
        let enrol = [
            "device", "enrol", "--key", &key, "--proof", &proof, "--model", "script", "--stream",
            &stream,
        ];
        // The proof is good for Alice alone.
        refused(
            &here(&[&enrol[..], &["--account", "bob"]].concat()),
            1,
            "false proof",
        );
        let id = done(&[&enrol[..], &["--account", "alice"]].concat());
        assert_eq!(id, word(script(dir, &["id", &file])));
        devices.push((id, file));
    }
    done(&["device", "new", "meter.key", "--algorithm", "secp256k1"]);
    let enrol = [
        "device",
        "enrol",
        "meter.key",
        "--model",
        "Meter",
        "--account",
        "alice",
    ];
    let meter = done(&enrol);
    done(&["stream", "assign", &stream, &meter, "--account", "alice"]);
    let listed: Value =
        serde_json::from_str(&done(&["device", "list", "--json", "--account", "alice"])).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3);

    // What they sign is theirs.
    let day = 86_400_000;
    let noon = client.block_time().unwrap() * 1_000 / day * day + 1_000;
    let time = noon.to_string();
    let mut readings = Vec::new();
    for (counter, (_, file)) in ["1", "2"].iter().zip(&devices) {
        let signed = script(dir, &["sign", file, counter, &time, "power", "230.50", "W"]);
        readings.push(signed);
    }
    let sign = [
        "device",
        "sign",
        "meter.key",
        "energy=1234,Wh",
        "door=false",
        "--counter",
        "7",
        "--time",
        &time,
        "-o",
        "meter.cbor",
    ];
    ok(&here(&sign));
    readings.push(fs::read(dir.join("meter.cbor")).unwrap());
    for (reading, value) in readings.iter().zip(["230.50 W", "230.50 W", "1234 Wh"]) {
        fs::write(dir.join("one.cbor"), reading).unwrap();
        let said = done(&["device", "check", "one.cbor"]);
        assert!(
            said.contains(value) && said.contains("standing: good"),
            "{said}"
        );
    }
    let mut changed = readings[1].clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(dir.join("changed.cbor"), &changed).unwrap();
    refused(
        &here(&["device", "check", "changed.cbor"]),
        4,
        "does not verify",
    );

    // Anchored, it is Alice's, and Bob's for the days that she shares.
    let gateway = keystore.load("gateway", CANARY).unwrap();
    let stream_id: B256 = stream.parse().unwrap();
    let record = anchor(&client, &gateway, stream_id, &readings).to_string();
    let open = |account: &str, file: &str| {
        here(&["record", "open", &record, "-o", file, "--account", account])
    };
    ok(&open("alice", "own.batch"));
    refused(&open("bob", "early.batch"), 1, "never let in");
    let share = [
        "stream",
        "share",
        &stream,
        "--to",
        "bob",
        "--account",
        "alice",
    ];
    done(
        &[
            &share[..],
            &["--from", "2020-01-01", "--until", "2020-01-02"],
        ]
        .concat(),
    );
    refused(&open("bob", "other.batch"), 1, "never let in");
    done(&[&share[..], &["--from", "2020-01-01"]].concat());
    ok(&open("bob", "his.batch"));
    assert_eq!(
        fs::read(dir.join("his.batch")).unwrap(),
        fs::read(dir.join("own.batch")).unwrap()
    );
    let listed = done(&["reading", "list", "his.batch", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3);

    // One of them is proven to anybody who has the network key, and to nobody with a changed byte.
    let prove = |more: &[&str]| {
        let prove = ["reading", "prove", "his.batch", "--record", &record];
        here(&[&prove[..], more].concat())
    };
    let counter = ["--device", devices[1].0.as_str(), "--counter", "2"];
    ok(&prove(&[&counter[..], &["-o", "proof.json"]].concat()));
    refused(&prove(&["--index", "3"]), 1, "no such reading");
    let foreign = [
        "reading",
        "prove",
        "meter.cbor",
        "--record",
        &record,
        "--index",
        "0",
    ];
    refused(&here(&foreign), 2, "batch");
    assert_eq!(up.stop(Signal::TERM), Some(0));
    let verify = |file: &str| here(&["verify", file, "--network-key", &network_key]);
    let said = ok(&verify("proof.json"));
    for part in [
        devices[1].0.as_str(),
        "p256 key",
        "power = 230.50 W",
        &stream,
        "a batch of 3",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let proof = fs::read(dir.join("proof.json")).unwrap();
    for place in (0..proof.len()).step_by(proof.len() / 60) {
        let mut changed = proof.clone();
        changed[place] ^= 1;
        fs::write(dir.join("changed.json"), &changed).unwrap();
        let output = verify("changed.json");
        assert_eq!(output.status.code(), Some(4), "byte {place}");
    }
}

#[test]
fn a_share_that_is_taken_back_and_a_device_that_is_revoked_are_over() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let up = Up::start(dir, &["--port-base", "25500", "--heartbeat", "200"]);
    let rpc = up.url(1);
    let here = |args: &[&str]| run(dir, args, &rpc);
    let done = |args: &[&str]| ok(&here(args)).trim().to_owned();
    for name in ["alice", "bob", "gateway"] {
        done(&["account", "new", name]);
        done(&["account", "register", name]);
    }
    let open = [
        "stream",
        "open",
        "home",
        "--gateway",
        "gateway",
        "--account",
        "alice",
    ];
    let stream = done(&open);
    done(&["device", "new", "meter.key"]);
    let enrol = [
        "device",
        "enrol",
        "meter.key",
        "--model",
        "Meter",
        "--stream",
        &stream,
        "--account",
        "alice",
    ];
    let meter = done(&enrol);
    ok(&here(&[
        "device",
        "sign",
        "meter.key",
        "power=1,W",
        "-o",
        "one.cbor",
    ]));
    let client = Client::new(&rpc).unwrap();
    let keystore = Keystore::open(&dir.join("keystore")).unwrap();
    let gateway = keystore.load("gateway", CANARY).unwrap();
    let readings = [fs::read(dir.join("one.cbor")).unwrap()];
    let record = anchor(&client, &gateway, stream.parse().unwrap(), &readings).to_string();
    let share = ["--to", "bob", "--from", "2020-01-01", "--account", "alice"];
    done(&[&["stream", "share", &stream][..], &share].concat());
    let open = ["record", "open", &record, "-o", "batch", "--account", "bob"];
    ok(&here(&open));
    done(&[
        "stream",
        "unshare",
        &stream,
        "--from",
        "bob",
        "--account",
        "alice",
    ]);
    fs::remove_file(dir.join("batch")).unwrap();
    refused(&here(&open), 1, "revoked");
    assert!(!dir.join("batch").exists());

    let revoke = [
        "device",
        "revoke",
        &meter,
        "--reason",
        "stolen",
        "--account",
    ];
    refused(
        &here(&[&revoke[..], &["bob"]].concat()),
        1,
        "not owner or member",
    );
    done(&[&revoke[..], &["alice"]].concat());
    let said = done(&["device", "check", "one.cbor"]);
    assert!(said.contains("standing: revoked"), "{said}");
    refused(&here(&enrol), 1, "already enrolled");
    let shown: Value = serde_json::from_str(&done(&["stream", "show", &stream, "--json"])).unwrap();
    assert_eq!(shown["batches"][0]["record"], record.as_str());
    assert_eq!(shown["batches"][0]["count"], 1);
    assert!(shown["shares"][0]["revokedAt"].as_u64() > Some(0));
    assert_eq!(up.stop(Signal::TERM), Some(0));
}
