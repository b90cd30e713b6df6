//! Bodies of many blocks: what several threads write is what one would, and errors come at their place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use commonhold_vault::{
    BodyId, DataKey, VaultError,
    crypt4gh::{
        BODY_OVERHEAD, SEGMENT, body_len, copy, decrypt, encrypt, encrypt_seeded, identify,
    },
};

const WIRE: usize = SEGMENT + BODY_OVERHEAD;
/// Segments of a body that goes over several blocks, the last of them not full.
const MANY: usize = 40;

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

fn sealed(plain: &[u8]) -> (DataKey, BodyId, Vec<u8>) {
    let key = DataKey::random().unwrap();
    let mut body = Vec::new();
    let id = encrypt(&key, &mut Short::new(plain), &mut body).unwrap();
    (key, id, body)
}

fn opened(key: &DataKey, id: &BodyId, body: &[u8]) -> (Result<u64, VaultError>, Vec<u8>) {
    let mut out = Vec::new();
    let keys = [DataKey::random().unwrap(), key.clone()];
    let ended = decrypt(&keys, id, &mut Short::new(body), &mut out);
    (ended, out)
}

/// Gives less than is asked for, each time another length, and is interrupted now and then.
struct Short<'a> {
    bytes: Cursor<&'a [u8]>,
    turn: usize,
}

impl<'a> Short<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: Cursor::new(bytes),
            turn: 0,
        }
    }
}

impl Read for Short<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn.is_multiple_of(7) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buf.len().min(1 + self.turn * 7_919 % 50_000);
        self.bytes.read(&mut buf[..most])
    }
}

impl Seek for Short<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// Takes so many bytes, then fails.
struct Narrow(usize);

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives one body on the first reading and another from then on.
struct Changing<'a>(Cursor<&'a [u8]>, Option<&'a [u8]>);

impl Read for Changing<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buf)?;
        if self.0.position() == self.0.get_ref().len() as u64
            && let Some(next) = self.1.take()
        {
            self.0 = Cursor::new(next);
            self.0.set_position(next.len() as u64);
        }
        Ok(n)
    }
}

impl Seek for Changing<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

fn swapped(body: &[u8], a: usize, b: usize) -> Vec<u8> {
    let mut segments: Vec<_> = body.chunks(WIRE).collect();
    segments.swap(a, b);
    segments.concat()
}

#[test]
fn round_trips_at_every_border_of_blocks() {
    for segments in [1, 2, 4, 8, 16, 32, 48, 64] {
        for len in [
            segments * SEGMENT - 1,
            segments * SEGMENT,
            segments * SEGMENT + 1,
        ] {
            let plain = pattern(len);
            let (key, id, body) = sealed(&plain);
            assert_eq!(id.len, body_len(len as u64));
            assert_eq!(id.hash, blake3::hash(&body).into(), "{len}");
            assert_eq!(id, identify(&mut Short::new(&body)).unwrap());
            let (ended, out) = opened(&key, &id, &body);
            assert_eq!(ended.unwrap(), len as u64);
            assert!(out == plain, "{len} bytes came back changed");
        }
    }
}

#[test]
fn a_copy_is_the_body_and_has_its_name() {
    let (_, id, body) = sealed(&pattern(3 * SEGMENT + 1));
    let mut copied = Vec::new();
    assert_eq!(copy(&mut Short::new(&body), &mut copied).unwrap(), id);
    assert_eq!(copied, body);
}

#[test]
fn what_is_not_the_body_gives_no_byte() {
    let (key, id, body) = sealed(&pattern(MANY * SEGMENT));
    let hash = |ended| matches!(ended, Err(VaultError::Hash { .. }));
    let length = |ended| matches!(ended, Err(VaultError::Length { .. }));
    for (a, b) in [(0, 1), (3, 30), (38, 39)] {
        let (ended, out) = opened(&key, &id, &swapped(&body, a, b));
        assert!(hash(ended) && out.is_empty());
    }
    for at in [0, 16, 39] {
        let dropped = [&body[..at * WIRE], &body[(at + 1) * WIRE..]].concat();
        let (ended, out) = opened(&key, &id, &dropped);
        assert!(length(ended) && out.is_empty());
    }
    let appended = [&body[..], &body[..WIRE]].concat();
    let (ended, out) = opened(&key, &id, &appended);
    assert!(length(ended) && out.is_empty());
    let (ended, out) = opened(&key, &id, &body[..body.len() - 1]);
    assert!(length(ended) && out.is_empty());
}

