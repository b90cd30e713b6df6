//! What stands beside a body: how a request names it, and how it is taken in.

use std::time::Duration;

use alloy_primitives::{Address, B256};
use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Query},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use commonhold_vault::{BlobHash, PublicKey, VaultError};
use http_body_util::{BodyExt as _, Limited};

use super::{RecordQuery, blob, rights::signer, signed_path};
use crate::{
    limits::STREAM_SECONDS_MAX,
    rest::{Answer, Refusal, bad},
};

/// How something beside a body is named.
pub(crate) trait Name: Sized {
    /// The name of this text.
    fn of(text: &str) -> Answer<Self>;
}

impl Name for PublicKey {
    fn of(text: &str) -> Answer<Self> {
        text.parse().map_err(|e: VaultError| bad(e))
    }
}

impl Name for B256 {
    fn of(text: &str) -> Answer<Self> {
        let name = text.parse();
        name.map_err(|_| bad("not a hash: 64 hex digits are expected"))
    }
}

/// What a request about something beside a body names.
pub(crate) struct Wanted<N> {
    pub(super) hash: BlobHash,
    pub(super) name: N,
    pub(super) query: RecordQuery,
    /// As it was signed.
    pub(super) path: String,
}

impl<N: Name, S: Send + Sync> FromRequestParts<S> for Wanted<N> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let place = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((hash, name)) = place.map_err(IntoResponse::into_response)?;
        let Query(query) = Query::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let name = N::of(&name);
        Ok(Self {
            hash: blob(&hash).map_err(IntoResponse::into_response)?,
            name: name.map_err(IntoResponse::into_response)?,
            query,
            path: signed_path(&parts.extensions, &parts.uri),
        })
    }
}

impl<N> Wanted<N> {
    /// Who signed the request.
    pub(super) fn signer(&self, request: &Parts, body: Option<BlobHash>) -> Answer<Address> {
        signer(&request.method, &self.path, &request.headers, body)
    }
}

/// Takes a small body whole: at most `max` bytes of what is `what`.
pub(super) async fn take(body: Body, max: usize, what: &str) -> Answer<Bytes> {
    let whole = Limited::new(body, max).collect();
    let wait = Duration::from_secs(STREAM_SECONDS_MAX);
    let whole = tokio::time::timeout(wait, whole).await;
    let slow = "the body is too slow".to_owned();
    Ok(whole
        .map_err(|_| Refusal(StatusCode::REQUEST_TIMEOUT, slow))?
        .map_err(|e| bad(format!("not {what}: {e}")))?
        .to_bytes())
}
