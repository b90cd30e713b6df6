//! Batches and proofs.

use alloy_primitives::{B256, keccak256};
use commonhold_reading::{
    Algorithm, Batch, DAY_MS, Entry, Envelope, Flags, Reading, ReadingError, day_of,
    limits::BATCH_READINGS_MAX,
};
use proptest::{collection::vec, prelude::*};

use crate::support::{device, entry, envelope, hash, plain};

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (0..=253_402_300_799_999u64, 0..32u8, envelope()).prop_map(
        |(received, flags, envelope)| Entry {
            received,
            flags: Flags::from_bits(flags).unwrap(),
            envelope,
        },
    );
    vec(entry, 1..12).prop_map(|mut entries| {
        entries.sort_by_key(Entry::key);
        entries.dedup_by_key(|entry| entry.key());
        entries
    })
}

/// `count` readings of one device.
fn batch(count: u64) -> Batch {
    let secret = device(Algorithm::Ed25519, 1);
    Batch::new((1..=count).map(|n| entry(&secret, n)).collect()).unwrap()
}

/// The root as RFC 6962 defines it: over halves, the left one as large as a power of two can be.
fn by_halves(leaves: &[B256]) -> B256 {
    if let [leaf] = leaves {
        return *leaf;
    }
    let half = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(half);
    keccak256(
        [
            &[1],
            by_halves(left).as_slice(),
            by_halves(right).as_slice(),
        ]
        .concat(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_batch_survives(entries in entries()) {
        let mut mixed = entries.clone();
        mixed.reverse();
        let batch = Batch::new(mixed).unwrap();
        prop_assert_eq!(batch.entries(), &entries);
        let content = batch.encode().unwrap();
        prop_assert_eq!(&Batch::decode(&content).unwrap(), &batch);
        let times = || entries.iter().map(|entry| entry.envelope.reading().time);
        prop_assert_eq!(batch.from(), times().min().unwrap());
        prop_assert_eq!(batch.to(), times().max().unwrap());
        let one_day = times().all(|time| time / DAY_MS == batch.from() / DAY_MS);
        prop_assert_eq!(batch.day(), one_day.then(|| day_of(batch.from())));
        for (index, entry) in (0..).zip(&entries) {
            let (subject, counter) = entry.key();
            prop_assert_eq!(batch.find(subject, counter), Some(index));
            let proof = batch.prove(index).unwrap();
            prop_assert_eq!(proof.verify(entry.leaf(), batch.root()), Ok(()));
        }
    }

    #[test]
    fn a_batch_has_one_form(
        entries in entries(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut content = Batch::new(entries).unwrap().encode().unwrap();
        for (place, byte) in changes {
            let place = place.index(content.len());
            content[place] = byte;
        }
        if let Ok(batch) = Batch::decode(&content) {
            prop_assert_eq!(batch.encode().unwrap(), content);
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(Batch::decode(&bytes).is_err());
    }
}

#[test]
fn every_reading_is_proven_and_no_other() {
    for count in 1..=17 {
        let batch = batch(count);
        let leaves: Vec<_> = batch.entries().iter().map(Entry::leaf).collect();
        assert_eq!(batch.root(), by_halves(&leaves), "{count}");
        for index in 0..batch.count() {
            let proof = batch.prove(index).unwrap();
            let leaf = leaves[index as usize];
            assert_eq!(proof.verify(leaf, batch.root()), Ok(()));
            let wrong = Err(ReadingError::WrongProof);
            assert_eq!(proof.verify(leaf, hash(1)), wrong);
            assert_eq!(proof.verify(hash(1), batch.root()), wrong);
            for other in (0..batch.count()).filter(|other| *other != index) {
                let mut moved = proof.clone();
                moved.index = other;
                assert_eq!(
                    moved.verify(leaf, batch.root()),
                    wrong,
                    "{index} as {other}"
                );
            }
            let mut longer = proof.clone();
            longer.path.push(hash(1));
            assert_eq!(longer.verify(leaf, batch.root()), wrong);
            for place in 0..proof.path.len() {
                let mut changed = proof.clone();
                changed.path[place] = hash(1);
                assert_eq!(changed.verify(leaf, batch.root()), wrong);
                changed.path.truncate(place);
                assert_eq!(changed.verify(leaf, batch.root()), wrong);
            }
        }
        let past = batch.prove(batch.count()).unwrap_err();
        let count = batch.count();
        assert_eq!(
            past,
            ReadingError::NoSuchReading {
                index: count,
                count
            }
        );
    }
}

#[test]
fn an_inner_node_is_no_reading() {
    let batch = batch(4);
    let leaves: Vec<_> = batch.entries().iter().map(Entry::leaf).collect();
    let mut proof = batch.prove(0).unwrap();
    proof.count = 2;
    proof.path.remove(0);
    let inner = keccak256([&[1], leaves[0].as_slice(), leaves[1].as_slice()].concat());
    // The hash leads to the root, but it is the hash of nothing that begins with 0x00; and the ledger
    // has another count.
    assert_eq!(proof.verify(inner, batch.root()), Ok(()));
    assert!(leaves.iter().all(|leaf| *leaf != inner));
    proof.count = u32::MAX;
    assert!(matches!(
        proof.verify(inner, batch.root()),
        Err(ReadingError::TooMuch { .. })
    ));
}

#[test]
fn what_the_gateway_noticed_is_part_of_the_leaf() {
    let first = entry(&device(Algorithm::Ed25519, 1), 1);
    let flagged = Entry {
        flags: Flags::LATE | Flags::PAST_CALIBRATION,
        ..first.clone()
    };
    let later = Entry {
        received: first.received + 1,
        ..first.clone()
    };
    assert_ne!(first.leaf(), flagged.leaf());
    assert_ne!(first.leaf(), later.leaf());
    assert_eq!(
        flagged.flags.names().collect::<Vec<_>>(),
        ["late", "past calibration"]
    );
    assert!(Flags::from_bits(32).is_err());
}

#[test]
fn a_batch_holds_each_reading_once_and_in_order() {
    let (one, two) = (device(Algorithm::Ed25519, 1), device(Algorithm::P256, 1));
    assert_eq!(Batch::new(vec![]), Err(ReadingError::Empty));
    let twice = vec![entry(&one, 1), entry(&two, 1), entry(&one, 1)];
    assert_eq!(
        Batch::new(twice),
        Err(ReadingError::Duplicate {
            device: one.key().id(),
            counter: 1
        })
    );
    // The same device, counter and time, and another value.
    let mut other = entry(&one, 1);
    let changed = Reading {
        nonce: Some(vec![1; 8]),
        ..plain(1)
    };
    other.envelope = Envelope::sign(&one, changed).unwrap();
    assert!(Batch::new(vec![entry(&one, 1), other]).is_err());

    let content = batch(2).encode().unwrap();
    let singles: Vec<_> = (1..=2)
        .map(|n| {
            let batch = Batch::new(vec![entry(&device(Algorithm::Ed25519, 1), n)]).unwrap();
            batch.encode().unwrap()[3..].to_vec()
        })
        .collect();
    assert_eq!(
        content,
        [&[0x82, 1, 0x82], singles.concat().as_slice()].concat()
    );
    let swapped = [&[0x82, 1, 0x82], singles[1].as_slice(), &singles[0]].concat();
    assert_eq!(Batch::decode(&swapped), Err(ReadingError::Disordered));
    let version = [&[0x82, 2, 0x82], singles.concat().as_slice()].concat();
    assert!(Batch::decode(&version).is_err());
}

#[test]
fn a_batch_is_bounded() {
    let secret = device(Algorithm::Ed25519, 1);
    let one = entry(&secret, 1);
    let many = vec![one.clone(); BATCH_READINGS_MAX + 1];
    assert!(matches!(
        Batch::new(many),
        Err(ReadingError::TooMuch {
            limit: "BATCH_READINGS_MAX",
            ..
        })
    ));
    // A list that claims to be endless is not begun.
    let claims = [
        0x82, 1, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ];
    assert!(matches!(
        Batch::decode(&claims),
        Err(ReadingError::TooMuch { .. })
    ));
    let long = vec![0; 16 * 1024 * 1024 + 1];
    assert!(matches!(
        Batch::decode(&long),
        Err(ReadingError::TooMuch {
            limit: "BATCH_BYTES_MAX",
            ..
        })
    ));
    let content = Batch::new(vec![one.clone()]).unwrap().encode().unwrap();
    assert!(content.len() <= one.len_in_batch() + 8);
}
