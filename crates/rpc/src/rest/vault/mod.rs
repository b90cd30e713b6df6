//! The vault over HTTP: encrypted bodies, packets with their keys for one reader each, and the same keys
//! as they are sealed to the network.
//!
//! Every request is signed (`commonhold_vault::auth`). A body is taken from an account that the ledger
//! knows, so much from each, and given to whom the ledger lets open the record that names it. Packets and sealed keys are written by
//! whoever brought the body first: a hash on the ledger proves nothing, anybody can register it once
//! more, but whoever brought the body had it before it was known. So an owner can leave its own packet
//! before it registers, and a crash between the two loses no key.
//!
//! What this node lacks it asks other members' nodes for, with the same signed request. Members fetch
//! what they are to keep by routes of their own ([`replicas`]). What was erased is neither taken nor given.

mod beside;
pub(super) mod bodies;
pub(super) mod packets;
pub(super) mod replicas;
mod rights;
pub(super) mod sealed;

use std::sync::Arc;

use axum::{
    extract::OriginalUri,
    http::{Extensions, HeaderMap, StatusCode, Uri},
    response::Response,
};
use commonhold_vault::{BlobHash, VaultError};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Answer, Refusal, bad,
    forward::{self, Passed},
};
use crate::{backend::Backend, server::Shared};

type Node<B> = Arc<Shared<B>>;

/// What bodies and packets are to HTTP.
const OCTETS: &str = "application/octet-stream";

/// The record in whose name is asked.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordQuery {
    /// The record's id.
    record: Option<String>,
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        let status = match &error {
            VaultError::NotFound => StatusCode::NOT_FOUND,
            VaultError::TooLarge { .. } | VaultError::Quota { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            VaultError::StoreFull { .. }
            | VaultError::DiskFull
            | VaultError::DiskReserve { .. } => StatusCode::INSUFFICIENT_STORAGE,
            VaultError::Io(_) | VaultError::Random | VaultError::Mode { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            VaultError::Length { .. } | VaultError::Hash { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            VaultError::Part(_) => StatusCode::RANGE_NOT_SATISFIABLE,
            VaultError::TooManyPackets(_) | VaultError::TooManySealedKeys(_) => {
                StatusCode::CONFLICT
            }
            _ => StatusCode::BAD_REQUEST,
        };
        Self(status, error.to_string())
    }
}

/// The path as it was signed: as it stands in the request line.
fn signed_path(extensions: &Extensions, uri: &Uri) -> String {
    let uri = extensions.get::<OriginalUri>().map_or(uri, |uri| &uri.0);
    uri.path_and_query()
        .map_or_else(String::new, ToString::to_string)
}

fn blob(text: &str) -> Answer<BlobHash> {
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

/// What was found here; where nothing was, what other nodes answer to the same request.
async fn or_elsewhere<B: Backend>(
    here: Answer<Response>,
    node: &Node<B>,
    headers: &HeaderMap,
    passed: Passed,
) -> Answer<Response> {
    match here {
        Err(refusal) if refusal.0 == StatusCode::NOT_FOUND => {
            forward::pass(node, headers, passed).await
        }
        here => here,
    }
}
