//! A share on disk opens for its member, network and lock, and for nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use alloy_primitives::B256;
use common::{dealt, flips, golden, rng};
use commonhold_seal::{
    Group, SealError, SealShare, ShareFileError, deal,
    limits::{SCRYPT_LOG_N_MAX, SHARE_FILE_BYTES_MAX},
    locked::{Kind, Lock, Locked, LockedError, Unlock},
    read_share, write_share,
};

const NETWORK: B256 = B256::repeat_byte(0x11);
const KEY: &[u8; 32] = &[0x22; 32];
/// Where the cost of scrypt stands.
const COST: usize = 78;

fn written(group: &Group, share: &SealShare, unlock: Unlock<'_>) -> Vec<u8> {
    let lock = Lock::new(unlock, &mut rng(1)).unwrap();
    write_share(share, NETWORK, group, &lock, &mut rng(2)).unwrap()
}

fn refused(result: Result<SealShare, ShareFileError>) -> LockedError {
    match result.unwrap_err() {
        ShareFileError::Locked(e) => e,
        ShareFileError::Share(e) => panic!("{e}"),
    }
}

#[test]
fn it_opens_with_its_lock() {
    let (group, shares) = dealt(4);
    for unlock in [Unlock::Key(KEY), Unlock::Passphrase("correct horse")] {
        let file = written(&group, &shares[3], unlock);
        let share = read_share(&file, NETWORK, &group, 3, unlock).unwrap();
        assert_eq!(share.secret_bytes(), shares[3].secret_bytes());
        let secret = shares[3].secret_bytes();
        assert!(!file.windows(32).any(|window| window == secret.as_slice()));
    }
}

#[test]
fn another_lock_does_not_open_it() {
    let (group, shares) = dealt(4);
    let kind = Kind::Share;
    let keyed = written(&group, &shares[3], Unlock::Key(KEY));
    let phrased = written(&group, &shares[3], Unlock::Passphrase("correct horse"));
    let read =
        |file: &[u8], unlock: Unlock<'_>| refused(read_share(file, NETWORK, &group, 3, unlock));
    assert_eq!(
        read(&keyed, Unlock::Key(&[0x23; 32])),
        LockedError::DoesNotOpen(kind)
    );
    assert_eq!(
        read(&phrased, Unlock::Passphrase("correct horsf")),
        LockedError::DoesNotOpen(kind)
    );
    assert_eq!(
        read(&keyed, Unlock::Passphrase("correct horse")),
        LockedError::OtherLock { kind, with: "key" }
    );
    assert_eq!(
        read(&phrased, Unlock::Key(KEY)),
        LockedError::OtherLock {
            kind,
            with: "passphrase"
        }
    );
}

#[test]
fn a_file_that_belongs_elsewhere_is_named_before_it_is_opened() {
    let (group, shares) = dealt(4);
    let (other_group, other_shares) = deal(4, &mut rng(44)).unwrap();
    let kind = Kind::Share;
    let file = written(&group, &shares[3], Unlock::Key(KEY));
    let wrong_key = Unlock::Key(&[0; 32]);

    let elsewhere = B256::repeat_byte(0x12);
    let e = refused(read_share(&file, elsewhere, &group, 3, wrong_key));
    assert_eq!(
        e,
        LockedError::OtherNetwork {
            kind,
            found: NETWORK,
            expected: elsewhere
        }
    );
    assert!(
        e.to_string()
            .starts_with("this is a seal share file of network 0x1111")
    );
    assert_eq!(
        refused(read_share(&file, NETWORK, &other_group, 3, wrong_key)),
        LockedError::OtherSubject {
            kind,
            found: group.digest(),
            expected: other_group.digest()
        }
    );
    assert_eq!(
        refused(read_share(&file, NETWORK, &group, 2, wrong_key)),
        LockedError::OtherMember {
            kind,
            found: 3,
            expected: 2
        }
    );
    // A share that is none of the group's is not written at all.
    let lock = Lock::new(Unlock::Key(KEY), &mut rng(1)).unwrap();
    assert_eq!(
        write_share(&other_shares[1], NETWORK, &group, &lock, &mut rng(2)),
        Err(ShareFileError::Share(SealError::WrongShare(1)))
    );
    // Whoever has the lock and writes a wrong share into a right file is found out, too.
    let binding = *Locked::parse(kind, &file).unwrap().binding();
    let secret = other_shares[3].secret_bytes();
    let forged = lock
        .seal(kind, &binding, secret.as_slice(), &mut rng(3))
        .unwrap();
    assert_eq!(
        read_share(&forged, NETWORK, &group, 3, Unlock::Key(KEY)).unwrap_err(),
        ShareFileError::Share(SealError::WrongShare(3))
    );
    let short = lock
        .seal(kind, &binding, &secret[..31], &mut rng(3))
        .unwrap();
    assert!(matches!(
        refused(read_share(&short, NETWORK, &group, 3, Unlock::Key(KEY))),
        LockedError::Malformed { .. }
    ));
    // Nor is a ceremony's memory a share.
    let memory = lock
        .seal(Kind::Ceremony, &binding, secret.as_slice(), &mut rng(3))
        .unwrap();
    assert!(matches!(
        refused(read_share(&memory, NETWORK, &group, 3, Unlock::Key(KEY))),
        LockedError::Malformed { .. }
    ));
}

