//! From logs to a key, and what makes it the result.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use commonhold_primitives::consensus::MemberKey;
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::{DealerLog, DealerLogSummary, Logs, Output},
        primitives::variant::MinSig,
    },
    ed25519::PublicKey,
};
use commonware_utils::{N3f1, ordered::Set};

use super::{CeremonyError, RoundInfo, Terms, message::Confirmation, message::SignedLog};
use crate::group::{Group, SealShare};

pub(super) type RoundLogs = Logs<MinSig, PublicKey, N3f1>;
pub(super) type RoundOutput = Output<MinSig, PublicKey>;

/// A finished ceremony.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The seal key and its sharing.
    pub group: Group,
    /// This member's share. It is to be written to its file before anything else is done.
    pub share: SealShare,
    /// A quorum of confirmations or more, by the members' places: what convinces others of the group.
    pub confirmations: BTreeMap<u32, Confirmation>,
}

impl Terms {
    /// Checks that a quorum of members confirmed this group.
    ///
    /// # Errors
    /// [`CeremonyError::Confirmation`] where one is not its member's, and [`CeremonyError::Proposal`]
    /// where they are of another group or too few.
    pub fn check_confirmations(
        &self,
        group: &Group,
        confirmations: &BTreeMap<u32, Confirmation>,
    ) -> Result<(), CeremonyError> {
        let digest = group.digest();
        for (place, confirmation) in confirmations {
            let member = usize::try_from(*place)
                .ok()
                .and_then(|place| self.members.get(place));
            if !member.is_some_and(|member| confirmation.is_of(self, member)) {
                return Err(CeremonyError::Confirmation(*place));
            }
            if confirmation.group != digest {
                return Err(CeremonyError::Proposal(format!(
                    "member {place} confirmed another group"
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
    pub(super) fn accept(&self, output: &RoundOutput) -> Result<Group, CeremonyError> {
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