#[test]
fn the_first_bad_segment_is_named_and_what_precedes_it_is_there() {
    let plain = pattern(MANY * SEGMENT - 5);
    let (key, _, body) = sealed(&plain);
    for at in [0, 1, 3, 7, 15, 16, 31, 32, 39] {
        let mut bad = body.clone();
        bad[at * WIRE + 99] ^= 1;
        // Others after it are bad too: the first one counts.
        *bad.last_mut().unwrap() ^= 1;
        let id = identify(&mut &bad[..]).unwrap();
        let (ended, out) = opened(&key, &id, &bad);
        assert!(
            matches!(ended, Err(VaultError::Segment(n)) if n == at as u64),
            "{ended:?}"
        );
        assert!(out == plain[..at * SEGMENT]);
    }
}

#[test]
fn a_segment_without_content_is_refused() {
    let (key, _, body) = sealed(&pattern(16 * SEGMENT));
    for rest in [1, BODY_OVERHEAD - 1, BODY_OVERHEAD] {
        let body = [&body[..], &vec![7; rest]].concat();
        let id = identify(&mut &body[..]).unwrap();
        let (ended, out) = opened(&key, &id, &body);
        assert!(matches!(ended, Err(VaultError::Segment(16))));
        assert_eq!(out.len(), 16 * SEGMENT);
    }
}

#[test]
fn nothing_leaves_of_a_block_that_changed_between_the_readings() {
    let (key, id, body) = sealed(&pattern(MANY * SEGMENT));
    let keys = [key];
    let grown = [&body[..], &body[..WIRE]].concat();
    // Blocks of 1, 1, 2, and then 4 segments each: the fifth changes, then one comes at the end, then the
    // last ones are missing.
    for (other, left) in [
        (swapped(&body, 9, 35), 8),
        (grown, MANY),
        (body[..16 * WIRE].to_vec(), 16),
    ] {
        let mut input = Changing(Cursor::new(&body), Some(&other));
        let mut out = Vec::new();
        let ended = decrypt(&keys, &id, &mut input, &mut out);
        assert!(matches!(ended, Err(VaultError::Changed)), "{ended:?}");
        assert_eq!(out.len(), left * SEGMENT);
    }
    let mut input = Changing(Cursor::new(&body), Some(&body));
    let ended = decrypt(&keys, &id, &mut input, &mut io::sink());
    assert_eq!(ended.unwrap(), (MANY * SEGMENT) as u64);
}

#[test]
fn failures_of_input_and_output_are_given_as_such() {
    let plain = pattern(MANY * SEGMENT);
    let (key, id, body) = sealed(&plain);
    for room in [0, SEGMENT, 20 * SEGMENT, plain.len() - 1] {
        let ended = encrypt(&key, &mut &plain[..], &mut Narrow(room));
        assert!(matches!(ended, Err(VaultError::DiskFull)));
        let mut input = Cursor::new(&body);
        let keys = std::slice::from_ref(&key);
        let ended = decrypt(keys, &id, &mut input, &mut Narrow(room));
        assert!(matches!(ended, Err(VaultError::DiskFull)));
    }
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    for len in [0, SEGMENT, 20 * SEGMENT + 1] {
        let mut out = Vec::new();
        let ended = encrypt(&key, &mut (&plain[..len]).chain(Broken), &mut out);
        assert!(
            matches!(ended, Err(VaultError::Io(e)) if e.kind() == io::ErrorKind::ConnectionReset)
        );
        assert!(out.len() <= len + MANY * BODY_OVERHEAD);
    }
}

/// A seed fixes the body; no two segments and no two seeds share a nonce.
#[test]
fn a_seed_fixes_all_nonces() {
    let key = DataKey::from_bytes(&[3; 32]);
    let plain = vec![7u8; 3 * SEGMENT];
    let sealed = |seed| {
        let mut body = Vec::new();
        let id = encrypt_seeded(&key, [seed; 32], &mut plain.as_slice(), &mut body).unwrap();
        let mut out = Vec::new();
        let mut input = Cursor::new(&body);
        decrypt(std::slice::from_ref(&key), &id, &mut input, &mut out).unwrap();
        assert_eq!(out, plain);
        body
    };
    let (one, two) = (sealed(1), sealed(2));
    assert_eq!(one, sealed(1));
    let nonces = |body: &[u8]| {
        let segments = body.chunks(WIRE);
        segments.map(|s| s[..12].to_vec()).collect::<Vec<_>>()
    };
    let mut all = [nonces(&one), nonces(&two)].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6);
}
