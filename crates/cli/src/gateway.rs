//! `commonhold gateway`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use commonhold_gateway::{Config, Gateway, GatewayError, config::EXAMPLE, password::Hash};
use commonhold_node::config::{Log, LogFormat};
use commonhold_sdk::{
    Account, Keystore,
    reading::Algorithm,
    readings::{device_secret, write_key},
};
use rand::TryRng as _;
use rustix::process::umask;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

use crate::{
    exit::Failure,
    files,
    node::{start_log, stop_with_stdin},
    output::{Output, columns},
    wallet::{KeystoreArgs, ask_twice, read_passphrase},
};

/// Take readings of devices over MQTT and HTTP, and anchor them on the ledger, until SIGTERM or SIGINT.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Begin with:
  commonhold gateway init                    # writes gateway.toml, with every setting, and gateway.key
  commonhold gateway password                # a password for a device, and its hash for gateway.toml
  commonhold gateway --config gateway.toml"
)]
pub(crate) struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE", required = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    keystore: KeystoreArgs,
    /// Stop when standard input is closed, so that a gateway does not outlive who started it.
    #[arg(long, hide = true)]
    stop_with_stdin: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Write a configuration with every setting, and make the gateway's device key.
    Init {
        /// The directory.
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Make a password that nobody can guess, and print it with its hash.
    Password {
        /// Ask for a password instead. Checking one that somebody chose is slow on purpose.
        #[arg(long)]
        chosen: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    config: String,
    key: String,
    device: String,
    public_key: String,
}

#[derive(Serialize)]
struct Password {
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    hash: String,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    match (&args.verb, &args.config) {
        (Some(Verb::Init { dir }), _) => init(dir, out),
        (Some(Verb::Password { chosen }), _) => password(*chosen, out),
        (None, Some(config)) => serve(args, config),
        (None, None) => Err(Failure::Usage("--config is missing".into()).into()),
    }
}

fn random<const N: usize>() -> eyre::Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0u8; N]);
    rand::rngs::SysRng
        .try_fill_bytes(bytes.as_mut_slice())
        .map_err(|e| Failure::Refused(format!("the operating system gives no randomness: {e}")))?;
    Ok(bytes)
}

fn init(dir: &Path, out: &mut Output) -> eyre::Result<()> {
    fs::create_dir_all(dir).map_err(|e| Failure::Usage(format!("{}: {e}", dir.display())))?;
    let (config, key) = (dir.join("gateway.toml"), dir.join("gateway.key"));
    for path in [&config, &key] {
        if path.exists() {
            return Err(Failure::Refused(format!("{} exists already", path.display())).into());
        }
    }
    let secret = device_secret(Algorithm::Ed25519)?;
    files::write(&key, &write_key(&secret), files::PRIVATE, false)?;
    files::write(&config, EXAMPLE.as_bytes(), files::PUBLIC, false)?;
    out.say("Enrol the device (commonhold device enrol), and name its streams in gateway.toml.");
    let made = Made {
        config: config.display().to_string(),
        key: key.display().to_string(),
        device: secret.key().id().to_string(),
        public_key: format!("ed25519:{}", hex::encode(secret.key().bytes())),
    };
    out.result(&made, |made| {
        columns(&[
            vec!["configuration".into(), made.config.clone()],
            vec!["key".into(), made.key.clone()],
            vec!["device".into(), made.device.clone()],
            vec!["public key".into(), made.public_key.clone()],
        ])
    })
}

fn password(chosen: bool, out: &mut Output) -> eyre::Result<()> {
    let made = if chosen {
        let password = ask_twice("Password: ")?;
        let hash = Hash::of_chosen(&password, random::<16>()?.as_slice());
        let hash = hash.ok_or_else(|| Failure::Refused("the password cannot be hashed".into()))?;
        Password {
            password: None,
            hash: hash.to_string(),
        }
    } else {
        let password = hex::encode(random::<32>()?.as_slice());
        Password {
            hash: Hash::of_random(&password).to_string(),
            password: Some(password),
        }
    };
    out.result(&made, |made| {
        let password = made
            .password
            .iter()
            .map(|p| vec!["password".into(), p.clone()]);
        let hash = vec!["hash".into(), made.hash.clone()];
        columns(&password.chain([hash]).collect::<Vec<_>>())
    })
}

fn account(args: &Args, config: &Config) -> eyre::Result<Account> {
    let keystore = match &config.account.keystore {
        Some(dir) => Keystore::open(dir)?,
        None => args.keystore.open()?,
    };
    let name = &config.account.name;
    match &config.account.passphrase_file {
        Some(path) => Ok(keystore.load(name, &read_passphrase(path)?)?),
        None => args.keystore.load(&keystore, name),
    }
}

fn serve(args: &Args, path: &Path) -> eyre::Result<()> {
    // What a gateway stores is nobody else's to read.
    umask(rustix::fs::Mode::from_raw_mode(0o077));
    let config = Config::read(path).map_err(GatewayError::from)?;
    start_log(&Log {
        filter: config.log.filter.clone(),
        format: LogFormat::Auto,
    })?;
    let account = account(args, &config)?;
    if args.stop_with_stdin {
        std::thread::spawn(stop_with_stdin);
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let ended: eyre::Result<()> = runtime.block_on(async {
        // Before anything is promised: a signal that comes early is not lost.
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let gateway = Gateway::start(&config, account).await?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        gateway.stop().await;
        Ok(())
    });
    // A step on the way to the ledger that is still under way is done again at the next start.
    runtime.shutdown_background();
    ended
}
