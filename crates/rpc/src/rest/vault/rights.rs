//! Who asks, and what they may.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256};
use axum::http::{HeaderMap, Method, StatusCode};
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::{
    accounts::interface::IAccounts::isRegisteredCall,
    records::interface::IRecords::{Access, registrantCall},
};
use commonhold_vault::{
    BlobHash,
    auth::{self, Authorisation},
    member::{self, Signed},
};

use super::{Node, RecordQuery, off};
use crate::{
    backend::Backend,
    rest::{
        Answer, Refusal, bad, missing,
        records::{self, RecordView},
    },
};

fn forbidden(why: impl ToString) -> Refusal {
    Refusal(StatusCode::FORBIDDEN, why.to_string())
}

fn unsigned(why: impl ToString) -> Refusal {
    Refusal(StatusCode::UNAUTHORIZED, why.to_string())
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Checks that a member of this network signed a request as such.
pub(super) fn member<B: Backend>(
    node: &Node<B>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Answer<()> {
    let value = headers.get(member::HEADER);
    let value = value.and_then(|value| value.to_str().ok());
    let value =
        value.ok_or_else(|| unsigned(format!("the header {} is missing", member::HEADER)))?;
    let who = Signed::parse(value)
        .and_then(|signed| signed.check(method.as_str(), path, now()))
        .map_err(unsigned)?;
    let members = node.context.node.status().members;
    if members.iter().any(|member| member.public_key == who) {
        Ok(())
    } else {
        Err(forbidden("only members ask for this"))
    }
}

/// Checks that the ledger knows an account: somebody answers for what it brings.
pub(super) async fn registered<B: Backend>(node: &Node<B>, account: Address) -> Answer<()> {
    let call = isRegisteredCall { account };
    let known = records::ask_module(&node.context, ACCOUNTS, call).await?;
    if known.unwrap_or(false) {
        return Ok(());
    }
    Err(forbidden(format!(
        "the ledger does not know the account {account}: register it first \
         (commonhold account register)"
    )))
}

/// Checks that what has this hash, content or a sealed key, was not erased.
pub(super) async fn there<B: Backend>(node: &Node<B>, name: B256) -> Answer<()> {
    registrant(node, name).await.map(|_| ())
}

/// Who registered first what has this hash, content or a sealed key, where it was not erased.
async fn registrant<B: Backend>(node: &Node<B>, name: B256) -> Answer<Option<Address>> {
    let found = records::ask(&node.context, registrantCall { name }).await?;
    match found {
        Some(found) if found.erased => Err(gone()),
        found => Ok(found.map(|found| found.first)),
    }
}

pub(super) fn gone() -> Refusal {
    let why = "this was erased on its owner's word, for ever";
    Refusal(StatusCode::GONE, why.to_owned())
}

/// Who signed a request.
pub(super) fn signer(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Option<BlobHash>,
) -> Answer<Address> {
    let value = headers
        .get(auth::HEADER)
        .and_then(|value| value.to_str().ok());
    let value = value.ok_or_else(|| unsigned(format!("the header {} is missing", auth::HEADER)))?;
    let request = auth::Request {
        method: method.as_str(),
        path,
        body,
    };
    Authorisation::parse(value)
        .and_then(|authorisation| authorisation.check(&request, now()))
        .map_err(unsigned)
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
    } else if access == Access::Erased {
        Err(gone())
    } else {
        let why = format!("{who} may not open the record: {access:?}");
        Err(forbidden(why))
    }
}

/// Checks that the content was not erased, and that `who` brought the body to this node first, or, where
/// the body is not here, owns the record and was the first to register its content.
pub(super) async fn may_write<B: Backend>(
    node: &Node<B>,
    query: &RecordQuery,
    hash: BlobHash,
    who: Address,
) -> Answer<()> {
    let first = registrant(node, hash.into()).await?;
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
    if first == Some(who) {
        Ok(())
    } else {
        Err(forbidden("somebody else registered this content first"))
    }
}
