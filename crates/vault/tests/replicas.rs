//! Bodies on their way from member to member: checked as they come, taken up where they were cut off;
//! and how much accounts may bring, and what is left when content is erased.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, keccak256};
use commonhold_vault::{
    BlobHash, BodyId, DataKey, Packet, SecretKey, Store, VaultError,
    crypt4gh::identify,
    limits::PARTIALS_MAX,
    store::{Bounds, Carried, Keys, SEALED_KEY_BYTES},
};
use proptest::prelude::*;

/// Bytes of a group of the hash tree.
const GROUP: usize = 16 * 1024;

fn body(len: usize) -> (BodyId, Vec<u8>) {
    let bytes: Vec<u8> = (0..len)
        .map(|at| u8::try_from((at * 7 + at / 251) % 256).unwrap())
        .collect();
    (identify(&mut bytes.as_slice()).unwrap(), bytes)
}

fn store(dir: &Path, name: &str) -> Store {
    Store::open(&dir.join(name), 1 << 30).unwrap()
}

/// A store that has a body, and the body's first part as it is sent.
fn sender(dir: &Path, len: usize) -> (Store, BodyId, Vec<u8>, Vec<u8>) {
    let store = store(dir, "sender");
    let (id, bytes) = body(len);
    store.put(id, &mut bytes.as_slice()).unwrap();
    let mut stream = Vec::new();
    assert_eq!(store.send(&id, 0, &mut stream).unwrap(), id.len);
    (store, id, bytes, stream)
}

fn read(store: &Store, hash: &BlobHash) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.get(hash).unwrap().0.read_to_end(&mut bytes).unwrap();
    bytes
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_body_arrives_whole_whatever_its_length() {
    for len in [
        1,
        1023,
        1024,
        1025,
        GROUP - 1,
        GROUP,
        GROUP + 1,
        2 * GROUP,
        5 * GROUP + 77,
        800_000,
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (_, id, bytes, stream) = sender(dir.path(), len);
        let to = store(dir.path(), "receiver");
        let mut arrival = to.arrive(id).unwrap();
        arrival.take(stream.as_slice()).unwrap();
        assert!(arrival.is_whole());
        arrival.finish().unwrap();
        assert_eq!(read(&to, &id.hash), bytes, "{len}");
        assert_eq!(to.used(), id.len);
        assert_eq!(files(&dir.path().join("receiver")).len(), 1);
    }
}

/// A connection that ends, in one way or another, after so many bytes.
struct Cut<'a>(&'a [u8], io::ErrorKind);
impl Read for Cut<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 if self.1 != io::ErrorKind::UnexpectedEof => Err(self.1.into()),
            n => Ok(n),
        }
    }
}

#[test]
fn what_was_cut_off_goes_on_after_the_last_group_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (from, id, bytes, stream) = sender(dir.path(), 9 * GROUP + 5);
    let mut done = 0;
    for (part, kind) in [
        (3 * GROUP, io::ErrorKind::ConnectionReset),
        (4 * GROUP + 9, io::ErrorKind::UnexpectedEof),
        (0, io::ErrorKind::TimedOut),
    ] {
        // Another process each time.
        let to = store(dir.path(), "receiver");
        let mut arrival = to.arrive(id).unwrap();
        assert_eq!(arrival.done(), done);
        assert_eq!(to.used(), id.len, "room is reserved while it arrives");
        let mut rest = Vec::new();
        from.send(&id, done, &mut rest).unwrap();
        assert!(rest.len() <= stream.len());
        let cut = arrival.take(Cut(&rest[..part], kind)).unwrap_err();
        assert!(matches!(cut, VaultError::CutOff(_)), "{cut}");
        done = arrival.done();
        assert_eq!(done % GROUP as u64, 0);
        drop(arrival);
        assert_eq!(to.used(), 0);
        assert!(matches!(to.get(&id.hash), Err(VaultError::NotFound)));
    }
    assert!(done >= 5 * GROUP as u64, "{done} bytes came through");
    let to = store(dir.path(), "receiver");
    let mut arrival = to.arrive(id).unwrap();
    let mut rest = Vec::new();
    from.send(&id, arrival.done(), &mut rest).unwrap();
    assert!(rest.len() < 5 * GROUP, "only what is missing is sent");
    arrival.take(rest.as_slice()).unwrap();
    arrival.finish().unwrap();
    assert_eq!(read(&to, &id.hash), bytes);
}

