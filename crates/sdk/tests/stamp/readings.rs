//! Proofs of readings: what is true is told, and no byte of one can change.

use alloy_primitives::{Address, B256, Log};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::{Stamp, system::DEVICES};
use commonhold_sdk::{
    Account, IDevices,
    reading::{
        Algorithm, Batch, DeviceKey, DeviceSecret, Entry, Envelope, Flags, Origin, Reading, Record,
    },
    readings::{ProofError, ReadingDocument},
    transaction::Draft,
};

use crate::{network::Network, receipt};

fn secret(algorithm: Algorithm) -> DeviceSecret {
    DeviceSecret::from_bytes(algorithm, &[7; 32]).unwrap()
}

fn reading(counter: u64, origin: Option<Origin>) -> Reading {
    Reading {
        counter,
        time: 1_764_115_200_000 + counter,
        pack: vec![Record {
            name: "power".to_owned(),
            unit: Some("W".to_owned()),
            value: "230.50".parse().unwrap(),
            offset: 0,
        }],
        nonce: None,
        origin,
    }
}

fn entry(secret: &DeviceSecret, reading: Reading) -> Entry {
    Entry {
        received: 1_764_115_201_000,
        flags: Flags::LATE,
        envelope: Envelope::sign(secret, reading).unwrap(),
    }
}

fn batch(secret: &DeviceSecret) -> Batch {
    let source = DeviceKey::source(secret.key().id(), "plug").unwrap().id();
    let origin = Origin {
        adapter: "tasmota".to_owned(),
        source,
        original: B256::repeat_byte(1),
    };
    let mut entries: Vec<_> = (1..5).map(|n| entry(secret, reading(n, None))).collect();
    entries.push(entry(secret, reading(1, Some(origin))));
    Batch::new(entries).unwrap()
}

/// The stamp of a transaction with this event of a batch.
fn stamp(network: &Network, at: Address, root: B256, count: u32) -> Stamp {
    let event = IDevices::Anchored {
        stream: B256::repeat_byte(0x51),
        record: B256::repeat_byte(0x52),
        root,
        number: 3,
        day: 20_418,
        count,
        from: 1,
        to: 2,
    };
    let log = Log {
        address: at,
        data: event.encode_log_data(),
    };
    let sender = Account::from_secret(&[1; 32]).unwrap();
    let drafts = [Draft::call(DEVICES, vec![1u8].into())];
    network.transaction_stamp(&sender, &drafts, &[receipt(true, vec![log])], 0)
}

fn document(network: &Network, secret: &DeviceSecret, index: u32) -> ReadingDocument {
    let batch = batch(secret);
    let stamp = stamp(network, DEVICES, batch.root(), batch.count());
    let entry = &batch.entries()[index as usize];
    ReadingDocument::new(entry, secret.key(), batch.prove(index).unwrap(), stamp)
}

#[test]
fn a_proof_tells_what_was_measured_and_when_it_was_anchored() {
    let network = Network::new(1);
    for algorithm in [Algorithm::Ed25519, Algorithm::P256, Algorithm::Secp256k1] {
        let secret = secret(algorithm);
        for index in 0..5 {
            let file = document(&network, &secret, index).to_json();
            assert!(ReadingDocument::is_one(&file));
            let proven = ReadingDocument::parse(&file)
                .unwrap()
                .verify(&network.key)
                .unwrap();
            let batch = batch(&secret);
            let entry = &batch.entries()[index as usize];
            let found = (proven.device, proven.counter, proven.root, proven.count);
            let (device, counter) = entry.key();
            assert_eq!(found, (device, counter, batch.root(), 5));
            assert_eq!((proven.stream, proven.anchor), (B256::repeat_byte(0x51), 3));
            let text = proven.sentences().join("\n");
            for part in [
                "power = 230.50 W",
                "noted: late",
                "2027",
                "5 readings",
                &algorithm.to_string(),
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
            let by_gateway = device != secret.key().id();
            assert_eq!(text.contains("from a tasmota message"), by_gateway);
        }
    }
}

#[test]
fn no_digit_of_a_proof_can_change() {
    let network = Network::new(1);
    let document = document(&network, &secret(Algorithm::P256), 2);
    let file = document.to_json();
    let mut tried = 0;
    for at in 0..file.len() {
        let mut other = file.clone();
        other[at] = match other[at] {
            b'9' => b'a',
            b'f' => b'0',
            digit @ (b'0'..=b'8' | b'a'..=b'e') => digit + 1,
            other => other ^ 1,
        };
        let verified = ReadingDocument::parse(&other).and_then(|d| d.verify(&network.key));
        assert!(verified.is_err(), "byte {at}");
        tried += 1;
    }
    assert!(tried > 1_000);
    // Written otherwise it is another file.
    let text = String::from_utf8(file).unwrap();
    for other in [
        text.replace("  ", " "),
        format!("{text}\n"),
        text.trim().to_owned(),
    ] {
        let refused = ReadingDocument::parse(other.as_bytes());
        assert_eq!(refused, Err(ProofError::Reformatted));
    }
    assert!(!ReadingDocument::is_one(b"{\"type\":\"x\"}"));
}

#[test]
fn what_was_not_anchored_is_not_proven() {
    let network = Network::new(1);
    let secret = secret(Algorithm::Ed25519);
    let batch = batch(&secret);
    let entry = &batch.entries()[0];
    let with = |stamp| {
        let proof = batch.prove(0).unwrap();
        ReadingDocument::new(entry, secret.key(), proof, stamp).verify(&network.key)
    };
    let (root, count) = (batch.root(), batch.count());
    assert!(with(stamp(&network, DEVICES, root, count)).is_ok());
    for stamp in [
        stamp(&network, Address::repeat_byte(5), root, count),
        stamp(&network, DEVICES, B256::repeat_byte(1), count),
        stamp(&network, DEVICES, root, count + 1),
    ] {
        assert_eq!(with(stamp), Err(ProofError::NotAnchored));
    }
    // Another network's certificate, and another device's key.
    let foreign = stamp(&Network::new(9), DEVICES, root, count);
    assert!(matches!(with(foreign), Err(ProofError::Stamp(_))));
    let stranger = DeviceSecret::from_bytes(Algorithm::Ed25519, &[8; 32]).unwrap();
    let proof = batch.prove(0).unwrap();
    let stamp = stamp(&network, DEVICES, root, count);
    let wrong = ReadingDocument::new(entry, stranger.key(), proof, stamp).verify(&network.key);
    assert!(matches!(wrong, Err(ProofError::Reading(_))), "{wrong:?}");
}
