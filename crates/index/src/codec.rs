//! Packing of records: RLP under zstd, with the genesis header as dictionary, so that what is equal
//! in all headers costs nothing.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::{Decodable as _, RlpDecodable, RlpEncodable};
use commonhold_primitives::{Account, StateKey, StateValue, finalised::Witness};

use crate::limits::RECORD_BYTES_MAX;

/// The fastest level: most of a block is signatures, which nothing makes smaller.
const LEVEL: i32 = 1;

/// Packs and unpacks with one dictionary.
pub(crate) struct Codec {
    dictionary: Vec<u8>,
}

impl Codec {
    pub(crate) const fn new(dictionary: Vec<u8>) -> Self {
        Self { dictionary }
    }
    /// Packs with a checksum, so that damage is found when the record is read.
    pub(crate) fn pack(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut packer = zstd::bulk::Compressor::with_dictionary(LEVEL, &self.dictionary)?;
        packer.include_checksum(true)?;
        packer.compress(bytes)
    }
    pub(crate) fn unpack(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let size = zstd::bulk::Decompressor::upper_bound(bytes).unwrap_or(RECORD_BYTES_MAX);
        zstd::bulk::Decompressor::with_dictionary(&self.dictionary)?
            .decompress(bytes, size.min(RECORD_BYTES_MAX))
    }
}

/// One read of a witness. `kind`: 0 account, 1 slot, 2 code; `value` is empty where absent, and for
/// an account the RLP of nonce, balance and code hash.
#[derive(RlpEncodable, RlpDecodable)]
struct Read {
    kind: u8,
    address: Bytes,
    slot: U256,
    present: bool,
    value: Bytes,
}

#[derive(RlpEncodable, RlpDecodable)]
struct StoredAccount {
    nonce: u64,
    balance: U256,
    code_hash: B256,
}

pub(crate) fn encode_witness(witness: &Witness) -> Vec<u8> {
    let reads: Vec<Read> = witness
        .iter()
        .map(|(key, value)| {
            let (kind, address, slot) = match key {
                StateKey::Account(a) => (0, a.to_vec().into(), U256::ZERO),
                StateKey::Slot(a, slot) => (1, a.to_vec().into(), *slot),
                StateKey::Code(hash) => (2, hash.to_vec().into(), U256::ZERO),
            };
            let present = value.is_some();
            let value = match value {
                None => Bytes::new(),
                Some(StateValue::Code(code)) => code.clone(),
                Some(StateValue::Slot(word)) => alloy_rlp::encode(word).into(),
                Some(StateValue::Account(a)) => alloy_rlp::encode(StoredAccount {
                    nonce: a.nonce,
                    balance: a.balance,
                    code_hash: a.code_hash,
                })
                .into(),
            };
            Read {
                kind,
                address,
                slot,
                present,
                value,
            }
        })
        .collect();
    alloy_rlp::encode(reads)
}

pub(crate) fn decode_witness(mut bytes: &[u8]) -> Result<Witness, alloy_rlp::Error> {
    Vec::<Read>::decode(&mut bytes)?
        .into_iter()
        .map(|read| {
            let wrong = |_: core::array::TryFromSliceError| alloy_rlp::Error::Custom("witness key");
            let key = match read.kind {
                0 => StateKey::Account(Address::try_from(read.address.as_ref()).map_err(wrong)?),
                1 => StateKey::Slot(
                    Address::try_from(read.address.as_ref()).map_err(wrong)?,
                    read.slot,
                ),
                2 => StateKey::Code(B256::try_from(read.address.as_ref()).map_err(wrong)?),
                _ => return Err(alloy_rlp::Error::Custom("witness kind")),
            };
            if !read.present {
                return Ok((key, None));
            }
            let mut value: &[u8] = &read.value;
            let value = match key {
                StateKey::Account(_) => {
                    let a = StoredAccount::decode(&mut value)?;
                    let (nonce, balance, code_hash) = (a.nonce, a.balance, a.code_hash);
                    StateValue::Account(Account {
                        nonce,
                        balance,
                        code_hash,
                    })
                }
                StateKey::Slot(..) => StateValue::Slot(U256::decode(&mut value)?),
                StateKey::Code(_) => StateValue::Code(read.value),
            };
            Ok((key, Some(value)))
        })
        .collect()
}
