//! The container: what we write we read, what the reference tool writes we read, and what has been
//! tampered with gives no byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    io::{Cursor, Seek as _},
    path::Path,
};

use commonhold_vault::{
    BodyId, DataKey, Packet, PublicKey, SecretKey, VaultError,
    crypt4gh::{
        BODY_OVERHEAD, Header, PACKET_LEN, SEGMENT, body_len, decrypt, encrypt, fetch, identify,
        read_public, read_secret, write_public, write_secret,
    },
    place::{nameless, place},
};
use proptest::prelude::*;

const WIRE: usize = SEGMENT + BODY_OVERHEAD;

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

fn sealed(plain: &[u8]) -> (DataKey, BodyId, Vec<u8>) {
    let key = DataKey::random().unwrap();
    let mut body = Vec::new();
    let id = encrypt(&key, &mut &plain[..], &mut body).unwrap();
    (key, id, body)
}

fn opened(key: &DataKey, id: &BodyId, body: &[u8]) -> Result<Vec<u8>, (VaultError, usize)> {
    let mut out = Vec::new();
    match decrypt(
        std::slice::from_ref(key),
        id,
        &mut Cursor::new(body),
        &mut out,
    ) {
        Ok(written) => {
            assert_eq!(written, out.len() as u64);
            Ok(out)
        }
        Err(e) => Err((e, out.len())),
    }
}

#[test]
fn round_trips_at_every_segment_boundary() {
    for len in [
        1,
        27,
        SEGMENT - 1,
        SEGMENT,
        SEGMENT + 1,
        2 * SEGMENT,
        3 * SEGMENT + 17,
    ] {
        let plain = pattern(len);
        let (key, id, body) = sealed(&plain);
        assert_eq!(id.len, body.len() as u64);
        assert_eq!(id.len, body_len(len as u64));
        assert_eq!(id, identify(&mut body.as_slice()).unwrap());
        assert_eq!(opened(&key, &id, &body).unwrap(), plain);
    }
}

#[test]
fn empty_content_is_refused() {
    let key = DataKey::random().unwrap();
    let refused = encrypt(&key, &mut std::io::empty(), &mut Vec::new());
    assert!(matches!(refused, Err(VaultError::Empty)));
}

#[test]
fn equal_contents_have_different_bodies() {
    assert_ne!(sealed(b"the same").1.hash, sealed(b"the same").1.hash);
}

#[test]
fn a_packet_opens_for_its_reader_alone() {
    let (reader, other) = (SecretKey::random().unwrap(), SecretKey::random().unwrap());
    let (key, id, body) = sealed(b"for you");
    let packet = Packet::seal(&key, &reader.public()).unwrap();
    assert_eq!(
        opened(&packet.open(&reader).unwrap(), &id, &body).unwrap(),
        b"for you"
    );
    assert!(matches!(
        packet.open(&other),
        Err(VaultError::NotForThisKey)
    ));
    let again = Packet::seal(&key, &reader.public()).unwrap();
    assert_ne!(
        packet.as_bytes()[8..40],
        again.as_bytes()[8..40],
        "the writer's key is made anew"
    );
}

#[test]
fn a_weak_reader_key_is_refused() {
    let (key, ..) = sealed(b"x");
    assert!(matches!(
        Packet::seal(&key, &PublicKey([0; 32])),
        Err(VaultError::WeakKey)
    ));
}

#[test]
fn a_header_serves_several_readers() {
    let readers: Vec<_> = (0..3).map(|_| SecretKey::random().unwrap()).collect();
    let (key, id, body) = sealed(b"for all three");
    let packets: Vec<_> = readers
        .iter()
        .map(|r| Packet::seal(&key, &r.public()).unwrap())
        .collect();
    let file = [Header::new(&packets).to_bytes(), body].concat();
    for reader in &readers {
        let mut input = Cursor::new(&file);
        let keys = Header::read(&mut input).unwrap().open(reader).unwrap();
        let mut out = Vec::new();
        decrypt(&keys, &id, &mut input, &mut out).unwrap();
        assert_eq!(out, b"for all three");
    }
}

