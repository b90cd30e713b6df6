//! `commonhold account`.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use commonhold_node::keys;
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
    /// Give an account out as an encrypted keystore file, which every Ethereum tool reads.
    Export {
        /// Which.
        name: String,
        /// Where to; standard output without it.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Give out the private key itself, in hex. Whoever sees it owns the account.
        #[arg(long)]
        private_key: bool,
    },
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
            let shown = |Listed { name, address }| Shown {
                name,
                address: address.map(|a| a.to_string()),
                encryption_key: None,
            };
            let accounts: Vec<Shown> = keystore.list()?.into_iter().map(shown).collect();
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
                let passphrase = args.keystore.passphrase(name)?;
                keystore.import(aside.path(), name, &passphrase)?;
                keystore.load(name, &passphrase)?
            } else {
                let account = from_hex(&text)?;
                keystore.store(name, &account, &args.keystore.new_passphrase(name)?)?;
                account
            };
            out.result(&Shown::open(name, &account), Shown::text)
        }
        Verb::Export {
            name,
            output,
            private_key,
        } => {
            let secret = if *private_key {
                let account = keystore.load(name, &args.keystore.passphrase(name)?)?;
                if output.is_none() && io::stdout().is_terminal() {
                    let why = "a private key is not shown on a terminal: name a file with -o";
                    return Err(Failure::Refused(why.into()).into());
                }
                to_hex(&account)
            } else {
                Zeroizing::new(keystore.export(name)? + "\n")
            };
            match output {
                Some(path) => Ok(keys::write_private(path, secret.as_bytes())?),
                None => out.raw(secret.as_bytes()),
            }
        }
        Verb::Register {
            name,
            ledger_name,
            rpc,
        } => {
            let client = rpc.client()?;
            keystore.show(name)?;
            let account = keystore.load(name, &args.keystore.passphrase(name)?)?;
            client.ensure_registered(&account, ledger_name.as_ref().unwrap_or(name))?;
            out.result(&Shown::open(name, &account), Shown::text)
        }
        Verb::Show { name } => {
            keystore.show(name)?;
            let account = keystore.load(name, &args.keystore.passphrase(name)?)?;
            out.result(&Shown::open(name, &account), Shown::text)
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

fn to_hex(account: &Account) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(67));
    text.push_str("0x");
    for byte in account.secret().iter() {
        text.push_str(&format!("{byte:02x}"));
    }
    text.push('\n');
    text
}
