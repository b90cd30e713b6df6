#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use alloy_primitives::B256;
use commonhold_primitives::consensus::NAMESPACE;
use commonware_consensus::{
    simplex::types::{Notarize, Nullify, Proposal},
    types::{Epoch, Round},
};
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal,
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
};
use commonware_runtime::{Runner as _, Supervisor as _, deterministic};
use commonware_utils::{N3f1, NZU16, TestRng, ordered::Set};

use super::*;

/// The signers of a network of four.
fn schemes(seed: u64) -> Vec<Scheme> {
    let keys: Vec<_> = (1..=4)
        .map(|i| PrivateKey::from_seed(i).public_key())
        .collect();
    let set = Set::from_iter_dedup(keys.iter().cloned());
    let (dealt, shares) =
        deal::<MinSig, _, N3f1>(TestRng::new(seed), Mode::NonZeroCounter, set.clone()).unwrap();
    let scheme = |key| {
        let share = shares.get_value(key).unwrap().clone();
        Scheme::signer(NAMESPACE, set.clone(), dealt.public().clone(), share).unwrap()
    };
    keys.iter().map(scheme).collect()
}

fn round(view: u64) -> Round {
    Round::new(Epoch::zero(), View::new(view))
}

fn notarize(scheme: &Scheme, view: u64) -> Entry {
    let payload = BlockHash(B256::with_last_byte(7));
    let proposal = Proposal::new(round(view), View::new(view - 1), payload);
    Artifact::Notarize(Notarize::sign(scheme, proposal).unwrap())
}

fn nullify(scheme: &Scheme, view: u64) -> Entry {
    Artifact::Nullify(Nullify::sign::<BlockHash>(scheme, round(view)).unwrap())
}

/// What is said of a journal with these entries, where the last final block is of round `newest`.
fn checked(entries: Vec<Entry>, me: &Scheme, newest: u64) -> Result<(), StartError> {
    let me = me.clone();
    deterministic::Runner::default().start(|context| async move {
        let cache = CacheRef::new(NZU16!(1024), NZUsize!(8));
        let config = config("m", Epoch::zero(), cache.clone(), &me);
        let mut journal = Journal::init(context.child("before"), config)
            .await
            .unwrap();
        for entry in entries {
            let section = entry.view().get();
            (journal, _, _) = journal.append(section, &entry).await.unwrap();
        }
        drop(journal.sync_all().await.unwrap());
        // Looking changes nothing: the second look sees the same.
        let first = check(
            context.child("first"),
            "m",
            cache.clone(),
            &me,
            round(newest),
        )
        .await;
        let second = check(context.child("second"), "m", cache, &me, round(newest)).await;
        assert_eq!(first.is_ok(), second.is_ok());
        first.map(|_| ())
    })
}

#[test]
fn journals_of_epochs_that_are_over_are_deleted_but_for_the_last() {
    deterministic::Runner::default().start(|context| async move {
        let past = Past::new("m".into(), NonZeroU64::new(32).unwrap());
        let begun = async |epochs: core::ops::Range<u64>| {
            let mut begun = Vec::new();
            for epoch in epochs {
                if is_begun(&context, "m", Epoch::new(epoch)).await {
                    begun.push(epoch);
                }
            }
            begun
        };
        let begin = async |epoch: u64| {
            let partition = partition("m", Epoch::new(epoch));
            drop(context.open(&partition, b"0").await.unwrap());
        };
        past.forget_before(&context, Epoch::zero()).await;
        for epoch in 3..8 {
            begin(epoch).await;
        }
        past.forget_before(&context, Epoch::new(6)).await;
        assert_eq!(begun(0..9).await, [5, 6, 7]);
        // Within an epoch nothing goes; at its border what is two behind.
        for number in 7 * 32 + 1..8 * 32 {
            past.passed(&context, number).await;
        }
        assert_eq!(begun(0..9).await, [5, 6, 7]);
        past.passed(&context, 7 * 32).await;
        assert_eq!(begun(0..9).await, [6, 7]);
        past.forget_before(&context, Epoch::new(7)).await;
        assert_eq!(begun(0..9).await, [6, 7]);
    });
}

#[test]
fn a_members_own_votes_are_gone_on_from() {
    let me = &schemes(1)[0];
    checked(vec![], me, 0).unwrap();
    let votes = vec![notarize(me, 1), nullify(me, 2), notarize(me, 3)];
    checked(votes.clone(), me, 0).unwrap();
    checked(votes, me, 3).unwrap();
}

#[test]
fn votes_that_end_before_the_blocks_are_refused() {
    let me = &schemes(1)[0];
    for (votes, journal) in [(vec![], 0), (vec![notarize(me, 1), nullify(me, 2)], 2)] {
        match checked(votes, me, 3).unwrap_err() {
            StartError::VotesMissing {
                journal: found,
                blocks: 3,
            } => assert_eq!(found, journal),
            other => unreachable!("{other}"),
        }
    }
}

#[test]
fn votes_of_another_are_refused() {
    let (here, elsewhere) = (schemes(1), schemes(2));
    for other in [&here[1], &elsewhere[0]] {
        for vote in [notarize(other, 2), nullify(other, 2)] {
            let said = checked(vec![notarize(&here[0], 1), vote], &here[0], 1).unwrap_err();
            assert!(
                matches!(said, StartError::ForeignVote { round: 2 }),
                "{said}"
            );
        }
    }
}
