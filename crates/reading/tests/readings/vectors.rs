//! The bytes that others rely on. `golden/vectors.json` was checked with foreign tools: the signatures
//! with pycose and with openssl, the hashes with Python's. After an intended change of the format,
//! `COMMONHOLD_BLESS=1` writes it anew; then it must be checked again.

use std::{env, fs, path::Path};

use alloy_primitives::{Address, keccak256};
use commonhold_reading::{
    Algorithm, Batch, DeviceKey, DeviceSecret, Entry, Envelope, Flags, Origin, Reading, Record,
    Value,
};
use serde_json::{Value as Json, json};

use crate::support::{ALGORITHMS, device, plain};

/// A reading with everything that there is.
fn full(secret: &DeviceSecret) -> Reading {
    let record = |name: &str, unit: Option<&str>, value, offset| Record {
        name: name.to_owned(),
        unit: unit.map(str::to_owned),
        value,
        offset,
    };
    let gateway = secret.key().id();
    Reading {
        counter: 4_294_967_296,
        time: 1_764_115_200_123,
        pack: vec![
            record("energy", Some("Wh"), Value::integer(1_234_567), 0),
            record("temperature", Some("Cel"), "-3.25".parse().unwrap(), -60),
            record("firmware", None, Value::Text("1.2.0".to_owned()), 0),
            record("tamper", None, Value::Flag(false), 0),
            record("trace", None, Value::Data(vec![0xde, 0xad]), 3_600),
        ],
        nonce: Some(vec![7; 16]),
        origin: Some(Origin {
            adapter: "senml".to_owned(),
            source: DeviceKey::source(gateway, "bed-7").unwrap().id(),
            original: keccak256("the original message"),
        }),
    }
}

fn vectors() -> Json {
    let (devices, owner) = (Address::repeat_byte(0xc0), Address::repeat_byte(0xa1));
    let mut entries = Vec::new();
    let signed: Vec<_> = ALGORITHMS
        .iter()
        .flat_map(|algorithm| {
            let secret = device(*algorithm, 7);
            [plain(1), full(&secret)].map(|reading| {
                let envelope = Envelope::sign(&secret, reading).unwrap();
                let entry = Entry {
                    received: 1_764_115_201_000,
                    flags: Flags::LATE,
                    envelope: envelope.clone(),
                };
                let vector = json!({
                    "algorithm": algorithm.to_string(),
                    "secret": hex::encode(*secret.to_bytes()),
                    "key": hex::encode(secret.key().bytes()),
                    "device": secret.key().id(),
                    "enrolment": secret.key().enrolment(49_153, devices, owner),
                    "envelope": hex::encode(envelope.bytes()),
                    "digest": envelope.digest(),
                    "leaf": entry.leaf(),
                });
                entries.push(entry);
                vector
            })
        })
        .collect();
    let batch = Batch::new(entries).unwrap();
    json!({
        "source": DeviceKey::source(device(Algorithm::Ed25519, 7).key().id(), "bed-7").unwrap().id(),
        "readings": signed,
        "batch": {
            "content": hex::encode(batch.encode().unwrap()),
            "root": batch.root(),
            "proof of 2": batch.prove(2).unwrap(),
        },
    })
}

#[test]
fn the_bytes_are_what_the_file_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/vectors.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&vectors()).unwrap());
    if env::var("COMMONHOLD_BLESS").is_ok() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), text);
}

#[test]
fn the_file_reads_back() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/vectors.json");
    let vectors: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for vector in vectors["readings"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let bytes = hex::decode(text("envelope")).unwrap();
        let key = DeviceKey::new(
            text("algorithm").parse().unwrap(),
            &hex::decode(text("key")).unwrap(),
        )
        .unwrap();
        assert_eq!(Envelope::parse(&bytes).unwrap().verify(&key), Ok(()));
    }
}
