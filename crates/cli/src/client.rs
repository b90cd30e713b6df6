//! How the verbs that talk to a network do it.

use std::{cell::RefCell, path::PathBuf};

use alloy_primitives::Address;
use commonhold_primitives::consensus::NetworkKey;
use commonhold_sdk::{
    Authorities, Client, Keystore, KeystoreError,
    records::{Progress, Step},
};
use indicatif::ProgressBar;

use crate::output::Output;

/// Which node is asked.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Network")]
pub(crate) struct RpcArgs {
    /// The node to talk to.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "COMMONHOLD_RPC",
        default_value = "http://localhost:8545",
        hide_env_values = true
    )]
    rpc: String,
    /// For a node at https://: the certificates (PEM) of who may vouch for it, instead of those whom
    /// this machine trusts.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "COMMONHOLD_RPC_CA",
        hide_env_values = true
    )]
    rpc_ca: Option<PathBuf>,
}

impl RpcArgs {
    /// The node.
    pub(crate) fn client(&self) -> eyre::Result<Client> {
        let Some(path) = &self.rpc_ca else {
            return Ok(Client::new(&self.rpc)?);
        };
        Ok(Client::vouched(&self.rpc, &Authorities::from_file(path)?)?)
    }
}

/// Whom a text means: an address, an account of the keystore, or a handle on the ledger.
pub(crate) fn who(
    text: &str,
    keystore: &Keystore,
    client: &Client,
    out: &Output,
) -> eyre::Result<Address> {
    if !text.starts_with("0x") {
        match keystore.show(text) {
            Ok(listed) => {
                if let Some(address) = listed.address {
                    out.say(format!("{text} is {address}, an account of yours"));
                    return Ok(address);
                }
            }
            Err(KeystoreError::Unknown(_) | KeystoreError::Name(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    let address = client.resolve(text)?;
    if !text.starts_with("0x") {
        out.say(format!("{text} is {address} on the ledger"));
    }
    Ok(address)
}

/// Reads a network key.
pub(crate) fn network_key(text: &str) -> eyre::Result<NetworkKey> {
    Ok(commonhold_sdk::client::network_key(text)?)
}

/// Shows how far the bytes of a record have come.
pub(crate) struct Bar<'a> {
    out: &'a Output,
    now: RefCell<Option<(Step, ProgressBar)>>,
}

impl<'a> Bar<'a> {
    pub(crate) const fn new(out: &'a Output) -> Self {
        Self {
            out,
            now: RefCell::new(None),
        }
    }
}

impl Progress for Bar<'_> {
    fn at(&self, step: Step, done: u64, total: u64) {
        let mut now = self.now.borrow_mut();
        if now.as_ref().is_none_or(|(shown, _)| *shown != step) {
            if let Some((_, bar)) = now.take() {
                bar.finish_and_clear();
            }
            let name = match step {
                Step::Encrypt => "Encrypting",
                Step::Upload => "Sending",
                Step::Download => "Fetching",
                Step::Decrypt => "Decrypting",
                Step::Write => "Writing",
            };
            *now = Some((step, self.out.progress_bytes(total, name)));
        }
        if let Some((_, bar)) = now.as_ref() {
            bar.set_position(done);
        }
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        if let Some((_, bar)) = self.now.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}
