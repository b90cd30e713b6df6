//! REST under `/api`, described by `openapi.json`.

mod chain;
mod forward;
mod modules;
mod openings;
mod records;
mod vault;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use utoipa::{OpenApi as _, ToSchema};

use crate::{backend::Backend, error::Fault, server::Shared};

pub(crate) use chain::proposer_of;
pub use forward::peer_tls;
use vault::{bodies, packets, replicas, sealed};

/// Everything under `/api`.
pub(crate) fn router<B: Backend>() -> Router<Arc<Shared<B>>> {
    Router::new()
        .route("/network", get(chain::network::<B>))
        .route("/members", get(chain::members::<B>))
        .route("/blocks", get(chain::blocks::<B>))
        .route("/blocks/{id}", get(chain::block::<B>))
        .route("/modules", get(modules::list::<B>))
        .route("/limits", get(modules::limits::<B>))
        .route("/transactions", get(chain::transactions::<B>))
        .route("/transactions/{hash}", get(chain::transaction::<B>))
        .route("/stamps/{hash}", get(chain::stamp::<B>))
        .route("/records", get(records::list::<B>))
        .route("/records/{id}", get(records::one::<B>))
        .route("/openings", get(openings::list::<B>))
        .route("/openings/{number}", get(openings::one::<B>))
        .route("/openings/{number}/answers", get(openings::answers::<B>))
        .route("/times/{seconds}", get(openings::time::<B>))
        .route(
            "/vault/blobs/{hash}",
            get(bodies::get_blob::<B>).put(bodies::put_blob::<B>),
        )
        .route(
            "/vault/blobs/{hash}/packets/{reader}",
            get(packets::get_packet::<B>)
                .put(packets::put_packet::<B>)
                .delete(packets::delete_packet::<B>),
        )
        .route(
            "/vault/blobs/{hash}/sealed/{digest}",
            get(sealed::get_sealed::<B>).put(sealed::put_sealed::<B>),
        )
        .route("/vault/replicas/{hash}", get(replicas::get_replica::<B>))
        .route("/vault/replicas/{hash}/keys", get(replicas::get_keys::<B>))
}

/// The description of the interface.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Commonhold node",
        description = "What a member's node answers besides Ethereum JSON-RPC.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        chain::network,
        chain::members,
        chain::blocks,
        chain::block,
        chain::transactions,
        chain::transaction,
        chain::stamp,
        modules::list,
        modules::limits,
        records::list,
        records::one,
        openings::list,
        openings::one,
        openings::answers,
        openings::time,
        bodies::get_blob,
        bodies::put_blob,
        packets::get_packet,
        packets::put_packet,
        packets::delete_packet,
        sealed::get_sealed,
        sealed::put_sealed,
        replicas::get_replica,
        replicas::get_keys,
    ),
    components(schemas(Problem))
)]
struct Description;

/// The description as JSON.
pub fn openapi() -> String {
    Description::openapi().to_pretty_json().unwrap_or_default() + "\n"
}

pub(crate) async fn openapi_json() -> Response {
    let kind = (axum::http::header::CONTENT_TYPE, "application/json");
    ([kind], openapi()).into_response()
}

/// Why a request was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What is wrong, in words.
    pub(crate) error: ProblemText,
}

/// The words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProblemText {
    /// For people.
    pub(crate) message: String,
}

/// A refusal with its status.
#[derive(Clone, Debug)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) String);

pub(crate) type Answer<T> = Result<T, Refusal>;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = ProblemText { message: self.1 };
        (self.0, Json(Problem { error })).into_response()
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let status = match &fault {
            Fault::Params(_) | Fault::Limit(_) => StatusCode::BAD_REQUEST,
            Fault::NotFound(_) => StatusCode::NOT_FOUND,
            Fault::Internal(_) | Fault::Unready(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self(status, fault.message().to_owned())
    }
}

fn bad(why: impl ToString) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, why.to_string())
}

fn missing(why: impl ToString) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, why.to_string())
}

/// A page of something: where it begins and how long it is.
fn page(limit: Option<usize>) -> Answer<usize> {
    let limit = limit.unwrap_or(20);
    if limit > crate::limits::PAGE_MAX {
        let max = crate::limits::PAGE_MAX;
        return Err(bad(format!("limit exceeds PAGE_MAX ({max})")));
    }
    Ok(limit)
}
