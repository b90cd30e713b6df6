//! Blocks: an Ethereum header and the raw transactions it commits to.
//!
//! The RLP header hashed with keccak-256 is the block hash and the consensus payload. Encoded as
//!
//! ```text
//! header   u32 length ‖ RLP
//! count    u32
//! lengths  count × u32
//! bodies   the EIP-2718 transactions, one after another
//! ceremony u32 length, 0 for none ‖ what the block carries of a resharing of the network key
//! sealing  u32 length ‖ what the block carries of a resharing of the seal key; nothing at all where
//!          the extra data has no hash of it
//! ```
//!
//! Decoding refuses a body that the header's transactions root does not commit to, and a ceremony or
//! sealing that its extra data does not, so a block hash names exactly one encoding.

use std::sync::Arc;

use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header, constants::EMPTY_WITHDRAWALS};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{Address, B256, Bytes, keccak256};
use alloy_rlp::{Decodable as _, Encodable as _};
use bytes::BufMut;
use commonware_codec::{
    Buf, Encode as _, EncodeSize, Error as CodecError, Read, ReadExt as _, Write,
};
use commonware_consensus::{
    Block as ConsensusBlock, BoundedBlock, CertifiableBlock, Heightable, types::Height,
};
use commonware_cryptography::Digestible;

use crate::{
    consensus::{BlockHash, ConsensusContext, MemberKey},
    epoch::{self, Ceremony},
    extra::Extra,
    limits::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX, EXTRA_BYTES_MAX, TRANSACTION_BYTES_MAX},
    receipt::transactions_root,
    sealing::{self, Sealing},
};

/// Bytes of an RLP header: its fixed fields stay below 832 bytes, the rest is extra data.
const HEADER_BYTES_MAX: usize = 832 + EXTRA_BYTES_MAX;

/// A block. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    hash: BlockHash,
    header: Header,
    extra: Extra,
    transactions: Vec<Bytes>,
    ceremony: Option<Carried<Ceremony>>,
    sealing: Option<Carried<Sealing>>,
}

/// What a block carries of a resharing, as it was encoded too.
struct Carried<T> {
    what: T,
    bytes: Bytes,
}

impl<T: Write + EncodeSize> Carried<T> {
    fn new(what: T) -> Self {
        let bytes = Bytes::from(what.encode().to_vec());
        Self { what, bytes }
    }
    fn hash(&self) -> B256 {
        keccak256(&self.bytes)
    }
}

impl<T> PartialEq for Carried<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl<T> Eq for Carried<T> {}
impl<T> core::fmt::Debug for Carried<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes of a resharing", self.bytes.len())
    }
}

impl Block {
    /// Seals `header` over `transactions` and what belongs to resharings, of the network key and of the
    /// seal key: sets the extra data and the transactions root.
    pub fn seal(
        mut header: Header,
        mut extra: Extra,
        transactions: Vec<Bytes>,
        ceremony: Option<Ceremony>,
        sealing: Option<Sealing>,
    ) -> Self {
        let ceremony = ceremony.map(Carried::new);
        let sealing = sealing.map(Carried::new);
        extra.ceremony = ceremony.as_ref().map(Carried::hash);
        extra.sealing = sealing.as_ref().map(Carried::hash);
        header.extra_data = extra.to_bytes();
        header.transactions_root = transactions_root(&transactions);
        let hash = BlockHash(header.hash_slow());
        Self(Arc::new(Inner {
            hash,
            header,
            extra,
            transactions,
            ceremony,
            sealing,
        }))
    }
    /// The header, as Ethereum defines it.
    pub fn header(&self) -> &Header {
        &self.0.header
    }
    /// The decoded extra data of the header.
    pub fn extra(&self) -> &Extra {
        &self.0.extra
    }
    /// keccak-256 of the RLP header.
    pub fn hash(&self) -> B256 {
        self.0.hash.0
    }
    /// Distance from the genesis block.
    pub fn number(&self) -> u64 {
        self.0.header.number
    }
    /// The raw EIP-2718 transactions in order.
    pub fn transactions(&self) -> &[Bytes] {
        &self.0.transactions
    }
    /// What the block carries of a resharing of the network key.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.0.ceremony.as_ref().map(|carried| &carried.what)
    }
    /// What the block carries of a resharing of the seal key.
    pub fn sealing(&self) -> Option<&Sealing> {
        self.0.sealing.as_ref().map(|carried| &carried.what)
    }
    fn ceremony_bytes(&self) -> &[u8] {
        let bytes = self.0.ceremony.as_ref().map(|c| c.bytes.as_ref());
        bytes.unwrap_or_default()
    }
    fn sealing_bytes(&self) -> Option<&[u8]> {
        self.0.sealing.as_ref().map(|c| c.bytes.as_ref())
    }
    /// Milliseconds since 1970 that the proposer gave the block.
    pub fn timestamp_ms(&self) -> u64 {
        self.0
            .header
            .timestamp
            .saturating_mul(1000)
            .saturating_add(self.0.extra.millis.into())
    }
}

/// The constant fields of this network's headers: no ommers, no work, no withdrawals, no blobs, no
/// requests. `mix_hash` (PREVRANDAO) is the hash of the genesis document: the same in every block, so
/// it names the network and nobody mistakes it for randomness.
pub fn blank_header(genesis: B256) -> Header {
    Header {
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        mix_hash: genesis,
        withdrawals_root: Some(EMPTY_WITHDRAWALS),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    }
}

/// The address shown as the `miner` of a member's blocks: the last 20 bytes of keccak-256 of its
/// identity key. Fees, where a network takes them, are collected there.
pub fn proposer_address(member: &MemberKey) -> Address {
    Address::from_word(keccak256(member.as_ref() as &[u8]))
}

