//! Logs, and filters that clients poll.

use std::sync::Arc;

use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log as RpcLog};
use commonhold_index::{FoundLog, LogQuery};
use jsonrpsee::{RpcModule, core::RegisterMethodError, types::Params};
use serde_json::{Value, json};

use super::methods;
use crate::{
    backend::Backend,
    context::Context,
    convert,
    error::{Fault, Outcome},
    filters::{Kind, Poll},
    params::Args,
};

pub(super) fn register<B: Backend>(
    module: &mut RpcModule<Context<B>>,
) -> Result<(), RegisterMethodError> {
    methods!(module:
        "eth_getLogs" => logs,
        "eth_newFilter" => new_filter,
        "eth_newBlockFilter" => new_block_filter,
        "eth_newPendingTransactionFilter" => new_pending_filter,
        "eth_getFilterChanges" => changes,
        "eth_getFilterLogs" => filter_logs,
        "eth_uninstallFilter" => uninstall,
    );
    Ok(())
}

type Call<B> = Arc<Context<B>>;

/// The values that a filter asks for, without its blocks.
pub(crate) fn values(filter: &Filter) -> LogQuery {
    let topics = filter
        .topics
        .each_ref()
        .map(|topic| topic.iter().copied().collect());
    LogQuery {
        from: 0,
        to: 0,
        addresses: filter.address.iter().copied().collect(),
        topics,
    }
}

pub(crate) fn to_json(found: &[FoundLog]) -> Vec<RpcLog> {
    found.iter().filter_map(convert::found_log).collect()
}

/// Walking an index is disk and CPU work: it runs where it blocks nobody.
async fn search<B: Backend>(context: &Call<B>, query: LogQuery) -> Outcome<Vec<RpcLog>> {
    let permit = context.calls.acquire().await;
    let index = context.index().clone();
    let found = tokio::task::spawn_blocking(move || index.logs(&query)).await;
    drop(permit);
    Ok(to_json(
        &found.map_err(|e| Fault::Internal(e.to_string()))??,
    ))
}

async fn find<B: Backend>(context: &Call<B>, filter: &Filter) -> Outcome<Vec<RpcLog>> {
    let mut query = values(filter);
    match filter.block_option {
        FilterBlockOption::AtBlockHash(hash) => {
            let entry = context.block(hash.into())?;
            Ok(to_json(&query.select(&entry)))
        }
        FilterBlockOption::Range {
            from_block,
            to_block,
        } => {
            let head = context.head().number;
            let number = |tag: Option<_>| tag.map_or(head, |tag| context.number(tag));
            query.from = number(from_block);
            query.to = number(to_block);
            if query.from > query.to {
                return Err(Fault::params(
                    "invalid block range params: fromBlock is after toBlock",
                ));
            }
            if query.from > head {
                return Err(Fault::params(format!(
                    "block range extends beyond current head block {head}"
                )));
            }
            query.to = query.to.min(head);
            search(context, query).await
        }
    }
}

async fn logs<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Vec<RpcLog>> {
    let filter: Filter = Args::new(&params)?.need("filter")?;
    find(&context, &filter).await
}

fn next<B: Backend>(context: &Context<B>) -> u64 {
    context.head().number.saturating_add(1)
}

async fn new_filter<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<U256> {
    let filter: Filter = Args::new(&params)?.need("filter")?;
    if matches!(filter.block_option, FilterBlockOption::AtBlockHash(_)) {
        return Err(Fault::params(
            "a filter watches a range of blocks, not one block",
        ));
    }
    values(&filter).check()?;
    let next = next(&context);
    Ok(context.filters.add(Kind::Logs(Box::new(filter)), next))
}

async fn new_block_filter<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U256> {
    Ok(context.filters.add(Kind::Blocks, next(&context)))
}

async fn new_pending_filter<B: Backend>(context: Call<B>, _: Params<'_>) -> Outcome<U256> {
    let receiver = context.pending.subscribe();
    Ok(context.filters.add(Kind::Pending(receiver), next(&context)))
}

fn no_filter() -> Fault {
    Fault::refused("filter not found")
}

async fn changes<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Value> {
    let id: U256 = Args::new(&params)?.need("filter id")?;
    let head = context.head().number;
    match context.filters.poll(&id, head).ok_or_else(no_filter)? {
        Poll::Hashes(hashes) => Ok(json!(hashes)),
        Poll::Blocks { from } => {
            let mut hashes: Vec<B256> = Vec::new();
            for number in from..=head {
                hashes.extend(context.index().block(number)?.map(|entry| entry.hash));
            }
            Ok(json!(hashes))
        }
        Poll::Logs { filter, from } => {
            let Some((first, last)) = within(&context, &filter, from, head) else {
                return Ok(json!([]));
            };
            let query = LogQuery {
                from: first,
                to: last,
                ..values(&filter)
            };
            Ok(json!(search(&context, query).await?))
        }
    }
}

/// The part of `from..=head` that a filter's own range covers.
fn within<B: Backend>(
    context: &Context<B>,
    filter: &Filter,
    from: u64,
    head: u64,
) -> Option<(u64, u64)> {
    let FilterBlockOption::Range {
        from_block,
        to_block,
    } = filter.block_option
    else {
        return None;
    };
    let fixed = |tag: Option<alloy_eips::BlockNumberOrTag>| {
        tag.filter(|tag| tag.is_number() || tag.is_earliest())
            .map(|tag| context.number(tag))
    };
    let first = fixed(from_block).map_or(from, |own| own.max(from));
    let last = fixed(to_block).map_or(head, |own| own.min(head));
    (first <= last).then_some((first, last))
}

async fn filter_logs<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<Vec<RpcLog>> {
    let id: U256 = Args::new(&params)?.need("filter id")?;
    let filter = context
        .filters
        .logs(&id)
        .ok_or_else(no_filter)?
        .ok_or_else(no_filter)?;
    find(&context, &filter).await
}

async fn uninstall<B: Backend>(context: Call<B>, params: Params<'_>) -> Outcome<bool> {
    let id: U256 = Args::new(&params)?.need("filter id")?;
    Ok(context.filters.remove(&id))
}
