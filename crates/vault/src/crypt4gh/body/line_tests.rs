use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Numbers below `jobs` through the line, squared; `bring` and `take` fail at the given ones.
fn squares(jobs: u64, bring_fails: u64, take_fails: u64) -> (Vec<u64>, Result<(), VaultError>) {
    let (mut next, mut taken) = (0, Vec::new());
    let ended = run(
        |job: &mut u64| {
            if next == bring_fails {
                return Err(VaultError::Segment(next));
            }
            *job = next;
            next += 1;
            Ok(*job < jobs)
        },
        |job| *job *= *job,
        |job| {
            if *job == take_fails * take_fails {
                return Err(VaultError::Random);
            }
            taken.push(*job);
            Ok(())
        },
    );
    (taken, ended)
}

#[test]
fn jobs_leave_in_the_order_in_which_they_came() {
    for jobs in [0, 1, 2, 3, 1_000] {
        let (taken, ended) = squares(jobs, u64::MAX, u64::MAX >> 32);
        assert!(ended.is_ok());
        assert_eq!(taken, (0..jobs).map(|job| job * job).collect::<Vec<_>>());
    }
}

#[test]
fn errors_come_in_the_order_of_the_jobs() {
    let (taken, ended) = squares(1_000, 500, u64::MAX >> 32);
    assert!(matches!(ended, Err(VaultError::Segment(500))));
    assert_eq!(taken.len(), 500);
    let (taken, ended) = squares(1_000, 500, 499);
    assert!(matches!(ended, Err(VaultError::Random)));
    assert_eq!(taken.len(), 499);
}

#[test]
fn never_more_jobs_than_the_limit_are_in_the_line() {
    let inside = AtomicUsize::new(0);
    let mut left = 500;
    run(
        |(): &mut ()| {
            let before = inside.fetch_add(1, Ordering::SeqCst);
            assert!(before < BODY_BLOCKS_MAX);
            left -= 1;
            Ok(left > 0)
        },
        |()| {},
        |()| {
            inside.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        },
    )
    .unwrap_or_else(|e| unreachable!("{e}"));
    assert_eq!(
        inside.load(Ordering::SeqCst),
        1,
        "the one that was not brought"
    );
}

#[test]
fn a_panic_in_the_work_ends_the_line() {
    let ended = std::panic::catch_unwind(|| {
        let mut left = 100u64;
        run(
            |job: &mut u64| {
                left -= 1;
                *job = left;
                Ok(left > 0)
            },
            |job| assert_ne!(*job, 50),
            |_| Ok(()),
        )
    });
    assert!(ended.is_err());
}
