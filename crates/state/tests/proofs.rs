//! Proofs of value and absence over a real database, in the deterministic runtime.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::{Account, StateKey, StateValue};
use commonhold_state::{Db, ProofError, StateProof, cell, db};
use commonware_parallel::Sequential;
use commonware_runtime::{Runner as _, Supervisor as _, buffer::paged::CacheRef, deterministic};
use commonware_storage::qmdb::floor::Proportional;
use commonware_utils::{NZU16, NZUsize};

type TestDb = Db<deterministic::Context, Sequential>;

fn account(n: u64) -> (StateKey, StateValue) {
    let key = StateKey::Account(Address::from_word(U256::from(n + 1).into()));
    (
        key,
        StateValue::Account(Account {
            nonce: n,
            balance: U256::from(n),
            ..Account::default()
        }),
    )
}

/// A database with `n` accounts, and its root.
async fn filled(context: &deterministic::Context, n: u64) -> (TestDb, B256) {
    let cache = CacheRef::new(NZU16!(4084), NZUsize!(64));
    let config = db::config("test", cache, Sequential);
    let database = TestDb::init(context.child("db"), config, None)
        .await
        .unwrap();
    let mut batch = database.new_batch();
    for (key, value) in (0..n).map(account) {
        for (name, cell) in cell::encode(&key, Some(&value)).unwrap() {
            batch = batch.write(name, cell);
        }
    }
    let merkleized = batch
        .merkleize(&database, None, &mut Proportional)
        .await
        .unwrap();
    let database = database.apply_batch(merkleized).await.unwrap();
    let root = B256::from_slice(database.root().as_ref());
    (database, root)
}

#[test]
fn values_and_absence_are_proven() {
    deterministic::Runner::default().start(|context| async move {
        let (database, root) = filled(&context, 100).await;
        for (key, value) in (0..100).map(account) {
            let proof = StateProof::make(&database, &key).await.unwrap();
            let travelled = StateProof::from_bytes(&proof.to_bytes()).unwrap();
            assert_eq!(travelled.verify(root, &key), Ok(Some(value)));
        }
        let (absent, _) = account(100);
        let proof = StateProof::make(&database, &absent).await.unwrap();
        let travelled = StateProof::from_bytes(&proof.to_bytes()).unwrap();
        assert_eq!(travelled.verify(root, &absent), Ok(None));
    });
}

#[test]
fn an_empty_state_proves_absence() {
    deterministic::Runner::default().start(|context| async move {
        let (database, root) = filled(&context, 0).await;
        let (key, _) = account(0);
        let proof = StateProof::make(&database, &key).await.unwrap();
        assert_eq!(proof.verify(root, &key), Ok(None));
    });
}

#[test]
fn a_proof_holds_for_its_key_and_root_only() {
    deterministic::Runner::default().start(|context| async move {
        let (database, root) = filled(&context, 10).await;
        let (key, _) = account(3);
        let (other, _) = account(4);
        let (absent, _) = account(10);
        let proof = StateProof::make(&database, &key).await.unwrap();
        assert_eq!(proof.verify(B256::ZERO, &key), Err(ProofError::Mismatch));
        assert_eq!(proof.verify(root, &other), Err(ProofError::Mismatch));
        let exclusion = StateProof::make(&database, &absent).await.unwrap();
        assert_eq!(exclusion.verify(root, &key), Err(ProofError::Mismatch));
    });
}

#[test]
fn no_changed_byte_of_a_proof_verifies() {
    deterministic::Runner::default().start(|context| async move {
        let (database, root) = filled(&context, 50).await;
        let (present, value) = account(7);
        let (absent, _) = account(50);
        for (key, truth) in [(present, Some(value)), (absent, None)] {
            let bytes = StateProof::make(&database, &key).await.unwrap().to_bytes();
            for at in 0..bytes.len() {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1;
                let Ok(proof) = StateProof::from_bytes(&changed) else {
                    continue;
                };
                assert!(
                    proof.verify(root, &key).is_err(),
                    "byte {at} changed, {truth:?} still proven"
                );
            }
            assert!(StateProof::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        }
    });
}
