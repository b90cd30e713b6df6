//! How a client's transactions come in: their senders are recovered in parallel, they wait for room
//! instead of being refused, and they are acknowledged once they are safe from a crash of this node.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use alloy_primitives::{B256, Bytes};
use commonhold_primitives::{
    Transaction,
    transaction::{TransactionError, recover},
};
use commonware_parallel::Strategy;
use commonware_runtime::Clock;
use futures::{future::select, pin_mut};

use crate::{Origin, Pool, PoolError, gossip::AccountReader, limits::SUBMIT_WAIT_MAX_MS};

/// Why a client's transaction is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// It is not a transaction for this network.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The pool refuses it.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The node cannot read its state now.
    #[error("the node cannot read its state now")]
    Unavailable,
}

/// Takes clients' transactions. Cheap to clone.
#[derive(Debug)]
pub struct Submitter<E, S, A> {
    clock: Arc<E>,
    pool: Pool,
    strategy: S,
    accounts: A,
    wait: Duration,
}

impl<E, S: Clone, A: Clone> Clone for Submitter<E, S, A> {
    fn clone(&self) -> Self {
        Self {
            clock: Arc::clone(&self.clock),
            pool: self.pool.clone(),
            strategy: self.strategy.clone(),
            accounts: self.accounts.clone(),
            wait: self.wait,
        }
    }
}

impl<E: Clock, S: Strategy, A: AccountReader> Submitter<E, S, A> {
    /// A submitter to `pool` that lets a call wait for [`SUBMIT_WAIT_MAX_MS`].
    pub fn new(clock: E, pool: Pool, strategy: S, accounts: A) -> Self {
        let wait = Duration::from_millis(SUBMIT_WAIT_MAX_MS);
        Self {
            clock: Arc::new(clock),
            pool,
            strategy,
            accounts,
            wait,
        }
    }

    /// Takes one transaction; see [`Submitter::submit_all`].
    ///
    /// # Errors
    /// [`SubmitError`] says why not.
    pub async fn submit(&self, raw: Bytes) -> Result<B256, SubmitError> {
        self.submit_all(vec![raw])
            .await
            .pop()
            .unwrap_or(Err(SubmitError::Unavailable))
    }

    /// Takes transactions in their order and answers for each. Where the pool has no room the call
    /// waits, all of it together not longer than [`SUBMIT_WAIT_MAX_MS`]. What is answered with a hash
    /// is in the journal, where the node keeps one.
    pub async fn submit_all(&self, raws: Vec<Bytes>) -> Vec<Result<B256, SubmitError>> {
        let chain_id = self.pool.config().chain_id;
        let recovered = self
            .strategy
            .spawn(raws.len(), move |strategy| {
                strategy.map_collect_vec(raws, |raw| recover(raw, chain_id))
            })
            .await;
        let deadline = self.clock.current() + self.wait;
        let mut answers = Vec::new();
        for transaction in recovered {
            answers.push(match transaction {
                Ok(transaction) => self.take(transaction, deadline).await,
                Err(error) => Err(error.into()),
            });
        }
        let acknowledges = |answer: &Result<B256, SubmitError>| {
            matches!(
                answer,
                Ok(_) | Err(SubmitError::Pool(PoolError::AlreadyKnown))
            )
        };
        if answers.iter().any(acknowledges)
            && let Err(error) = self.pool.saved().await
        {
            for answer in answers.iter_mut().filter(|answer| acknowledges(answer)) {
                *answer = Err(PoolError::from(error).into());
            }
        }
        answers
    }

    async fn take(
        &self,
        transaction: Transaction,
        deadline: SystemTime,
    ) -> Result<B256, SubmitError> {
        let transaction = Arc::new(transaction);
        let sender = transaction.sender();
        // From here on no change goes unnoticed.
        let mut room = self.pool.room();
        loop {
            let account = match self.pool.known_account(&sender) {
                Some(account) => account,
                None => {
                    let read = self.accounts.accounts(vec![sender]).await;
                    read.and_then(|views| views.first().copied())
                        .ok_or(SubmitError::Unavailable)?
                }
            };
            let late = self.clock.current() >= deadline;
            if late || self.pool.has_room(&sender) || self.pool.knows(&transaction.hash()) {
                match self
                    .pool
                    .admit(Arc::clone(&transaction), account, Origin::Local)
                {
                    Err(error) if error.is_full() && !late => {}
                    other => return Ok(other?.hash),
                }
            }
            let (changed, out_of_time) = (room.changed(), self.clock.sleep_until(deadline));
            pin_mut!(changed, out_of_time);
            select(changed, out_of_time).await;
        }
    }
}
