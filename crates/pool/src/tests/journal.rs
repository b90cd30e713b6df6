//! The journal over simulated storage.

use std::time::Duration;

use alloy_primitives::{Address, Bytes};
use commonware_parallel::Sequential;
use commonware_runtime::{
    Blob as _, Clock, Handle, IoBuf, Runner as _, Spawner, Storage, Supervisor as _, WriteOptions,
    deterministic::{self, Context, FaultConfig, PartialWriteMode, WriteConfig},
    tokio,
};
use commonware_utils::probability;
use futures::StreamExt as _;

use super::support::{CHAIN, Wallet, rich, run, transfer, until};
use crate::{
    AccountView, NotKept, Origin, Pool, PoolConfig, PoolError,
    gossip::AccountReader,
    journal, limits,
    limits::JOURNAL_BLOB_BYTES,
    submit::{SubmitError, Submitter},
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

fn submitter(context: &Context, pool: &Pool) -> Submitter<Context, Accounts> {
    Submitter::new(context.child("submit"), pool.clone(), Accounts(0))
}

fn raw(seed: u64, nonce: u64) -> Bytes {
    Wallet::new(seed).raw(transfer(nonce))
}

/// Lets simulated time pass until the names of the blobs are so, or fails.
async fn until_names(context: &Context, what: &str, done: impl Fn(&[u64]) -> bool) {
    for _ in 0..2_000 {
        if done(&names(context).await) {
            return;
        }
        context.sleep(Duration::from_millis(10)).await;
    }
    let names = names(context).await;
    panic!("{what}: not within twenty simulated seconds: {names:?}");
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
        let submitter = Submitter::new(context.child("submit"), pool.clone(), Accounts(0));
        for nonce in 0..10 {
            submitter.submit(raw(1, nonce)).await.unwrap();
        }
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
            pool.saved().await.unwrap();
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
        until_names(&context, "both are read", |names| names == [8]).await;
        assert_eq!(
            pool.content_from(&Wallet::new(1).address()).pending.len(),
            2
        );
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
            pool.saved().await.unwrap();
            pool.finalised(&[hash], &[(busy.address(), rich(nonce + 1))]);
        }
        until_names(&context, "full blobs are removed", |left| {
            left.len() == 1 && left[0] >= 2
        })
        .await;
        let left = names(&context).await;
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
        pool.saved().await.unwrap();
        pool.finalised(
            &hashes,
            &[
                (stuck.address(), rich(2)),
                (busy.address(), rich(written + 3)),
            ],
        );
        until_names(&context, "an empty blob takes its place", |names| {
            names.len() == 1 && names[0] > left[0]
        })
        .await;
    });
}

/// Nothing survives the simulated end of a machine but what was synced, and parts of the rest.
fn torn(mode: PartialWriteMode) -> FaultConfig {
    FaultConfig::default().write(WriteConfig {
        failure_rate: probability!(0.0),
        retention_rate: probability!(0.7),
        mode,
    })
}

#[test]
fn what_was_acknowledged_survives_the_end_of_the_machine() {
    for mode in [PartialWriteMode::Prefix, PartialWriteMode::Subset] {
        let config = deterministic::Config::new().with_storage_fault_config(torn(mode));
        let runner = deterministic::Runner::new(config);
        let (acknowledged, checkpoint) = runner.start_and_recover(|context| async move {
            let (pool, _journal) = start(&context, 0).await;
            let submitter = submitter(&context, &pool);
            let mut acknowledged = Vec::new();
            for nonce in 0..20 {
                acknowledged.push(submitter.submit(raw(1, nonce)).await.unwrap());
            }
            // These are on their way to the disk when the machine ends.
            for nonce in 20..40 {
                pool.admit(Wallet::new(1).transfer(nonce), rich(0), Origin::Local)
                    .unwrap();
            }
            acknowledged
        });
        deterministic::Runner::from(checkpoint).start(|context| async move {
            let (pool, _journal) = start(&context, 0).await;
            until(&context, "taken again", || {
                acknowledged.iter().all(|hash| pool.get(hash).is_some())
            })
            .await;
        });
    }
}

/// Every way in which a disk may refuse.
fn refusals() -> [FaultConfig; 3] {
    let write = |mode| WriteConfig {
        failure_rate: probability!(1.0),
        retention_rate: probability!(0.5),
        mode,
    };
    [
        FaultConfig::default().write(write(PartialWriteMode::Prefix)),
        FaultConfig::default()
            .write(write(PartialWriteMode::Subset))
            .remove(probability!(1.0)),
        FaultConfig::default()
            .sync(probability!(1.0))
            .open(probability!(1.0)),
    ]
}

