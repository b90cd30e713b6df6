//! One member's part in a round.

use core::fmt;
use std::collections::BTreeMap;

use commonhold_primitives::consensus::MemberKey;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::{
            Dealer, DealerPrivMsg, Failure, FinalizeError, Player, PlayerAck, observe,
        },
        primitives::variant::MinSig,
    },
    ed25519::{PrivateKey, PublicKey},
    transcript::{Transcript, Version},
};
use commonware_parallel::Sequential;
use commonware_utils::N3f1;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    CeremonyError, RoundInfo, Terms,
    memory::Memory,
    message::{Body, Commitment, Confirmation, Message, Proposal, SignedLog},
    outcome::{Finished, RoundLogs, confirmed},
};
use crate::group::{Group, SealShare};

const DEALER: &[u8] = b"commonhold/seal/v1/dealer";

type Send = (MemberKey, Message);

/// What a message led to.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The memory changed: it must be on disk before anything is sent.
    pub changed: bool,
    /// What to send, to whom.
    pub send: Vec<(MemberKey, Message)>,
}

/// What a round still waits for. Members are named by their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Members that dealt nothing to us.
    pub dealings: Vec<u32>,
    /// Members that have not acknowledged our dealing.
    pub acks: Vec<u32>,
    /// Whether the chair's proposal is missing.
    pub proposal: bool,
    /// Members that have not confirmed our group.
    pub confirmations: Vec<u32>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "dealings of members {:?}, acknowledgements of {:?}, confirmations of {:?}{}",
            self.dealings,
            self.acks,
            self.confirmations,
            if self.proposal { ", the proposal" } else { "" }
        )
    }
}

/// One member's part in one round of a ceremony. See the [module](super).
pub struct Ceremony {
    memory: Memory,
    info: RoundInfo,
    signer: PrivateKey,
    me: MemberKey,
    commitment: Commitment,
    shares: BTreeMap<MemberKey, DealerPrivMsg>,
    /// Until everybody has acknowledged.
    dealer: Option<Dealer<MinSig, PrivateKey>>,
    /// Until there is a proposal.
    player: Option<Player<MinSig, PrivateKey>>,
    given: BTreeMap<MemberKey, PlayerAck<PublicKey>>,
    log: Option<SignedLog>,
    result: Option<(Group, SealShare)>,
    changed: bool,
}

impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ceremony of round {}", self.memory.terms.round)
    }
}

impl Ceremony {
    /// Begins a round. Its [memory](Self::memory) is to be written before anything is sent.
    ///
    /// # Errors
    /// [`CeremonyError::NotAMember`] where `signer` is none of the members.
    pub fn begin(
        terms: Terms,
        signer: PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CeremonyError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::build(Memory::new(terms, seed), signer, rng)
    }

