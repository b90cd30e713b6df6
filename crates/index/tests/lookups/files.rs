use std::{fs, io::Write as _, path::Path};

use commonhold_index::{Index, IndexError, limits};

use crate::support::{chain, finalised, genesis};

fn filled(path: &Path, blocks: u64) -> Index {
    let index = Index::open(path, &genesis(1)).unwrap();
    for (number, sent) in (1..).zip(chain(blocks, 1)) {
        index.apply(&finalised(number, &sent)).unwrap();
    }
    index
}

#[test]
fn blocks_are_taken_once_and_in_order() {
    let index = Index::in_memory(&genesis(1)).unwrap();
    let error = index.apply(&finalised(2, &[])).unwrap_err();
    assert!(matches!(error, IndexError::Gap { want: 1, got: 2 }));
    index.apply(&finalised(1, &[])).unwrap();
    index.apply(&finalised(1, &[])).unwrap();
    index.apply(&finalised(2, &[])).unwrap();
    assert_eq!(index.height(), 2);
    index.skip_to(10).unwrap();
    assert_eq!(index.height(), 10);
    assert!(index.block(5).unwrap().is_none());
    assert!(index.block(2).unwrap().is_some());
    index.apply(&finalised(11, &[])).unwrap();
    assert!(index.block(11).unwrap().is_some());
    index.skip_to(3).unwrap();
    assert_eq!((index.height(), index.floor()), (11, 11));
    let query = commonhold_index::LogQuery {
        from: 1,
        to: 11,
        ..Default::default()
    };
    assert!(matches!(
        index.logs(&query),
        Err(IndexError::BelowFloor { floor: 11 })
    ));
    let query = commonhold_index::LogQuery {
        from: 11,
        to: 11,
        ..Default::default()
    };
    assert!(index.logs(&query).unwrap().is_empty());
}

#[test]
fn a_block_whose_parts_differ_is_refused() {
    let index = Index::in_memory(&genesis(1)).unwrap();
    let mut broken = finalised(
        1,
        &chain(9, 1)
            .into_iter()
            .find(|sent| !sent.is_empty())
            .unwrap(),
    );
    broken.senders.pop();
    assert!(matches!(
        index.apply(&broken),
        Err(IndexError::Mismatch { number: 1, .. })
    ));
    assert_eq!(index.height(), 0);
}

/// What a process that is killed leaves behind is what it had written, as a whole.
#[test]
fn a_crash_leaves_an_earlier_height() {
    let dir = tempfile::tempdir().unwrap();
    let index = filled(&dir.path().join("index"), 20);
    index.flush().unwrap();
    for number in 21..=25 {
        index.apply(&finalised(number, &[])).unwrap();
    }
    let copy = dir.path().join("copy");
    fs::copy(dir.path().join("index"), &copy).unwrap();
    let survivor = Index::open(&copy, &genesis(1)).unwrap();
    let height = survivor.height();
    assert!((20..=25).contains(&height), "{height}");
    for number in 1..=25 {
        assert_eq!(survivor.block(number).unwrap().is_some(), number <= height);
    }
    for number in height + 1..=25 {
        survivor.apply(&finalised(number, &[])).unwrap();
    }
    assert_eq!(survivor.block(25).unwrap(), index.block(25).unwrap());
}

#[test]
fn a_file_that_is_no_index_is_named_and_to_be_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    drop(filled(&path, 20));
    let whole = fs::read(&path).unwrap();
    let damage: [(&str, Vec<u8>); 4] = [
        ("text", b"not an index at all".to_vec()),
        ("noise", whole.iter().map(|byte| byte ^ 0x5a).collect()),
        ("header only", whole[..200].to_vec()),
        ("zeros", vec![0; whole.len()]),
    ];
    for (what, bytes) in damage {
        fs::write(&path, bytes).unwrap();
        let error = Index::open(&path, &genesis(1)).err().unwrap();
        assert!(
            matches!(error, IndexError::Damaged { .. }),
            "{what}: {error:?}"
        );
        assert!(error.to_string().contains("delete the file"), "{error}");
    }
}

#[test]
fn another_networks_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    drop(filled(&path, 3));
    let error = Index::open(&path, &genesis(2)).err().unwrap();
    assert!(matches!(error, IndexError::Foreign { .. }), "{error:?}");
}

#[test]
fn a_file_in_use_is_not_called_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    let _held = filled(&path, 3);
    let error = Index::open(&path, &genesis(1)).err().unwrap();
    assert!(matches!(error, IndexError::InUse { .. }), "{error:?}");
}

/// A file cut short or changed in the middle is found out when it is opened or when it is read: never
/// a panic, never a block that was not there.
#[test]
fn damage_is_found_out_when_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    drop(filled(&path, 60));
    let whole = fs::read(&path).unwrap();
    for (at, step) in [(whole.len() / 3, 64), (whole.len() / 2, 512), (8_192, 32)] {
        let mut bytes = whole.clone();
        for byte in bytes[at..].iter_mut().step_by(step) {
            *byte ^= 0xff;
        }
        let mut file = fs::File::create(&path).unwrap();
        file.write_all(&bytes).unwrap();
        drop(file);
        let Ok(index) = Index::open(&path, &genesis(1)) else {
            continue;
        };
        for number in 1..=60 {
            if let Ok(Some(entry)) = index.block(number) {
                assert_eq!(entry.number(), number);
            }
        }
    }
}

#[test]
fn old_witnesses_are_let_go() {
    let index = Index::in_memory(&genesis(1)).unwrap();
    let last = limits::WITNESS_BLOCKS_KEPT + 10;
    for number in 1..=last {
        index.apply(&finalised(number, &[])).unwrap();
    }
    index.flush().unwrap();
    assert!(index.witness(10).unwrap().is_none());
    assert!(index.witness(11).unwrap().is_some());
    assert!(index.witness(last).unwrap().is_some());
    assert!(index.block(1).unwrap().is_some());
}
