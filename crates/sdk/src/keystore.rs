//! Accounts on disk: one encrypted file each, in the standard form (Web3 Secret Storage, version 3),
//! as geth, Foundry and wallets read and write it.
//!
//! ```text
//! DIR/             mode 0700
//! DIR/NAME.json    mode 0600; `address` and `encryptionKey` stand in clear: what everybody may know
//!                  is there without a passphrase
//! DIR/asking/      keys for requests to open that are under way
//! DIR/health/      what an application keeps beside its accounts ([`Keystore::beside`])
//! ```
//!
//! A file appears complete and with its mode or not at all. A file or directory that others may read
//! is refused.

mod asking;
mod form;

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use alloy_signer::k256::elliptic_curve::rand_core::OsRng;
use alloy_signer_local::{LocalSignerError, PrivateKeySigner};
use commonhold_vault::PublicKey;
use zeroize::Zeroizing;

pub use asking::Asking;

use crate::{
    account::Account,
    limits::{ACCOUNT_NAME_BYTES_MAX, ACCOUNTS_MAX, KEYSTORE_BYTES_MAX},
};

/// Why a keystore refuses or fails.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// A name that is not 1 to 64 letters, digits, `-` or `_`.
    #[error("{0:?} is not an account name: 1 to {ACCOUNT_NAME_BYTES_MAX} letters, digits, - or _")]
    Name(String),
    /// There is no account of that name.
    #[error("there is no account {0:?}")]
    Unknown(String),
    /// There is an account of that name already.
    #[error("there is an account {0:?} already")]
    Exists(String),
    /// Others may read the file or directory.
    #[error("{path} has mode {mode:03o}, so that others may read it: run chmod {wanted:o} {path}")]
    Mode {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they must be.
        wanted: u32,
    },
    /// Not a keystore file of the standard form, or one that asks for too much.
    #[error("{path} is not a usable keystore file: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The passphrase is wrong.
    #[error("the passphrase of account {0:?} is wrong")]
    Passphrase(String),
    /// The bytes are no secret of the curve.
    #[error("not a secp256k1 secret: 32 bytes in hex are expected")]
    Secret,
    /// The signer failed.
    #[error("signing failed: {0}")]
    Signing(String),
    /// More accounts than a keystore may have.
    #[error("the keystore has more than ACCOUNTS_MAX ({ACCOUNTS_MAX}) accounts")]
    TooMany,
    /// Reading or writing failed.
    #[error("{path}: {error}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// What can be seen of an account without its passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in this keystore.
    pub name: String,
    /// Its address, where the file tells it.
    pub address: Option<Address>,
    /// The key for which others encrypt, where the file tells it: one made by another tool does not.
    pub encryption_key: Option<PublicKey>,
}

/// A directory of accounts.
#[derive(Clone, Debug)]
pub struct Keystore {
    dir: PathBuf,
}

