//! The way in for a client's transaction: into the pool, or into the line before it.

use std::sync::Arc;

use commonhold_primitives::Transaction;
use commonware_utils::channel::oneshot;

use crate::{
    AccountView, Admitted, Origin, Pool, PoolError, check,
    line::{Answer, Entered},
};

/// What became of a client's transaction.
#[derive(Debug)]
pub(crate) enum Entry {
    /// It is in the pool.
    Taken(Admitted),
    /// It waits.
    Waits(Place),
}

/// A place in the line. Whoever drops it leaves the line.
#[derive(Debug)]
pub(crate) struct Place {
    pool: Pool,
    ticket: u64,
    answer: oneshot::Receiver<Answer>,
}

impl Place {
    /// Waits for its turn. May be dropped at any time.
    pub(crate) async fn turn(&mut self) -> Answer {
        // An answer that never comes would be one of a pool that is gone, and this holds the pool.
        let answer = (&mut self.answer).await.unwrap_or(Err(PoolError::PoolFull));
        self.pool.counters().record(Origin::Local, &answer);
        answer
    }

    /// Leaves the line. Gives the answer where there is one already.
    pub(crate) fn leave(mut self) -> Option<Answer> {
        if self.pool.leave(self.ticket) {
            return None;
        }
        let answer = self.answer.try_recv().ok()?;
        self.pool.counters().record(Origin::Local, &answer);
        Some(answer)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.pool.leave(self.ticket);
    }
}

impl Pool {
    /// `false` where the one with this ticket has been answered already.
    fn leave(&self, ticket: u64) -> bool {
        let mut core = self.0.core.lock();
        let left = core.line.leave(ticket);
        self.measure(&core);
        left
    }

    /// Takes a client's transaction; where there is no room for it now, gives it a place in the line.
    ///
    /// # Errors
    /// [`PoolError`] says why not. [`PoolError::PoolFull`] where the line has no room either.
    pub(crate) fn enter(
        &self,
        tx: Arc<Transaction>,
        account: AccountView,
    ) -> Result<Entry, PoolError> {
        let entered = check::check(&tx, self.config(), self.gas_limit()).and_then(|()| {
            let mut core = self.0.core.lock();
            let entered = core.enter(tx, account);
            self.measure(&core);
            entered
        });
        let entered = match entered {
            Ok(Entered::Waits(ticket, answer)) => {
                return Ok(Entry::Waits(Place {
                    pool: self.clone(),
                    ticket,
                    answer,
                }));
            }
            Ok(Entered::Taken(admitted)) => Ok(admitted),
            Err(error) => Err(error),
        };
        self.told(Origin::Local, &entered);
        entered.map(Entry::Taken)
    }
}
