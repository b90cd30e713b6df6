//! One life of a member: engine, pool, gossip, journal, and a client beside it.

use std::{sync::Arc, time::Duration};

use alloy_primitives::{Address, B256};
use commonhold_chain::{
    Chain, Config, Network as Channels, StateView,
    engine::{self, Ledger},
};
use commonhold_execution::Env;
use commonhold_node::membership::BySystem;
use commonhold_opening::FinalState;
use commonhold_pool::{
    AccountView, Pool, PoolConfig,
    gossip::{self, AccountReader as _},
    journal,
    submit::Submitter,
};
use commonhold_primitives::{StateKey, StateValue, consensus::MemberKey};
use commonware_glue::simulate::{reporter::MonitorReporter, tracker::FinalizationUpdate};
use commonware_p2p::Sender;
use commonware_parallel::Sequential;
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::{NZUsize, channel::mpsc};
use zeroize::Zeroizing;

use crate::{
    byzantine::{
        Conduct, Inlet,
        perjurer::{self, Perjury},
        proposer::Proposer,
    },
    founding::CHAIN_ID,
    guard::Guard,
    load,
    member::{Door, LEADER_TIMEOUT, Letter, Network, Question, Way},
    peers::Peers,
    readers::client::Client,
    world::Life,
};

/// What a life needs to know.
pub struct Start {
    /// The network, and who watches.
    pub network: Network,
    /// Which life of which member.
    pub life: Life,
    /// Its key.
    pub key: MemberKey,
    /// Prefix of its storage.
    pub prefix: String,
    /// How long it waits before it builds a block.
    pub later: Duration,
    /// Whether it joins an existing network.
    pub join: bool,
    /// Where the way in is put, once it is up.
    pub door: Way,
    /// Who is told how far it is.
    pub monitor: mpsc::UnboundedSender<FinalizationUpdate<MemberKey>>,
}

impl Start {
    /// Runs until the engine fails.
    pub async fn live<Tx: Sender<PublicKey = MemberKey>>(
        self,
        context: deterministic::Context,
        channels: Channels<Tx, Inlet>,
        peers: Peers,
        guard: Guard,
    ) {
        let Self {
            network,
            life,
            key,
            prefix,
            later,
            join,
            door,
            monitor,
        } = self;
        let index = life.0;
        let conduct = network.byzantine.get(&index).copied();
        let lie = match conduct {
            Some(Conduct::Propose(lie)) => Some(lie),
            _ => None,
        };
        let misdeal = match conduct {
            Some(Conduct::Deal(misdeal)) => Some(misdeal),
            _ => None,
        };
        let Network {
            founding, world, ..
        } = network;
        let pool = Pool::new(PoolConfig::from(founding.genesis.as_ref()));
        let partition = format!("{prefix}-journal");
        let config = Config {
            genesis: founding.genesis.clone(),
            identity: founding.identities[index].clone(),
            share: founding.shares.get(index).cloned(),
            secret: Zeroizing::new([7; 32]),
            seal_share: founding.seal_shares.get(index).cloned(),
            membership: BySystem,
            peers,
            blocker: guard.clone(),
            strategy: Sequential,
            machine: founding.machine.clone(),
            pool: pool.clone(),
            observer: world.recorder(life, context.child("recorder")),
            prefix,
            cache_pages: NZUsize!(256),
            join,
            leader_timeout: LEADER_TIMEOUT,
        };
        let watching = world.clone();
        let started = engine::start_as(
            context.child("engine"),
            config,
            channels,
            move |app| Proposer::new(app, lie, misdeal, later, watching),
            move |mailbox| MonitorReporter::new(key, monitor, mailbox),
        )
        .await;
        let (
            Chain {
                handle,
                ledger,
                state,
                holdings,
                ..
            },
            beside,
        ) = match started {
            Ok(started) => started,
            Err(e) => {
                tracing::warn!(index, error = %e, "a member does not start");
                return;
            }
        };
        let accounts = Accounts(state.clone());
        gossip::start(
            context.child("gossip"),
            pool.clone(),
            accounts.clone(),
            Sequential,
            guard.clone(),
            beside.gossip,
        );
        world.with(|w| w.holds(life, holdings.clone()));
        let known = holdings.clone();
        let (holdings, identity) = perjurer::answering(&founding, index, conduct, holdings);
        let opening = commonhold_opening::Config {
            chain_id: CHAIN_ID,
            holdings,
            me: founding.keys[index].clone(),
            identity,
            machine: founding.machine.clone(),
            state: Finality {
                clock: Arc::new(context.child("finality")),
                ledger: ledger.clone(),
                state: state.clone(),
            },
            blocker: guard,
        };
        let (desk, _) =
            commonhold_opening::start(context.child("opening"), opening, beside.opening);
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
        let (letters, written) = mpsc::channel(16);
        let post = Submitter::new(context.child("post"), pool.clone(), accounts.clone());
        let lanes = (pool.clone(), accounts.clone());
        let waiting = pool.clone();
        context
            .child("letters")
            .spawn(move |_| take_letters(written, lanes, post));
        // Nobody sends anything to a member that breaks the rules: its word is worth nothing.
        if conduct.is_none() {
            let submitter = Submitter::new(context.child("clock"), pool, accounts);
            let client = load::run(context.child("client"), world.clone(), life, submitter);
            context.child("clients").spawn(move |_| client);
        }
        // Readers verify what they get: they may ask a member that deceives them.
        let honest = conduct.is_none() || conduct == Some(Conduct::Open(Perjury::Deceive));
        let wanted = world.read(|readers, _| readers.stand_beside(index));
        if honest && wanted.unwrap_or_default() {
            let client = Client {
                world: world.clone(),
                life,
                desk: desk.clone(),
                deceiver: perjurer::deceiver(&founding, index, conduct),
            };
            let readers = context.child("readers");
            readers.spawn(move |context| client.run(context));
        }
        let (questions, mut asked) = mpsc::channel::<Question>(16);
        context.child("questions").spawn(move |_| async move {
            while let Some((keys, answer)) = asked.recv().await {
                if let Ok(found) = state.load(keys).await {
                    let _ = answer.send(found);
                }
            }
        });
        let open = Door {
            ledger,
            questions,
            desk,
            holdings: known,
            pool: waiting,
            letters,
        };
        world.with(|w| {
            w.starting.remove(&life);
            w.doors.insert(index, (life, open.clone()));
        });
        *door.lock() = Some(open);
        let _ = handle.await;
    }
}

