//! What this node knows of the ceremony from final blocks, and what it may put into its own.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc};

use alloy_primitives::{B256, keccak256};
use commonhold_primitives::{
    Block,
    consensus::MemberKey,
    epoch::{self, Output},
    sealing::{Sealing, SealingLog},
};
use commonware_codec::Encode as _;
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_cryptography::transcript::{Summary, Transcript, Version};
use commonware_math::algebra::Random as _;
use commonware_parallel::Strategy;
use commonware_utils::sync::Mutex;
use futures::StreamExt as _;
use rand_core::CryptoRng;
use tracing::{info, warn};

use super::round::{Logs, Outcome, Round};

/// The ceremony of one epoch as far as its blocks are final.
#[derive(Clone, Default)]
pub(super) struct View {
    /// The newest final block that was looked at.
    pub(super) tip: u64,
    pub(super) tip_hash: B256,
    /// None where this node does not know who deals: it joined within the epoch.
    pub(super) round: Option<Arc<Round>>,
    /// Whether every block that may hold a log of this epoch, up to the tip, was looked at.
    pub(super) is_whole: bool,
    /// The first log of each dealer.
    pub(super) logs: Logs,
}

/// Logs that members sent, and when they were last put into a block of this node's.
#[derive(Default)]
struct Offers {
    logs: BTreeMap<MemberKey, (SealingLog, u64)>,
}

/// Shared between the actor, which writes it, and the application, which reads it.
#[derive(Clone)]
pub(crate) struct Known(Arc<Inner>);

struct Inner {
    epoch_blocks: NonZeroU64,
    view: Mutex<View>,
    offers: Mutex<Offers>,
    /// What the last set of logs gave: it is asked for by proposer, voter, and actor.
    last: Mutex<Option<(B256, Outcome)>>,
}

/// Blocks until a log that was put into a block that did not become final is put into another.
const AGAIN: u64 = 3;

/// Where in its epoch a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Dealing,
    Logs,
    Last,
}

impl Known {
    pub(crate) fn new(epoch_blocks: NonZeroU64) -> Self {
        Self(Arc::new(Inner {
            epoch_blocks,
            view: Mutex::default(),
            offers: Mutex::default(),
            last: Mutex::default(),
        }))
    }

    /// The epoch of a block, and its phase.
    pub(super) fn place(&self, number: u64) -> Option<(u64, Phase)> {
        let place = epoch::containing(number, self.0.epoch_blocks)?;
        let phase = if place.last().get() == number {
            Phase::Last
        } else if number < self.middle(place.epoch().get()) {
            Phase::Dealing
        } else {
            Phase::Logs
        };
        Some((place.epoch().get(), phase))
    }

    /// The first block of an epoch that may hold a log.
    pub(super) fn middle(&self, epoch: u64) -> u64 {
        let blocks = self.0.epoch_blocks.get();
        let first = epoch.saturating_mul(blocks);
        first.saturating_add(blocks.div_euclid(2))
    }

    pub(super) fn last_block(&self, epoch: u64) -> Option<u64> {
        epoch::last_block(epoch, self.0.epoch_blocks)
    }

    pub(super) fn view(&self) -> View {
        self.0.view.lock().clone()
    }

    /// Begins with another epoch, or after a start.
    pub(super) fn begin(&self, view: View) {
        *self.0.offers.lock() = Offers::default();
        *self.0.view.lock() = view;
    }

    /// Takes a final block, the next after the tip, that is not its epoch's last.
    pub(super) fn follow(&self, block: &Block) {
        let mut view = self.0.view.lock();
        view.tip = block.number();
        view.tip_hash = block.hash();
        let taken = take(view.round.clone(), &mut view.logs, block);
        drop(view);
        if let Some(dealer) = taken {
            self.0.offers.lock().logs.remove(&dealer);
        }
    }

    /// Keeps a log to put into a block, the first of each dealer.
    pub(super) fn offer(&self, log: &SealingLog) {
        let view = self.0.view.lock();
        let Some((dealer, _)) = view.round.as_ref().and_then(|round| round.admit(log)) else {
            return;
        };
        if view.logs.contains_key(&dealer) {
            return;
        }
        drop(view);
        let mut offers = self.0.offers.lock();
        offers.logs.entry(dealer).or_insert((log.clone(), 0));
    }

