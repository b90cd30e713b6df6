//! One member's run, from its first message until it leaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    time::{Duration, SystemTime},
};

use alloy_primitives::B256;
use commonhold_primitives::consensus::MemberKey;
use commonhold_seal::ceremony::{Body, Ceremony, CeremonyError, Finished, Message, Missing};
use commonware_p2p::{Blocker, Receiver, Recipients, Sender, block};
use commonware_runtime::{Clock, IoBuf};
use futures::future::{Either, select};
use rand_core::CryptoRng;
use tracing::debug;

use crate::{
    limits::{FAREWELL_MILLIS, LINGER_MILLIS_MAX, TICK_MILLIS},
    outcome::{End, Event, Fault, Incomplete, RunError},
    peer::Peer,
    wire::{Status, Wire},
};

/// Whom a ceremony is run for: keeps what must not be forgotten, and hears what goes on.
pub trait Host: Send {
    /// Why something could not be written.
    type Error: std::error::Error + Send;

    /// Writes the memory of the ceremony, locked, in the place of the former one. It is on the disk when
    /// this returns.
    ///
    /// # Errors
    /// Where it cannot be written. The run ends, and nothing that depends on it was sent.
    fn remember(&mut self, ceremony: &Ceremony) -> Result<(), Self::Error>;

    /// Writes the result: this member's share, then what everybody may read. Where a former run has
    /// written it already, this does nothing.
    ///
    /// # Errors
    /// Where it cannot be written. The run ends, and goes on from its memory when it is started again.
    fn finish(&mut self, finished: &Finished) -> Result<(), Self::Error>;

    /// Hears what happens.
    fn tell(&mut self, event: Event);
}

/// What a run needs to know.
pub struct Config<'a, H, B> {
    /// The round, begun or resumed.
    pub ceremony: Ceremony,
    /// This member's place.
    pub me: u32,
    /// Whom it is run for.
    pub host: &'a mut H,
    /// How to cut off a peer that talks garbage.
    pub blocker: B,
    /// How long to wait for a result.
    pub patience: Duration,
    /// Stay until every member has finished, however long it takes.
    pub stay: bool,
}

/// Runs one member's part until the result is known to all that are there. It may be dropped at any
/// point, and taken up again from what the host remembers.
///
/// # Errors
/// [`RunError`].
pub async fn run<E, H, B, Tx, Rx>(
    mut context: E,
    config: Config<'_, H, B>,
    (sender, mut receiver): (Tx, Rx),
) -> Result<End, RunError<H::Error>>
where
    E: CryptoRng + Clock,
    H: Host,
    B: Blocker<PublicKey = MemberKey>,
    Tx: Sender<PublicKey = MemberKey>,
    Rx: Receiver<PublicKey = MemberKey>,
{
    let now = context.current();
    let peers = (0..)
        .zip(config.ceremony.terms().members())
        .filter(|(place, _)| *place != config.me)
        .map(|(place, _)| (place, Peer::new(now)))
        .collect();
    let mut run = Run {
        life: context.next_u64(),
        context,
        began: now,
        config,
        sender,
        peers,
        awaited: None,
        lingering: BTreeSet::new(),
        finished: None,
    };
    run.remember()?;
    run.advance()?;
    loop {
        run.tick();
        let mut tick = pin!(run.context.sleep(Duration::from_millis(TICK_MILLIS)));
        loop {
            if run.may_leave() {
                return run.leave().await;
            }
            // The tick comes first, so that a flood of messages does not hold it up.
            let heard = match select(tick.as_mut(), pin!(receiver.recv())).await {
                Either::Left(_) => break,
                Either::Right((heard, _)) => heard,
            };
            let (peer, message) = heard.map_err(|_| RunError::Network)?;
            run.hear(&peer, message.as_ref())?;
        }
        if run.has_waited_enough() {
            return run.leave().await;
        }
    }
}

struct Run<'a, E, H, B, Tx> {
    context: E,
    config: Config<'a, H, B>,
    /// Which start of this program it is.
    life: u64,
    began: SystemTime,
    sender: Tx,
    /// The other members, by place.
    peers: BTreeMap<u32, Peer>,
    /// What was last said to be awaited.
    awaited: Option<Missing>,
    /// For whom we last said to stay.
    lingering: BTreeSet<u32>,
    finished: Option<Own>,
}

/// What this member has finished with.
struct Own {
    at: SystemTime,
    /// The digest of the result.
    group: B256,
    finished: Finished,
}

