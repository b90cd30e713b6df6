//! No bytes, however changed or cut, do more than be refused; and what is taken is sound.

use std::collections::BTreeSet;

use commonhold_health_client::{Form, Options, Source, read};
use proptest::prelude::*;

use crate::{content, genomes, sample};

const SAMPLES: &[&str] = &[
    "apple-export.xml",
    "bulk.ndjson",
    "define.xml",
    "dm.json",
    "dm.ndjson",
    "fitbit-steps.json",
    "heart-rate.json",
    "protocol.json",
    "reads.fastq",
    "reads.sam",
    "variants.vcf",
    "visit.json",
    "ward.json",
    "withings-weight.json",
];

fn whole() -> impl Strategy<Value = Vec<u8>> {
    (0..SAMPLES.len() + 3).prop_map(|i| match i.checked_sub(SAMPLES.len()) {
        None => sample(SAMPLES[i]),
        Some(0) => genomes::bam(),
        Some(1) => genomes::bcf(),
        Some(_) => genomes::cram(),
    })
}

#[derive(Clone, Debug)]
enum Change {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Drop(prop::sample::Index, usize),
    Twice(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        4 => (at(), 1..=255_u8).prop_map(|(at, bits)| Change::Flip(at, bits)),
        1 => at().prop_map(Change::Cut),
        2 => (at(), 1..64_usize).prop_map(|(at, n)| Change::Drop(at, n)),
        2 => (at(), 1..64_usize).prop_map(|(at, n)| Change::Twice(at, n)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, b)| Change::Insert(at, b)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    match change {
        Change::Flip(at, bits) => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Change::Drop(at, n) => {
            let at = at.index(bytes.len());
            bytes.drain(at..(at + n).min(bytes.len()));
        }
        Change::Twice(at, n) => {
            let at = at.index(bytes.len());
            let part = bytes[at..(at + n).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        Change::Insert(at, more) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, more.iter().copied());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn changed_bytes_are_read_or_refused(mut bytes in whole(), changes in prop::collection::vec(change(), 1..5)) {
        for change in &changes {
            apply(&mut bytes, change);
        }
        let source = Source::Bytes(bytes.clone());
        for partial in [false, true] {
            match read(&source, Options { partial }) {
                Err(refusal) => prop_assert!(!refusal.to_string().is_empty()),
                Ok(contents) => {
                    for slice in &contents.slices {
                        let text = content(slice);
                        prop_assert_eq!(slice.restricted, !slice.sensitivity.is_none());
                        match slice.form {
                            Form::Bundle => {
                                serde_json::from_slice::<serde_json::Value>(&text).unwrap();
                            }
                            Form::Ndjson => {
                                for line in std::str::from_utf8(&text).unwrap().lines() {
                                    serde_json::from_str::<serde_json::Value>(line).unwrap();
                                }
                            }
                            Form::Original => prop_assert!(text.starts_with(&bytes)),
                            // Of streams alone: no file is one.
                            Form::Readings => prop_assert!(false, "a file of readings"),
                        }
                    }
                    let numbers: BTreeSet<_> = contents.slices.iter().filter_map(|s| s.person).collect();
                    prop_assert!(numbers.iter().all(|n| *n < contents.people.len()));
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(start in 0..12_usize, rest in prop::collection::vec(any::<u8>(), 0..300)) {
        let starts: [&[u8]; 12] = [
            b"", b"{", b"[", b"<", b"BAM\x01", b"BCF\x02\x02", b"CRAM\x03\0", b"##fileformat=VCFv4.2\n",
            b"\x1f\x8b\x08", b"\x78\x9c", b"@r\nACGT\n+\n", b"@HD\tVN:1.6\n",
        ];
        let bytes = [starts[start], &rest].concat();
        if let Err(refusal) = read(&Source::Bytes(bytes), Options::default()) {
            prop_assert!(!refusal.to_string().is_empty());
        }
    }

    #[test]
    fn every_resource_is_in_one_slice_of_its_class(keep in prop::collection::vec(any::<bool>(), 18)) {
        let mut bundle: serde_json::Value = serde_json::from_slice(&sample("ward.json")).unwrap();
        let mut keep = keep.into_iter();
        let entries = bundle["entry"].as_array_mut().unwrap();
        // The patient stays, so that it is one person's record.
        entries.retain(|e| e["resource"]["resourceType"] == "Patient" || keep.next() == Some(true));
        let n = entries.len() as u64;
        let bytes = serde_json::to_vec(&bundle).unwrap();
        if let Ok(contents) = read(&Source::Bytes(bytes), Options { partial: true }) {
            let slices = contents.slices.iter();
            let filed: u64 = slices.filter(|s| s.name() != "emergency").map(|s| s.resources).sum();
            prop_assert_eq!(filed, n);
        }
    }
}
