//! What every application's verb is given by this binary, and what becomes of its answer.

use std::path::PathBuf;

use alloy_primitives::Address;
use commonhold_sdk::{Abis, Account, Client, records::Progress};
use commonhold_session::{Answer, Session};

use crate::{
    client::{Bar, RpcArgs, who},
    exit::Failure,
    output::Output,
    wallet::WalletArgs,
};

/// Through which node, and as whom.
#[derive(clap::Args)]
pub(crate) struct ViaArgs {
    #[command(flatten)]
    rpc: RpcArgs,
    #[command(flatten)]
    wallet: WalletArgs,
}

/// What a verb is given.
pub(crate) struct Here<'a> {
    /// The application: what lies beside the keystore has its name.
    pub(crate) name: &'static str,
    /// Its interface.
    pub(crate) abis: fn() -> Abis,
    /// Through which node, and as whom.
    pub(crate) via: &'a ViaArgs,
    /// Where it speaks to people.
    pub(crate) out: &'a Output,
}

impl Session for Here<'_> {
    fn client(&self) -> eyre::Result<Client> {
        Ok(self.via.rpc.client()?.with_abis((self.abis)()))
    }

    fn account(&self) -> eyre::Result<Account> {
        self.via.wallet.open()
    }

    fn address(&self) -> eyre::Result<Address> {
        self.via.wallet.address()
    }

    fn who(&self, text: &str) -> eyre::Result<Address> {
        let (keystore, client) = (self.via.wallet.keystore()?, self.client()?);
        who(text, &keystore, &client, self.out)
    }

    fn place(&self) -> eyre::Result<Option<PathBuf>> {
        Ok(Some(self.via.wallet.keystore()?.beside(self.name)?))
    }

    fn say(&self, message: &str) {
        self.out.say(message);
    }

    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(Bar::new(self.out))
    }
}

/// Gives an answer; ends as refused where it says so.
pub(crate) fn give(answer: &Answer, out: &mut Output) -> eyre::Result<()> {
    out.result(&answer.data, |_| answer.text.clone())?;
    match &answer.refused {
        Some(why) => Err(Failure::Refused(why.clone()).into()),
        None => Ok(()),
    }
}
