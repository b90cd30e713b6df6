//! The actor: follows final blocks, deals and acknowledges, and says who holds the seal key.

use std::{pin::pin, sync::Arc};

use alloy_primitives::B256;
use commonhold_primitives::{
    Block, Genesis,
    consensus::{MemberKey, Scheme},
    epoch::{Ceremony, Output},
    sealing::Sealing,
};
use commonhold_seal::{Held, Holding, Holdings, SealShare};
use commonware_actor::Feedback;
use commonware_consensus::{
    Reporter,
    marshal::{Update, core::Mailbox as Marshal, standard::Standard},
    types::{Epoch, Height},
};
use commonware_cryptography::{
    Digested, Signer as _,
    ed25519::PrivateKey,
    transcript::{Summary, Transcript, Version},
};
use commonware_glue::dkg::SecretStore as _;
use commonware_math::algebra::Random as _;
use commonware_p2p::{Blocker, Receiver, Recipients, Sender, block};
use commonware_parallel::Strategy;
use commonware_runtime::{Handle, IoBuf, Spawner};
use commonware_storage::Context;
use commonware_utils::{Acknowledgement as _, acknowledgement::Exact, channel::mpsc, ordered::Set};
use futures::future::{Either, select};
use rand_core::CryptoRng;
use tracing::{info, warn};
use zeroize::Zeroizing;

use super::{
    known::{self, Known, Phase, View},
    message::{Body, Message},
    part::Part,
    round::{Logs, Round},
};
use crate::{
    epochs::Secrets,
    error::StartError,
    limits::{SEAL_SHARES_KEPT, SEALING_RESEND_BLOCKS},
};

type Told = (Digested<Block>, Exact);

/// Tells the actor of final blocks.
#[derive(Clone)]
pub(crate) struct Mailbox(mpsc::UnboundedSender<Told>);

impl Reporter for Mailbox {
    type Activity = Update<Block>;

    fn report(&mut self, activity: Update<Block>) -> Feedback {
        let Update::Block(block, acknowledgement) = activity else {
            return Feedback::Ok;
        };
        match self.0.send((block, acknowledgement)) {
            Ok(()) => Feedback::Ok,
            Err(_) => Feedback::Closed,
        }
    }
}

/// What the actor needs to know.
pub(crate) struct Config<S, B> {
    /// Hash of the genesis block.
    pub genesis_block: B256,
    /// This member's identity key.
    pub signer: PrivateKey,
    /// This member's share of the founders' sharing, where it has one.
    pub share: Option<SealShare>,
    /// Whether this member begins anew, and must not deal before the next epoch.
    pub follows: bool,
    /// Final blocks.
    pub marshal: Marshal<Scheme, Standard<Block>>,
    /// Who holds the seal key.
    pub holdings: Holdings,
    /// Where arithmetic runs.
    pub strategy: S,
    /// How to cut off a peer that misbehaves.
    pub blocker: B,
}

pub(crate) struct Actor<E: Context + CryptoRng, S, B> {
    context: E,
    config: Config<S, B>,
    /// Hash of the genesis document.
    network: B256,
    /// The founders' sharing: in epoch 0 they deal to themselves.
    first: Output,
    secrets: Secrets<E>,
    /// What proposer and voter read.
    known: Known,
    blocks: mpsc::UnboundedReceiver<Told>,
    me: MemberKey,
    part: Option<Part>,
    /// The newest block that was applied.
    tip: Option<u64>,
}

enum Event {
    Block(Option<Told>),
    Message(Option<(MemberKey, IoBuf)>),
}

/// What a member's engine takes part in the ceremonies with: nothing where the network has no seal key.
pub(crate) type Opened<E, S, B> = (Option<Known>, Option<Mailbox>, Option<Actor<E, S, B>>);

/// Opens the store of this member's secrets of the seal key.
///
/// # Errors
/// Where it cannot be read, or the genesis document does not decode.
pub(crate) async fn open<E, S, B>(
    context: &E,
    genesis: &Genesis,
    prefix: &str,
    secret: &Zeroizing<[u8; 32]>,
    config: Config<S, B>,
) -> Result<Opened<E, S, B>, StartError>
where
    E: Context + CryptoRng + Spawner,
    B: Blocker<PublicKey = MemberKey>,
{
    let Some(first) = genesis.first_sealing()? else {
        return Ok((None, None, None));
    };
    let partition = format!("{prefix}-seal-secrets");
    let secrets = Secrets::open(context.child("seal_secrets"), partition, secret).await?;
    let known = Known::new(genesis.epoch_blocks);
    let (told, blocks) = mpsc::unbounded_channel();
    let actor = Actor {
        me: config.signer.public_key(),
        context: context.child("sealing"),
        config,
        network: genesis.hash(),
        first,
        secrets,
        known: known.clone(),
        blocks,
        part: None,
        tip: None,
    };
    Ok((Some(known), Some(Mailbox(told)), Some(actor)))
}

