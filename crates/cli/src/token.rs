//! `commonhold token`.

mod issue;
mod reading;

use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::TransactionReceipt;
use clap::Subcommand;
use commonhold_sdk::{Client, amount};
use serde::Serialize;

use crate::{
    client::{RpcArgs, who},
    output::Output,
    wallet::WalletArgs,
};

/// Send money, look at it, and issue it as a member.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    rpc: RpcArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell what somebody has.
    Balance {
        /// Who: an address, an account of your keystore, or a handle [default: the account that acts].
        who: Option<String>,
    },
    /// Send money to somebody.
    #[command(after_help = "\
Examples:
  commonhold token send bob 12.5 --account alice
  commonhold token send 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 0.000000001")]
    Send {
        /// Whom: an address, an account of your keystore, or a handle.
        to: String,
        /// How much: up to nine decimal places.
        #[arg(value_parser = some)]
        amount: U256,
    },
    /// Give your money back: it is gone, and there is less of it.
    Redeem {
        /// How much: up to nine decimal places.
        #[arg(value_parser = some)]
        amount: U256,
        /// A mark of your own, for whoever pays you out: 32 bytes in hex.
        #[arg(long, value_name = "HEX", default_value_t = B256::ZERO, hide_default_value = true)]
        mark: B256,
    },
    /// Tell how somebody's money came and went, newest first.
    History {
        /// Whose: an address, an account of your keystore, or a handle [default: the account that
        /// acts].
        who: Option<String>,
        /// How many movements.
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: usize,
    },
    /// Tell how much there is in all.
    Supply,
    /// Issue money, as a member: more than two thirds of the members have to approve.
    #[command(subcommand)]
    Issue(issue::Verb),
    /// Look at money that is set aside.
    #[command(subcommand)]
    Escrow(reading::Verb),
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let client = args.rpc.client()?;
    match &args.verb {
        Verb::Balance { who } => {
            let account = args.whose(who.as_deref(), &client, out)?;
            let balance = Amount::of(client.token_balance(account)?);
            out.result(&Balance { account, balance }, |b| b.balance.text())
        }
        Verb::Send { to, amount } => {
            let address = who(to, &args.wallet.keystore()?, &client, out)?;
            let account = args.wallet.open()?;
            let receipt = client.token_send(&account, address, *amount)?;
            out.say(format!("{to} has {} more", amount::show(*amount)));
            out.result(&Done::of(&receipt), Done::text)
        }
        Verb::Redeem { amount, mark } => {
            let account = args.wallet.open()?;
            let receipt = client.token_redeem(&account, *amount, *mark)?;
            out.say(format!("{} are gone", amount::show(*amount)));
            out.result(&Done::of(&receipt), Done::text)
        }
        Verb::History { who, last } => {
            let account = args.whose(who.as_deref(), &client, out)?;
            reading::history(&client, account, *last, out)
        }
        Verb::Supply => {
            let supply = Amount::of(client.token_supply()?);
            out.result(&Supply { supply }, |s| s.supply.text())
        }
        Verb::Issue(verb) => issue::run(verb, args, &client, out),
        Verb::Escrow(verb) => reading::escrow(verb, args, &client, out),
    }
}

impl Args {
    /// Whom the text means; without one, the account that acts.
    fn whose(&self, text: Option<&str>, client: &Client, out: &Output) -> eyre::Result<Address> {
        match text {
            Some(text) => who(text, &self.wallet.keystore()?, client, out),
            None => self.wallet.address(),
        }
    }
}

/// Reads an amount that moves something.
fn some(text: &str) -> Result<U256, String> {
    match amount::parse(text) {
        Ok(units) if units.is_zero() => Err("an amount of zero moves nothing".to_owned()),
        Ok(units) => Ok(units),
        Err(error) => Err(error.to_string()),
    }
}

/// An amount of money, as people write it and in units. Both are text: numbers in JSON are not exact.
#[derive(Serialize)]
struct Amount {
    tokens: String,
    units: String,
}

impl Amount {
    fn of(units: U256) -> Self {
        Self {
            tokens: amount::show(units),
            units: units.to_string(),
        }
    }

    fn text(&self) -> String {
        self.tokens.clone()
    }
}

#[derive(Serialize)]
struct Balance {
    account: Address,
    balance: Amount,
}

#[derive(Serialize)]
struct Supply {
    supply: Amount,
}

/// What a step on the ledger gave.
#[derive(Serialize)]
struct Done {
    transaction: B256,
    block: Option<u64>,
}

impl Done {
    const fn of(receipt: &TransactionReceipt) -> Self {
        Self {
            transaction: receipt.transaction_hash,
            block: receipt.block_number,
        }
    }

    fn text(&self) -> String {
        self.transaction.to_string()
    }
}
