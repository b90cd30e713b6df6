//! Raw encodings and traces.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::Bytes;
use alloy_rlp::Encodable as _;
use commonhold_primitives::receipt;
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};

use super::methods;
use crate::{backend::Backend, context::Context, convert, error::Outcome, params::Args};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "debug_getRawHeader" => raw_header,
        "debug_getRawBlock" => raw_block,
        "debug_getRawReceipts" => raw_receipts,
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
