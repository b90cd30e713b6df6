#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::devnet;

/// A member of a network, and its backup.
fn member(dir: &Path) -> (NodeConfig, PathBuf, About) {
    let net = devnet::create(&dir.join("net"), &devnet::Options::default()).unwrap();
    let config = net.members[2].config.clone();
    let (bytes, about) = make(&config).unwrap();
    let path = dir.join("member.backup");
    fs::write(&path, bytes).unwrap();
    (config, path, about)
}

#[test]
fn a_restored_member_is_the_same_and_begins_anew() {
    let temp = tempfile::tempdir().unwrap();
    let (config, backup, about) = member(temp.path());
    let into = temp.path().join("restored");
    assert_eq!(restore(&backup, &config.seal_lock, &into).unwrap(), about);

    let restored = NodeConfig::read(&into.join(CONFIG)).unwrap();
    for (own, there) in [
        (&config.genesis, &restored.genesis),
        (&config.identity, &restored.identity),
        (&config.seal_share, &restored.seal_share),
        (&config.seal_lock, &restored.seal_lock),
    ] {
        assert!(there.starts_with(&into), "{}", there.display());
        assert_eq!(fs::read(own).unwrap(), fs::read(there).unwrap());
    }
    assert_eq!((&restored.http, &restored.p2p), (&config.http, &config.p2p));
    assert!(is_restored(&restored.data) && !is_restored(&config.data));
    // Neither a share of the network key nor anything of a store.
    assert!(!restored.share.exists());
    assert_eq!(fs::read_dir(&restored.data).unwrap().count(), 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&into), 0o700);
    for secret in [IDENTITY, SEAL_SHARE, SEAL_LOCK] {
        assert_eq!(mode(&into.join(secret)), 0o600, "{secret}");
    }
    let again = restore(&backup, &config.seal_lock, &into).unwrap_err();
    assert!(matches!(again, BackupError::Exists(_)), "{again}");
}

#[test]
fn nobody_reads_it_without_the_lock_and_no_changed_byte_is_taken() {
    let temp = tempfile::tempdir().unwrap();
    let (config, backup, _) = member(temp.path());
    let bytes = fs::read(&backup).unwrap();
    let secret = fs::read(&config.identity).unwrap();
    assert!(!bytes.windows(secret.len()).any(|part| part == secret));

    let other = temp.path().join("other.lock");
    SealLock::create(&other).unwrap();
    let into = temp.path().join("restored");
    let refused = restore(&backup, &other, &into).unwrap_err();
    assert!(refused.to_string().contains("does not open"), "{refused}");
    for at in (0..bytes.len()).step_by(61).chain([bytes.len() - 1]) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&backup, changed).unwrap();
        assert!(restore(&backup, &config.seal_lock, &into).is_err(), "{at}");
    }
    fs::write(&backup, &bytes[..bytes.len() / 2]).unwrap();
    assert!(restore(&backup, &config.seal_lock, &into).is_err());
    // Of what was refused nothing is left.
    let names = fs::read_dir(temp.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_share_that_the_lock_does_not_open_is_said_before_it_is_needed() {
    let temp = tempfile::tempdir().unwrap();
    let (mut config, _, _) = member(temp.path());
    config.seal_lock = temp.path().join("other.lock");
    SealLock::create(&config.seal_lock).unwrap();
    let refused = make(&config).unwrap_err();
    assert!(matches!(refused, BackupError::Share(_)), "{refused}");
}
