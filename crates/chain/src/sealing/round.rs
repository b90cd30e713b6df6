//! One ceremony: who deals what to whom, which logs count, and what comes of them. Nothing here reads a
//! clock, a disk or a network, so every member that has the same blocks comes to the same sharing.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use commonhold_primitives::{consensus::MemberKey, epoch::Output, sealing::SealingLog};
use commonware_cryptography::{
    bls12381::{
        dkg::feldman_desmedt::{self as dkg, DealerLog, Failure, Info, Reveal},
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519::PublicKey,
};
use commonware_parallel::Strategy;
use commonware_utils::{Faults as _, N3f1, ordered::Set};
use rand_core::CryptoRng;

/// What every dealing and log of a resharing of the seal key is bound to, with the network's hash.
const NAMESPACE: &[u8] = b"commonhold/seal/v1/resharing";

/// A dealer's log whose signature was checked.
pub type Log = DealerLog<MinSig, PublicKey>;
/// The first log of each dealer, in chain order.
pub type Logs = BTreeMap<MemberKey, Log>;

/// The ceremony of an epoch.
#[derive(Clone, Debug)]
pub struct Round {
    epoch: u64,
    previous: Output,
    players: Set<MemberKey>,
    info: Info<MinSig, PublicKey>,
}

/// Why the sharing before stays in force.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Carried {
    /// Too few dealers dealt well, in time.
    #[error("{found} good logs of dealers, and {required} are needed; dealt wrongly: {faulty:?}")]
    TooFew {
        /// How many were good.
        found: u32,
        /// How many must be.
        required: u32,
        /// Who dealt wrongly.
        faulty: Vec<MemberKey>,
    },
    /// So many players acknowledged too little that more than `f` shares would be public.
    #[error("the shares of {0:?} would be public")]
    Revealed(Vec<MemberKey>),
}

/// What came of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new sharing.
    Dealt(Box<Output>),
    /// None: the one before stays in force.
    Carried(Carried),
}

impl Round {
    /// The ceremony of `epoch` in the network of this hash: the holders of `previous` deal to `players`.
    /// None where that cannot be: a sharing that is none of its holders', or no players.
    pub fn new(
        network: B256,
        epoch: u64,
        previous: Output,
        players: Set<MemberKey>,
    ) -> Option<Self> {
        let info = Info::new::<N3f1>(
            &[NAMESPACE, network.as_slice()].concat(),
            epoch,
            Some(previous.clone()),
            Mode::NonZeroCounter,
            Reveal::V1,
            previous.players().clone(),
            players.clone(),
        );
        Some(Self {
            epoch,
            previous,
            players,
            info: info.ok()?,
        })
    }

    /// The epoch.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The sharing in force in this epoch, whose holders deal.
    pub const fn previous(&self) -> &Output {
        &self.previous
    }

    /// To whom they deal.
    pub const fn players(&self) -> &Set<MemberKey> {
        &self.players
    }

    /// The terms of the arithmetic.
    pub(crate) const fn info(&self) -> &Info<MinSig, PublicKey> {
        &self.info
    }

    /// A log and its dealer, where it is one of this ceremony's and signed by one of its dealers.
    pub fn admit(&self, log: &SealingLog) -> Option<(MemberKey, Log)> {
        let (dealer, log) = log.clone().check(&self.info)?;
        let deals = self.previous.players().position(&dealer).is_some();
        deals.then_some((dealer, log))
    }

    /// The logs in the form of the arithmetic.
    pub(crate) fn logs(&self, logs: &Logs) -> dkg::Logs<MinSig, PublicKey, N3f1> {
        let mut all = dkg::Logs::new(self.info.clone());
        for (dealer, log) in logs {
            all.record(dealer.clone(), log.clone());
        }
        all
    }

    /// What comes of these logs. `rng` weighs signatures that are checked together; no honest outcome
    /// depends on it.
    pub fn outcome(
        &self,
        rng: &mut impl CryptoRng,
        logs: &Logs,
        strategy: &impl Strategy,
    ) -> Outcome {
        match dkg::observe::<_, _, N3f1>(rng, self.logs(logs), strategy) {
            Ok(output) => self.judge(output),
            Err(Failure::InsufficientLogs {
                required,
                found,
                faults,
                ..
            }) => Outcome::Carried(Carried::TooFew {
                found,
                required,
                faulty: faults.keys().iter().cloned().collect(),
            }),
        }
    }

    /// Takes what was dealt, where no more than `f` of its shares are public.
    fn judge(&self, output: Output) -> Outcome {
        let revealed = output.revealed();
        let faults = N3f1::max_faults(self.players.len());
        if u32::try_from(revealed.len()).is_ok_and(|revealed| revealed <= faults) {
            Outcome::Dealt(Box::new(output))
        } else {
            Outcome::Carried(Carried::Revealed(revealed.iter().cloned().collect()))
        }
    }

    /// The sharing in force in the next epoch.
    pub fn next(&self, outcome: &Outcome) -> Output {
        match outcome {
            Outcome::Dealt(output) => (**output).clone(),
            Outcome::Carried(_) => self.previous.clone(),
        }
    }
}
