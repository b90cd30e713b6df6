//! `commonhold network identity`.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use alloy_primitives::{Address, B256};
use commonhold_node::{
    config::NodeConfig, devnet::accounts, founding::APPLICATION, keys, seal_share::SealLock,
};
use commonhold_primitives::application::{Application, FOUNDING};
use serde::Serialize;

use super::{ensure_free, port, pretty, write_new};
use crate::{
    exit::Failure,
    output::{Output, columns},
};

/// Make a member's identity on its own machine, and the small public file that the others need.
///
/// In the directory: the node's identity key, what unlocks its shares, the configuration of its node, and
/// member.json, which alone is handed around. No secret leaves the directory.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold network identity -o member --name North --endpoint north.example:9701 --new-account
  commonhold network identity -o member --name North --endpoint 203.0.113.7:9701 \\
    --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
#[command(group = clap::ArgGroup::new("who").required(true).args(["account", "new_account"]))]
pub(crate) struct Args {
    /// The member's directory.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// The organisation's name.
    #[arg(long)]
    name: String,
    /// Where the other members reach this one's node: a name or an address, and a port.
    #[arg(long, value_name = "HOST:PORT")]
    endpoint: String,
    /// The account that acts for the member on the ledger.
    #[arg(long, value_name = "ADDRESS")]
    account: Option<Address>,
    /// Make that account too: its private key goes to account.key in the directory.
    #[arg(long)]
    new_account: bool,
    /// Where the node listens for the others, where it is not all addresses and the endpoint's port.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Where clients are served [default: 127.0.0.1:8545].
    #[arg(long, value_name = "ADDR:PORT")]
    http_listen: Option<SocketAddr>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    name: String,
    public_key: B256,
    endpoint: String,
    account: Address,
    application: PathBuf,
    config: PathBuf,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let dir = &args.output;
    let config = configuration(args)?;
    let files = [
        "identity.key",
        "seal.lock",
        "account.key",
        "config.toml",
        APPLICATION,
    ];
    for file in files {
        ensure_free(&dir.join(file))?;
    }
    // Before anything is written: what it says may be wrong.
    let identity = keys::new_identity()?;
    let sign = |account| {
        Application::sign(&identity, FOUNDING, &args.name, &args.endpoint, account)
            .map_err(|e| Failure::Usage(e.to_string()))
    };
    sign(args.account.unwrap_or(Address::repeat_byte(1)))?;

    keys::create_private_dir(dir)?;
    let account = match args.account {
        Some(account) => account,
        None => accounts::create(&dir.join("account.key"))?,
    };
    let application = sign(account)?;
    keys::write_identity(&dir.join("identity.key"), &identity)?;
    SealLock::create(&dir.join("seal.lock"))?;
    write_new(&dir.join("config.toml"), config.as_bytes())?;
    write_new(&dir.join(APPLICATION), &pretty(&application)?)?;
    let told = Told {
        name: application.name,
        public_key: application.public_key,
        endpoint: application.endpoint,
        account,
        application: dir.join(APPLICATION),
        config: dir.join("config.toml"),
    };
    out.say(format!(
        "Hand {} around. Everything else in {} stays here; keep a copy of its keys somewhere safe.",
        told.application.display(),
        dir.display()
    ));
    out.result(&told, |told| {
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        columns(&[
            row("name", told.name.clone()),
            row("identity key", told.public_key.to_string()),
            row("endpoint", told.endpoint.clone()),
            row("account", told.account.to_string()),
            row("application", told.application.display().to_string()),
            row("configuration", told.config.display().to_string()),
        ])
    })
}

/// The text of the node's configuration. All files are named, so that an operator sees what there is.
fn configuration(args: &Args) -> eyre::Result<String> {
    let wrong = || Failure::Usage(format!("{:?} is not host:port", args.endpoint));
    let port = port(&args.endpoint).ok_or_else(wrong)?;
    let socket = args.endpoint.parse::<SocketAddr>().ok();
    let listen = args.listen.unwrap_or(match socket {
        // On this machine alone.
        Some(socket) if socket.ip().is_loopback() => socket,
        Some(socket) if socket.is_ipv6() => SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port),
        _ => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port),
    });
    let http = args
        .http_listen
        .unwrap_or_else(|| NodeConfig::default().http.listen);
    Ok(format!(
        "\
# A member's node. Paths are relative to this file; `commonhold config show` lists all settings.
genesis = \"genesis.json\"
data = \"data\"
identity = \"identity.key\"
share = \"share.key\"
seal_share = \"seal.share\"
# What unlocks the shares. Better on another disk, or where the service manager keeps credentials.
seal_lock = \"seal.lock\"

[p2p]
listen = \"{listen}\"

[http]
listen = \"{http}\"
"
    ))
}
