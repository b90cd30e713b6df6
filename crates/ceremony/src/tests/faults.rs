//! Members that never come, are elsewhere, or whose disk fails.

use super::*;
use crate::limits::SILENT_MILLIS_MAX;

#[test]
fn one_that_never_comes_is_named() {
    for absent in 0..4u32 {
        run(u64::from(absent), |context| async move {
            let mut net = Net::new(context, 4, GOOD).await;
            let mut handles = Vec::new();
            for place in (0..4).filter(|place| *place != absent as usize) {
                handles.push((place, net.start(place, How::default()).await));
            }
            for (place, handle) in handles {
                let Err(RunError::Incomplete(incomplete)) = handle.await.unwrap() else {
                    panic!("member {place} made a key without member {absent}");
                };
                assert_eq!(incomplete.away, BTreeSet::from([absent]));
                assert_eq!(incomplete.missing.dealings, [absent]);
                assert_eq!(incomplete.missing.acks, [absent]);
                assert_eq!(incomplete.faults, BTreeMap::new());
                assert!(net.disk(place, |disk| disk.result.is_none()));
            }
            // It comes after all, and the round goes on where it was.
            let started = net.start_all(How::default()).await;
            let ends = ended(started.into_iter().enumerate()).await;
            net.check(0, &ends);
        });
    }
}

#[test]
fn one_that_goes_away_is_told_of_and_so_is_its_return() {
    run(5, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let mut handles = Vec::new();
        for place in 0..2 {
            handles.push((place, net.start(place, How::default()).await));
        }
        let dies = net.start(2, How::default()).await;
        net.until("member 2 was heard", |net| net.told(0, &Event::Here(2)))
            .await;
        dies.abort();
        net.context
            .sleep(Duration::from_millis(SILENT_MILLIS_MAX + 1_000))
            .await;
        assert!(net.told(0, &Event::Away(2)));
        for place in [2, 3] {
            handles.push((place, net.start(place, How::default()).await));
        }
        let ends = ended(handles).await;
        net.check(0, &ends);
        let (comes, starts) = net.disk(0, |disk| {
            let count = |what| disk.events.iter().filter(|e| **e == what).count();
            (count(Event::Here(2)), count(Event::Restarted(2)))
        });
        assert_eq!((comes, starts), (2, 1));
    });
}

#[test]
fn one_in_another_round_is_named_with_its_round() {
    run(6, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let mut handles = Vec::new();
        for place in 0..3 {
            handles.push(net.start(place, How::default()).await);
        }
        let ahead = How {
            round: 2,
            ..How::default()
        };
        handles.push(net.start(3, ahead).await);
        let mut told = Vec::new();
        for handle in handles {
            let Err(RunError::Incomplete(incomplete)) = handle.await.unwrap() else {
                panic!();
            };
            assert_eq!(incomplete.away, BTreeSet::new());
            assert_eq!(incomplete.faults, BTreeMap::new());
            told.push(incomplete.elsewhere);
        }
        let ahead = BTreeMap::from([(3, 2)]);
        let behind = BTreeMap::from([(0, 0), (1, 0), (2, 0)]);
        assert_eq!(told, [ahead.clone(), ahead.clone(), ahead, behind]);
    });
}

/// The disk fails at one write after another, with and without having written. What was sent before
/// and after is the same, and the ceremony goes on.
#[test]
fn a_disk_that_fails_ends_the_run_and_nothing_is_dealt_twice() {
    let mut failed = 0;
    for at in 1..12 {
        for (victim, written) in [(0, at % 2 == 0), (3, at % 2 == 1)] {
            let failed = &mut failed;
            run(u64::from(at), |context| async move {
                let mut net = Net::new(context, 4, GOOD).await;
                net.disk(victim, |disk| disk.fails = Some((at, written)));
                let mut started: BTreeMap<usize, Handle<Ran>> =
                    (0..).zip(net.start_all(How::default()).await).collect();
                let first = started.remove(&victim).unwrap().await.unwrap();
                let mut ends = Vec::new();
                match first {
                    Err(RunError::Host(DiskError)) => {
                        *failed += 1;
                        let again = net.start(victim, How::default()).await;
                        started.insert(victim, again);
                    }
                    // It had written all before.
                    end => ends.push((victim, end.unwrap())),
                }
                ends.extend(ended(started).await);
                assert_eq!(ends.len(), 4);
                net.check(0, &ends);
            });
        }
    }
    assert!(failed >= 15, "{failed}");
}

#[test]
fn a_result_that_could_not_be_written_is_written_by_the_next_start() {
    run(8, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        net.disk(1, |disk| disk.refuses_result = true);
        let mut started: BTreeMap<usize, Handle<Ran>> =
            (0..).zip(net.start_all(How::default()).await).collect();
        let first = started.remove(&1).unwrap().await.unwrap();
        assert!(matches!(first, Err(RunError::Host(DiskError))));
        assert!(!net.told(1, &Event::Finished));
        // The others know that it has not finished, and are still there.
        started.insert(1, net.start(1, How::default()).await);
        let ends = ended(started).await;
        assert!(ends.iter().all(|(_, end)| end.lacking.is_empty()));
        net.check(0, &ends);
    });
}
