//! A node's configuration.
//!
//! A TOML file, every setting of which has a default. A setting's value comes from the command line,
//! else from the environment, else from the file, else from its default ([`load`] merges them and
//! keeps where each came from). The environment variable of a setting is `COMMONHOLD_` and its name
//! in capitals with `_` for the dot: `http.listen` is `COMMONHOLD_HTTP_LISTEN`.
//!
//! The file names key files; it never holds a key. Paths in it are relative to its own directory,
//! paths elsewhere to the working directory.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use commonhold_vault::{limits::ACCOUNT_QUOTA_MIB_DEFAULT, store::Bounds};
use serde::{Deserialize, Serialize};

use crate::limits;

/// What is logged where nobody says otherwise: of each ceremony how it ended, and not every message in it.
pub const LOG_FILTER: &str = "info,commonware_glue::dkg::reshare=warn";

mod load;

pub use load::{ENV_PREFIX, Loaded, Origin, load};

/// A node's configuration, with every path made usable from the working directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeConfig {
    /// The genesis document.
    pub genesis: PathBuf,
    /// The directory of everything the node stores.
    pub data: PathBuf,
    /// File of the ed25519 identity key.
    pub identity: PathBuf,
    /// File of the member's share of the network key.
    pub share: PathBuf,
    /// File of the member's share of the seal key, encrypted. A member without one cannot answer
    /// requests to open.
    pub seal_share: PathBuf,
    /// File of what unlocks `seal_share`: a passphrase, or a key of 32 bytes in hex.
    pub seal_lock: PathBuf,
    /// How members reach one another.
    pub p2p: P2p,
    /// The HTTP port for clients.
    pub http: Http,
    /// What is logged.
    pub log: Log,
    /// Sizes that depend on the machine.
    pub limits: Limits,
}

/// How members reach one another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct P2p {
    /// Where this node listens for other members.
    pub listen: SocketAddr,
    /// Endpoints (`host:port`) by identity key, where they differ from those in the genesis document.
    pub endpoints: BTreeMap<B256, String>,
}

/// The HTTP port for clients: JSON-RPC, REST and the web app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where clients are served.
    pub listen: SocketAddr,
    /// Values of the `Host` header (without port) that are served; others are refused before routing.
    pub allowed_hosts: Vec<String>,
    /// Values of the `Origin` header that may write and open WebSockets besides the node's own.
    pub allowed_origins: Vec<String>,
    /// Base URLs of other members' HTTP ports, from which content is fetched that this node lacks.
    pub peers: Vec<String>,
}

/// What is logged, to standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Which events: directives as `info,commonhold_pool=debug`.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Sizes that depend on the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Mebibytes of memory for pages of the state database.
    pub page_cache_mib: u64,
    /// Mebibytes of pending transactions.
    pub pool_mib: u64,
    /// Pending transactions.
    pub pool_transactions: u64,
    /// Mebibytes of the disk that content leaves free for the ledger.
    pub disk_reserve_mib: u64,
    /// Mebibytes of content that one account may bring to this node.
    pub account_quota_mib: u64,
    /// Blocks without one of its own after which another member counts as away, and the next in order
    /// keeps its content too.
    pub absent_blocks: u64,
    /// HTTP connections at a time.
    pub http_connections: u64,
    /// Threads of the node; 0 takes one per processor.
    pub threads: u64,
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            genesis: "genesis.json".into(),
            data: "data".into(),
            identity: "identity.key".into(),
            share: "share.key".into(),
            seal_share: "seal.share".into(),
            seal_lock: "seal.lock".into(),
            p2p: P2p::default(),
            http: Http::default(),
            log: Log::default(),
            limits: Limits::default(),
        }
    }
}
impl Default for P2p {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9701)),
            endpoints: BTreeMap::new(),
        }
    }
}
impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8545)),
            allowed_hosts: ["localhost", "127.0.0.1", "[::1]"].map(Into::into).to_vec(),
            allowed_origins: Vec::new(),
            peers: Vec::new(),
        }
    }
}
impl Default for Log {
    fn default() -> Self {
        Self {
            filter: LOG_FILTER.into(),
            format: LogFormat::Auto,
        }
    }
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            page_cache_mib: 64,
            pool_mib: 64,
            pool_transactions: 65_536,
            disk_reserve_mib: limits::DISK_RESERVE_MIB_DEFAULT,
            account_quota_mib: ACCOUNT_QUOTA_MIB_DEFAULT,
            absent_blocks: limits::ABSENT_BLOCKS_DEFAULT,
            http_connections: 1_024,
            threads: 0,
        }
    }
}
/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The file system's answer.
        source: std::io::Error,
    },
    /// The file is no configuration.
    #[error("{} is not a node's configuration: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// A value from the environment or the command line does not fit its setting.
    #[error("{origin}: {setting} cannot be {value:?}: {why}")]
    Value {
        /// Where the value came from.
        origin: Origin,
        /// The setting.
        setting: String,
        /// The value.
        value: String,
        /// Why not.
        why: String,
    },
    /// The command line names a setting that does not exist.
    #[error("there is no setting {0:?}; `commonhold config show` lists them")]
    Unknown(String),
    /// A value is out of its range.
    #[error("setting {setting} is invalid: {why}")]
    Range {
        /// The setting.
        setting: &'static str,
        /// What is wrong.
        why: String,
    },
}

