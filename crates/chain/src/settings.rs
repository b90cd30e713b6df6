//! What a member's engine needs to know, and how its parts are set.

use std::{
    num::{NonZeroU16, NonZeroU32, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

use commonhold_execution::Machine;
use commonhold_pool::Pool;
use commonhold_primitives::{Genesis, consensus::MemberKey, limits::MEMBERS_MAX};
use commonhold_seal::SealShare;
use commonware_broadcast::buffered;
use commonware_consensus::{
    simplex::{
        SkipBudget,
        config::{ForwardPolicy, SkipPolicy},
        elector::RoundRobin,
    },
    types::ViewDelta,
};
use commonware_cryptography::{Sha256, bls12381::primitives::group::Share, ed25519::PrivateKey};
use commonware_glue::{
    dkg::orchestrator::SimplexConfig,
    stateful::{PruneConfig, db::SyncEngineConfig},
};
use commonware_p2p::Provider;
use commonware_parallel::Strategy;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::{archive::prunable, translator::EightCap};
use commonware_utils::{NZDuration, NZU16, NZU32, NZU64, NZUsize, NonZeroDuration};
use zeroize::Zeroizing;

use crate::limits::{MAILBOX_MESSAGES_MAX, SYNC_OPERATIONS_MAX};

pub(crate) const IO: NonZeroUsize = NZUsize!(1 << 16);
pub(crate) const MEMBERS: NonZeroU32 = NZU32!(MEMBERS_MAX);
pub(crate) const MAILBOX: NonZeroUsize = NZUsize!(MAILBOX_MESSAGES_MAX);
/// Usable bytes of a 4,096-byte page. Fixed for the life of a data directory.
pub(crate) const PAGE_BYTES: NonZeroU16 = NZU16!(4084);
/// How long a peer may take to answer what it is asked for.
pub(crate) fn fetch_timeout() -> NonZeroDuration {
    NZDuration!(Duration::from_secs(2))
}
/// How long until another is asked.
pub(crate) const FETCH_RETRY: Duration = Duration::from_millis(100);

/// What a member's engine needs to know.
pub struct Config<P, B, S, O, M> {
    /// The founding document.
    pub genesis: Arc<Genesis>,
    /// This member's identity key, with its secret side: it signs what this member deals.
    pub identity: PrivateKey,
    /// This member's share of the first epoch; none where it was not a founder, or has newer ones.
    pub share: Option<Share>,
    /// This member's share of the founders' sharing of the seal key; none where it was not a founder, or
    /// has newer ones.
    pub seal_share: Option<SealShare>,
    /// What its shares are encrypted with on the disk.
    pub secret: Zeroizing<[u8; 32]>,
    /// How the ledger is asked who the members of later epochs are.
    pub membership: M,
    /// Connects to the peers of each epoch.
    pub peers: P,
    /// How to cut off a peer that misbehaves.
    pub blocker: B,
    /// Where processor-bound work runs.
    pub strategy: S,
    /// The machine with its modules.
    pub machine: Machine,
    /// Where transactions wait.
    pub pool: Pool,
    /// Who is told of final blocks.
    pub observer: O,
    /// Prefix of every storage partition.
    pub prefix: String,
    /// Pages of 4 KiB kept in memory. Reads are fast while the live state log fits.
    pub cache_pages: NonZeroUsize,
    /// Join an existing network by downloading its state instead of replaying its blocks. Honoured
    /// only by a node that has no state yet.
    pub join: bool,
    /// How long a round waits for its leader; must exceed the heartbeat.
    pub leader_timeout: Duration,
}

/// One of the engine's archives.
pub(crate) fn archive<C>(
    prefix: &str,
    name: &str,
    cache: CacheRef,
    codec: C,
) -> prunable::Config<EightCap, C> {
    prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{prefix}-{name}-metadata"),
        key_partition: format!("{prefix}-{name}-key"),
        key_page_cache: cache,
        value_partition: format!("{prefix}-{name}-value"),
        compression: None,
        codec_config: codec,
        items_per_section: NZU64!(1024),
        key_write_buffer: IO,
        value_write_buffer: IO,
        replay_buffer: IO,
    }
}

/// How blocks are broadcast.
pub(crate) const fn broadcast<P: Provider<PublicKey = MemberKey>, S: Strategy>(
    me: MemberKey,
    peers: P,
    strategy: S,
) -> buffered::Config<MemberKey, (), P, S> {
    buffered::Config {
        public_key: me,
        mailbox_size: MAILBOX,
        deque_size: 16,
        priority: true,
        codec_config: (),
        peer_provider: peers,
        strategy,
    }
}

/// How a member that joins fetches the state.
pub(crate) const fn sync() -> SyncEngineConfig {
    SyncEngineConfig {
        fetch_batch_size: NZU64!(SYNC_OPERATIONS_MAX),
        apply_batch_size: NZU64!(4 * SYNC_OPERATIONS_MAX),
        max_outstanding_requests: NZUsize!(8),
    }
}

/// Old state operations go; blocks and certificates stay, so that every stamp can be made again and a
/// member that was away for long can catch up.
pub(crate) const fn prune() -> PruneConfig {
    PruneConfig {
        maintenance_interval: NZUsize!(256),
        retained_marshal_blocks: usize::MAX / 2,
        retained_qmdb_blocks: 64,
    }
}

/// Consensus in every epoch.
pub(crate) fn consensus(
    leader_timeout: Duration,
    page_cache: CacheRef,
) -> SimplexConfig<RoundRobin<Sha256>> {
    SimplexConfig {
        elector: RoundRobin::default(),
        mailbox_size: MAILBOX,
        replay_buffer: IO,
        write_buffer: IO,
        page_cache,
        leader_timeout,
        certification_timeout: leader_timeout.saturating_mul(2),
        timeout_retry: Duration::from_millis(500),
        fetch_timeout: fetch_timeout(),
        fetch_retry_delay: Duration::from_millis(500),
        view_retention: ViewDelta::new(64),
        skip: SkipPolicy::Enabled {
            timeout: leader_timeout.saturating_mul(4),
            budget: SkipBudget::Participants,
        },
        forward: ForwardPolicy::SilentVoters,
        track_historical_votes: false,
    }
}
