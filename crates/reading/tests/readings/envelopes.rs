//! A signed reading: what comes back, and what is refused.

use commonhold_reading::{
    Algorithm, Envelope, Reading, ReadingError, Record, Value,
    limits::{ENVELOPE_BYTES_MAX, PACK_RECORDS_MAX},
};
use proptest::{collection::vec, prelude::*};

use crate::support::{ALGORITHMS, device, envelope, plain, reading, secret};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_reading_survives(secret in secret(), reading in reading()) {
        let signed = Envelope::sign(&secret, reading.clone()).unwrap();
        let parsed = Envelope::parse(signed.bytes()).unwrap();
        prop_assert_eq!(&parsed, &signed);
        prop_assert_eq!(parsed.reading(), &reading);
        prop_assert_eq!(parsed.device(), secret.key().id());
        prop_assert_eq!(parsed.algorithm(), secret.key().algorithm());
        let subject = reading.origin.map_or(parsed.device(), |origin| origin.source);
        prop_assert_eq!(parsed.subject(), subject);
        prop_assert_eq!(parsed.verify(secret.key()), Ok(()));
    }

    #[test]
    fn a_changed_byte_is_refused(
        secret in secret(),
        reading in reading(),
        place in any::<prop::sample::Index>(),
        change in 1..=255u8,
    ) {
        let signed = Envelope::sign(&secret, reading).unwrap();
        let mut bytes = signed.bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        let verified = Envelope::parse(&bytes).and_then(|envelope| envelope.verify(secret.key()));
        prop_assert!(verified.is_err(), "byte {} of {}", place, bytes.len());
    }

    #[test]
    fn a_cut_or_longer_one_is_refused(signed in envelope(), cut in any::<prop::sample::Index>()) {
        let bytes = signed.bytes();
        prop_assert!(Envelope::parse(&bytes[..cut.index(bytes.len())]).is_err());
        prop_assert!(Envelope::parse(&[bytes, &[0]].concat()).is_err());
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(Envelope::parse(&bytes).is_err());
    }

    #[test]
    fn what_parses_has_one_form(
        signed in envelope(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        inserted in vec(any::<u8>(), 0..3),
    ) {
        let mut bytes = signed.bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes.splice(place..=place, inserted.iter().copied().chain([byte]));
        }
        if let Ok(envelope) = Envelope::parse(&bytes) {
            prop_assert_eq!(envelope.bytes(), &bytes);
            prop_assert!(envelope.reading().check().is_ok());
        }
    }
}

#[test]
fn another_key_does_not_verify() {
    for algorithm in ALGORITHMS {
        let signed = Envelope::sign(&device(algorithm, 1), plain(1)).unwrap();
        let other = device(algorithm, 2);
        assert_eq!(
            signed.verify(other.key()),
            Err(ReadingError::WrongDevice {
                found: device(algorithm, 1).key().id(),
                expected: other.key().id(),
            })
        );
    }
}

#[test]
fn either_s_is_taken_and_names_the_same_reading() {
    // n - s in the place of s.
    let p256 = p256_mirror();
    assert_ne!(p256.bytes(), signed(Algorithm::P256).bytes());
    assert_eq!(p256.verify(device(Algorithm::P256, 1).key()), Ok(()));
    let k256 = k256_mirror();
    assert_eq!(k256.verify(device(Algorithm::Secp256k1, 1).key()), Ok(()));
    assert_eq!(
        (k256.subject(), k256.reading()),
        (
            signed(Algorithm::Secp256k1).subject(),
            signed(Algorithm::Secp256k1).reading()
        )
    );
}

fn signed(algorithm: Algorithm) -> Envelope {
    Envelope::sign(&device(algorithm, 1), plain(1)).unwrap()
}

fn with_signature(envelope: &Envelope, signature: &[u8]) -> Envelope {
    let mut bytes = envelope.bytes().to_vec();
    let start = bytes.len() - 64;
    bytes[start..].copy_from_slice(signature);
    Envelope::parse(&bytes).unwrap()
}

fn p256_mirror() -> Envelope {
    let envelope = signed(Algorithm::P256);
    let signature = p256::ecdsa::Signature::from_slice(envelope.signature()).unwrap();
    let s = -*signature.s();
    let other = p256::ecdsa::Signature::from_scalars(*signature.r(), s).unwrap();
    with_signature(&envelope, &other.to_bytes())
}

