//! The gateway's configuration: one TOML file. Unknown fields are refused; an error names the line.
//!
//! The file names key files and holds hashes of passwords; it never holds a key or a password. Paths in
//! it are relative to its own directory. [`EXAMPLE`] is a file that `commonhold gateway init` writes.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use alloy_primitives::B256;
use serde::Deserialize;

use crate::{
    limits::{
        CLIENT_TOPICS_MAX, CLIENTS_MAX, CONFIG_BYTES_MAX, SOURCES_MAX, STREAMS_MAX, USER_BYTES_MAX,
    },
    password::Hash,
    topic::{Pattern, is_filter},
};

/// A configuration with every setting and what it means, as `commonhold gateway init` writes it.
pub const EXAMPLE: &str = include_str!("example.toml");

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file is not TOML, or has a field that is not known or has a wrong value.
    #[error("{path}: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        why: String,
    },
    /// A setting has a value that cannot be.
    #[error("{path}: {setting}: {why}")]
    Setting {
        /// The file.
        path: PathBuf,
        /// The setting.
        setting: String,
        /// What is wrong.
        why: String,
    },
}

/// A gateway's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The directory of everything the gateway stores.
    pub data: PathBuf,
    /// The node that it talks to.
    #[serde(default)]
    pub node: NodeSettings,
    /// Who the gateway is on the ledger.
    pub account: AccountSettings,
    /// Who the gateway is as a device.
    pub device: DeviceSettings,
    /// Streams, of which the ledger says that this account is their gateway. Readings of others are
    /// refused.
    pub streams: BTreeSet<B256>,
    /// Where MQTT is served.
    #[serde(default)]
    pub mqtt: MqttSettings,
    /// Where HTTP is served.
    #[serde(default)]
    pub http: HttpSettings,
    /// Who may send.
    #[serde(default, rename = "client")]
    pub clients: Vec<ClientSettings>,
    /// What is read of which topic.
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceSettings>,
    /// What is taken.
    #[serde(default)]
    pub bounds: Bounds,
    /// When a batch is closed.
    #[serde(default)]
    pub batch: BatchSettings,
    /// What is kept.
    #[serde(default)]
    pub store: StoreSettings,
    /// What is logged.
    #[serde(default)]
    pub log: LogSettings,
}

/// The node that the gateway talks to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeSettings {
    /// Its address.
    pub url: String,
    /// Certificates (PEM) of who may vouch for it at `https://`.
    pub authorities: Option<PathBuf>,
    /// The network key. With it the seal key is proven; without, the node is believed.
    pub network_key: Option<String>,
}

/// Who the gateway is on the ledger.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// The account's name in the keystore. It is the `gateway` of its streams on the ledger.
    pub name: String,
    /// The keystore's directory; without: what the command line says.
    pub keystore: Option<PathBuf>,
    /// File whose first line is the passphrase.
    pub passphrase_file: Option<PathBuf>,
}

/// Who the gateway is as a device: it signs for sources that cannot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceSettings {
    /// Its key file, as `commonhold device new` makes it.
    pub key: PathBuf,
}

/// Where MQTT is served.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MqttSettings {
    /// Without TLS; absent: not at all.
    pub listen: Option<SocketAddr>,
    /// With TLS.
    pub tls: Option<TlsSettings>,
}

/// TLS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// Where it is served.
    pub listen: SocketAddr,
    /// The certificate chain (PEM).
    pub certificates: PathBuf,
    /// Its key (PEM).
    pub key: PathBuf,
}

/// Where HTTP is served.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// The address; absent: not at all.
    pub listen: Option<SocketAddr>,
}

/// A credential.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// The user's name.
    pub user: String,
    /// The password's hash, as `commonhold gateway password` prints it.
    pub password: Hash,
    /// Topic filters that it may publish to. Over HTTP, `readings` and `sources/NAME` count as topics.
    pub topics: Vec<String>,
    /// How many connections at a time it may have with different client identifiers. A further one is
    /// refused and counted: with one device to a credential it is a sign that the credential was stolen.
    #[serde(default = "one")]
    pub connections: u32,
}

