//! What a member answers, with its share of the seal key and its identity key.

use alloy_primitives::B256;
use commonhold_seal::{Answer, Identity, Namespace, Partial, PartialOpening, Request, SealShare};
use commonware_cryptography::ed25519::PrivateKey;
use rand_core::CryptoRng;

use crate::{judge::Permitted, wire::Refusal};

/// A member's answer, under a sharing, to a request that may be answered.
pub(crate) fn answer(
    share: &SealShare,
    identity: &PrivateKey,
    permitted: &Permitted,
    request: &Request<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Answer, Refusal> {
    let partial = share.partial(&permitted.identity.here());
    // The ledger takes no weak key.
    let sealed = PartialOpening::seal(&partial, request, &permitted.reader_key, rng);
    Ok(sealed
        .map_err(|_| Refusal::Unavailable)?
        .sign(request, identity))
}

/// A member's partial of a time that has come.
pub(crate) fn time(share: &SealShare, seconds: u64) -> Partial {
    share.partial(&Identity::Time(seconds).here())
}

/// The request as answers under a sharing are bound to it.
pub(crate) fn request(permitted: &Permitted, chain_id: u64, sharing: B256) -> Request<'static> {
    Request {
        namespace: Namespace::COMMONHOLD,
        chain_id,
        sequence: permitted.number,
        record: permitted.record,
        block: permitted.block,
        sharing,
    }
}
