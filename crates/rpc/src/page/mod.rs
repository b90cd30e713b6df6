//! The page at `/`: one document, one script, one style sheet, all from here.

use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";

pub(crate) fn html() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    let mut response = (headers, include_str!("index.html")).into_response();
    let same_origin = axum::http::HeaderValue::from_static("same-origin");
    response
        .headers_mut()
        .insert("cross-origin-opener-policy", same_origin);
    response
}

pub(crate) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("app.js"))
}

pub(crate) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("style.css"))
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        body,
    )
        .into_response()
}
