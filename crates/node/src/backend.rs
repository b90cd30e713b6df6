//! The node as the RPC sees it.

use std::{path::PathBuf, sync::Arc, time::Instant};

use alloy_primitives::{B256, Bytes};
use commonhold_chain::{StateView, engine::Ledger, epochs::Schemes};
use commonhold_execution::Machine;
use commonhold_index::Index;
use commonhold_opening::Desk;
use commonhold_pool::Pool;
use commonhold_primitives::{Genesis, StateKey, epoch};
use commonhold_rpc::{
    Backend, DiskRoom, Head, Loaded, MemberStatus, NodeStatus, Proven, Unavailable,
};
use commonhold_seal::Holdings;
use commonhold_vault::Store;
use commonware_codec::Encode as _;
use commonware_parallel::Rayon;
use commonware_runtime::{Metrics as _, tokio::Context};
use tokio::sync::watch;

use crate::{disk, hot::Hot, limits::PROOF_ROOTS_MAX, presence::Presence, roster::Roster};

/// Everything that serves clients. Cheap to clone.
#[derive(Clone)]
pub struct NodeBackend(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) context: Context,
    pub(crate) genesis: Arc<Genesis>,
    pub(crate) me: B256,
    pub(crate) machine: Machine,
    pub(crate) pool: Pool,
    pub(crate) index: Index,
    pub(crate) vault: Store,
    pub(crate) ledger: Ledger,
    pub(crate) state: StateView<Context, Rayon>,
    pub(crate) head: watch::Receiver<Arc<Head>>,
    pub(crate) hot: Hot,
    pub(crate) desk: Desk,
    pub(crate) holdings: Holdings,
    pub(crate) presence: Presence,
    pub(crate) roster: Roster,
    pub(crate) schemes: Schemes,
    pub(crate) peers_http: Vec<String>,
    pub(crate) data: PathBuf,
    pub(crate) disk_reserve: u64,
    pub(crate) started: Instant,
}

impl NodeBackend {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The block whose state root is `root`: the head or one just before or after it.
    async fn number_of(&self, root: B256) -> Option<u64> {
        let mut heads = self.0.head.clone();
        let young = heads.borrow().number == 0;
        for _ in 0..PROOF_ROOTS_MAX {
            let newest = heads.borrow_and_update().number;
            let oldest = newest.saturating_sub(PROOF_ROOTS_MAX);
            for number in (oldest..=newest).rev() {
                let entry = self.0.index.block(number).ok().flatten();
                if entry.is_some_and(|entry| entry.header.state_root == root) {
                    return Some(number);
                }
            }
            // The empty database has a root that no header holds: it is the state before block 1.
            if young && newest > 0 {
                return Some(0);
            }
            // The state is applied a moment before the head moves.
            heads.changed().await.ok()?;
        }
        None
    }
}

impl Backend for NodeBackend {
    fn genesis(&self) -> &Arc<Genesis> {
        &self.0.genesis
    }
    fn machine(&self) -> &Machine {
        &self.0.machine
    }
    fn pool(&self) -> &Pool {
        &self.0.pool
    }
    fn index(&self) -> &Index {
        &self.0.index
    }
    fn vault(&self) -> &Store {
        &self.0.vault
    }
    fn head(&self) -> watch::Receiver<Arc<Head>> {
        self.0.head.clone()
    }

    fn at_hand(&self, keys: &[StateKey]) -> Option<Loaded> {
        self.0.hot.get(keys)
    }

    async fn load(&self, keys: Vec<StateKey>) -> Result<Loaded, Unavailable> {
        let loaded = self.0.state.load_rooted(keys).await;
        let (root, loaded) = loaded.map_err(|e| Unavailable(e.to_string()))?;
        self.0.hot.keep(root, &loaded);
        let gone = || Unavailable("the block of the state is not known".into());
        let number = self.number_of(root).await.ok_or_else(gone)?;
        Ok(Loaded {
            number,
            values: loaded.into_iter().map(|(_, value)| value).collect(),
        })
    }

