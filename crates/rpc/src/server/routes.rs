//! What is where.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use http_body_util::Full;
use hyper::body::Body as _;
use serde_json::json;
use tower::Service as _;

use super::{
    Shared, Times,
    accept::Activity,
    body::{self, BodyError},
    guard::Local,
};
use crate::{
    backend::{Backend, DiskRoom},
    limits::{BODY_SECONDS_MAX, JSON_DEPTH_MAX, REQUEST_BYTES_MAX},
    metrics::Counted,
    page, rest,
};

pub(super) fn router<B: Backend>(shared: Arc<Shared<B>>) -> Router {
    Router::new()
        .route("/", get(front::<B>).post(json_rpc::<B>))
        .route("/health", get(health::<B>))
        .route("/metrics", get(metrics::<B>))
        .route("/openapi.json", get(rest::openapi_json))
        .nest("/api", rest::router())
        .fallback(page::serve)
        .layer(middleware::from_fn_with_state(shared.clone(), admit::<B>))
        .with_state(shared)
}

/// The rules of [`super::guard`], and headers that go with every answer.
async fn admit<B: Backend>(
    State(shared): State<Arc<Shared<B>>>,
    request: Request,
    next: Next,
) -> Response {
    let local = request.extensions().get::<Local>().map(|local| local.0);
    let checked = shared
        .guard
        .check(request.method(), request.uri(), request.headers(), local);
    let has_body = !request.body().is_end_stream();
    let (mut response, origin) = match checked {
        Ok(Some(origin)) if request.method() == Method::OPTIONS => {
            (StatusCode::NO_CONTENT.into_response(), Some(origin))
        }
        Ok(origin) => (next.run(request).await, origin),
        Err(refusal) => {
            shared.context.metrics.refuse(refusal.reason());
            ((refusal.status(), refusal.text()).into_response(), None)
        }
    };
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    if has_body && refused {
        // The body may not have been read; nothing can follow it on this connection.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        let allow = [
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET, POST, PUT, DELETE",
            ),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "content-type, x-commonhold-auth",
            ),
            (header::VARY, "origin"),
        ];
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in allow {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// A WebSocket where one is asked for, the web app otherwise.
async fn front<B: Backend>(State(shared): State<Arc<Shared<B>>>, request: Request) -> Response {
    if !request.headers().contains_key(header::UPGRADE) {
        return page::front(request.headers());
    }
    let Ok(permit) = shared.websockets.clone().try_acquire_owned() else {
        shared.context.metrics.refuse("websockets");
        let why = "too many WebSocket connections (WEBSOCKETS_MAX)\n";
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    let counted = Counted::new(&shared.context.metrics.websockets);
    let mut service = shared.json_rpc.clone();
    // Ends with the connection, whatever ends it.
    let closed = service.on_session_closed();
    tokio::spawn(async move {
        closed.await;
        drop((permit, counted));
    });
    call(service, request).await
}

/// JSON-RPC. What is wrong with the request as such has an HTTP status; what is wrong with a call is
/// answered with status 200, or wallets take the node for broken.
async fn json_rpc<B: Backend>(State(shared): State<Arc<Shared<B>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if !is_json(parts.headers.get(header::CONTENT_TYPE)) {
        let why = "Content-Type: application/json is required\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into_response();
    }
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|len| len > u64::from(REQUEST_BYTES_MAX)) {
        return refuse(BodyError::TooLong);
    }
    match body::read(body, Times::default().body).await {
        Ok(bytes) => {
            if let Some(activity) = parts.extensions.get::<Activity>() {
                activity.busy();
            }
            call(
                shared.json_rpc.clone(),
                Request::from_parts(parts, Full::new(bytes)),
            )
            .await
        }
        Err(error) => {
            shared.context.metrics.refuse("body");
            refuse(error)
        }
    }
}

async fn call<B>(mut service: super::JsonRpc, request: axum::http::Request<B>) -> Response
where
    B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    // The service is always ready.
    match service.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn is_json(value: Option<&HeaderValue>) -> bool {
    let kind = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn refuse(error: BodyError) -> Response {
    let (status, code, message) = match error {
        BodyError::TooLong => (
            StatusCode::PAYLOAD_TOO_LARGE,
            -32005,
            format!("the request exceeds REQUEST_BYTES_MAX ({REQUEST_BYTES_MAX})"),
        ),
        BodyError::TooSlow => (
            StatusCode::REQUEST_TIMEOUT,
            -32005,
            format!("the request took longer than BODY_SECONDS_MAX ({BODY_SECONDS_MAX})"),
        ),
        BodyError::Broken => (
            StatusCode::BAD_REQUEST,
            -32700,
            "the request's body was cut off".into(),
        ),
        BodyError::TooDeep => (
            StatusCode::OK,
            -32005,
            format!("the request nests deeper than JSON_DEPTH_MAX ({JSON_DEPTH_MAX})"),
        ),
    };
    let error = json!({ "code": code, "message": message });
    let answer = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    (status, axum::Json(answer)).into_response()
}

/// How this node is. `/health` is also where the web app has its health pages: who navigates there with a
/// browser gets the app.
async fn health<B: Backend>(State(shared): State<Arc<Shared<B>>>, headers: HeaderMap) -> Response {
    if page::navigates(&headers) {
        return page::front(&headers);
    }
    let status = shared.context.node.status();
    let head = shared.context.head();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let code = if status.syncing {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let room = shared.context.node.disk_room();
    let body = json!({
        "status": if status.syncing { "syncing" } else { "ok" },
        "version": status.version,
        "block": head.number,
        "blockTimeMs": head.timestamp_ms,
        // Members need their clocks close together: this node's is to be seen.
        "timeMs": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        "peers": status.peers,
        "epoch": status.epoch,
        "signs": status.signs,
        "sealShare": status.seal_share,
        "diskFreeBytes": room.map(|room| room.free),
        "diskLow": room.is_some_and(DiskRoom::is_low),
    });
    (code, [(header::VARY, "accept")], axum::Json(body)).into_response()
}

async fn metrics<B: Backend>(State(shared): State<Arc<Shared<B>>>) -> Response {
    let mut text = shared.context.node.metrics();
    let end = "# EOF";
    text.truncate(text.trim_end().trim_end_matches(end).len());
    text.push_str(&shared.context.metrics.text());
    text.push_str("# EOF\n");
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
