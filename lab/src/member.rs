//! One member as the simulator starts, crashes and restarts it.
//!
//! All of a life runs under one task, so that aborting it is what pulling the plug is to a process:
//! memory is gone, what was synced to disk stays. A life whose engine fails ends as a whole, as the
//! node's process does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy_primitives::{Address, B256, Bytes};
use commonhold_chain::{
    Network as Channels,
    engine::Ledger,
    network::{CHANNELS, message_bytes_max},
};
use commonhold_opening::Desk;
use commonhold_pool::{Pool, submit::SubmitError};
use commonhold_primitives::{StateKey, StateValue, consensus::MemberKey};
use commonhold_seal::Holdings;
use commonware_glue::simulate::{
    engine::{EngineDefinition, InitContext},
    processed::ProcessedHeight,
};
use commonware_runtime::{Handle, Quota, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::{
    NZU32,
    channel::{mpsc, oneshot},
    sync::Mutex,
};

use crate::{
    byzantine::{Conduct, hand, twins::LATER, voter},
    founding::{Founding, HEARTBEAT_MS},
    gateways,
    guard::Guard,
    life::Start,
    load::Load,
    peers::Peers,
    town,
    world::World,
};

/// The heartbeat of the simulated network, as a duration.
pub const HEARTBEAT: Duration = Duration::from_millis(HEARTBEAT_MS);
/// How long a round waits for its leader.
pub const LEADER_TIMEOUT: Duration = Duration::from_millis(1_000);
/// Messages per second and peer on each channel.
pub const MESSAGES_PER_SECOND_MAX: u32 = 4_096;

/// A network in the simulator.
#[derive(Clone)]
pub struct Network {
    /// Its keys and genesis.
    pub founding: Founding,
    /// Who watches.
    pub world: World,
    /// Members that break the rules, and how.
    pub byzantine: BTreeMap<usize, Conduct>,
    /// Whether members cut off a peer that misbehaves.
    pub cut_off: bool,
    /// Bytes per second that each member can send, and receive. None: as many as there are.
    pub bandwidth: Option<usize>,
}

/// What the checker may ask of a life.
pub type Question = (
    Vec<StateKey>,
    oneshot::Sender<Vec<(StateKey, Option<StateValue>)>>,
);

/// What a client's node asks its pool, or gives to it.
pub enum Letter {
    /// The next nonce of an account, after what waits.
    Nonce(Address, oneshot::Sender<u64>),
    /// A transaction.
    Transaction(Bytes, oneshot::Sender<Result<B256, SubmitError>>),
}

/// The way to a life's ledger and state, once it is up.
#[derive(Clone)]
pub struct Door {
    /// Blocks and certificates.
    pub ledger: Ledger,
    /// Reads the state.
    pub questions: mpsc::Sender<Question>,
    /// Asks members to open.
    pub desk: Desk,
    /// Who holds the seal key.
    pub holdings: Holdings,
    /// Transactions that wait.
    pub pool: Pool,
    /// Takes transactions.
    pub letters: mpsc::Sender<Letter>,
}

/// Where a life's door is found, while there is one.
pub type Way = Arc<Mutex<Option<Door>>>;

/// What the simulator keeps of a life.
pub struct Member {
    /// Which member.
    pub index: usize,
    /// The simulated clock.
    pub clock: deterministic::Context,
    door: Way,
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

impl Network {
    /// The same network in a world of its own, which nobody looks at.
    fn unseen(&self) -> Self {
        let load = Load::new(self.founding.people.clone(), 0);
        Self {
            world: World::new(self.founding.keys.len(), load),
            ..self.clone()
        }
    }
}

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
            .map(|c| (*c, Quota::per_second(NZU32!(MESSAGES_PER_SECOND_MAX))))
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
        let (key, peers) = (public_key.clone(), Peers::new(oracle.manager()));
        // A member that breaks the rules listens to everybody for as long as it lives.
        let cut_off = network.cut_off && !network.byzantine.contains_key(&index);
        let guard = Guard::new(
            oracle.control(public_key.clone()),
            network.world.clone(),
            index,
            &network.founding.keys,
            cut_off,
        );
        let oracle = oracle.clone();
        gateways::start(&context, &network);
        town::start(&context, &network);
        let context = context.child("member");
        let door = Way::default();
        let member = Member {
            index,
            clock: context.child("clock"),
            door: door.clone(),
        };
        let handle = context.spawn(move |context| async move {
            if network.bandwidth.is_some() {
                let (up, down) = (network.bandwidth, network.bandwidth);
                let _ = oracle.limit_bandwidth(key.clone(), up, down).await;
            }
            let alive = network.world.born(index);
            let (founding, world) = (&network.founding, &network.world);
            match network.byzantine.get(&index).copied() {
                Some(Conduct::Silent) => std::future::pending().await,
                Some(Conduct::Vote(vote)) => {
                    let scheme = founding.schemes[index].clone();
                    let mut channels = channels.into_iter();
                    let next = |_| channels.next().expect("one pair for each channel");
                    let channels = Channels::register(next);
                    voter::run(context, vote, scheme, world.clone(), channels).await;
                }
                _ => {
                    let mut faces = hand::hold(&context, &network, index, channels).into_iter();
                    let first = Start {
                        network: network.clone(),
                        life: alive.life,
                        key: key.clone(),
                        prefix: format!("member-{index}"),
                        later: Duration::ZERO,
                        join: delayed,
                        door: door.clone(),
                        monitor,
                    };
                    // Nobody hears what the second of twins thinks is final.
                    let twin = Start {
                        network: network.unseen(),
                        key,
                        prefix: format!("member-{index}-twin"),
                        later: LATER,
                        door: Way::default(),
                        monitor: mpsc::unbounded_channel().0,
                        ..first
                    };
                    let lives = [("first", first), ("twin", twin)]
                        .into_iter()
                        .zip(&mut faces)
                        .map(|((name, start), channels)| {
                            let context = context.child(name);
                            Box::pin(start.live(context, channels, peers.clone(), guard.clone()))
                        });
                    futures::future::select_all(lives).await;
                    *door.lock() = None;
                    world.with(|w| w.collapsed.push(alive.life));
                }
            }
        });
        (handle, member)
    }

    fn start(handle: Handle<()>) -> Handle<()> {
        handle
    }
}
