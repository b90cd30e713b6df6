#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use commonware_cryptography::bls12381::{
    dkg::feldman_desmedt::deal_anonymous, primitives::sharing::Mode,
};
use commonware_utils::{N3f1, NZU32};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn an_identity_survives_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.key");
    let key = new_identity().unwrap();
    write_identity(&path, &key).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(read_identity(&path).unwrap().public_key(), key.public_key());
    assert_ne!(new_identity().unwrap().public_key(), key.public_key());
    // Nothing but the key is left behind.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_share_survives_its_file_and_hides_when_printed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("share.key");
    let (_, shares) =
        deal_anonymous::<MinSig, N3f1>(os_rng().unwrap(), Mode::NonZeroCounter, NZU32!(4));
    let share = shares.last().unwrap();
    write_share(&path, share).unwrap();
    let read = read_share(&path).unwrap();
    assert!(read == *share);
    let secret = fs::read_to_string(&path).unwrap();
    let secret = secret.trim();
    for printed in [format!("{read:?}"), format!("{:?}", read_share(&path))] {
        assert!(!printed.contains(secret.get(2..).unwrap()), "{printed}");
        assert!(printed.contains("REDACTED"), "{printed}");
    }
}

#[test]
fn a_file_that_others_may_use_is_refused_with_the_command_that_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.key");
    write_identity(&path, &new_identity().unwrap()).unwrap();
    for wide in [0o640, 0o604, 0o660, 0o620, 0o602, 0o610, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(wide)).unwrap();
        let error = read_identity(&path).unwrap_err();
        assert!(
            matches!(error, KeyError::Mode { mode, .. } if mode == wide),
            "{error}"
        );
        let text = error.to_string();
        assert!(text.contains(&format!("mode {wide:04o}")), "{text}");
        assert!(
            text.ends_with(&format!("chmod 600 {}", path.display())),
            "{text}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(read_identity(&path).is_ok());
}

#[test]
fn a_path_with_spaces_is_quoted_for_the_shell() {
    assert_eq!(quote(Path::new("/a b/it's")), r"'/a b/it'\''s'");
    assert_eq!(
        quote(Path::new("data/member-1/x.key")),
        "data/member-1/x.key"
    );
}

#[test]
fn a_key_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("identity.key");
    let first = new_identity().unwrap();
    write_identity(&path, &first).unwrap();
    let error = write_identity(&path, &new_identity().unwrap()).unwrap_err();
    assert!(matches!(error, KeyError::Exists(_)), "{error}");
    assert_eq!(
        read_identity(&path).unwrap().public_key(),
        first.public_key()
    );
}

#[test]
fn what_is_no_key_is_refused_without_being_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let long = "ab".repeat(KEY_FILE_BYTES_MAX);
    let cases = [
        "",
        "canary",
        "00",
        "c0ffee",
        &"ab".repeat(31),
        &"ab".repeat(33),
        &long,
    ];
    for (i, content) in cases.iter().enumerate() {
        let path = dir.path().join(format!("{i}.key"));
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for error in [
            read_identity(&path).unwrap_err(),
            read_share(&path).unwrap_err(),
        ] {
            assert!(
                matches!(error, KeyError::Malformed { .. }),
                "{content:?}: {error}"
            );
            assert!(content.len() < 3 || !error.to_string().contains(content));
        }
    }
    let error = read_identity(&dir.path().join("absent")).unwrap_err();
    assert!(matches!(error, KeyError::Io { .. }), "{error}");
    let error = read_identity(dir.path()).unwrap_err();
    assert!(matches!(error, KeyError::Malformed { .. }), "{error}");
}

#[test]
fn a_private_directory_is_its_owners() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b");
    create_private_dir(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
}
