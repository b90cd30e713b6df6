//! The network, its members, blocks, transactions and stamps.

use std::sync::Arc;

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, B256, Bytes};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use commonhold_index::Entry;
use commonhold_primitives::{Stamp, consensus::MemberKey, extra::Extra, transaction::Envelope};
use commonware_codec::{Copying, DecodeExt as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Problem, bad, missing, page};
use crate::{
    backend::Backend,
    context::Context,
    convert,
    error::Fault,
    limits::SCAN_BLOCKS_MAX,
    methods::stamp_of,
    server::Shared,
    views::{self, MemberView, NetworkView},
};

type Node<B> = State<Arc<Shared<B>>>;

/// A final block.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockView {
    /// Its number.
    number: u64,
    /// Its hash.
    #[schema(value_type = String)]
    hash: B256,
    /// Its parent's hash.
    #[schema(value_type = String)]
    parent_hash: B256,
    /// Its time, milliseconds since 1970.
    time_ms: u64,
    /// How many transactions it has.
    transactions: usize,
    /// Gas they used.
    gas_used: u64,
    /// Gas they could have used.
    gas_limit: u64,
    /// Bytes of it.
    size: usize,
    /// The address that stands for the member who proposed it.
    #[schema(value_type = String)]
    proposer: Address,
    /// Root of the state after it.
    #[schema(value_type = String)]
    state_root: B256,
    /// Milliseconds from its time until the node knew it was final; missing where that is not known.
    finality_ms: Option<u64>,
}

/// A final block with the hashes of its transactions.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockDetails {
    /// The block.
    #[serde(flatten)]
    block: BlockView,
    /// Its transactions, in order.
    #[schema(value_type = Vec<String>)]
    hashes: Vec<B256>,
}

/// The newest blocks, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BlockPage {
    /// The blocks.
    blocks: Vec<BlockView>,
}

/// A transaction.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransactionView {
    /// Its hash.
    #[schema(value_type = String)]
    hash: B256,
    /// Whether it is final; otherwise it waits, and the fields about its outcome are missing.
    is_final: bool,
    /// Its block.
    block: Option<u64>,
    /// Its place in the block.
    index: Option<usize>,
    /// The block's time, milliseconds since 1970.
    time_ms: Option<u64>,
    /// Who sent it.
    #[schema(value_type = String)]
    from: Address,
    /// To whom; missing where it creates a contract.
    #[schema(value_type = Option<String>)]
    to: Option<Address>,
    /// The contract that it created.
    #[schema(value_type = Option<String>)]
    created: Option<Address>,
    /// The sender's sequence number.
    nonce: u64,
    /// What it transfers, in wei, as a decimal number.
    value: String,
    /// Its input.
    #[schema(value_type = String)]
    input: Bytes,
    /// Whether it succeeded.
    succeeded: Option<bool>,
    /// Gas it used.
    gas_used: Option<u64>,
    /// How many logs it wrote.
    logs: Option<usize>,
}

/// The newest final transactions, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TransactionPage {
    /// The transactions; of the last block all, so they can be more than asked for.
    transactions: Vec<TransactionView>,
    /// `until` of the next page, also where this one is short; missing where nothing is left.
    next: Option<u64>,
}

/// How many, and up to where.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub(crate) struct BlocksQuery {
    /// How many; 20 where it is missing, 100 at most.
    limit: Option<usize>,
    /// The newest block wanted; the newest there is where it is missing.
    until: Option<u64>,
}

/// Milliseconds since 1970.
fn time_ms(entry: &Entry) -> u64 {
    let millis = Extra::from_bytes(&entry.header.extra_data).map_or(0, |extra| extra.millis);
    entry
        .header
        .timestamp
        .saturating_mul(1000)
        .saturating_add(millis.into())
}

