//! Receipts and the standard tries over them and over transactions.

use alloy_consensus::{EthereumReceipt, TxReceipt as _, TxType};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{B256, Bloom, Bytes};
use alloy_trie::root::ordered_trie_root_with_encoder;

/// What a transaction did: status, cumulative gas in its block, logs. The EIP-2718 form (with bloom)
/// is what the receipts root commits to.
pub type Receipt = EthereumReceipt<TxType>;

/// Root of the standard receipts trie, as any Ethereum library computes it.
pub fn receipts_root(receipts: &[Receipt]) -> B256 {
    let encoded: Vec<Vec<u8>> = receipts.iter().map(encode).collect();
    ordered_trie_root_with_encoder(&encoded, |item, buf| buf.extend_from_slice(item))
}

/// Root of the standard transactions trie over raw EIP-2718 transactions.
pub fn transactions_root(transactions: &[Bytes]) -> B256 {
    ordered_trie_root_with_encoder(transactions, |item, buf| buf.extend_from_slice(item))
}

/// The EIP-2718 encoding of a receipt with its bloom: the leaf of the receipts trie.
pub fn encode(receipt: &Receipt) -> Vec<u8> {
    receipt.with_bloom_ref().encoded_2718()
}

/// The union of the receipts' blooms: the header's `logsBloom`.
pub fn logs_bloom(receipts: &[Receipt]) -> Bloom {
    let mut bloom = Bloom::ZERO;
    for receipt in receipts {
        for log in &receipt.logs {
            bloom.accrue_log(log);
        }
    }
    bloom
}
