//! Keys: what is one, what it signs, and what is a device's id.

use alloy_primitives::Address;
use commonhold_reading::{Algorithm, DeviceKey, DeviceSecret, ReadingError};

use crate::support::{ALGORITHMS, device};

#[test]
fn what_a_device_signs_verifies_and_nothing_else() {
    for algorithm in ALGORITHMS {
        let secret = device(algorithm, 3);
        let signature = secret.sign(b"message");
        let key = DeviceKey::new(algorithm, secret.key().bytes()).unwrap();
        assert_eq!(&key, secret.key());
        assert_eq!(key.verify(b"message", &signature), Ok(()));
        let wrong = Err(ReadingError::WrongSignature);
        assert_eq!(key.verify(b"massage", &signature), wrong);
        for place in [0, 31, 32, 63] {
            let mut other = signature;
            other[place] ^= 1;
            assert_eq!(key.verify(b"message", &other), wrong, "{algorithm} {place}");
        }
        assert_eq!(key.verify(b"message", &[0; 64]), wrong);
        assert_eq!(key.verify(b"message", &[0xff; 64]), wrong);
        assert_eq!(
            device(algorithm, 4).key().verify(b"message", &signature),
            wrong
        );
        assert_eq!(*secret.to_bytes(), [3; 32]);
        assert!(
            !format!("{secret:?}").contains("0303"),
            "no secret is shown"
        );
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let fails = |algorithm, bytes: &[u8]| {
        let refused = DeviceKey::new(algorithm, bytes);
        assert!(
            matches!(refused, Err(ReadingError::Key { .. })),
            "{algorithm} {bytes:?}"
        );
    };
    for algorithm in ALGORITHMS {
        for len in [0, 31, 32, 33, 34, 64, 65] {
            if algorithm != Algorithm::Ed25519 || len != 32 {
                fails(algorithm, &vec![0; len]);
            }
        }
    }
    // Points of small order, under which one signature verifies anything.
    let mut identity = [0; 32];
    identity[0] = 1;
    fails(Algorithm::Ed25519, &identity);
    fails(Algorithm::Ed25519, &[0; 32]);
    // Not on the curve, and not compressed.
    fails(Algorithm::P256, &[&[2], [0xff; 32].as_slice()].concat());
    fails(Algorithm::Secp256k1, &[&[4], [1; 32].as_slice()].concat());
    // No scalars.
    for algorithm in [Algorithm::P256, Algorithm::Secp256k1] {
        assert!(DeviceSecret::from_bytes(algorithm, &[0; 32]).is_err());
        assert!(DeviceSecret::from_bytes(algorithm, &[0xff; 32]).is_err());
    }
    assert_eq!(
        DeviceSecret::from_bytes(Algorithm::Unsigned, &[1; 32]).unwrap_err(),
        ReadingError::CannotSign
    );
}

#[test]
fn a_source_is_its_gateway_and_its_name() {
    let gateway = device(Algorithm::P256, 1).key().id();
    let source = DeviceKey::source(gateway, "kitchen/plug 1").unwrap();
    assert_eq!(source.algorithm(), Algorithm::Unsigned);
    assert_eq!(source.gateway_and_name(), Some((gateway, "kitchen/plug 1")));
    assert_eq!(
        DeviceKey::new(Algorithm::Unsigned, source.bytes()).unwrap(),
        source
    );
    assert_eq!(source.verify(b"", &[0; 64]), Err(ReadingError::CannotSign));
    for name in ["", "a\nb", &"a".repeat(65)] {
        assert!(DeviceKey::source(gateway, name).is_err(), "{name:?}");
    }
    let other = device(Algorithm::P256, 2).key().id();
    assert_ne!(
        DeviceKey::source(other, "kitchen/plug 1").unwrap().id(),
        source.id()
    );
}

#[test]
fn an_enrolment_is_for_one_network_owner_and_key() {
    let (devices, owner) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let key = device(Algorithm::Ed25519, 1).key().clone();
    let message = key.enrolment(1, devices, owner);
    assert_ne!(key.enrolment(2, devices, owner), message);
    assert_ne!(key.enrolment(1, owner, owner), message);
    assert_ne!(key.enrolment(1, devices, devices), message);
    let other = device(Algorithm::Ed25519, 2);
    assert_ne!(other.key().enrolment(1, devices, owner), message);
}

#[test]
fn algorithms_have_numbers_and_names() {
    for (number, algorithm) in [
        (0, Algorithm::Unsigned),
        (1, Algorithm::Ed25519),
        (2, Algorithm::P256),
        (3, Algorithm::Secp256k1),
    ] {
        assert_eq!(algorithm.number(), number);
        assert_eq!(Algorithm::from_number(number), Ok(algorithm));
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
    assert_eq!(
        Algorithm::from_number(4),
        Err(ReadingError::UnknownAlgorithm(4))
    );
}
