//! A reading with its signature.

use alloy_primitives::{B256, keccak256};
use minicbor::{Decoder, Encoder, data::Tag};

use crate::{
    cbor::{self, Written, definite, of, read_hash},
    error::ReadingError,
    id::DeviceId,
    key::{Algorithm, DeviceKey, SIGNATURE_LEN},
    limits::ENVELOPE_BYTES_MAX,
    reading::Reading,
    secret::DeviceSecret,
};

/// What is signed along with every reading, and sent with none: `external_aad` of COSE.
pub const READING_DOMAIN: &[u8] = b"commonhold/reading/v1";

/// `COSE_Sign1`'s tag.
const SIGN1: u64 = 18;
/// The two labels of the protected header.
const ALG: u8 = 1;
const KID: u8 = 4;

/// A signed reading, in its one form. Whether the signature is right only [`Envelope::verify`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    bytes: Vec<u8>,
    algorithm: Algorithm,
    device: DeviceId,
    reading: Reading,
    signature: [u8; SIGNATURE_LEN],
}

impl Envelope {
    /// Signs a reading.
    ///
    /// # Errors
    /// What [`Reading::check`] says, and [`ReadingError::TooMuch`] where the whole is too long.
    pub fn sign(secret: &DeviceSecret, reading: Reading) -> Result<Self, ReadingError> {
        reading.check()?;
        let key = secret.key();
        let (algorithm, device) = (key.algorithm(), key.id());
        let payload = cbor::encode(&reading)?;
        let protected = protected(algorithm, device)?;
        let signature = secret.sign(&to_be_signed(&protected, &payload)?);
        let bytes = assemble(&protected, &payload, &signature)?;
        bound(bytes.len())?;
        Ok(Self {
            bytes,
            algorithm,
            device,
            reading,
            signature,
        })
    }

    /// Reads an envelope. Everything but the signature is checked.
    ///
    /// # Errors
    /// [`ReadingError::TooMuch`], [`ReadingError::Malformed`] or [`ReadingError::NotDeterministic`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadingError> {
        const WHAT: &str = "envelope";
        bound(bytes.len())?;
        let mut d = Decoder::new(bytes);
        if of(WHAT, d.tag())? != Tag::new(SIGN1) || definite(WHAT, d.array())? != 4 {
            return Err(ReadingError::malformed(
                WHAT,
                "a COSE_Sign1 is expected: tag 18 and four parts",
            ));
        }
        let header = of("protected header", d.bytes())?;
        let (algorithm, device) = read_protected(header)?;
        if definite("unprotected header", d.map())? != 0 {
            return Err(ReadingError::malformed(
                "unprotected header",
                "it must be empty: nothing in it is signed",
            ));
        }
        let payload = of("payload", d.bytes())?;
        let signature: [u8; SIGNATURE_LEN] = of("signature", d.bytes())?
            .try_into()
            .map_err(|_| ReadingError::malformed("signature", "64 bytes are expected"))?;
        let reading = cbor::decode(payload)?;
        if assemble(&protected(algorithm, device)?, payload, &signature)? != bytes {
            return Err(ReadingError::NotDeterministic(WHAT));
        }
        Ok(Self {
            bytes: bytes.to_vec(),
            algorithm,
            device,
            reading,
            signature,
        })
    }

    /// Whether the device with this key signed it.
    ///
    /// # Errors
    /// [`ReadingError::WrongDevice`] where the key is another device's, [`ReadingError::WrongSignature`].
    pub fn verify(&self, key: &DeviceKey) -> Result<(), ReadingError> {
        let expected = key.id();
        if self.device != expected {
            return Err(ReadingError::WrongDevice {
                found: self.device,
                expected,
            });
        }
        // The id commits to the algorithm; a header that names another for the same id is not signed by
        // this key.
        if self.algorithm != key.algorithm() {
            return Err(ReadingError::WrongSignature);
        }
        let protected = protected(self.algorithm, self.device)?;
        let payload = cbor::encode(&self.reading)?;
        key.verify(&to_be_signed(&protected, &payload)?, &self.signature)
    }

    /// Who signed it: the device, or the gateway where there is an origin.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// How it is signed.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whose reading it is: the source where a gateway signed for one, else the device.
    pub fn subject(&self) -> DeviceId {
        self.reading
            .origin
            .as_ref()
            .map_or(self.device, |origin| origin.source)
    }

    /// What it says.
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The signature.
    pub const fn signature(&self) -> &[u8; SIGNATURE_LEN] {
        &self.signature
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// keccak-256 of its bytes.
    pub fn digest(&self) -> B256 {
        keccak256(&self.bytes)
    }
}

fn bound(bytes: usize) -> Result<(), ReadingError> {
    ReadingError::bound(
        "a signed reading (bytes)",
        bytes,
        ENVELOPE_BYTES_MAX,
        "ENVELOPE_BYTES_MAX",
    )
}

/// The protected header.
fn protected(algorithm: Algorithm, device: DeviceId) -> Result<Vec<u8>, ReadingError> {
    let alg = algorithm.cose().ok_or(ReadingError::CannotSign)?;
    let mut e = Encoder::new(Vec::new());
    e.map(2)?.u8(ALG)?.i8(alg)?;
    e.u8(KID)?.bytes(device.as_bytes())?;
    Ok(e.into_writer())
}

fn read_protected(header: &[u8]) -> Result<(Algorithm, DeviceId), ReadingError> {
    const WHAT: &str = "protected header";
    let mut d = Decoder::new(header);
    let expected = || ReadingError::malformed(WHAT, "exactly alg (1) and kid (4) are expected");
    if definite(WHAT, d.map())? != 2 || of(WHAT, d.u8())? != ALG {
        return Err(expected());
    }
    let algorithm = Algorithm::from_cose(of(WHAT, d.i64())?)?;
    if of(WHAT, d.u8())? != KID {
        return Err(expected());
    }
    Ok((algorithm, DeviceId(read_hash("kid", &mut d)?.into())))
}

/// COSE's `Sig_structure`: what the device signs.
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Result<Vec<u8>, ReadingError> {
    let mut e = Encoder::new(Vec::new());
    e.array(4)?.str("Signature1")?.bytes(protected)?;
    e.bytes(READING_DOMAIN)?.bytes(payload)?;
    Ok(e.into_writer())
}

fn assemble(
    protected: &[u8],
    payload: &[u8],
    signature: &[u8; SIGNATURE_LEN],
) -> Result<Vec<u8>, ReadingError> {
    let mut e = Encoder::new(Vec::new());
    let write = |e: &mut Encoder<Vec<u8>>| -> Written {
        e.tag(Tag::new(SIGN1))?.array(4)?.bytes(protected)?;
        e.map(0)?.bytes(payload)?.bytes(signature)?;
        Ok(())
    };
    write(&mut e)?;
    Ok(e.into_writer())
}
