//! `commonhold account`.

mod export;
mod guardian;
mod ledger;
mod role;

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use commonhold_sdk::{Account, keystore::Listed};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    client::RpcArgs,
    exit::Failure,
    limits::ACCOUNT_FILE_BYTES_MAX,
    output::{Output, columns},
    wallet::KeystoreArgs,
};

/// Make and keep accounts.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    keystore: KeystoreArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a new account.
    New {
        /// What to call it.
        name: String,
    },
    /// List the accounts.
    List,
    /// Take over an account: an encrypted keystore file, or a private key in hex.
    Import {
        /// What to call it.
        name: String,
        /// The file; - is standard input.
        file: PathBuf,
    },
    Export(export::Args),
    /// Put an account's name and encryption key on the ledger, so that others can share with it.
    Register {
        /// Which.
        name: String,
        /// Its name on the ledger, if not the same.
        #[arg(long = "as", value_name = "NAME")]
        ledger_name: Option<String>,
        #[command(flatten)]
        rpc: RpcArgs,
    },
    /// Show an account: its address and the key for which others encrypt.
    Show {
        /// Which.
        name: String,
    },
    Role(role::Args),
    Guardian(guardian::Args),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_key: Option<String>,
}

impl From<Listed> for Shown {
    fn from(listed: Listed) -> Self {
        Self {
            name: listed.name,
            address: listed.address.map(|address| address.to_string()),
            encryption_key: listed.encryption_key.map(|key| key.to_string()),
        }
    }
}

impl Shown {
    fn open(name: &str, account: &Account) -> Self {
        Self {
            name: name.to_owned(),
            address: Some(account.address().to_string()),
            encryption_key: Some(account.encryption_public().to_string()),
        }
    }

    fn text(&self) -> String {
        let mut rows = vec![vec!["name".to_owned(), self.name.clone()]];
        rows.extend(
            self.address
                .iter()
                .map(|a| vec!["address".to_owned(), a.clone()]),
        );
        let key = |k: &String| vec!["encryption key".to_owned(), k.clone()];
        rows.extend(self.encryption_key.iter().map(key));
        columns(&rows)
    }
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let keystore = args.keystore.open()?;
    match &args.verb {
        Verb::New { name } => {
            ensure_free(&keystore, name)?;
            let account = keystore.create(name, &args.keystore.new_passphrase(name)?)?;
            out.say("Keep the passphrase safe: without it the account is lost.");
            out.result(&Shown::open(name, &account), Shown::text)
        }
        Verb::List => {
            let accounts: Vec<Shown> = keystore.list()?.into_iter().map(Shown::from).collect();
            out.result(&accounts, |accounts| {
                let row = |a: &Shown| vec![a.name.clone(), a.address.clone().unwrap_or_default()];
                columns(&accounts.iter().map(row).collect::<Vec<_>>())
            })
        }
        Verb::Import { name, file } => {
            ensure_free(&keystore, name)?;
            let text = read_account(file)?;
            let account = if text.trim_start().starts_with('{') {
                // The keystore reads files only.
                let aside = tempfile::Builder::new().prefix("commonhold-").tempfile()?;
                fs::write(aside.path(), text.as_bytes())?;
                keystore.import(aside.path(), name, &args.keystore.passphrase(name)?)?
            } else {
                let account = from_hex(&text)?;
                keystore.store(name, &account, &args.keystore.new_passphrase(name)?)?;
                account
            };
            out.result(&Shown::open(name, &account), Shown::text)
        }
        Verb::Export(export) => export::run(export, &args.keystore, &keystore, out),
        Verb::Register {
            name,
            ledger_name,
            rpc,
        } => {
            let client = rpc.client()?;
            let account = args.keystore.load(&keystore, name)?;
            client.ensure_registered(&account, ledger_name.as_ref().unwrap_or(name))?;
            out.result(&Shown::open(name, &account), Shown::text)
        }
        Verb::Role(verb) => role::run(verb, &args.keystore, out),
        Verb::Guardian(verb) => guardian::run(verb, &args.keystore, out),
        Verb::Show { name } => {
            let listed = keystore.show(name)?;
            // A file that another tool made does not tell.
            let shown = if listed.address.is_some() && listed.encryption_key.is_some() {
                Shown::from(listed)
            } else {
                Shown::open(name, &args.keystore.load(&keystore, name)?)
            };
            out.result(&shown, Shown::text)
        }
    }
}

fn ensure_free(keystore: &commonhold_sdk::Keystore, name: &str) -> eyre::Result<()> {
    match keystore.show(name) {
        Ok(_) => Err(commonhold_sdk::KeystoreError::Exists(name.to_owned()).into()),
        Err(commonhold_sdk::KeystoreError::Unknown(_)) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

fn read_account(file: &Path) -> eyre::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(ACCOUNT_FILE_BYTES_MAX));
    let limit = ACCOUNT_FILE_BYTES_MAX as u64;
    let read = if file == Path::new("-") {
        io::stdin().take(limit).read_to_string(&mut text)
    } else {
        fs::File::open(file)?.take(limit).read_to_string(&mut text)
    };
    if read? == ACCOUNT_FILE_BYTES_MAX {
        return Err(Failure::Usage(format!("{} is no account file", file.display())).into());
    }
    Ok(text)
}

fn from_hex(text: &str) -> eyre::Result<Account> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let mut secret = Zeroizing::new([0u8; 32]);
    let wrong = || Failure::Usage("neither a keystore file nor 32 bytes in hex".into());
    if digits.len() != 64 || !digits.is_ascii() {
        return Err(wrong().into());
    }
    for (byte, at) in secret.iter_mut().zip((0..64).step_by(2)) {
        let pair = digits.get(at..at + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(Account::from_secret(secret.as_ref())?)
}
