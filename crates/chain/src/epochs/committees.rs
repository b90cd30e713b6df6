//! Who the members of later epochs are, as the ledger says.
//!
//! The engine asks for the committee of epoch `e` when it builds, or checks, the last block of epoch
//! `e − 3`: it then names those to whom shares are dealt in epoch `e − 1`. Every member must answer the
//! same, whatever block it has applied by then. So the law lets a decision count from the fourth epoch
//! after its own on (`members`), and here one waits until the first block of epoch `e − 3` is applied:
//! from then on nothing changes that committee.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc, time::Duration};

use alloy_primitives::Bytes;
use commonhold_execution::{CallRequest, Env, Machine, Overlay, Resumable};
use commonhold_primitives::{
    Block,
    consensus::{MemberKey, Scheme},
    epoch::{self, Directory},
};
use commonware_consensus::{
    marshal::{core::Mailbox as Marshal, standard::Standard},
    types::{Epoch, Height},
};
use commonware_glue::dkg::ParticipantsProvider;
use commonware_p2p::Address;
use commonware_parallel::Strategy;
use commonware_runtime::{Clock, Spawner};
use commonware_storage::Context;
use commonware_utils::{
    ordered::{Map, Set},
    sync::Mutex,
};
use tracing::error;

use crate::{limits::LOAD_ROUNDS_MAX, view::StateView};

/// How long until one looks again whether a block is applied.
const LOOK: Duration = Duration::from_millis(20);

/// Members, and where they listen: `host:port`.
pub type Committee = Vec<(MemberKey, String)>;

/// How the ledger is asked about members and what they decide on. `node` knows the module; this crate does
/// not.
pub trait Membership: Clone + Send + Sync + 'static {
    /// The call that asks who signs in `epoch`.
    fn committee(&self, epoch: u64) -> CallRequest;
    /// The call that asks where every member that ever was listens in `epoch`.
    fn endpoints(&self, epoch: u64) -> CallRequest;
    /// The answer to either.
    fn read(&self, answer: &Bytes) -> Option<Committee>;
    /// The call that asks for the gas of a block of `epoch`.
    fn gas_limit(&self, epoch: u64) -> CallRequest;
    /// The answer to it. None where the ledger says nothing of it.
    fn read_gas_limit(&self, answer: &Bytes) -> Option<u64>;
}

/// Answers the engine's questions about later epochs.
pub struct Committees<E: Context + Spawner, S: Strategy, M> {
    clock: E,
    machine: Machine,
    membership: M,
    epoch_blocks: NonZeroU64,
    marshal: Marshal<Scheme, Standard<Block>>,
    state: LateState<E, S>,
    founders: Directory,
}

/// The state, once the engine has opened it.
pub(crate) struct LateState<E: Context, S: Strategy>(Arc<Mutex<Option<StateView<E, S>>>>);

impl<E: Context, S: Strategy> Default for LateState<E, S> {
    fn default() -> Self {
        Self(Arc::default())
    }
}
impl<E: Context, S: Strategy> Clone for LateState<E, S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
impl<E: Context, S: Strategy> LateState<E, S> {
    /// The state is open.
    pub(crate) fn set(&self, state: StateView<E, S>) {
        *self.0.lock() = Some(state);
    }
    fn get(&self) -> Option<StateView<E, S>> {
        self.0.lock().clone()
    }
}

impl<E: Context + Spawner + Clock, S: Strategy, M: Membership> Committees<E, S, M> {
    pub(crate) const fn new(
        clock: E,
        machine: Machine,
        membership: M,
        epoch_blocks: NonZeroU64,
        marshal: Marshal<Scheme, Standard<Block>>,
        state: LateState<E, S>,
        founders: Directory,
    ) -> Self {
        Self {
            clock,
            machine,
            membership,
            epoch_blocks,
            marshal,
            state,
            founders,
        }
    }

    /// Asks until there is an answer: without one no block can follow, and any other than everybody's
    /// would be refused.
    async fn ask(&self, from: Epoch, call: CallRequest) -> Committee {
        let first = from.get().saturating_mul(self.epoch_blocks.get()).max(1);
        loop {
            if let Some(found) = self.try_ask(first, &call).await {
                return found;
            }
            self.clock.sleep(LOOK).await;
        }
    }

    async fn try_ask(&self, first: u64, call: &CallRequest) -> Option<Committee> {
        let state = self.state.get()?;
        let number = self.marshal.get_processed().await?.height().get();
        if number < first {
            return None;
        }
        let block = self.marshal.get_block(Height::new(number)).await?;
        let now = Env::of(block.inner().header());
        let mut overlay = Overlay::default();
        for _ in 0..LOAD_ROUNDS_MAX {
            let keys = match self.machine.call(&now, &mut overlay, call) {
                Resumable::Need(keys) => keys,
                Resumable::Done(Ok(result)) => return self.membership.read(&result.output),
                Resumable::Done(Err(e)) => {
                    error!(error = %e, "the ledger does not say who its members are");
                    return None;
                }
            };
            for (key, value) in state.load(keys).await.ok()? {
                overlay.insert_read(key, value);
            }
        }
        None
    }
}

impl<E: Context + Spawner + Clock, S: Strategy, M: Membership> ParticipantsProvider
    for Committees<E, S, M>
{
    type PublicKey = MemberKey;
    type Directory = Directory;

    /// Whom shares are dealt to in `epoch`: who signs in the one after it.
    async fn participants(&mut self, epoch: Epoch) -> Set<MemberKey> {
        let from = Epoch::new(epoch.get().saturating_sub(2));
        let call = self.membership.committee(epoch.next().get());
        let found = self.ask(from, call).await;
        Set::from_iter_dedup(found.into_iter().map(|(key, _)| key))
    }

    async fn directory(&mut self, epoch: Epoch, peers: Set<MemberKey>) -> Directory {
        let from = Epoch::new(epoch.get().saturating_sub(1));
        let call = self.membership.endpoints(epoch.get());
        let found = self.ask(from, call).await;
        let found: BTreeMap<_, _> = found.into_iter().collect();
        let addresses = peers.into_iter().map(|key| {
            let told = found
                .get(&key)
                .and_then(|endpoint| epoch::address(endpoint));
            let known = told.or_else(|| self.founders.get(&key).cloned());
            (key, known.unwrap_or_else(nowhere))
        });
        Directory::from(Map::from_iter_dedup(addresses))
    }
}

/// The address of a member that the ledger gives none.
fn nowhere() -> Address {
    Address::Symmetric(([0, 0, 0, 0], 0).into())
}
