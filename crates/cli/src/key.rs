//! Which network is meant, by its key.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use commonhold_node::limits::GENESIS_BYTES_MAX;
use commonhold_primitives::{Genesis, consensus::NetworkKey};

use crate::{client, exit::Failure, output::Output};

/// The network's key, or where it stands.
#[derive(clap::Args)]
pub(crate) struct KeyArgs {
    /// The network's public key: 96 bytes in hex.
    #[arg(
        long,
        value_name = "HEX",
        env = "COMMONHOLD_NETWORK_KEY",
        hide_env_values = true
    )]
    network_key: Option<String>,
    /// A genesis document to take the network key from; data/genesis.json where neither is given.
    #[arg(long, value_name = "FILE", conflicts_with = "network_key")]
    genesis: Option<PathBuf>,
}

/// Where `up` keeps the genesis document of the network it runs by default.
const DEFAULT_GENESIS: &str = "data/genesis.json";

impl KeyArgs {
    /// The key.
    pub(crate) fn key(&self, out: &Output) -> eyre::Result<NetworkKey> {
        if let Some(text) = &self.network_key {
            return client::network_key(text);
        }
        let path = self
            .genesis
            .clone()
            .unwrap_or_else(|| DEFAULT_GENESIS.into());
        if self.genesis.is_none() {
            if !path.exists() {
                let why = "say which network it should be: --network-key or --genesis";
                return Err(Failure::Usage(why.into()).into());
            }
            out.say(format!("Network key of {DEFAULT_GENESIS}"));
        }
        let opened = fs::File::open(&path).map_err(|e| missing(&path, &e))?;
        let mut document = Vec::new();
        opened.take(GENESIS_BYTES_MAX).read_to_end(&mut document)?;
        Ok(Genesis::parse(&document)?.network_key()?)
    }
}

/// What is said of a file that cannot be read.
pub(crate) fn missing(path: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}
