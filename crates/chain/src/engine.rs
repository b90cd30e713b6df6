//! The wiring: marshal, state, consensus, archive, one after another in the order they need each
//! other. Generic over runtime, network and parallelism; `node` and `lab` instantiate it.

use std::{sync::Arc, time::Duration};

use commonhold_primitives::{
    Block, BlockHash, StateKey, StateValue,
    consensus::{ConsensusContext, MemberKey, NAMESPACE, Scheme},
    epoch::Directory,
};
use commonhold_seal::Holdings;
use commonhold_state::{Db, db};
use commonware_broadcast::buffered;
use commonware_consensus::{
    Reporter, Reporters,
    marshal::{
        self, Update,
        core::{Actor as MarshalActor, CommitmentFallback},
        resolver::p2p as backfill,
        standard::{Deferred, Standard},
    },
    types::{Epoch, FixedEpocher, ViewDelta},
};
use commonware_cryptography::{
    Digested, Digestible as _, Signer as _,
    bls12381::{
        dkg::feldman_desmedt::Reveal,
        primitives::sharing::{Mode, ModeVersion},
    },
    certificate::ConstantProvider,
};
use commonware_glue::{
    dkg::{
        SecretStore as _,
        fence::Fence,
        network::Manager,
        orchestrator, probe, reshare,
        state_sync::{Config as RecoveryConfig, Plan as RecoveryPlan, StateSync},
    },
    stateful::{
        Application, Config as StatefulConfig, Mailbox as StatefulMailbox, Stateful, SyncPlan,
        db::{DatabaseSet, Shared, p2p as state_sync},
    },
};
use commonware_p2p::{Blocker, Receiver, Sender};
use commonware_parallel::Strategy;
use commonware_runtime::{
    Clock, Handle, Network as Sockets, Spawner, Storage, buffer::paged::CacheRef,
};
use commonware_storage::archive::prunable;
use commonware_utils::{NZDuration, NZU64, NZUsize};
use rand_core::CryptoRng;

use crate::{
    app::{App, Observer},
    archive,
    bridge::CodeCache,
    epochs::{self, Committees, LateState, Membership, Schemes, Secrets},
    kept::{self, Kept},
    limits::{PENDING_BLOCKS_MAX, REPAIR_BLOCKS_MAX, SYNC_OPERATIONS_MAX},
    metrics::Metrics,
    network::{Beside, Network},
    outcome::Outcomes,
    own::Own,
    pace::Paced,
    rules::Rules,
    sealing::{self, Sealed, Upstream},
    settings::{self, FETCH_RETRY, IO, MAILBOX, MEMBERS, PAGE_BYTES, fetch_timeout},
    view::StateView,
    votes,
};

pub use crate::{error::StartError, ledger::Ledger, settings::Config};

/// A running engine.
pub struct Chain<E: commonware_storage::Context + Spawner, S: Strategy> {
    /// Ends when any part of the engine ends, which none does while all is well.
    pub handle: Handle<()>,
    /// Blocks and certificates.
    pub ledger: Ledger,
    /// The latest state; resolves once the database is open.
    pub state: StateView<E, S>,
    /// Who signs in which epoch.
    pub schemes: Schemes,
    /// Which blocks this member has made, as far as its store knows.
    pub own: Own,
    /// Who holds the seal key, and by which shares; empty where the network has none.
    pub holdings: Holdings,
}

/// Starts a member's engine. `monitor` wraps the reporter of final blocks; the simulator looks in
/// through it, everyone else passes it on unchanged.
///
/// # Errors
/// [`StartError`]. Failures of storage inside the engine end its `handle` instead.
pub async fn start<E, P, B, S, O, M, Tx, Rx, R>(
    context: E,
    config: Config<P, B, S, O, M>,
    network: Network<Tx, Rx>,
    monitor: impl FnOnce(StatefulMailbox<E, App<S, O, M>>) -> R,
) -> Result<(Chain<E, S>, Beside<Tx, Rx>), StartError>
where
    E: CryptoRng + Spawner + Clock + Storage + Sockets + commonware_storage::Context,
    P: Manager<PublicKey = MemberKey, Directory = Directory>,
    B: Blocker<PublicKey = MemberKey>,
    S: Strategy,
    O: Observer,
    M: Membership,
    Tx: Sender<PublicKey = MemberKey>,
    Rx: Receiver<PublicKey = MemberKey>,
    R: Reporter<Activity = Update<Block>>,
{
    start_as(context, config, network, |app| app, monitor).await
}

