//! Sending transactions and finding them again.

use std::{sync::Arc, time::Duration};

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, Bytes, U64};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    convert::{self, ReceiptJson, TransactionJson},
    error::{Fault, Outcome},
    limits::{SYNC_MILLIS_DEFAULT, SYNC_MILLIS_MAX},
    params::{Args, Number},
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_sendRawTransaction" => send,
        "eth_sendRawTransactionSync" => send_sync,
        "eth_getTransactionByHash" => by_hash,
        "eth_getTransactionReceipt" => receipt,
        "eth_getRawTransactionByHash" => raw,
        "eth_getRawTransactionByBlockNumberAndIndex" => raw_by_number,
        "eth_getRawTransactionByBlockHashAndIndex" => raw_by_block_hash,
        "eth_getTransactionBySenderAndNonce" => by_sender_and_nonce,
        "debug_getRawTransaction" => raw,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

async fn send<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<B256> {
    let raw: Bytes = Args::new(&params)?.need("transaction")?;
    Ok(context.node.submit(raw).await?)
}

/// EIP-7966: sends, and answers with the receipt once the transaction is final.
async fn send_sync<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<ReceiptJson> {
    let mut args = Args::new(&params)?;
    let raw: Bytes = args.need("transaction")?;
    let millis = args
        .may::<Number>("timeout")?
        .map_or(SYNC_MILLIS_DEFAULT, Number::get);
    let mut heads = context.node.head();
    heads.mark_unchanged();
    let hash = context.node.submit(raw).await?;
    let free = context.node.machine().is_free();
    let found = async {
        loop {
            if let Some((entry, index)) = context.index().find(&hash)? {
                return convert::receipt(&entry, index, free);
            }
            if heads.changed().await.is_err() {
                return Err(Fault::Internal("the node is stopping".into()));
            }
        }
    };
    let limit = Duration::from_millis(millis.min(SYNC_MILLIS_MAX));
    let in_time = tokio::time::timeout(limit, found).await;
    match in_time {
        Ok(receipt) => receipt,
        Err(_) => {
            // The hash in the error acknowledges the transaction. A receipt needs no journal.
            context.node.pool().saved().await?;
            let why = format!(
                "the transaction was taken but is not final after {} ms",
                limit.as_millis()
            );
            Err(Fault::Timeout(why, hash.to_vec().into()))
        }
    }
}

async fn by_hash<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<TransactionJson>> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    if let Some((entry, index)) = context.index().find(&hash)? {
        return convert::transaction(&entry, index, context.node.machine().is_free()).map(Some);
    }
    Ok(context
        .node
        .pool()
        .get(&hash)
        .map(|waiting| convert::pending(&waiting)))
}

/// `null` while the transaction waits: clients poll until there is a receipt.
async fn receipt<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<ReceiptJson>> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    let Some((entry, index)) = context.index().find(&hash)? else {
        return Ok(None);
    };
    convert::receipt(&entry, index, context.node.machine().is_free()).map(Some)
}

async fn raw<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<Bytes>> {
    let hash: B256 = Args::new(&params)?.need("transaction hash")?;
    if let Some((entry, index)) = context.index().find(&hash)? {
        return Ok(entry.transactions.get(index).cloned());
    }
    Ok(context
        .node
        .pool()
        .get(&hash)
        .map(|waiting| waiting.raw().clone()))
}

fn raw_at<B: Backend>(context: &Context<B>, id: BlockId, index: U64) -> Outcome<Option<Bytes>> {
    let index = usize::try_from(index.to::<u64>()).unwrap_or(usize::MAX);
    Ok(context
        .find_block(id)?
        .and_then(|entry| entry.transactions.get(index).cloned()))
}

async fn raw_by_number<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Option<Bytes>> {
    let mut args = Args::new(&params)?;
    let tag: BlockNumberOrTag = args.need("block")?;
    raw_at(&context, tag.into(), args.need("index")?)
}

async fn raw_by_block_hash<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<Bytes>> {
    let mut args = Args::new(&params)?;
    let hash: B256 = args.need("block hash")?;
    raw_at(&context, hash.into(), args.need("index")?)
}

async fn by_sender_and_nonce<B: Backend>(
    context: Call<B>,
    params: Params<'_>,
) -> Outcome<Option<TransactionJson>> {
    let mut args = Args::new(&params)?;
    let (sender, nonce): (Address, U64) = (args.need("sender")?, args.need("nonce")?);
    let Some(position) = context.index().sent(&sender, nonce.to())? else {
        return Ok(None);
    };
    let Some(entry) = context.index().block(position.number)? else {
        return Ok(None);
    };
    convert::transaction(&entry, position.index, context.node.machine().is_free()).map(Some)
}
