//! The actor: answers the other members' questions, and asks them on behalf of clients.
//!
//! One task owns everything. What takes time (waiting for a block, reading state, waiting for answers)
//! runs as a future beside it, and there are at most so many of them.

use std::{
    collections::{BTreeMap, HashMap},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use alloy_primitives::B256;
use commonhold_execution::{Env, Machine};
use commonhold_primitives::consensus::MemberKey;
use commonhold_seal::{Holding, Holdings};
use commonware_cryptography::ed25519::PrivateKey;
use commonware_p2p::{Blocker, Receiver, Recipients, Sender, block};
use commonware_runtime::{Clock, Handle, IoBuf, Metrics, Spawner};
use commonware_utils::channel::{mpsc, oneshot};
use futures::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, Either, pending, select},
    stream::FuturesUnordered,
};
use rand_core::CryptoRng;
use tracing::debug;

use crate::{
    ask::{Answers, Ask, AskError, Desk, Wanted},
    gather::{Gathering, Question},
    judge::{self, FinalState, Permitted},
    limits::{ASKS_AT_ONCE_MAX, PEER_QUESTIONS_AT_ONCE_MAX, SEEN_MILLIS_MAX},
    member,
    quota::Quota,
    wire::{Message, Refusal, Reply, Subject},
};

/// What a desk needs to know.
pub struct Config<S, B> {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Who holds the seal key, with this member's shares of it.
    pub holdings: Holdings,
    /// Who this member is among the holders.
    pub me: MemberKey,
    /// What it signs its answers with.
    pub identity: PrivateKey,
    /// The machine with its modules.
    pub machine: Machine,
    /// What this member holds to be final.
    pub state: S,
    /// How to cut off a peer that misbehaves.
    pub blocker: B,
}

/// Starts to answer and to ask on one channel of the members' network.
pub fn start<E, S, B, Tx, Rx>(
    context: E,
    config: Config<S, B>,
    (sender, receiver): (Tx, Rx),
) -> (Desk, Handle<()>)
where
    E: CryptoRng + Spawner + Clock + Metrics,
    S: FinalState,
    B: Blocker<PublicKey = MemberKey>,
    Tx: Sender<PublicKey = MemberKey>,
    Rx: Receiver<PublicKey = MemberKey>,
{
    let (asks, asked) = mpsc::channel(ASKS_AT_ONCE_MAX);
    let handle = context.spawn(move |mut context| async move {
        // Answers to what this node asked before it was started last may still come: they must not be
        // taken for answers to what it asks now, or their members would seem to be false.
        let next = context.next_u64();
        let actor = Actor {
            context,
            config,
            sender,
            quota: Quota::default(),
            questions: HashMap::new(),
            clients: 0,
            rounds: BTreeMap::new(),
            next,
            work: FuturesUnordered::new(),
        };
        actor.run(asked, receiver).await;
    });
    (Desk::new(asks), handle)
}

/// Who wants a judgement.
enum For {
    /// Another member, under its id.
    Peer(MemberKey, u64),
    /// A client of this node.
    Client(Wanted, oneshot::Sender<Result<Answers, AskError>>),
}

/// What may be answered, and under which sharing.
struct Allowed {
    judged: Judged,
    holding: Arc<Holding>,
}

#[derive(Clone, Copy)]
enum Judged {
    Request(Permitted, u64),
    Time(u64),
}

/// What came of a piece of work.
enum Done {
    Judged(Box<For>, Result<Allowed, Refusal>),
    /// The round of this id is over.
    Round(u64, Vec<MemberKey>),
}

enum Event {
    Done(Option<Done>),
    Ask(Option<Ask>),
    Message(Option<(MemberKey, IoBuf)>),
}

/// Who waits for answers: by which sharing, and where they go.
type Waiting = (Arc<Holding>, mpsc::Sender<(u32, Reply)>);

struct Actor<E, S, B, Tx> {
    context: E,
    config: Config<S, B>,
    sender: Tx,
    quota: Quota,
    /// How many questions of each peer are under way.
    questions: HashMap<MemberKey, usize>,
    /// How many clients wait.
    clients: usize,
    /// Where what members say goes, by the id of the question.
    rounds: BTreeMap<u64, Waiting>,
    next: u64,
    work: FuturesUnordered<BoxFuture<'static, Done>>,
}

