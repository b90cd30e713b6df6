//! Who may ask: the `Host` and `Origin` rules, applied before anything is routed.
//!
//! - `Host` must be localhost, a loopback address, the address that the connection came in on, or a
//!   configured name: a page whose name was rebound to this machine has another.
//! - `Origin`, where a browser sends one, must be this server's own for a WebSocket or a write, or a
//!   configured one, or a browser extension's (wallets call from there; a page cannot claim it).
//! - Other origins get no CORS header, so their pages cannot read anything.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Method, StatusCode, Uri, header};

use super::Config;

/// The local address of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local(pub(crate) SocketAddr);

/// Schemes of browser extensions.
const EXTENSIONS: [&str; 3] = [
    "chrome-extension://",
    "moz-extension://",
    "safari-web-extension://",
];

/// The rules.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No `Host`, or more than one.
    NoHost,
    /// Not a name of this node.
    Host,
    /// A page from elsewhere.
    Origin,
}

impl Refusal {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::Host | Self::Origin => StatusCode::FORBIDDEN,
        }
    }
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::NoHost => "a request needs one Host header\n",
            Self::Host => {
                "this node does not answer to that Host; add it to the configured hosts\n"
            }
            Self::Origin => "pages from that Origin may not use this node\n",
        }
    }
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NoHost | Self::Host => "host",
            Self::Origin => "origin",
        }
    }
}

/// The host of `host` or `host:port`, without brackets, in lower case.
fn without_port(authority: &str) -> String {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

impl Guard {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            hosts: config.hosts.iter().map(|host| without_port(host)).collect(),
            origins: config
                .origins
                .iter()
                .map(|o| o.trim_end_matches('/').to_owned())
                .collect(),
        }
    }

    /// Checks a request. `Ok(Some(origin))`: pages of that configured origin may read the answer.
    pub(crate) fn check(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        local: Option<SocketAddr>,
    ) -> Result<Option<String>, Refusal> {
        let authority = one(headers, &header::HOST).ok_or(Refusal::NoHost)?;
        if !self.knows(authority, local) || uri.host().is_some_and(|h| !self.knows(h, local)) {
            return Err(Refusal::Host);
        }
        if !headers.contains_key(header::ORIGIN) {
            return Ok(None);
        }
        let origin = one(headers, &header::ORIGIN).ok_or(Refusal::Origin)?;
        if self.origins.iter().any(|known| known == origin) {
            return Ok(Some(origin.to_owned()));
        }
        let own = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
            .is_some_and(|of| of.eq_ignore_ascii_case(authority));
        let extension = EXTENSIONS.iter().any(|scheme| origin.starts_with(scheme));
        let writes = !matches!(*method, Method::GET | Method::HEAD);
        let upgrades = headers.contains_key(header::UPGRADE);
        if own || extension || !(writes || upgrades) {
            Ok(None)
        } else {
            Err(Refusal::Origin)
        }
    }

    fn knows(&self, authority: &str, local: Option<SocketAddr>) -> bool {
        let host = without_port(authority);
        if host == "localhost" || host.ends_with(".localhost") || self.hosts.contains(&host) {
            return true;
        }
        let Ok(ip) = host.parse::<IpAddr>() else {
            return false;
        };
        let ip = ip.to_canonical();
        ip.is_loopback() || local.is_some_and(|local| local.ip().to_canonical() == ip)
    }
}

/// The value of a header that stands there exactly once.
fn one<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().filter(|value| !value.is_empty()),
        _ => None,
    }
}
