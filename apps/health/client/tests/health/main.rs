//! Health data in, as whoever imports it sees it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

mod damage;
mod data;
mod fhir;
mod genomes;
mod limits;
mod others;

use std::{fs, io::Read as _, path::PathBuf};

use commonhold_health_client::{Contents, Options, Refusal, Slice, Source, read};

/// A file of `samples/health`, which this repository brings.
fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../samples/health");
    fs::read(PathBuf::from(folder).join(name)).unwrap()
}

fn taken(bytes: impl Into<Vec<u8>>) -> Contents {
    read(&Source::Bytes(bytes.into()), Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(bytes: impl Into<Vec<u8>>) -> Refusal {
    match read(&Source::Bytes(bytes.into()), Options::default()) {
        Ok(contents) => panic!("taken as {:?}", contents.kind),
        Err(refusal) => refusal,
    }
}

/// The refusal's words, which must say where and what.
fn why(bytes: impl Into<Vec<u8>>) -> String {
    refused(bytes).to_string()
}

fn content(slice: &Slice) -> Vec<u8> {
    let mut bytes = Vec::new();
    slice.open().unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, slice.padded_bytes());
    bytes
}

fn slice<'c>(contents: &'c Contents, name: &str) -> &'c Slice {
    contents
        .slices
        .iter()
        .find(|slice| slice.name() == name)
        .unwrap_or_else(|| {
            let names: Vec<String> = contents.slices.iter().map(Slice::name).collect();
            panic!("no slice {name} among {names:?}")
        })
}
