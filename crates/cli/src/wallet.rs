//! Who acts: the keystore, the account in it, and its passphrase.
//!
//! A passphrase comes from `--passphrase-file`, else from the environment, else from a question at the
//! terminal. It is never an argument: other users of the machine can read those.

use std::{
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use commonhold_node::keys;
use commonhold_sdk::{Account, Keystore};
use zeroize::Zeroizing;

use crate::{exit::Failure, limits::PASSPHRASE_BYTES_MAX};

/// The environment variable of the passphrase.
const PASSPHRASE: &str = "COMMONHOLD_PASSPHRASE";

/// Where accounts are kept.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct KeystoreArgs {
    /// Directory of the encrypted accounts [default: ~/.commonhold/keystore].
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "COMMONHOLD_KEYSTORE",
        hide_env_values = true
    )]
    keystore: Option<PathBuf>,
    /// File whose first line is the passphrase; else it is taken from COMMONHOLD_PASSPHRASE, else
    /// asked for.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Which account acts.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Accounts")]
pub(crate) struct WalletArgs {
    /// The account that acts; not needed where there is one only.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "COMMONHOLD_ACCOUNT",
        hide_env_values = true
    )]
    account: Option<String>,
    #[command(flatten)]
    keystore: KeystoreArgs,
}

impl KeystoreArgs {
    /// The keystore.
    pub(crate) fn open(&self) -> eyre::Result<Keystore> {
        let dir = match &self.keystore {
            Some(dir) => dir.clone(),
            None => std::env::home_dir()
                .filter(|home| home.is_absolute())
                .ok_or_else(|| Failure::Usage("there is no home directory: use --keystore".into()))?
                .join(".commonhold/keystore"),
        };
        Ok(Keystore::open(&dir)?)
    }

    /// The passphrase of an account that exists.
    pub(crate) fn passphrase(&self, name: &str) -> eyre::Result<Zeroizing<String>> {
        match self.given_passphrase()? {
            Some(passphrase) => Ok(passphrase),
            None => ask(&format!("Passphrase of {name}: ")),
        }
    }

    /// Opens an account.
    pub(crate) fn load(&self, keystore: &Keystore, name: &str) -> eyre::Result<Account> {
        // Before the passphrase is asked for: there might be no such account.
        keystore.show(name)?;
        Ok(keystore.load(name, &self.passphrase(name)?)?)
    }

    /// The name of the account that acts: the one that is named, or the only one.
    pub(crate) fn acting(
        &self,
        keystore: &Keystore,
        named: Option<&String>,
    ) -> eyre::Result<String> {
        match named {
            Some(name) => Ok(name.clone()),
            None => only(keystore),
        }
    }

    /// The address of an account. It stands in clear in the account's file, unless a tool made the
    /// file that leaves it out: only then a passphrase is needed.
    pub(crate) fn address(&self, keystore: &Keystore, name: &str) -> eyre::Result<Address> {
        match keystore.show(name)?.address {
            Some(address) => Ok(address),
            None => Ok(self.load(keystore, name)?.address()),
        }
    }

    /// The passphrase of an account to be made: asked for twice.
    pub(crate) fn new_passphrase(&self, name: &str) -> eyre::Result<Zeroizing<String>> {
        if let Some(passphrase) = self.given_passphrase()? {
            return Ok(passphrase);
        }
        ask_twice(&format!("New passphrase for {name}: "))
    }

    fn given_passphrase(&self) -> eyre::Result<Option<Zeroizing<String>>> {
        if let Some(path) = &self.passphrase_file {
            return Ok(Some(read_passphrase(path)?));
        }
        match std::env::var(PASSPHRASE) {
            Ok(passphrase) => Ok(Some(Zeroizing::new(passphrase))),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(e) => Err(Failure::Usage(format!("{PASSPHRASE}: {e}")).into()),
        }
    }
}

impl WalletArgs {
    /// The keystore.
    pub(crate) fn keystore(&self) -> eyre::Result<Keystore> {
        self.keystore.open()
    }

    /// Opens the account that acts.
    pub(crate) fn open(&self) -> eyre::Result<Account> {
        let keystore = self.keystore.open()?;
        let name = self.keystore.acting(&keystore, self.account.as_ref())?;
        self.keystore.load(&keystore, &name)
    }

    /// The address of an account of the keystore.
    pub(crate) fn address_of(&self, name: &str) -> eyre::Result<Address> {
        self.keystore.address(&self.keystore.open()?, name)
    }

    /// The address of the account that acts.
    pub(crate) fn address(&self) -> eyre::Result<Address> {
        let keystore = self.keystore.open()?;
        let name = self.keystore.acting(&keystore, self.account.as_ref())?;
        self.keystore.address(&keystore, &name)
    }
}

fn only(keystore: &Keystore) -> eyre::Result<String> {
    let mut names: Vec<String> = keystore
        .list()?
        .into_iter()
        .map(|listed| listed.name)
        .collect();
    match (names.pop(), names.is_empty()) {
        (Some(name), true) => Ok(name),
        (None, _) => {
            let why = "there is no account yet: make one with `commonhold account new NAME`";
            Err(Failure::Usage(why.into()).into())
        }
        (Some(last), false) => {
            names.push(last);
            let why = format!("say which --account acts: {}", names.join(", "));
            Err(Failure::Usage(why).into())
        }
    }
}

/// A new secret, asked for twice.
pub(crate) fn ask_twice(question: &str) -> eyre::Result<Zeroizing<String>> {
    let first = ask(question)?;
    if ask("The same once more: ")? == first {
        Ok(first)
    } else {
        Err(Failure::Refused("the two differ".into()).into())
    }
}

/// The first line of a file that nobody else may read.
pub(crate) fn read_passphrase(path: &Path) -> eyre::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(PASSPHRASE_BYTES_MAX));
    let file = keys::open_private(path)?;
    if file.metadata()?.len() > PASSPHRASE_BYTES_MAX as u64 {
        let why = format!("{} exceeds PASSPHRASE_BYTES_MAX", path.display());
        return Err(Failure::Usage(why).into());
    }
    file.take(PASSPHRASE_BYTES_MAX as u64)
        .read_to_string(&mut text)?;
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}

fn ask(question: &str) -> eyre::Result<Zeroizing<String>> {
    if !io::stdin().is_terminal() {
        let why = format!("no passphrase: give --passphrase-file or set {PASSPHRASE}");
        return Err(Failure::Usage(why).into());
    }
    Ok(Zeroizing::new(rpassword::prompt_password(question)?))
}