/// Takes what clients' nodes bring, for as long as the life lasts.
async fn take_letters(
    mut written: mpsc::Receiver<Letter>,
    (pool, accounts): (Pool, Accounts),
    post: Submitter<deterministic::Context, Accounts>,
) {
    while let Some(letter) = written.recv().await {
        match letter {
            Letter::Nonce(address, answer) => {
                let pending = pool.pending_nonce(&address);
                let nonce = match pending {
                    Some(nonce) => Some(nonce),
                    None => accounts
                        .accounts(vec![address])
                        .await
                        .and_then(|found| Some(found.first()?.nonce)),
                };
                if let Some(nonce) = nonce {
                    let _ = answer.send(nonce);
                }
            }
            Letter::Transaction(raw, answer) => {
                let _ = answer.send(post.submit(raw).await);
            }
        }
    }
}

/// How long a life waits before it looks for a new block again.
const LOOK: Duration = Duration::from_millis(10);

/// What a life holds to be final.
#[derive(Clone)]
struct Finality {
    clock: Arc<deterministic::Context>,
    ledger: Ledger,
    state: StateView<deterministic::Context, Sequential>,
}

impl FinalState for Finality {
    async fn newest(&self) -> Option<Env> {
        let number = self.ledger.processed().await?;
        Some(Env::of(self.ledger.block(number).await?.header()))
    }
    async fn load(&self, keys: Vec<StateKey>) -> Option<Vec<Option<StateValue>>> {
        let loaded = self.state.load(keys).await.ok()?;
        Some(loaded.into_iter().map(|(_, value)| value).collect())
    }
    async fn hash(&self, number: u64) -> Option<B256> {
        Some(self.ledger.block(number).await?.hash())
    }
    async fn after(&self, number: u64) -> bool {
        while self.ledger.processed().await.unwrap_or_default() <= number {
            self.clock.sleep(LOOK).await;
        }
        true
    }
}

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
