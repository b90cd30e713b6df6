//! An account that is open: it can sign, and it can read what is encrypted for it.

use core::fmt;

use alloy_primitives::{Address, B256, Signature};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use commonhold_vault::{
    PublicKey, SecretKey, VaultError,
    auth::{Authorisation, Request},
    crypt4gh::{write_public, write_secret},
};
use zeroize::Zeroizing;

use crate::keystore::KeystoreError;

/// Context of the derivation of the encryption key: `blake3::derive_key(CONTEXT, secp256k1 secret)`
/// is the X25519 secret. One backup of the account's key keeps both.
pub const ENCRYPTION_CONTEXT: &str = "commonhold 2026 x25519 encryption key v1";

/// Context of the derivation of the key that salts are made with: `blake3::keyed_hash` of what they are
/// for under `blake3::derive_key(CONTEXT, secp256k1 secret)`.
pub const SALT_CONTEXT: &str = "commonhold 2026 salts v1";

/// An open account.
#[derive(Clone)]
pub struct Account {
    signer: PrivateKeySigner,
    encryption: SecretKey,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account {}", self.address())
    }
}

impl Account {
    /// A fresh account.
    pub fn random() -> Self {
        Self::from_signer(PrivateKeySigner::random())
    }

    /// The account of a secp256k1 secret.
    ///
    /// # Errors
    /// Where the bytes are no secret of the curve.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeystoreError> {
        PrivateKeySigner::from_slice(secret)
            .map(Self::from_signer)
            .map_err(|_| KeystoreError::Secret)
    }

    fn from_signer(signer: PrivateKeySigner) -> Self {
        let secret = Zeroizing::new(signer.to_bytes().0);
        let derived = Zeroizing::new(blake3::derive_key(ENCRYPTION_CONTEXT, secret.as_slice()));
        Self {
            signer,
            encryption: SecretKey::from_bytes(&derived),
        }
    }

    /// The account's address.
    pub const fn address(&self) -> Address {
        self.signer.address()
    }

    /// The secp256k1 secret. Whoever has it is the account.
    pub fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.signer.to_bytes().0)
    }

    /// 32 bytes that follow from the account's secret and `what`, and that nobody else can guess: a salt
    /// that need not be kept.
    pub fn salt(&self, what: &[u8]) -> B256 {
        let key = Zeroizing::new(blake3::derive_key(SALT_CONTEXT, self.secret().as_slice()));
        B256::from(*blake3::keyed_hash(&key, what).as_bytes())
    }

    /// The key with which the account reads what is encrypted for it.
    pub const fn encryption(&self) -> &SecretKey {
        &self.encryption
    }

    /// The key for which others encrypt.
    pub fn encryption_public(&self) -> PublicKey {
        self.encryption.public()
    }

    /// The encryption key as a Crypt4GH private key file, encrypted where a passphrase is given: what
    /// any Crypt4GH tool needs to read what is encrypted for this account. It says nothing of the
    /// account's own secret.
    ///
    /// # Errors
    /// Where the operating system gives no random bytes.
    pub fn crypt4gh_secret(
        &self,
        passphrase: Option<&str>,
    ) -> Result<Zeroizing<String>, VaultError> {
        write_secret(&self.encryption, passphrase)
    }

    /// The key for which others encrypt as a Crypt4GH public key file.
    pub fn crypt4gh_public(&self) -> String {
        write_public(&self.encryption_public())
    }

    /// Signs a hash.
    ///
    /// # Errors
    /// Where the signer fails.
    pub fn sign_hash(&self, hash: &B256) -> Result<Signature, KeystoreError> {
        self.signer
            .sign_hash_sync(hash)
            .map_err(|e| KeystoreError::Signing(e.to_string()))
    }

    /// Signs a request to a node's vault, at `seconds` since 1970.
    ///
    /// # Errors
    /// As [`Self::sign_hash`].
    pub fn authorise(
        &self,
        request: &Request<'_>,
        seconds: u64,
    ) -> Result<Authorisation, KeystoreError> {
        let signature = self.sign_hash(&request.signing_hash(seconds))?;
        Ok(Authorisation {
            signer: self.address(),
            seconds,
            signature,
        })
    }
}
