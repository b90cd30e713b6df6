//! Sending local transactions to the other members, and taking theirs.
//!
//! Delivery on the network is best effort: a message to a peer that is away, or too busy, is lost
//! without a word. What is still waiting after some blocks is therefore sent again
//! ([`REANNOUNCE_BLOCKS`](crate::limits::REANNOUNCE_BLOCKS)); blocks drive that, not a timer.
//!
//! Transactions leave as soon as the sending task runs; while one message is on its way the next one
//! fills. A member sends only what its own pool took, so a message that does not decode, or holds a
//! transaction that no pool of this network takes, comes from a faulty member, and that peer is blocked.

use std::{collections::BTreeSet, future::Future};

use alloy_primitives::{Address, Bytes, keccak256};
use commonhold_primitives::{
    Transaction,
    transaction::{TransactionError, recover},
};
use commonware_p2p::{Blocker, CheckedSender as _, Receiver, Recipients, Sender, block};
use commonware_parallel::Strategy;
use commonware_runtime::{Clock, Handle, IoBuf, Metrics, Spawner};
use futures::future::select;
use tracing::{debug, warn};

use crate::{AccountView, Origin, Pool, wire};

/// Reads accounts from the latest final state.
pub trait AccountReader: Clone + Send + Sync + 'static {
    /// The accounts at `addresses`, in their order; `None` while the state cannot be read.
    fn accounts(
        &self,
        addresses: Vec<Address>,
    ) -> impl Future<Output = Option<Vec<AccountView>>> + Send;
}

/// Starts gossip for `pool` on one channel of the network.
pub fn start<E, A, S, B, Tx, Rx>(
    context: E,
    pool: Pool,
    accounts: A,
    strategy: S,
    blocker: B,
    (sender, receiver): (Tx, Rx),
) -> Handle<()>
where
    E: Spawner + Clock + Metrics,
    A: AccountReader,
    S: Strategy,
    Tx: Sender,
    B: Blocker<PublicKey = Tx::PublicKey>,
    Rx: Receiver<PublicKey = Tx::PublicKey>,
{
    context.spawn(move |context| async move {
        let outgoing = pool.clone();
        let sending = context
            .child("sending")
            .spawn(move |context| send(context, outgoing, sender));
        let inbound = Inbound {
            pool,
            accounts,
            strategy,
            blocker,
        };
        let taking = context
            .child("taking")
            .spawn(move |_| inbound.run(receiver));
        // Each ends with the network only, and takes the other with it.
        select(sending, taking).await;
    })
}

async fn send<E: Clock, Tx: Sender>(context: E, pool: Pool, mut sender: Tx) {
    let mut outgoing = pool.outgoing();
    loop {
        let batch = pool.take_outbox();
        let Some(batch) = batch else {
            if outgoing.changed().await.is_err() {
                return;
            }
            continue;
        };
        let message = IoBuf::from(batch.into_bytes());
        loop {
            match sender.check(Recipients::All) {
                Ok(checked) => {
                    if checked.send(message.clone(), false).accepted() {
                        pool.counters().batches_out.inc();
                    } else {
                        debug!("gossip not accepted by the network; it will be announced again");
                    }
                    break;
                }
                Err(free_at) => context.sleep_until(free_at).await,
            }
        }
    }
}

struct Inbound<A, S, B> {
    pool: Pool,
    accounts: A,
    strategy: S,
    blocker: B,
}

impl<A: AccountReader, S: Strategy, B: Blocker> Inbound<A, S, B> {
    async fn run<Rx: Receiver<PublicKey = B::PublicKey>>(mut self, mut receiver: Rx) {
        while let Ok((peer, message)) = receiver.recv().await {
            self.pool.counters().batches_in.inc();
            let raws = match wire::decode(message.as_ref()) {
                Ok(raws) => raws,
                Err(error) => {
                    self.block(peer, &error);
                    continue;
                }
            };
            let counters = self.pool.counters();
            counters.transactions_in.inc_by(raws.len() as u64);
            let hashes: Vec<_> = raws.iter().map(keccak256).collect();
            let known = self.pool.know(&hashes);
            let new: Vec<Bytes> = raws
                .into_iter()
                .zip(known)
                .filter_map(|(raw, known)| (!known).then_some(raw))
                .collect();
            counters
                .transactions_known
                .inc_by((hashes.len() - new.len()) as u64);
            if new.is_empty() {
                continue;
            }
            match recover_all(&self.strategy, new, self.pool.config().chain_id).await {
                Ok(transactions) => {
                    if !self.admit(transactions).await {
                        debug!("the state cannot be read; gossip is dropped, it will come again");
                    }
                }
                Err(error) => self.block(peer, &error),
            }
        }
        warn!("gossip has ended");
    }

    fn block(&mut self, peer: B::PublicKey, error: &dyn std::error::Error) {
        self.pool.counters().blocked.inc();
        block!(self.blocker, peer, %error, "malformed gossip");
    }

    /// Takes what the pool takes. `false` where the accounts could not be read.
    async fn admit(&mut self, transactions: Vec<Transaction>) -> bool {
        let senders: BTreeSet<Address> = transactions.iter().map(Transaction::sender).collect();
        let unknown: Vec<Address> = senders
            .into_iter()
            .filter(|sender| self.pool.known_account(sender).is_none())
            .collect();
        let views = if unknown.is_empty() {
            Some(Vec::new())
        } else {
            self.accounts.accounts(unknown.clone()).await
        };
        let Some(views) = views else { return false };
        for transaction in transactions {
            let sender = transaction.sender();
            let read = unknown
                .binary_search(&sender)
                .ok()
                .and_then(|index| views.get(index))
                .copied();
            let Some(account) = read.or_else(|| self.pool.known_account(&sender)) else {
                continue;
            };
            if let Err(error) = self.pool.admit(transaction, account, Origin::Gossip) {
                debug!(%sender, %error, "gossip refused");
            }
        }
        true
    }
}

/// Recovers the senders of `raws` in parallel; the first bad one spoils them all.
async fn recover_all<S: Strategy>(
    strategy: &S,
    raws: Vec<Bytes>,
    chain_id: u64,
) -> Result<Vec<Transaction>, TransactionError> {
    strategy
        .spawn(raws.len(), move |strategy| {
            strategy.try_map_collect_vec(raws, |raw| recover(raw, chain_id))
        })
        .await
}
