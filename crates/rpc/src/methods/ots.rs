//! What the explorer Otterscan asks for.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_trace::geth::CallFrame;
use commonhold_index::{Entry, Page, limits::HISTORY_PAGE_MAX};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Value, json};

use super::{
    methods,
    state::{load_account, load_code},
};
use crate::{
    backend::Backend,
    context::Context,
    convert,
    error::{Fault, Outcome},
    params::{Args, Number, Tag},
    replay,
    session::Session,
};

/// The version of Otterscan's interface.
const API_LEVEL: u64 = 8;

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "ots_getApiLevel" => api_level,
        "ots_hasCode" => has_code,
        "ots_getBlockDetails" => block_details,
        "ots_getBlockDetailsByHash" => block_details_by_hash,
        "ots_getBlockTransactions" => block_transactions,
        "ots_getTransactionError" => transaction_error,
        "ots_getInternalOperations" => internal_operations,
        "ots_traceTransaction" => trace_transaction,
        "ots_searchTransactionsBefore" => search_before,
        "ots_searchTransactionsAfter" => search_after,
        "ots_getTransactionBySenderAndNonce" => by_sender_and_nonce,
        "ots_getContractCreator" => contract_creator,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

async fn api_level<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<u64> {
    Ok(API_LEVEL)
}

async fn has_code<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<bool> {
    let mut args = Args::new(&params)?;
    let address: Address = args.need("address")?;
    let block = args.may::<Tag>("block")?.map(BlockId::from);
    let session = Session::open(&context, block)?;
    let account = load_account(&session, address).await?;
    Ok(!load_code(&session, account.as_ref()).await?.is_empty())
}

fn details<B: Backend>(context: &Context<B>, entry: &Entry) -> Outcome<Value> {
    let free = context.node.machine().is_free();
    let mut block = json!(convert::block(entry, false, free)?);
    if let Some(fields) = block.as_object_mut() {
        fields.remove("transactions");
        fields.insert("transactionCount".into(), json!(entry.transactions.len()));
        fields.insert("logsBloom".into(), Value::Null);
    }
    let mut fees = U256::ZERO;
    for index in 0..entry.transactions.len() {
        let price = convert::receipt(entry, index, free)?.effective_gas_price;
        let gas = U256::from(entry.gas_used(index));
        fees = fees.saturating_add(U256::from(price).saturating_mul(gas));
    }
    let none = U256::ZERO;
    Ok(json!({
        "block": block,
        "issuance": { "blockReward": none, "uncleReward": none, "issuance": none },
        "totalFees": fees,
    }))
}

async fn block_details<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<Value>> {
    let tag: Tag = Args::new(&params)?.need("block")?;
    context
        .find_block(tag.into())?
        .map(|entry| details(&context, &entry))
        .transpose()
}

async fn block_details_by_hash<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Value>> {
    let hash: B256 = Args::new(&params)?.need("block hash")?;
    context
        .find_block(hash.into())?
        .map(|entry| details(&context, &entry))
        .transpose()
}

fn page_size(size: usize) -> Outcome<usize> {
    if size > HISTORY_PAGE_MAX {
        return Err(Fault::limit(
            "HISTORY_PAGE_MAX",
            HISTORY_PAGE_MAX as u64,
            "the page",
        ));
    }
    Ok(size)
}

/// A receipt as Otterscan lists it: without logs, with the block's time.
fn short_receipt(entry: &Entry, index: usize, free: bool, timed: bool) -> Outcome<Value> {
    let mut receipt = json!(convert::receipt(entry, index, free)?);
    if let Some(fields) = receipt.as_object_mut() {
        fields.insert("logs".into(), Value::Null);
        fields.insert("logsBloom".into(), Value::Null);
        if timed {
            fields.insert("timestamp".into(), json!(entry.header.timestamp));
        }
    }
    Ok(receipt)
}

/// A page of a block's transactions, the last ones first; inputs are cut to their selector.
async fn block_transactions<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Value>> {
    let mut args = Args::new(&params)?;
    let tag: Tag = args.need("block")?;
    let page: usize = args.need("page number")?;
    let size = page_size(args.need("page size")?)?;
    let Some(entry) = context.find_block(tag.into())? else {
        return Ok(None);
    };
    let free = context.node.machine().is_free();
    let end = entry
        .transactions
        .len()
        .saturating_sub(page.saturating_mul(size));
    let (mut transactions, mut receipts) = (Vec::new(), Vec::new());
    for index in end.saturating_sub(size)..end {
        let mut transaction = json!(convert::transaction(&entry, index, free)?);
        if let Some(input) = transaction.get_mut("input")
            && let Some(selector) = input.as_str().and_then(|text| text.get(..10))
        {
            *input = selector.into();
        }
        transactions.push(transaction);
        receipts.push(short_receipt(&entry, index, free, false)?);
    }
    let mut block = json!(convert::block(&entry, false, free)?);
    if let Some(fields) = block.as_object_mut() {
        fields.insert("transactions".into(), json!(transactions));
        fields.insert("transactionCount".into(), json!(entry.transactions.len()));
    }
    Ok(Some(json!({ "fullblock": block, "receipts": receipts })))
}

