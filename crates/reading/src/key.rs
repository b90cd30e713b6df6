//! Public keys of devices.

use core::fmt;

use alloy_primitives::{Address, B256};
use ed25519_dalek::VerifyingKey as Ed25519Key;
use k256::ecdsa::{Signature as Secp256k1Signature, VerifyingKey as Secp256k1Key};
use p256::ecdsa::{Signature as P256Signature, VerifyingKey as P256Key, signature::Verifier as _};

use crate::{
    error::ReadingError,
    id::{DeviceId, sha256},
    limits::SOURCE_NAME_BYTES_MAX,
};

/// What a proof of possession begins with, before it is hashed.
pub const ENROLMENT_DOMAIN: &[u8] = b"commonhold/enrolment/v1";
/// Bytes of every signature of a device.
pub const SIGNATURE_LEN: usize = 64;

/// How a device signs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Algorithm {
    /// It cannot: a gateway signs for it.
    Unsigned = 0,
    /// Ed25519 (RFC 8032), of the message itself. Public key: 32 bytes.
    Ed25519 = 1,
    /// ECDSA over P-256 of the message's SHA-256. Public key: 33 bytes, compressed (SEC 1).
    P256 = 2,
    /// ECDSA over secp256k1 of the message's SHA-256. Public key: 33 bytes, compressed (SEC 1).
    Secp256k1 = 3,
}

impl Algorithm {
    /// Its number on the ledger and in files.
    pub const fn number(self) -> u8 {
        match self {
            Self::Unsigned => 0,
            Self::Ed25519 => 1,
            Self::P256 => 2,
            Self::Secp256k1 => 3,
        }
    }

    /// The algorithm of this number.
    ///
    /// # Errors
    /// [`ReadingError::UnknownAlgorithm`] above 3.
    pub const fn from_number(number: u8) -> Result<Self, ReadingError> {
        match number {
            0 => Ok(Self::Unsigned),
            1 => Ok(Self::Ed25519),
            2 => Ok(Self::P256),
            3 => Ok(Self::Secp256k1),
            other => Err(ReadingError::UnknownAlgorithm(other as i64)),
        }
    }

    /// Its number in COSE: EdDSA, ES256, ES256K. A source that cannot sign has none.
    pub const fn cose(self) -> Option<i8> {
        match self {
            Self::Unsigned => None,
            Self::Ed25519 => Some(-8),
            Self::P256 => Some(-7),
            Self::Secp256k1 => Some(-47),
        }
    }

    pub(crate) const fn from_cose(number: i64) -> Result<Self, ReadingError> {
        match number {
            -8 => Ok(Self::Ed25519),
            -7 => Ok(Self::P256),
            -47 => Ok(Self::Secp256k1),
            other => Err(ReadingError::UnknownAlgorithm(other)),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "unsigned",
            Self::Ed25519 => "ed25519",
            Self::P256 => "p256",
            Self::Secp256k1 => "secp256k1",
        })
    }
}

impl core::str::FromStr for Algorithm {
    type Err = ReadingError;
    fn from_str(text: &str) -> Result<Self, ReadingError> {
        match text {
            "unsigned" => Ok(Self::Unsigned),
            "ed25519" => Ok(Self::Ed25519),
            "p256" => Ok(Self::P256),
            "secp256k1" => Ok(Self::Secp256k1),
            _ => Err(ReadingError::malformed(
                "algorithm",
                "ed25519, p256 or secp256k1 is expected",
            )),
        }
    }
}

/// A public key, read once and ready to verify.
#[derive(Clone, Debug)]
enum Verifier {
    Unsigned,
    Ed25519(Ed25519Key),
    P256(P256Key),
    Secp256k1(Secp256k1Key),
}

/// The public key of a device, known to be one of its algorithm.
#[derive(Clone, Debug)]
pub struct DeviceKey {
    bytes: Vec<u8>,
    verifier: Verifier,
}

impl PartialEq for DeviceKey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm() == other.algorithm() && self.bytes == other.bytes
    }
}

impl Eq for DeviceKey {}

