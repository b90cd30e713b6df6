//! One member's node, from its configuration until it is told to stop.

use std::{
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_primitives::B256;
use commonhold_chain::engine;
use commonhold_execution::Machine;
use commonhold_index::{Index, IndexError};
use commonhold_opening::{self as opening, Desk};
use commonhold_pool::{Pool, PoolConfig};
use commonhold_primitives::{Block, Genesis};
use commonhold_rpc::Head;
use commonhold_seal::SealShare;
use commonhold_vault::Store;
use commonware_cryptography::{
    Signer as _, bls12381::primitives::group::Share, ed25519::PrivateKey,
};
use commonware_glue::stateful::db::{DatabaseSet, Shared};
use commonware_parallel::Rayon;
use commonware_runtime::{
    Runner as _, Spawner as _, Strategizer as _, Supervisor as _,
    tokio::{self as runtime, Context},
};
use commonware_utils::NZUsize;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing::{info, warn};
use zeroize::Zeroizing;

use crate::{
    accounts::Accounts,
    asking::Asking,
    backend::{Inner, NodeBackend},
    backup,
    clients::Clients,
    config::NodeConfig,
    disk,
    error::{NodeError, engine_dir},
    failure::Run,
    feed,
    finality::Finality,
    first_share,
    hot::Hot,
    keeper, keys,
    limits::GENESIS_BYTES_MAX,
    membership::BySystem,
    modules, p2p,
    presence::Presence,
    roster::{OWN, Roster},
    seal_share, store,
};

/// Prefix of the engine's storage partitions.
const PREFIX: &str = "member";
/// Bytes of a page of the engine's cache.
const PAGE_BYTES: u64 = 4096;
/// Allocations that a slow machine writes in a millisecond.
const ALLOCATIONS_PER_MS: u64 = 40;
/// How long a member that has just joined waits for its first block before it serves clients.
const OWN_BLOCK_SECONDS_MAX: u64 = 10;
/// How long an engine may take to stop.
const STOP_SECONDS_MAX: u64 = 10;

/// What is said at one start and not kept in the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Download the state of a running network instead of replaying its blocks, where this node has
    /// no state yet.
    pub join: bool,
}

/// Reads and checks the genesis document at `path`.
///
/// # Errors
/// Where it cannot be read or founds no network.
pub fn read_genesis(path: &Path) -> Result<Genesis, NodeError> {
    let unreadable = |source| NodeError::Read {
        path: path.into(),
        source,
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > GENESIS_BYTES_MAX {
        let why = format!("{size} bytes exceed GENESIS_BYTES_MAX ({GENESIS_BYTES_MAX})");
        return Err(unreadable(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            why,
        )));
    }
    Ok(Genesis::parse(&std::fs::read(path).map_err(unreadable)?)?)
}

/// Runs a member's node until SIGTERM or SIGINT, or until its engine fails.
///
/// # Errors
/// [`NodeError`] says what to mend.
pub fn run(config: &NodeConfig, options: Options) -> Result<(), NodeError> {
    let genesis = Arc::new(read_genesis(&config.genesis)?);
    let identity = keys::read_identity(&config.identity)?;
    let me = B256::from_slice(identity.public_key().as_ref());
    let options = Options {
        join: options.join || backup::is_restored(&config.data),
    };
    let founder = genesis.member_keys()?.contains(&identity.public_key());
    let share = if founder {
        first_share::read(config, &genesis, &identity, options)?
    } else if options.join || engine_dir(&config.data).exists() {
        None
    } else {
        return Err(NodeError::NotMember(me));
    };
    let secret = keys::network_secret(&identity, genesis.hash());
    let seal_share = match founder {
        true => {
            seal_share::read(config, &genesis, &identity.public_key())?.and_then(|(_, share)| share)
        }
        false => None,
    };
    keys::create_private_dir(&config.data)?;
    disk::check(&config.data)?;
    let engine = engine_dir(&config.data);
    store::claim(&engine, genesis.hash(), me)?;
    let threads = threads(config);
    let settings = runtime::Config::new()
        .with_worker_threads(threads.get())
        .with_tcp_nodelay(Some(true))
        .with_storage_directory(engine);
    let (config, started) = (config.clone(), Instant::now());
    let run = Run::new(&config.data);
    let member = Member {
        genesis,
        identity,
        me,
        seal_share,
        share,
        secret,
        threads,
        started,
        run: run.clone(),
    };
    run.guard(|| {
        runtime::Runner::new(settings).start(|context| member.run(context, config, options))
    })
}

fn threads(config: &NodeConfig) -> NonZeroUsize {
    let asked = usize::try_from(config.limits.threads)
        .ok()
        .and_then(NonZeroUsize::new);
    asked
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NZUsize!(2))
}

struct Member {
    genesis: Arc<Genesis>,
    identity: PrivateKey,
    me: B256,
    /// This member's share of the founders' sharing of the seal key, where it is a founder and its file is
    /// still there.
    seal_share: Option<SealShare>,
    /// This member's share of the first epoch, where it is a founder.
    share: Option<Share>,
    /// What its shares are encrypted with.
    secret: Zeroizing<[u8; 32]>,
    threads: NonZeroUsize,
    started: Instant,
    run: Run,
}

