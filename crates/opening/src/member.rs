//! What a member needs to answer: its share of the seal key and its identity key.

use std::sync::Arc;

use commonhold_seal::{Answer, Identity, Namespace, Partial, PartialOpening, Request, SealShare};
use commonware_cryptography::ed25519::PrivateKey;
use rand_core::CryptoRng;

use crate::{judge::Permitted, wire::Refusal};

/// A member that can answer. Cheap to clone.
#[derive(Clone)]
pub struct Member(Arc<(SealShare, PrivateKey)>);

impl Member {
    /// The member that holds this share and this identity key.
    pub fn new(share: SealShare, identity: PrivateKey) -> Self {
        Self(Arc::new((share, identity)))
    }

    /// Its answer to a request that may be answered.
    pub(crate) fn answer(
        &self,
        permitted: &Permitted,
        chain_id: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Refusal> {
        let (share, identity) = &*self.0;
        let partial = share.partial(&permitted.identity.here());
        let request = request(permitted, chain_id);
        // The ledger takes no weak key.
        let sealed = PartialOpening::seal(&partial, &request, &permitted.reader_key, rng);
        Ok(sealed
            .map_err(|_| Refusal::Unavailable)?
            .sign(&request, identity))
    }

    /// Its partial of a time that has come.
    pub(crate) fn time(&self, seconds: u64) -> Partial {
        self.0.0.partial(&Identity::Time(seconds).here())
    }
}

/// The request as answers are bound to it.
pub(crate) fn request(permitted: &Permitted, chain_id: u64) -> Request<'static> {
    Request {
        namespace: Namespace::COMMONHOLD,
        chain_id,
        sequence: permitted.number,
        record: permitted.record,
        block: permitted.block,
    }
}
