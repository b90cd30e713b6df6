//! Requests of members to one another's vaults, signed with their nodes' identity keys.
//!
//! The header `x-commonhold-member` carries `<identity key>:<unix seconds>:<signature>`: 64 hex digits,
//! a decimal number, 128 hex digits. The ed25519 signature is made under the namespace
//! `commonhold/vault/v1/member`, as the engine makes them, over
//!
//! ```text
//! {METHOD}
//! {path, with its query where it has one}
//! {unix seconds}
//! ```
//!
//! It is taken while the clock of who is asked is within [`AUTH_WINDOW_SECONDS`] of the time signed.
//! Members give nothing away by it that they do not give every other member: a request that one of them
//! repeats to another tells it nothing new.

use core::fmt;

use alloy_primitives::B256;
use commonware_codec::{Copying, DecodeExt as _};
use commonware_cryptography::{
    Signer as _, Verifier as _,
    ed25519::{PrivateKey, PublicKey, Signature},
};

use crate::limits::{AUTH_BYTES_MAX, AUTH_WINDOW_SECONDS};

/// Name of the header.
pub const HEADER: &str = "x-commonhold-member";

const NAMESPACE: &[u8] = b"commonhold/vault/v1/member";

/// Why a member's request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// Not of the form `<identity key>:<unix seconds>:<signature>`.
    #[error(
        "malformed x-commonhold-member: <identity key, hex>:<unix seconds>:<signature, hex> is expected"
    )]
    Malformed,
    /// The time signed is too far from the node's.
    #[error(
        "the request was signed {0} seconds from the node's time, more than AUTH_WINDOW_SECONDS"
    )]
    Time(u64),
    /// The signature is not the member's over this request.
    #[error("the signature is not made by the member over this request")]
    Signature,
}

/// The header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who asks, by its identity key.
    pub member: B256,
    /// When, seconds since 1970.
    pub seconds: u64,
    signature: [u8; 64],
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (member, signature) = (hex::encode(self.member), hex::encode(self.signature));
        write!(f, "{member}:{}:{signature}", self.seconds)
    }
}

impl Signed {
    /// Signs a request.
    pub fn new(key: &PrivateKey, method: &str, path: &str, seconds: u64) -> Self {
        let signature = key.sign(NAMESPACE, &message(method, path, seconds));
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(signature.as_ref()) {
            *to = *from;
        }
        Self {
            member: B256::from_slice(key.public_key().as_ref()),
            seconds,
            signature: bytes,
        }
    }

    /// Parses the header's value.
    ///
    /// # Errors
    /// [`MemberError::Malformed`].
    pub fn parse(value: &str) -> Result<Self, MemberError> {
        let mut parts = value.split(':');
        let (Some(member), Some(seconds), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MemberError::Malformed);
        };
        let plain = seconds.bytes().all(|b| b.is_ascii_digit());
        let mut signed = Self {
            member: B256::ZERO,
            seconds: seconds.parse().map_err(|_| MemberError::Malformed)?,
            signature: [0; 64],
        };
        let member = hex::decode_to_slice(member, signed.member.as_mut_slice());
        let signature = hex::decode_to_slice(signature, &mut signed.signature);
        if value.len() > AUTH_BYTES_MAX || !plain || member.is_err() || signature.is_err() {
            return Err(MemberError::Malformed);
        }
        Ok(signed)
    }

    /// Who asks for this, if the signature is good at `now` (seconds since 1970). Whether they are a
    /// member is for the caller to know.
    ///
    /// # Errors
    /// [`MemberError`] says what is wrong.
    pub fn check(&self, method: &str, path: &str, now: u64) -> Result<B256, MemberError> {
        let off = now.abs_diff(self.seconds);
        if off > AUTH_WINDOW_SECONDS {
            return Err(MemberError::Time(off));
        }
        let refuse = |_| MemberError::Signature;
        let key = PublicKey::decode(Copying(self.member.as_slice())).map_err(refuse)?;
        let signature = Signature::decode(Copying(self.signature.as_slice())).map_err(refuse)?;
        if key.verify(NAMESPACE, &message(method, path, self.seconds), &signature) {
            Ok(self.member)
        } else {
            Err(MemberError::Signature)
        }
    }
}

fn message(method: &str, path: &str, seconds: u64) -> Vec<u8> {
    format!("{method}\n{path}\n{seconds}").into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn a_signature_is_for_one_request_of_one_member_for_a_while() {
        let key = PrivateKey::from_seed(1);
        let signed = Signed::new(&key, "GET", "/api/vault/replicas/a?from=0", NOW);
        let read = Signed::parse(&signed.to_string()).unwrap();
        assert_eq!(read, signed);
        let path = "/api/vault/replicas/a?from=0";
        for now in [NOW - AUTH_WINDOW_SECONDS, NOW, NOW + AUTH_WINDOW_SECONDS] {
            let member = B256::from_slice(key.public_key().as_ref());
            assert_eq!(read.check("GET", path, now), Ok(member));
        }
        for (method, path, now, why) in [
            ("PUT", path, NOW, MemberError::Signature),
            (
                "GET",
                "/api/vault/replicas/a?from=1",
                NOW,
                MemberError::Signature,
            ),
            ("GET", path, NOW + 61, MemberError::Time(61)),
            ("GET", path, NOW - 61, MemberError::Time(61)),
        ] {
            assert_eq!(
                read.check(method, path, now),
                Err(why),
                "{method} {path} {now}"
            );
        }
        let other = B256::from_slice(PrivateKey::from_seed(2).public_key().as_ref());
        for wrong in [
            Signed {
                member: other,
                ..read
            },
            Signed {
                member: B256::repeat_byte(0xff),
                ..read
            },
            Signed {
                seconds: NOW + 1,
                ..read
            },
            Signed {
                signature: [7; 64],
                ..read
            },
        ] {
            assert_eq!(wrong.check("GET", path, NOW), Err(MemberError::Signature));
        }
    }

    #[test]
    fn what_is_no_signature_is_malformed() {
        let good = Signed::new(&PrivateKey::from_seed(1), "GET", "/", NOW).to_string();
        for value in [
            "",
            "::",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}:"),
            &format!("{good}0"),
            &good.replace(":1", ":+1"),
            &good.replace(":1", ":x"),
            &"0".repeat(10_000),
        ] {
            assert_eq!(Signed::parse(value), Err(MemberError::Malformed), "{value}");
        }
    }
}