#[test]
fn who_sends_something_else_is_found_out_at_once_and_what_was_good_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (from, id, bytes, stream) = sender(dir.path(), 8 * GROUP);
    let to = store(dir.path(), "receiver");
    let mut arrival = to.arrive(id).unwrap();
    // A changed byte in the fourth group: nothing behind it is looked at, so that endless lies cost
    // their sender a group.
    let at = stream.len() - 4 * GROUP;
    let mut lie = stream[..at].to_vec();
    lie.push(stream[at] ^ 1);
    let endless = lie.as_slice().chain(io::repeat(0xaa));
    let refused = arrival.take(endless).unwrap_err();
    assert!(
        matches!(refused, VaultError::Lie(at) if at == arrival.done()),
        "{refused}"
    );
    assert!(refused.is_integrity());
    assert!(arrival.done() >= 3 * GROUP as u64);
    // Another member gives the rest.
    let mut rest = Vec::new();
    from.send(&id, arrival.done(), &mut rest).unwrap();
    arrival.take(rest.as_slice()).unwrap();
    arrival.finish().unwrap();
    assert_eq!(read(&to, &id.hash), bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No changed, missing or added byte of a stream lets in a byte that is not the body's.
    #[test]
    fn nothing_but_the_body_comes_in(at in any::<prop::sample::Index>(), change in 0..3u8) {
        let dir = tempfile::tempdir().unwrap();
        let (_, id, bytes, mut stream) = sender(dir.path(), 3 * GROUP + 100);
        let at = at.index(stream.len());
        match change {
            0 => stream[at] ^= 0x10,
            1 => drop(stream.remove(at)),
            _ => stream.insert(at, stream[at] ^ 0xff),
        }
        let to = store(dir.path(), "receiver");
        let mut arrival = to.arrive(id).unwrap();
        prop_assert!(arrival.take(stream.as_slice()).is_err());
        let done = usize::try_from(arrival.done()).unwrap();
        drop(arrival);
        let partial = dir.path().join("receiver/partial").join(id.hash.to_string());
        prop_assert_eq!(&fs::read(partial).unwrap()[..], &bytes[..done]);
    }
}

#[test]
fn what_the_disk_damaged_between_two_tries_is_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let (from, id, bytes, stream) = sender(dir.path(), 4 * GROUP);
    let to = store(dir.path(), "receiver");
    let mut arrival = to.arrive(id).unwrap();
    arrival.take(&stream[..stream.len() - GROUP]).unwrap_err();
    let done = arrival.done();
    assert_eq!(done, 3 * GROUP as u64);
    drop(arrival);
    let partial = dir
        .path()
        .join("receiver/partial")
        .join(id.hash.to_string());
    let mut damaged = fs::read(&partial).unwrap();
    damaged[GROUP + 3] ^= 1;
    fs::write(&partial, damaged).unwrap();
    let mut arrival = to.arrive(id).unwrap();
    let mut rest = Vec::new();
    from.send(&id, done, &mut rest).unwrap();
    arrival.take(rest.as_slice()).unwrap();
    assert!(matches!(arrival.finish(), Err(VaultError::Hash { .. })));
    let mut again = to.arrive(id).unwrap();
    assert_eq!((again.done(), to.used()), (0, id.len));
    again.take(stream.as_slice()).unwrap();
    again.finish().unwrap();
    assert_eq!(read(&to, &id.hash), bytes);
}

