//! Any quorum opens; nobody else does; whoever lies is named.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;

use alloy_primitives::B256;
use common::{dealt, flips, opening, partials, record, rng, sealed};
use commonhold_seal::{
    DataKey, Group, Identity, Namespace, OpeningKey, Partial, SealError, SealKey, SealShare,
    SealedKey, Target, deal, limits::PARTIALS_MAX,
};
use proptest::{prelude::*, sample::subsequence};

#[test]
fn a_quorum_is_two_thirds_and_one() {
    for (members, threshold) in [(1, 1), (2, 2), (3, 3), (4, 3), (7, 5), (10, 7), (100, 67)] {
        let (group, shares) = dealt(members);
        assert_eq!(group.members(), members);
        assert_eq!(group.threshold(), threshold);
        assert_eq!(shares.len(), members as usize);
        for (place, share) in shares.iter().enumerate() {
            assert_eq!(share.member() as usize, place);
            group.check(share).unwrap();
        }
    }
    for members in [0, 101, u32::MAX] {
        assert!(matches!(
            deal(members, &mut rng(0)).unwrap_err(),
            SealError::Group(_)
        ));
    }
}

#[test]
fn every_quorum_of_four_opens_and_no_pair_does() {
    let (group, shares) = dealt(4);
    let target = record(1, 0);
    let (key, sealed) = sealed(&group, &target);
    let all = partials(&shares, &target);
    for mask in 0u32..16 {
        let some: Vec<Partial> = (0..4)
            .filter(|i| mask & (1 << i) != 0)
            .map(|i| all[i].clone())
            .collect();
        match group.combine(&target, &some) {
            Ok(combined) => {
                assert!(some.len() >= 3);
                combined.opening.verify(&group.key(), &target).unwrap();
                let opened = sealed.open(&combined.opening).unwrap();
                assert_eq!(opened.as_bytes(), key.as_bytes());
            }
            Err(e) => {
                assert!(some.len() < 3);
                let good = u32::try_from(some.len()).unwrap();
                assert_eq!(
                    e,
                    SealError::NotEnough {
                        need: 3,
                        good,
                        blamed: vec![]
                    }
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_quorum_gives_the_same_opening_and_one_less_gives_none(
        seed in any::<u64>(),
        order in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (group, shares) = deal(7, &mut rng(seed)).unwrap();
        let target = record(2, seed);
        let all = partials(&shares, &target);
        let pick = |count: usize| order[..count].iter().map(|i| all[*i].clone()).collect::<Vec<_>>();
        let whole = group.combine(&target, &all).unwrap().opening.to_bytes();
        prop_assert_eq!(group.combine(&target, &pick(5)).unwrap().opening.to_bytes(), whole);
        let refused = group.combine(&target, &pick(4)).unwrap_err();
        prop_assert_eq!(refused, SealError::NotEnough { need: 5, good: 4, blamed: vec![] });
    }

    #[test]
    fn liars_up_to_f_are_named_and_more_stop_it(
        liars in subsequence((0..7u32).collect::<Vec<_>>(), 0..=7),
        kind in 0..3u8,
    ) {
        let (group, shares) = dealt(7);
        let target = record(3, 0);
        let all: Vec<Partial> = shares
            .iter()
            .map(|share| if liars.contains(&share.member()) { lie(kind, share, &target) } else { share.partial(&target) })
            .collect();
        match group.combine(&target, &all) {
            Ok(combined) => {
                prop_assert!(liars.len() <= 2);
                combined.opening.verify(&group.key(), &target).unwrap();
                // Whoever was not needed is not looked at.
                let looked_at = liars.iter().any(|liar| *liar < 5);
                prop_assert_eq!(combined.blamed, if looked_at { liars } else { vec![] });
            }
            Err(e) => {
                prop_assert!(liars.len() > 2);
                let good = 7 - u32::try_from(liars.len()).unwrap();
                prop_assert_eq!(e, SealError::NotEnough { need: 5, good, blamed: liars });
            }
        }
    }
}

/// A partial of another identity, of another share, or of the negated share.
fn lie(kind: u8, share: &SealShare, target: &Target<'_>) -> Partial {
    match kind {
        0 => share.partial(&record(0xee, 0)),
        1 => {
            let other = SealShare::from_secret_bytes(share.member(), &[5; 32]).unwrap();
            other.partial(target)
        }
        _ => {
            // The sign of a compressed point is one bit.
            let mut signature = *share.partial(target).signature();
            signature[0] ^= 0x20;
            Partial::from_signature(share.member(), &signature).unwrap()
        }
    }
}

#[test]
fn partials_of_nobody_and_partials_in_anothers_name_do_no_harm() {
    let (group, shares) = dealt(4);
    let target = record(4, 0);
    let mut all = partials(&shares, &target);
    let stranger = Partial::from_signature(9, all[0].signature().as_slice()).unwrap();
    let forged = |member: usize| lie(0, &shares[member], &target);
    // A forgery beside each member's own, and before it.
    for member in 0..4 {
        all.insert(0, forged(member));
    }
    all.push(stranger);
    let combined = group.combine(&target, &all).unwrap();
    combined.opening.verify(&group.key(), &target).unwrap();
    assert_eq!(combined.blamed, [0, 1, 2, 3, 9]);

    let many = vec![all[0].clone(); PARTIALS_MAX + 1];
    assert_eq!(
        group.combine(&target, &many).unwrap_err(),
        SealError::TooManyPartials(PARTIALS_MAX + 1)
    );
    assert!(matches!(
        group.combine(&target, &many[..PARTIALS_MAX]).unwrap_err(),
        SealError::NotEnough { good: 0, .. }
    ));
}

#[test]
fn nothing_opens_under_another_identity() {
    let (group, shares) = dealt(4);
    let target = record(5, 7);
    let (_, sealed) = sealed(&group, &target);
    let other = Namespace::new(b"commonhold/seal/v2").unwrap();
    let bytes = B256::repeat_byte(5);
    let day = "2026-11-25".parse().unwrap();
    for wrong in [
        record(6, 7),
        record(5, 6),
        record(5, 8),
        Identity::StreamDay { stream: bytes, day }.here(),
        Identity::Time(7).here(),
        Identity::External(bytes.0).here(),
        Target {
            namespace: other,
            ..target
        },
    ] {
        let opening = opening(&group, &shares, &wrong);
        opening.verify(&group.key(), &wrong).unwrap();
        assert_eq!(
            opening.verify(&group.key(), &target),
            Err(SealError::FalseOpening)
        );
        assert_eq!(sealed.open(&opening).unwrap_err(), SealError::DoesNotOpen);
        assert!(matches!(
            group.combine(&target, &partials(&shares, &wrong)).unwrap_err(),
            SealError::NotEnough { good: 0, blamed, .. } if blamed == [0, 1, 2, 3]
        ));
    }
    // Nor under another network's key.
    let (others, their_shares) = deal(4, &mut rng(77)).unwrap();
    let theirs = common::opening(&others, &their_shares, &target);
    assert_eq!(sealed.open(&theirs).unwrap_err(), SealError::DoesNotOpen);
    assert_eq!(
        theirs.verify(&group.key(), &target),
        Err(SealError::FalseOpening)
    );
    assert_eq!(group.check(&their_shares[1]), Err(SealError::WrongShare(1)));
}

#[test]
fn a_time_opens_for_everyone_and_only_it() {
    let (group, shares) = dealt(4);
    let deadline = Identity::Time(1_900_000_000).here();
    let (key, sealed) = sealed(&group, &deadline);
    // What is published is plain bytes, and anybody can check them.
    let published: Vec<_> = shares
        .iter()
        .map(|share| *share.partial(&deadline).to_bytes())
        .collect();
    let read: Vec<Partial> = published
        .iter()
        .map(|bytes| Partial::from_bytes(bytes).unwrap())
        .collect();
    for partial in &read {
        partial.verify(&group, &deadline).unwrap();
        assert_eq!(
            partial.verify(&group, &Identity::Time(1_900_000_001).here()),
            Err(SealError::FalsePartial(partial.member()))
        );
    }
    let opening = group.combine(&deadline, &read[1..]).unwrap().opening;
    let opening = OpeningKey::from_bytes(opening.to_bytes().as_slice()).unwrap();
    opening.verify(&group.key(), &deadline).unwrap();
    assert_eq!(sealed.open(&opening).unwrap().as_bytes(), key.as_bytes());
}

#[test]
fn no_changed_byte_passes() {
    let (group, shares) = dealt(4);
    let target = record(8, 0);
    let (_, sealed) = sealed(&group, &target);
    let opening = opening(&group, &shares, &target);

    for (at, flipped) in flips(&sealed.to_bytes()) {
        match SealedKey::from_bytes(&flipped) {
            Ok(changed) => assert_eq!(
                changed.open(&opening).unwrap_err(),
                SealError::DoesNotOpen,
                "byte {at}"
            ),
            Err(e) => assert!(matches!(e, SealError::Malformed { .. }), "byte {at}: {e}"),
        }
    }
    for (at, flipped) in flips(opening.to_bytes().as_slice()) {
        match OpeningKey::from_bytes(&flipped) {
            Ok(changed) => {
                assert_eq!(
                    changed.verify(&group.key(), &target),
                    Err(SealError::FalseOpening)
                );
                assert_eq!(sealed.open(&changed).unwrap_err(), SealError::DoesNotOpen);
            }
            Err(e) => assert!(matches!(e, SealError::Malformed { .. }), "byte {at}: {e}"),
        }
    }
    for (at, flipped) in flips(shares[2].partial(&target).to_bytes().as_slice()) {
        match Partial::from_bytes(&flipped) {
            Ok(changed) => assert_eq!(
                changed.verify(&group, &target),
                Err(SealError::FalsePartial(changed.member())),
                "byte {at}"
            ),
            Err(e) => assert!(matches!(e, SealError::Malformed { .. }), "byte {at}: {e}"),
        }
    }
}

#[test]
fn what_is_too_short_too_long_or_infinite_does_not_decode() {
    let (group, shares) = dealt(4);
    let target = record(9, 0);
    let (_, sealed) = sealed(&group, &target);
    let opening = opening(&group, &shares, &target).to_bytes().to_vec();
    let partial = shares[0].partial(&target).to_bytes().to_vec();
    let malformed = |e: SealError| assert!(matches!(e, SealError::Malformed { .. }), "{e}");
    for bytes in changed_lengths(&sealed.to_bytes()) {
        malformed(SealedKey::from_bytes(&bytes).unwrap_err());
    }
    for bytes in changed_lengths(&opening) {
        malformed(OpeningKey::from_bytes(&bytes).unwrap_err());
    }
    for bytes in changed_lengths(&partial) {
        malformed(Partial::from_bytes(&bytes).unwrap_err());
    }
    for bytes in changed_lengths(&group.key().to_bytes()) {
        malformed(SealKey::from_bytes(&bytes).unwrap_err());
    }
    for bytes in changed_lengths(&group.to_bytes()) {
        malformed(Group::from_bytes(&bytes).unwrap_err());
    }
    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    malformed(SealKey::from_bytes(&infinity).unwrap_err());
    malformed(OpeningKey::from_bytes(&infinity[..48]).unwrap_err());
    malformed(Partial::from_signature(0, &infinity[..48]).unwrap_err());
    let mut zero = sealed.to_bytes();
    zero[..96].copy_from_slice(&infinity);
    malformed(SealedKey::from_bytes(&zero).unwrap_err());
    malformed(SealShare::from_secret_bytes(0, &[0; 32]).unwrap_err());
    malformed(SealShare::from_secret_bytes(0, &[0xff; 32]).unwrap_err());
}

/// A point of the curve that is in no subgroup of ours: the smallest that decompresses.
#[test]
fn points_outside_of_the_group_do_not_decode() {
    let mut outside = 0;
    for x in 1u8..40 {
        let mut bytes = [0; 48];
        bytes[0] = 0x80;
        bytes[47] = x;
        let Err(SealError::Malformed { why, .. }) = OpeningKey::from_bytes(&bytes) else {
            panic!("a point outside of the group passed");
        };
        outside += u32::from(why.contains("Outside"));
        let mut bytes = [0; 96];
        bytes[0] = 0x80;
        bytes[95] = x;
        let Err(SealError::Malformed { why, .. }) = SealKey::from_bytes(&bytes) else {
            panic!("a point outside of the group passed");
        };
        outside += u32::from(why.contains("Outside"));
    }
    assert!(outside > 10, "{outside}");
}

fn changed_lengths(bytes: &[u8]) -> [Vec<u8>; 3] {
    [
        Vec::new(),
        bytes[..bytes.len() - 1].to_vec(),
        [bytes, &[0]].concat(),
    ]
}

#[test]
fn a_group_that_fewer_or_more_could_open_is_refused() {
    let (group, _) = dealt(4);
    assert_eq!(Group::from_bytes(&group.to_bytes()).unwrap(), group);
    // mode u8 ‖ total u32 ‖ varint of coefficients ‖ coefficients
    let bytes = group.to_bytes();
    assert_eq!(bytes.len(), 1 + 4 + 1 + 3 * 96);
    let with = |total: u32, coefficients: usize| {
        let mut bytes = [&bytes[..1], &total.to_be_bytes()].concat();
        bytes.push(u8::try_from(coefficients).unwrap());
        let point = &group.to_bytes()[6..102];
        for _ in 0..coefficients {
            bytes.extend_from_slice(point);
        }
        bytes
    };
    assert!(Group::from_bytes(&with(4, 3)).is_ok());
    for (total, coefficients) in [(4, 1), (4, 2), (4, 4), (7, 3), (3, 2), (1, 2)] {
        assert!(
            matches!(
                Group::from_bytes(&with(total, coefficients)),
                Err(SealError::Group(_))
            ),
            "{coefficients} of {total}"
        );
    }
    for total in [0, 101, u32::MAX] {
        assert!(matches!(
            Group::from_bytes(&with(total, 3)),
            Err(SealError::Malformed { .. })
        ));
    }
}

#[test]
fn secrets_do_not_print() {
    let (group, shares) = dealt(4);
    let target = record(1, 0);
    let (key, _) = sealed(&group, &target);
    let opening = opening(&group, &shares, &target);
    let partial = shares[3].partial(&target);
    let printed: BTreeSet<String> = [
        format!("{key:?}"),
        format!("{opening:?}"),
        format!("{partial:?}"),
        format!("{:?}", shares[3]),
    ]
    .into();
    assert_eq!(
        printed,
        [
            "DataKey".to_owned(),
            "OpeningKey".to_owned(),
            "Partial of member 3".to_owned(),
            "SealShare of member 3".to_owned()
        ]
        .into()
    );
}

#[test]
fn sealing_twice_gives_two_sealed_keys() {
    let (group, _) = dealt(4);
    let target = record(1, 0);
    let key = DataKey::from_bytes(&[1; 32]);
    let mut rng = rng(5);
    let first = SealedKey::seal(&group.key(), &target, &key, &mut rng).unwrap();
    let second = SealedKey::seal(&group.key(), &target, &key, &mut rng).unwrap();
    assert_ne!(first, second);
    assert_ne!(first.digest(), second.digest());
}
