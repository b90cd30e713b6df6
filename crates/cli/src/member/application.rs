//! `commonhold member application`, and the file that it makes.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, Bytes};
use commonhold_node::{
    application::{apply, public_key, take_over},
    config::load,
    keys::{new_identity, read_identity, write_identity},
    read_genesis,
};
use serde::{Deserialize, Serialize};

use crate::{
    exit::Failure,
    files::{PUBLIC, write},
    output::Output,
    wallet::WalletArgs,
};

/// Bytes of the largest file that is taken for an application.
const FILE_BYTES_MAX: u64 = 8 * 1024;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The node's configuration file, which names its identity key and the genesis document.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The identity key, where it is another than the configuration's.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// The genesis document, where it is another than the configuration's.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// Make the identity key first; a file that is there is never replaced.
    #[arg(long)]
    new: bool,
    /// The organisation's name, up to 64 bytes.
    #[arg(long, value_name = "NAME", required_unless_present = "replaces")]
    name: Option<String>,
    /// Where its node will listen for other members.
    #[arg(long, value_name = "HOST:PORT", required_unless_present = "replaces")]
    endpoint: Option<String>,
    /// The account that is to act for it on the ledger: an address, or an account of your keystore.
    #[arg(long, value_name = "WHO", required_unless_present = "replaces")]
    acts: Option<String>,
    /// Ask for another key for the node of this member instead: its number.
    #[arg(long, value_name = "N", conflicts_with_all = ["name", "endpoint", "acts"])]
    replaces: Option<u64>,
    /// Where the file goes.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the file.
    #[arg(long)]
    force: bool,
}

/// An application. There is nothing secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "application", rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Application {
    /// To become a member.
    #[serde(rename_all = "camelCase")]
    Admission {
        /// The network's chain id.
        chain_id: u64,
        /// The organisation's name.
        name: String,
        /// Its node's identity key.
        public_key: B256,
        /// Where its node listens.
        endpoint: String,
        /// The account that is to act for it.
        account: Address,
        /// The key's signature.
        proof: Bytes,
    },
    /// For another key of a member's node.
    #[serde(rename_all = "camelCase")]
    Key {
        /// The network's chain id.
        chain_id: u64,
        /// The member's number.
        member: u64,
        /// The new key.
        public_key: B256,
        /// Its signature.
        proof: Bytes,
    },
}

impl Application {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> eyre::Result<Self> {
        let refuse = |why: &dyn std::fmt::Display| {
            Failure::Refused(format!(
                "{}: {why}; `commonhold member application` makes such a file",
                path.display()
            ))
        };
        let mut text = String::new();
        let file = File::open(path).map_err(|e| refuse(&e))?;
        let length = file
            .take(FILE_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|e| refuse(&e))?;
        if length as u64 == FILE_BYTES_MAX {
            return Err(refuse(&"too long for an application").into());
        }
        Ok(serde_json::from_str(&text).map_err(|e| refuse(&e))?)
    }

    /// The network that it is for.
    pub(super) const fn chain_id(&self) -> u64 {
        match self {
            Self::Admission { chain_id, .. } | Self::Key { chain_id, .. } => *chain_id,
        }
    }
}

pub(super) fn run(args: &Args, wallet: &WalletArgs, out: &mut Output) -> eyre::Result<()> {
    let settings = [("identity", &args.identity), ("genesis", &args.genesis)];
    let mut given = Vec::new();
    for (name, path) in settings {
        if let Some(path) = path {
            given.push((name.to_owned(), path.display().to_string()));
        }
    }
    let config = load(args.config.as_deref(), std::env::vars(), &given)?.config;
    let chain_id = read_genesis(&config.genesis)?.chain_id;
    if args.new {
        write_identity(&config.identity, &new_identity()?)?;
        out.say(format!(
            "a new identity key is in {}: keep it, and nobody else's eyes",
            config.identity.display()
        ));
    }
    if !config.identity.exists() {
        let path = config.identity.display();
        let why = format!("there is no identity key at {path}: --new makes one there");
        return Err(Failure::Refused(why).into());
    }
    let key = read_identity(&config.identity)?;
    let public = public_key(&key);
    let application = match (args.replaces, &args.name, &args.endpoint, &args.acts) {
        (Some(member), ..) => Application::Key {
            chain_id,
            member,
            public_key: public,
            proof: take_over(&key, chain_id, member),
        },
        (None, Some(name), Some(endpoint), Some(acts)) => {
            let account = address(acts, wallet)?;
            Application::Admission {
                chain_id,
                name: name.clone(),
                public_key: public,
                endpoint: endpoint.clone(),
                account,
                proof: apply(&key, chain_id, name, endpoint, account),
            }
        }
        _ => {
            let why = "--name, --endpoint and --acts go together";
            return Err(Failure::Usage(why.to_owned()).into());
        }
    };
    let mut text = serde_json::to_vec_pretty(&application)?;
    text.push(b'\n');
    write(&args.output, &text, PUBLIC, args.force)?;
    out.say(format!(
        "{} holds nothing secret: give it to a member, who runs `commonhold member propose {} {0}`",
        args.output.display(),
        if args.replaces.is_some() {
            "key"
        } else {
            "admit"
        },
    ));
    out.result(&application, |_| public.to_string())
}

/// Whom the text means, without a network: an address, or an account of the keystore.
fn address(text: &str, wallet: &WalletArgs) -> eyre::Result<Address> {
    if text.starts_with("0x") {
        let parsed = text.parse();
        return Ok(parsed.map_err(|e| Failure::Usage(format!("--acts {text}: {e}")))?);
    }
    wallet.address_of(text)
}
