//! Raw encodings and traces.

use std::sync::Arc;

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{B256, Bytes};
use alloy_rlp::Encodable as _;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_rpc_types_trace::geth::{
    GethDebugTracingCallOptions, GethDebugTracingOptions, GethTrace,
};
use commonhold_execution::CallRequest;
use commonhold_primitives::receipt;
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Value, json};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    convert,
    error::{Fault, Outcome},
    params::Args,
    replay::Replay,
    session::Session,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "debug_getRawHeader" => raw_header,
        "debug_getRawBlock" => raw_block,
        "debug_getRawReceipts" => raw_receipts,
        "debug_traceTransaction" => trace_transaction,
        "debug_traceBlockByNumber" => trace_block_by_number,
        "debug_traceBlockByHash" => trace_block_by_hash,
        "debug_traceCall" => trace_call,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

async fn raw_header<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Bytes> {
    let id: BlockId = Args::new(&params)?.need("block")?;
    Ok(alloy_rlp::encode(&context.block(id)?.header).into())
}

/// The block as Ethereum encodes it.
async fn raw_block<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Bytes> {
    let id: BlockId = Args::new(&params)?.need("block")?;
    let entry = context.block(id)?;
    let envelopes = (0..entry.transactions.len()).map(|index| convert::envelope(&entry, index));
    let body = alloy_consensus::BlockBody {
        transactions: envelopes.collect::<Outcome<Vec<_>>>()?,
        ommers: Vec::new(),
        withdrawals: Some(Vec::new().into()),
    };
    let block = alloy_consensus::Block {
        header: entry.header.clone(),
        body,
    };
    let mut out = Vec::with_capacity(block.length());
    block.encode(&mut out);
    Ok(out.into())
}

async fn raw_receipts<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Vec<Bytes>> {
    let id: BlockId = Args::new(&params)?.need("block")?;
    let entry = context.block(id)?;
    Ok(entry
        .receipts
        .iter()
        .map(|r| receipt::encode(r).into())
        .collect())
}

async fn trace_transaction<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<GethTrace> {
    let mut args = Args::new(&params)?;
    let hash: B256 = args.need("transaction hash")?;
    let options = args.may("options")?.unwrap_or_default();
    let unknown = || Fault::refused("transaction not found");
    let (entry, index) = context.index().find(&hash)?.ok_or_else(unknown)?;
    Replay::of(&context, entry)?
        .transaction(&context, index, options)
        .await
}

async fn trace_block<B: Backend>(
    context: &Context<B>,
    id: BlockId,
    options: GethDebugTracingOptions,
) -> Outcome<Value> {
    let entry = context.block(id)?;
    if entry.transactions.is_empty() && entry.number() > 0 {
        return Ok(json!([]));
    }
    let traces = Replay::of(context, entry.clone())?
        .block(context, options)
        .await?;
    let pairs = entry.hashes.iter().zip(traces);
    Ok(pairs
        .map(|(hash, trace)| json!({ "txHash": hash, "result": trace }))
        .collect())
}

async fn trace_block_by_number<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let mut args = Args::new(&params)?;
    let tag: BlockNumberOrTag = args.need("block")?;
    let options = args.may("options")?.unwrap_or_default();
    trace_block(&context, tag.into(), options).await
}

async fn trace_block_by_hash<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let mut args = Args::new(&params)?;
    let hash: B256 = args.need("block hash")?;
    let options = args.may("options")?.unwrap_or_default();
    trace_block(&context, hash.into(), options).await
}

async fn trace_call<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<GethTrace> {
    let mut args = Args::new(&params)?;
    let transaction: TransactionRequest = args.need("transaction")?;
    let session = Session::open(&context, args.may("block")?)?;
    let options: GethDebugTracingCallOptions = args.may("options")?.unwrap_or_default();
    let mut request = CallRequest::from(transaction);
    request.state_overrides = options.state_overrides.unwrap_or_default();
    request.block_overrides = options.block_overrides.unwrap_or_default();
    let options = options.tracing_options;
    let traced = session
        .run(move |machine, env, overlay| machine.trace(env, overlay, &request, &options))
        .await?;
    Ok(traced?)
}
