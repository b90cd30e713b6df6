//! Whom a simulated member follows.
//!
//! The simulated network keeps one history of peer sets for everybody, and tells of the newest that any
//! member has followed. A real one tells each member of its own. So what a member followed is kept here,
//! for each of its lives, and the addresses are left out: everybody can reach everybody.

use std::{collections::BTreeMap, sync::Arc};

use commonhold_primitives::{consensus::MemberKey, epoch::Directory};
use commonware_consensus::types::Epoch;
use commonware_glue::dkg::network::Manager;
use commonware_p2p::{PeerSetSubscription, PeerSetUpdate, Provider, TrackedPeers, simulated};
use commonware_runtime::deterministic;
use commonware_utils::{channel::mpsc, ordered::Set, sync::Mutex};

/// One life's.
#[derive(Clone, Debug)]
pub struct Peers {
    network: simulated::Manager<MemberKey, deterministic::Context>,
    own: Arc<Mutex<Own>>,
}

#[derive(Debug, Default)]
struct Own {
    sets: BTreeMap<u64, TrackedPeers<MemberKey>>,
    subscribers: Vec<mpsc::UnboundedSender<PeerSetUpdate<MemberKey>>>,
}

impl Own {
    fn update(&self) -> Option<PeerSetUpdate<MemberKey>> {
        let (index, latest) = self.sets.last_key_value()?;
        let all = |of: fn(&TrackedPeers<MemberKey>) -> &Set<MemberKey>| {
            Set::from_iter_dedup(self.sets.values().flat_map(|set| of(set).iter().cloned()))
        };
        let primary = all(|set| &set.primary);
        let secondary = all(|set| &set.secondary);
        let secondary = secondary
            .into_iter()
            .filter(|key| primary.position(key).is_none());
        let secondary = Set::from_iter_dedup(secondary);
        Some(PeerSetUpdate {
            index: *index,
            latest: latest.clone(),
            all: TrackedPeers::new(primary, secondary),
        })
    }
}

impl Peers {
    /// Nobody yet.
    pub fn new(network: simulated::Manager<MemberKey, deterministic::Context>) -> Self {
        Self {
            network,
            own: Arc::default(),
        }
    }
}

impl Provider for Peers {
    type PublicKey = MemberKey;

    async fn peer_set(&mut self, id: u64) -> Option<TrackedPeers<MemberKey>> {
        self.own.lock().sets.get(&id).cloned()
    }

    async fn subscribe(&mut self) -> PeerSetSubscription<MemberKey> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut own = self.own.lock();
        if let Some(update) = own.update() {
            let _ = sender.send(update);
        }
        own.subscribers.push(sender);
        receiver
    }
}

impl Manager for Peers {
    type Directory = Directory;
    type Error = std::convert::Infallible;

    fn track(
        &mut self,
        epoch: Epoch,
        peers: TrackedPeers<MemberKey>,
        _: &Directory,
    ) -> Result<(), Self::Error> {
        let _ = commonware_p2p::Manager::track(&mut self.network, epoch.get(), peers.clone());
        let mut own = self.own.lock();
        if own
            .sets
            .last_key_value()
            .is_some_and(|(last, _)| epoch.get() <= *last)
        {
            return Ok(());
        }
        own.sets.insert(epoch.get(), peers);
        if let Some(update) = own.update() {
            own.subscribers
                .retain(|subscriber| subscriber.send(update.clone()).is_ok());
        }
        Ok(())
    }
}
