//! Packets in and out.

use std::time::Duration;

use alloy_primitives::Address;
use axum::{
    extract::{FromRequestParts, Path, Query, Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use commonhold_system::records::access::permits;
use commonhold_vault::{
    BlobHash, Packet, PublicKey, VaultError,
    crypt4gh::{PACKET_LEN, identify},
};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Node, OCTETS, RecordQuery, blob, off, or_elsewhere,
    rights::{may, may_write, signer},
    signed_path,
};
use crate::{
    backend::Backend,
    limits::STREAM_SECONDS_MAX,
    rest::{
        Answer, Problem, Refusal, bad,
        forward::{self, Passed},
    },
};

/// Where a packet is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct Place {
    /// BLAKE3, 64 hex digits
    hash: String,
    /// The reader's X25519 key, 64 hex digits
    reader: String,
}

/// What a request about a packet names.
pub(crate) struct Wanted {
    hash: BlobHash,
    reader: PublicKey,
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
        let reader = place.reader.parse().map_err(|e: VaultError| bad(e));
        Ok(Self {
            hash: blob(&place.hash).map_err(IntoResponse::into_response)?,
            reader: reader.map_err(IntoResponse::into_response)?,
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

/// The packet for a reader, for whom the ledger lets open the record.
#[utoipa::path(get, tag = "vault", path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(Place, RecordQuery),
    responses(
        (status = 200, description = "The packet", content_type = "application/octet-stream"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn get_packet<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let who = wanted.signer(&parts, None)?;
    may(&node, &wanted.query, wanted.hash, who, permits).await?;
    let (hash, reader) = (wanted.hash, wanted.reader);
    let store = node.context.node.vault().clone();
    let found = off(move || store.get_packet(&hash, &reader)).await;
    let kind = [(header::CONTENT_TYPE, OCTETS)];
    let here = found.map(|packet| (kind, packet.as_bytes().to_vec()).into_response());
    or_elsewhere(here, &node, &parts.headers, Passed::get(wanted.path, None)).await
}

/// Leaves a packet for a reader.
#[utoipa::path(put, tag = "vault", path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(Place, RecordQuery),
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
    wanted: Wanted,
    request: Request,
) -> Answer<Response> {
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
    let content = identify(&mut bytes.as_ref())?.hash;
    let who = wanted.signer(&parts, Some(content))?;
    may_write(&node, &wanted.query, wanted.hash, who).await?;
    let (hash, reader) = (wanted.hash, wanted.reader);
    let store = node.context.node.vault().clone();
    let kept = off(move || store.put_packet(&hash, &reader, &packet)).await;
    let here = kept.map(|()| StatusCode::CREATED.into_response());
    let passed = Passed::put(wanted.path, bytes.into());
    or_elsewhere(here, &node, &parts.headers, passed).await
}

/// Takes a reader's packet away, here and at the other members.
#[utoipa::path(delete, tag = "vault", path = "/api/vault/blobs/{hash}/packets/{reader}",
    params(Place, RecordQuery),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 410, body = Problem, description = "It was erased"),
    ))]
pub(crate) async fn delete_packet<B: Backend>(
    State(node): State<Node<B>>,
    wanted: Wanted,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let who = wanted.signer(&parts, None)?;
    may_write(&node, &wanted.query, wanted.hash, who).await?;
    let (hash, reader) = (wanted.hash, wanted.reader);
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