impl Keystore {
    /// The keystore in `dir`, which is created (mode 0700) where it does not exist.
    ///
    /// # Errors
    /// Refuses a directory that is open to others.
    pub fn open(dir: &Path) -> Result<Self, KeystoreError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|e| io_error(dir, e))?;
        let meta = fs::metadata(dir).map_err(|e| io_error(dir, e))?;
        check_mode(dir, meta.permissions().mode(), 0o700)?;
        Ok(Self {
            dir: dir.to_path_buf(),
        })
    }

    /// The file of an account of this name, whether it is there or not.
    ///
    /// # Errors
    /// Where it is no name of an account.
    pub fn file(&self, name: &str) -> Result<PathBuf, KeystoreError> {
        self.path(name)
    }

    /// A directory (mode 0700) beside the accounts, where an application keeps what is theirs.
    ///
    /// # Errors
    /// Refuses a directory that is open to others.
    pub fn beside(&self, application: &str) -> Result<PathBuf, KeystoreError> {
        let dir = self.path(application)?.with_extension("");
        Ok(Self::open(&dir)?.dir)
    }

    /// Makes a fresh account.
    ///
    /// # Errors
    /// [`KeystoreError::Exists`] where the name is taken.
    pub fn create(&self, name: &str, passphrase: &str) -> Result<Account, KeystoreError> {
        let account = Account::random();
        self.store(name, &account, passphrase)?;
        Ok(account)
    }

    /// Puts an account in under a name.
    ///
    /// # Errors
    /// [`KeystoreError::Exists`] where the name is taken.
    pub fn store(
        &self,
        name: &str,
        account: &Account,
        passphrase: &str,
    ) -> Result<(), KeystoreError> {
        let path = self.path(name)?;
        if path.exists() {
            return Err(KeystoreError::Exists(name.to_owned()));
        }
        let failed = |e: io::Error| io_error(&self.dir, e);
        // The library writes a file of its own with the mode of the umask: in a directory that only
        // we can enter.
        let aside = tempfile::Builder::new()
            .prefix(".new-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&self.dir)
            .map_err(failed)?;
        PrivateKeySigner::encrypt_keystore(
            aside.path(),
            &mut OsRng,
            account.secret().as_slice(),
            passphrase,
            Some("encrypted"),
        )
        .map_err(|e| KeystoreError::Signing(e.to_string()))?;
        let text = fs::read_to_string(aside.path().join("encrypted")).map_err(failed)?;
        let text = form::with_public(&text, account).map_err(|why| bad_form(&path, &why))?;
        let finished = aside.path().join("finished");
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&finished)
            .map_err(failed)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        // Unlike a rename, a link does not replace what has come there meanwhile.
        fs::hard_link(&finished, &path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => KeystoreError::Exists(name.to_owned()),
            _ => io_error(&path, e),
        })?;
        fs::File::open(&self.dir)
            .and_then(|dir| dir.sync_all())
            .map_err(failed)
    }

    /// Opens an account.
    ///
    /// # Errors
    /// [`KeystoreError::Passphrase`] where it is wrong.
    pub fn load(&self, name: &str, passphrase: &str) -> Result<Account, KeystoreError> {
        let path = self.path(name)?;
        self.read(name)?;
        decrypt(&path, name, passphrase)
    }

    /// Takes over an account from a standard keystore file made elsewhere. The file is left as it is.
    ///
    /// # Errors
    /// As [`Self::load`] and [`Self::store`].
    pub fn import(
        &self,
        file: &Path,
        name: &str,
        passphrase: &str,
    ) -> Result<Account, KeystoreError> {
        self.path(name)?;
        let text = read_bounded(file)?
            .ok_or_else(|| KeystoreError::Unknown(file.display().to_string()))?;
        form::check(&text).map_err(|why| bad_form(file, &why))?;
        let account = decrypt(file, name, passphrase)?;
        self.store(name, &account, passphrase)?;
        Ok(account)
    }

    /// The text of an account's file, still encrypted: a backup that every Ethereum tool reads.
    ///
    /// # Errors
    /// [`KeystoreError::Unknown`].
    pub fn export(&self, name: &str) -> Result<String, KeystoreError> {
        self.read(name)
    }

    /// What can be seen of one account without its passphrase.
    ///
    /// # Errors
    /// [`KeystoreError::Unknown`].
    pub fn show(&self, name: &str) -> Result<Listed, KeystoreError> {
        let text = self.read(name)?;
        let (address, encryption_key) = form::public(&text);
        Ok(Listed {
            name: name.to_owned(),
            address,
            encryption_key,
        })
    }

    /// The accounts, by name.
    ///
    /// # Errors
    /// Where one of them cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, KeystoreError> {
        let failed = |e: io::Error| io_error(&self.dir, e);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let name = entry
                .map_err(failed)?
                .file_name()
                .into_string()
                .unwrap_or_default();
            names.extend(
                name.strip_suffix(".json")
                    .filter(|name| is_name(name))
                    .map(str::to_owned),
            );
            if names.len() > ACCOUNTS_MAX {
                return Err(KeystoreError::TooMany);
            }
        }
        names.sort_unstable();
        names.iter().map(|name| self.show(name)).collect()
    }

    fn path(&self, name: &str) -> Result<PathBuf, KeystoreError> {
        if is_name(name) {
            Ok(self.dir.join(format!("{name}.json")))
        } else {
            Err(KeystoreError::Name(name.to_owned()))
        }
    }

    /// The text of an account's file, after its mode and form have been checked.
    fn read(&self, name: &str) -> Result<String, KeystoreError> {
        let path = self.path(name)?;
        let text = read_bounded(&path)?.ok_or_else(|| KeystoreError::Unknown(name.to_owned()))?;
        form::check(&text).map_err(|why| bad_form(&path, &why))?;
        Ok(text)
    }
}

fn is_name(name: &str) -> bool {
    (1..=ACCOUNT_NAME_BYTES_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn read_bounded(path: &Path) -> Result<Option<String>, KeystoreError> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io_error(path, e)),
    };
    let meta = file.metadata().map_err(|e| io_error(path, e))?;
    check_mode(path, meta.permissions().mode(), 0o600)?;
    if !meta.is_file() || meta.len() > KEYSTORE_BYTES_MAX {
        return Err(bad_form(
            path,
            "it is not a file of at most KEYSTORE_BYTES_MAX bytes",
        ));
    }
    let mut text = String::new();
    file.take(KEYSTORE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|e| io_error(path, e))?;
    Ok(Some(text))
}

fn decrypt(path: &Path, name: &str, passphrase: &str) -> Result<Account, KeystoreError> {
    let signer = PrivateKeySigner::decrypt_keystore(path, passphrase).map_err(|e| match e {
        LocalSignerError::EthKeystoreError(e) if e.to_string() == MAC_MISMATCH => {
            KeystoreError::Passphrase(name.to_owned())
        }
        e => bad_form(path, &e.to_string()),
    })?;
    let secret = Zeroizing::new(signer.to_bytes().0);
    Account::from_secret(secret.as_slice())
}

/// What the library says of a wrong passphrase. Its error type is not ours to name.
const MAC_MISMATCH: &str = "Mac Mismatch";

fn check_mode(path: &Path, mode: u32, wanted: u32) -> Result<(), KeystoreError> {
    let mode = mode & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(KeystoreError::Mode {
        path: path.to_path_buf(),
        mode,
        wanted,
    })
}

fn bad_form(path: &Path, why: &str) -> KeystoreError {
    KeystoreError::Form {
        path: path.to_path_buf(),
        why: why.to_owned(),
    }
}

fn io_error(path: &Path, error: io::Error) -> KeystoreError {
    KeystoreError::Io {
        path: path.to_path_buf(),
        error,
    }
}