#[test]
fn a_damaged_body_is_not_sent_and_a_damaged_tree_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (from, id, bytes, stream) = sender(dir.path(), 6 * GROUP);
    let name = id.hash.to_string();
    let file = |part: &str| {
        dir.path()
            .join("sender")
            .join(part)
            .join(&name[..2])
            .join(&name[2..])
    };
    let mut tree = fs::read(file("trees")).unwrap();
    assert_eq!(tree.len(), 5 * 64);
    tree[70] ^= 1;
    fs::write(file("trees"), &tree).unwrap();
    let mut sent = Vec::new();
    assert!(matches!(
        from.send(&id, 0, &mut sent),
        Err(VaultError::CutOff(_))
    ));
    sent.clear();
    from.send(&id, 0, &mut sent).unwrap();
    assert_eq!(sent, stream);

    let mut damaged = bytes.clone();
    damaged[3 * GROUP] ^= 1;
    fs::write(file("blobs"), &damaged).unwrap();
    sent.clear();
    assert!(
        matches!(from.send(&id, 0, &mut sent), Err(VaultError::Lie(at)) if at == 3 * GROUP as u64)
    );
    assert_eq!(sent, stream[..sent.len()], "what was sent is good");
    fs::remove_file(file("trees")).unwrap();
    assert!(matches!(
        from.send(&id, 0, &mut sent),
        Err(VaultError::Hash { .. })
    ));
}

#[test]
fn only_parts_that_are_can_be_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (from, id, _, _) = sender(dir.path(), 3 * GROUP);
    for at in [1, GROUP as u64 + 1, 3 * GROUP as u64, u64::MAX] {
        assert!(matches!(from.may_send(&id, at), Err(VaultError::Part(found)) if found == at));
    }
    let longer = BodyId {
        len: id.len + 1,
        ..id
    };
    assert!(matches!(
        from.may_send(&longer, 0),
        Err(VaultError::Length { .. })
    ));
    let other = BodyId {
        hash: BlobHash([3; 32]),
        ..id
    };
    assert!(matches!(
        from.may_send(&other, 0),
        Err(VaultError::NotFound)
    ));
    from.may_send(&id, GROUP as u64).unwrap();
}

#[test]
fn half_bodies_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let to = store(dir.path(), "receiver");
    for n in 0..PARTIALS_MAX + 5 {
        let (id, _) = body(n + 1);
        drop(to.arrive(id).unwrap());
    }
    assert_eq!(
        files(&dir.path().join("receiver/partial")).len(),
        PARTIALS_MAX
    );
    assert_eq!(to.used(), 0);
}

#[test]
fn packets_and_sealed_keys_are_merged_and_never_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (from, id, bytes, _) = sender(dir.path(), 100);
    let to = store(dir.path(), "receiver");
    let key = DataKey::random().unwrap();
    let readers: Vec<_> = (0..3)
        .map(|_| SecretKey::random().unwrap().public())
        .collect();
    let packet = |at: usize| Packet::seal(&key, &readers[at]).unwrap();
    for (at, reader) in readers.iter().enumerate() {
        from.put_packet(&id.hash, reader, &packet(at)).unwrap();
    }
    let (good, foreign) = ([7; SEALED_KEY_BYTES], [8; SEALED_KEY_BYTES]);
    let digest = from.put_sealed(&id.hash, &good).unwrap();
    from.put_sealed(&id.hash, &foreign).unwrap();
    let keys = Keys::from_bytes(&from.keys(&id.hash).unwrap().to_bytes()).unwrap();
    assert_eq!((keys.packets.len(), keys.sealed.len()), (3, 2));

    let early = to.merge(&id.hash, &keys, |_| true);
    assert!(matches!(early, Err(VaultError::NotFound)));
    to.put(id, &mut bytes.as_slice()).unwrap();
    let own = packet(0);
    to.put_packet(&id.hash, &readers[0], &own).unwrap();
    to.merge(&id.hash, &keys, |name| *name == digest).unwrap();
    assert_eq!(to.get_packet(&id.hash, &readers[0]).unwrap(), own);
    let theirs = from.get_packet(&id.hash, &readers[1]).unwrap();
    assert_eq!(to.get_packet(&id.hash, &readers[1]).unwrap(), theirs);
    assert_eq!(to.sealed_keys(&id.hash).unwrap(), [keccak256(good)]);
}

#[test]
fn keys_that_are_none_are_refused() {
    let mut good = Keys {
        sealed: vec![[1; SEALED_KEY_BYTES]],
        ..Keys::default()
    }
    .to_bytes();
    assert!(Keys::from_bytes(&good).is_some());
    for len in 0..good.len() {
        assert!(Keys::from_bytes(&good[..len]).is_none(), "{len}");
    }
    good.push(0);
    assert!(Keys::from_bytes(&good).is_none());
    assert!(Keys::from_bytes(&[0xff; 4]).is_none());
    assert!(Keys::from_bytes(&[&[0, 0, 0, 1][..], &[5; 140], &[0; 4]].concat()).is_none());
}