    /// Goes on with the round of a memory.
    ///
    /// # Errors
    /// [`CeremonyError::Malformed`] where it does not decode, [`CeremonyError::Lost`] where it does not
    /// fit itself.
    pub fn resume(
        memory: &[u8],
        signer: PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CeremonyError> {
        Self::build(Memory::from_bytes(memory)?, signer, rng)
    }

    /// Leaves this round for a later one, with new secrets.
    ///
    /// # Errors
    /// [`CeremonyError::RoundBack`] where `round` is not higher than this one.
    pub fn next(self, round: u64, rng: &mut impl CryptoRng) -> Result<Self, CeremonyError> {
        let at = self.memory.terms.round;
        if round <= at {
            return Err(CeremonyError::RoundBack { at, next: round });
        }
        Self::begin(self.memory.terms.at_round(round), self.signer, rng)
    }

    fn build(
        mut memory: Memory,
        signer: PrivateKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CeremonyError> {
        let lost = |e: &dyn fmt::Display| CeremonyError::Lost(e.to_string());
        let me = signer.public_key();
        memory.terms.place(&me).ok_or(CeremonyError::NotAMember)?;
        let info = memory.terms.info()?;
        let seeded = Transcript::new(DEALER, Version::V1)
            .commit(memory.seed.as_slice())
            .commit(memory.terms.digest().as_slice())
            .noise(b"polynomial");
        let (mut dealer, commitment, shares) =
            Dealer::start::<N3f1>(seeded, info.clone(), signer.clone(), None)
                .map_err(|e| lost(&e))?;
        let shares: BTreeMap<_, _> = shares.into_iter().collect();

        let own = shares.get(&me).ok_or(CeremonyError::NotAMember)?.clone();
        let (remembered, _) = memory
            .dealings
            .entry(me.clone())
            .or_insert_with(|| (commitment.clone(), own));
        if *remembered != commitment {
            return Err(lost(&"its own dealing is another"));
        }
        let dealings = memory.dealings.iter();
        let (player, given) = Player::resume::<N3f1>(
            info.clone(),
            signer.clone(),
            &BTreeMap::new(),
            dealings.map(|(d, (public, private))| (d.clone(), public.clone(), private.clone())),
        )
        .map_err(|e| lost(&e))?;
        let own = given.get(&me).ok_or_else(|| lost(&"no own dealing"))?;
        memory.acks.entry(me.clone()).or_insert_with(|| own.clone());
        for (member, ack) in &memory.acks {
            dealer
                .receive_player_ack(member.clone(), ack.clone())
                .map_err(|e| lost(&e))?;
        }

        let proposal = memory.proposal.take();
        let mut this = Self {
            memory,
            info,
            signer,
            me,
            commitment,
            shares,
            dealer: Some(dealer),
            player: Some(player),
            given,
            log: None,
            result: None,
            changed: true,
        };
        if let Some(proposal) = proposal {
            this.adopt(proposal, rng)?;
        }
        this.complete(rng)?;
        Ok(this)
    }

    /// What must not be forgotten. It is secret.
    pub fn memory(&self) -> Zeroizing<Vec<u8>> {
        self.memory.to_bytes()
    }

    /// The round's terms.
    pub const fn terms(&self) -> &Terms {
        &self.memory.terms
    }

    /// Takes a message that came from `from`, of which the connection is sure.
    ///
    /// # Errors
    /// Says what is wrong with the message; nothing has changed then. No error ends the round.
    pub fn handle(
        &mut self,
        from: &MemberKey,
        message: Message,
        rng: &mut impl CryptoRng,
    ) -> Result<Step, CeremonyError> {
        let place = self.memory.terms.place(from);
        let place = place.filter(|_| *from != self.me);
        let place = place.ok_or(CeremonyError::Stranger)?;
        let at = self.memory.terms.round;
        if message.round != at {
            return Err(CeremonyError::Round {
                got: message.round,
                at,
            });
        }
        self.changed = false;
        let send = match message.body {
            Body::Deal(commitment, share) => self.take_dealing(from, place, commitment, share)?,
            Body::Ack(ack) => self.take_ack(from, place, ack, rng)?,
            Body::Log(log) => self.take_log(from, place, log, rng)?,
            Body::Proposal(proposal) => self.take_proposal(from, proposal, rng)?,
            Body::Confirm(confirmation) => self.take_confirmation(from, place, confirmation)?,
        };
        Ok(Step {
            changed: self.changed,
            send,
        })
    }

    fn message(&self, body: Body) -> Message {
        Message {
            round: self.memory.terms.round,
            body,
        }
    }

    fn others(&self) -> impl Iterator<Item = &MemberKey> {
        let members = self.memory.terms.members.iter();
        members.filter(|member| **member != self.me)
    }

    fn take_dealing(
        &mut self,
        from: &MemberKey,
        place: u32,
        commitment: Commitment,
        share: DealerPrivMsg,
    ) -> Result<Vec<Send>, CeremonyError> {
        match self.memory.dealings.get(from) {
            Some((known, _)) if *known != commitment => {
                return Err(CeremonyError::TwoFaced {
                    member: place,
                    what: "dealings",
                });
            }
            Some(_) => {}
            None => {
                let Some(player) = self.player.as_mut() else {
                    return Ok(Vec::new());
                };
                let ack = player
                    .dealer_message::<N3f1>(from.clone(), commitment.clone(), share.clone())
                    .map_err(|e| CeremonyError::Dealing {
                        dealer: place,
                        why: e.to_string(),
                    })?;
                if let Some(ack) = ack {
                    self.given.insert(from.clone(), ack);
                    self.memory
                        .dealings
                        .insert(from.clone(), (commitment, share));
                    self.changed = true;
                }
            }
        }
        let ack = self.given.get(from).cloned();
        Ok(ack
            .map(|ack| (from.clone(), self.message(Body::Ack(ack))))
            .into_iter()
            .collect())
    }

    fn take_ack(
        &mut self,
        from: &MemberKey,
        place: u32,
        ack: PlayerAck<PublicKey>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Send>, CeremonyError> {
        let Some(dealer) = self.dealer.as_mut() else {
            return Ok(Vec::new());
        };
        dealer
            .receive_player_ack(from.clone(), ack.clone())
            .map_err(|e| CeremonyError::Acknowledgement {
                member: place,
                why: e.to_string(),
            })?;
        self.changed |= self.memory.acks.insert(from.clone(), ack).is_none();
        self.complete(rng)
    }

    /// Signs the log once everybody has acknowledged. It is never signed before: it would reveal.
    fn complete(&mut self, rng: &mut impl CryptoRng) -> Result<Vec<Send>, CeremonyError> {
        if self.memory.acks.len() < self.memory.terms.members.len() {
            return Ok(Vec::new());
        }
        let Some(dealer) = self.dealer.take() else {
            return Ok(Vec::new());
        };
        let log = dealer.finalize::<N3f1>();
        self.log = Some(log.clone());
        let chair = self.memory.terms.chair()?.clone();
        if chair != self.me {
            return Ok(vec![(chair, self.message(Body::Log(log)))]);
        }
        self.memory.logs.insert(self.me.clone(), log);
        self.propose(rng)
    }

    fn take_log(
        &mut self,
        from: &MemberKey,
        place: u32,
        log: SignedLog,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Send>, CeremonyError> {
        let chair = self.memory.terms.chair()?;
        if *chair != self.me {
            let chair = self.memory.terms.place(chair).unwrap_or_default();
            return Err(CeremonyError::NotTheChair(chair));
        }
        let (dealer, _) = self.memory.terms.check_log(&self.info, &log)?;
        if dealer != *from {
            return Err(CeremonyError::Log {
                dealer: place,
                why: "it is another member's",
            });
        }
        match self.memory.logs.get(from) {
            Some(known) if *known != log => {
                return Err(CeremonyError::TwoFaced {
                    member: place,
                    what: "logs",
                });
            }
            Some(_) => return Ok(Vec::new()),
            None => {}
        }
        self.memory.logs.insert(from.clone(), log);
        self.changed = true;
        self.propose(rng)
    }

    /// As the chair: proposes as soon as a quorum of good logs is there. Logs that prove their dealer's
    /// fault are dropped.
    fn propose(&mut self, rng: &mut impl CryptoRng) -> Result<Vec<Send>, CeremonyError> {
        if self.memory.proposal.is_some() {
            return Ok(Vec::new());
        }
        let mut logs = RoundLogs::new(self.info.clone());
        for log in self.memory.logs.values() {
            let (dealer, log) = self.memory.terms.check_log(&self.info, log)?;
            logs.record(dealer, log);
        }
        match observe(rng, logs, &Sequential) {
            Ok(output) => {
                let dealers = output.dealers().iter();
                let chosen: Vec<_> = dealers
                    .filter_map(|dealer| self.memory.logs.get(dealer).cloned())
                    .collect();
                let proposal = Proposal::sign(&self.memory.terms, chosen, &self.signer);
                self.adopt(proposal, rng)
            }
            Err(Failure::InsufficientLogs { faults, .. }) => {
                for dealer in faults.iter() {
                    self.memory.logs.remove(dealer);
                }
                Ok(Vec::new())
            }
        }
    }

    fn take_proposal(
        &mut self,
        from: &MemberKey,
        proposal: Proposal,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Send>, CeremonyError> {
        let chair = self.memory.terms.chair()?;
        if !proposal.is_of(&self.memory.terms, chair) {
            return Err(CeremonyError::Proposal("its chair did not sign it".into()));
        }
        match &self.memory.proposal {
            Some(known) if known.logs != proposal.logs => Err(CeremonyError::TwoFaced {
                member: self.memory.terms.place(chair).unwrap_or_default(),
                what: "proposals",
            }),
            // Whoever sends it again lacks our confirmation.
            Some(_) => Ok(self
                .own_confirmation()
                .map(|own| (from.clone(), own))
                .into_iter()
                .collect()),
            None => self.adopt(proposal, rng),
        }
    }

    /// Computes share and group from a proposal, remembers it, and confirms.
    fn adopt(
        &mut self,
        proposal: Proposal,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Send>, CeremonyError> {
        let terms = &self.memory.terms;
        let mut logs = RoundLogs::new(self.info.clone());
        for log in &proposal.logs {
            let (dealer, log) = terms.check_log(&self.info, log)?;
            if logs.record(dealer, log) {
                return Err(CeremonyError::Proposal("a log stands in it twice".into()));
            }
        }
        if proposal.logs.len() != terms.quorum() as usize {
            return Err(CeremonyError::Proposal(format!(
                "it has {} logs instead of {}",
                proposal.logs.len(),
                terms.quorum()
            )));
        }
        let output = observe(rng, logs.clone(), &Sequential)
            .map_err(|e| CeremonyError::Proposal(e.to_string()))?;
        let group = terms.accept(&output)?;
        let lost = |why: &dyn fmt::Display| CeremonyError::Lost(why.to_string());
        let player = self.player.take().ok_or_else(|| lost(&"no dealings"))?;
        let (_, share) = player
            .finalize::<N3f1>(rng, logs, &Sequential)
            .map_err(|e| match e {
                FinalizeError::Error(e) => lost(&e),
                FinalizeError::Failure(e) => CeremonyError::Proposal(e.to_string()),
            })?;
        let share = SealShare::new(share);
        group.check(&share)?;

        let confirmation = Confirmation::sign(terms, group.digest(), &self.signer);
        let chaired = *terms.chair()? == self.me;
        self.result = Some((group, share));
        self.memory
            .confirmations
            .insert(self.me.clone(), confirmation.clone());
        self.memory.proposal = Some(proposal.clone());
        self.changed = true;
        let confirm = self.message(Body::Confirm(confirmation));
        let propose = chaired.then(|| self.message(Body::Proposal(proposal)));
        Ok(self
            .others()
            .flat_map(|other| {
                let both = propose.iter().chain([&confirm]);
                both.map(|message| (other.clone(), message.clone()))
            })
            .collect())
    }

    fn own_confirmation(&self) -> Option<Message> {
        let own = self.memory.confirmations.get(&self.me)?;
        Some(self.message(Body::Confirm(own.clone())))
    }

    fn take_confirmation(
        &mut self,
        from: &MemberKey,
        place: u32,
        confirmation: Confirmation,
    ) -> Result<Vec<Send>, CeremonyError> {
        if !confirmation.is_of(&self.memory.terms, from) {
            return Err(CeremonyError::Confirmation(place));
        }
        match self.memory.confirmations.get(from) {
            Some(known) if known.group != confirmation.group => Err(CeremonyError::TwoFaced {
                member: place,
                what: "confirmations",
            }),
            Some(_) => Ok(Vec::new()),
            None => {
                self.memory.confirmations.insert(from.clone(), confirmation);
                self.changed = true;
                Ok(Vec::new())
            }
        }
    }

    /// Everything that others have not answered yet: to be sent at the beginning, after a restart, and
    /// from time to time.
    pub fn resend(&self) -> Vec<(MemberKey, Message)> {
        let mut send = Vec::new();
        let memory = &self.memory;
        if let (Some(proposal), Some(own)) = (&memory.proposal, self.own_confirmation()) {
            let digest = memory.confirmations.get(&self.me).map(|own| own.group);
            for other in self.others() {
                if memory.confirmations.get(other).map(|c| c.group) != digest {
                    let proposal = self.message(Body::Proposal(proposal.clone()));
                    send.push((other.clone(), proposal));
                    send.push((other.clone(), own.clone()));
                }
            }
            return send;
        }
        for other in self.others() {
            if let (false, Some(share)) = (memory.acks.contains_key(other), self.shares.get(other))
            {
                let deal = Body::Deal(self.commitment.clone(), share.clone());
                send.push((other.clone(), self.message(deal)));
            }
        }
        if let (Some(log), Ok(chair)) = (&self.log, memory.terms.chair()) {
            if *chair != self.me {
                send.push((chair.clone(), self.message(Body::Log(log.clone()))));
            }
        }
        send
    }

    /// What the round still waits for, as far as this member sees.
    pub fn missing(&self) -> Missing {
        let memory = &self.memory;
        let lacking = |has: &dyn Fn(&MemberKey) -> bool| {
            let members = memory.terms.members.iter().filter(|member| !has(member));
            members.filter_map(|m| memory.terms.place(m)).collect()
        };
        let digest = memory.confirmations.get(&self.me).map(|own| own.group);
        Missing {
            dealings: lacking(&|m| memory.dealings.contains_key(m)),
            acks: lacking(&|m| memory.acks.contains_key(m)),
            proposal: memory.proposal.is_none(),
            confirmations: lacking(&|m| {
                digest.is_some() && memory.confirmations.get(m).map(|c| c.group) == digest
            }),
        }
    }

    /// Why the round ends here, where its caller has waited long enough.
    pub fn give_up(&self) -> CeremonyError {
        CeremonyError::Incomplete {
            round: self.memory.terms.round,
            missing: self.missing(),
        }
    }

    /// The result, once a quorum has confirmed it. Others may still need what [`Self::resend`] gives:
    /// this member is free to leave when [`Self::missing`] has no confirmations left.
    pub fn finished(&self) -> Option<Finished> {
        let (group, share) = self.result.as_ref()?;
        let confirmations = confirmed(
            &self.memory.terms,
            group.digest(),
            &self.memory.confirmations,
        );
        (confirmations.len() >= self.memory.terms.quorum() as usize).then(|| Finished {
            group: group.clone(),
            share: share.clone(),
            confirmations,
        })
    }
}
