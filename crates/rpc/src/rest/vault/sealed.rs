//! Sealed keys in and out.

use std::time::Duration;

use alloy_primitives::{Address, B256};
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use commonhold_system::records::access::may_fetch;
use commonhold_vault::{BlobHash, crypt4gh::identify, store::SEALED_KEY_BYTES};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Node, OCTETS, RecordQuery, blob, off, or_elsewhere,
    rights::{may, may_write, signer, there},
    signed_path,
};
use crate::{
    backend::Backend,
    limits::STREAM_SECONDS_MAX,
    rest::{Answer, Problem, Refusal, bad, forward::Passed},
};

/// Where a sealed key is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct Place {
    /// BLAKE3 of the body, 64 hex digits
    hash: String,
    /// keccak-256 of the sealed key, 64 hex digits
    digest: String,
}

/// What a request about a sealed key names.
pub(crate) struct Wanted {
    hash: BlobHash,
    digest: B256,
    query: RecordQuery,
    /// As it was signed.
    path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Path(place) = Path::<Place>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let Query(query) = Query::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let digest = place.digest.parse();
        let digest = digest.map_err(|_| bad("not a hash: 64 hex digits are expected"));
        Ok(Self {
            hash: blob(&place.hash).map_err(IntoResponse::into_response)?,
            digest: digest.map_err(IntoResponse::into_response)?,
            query,
            path: signed_path(&parts.extensions, &parts.uri),
        })
    }
}

impl Wanted {
    /// Who signed the request.
    fn signer(&self, request: &Parts, body: Option<BlobHash>) -> Answer<Address> {
        signer(&request.method, &self.path, &request.headers, body)
    }
}

/// A sealed key, for whom the ledger lets open the record, or has let so often enough.
#[utoipa::path(get, tag = "vault", path = "/api/vault/blobs/{hash}/sealed/{digest}",
    params(Place, RecordQuery),
    responses(
        (status = 200, description = "The sealed key", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn get_sealed<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let who = wanted.signer(&parts, None)?;
    may(&node, &wanted.query, wanted.hash, who, may_fetch).await?;
    let (hash, digest) = (wanted.hash, wanted.digest);
    let store = node.context.node.vault().clone();
    let found = off(move || store.get_sealed(&hash, &digest)).await;
    let kind = [(header::CONTENT_TYPE, OCTETS)];
    let here = found.map(|sealed| (kind, sealed.to_vec()).into_response());
    or_elsewhere(here, &node, &parts.headers, Passed::get(wanted.path, None)).await
}

/// Leaves a sealed key.
#[utoipa::path(put, tag = "vault", path = "/api/vault/blobs/{hash}/sealed/{digest}",
    params(Place, RecordQuery),
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
    wanted: Wanted,
    request: Request,
) -> Answer<Response> {
    let (parts, body) = request.into_parts();
    let whole = Limited::new(body, SEALED_KEY_BYTES).collect();
    let wait = Duration::from_secs(STREAM_SECONDS_MAX);
    let whole = tokio::time::timeout(wait, whole).await;
    let slow = "the body is too slow".to_owned();
    let bytes = whole
        .map_err(|_| Refusal(StatusCode::REQUEST_TIMEOUT, slow))?
        .map_err(|e| bad(format!("not a sealed key: {e}")))?
        .to_bytes();
    let sealed: [u8; SEALED_KEY_BYTES] = bytes
        .as_ref()
        .try_into()
        .map_err(|_| bad("not a sealed key: 160 bytes are expected"))?;
    if alloy_primitives::keccak256(sealed) != wanted.digest {
        return Err(bad("this is not the sealed key of that name"));
    }
    let content = identify(&mut sealed.as_slice())?.hash;
    let who = wanted.signer(&parts, Some(content))?;
    may_write(&node, &wanted.query, wanted.hash, who).await?;
    there(&node, wanted.digest).await?;
    let hash = wanted.hash;
    let store = node.context.node.vault().clone();
    let kept = off(move || store.put_sealed(&hash, &sealed)).await;
    let here = kept.map(|_| StatusCode::CREATED.into_response());
    let passed = Passed::put(wanted.path, bytes.into());
    or_elsewhere(here, &node, &parts.headers, passed).await
}