#[test]
fn segments_swapped_repeated_or_cut_give_no_byte() {
    let (key, id, body) = sealed(&pattern(3 * SEGMENT));
    let part = |i: usize| &body[i * WIRE..(i + 1) * WIRE];
    let tampered: [Vec<u8>; 5] = [
        [part(1), part(0), part(2)].concat(),
        [part(0), part(0), part(2)].concat(),
        [part(0), part(1)].concat(),
        [part(0), part(1), part(2), part(2)].concat(),
        Vec::new(),
    ];
    for body in tampered {
        let (e, released) = opened(&key, &id, &body).unwrap_err();
        assert!(e.is_integrity(), "{e}");
        assert_eq!(released, 0);
    }
}

#[test]
fn another_bodys_key_releases_nothing() {
    let (_, id, body) = sealed(&pattern(SEGMENT + 5));
    let (e, released) = opened(&DataKey::random().unwrap(), &id, &body).unwrap_err();
    assert!(matches!(e, VaultError::Segment(0)));
    assert_eq!(released, 0);
}

/// Reads on, and looks each time whether a file can be seen.
struct Watched<'a>(&'a [u8], &'a Path);

impl std::io::Read for Watched<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        assert_eq!(std::fs::read_dir(self.1).unwrap().count(), 0);
        self.0.read(buf)
    }
}

