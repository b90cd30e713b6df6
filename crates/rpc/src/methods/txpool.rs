//! What waits in the pool.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, U64};
use commonhold_pool::LaneContent;
use commonhold_primitives::Transaction;
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Map, Value, json};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    convert,
    error::{Fault, Outcome},
    limits::POOL_CONTENT_MAX,
    params::Args,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "txpool_status" => status,
        "txpool_content" => content,
        "txpool_contentFrom" => content_from,
        "txpool_inspect" => inspect,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;
type ByNonce = BTreeMap<u64, Arc<Transaction>>;

async fn status<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    let status = context.node.pool().status();
    Ok(json!({ "pending": U64::from(status.pending), "queued": U64::from(status.queued) }))
}

fn show(lane: &ByNonce, one: impl Fn(&Transaction) -> Value) -> Value {
    lane.iter()
        .map(|(nonce, waiting)| (nonce.to_string(), one(waiting)))
        .collect()
}

/// All lanes, shown by `one`.
fn lanes<B: Backend>(context: &Context<B>, one: impl Fn(&Transaction) -> Value) -> Outcome<Value> {
    let pool = context.node.pool();
    if pool.len() > POOL_CONTENT_MAX {
        let max = POOL_CONTENT_MAX as u64;
        return Err(Fault::limit("POOL_CONTENT_MAX", max, "the pool's content"));
    }
    let (mut pending, mut queued) = (Map::new(), Map::new());
    for (sender, lane) in pool.content() {
        for (part, into) in [(&lane.pending, &mut pending), (&lane.queued, &mut queued)] {
            if !part.is_empty() {
                into.insert(sender.to_string(), show(part, &one));
            }
        }
    }
    Ok(json!({ "pending": pending, "queued": queued }))
}

fn full(waiting: &Transaction) -> Value {
    json!(convert::pending(waiting))
}

async fn content<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    lanes(&context, full)
}

async fn content_from<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let sender: Address = Args::new(&params)?.need("address")?;
    let LaneContent { pending, queued } = context.node.pool().content_from(&sender);
    Ok(json!({ "pending": show(&pending, full), "queued": show(&queued, full) }))
}

async fn inspect<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<Value> {
    lanes(&context, |waiting| {
        let tx = waiting.envelope();
        let to = tx
            .to()
            .map_or_else(|| "contract creation".into(), |to| to.to_string());
        let (value, gas, price) = (tx.value(), tx.gas_limit(), tx.max_fee_per_gas());
        json!(format!("{to}: {value} wei + {gas} gas × {price} wei"))
    })
}
