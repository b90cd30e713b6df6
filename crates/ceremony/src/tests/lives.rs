//! Members that finish, lose messages, die, return, and come late.

use super::*;
use crate::limits::{LINGER_MILLIS_MAX, SILENT_MILLIS_MAX};

fn elapsed(net: &Net, since: std::time::SystemTime) -> Duration {
    net.context.current().duration_since(since).unwrap()
}

#[test]
fn members_make_a_key_and_all_know_that_all_have_it() {
    for members in [1, 2, 4, 7] {
        run(members, |context| async move {
            let mut net = Net::new(context, members, GOOD).await;
            let since = net.context.current();
            let started = net.start_all(How::default()).await;
            let ends = ended(started.into_iter().enumerate()).await;
            for (_, end) in &ends {
                assert_eq!(end.lacking, BTreeSet::new());
                assert_eq!(end.finished.confirmations.len() as u64, members);
            }
            let group = net.check(0, &ends);
            assert_eq!(u64::from(group.members()), members);
            // Nobody had to wait until another counted as away.
            let silent = Duration::from_millis(SILENT_MILLIS_MAX);
            assert!(elapsed(&net, since) < silent);
            for place in 0..net.keys.len() {
                assert!(net.told(place, &Event::Finished));
                assert!(net.disk(place, |disk| {
                    let faults = disk.events.iter();
                    !faults.into_iter().any(|e| matches!(e, Event::Fault { .. }))
                }));
            }
        });
    }
}

#[test]
fn what_is_lost_is_sent_again() {
    for seed in 0..8 {
        run(seed, |context| async move {
            let mut net = Net::new(context, 4, probability!(0.5)).await;
            let started = net.start_all(How::default()).await;
            let ends = ended(started.into_iter().enumerate()).await;
            net.check(0, &ends);
        });
    }
}

#[test]
fn a_member_that_dies_at_any_time_goes_on_from_its_disk() {
    let mut midway = 0;
    for victim in [0, 2] {
        for millis in (5..200).step_by(13) {
            let midway = &mut midway;
            run(millis, |context| async move {
                let mut net = Net::new(context, 4, GOOD).await;
                let mut started: BTreeMap<usize, Handle<Ran>> =
                    (0..).zip(net.start_all(How::default()).await).collect();
                net.context.sleep(Duration::from_millis(millis)).await;
                started.remove(&victim).unwrap().abort();
                let (has_memory, has_result) = net.disk(victim, |disk| {
                    (disk.memory.is_some(), disk.result.is_some())
                });
                *midway += u32::from(has_memory && !has_result);
                net.context.sleep(Duration::from_millis(300)).await;
                started.insert(victim, net.start(victim, How::default()).await);
                let ends = ended(started).await;
                assert_eq!(ends.len(), 4);
                net.check(0, &ends);
            });
        }
    }
    assert!(midway > 10, "{midway}");
}

#[test]
fn all_die_at_once_and_return() {
    for millis in [1, 30, 60, 90, 120, 150, 200, 600] {
        run(millis, |context| async move {
            let mut net = Net::new(context, 4, GOOD).await;
            let started = net.start_all(How::default()).await;
            net.context.sleep(Duration::from_millis(millis)).await;
            for handle in &started {
                handle.abort();
            }
            let started = net.start_all(How::default()).await;
            let ends = ended(started.into_iter().enumerate()).await;
            net.check(0, &ends);
        });
    }
}

/// It dies when all have its dealing and its acknowledgement: the others can do without it.
#[test]
fn one_that_dies_late_is_not_waited_for_and_finds_its_share_with_one_that_stays() {
    run(1, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let mut started: BTreeMap<usize, Handle<Ran>> =
            (0..).zip(net.start_all(How::default()).await).collect();
        net.until("all have what is needed of member 3", |net| {
            (0..3).all(|place| net.has_from(place, 3))
        })
        .await;
        started.remove(&3).unwrap().abort();
        assert!(net.disk(3, |disk| disk.result.is_none()));
        let since = net.context.current();
        let mut ends = ended(started).await;
        let waited = elapsed(&net, since);
        assert!(waited >= Duration::from_millis(SILENT_MILLIS_MAX));
        assert!(waited < Duration::from_millis(LINGER_MILLIS_MAX));
        for (place, end) in &ends {
            assert_eq!(end.lacking, BTreeSet::from([3]));
            assert!(net.told(*place, &Event::Away(3)));
            let lingering = Event::Lingering(BTreeSet::from([3]));
            assert!(net.told(*place, &lingering));
        }

        // It returns when nobody is there any more.
        let alone = net.start(3, How::default()).await.await.unwrap();
        let Err(RunError::Incomplete(incomplete)) = alone else {
            panic!();
        };
        assert_eq!(incomplete.away, BTreeSet::from([0, 1, 2]));

        // One that has finished comes back and stays, as long as it takes.
        let stay = How {
            stay: true,
            ..How::default()
        };
        let stays = net.start(1, stay).await;
        let longer = Duration::from_millis(LINGER_MILLIS_MAX) * 3;
        net.context.sleep(longer).await;
        let late = net.start(3, How::default()).await;
        let late = ended([(3, late)]).await;
        ends.extend(late);
        net.check(0, &ends);
        // It stays for the others, which do not come: they have long finished.
        stays.abort();
    });
}

#[test]
fn a_second_round_has_another_chair_and_another_key() {
    run(3, |context| async move {
        let mut net = Net::new(context, 4, GOOD).await;
        let short = How {
            patience: Duration::from_secs(30),
            ..How::default()
        };
        // The chair of round 0 does not come.
        let mut handles = Vec::new();
        for place in 1..4 {
            handles.push(net.start(place, short).await);
        }
        for handle in handles {
            let ended = handle.await.unwrap();
            assert!(matches!(ended, Err(RunError::Incomplete(_))));
        }
        let next = How {
            round: 1,
            ..How::default()
        };
        let started = net.start_all(next).await;
        let ends = ended(started.into_iter().enumerate()).await;
        net.check(1, &ends);
    });
}