fn k256_mirror() -> Envelope {
    let envelope = signed(Algorithm::Secp256k1);
    let signature = k256::ecdsa::Signature::from_slice(envelope.signature()).unwrap();
    let s = -*signature.s();
    let other = k256::ecdsa::Signature::from_scalars(*signature.r(), s).unwrap();
    with_signature(&envelope, &other.to_bytes())
}

#[test]
fn readings_beyond_their_limits_are_not_signed() {
    let record = |value| Record {
        name: "x".to_owned(),
        unit: None,
        value,
        offset: 0,
    };
    let of = |pack| Reading { pack, ..plain(1) };
    let sign = |reading| Envelope::sign(&device(Algorithm::Ed25519, 1), reading);
    let many = |n| of(vec![record(Value::Flag(true)); n]);
    assert!(sign(many(PACK_RECORDS_MAX)).is_ok());
    assert!(matches!(
        sign(many(PACK_RECORDS_MAX + 1)),
        Err(ReadingError::TooMuch {
            limit: "PACK_RECORDS_MAX",
            ..
        })
    ));
    assert!(sign(many(0)).is_err());
    let data = |n| record(Value::Data(vec![0; n]));
    assert!(sign(of(vec![data(4096)])).is_ok());
    assert!(matches!(
        sign(of(vec![data(4097)])),
        Err(ReadingError::TooMuch {
            limit: "VALUE_BYTES_MAX",
            ..
        })
    ));
    assert!(matches!(
        sign(of(vec![data(4096), data(4096)])),
        Err(ReadingError::TooMuch {
            limit: "ENVELOPE_BYTES_MAX",
            ..
        })
    ));
    let changed = |change: fn(&mut Reading)| {
        let mut reading = plain(1);
        change(&mut reading);
        sign(reading)
    };
    assert!(changed(|r| r.counter = 0).is_err());
    assert!(changed(|r| r.time = u64::MAX).is_err());
    assert!(changed(|r| r.nonce = Some(vec![1; 7])).is_err());
    assert!(changed(|r| r.nonce = Some(vec![1; 65])).is_err());
    for name in ["", "-a", "a b", "\u{e9}", &"a".repeat(65)] {
        let record = Record {
            name: name.to_owned(),
            ..record(Value::Flag(true))
        };
        assert!(sign(of(vec![record])).is_err(), "{name:?}");
    }
    for unit in ["", "k W", "\n", &"a".repeat(17)] {
        let record = Record {
            unit: Some(unit.to_owned()),
            ..record(Value::Flag(true))
        };
        assert!(sign(of(vec![record])).is_err(), "{unit:?}");
    }
}

