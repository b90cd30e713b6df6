//! Passing a signed request on to other members' nodes.

use std::{io::Read as _, sync::Arc, time::Duration};

use alloy_primitives::Bytes;
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use commonhold_vault::auth;
use rustls::crypto::aws_lc_rs::default_provider;
use ureq::tls::{RootCerts, TlsConfig};

use super::{Answer, Refusal};
use crate::{
    backend::Backend,
    limits::{BLOB_SOURCES_MAX, STREAM_SECONDS_MAX},
    server::Shared,
};

/// Set on a request that was passed on, so that it is not passed on again.
const PASSED: &str = "x-commonhold-passed";
/// Bytes read from another node at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that wait for the client.
const PIECES_WAITING: usize = 8;
/// Seconds to wait for another node to answer at all.
const CONNECT_SECONDS: u64 = 3;

/// A request to pass on.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    method: &'static str,
    path: String,
    body: Option<Bytes>,
    /// The first byte that is wanted, where it is not the first of all.
    from: Option<u64>,
    /// Whether every node is asked, and not only until one has what is asked for.
    all: bool,
}

impl Passed {
    pub(super) const fn get(path: String, from: Option<u64>) -> Self {
        Self {
            method: "GET",
            path,
            body: None,
            from,
            all: false,
        }
    }
    pub(super) const fn put(path: String, body: Bytes) -> Self {
        Self {
            method: "PUT",
            path,
            body: Some(body),
            from: None,
            all: false,
        }
    }
    pub(super) const fn delete(path: String) -> Self {
        Self {
            method: "DELETE",
            path,
            body: None,
            from: None,
            all: true,
        }
    }
}

fn not_here() -> Refusal {
    Refusal(
        StatusCode::NOT_FOUND,
        "neither this node nor the others have it".to_owned(),
    )
}

/// Asks the other nodes in turn and passes on the first answer that is a success.
pub(super) async fn pass<B: Backend>(
    node: &Arc<Shared<B>>,
    headers: &HeaderMap,
    passed: Passed,
) -> Answer<Response> {
    let signed = headers
        .get(auth::HEADER)
        .and_then(|value| value.to_str().ok());
    let Some(signed) = signed.filter(|_| !headers.contains_key(PASSED)) else {
        return Err(not_here());
    };
    let sources: Vec<String> = node
        .context
        .node
        .peers_http()
        .into_iter()
        .take(BLOB_SOURCES_MAX)
        .collect();
    let permit = node.forwards.clone().try_acquire_owned();
    let busy = "too many requests passed on (FORWARDS_MAX)";
    let permit = permit.map_err(|_| Refusal(StatusCode::SERVICE_UNAVAILABLE, busy.to_owned()))?;
    let (head, told) = tokio::sync::oneshot::channel();
    let (pieces, waiting) = tokio::sync::mpsc::channel(PIECES_WAITING);
    let signed = signed.to_owned();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let found = ask(&sources, &passed, &signed);
        let reader = match found {
            Some((fields, reader)) => {
                if head.send(Some(fields)).is_err() {
                    return;
                }
                reader
            }
            None => {
                // The client may be gone; then nobody waits for this.
                let _ = head.send(None);
                return;
            }
        };
        copy(reader, &pieces);
    });
    let Some((status, fields)) = told.await.ok().flatten() else {
        return Err(not_here());
    };
    let stream = futures::stream::unfold(waiting, |mut waiting| async {
        waiting.recv().await.map(|piece| (piece, waiting))
    });
    let mut response = (status, Body::from_stream(stream)).into_response();
    let fixed = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    response.headers_mut().extend(fields);
    Ok(response)
}

/// Fields of another node's answer that say how much of a body follows.
const EXTENT: [header::HeaderName; 3] = [
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::ACCEPT_RANGES,
];

type Found = ((StatusCode, HeaderMap), ureq::BodyReader<'static>);

/// How members' nodes ask one another. Nodes may be behind TLS, vouched for by whom the operating system
/// trusts. The HTTP library has no cryptography of its own, and must not go without.
pub fn peer_tls() -> TlsConfig {
    TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(default_provider()))
        .build()
}

fn ask(sources: &[String], passed: &Passed, signed: &str) -> Option<Found> {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .tls_config(peer_tls())
        .timeout_connect(seconds(CONNECT_SECONDS))
        .timeout_recv_response(seconds(STREAM_SECONDS_MAX))
        .build()
        .into();
    let mut first = None;
    for source in sources {
        let request = ureq::http::Request::builder()
            .method(passed.method)
            .uri(format!("{}{}", source.trim_end_matches('/'), passed.path))
            .header(auth::HEADER, signed)
            .header(PASSED, "1");
        let request = match passed.from {
            Some(from) => request.header(header::RANGE, format!("bytes={from}-")),
            None => request,
        };
        let answer = match &passed.body {
            Some(body) => request
                .body(body.to_vec())
                .ok()
                .map(|request| agent.run(request)),
            None => request.body(()).ok().map(|request| agent.run(request)),
        };
        let Some(Ok(answer)) = answer else { continue };
        if !answer.status().is_success() || first.is_some() {
            continue;
        }
        let field = |name: header::HeaderName| Some((answer.headers().get(&name)?.clone(), name));
        let fields = EXTENT.into_iter().filter_map(field);
        let fields = fields.map(|(value, name)| (name, value)).collect();
        let status = answer.status();
        let body = answer.into_body();
        let reader = body.into_with_config().limit(u64::MAX).reader();
        first = Some(((status, fields), reader));
        if !passed.all {
            break;
        }
    }
    first
}

/// Copies until the end, an error, or the client is gone. The reader checks hash and length, so that a
/// body that is cut off is found out.
fn copy(
    mut reader: ureq::BodyReader<'static>,
    pieces: &tokio::sync::mpsc::Sender<std::io::Result<bytes::Bytes>>,
) {
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let piece = match reader.read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => Ok(bytes::Bytes::copy_from_slice(
                buffer.get(..n).unwrap_or_default(),
            )),
            Err(error) => Err(error),
        };
        let failed = piece.is_err();
        if pieces.blocking_send(piece).is_err() || failed {
            return;
        }
    }
}
