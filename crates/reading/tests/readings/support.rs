//! Readings of every kind.

use alloy_primitives::B256;
use commonhold_reading::{
    Algorithm, DeviceId, DeviceSecret, Entry, Envelope, Flags, Origin, Reading, Record, Value,
};
use proptest::{collection::vec, option, prelude::*};

pub(crate) const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::Ed25519, Algorithm::P256, Algorithm::Secp256k1];

/// The `n`th device of an algorithm.
pub(crate) fn device(algorithm: Algorithm, n: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(algorithm, &[n; 32]).unwrap()
}

pub(crate) fn secret() -> impl Strategy<Value = DeviceSecret> {
    (prop::sample::select(ALGORITHMS.to_vec()), 1..9u8).prop_map(|(a, n)| device(a, n))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (any::<i64>(), -18..=18i8)
            .prop_map(|(mantissa, exponent)| Value::Number { mantissa, exponent }),
        (-300..300i64).prop_map(Value::integer),
        "\\PC{0,20}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Flag),
        vec(any::<u8>(), 0..40).prop_map(Value::Data),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let unit = option::of("[a-zA-Z%/0-9]{1,16}");
    let offset = prop_oneof![Just(0), any::<i32>()];
    ("[a-zA-Z0-9][a-zA-Z0-9:./_-]{0,30}", unit, value(), offset).prop_map(
        |(name, unit, value, offset)| Record {
            name,
            unit,
            value,
            offset,
        },
    )
}

fn origin() -> impl Strategy<Value = Origin> {
    let adapter = prop::sample::select(vec!["senml", "tasmota", "shelly"]);
    (adapter, any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(adapter, source, original)| Origin {
        adapter: adapter.to_owned(),
        source: DeviceId(source.into()),
        original: original.into(),
    })
}

pub(crate) fn reading() -> impl Strategy<Value = Reading> {
    let counter = prop_oneof![1..300u64, 1..=u64::MAX];
    let time = 0..=253_402_300_799_999u64;
    let nonce = option::of(vec(any::<u8>(), 8..=64));
    (
        counter,
        time,
        vec(record(), 1..6),
        nonce,
        option::of(origin()),
    )
        .prop_map(|(counter, time, pack, nonce, origin)| Reading {
            counter,
            time,
            pack,
            nonce,
            origin,
        })
}

pub(crate) fn envelope() -> impl Strategy<Value = Envelope> {
    (secret(), reading()).prop_map(|(secret, reading)| Envelope::sign(&secret, reading).unwrap())
}

/// A plain reading of one number.
pub(crate) fn plain(counter: u64) -> Reading {
    Reading {
        counter,
        time: 1_700_000_000_000 + counter,
        pack: vec![Record {
            name: "power".to_owned(),
            unit: Some("W".to_owned()),
            value: "230.50".parse().unwrap(),
            offset: 0,
        }],
        nonce: None,
        origin: None,
    }
}

pub(crate) fn entry(secret: &DeviceSecret, counter: u64) -> Entry {
    Entry {
        received: 1_700_000_001_000,
        flags: Flags::NONE,
        envelope: Envelope::sign(secret, plain(counter)).unwrap(),
    }
}

pub(crate) const fn hash(n: u8) -> B256 {
    B256::repeat_byte(n)
}
