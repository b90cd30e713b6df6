//! Talking to a node: JSON-RPC and bytes over HTTP, bounded in size and time.

use std::{collections::BTreeMap, fmt, io::Read, sync::Arc, time::Duration};

use alloy_primitives::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use ureq::{
    Agent, Body, SendBody,
    http::{Request, Response, StatusCode},
};

use crate::{
    error::SdkError,
    limits::{CONNECT_SECONDS_MAX, REQUEST_SECONDS_MAX, RESPONSE_BYTES_MAX, TRANSFER_SECONDS_MAX},
    tls::{Authorities, Objection},
};

/// Bodies above this are sent only when the node has said that it takes them.
const ASK_FIRST_BYTES: u64 = 1024 * 1024;

/// A JSON-RPC error as the node gave it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RpcError {
    pub(crate) code: i64,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) data: Value,
}

impl RpcError {
    /// The reason of a revert, where this is one.
    pub(crate) fn revert_data(&self) -> Option<Bytes> {
        let text = match &self.data {
            Value::String(text) => text,
            Value::Object(fields) => fields.get("data")?.as_str()?,
            _ => return None,
        };
        text.parse().ok()
    }
}

/// What a JSON-RPC call ended in, when not in a result.
pub(crate) enum CallError {
    Rpc(RpcError),
    Other(SdkError),
}

impl From<SdkError> for CallError {
    fn from(e: SdkError) -> Self {
        Self::Other(e)
    }
}

/// Takes requests to a node that is not reached over the network, and brings its answers back.
pub trait Carrier: fmt::Debug + Send + Sync {
    /// One exchange.
    ///
    /// # Errors
    /// Why there is no answer, in words.
    fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String>;
}

/// How a node is reached.
#[derive(Clone, Debug)]
enum Way {
    Network { agent: Agent, transfers: Agent },
    Carried(Arc<dyn Carrier>),
}

/// How much a node may answer, and how long it may take, blobs aside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of one answer.
    pub(crate) bytes: u64,
    /// Seconds of one exchange.
    pub(crate) seconds: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            bytes: RESPONSE_BYTES_MAX,
            seconds: REQUEST_SECONDS_MAX,
        }
    }
}

/// A node's HTTP port.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    way: Way,
    base: String,
    answer_bytes_max: u64,
}

#[derive(Serialize)]
struct Call<'a, P> {
    jsonrpc: &'a str,
    id: u64,
    method: &'a str,
    params: P,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct Answer<T> {
    /// Absent is not the same as null, which is a result like any other.
    #[serde(default, deserialize_with = "some")]
    result: Option<T>,
    #[serde(default)]
    error: Option<RpcError>,
}

/// One answer of several.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct Numbered<T> {
    id: u64,
    #[serde(flatten)]
    answer: Answer<T>,
}

fn some<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