impl<E, H, B, Tx> Run<'_, E, H, B, Tx>
where
    E: CryptoRng + Clock,
    H: Host,
    B: Blocker<PublicKey = MemberKey>,
    Tx: Sender<PublicKey = MemberKey>,
{
    fn remember(&mut self) -> Result<(), RunError<H::Error>> {
        let config = &mut self.config;
        config
            .host
            .remember(&config.ceremony)
            .map_err(RunError::Host)
    }

    /// Writes the result once it is there, and says so to all.
    fn advance(&mut self) -> Result<(), RunError<H::Error>> {
        if self.finished.is_some() {
            return Ok(());
        }
        let Some(finished) = self.config.ceremony.finished() else {
            return Ok(());
        };
        self.config.host.finish(&finished).map_err(RunError::Host)?;
        self.finished = Some(Own {
            at: self.context.current(),
            group: finished.made.digest(),
            finished,
        });
        self.config.host.tell(Event::Finished);
        let claims: Vec<_> = self
            .peers
            .iter()
            .map(|(p, peer)| (*p, peer.result))
            .collect();
        for (place, claimed) in claims {
            self.compare(place, claimed);
        }
        self.say_status();
        Ok(())
    }

    /// What is said and looked at again and again.
    fn tick(&mut self) {
        let now = self.context.current();
        for (place, peer) in &mut self.peers {
            if peer.here && peer.is_silent(now) {
                peer.here = false;
                if peer.is_told() {
                    self.config.host.tell(Event::Away(*place));
                }
            }
        }
        self.say_status();
        let due: BTreeSet<u32> = self
            .peers
            .iter_mut()
            .filter_map(|(place, peer)| peer.is_due(now).then_some(*place))
            .collect();
        for (to, message) in self.config.ceremony.resend() {
            let place = self.config.ceremony.terms().place(&to);
            if place.is_some_and(|place| due.contains(&place)) {
                self.send(to, message);
            }
        }
        for place in due {
            self.pass_on(place);
        }
        self.tell_what_is_awaited();
    }

    /// Brings one who has not finished the confirmations of the others, who may be gone.
    fn pass_on(&mut self, place: u32) {
        let lacks = self
            .peers
            .get(&place)
            .is_some_and(|peer| !self.has_finished(peer));
        let terms = self.config.ceremony.terms();
        let to = usize::try_from(place)
            .ok()
            .and_then(|at| terms.members().get(at));
        if let (true, Some(to), Some(finished)) = (lacks, to, self.config.ceremony.finished()) {
            let proof = Wire::Proof(terms.round(), finished.confirmations);
            let bytes = IoBuf::from(proof.to_bytes().to_vec());
            self.sender.send(Recipients::One(to.clone()), bytes, true);
        }
    }

    fn tell_what_is_awaited(&mut self) {
        if self.finished.is_some() {
            let lacking = self.lacking();
            if !lacking.is_empty() && lacking != self.lingering {
                self.lingering.clone_from(&lacking);
                self.config.host.tell(Event::Lingering(lacking));
            }
            return;
        }
        let missing = self.config.ceremony.missing();
        if self.awaited.as_ref() != Some(&missing) {
            self.awaited = Some(missing.clone());
            self.config.host.tell(Event::Awaiting(missing));
        }
    }

    fn say_status(&mut self) {
        let status = Status {
            life: self.life,
            round: self.config.ceremony.terms().round(),
            result: self.finished.as_ref().map(|own| own.group),
            done: self.done(),
        };
        let bytes = Wire::Status(status).to_bytes().to_vec();
        // Who does not get it gets the next one.
        self.sender.send(Recipients::All, IoBuf::from(bytes), true);
    }

    fn send(&mut self, to: MemberKey, message: Message) {
        let bytes = Wire::Step(Box::new(message)).to_bytes().to_vec();
        let sent = self
            .sender
            .send(Recipients::One(to), IoBuf::from(bytes), true);
        if sent.is_empty() {
            debug!("a message could not be sent; it will be sent again");
        }
    }

    fn hear(&mut self, from: &MemberKey, bytes: &[u8]) -> Result<(), RunError<H::Error>> {
        let place = self.config.ceremony.terms().place(from);
        let now = self.context.current();
        let Some((place, peer)) = place.and_then(|p| Some((p, self.peers.get_mut(&p)?))) else {
            return Ok(());
        };
        if peer.speaks(now) && peer.is_told() {
            self.config.host.tell(Event::Here(place));
        }
        match Wire::from_bytes(bytes) {
            Some(Wire::Status(status)) => self.hear_status(place, &status, now),
            Some(Wire::Step(message)) => return self.step(from, place, *message),
            Some(Wire::Proof(round, confirmations)) => {
                let members = self.config.ceremony.terms().members().clone();
                for (of, confirmation) in confirmations {
                    let of = usize::try_from(of).ok().and_then(|at| members.get(at));
                    if let Some(of) = of.filter(|of| self.is_another(of)) {
                        let body = Body::Confirm(confirmation);
                        self.step(of, place, Message { round, body })?;
                    }
                }
            }
            None => {
                self.fault(place, Fault::Garbage);
                block!(
                    self.config.blocker,
                    from.clone(),
                    "a message that does not decode"
                );
            }
        }
        Ok(())
    }

    fn hear_status(&mut self, place: u32, status: &Status, now: SystemTime) {
        let round = self.config.ceremony.terms().round();
        let Some(peer) = self.peers.get_mut(&place) else {
            return;
        };
        let news = peer.takes(status, self.config.me, round, now);
        if news.restarted && peer.is_told() {
            self.config.host.tell(Event::Restarted(place));
        }
        if let Some(round) = news.elsewhere
            && peer.is_told()
        {
            let member = place;
            self.config.host.tell(Event::OtherRound { member, round });
        }
        if news.finished {
            self.compare(place, status.result);
            // It leaves when it knows that we know.
            self.say_status();
        }
    }

    fn is_another(&self, member: &MemberKey) -> bool {
        self.config.ceremony.terms().place(member) != Some(self.config.me)
    }

    /// Whether a member has the same key that we have.
    fn compare(&mut self, place: u32, claimed: Option<B256>) {
        if let (Some(own), Some(claimed)) = (&self.finished, claimed)
            && claimed != own.group
        {
            self.fault(place, Fault::OtherKey);
        }
    }

    /// Gives the state machine a message of the member `from` that the one at `place` brought, remembers,
    /// and only then sends what follows from it.
    fn step(
        &mut self,
        from: &MemberKey,
        place: u32,
        message: Message,
    ) -> Result<(), RunError<H::Error>> {
        let step = match self
            .config
            .ceremony
            .handle(from, message, &mut self.context)
        {
            Ok(step) => step,
            // Its status says it too.
            Err(CeremonyError::Round { .. }) => return Ok(()),
            Err(e @ (CeremonyError::Lost(_) | CeremonyError::Revealed { .. })) => {
                return Err(RunError::Ceremony(e));
            }
            Err(e) => {
                self.fault(place, Fault::Refused(e));
                return Ok(());
            }
        };
        if step.changed {
            self.remember()?;
        }
        for (to, message) in step.send {
            self.send(to, message);
        }
        self.advance()
    }

    fn fault(&mut self, member: u32, fault: Fault) {
        if let Some(peer) = self.peers.get_mut(&member)
            && peer.fault.is_none()
        {
            peer.fault = Some(fault.clone());
            self.config.host.tell(Event::Fault { member, fault });
        }
    }

    /// Whether a member has our result.
    fn has_finished(&self, peer: &Peer) -> bool {
        let own = self.finished.as_ref();
        own.is_some_and(|own| peer.result == Some(own.group))
    }

    /// The members known to have finished.
    fn done(&self) -> BTreeSet<u32> {
        let peers = self.peers.iter();
        let mut done: BTreeSet<u32> = peers
            .filter_map(|(place, peer)| self.has_finished(peer).then_some(*place))
            .collect();
        if self.finished.is_some() {
            done.insert(self.config.me);
        }
        done
    }

    /// The members of whom it is not known that they have the result.
    fn lacking(&self) -> BTreeSet<u32> {
        let peers = self.peers.iter();
        peers
            .filter_map(|(place, peer)| (!self.has_finished(peer)).then_some(*place))
            .collect()
    }

    fn may_leave(&self) -> bool {
        let now = self.context.current();
        self.finished.is_some()
            && self.peers.values().all(|peer| {
                if self.has_finished(peer) {
                    peer.knows_us || peer.is_silent(now)
                } else {
                    !self.config.stay && peer.is_silent(now)
                }
            })
    }

    fn has_waited_enough(&self) -> bool {
        let (since, patience) = match &self.finished {
            Some(_) if self.config.stay => return false,
            Some(own) => (own.at, Duration::from_millis(LINGER_MILLIS_MAX)),
            None => (self.began, self.config.patience),
        };
        let waited = self.context.current().duration_since(since);
        waited.unwrap_or_default() >= patience
    }

    /// Says the last word, and gives it time to arrive.
    async fn leave(mut self) -> Result<End, RunError<H::Error>> {
        let Some(own) = self.finished.as_ref() else {
            return Err(RunError::Incomplete(Box::new(self.incomplete())));
        };
        // With the confirmations that have come since.
        let newest = self.config.ceremony.finished();
        let finished = newest.unwrap_or_else(|| own.finished.clone());
        self.say_status();
        let farewell = Duration::from_millis(FAREWELL_MILLIS);
        self.context.sleep(farewell).await;
        Ok(End {
            finished,
            lacking: self.lacking(),
        })
    }

    fn incomplete(&self) -> Incomplete {
        let now = self.context.current();
        let by = |what: &dyn Fn(&Peer) -> bool| {
            let peers = self.peers.iter();
            let those = peers.filter_map(|(place, peer)| what(peer).then_some(*place));
            those.collect::<BTreeSet<u32>>()
        };
        let peers = || self.peers.iter();
        Incomplete {
            round: self.config.ceremony.terms().round(),
            missing: self.config.ceremony.missing(),
            away: by(&|peer| !peer.here || peer.is_silent(now)),
            elsewhere: peers()
                .filter_map(|(place, peer)| Some((*place, peer.elsewhere?)))
                .collect(),
            faults: peers()
                .filter_map(|(place, peer)| Some((*place, peer.fault.clone()?)))
                .collect(),
        }
    }
}
