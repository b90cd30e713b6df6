//! Checking opening keys: that a signature under the network's seal key opens an identity.
//!
//! The rest of sealing stands in `commonhold-seal`. This is here because contracts check it too.

use commonware_codec::{Copying, DecodeExt as _};
use commonware_cryptography::bls12381::primitives::{
    ops::verify_message,
    variant::{MinSig, Variant},
};

use crate::consensus::NetworkKey;

/// Bytes of a seal key.
pub const SEAL_KEY_LEN: usize = 96;
/// Bytes of an opening key.
pub const OPENING_KEY_LEN: usize = 48;

/// The domain of opening keys.
pub const NAMESPACE: &[u8] = b"commonhold/seal/v1";

const TIME: u8 = 3;

/// The identity of a time, in seconds since 1970: what is sealed to it opens for everyone.
pub fn time_identity(seconds: u64) -> [u8; 9] {
    let mut identity = [0; 9];
    let (kind, rest) = identity.split_at_mut(1);
    kind.copy_from_slice(&[TIME]);
    rest.copy_from_slice(&seconds.to_be_bytes());
    identity
}

/// Whether `opening_key` opens what is sealed to `identity` under `seal_key`, in our namespace. Bytes
/// that are no points of the curve open nothing.
pub fn opens(seal_key: &[u8], identity: &[u8], opening_key: &[u8]) -> bool {
    let Ok(key) = NetworkKey::decode(Copying(seal_key)) else {
        return false;
    };
    let Ok(signature) = <MinSig as Variant>::Signature::decode(Copying(opening_key)) else {
        return false;
    };
    verify_message::<MinSig>(&key, NAMESPACE, identity, &signature).is_ok()
}
