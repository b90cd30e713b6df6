//! One member's part in a round.

use core::fmt;
use std::collections::BTreeMap;

use commonhold_primitives::consensus::MemberKey;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::{Dealer, DealerPrivMsg, Player, PlayerAck},
        primitives::variant::MinSig,
    },
    ed25519::{PrivateKey, PublicKey},
    transcript::{Transcript, Version},
};
use commonware_utils::N3f1;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    CeremonyError, RoundInfo, Terms,
    memory::Memory,
    message::{Body, Commitment, Message, SignedLog},
    outcome::{Finished, Made, confirmed},
};

mod steps;

type Outgoing = (MemberKey, Message);

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
    result: Option<Made>,
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
        let seeded = Transcript::new(memory.terms.purpose.dealer(), Version::V1)
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
            Body::Log(log) => self.take_log(from, place, *log, rng)?,
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
        if let (Some(log), Ok(chair)) = (&self.log, memory.terms.chair())
            && *chair != self.me
        {
            let log = Body::Log(Box::new(log.clone()));
            send.push((chair.clone(), self.message(log)));
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
        let made = self.result.as_ref()?;
        let memory = &self.memory;
        let confirmations = confirmed(&memory.terms, made.digest(), &memory.confirmations);
        (confirmations.len() >= memory.terms.quorum() as usize).then(|| Finished {
            made: made.clone(),
            confirmations,
        })
    }
}
