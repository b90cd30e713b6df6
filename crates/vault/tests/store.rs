//! The store: whole or not at all, under its own name, readable by nobody else.
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
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use commonhold_vault::{
    BlobHash, BodyId, DataKey, Packet, SecretKey, Store, VaultError,
    crypt4gh::identify,
    limits::{BLOB_BYTES_MAX, PACKETS_PER_BLOB_MAX},
    store::Bounds,
};

fn body(fill: u8, len: usize) -> (BodyId, Vec<u8>) {
    let bytes = vec![fill; len];
    (identify(&mut bytes.as_slice()).unwrap(), bytes)
}

fn open(dir: &Path) -> Store {
    Store::open(&dir.join("vault"), 100_000).unwrap()
}

fn all_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_files(&path))
        } else {
            found.push(path)
        }
    }
    found
}

fn read(store: &Store, hash: &BlobHash) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.get(hash).unwrap().0.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn puts_gets_lists_and_deletes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let bodies: Vec<_> = (0..5).map(|i| body(i, 1000 + usize::from(i))).collect();
    for (id, bytes) in &bodies {
        store.put(*id, &mut bytes.as_slice()).unwrap();
        store.put(*id, &mut bytes.as_slice()).unwrap();
        assert_eq!(read(&store, &id.hash), *bytes);
        assert_eq!(store.verify(&id.hash).unwrap(), *id);
    }
    assert_eq!(store.used(), 5010, "a body put twice counts once");
    let mut ids: Vec<_> = bodies.iter().map(|(id, _)| *id).collect();
    ids.sort_by_key(|id| id.hash);
    assert_eq!(store.list(None).unwrap(), ids);
    assert_eq!(store.list(Some(&ids[1].hash)).unwrap(), ids[2..]);
    assert!(store.erase(&ids[0].hash).unwrap());
    assert!(matches!(store.get(&ids[0].hash), Err(VaultError::NotFound)));
    assert!(!store.erase(&ids[0].hash).unwrap());
    let again = open(dir.path());
    assert_eq!(again.used(), store.used());
    assert_eq!(again.list(None).unwrap(), ids[1..]);
}

#[test]
fn the_reserve_of_the_disk_is_not_for_content() {
    let dir = tempfile::tempdir().unwrap();
    let (id, bytes) = body(1, 3_000);
    let root = dir.path().join("vault");
    let leaving = |disk_reserve| {
        let bounds = Bounds {
            bytes_max: 100_000,
            disk_reserve,
            account_bytes_max: u64::MAX,
        };
        Store::open_with(&root, bounds).unwrap()
    };
    let whole = leaving(u64::MAX);
    let refused = whole.begin(id).unwrap_err();
    assert!(
        matches!(
            refused,
            VaultError::DiskReserve {
                reserve: u64::MAX,
                ..
            }
        ),
        "{refused}"
    );
    assert_eq!(whole.used(), 0);
    let one = leaving(1);
    one.put(id, &mut bytes.as_slice()).unwrap();
    // What is there can be read, however little room there is.
    assert_eq!(read(&whole, &id.hash), bytes);
}

#[test]
fn what_is_not_as_announced_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(7, 3000);
    let wrong_hash = BodyId {
        hash: BlobHash([9; 32]),
        ..id
    };
    assert!(matches!(
        store.put(wrong_hash, &mut bytes.as_slice()),
        Err(VaultError::Hash { .. })
    ));
    for len in [2999, 3001] {
        let refused = store.put(BodyId { len, ..id }, &mut bytes.as_slice());
        assert!(
            matches!(refused, Err(VaultError::Length { want, .. }) if want == len),
            "{refused:?}"
        );
    }
    let endless = store.put(id, &mut io::repeat(7));
    assert!(matches!(endless, Err(VaultError::Length { got: 3001, .. })));
    assert!(matches!(
        store.begin(BodyId { len: 0, ..id }),
        Err(VaultError::Empty)
    ));
    let huge = store.begin(BodyId {
        len: BLOB_BYTES_MAX + 1,
        ..id
    });
    assert!(matches!(huge, Err(VaultError::TooLarge { .. })));
    let full = store.begin(BodyId { len: 100_001, ..id });
    assert!(matches!(
        full,
        Err(VaultError::StoreFull {
            needed: 100_001,
            max: 100_000
        })
    ));
    let mut half = store.begin(id).unwrap();
    half.write(&bytes[..100]).unwrap();
    assert_eq!(store.used(), 3000, "room is reserved while an upload runs");
    drop(half);
    assert_eq!(store.used(), 0);
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

/// A source that fails after some bytes, as a connection does, or a disk on the other side.
struct Failing(usize, io::ErrorKind);
impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.0.min(buf.len());
        self.0 -= n;
        buf[..n].fill(1);
        if n == 0 { Err(self.1.into()) } else { Ok(n) }
    }
}

#[test]
fn a_failure_on_the_way_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, _) = body(1, 3000);
    let broken = store.put(id, &mut Failing(500, io::ErrorKind::ConnectionReset));
    assert!(matches!(broken, Err(VaultError::Io(_))));
    let full = store.put(id, &mut Failing(500, io::ErrorKind::StorageFull));
    assert!(matches!(full, Err(VaultError::DiskFull)));
    assert_eq!(store.used(), 0);
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_full_device_is_a_disk_that_is_full() {
    let mut full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let e = io::Write::write_all(&mut full, b"x").unwrap_err();
    assert!(matches!(VaultError::from(e), VaultError::DiskFull));
}