impl Node {
    pub(crate) fn new(
        url: &str,
        authorities: &Authorities,
        bounds: Bounds,
    ) -> Result<Self, SdkError> {
        let base = url.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(SdkError::Usage(format!(
                "{url:?}: a node's address starts with http:// or https://"
            )));
        }
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let config = || {
            Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .proxy(None)
                .tls_config(authorities.config())
                .timeout_connect(seconds(CONNECT_SECONDS_MAX))
        };
        let agent = config()
            .timeout_global(seconds(bounds.seconds))
            .build()
            .into();
        // A large body takes its time, but must not stand still.
        let transfers = config()
            .timeout_global(seconds(TRANSFER_SECONDS_MAX))
            .timeout_per_read(seconds(REQUEST_SECONDS_MAX))
            .timeout_per_write(seconds(REQUEST_SECONDS_MAX))
            .timeout_recv_response(seconds(REQUEST_SECONDS_MAX))
            .build()
            .into();
        let way = Way::Network { agent, transfers };
        Ok(Self {
            way,
            base,
            answer_bytes_max: bounds.bytes,
        })
    }

    /// The node that a carrier knows the way to.
    pub(crate) fn carried(carrier: Arc<dyn Carrier>) -> Self {
        Self {
            way: Way::Carried(carrier),
            base: "http://localhost".to_owned(),
            answer_bytes_max: Bounds::default().bytes,
        }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn unavailable(&self, why: impl ToString) -> SdkError {
        SdkError::Unavailable {
            node: self.base.clone(),
            why: why.to_string(),
        }
    }

    /// Why a request failed: nobody answers, or somebody who cannot prove who they are.
    fn failed(&self, e: &ureq::Error) -> SdkError {
        match Objection::of(e) {
            Some(Objection::Certificate(why)) => {
                SdkError::Integrity(format!("{} may be somebody else: {why}", self.base))
            }
            Some(Objection::Protocol(why)) => self.unavailable(why),
            None => self.unavailable(e),
        }
    }

    /// One JSON-RPC call.
    pub(crate) fn rpc<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
    ) -> Result<T, CallError> {
        let call = Call {
            jsonrpc: "2.0",
            id: 1,
            method,
            params,
        };
        let text = serde_json::to_vec(&call).map_err(|e| SdkError::Usage(e.to_string()))?;
        let request = self
            .request("POST", "/")
            .header("content-type", "application/json");
        let len = text.len() as u64;
        let mut response = self.send(request, Some((&mut text.as_slice(), len)), false)?;
        let status = response.status();
        let body = self.body(&mut response)?;
        let answer: Answer<T> = serde_json::from_slice(&body).map_err(|e| {
            if status.is_success() {
                self.unavailable(format!("it answers {method} with what we cannot read: {e}"))
            } else {
                self.status_error(status, &body)
            }
        })?;
        match (answer.error, answer.result) {
            (Some(error), _) => Err(CallError::Rpc(error)),
            (None, Some(result)) => Ok(result),
            (None, None) => Err(self
                .unavailable(format!("it answers {method} with neither result nor error"))
                .into()),
        }
    }

    /// JSON-RPC calls of one method in one exchange: what each is answered, in their order.
    pub(crate) fn rpc_all<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &[impl Serialize],
    ) -> Result<Vec<Result<T, RpcError>>, SdkError> {
        let calls: Vec<_> = (0u64..)
            .zip(params)
            .map(|(id, params)| Call {
                jsonrpc: "2.0",
                id,
                method,
                params,
            })
            .collect();
        let text = serde_json::to_vec(&calls).map_err(|e| SdkError::Usage(e.to_string()))?;
        let request = self
            .request("POST", "/")
            .header("content-type", "application/json");
        let len = text.len() as u64;
        let mut response = self.send(request, Some((&mut text.as_slice(), len)), false)?;
        let status = response.status();
        let body = self.body(&mut response)?;
        let unread = |why: String| {
            if status.is_success() {
                self.unavailable(format!(
                    "it answers {method} with what we cannot read: {why}"
                ))
            } else {
                self.status_error(status, &body)
            }
        };
        let answers: Vec<Numbered<T>> =
            serde_json::from_slice(&body).map_err(|e| unread(e.to_string()))?;
        let mut by: BTreeMap<u64, Answer<T>> = answers
            .into_iter()
            .map(|one| (one.id, one.answer))
            .collect();
        let mut told = Vec::new();
        for id in 0..calls.len() as u64 {
            let answer = by.remove(&id);
            told.push(match answer.map(|answer| (answer.error, answer.result)) {
                Some((Some(error), _)) => Err(error),
                Some((None, Some(result))) => Ok(result),
                _ => return Err(unread(format!("call {id} has no answer"))),
            });
        }
        Ok(told)
    }

    /// What the node shows at a path, and under which status.
    pub(crate) fn look(&self, path: &str) -> Result<(StatusCode, Vec<u8>), SdkError> {
        let request = self.request("GET", path);
        let mut response = self.send(request, None, false)?;
        Ok((response.status(), self.body(&mut response)?))
    }

    /// One REST question that anybody may ask.
    pub(crate) fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, SdkError> {
        let (status, body) = self.look(path)?;
        if !status.is_success() {
            return Err(self.status_error(status, &body));
        }
        serde_json::from_slice(&body)
            .map_err(|e| self.unavailable(format!("the answer of {path} does not decode: {e}")))
    }

    /// One REST request. `Ok` is a success; everything else is an error.
    pub(crate) fn rest(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: Option<(&mut dyn Read, u64)>,
    ) -> Result<Response<Body>, SdkError> {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/octet-stream");
        }
        let mut response = self.send(request, body, true)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = self.body(&mut response)?;
        Err(self.status_error(status, &body))
    }

    fn request(&self, method: &str, path: &str) -> ureq::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
    }

    /// One exchange; a transfer may take its time.
    fn send(
        &self,
        mut request: ureq::http::request::Builder,
        body: Option<(&mut dyn Read, u64)>,
        is_transfer: bool,
    ) -> Result<Response<Body>, SdkError> {
        let usage = |e: ureq::http::Error| SdkError::Usage(e.to_string());
        match &self.way {
            Way::Network { agent, transfers } => {
                let agent = if is_transfer { transfers } else { agent };
                let answer = match body {
                    Some((reader, len)) => {
                        if len > 0 {
                            request = request.header("content-length", len);
                        }
                        if len > ASK_FIRST_BYTES {
                            request = request.header("expect", "100-continue");
                        }
                        let body = SendBody::from_reader(reader);
                        agent.run(request.body(body).map_err(usage)?)
                    }
                    None => agent.run(request.body(SendBody::none()).map_err(usage)?),
                };
                answer.map_err(|e| self.failed(&e))
            }
            Way::Carried(carrier) => {
                let mut bytes = Vec::new();
                if let Some((reader, len)) = body {
                    request = request.header("content-length", len);
                    let read = reader.take(len).read_to_end(&mut bytes);
                    read.map_err(|e| SdkError::Usage(e.to_string()))?;
                }
                let request = request.header("host", "localhost");
                let answer = carrier.carry(request.body(bytes).map_err(usage)?);
                let answer = answer.map_err(|why| self.unavailable(why))?;
                Ok(answer.map(|bytes| Body::builder().data(bytes)))
            }
        }
    }

    fn body(&self, response: &mut Response<Body>) -> Result<Vec<u8>, SdkError> {
        response
            .body_mut()
            .with_config()
            .limit(self.answer_bytes_max)
            .read_to_vec()
            .map_err(|e| match e {
                ureq::Error::BodyExceedsLimit(bytes) => {
                    self.unavailable(format!("its answer has more than {bytes} bytes"))
                }
                e => self.failed(&e),
            })
    }

    fn status_error(&self, status: StatusCode, body: &[u8]) -> SdkError {
        let message = message(body).unwrap_or_else(|| status.to_string());
        match status {
            StatusCode::NOT_FOUND => SdkError::NotFound(message),
            _ if status.is_client_error() => SdkError::Refused {
                code: status.as_u16().into(),
                message,
            },
            _ => self.unavailable(format!("{status}: {message}")),
        }
    }
}

/// The message in the body of an error: of a JSON object, or short plain text.
fn message(body: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(body).ok()?.trim();
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        let short = !text.is_empty() && text.len() <= 500 && !text.starts_with('<');
        return short.then(|| text.to_owned());
    };
    let inner = value.get("error").unwrap_or(&value);
    ["message", "detail", "error"]
        .iter()
        .find_map(|field| inner.get(field).and_then(Value::as_str))
        .or_else(|| inner.as_str())
        .map(str::to_owned)
}
