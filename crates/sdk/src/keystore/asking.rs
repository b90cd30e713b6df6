//! Keys for requests to open that are under way.
//!
//! ```text
//! DIR/asking/                          mode 0700
//! DIR/asking/<account>-<record>.key    mode 0600: a reader's secret key, 64 hex digits
//! ```
//! A key is on disk before the ledger hears of it and gone when the record is open, so that an opening
//! that was cut off can be taken up again, and costs no second one.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::PathBuf,
};

use alloy_primitives::{Address, B256};
use commonhold_seal::ReaderSecret;
use zeroize::Zeroizing;

use super::{Keystore, KeystoreError, bad_form, check_mode, io_error};
use crate::{error::SdkError, records::reader_secret};

/// Hex digits of a key.
const DIGITS: usize = 64;

/// A key for a request to open.
#[derive(Debug)]
pub struct Asking {
    /// The key.
    pub secret: ReaderSecret,
    /// Whether it was there already, so that the ledger may have a request made with it.
    pub resume: bool,
    path: PathBuf,
}

impl Asking {
    /// Takes the key off the disk.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn done(self) -> Result<(), KeystoreError> {
        fs::remove_file(&self.path).map_err(|e| io_error(&self.path, e))
    }
}

impl Keystore {
    /// The key with which `who` asks, or has asked, to open `record`.
    ///
    /// # Errors
    /// Where a file of that name is open to others or holds something else.
    pub fn asking(&self, who: Address, record: B256) -> Result<Asking, SdkError> {
        let dir = self.dir.join("asking");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)
            .map_err(|e| io_error(&dir, e))?;
        let path = dir.join(format!("{who:x}-{record:x}.key"));
        match File::open(&path) {
            Ok(file) => {
                let mode = file.metadata().map_err(|e| io_error(&path, e))?;
                check_mode(&path, mode.permissions().mode(), 0o600)?;
                let mut text = Zeroizing::new(String::with_capacity(DIGITS + 2));
                let limit = DIGITS as u64 + 2;
                file.take(limit)
                    .read_to_string(&mut text)
                    .map_err(|e| io_error(&path, e))?;
                let mut bytes = Zeroizing::new([0; 32]);
                hex::decode_to_slice(text.trim(), bytes.as_mut_slice())
                    .map_err(|_| bad_form(&path, "64 hex digits are expected"))?;
                Ok(Asking {
                    secret: ReaderSecret::from_bytes(&bytes)?,
                    resume: true,
                    path,
                })
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let secret = reader_secret()?;
                let text = Zeroizing::new(hex::encode(secret.to_bytes().as_slice()));
                let write = || {
                    let mut file = OpenOptions::new()
                        .write(true)
                        .create_new(true)
                        .mode(0o600)
                        .open(&path)?;
                    file.write_all(text.as_bytes())?;
                    file.sync_all()?;
                    File::open(&dir)?.sync_all()
                };
                write().map_err(|e| io_error(&path, e))?;
                Ok(Asking {
                    secret,
                    resume: false,
                    path,
                })
            }
            Err(e) => Err(io_error(&path, e).into()),
        }
    }
}
