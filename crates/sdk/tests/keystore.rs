//! The keystore: standard files, private, and no harm from hostile ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use commonhold_sdk::{Account, Keystore, KeystoreError};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// The example of the Web3 Secret Storage definition.
const STANDARD: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,
"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const STANDARD_SECRET: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

fn keystore() -> (tempfile::TempDir, Keystore) {
    let dir = tempfile::tempdir().unwrap();
    let keystore = Keystore::open(&dir.path().join("keys")).unwrap();
    (dir, keystore)
}

#[test]
fn an_account_comes_back_with_its_passphrase_alone() {
    let (dir, keystore) = keystore();
    let made = keystore.create("alice", "correct horse").unwrap();
    let found = keystore.load("alice", "correct horse").unwrap();
    assert_eq!(found.address(), made.address());
    assert_eq!(found.encryption_public(), made.encryption_public());
    assert!(matches!(
        keystore.load("alice", "wrong"),
        Err(KeystoreError::Passphrase(_))
    ));
    assert!(matches!(
        keystore.load("bob", "x"),
        Err(KeystoreError::Unknown(_))
    ));
    assert!(matches!(
        keystore.create("alice", "x"),
        Err(KeystoreError::Exists(_))
    ));
    let listed = keystore.list().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].address, Some(made.address()));
    assert_eq!(listed[0].encryption_key, Some(made.encryption_public()));
    assert_eq!(mode(&dir.path().join("keys")), 0o700);
    assert_eq!(mode(&dir.path().join("keys/alice.json")), 0o600);
    assert_eq!(
        fs::read_dir(dir.path().join("keys")).unwrap().count(),
        1,
        "nothing is left aside"
    );
    let text = keystore.export("alice").unwrap();
    assert!(!text.contains(&hex::encode(*made.secret())));
}

#[test]
fn a_wider_mode_is_refused_with_the_remedy() {
    let (dir, keystore) = keystore();
    keystore.create("alice", "p").unwrap();
    let path = dir.path().join("keys/alice.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let e = keystore.load("alice", "p").unwrap_err();
    assert!(matches!(
        e,
        KeystoreError::Mode {
            mode: 0o640,
            wanted: 0o600,
            ..
        }
    ));
    assert!(e.to_string().contains("chmod 600"), "{e}");
    assert!(keystore.list().is_err());
    fs::set_permissions(dir.path().join("keys"), fs::Permissions::from_mode(0o755)).unwrap();
    let e = Keystore::open(&dir.path().join("keys")).unwrap_err();
    assert!(e.to_string().contains("chmod 700"), "{e}");
}

#[test]
fn a_standard_file_from_elsewhere_is_imported() {
    let (dir, keystore) = keystore();
    let file = dir.path().join("elsewhere");
    fs::write(&file, STANDARD).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(
        keystore.import(&file, "w", "wrong"),
        Err(KeystoreError::Passphrase(_))
    ));
    let account = keystore.import(&file, "w", "testpassword").unwrap();
    // Copied in by hand, it tells nothing of the account before it is opened.
    let copy = dir.path().join("keys/copy.json");
    fs::copy(&file, &copy).unwrap();
    let listed = keystore.show("copy").unwrap();
    assert_eq!((listed.address, listed.encryption_key), (None, None));
    assert_eq!(hex::encode(*account.secret()), STANDARD_SECRET);
    assert_eq!(
        keystore.load("w", "testpassword").unwrap().address(),
        account.address()
    );
}

#[test]
fn names_are_no_paths() {
    let (_dir, keystore) = keystore();
    for name in ["", ".", "..", "../x", "a/b", "a b", "é", &"a".repeat(65)] {
        assert!(
            matches!(keystore.create(name, "p"), Err(KeystoreError::Name(_))),
            "{name}"
        );
    }
}

#[test]
fn hostile_files_are_refused_before_they_are_opened() {
    let (dir, keystore) = keystore();
    let path = dir.path().join("keys/x.json");
    for (from, to) in [
        ("\"dklen\":32", "\"dklen\":8"),
        ("\"c\":262144", "\"c\":4000000000"),
        ("6087dab2f9fdbbfaddc31a909735c1e6", "6087"),
        (
            "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "53",
        ),
        ("\"version\":3", "\"version\":4"),
        ("\"pbkdf2\"", "\"scrypt\""),
        ("\"c\":262144", "\"n\":1073741824,\"r\":8,\"p\":1"),
        ("aes-128-ctr", "none"),
        ("{\"crypto\"", "{\"crypt\""),
    ] {
        let text = STANDARD.replace(from, to).replace(
            "\"kdf\":\"pbkdf2\"",
            if to.contains("\"n\"") {
                "\"kdf\":\"scrypt\""
            } else {
                "\"kdf\":\"pbkdf2\""
            },
        );
        assert_ne!(text, STANDARD);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let refused = keystore.load("x", "testpassword");
        assert!(
            matches!(refused, Err(KeystoreError::Form { .. })),
            "{to}: {refused:?}"
        );
    }
    fs::write(&path, vec![b' '; 100_000]).unwrap();
    assert!(matches!(
        keystore.load("x", ""),
        Err(KeystoreError::Form { .. })
    ));
}

#[test]
fn the_encryption_key_is_derived_as_documented() {
    let account = Account::from_secret(&[1; 32]).unwrap();
    let derived = blake3::derive_key("commonhold 2026 x25519 encryption key v1", &[1; 32]);
    assert_eq!(*account.encryption().to_bytes(), derived);
    assert_eq!(
        account.encryption_public().to_string(),
        "c15c055fd0a53a8d0a94462cdf6cc79f09e9fa791d4f0e1dcc44dd37032cd012"
    );
    assert!(Account::from_secret(&[0; 32]).is_err());
    assert!(!format!("{account:?}").contains("0101"));
}
