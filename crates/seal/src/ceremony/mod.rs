//! The key ceremony: members make a key together, and nobody ever holds it.
//!
//! One state machine for the two keys of a network ([`Purpose`]): the seal key, and the network key that
//! certifies finality. They have nothing in common but the code: other namespaces, other secrets, other
//! terms, and other types for what comes of them ([`Made`]).
//!
//! Joint-Feldman key generation (`commonware-cryptography`'s `feldman_desmedt`) among the members of a
//! network, wrapped in a state machine without clock, disk or network. One attempt is a *round*; what
//! fails is tried again under the next round number, with new secrets.
//!
//! 1. Every member **deals**: to each other member its own secret share of a random polynomial, and to
//!    all the same public commitment.
//! 2. A member checks what it was dealt, remembers it, and **acknowledges** it with a signature.
//! 3. A dealer whom *all* members have acknowledged signs its **log**, all acknowledgements in it, and
//!    sends it to the round's chair (members take the chair in turn).
//! 4. The chair **proposes** a quorum of logs. Whoever receives a proposal adds up what those dealers
//!    dealt to it: that is its share, and the sum of the commitments is the group.
//! 5. Every member **confirms** the group with a signature, once in a round. A quorum of confirmations
//!    for one group is the result. Two quorums share an honest member, and so there is no second one.
//!
//! **No share is ever published.** The underlying protocol lets a dealer reveal in its log the shares of
//! members that did not acknowledge. For signatures that is sound up to a bound; for secrecy each
//! revealed share is one that a coalition need not hold. So our dealers never reveal, a log that reveals
//! anything is refused ([`CeremonyError::Reveals`]), and a result whose `Output::revealed()` is not
//! empty is refused again ([`CeremonyError::Revealed`]). The price: a member that stays silent from the
//! start stops the round, and is named by [`Ceremony::give_up`]. A member that falls silent after it has
//! acknowledged stops nothing, and finds its share when it returns.
//!
//! **What the caller does.** It carries messages between members over connections that are encrypted and
//! authenticated in both directions (`from` is believed); it writes [`Ceremony::memory`] to disk,
//! locked and flushed, whenever a [`Step`] says `changed` and before it sends that step's messages; it
//! sends what [`Ceremony::resend`] gives at the beginning, after a restart, and from time to time. What
//! was sent twice does no harm. A killed process goes on from its memory: the polynomial grows from a
//! remembered seed, so that it deals the same again, and a remembered proposal is never exchanged for
//! another.
//!
//! Honest limits: the key is not perfectly uniform (an attacker among the members can bias a few bits,
//! which does no harm to sealing or signing). Where the chair shows two faces, the members that saw the other
//! proposal stay without a share until the next round.

use alloy_primitives::{B256, keccak256};
use commonhold_primitives::{consensus::MemberKey, limits::MEMBERS_MAX};
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::{Info, Reveal},
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519,
};
use commonware_utils::{Faults as _, N3f1, ordered::Set};

use crate::error::SealError;

mod member;
mod memory;
mod message;
mod outcome;
mod purpose;
#[cfg(test)]
mod tests;

pub use member::{Ceremony, Missing, Step};
pub use message::{Body, Confirmation, Message, Proposal};
pub use outcome::{Finished, Made, NetworkShare};
pub use purpose::Purpose;

type RoundInfo = Info<MinSig, ed25519::PublicKey>;

/// Why a ceremony refuses a message, or ends. Members are named by their place in the order of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// Too few or too many members.
    #[error("a ceremony has 1 to MEMBERS_MAX members, each once, not {0}")]
    Members(usize),
    /// Our own identity key is none of the members'.
    #[error("this node's identity key is no member's")]
    NotAMember,
    /// A message from somebody who is no member.
    #[error("a message from a stranger")]
    Stranger,
    /// A message of another round.
    #[error("a message of round {got}, and this is round {at}")]
    Round {
        /// The message's.
        got: u64,
        /// Ours.
        at: u64,
    },
    /// A message or a memory that does not decode.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A dealing that does not fit its commitment, or a commitment of the wrong degree.
    #[error("member {dealer} dealt falsely: {why}")]
    Dealing {
        /// The dealer.
        dealer: u32,
        /// What is wrong.
        why: String,
    },
    /// An acknowledgement that is not of our dealing.
    #[error("the acknowledgement of member {member} is refused: {why}")]
    Acknowledgement {
        /// Who sent it.
        member: u32,
        /// What is wrong.
        why: String,
    },
    /// A log that its dealer did not sign, or that is incomplete.
    #[error("the log of member {dealer} is refused: {why}")]
    Log {
        /// The dealer.
        dealer: u32,
        /// What is wrong.
        why: &'static str,
    },
    /// A log that publishes shares.
    #[error(
        "the log of member {dealer} is refused: it reveals what it dealt to members {members:?}"
    )]
    Reveals {
        /// The dealer.
        dealer: u32,
        /// Whose shares.
        members: Vec<u32>,
    },
    /// A log was sent to us, and another member has the chair.
    #[error("a log came here, but member {0} has the chair in this round")]
    NotTheChair(u32),
    /// A proposal that its chair did not sign, or that gives no key.
    #[error("the proposal is refused: {0}")]
    Proposal(String),
    /// A confirmation that its member did not sign.
    #[error("the confirmation of member {0} is not signed by it")]
    Confirmation(u32),
    /// Somebody sent two different things where there can be one.
    #[error("member {member} sent two different {what}")]
    TwoFaced {
        /// Who.
        member: u32,
        /// Of what.
        what: &'static str,
    },
    /// Shares of these members can be put together from what was published. Nobody uses such a key.
    #[error(
        "round {round} is void: shares of members {members:?} were revealed; start round {}",
        round.saturating_add(1)
    )]
    Revealed {
        /// The round.
        round: u64,
        /// Whose shares.
        members: Vec<u32>,
    },
    /// The round was given up.
    #[error(
        "round {round} is incomplete: waiting for {missing}; start round {}",
        round.saturating_add(1)
    )]
    Incomplete {
        /// The round.
        round: u64,
        /// What was not there.
        missing: Missing,
    },
    /// The next round's number is not higher.
    #[error("a round's number only rises: {next} does not follow {at}")]
    RoundBack {
        /// Ours.
        at: u64,
        /// What was asked for.
        next: u64,
    },
    /// We acknowledged a dealing that our memory no longer holds.
    #[error(
        "this member's memory of the ceremony is incomplete ({0}): it has no share of this round"
    )]
    Lost(String),
    /// The result is no group of ours.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl CeremonyError {
    pub(super) fn malformed(what: &'static str, why: impl ToString) -> Self {
        Self::Malformed {
            what,
            why: why.to_string(),
        }
    }
}

