//! What each kind of message does.

use core::fmt;

use commonhold_primitives::consensus::MemberKey;
use commonware_cryptography::{
    bls12381::dkg::feldman_desmedt::{DealerPrivMsg, Failure, FinalizeError, PlayerAck, observe},
    ed25519::PublicKey,
};
use commonware_parallel::Sequential;
use commonware_utils::N3f1;
use rand_core::CryptoRng;

use super::{Ceremony, Outgoing};
use crate::ceremony::{
    CeremonyError,
    message::{Body, Commitment, Confirmation, Message, Proposal, SignedLog},
    outcome::{Made, RoundLogs},
};

impl Ceremony {
    pub(super) fn take_dealing(
        &mut self,
        from: &MemberKey,
        place: u32,
        commitment: Commitment,
        share: DealerPrivMsg,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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

    pub(super) fn take_ack(
        &mut self,
        from: &MemberKey,
        place: u32,
        ack: PlayerAck<PublicKey>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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
    pub(super) fn complete(
        &mut self,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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
            return Ok(vec![(chair, self.message(Body::Log(Box::new(log))))]);
        }
        self.memory.logs.insert(self.me.clone(), log);
        self.propose(rng)
    }

    pub(super) fn take_log(
        &mut self,
        from: &MemberKey,
        place: u32,
        log: SignedLog,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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
    pub(super) fn propose(
        &mut self,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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

    pub(super) fn take_proposal(
        &mut self,
        from: &MemberKey,
        proposal: Proposal,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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
    pub(super) fn adopt(
        &mut self,
        proposal: Proposal,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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
        let made = Made::new(terms.purpose, group, output, share)?;

        let confirmation = Confirmation::sign(terms, made.digest(), &self.signer);
        let chaired = *terms.chair()? == self.me;
        self.result = Some(made);
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

    pub(super) fn own_confirmation(&self) -> Option<Message> {
        let own = self.memory.confirmations.get(&self.me)?;
        Some(self.message(Body::Confirm(own.clone())))
    }

    pub(super) fn take_confirmation(
        &mut self,
        from: &MemberKey,
        place: u32,
        confirmation: Confirmation,
    ) -> Result<Vec<Outgoing>, CeremonyError> {
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
}
