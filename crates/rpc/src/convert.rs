//! Blocks, transactions, receipts and logs in the form of the Ethereum JSON-RPC.

use alloy_consensus::{
    Header, ReceiptEnvelope, ReceiptWithBloom, Transaction as _, TxReceipt as _, TxType,
    transaction::Recovered,
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rpc_types_eth::{
    Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log as RpcLog,
    Transaction as RpcTransaction, TransactionReceipt, Withdrawals,
};
use commonhold_index::{Entry, FoundLog};
use commonhold_primitives::{
    Transaction,
    transaction::{self, Envelope},
};

use crate::error::{Fault, Outcome};

pub(crate) type TransactionJson = RpcTransaction<Envelope>;
pub(crate) type BlockJson = RpcBlock<TransactionJson>;
pub(crate) type ReceiptJson = TransactionReceipt<ReceiptEnvelope<RpcLog>>;

/// Bytes of extra data that Ethereum's rules allow.
const EXTRA_SHOWN_MAX: usize = 32;

/// Bytes of a block as Ethereum encodes it: header, transactions, no ommers, no withdrawals.
pub(crate) fn size_of(header: &Header, transactions: &[Bytes]) -> usize {
    let transactions: usize = transactions
        .iter()
        .map(|raw| match raw.first() {
            // A typed transaction stands in the block as a byte string.
            Some(first) if *first < 0x80 => raw.len() + alloy_rlp::length_of_length(raw.len()),
            _ => raw.len(),
        })
        .sum();
    let body = transactions + alloy_rlp::length_of_length(transactions) + 2;
    let inner = alloy_rlp::Encodable::length(header) + body;
    inner + alloy_rlp::length_of_length(inner)
}

/// Bytes of a final block.
pub(crate) fn block_size(entry: &Entry) -> usize {
    size_of(&entry.header, &entry.transactions)
}

/// The header. Its extra data is longer than the 32 bytes that Ethereum allows, and web3.py refuses a
/// block for that: where it is longer, its keccak-256 is shown in its place. `debug_getRawHeader` and
/// every stamp have the header itself.
pub(crate) fn header(entry: &Entry) -> RpcHeader {
    let mut inner = entry.header.clone();
    if inner.extra_data.len() > EXTRA_SHOWN_MAX {
        inner.extra_data = keccak256(&inner.extra_data).into();
    }
    let size = Some(U256::from(block_size(entry)));
    RpcHeader {
        hash: entry.hash,
        inner,
        total_difficulty: None,
        size,
    }
}

/// The block with full transactions, or with their hashes only.
pub(crate) fn block(entry: &Entry, full: bool, free: bool) -> Outcome<BlockJson> {
    let transactions = if full {
        let all = (0..entry.transactions.len()).map(|index| transaction(entry, index, free));
        BlockTransactions::Full(all.collect::<Outcome<_>>()?)
    } else {
        BlockTransactions::Hashes(entry.hashes.clone())
    };
    let withdrawals = Some(Withdrawals::default());
    Ok(RpcBlock {
        header: header(entry),
        uncles: Vec::new(),
        transactions,
        withdrawals,
    })
}

/// The decoded transaction at `index` of a block.
pub(crate) fn envelope(entry: &Entry, index: usize) -> Outcome<Envelope> {
    let raw = entry
        .transactions
        .get(index)
        .ok_or_else(|| missing(entry, index))?;
    transaction::decode(raw).map_err(|e| Fault::Internal(e.to_string()))
}

fn missing(entry: &Entry, index: usize) -> Fault {
    Fault::Internal(format!(
        "block {} has no transaction {index}",
        entry.number()
    ))
}

fn sender(entry: &Entry, index: usize) -> Outcome<Address> {
    entry
        .senders
        .get(index)
        .copied()
        .ok_or_else(|| missing(entry, index))
}

/// The price of gas that a transaction paid. On a free network nothing is taken.
fn price(entry: &Entry, envelope: &Envelope, free: bool) -> u128 {
    if free {
        0
    } else {
        envelope.effective_gas_price(entry.header.base_fee_per_gas)
    }
}

pub(crate) fn transaction(entry: &Entry, index: usize, free: bool) -> Outcome<TransactionJson> {
    let envelope = envelope(entry, index)?;
    let price = price(entry, &envelope, free);
    Ok(RpcTransaction {
        inner: Recovered::new_unchecked(envelope, sender(entry, index)?),
        block_hash: Some(entry.hash),
        block_number: Some(entry.number()),
        transaction_index: Some(index as u64),
        effective_gas_price: Some(price),
        block_timestamp: Some(entry.header.timestamp),
    })
}

/// A transaction that waits.
pub(crate) fn pending(waiting: &Transaction) -> TransactionJson {
    RpcTransaction {
        inner: Recovered::new_unchecked(waiting.envelope().clone(), waiting.sender()),
        block_hash: None,
        block_number: None,
        transaction_index: None,
        effective_gas_price: None,
        block_timestamp: None,
    }
}

pub(crate) fn receipt(entry: &Entry, index: usize, free: bool) -> Outcome<ReceiptJson> {
    receipt_from(entry, index, entry.first_log(index), free)
}

fn receipt_from(entry: &Entry, index: usize, first_log: usize, free: bool) -> Outcome<ReceiptJson> {
    let receipt = entry
        .receipts
        .get(index)
        .ok_or_else(|| missing(entry, index))?;
    let envelope = envelope(entry, index)?;
    let from = sender(entry, index)?;
    let hash = *entry
        .hashes
        .get(index)
        .ok_or_else(|| missing(entry, index))?;
    let logs = receipt
        .logs
        .iter()
        .enumerate()
        .map(|(number, log)| log_json(entry, index, hash, first_log + number, log))
        .collect();
    let inner = ReceiptWithBloom {
        logs_bloom: receipt.bloom(),
        receipt: alloy_consensus::Receipt {
            status: receipt.success.into(),
            cumulative_gas_used: receipt.cumulative_gas_used,
            logs,
        },
    };
    let effective_gas_price = price(entry, &envelope, free);
    Ok(TransactionReceipt {
        inner: match receipt.tx_type {
            TxType::Legacy => ReceiptEnvelope::Legacy(inner),
            TxType::Eip2930 => ReceiptEnvelope::Eip2930(inner),
            TxType::Eip1559 => ReceiptEnvelope::Eip1559(inner),
            TxType::Eip4844 => ReceiptEnvelope::Eip4844(inner),
            TxType::Eip7702 => ReceiptEnvelope::Eip7702(inner),
        },
        transaction_hash: hash,
        transaction_index: Some(index as u64),
        block_hash: Some(entry.hash),
        block_number: Some(entry.number()),
        gas_used: entry.gas_used(index),
        effective_gas_price,
        blob_gas_used: None,
        blob_gas_price: None,
        from,
        to: envelope.to(),
        contract_address: envelope
            .to()
            .is_none()
            .then(|| from.create(envelope.nonce())),
    })
}

fn log_json(
    entry: &Entry,
    transaction: usize,
    hash: B256,
    log_index: usize,
    log: &alloy_primitives::Log,
) -> RpcLog {
    RpcLog {
        inner: log.clone(),
        block_hash: Some(entry.hash),
        block_number: Some(entry.number()),
        block_timestamp: Some(entry.header.timestamp),
        transaction_hash: Some(hash),
        transaction_index: Some(transaction as u64),
        log_index: Some(log_index as u64),
        removed: false,
    }
}

pub(crate) fn found_log(found: &FoundLog) -> Option<RpcLog> {
    let hash = *found.entry.hashes.get(found.transaction)?;
    Some(log_json(
        &found.entry,
        found.transaction,
        hash,
        found.log_in_block,
        found.get()?,
    ))
}

/// All receipts of a block.
pub(crate) fn receipts(entry: &Entry, free: bool) -> Outcome<Vec<ReceiptJson>> {
    let mut first_log = 0;
    (0..entry.transactions.len())
        .map(|index| {
            let json = receipt_from(entry, index, first_log, free);
            first_log += entry
                .receipts
                .get(index)
                .map_or(0, |receipt| receipt.logs.len());
            json
        })
        .collect()
}
