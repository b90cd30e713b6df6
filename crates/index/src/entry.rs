//! A block as the index knows it.

use std::sync::Arc;

use alloy_consensus::{Header, TxType};
use alloy_primitives::{Address, B256, Bytes, keccak256};
use alloy_rlp::{Decodable as _, RlpDecodable, RlpEncodable};
use commonhold_primitives::{Finalised, Receipt};

use crate::error::IndexError;

/// A final block with everything that is known of its transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The block hash.
    pub hash: B256,
    /// The header.
    pub header: Header,
    /// The raw EIP-2718 transactions.
    pub transactions: Vec<Bytes>,
    /// Their hashes.
    pub hashes: Vec<B256>,
    /// Their senders.
    pub senders: Vec<Address>,
    /// Their receipts.
    pub receipts: Arc<Vec<Receipt>>,
}

/// The form on disk. The receipt's type is the transaction's.
#[derive(RlpEncodable, RlpDecodable)]
struct Record {
    header: Header,
    transactions: Vec<Bytes>,
    senders: Vec<Address>,
    receipts: Vec<StoredReceipt>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct StoredReceipt {
    success: bool,
    cumulative_gas_used: u64,
    logs: Vec<alloy_primitives::Log>,
}

impl Entry {
    /// Takes over a finalised block.
    ///
    /// # Errors
    /// Where transactions, senders and receipts differ in number.
    pub fn new(finalised: &Finalised) -> Result<Self, IndexError> {
        let block = &finalised.block;
        let transactions = block.transactions().to_vec();
        let (senders, receipts) = (finalised.senders.clone(), finalised.receipts.clone());
        if senders.len() != transactions.len() || receipts.len() != transactions.len() {
            return Err(IndexError::Mismatch {
                number: block.number(),
                transactions: transactions.len(),
                senders: senders.len(),
                receipts: receipts.len(),
            });
        }
        let hashes = transactions.iter().map(keccak256).collect();
        let header = block.header().clone();
        Ok(Self {
            hash: block.hash(),
            header,
            transactions,
            hashes,
            senders,
            receipts,
        })
    }

    /// The block's number.
    pub const fn number(&self) -> u64 {
        self.header.number
    }

    /// Gas that the transaction at `index` used.
    pub fn gas_used(&self, index: usize) -> u64 {
        let upto = |i: usize| self.receipts.get(i).map_or(0, |r| r.cumulative_gas_used);
        let before = index.checked_sub(1).map_or(0, upto);
        upto(index).saturating_sub(before)
    }

    /// The number in its block of the first log of the transaction at `index`.
    pub fn first_log(&self, index: usize) -> usize {
        self.receipts.iter().take(index).map(|r| r.logs.len()).sum()
    }

    /// About how many bytes of memory the block takes.
    pub(crate) fn bytes(&self) -> usize {
        let bodies: usize = self.transactions.iter().map(|t| t.len()).sum();
        let logs: usize = self
            .receipts
            .iter()
            .flat_map(|r| &r.logs)
            .map(|log| 96 + 32 * log.topics().len() + log.data.data.len())
            .sum();
        1024 + bodies + logs + 256 * self.transactions.len()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        alloy_rlp::encode(Record {
            header: self.header.clone(),
            transactions: self.transactions.clone(),
            senders: self.senders.clone(),
            receipts: self
                .receipts
                .iter()
                .map(|r| StoredReceipt {
                    success: r.success,
                    cumulative_gas_used: r.cumulative_gas_used,
                    logs: r.logs.clone(),
                })
                .collect(),
        })
    }

    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Self, alloy_rlp::Error> {
        let record = Record::decode(&mut bytes)?;
        let types = record.transactions.iter().map(|raw| kind(raw));
        let receipts = record
            .receipts
            .into_iter()
            .zip(types)
            .map(|(r, tx_type)| Receipt {
                tx_type,
                success: r.success,
                cumulative_gas_used: r.cumulative_gas_used,
                logs: r.logs,
            })
            .collect();
        Ok(Self {
            hash: record.header.hash_slow(),
            hashes: record.transactions.iter().map(keccak256).collect(),
            header: record.header,
            transactions: record.transactions,
            senders: record.senders,
            receipts: Arc::new(receipts),
        })
    }
}

/// The kind of an encoded transaction: its first byte, or legacy where that begins an RLP list.
fn kind(raw: &[u8]) -> TxType {
    raw.first()
        .and_then(|byte| TxType::try_from(*byte).ok())
        .unwrap_or(TxType::Legacy)
}