impl std::io::Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        assert_eq!(std::fs::read_dir(self.1).unwrap().count(), 0);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_fetched_body_appears_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("out");
    let plain = pattern(SEGMENT + 100);
    let (key, id, mut body) = sealed(&plain);
    let keys = [key];
    body[WIRE + 20] ^= 1;
    let refused = fetch(&id, &mut Watched(&body, dir.path()), dir.path());
    assert!(matches!(refused, Err(VaultError::Hash { .. })));
    let endless = fetch(&id, &mut std::io::repeat(7), dir.path());
    assert!(matches!(endless, Err(VaultError::Length { .. })));
    let short = fetch(&id, &mut &body[1..], dir.path());
    assert!(matches!(short, Err(VaultError::Length { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

    body[WIRE + 20] ^= 1;
    std::fs::write(&target, "what was there before").unwrap();
    let aside = dir.path().join("aside");
    std::fs::create_dir(&aside).unwrap();
    let mut spool = fetch(&id, &mut Watched(&body, &aside), &aside).unwrap();
    decrypt(&keys, &id, &mut spool, &mut Watched(&[], &aside)).unwrap();
    spool.rewind().unwrap();
    let mut file = nameless(dir.path()).unwrap();
    decrypt(&keys, &id, &mut spool, &mut file).unwrap();
    place(file, &target).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), plain);
    let mode = std::os::unix::fs::PermissionsExt::mode(&target.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!(
        "{}/tests/fixtures/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

/// `fixtures` was written by PyPI `crypt4gh` 1.8.6 from 700 bytes of SHA-256 of the counters 0, 1, ….
#[test]
fn reads_what_the_reference_tool_wrote() {
    let text = |name: &str| String::from_utf8(fixture(name)).unwrap();
    let secret = read_secret(&text("pypi.sec"), Some("correct horse")).unwrap();
    assert_eq!(
        *secret.to_bytes(),
        std::array::from_fn(|i| u8::try_from(i).unwrap())
    );
    assert_eq!(
        read_secret(&text("pypi-open.sec"), None).unwrap().public(),
        secret.public()
    );
    assert_eq!(read_public(&text("pypi.pub")).unwrap(), secret.public());
    assert_eq!(write_public(&secret.public()), text("pypi.pub"));
    assert_eq!(*write_secret(&secret, None).unwrap(), text("pypi-open.sec"));
    for wrong in [None, Some("wrong")] {
        let refused = read_secret(&text("pypi.sec"), wrong);
        assert!(matches!(refused, Err(VaultError::Passphrase)));
    }
    let keys = Header::read(&mut fixture("pypi.header").as_slice())
        .unwrap()
        .open(&secret)
        .unwrap();
    let body = fixture("pypi.body");
    let id = identify(&mut body.as_slice()).unwrap();
    let plain = opened(&keys[0], &id, &body).unwrap();
    assert_eq!(plain.len(), 700);
    assert_eq!(
        hex::encode(&plain[..8]),
        "df3f619804a92fdb",
        "SHA-256 of four zero bytes"
    );
}

#[test]
fn key_files_round_trip() {
    let secret = SecretKey::random().unwrap();
    let text = write_secret(&secret, Some("päss")).unwrap();
    assert_eq!(
        read_secret(&text, Some("päss")).unwrap().public(),
        secret.public()
    );
    assert!(!format!("{secret:?}").contains(&hex::encode(*secret.to_bytes())));
}

#[test]
fn header_limits_hold_before_allocation() {
    let head = |count: u32, rest: &[u8]| {
        [
            b"crypt4gh".as_slice(),
            &1u32.to_le_bytes(),
            &count.to_le_bytes(),
            rest,
        ]
        .concat()
    };
    let hostile = [
        Vec::new(),
        b"crypt4gX\x01\0\0\0\0\0\0\0".to_vec(),
        b"crypt4gh\x02\0\0\0\0\0\0\0".to_vec(),
        head(u32::MAX, &[]),
        head(1, &u32::MAX.to_le_bytes()),
        head(1, &0u32.to_le_bytes()),
        head(1, &3u32.to_le_bytes()),
        head(1, &[108, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]),
        head(
            1024,
            &[60_000u32.to_le_bytes().to_vec(), vec![0; 59_996]]
                .concat()
                .repeat(20),
        ),
    ];
    for bytes in hostile {
        let refused = Header::read(&mut bytes.as_slice());
        assert!(matches!(refused, Err(VaultError::Header(_))), "{refused:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_gives_no_byte(len in 1usize..200_000, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (key, id, mut body) = sealed(&pattern(len));
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        let (e, released) = opened(&key, &id, &body).unwrap_err();
        prop_assert!(matches!(e, VaultError::Hash { .. }), "{}", e);
        prop_assert_eq!(released, 0);
    }

    #[test]
    fn any_cut_gives_no_byte(len in 1usize..200_000, at in any::<prop::sample::Index>()) {
        let (key, id, body) = sealed(&pattern(len));
        let (e, released) = opened(&key, &id, &body[..at.index(body.len())]).unwrap_err();
        prop_assert!(matches!(e, VaultError::Length { .. }), "{}", e);
        prop_assert_eq!(released, 0);
    }

    /// Whoever registers a forged body's own hash gets no further than the first bad segment.
    #[test]
    fn a_flip_under_its_own_hash_fails_authentication(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let (key, _, mut body) = sealed(&pattern(SEGMENT + 50));
        let at = at.index(body.len());
        body[at] ^= 1 << bit;
        let id = identify(&mut body.as_slice()).unwrap();
        let (e, released) = opened(&key, &id, &body).unwrap_err();
        prop_assert!(matches!(e, VaultError::Segment(i) if i == (at / WIRE) as u64));
        prop_assert_eq!(released, at / WIRE * SEGMENT);
    }

    #[test]
    fn any_flipped_bit_of_a_packet_is_refused(at in 0usize..PACKET_LEN, bit in 0u8..8) {
        let reader = SecretKey::random().unwrap();
        let packet = Packet::seal(&DataKey::random().unwrap(), &reader.public()).unwrap();
        let mut bytes = *packet.as_bytes();
        bytes[at] ^= 1 << bit;
        let opened = Packet::from_bytes(&bytes).and_then(|p| p.open(&reader));
        // X25519 ignores the top bit of a public key; the key's hash does not.
        prop_assert!(opened.is_err());
    }

    #[test]
    fn no_header_makes_the_reader_panic(tail in prop::collection::vec(any::<u8>(), 0..400), count in 0u32..4) {
        let reader = SecretKey::random().unwrap();
        let bytes = [b"crypt4gh\x01\0\0\0".as_slice(), &count.to_le_bytes(), &tail].concat();
        if let Ok(header) = Header::read(&mut bytes.as_slice()) {
            prop_assert!(header.open(&reader).is_err());
        }
        prop_assert!(Header::read(&mut tail.as_slice()).is_err());
        prop_assert!(read_secret(&String::from_utf8_lossy(&tail), None).is_err());
    }
}
