//! Proofs that an entry has a value, or has none, under a header's state root.
//!
//! ```text
//! 0x01 ‖ cell (64) ‖ key-value proof      the entry's cell is `cell`
//! 0x00 ‖ exclusion proof                  the entry has no cell
//! ```

use alloy_primitives::{B256, Bytes};
use commonhold_primitives::{StateKey, StateValue};
use commonware_codec::{
    Buf, Copying, Decode as _, EncodeSize, Error as CodecError, Read, ReadExt as _, Write,
};
use commonware_cryptography::{Sha256, sha256::Digest};
use commonware_parallel::Strategy;
use commonware_storage::{
    Context,
    qmdb::current::ordered::proof::constant::{ExclusionProof, KeyValueProof},
};

use crate::{
    cell::{self, Cell, CellError, CellKey},
    db::{CHUNK_BYTES, Db, Family, Root, Values},
    limits::PROOF_DIGESTS_MAX,
};

/// A proof about one entry of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateProof {
    /// The entry's cell is this one.
    Present(
        Cell,
        Box<KeyValueProof<Family, CellKey, Digest, CHUNK_BYTES>>,
    ),
    /// The entry has no cell.
    Absent(Box<ExclusionProof<Family, CellKey, Values, Digest, CHUNK_BYTES>>),
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not the encoding of a proof.
    #[error("the state proof does not decode: {0}")]
    Malformed(String),
    /// It does not lead to the state root.
    #[error("the state proof does not lead to the state root")]
    Mismatch,
    /// The proven cell does not decode.
    #[error(transparent)]
    Cell(#[from] CellError),
    /// Proofs are about accounts and slots.
    #[error("code is proven by its hash, not by a state proof")]
    Code,
    /// The database failed.
    #[error("the proof cannot be made: {0}")]
    Unavailable(String),
}

impl StateProof {
    /// Proves what `db` holds at `key` now; it verifies against `db.root()` of this moment.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn make<E: Context, S: Strategy>(
        db: &Db<E, S>,
        key: &StateKey,
    ) -> Result<Self, ProofError> {
        if let StateKey::Code(_) = key {
            return Err(ProofError::Code);
        }
        let failed = |e: &dyn core::fmt::Display| ProofError::Unavailable(e.to_string());
        let name = cell::key(key);
        match db.get(&name).await.map_err(|e| failed(&e))? {
            Some(found) => {
                let proof = db.key_value_proof(name).await.map_err(|e| failed(&e))?;
                Ok(Self::Present(found, Box::new(proof)))
            }
            None => {
                let proof = db.exclusion_proof(&name).await.map_err(|e| failed(&e))?;
                Ok(Self::Absent(Box::new(proof)))
            }
        }
    }

    /// Checks the proof against `root` (a header's `stateRoot`) and returns what `key` holds under it.
    ///
    /// # Errors
    /// [`ProofError::Mismatch`] where it proves nothing about this key under this root.
    pub fn verify(&self, root: B256, key: &StateKey) -> Result<Option<StateValue>, ProofError> {
        if let StateKey::Code(_) = key {
            return Err(ProofError::Code);
        }
        let name = cell::key(key);
        let root = Root::from(root.0);
        match self {
            Self::Present(found, proof) => {
                if !proof.verify::<Sha256, Values>(name, found.clone(), &root) {
                    return Err(ProofError::Mismatch);
                }
                Ok(Some(cell::decode(key, found)?))
            }
            Self::Absent(proof) => {
                if !proof.verify::<Sha256>(&name, &root) {
                    return Err(ProofError::Mismatch);
                }
                Ok(None)
            }
        }
    }

    /// The bytes that travel.
    pub fn to_bytes(&self) -> Bytes {
        let mut buf = Vec::with_capacity(self.encode_size());
        self.write(&mut buf);
        buf.into()
    }

    /// Decodes what [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// Where the bytes are not exactly one proof.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        Self::decode_cfg(Copying(bytes), &()).map_err(|e| ProofError::Malformed(e.to_string()))
    }
}

impl Write for StateProof {
    fn write(&self, buf: &mut impl commonware_runtime::BufMut) {
        match self {
            Self::Present(found, proof) => {
                1u8.write(buf);
                found.write(buf);
                proof.write(buf);
            }
            Self::Absent(proof) => {
                0u8.write(buf);
                proof.write(buf);
            }
        }
    }
}
impl EncodeSize for StateProof {
    fn encode_size(&self) -> usize {
        1 + match self {
            Self::Present(found, proof) => found.encode_size() + proof.encode_size(),
            Self::Absent(proof) => proof.encode_size(),
        }
    }
}
impl Read for StateProof {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, CodecError> {
        match u8::read(buf)? {
            1 => {
                let found = Cell::read(buf)?;
                let proof = KeyValueProof::read_cfg(buf, &(PROOF_DIGESTS_MAX, ()))?;
                Ok(Self::Present(found, Box::new(proof)))
            }
            0 => {
                let proof = ExclusionProof::read_cfg(buf, &(PROOF_DIGESTS_MAX, (), ()))?;
                Ok(Self::Absent(Box::new(proof)))
            }
            tag => Err(CodecError::InvalidEnum(tag)),
        }
    }
}
