//! A member's answer to a request: its partial, which the reader alone can read.
//!
//! ```text
//! partial opening  member u32 ‖ encapsulated key 32 ‖ ciphertext 48 ‖ tag 16        100 bytes
//! answer           partial opening ‖ the member's ed25519 signature 64              164 bytes
//! ```
//!
//! The ciphertext is HPKE (RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! ChaCha20-Poly1305) of the partial's 48-byte signature to the reader's key, with
//!
//! ```text
//! info  namespace ‖ chain id u64 ‖ sequence u64 ‖ record 32 ‖ sharing 32 ‖ member u32
//! aad   hash of the block in which the request became final, 32
//! ```
//! so that it answers this request, in this block, from this place in this sharing, and no other. Base mode does not
//! say who encrypted. The member's signature does: whoever relays answers cannot make it seem that a
//! member answered falsely. It is made with the member's identity key under the namespace
//! `commonhold/seal/v1/answer` over `info ‖ aad ‖ encapsulated key ‖ ciphertext ‖ tag`.

use alloy_primitives::B256;
use commonhold_primitives::consensus::MemberKey;
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_cryptography::{
    Signer as _, Verifier as _,
    ed25519::{PrivateKey, Signature},
};
use core::fmt;
use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _,
    aead::{AeadTag, ChaCha20Poly1305},
    kdf::HkdfSha256,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    error::SealError,
    identity::Namespace,
    partial::{Partial, SIGNATURE_LEN},
    reader::{Kem, ReaderKey, ReaderSecret},
};

/// Bytes of a partial opening.
pub const PARTIAL_OPENING_LEN: usize = 100;
/// Bytes of an answer.
pub const ANSWER_LEN: usize = 164;

const ANSWER_NAMESPACE: &[u8] = b"commonhold/seal/v1/answer";
const ENCAPSULATED_LEN: usize = 32;

/// A request as it stands, final and permitted, on the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Request<'a> {
    /// The namespace of the identity that is to be opened.
    pub namespace: Namespace<'a>,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The request's number on the ledger.
    pub sequence: u64,
    /// The id of the record, or of the stream, that it asks for.
    pub record: B256,
    /// The hash of the block that holds the request.
    pub block: B256,
    /// Which sharing of the seal key is asked: [`Group::digest`](crate::Group::digest).
    pub sharing: B256,
}

impl Request<'_> {
    fn info(&self, member: u32) -> Vec<u8> {
        [
            self.namespace.as_bytes(),
            &self.chain_id.to_be_bytes(),
            &self.sequence.to_be_bytes(),
            self.record.as_slice(),
            self.sharing.as_slice(),
            &member.to_be_bytes(),
        ]
        .concat()
    }
}

/// A partial, encrypted to the reader of one request.
#[derive(Clone, PartialEq, Eq)]
pub struct PartialOpening {
    member: u32,
    encapsulated: [u8; ENCAPSULATED_LEN],
    ciphertext: [u8; SIGNATURE_LEN],
    tag: [u8; 16],
}