impl<E, S, B> Actor<E, S, B>
where
    E: Context + CryptoRng + Spawner,
    S: Strategy,
    B: Blocker<PublicKey = MemberKey>,
{
    /// Starts after the block `tip`, which is applied; none: this node does not know yet where it begins.
    pub(crate) fn start<Tx, Rx>(self, tip: Option<u64>, (sender, receiver): (Tx, Rx)) -> Handle<()>
    where
        Tx: Sender<PublicKey = MemberKey>,
        Rx: Receiver<PublicKey = MemberKey>,
    {
        let spawner = self.context.child("run");
        spawner.spawn(move |_| self.run(tip, sender, receiver))
    }

    async fn run<Tx, Rx>(mut self, tip: Option<u64>, mut sender: Tx, mut receiver: Rx)
    where
        Tx: Sender<PublicKey = MemberKey>,
        Rx: Receiver<PublicKey = MemberKey>,
    {
        if let Some(tip) = tip {
            self.begin(tip).await;
        }
        loop {
            let event = {
                let block = pin!(self.blocks.recv());
                let message = pin!(receiver.recv());
                match select(block, message).await {
                    Either::Left((block, _)) => Event::Block(block),
                    Either::Right((message, _)) => Event::Message(message.ok()),
                }
            };
            match event {
                Event::Block(Some((block, acknowledgement))) => {
                    self.apply(block.inner(), &mut sender).await;
                    acknowledgement.acknowledge();
                }
                Event::Message(Some((peer, message))) => {
                    self.hear(peer, message.as_ref(), &mut sender).await;
                }
                // The node stops.
                Event::Block(None) | Event::Message(None) => return,
            }
        }
    }

    async fn block(&mut self, number: u64) -> Option<Block> {
        let found = self.config.marshal.get_block(Height::new(number)).await?;
        Some(found.inner().clone())
    }

    /// The sharing in force in an epoch, and to whom it is dealt in it. None where the block that says so
    /// is not here.
    async fn sharing(&mut self, epoch: u64) -> Option<(Output, Set<MemberKey>)> {
        let Some(before) = epoch.checked_sub(1) else {
            return Some((self.first.clone(), self.first.players().clone()));
        };
        let block = self.block(self.known.last_block(before)?).await?;
        match (block.sealing(), block.ceremony()) {
            (Some(Sealing::Sharing(output)), Some(Ceremony::EpochInfo(info))) => {
                Some(((**output).clone(), info.players.clone()))
            }
            _ => None,
        }
    }

    /// This member's share of the sharing in force in an epoch, from the store, or from the founding.
    async fn share(&mut self, epoch: u64, output: &Output) -> Option<Holding> {
        let stored = self.secrets.get_share(Epoch::new(epoch)).await;
        let holding = |share| Holding::new(epoch, output, share).ok();
        let held = holding(stored.map(SealShare::new))?;
        if held.share.is_some() {
            return Some(held);
        }
        let held = holding(self.config.share.clone())?;
        if let Some(share) = &held.share {
            let share = share.clone().into_inner();
            self.secrets.put_share(Epoch::new(epoch), share).await;
        }
        Some(held)
    }

    /// Finds out where the ceremony stands after block `tip`, from final blocks and from the store.
    async fn begin(&mut self, tip: u64) {
        self.tip = Some(tip);
        self.part = None;
        let known = self.known.clone();
        let Some((epoch, _)) = known.place(tip.saturating_add(1)) else {
            return;
        };
        let found = self.sharing(epoch).await;
        let mut view = View {
            tip,
            tip_hash: self.hash(tip).await,
            round: None,
            is_whole: true,
            logs: Logs::new(),
        };
        let mut held = Held::default();
        if let Some((output, players)) = found {
            held.next = players.iter().cloned().collect();
            held.current = self.share(epoch, &output).await.map(Arc::new);
            if let Some(before) = epoch.checked_sub(SEAL_SHARES_KEPT)
                && let Some((earlier, _)) = self.sharing(before).await
                && earlier != output
            {
                held.previous = self.share(before, &earlier).await.map(Arc::new);
            }
            let round = Round::new(self.network, epoch, output, players);
            view.round = round.map(Arc::new);
        } else {
            warn!(
                epoch,
                "this node learns who holds the seal key at the end of this epoch"
            );
        }
        for number in known.middle(epoch)..=tip {
            match self.block(number).await {
                Some(block) => {
                    known::take(view.round.clone(), &mut view.logs, &block);
                }
                None => view.is_whole = false,
            }
        }
        if let Some(round) = view.round.clone() {
            let share = held.current.as_ref().and_then(|held| held.share.clone());
            let share = share.filter(|_| !self.config.follows);
            info!(
                epoch,
                holders = round.previous().players().len(),
                holds = share.is_some(),
                "the seal key's shares"
            );
            let share = share.map(SealShare::into_inner);
            let (signer, secrets) = (&self.config.signer, &mut self.secrets);
            let part = Part::begin(round, signer, share, secrets, &mut self.context).await;
            self.part = Some(part);
        }
        known.begin(view);
        if let Some(log) = self.part.as_ref().and_then(Part::log) {
            known.offer(log);
        }
        self.config.holdings.set(held);
    }

    async fn hash(&mut self, number: u64) -> B256 {
        match number {
            0 => self.config.genesis_block,
            _ => self.block(number).await.map_or(B256::ZERO, |b| b.hash()),
        }
    }

    async fn apply(&mut self, block: &Block, sender: &mut impl Sender<PublicKey = MemberKey>) {
        let number = block.number();
        let before = number.saturating_sub(1);
        match self.tip {
            Some(tip) if number <= tip => return,
            Some(tip) if tip == before => {}
            // The state was fetched, and with it everything before.
            _ => self.begin(before).await,
        }
        let Some((epoch, phase)) = self.known.place(number) else {
            return;
        };
        if phase == Phase::Last {
            self.turn(epoch, block).await;
        } else {
            self.tip = Some(number);
            self.known.follow(block);
        }
        self.act(number, sender).await;
    }

    /// The last block of an epoch: this member's share of the next, the old ones erased.
    async fn turn(&mut self, epoch: u64, block: &Block) {
        if let Some(Sealing::Sharing(next)) = block.sealing()
            && let Some(share) = self.next_share(epoch, next).await
        {
            let epoch = Epoch::new(epoch.saturating_add(1));
            self.secrets.put_share(epoch, share).await;
        }
        let kept = epoch.saturating_add(1).saturating_sub(SEAL_SHARES_KEPT);
        self.secrets.prune(Epoch::new(kept)).await;
        self.config.follows = false;
        self.begin(block.number()).await;
    }

    async fn next_share(
        &mut self,
        epoch: u64,
        next: &Output,
    ) -> Option<commonware_cryptography::bls12381::primitives::group::Share> {
        let view = self.known.view();
        let round = view.round.filter(|round| round.epoch() == epoch)?;
        if *next == *round.previous() {
            let held = self.config.holdings.now();
            let share = held.current.as_ref()?.share.clone()?;
            return Some(share.into_inner());
        }
        let part = self.part.take()?;
        let seed = Summary::random(&mut self.context);
        let (next, logs) = (next.clone(), view.logs);
        let work = self.config.strategy.spawn(logs.len(), move |strategy| {
            let mut rng = Transcript::resume(seed, Version::V1).noise(b"seal-share");
            part.finish(&logs, &next, &mut rng, &strategy)
        });
        work.await
    }

    /// What is to be done after a block.
    async fn act(&mut self, number: u64, sender: &mut impl Sender<PublicKey = MemberKey>) {
        let (Some(part), Some((epoch, phase))) =
            (&mut self.part, self.known.place(number.saturating_add(1)))
        else {
            return;
        };
        let is_due = number.checked_rem(SEALING_RESEND_BLOCKS) == Some(0);
        if is_due {
            for (player, message) in part.dealings() {
                sender.send(
                    Recipients::One(player),
                    IoBuf::from(message.to_bytes()),
                    true,
                );
            }
        }
        if phase != Phase::Logs {
            return;
        }
        if part.log().is_none() {
            let (middle, last) = (
                self.known.middle(epoch),
                self.known.last_block(epoch).unwrap_or(u64::MAX),
            );
            // Half of the time in which logs are taken is for members that come back.
            let late = middle.saturating_add(last.saturating_sub(middle).div_euclid(2));
            part.close(number >= late, &mut self.secrets).await;
            if let Some(log) = part.log() {
                self.known.offer(log);
            }
        }
        if is_due
            && !self.known.has_log(&self.me)
            && let Some(message) = part.log_message()
        {
            sender.send(Recipients::All, IoBuf::from(message.to_bytes()), true);
        }
    }

    async fn hear(
        &mut self,
        peer: MemberKey,
        message: &[u8],
        sender: &mut impl Sender<PublicKey = MemberKey>,
    ) {
        let Ok(message) = Message::from_bytes(message) else {
            block!(
                self.config.blocker,
                peer,
                "a message of the seal key's ceremony that does not decode"
            );
            return;
        };
        // Who is ahead or behind sends again.
        if self.known.round(message.epoch).is_none() {
            return;
        }
        if let Body::Log(log) = &message.body {
            self.known.offer(log);
        }
        let Some(part) = &mut self.part else {
            return;
        };
        let answer = part.hear(&peer, message.body, &mut self.secrets);
        if let Some(answer) = answer.await {
            sender.send(Recipients::One(peer), IoBuf::from(answer.to_bytes()), true);
        }
    }
}