impl DeviceKey {
    /// A key from its bytes, in the form that its algorithm has. For [`Algorithm::Unsigned`]: the
    /// gateway's device id and the source's name.
    ///
    /// # Errors
    /// [`ReadingError::Key`] where the bytes are no key, or one under which anything would verify.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, ReadingError> {
        let wrong = |why| ReadingError::Key { algorithm, why };
        let compressed = || match bytes {
            [2 | 3, ..] if bytes.len() == 33 => Ok(bytes),
            _ => Err(wrong("33 bytes are expected, compressed, from 02 or 03 on")),
        };
        let not_on_curve = |_| wrong("it is no point of the curve");
        let verifier = match algorithm {
            Algorithm::Unsigned => {
                let (_, name) = bytes.split_first_chunk::<32>().ok_or_else(|| {
                    wrong("32 bytes of the gateway's device and a name are expected")
                })?;
                let name =
                    core::str::from_utf8(name).map_err(|_| wrong("the name is not UTF-8"))?;
                if name.is_empty()
                    || name.len() > SOURCE_NAME_BYTES_MAX
                    || name.chars().any(char::is_control)
                {
                    return Err(wrong(
                        "the name has 1 to SOURCE_NAME_BYTES_MAX bytes, and no control characters",
                    ));
                }
                Verifier::Unsigned
            }
            Algorithm::Ed25519 => {
                let bytes = bytes
                    .try_into()
                    .map_err(|_| wrong("32 bytes are expected"))?;
                let key = Ed25519Key::from_bytes(bytes)
                    .map_err(|_| wrong("it is no point of the curve"))?;
                if key.is_weak() {
                    return Err(wrong("it is of small order"));
                }
                Verifier::Ed25519(key)
            }
            Algorithm::P256 => {
                Verifier::P256(P256Key::from_sec1_bytes(compressed()?).map_err(not_on_curve)?)
            }
            Algorithm::Secp256k1 => Verifier::Secp256k1(
                Secp256k1Key::from_sec1_bytes(compressed()?).map_err(not_on_curve)?,
            ),
        };
        Ok(Self {
            bytes: bytes.to_vec(),
            verifier,
        })
    }

    /// What stands for a key at a source that cannot sign: which gateway signs for it, and what it is
    /// called there.
    ///
    /// # Errors
    /// [`ReadingError::Key`] where the name is empty, too long, or has control characters.
    pub fn source(gateway: DeviceId, name: &str) -> Result<Self, ReadingError> {
        Self::new(
            Algorithm::Unsigned,
            &[gateway.as_bytes(), name.as_bytes()].concat(),
        )
    }

    /// Its algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        match self.verifier {
            Verifier::Unsigned => Algorithm::Unsigned,
            Verifier::Ed25519(_) => Algorithm::Ed25519,
            Verifier::P256(_) => Algorithm::P256,
            Verifier::Secp256k1(_) => Algorithm::Secp256k1,
        }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The id of the device that has it.
    pub fn id(&self) -> DeviceId {
        DeviceId::of(self.algorithm().number(), &self.bytes)
    }

    /// The gateway that signs for this source, and the source's name there. None for a device that
    /// signs.
    pub fn gateway_and_name(&self) -> Option<(DeviceId, &str)> {
        if !matches!(self.verifier, Verifier::Unsigned) {
            return None;
        }
        let (gateway, name) = self.bytes.split_first_chunk::<32>()?;
        Some((
            DeviceId((*gateway).into()),
            core::str::from_utf8(name).ok()?,
        ))
    }

    /// Whether `signature` is this device's of `message`. Ed25519 strictly (RFC 8032, no points of small
    /// order); ECDSA of the message's SHA-256, `r ‖ s`, with either of the two `s`.
    ///
    /// # Errors
    /// [`ReadingError::WrongSignature`], and [`ReadingError::CannotSign`] for a source that has no key.
    pub fn verify(
        &self,
        message: &[u8],
        signature: &[u8; SIGNATURE_LEN],
    ) -> Result<(), ReadingError> {
        let wrong = |_| ReadingError::WrongSignature;
        match &self.verifier {
            Verifier::Unsigned => Err(ReadingError::CannotSign),
            Verifier::Ed25519(key) => key
                .verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
                .map_err(|_| ReadingError::WrongSignature),
            Verifier::P256(key) => {
                let signature = P256Signature::from_slice(signature).map_err(wrong)?;
                key.verify(message, &signature).map_err(wrong)
            }
            Verifier::Secp256k1(key) => {
                let signature = Secp256k1Signature::from_slice(signature).map_err(wrong)?;
                // The library refuses the larger `s`, which devices make as often as the smaller.
                let signature = signature.normalize_s().unwrap_or(signature);
                key.verify(message, &signature).map_err(wrong)
            }
        }
    }

    /// What a device signs to be enrolled by `owner`: `SHA-256("commonhold/enrolment/v1" ‖ chain u64 ‖
    /// devices' address ‖ owner's address ‖ key)`. So nobody enrols a device that is not theirs, and a
    /// proof made for one network or owner is worth nothing at another.
    pub fn enrolment(&self, chain: u64, devices: Address, owner: Address) -> B256 {
        sha256(&[
            ENROLMENT_DOMAIN,
            &chain.to_be_bytes(),
            devices.as_slice(),
            owner.as_slice(),
            &self.bytes,
        ])
    }
}