    /// Whether a dealer's log is in a final block.
    pub(super) fn has_log(&self, dealer: &MemberKey) -> bool {
        self.0.view.lock().logs.contains_key(dealer)
    }

    /// The log to put into block `number`.
    pub(super) fn log_for(&self, number: u64) -> Option<SealingLog> {
        let mut offers = self.0.offers.lock();
        let due = |at: &u64| *at == 0 || number >= at.saturating_add(AGAIN);
        let mut all = offers.logs.values_mut();
        let (log, at) = all.find(|(_, at)| due(at))?;
        *at = number;
        Some(log.clone())
    }

    /// The ceremony of an epoch, where it is the one that runs here.
    pub(super) fn round(&self, epoch: u64) -> Option<Arc<Round>> {
        let round = self.0.view.lock().round.clone();
        round.filter(|round| round.epoch() == epoch)
    }

    /// The sharing that the last block of `epoch` has to name, where `ancestry` begins with the block
    /// before it. None where this node cannot tell.
    pub(super) async fn sharing_after(
        &self,
        epoch: u64,
        mut ancestry: impl Ancestry<Block>,
        rng: &mut (impl CryptoRng + Send),
        strategy: &impl Strategy,
    ) -> Option<Output> {
        let view = self.view();
        let round = view.round.clone().filter(|round| round.epoch() == epoch)?;
        if !view.is_whole {
            return None;
        }
        let mut pending = Vec::new();
        loop {
            let block = ancestry.next().await?;
            let block = block.inner();
            if block.number() <= view.tip {
                // Otherwise it is of another chain than the final one.
                if block.number() == view.tip && block.hash() == view.tip_hash {
                    break;
                }
                return None;
            }
            if block.sealing().is_some() {
                pending.push(block.clone());
            }
        }
        let mut logs = view.logs;
        for block in pending.iter().rev() {
            take(Some(round.clone()), &mut logs, block);
        }
        let outcome = self.outcome(&round, &logs, rng, strategy).await;
        Some(round.next(&outcome))
    }

    /// What comes of these logs; computed once.
    pub(super) async fn outcome(
        &self,
        round: &Arc<Round>,
        logs: &Logs,
        rng: &mut (impl CryptoRng + Send),
        strategy: &impl Strategy,
    ) -> Outcome {
        let digest = digest(round, logs);
        let last = self.0.last.lock().clone();
        if let Some((_, outcome)) = last.filter(|(of, _)| *of == digest) {
            return outcome;
        }
        let seed = Summary::random(&mut *rng);
        let (round, logs) = (round.clone(), logs.clone());
        let work = strategy.spawn(logs.len(), move |strategy| {
            let mut rng = Transcript::resume(seed, Version::V1).noise(b"sealing");
            let outcome = round.outcome(&mut rng, &logs, &strategy);
            match &outcome {
                Outcome::Dealt(_) => info!(epoch = round.epoch(), "the seal key is dealt anew"),
                Outcome::Carried(why) => {
                    warn!(epoch = round.epoch(), %why, "the seal key's shares stay as they are");
                }
            }
            outcome
        });
        let outcome = work.await;
        *self.0.last.lock() = Some((digest, outcome.clone()));
        outcome
    }
}

/// Takes the log that a block carries, where it is the first of its dealer.
pub(super) fn take(round: Option<Arc<Round>>, logs: &mut Logs, block: &Block) -> Option<MemberKey> {
    let Some(Sealing::Log(log)) = block.sealing() else {
        return None;
    };
    let (dealer, log) = round?.admit(log)?;
    logs.entry(dealer.clone()).or_insert(log);
    Some(dealer)
}

fn digest(round: &Round, logs: &Logs) -> B256 {
    let mut bytes = round.epoch().to_be_bytes().to_vec();
    for (dealer, log) in logs {
        bytes.extend_from_slice(dealer.as_ref());
        bytes.extend_from_slice(&log.encode());
    }
    keccak256(bytes)
}