#[test]
fn an_account_brings_so_much() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("vault");
    let bounds = Bounds {
        bytes_max: 1 << 20,
        disk_reserve: 0,
        account_bytes_max: 5_000,
    };
    let store = Store::open_with(&root, bounds).unwrap();
    let (alice, bob) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let bring = |store: &Store, who, len| {
        let (id, bytes) = body(len);
        let mut upload = store.begin_for(id, who)?;
        upload.write(&bytes)?;
        upload.finish()
    };
    bring(&store, alice, 3_000).unwrap();
    assert_eq!(store.owner(&body(3_000).0.hash).unwrap(), alice);
    let over = bring(&store, alice, 2_001).unwrap_err();
    assert!(matches!(
        over,
        VaultError::Quota {
            brought: 3_000,
            needed: 2_001,
            max: 5_000
        }
    ));
    assert!(
        over.to_string().contains("limits.account_quota_mib"),
        "{over}"
    );
    assert_eq!(store.used(), 3_000);
    // What is under way counts, and what is given up does not.
    let half = store.begin_for(body(1_500).0, alice).unwrap();
    assert_eq!(store.brought(alice), 4_500);
    assert!(bring(&store, alice, 600).is_err());
    drop(half);
    assert_eq!(store.brought(alice), 3_000);
    // A body that somebody has brought already costs nobody anything.
    bring(&store, bob, 3_000).unwrap();
    bring(&store, alice, 3_000).unwrap();
    assert_eq!((store.brought(alice), store.brought(bob)), (3_000, 0));
    bring(&store, bob, 4_000).unwrap();
    // It is known again after a restart, and given back when content is erased.
    let again = Store::open_with(&root, bounds).unwrap();
    assert_eq!((again.brought(alice), again.brought(bob)), (3_000, 4_000));
    again.erase(&body(3_000).0.hash).unwrap();
    assert_eq!(again.brought(alice), 0);
    bring(&again, alice, 5_000).unwrap();
}

#[test]
fn erasing_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, id, bytes, _) = sender(dir.path(), 3 * GROUP);
    store.claim(&id.hash, Address::repeat_byte(1)).unwrap();
    let reader = SecretKey::random().unwrap().public();
    let packet = Packet::seal(&DataKey::random().unwrap(), &reader).unwrap();
    store.put_packet(&id.hash, &reader, &packet).unwrap();
    let one = store.put_sealed(&id.hash, &[1; SEALED_KEY_BYTES]).unwrap();
    store.put_sealed(&id.hash, &[2; SEALED_KEY_BYTES]).unwrap();
    drop(store.arrive(id).unwrap());
    let root = dir.path().join("sender");
    assert_eq!(files(&root).len(), 7, "{:?}", files(&root));
    assert!(store.erase_sealed(&id.hash, &one).unwrap());
    assert!(!store.erase_sealed(&id.hash, &one).unwrap());
    assert_eq!(files(&root).len(), 6);
    assert!(store.erase(&id.hash).unwrap());
    assert!(!store.erase(&id.hash).unwrap());
    assert_eq!((files(&root), store.used()), (vec![], 0));
    // Parts without a body, as a crash or an old copy may leave them, go too.
    let name = id.hash.to_string();
    let stray = root.join("sealed").join(&name[..2]).join(&name[2..]);
    fs::create_dir_all(&stray).unwrap();
    fs::write(stray.join("00"), bytes).unwrap();
    assert!(store.erase(&id.hash).unwrap());
    assert_eq!(files(&root), Vec::<PathBuf>::new());
}

#[test]
fn how_far_erasures_went_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let vault = store(dir.path(), "vault");
    assert_eq!(vault.carried().unwrap(), Carried::default());
    let carried = Carried {
        count: 3,
        block: u64::MAX,
    };
    vault.set_carried(carried).unwrap();
    assert_eq!(store(dir.path(), "vault").carried().unwrap(), carried);
    fs::write(dir.path().join("vault/erased"), "torn").unwrap();
    assert_eq!(vault.carried().unwrap(), Carried::default());
}
