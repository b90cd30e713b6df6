#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

const GENESIS: B256 = B256::repeat_byte(1);
const MEMBER: B256 = B256::repeat_byte(2);
const OTHER: B256 = B256::repeat_byte(3);

#[test]
fn a_store_is_whose_it_was_first() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("engine");
    claim(&dir, GENESIS, MEMBER).unwrap();
    claim(&dir, GENESIS, MEMBER).unwrap();
    let network = claim(&dir, OTHER, MEMBER).unwrap_err();
    assert!(matches!(network, StoreError::Network { .. }), "{network}");
    let member = claim(&dir, GENESIS, OTHER).unwrap_err();
    assert!(matches!(member, StoreError::Member { .. }), "{member}");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
}

#[test]
fn a_store_that_does_not_say_whose_it_is_is_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("engine");
    fs::create_dir_all(dir.join("member-blocks-key")).unwrap();
    let unmarked = claim(&dir, GENESIS, MEMBER).unwrap_err();
    assert!(
        matches!(unmarked, StoreError::Unmarked { .. }),
        "{unmarked}"
    );
    assert!(!dir.join(MARKER).exists());
    fs::write(dir.join(MARKER), "{").unwrap();
    let damaged = claim(&dir, GENESIS, MEMBER).unwrap_err();
    assert!(damaged.to_string().contains("--join"), "{damaged}");
}

#[test]
fn an_interrupted_beginning_is_begun_again() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join(".hold"), "").unwrap();
    fs::write(temp.path().join(".tmpAbCd12"), "{\"comm").unwrap();
    claim(temp.path(), GENESIS, MEMBER).unwrap();
    claim(temp.path(), GENESIS, MEMBER).unwrap();
}

#[test]
fn a_later_format_is_not_guessed_at() {
    let temp = tempfile::tempdir().unwrap();
    let marker =
        format!("{{\"commonhold_store\":2,\"genesis\":\"{GENESIS}\",\"member\":\"{MEMBER}\"}}");
    fs::write(temp.path().join(MARKER), marker).unwrap();
    let refused = claim(temp.path(), GENESIS, MEMBER).unwrap_err();
    assert!(
        matches!(refused, StoreError::Format { found: 2, .. }),
        "{refused}"
    );
}