/// What all members of a ceremony agree on before it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    purpose: Purpose,
    network: B256,
    round: u64,
    members: Set<MemberKey>,
}

impl Terms {
    /// The terms of a round. `network` is the hash of the document that the members have agreed on: for
    /// the network key the founding document, for the seal key the genesis document without it.
    ///
    /// # Errors
    /// [`CeremonyError::Members`] where there are none, more than [`MEMBERS_MAX`], or one twice.
    pub fn new(
        purpose: Purpose,
        network: B256,
        round: u64,
        members: impl IntoIterator<Item = MemberKey>,
    ) -> Result<Self, CeremonyError> {
        let members: Vec<MemberKey> = members.into_iter().collect();
        let count = members.len();
        let members = Set::from_iter_dedup(members);
        if members.len() != count || !(1..=MEMBERS_MAX as usize).contains(&count) {
            return Err(CeremonyError::Members(count));
        }
        Ok(Self {
            purpose,
            network,
            round,
            members,
        })
    }

    /// Which key it is about.
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The hash of the document that the members have agreed on.
    pub const fn network(&self) -> B256 {
        self.network
    }

    /// The round's number.
    pub const fn round(&self) -> u64 {
        self.round
    }

    /// The members' identity keys in their order.
    pub const fn members(&self) -> &Set<MemberKey> {
        &self.members
    }

    /// The place of a member.
    pub fn place(&self, member: &MemberKey) -> Option<u32> {
        self.members
            .position(member)
            .and_then(|place| u32::try_from(place).ok())
    }

    /// How many members must do what is to count.
    pub fn quorum(&self) -> u32 {
        N3f1::quorum(self.members.len())
    }

    /// keccak-256 of the network and the members' keys: the subject of the
    /// [locked](crate::locked) file in which a member keeps its memory through all rounds.
    pub fn committee(&self) -> B256 {
        keccak256(self.parts(&[]))
    }

    /// keccak-256 of the network, the members' keys and the round.
    pub(crate) fn digest(&self) -> B256 {
        keccak256(self.parts(&self.round.to_be_bytes()))
    }

    fn parts(&self, last: &[u8]) -> Vec<u8> {
        let mut bytes = [self.purpose.namespace(), self.network.as_slice()].concat();
        for member in &self.members {
            bytes.extend_from_slice(member.as_ref());
        }
        bytes.extend_from_slice(last);
        bytes
    }

    /// The place of the member that has the round's chair.
    pub fn chair_place(&self) -> u32 {
        self.chair()
            .ok()
            .and_then(|chair| self.place(chair))
            .unwrap_or_default()
    }

    fn chair(&self) -> Result<&MemberKey, CeremonyError> {
        let count = u64::try_from(self.members.len()).unwrap_or(u64::MAX);
        let place = self.round.checked_rem(count).unwrap_or_default();
        usize::try_from(place)
            .ok()
            .and_then(|place| self.members.get(place))
            .ok_or(CeremonyError::Members(self.members.len()))
    }

    fn at_round(&self, round: u64) -> Self {
        Self {
            round,
            ..self.clone()
        }
    }

    fn info(&self) -> Result<RoundInfo, CeremonyError> {
        let namespace = [self.purpose.namespace(), self.network.as_slice()].concat();
        Info::new::<N3f1>(
            &namespace,
            self.round,
            None,
            Mode::NonZeroCounter,
            Reveal::V1,
            self.members.clone(),
            self.members.clone(),
        )
        .map_err(|e| CeremonyError::malformed("terms", e))
    }
}
