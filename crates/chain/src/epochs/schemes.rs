//! Who signs in which epoch, and as what this member does.

use std::{collections::BTreeMap, sync::Arc};

use commonhold_primitives::{
    consensus::{MemberKey, NAMESPACE, Scheme},
    epoch::EpochInfo,
};
use commonware_consensus::types::Epoch;
use commonware_cryptography::{
    bls12381::primitives::{group::Share, variant::MinSig},
    certificate::{Provider, Scoped},
};
use commonware_glue::dkg::{Registrar, types::SchemeInfo};
use commonware_utils::sync::Mutex;

use crate::limits::EPOCHS_KEPT;

/// The schemes of the newest epochs. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Schemes(Arc<Mutex<BTreeMap<Epoch, Arc<Scheme>>>>);

impl Schemes {
    /// Keeps the scheme of an epoch; those of epochs long gone are forgotten.
    pub fn keep(&self, epoch: Epoch, scheme: Scheme) {
        let mut kept = self.0.lock();
        kept.insert(epoch, Arc::new(scheme));
        while kept.len() > EPOCHS_KEPT {
            kept.pop_first();
        }
    }

    /// Whether this member signs in an epoch, or only verifies; none where the epoch is not known.
    pub fn signs(&self, epoch: u64) -> Option<bool> {
        Some(self.scheme(Epoch::new(epoch))?.share().is_some())
    }
}

impl Provider for Schemes {
    type Scope = Epoch;
    type Scheme = Scheme;

    fn scoped(&self, epoch: Epoch) -> Option<Scoped<Scheme>> {
        self.scheme(epoch).map(Scoped::scheme)
    }

    fn scheme(&self, epoch: Epoch) -> Option<Arc<Scheme>> {
        self.0.lock().get(&epoch).cloned()
    }
}

impl Registrar for Schemes {
    type Variant = MinSig;
    type PublicKey = MemberKey;

    async fn register(&self, epoch: Epoch, info: SchemeInfo<MinSig, MemberKey>) {
        if let Some(scheme) = of(info) {
            self.keep(epoch, scheme);
        }
    }
}

/// The scheme of the epoch that `info` describes, for the member `me` with its share of that epoch.
pub fn scheme(me: &MemberKey, info: &EpochInfo, share: Option<Share>) -> Option<Scheme> {
    of(SchemeInfo::new(
        me,
        info.output.players().clone(),
        info.output.public().clone(),
        share,
    ))
}

/// None only where a share is not of the sharing, or a member is not among the members: neither is
/// ever registered.
fn of(info: SchemeInfo<MinSig, MemberKey>) -> Option<Scheme> {
    match info {
        SchemeInfo::Verifier {
            participants,
            sharing,
        } => Some(Scheme::verifier(NAMESPACE, participants, sharing)),
        SchemeInfo::Member {
            participants,
            sharing,
            public_key,
        } => Scheme::member(NAMESPACE, participants, sharing, &public_key),
        SchemeInfo::Signer {
            participants,
            sharing,
            share,
        } => Scheme::signer(NAMESPACE, participants, sharing, share),
    }
}