    async fn prove(&self, keys: Vec<StateKey>) -> Result<Proven, Unavailable> {
        let made = self.0.state.prove(&keys).await;
        let (root, proofs) = made.map_err(|e| Unavailable(e.to_string()))?;
        let gone = || Unavailable("the block of the proven state is not known".into());
        let number = self.number_of(root).await.ok_or_else(gone)?;
        Ok(Proven {
            number,
            proofs: proofs.iter().map(|proof| proof.to_bytes()).collect(),
        })
    }

    async fn certificate(&self, number: u64) -> Option<Bytes> {
        let certificate = self.0.ledger.certificate(number).await?;
        Some(Bytes::from(certificate.encode().to_vec()))
    }

    fn desk(&self) -> &Desk {
        &self.0.desk
    }

    fn holdings(&self) -> &Holdings {
        &self.0.holdings
    }

    fn status(&self) -> NodeStatus {
        let inner = &self.0;
        let seen = inner.presence.snapshot();
        let number = inner.head.borrow().number;
        let epoch = epoch::containing(number, inner.genesis.epoch_blocks)
            .map_or(0, |place| place.epoch().get());
        let members: Vec<MemberStatus> = inner
            .roster
            .seats()
            .iter()
            .map(|seat| MemberStatus {
                name: seat.name.clone(),
                public_key: seat.key,
                endpoint: seat.endpoint.clone(),
                account: seat.account,
                is_self: seat.key == inner.me,
                connected: inner.presence.is_active(&seat.key),
                last_proposed: seen.get(&seat.key).copied(),
            })
            .collect();
        NodeStatus {
            version: env!("CARGO_PKG_VERSION").into(),
            peers: members.iter().filter(|m| m.connected && !m.is_self).count(),
            members,
            syncing: false,
            seal_share: inner.genesis.sealing.as_ref().map(|_| {
                let held = inner.holdings.now();
                held.current
                    .as_ref()
                    .is_some_and(|held| held.share.is_some())
            }),
            epoch,
            signs: inner.schemes.signs(epoch),
            uptime_seconds: inner.started.elapsed().as_secs(),
        }
    }

    fn disk_bytes(&self) -> u64 {
        directory_bytes(&self.0.data)
    }

    fn disk_room(&self) -> Option<DiskRoom> {
        let free = disk::free_bytes(&self.0.data)?;
        let reserve = self.0.disk_reserve;
        Some(DiskRoom { free, reserve })
    }

    fn limits(&self) -> Vec<(&'static str, &'static [(&'static str, u64)])> {
        crate::limits::every()
    }
    fn metrics(&self) -> String {
        let mut text = self.0.context.encode();
        text.truncate(text.trim_end_matches("# EOF\n").len());
        let status = self.status();
        let uptime = status.uptime_seconds;
        let peers = u64::try_from(status.peers).unwrap_or_default();
        let free = disk::free_bytes(&self.0.data).unwrap_or_default();
        let gauges = [
            (
                "node_disk_bytes",
                "bytes that the node takes on disk",
                self.disk_bytes(),
            ),
            ("node_disk_free_bytes", "bytes free on the disk", free),
            (
                "node_disk_reserve_bytes",
                "bytes free below which content is refused",
                self.0.disk_reserve,
            ),
            ("node_peers", "other members that take their turns", peers),
            ("node_epoch", "epoch of the last final block", status.epoch),
            (
                "node_signs",
                "1 where this member signs in the epoch, 0 where it only verifies",
                u64::from(status.signs == Some(true)),
            ),
            (
                "node_uptime_seconds",
                "seconds since the node was started",
                uptime,
            ),
        ];
        for (name, help, value) in gauges {
            text.push_str(&format!(
                "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n"
            ));
        }
        text.push_str("# EOF\n");
        text
    }

    fn peers_http(&self) -> Vec<String> {
        self.0.peers_http.clone()
    }
}

/// Bytes of all files below a directory; what cannot be read counts nothing.
fn directory_bytes(dir: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => directory_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
