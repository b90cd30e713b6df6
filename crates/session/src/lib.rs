//! What an application's command is given by the binary that runs it ([`Session`]), and what it gives back:
//! an [`Answer`], or that something is [`Refused`].
//!
//! Applications know nothing of standard output, exit codes, passphrase prompts or where keys lie; the binary
//! knows nothing of what their verbs do. Commands that need neither a node nor an account take no session.

pub mod moments;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use commonhold_sdk::{Account, Client, records::Progress};
use serde::Serialize;
use serde_json::Value;

/// Who acts, and through which node.
pub trait Session {
    /// The node.
    ///
    /// # Errors
    /// Where its address or who vouches for it cannot be used.
    fn client(&self) -> eyre::Result<Client>;

    /// The account that acts, opened.
    ///
    /// # Errors
    /// Where there is none, or its passphrase is missing or wrong.
    fn account(&self) -> eyre::Result<Account>;

    /// The address of the account that acts; it need not be opened.
    ///
    /// # Errors
    /// Where there is none.
    fn address(&self) -> eyre::Result<Address>;

    /// Whom a text means: an address, an account of the keystore, or a handle.
    ///
    /// # Errors
    /// Where it is nobody.
    fn who(&self, text: &str) -> eyre::Result<Address>;

    /// Whom a text means; who acts, where there is none.
    ///
    /// # Errors
    /// As [`Self::who`] and [`Self::address`].
    fn whose(&self, text: Option<&str>) -> eyre::Result<Address> {
        text.map_or_else(|| self.address(), |who| self.who(who))
    }

    /// A directory that nobody else reads, where an account's list of people and of what it has imported is
    /// kept; nothing: nothing is remembered from one command to the next.
    ///
    /// # Errors
    /// Where it cannot be made, or is open to others.
    fn place(&self) -> eyre::Result<Option<PathBuf>> {
        Ok(None)
    }

    /// Tells people something that is no result.
    fn say(&self, message: &str);

    /// Shows how far content has come.
    fn progress(&self) -> Box<dyn Progress + '_>;

    /// Shows how many of so many things are done; `what` says it in a word, such as `Settling`.
    fn count(&self, _total: u64, _what: &'static str) -> Box<dyn Count + '_> {
        Box::new(Unseen)
    }

    /// Whether who is at the terminal has asked for an end: a command that goes on for long then ends where
    /// it can be taken up again, and says so.
    fn stopping(&self) -> bool {
        false
    }
}

/// Shows how many things are done.
pub trait Count {
    /// So many are.
    fn at(&self, done: u64);
}

/// Shows nothing.
struct Unseen;

impl Count for Unseen {
    fn at(&self, _: u64) {}
}

/// What a command answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// For programs.
    pub data: Value,
    /// For people.
    pub text: String,
    /// Why the command ends as refused, where it does though it has an answer.
    pub refused: Option<String>,
}

/// Something that was asked for and is not done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Answer {
    /// An answer in both forms.
    ///
    /// # Errors
    /// Where the data cannot be written as JSON.
    pub fn of(data: &impl Serialize, text: impl Into<String>) -> eyre::Result<Self> {
        Ok(Self {
            data: serde_json::to_value(data)?,
            text: text.into(),
            refused: None,
        })
    }
}

impl Refused {
    /// A file that is not taken, and why.
    #[must_use]
    pub fn file(path: &Path, refusal: &impl fmt::Display) -> Self {
        Self(format!("{}: {refusal}", path.display()))
    }
}