/// The address that stands for a member in blocks that it proposed.
pub(crate) fn proposer_of(key: &B256) -> Option<Address> {
    let key = MemberKey::decode(Copying(key.as_slice())).ok()?;
    Some(commonhold_primitives::block::proposer_address(&key))
}

fn view<B: Backend>(context: &Context<B>, entry: &Entry) -> BlockView {
    BlockView {
        number: entry.number(),
        hash: entry.hash,
        parent_hash: entry.header.parent_hash,
        time_ms: time_ms(entry),
        transactions: entry.transactions.len(),
        gas_used: entry.header.gas_used,
        gas_limit: entry.header.gas_limit,
        size: convert::block_size(entry),
        proposer: entry.header.beneficiary,
        state_root: entry.header.state_root,
        finality_ms: context.finalities.of(entry.number()),
    }
}

/// The network, and how this node is.
#[utoipa::path(get, path = "/api/network", responses((status = 200, body = NetworkView)))]
pub(crate) async fn network<B: Backend>(State(node): Node<B>) -> Json<NetworkView> {
    Json(views::network(&node.context.node))
}

/// The members, as this node sees them.
#[utoipa::path(get, path = "/api/members", responses((status = 200, body = Vec<MemberView>)))]
pub(crate) async fn members<B: Backend>(State(node): Node<B>) -> Json<Vec<MemberView>> {
    Json(views::members(&node.context.node))
}

/// The newest blocks, newest first.
#[utoipa::path(get, path = "/api/blocks", params(BlocksQuery), responses(
    (status = 200, body = BlockPage),
    (status = 400, body = Problem),
))]
pub(crate) async fn blocks<B: Backend>(
    State(node): Node<B>,
    Query(query): Query<BlocksQuery>,
) -> Answer<Json<BlockPage>> {
    let head = node.context.head().number;
    let mut next = Some(query.until.map_or(head, |until| until.min(head)));
    let mut blocks = Vec::new();
    for _ in 0..page(query.limit)? {
        let Some(number) = next else { break };
        match node.context.index().block(number).map_err(Fault::from)? {
            Some(entry) => blocks.push(view(&node.context, &entry)),
            None => break,
        }
        next = number.checked_sub(1);
    }
    Ok(Json(BlockPage { blocks }))
}

