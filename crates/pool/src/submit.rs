//! The one way in for clients' transactions: whoever serves clients uses it.
//!
//! A transaction's sender is recovered on the calling task, it waits in [line](crate) for room instead
//! of being refused, and it is acknowledged once it is safe from a crash of this node. Taking and
//! acknowledging are two steps, so that one wait for the journal serves all the transactions of a
//! batch: [`Submitter::take`] for each, then [`Pool::saved`] once.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Bytes};
use commonhold_primitives::{
    Transaction,
    transaction::{TransactionError, recover},
};
use commonware_runtime::Clock;
use futures::future::{Either, select};

use crate::{
    AccountView, Admitted, NotKept, Origin, Pool, PoolError,
    entrance::{Entry, Place},
    gossip::AccountReader,
    limits::{SETTLE_WAIT_MAX_MS, SUBMIT_WAIT_MAX_MS},
};

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
    #[error("the node cannot read its state now: try again")]
    Unavailable,
}

impl From<NotKept> for SubmitError {
    fn from(error: NotKept) -> Self {
        Self::Pool(error.into())
    }
}

/// Lets a task wait. Every clock of the runtime is one.
pub trait Timer: Send + Sync + 'static {
    /// Waits for so long.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

impl<E: Clock> Timer for E {
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        Clock::sleep(self, duration)
    }
}

/// Takes clients' transactions.
#[derive(Clone, Debug)]
pub struct Submitter<T, A> {
    timer: T,
    pool: Pool,
    accounts: A,
}

impl<T: Timer, A: AccountReader> Submitter<T, A> {
    /// A submitter to `pool`.
    pub const fn new(timer: T, pool: Pool, accounts: A) -> Self {
        Self {
            timer,
            pool,
            accounts,
        }
    }

    /// Takes one transaction and answers when it is safe.
    ///
    /// # Errors
    /// [`SubmitError`] says why not.
    pub async fn submit(&self, raw: Bytes) -> Result<B256, SubmitError> {
        let hash = self.take(raw).await?;
        self.pool.saved().await?;
        Ok(hash)
    }

    /// Takes one transaction. Where the pool has no room it waits, up to [`SUBMIT_WAIT_MAX_MS`]. It must
    /// not be acknowledged to the client before [`Pool::saved`] has returned.
    ///
    /// # Errors
    /// [`SubmitError`] says why not. [`PoolError::AlreadyKnown`] acknowledges the transaction, so it is
    /// returned only once that one is safe.
    pub async fn take(&self, raw: Bytes) -> Result<B256, SubmitError> {
        let transaction = Arc::new(recover(raw, self.pool.config().chain_id)?);
        let account = self.account(&transaction).await?;
        let taken = match self.pool.enter(Arc::clone(&transaction), account) {
            Ok(Entry::Taken(admitted)) => Ok(admitted),
            Ok(Entry::Waits(place)) => self.wait(place, transaction, account).await,
            Err(error) => Err(error),
        };
        if taken == Err(PoolError::AlreadyKnown) {
            self.pool.saved().await?;
        }
        Ok(taken?.hash)
    }

    /// Waits in the line. When the time is over a place above the pool's soft limit will do.
    async fn wait(
        &self,
        mut place: Place,
        transaction: Arc<Transaction>,
        account: AccountView,
    ) -> Result<Admitted, PoolError> {
        let patience = self.timer.sleep(Duration::from_millis(SUBMIT_WAIT_MAX_MS));
        let answered = match select(pin!(place.turn()), pin!(patience)).await {
            Either::Left((answer, _)) => Some(answer),
            Either::Right(_) => None,
        };
        answered
            .or_else(|| place.leave())
            .unwrap_or_else(|| self.pool.admit(transaction, account, Origin::Local))
    }

    /// The sender's account. One that does not exist, yet wants to spend, may have been given its money
    /// in a block that another member showed a moment ago and that this one is about to apply: it gets
    /// one block's time.
    async fn account(&self, transaction: &Transaction) -> Result<AccountView, SubmitError> {
        let sender = transaction.sender();
        if let Some(account) = self.pool.known_account(&sender) {
            return Ok(account);
        }
        let mut blocks = self.pool.blocks();
        let account = self.read(sender).await?;
        if account != AccountView::default() || transaction.envelope().value().is_zero() {
            return Ok(account);
        }
        let patience = self.timer.sleep(Duration::from_millis(SETTLE_WAIT_MAX_MS));
        select(pin!(blocks.changed()), pin!(patience)).await;
        match self.pool.known_account(&sender) {
            Some(account) => Ok(account),
            None => self.read(sender).await,
        }
    }

    async fn read(&self, sender: Address) -> Result<AccountView, SubmitError> {
        let views = self.accounts.accounts(vec![sender]).await;
        views
            .and_then(|views| views.first().copied())
            .ok_or(SubmitError::Unavailable)
    }
}