impl Member {
    async fn run(
        self,
        context: Context,
        config: NodeConfig,
        options: Options,
    ) -> Result<(), NodeError> {
        let Self {
            genesis,
            identity,
            me,
            seal_share,
            share,
            secret,
            threads,
            started,
            run,
        } = self;
        let listener = ::tokio::net::TcpListener::bind(config.http.listen)
            .await
            .map_err(|source| NodeError::Listen {
                listen: config.http.listen,
                source,
            })?;
        let strategy = context.child("strategy").strategy(threads);
        let registry = modules::registry().map_err(|e| NodeError::Modules(e.to_string()))?;
        let machine = Machine::new(genesis.chain_id, genesis.base_fee_per_gas == 0, registry);
        let pool = Pool::new(pool_config(&config, &genesis));
        let _pool_metrics = pool.register(&context.child("pool"));
        let disk_reserve = config.limits.disk_reserve_bytes();
        let vault = Store::open_with(&config.data.join("vault"), config.limits.vault_bounds())?;
        let genesis_block = genesis_block(&genesis)?;
        let index = open_index(&config.data.join("index.redb"), &genesis_block)?;
        let member_key = identity.public_key();
        let signer = identity.clone();
        let (peers, oracle, channels, _network) =
            p2p::start(&context, &config.p2p, &genesis, identity.clone())?;
        let (observer, blocks) = feed::channel();
        let pages = config.limits.page_cache_mib.saturating_mul(1024 * 1024) / PAGE_BYTES;
        let engine_config = engine::Config {
            genesis: genesis.clone(),
            identity,
            share,
            seal_share,
            secret,
            membership: BySystem,
            peers,
            blocker: oracle.clone(),
            strategy: strategy.clone(),
            machine: machine.clone(),
            pool: pool.clone(),
            observer,
            prefix: PREFIX.into(),
            cache_pages: usize::try_from(pages)
                .ok()
                .and_then(NonZeroUsize::new)
                .unwrap_or(NZUsize!(8192)),
            join: options.join,
            leader_timeout: leader_timeout(&genesis),
        };
        if options.join {
            info!("joining: a member that was admitted is let in two epochs before its first");
        }
        let (chain, beside) = engine::start(
            context.child("engine"),
            engine_config,
            channels,
            |reporter| reporter,
        )
        .await
        .map_err(|e| NodeError::not_started(&config.data, e))?;
        let roster = Roster::new(&genesis);
        let presence = Presence::new(roster.clone());
        let newest = feed::prepare(&index, &chain.ledger, &genesis_block)
            .await
            .map_err(|e| NodeError::not_fed(&config.data, e))?;
        let hot = Hot::new(newest.number, newest.header.state_root);
        let (heads, head) = watch::channel(newest);
        let feeding = ::tokio::spawn(feed::run(
            context.child("feed"),
            index.clone(),
            chain.ledger.clone(),
            blocks,
            feed::Followers {
                heads,
                hot: hot.clone(),
                presence: presence.clone(),
                own: chain.own,
            },
        ));
        let accounts = Accounts(chain.state.clone());
        commonhold_pool::gossip::start(
            context.child("gossip"),
            pool.clone(),
            accounts.clone(),
            strategy.clone(),
            oracle.clone(),
            beside.gossip,
        );
        let finality = Finality {
            head: head.clone(),
            hot: hot.clone(),
            state: chain.state.clone(),
            ledger: chain.ledger.clone(),
        };
        let asking = Asking {
            machine: machine.clone(),
            finality: finality.clone(),
        };
        let epoch_blocks = genesis.epoch_blocks;
        let mut following = ::tokio::spawn(roster.clone().follow(
            asking.clone(),
            head.clone(),
            epoch_blocks,
        ));
        let forgetting = ::tokio::spawn(first_share::forget(
            config.share.clone(),
            head.clone(),
            epoch_blocks,
        ));
        let keeper = keeper::Keeper::new(keeper::Config {
            me,
            roster: roster.clone(),
            head: head.clone(),
            index: index.clone(),
            asking,
            vault: vault.clone(),
            presence: presence.clone(),
            peers: config.http.peers.clone(),
            identity: signer.clone(),
            absent_blocks: config.limits.absent_blocks,
        });
        let holdings = chain.holdings.clone();
        let desk = match genesis.sealing {
            None => Desk::closed(),
            Some(_) => {
                let config = opening::Config {
                    chain_id: genesis.chain_id,
                    holdings: holdings.clone(),
                    me: member_key,
                    identity: signer,
                    machine: machine.clone(),
                    state: finality,
                    blocker: oracle,
                };
                opening::start(context.child("opening"), config, beside.opening).0
            }
        };
        let journal = commonhold_pool::journal::start(
            context.child("journal"),
            pool.clone(),
            accounts,
            strategy,
            format!("{PREFIX}-journal"),
        );
        let _journal = journal.await.map_err(NodeError::Journal)?;
        let own = head.clone();
        let backend = NodeBackend::new(Inner {
            context: context.child("metrics"),
            genesis,
            me,
            machine,
            pool,
            index: index.clone(),
            vault,
            ledger: chain.ledger,
            state: chain.state,
            head,
            hot,
            desk,
            holdings,
            presence,
            roster,
            schemes: chain.schemes,
            peers_http: config.http.peers.clone(),
            data: config.data.clone(),
            disk_reserve,
            started,
        });
        run.serves();
        await_own_block(&index, &own).await;
        info!(listen = %config.http.listen, "serving clients");
        let keeping = ::tokio::spawn(keeper.run());
        let clients = Clients::serve(listener, backend, server_config(&config), threads)
            .map_err(NodeError::Threads)?;
        let stopped = ::tokio::select! {
            () = asked_to_stop() => Ok(()),
            _ = chain.handle => Err(NodeError::Stopped),
            Ok(Some(needed)) = &mut following => Err(NodeError::Outdated { needed, own: OWN }),
            ended = feeding => match ended {
                Ok(Err(e)) => Err(NodeError::not_fed(&config.data, e)),
                _ => Err(NodeError::Stopped),
            },
        };
        if stopped.is_ok() {
            run.stops();
        }
        info!("stopping");
        keeping.abort();
        following.abort();
        forgetting.abort();
        let stopped = clients.stop().await.map_err(NodeError::from).and(stopped);
        if let Err(e) = index.flush() {
            warn!(error = %e, "the index was not written; it will be completed at the next start");
        }
        if context
            .stop(0, Some(Duration::from_secs(STOP_SECONDS_MAX)))
            .await
            .is_err()
        {
            warn!("the engine took too long to stop; what is final is safe");
        }
        stopped
    }
}