/// A block by its number, its hash, or `latest`.
#[utoipa::path(get, path = "/api/blocks/{id}",
    params(("id" = String, Path, description = "Number, hash or `latest`")),
    responses(
        (status = 200, body = BlockDetails),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn block<B: Backend>(
    State(node): Node<B>,
    Path(id): Path<String>,
) -> Answer<Json<BlockDetails>> {
    let index = node.context.index();
    let found = if id == "latest" {
        index.block(node.context.head().number)
    } else if let Ok(number) = id.parse::<u64>() {
        index.block(number)
    } else {
        let hash: B256 = id
            .parse()
            .map_err(|_| bad("neither a number nor a hash nor latest"))?;
        index.block_by_hash(&hash)
    };
    let entry = found.map_err(Fault::from)?;
    let entry = entry.ok_or_else(|| missing("no such block"))?;
    Ok(Json(BlockDetails {
        block: view(&node.context, &entry),
        hashes: entry.hashes.clone(),
    }))
}

fn hash(text: &str) -> Answer<B256> {
    text.parse()
        .map_err(|_| bad("not a hash: 0x and 64 hex digits are expected"))
}

/// A transaction, final or waiting.
#[utoipa::path(get, path = "/api/transactions/{hash}",
    params(("hash" = String, Path, description = "The transaction's hash")),
    responses(
        (status = 200, body = TransactionView),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn transaction<B: Backend>(
    State(node): Node<B>,
    Path(id): Path<String>,
) -> Answer<Json<TransactionView>> {
    let hash = hash(&id)?;
    let context = &node.context;
    let found = context.index().find(&hash).map_err(Fault::from)?;
    if let Some((entry, index)) = found {
        return Ok(Json(final_transaction(&entry, index)?));
    }
    let waiting = context.node.pool().get(&hash);
    let waiting = waiting.ok_or_else(|| missing("no such transaction"))?;
    Ok(Json(signed(hash, waiting.envelope(), waiting.sender())))
}

/// What is known of a transaction before it is final.
fn signed(hash: B256, envelope: &Envelope, from: Address) -> TransactionView {
    TransactionView {
        hash,
        is_final: false,
        block: None,
        index: None,
        time_ms: None,
        from,
        to: envelope.to(),
        created: None,
        nonce: envelope.nonce(),
        value: envelope.value().to_string(),
        input: envelope.input().clone(),
        succeeded: None,
        gas_used: None,
        logs: None,
    }
}

fn final_transaction(entry: &Entry, index: usize) -> Answer<TransactionView> {
    let envelope = convert::envelope(entry, index)?;
    let from = entry.senders.get(index).copied().unwrap_or_default();
    let hash = entry.hashes.get(index).copied().unwrap_or_default();
    let receipt = entry.receipts.get(index);
    let created = (envelope.to().is_none() && receipt.is_some_and(|receipt| receipt.success))
        .then(|| from.create(envelope.nonce()));
    Ok(TransactionView {
        is_final: true,
        block: Some(entry.number()),
        index: Some(index),
        time_ms: Some(time_ms(entry)),
        created,
        succeeded: receipt.map(|receipt| receipt.success),
        gas_used: Some(entry.gas_used(index)),
        logs: receipt.map(|receipt| receipt.logs.len()),
        ..signed(hash, &envelope, from)
    })
}

/// The newest final transactions, newest first, of `SCAN_BLOCKS_MAX` blocks at most.
#[utoipa::path(get, path = "/api/transactions", params(BlocksQuery), responses(
    (status = 200, body = TransactionPage),
    (status = 400, body = Problem),
))]
pub(crate) async fn transactions<B: Backend>(
    State(node): Node<B>,
    Query(query): Query<BlocksQuery>,
) -> Answer<Json<TransactionPage>> {
    let limit = page(query.limit)?;
    let context = node.context.clone();
    let found = tokio::task::spawn_blocking(move || newest(&context, query.until, limit));
    let found = found.await.map_err(|e| Fault::Internal(e.to_string()))?;
    Ok(Json(found?))
}

fn newest<B: Backend>(
    context: &Context<B>,
    until: Option<u64>,
    limit: usize,
) -> Answer<TransactionPage> {
    let head = context.head().number;
    let mut next = Some(until.map_or(head, |until| until.min(head)));
    let mut transactions = Vec::new();
    for _ in 0..SCAN_BLOCKS_MAX {
        let Some(number) = next.filter(|_| transactions.len() < limit) else {
            break;
        };
        let entry = context.index().block(number).map_err(Fault::from)?;
        let Some(entry) = entry else {
            next = None;
            break;
        };
        // A block is never cut: what comes next begins with the block before it.
        for index in (0..entry.transactions.len()).rev() {
            transactions.push(final_transaction(&entry, index)?);
        }
        next = number.checked_sub(1);
    }
    Ok(TransactionPage { transactions, next })
}

/// The stamp of a final transaction: what `commonhold verify` checks offline.
#[utoipa::path(get, path = "/api/stamps/{hash}",
    params(("hash" = String, Path, description = "The transaction's hash")),
    responses(
        (status = 200, description = "The stamp", content_type = "application/json"),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn stamp<B: Backend>(
    State(node): Node<B>,
    Path(id): Path<String>,
) -> Answer<([(axum::http::HeaderName, &'static str); 1], Vec<u8>)> {
    let stamp: Stamp = stamp_of(&node.context, hash(&id)?).await?;
    Ok((
        [(axum::http::header::CONTENT_TYPE, "application/json")],
        stamp.to_json(),
    ))
}
