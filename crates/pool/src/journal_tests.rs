//! The journal over simulated storage.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{Address, B256};
use commonware_parallel::Sequential;
use commonware_runtime::{
    Blob as _, Clock, Handle, IoBuf, Runner as _, Spawner, Storage, Supervisor as _, WriteOptions,
    deterministic::{self, Context},
    tokio,
};
use futures::StreamExt as _;

use crate::{
    AccountView, Origin, Pool, PoolConfig,
    gossip::AccountReader,
    journal,
    limits::JOURNAL_BLOB_BYTES,
    submit::Submitter,
    testing::{CHAIN, Wallet, rich, transfer},
};

const PARTITION: &str = "journal";

#[derive(Clone)]
struct Accounts(u64);

impl AccountReader for Accounts {
    async fn accounts(&self, addresses: Vec<Address>) -> Option<Vec<AccountView>> {
        Some(vec![rich(self.0); addresses.len()])
    }
}

fn pool() -> Pool {
    Pool::new(PoolConfig::new(CHAIN, 0, 300_000_000))
}

/// Opens the journal of `pool` when every account's next nonce is `nonce`.
async fn open<E: Spawner + Clock + Storage>(context: &E, pool: &Pool, nonce: u64) -> Handle<()> {
    let context = context.child("journal");
    journal::start(
        context,
        pool.clone(),
        Accounts(nonce),
        Sequential,
        PARTITION.into(),
    )
    .await
    .unwrap()
}

async fn start<E: Spawner + Clock + Storage>(context: &E, nonce: u64) -> (Pool, Handle<()>) {
    let pool = pool();
    let journal = open(context, &pool, nonce).await;
    (pool, journal)
}

async fn names(context: &Context) -> Vec<u64> {
    let names = context.scan(PARTITION).await.unwrap();
    let mut names: Vec<u64> = names
        .iter()
        .map(|n| u64::from_be_bytes(n.as_slice().try_into().unwrap()))
        .collect();
    names.sort_unstable();
    names
}

fn run<F: Future<Output = ()>>(test: impl FnOnce(Context) -> F) {
    deterministic::Runner::timed(Duration::from_secs(120)).start(test);
}

/// On real files, because a simulated blob forgets what was not synced when it is dropped: that is the
/// end of a machine, not of a process.
#[test]
fn what_was_acknowledged_survives_and_what_became_final_meanwhile_does_not_return() {
    let directory = tempfile::tempdir().unwrap();
    let config = || tokio::Config::new().with_storage_directory(directory.path());
    let wallet = Wallet::new(1);
    tokio::Runner::new(config()).start(|context| async move {
        let (pool, _journal) = start(&context, 0).await;
        let submitter = Submitter::new(
            context.child("submit"),
            pool.clone(),
            Sequential,
            Accounts(0),
        );
        let raws = (0..10)
            .map(|nonce| Wallet::new(1).raw(transfer(nonce)))
            .collect();
        let answers = submitter.submit_all(raws).await;
        assert!(answers.iter().all(Result::is_ok));
        // Gossip is another member's to keep.
        pool.admit(Wallet::new(2).transfer(0), rich(0), Origin::Gossip)
            .unwrap();
    });
    for _ in 0..2 {
        let sender = wallet.address();
        tokio::Runner::new(config()).start(|context| async move {
            let pool = pool();
            let mut heard = pool.subscribe().unwrap();
            let _journal = open(&context, &pool, 3).await;
            for _ in 3..10 {
                heard.next().await.unwrap();
            }
            let pending = pool.content_from(&sender).pending;
            assert_eq!(
                pending.keys().copied().collect::<Vec<_>>(),
                (3..10).collect::<Vec<_>>()
            );
            assert_eq!(pool.len(), 7);
            assert!(pool.has_local(), "they are announced again");
            pool.saved().await;
        });
    }
}

#[test]
fn a_damaged_journal_gives_what_is_whole() {
    run(|context| async move {
        let framed =
            |raw: &[u8]| [&u32::try_from(raw.len()).unwrap().to_be_bytes()[..], raw].concat();
        let good = |nonce| framed(&Wallet::new(1).raw(transfer(nonce)));
        let cut_off = [good(0), framed(&[2, 1]), good(1), good(2)[..40].to_vec()].concat();
        let senseless = [vec![0xff; 100], good(3)].concat();
        for (name, bytes) in [(0u64, cut_off), (7, senseless)] {
            let (blob, _) = context.open(PARTITION, &name.to_be_bytes()).await.unwrap();
            blob.write_at(0, IoBuf::from(bytes), WriteOptions::SYNC)
                .await
                .unwrap();
        }
        let (pool, _journal) = start(&context, 0).await;
        context.sleep(Duration::from_millis(10)).await;
        assert_eq!(
            pool.content_from(&Wallet::new(1).address()).pending.len(),
            2
        );
        assert_eq!(names(&context).await, [8]);
    });
}

#[test]
fn it_does_not_grow_with_what_is_final() {
    run(|context| async move {
        let (pool, _journal) = start(&context, 0).await;
        let long = |wallet: &Wallet, nonce| {
            let input = vec![0; 100 * 1024];
            wallet.sign(alloy_consensus::TxEip1559 {
                gas_limit: 5_000_000,
                input: input.into(),
                ..transfer(nonce)
            })
        };
        let (stuck, busy) = (Wallet::new(1), Wallet::new(2));
        let waiting = pool
            .admit(long(&stuck, 1), rich(0), Origin::Local)
            .unwrap()
            .hash;
        let written = JOURNAL_BLOB_BYTES * 3 / (100 * 1024);
        for nonce in 0..written {
            let hash = pool
                .admit(long(&busy, nonce), rich(0), Origin::Local)
                .unwrap()
                .hash;
            pool.saved().await;
            pool.finalised(&[hash], &[(busy.address(), rich(nonce + 1))]);
            context.sleep(Duration::from_millis(1)).await;
        }
        let left = names(&context).await;
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0] >= 2, "full blobs were begun and removed");
        // The one that still waits was carried over each time, and goes when it is final.
        assert!(pool.get(&waiting).is_some());
        let mut hashes = vec![waiting];
        for nonce in written..written + 3 {
            hashes.push(
                pool.admit(long(&busy, nonce), rich(0), Origin::Local)
                    .unwrap()
                    .hash,
            );
        }
        pool.saved().await;
        pool.finalised(
            &hashes,
            &[
                (stuck.address(), rich(2)),
                (busy.address(), rich(written + 3)),
            ],
        );
        context.sleep(Duration::from_millis(50)).await;
        assert!(
            names(&context).await[0] > left[0],
            "an empty blob has taken its place"
        );
    });
}

#[test]
fn a_journal_that_cannot_be_written_does_not_stop_anybody() {
    run(|context| async move {
        let (pool, _journal) = start(&context, 0).await;
        pool.detach_journal();
        let tx = Arc::new(Wallet::new(1).transfer(0));
        let hash: B256 = pool.admit(tx, rich(0), Origin::Local).unwrap().hash;
        pool.saved().await;
        assert!(pool.get(&hash).is_some());
    });
}