fn server_config(config: &NodeConfig) -> commonhold_rpc::Config {
    let usual = commonhold_rpc::Config::default();
    commonhold_rpc::Config {
        hosts: config.http.allowed_hosts.clone(),
        origins: config.http.allowed_origins.clone(),
        connections_max: usize::try_from(config.limits.http_connections)
            .unwrap_or(usual.connections_max),
        ..usual
    }
}

/// How long a round waits for its leader: the heartbeat, a second for building and sending, and what
/// block 1 takes to write the allocations (every member pays it, so it is generous).
fn leader_timeout(genesis: &Genesis) -> Duration {
    let allocations = u64::try_from(genesis.alloc.len()).unwrap_or(u64::MAX);
    let writing_ms = allocations / ALLOCATIONS_PER_MS;
    Duration::from_millis(
        genesis
            .heartbeat_ms
            .saturating_add(1_000)
            .saturating_add(writing_ms),
    )
}

fn pool_config(config: &NodeConfig, genesis: &Genesis) -> PoolConfig {
    let usual = PoolConfig::new(
        genesis.chain_id,
        genesis.base_fee_per_gas,
        genesis.gas_limit,
    );
    let bytes = config.limits.pool_mib.saturating_mul(1024 * 1024);
    PoolConfig {
        transactions_max: usize::try_from(config.limits.pool_transactions)
            .unwrap_or(usual.transactions_max),
        bytes_max: usize::try_from(bytes).unwrap_or(usual.bytes_max),
        ..usual
    }
}

fn genesis_block(genesis: &Genesis) -> Result<Block, NodeError> {
    type State = Shared<commonhold_state::Db<Context, Rayon>>;
    let empty = <State as DatabaseSet<Context>>::initial_sync_targets();
    Ok(genesis.block(empty.root, empty.range)?)
}

/// Opens the index. One that is damaged or of another network is deleted: it is rebuilt from blocks.
fn open_index(path: &Path, genesis: &Block) -> Result<Index, NodeError> {
    match Index::open(path, genesis) {
        Err(e @ (IndexError::Damaged { .. } | IndexError::Foreign { .. })) => {
            warn!(error = %e, "the index is rebuilt");
            std::fs::remove_file(path).map_err(|source| NodeError::Read {
                path: path.into(),
                source,
            })?;
            Ok(Index::open(path, genesis)?)
        }
        opened => Ok(opened?),
    }
}

/// A member that joined by state sync has its head from the others, and no block of its own to show until
/// the next one is final: clients that came before would be told that the latest block is not found.
async fn await_own_block(index: &Index, head: &watch::Receiver<Arc<Head>>) {
    let mut head = head.clone();
    let shown = head.wait_for(|head| index.block(head.number).ok().flatten().is_some());
    let wait = Duration::from_secs(OWN_BLOCK_SECONDS_MAX);
    if ::tokio::time::timeout(wait, shown).await.is_err() {
        warn!("no block became final since this member joined: it cannot show the latest one yet");
    }
}

/// Waits for SIGTERM or SIGINT.
pub(crate) async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    ::tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