impl<E, S, B, Tx> Actor<E, S, B, Tx>
where
    E: CryptoRng + Spawner + Clock + Metrics,
    S: FinalState,
    B: Blocker<PublicKey = MemberKey>,
    Tx: Sender<PublicKey = MemberKey>,
{
    async fn run<Rx: Receiver<PublicKey = MemberKey>>(
        mut self,
        mut asked: mpsc::Receiver<Ask>,
        mut receiver: Rx,
    ) {
        // Never ready: so there is always something to wait for.
        self.work.push(pending().boxed());
        loop {
            // What is bounded comes first, so that a flood of messages does not hold it up.
            let event = {
                let done = self.work.next();
                let ask = pin!(asked.recv());
                let message = pin!(receiver.recv());
                match select(done, select(ask, message)).await {
                    Either::Left((done, _)) => Event::Done(done),
                    Either::Right((Either::Left((ask, _)), _)) => Event::Ask(ask),
                    Either::Right((Either::Right((message, _)), _)) => Event::Message(message.ok()),
                }
            };
            match event {
                Event::Done(Some(done)) => self.done(done),
                Event::Ask(Some(ask)) => self.ask(ask),
                Event::Message(Some((peer, message))) => self.hear(peer, message.as_ref()),
                // The network has ended, or everybody who could ask is gone: the node stops.
                Event::Done(None) | Event::Ask(None) | Event::Message(None) => return,
            }
        }
    }

    fn ask(&mut self, (wanted, answer): Ask) {
        if self.clients >= ASKS_AT_ONCE_MAX {
            // The client may be gone.
            let _ = answer.send(Err(AskError::Busy));
            return;
        }
        let Some(current) = self.config.holdings.now().current.clone() else {
            let _ = answer.send(Err(AskError::Unknown));
            return;
        };
        self.clients = self.clients.saturating_add(1);
        let sharing = current.group.digest();
        self.judge(wanted.subject, sharing, For::Client(wanted, answer));
    }

    fn hear(&mut self, peer: MemberKey, message: &[u8]) {
        match Message::from_bytes(message) {
            Some(Message::Question(id, subject, sharing)) => {
                let under_way = self.questions.entry(peer.clone()).or_default();
                if *under_way >= PEER_QUESTIONS_AT_ONCE_MAX {
                    self.tell(peer, id, Reply::Refusal(Refusal::Busy));
                    return;
                }
                *under_way = under_way.saturating_add(1);
                self.judge(subject, sharing, For::Peer(peer, id));
            }
            Some(Message::Reply(id, reply)) => {
                // It may come late, or be one too many: then nobody waits for it.
                if let Some((holding, round)) = self.rounds.get(&id)
                    && let Some(place) = holding.place(&peer)
                {
                    let _ = round.try_send((place, reply));
                }
            }
            None => self.cut_off(peer, "a message that does not decode"),
        }
    }

    fn judge(&self, subject: Subject, sharing: B256, whom: For) {
        let (machine, state) = (self.config.machine.clone(), self.config.state.clone());
        let holdings = self.config.holdings.clone();
        let clock = self.context.child("judging");
        self.work.push(
            async move {
                let judged = judge(&clock, &machine, &state, &holdings, subject, sharing).await;
                Done::Judged(Box::new(whom), judged)
            }
            .boxed(),
        );
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Judged(whom, judged) => self.judged(*whom, judged),
            Done::Round(id, false_ones) => {
                self.clients = self.clients.saturating_sub(1);
                self.rounds.remove(&id);
                for peer in false_ones {
                    self.cut_off(peer, "an answer that is not its own");
                }
            }
        }
    }

    fn judged(&mut self, whom: For, allowed: Result<Allowed, Refusal>) {
        match whom {
            For::Peer(peer, id) => {
                if let Some(under_way) = self.questions.get_mut(&peer) {
                    *under_way = under_way.saturating_sub(1);
                    if *under_way == 0 {
                        self.questions.remove(&peer);
                    }
                }
                let reply = allowed.and_then(|allowed| self.reply(&allowed));
                self.tell(peer, id, reply.unwrap_or_else(Reply::Refusal));
            }
            For::Client(wanted, answer) => match allowed {
                Ok(allowed) => self.round(wanted, &allowed, answer),
                Err(refusal) => {
                    self.clients = self.clients.saturating_sub(1);
                    // The client may be gone.
                    let _ = answer.send(Err(AskError::Refused(refusal)));
                }
            },
        }
    }

    /// This member's own answer.
    fn reply(&mut self, allowed: &Allowed) -> Result<Reply, Refusal> {
        let Allowed { judged, holding } = allowed;
        let share = holding.share.as_ref().ok_or(Refusal::NoShare)?;
        match *judged {
            Judged::Request(permitted, now) => {
                if !self.quota.take(permitted.reader, now) {
                    return Err(Refusal::Reader);
                }
                let request =
                    member::request(&permitted, self.config.chain_id, holding.group.digest());
                let (identity, rng) = (&self.config.identity, &mut self.context);
                let answer = member::answer(share, identity, &permitted, &request, rng)?;
                Ok(Reply::Answer(Box::new(answer)))
            }
            Judged::Time(seconds) => Ok(Reply::Partial(Box::new(member::time(share, seconds)))),
        }
    }

    /// Asks everybody.
    fn round(
        &mut self,
        wanted: Wanted,
        allowed: &Allowed,
        answer: oneshot::Sender<Result<Answers, AskError>>,
    ) {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        let holding = allowed.holding.clone();
        let sharing = holding.group.digest();
        let (said, saying) = mpsc::channel(holding.holders.len().max(1));
        if let Some(place) = holding.place(&self.config.me) {
            let own = self.reply(allowed).unwrap_or_else(Reply::Refusal);
            let _ = said.try_send((place, own));
        }
        self.rounds.insert(id, (holding.clone(), said));
        let message = Message::Question(id, wanted.subject, sharing).to_bytes();
        self.sender
            .send(Recipients::All, IoBuf::from(message), true);
        let question = match &allowed.judged {
            Judged::Request(permitted, _) => {
                Question::Request(member::request(permitted, self.config.chain_id, sharing))
            }
            Judged::Time(seconds) => Question::Time(*seconds),
        };
        let gathering = Gathering::new(question, holding.clone(), wanted.all);
        let clock = self.context.child("gathering");
        self.work.push(
            async move {
                let (answers, false_ones) = gathering.run(&clock, saying).await;
                let false_ones = false_ones.iter().filter_map(|place| holding.holder(*place));
                let false_ones = false_ones.cloned().collect();
                // The client may be gone.
                let _ = answer.send(Ok(answers));
                Done::Round(id, false_ones)
            }
            .boxed(),
        );
    }

    fn tell(&mut self, peer: MemberKey, id: u64, reply: Reply) {
        let message = Message::Reply(id, reply).to_bytes();
        let sent = self
            .sender
            .send(Recipients::One(peer), IoBuf::from(message), true);
        if sent.is_empty() {
            debug!("an answer could not be sent; who wants it asks again");
        }
    }

    fn cut_off(&mut self, peer: MemberKey, why: &'static str) {
        block!(self.config.blocker, peer, why, "a faulty member");
    }
}

