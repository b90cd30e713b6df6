//! Merging of the four places a setting may come from.

use std::{
    collections::BTreeMap,
    fmt::{Display, Formatter},
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use super::{ConfigError, NodeConfig};
use crate::limits::CONFIG_BYTES_MAX;

/// What the names of environment variables begin with.
pub const ENV_PREFIX: &str = "COMMONHOLD_";

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// The command line.
    CommandLine,
}

impl Display for Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// A configuration and where each of its values came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: NodeConfig,
    /// Every setting by its dotted name: its value and its origin.
    pub settings: BTreeMap<String, (Value, Origin)>,
}

type Settings = BTreeMap<String, (Value, Origin)>;

/// Merges command line (`setting`, `value` pairs), environment, file and defaults, in that order of
/// precedence, and checks the result. Environment variables that name no setting are left alone.
///
/// # Errors
/// [`ConfigError`] says which place holds the value that is wrong.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    command_line: &[(String, String)],
) -> Result<Loaded, ConfigError> {
    let mut settings = Settings::new();
    for (name, value) in leaves(&NodeConfig::default())? {
        settings.insert(name, (value, Origin::Default));
    }
    if let Some(path) = file {
        let malformed = |why: String| ConfigError::Malformed {
            path: path.to_path_buf(),
            why,
        };
        let text = read_text(path)?;
        // The file is checked as a whole first: the parser's message then shows the line.
        toml::from_str::<NodeConfig>(&text).map_err(|e| malformed(e.to_string()))?;
        let table: Table = toml::from_str(&text).map_err(|e| malformed(e.to_string()))?;
        let mut given = Vec::new();
        flatten("", table, &settings, &mut given);
        for (name, value) in given {
            settings.insert(name, (value, Origin::File(path.to_path_buf())));
        }
    }
    let variables: BTreeMap<String, String> = environment.into_iter().collect();
    let names: Vec<String> = settings.keys().cloned().collect();
    for name in names {
        let variable = format!("{ENV_PREFIX}{}", name.replace('.', "_").to_uppercase());
        if let Some(value) = variables.get(&variable) {
            set(&mut settings, &name, value, Origin::Environment(variable))?;
        }
    }
    for (name, value) in command_line {
        set(&mut settings, name, value, Origin::CommandLine)?;
    }
    let mut config = build(&settings).map_err(|why| ConfigError::Malformed {
        path: file.map(Path::to_path_buf).unwrap_or_default(),
        why,
    })?;
    config.check()?;
    let base = file.and_then(Path::parent).unwrap_or_else(|| Path::new(""));
    for (name, path) in config.paths() {
        let origin = settings.get(name).map(|(_, origin)| origin);
        if matches!(origin, Some(Origin::Default | Origin::File(_))) {
            *path = base.join(&*path);
        }
    }
    Ok(Loaded { config, settings })
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    let io = |source| ConfigError::Io {
        path: path.to_path_buf(),
        source,
    };
    let mut text = String::new();
    let limit = CONFIG_BYTES_MAX.saturating_add(1);
    File::open(path)
        .map_err(io)?
        .take(limit)
        .read_to_string(&mut text)
        .map_err(io)?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        let why = "longer than CONFIG_BYTES_MAX".into();
        return Err(ConfigError::Malformed {
            path: path.to_path_buf(),
            why,
        });
    }
    Ok(text)
}

/// The settings of `config` by dotted name. The sections are one level deep.
fn leaves(config: &NodeConfig) -> Result<Vec<(String, Value)>, ConfigError> {
    let table = Table::try_from(config).map_err(|e| ConfigError::Malformed {
        path: PathBuf::new(),
        why: e.to_string(),
    })?;
    let mut all = Vec::new();
    for (name, value) in table {
        match value {
            Value::Table(section) => {
                all.extend(
                    section
                        .into_iter()
                        .map(|(key, value)| (format!("{name}.{key}"), value)),
                );
            }
            value => all.push((name, value)),
        }
    }
    Ok(all)
}

/// The settings of `config` that differ from their defaults, as a file.
pub(super) fn changes(config: &NodeConfig) -> Result<String, ConfigError> {
    let defaults: BTreeMap<_, _> = leaves(&NodeConfig::default())?.into_iter().collect();
    let changed = leaves(config)?
        .into_iter()
        .filter(|(name, value)| defaults.get(name) != Some(value))
        .map(|(name, value)| (name, (value, Origin::Default)))
        .collect();
    toml::to_string(&nest(&changed)).map_err(|e| ConfigError::Malformed {
        path: PathBuf::new(),
        why: e.to_string(),
    })
}

fn flatten(prefix: &str, table: Table, known: &Settings, into: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let name = if prefix.is_empty() {
            key
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            Value::Table(section) if !known.contains_key(&name) => {
                flatten(&name, section, known, into);
            }
            value => into.push((name, value)),
        }
    }
}

/// Puts the text of one setting over what is there, and checks that it fits.
fn set(settings: &mut Settings, name: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
    let Some((old, _)) = settings.get(name) else {
        return Err(ConfigError::Unknown(name.to_owned()));
    };
    let wrong = |why: String| ConfigError::Value {
        origin: origin.clone(),
        setting: name.to_owned(),
        value: text.to_owned(),
        why,
    };
    let value = parse_like(old, text).map_err(wrong)?;
    settings.insert(name.to_owned(), (value, origin.clone()));
    build(settings).map_err(wrong)?;
    Ok(())
}

/// Reads `text` as a value of the same type: lists as `a,b`, maps as `key=value,key=value`.
fn parse_like(like: &Value, text: &str) -> Result<Value, String> {
    let items = || {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    };
    Ok(match like {
        Value::Integer(_) => Value::Integer(text.trim().parse().map_err(|e| format!("{e}"))?),
        Value::Boolean(_) => Value::Boolean(text.trim().parse().map_err(|e| format!("{e}"))?),
        Value::Array(_) => Value::Array(items().map(|item| Value::String(item.into())).collect()),
        Value::Table(_) => {
            let mut table = Table::new();
            for item in items() {
                let (key, value) = item
                    .split_once('=')
                    .ok_or("entries are written key=value")?;
                table.insert(key.into(), Value::String(value.into()));
            }
            Value::Table(table)
        }
        _ => Value::String(text.into()),
    })
}

fn build(settings: &Settings) -> Result<NodeConfig, String> {
    nest(settings)
        .try_into()
        .map_err(|e: toml::de::Error| e.message().to_owned())
}

fn nest(settings: &Settings) -> Table {
    let mut root = Table::new();
    for (name, (value, _)) in settings {
        match name.split_once('.') {
            None => {
                root.insert(name.clone(), value.clone());
            }
            Some((section, key)) => {
                let entry = root
                    .entry(section.to_owned())
                    .or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = entry {
                    section.insert(key.to_owned(), value.clone());
                }
            }
        }
    }
    root
}
