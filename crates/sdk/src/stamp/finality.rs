//! Whether a block is final: its header, those that follow it, and the network's certificate of the last of them.

use alloy_consensus::Header;
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::Decodable as _;
use commonhold_primitives::{
    consensus::{Certificate, NAMESPACE, NetworkKey, Scheme},
    extra::Extra,
};
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_parallel::Sequential;

use super::{StampError, findings::BlockFinding};

/// A final block's header.
#[derive(Clone, Debug)]
pub(crate) struct FinalBlock {
    /// As Ethereum has it.
    pub(crate) header: Header,
    /// keccak-256 of its one form.
    pub(crate) hash: B256,
    /// What its extra data says.
    pub(crate) extra: Extra,
}

impl FinalBlock {
    /// What is told of it.
    pub(crate) fn finding(&self, key: &NetworkKey) -> BlockFinding {
        BlockFinding::new(&self.header, self.hash, &self.extra, key)
    }
}

/// Checks with the network key that a block is final: by a certificate of its own, or by that of the last of its
/// descendants.
///
/// # Errors
/// [`StampError`] tells what does not hold.
pub(crate) fn finality(
    encoded: &Bytes,
    descendants: &[Bytes],
    certificate: &Bytes,
    key: &NetworkKey,
) -> Result<FinalBlock, StampError> {
    let (header, hash) = self::header(encoded).ok_or(StampError::Header("block's"))?;
    let extra = Extra::from_bytes(&header.extra_data).map_err(|_| StampError::Header("block's"))?;
    let mut last = hash;
    for (position, encoded) in descendants.iter().enumerate() {
        let (child, child_hash) =
            self::header(encoded).ok_or(StampError::Header("descendant's"))?;
        if child.parent_hash != last {
            return Err(StampError::Descendant(position));
        }
        last = child_hash;
    }
    verify(certificate, last, key)?;
    Ok(FinalBlock {
        header,
        hash,
        extra,
    })
}

/// A header in its one form, and its hash.
fn header(encoded: &Bytes) -> Option<(Header, B256)> {
    let mut rest = encoded.as_ref();
    let header = Header::decode(&mut rest).ok()?;
    (rest.is_empty() && alloy_rlp::encode(&header) == encoded.as_ref())
        .then(|| (header, keccak256(encoded)))
}

fn verify(encoded: &Bytes, block: B256, key: &NetworkKey) -> Result<(), StampError> {
    let malformed = |why: String| StampError::Certificate(why);
    let certificate =
        Certificate::decode(Copying(encoded.as_ref())).map_err(|e| malformed(e.to_string()))?;
    if certificate.encode().as_ref() != encoded.as_ref() {
        return Err(malformed("not in its one form".to_owned()));
    }
    let certified = certificate.proposal.payload.0;
    if certified != block {
        return Err(StampError::OtherBlock {
            certified,
            header: block,
        });
    }
    let verifier = Scheme::certificate_verifier(NAMESPACE, *key);
    if certificate.verify(&mut rand::rng(), &verifier, &Sequential) {
        Ok(())
    } else {
        Err(StampError::Signature)
    }
}
