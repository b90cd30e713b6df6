//! `commonhold health`: the verb is the application's ([`commonhold_health_client::command`]).

use std::path::PathBuf;

use alloy_primitives::Address;
use commonhold_health_client::{abis, command, session::Session};
use commonhold_sdk::{Account, Client, records::Progress};

use crate::{
    client::{Bar, RpcArgs, who},
    exit::Failure,
    output::Output,
    wallet::WalletArgs,
};

/// Health records, genomes, trial data and wearables: what they hold, and how they are shared.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    rpc: RpcArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    #[command(flatten)]
    command: command::Args,
}

/// What the verb is given.
struct Here<'a> {
    args: &'a Args,
    out: &'a Output,
}

impl Session for Here<'_> {
    fn client(&self) -> eyre::Result<Client> {
        Ok(self.args.rpc.client()?.with_abis(abis()))
    }

    fn account(&self) -> eyre::Result<Account> {
        self.args.wallet.open()
    }

    fn address(&self) -> eyre::Result<Address> {
        self.args.wallet.address()
    }

    fn who(&self, text: &str) -> eyre::Result<Address> {
        let (keystore, client) = (self.args.wallet.keystore()?, self.client()?);
        who(text, &keystore, &client, self.out)
    }

    fn place(&self) -> eyre::Result<Option<PathBuf>> {
        Ok(Some(self.args.wallet.keystore()?.beside("health")?))
    }

    fn say(&self, message: &str) {
        self.out.say(message);
    }

    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(Bar::new(self.out))
    }
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let answer = command::run(&args.command, &Here { args, out })?;
    out.result(&answer.data, |_| answer.text.clone())?;
    match answer.refused {
        Some(why) => Err(Failure::Refused(why).into()),
        None => Ok(()),
    }
}
