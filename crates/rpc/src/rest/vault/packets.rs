//! Packets in and out.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use commonhold_system::records::access::permits;
use commonhold_vault::{
    Packet, PublicKey,
    crypt4gh::{PACKET_LEN, identify},
};

use super::{
    Node, OCTETS, RecordQuery,
    beside::{Wanted, take},
    off, or_elsewhere,
    rights::{may, may_write},
};
use crate::{
    backend::Backend,
    rest::{
        Answer, Problem,
        forward::{self, Passed},
    },
};

/// The packet for a reader, for whom the ledger lets open the record.
#[utoipa::path(get, tag = "vault", path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits"),
        ("reader" = String, Path, description = "The reader's X25519 key, 64 hex digits"), RecordQuery),
    responses(
        (status = 200, description = "The packet", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn get_packet<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted<PublicKey>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let who = wanted.signer(&parts, None)?;
    may(&node, &wanted.query, wanted.hash, who, permits).await?;
    let (hash, reader) = (wanted.hash, wanted.name);
    let store = node.context.node.vault().clone();
    let found = off(move || store.get_packet(&hash, &reader)).await;
    let kind = [(header::CONTENT_TYPE, OCTETS)];
    let here = found.map(|packet| (kind, packet.as_bytes().to_vec()).into_response());
    or_elsewhere(here, &node, &parts.headers, Passed::get(wanted.path, None)).await
}

/// Leaves a packet for a reader.
#[utoipa::path(put, tag = "vault", path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits"),
        ("reader" = String, Path, description = "The reader's X25519 key, 64 hex digits"), RecordQuery),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn put_packet<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted<PublicKey>,
    request: Request,
) -> Answer<Response> {
    let (parts, body) = request.into_parts();
    let bytes = take(body, PACKET_LEN, "a packet").await?;
    let packet = Packet::from_bytes(&bytes)?;
    let content = identify(&mut bytes.as_ref())?.hash;
    let who = wanted.signer(&parts, Some(content))?;
    may_write(&node, &wanted.query, wanted.hash, who).await?;
    let (hash, reader) = (wanted.hash, wanted.name);
    let store = node.context.node.vault().clone();
    let kept = off(move || store.put_packet(&hash, &reader, &packet)).await;
    let here = kept.map(|()| StatusCode::CREATED.into_response());
    let passed = Passed::put(wanted.path, bytes.into());
    or_elsewhere(here, &node, &parts.headers, passed).await
}

/// Takes a reader's packet away, here and at the other members.
#[utoipa::path(delete, tag = "vault", path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(("hash" = String, Path, description = "BLAKE3, 64 hex digits"),
        ("reader" = String, Path, description = "The reader's X25519 key, 64 hex digits"), RecordQuery),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn delete_packet<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted<PublicKey>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let who = wanted.signer(&parts, None)?;
    may_write(&node, &wanted.query, wanted.hash, who).await?;
    let (hash, reader) = (wanted.hash, wanted.name);
    let store = node.context.node.vault().clone();
    let here = off(move || store.delete_packet(&hash, &reader)).await;
    // There may be others elsewhere, whether or not there was one here.
    let elsewhere = forward::pass(&node, &parts.headers, Passed::delete(wanted.path)).await;
    match here {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(refusal) if refusal.0 == StatusCode::NOT_FOUND => elsewhere,
        Err(refusal) => Err(refusal),
    }
}