#[test]
fn while_the_disk_refuses_clients_are_refused_and_gossip_is_not() {
    for refusal in refusals() {
        run(|context| async move {
            let (pool, _journal) = start(&context, 0).await;
            let submitter = submitter(&context, &pool);
            let kept = submitter.submit(raw(1, 0)).await.unwrap();
            *context.storage_fault_config().write() = refusal;

            let refused = Err(SubmitError::Pool(PoolError::NotKept(NotKept)));
            // The first one finds out.
            assert_eq!(submitter.submit(raw(1, 1)).await, refused);
            // The others do not even get in, not those that the pool knows either.
            assert_eq!(submitter.submit(raw(1, 2)).await, refused);
            assert_eq!(submitter.submit(raw(1, 1)).await, refused);
            assert_eq!(pool.saved().await, Err(NotKept));
            assert_eq!(
                pool.content_from(&Wallet::new(1).address()).pending.len(),
                2
            );
            assert_eq!(pool.counters().journal_failing.get(), 1);
            let gossip = Wallet::new(2).transfer(0);
            pool.admit(gossip, rich(0), Origin::Gossip).unwrap();
            pool.finalised(&[kept], &[(Wallet::new(1).address(), rich(1))]);
            // It tries again now and then, and finds the disk as it was.
            context.sleep(Duration::from_secs(60)).await;
            assert_eq!(submitter.submit(raw(1, 2)).await, refused);

            *context.storage_fault_config().write() = FaultConfig::default();
            until(&context, "clients are welcome", || {
                pool.counters().journal_failing.get() == 0
            })
            .await;
            assert_eq!(pool.saved().await, Ok(()));
            // What was refused then is known now, and is acknowledged by that answer.
            let known = Err(SubmitError::Pool(PoolError::AlreadyKnown));
            assert_eq!(submitter.submit(raw(1, 1)).await, known);
            submitter.submit(raw(1, 2)).await.unwrap();
            until_names(&context, "no litter of attempts", |names| names.len() <= 3).await;
        });
    }
}

#[test]
fn what_was_acknowledged_around_a_refusal_is_there_after_the_end_of_the_machine() {
    for refusal in refusals() {
        let runner = deterministic::Runner::timed(Duration::from_secs(120));
        let (acknowledged, checkpoint) = runner.start_and_recover(|context| async move {
            let (pool, _journal) = start(&context, 0).await;
            let submitter = submitter(&context, &pool);
            let before = submitter.submit(raw(1, 0)).await.unwrap();
            *context.storage_fault_config().write() = refusal;
            submitter.submit(raw(1, 1)).await.unwrap_err();
            *context.storage_fault_config().write() = torn(PartialWriteMode::Subset);
            until(&context, "clients are welcome", || {
                pool.counters().journal_failing.get() == 0
            })
            .await;
            let after = submitter.submit(raw(1, 2)).await.unwrap();
            [before, after]
        });
        deterministic::Runner::from(checkpoint).start(|context| async move {
            let (pool, _journal) = start(&context, 0).await;
            until(&context, "taken again", || {
                acknowledged.iter().all(|hash| pool.get(hash).is_some())
            })
            .await;
        });
    }
}

#[test]
fn under_load_many_share_one_sync_and_one_alone_does_not_wait() {
    run(|context| async move {
        let (pool, _journal) = start(&context, 0).await;
        let submitter = submitter(&context, &pool);
        let begun = context.current();
        submitter.submit(raw(0, 0)).await.unwrap();
        let alone = context.current().duration_since(begun).unwrap();
        assert!(alone < Duration::from_millis(limits::JOURNAL_PACE_MIN_MS));
        // A thousand of them, about one in each millisecond.
        let (begun, alone) = (context.current(), pool.counters().journal_writes.get());
        for nonce in 0..1_000 {
            pool.admit(Wallet::new(1).transfer(nonce), rich(0), Origin::Local)
                .unwrap();
            context.sleep(Duration::from_millis(1)).await;
        }
        pool.saved().await.unwrap();
        let writes = pool.counters().journal_writes.get() - alone;
        let millis = context.current().duration_since(begun).unwrap().as_millis();
        let most = u64::try_from(millis).unwrap() / limits::JOURNAL_PACE_MIN_MS + 2;
        assert!(writes <= most, "{writes} writes in {millis} ms");
    });
}
