//! The vault over HTTP: encrypted bodies, and packets with their keys for one reader each.
//!
//! Every request is signed (`commonhold_vault::auth`). A body is taken from whoever signs for it, and
//! given to whom the ledger lets open the record that names it. Packets are written and taken away by
//! whoever brought the body first: a hash on the ledger proves nothing, anybody can register it once
//! more, but whoever brought the body had it before it was known. So an owner can leave its own packet
//! before it registers, and a crash between the two loses no key.
//!
//! What this node lacks it asks other members' nodes for, with the same signed request.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alloy_primitives::{Address, B256, Bytes};
use axum::{
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::Registered;
use commonhold_vault::{
    BlobHash, BodyId, Packet, PublicKey, VaultError,
    auth::{self, Authorisation},
    crypt4gh::PACKET_LEN,
};
use futures::StreamExt as _;
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use super::{
    Answer, Problem, Refusal, bad,
    forward::{self, Passed},
    records::{self, RecordView},
};
use crate::{
    backend::Backend,
    error::Fault,
    limits::STREAM_SECONDS_MAX,
    server::{Activity, Shared},
};

type Node<B> = Arc<Shared<B>>;

/// Bytes read from the disk at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces of an upload that wait for the disk.
const PIECES_WAITING: usize = 16;

/// The record in whose name is asked.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub(crate) struct RecordQuery {
    /// The record's id.
    record: Option<String>,
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        let status = match &error {
            VaultError::NotFound => StatusCode::NOT_FOUND,
            VaultError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            VaultError::StoreFull { .. } | VaultError::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            VaultError::Io(_) | VaultError::Random | VaultError::Mode { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            VaultError::Length { .. } | VaultError::Hash { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            VaultError::TooManyPackets(_) => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self(status, error.to_string())
    }
}

fn forbidden(why: impl ToString) -> Refusal {
    Refusal(StatusCode::FORBIDDEN, why.to_string())
}

/// Who signed a request.
fn signer(
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

/// The path as it was signed: as it stands in the request line.
fn signed_path(request: &Request) -> String {
    let uri = request
        .extensions()
        .get::<axum::extract::OriginalUri>()
        .map(|uri| &uri.0);
    uri.unwrap_or_else(|| request.uri())
        .path_and_query()
        .map_or_else(String::new, ToString::to_string)
}

fn blob(text: &str) -> Answer<BlobHash> {
    text.parse().map_err(|error: VaultError| bad(error))
}

fn reader_key(text: &str) -> Answer<PublicKey> {
    text.parse().map_err(|error: VaultError| bad(error))
}

/// Runs what blocks where it blocks nobody.
async fn off<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Answer<T> {
    let ran = tokio::task::spawn_blocking(work).await;
    let ran = ran.map_err(|e| Refusal(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))?;
    ran.map_err(Refusal::from)
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
    let record = found.ok_or_else(|| super::missing("no such record"))?;
    if record.content_hash == B256::from(hash) {
        Ok(record)
    } else {
        Err(forbidden("the record is of other content"))
    }
}

/// Checks that `who` may open the record that the request names.
async fn may_open<B: Backend>(
    node: &Node<B>,
    query: &RecordQuery,
    hash: BlobHash,
    who: Address,
) -> Answer<()> {
    let record = record_of(node, query, hash).await?;
    let (may, why) = records::access(&node.context, record.id, who).await?;
    if may {
        Ok(())
    } else {
        Err(forbidden(format!("{who} may not open the record: {why}")))
    }
}

/// Checks that `who` brought the body to this node first, or, where the body is not here, owns the
/// record and was the first to register its content.
async fn may_write<B: Backend>(
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

/// A body, for whom the ledger lets open the record.
#[utoipa::path(get, path = "/api/vault/blobs/{hash}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits"), RecordQuery),
    responses(
        (status = 200, description = "The encrypted body", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn get_blob<B: Backend>(
    State(node): State<Node<B>>,
    Path(hash): Path<String>,
    Query(query): Query<RecordQuery>,
    request: Request,
) -> Answer<Response> {
    let hash = blob(&hash)?;
    let path = signed_path(&request);
    let who = signer(request.method(), &path, request.headers(), None)?;
    may_open(&node, &query, hash, who).await?;
    let store = node.context.node.vault().clone();
    let (file, len) = match off(move || store.get(&hash)).await {
        Ok(found) => found,
        Err(refusal) if refusal.0 == StatusCode::NOT_FOUND => {
            return forward::pass(&node, request.headers(), Passed::get(path)).await;
        }
        Err(refusal) => return Err(refusal),
    };
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE_BYTES);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, len.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
    ];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// Takes a body whose name and length are announced.
#[utoipa::path(put, path = "/api/vault/blobs/{hash}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits")),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept"),
        (status = 401, body = Problem),
        (status = 411, body = Problem),
        (status = 413, body = Problem),
        (status = 422, body = Problem),
        (status = 507, body = Problem),
    ))]
pub(crate) async fn put_blob<B: Backend>(
    State(node): State<Node<B>>,
    Path(hash): Path<String>,
    request: Request,
) -> Answer<StatusCode> {
    let hash = blob(&hash)?;
    let who = signer(
        request.method(),
        &signed_path(&request),
        request.headers(),
        Some(hash),
    )?;
    let len = request.headers().get(header::CONTENT_LENGTH);
    let len: u64 = len
        .and_then(|len| len.to_str().ok()?.parse().ok())
        .ok_or_else(|| {
            Refusal(
                StatusCode::LENGTH_REQUIRED,
                "Content-Length is required".to_owned(),
            )
        })?;
    let busy = || {
        Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many uploads (UPLOADS_MAX)".into(),
        )
    };
    let _permit = node.uploads.try_acquire().map_err(|_| busy())?;
    let store = node.context.node.vault().clone();
    let mut upload = off(move || store.begin(BodyId { hash, len })).await?;
    if let Some(activity) = request.extensions().get::<Activity>() {
        activity.busy();
    }
    let (pieces, mut waiting) = tokio::sync::mpsc::channel::<bytes::Bytes>(PIECES_WAITING);
    let writer = tokio::task::spawn_blocking(move || {
        while let Some(piece) = waiting.blocking_recv() {
            upload.write(&piece)?;
        }
        Ok::<_, VaultError>(upload)
    });
    let mut body = request.into_body().into_data_stream();
    let wait = Duration::from_secs(STREAM_SECONDS_MAX);
    loop {
        let next = tokio::time::timeout(wait, body.next()).await;
        let slow = "the body stopped for longer than STREAM_SECONDS_MAX";
        let next = next.map_err(|_| Refusal(StatusCode::REQUEST_TIMEOUT, slow.to_owned()))?;
        match next {
            Some(Ok(piece)) => {
                // A writer that has ended says below why.
                if pieces.send(piece).await.is_err() {
                    break;
                }
            }
            Some(Err(error)) => return Err(bad(format!("the body was cut off: {error}"))),
            None => break,
        }
    }
    drop(pieces);
    let written = writer.await.map_err(|e| Fault::Internal(e.to_string()))?;
    let upload = written.map_err(Refusal::from)?;
    off(move || upload.finish()).await?;
    let store = node.context.node.vault().clone();
    off(move || store.claim(&hash, who)).await?;
    Ok(StatusCode::CREATED)
}

/// The packet for a reader, for whom the ledger lets open the record.
#[utoipa::path(get, path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(
        ("hash" = String, Path, description = "BLAKE3, 64 hex digits"),
        ("reader" = String, Path, description = "The reader's X25519 key, 64 hex digits"),
        RecordQuery,
    ),
    responses(
        (status = 200, description = "The packet", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn get_packet<B: Backend>(
    State(node): State<Node<B>>,
    Path((hash, reader)): Path<(String, String)>,
    Query(query): Query<RecordQuery>,
    request: Request,
) -> Answer<Response> {
    let (hash, reader) = (blob(&hash)?, reader_key(&reader)?);
    let path = signed_path(&request);
    let who = signer(request.method(), &path, request.headers(), None)?;
    may_open(&node, &query, hash, who).await?;
    let store = node.context.node.vault().clone();
    match off(move || store.get_packet(&hash, &reader)).await {
        Ok(packet) => {
            let kind = (header::CONTENT_TYPE, "application/octet-stream");
            Ok(([kind], packet.as_bytes().to_vec()).into_response())
        }
        Err(refusal) if refusal.0 == StatusCode::NOT_FOUND => {
            forward::pass(&node, request.headers(), Passed::get(path)).await
        }
        Err(refusal) => Err(refusal),
    }
}

/// Leaves a packet for a reader.
#[utoipa::path(put, path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(
        ("hash" = String, Path, description = "BLAKE3, 64 hex digits"),
        ("reader" = String, Path, description = "The reader's X25519 key, 64 hex digits"),
        RecordQuery,
    ),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn put_packet<B: Backend>(
    State(node): State<Node<B>>,
    Path((hash, reader)): Path<(String, String)>,
    Query(query): Query<RecordQuery>,
    request: Request,
) -> Answer<Response> {
    let (hash, reader) = (blob(&hash)?, reader_key(&reader)?);
    let path = signed_path(&request);
    let (parts, body) = request.into_parts();
    let whole = Limited::new(body, PACKET_LEN).collect();
    let wait = Duration::from_secs(STREAM_SECONDS_MAX);
    let whole = tokio::time::timeout(wait, whole).await;
    let slow = |_| {
        Refusal(
            StatusCode::REQUEST_TIMEOUT,
            "the body is too slow".to_owned(),
        )
    };
    let bytes = whole
        .map_err(slow)?
        .map_err(|e| bad(format!("not a packet: {e}")))?
        .to_bytes();
    let packet = Packet::from_bytes(&bytes)?;
    let content = commonhold_vault::crypt4gh::identify(&mut bytes.as_ref())?.hash;
    let who = signer(&parts.method, &path, &parts.headers, Some(content))?;
    may_write(&node, &query, hash, who).await?;
    let store = node.context.node.vault().clone();
    match off(move || store.put_packet(&hash, &reader, &packet)).await {
        Ok(()) => Ok(StatusCode::CREATED.into_response()),
        Err(refusal) if refusal.0 == StatusCode::NOT_FOUND => {
            forward::pass(&node, &parts.headers, Passed::put(path, Bytes::from(bytes))).await
        }
        Err(refusal) => Err(refusal),
    }
}

/// Takes a reader's packet away, here and at the other members.
#[utoipa::path(delete, path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(
        ("hash" = String, Path, description = "BLAKE3, 64 hex digits"),
        ("reader" = String, Path, description = "The reader's X25519 key, 64 hex digits"),
        RecordQuery,
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
    ))]
pub(crate) async fn delete_packet<B: Backend>(
    State(node): State<Node<B>>,
    Path((hash, reader)): Path<(String, String)>,
    Query(query): Query<RecordQuery>,
    request: Request,
) -> Answer<Response> {
    let (hash, reader) = (blob(&hash)?, reader_key(&reader)?);
    let path = signed_path(&request);
    let who = signer(request.method(), &path, request.headers(), None)?;
    may_write(&node, &query, hash, who).await?;
    let store = node.context.node.vault().clone();
    let here = off(move || store.delete_packet(&hash, &reader)).await;
    let elsewhere = forward::pass(&node, request.headers(), Passed::delete(path)).await;
    match (here, elsewhere) {
        (Ok(()), _) => Ok(StatusCode::NO_CONTENT.into_response()),
        (Err(refusal), elsewhere) if refusal.0 == StatusCode::NOT_FOUND => elsewhere,
        (Err(refusal), _) => Err(refusal),
    }
}
