//! Registered content.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall;
use axum::{
    Json,
    extract::{Path, Query, State},
};
use commonhold_execution::{CallError, CallRequest};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{
    self, accessCall, recordCall, recordsCall, recordsOfCall,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Problem, bad, missing, page};
use crate::{
    backend::Backend,
    context::Context,
    error::{Fault, Outcome},
    server::Shared,
    session::Session,
};

type Node<B> = State<Arc<Shared<B>>>;

/// Registered content.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecordView {
    /// Its id.
    #[schema(value_type = String)]
    pub(crate) id: B256,
    /// Who registered it.
    #[schema(value_type = String)]
    pub(crate) owner: Address,
    /// When, seconds since 1970.
    registered_at: u64,
    /// In which block.
    registered_in: u64,
    /// BLAKE3 of the encrypted content.
    #[schema(value_type = String)]
    pub(crate) content_hash: B256,
    /// Bytes of the encrypted content.
    length: u64,
    /// What it is.
    kind: String,
    /// keccak-256 of the data key as it is sealed to the network; missing where it is not sealed.
    #[schema(value_type = Option<String>)]
    sealed_key_hash: Option<B256>,
    /// When it opens for everyone, seconds since 1970; missing where it opens by request.
    opens_at: Option<u64>,
    /// The stream to a day of which its data key is sealed; missing where it is sealed to itself.
    #[schema(value_type = Option<String>)]
    stream: Option<B256>,
    /// That day, in days since 1970.
    day: Option<u32>,
    /// The contract that manages its access list; missing where the owner does.
    #[schema(value_type = Option<String>)]
    policy: Option<Address>,
    /// The member that keeps the content, where one is stated.
    #[schema(value_type = Option<String>)]
    custodian: Option<Address>,
    /// The record that it replaces.
    #[schema(value_type = Option<String>)]
    supersedes: Option<B256>,
    /// The record that replaces it.
    #[schema(value_type = Option<String>)]
    superseded_by: Option<B256>,
}

/// A page of records in the order of their registration.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RecordPage {
    /// The records.
    records: Vec<RecordView>,
    /// How many there are.
    total: u64,
}

/// Which records.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub(crate) struct RecordsQuery {
    /// Whose; everybody's where it is missing.
    owner: Option<String>,
    /// The number of the first, from 0.
    from: Option<u64>,
    /// How many; 20 where it is missing, 100 at most.
    limit: Option<usize>,
}

/// Asks the records module as of the newest block. `None` where it reverts.
pub(crate) async fn ask<B: Backend, C: SolCall>(
    context: &Arc<Context<B>>,
    call: C,
) -> Outcome<Option<C::Return>> {
    ask_module(context, RECORDS, call).await
}

/// Asks the module at an address as of the newest block. `None` where it reverts.
pub(crate) async fn ask_module<B: Backend, C: SolCall>(
    context: &Arc<Context<B>>,
    module: Address,
    call: C,
) -> Outcome<Option<C::Return>> {
    let request = CallRequest {
        to: Some(module),
        input: Bytes::from(call.abi_encode()),
        ..CallRequest::default()
    };
    let session = Session::open(context, None)?;
    let ran = session
        .run(move |machine, env, overlay| machine.call(env, overlay, &request))
        .await?;
    match ran {
        Ok(result) => {
            let decoded = C::abi_decode_returns(&result.output);
            decoded
                .map(Some)
                .map_err(|e| Fault::Internal(e.to_string()))
        }
        Err(CallError::Revert { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The record of an id, where there is one.
pub(crate) async fn find<B: Backend>(
    context: &Arc<Context<B>>,
    id: B256,
) -> Outcome<Option<RecordView>> {
    Ok(ask(context, recordCall { id }).await?.map(view))
}

/// Whether `who` may open a record now, and why or why not.
pub(crate) async fn access<B: Backend>(
    context: &Arc<Context<B>>,
    id: B256,
    who: Address,
) -> Outcome<IRecords::Access> {
    let access = ask(context, accessCall { id, who, at: 0 }).await?;
    Ok(access.unwrap_or(IRecords::Access::UnknownRecord))
}

fn view(record: IRecords::Record) -> RecordView {
    let address = |address: Address| (!address.is_zero()).then_some(address);
    let id = |id: B256| (!id.is_zero()).then_some(id);
    RecordView {
        id: record.id,
        owner: record.owner,
        registered_at: record.registeredAt,
        registered_in: record.registeredIn,
        content_hash: record.contentHash,
        length: record.length,
        kind: record.kind,
        sealed_key_hash: id(record.sealedKeyHash),
        opens_at: (record.opensAt != 0).then_some(record.opensAt),
        stream: id(record.stream),
        day: (!record.stream.is_zero()).then_some(record.day),
        policy: address(record.policy),
        custodian: address(record.custodian),
        supersedes: id(record.supersedes),
        superseded_by: id(record.supersededBy),
    }
}

/// Records in the order of their registration.
#[utoipa::path(get, path = "/api/records", params(RecordsQuery), responses(
    (status = 200, body = RecordPage),
    (status = 400, body = Problem),
))]
pub(crate) async fn list<B: Backend>(
    State(node): Node<B>,
    Query(query): Query<RecordsQuery>,
) -> Answer<Json<RecordPage>> {
    let max = page(query.limit)? as u64;
    let from = query.from.unwrap_or(0);
    let (ids, total) = match &query.owner {
        Some(owner) => {
            let owner: Address = owner.parse().map_err(|_| bad("owner is not an address"))?;
            let page = ask(&node.context, recordsOfCall { owner, from, max }).await?;
            page.map(|page| (page.page, page.total))
        }
        None => {
            let page = ask(&node.context, recordsCall { from, max }).await?;
            page.map(|page| (page.page, page.total))
        }
    }
    .unwrap_or_default();
    let mut records = Vec::new();
    for id in ids {
        records.extend(find(&node.context, id).await?);
    }
    Ok(Json(RecordPage { records, total }))
}

/// A record.
#[utoipa::path(get, path = "/api/records/{id}",
    params(("id" = String, Path, description = "The record's id")),
    responses(
        (status = 200, body = RecordView),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn one<B: Backend>(
    State(node): Node<B>,
    Path(id): Path<String>,
) -> Answer<Json<RecordView>> {
    let id: B256 = id
        .parse()
        .map_err(|_| bad("not an id: 0x and 64 hex digits are expected"))?;
    let found = find(&node.context, id).await?;
    found.map(Json).ok_or_else(|| missing("no such record"))
}