/// Judges, and waits for a while where what is asked for, or the sharing, is not final here yet.
async fn judge(
    clock: &impl Clock,
    machine: &Machine,
    state: &impl FinalState,
    holdings: &Holdings,
    subject: Subject,
    sharing: B256,
) -> Result<Allowed, Refusal> {
    let mut patience = pin!(clock.sleep(Duration::from_millis(SEEN_MILLIS_MAX)));
    loop {
        let now = state.newest().await.ok_or(Refusal::Unavailable)?;
        let holding = holdings.now().of(sharing).ok_or(Refusal::OtherSharing);
        let judged = match holding {
            Ok(holding) => judge_at(machine, state, &now, subject)
                .await
                .map(|judged| Allowed { judged, holding }),
            Err(refusal) => Err(refusal),
        };
        if !matches!(
            judged,
            Err(Refusal::NotFinal | Refusal::NotYet | Refusal::OtherSharing)
        ) {
            return judged;
        }
        let later = pin!(state.after(now.number));
        match select(later, patience).await {
            Either::Left((true, still)) => patience = still,
            Either::Left((false, _)) | Either::Right(_) => return judged,
        }
    }
}

async fn judge_at(
    machine: &Machine,
    state: &impl FinalState,
    now: &Env,
    subject: Subject,
) -> Result<Judged, Refusal> {
    let seconds = now.timestamp_ms.div_euclid(1_000);
    match subject {
        Subject::Request(number) => {
            let permitted = judge::request(machine, state, now, number).await?;
            Ok(Judged::Request(permitted, seconds))
        }
        Subject::Time(time) if time <= seconds => Ok(Judged::Time(time)),
        Subject::Time(_) => Err(Refusal::NotYet),
    }
}
