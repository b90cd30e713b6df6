//! A consent's document on the ledger: its hash, and when that is salted.
//!
//! The hash is SHA-256 of the document in RFC 8785's spelling. A document that says what stands on the
//! ledger anyway ([`consent`]) is hashed as it is: nobody learns a thing by guessing it. Any other may
//! say a name, a date of birth, a place; its hash alone would let it be guessed. It is hashed behind a
//! salt of 32 bytes that follows from the secret of who sets it ([`Account::salt`]) and from the document:
//! they need not keep it, and give it to whom they want to show that theirs is the document.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::interface::IHealth::Permit;
use commonhold_sdk::Account;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::consent::consent;
use crate::{
    json::canonical,
    limits::{CONSENT_BYTES_MAX, CONSENT_VALUES_MAX},
    refusal::{Place, Refusal},
};

/// A document by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hashed {
    /// What stands on the ledger.
    pub(crate) hash: B256,
    /// What it is hashed behind; nothing for a document of ours.
    pub(crate) salt: Option<B256>,
}

/// SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> B256 {
    B256::from(<[u8; 32]>::from(Sha256::digest(bytes)))
}

/// A document in RFC 8785's spelling.
///
/// # Errors
/// Where it is not JSON, or more than is taken.
pub(crate) fn spelled(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    if text.len() > CONSENT_BYTES_MAX {
        let what = "is longer than CONSENT_BYTES_MAX";
        return Err(Refusal::malformed(Place::file(), what));
    }
    canonical(text, CONSENT_VALUES_MAX).map_err(|trouble| {
        trouble.refusal(Place::file(), (CONSENT_VALUES_MAX, "CONSENT_VALUES_MAX"))
    })
}

/// The hash of the document that says of a consent what the ledger has.
///
/// # Errors
/// Never: what we write is JSON.
pub(crate) fn of_permits(
    subject: Address,
    chain: u64,
    permits: &[Permit],
) -> Result<B256, Refusal> {
    Ok(sha256(&ours(&consent(subject, chain, Some(permits)))?))
}

fn ours(document: &Value) -> Result<Vec<u8>, Refusal> {
    spelled(document.to_string().as_bytes())
}

/// A document that somebody brings for these permits.
///
/// # Errors
/// As [`spelled`].
pub(crate) fn of_file(
    account: &Account,
    (subject, chain): (Address, u64),
    permits: &[Permit],
    text: &[u8],
) -> Result<Hashed, Refusal> {
    let spelled = spelled(text)?;
    if spelled == ours(&consent(subject, chain, Some(permits)))? {
        let hash = sha256(&spelled);
        return Ok(Hashed { hash, salt: None });
    }
    let salt = salt(account, subject, chain, &spelled);
    let hash = salted(&salt, &spelled);
    Ok(Hashed {
        hash,
        salt: Some(salt),
    })
}

/// The salt that who sets a consent hashes a document behind.
pub(crate) fn salt(account: &Account, subject: Address, chain: u64, spelled: &[u8]) -> B256 {
    let mut what = b"health consent document".to_vec();
    what.extend_from_slice(&chain.to_be_bytes());
    what.extend_from_slice(subject.as_slice());
    what.extend_from_slice(sha256(spelled).as_slice());
    account.salt(&what)
}

/// The hash of a document behind a salt.
pub(crate) fn salted(salt: &B256, spelled: &[u8]) -> B256 {
    let mut bytes = salt.to_vec();
    bytes.extend_from_slice(spelled);
    sha256(&bytes)
}