const fn one() -> u32 {
    1
}

/// How a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// Signed readings, one or several after one another.
    Signed,
    /// SenML as JSON (RFC 8428).
    Senml,
    /// Tasmota's `SENSOR` messages.
    Tasmota,
    /// Shelly: topics with single values (first generation) and `NotifyStatus` (second).
    Shelly,
}

/// What is read of a topic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// The topic, with wildcards and `{device}` where the source's name stands.
    pub topic: String,
    /// How its messages are read.
    pub adapter: AdapterKind,
    /// The source's name, where the topic does not say it.
    pub name: Option<String>,
    /// Hours by which local times are ahead of UTC, where a message gives a local time.
    #[serde(default)]
    pub utc_offset_minutes: i32,
    /// Units that values of these names must have; others are refused.
    #[serde(default)]
    pub units: BTreeMap<String, String>,
}

/// What is done with readings of a device whose calibration is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PastCalibration {
    /// They are taken and marked.
    #[default]
    Flag,
    /// They are refused.
    Refuse,
}

/// What is taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// A reading that is older than this when it comes is marked late.
    pub late_after_seconds: u64,
    /// One that is older than this is refused. For so long counters are remembered on the disk.
    pub late_max_seconds: u64,
    /// A reading further in the future than this is marked.
    pub future_after_seconds: u64,
    /// One further than this is refused. The ledger takes none more than an hour ahead.
    pub future_max_seconds: u64,
    /// Readings a second that one credential may send in the long run. Faster MQTT clients are slowed
    /// down, faster HTTP clients are told to wait.
    pub readings_per_second: u32,
    /// Readings that it may send at once after it was silent.
    pub burst_readings: u32,
    /// What is done with readings of a device whose calibration is over.
    pub past_calibration: PastCalibration,
}

/// When a batch is closed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchSettings {
    /// After so many seconds.
    pub seconds: u64,
    /// After so many readings.
    pub readings: usize,
    /// The member that keeps the content first, by its account.
    pub custodian: Option<alloy_primitives::Address>,
}

/// What is kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// Bytes of readings that wait for the ledger. When they are reached, readings are refused.
    pub bytes_max: u64,
    /// Seconds for which the encrypted body of an anchored batch is kept here.
    pub keep_seconds: u64,
}

/// What is logged, to standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// Which events: directives as `info,commonhold_gateway=debug`.
    pub filter: String,
}

impl Default for NodeSettings {
    fn default() -> Self {
        Self {
            url: "http://localhost:8545".to_owned(),
            authorities: None,
            network_key: None,
        }
    }
}

impl Default for MqttSettings {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 1883))),
            tls: None,
        }
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 8680))),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            late_after_seconds: 300,
            late_max_seconds: 7 * 24 * 3600,
            future_after_seconds: 10,
            future_max_seconds: 600,
            readings_per_second: 100,
            burst_readings: 10_000,
            past_calibration: PastCalibration::Flag,
        }
    }
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self {
            seconds: 300,
            readings: commonhold_reading::limits::BATCH_READINGS_MAX,
            custodian: None,
        }
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            bytes_max: 4 * 1024 * 1024 * 1024,
            keep_seconds: 2 * 24 * 3600,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
        }
    }
}

/// Seconds that the ledger lets a reading be ahead of its time.
const LEDGER_FUTURE_SECONDS: u64 = 3_600;

