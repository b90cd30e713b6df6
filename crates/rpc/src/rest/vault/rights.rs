//! Who asks, and what they may.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256};
use axum::http::{HeaderMap, Method, StatusCode};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{Access, Registered};
use commonhold_vault::{
    BlobHash,
    auth::{self, Authorisation},
};

use super::{Node, RecordQuery, off};
use crate::{
    backend::Backend,
    error::Fault,
    rest::{
        Answer, Refusal, bad, missing,
        records::{self, RecordView},
    },
};

fn forbidden(why: impl ToString) -> Refusal {
    Refusal(StatusCode::FORBIDDEN, why.to_string())
}

/// Who signed a request.
pub(super) fn signer(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Option<BlobHash>,
) -> Answer<Address> {
    let unsigned = |why: String| Refusal(StatusCode::UNAUTHORIZED, why);
    let value = headers
        .get(auth::HEADER)
        .and_then(|value| value.to_str().ok());
    let value = value.ok_or_else(|| unsigned(format!("the header {} is missing", auth::HEADER)))?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let request = auth::Request {
        method: method.as_str(),
        path,
        body,
    };
    Authorisation::parse(value)
        .and_then(|authorisation| authorisation.check(&request, now))
        .map_err(|error| unsigned(error.to_string()))
}

/// The record that a request names, which must be one of this content.
async fn record_of<B: Backend>(
    node: &Node<B>,
    query: &RecordQuery,
    hash: BlobHash,
) -> Answer<RecordView> {
    let id = query
        .record
        .as_deref()
        .ok_or_else(|| bad("record is missing"))?;
    let id: B256 = id.parse().map_err(|_| bad("record is not an id"))?;
    let found = records::find(&node.context, id).await?;
    let record = found.ok_or_else(|| missing("no such record"))?;
    if record.content_hash == B256::from(hash) {
        Ok(record)
    } else {
        Err(forbidden("the record is of other content"))
    }
}

/// Checks that the ledger's answer about `who` and the record that the request names is one that
/// `permits` takes: [`permits`](commonhold_system::records::access::permits) for what opens by itself,
/// [`may_fetch`](commonhold_system::records::access::may_fetch) for what does not.
pub(super) async fn may<B: Backend>(
    node: &Node<B>,
    query: &RecordQuery,
    hash: BlobHash,
    who: Address,
    permits: fn(Access) -> bool,
) -> Answer<()> {
    let record = record_of(node, query, hash).await?;
    let access = records::access(&node.context, record.id, who).await?;
    if permits(access) {
        Ok(())
    } else {
        let why = format!("{who} may not open the record: {access:?}");
        Err(forbidden(why))
    }
}

/// Checks that `who` brought the body to this node first, or, where the body is not here, owns the
/// record and was the first to register its content.
pub(super) async fn may_write<B: Backend>(
    node: &Node<B>,
    query: &RecordQuery,
    hash: BlobHash,
    who: Address,
) -> Answer<()> {
    let store = node.context.node.vault().clone();
    match off(move || store.owner(&hash)).await {
        Ok(owner) if owner == who => return Ok(()),
        Ok(_) => return Err(forbidden("somebody else brought this content")),
        Err(refusal) if refusal.0 == StatusCode::NOT_FOUND => {}
        Err(refusal) => return Err(refusal),
    }
    let record = record_of(node, query, hash).await?;
    if record.owner != who {
        return Err(forbidden("only the record's owner writes its packets"));
    }
    let index = node.context.index().clone();
    let topic = record.content_hash;
    let first = tokio::task::spawn_blocking(move || {
        index.first_log(&RECORDS, 3, &topic, |log| {
            log.topics().first() == Some(&registered())
        })
    });
    let first = first
        .await
        .map_err(|e| Fault::Internal(e.to_string()))?
        .map_err(Fault::from)?;
    let owner = first
        .and_then(|log| log.topics().get(2).copied())
        .map(Address::from_word);
    if owner == Some(who) {
        Ok(())
    } else {
        Err(forbidden("somebody else registered this content first"))
    }
}

fn registered() -> B256 {
    <Registered as alloy_sol_types::SolEvent>::SIGNATURE_HASH
}
