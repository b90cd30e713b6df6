//! JSON-RPC over HTTP, as little as a load needs.

use std::time::Duration;

use eyre::{bail, eyre};
use serde_json::{Value, json};
use ureq::Agent;

/// A connection to one member.
#[derive(Clone)]
pub(crate) struct Rpc {
    agent: Agent,
    url: String,
}

impl Rpc {
    pub(crate) fn new(url: &str) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            agent,
            url: url.to_owned(),
        }
    }

    fn post(&self, body: &[u8]) -> eyre::Result<Vec<u8>> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(body)?;
        Ok(response
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_vec()?)
    }

    pub(crate) fn call(&self, method: &str, params: Value) -> eyre::Result<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer: Value = serde_json::from_slice(&self.post(body.to_string().as_bytes())?)?;
        match answer.get("error") {
            Some(error) if !error.is_null() => bail!("{method}: {error}"),
            _ => Ok(answer.get_mut("result").map_or(Value::Null, Value::take)),
        }
    }

    /// Sends raw transactions in one batch; the refusals' texts.
    pub(crate) fn send(&self, raws: &[&str]) -> eyre::Result<Vec<String>> {
        let calls: Vec<String> = raws
            .iter()
            .enumerate()
            .map(|(i, raw)| {
                format!(
                    r#"{{"jsonrpc":"2.0","id":{i},"method":"eth_sendRawTransaction","params":["{raw}"]}}"#
                )
            })
            .collect();
        let answer = self.post(format!("[{}]", calls.join(",")).as_bytes())?;
        let answers: Value = serde_json::from_slice(&answer)?;
        let answers = answers
            .as_array()
            .ok_or_else(|| eyre!("a batch was answered with {answers}"))?;
        Ok(answers
            .iter()
            .filter_map(|answer| answer.get("error").filter(|error| !error.is_null()))
            .map(|error| match error.get("message").and_then(Value::as_str) {
                Some(message) => message.to_owned(),
                None => error.to_string(),
            })
            .collect())
    }

    pub(crate) fn number(&self, method: &str, params: Value) -> eyre::Result<u64> {
        quantity(&self.call(method, params)?).ok_or_else(|| eyre!("{method}: no number"))
    }

    /// The hashes of a block's transactions; `None` where there is no such block yet.
    pub(crate) fn block(&self, number: u64) -> eyre::Result<Option<Vec<String>>> {
        let block = self.call(
            "eth_getBlockByNumber",
            json!([format!("{number:#x}"), false]),
        )?;
        let Some(hashes) = block.get("transactions").and_then(Value::as_array) else {
            return Ok(None);
        };
        let text = |hash: &Value| hash.as_str().map(str::to_owned);
        Ok(Some(hashes.iter().filter_map(text).collect()))
    }
}

/// A hexadecimal quantity.
pub(crate) fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}