impl PartialOpening {
    /// Encrypts a partial to `reader`.
    ///
    /// # Errors
    /// [`SealError::WeakReader`] for a key with which everybody could read it.
    pub fn seal(
        partial: &Partial,
        request: &Request<'_>,
        reader: &ReaderKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        let member = partial.member();
        let mut buffer = partial.signature();
        let (encapsulated, tag) =
            hpke::single_shot_seal_inout_detached_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
                &OpModeS::Base,
                &reader.public()?,
                &request.info(member),
                buffer.as_mut_slice().into(),
                request.block.as_slice(),
                rng,
            )
            .map_err(|_| SealError::WeakReader)?;
        Ok(Self {
            member,
            encapsulated: encapsulated.to_bytes().into(),
            ciphertext: *buffer,
            tag: tag.to_bytes().into(),
        })
    }

    /// Decrypts the partial. Whether it is a good one, combining says.
    ///
    /// # Errors
    /// [`SealError::NotForThisReader`] where it was made for another reader, request, block or place,
    /// or is damaged; [`SealError::Malformed`] where its maker put in something that is no partial.
    pub fn open(&self, request: &Request<'_>, reader: &ReaderSecret) -> Result<Partial, SealError> {
        let refuse = |_| SealError::NotForThisReader(self.member);
        let encapsulated =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(&self.encapsulated).map_err(refuse)?;
        let tag = AeadTag::<ChaCha20Poly1305>::from_bytes(&self.tag).map_err(refuse)?;
        let mut buffer = Zeroizing::new(self.ciphertext);
        hpke::single_shot_open_inout_detached::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeR::Base,
            reader.private(),
            &encapsulated,
            &request.info(self.member),
            buffer.as_mut_slice().into(),
            request.block.as_slice(),
            &tag,
        )
        .map_err(refuse)?;
        Partial::from_signature(self.member, buffer.as_slice())
    }

    /// The place of the member that it is said to come from.
    pub const fn member(&self) -> u32 {
        self.member
    }

    /// Decodes a partial opening.
    ///
    /// # Errors
    /// [`SealError::Malformed`] for another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let take = || -> Option<Self> {
            let (member, rest) = bytes.split_first_chunk::<4>()?;
            let (encapsulated, rest) = rest.split_first_chunk()?;
            let (ciphertext, rest) = rest.split_first_chunk()?;
            Some(Self {
                member: u32::from_be_bytes(*member),
                encapsulated: *encapsulated,
                ciphertext: *ciphertext,
                tag: rest.try_into().ok()?,
            })
        };
        take().ok_or_else(|| SealError::malformed("partial opening", "100 bytes are expected"))
    }

    /// The 100 bytes.
    pub fn to_bytes(&self) -> [u8; PARTIAL_OPENING_LEN] {
        let mut bytes = [0; PARTIAL_OPENING_LEN];
        let parts = [
            self.member.to_be_bytes().as_slice(),
            &self.encapsulated,
            &self.ciphertext,
            &self.tag,
        ]
        .concat();
        bytes.copy_from_slice(&parts);
        bytes
    }

    /// Signs it, so that its reader knows that it comes from this member.
    pub fn sign(self, request: &Request<'_>, signer: &PrivateKey) -> Answer {
        let signature = signer.sign(ANSWER_NAMESPACE, &self.signed(request));
        Answer {
            opening: self,
            signature,
        }
    }

    fn signed(&self, request: &Request<'_>) -> Vec<u8> {
        [
            request.info(self.member).as_slice(),
            request.block.as_slice(),
            &self.encapsulated,
            &self.ciphertext,
            &self.tag,
        ]
        .concat()
    }
}

impl fmt::Debug for PartialOpening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialOpening of member {}", self.member)
    }
}

/// A partial opening with its member's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    opening: PartialOpening,
    signature: Signature,
}

impl Answer {
    /// The partial opening, where `member` made it for this request.
    ///
    /// # Errors
    /// [`SealError::NotFromMember`] where the signature is not `member`'s. `member` is the identity key
    /// at the place that the answer names.
    pub fn verify(
        &self,
        request: &Request<'_>,
        member: &MemberKey,
    ) -> Result<&PartialOpening, SealError> {
        let message = self.opening.signed(request);
        if member.verify(ANSWER_NAMESPACE, &message, &self.signature) {
            Ok(&self.opening)
        } else {
            Err(SealError::NotFromMember(self.opening.member))
        }
    }

    /// The place of the member that it is said to come from.
    pub const fn member(&self) -> u32 {
        self.opening.member
    }

    /// Decodes an answer.
    ///
    /// # Errors
    /// [`SealError::Malformed`] for another length, or where the signature is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let (opening, signature) = bytes
            .split_first_chunk::<PARTIAL_OPENING_LEN>()
            .ok_or_else(|| SealError::malformed("answer", "164 bytes are expected"))?;
        Ok(Self {
            opening: PartialOpening::from_bytes(opening)?,
            signature: Signature::decode(Copying(signature))
                .map_err(|e| SealError::malformed("answer", e))?,
        })
    }

    /// The 164 bytes.
    pub fn to_bytes(&self) -> [u8; ANSWER_LEN] {
        let mut bytes = [0; ANSWER_LEN];
        let (opening, signature) = bytes.split_at_mut(PARTIAL_OPENING_LEN);
        opening.copy_from_slice(&self.opening.to_bytes());
        signature.copy_from_slice(&self.signature.encode());
        bytes
    }
}
