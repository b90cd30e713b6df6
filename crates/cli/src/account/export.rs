//! `commonhold account export`.

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use commonhold_sdk::{Account, Keystore};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    exit::Failure,
    files::{PRIVATE, PUBLIC, exists, write},
    output::Output,
    wallet::KeystoreArgs,
};

/// Give an account out as an encrypted keystore file, which every Ethereum tool reads.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold account export alice -o alice.json   # a backup, still encrypted
  commonhold account export alice --crypt4gh      # alice.sec and alice.pub
  commonhold record get $ID --c4gh -o visit.c4gh --account alice
  crypt4gh decrypt --sk alice.sec < visit.c4gh > visit.json")]
pub(super) struct Args {
    /// Which.
    name: String,
    /// Where to; standard output without it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Give out the private key itself, in hex. Whoever sees it owns the account.
    #[arg(long, conflicts_with = "crypt4gh")]
    private_key: bool,
    /// Give out the key for what is encrypted for the account, and no other, as Crypt4GH key files:
    /// FILE.sec, with the account's passphrase, and FILE.pub. FILE is the account's name without -o.
    #[arg(long)]
    crypt4gh: bool,
    /// Leave FILE.sec without a passphrase: whoever reads it reads what is encrypted for the account.
    #[arg(long, requires = "crypt4gh")]
    no_passphrase: bool,
    /// Replace files that exist.
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Written {
    files: Vec<PathBuf>,
}

pub(super) fn run(
    args: &Args,
    wallet: &KeystoreArgs,
    keystore: &Keystore,
    out: &mut Output,
) -> eyre::Result<()> {
    if args.crypt4gh {
        return crypt4gh(args, wallet, keystore, out);
    }
    let text = if args.private_key {
        if args.output.is_none() && io::stdout().is_terminal() {
            let why = "a private key is not shown on a terminal: name a file with -o";
            return Err(Failure::Refused(why.into()).into());
        }
        to_hex(&wallet.load(keystore, &args.name)?)
    } else {
        Zeroizing::new(keystore.export(&args.name)? + "\n")
    };
    let Some(path) = &args.output else {
        return out.raw(text.as_bytes());
    };
    write(path, text.as_bytes(), PRIVATE, args.force)?;
    let files = vec![path.clone()];
    out.result(&Written { files }, |_| String::new())
}

fn crypt4gh(
    args: &Args,
    wallet: &KeystoreArgs,
    keystore: &Keystore,
    out: &mut Output,
) -> eyre::Result<()> {
    keystore.show(&args.name)?;
    let stem = args.output.as_deref().unwrap_or(Path::new(&args.name));
    let files = vec![with_ending(stem, ".sec"), with_ending(stem, ".pub")];
    // Before anything is asked or written: two files, or none.
    if let Some(there) = files.iter().find(|file| !args.force && file.exists()) {
        return Err(Failure::Refused(exists(there)).into());
    }
    let passphrase = wallet.passphrase(&args.name)?;
    let account = keystore.load(&args.name, &passphrase)?;
    let passphrase = (!args.no_passphrase).then_some(passphrase.as_str());
    let secret = account.crypt4gh_secret(passphrase)?;
    let public = account.crypt4gh_public();
    let contents = [(secret.as_bytes(), PRIVATE), (public.as_bytes(), PUBLIC)];
    for (file, (content, mode)) in files.iter().zip(contents) {
        write(file, content, mode, args.force)?;
    }
    if args.no_passphrase {
        out.say("The .sec file has no passphrase: keep it where nobody else can read it.");
    }
    out.result(&Written { files }, |written| {
        let lines = written.files.iter().map(|file| file.display().to_string());
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn with_ending(stem: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = stem.into();
    name.push(ending);
    name.into()
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
