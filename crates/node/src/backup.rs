//! A backup of what makes a member, and what it takes to begin anew with it.
//!
//! One file, encrypted with what unlocks the member's shares, which is not in it:
//!
//! ```text
//! what locks it    as of a share (`commonhold_seal::locked`), kind 8, subject: the identity key
//! what is in it    {"commonhold_backup": 1, "files": [{"name": "identity.key", "content": "0x…"}, …]}
//! ```
//!
//! In it are the identity key, the share of the seal key, the account's key and the application where they lie
//! beside the identity key, the genesis document, and the configuration. None of them changes while the node
//! runs, so it may run. **Nothing is in it that says what the member has voted or dealt**: no block, no journal
//! of votes, no share of the network key. A member that was restored from it has an empty store and a marker
//! in its data directory, by which its node starts as with `--join`: it fetches the state from the others, and
//! signs and deals nothing before the next epoch. So a backup, however old, makes nobody vote twice.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use alloy_primitives::{B256, Bytes};
use commonhold_seal::locked::{Binding, Kind, Locked, LockedError};
use commonware_cryptography::Signer as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    config::{ConfigError, NodeConfig},
    error::NodeError,
    founding::APPLICATION,
    keys::{self, KeyError},
    limits::{BACKUP_BYTES_MAX, KEY_FILE_BYTES_MAX},
    run::read_genesis,
    seal_share::{self, SealLock, SealShareError},
};

/// In the data directory of a member that was restored.
const RESTORED: &str = "restored";
const WHY_RESTORED: &[u8] =
    b"This member was restored from a backup. Where its store is empty, its node \
    fetches the state from the others, as with --join.\n";
const FORMAT: u32 = 1;
const CONFIG: &str = "config.toml";
const GENESIS: &str = "genesis.json";
const IDENTITY: &str = "identity.key";
const SEAL_SHARE: &str = "seal.share";
const SEAL_LOCK: &str = "seal.lock";
const ACCOUNT: &str = "account.key";
/// What may be in a backup, and whether its owner alone may read it.
const FILES: [(&str, bool); 6] = [
    (CONFIG, false),
    (GENESIS, false),
    (IDENTITY, true),
    (SEAL_SHARE, true),
    (ACCOUNT, true),
    (APPLICATION, false),
];

/// Why there is no backup, or nothing is restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file that belongs into it.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The share of the seal key.
    #[error(transparent)]
    Share(#[from] SealShareError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It is none, it is damaged, or this does not unlock it.
    #[error("{}: {source}", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: LockedError,
    },
    /// What is in it is not what a backup holds.
    #[error("{} opens, and is not as a backup should be: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Something is there.
    #[error("{} exists already; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    commonhold_backup: u32,
    files: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    content: Bytes,
}

/// What a backup is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Hash of the network's genesis document.
    pub network: B256,
    /// The member's identity key.
    pub member: B256,
    /// The files in it.
    pub files: Vec<String>,
}

/// Whether the member whose data directory this is was restored from a backup.
pub(crate) fn is_restored(data: &Path) -> bool {
    data.join(RESTORED).exists()
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    |source| BackupError::Io {
        path: path.into(),
        source,
    }
}

