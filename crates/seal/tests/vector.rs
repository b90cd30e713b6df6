//! The published vector, made by another program and opened by a third.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use commonhold_seal::{
    DATA_KEY_LEN, DataKey, Identity, Namespace, OpeningKey, SealError, SealKey, SealedKey, Target,
};
use serde_json::Value;

fn vector() -> impl Fn(&str) -> Vec<u8> {
    let vector: Value = serde_json::from_str(include_str!("golden/vector.json")).unwrap();
    move |name| hex::decode(vector[name].as_str().unwrap()).unwrap()
}

#[test]
fn the_published_vector_is_met() {
    let field = vector();
    let namespace = field("ns");
    assert_eq!(namespace, b"consortium-health/keyrelease/v1");
    let key = SealKey::from_bytes(&field("P")).unwrap();
    let target = Target {
        namespace: Namespace::new(&namespace).unwrap(),
        identity: Identity::from_bytes(&field("id")).unwrap(),
    };
    assert_eq!(target.identity, Identity::External([7; 32]));
    let sealed = SealedKey::from_bytes(&field("ct")).unwrap();
    let opening = OpeningKey::from_bytes(&field("sig")).unwrap();

    opening.verify(&key, &target).unwrap();
    let data_key = sealed.open(&opening).unwrap();
    assert_eq!(data_key.as_bytes().as_slice(), field("dk"));

    assert_eq!(key.to_bytes().as_slice(), field("P"));
    assert_eq!(sealed.to_bytes().as_slice(), field("ct"));
    assert_eq!(opening.to_bytes().as_slice(), field("sig"));
}

#[test]
fn what_we_seal_opens_with_the_published_signature() {
    let field = vector();
    let namespace = field("ns");
    let key = SealKey::from_bytes(&field("P")).unwrap();
    let target = Target {
        namespace: Namespace::new(&namespace).unwrap(),
        identity: Identity::External([7; 32]),
    };
    let data_key = DataKey::from_bytes(&[0x2a; DATA_KEY_LEN]);
    let sealed = SealedKey::seal(&key, &target, &data_key, &mut common::rng(1)).unwrap();
    let opening = OpeningKey::from_bytes(&field("sig")).unwrap();
    let opened = sealed.open(&opening).unwrap();
    assert_eq!(opened.as_bytes(), data_key.as_bytes());

    // The same identity in our namespace is another one.
    let ours = target.identity.here();
    let elsewhere = SealedKey::seal(&key, &ours, &data_key, &mut common::rng(1)).unwrap();
    assert_eq!(
        elsewhere.open(&opening).unwrap_err(),
        SealError::DoesNotOpen
    );
    assert_eq!(
        opening.verify(&key, &ours).unwrap_err(),
        SealError::FalseOpening
    );
}