async fn transaction_error<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Bytes>> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    let frame = replay::calls(&context, &hash).await?;
    Ok(frame.map(|frame| match frame.error {
        Some(_) => frame.output.unwrap_or_default(),
        None => Bytes::new(),
    }))
}

/// Transfers, creations and self-destructions inside a transaction.
async fn internal_operations<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Value>> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    let Some(frame) = replay::calls(&context, &hash).await? else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for call in frame.calls.iter().filter(|call| call.error.is_none()) {
        operations(call, &mut found);
    }
    Ok(Some(found.into()))
}

fn operations(call: &CallFrame, found: &mut Vec<Value>) {
    let value = call.value.unwrap_or_default();
    let kind = match call.typ.as_str() {
        "CREATE" => Some(2),
        "CREATE2" => Some(3),
        "SELFDESTRUCT" => Some(1),
        "CALL" if !value.is_zero() => Some(0),
        _ => None,
    };
    if let Some(kind) = kind {
        let to = call.to.unwrap_or_default();
        found.push(json!({ "type": kind, "from": call.from, "to": to, "value": value }));
    }
    for inner in call.calls.iter().filter(|inner| inner.error.is_none()) {
        operations(inner, found);
    }
}

async fn trace_transaction<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Value>> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    let Some(frame) = replay::calls(&context, &hash).await? else {
        return Ok(None);
    };
    let mut entries = Vec::new();
    // Frames nest as deep as calls do: a list of what is left instead of recursion.
    let mut left = vec![(&frame, 0u32)];
    while let Some((call, depth)) = left.pop() {
        entries.push(json!({
            "type": call.typ,
            "depth": depth,
            "from": call.from,
            "to": call.to.unwrap_or_default(),
            "value": call.value,
            "input": call.input,
            "output": call.output.clone().unwrap_or_default(),
        }));
        left.extend(
            call.calls
                .iter()
                .rev()
                .map(|inner| (inner, depth.saturating_add(1))),
        );
    }
    Ok(Some(entries.into()))
}

fn show<B: Backend>(context: &Context<B>, page: &Page) -> Outcome<Value> {
    let free = context.node.machine().is_free();
    let (mut txs, mut receipts) = (Vec::new(), Vec::new());
    for position in &page.positions {
        let Some(entry) = context.index().block(position.number)? else {
            continue;
        };
        txs.push(convert::transaction(&entry, position.index, free)?);
        receipts.push(short_receipt(&entry, position.index, free, true)?);
    }
    Ok(json!({
        "txs": txs, "receipts": receipts, "firstPage": page.first, "lastPage": page.last,
    }))
}

fn search<B: Backend>(
    params: &Params<'_>,
    find: impl FnOnce(&Address, u64, usize) -> Outcome<Page>,
    context: &Context<B>,
) -> Outcome<Value> {
    let mut args = Args::new(params)?;
    let address: Address = args.need("address")?;
    let number = args.need::<Number>("block number")?.get();
    let size = page_size(args.need("page size")?)?;
    show(context, &find(&address, number, size)?)
}

async fn search_before<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let find = |address: &Address, number, size| {
        context
            .index()
            .before(address, number, size)
            .map_err(Fault::from)
    };
    search(&params, find, &context)
}

async fn search_after<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let find = |address: &Address, number, size| {
        context
            .index()
            .after(address, number, size)
            .map_err(Fault::from)
    };
    search(&params, find, &context)
}

async fn by_sender_and_nonce<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<B256>> {
    let mut args = Args::new(&params)?;
    let sender: Address = args.need("sender")?;
    let nonce = args.need::<Number>("nonce")?.get();
    let Some(position) = context.index().sent(&sender, nonce)? else {
        return Ok(None);
    };
    let entry = context.index().block(position.number)?;
    Ok(entry.and_then(|entry| entry.hashes.get(position.index).copied()))
}

async fn contract_creator<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Value>> {
    let address: Address = Args::new(&params)?.need("address")?;
    let Some((entry, index)) = context.index().creator(&address)? else {
        return Ok(None);
    };
    let (hash, creator) = (entry.hashes.get(index), entry.senders.get(index));
    Ok(Some(json!({ "hash": hash, "creator": creator })))
}