/// Makes a backup of the member that `config` describes, and gives its bytes.
///
/// # Errors
/// [`BackupError`]; also where the share of the seal key does not open with the lock, which would open the
/// backup no more.
pub fn make(config: &NodeConfig) -> Result<(Vec<u8>, About), BackupError> {
    let genesis = read_genesis(&config.genesis)?;
    let identity = keys::read_identity(&config.identity)?;
    let lock = SealLock::read(&config.seal_lock)?;
    seal_share::read(config, &genesis, &identity.public_key())?;

    let mut files = vec![
        (CONFIG, Zeroizing::new(portable(config)?.into_bytes())),
        (
            GENESIS,
            Zeroizing::new(fs::read(&config.genesis).map_err(io_error(&config.genesis))?),
        ),
        (
            IDENTITY,
            keys::read_private(&config.identity, KEY_FILE_BYTES_MAX)?,
        ),
    ];
    for (name, path) in [
        (SEAL_SHARE, config.seal_share.clone()),
        (ACCOUNT, config.identity.with_file_name(ACCOUNT)),
        (APPLICATION, config.identity.with_file_name(APPLICATION)),
    ] {
        match fs::read(&path) {
            Ok(content) => files.push((name, Zeroizing::new(content))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(io_error(&path)(e)),
        }
    }
    let about = About {
        network: genesis.hash(),
        member: keys::public(&identity),
        files: files.iter().map(|(name, _)| (*name).to_owned()).collect(),
    };
    let content = Content {
        commonhold_backup: FORMAT,
        files: files
            .iter()
            .map(|(name, content)| Entry {
                name: (*name).to_owned(),
                content: Bytes::copy_from_slice(content),
            })
            .collect(),
    };
    let text = serde_json::to_vec(&content).map_err(|e| io_error(&config.genesis)(e.into()))?;
    let text = Zeroizing::new(text);
    let binding = Binding {
        network: about.network,
        subject: about.member,
        member: 0,
    };
    let bytes = lock
        .lock()?
        .seal(Kind::Backup, &binding, &text, &mut keys::os_rng()?)
        .map_err(|source| BackupError::Locked {
            path: config.seal_lock.clone(),
            source,
        })?;
    Ok((bytes, about))
}

/// The configuration with the names that its files have where a backup is restored.
fn portable(config: &NodeConfig) -> Result<String, ConfigError> {
    let usual = NodeConfig::default();
    let config = NodeConfig {
        genesis: usual.genesis,
        data: usual.data,
        identity: usual.identity,
        share: usual.share,
        seal_share: usual.seal_share,
        seal_lock: usual.seal_lock,
        ..config.clone()
    };
    Ok(format!(
        "# Restored from a backup. Paths are relative to this file; `commonhold config show` lists all settings.\n{}",
        config.to_toml()?
    ))
}

/// Restores the backup at `path`, which `lock` unlocks, into the new directory `into`: all of it, or nothing.
///
/// # Errors
/// [`BackupError`].
pub fn restore(path: &Path, lock: &Path, into: &Path) -> Result<About, BackupError> {
    if fs::symlink_metadata(into).is_ok() {
        return Err(BackupError::Exists(into.into()));
    }
    let (about, content) = open(path, &SealLock::read(lock)?)?;
    let beside = match into.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made = tempfile::Builder::new()
        .prefix(".restoring-")
        .permissions(fs::Permissions::from_mode(keys::DIR_MODE))
        .tempdir_in(beside)
        .map_err(io_error(beside))?;
    for entry in &content.files {
        let file = made.path().join(&entry.name);
        let private = FILES
            .iter()
            .any(|(name, private)| *name == entry.name && *private);
        if private {
            keys::write_private(&file, &entry.content)?;
        } else {
            keys::write_public(&file, &entry.content)?;
        }
    }
    let unlock = keys::read_private(lock, KEY_FILE_BYTES_MAX)?;
    keys::write_private(&made.path().join(SEAL_LOCK), &unlock)?;
    let data = made.path().join("data");
    keys::create_private_dir(&data)?;
    keys::write_private(&data.join(RESTORED), WHY_RESTORED)?;
    fs::rename(made.path(), into).map_err(io_error(into))?;
    let _moved = made.keep();
    Ok(about)
}

fn open(path: &Path, lock: &SealLock) -> Result<(About, Content), BackupError> {
    if fs::metadata(path).map_err(io_error(path))?.len() > BACKUP_BYTES_MAX {
        return Err(BackupError::Malformed {
            path: path.into(),
            why: "it is longer than BACKUP_BYTES_MAX".into(),
        });
    }
    let bytes = fs::read(path).map_err(io_error(path))?;
    let wrong = |source| BackupError::Locked {
        path: path.into(),
        source,
    };
    let locked = Locked::parse(Kind::Backup, &bytes).map_err(wrong)?;
    let text = lock
        .open(|unlock| Ok(locked.open(&locked.lock(unlock)?)?))?
        .map_err(|source| SealShareError::Share {
            path: path.into(),
            source,
        })?;
    let malformed = |why: String| BackupError::Malformed {
        path: path.into(),
        why,
    };
    let content: Content = serde_json::from_slice(&text).map_err(|e| malformed(e.to_string()))?;
    if content.commonhold_backup != FORMAT {
        let found = content.commonhold_backup;
        return Err(malformed(format!(
            "it has format {found}, and this version knows format {FORMAT}"
        )));
    }
    for entry in &content.files {
        if !FILES.iter().any(|(name, _)| *name == entry.name) {
            return Err(malformed(format!("it holds a file {:?}", entry.name)));
        }
    }
    let binding = locked.binding();
    let about = About {
        network: binding.network,
        member: binding.subject,
        files: content.files.iter().map(|file| file.name.clone()).collect(),
    };
    Ok((about, content))
}

#[cfg(test)]
mod tests;
