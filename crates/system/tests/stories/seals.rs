//! Times come, and what was sealed to them opens for everyone.

use alloy_primitives::Bytes;
use commonhold_module::{
    Outcome,
    bench::{Bench, genesis},
};
use commonhold_primitives::{
    Genesis,
    opening_key::time_identity,
    system::{RECORDS, SEALS},
};
use commonhold_seal::{Group, Identity, SealShare, deal};
use commonhold_system::seals::{
    self,
    interface::ISeals::{
        FalseOpeningKey, NoSealKey, NotYet, TimeOpened, openingKeyCall, publishCall, sealKeyCall,
        timesCall,
    },
};
use commonware_utils::TestRng;

use crate::{ANNA, BEN, Desk, refused};

/// When the stories begin.
const NOW: u64 = 1_000_000;

/// Four members with a seal key.
struct Seal {
    group: Group,
    shares: Vec<SealShare>,
}

impl Seal {
    fn new() -> Self {
        let (group, shares) = deal(4, &mut TestRng::new(5)).unwrap();
        Self { group, shares }
    }

    fn desk(&self) -> Desk {
        let mut bench = Bench::new(commonhold_system::modules()).unwrap();
        let sealing = Some(self.group.to_bytes().into());
        let founding = Genesis {
            sealing,
            ..genesis(4)
        };
        bench.genesis(&founding).unwrap();
        Desk {
            bench,
            address: SEALS,
        }
    }

    /// What members make together of a time.
    fn opening_key(&self, time: u64) -> Bytes {
        let target = Identity::Time(time).here();
        let partials: Vec<_> = self.shares[1..]
            .iter()
            .map(|s| s.partial(&target))
            .collect();
        let combined = self.group.combine(&target, &partials).unwrap();
        Bytes::copy_from_slice(combined.opening.to_bytes().as_slice())
    }
}

impl Desk {
    fn publish(&mut self, time: u64, key: &Bytes) -> Outcome<()> {
        let call = publishCall {
            time,
            openingKey: key.clone(),
        };
        self.bench.send(BEN, SEALS, call).map(|_| ())
    }
}

#[test]
fn the_seal_key_is_the_genesis_documents() {
    let seal = Seal::new();
    let told = seal.desk().view(sealKeyCall {}).unwrap();
    assert_eq!(told.as_ref(), seal.group.key().to_bytes());
    assert_eq!(Desk::of(SEALS).view(sealKeyCall {}), Ok(Bytes::new()));
}

/// The identity is written down twice, here and in the sealing crate.
#[test]
fn a_times_identity_is_the_one_that_is_sealed_to() {
    for time in [0, 1, 1_800_000_000, u64::MAX] {
        assert_eq!(
            time_identity(time).as_slice(),
            Identity::Time(time).to_bytes()
        );
    }
}

#[test]
fn a_time_that_has_come_is_opened_once_for_all() {
    let seal = Seal::new();
    let mut desk = seal.desk();
    let (time, key) = (NOW + 60, seal.opening_key(NOW + 60));
    assert_eq!(desk.view(openingKeyCall { time }), Ok(Bytes::new()));
    for early in [NOW, NOW + 59] {
        desk.bench.at(early);
        refused(desk.publish(time, &key), NotYet { time, now: early });
    }
    desk.bench.at(time);
    desk.publish(time, &key).unwrap();
    let told = TimeOpened {
        time,
        openingKey: key.clone(),
    };
    assert_eq!(desk.bench.events::<TimeOpened>(), [told]);
    assert_eq!(desk.view(openingKeyCall { time }), Ok(key.clone()));
    // Whoever comes second changes nothing, whatever they bring.
    for again in [key.clone(), Bytes::new()] {
        desk.publish(time, &again).unwrap();
        assert!(desk.bench.events::<TimeOpened>().is_empty());
    }
    assert_eq!(desk.view(openingKeyCall { time }), Ok(key.clone()));
    assert_eq!(desk.bench.invariants(), Ok(vec![]));
    let times = desk.view(timesCall { from: 0, max: 9 }).unwrap();
    assert_eq!((times.page, times.total), (vec![time], 1));
    // Modules read it without a message.
    let found = desk
        .bench
        .within(ANNA, RECORDS, |ctx| seals::opening_key(ctx, time));
    assert_eq!(found.unwrap().unwrap().as_slice(), key.as_ref());
}

#[test]
fn what_does_not_open_a_time_is_refused() {
    let seal = Seal::new();
    let mut desk = seal.desk();
    let (time, key) = (NOW - 1, seal.opening_key(NOW - 1));
    let (group, shares) = deal(4, &mut TestRng::new(6)).unwrap();
    let foreign = Seal { group, shares }.opening_key(time);
    let mut changed = key.to_vec();
    changed[47] ^= 1;
    for wrong in [
        seal.opening_key(time - 1),
        foreign,
        changed.into(),
        key.slice(..47),
        [key.as_ref(), &[0]].concat().into(),
        Bytes::new(),
        vec![0; 48].into(),
        vec![0xff; 48].into(),
        // The point at infinity.
        [&[0xc0][..], &[0; 47]].concat().into(),
    ] {
        refused(desk.publish(time, &wrong), FalseOpeningKey { time });
    }
    desk.publish(time, &key).unwrap();
}

#[test]
fn a_network_without_a_seal_key_opens_no_time() {
    let seal = Seal::new();
    let key = seal.opening_key(NOW);
    refused(Desk::of(SEALS).publish(NOW, &key), NoSealKey {});
}