#[test]
fn an_unfinished_upload_is_gone_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(3, 2000);
    let mut upload = store.begin(id).unwrap();
    upload.write(&bytes[..1000]).unwrap();
    std::mem::forget(upload);
    assert_eq!(all_files(dir.path()).len(), 1);
    let again = open(dir.path());
    assert_eq!(all_files(dir.path()).len(), 0);
    assert_eq!(again.used(), 0);
}

#[test]
fn damage_on_disk_is_found_and_mended_by_another_put() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(4, 2000);
    store.put(id, &mut bytes.as_slice()).unwrap();
    let path = all_files(dir.path()).remove(0);
    fs::write(&path, [&bytes[..1999], b"x"].concat()).unwrap();
    assert!(matches!(
        store.verify(&id.hash),
        Err(VaultError::Hash { .. })
    ));
    store.put(id, &mut bytes.as_slice()).unwrap();
    assert_eq!(store.verify(&id.hash).unwrap(), id);
}

#[test]
fn nobody_else_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(5, 10);
    store.put(id, &mut bytes.as_slice()).unwrap();
    let packet = Packet::seal(
        &DataKey::random().unwrap(),
        &SecretKey::random().unwrap().public(),
    )
    .unwrap();
    store
        .put_packet(&id.hash, &SecretKey::random().unwrap().public(), &packet)
        .unwrap();
    let files = all_files(dir.path());
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        for parent in file.ancestors().skip(1).take_while(|p| *p != dir.path()) {
            assert_eq!(
                parent.metadata().unwrap().permissions().mode() & 0o777,
                0o700
            );
        }
    }
    let root = dir.path().join("vault");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(
        Store::open(&root, 1),
        Err(VaultError::Mode { mode: 0o750, .. })
    ));
}

#[test]
fn a_link_in_place_of_a_body_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(6, 10);
    store.put(id, &mut bytes.as_slice()).unwrap();
    let path = all_files(dir.path()).remove(0);
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
    assert!(store.get(&id.hash).is_err());
}

#[test]
fn only_a_hash_is_a_name() {
    for text in [
        "",
        "..",
        "../../etc/passwd",
        &"A".repeat(64),
        &"g".repeat(64),
        &"a".repeat(63),
        &"٠".repeat(32),
    ] {
        assert!(
            matches!(text.parse::<BlobHash>(), Err(VaultError::Name)),
            "{text}"
        );
    }
    let hash: BlobHash = "0f".repeat(32).parse().unwrap();
    assert_eq!(hash.to_string(), "0f".repeat(32));
}

#[test]
fn packets_stay_with_their_body() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(8, 10);
    let key = DataKey::random().unwrap();
    let readers: Vec<_> = (0..3)
        .map(|_| SecretKey::random().unwrap().public())
        .collect();
    let packets: Vec<_> = readers
        .iter()
        .map(|r| Packet::seal(&key, r).unwrap())
        .collect();
    let early = store.put_packet(&id.hash, &readers[0], &packets[0]);
    assert!(matches!(early, Err(VaultError::NotFound)));
    store.put(id, &mut bytes.as_slice()).unwrap();
    for (reader, packet) in readers.iter().zip(&packets) {
        store.put_packet(&id.hash, reader, packet).unwrap();
        assert_eq!(store.get_packet(&id.hash, reader).unwrap(), *packet);
    }
    store.delete_packet(&id.hash, &readers[1]).unwrap();
    assert!(matches!(
        store.get_packet(&id.hash, &readers[1]),
        Err(VaultError::NotFound)
    ));
    assert!(matches!(
        store.delete_packet(&id.hash, &readers[1]),
        Err(VaultError::NotFound)
    ));
    assert_eq!(store.readers(&id.hash).unwrap().len(), 2);
    assert!(store.erase(&id.hash).unwrap());
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_body_belongs_to_who_brought_it_first() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(8, 10);
    let (alice, mallory) = ([1; 20].into(), [2; 20].into());
    assert!(matches!(
        store.claim(&id.hash, alice),
        Err(VaultError::NotFound)
    ));
    store.put(id, &mut bytes.as_slice()).unwrap();
    assert!(matches!(store.owner(&id.hash), Err(VaultError::NotFound)));
    assert_eq!(store.claim(&id.hash, alice).unwrap(), alice);
    store.put(id, &mut bytes.as_slice()).unwrap();
    assert_eq!(store.claim(&id.hash, mallory).unwrap(), alice);
    assert_eq!(open(dir.path()).owner(&id.hash).unwrap(), alice);
    assert!(store.erase(&id.hash).unwrap());
    assert_eq!(all_files(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn packets_of_a_body_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (id, bytes) = body(9, 10);
    store.put(id, &mut bytes.as_slice()).unwrap();
    let reader = SecretKey::random().unwrap().public();
    let packet = Packet::seal(&DataKey::random().unwrap(), &reader).unwrap();
    store.put_packet(&id.hash, &reader, &packet).unwrap();
    let name = id.hash.to_string();
    let beside = dir
        .path()
        .join("vault/packets")
        .join(&name[..2])
        .join(&name[2..]);
    for i in 1..PACKETS_PER_BLOB_MAX {
        fs::write(beside.join(format!("{i:064x}")), packet.as_bytes()).unwrap();
    }
    let other = SecretKey::random().unwrap().public();
    assert!(matches!(
        store.put_packet(&id.hash, &other, &packet),
        Err(VaultError::TooManyPackets(_))
    ));
    store.put_packet(&id.hash, &reader, &packet).unwrap();
}
