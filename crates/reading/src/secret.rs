//! Secret keys of devices.

use core::fmt;

use ed25519_dalek::{Signer as _, SigningKey as Ed25519Secret};
use k256::ecdsa::SigningKey as Secp256k1Secret;
use p256::ecdsa::{SigningKey as P256Secret, signature::Signer as _};
use zeroize::Zeroizing;

use crate::{
    error::ReadingError,
    key::{Algorithm, DeviceKey, SIGNATURE_LEN},
};

#[derive(Clone)]
enum Secret {
    Ed25519(Ed25519Secret),
    P256(P256Secret),
    Secp256k1(Secp256k1Secret),
}

/// The secret key of a device. Wiped when dropped.
#[derive(Clone)]
pub struct DeviceSecret {
    secret: Secret,
    key: DeviceKey,
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "DeviceSecret({} {})",
            self.key.algorithm(),
            self.key.id()
        )
    }
}

impl DeviceSecret {
    /// A secret key from 32 random bytes: an Ed25519 seed, or a scalar of the curve.
    ///
    /// # Errors
    /// [`ReadingError::Key`] where the bytes are no scalar (zero, or not below the curve's order), and
    /// [`ReadingError::CannotSign`] for [`Algorithm::Unsigned`].
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8; 32]) -> Result<Self, ReadingError> {
        let wrong = |_| ReadingError::Key {
            algorithm,
            why: "the secret is no scalar of the curve",
        };
        let (secret, public) = match algorithm {
            Algorithm::Unsigned => return Err(ReadingError::CannotSign),
            Algorithm::Ed25519 => {
                let secret = Ed25519Secret::from_bytes(bytes);
                let public = secret.verifying_key().to_bytes().to_vec();
                (Secret::Ed25519(secret), public)
            }
            Algorithm::P256 => {
                let secret = P256Secret::from_slice(bytes).map_err(wrong)?;
                let public = secret.verifying_key().to_encoded_point(true);
                (Secret::P256(secret), public.as_bytes().to_vec())
            }
            Algorithm::Secp256k1 => {
                let secret = Secp256k1Secret::from_slice(bytes).map_err(wrong)?;
                let public = secret.verifying_key().to_encoded_point(true);
                (Secret::Secp256k1(secret), public.as_bytes().to_vec())
            }
        };
        Ok(Self {
            secret,
            key: DeviceKey::new(algorithm, &public)?,
        })
    }

    /// Its 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(match &self.secret {
            Secret::Ed25519(secret) => secret.to_bytes(),
            Secret::P256(secret) => secret.to_bytes().into(),
            Secret::Secp256k1(secret) => secret.to_bytes().into(),
        })
    }

    /// Its public key.
    pub const fn key(&self) -> &DeviceKey {
        &self.key
    }

    /// Its signature of a message, the same each time. See [`DeviceKey::verify`].
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        match &self.secret {
            Secret::Ed25519(secret) => secret.sign(message).to_bytes(),
            Secret::P256(secret) => {
                let signature: p256::ecdsa::Signature = secret.sign(message);
                signature.to_bytes().into()
            }
            Secret::Secp256k1(secret) => {
                let signature: k256::ecdsa::Signature = secret.sign(message);
                signature.to_bytes().into()
            }
        }
    }
}