impl Config {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`] names the line or the setting.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |error| ConfigError::Read {
            path: path.into(),
            error,
        };
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(CONFIG_BYTES_MAX).read_to_string(&mut text))
            .map_err(unreadable)?;
        Self::parse(&text, path)
    }

    /// Reads and checks the text of a file at `path`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|e| ConfigError::Form {
            path: path.into(),
            why: e.to_string(),
        })?;
        config
            .check()
            .map_err(|(setting, why)| ConfigError::Setting {
                path: path.into(),
                setting,
                why,
            })?;
        config.place(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    /// Makes paths usable from the working directory.
    fn place(&mut self, base: &Path) {
        let tls = self.mqtt.tls.iter_mut();
        let tls = tls.flat_map(|tls| [&mut tls.certificates, &mut tls.key]);
        let others = [&mut self.data, &mut self.device.key];
        let maybe = [
            &mut self.node.authorities,
            &mut self.account.keystore,
            &mut self.account.passphrase_file,
        ];
        for path in tls.chain(others).chain(maybe.into_iter().flatten()) {
            *path = base.join(&*path);
        }
    }

    fn check(&self) -> Result<(), (String, String)> {
        let wrong = |setting: &str, why: String| Err((setting.to_owned(), why));
        if self.streams.is_empty() || self.streams.len() > STREAMS_MAX {
            return wrong(
                "streams",
                format!("one to STREAMS_MAX ({STREAMS_MAX}) are needed"),
            );
        }
        if self.clients.len() > CLIENTS_MAX {
            return wrong("client", format!("more than CLIENTS_MAX ({CLIENTS_MAX})"));
        }
        if self.sources.len() > SOURCES_MAX {
            return wrong("source", format!("more than SOURCES_MAX ({SOURCES_MAX})"));
        }
        let mut users = BTreeSet::new();
        for client in &self.clients {
            let setting = format!("client {:?}", client.user);
            if client.user.is_empty() || client.user.len() > USER_BYTES_MAX {
                return wrong(&setting, format!("a user has 1 to {USER_BYTES_MAX} bytes"));
            }
            if !users.insert(&client.user) {
                return wrong(&setting, "this user stands there twice".to_owned());
            }
            if client.topics.is_empty() || client.topics.len() > CLIENT_TOPICS_MAX {
                let why =
                    format!("one to CLIENT_TOPICS_MAX ({CLIENT_TOPICS_MAX}) topics are needed");
                return wrong(&setting, why);
            }
            if let Some(topic) = client.topics.iter().find(|topic| !is_filter(topic)) {
                return wrong(&setting, format!("{topic:?} is no topic filter"));
            }
            if client.connections == 0 {
                return wrong(&setting, "connections: at least 1".to_owned());
            }
        }
        for source in &self.sources {
            let setting = format!("source {:?}", source.topic);
            let Some(pattern) = Pattern::parse(&source.topic) else {
                let why = "wildcards as in MQTT, and {device} once at the most, as a whole level";
                return wrong(&setting, why.to_owned());
            };
            let named = pattern.names_device() || source.name.is_some();
            if source.adapter != AdapterKind::Signed && !named {
                let why = "say the source's name: {device} in the topic, or name";
                return wrong(&setting, why.to_owned());
            }
            if source.utc_offset_minutes.abs() > 24 * 60 {
                return wrong(&setting, "utc_offset_minutes: more than a day".to_owned());
            }
        }
        let bounds = &self.bounds;
        if bounds.future_max_seconds > LEDGER_FUTURE_SECONDS {
            let why = format!("the ledger takes at most {LEDGER_FUTURE_SECONDS}");
            return wrong("bounds.future_max_seconds", why);
        }
        if bounds.readings_per_second == 0 || bounds.burst_readings == 0 {
            return wrong("bounds.readings_per_second", "at least 1".to_owned());
        }
        let most = commonhold_reading::limits::BATCH_READINGS_MAX;
        if self.batch.readings == 0 || self.batch.readings > most {
            return wrong("batch.readings", format!("1 to {most}"));
        }
        if self.batch.seconds == 0 {
            return wrong("batch.seconds", "at least 1".to_owned());
        }
        Ok(())
    }
}
