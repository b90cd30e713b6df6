//! From logs to a key, and what makes it the result.

use core::fmt;
use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};
use commonhold_primitives::{consensus::MemberKey, epoch::Output};
use commonware_codec::Encode as _;
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::{DealerLog, DealerLogSummary, Logs},
        primitives::{group::Share, variant::MinSig},
    },
    ed25519::PublicKey,
};
use commonware_utils::{N3f1, ordered::Set};

use super::{CeremonyError, Purpose, RoundInfo, Terms, message::Confirmation, message::SignedLog};
use crate::group::{Group, SealShare};

pub(super) type RoundLogs = Logs<MinSig, PublicKey, N3f1>;

/// A member's share of the network key. It is of another type than a [`SealShare`], which cannot be made
/// of it nor become one.
#[derive(Clone)]
pub struct NetworkShare(Share);

impl NetworkShare {
    /// The share as the consensus engine takes it.
    pub const fn share(&self) -> &Share {
        &self.0
    }
}

impl fmt::Debug for NetworkShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NetworkShare of member {}", self.0.index.get())
    }
}

/// What a ceremony makes: the public side of a key, and this member's share of it.
#[derive(Clone, Debug)]
pub enum Made {
    /// A seal key.
    Seal {
        /// The key and its sharing.
        group: Group,
        /// This member's share.
        share: SealShare,
    },
    /// A network key.
    Network {
        /// What its generation gave in public: the sharing, and who dealt it to whom.
        output: Box<Output>,
        /// This member's share.
        share: NetworkShare,
    },
}

impl Made {
    /// Takes a result for what it is for, where the share is the one that the result commits to.
    pub(super) fn new(
        purpose: Purpose,
        group: Group,
        output: Output,
        share: Share,
    ) -> Result<Self, CeremonyError> {
        let share = SealShare::new(share);
        group.check(&share)?;
        Ok(match purpose {
            Purpose::Seal => Self::Seal { group, share },
            Purpose::Network => Self::Network {
                output: Box::new(output),
                share: NetworkShare(share.into_inner()),
            },
        })
    }

    /// What the members confirm: keccak-256 of the encoded sharing of a seal key
    /// ([`Group::digest`]), of the encoded output of a network key.
    pub fn digest(&self) -> B256 {
        match self {
            Self::Seal { group, .. } => group.digest(),
            Self::Network { output, .. } => keccak256(output.encode()),
        }
    }

    /// The seal key and this member's share of it; none where it is a network key.
    pub const fn seal(&self) -> Option<(&Group, &SealShare)> {
        match self {
            Self::Seal { group, share } => Some((group, share)),
            Self::Network { .. } => None,
        }
    }

    /// The network key and this member's share of it; none where it is a seal key.
    pub fn network(&self) -> Option<(&Output, &NetworkShare)> {
        match self {
            Self::Network { output, share } => Some((output, share)),
            Self::Seal { .. } => None,
        }
    }
}

/// A finished ceremony.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The key and this member's share, which is to be written to its file before anything else is done.
    pub made: Made,
    /// A quorum of confirmations or more, by the members' places: what convinces others of the key.
    pub confirmations: BTreeMap<u32, Confirmation>,
}

impl Terms {
    /// Checks that a quorum of members confirmed the result of this digest ([`Made::digest`]).
    ///
    /// # Errors
    /// [`CeremonyError::Confirmation`] where one is not its member's, and [`CeremonyError::Proposal`]
    /// where they are of another result or too few.
    pub fn check_confirmations(
        &self,
        digest: B256,
        confirmations: &BTreeMap<u32, Confirmation>,
    ) -> Result<(), CeremonyError> {
        for (place, confirmation) in confirmations {
            let member = usize::try_from(*place)
                .ok()
                .and_then(|place| self.members.get(place));
            if !member.is_some_and(|member| confirmation.is_of(self, member)) {
                return Err(CeremonyError::Confirmation(*place));
            }
            if confirmation.group != digest {
                return Err(CeremonyError::Proposal(format!(
                    "member {place} confirmed another key"
                )));
            }
        }
        if confirmations.len() < self.quorum() as usize {
            return Err(CeremonyError::Proposal(format!(
                "{} members confirmed it, and {} must",
                confirmations.len(),
                self.quorum()
            )));
        }
        Ok(())
    }

    pub(super) fn places(&self, members: &Set<MemberKey>) -> Vec<u32> {
        members.iter().filter_map(|m| self.place(m)).collect()
    }

    /// Checks who signed a log and that it reveals nothing. Whether its acknowledgements are good is
    /// checked when logs are put together.
    pub(super) fn check_log(
        &self,
        info: &RoundInfo,
        log: &SignedLog,
    ) -> Result<(MemberKey, DealerLog<MinSig, PublicKey>), CeremonyError> {
        let refuse = |dealer, why| CeremonyError::Log { dealer, why };
        let (dealer, log) = log
            .clone()
            .check(info)
            .ok_or_else(|| CeremonyError::Proposal("a log is not signed by its dealer".into()))?;
        let place = self.place(&dealer).ok_or(CeremonyError::Stranger)?;
        match log.summary() {
            DealerLogSummary::TooManyReveals => {
                Err(refuse(place, "most members did not acknowledge it"))
            }
            DealerLogSummary::Ok { reveals, .. } if !reveals.is_empty() => {
                Err(CeremonyError::Reveals {
                    dealer: place,
                    members: self.places(&reveals),
                })
            }
            DealerLogSummary::Ok { acks, .. } if acks != self.members => {
                Err(refuse(place, "it does not speak of every member"))
            }
            DealerLogSummary::Ok { .. } => Ok((dealer, log)),
        }
    }

    /// The group of an output of which nothing was revealed.
    pub(super) fn accept(&self, output: &Output) -> Result<Group, CeremonyError> {
        if !output.revealed().is_empty() {
            return Err(CeremonyError::Revealed {
                round: self.round,
                members: self.places(output.revealed()),
            });
        }
        Ok(Group::new(output.public().clone())?)
    }
}

/// Those who confirmed this group, by their places.
pub(super) fn confirmed(
    terms: &Terms,
    group: B256,
    all: &BTreeMap<MemberKey, Confirmation>,
) -> BTreeMap<u32, Confirmation> {
    all.iter()
        .filter(|(_, confirmation)| confirmation.group == group)
        .filter_map(|(member, confirmation)| Some((terms.place(member)?, confirmation.clone())))
        .collect()
}
