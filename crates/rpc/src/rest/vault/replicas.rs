//! What members fetch from one another, to keep it: bodies as verified streams, and the packets and
//! sealed keys beside them. Requests are signed as a member (`commonhold_vault::member`).

use std::io::{self, BufWriter, Write};

use axum::{
    body::Body,
    extract::{Path, Query, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use commonhold_vault::BodyId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Node, OCTETS, blob, off, rights::member, signed_path};
use crate::{
    backend::Backend,
    rest::{Answer, Problem, Refusal},
};

/// Bytes handed to the connection at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that wait for the connection.
const PIECES_WAITING: usize = 8;

/// Which part of a body.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartQuery {
    /// Bytes of the body, as the ledger has them.
    length: u64,
    /// The part's first byte.
    from: u64,
}

/// A part of a body for another member: `PART_BYTES_MAX` bytes or what is left, as the encoding of
/// `bao` in groups of 16 KiB has it.
#[utoipa::path(get, tag = "vault", path = "/api/vault/replicas/{hash}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits"), PartQuery),
    responses(
        (status = 200, description = "The part as a verified stream",
            content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem, description = "The asker is no member"),
        (status = 404, body = Problem),
        (status = 416, body = Problem),
        (status = 422, body = Problem, description = "The body has another length"),
        (status = 503, body = Problem),
    ))]
pub(crate) async fn get_replica<B: Backend>(
    State(node): State<Node<B>>,
    Path(hash): Path<String>,
    Query(part): Query<PartQuery>,
    request: Request,
) -> Answer<Response> {
    let path = signed_path(request.extensions(), request.uri());
    member(&node, request.method(), &path, request.headers())?;
    let id = BodyId {
        hash: blob(&hash)?,
        len: part.length,
    };
    let busy = "too many members fetch at a time (REPLICAS_AT_ONCE_MAX)";
    let permit = node.replicas.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Refusal(StatusCode::SERVICE_UNAVAILABLE, busy.to_owned()))?;
    let store = node.context.node.vault().clone();
    let asked = store.clone();
    off(move || asked.may_send(&id, part.from)).await?;
    let (pieces, waiting) = tokio::sync::mpsc::channel(PIECES_WAITING);
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut output = BufWriter::with_capacity(PIECE_BYTES, Pieces(&pieces));
        let sent = store.send(&id, part.from, &mut output);
        let sent = sent.map_err(|e| io::Error::other(e.to_string()));
        if let Err(error) = sent.and_then(|_| output.flush()) {
            // What is buffered is good, but nothing follows it.
            let _ = output.into_parts();
            tracing::warn!(hash = %id.hash, %error, "a body was not given to another member whole");
            let _ = pieces.blocking_send(Err(error));
        }
    });
    let stream = futures::stream::unfold(waiting, |mut waiting| async {
        waiting.recv().await.map(|piece| (piece, waiting))
    });
    let kind = [(header::CONTENT_TYPE, OCTETS)];
    Ok((kind, Body::from_stream(stream)).into_response())
}

/// The packets and sealed keys beside a body, for another member.
#[utoipa::path(get, tag = "vault", path = "/api/vault/replicas/{hash}/keys",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits")),
    responses(
        (status = 200, description = "Packets and sealed keys", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem, description = "The asker is no member"),
    ))]
pub(crate) async fn get_keys<B: Backend>(
    State(node): State<Node<B>>,
    Path(hash): Path<String>,
    request: Request,
) -> Answer<Response> {
    let path = signed_path(request.extensions(), request.uri());
    member(&node, request.method(), &path, request.headers())?;
    let hash = blob(&hash)?;
    let store = node.context.node.vault().clone();
    let keys = off(move || store.keys(&hash)).await?;
    let kind = [(header::CONTENT_TYPE, OCTETS)];
    Ok((kind, keys.to_bytes()).into_response())
}

/// Hands what is written to a connection.
struct Pieces<'a>(&'a tokio::sync::mpsc::Sender<io::Result<bytes::Bytes>>);

impl Write for Pieces<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let sent = self
            .0
            .blocking_send(Ok(bytes::Bytes::copy_from_slice(piece)));
        sent.map(|()| piece.len())
            .map_err(|_| io::ErrorKind::ConnectionReset.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
