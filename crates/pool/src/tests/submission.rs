//! The way in for clients, in simulated time.

use std::time::Duration;

use alloy_consensus::TxEip1559;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use commonware_runtime::{Clock as _, Supervisor as _, deterministic::Context};
use futures::future::join_all;

use super::support::{Wallet, free, rich, run, small, transfer};
use crate::{
    AccountView, Pool, PoolError,
    gossip::AccountReader,
    limits::{SETTLE_WAIT_MAX_MS, SUBMIT_WAIT_MAX_MS},
    submit::{SubmitError, Submitter},
};

/// Every account is like this one.
#[derive(Clone)]
struct Accounts(Option<AccountView>);

impl AccountReader for Accounts {
    async fn accounts(&self, addresses: Vec<Address>) -> Option<Vec<AccountView>> {
        self.0.map(|view| vec![view; addresses.len()])
    }
}

fn submitter(context: &Context, pool: &Pool) -> Submitter<Context, Accounts> {
    let accounts = Accounts(Some(rich(0)));
    Submitter::new(context.child("submit"), pool.clone(), accounts)
}

type Answers = Vec<Result<B256, SubmitError>>;

#[test]
fn a_client_waits_for_room_and_loses_nothing() {
    run(|context| async move {
        let pool = small(64);
        let submitter = submitter(&context, &pool);
        let wallet = Wallet::new(1);
        let raw = |nonce| wallet.raw(transfer(nonce));
        let sending = async {
            let mut answers = Answers::new();
            for nonce in 0..100 {
                answers.push(submitter.submit(raw(nonce)).await);
            }
            answers
        };
        let blocks = async {
            let mut nonce = 0;
            for _ in 0..10 {
                context.sleep(Duration::from_secs(1)).await;
                let content = pool.content_from(&wallet.address()).pending;
                let included: Vec<B256> = content.values().take(10).map(|tx| tx.hash()).collect();
                nonce += included.len() as u64;
                pool.finalised(&included, &[(wallet.address(), rich(nonce))]);
            }
        };
        let (answers, ()) = futures::join!(sending, blocks);
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(pool.status().pending, 0);

        // Nothing makes room any more: when the wait is over the rest of the pool fills, then they are
        // refused by name.
        for nonce in 100..148 {
            submitter.submit(raw(nonce)).await.unwrap();
        }
        let wait = Duration::from_millis(SUBMIT_WAIT_MAX_MS);
        for (nonces, room) in [(148..156, true), (156..164, true), (164..172, false)] {
            let begun = context.current();
            let sent = nonces.map(|nonce| submitter.submit(raw(nonce)));
            let answers: Answers = join_all(sent).await;
            assert!(context.current().duration_since(begun).unwrap() >= wait);
            let full = Err(SubmitError::Pool(PoolError::PoolFull));
            assert!(answers.iter().all(|answer| answer.is_ok() == room));
            assert!(room || answers.iter().all(|answer| *answer == full));
        }
        assert_eq!(pool.len(), 64);
    });
}

#[test]
fn a_client_that_goes_away_leaves_the_line() {
    run(|context| async move {
        let pool = small(64);
        let submitter = submitter(&context, &pool);
        let wallet = Wallet::new(1);
        for nonce in 0..48 {
            submitter.submit(wallet.raw(transfer(nonce))).await.unwrap();
        }
        let waiting = Box::pin(submitter.submit(wallet.raw(transfer(48))));
        let second = context.sleep(Duration::from_secs(1));
        drop(futures::future::select(waiting, Box::pin(second)).await);
        assert_eq!(pool.0.core.lock().line.len(), 0);
    });
}

#[test]
fn many_clients_at_once_are_answered_each_for_itself() {
    run(|context| async move {
        let pool = free();
        let submitter = submitter(&context, &pool);
        let good = Wallet::new(1).raw(transfer(0));
        let bad = Bytes::from_static(&[2, 3]);
        let answers =
            join_all([good.clone(), bad, good.clone()].map(|raw| submitter.submit(raw))).await;
        assert_eq!(answers[0], Ok(keccak256(&good)));
        assert!(matches!(answers[1], Err(SubmitError::Transaction(_))));
        assert_eq!(answers[2], Err(SubmitError::Pool(PoolError::AlreadyKnown)));
        let blind = Submitter::new(context.child("blind"), pool, Accounts(None));
        let other = blind.submit(Wallet::new(2).raw(transfer(0))).await;
        assert_eq!(other, Err(SubmitError::Unavailable));
    });
}

#[test]
fn a_sender_that_the_next_block_pays_gets_that_blocks_time() {
    run(|context| async move {
        let pool = free();
        let poor = Accounts(Some(AccountView::default()));
        let submitter = Submitter::new(context.child("submit"), pool.clone(), poor);
        let spends = |seed| {
            Wallet::new(seed).raw(TxEip1559 {
                value: U256::from(5),
                ..transfer(0)
            })
        };
        let payment = async {
            context.sleep(Duration::from_millis(50)).await;
            pool.finalised(&[], &[(Wallet::new(1).address(), rich(0))]);
        };
        let (answer, ()) = futures::join!(submitter.submit(spends(1)), payment);
        answer.unwrap();

        let begun = context.current();
        let answer = submitter.submit(spends(2)).await;
        let funds = matches!(
            answer,
            Err(SubmitError::Pool(PoolError::InsufficientFunds { .. }))
        );
        assert!(funds);
        let waited = context.current().duration_since(begun).unwrap();
        assert!(waited >= Duration::from_millis(SETTLE_WAIT_MAX_MS));
        // One that spends nothing need not exist.
        let begun = context.current();
        submitter
            .submit(Wallet::new(3).raw(transfer(0)))
            .await
            .unwrap();
        let waited = context.current().duration_since(begun).unwrap();
        assert!(waited < Duration::from_millis(SETTLE_WAIT_MAX_MS));
    });
}
