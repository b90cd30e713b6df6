//! Blocks and what is in them.

use std::sync::Arc;

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::Header as RpcHeader;
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    convert::{self, BlockJson, ReceiptJson, TransactionJson},
    error::Outcome,
    params::Args,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_blockNumber" => block_number,
        "eth_getBlockByNumber" => by_number,
        "eth_getBlockByHash" => by_hash,
        "eth_getHeaderByNumber" => header_by_number,
        "eth_getHeaderByHash" => header_by_hash,
        "erigon_getHeaderByNumber" => header_by_number,
        "eth_getBlockReceipts" => receipts,
        "eth_getBlockTransactionCountByNumber" => count_by_number,
        "eth_getBlockTransactionCountByHash" => count_by_hash,
        "eth_getTransactionByBlockNumberAndIndex" => transaction_by_number,
        "eth_getTransactionByBlockHashAndIndex" => transaction_by_hash,
        "eth_getUncleCountByBlockNumber" => uncles_by_number,
        "eth_getUncleCountByBlockHash" => uncles_by_hash,
        "eth_getUncleByBlockNumberAndIndex" => no_uncle,
        "eth_getUncleByBlockHashAndIndex" => no_uncle,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

async fn block_number<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U64> {
    Ok(U64::from(context.head().number))
}

async fn by_number<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<BlockJson>> {
    let mut args = Args::new(&params)?;
    let tag: BlockNumberOrTag = args.need("block")?;
    let full = args.may("hydrated transactions")?.unwrap_or(false);
    let free = context.node.machine().is_free();
    context
        .find_block(tag.into())?
        .map(|entry| convert::block(&entry, full, free))
        .transpose()
}

async fn by_hash<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<BlockJson>> {
    let mut args = Args::new(&params)?;
    let hash: B256 = args.need("block hash")?;
    let full = args.may("hydrated transactions")?.unwrap_or(false);
    let free = context.node.machine().is_free();
    context
        .find_block(hash.into())?
        .map(|entry| convert::block(&entry, full, free))
        .transpose()
}

async fn header_by_number<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<RpcHeader>> {
    let tag: BlockNumberOrTag = Args::new(&params)?.need("block")?;
    Ok(context
        .find_block(tag.into())?
        .map(|entry| convert::header(&entry)))
}

async fn header_by_hash<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<RpcHeader>> {
    let hash: B256 = Args::new(&params)?.need("block hash")?;
    Ok(context
        .find_block(hash.into())?
        .map(|entry| convert::header(&entry)))
}

async fn receipts<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Vec<ReceiptJson>>> {
    let id: BlockId = Args::new(&params)?.need("block")?;
    let free = context.node.machine().is_free();
    context
        .find_block(id)?
        .map(|entry| convert::receipts(&entry, free))
        .transpose()
}

async fn count_by_number<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<U64>> {
    let tag: BlockNumberOrTag = Args::new(&params)?.need("block")?;
    Ok(context
        .find_block(tag.into())?
        .map(|entry| U64::from(entry.transactions.len())))
}

async fn count_by_hash<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<U64>> {
    let hash: B256 = Args::new(&params)?.need("block hash")?;
    Ok(context
        .find_block(hash.into())?
        .map(|entry| U64::from(entry.transactions.len())))
}

fn at<B: Backend>(
    context: &Context<B>,
    id: BlockId,
    index: U64,
) -> Outcome<Option<TransactionJson>> {
    let index = usize::try_from(index.to::<u64>()).unwrap_or(usize::MAX);
    let free = context.node.machine().is_free();
    match context.find_block(id)? {
        Some(entry) if index < entry.transactions.len() => {
            convert::transaction(&entry, index, free).map(Some)
        }
        _ => Ok(None),
    }
}

async fn transaction_by_number<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<TransactionJson>> {
    let mut args = Args::new(&params)?;
    let tag: BlockNumberOrTag = args.need("block")?;
    at(&context, tag.into(), args.need("index")?)
}

async fn transaction_by_hash<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<TransactionJson>> {
    let mut args = Args::new(&params)?;
    let hash: B256 = args.need("block hash")?;
    at(&context, hash.into(), args.need("index")?)
}

/// There are no uncles in a chain where blocks are final.
async fn uncles_by_number<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<U64>> {
    let tag: BlockNumberOrTag = Args::new(&params)?.need("block")?;
    Ok(context.find_block(tag.into())?.map(|_| U64::ZERO))
}

async fn uncles_by_hash<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<U64>> {
    let hash: B256 = Args::new(&params)?.need("block hash")?;
    Ok(context.find_block(hash.into())?.map(|_| U64::ZERO))
}

async fn no_uncle<B: Backend>(_: Call<B>, _: Params<'_>) -> Outcome<Option<RpcHeader>> {
    Ok(None)
}