impl Write for Block {
    fn write(&self, buf: &mut impl BufMut) {
        let mut header = Vec::with_capacity(HEADER_BYTES_MAX);
        self.header().encode(&mut header);
        put_len(buf, header.len());
        buf.put_slice(&header);
        put_len(buf, self.transactions().len());
        for transaction in self.transactions() {
            put_len(buf, transaction.len());
        }
        for transaction in self.transactions() {
            buf.put_slice(transaction);
        }
        put_len(buf, self.ceremony_bytes().len());
        buf.put_slice(self.ceremony_bytes());
        if let Some(bytes) = self.sealing_bytes() {
            put_len(buf, bytes.len());
            buf.put_slice(bytes);
        }
    }
}

/// Lengths below are bounded by the limits above; a longer one could not have been built or decoded.
fn put_len(buf: &mut impl BufMut, len: usize) {
    buf.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
}

impl EncodeSize for Block {
    fn encode_size(&self) -> usize {
        let bodies: usize = self.transactions().iter().map(|t| 4 + t.len()).sum();
        let sealing = self.sealing_bytes().map_or(0, |bytes| 4 + bytes.len());
        4 + self.header().length() + 4 + bodies + 4 + self.ceremony_bytes().len() + sealing
    }
}

fn read_len(buf: &mut impl Buf, max: usize) -> Result<usize, CodecError> {
    let len = usize::try_from(u32::read(buf)?).unwrap_or(usize::MAX);
    if len > max {
        Err(CodecError::InvalidLength(len))
    } else {
        Ok(len)
    }
}

impl Read for Block {
    type Cfg = ();
    fn read_cfg(buf: &mut impl Buf, _: &()) -> Result<Self, CodecError> {
        let header_len = read_len(buf, HEADER_BYTES_MAX)?;
        if buf.remaining() < header_len {
            return Err(CodecError::EndOfBuffer);
        }
        let encoded: bytes::Bytes = buf.copy_to_bytes(header_len);
        let mut rest = encoded.as_ref();
        let header = Header::decode(&mut rest)
            .map_err(|_| CodecError::Invalid("Block", "header is not RLP"))?;
        if !rest.is_empty() || alloy_rlp::encode(&header) != encoded {
            return Err(CodecError::Invalid("Block", "header is not canonical"));
        }
        let extra = Extra::from_bytes(&header.extra_data)?;
        let count = read_len(buf, BLOCK_TRANSACTIONS_MAX)?;
        let mut lengths = Vec::new();
        let mut total = 0usize;
        for _ in 0..count {
            let len = read_len(buf, TRANSACTION_BYTES_MAX)?;
            total = total.saturating_add(len);
            lengths.push(len);
        }
        if total > BLOCK_BYTES_MAX {
            return Err(CodecError::InvalidLength(total));
        }
        if buf.remaining() < total {
            return Err(CodecError::EndOfBuffer);
        }
        let mut bodies: bytes::Bytes = buf.copy_to_bytes(total);
        let transactions: Vec<Bytes> = lengths
            .iter()
            .map(|len| bodies.split_to(*len).into())
            .collect();
        if transactions_root(&transactions) != header.transactions_root {
            return Err(CodecError::Invalid("Block", "transactions root"));
        }
        let ceremony = read_carried(
            buf,
            extra.ceremony,
            epoch::ceremony_bytes_max(),
            epoch::decode_ceremony,
        )?;
        let sealing = match extra.sealing {
            None => None,
            committed => read_carried(
                buf,
                committed,
                sealing::sealing_bytes_max(),
                sealing::decode_sealing,
            )?,
        };
        let hash = BlockHash(keccak256(&encoded));
        Ok(Self(Arc::new(Inner {
            hash,
            header,
            extra,
            transactions,
            ceremony,
            sealing,
        })))
    }
}

/// Reads what the block carries of a resharing, which is what its extra data commits to.
fn read_carried<T: Write + EncodeSize>(
    buf: &mut impl Buf,
    committed: Option<B256>,
    max: usize,
    decode: impl Fn(&[u8]) -> Result<T, CodecError>,
) -> Result<Option<Carried<T>>, CodecError> {
    let len = read_len(buf, max)?;
    if buf.remaining() < len {
        return Err(CodecError::EndOfBuffer);
    }
    let bytes = Bytes::from(buf.copy_to_bytes(len));
    if committed != (len > 0).then(|| keccak256(&bytes)) {
        return Err(CodecError::Invalid("Block", "a resharing's hash"));
    }
    if len == 0 {
        return Ok(None);
    }
    let carried = Carried::new(decode(&bytes)?);
    if carried.bytes != bytes {
        return Err(CodecError::Invalid(
            "Block",
            "a resharing's bytes are not canonical",
        ));
    }
    Ok(Some(carried))
}

impl Digestible for Block {
    type Digest = BlockHash;
    fn digest(&self) -> BlockHash {
        self.0.hash
    }
}
impl Heightable for Block {
    fn height(&self) -> Height {
        Height::new(self.number())
    }
}
impl ConsensusBlock for Block {
    fn parent(&self) -> BlockHash {
        BlockHash(self.header().parent_hash)
    }
}
impl CertifiableBlock for Block {
    type Context = ConsensusContext;
    fn context(&self) -> ConsensusContext {
        self.extra().context.clone()
    }
}
impl BoundedBlock for Block {
    fn max_encode_size(_: &()) -> usize {
        let transactions = 4 + 4 * BLOCK_TRANSACTIONS_MAX + BLOCK_BYTES_MAX;
        let carried = 4 + epoch::ceremony_bytes_max() + 4 + sealing::sealing_bytes_max();
        4 + HEADER_BYTES_MAX + transactions + carried
    }
}
