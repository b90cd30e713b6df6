//! The web app (`web/` of the repository) as the browser gets it: built files, from here alone.
//!
//! - `index.html` answers `/` and every path without an extension that a browser navigates to: the app
//!   knows what belongs there. A file that is missing is 404, never a page.
//! - What is under `assets/` has its hash in its name and never changes; all else is asked for anew.
//! - `NAME.br` and `NAME.gz` beside a file are sent instead of it to whoever takes them.
//! - Release builds carry the files; debug builds read them from `web/dist` when asked. Where the app was
//!   not built, a page says how to.

mod built;
mod encoding;

use std::borrow::Cow;

use alloy_primitives::{hex, keccak256};
use axum::{
    extract::{OriginalUri, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// No script, style, picture or connection but this origin's, and no script from text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const NOT_BUILT: &str = include_str!("not_built.html");

/// The app at `/`.
pub(crate) fn front(headers: &HeaderMap) -> Response {
    document(&built::file, headers)
}

/// Whatever no other route answers.
pub(crate) async fn serve(OriginalUri(uri): OriginalUri, request: Request) -> Response {
    answer(
        &built::file,
        request.method(),
        uri.path(),
        request.headers(),
    )
}

fn answer(
    find: &impl Fn(&str) -> Option<Cow<'static, [u8]>>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) || path.starts_with("/api/") {
        return missing();
    }
    let name = path.trim_start_matches('/');
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        return match find(name) {
            // What stands beside a file for its sake is not asked for by its own name.
            Some(data) if kind(name).is_some() => send(find, name, data, headers),
            _ => missing(),
        };
    }
    if navigates(headers) {
        document(find, headers)
    } else {
        missing()
    }
}

/// Whether a browser goes to a page, rather than a program asking for data.
pub(crate) fn navigates(headers: &HeaderMap) -> bool {
    text(headers, &header::ACCEPT).contains("text/html")
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "nothing is here\n").into_response()
}

fn document(find: &impl Fn(&str) -> Option<Cow<'static, [u8]>>, headers: &HeaderMap) -> Response {
    let mut response = match find("index.html") {
        Some(data) => send(find, "index.html", data, headers),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            NOT_BUILT,
        )
            .into_response(),
    };
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in fixed {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

fn send(
    find: &impl Fn(&str) -> Option<Cow<'static, [u8]>>,
    name: &str,
    data: Cow<'static, [u8]>,
    headers: &HeaderMap,
) -> Response {
    let caching = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let tag = format!("\"{}\"", hex::encode(keccak256(&data)));
    let common = [
        (header::CACHE_CONTROL, caching.to_owned()),
        (header::ETAG, tag.clone()),
        (header::VARY, "accept-encoding".to_owned()),
    ];
    if text(headers, &header::IF_NONE_MATCH)
        .split(',')
        .any(|known| known.trim() == tag)
    {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = (header::CONTENT_TYPE, kind(name).unwrap_or_default());
    let mut accepted = encoding::accepted(text(headers, &header::ACCEPT_ENCODING));
    let smaller = accepted.find_map(|(coding, extension)| {
        find(&format!("{name}.{extension}")).map(|data| (coding, data))
    });
    match smaller {
        Some((coding, data)) => {
            let coding = (header::CONTENT_ENCODING, coding);
            (common, [kind, coding], data).into_response()
        }
        None => (common, [kind], data).into_response(),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The media type of a file that the app has.
fn kind(name: &str) -> Option<&'static str> {
    let extension = name.rsplit('.').next().unwrap_or_default();
    Some(match extension {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
