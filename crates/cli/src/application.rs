//! What every application's verb is given by this binary, and what becomes of its answer.

use std::path::PathBuf;

use alloy_primitives::Address;
use commonhold_sdk::{Abis, Account, Client, records::Progress};
use commonhold_session::{Answer, Count, Session};
use indicatif::ProgressBar;

use crate::{
    client::{Bar, RpcArgs, who},
    exit::Failure,
    output::Output,
    stopping,
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
struct Here<'a> {
    /// The application: what lies beside the keystore has its name.
    name: &'static str,
    /// Its interface.
    abis: fn() -> Abis,
    via: &'a ViaArgs,
    /// Where it speaks to people.
    out: &'a Output,
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

    fn count(&self, total: u64, what: &'static str) -> Box<dyn Count + '_> {
        Box::new(Counted(self.out.progress(total, what)))
    }

    fn stopping(&self) -> bool {
        stopping::asked()
    }
}

/// A bar that shows how many things are done.
struct Counted(ProgressBar);

impl Count for Counted {
    fn at(&self, done: u64) {
        self.0.set_position(done);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Runs a verb of the application `name` and gives its answer; ends as refused where that says so.
pub(crate) fn run(
    name: &'static str,
    abis: fn() -> Abis,
    via: &ViaArgs,
    out: &mut Output,
    command: impl FnOnce(&dyn Session) -> eyre::Result<Answer>,
) -> eyre::Result<()> {
    let answer = command(&Here {
        name,
        abis,
        via,
        out,
    })?;
    out.result(&answer.data, |_| answer.text.clone())?;
    match answer.refused {
        Some(why) => Err(Failure::Refused(why).into()),
        None => Ok(()),
    }
}
