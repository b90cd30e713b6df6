//! Signed requests to a node's vault.
//!
//! The header `x-commonhold-auth` carries `<address>:<unix seconds>:<signature>`: the address as
//! `0x` and 40 hex digits, the 65-byte signature as `0x` and 130 hex digits. The signature is made
//! over the EIP-191 personal message
//!
//! ```text
//! commonhold vault
//! {METHOD}
//! {path, with its query where it has one}
//! {unix seconds}
//! {BLAKE3 of the request's body, 64 hex digits, or - where it has none}
//! ```
//!
//! The node takes it while its clock is within [`AUTH_WINDOW_SECONDS`] of the time signed. Who may do
//! what is the node's business; this module only tells who asks.

use core::fmt;

use alloy_consensus::crypto::secp256k1::recover_signer;
use alloy_primitives::{Address, B256, Signature, eip191_hash_message};

use crate::{
    limits::{AUTH_BYTES_MAX, AUTH_WINDOW_SECONDS},
    name::BlobHash,
};

/// Name of the header.
pub const HEADER: &str = "x-commonhold-auth";

/// Why a signed request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Not of the form `<address>:<unix seconds>:<signature>`.
    #[error(
        "malformed x-commonhold-auth: <address>:<unix seconds>:<65-byte signature, hex> is expected"
    )]
    Malformed,
    /// The time signed is too far from the node's.
    #[error(
        "the request was signed {0} seconds from the node's time, more than AUTH_WINDOW_SECONDS"
    )]
    Time(u64),
    /// The signature is not the address's over this request.
    #[error("the signature is not made by the address over this request")]
    Signature,
}

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `PUT` or `DELETE`.
    pub method: &'a str,
    /// The path as it stands in the request line, with its query.
    pub path: &'a str,
    /// BLAKE3 of the request's body.
    pub body: Option<BlobHash>,
}

impl Request<'_> {
    /// The text that is signed as an EIP-191 personal message.
    pub fn message(&self, seconds: u64) -> String {
        let body = self
            .body
            .map_or_else(|| "-".to_owned(), |hash| hash.to_string());
        format!(
            "commonhold vault\n{}\n{}\n{seconds}\n{body}",
            self.method, self.path
        )
    }
    /// The hash that is signed.
    pub fn signing_hash(&self, seconds: u64) -> B256 {
        eip191_hash_message(self.message(seconds))
    }
}

/// The header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// Who asks.
    pub signer: Address,
    /// When, seconds since 1970.
    pub seconds: u64,
    /// Over [`Request::signing_hash`].
    pub signature: Signature,
}

impl fmt::Display for Authorisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:#x}:{}:0x{}",
            self.signer,
            self.seconds,
            hex::encode(self.signature.as_bytes())
        )
    }
}

impl Authorisation {
    /// Parses the header's value.
    ///
    /// # Errors
    /// [`AuthError::Malformed`].
    pub fn parse(value: &str) -> Result<Self, AuthError> {
        if value.len() > AUTH_BYTES_MAX {
            return Err(AuthError::Malformed);
        }
        let mut parts = value.split(':');
        let (Some(signer), Some(seconds), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(AuthError::Malformed);
        };
        let mut bytes = [0u8; 65];
        hex::decode_to_slice(
            signature.strip_prefix("0x").unwrap_or(signature),
            &mut bytes,
        )
        .map_err(|_| AuthError::Malformed)?;
        if !seconds.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AuthError::Malformed);
        }
        Ok(Self {
            signer: signer.parse().map_err(|_| AuthError::Malformed)?,
            seconds: seconds.parse().map_err(|_| AuthError::Malformed)?,
            signature: Signature::from_raw_array(&bytes).map_err(|_| AuthError::Malformed)?,
        })
    }

    /// Who asks for `request`, if the signature is good at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`AuthError`] says what is wrong.
    pub fn check(&self, request: &Request<'_>, now: u64) -> Result<Address, AuthError> {
        let off = now.abs_diff(self.seconds);
        if off > AUTH_WINDOW_SECONDS {
            return Err(AuthError::Time(off));
        }
        match recover_signer(&self.signature, request.signing_hash(self.seconds)) {
            Ok(signer) if signer == self.signer => Ok(signer),
            _ => Err(AuthError::Signature),
        }
    }
}