fn range(setting: &'static str, why: impl ToString) -> ConfigError {
    ConfigError::Range {
        setting,
        why: why.to_string(),
    }
}

impl Limits {
    /// Bytes of the disk that content leaves free.
    pub(crate) const fn disk_reserve_bytes(&self) -> u64 {
        self.disk_reserve_mib.saturating_mul(1024 * 1024)
    }

    /// How much content the node takes.
    pub(crate) const fn vault_bounds(&self) -> Bounds {
        Bounds {
            bytes_max: limits::VAULT_BYTES_MAX,
            disk_reserve: self.disk_reserve_bytes(),
            account_bytes_max: self.account_quota_mib.saturating_mul(1024 * 1024),
        }
    }
}

impl NodeConfig {
    /// Checks what types cannot say.
    fn check(&self) -> Result<(), ConfigError> {
        let l = &self.limits;
        for (setting, value, min, max) in [
            (
                "limits.page_cache_mib",
                l.page_cache_mib,
                1,
                limits::PAGE_CACHE_MIB_MAX,
            ),
            ("limits.pool_mib", l.pool_mib, 1, limits::POOL_MIB_MAX),
            (
                "limits.pool_transactions",
                l.pool_transactions,
                1,
                limits::POOL_TRANSACTIONS_MAX,
            ),
            (
                "limits.disk_reserve_mib",
                l.disk_reserve_mib,
                0,
                limits::DISK_RESERVE_MIB_MAX,
            ),
            (
                "limits.account_quota_mib",
                l.account_quota_mib,
                1,
                limits::ACCOUNT_QUOTA_MIB_MAX,
            ),
            (
                "limits.absent_blocks",
                l.absent_blocks,
                1,
                limits::ABSENT_BLOCKS_MAX,
            ),
            (
                "limits.http_connections",
                l.http_connections,
                1,
                limits::HTTP_CONNECTIONS_MAX,
            ),
            ("limits.threads", l.threads, 0, limits::THREADS_MAX),
        ] {
            if !(min..=max).contains(&value) {
                return Err(range(
                    setting,
                    format!("{value} is not within {min} to {max}"),
                ));
            }
        }
        for (setting, entries) in [
            ("p2p.endpoints", self.p2p.endpoints.len()),
            ("http.allowed_hosts", self.http.allowed_hosts.len()),
            ("http.allowed_origins", self.http.allowed_origins.len()),
            ("http.peers", self.http.peers.len()),
        ] {
            if entries > limits::CONFIG_ENTRIES_MAX {
                return Err(range(setting, "more entries than CONFIG_ENTRIES_MAX"));
            }
        }
        for endpoint in self.p2p.endpoints.values() {
            if !is_endpoint(endpoint) {
                return Err(range(
                    "p2p.endpoints",
                    format!("{endpoint:?} is not host:port"),
                ));
            }
        }
        for peer in &self.http.peers {
            let host = peer
                .strip_prefix("http://")
                .or_else(|| peer.strip_prefix("https://"));
            if host.is_none_or(|host| host.is_empty() || host.contains(char::is_whitespace)) {
                return Err(range(
                    "http.peers",
                    format!("{peer:?} is not an http(s) URL"),
                ));
            }
        }
        if self.http.allowed_hosts.is_empty() {
            return Err(range("http.allowed_hosts", "nobody could be served"));
        }
        Ok(())
    }

    /// The settings that differ from their defaults, as a file.
    ///
    /// # Errors
    /// Where a path is not UTF-8.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        load::changes(self)
    }

    fn paths(&mut self) -> [(&'static str, &mut PathBuf); 6] {
        [
            ("genesis", &mut self.genesis),
            ("data", &mut self.data),
            ("identity", &mut self.identity),
            ("share", &mut self.share),
            ("seal_share", &mut self.seal_share),
            ("seal_lock", &mut self.seal_lock),
        ]
    }

    /// Reads the configuration file alone, without environment or command line.
    ///
    /// # Errors
    /// As [`load`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Ok(load(Some(path), [], &[])?.config)
    }
}

fn is_endpoint(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty()
            && !host.contains(char::is_whitespace)
            && port.parse::<u16>().is_ok_and(|port| port != 0)
    })
}

#[cfg(test)]
mod tests;