#[test]
fn no_changed_byte_passes() {
    let (group, shares) = dealt(4);
    let file = written(&group, &shares[3], Unlock::Key(KEY));
    for (at, flipped) in flips(&file) {
        let e = refused(read_share(&flipped, NETWORK, &group, 3, Unlock::Key(KEY)));
        let expected = match at {
            0..=8 => matches!(e, LockedError::Malformed { .. }),
            9..=40 => matches!(e, LockedError::OtherNetwork { .. }),
            41..=72 => matches!(e, LockedError::OtherSubject { .. }),
            73..=76 => matches!(e, LockedError::OtherMember { .. }),
            77..=94 => matches!(e, LockedError::Malformed { .. }),
            _ => e == LockedError::DoesNotOpen(Kind::Share),
        };
        assert!(expected, "byte {at}: {e}");
    }
    for len in 0..file.len() {
        let e = refused(read_share(
            &file[..len],
            NETWORK,
            &group,
            3,
            Unlock::Key(KEY),
        ));
        assert!(
            matches!(
                e,
                LockedError::Malformed { .. } | LockedError::DoesNotOpen(_)
            ),
            "{len} bytes: {e}"
        );
    }
    let long = [file.as_slice(), &vec![0; SHARE_FILE_BYTES_MAX]].concat();
    assert!(matches!(
        refused(read_share(&long, NETWORK, &group, 3, Unlock::Key(KEY))),
        LockedError::Malformed { .. }
    ));
}

#[test]
fn a_file_cannot_ask_for_endless_work() {
    let (group, shares) = dealt(4);
    let phrase = Unlock::Passphrase("correct horse");
    let mut file = written(&group, &shares[3], phrase);
    for cost in [SCRYPT_LOG_N_MAX + 1, 63, 255] {
        file[COST] = cost;
        assert_eq!(
            refused(read_share(&file, NETWORK, &group, 3, phrase)),
            LockedError::Cost {
                kind: Kind::Share,
                cost
            }
        );
    }
    file[COST] = 0;
    assert!(matches!(
        refused(read_share(&file, NETWORK, &group, 3, phrase)),
        LockedError::Malformed { .. }
    ));
    // Less work than was asked for gives another key.
    file[COST] = 4;
    assert_eq!(
        refused(read_share(&file, NETWORK, &group, 3, phrase)),
        LockedError::DoesNotOpen(Kind::Share)
    );
}

#[test]
fn one_lock_writes_many_files() {
    let (group, shares) = dealt(4);
    let first = written(&group, &shares[0], Unlock::Key(KEY));
    let first = Locked::parse(Kind::Share, &first).unwrap();
    let lock = first.lock(Unlock::Key(KEY)).unwrap();
    let mut rng = rng(9);
    let second = write_share(&shares[0], NETWORK, &group, &lock, &mut rng).unwrap();
    let third = write_share(&shares[0], NETWORK, &group, &lock, &mut rng).unwrap();
    assert_ne!(second, third);
    for file in [second, third] {
        let file = Locked::parse(Kind::Share, &file).unwrap();
        let secret = file.open(&lock).unwrap();
        assert_eq!(secret.as_slice(), shares[0].secret_bytes().as_slice());
    }
}

/// What an earlier version wrote is read.
#[test]
fn the_formats_are_golden() {
    let (dealt, shares) = dealt(4);
    let group = Group::from_bytes(&golden("sharing", &dealt.to_bytes())).unwrap();
    for (name, unlock) in [
        ("share-file", Unlock::Key(KEY)),
        ("share-file-passphrase", Unlock::Passphrase("correct horse")),
    ] {
        let made = if std::env::var_os("COMMONHOLD_BLESS").is_some() {
            written(&dealt, &shares[3], unlock)
        } else {
            Vec::new()
        };
        let file = golden(name, &made);
        let share = read_share(&file, NETWORK, &group, 3, unlock).unwrap();
        assert_eq!(share.member(), 3);
        // Written again, all but what follows from the nonce is the same.
        let lock = Locked::parse(Kind::Share, &file).unwrap();
        let lock = lock.lock(unlock).unwrap();
        let again = write_share(&share, NETWORK, &group, &lock, &mut rng(2)).unwrap();
        let nonce = 95..107;
        assert_eq!(again.len(), file.len());
        assert_eq!(again[..nonce.start], file[..nonce.start]);
    }
}

#[test]
fn locks_do_not_print_their_keys() {
    let lock = Lock::new(Unlock::Key(KEY), &mut rng(1)).unwrap();
    assert_eq!(format!("{lock:?}"), "Lock");
    assert_eq!(format!("{:?}", Unlock::Passphrase("horse")), "passphrase");
    assert_eq!(format!("{:?}", Unlock::Key(KEY)), "key");
}
