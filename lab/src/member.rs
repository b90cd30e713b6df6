//! One member as the simulator starts, crashes and restarts it.
//!
//! All of a life runs under one task, so that aborting it is what pulling the plug is to a process:
//! memory is gone, what was synced to disk stays. A life whose engine fails ends as a whole, as the
//! node's process does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy_primitives::Address;
use commonhold_chain::{
    Chain, Config, Network as Channels, StateView,
    engine::{self, Ledger},
    network::{CHANNELS, message_bytes_max},
};
use commonhold_pool::{AccountView, Pool, PoolConfig, gossip, journal, submit::Submitter};
use commonhold_primitives::{StateKey, StateValue, consensus::MemberKey};
use commonware_glue::simulate::{
    engine::{EngineDefinition, InitContext},
    processed::ProcessedHeight,
    reporter::MonitorReporter,
};
use commonware_p2p::simulated;
use commonware_parallel::Sequential;
use commonware_runtime::{Handle, Quota, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::{
    NZU32, NZUsize,
    channel::{mpsc, oneshot},
    sync::Mutex,
};

use crate::{
    byzantine::{Conduct, flooder, proposer::Proposer, voter},
    founding::{Founding, HEARTBEAT_MS},
    load,
    world::{Alive, World},
};

/// How long a round waits for its leader.
pub const LEADER_TIMEOUT: Duration = Duration::from_millis(1_000);

/// A network in the simulator.
#[derive(Clone)]
pub struct Network {
    /// Its keys and genesis.
    pub founding: Founding,
    /// Who watches.
    pub world: World,
    /// Members that break the rules, and how.
    pub byzantine: BTreeMap<usize, Conduct>,
}

/// What the checker may ask of a life.
pub type Question = (
    Vec<StateKey>,
    oneshot::Sender<Vec<(StateKey, Option<StateValue>)>>,
);

/// The way to a life's ledger and state, once it is up.
#[derive(Clone)]
pub struct Door {
    /// Blocks and certificates.
    pub ledger: Ledger,
    /// Reads the state.
    pub questions: mpsc::Sender<Question>,
}

/// What the simulator keeps of a life.
pub struct Member {
    /// Which member.
    pub index: usize,
    /// The simulated clock.
    pub clock: deterministic::Context,
    door: Arc<Mutex<Option<Door>>>,
}

impl Member {
    /// The way in, once the life is up and until it ends by itself.
    pub fn door(&self) -> Option<Door> {
        self.door.lock().clone()
    }
}

impl ProcessedHeight for Member {
    async fn processed_height(&self) -> u64 {
        match self.door() {
            Some(door) => door.ledger.processed().await.unwrap_or_default(),
            None => 0,
        }
    }
}

type Control = simulated::Control<MemberKey, deterministic::Context>;

impl EngineDefinition for Network {
    type PublicKey = MemberKey;
    type Engine = Handle<()>;
    type State = Member;

    fn participants(&self) -> Vec<MemberKey> {
        self.founding.keys.clone()
    }

    fn channels(&self) -> Vec<(u64, Quota)> {
        CHANNELS
            .iter()
            .map(|c| (*c, Quota::per_second(NZU32!(4_096))))
            .collect()
    }

    fn max_message_size(&self) -> u32 {
        message_bytes_max()
    }

    // Nothing is awaited here: a member that cannot start must not keep the others from starting.
    async fn init(&self, given: InitContext<'_, MemberKey>) -> (Handle<()>, Member) {
        let InitContext {
            context,
            index,
            delayed,
            public_key,
            oracle,
            channels,
            monitor,
            ..
        } = given;
        let network = self.clone();
        let (key, peers) = (public_key.clone(), oracle.manager());
        let blocker = oracle.control(public_key.clone());
        let door = Arc::new(Mutex::new(None));
        let member = Member {
            index,
            clock: context.child("clock"),
            door: door.clone(),
        };
        let handle = context.spawn(move |context| async move {
            let mut channels = channels.into_iter();
            let channels =
                Channels::register(|_| channels.next().expect("one pair for each channel"));
            let alive = network.world.born(index);
            match network.byzantine.get(&index) {
                Some(Conduct::Silent) => std::future::pending().await,
                Some(Conduct::Vote(vote)) => {
                    let scheme = network.founding.schemes[index].clone();
                    voter::run(context, *vote, scheme, network.world.clone(), channels).await;
                }
                conduct => {
                    let proposer = match conduct {
                        Some(Conduct::Propose(lie)) => Some(*lie),
                        _ => None,
                    };
                    let flood = matches!(conduct, Some(Conduct::Flood));
                    let life = Start {
                        network: network.clone(),
                        index,
                        key,
                        delayed,
                        proposer,
                        flood,
                    };
                    life.live(
                        context,
                        &alive,
                        channels,
                        peers,
                        blocker,
                        &door,
                        move |key, reporter| MonitorReporter::new(key, monitor, reporter),
                    )
                    .await;
                    *door.lock() = None;
                    network.world.with(|w| w.collapsed.push(alive.life));
                }
            }
        });
        (handle, member)
    }

    fn start(handle: Handle<()>) -> Handle<()> {
        handle
    }
}

/// What one life needs to know.
struct Start {
    network: Network,
    index: usize,
    key: MemberKey,
    delayed: bool,
    proposer: Option<crate::byzantine::proposer::Lie>,
    flood: bool,
}

impl Start {
    /// Runs until the engine fails.
    #[allow(clippy::too_many_arguments, reason = "what a life is made of")]
    async fn live<R>(
        self,
        context: deterministic::Context,
        alive: &Alive,
        channels: Channels<Outlet, Inlet>,
        peers: impl commonware_p2p::Provider<PublicKey = MemberKey>,
        blocker: Control,
        door: &Mutex<Option<Door>>,
        monitor: impl FnOnce(
            MemberKey,
            commonware_glue::stateful::Mailbox<deterministic::Context, Proposer>,
        ) -> R,
    ) where
        R: commonware_consensus::Reporter<
                Activity = commonware_consensus::marshal::Update<commonhold_primitives::Block>,
            >,
    {
        let Self {
            network,
            index,
            key,
            delayed,
            proposer,
            flood,
        } = self;
        let Network {
            founding, world, ..
        } = network;
        let pool = Pool::new(PoolConfig::from(founding.genesis.as_ref()));
        let config = Config {
            genesis: founding.genesis.clone(),
            me: key.clone(),
            scheme: founding.schemes[index].clone(),
            peers,
            blocker: blocker.clone(),
            strategy: Sequential,
            machine: founding.machine.clone(),
            pool: pool.clone(),
            observer: world.recorder(alive.life),
            prefix: format!("member-{index}"),
            cache_pages: NZUsize!(256),
            join: delayed,
            leader_timeout: LEADER_TIMEOUT,
        };
        let watching = world.clone();
        let started = engine::start_as(
            context.child("engine"),
            config,
            channels,
            move |app| Proposer::new(app, proposer, watching),
            move |mailbox| monitor(key, mailbox),
        )
        .await;
        let (
            Chain {
                handle,
                ledger,
                state,
            },
            channel,
        ) = match started {
            Ok(started) => started,
            Err(e) => {
                tracing::warn!(index, error = %e, "a member does not start");
                return;
            }
        };
        let accounts = Accounts(state.clone());
        if flood {
            flooder::start(context.child("flooder"), world.clone(), channel);
        } else {
            gossip::start(
                context.child("gossip"),
                pool.clone(),
                accounts.clone(),
                Sequential,
                blocker,
                channel,
            );
        }
        let partition = format!("member-{index}-journal");
        let journal = journal::start(
            context.child("journal"),
            pool.clone(),
            accounts.clone(),
            Sequential,
            partition,
        );
        if let Err(e) = journal.await {
            tracing::warn!(index, error = %e, "a member does not start");
            return;
        }
        // Nobody sends anything to a member that breaks the rules: its word is worth nothing.
        if proposer.is_none() && !flood {
            let submitter = Submitter::new(context.child("clock"), pool, accounts);
            let client = load::run(
                context.child("client"),
                world.clone(),
                alive.life,
                submitter,
            );
            context.child("clients").spawn(move |_| client);
        }
        let (questions, mut asked) = mpsc::channel::<Question>(16);
        context.child("questions").spawn(move |_| async move {
            while let Some((keys, answer)) = asked.recv().await {
                if let Ok(found) = state.load(keys).await {
                    let _ = answer.send(found);
                }
            }
        });
        *door.lock() = Some(Door { ledger, questions });
        world.with(|w| w.starting.remove(&alive.life));
        let _ = handle.await;
    }
}

type Outlet = simulated::Sender<MemberKey, deterministic::Context>;
type Inlet = simulated::Receiver<MemberKey>;

/// The heartbeat of the simulated network, as a duration.
pub const HEARTBEAT: Duration = Duration::from_millis(HEARTBEAT_MS);

#[derive(Clone)]
struct Accounts(StateView<deterministic::Context, Sequential>);

impl gossip::AccountReader for Accounts {
    async fn accounts(&self, addresses: Vec<Address>) -> Option<Vec<AccountView>> {
        let keys = addresses.into_iter().map(StateKey::Account).collect();
        let found = self.0.load(keys).await.ok()?;
        Some(
            found
                .iter()
                .map(|(_, value)| load::view(value.as_ref()))
                .collect(),
        )
    }
}