/// CBOR that says the same in another way, or what no reading says, each with a good signature.
#[test]
fn other_forms_are_refused() {
    let secret = device(Algorithm::Ed25519, 1);
    let head = |payload: &str| {
        let payload = hex::decode(payload.replace(' ', "")).unwrap();
        let mut protected = vec![0xa2, 1, 0x27, 4, 0x58, 32];
        protected.extend(secret.key().id().as_bytes());
        let bytes = |bytes: &[u8]| match bytes.len() {
            n @ 0..24 => [&[0x40 + n as u8], bytes].concat(),
            n @ 24..256 => [&[0x58, n as u8], bytes].concat(),
            n => [&[0x59, (n >> 8) as u8, n as u8], bytes].concat(),
        };
        let message = [
            b"\x84\x6aSignature1".as_slice(),
            &bytes(&protected),
            &bytes(b"commonhold/reading/v1"),
            &bytes(&payload),
        ]
        .concat();
        let signature = secret.sign(&message);
        let whole = [
            [0xd2, 0x84].as_slice(),
            &bytes(&protected),
            &[0xa0],
            &bytes(&payload),
            &bytes(&signature),
        ]
        .concat();
        Envelope::parse(&whole)
    };
    let good = head("a3 01 01 02 1864 03 81 a2 00 6178 02 05").unwrap();
    assert_eq!(good.verify(secret.key()), Ok(()));
    for (payload, what) in [
        (
            "a3 01 1801 02 1864 03 81 a2 00 6178 02 05",
            "a long integer",
        ),
        (
            "a3 02 1864 01 01 03 81 a2 00 6178 02 05",
            "keys out of order",
        ),
        (
            "a4 01 01 01 01 02 1864 03 81 a2 00 6178 02 05",
            "a key twice",
        ),
        (
            "bf 01 01 02 1864 03 81 a2 00 6178 02 05 ff",
            "an endless map",
        ),
        (
            "a3 01 01 02 1864 03 9f a2 00 6178 02 05 ff",
            "an endless list",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 7f 6178 ff 02 05",
            "a text in parts",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 fb 4014000000000000",
            "a float",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 f9 4500",
            "a short float",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 c4 82 00 05",
            "an exponent of zero",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 c4 82 32 05",
            "an exponent of -19",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 c5 82 01 05",
            "a binary fraction",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 1b ffffffffffffffff",
            "65 bits",
        ),
        (
            "a3 01 01 02 1864 03 81 a3 00 6178 02 05 06 00",
            "an offset of zero",
        ),
        (
            "a3 01 01 02 1864 03 81 a3 00 6178 02 05 03 6179",
            "two values",
        ),
        ("a3 01 01 02 1864 03 81 a1 00 6178", "no value"),
        ("a3 01 01 02 1864 03 81 a1 02 05", "no name"),
        (
            "a3 01 01 02 1864 03 81 a3 00 6178 02 05 07 01",
            "an unknown label",
        ),
        (
            "a3 01 01 02 1864 03 81 a3 00 6178 02 05 21 6162",
            "a base name",
        ),
        (
            "a4 01 01 02 1864 03 81 a2 00 6178 02 05 06 01",
            "an unknown field",
        ),
        ("a2 01 01 02 1864", "no pack"),
        (
            "a3 01 00 02 1864 03 81 a2 00 6178 02 05",
            "a counter of zero",
        ),
        ("a3 01 01 02 1864 03 80", "an empty pack"),
        (
            "a3 01 01 02 1864 03 9b ffffffffffffffff",
            "a pack without end",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 5b ffffffffffffffff 02 05",
            "a name without end",
        ),
        (
            "a3 01 01 02 1864 03 81 a2 00 6178 02 05 00",
            "more behind it",
        ),
        ("01", "no map"),
        ("", "nothing"),
    ] {
        assert!(head(payload).is_err(), "{what}: {:?}", head(payload));
    }
    let long = vec![0; ENVELOPE_BYTES_MAX + 1];
    assert!(matches!(
        Envelope::parse(&long),
        Err(ReadingError::TooMuch { .. })
    ));
}

#[test]
fn other_headers_are_refused() {
    let signed = signed(Algorithm::Ed25519);
    let bytes = signed.bytes();
    let other = |place: usize, byte: u8| {
        let mut bytes = bytes.to_vec();
        bytes[place] = byte;
        Envelope::parse(&bytes)
    };
    // d2 84 58 26 a2 01 27 04 58 20 kid a0
    assert!(other(0, 0xd1).is_err(), "another tag");
    assert!(other(1, 0x85).is_err(), "five parts");
    assert!(other(6, 0x26).is_ok(), "another algorithm parses");
    assert!(
        other(6, 0x26)
            .unwrap()
            .verify(device(Algorithm::Ed25519, 1).key())
            .is_err(),
        "and does not verify"
    );
    assert!(other(6, 0x01).is_err(), "an unknown algorithm");
    assert!(other(7, 0x05).is_err(), "another label");
    assert!(other(42, 0xa1).is_err(), "something unprotected");
    assert!(Envelope::parse(&bytes[1..]).is_err(), "no tag");
}

#[test]
fn numbers_are_exact() {
    for (text, mantissa, exponent, shown) in [
        ("0", 0, 0, "0"),
        ("-12", -12, 0, "-12"),
        ("21.50", 2_150, -2, "21.50"),
        ("-0.001", -1, -3, "-0.001"),
        ("6.0e-3", 60, -4, "0.0060"),
        ("1e3", 1, 3, "1e3"),
        ("1.5E+2", 15, 1, "15e1"),
        ("9223372036854775807", i64::MAX, 0, "9223372036854775807"),
    ] {
        let value: Value = text.parse().unwrap();
        assert_eq!(value, Value::Number { mantissa, exponent }, "{text}");
        assert_eq!(value.to_string(), shown);
        let again: Value = shown.parse().unwrap();
        assert_eq!(again, value, "{shown}");
    }
    for text in [
        "",
        "-",
        ".5",
        "5.",
        "1e",
        "1e99",
        "0x10",
        "1,5",
        "+1",
        "NaN",
        "9223372036854775808",
        "1.0000000000000000000",
        "1 ",
        "--1",
    ] {
        assert!(text.parse::<Value>().is_err(), "{text:?}");
    }
}
