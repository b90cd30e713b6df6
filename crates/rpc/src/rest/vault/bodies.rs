//! Bodies in and out.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use commonhold_system::records::access::may_fetch;
use commonhold_vault::{BodyId, VaultError};
use futures::StreamExt as _;
use tokio_util::io::ReaderStream;

use super::{
    Node, OCTETS, RecordQuery, blob, off, or_elsewhere,
    rights::{may, registered, signer, there},
    signed_path,
};
use crate::{
    backend::Backend,
    error::Fault,
    limits::STREAM_SECONDS_MAX,
    rest::{Answer, Problem, Refusal, bad, forward::Passed},
    server::Activity,
};

/// Bytes read from the disk at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces of an upload that wait for the disk.
const PIECES_WAITING: usize = 16;

/// A body, for whom the ledger lets open the record.
#[utoipa::path(get, tag = "vault", path = "/api/vault/blobs/{hash}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits"), RecordQuery),
    responses(
        (status = 200, description = "The encrypted body", content_type = "application/octet-stream"),
        (status = 206, description = "The body from the byte on that `Range: bytes=N-` asks for",
            content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
        (status = 416, body = Problem),
    ))]
pub(crate) async fn get_blob<B: Backend>(
    State(node): State<Node<B>>,
    Path(hash): Path<String>,
    Query(query): Query<RecordQuery>,
    request: Request,
) -> Answer<Response> {
    let hash = blob(&hash)?;
    let path = signed_path(request.extensions(), request.uri());
    let who = signer(request.method(), &path, request.headers(), None)?;
    may(&node, &query, hash, who, may_fetch).await?;
    let store = node.context.node.vault().clone();
    let from = first_byte(request.headers());
    let found = off(move || {
        let (mut file, len) = store.get(&hash)?;
        file.seek(SeekFrom::Start(from.unwrap_or(0).min(len)))?;
        Ok((file, len))
    });
    let here = found.await.and_then(|(file, len)| part(file, from, len));
    or_elsewhere(here, &node, request.headers(), Passed::get(path, from)).await
}

/// The first byte that is asked for, where it is not the first of all: what a client lacks whose
/// transfer was cut off. Other ranges are not served, the whole is given instead.
fn first_byte(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes=")?
        .strip_suffix('-')?
        .parse()
        .ok()
}

/// A body of `len` bytes from where the file stands, which is at byte `from`.
fn part(file: File, from: Option<u64>, len: u64) -> Answer<Response> {
    let begin = from.unwrap_or(0);
    let Some(rest) = len.checked_sub(begin).filter(|rest| *rest > 0) else {
        let why = format!("the body has {len} bytes");
        return Err(Refusal(StatusCode::RANGE_NOT_SATISFIABLE, why));
    };
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE_BYTES);
    let headers = [
        (header::CONTENT_TYPE, OCTETS.to_owned()),
        (header::CONTENT_LENGTH, rest.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let body = Body::from_stream(stream);
    if from.is_none() {
        return Ok((headers, body).into_response());
    }
    let range = format!("bytes {begin}-{}/{len}", len.saturating_sub(1));
    let range = [(header::CONTENT_RANGE, range)];
    Ok((StatusCode::PARTIAL_CONTENT, headers, range, body).into_response())
}

/// Takes a body whose name and length are announced, of an account that the ledger knows.
#[utoipa::path(put, tag = "vault", path = "/api/vault/blobs/{hash}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits")),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept"),
        (status = 401, body = Problem),
        (status = 403, body = Problem, description = "The ledger does not know the account"),
        (status = 410, body = Problem, description = "It was erased"),
        (status = 411, body = Problem),
        (status = 413, body = Problem, description = "It is too large, or more than the account may bring"),
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
        &signed_path(request.extensions(), request.uri()),
        request.headers(),
        Some(hash),
    )?;
    registered(&node, who).await?;
    there(&node, hash.into()).await?;
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
    let mut upload = off(move || store.begin_for(BodyId { hash, len }, who)).await?;
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
    // It may have been erased meanwhile: by now the ledger says so, or whoever erases finds the body.
    if let Err(refusal) = there(&node, hash.into()).await {
        let store = node.context.node.vault().clone();
        off(move || store.erase(&hash)).await?;
        return Err(refusal);
    }
    Ok(StatusCode::CREATED)
}
