//! REST under `/api`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};

use crate::{backend::Backend, server::Shared, views};

pub(crate) fn router<B: Backend>() -> Router<Arc<Shared<B>>> {
    Router::new()
        .route("/network", get(network::<B>))
        .route("/members", get(members::<B>))
}

async fn network<B: Backend>(State(shared): State<Arc<Shared<B>>>) -> Response {
    Json(views::network(&shared.context.node)).into_response()
}

async fn members<B: Backend>(State(shared): State<Arc<Shared<B>>>) -> Response {
    Json(views::members(&shared.context.node)).into_response()
}

pub(crate) async fn openapi_json() -> Response {
    Json(serde_json::json!({})).into_response()
}
