//! Sealed keys in and out.

use alloy_primitives::B256;
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use commonhold_system::records::access::may_fetch;
use commonhold_vault::{crypt4gh::identify, store::SEALED_KEY_BYTES};

use super::{
    Node, OCTETS, RecordQuery,
    beside::{Wanted, take},
    off, or_elsewhere,
    rights::{may, may_write, there},
};
use crate::{
    backend::Backend,
    rest::{Answer, Problem, bad, forward::Passed},
};

/// A sealed key, for whom the ledger lets open the record, or has let so often enough.
#[utoipa::path(get, tag = "vault", path = "/api/vault/blobs/{hash}/sealed/{digest}",
    params(("hash" = String, Path, description = "BLAKE3 of the body, 64 hex digits"),
        ("digest" = String, Path, description = "keccak-256 of the sealed key, 64 hex digits"), RecordQuery),
    responses(
        (status = 200, description = "The sealed key", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn get_sealed<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted<B256>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let who = wanted.signer(&parts, None)?;
    may(&node, &wanted.query, wanted.hash, who, may_fetch).await?;
    let (hash, digest) = (wanted.hash, wanted.name);
    let store = node.context.node.vault().clone();
    let found = off(move || store.get_sealed(&hash, &digest)).await;
    let kind = [(header::CONTENT_TYPE, OCTETS)];
    let here = found.map(|sealed| (kind, sealed.to_vec()).into_response());
    or_elsewhere(here, &node, &parts.headers, Passed::get(wanted.path, None)).await
}

/// Leaves a sealed key.
#[utoipa::path(put, tag = "vault", path = "/api/vault/blobs/{hash}/sealed/{digest}",
    params(("hash" = String, Path, description = "BLAKE3 of the body, 64 hex digits"),
        ("digest" = String, Path, description = "keccak-256 of the sealed key, 64 hex digits"), RecordQuery),
    request_body(content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn put_sealed<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted<B256>,
    request: Request,
) -> Answer<Response> {
    let (parts, body) = request.into_parts();
    let bytes = take(body, SEALED_KEY_BYTES, "a sealed key").await?;
    let sealed: [u8; SEALED_KEY_BYTES] = bytes
        .as_ref()
        .try_into()
        .map_err(|_| bad("not a sealed key: 160 bytes are expected"))?;
    if alloy_primitives::keccak256(sealed) != wanted.name {
        return Err(bad("this is not the sealed key of that name"));
    }
    let content = identify(&mut sealed.as_slice())?.hash;
    let who = wanted.signer(&parts, Some(content))?;
    may_write(&node, &wanted.query, wanted.hash, who).await?;
    there(&node, wanted.name).await?;
    let hash = wanted.hash;
    let store = node.context.node.vault().clone();
    let kept = off(move || store.put_sealed(&hash, &sealed)).await;
    let here = kept.map(|_| StatusCode::CREATED.into_response());
    let passed = Passed::put(wanted.path, bytes.into());
    or_elsewhere(here, &node, &parts.headers, passed).await
}
