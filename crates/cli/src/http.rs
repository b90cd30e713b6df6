//! Small questions to a node, for the verbs that look after nodes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{exit::Failure, limits::ANSWER_BYTES_MAX};

/// What a node says of its health.
pub(crate) struct Health {
    /// The HTTP status: 200 where the node is in step with its network.
    pub(crate) status: u16,
    /// Its last final block.
    pub(crate) block: Option<u64>,
    /// Its words.
    pub(crate) said: String,
}

impl Health {
    fn field(&self, name: &str) -> Option<Value> {
        serde_json::from_str::<Value>(&self.said)
            .ok()?
            .get_mut(name)
            .map(Value::take)
    }

    /// A number that it says.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.field(name)?.as_u64()
    }

    /// Whether something is, as it says.
    pub(crate) fn is(&self, name: &str) -> Option<bool> {
        self.field(name)?.as_bool()
    }

    /// A word that it says.
    pub(crate) fn word(&self, name: &str) -> Option<String> {
        Some(self.field(name)?.as_str()?.to_owned())
    }

    /// Whether the node is in step with a network that makes blocks.
    pub(crate) const fn is_good(&self) -> bool {
        self.status == 200 && matches!(self.block, Some(1..))
    }
}

/// Asks nodes, with a bound on time and size.
pub(crate) struct Asker(ureq::Agent);

impl Asker {
    pub(crate) fn new(timeout: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build();
        Self(config.into())
    }

    /// What the node at `base` says of its health.
    pub(crate) fn health(&self, base: &str) -> Result<Health, Failure> {
        let url = format!("{}/health", base.trim_end_matches('/'));
        let unavailable = |e: ureq::Error| Failure::Unavailable(format!("{url}: {e}"));
        let mut answer = self.0.get(&url).call().map_err(unavailable)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let said = body.read_to_string().map_err(unavailable)?;
        let health = Health {
            status,
            block: None,
            said,
        };
        Ok(Health {
            block: health.number("block"),
            ..health
        })
    }

    /// The JSON at `url`.
    pub(crate) fn get(&self, url: &str) -> Result<Value, Failure> {
        let unavailable = |e: ureq::Error| Failure::Unavailable(format!("{url}: {e}"));
        let mut answer = self.0.get(url).call().map_err(unavailable)?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        body.read_json().map_err(unavailable)
    }

    /// The result of a JSON-RPC call.
    pub(crate) fn call(&self, url: &str, method: &str, params: Value) -> Result<Value, Failure> {
        let unavailable = |e: ureq::Error| Failure::Unavailable(format!("{url}: {e}"));
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer = self.0.post(url).send_json(request).map_err(unavailable)?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let mut reply: Value = body.read_json().map_err(unavailable)?;
        match reply.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(Failure::Refused(format!("{url}: {method}: {reply}"))),
        }
    }
}