/// [`start`] with another application in the place of [`App`]: how the simulator makes members that
/// break the rules.
///
/// # Errors
/// As [`start`].
pub async fn start_as<E, P, B, S, O, M, Tx, Rx, R, A>(
    context: E,
    config: Config<P, B, S, O, M>,
    network: Network<Tx, Rx>,
    application: impl FnOnce(App<S, O, M>) -> A,
    monitor: impl FnOnce(StatefulMailbox<E, A>) -> R,
) -> Result<(Chain<E, S>, Beside<Tx, Rx>), StartError>
where
    E: CryptoRng + Spawner + Clock + Storage + Sockets + commonware_storage::Context,
    P: Manager<PublicKey = MemberKey, Directory = Directory>,
    B: Blocker<PublicKey = MemberKey>,
    S: Strategy,
    O: Observer,
    M: Membership,
    Tx: Sender<PublicKey = MemberKey>,
    Rx: Receiver<PublicKey = MemberKey>,
    R: Reporter<Activity = Update<Block>>,
    A: Application<
            E,
            SigningScheme = Scheme,
            Context = ConsensusContext,
            Block = Block,
            Databases = Shared<Db<E, S>>,
            Captured = (),
            Provider = (),
            Input = Upstream,
        > + Sync,
{
    let Config {
        genesis,
        identity,
        peers,
        blocker,
        strategy,
        machine,
        pool,
        observer,
        prefix,
        ..
    } = config;
    let (me, signer) = (identity.public_key(), identity.clone());
    let epoch_blocks = genesis.epoch_blocks;
    let first = genesis.first_epoch()?;
    let cache = CacheRef::new(PAGE_BYTES, config.cache_pages);
    let target = <Shared<Db<E, S>> as DatabaseSet<E>>::initial_sync_targets();
    let genesis_block = genesis.block(target.root, target.range)?;
    let genesis_writes = machine
        .genesis_writes(&genesis)
        .map_err(|e| StartError::Allocations(e.to_string()))?;
    let digested = Digested::precomputed(genesis_block.clone(), genesis_block.digest());

    // Blocks: fetched from peers, broadcast by their proposer, archived when final.
    let resolver = backfill::init(
        context.child("backfill"),
        backfill::Config {
            public_key: me.clone(),
            peer_provider: peers.clone(),
            blocker: blocker.clone(),
            mailbox_size: MAILBOX,
            fetch_timeout: fetch_timeout(),
            fetch_retry_delay: FETCH_RETRY,
            priority_requests: false,
            priority_responses: false,
        },
        network.backfill,
    );
    let (broadcast, buffer) = buffered::Engine::new(
        context.child("broadcast"),
        settings::broadcast(me.clone(), peers.clone(), strategy.clone()),
    );
    let broadcast = broadcast.start(network.broadcast);
    let certificates = prunable::Archive::init(
        context.child("certificates"),
        settings::archive(&prefix, "certificates", cache.clone(), ()),
    )
    .await?;
    let blocks = prunable::Archive::init(
        context.child("blocks"),
        settings::archive(&prefix, "blocks", cache.clone(), ()),
    )
    .await?;
    let archives = context.child("application");
    let outcomes = archive::open(&archives, &prefix, cache.clone()).await?;
    // Where to start: genesis, what is on disk, or a recent certificate that f + 1 members agree on.
    let verifier = Scheme::certificate_verifier(NAMESPACE, *first.output.public().public());
    let partition = format!("{prefix}-secrets");
    let mut secrets = Secrets::open(context.child("secrets"), partition, &config.secret).await?;
    let mut plan = SyncPlan::init(context.child("plan"), prefix.clone()).await;
    let joining = plan.should_sync(config.join);
    // Who begins anew does not know what it has voted, or dealt, in this epoch: it follows until the next one.
    if let Some(share) = config.share.filter(|_| !joining) {
        secrets.begin(share).await;
    }
    // What a member has that is still joining is not whole yet, and is fetched.
    let kept = match plan.floor() {
        None => Some(Kept::of(&blocks, &outcomes, &certificates, epoch_blocks).await?),
        Some(_) => None,
    };
    let past = votes::Past::new(prefix.clone(), epoch_blocks);
    if let Some(kept) = &kept {
        past.forget_before(&context.child("past"), kept.round().epoch())
            .await;
    }
    let mut voted = None;
    if let Some(kept) = &kept
        && let Some(info) = kept::info(&blocks, &first, kept.round().epoch(), epoch_blocks).await?
        && let Some(scheme) = epochs::scheme(&me, &info, secrets.get_share(info.epoch).await)
    {
        let (at, from) = (context.child("votes"), kept.voted());
        voted = Some(votes::check(at, &prefix, cache.clone(), &scheme, from).await?);
    }
    let own = Own::new(me.clone(), voted);
    let (archive, archiver) = archive::start(&archives, outcomes);
    let (probe, probe_mailbox) = probe::Actor::new(probe::Config {
        context: context.child("probe"),
        manager: peers.clone(),
        bootstrap: probe::Bootstrap {
            epoch: Epoch::zero(),
            participants: first.participants(),
            directory: first.directory.clone(),
        },
        floor: plan.floor().cloned(),
        verifier: verifier.clone(),
        genesis: first.clone(),
        strategy: strategy.clone(),
        blocker: blocker.clone(),
        blocks_per_epoch: epoch_blocks,
        retry_timeout: NZDuration!(Duration::from_millis(500)),
        mailbox_size: MAILBOX,
        block_codec_config: (),
    });
    let probe = probe.start(network.probe);
    let schemes = Schemes::default();
    let mut material = None;
    if joining {
        let found = probe_mailbox
            .subscribe()
            .await
            .map_err(|_| StartError::Probe)?;
        // Verifies until this member's own part in the epoch is known.
        if let Some(scheme) = epochs::scheme(&me, &found.info, None) {
            schemes.keep(found.info.epoch, scheme);
        }
        plan = plan.set_floor(found.floor.clone()).await;
        material = Some(StateSync {
            info: found.info,
            floor: found.floor,
        });
    }
    let recovery = RecoveryPlan::init(
        context.child("recovery"),
        RecoveryConfig {
            partition_prefix: prefix.clone(),
            max_participants: MEMBERS,
            max_supported_mode: ModeVersion::v0(),
        },
        material,
    )
    .await;
    let (marshal_actor, marshal, floor) = MarshalActor::<_, Standard<Block>, _, _, _, _, _>::init(
        context.child("marshal"),
        certificates,
        blocks,
        marshal::Config {
            provider: ConstantProvider::<_, Epoch>::new(verifier),
            epocher: FixedEpocher::new(epoch_blocks),
            start: plan.marshal_start(digested),
            partition_prefix: prefix.clone(),
            mailbox_size: MAILBOX,
            view_retention: ViewDelta::new(64),
            prunable_items_per_section: NZU64!(1024),
            page_cache: cache.clone(),
            replay_buffer: IO,
            key_write_buffer: IO,
            value_write_buffer: IO,
            block_codec_config: (),
            max_repair: NZUsize!(REPAIR_BLOCKS_MAX),
            max_pending_acks: NZUsize!(PENDING_BLOCKS_MAX),
            strategy: strategy.clone(),
        },
    )
    .await;
    if let Some(kept) = kept {
        kept.reaches(floor.processed().map(|at| at.height().get()))?;
    }
    let sync_floor = plan.floor().cloned();
    let applied = floor.processed().map(|at| at.height().get());

    // State.
    let (state_server, state_resolver) =
        state_sync::Actor::<_, MemberKey, _, _, db::Family, Db<E, S>>::new(
            context.child("state_sync"),
            state_sync::Config {
                peer_provider: peers.clone(),
                blocker: blocker.clone(),
                database: None,
                mailbox_size: MAILBOX,
                me: Some(me.clone()),
                fetch_timeout: fetch_timeout(),
                fetch_retry_delay: FETCH_RETRY,
                max_serve_ops: NZU64!(SYNC_OPERATIONS_MAX),
                priority_requests: false,
                priority_responses: false,
            },
        );
    let state_server = state_server.start(network.state);
    let executed = Outcomes::default();
    let paced_pool = pool.clone();
    let asked = machine.clone();
    let application = application(App {
        rules: Arc::new(Rules::new(&genesis)),
        genesis_block: genesis_block.clone(),
        machine,
        membership: config.membership.clone(),
        genesis_writes: Arc::<Vec<(StateKey, Option<StateValue>)>>::new(genesis_writes),
        pool: pool.clone(),
        outcomes: executed.clone(),
        archive: archive.clone(),
        code: CodeCache::default(),
        observer,
        past,
        strategy: strategy.clone(),
        metrics: Metrics::new(&context.child("chain")),
    });
    let (stateful_actor, stateful) = Stateful::new(
        context.child("stateful"),
        StatefulConfig {
            application,
            db_config: db::config(&prefix, cache.clone(), strategy.clone()),
            provider: (),
            marshal: (marshal.clone(), floor),
            mailbox_size: MAILBOX,
            plan,
            resolvers: state_resolver,
            sync_config: settings::sync(),
            prune_config: Some(settings::prune()),
            strategy: strategy.clone(),
        },
    );

    // The ceremony of each epoch.
    let late = LateState::default();
    let committees = Committees::new(
        context.child("committees"),
        asked,
        config.membership,
        epoch_blocks,
        marshal.clone(),
        late.clone(),
        first.directory,
    );
    let (fence, gate) = Fence::new();
    let (reshare_actor, reshare) = reshare::Actor::new(
        context.child("reshare"),
        reshare::Config {
            signer: identity,
            manager: peers.clone(),
            blocker: blocker.clone(),
            participants_provider: committees,
            secret_store: secrets,
            strategy: strategy.clone(),
            registrar: schemes.clone(),
            marshal: marshal.clone(),
            state_sync: recovery.clone(),
            fence,
            namespace: NAMESPACE,
            sharing_mode: Mode::NonZeroCounter,
            reveal: Reveal::V1,
            mailbox_size: MAILBOX,
            partition_prefix: format!("{prefix}-reshare"),
            page_cache: cache.clone(),
            write_buffer: IO,
            replay_buffer: IO,
            max_participants: MEMBERS,
            blocks_per_epoch: epoch_blocks,
        },
    );
    let reshare_actor = reshare_actor.start(network.reshare);

    // The seal key's ceremony of each epoch. Who joins begins with the first block that it applies.
    let holdings = Holdings::default();
    let around = sealing::Config {
        genesis_block: genesis_block.hash(),
        signer,
        share: config.seal_share,
        follows: joining,
        marshal: marshal.clone(),
        holdings: holdings.clone(),
        strategy: strategy.clone(),
        blocker: blocker.clone(),
    };
    let (known, told, sealing) =
        sealing::open(&context, &genesis, &prefix, &config.secret, around).await?;

    // Consensus, one an epoch.
    let deferred = Deferred::new(
        context.child("deferred"),
        Sealed::new(
            reshare::Application::new(
                Paced::new(
                    stateful.clone(),
                    paced_pool,
                    executed,
                    Duration::from_millis(genesis.heartbeat_ms),
                    own.clone(),
                ),
                reshare.clone(),
                epoch_blocks,
            ),
            known,
            strategy.clone(),
        ),
        marshal.clone(),
        FixedEpocher::new(epoch_blocks),
    );
    let (orchestrator_actor, orchestrator) = orchestrator::Actor::new(
        context.child("orchestrator"),
        orchestrator::Config {
            oracle: blocker,
            manager: peers,
            provider: schemes.clone(),
            marshal: marshal.clone(),
            application: deferred,
            strategy,
            simplex: settings::consensus(config.leader_timeout, cache),
            gate,
            state_sync: recovery,
            blocks_per_epoch: epoch_blocks,
            mailbox_size: MAILBOX,
            partition_prefix: prefix,
        },
    );
    let consensus = orchestrator_actor.start(network.vote, network.certificate, network.resolver);
    let ceremonies: Reporters<_, sealing::Mailbox> =
        Reporters::from((Reporters::from((orchestrator, reshare)), told));
    let reporters = Reporters::from((monitor(stateful.clone()), ceremonies));
    let marshal_actor = marshal_actor.start(reporters, buffer, resolver);
    probe_mailbox.attach(marshal.clone());
    if let Some(floor) = sync_floor.filter(|_| joining) {
        let payload: BlockHash = floor.proposal.payload;
        let _ = marshal
            .subscribe_by_commitment(payload, CommitmentFallback::Wait)
            .await;
    }
    let stateful_actor = stateful_actor.start();
    let from = (!joining).then(|| applied.unwrap_or_default());
    let sealing = sealing.map(|actor| actor.start(from, network.sealing));
    // One part that fails takes the member down: a member that half works is worse than none.
    let parts = [
        broadcast,
        archiver,
        probe,
        state_server,
        reshare_actor,
        marshal_actor,
        stateful_actor,
        consensus,
    ];
    let handle = context.child("supervisor").spawn(move |_| async move {
        let _ = futures::future::select_all(parts.into_iter().chain(sealing)).await;
    });
    let state = StateView::new(stateful.subscribe_databases().await);
    late.set(state.clone());
    if let Some(at) = marshal.get_processed().await
        && let Some(newest) = marshal.get_block(at.height()).await
    {
        pool.follow(newest.inner().header().gas_limit);
    }
    Ok((
        Chain {
            handle,
            ledger: Ledger { marshal, archive },
            state,
            schemes,
            own,
            holdings,
        },
        network.beside,
    ))
}
