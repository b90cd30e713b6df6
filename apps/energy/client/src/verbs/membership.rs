//! `commonhold energy join`, `limits`, `deposit`, `withdraw`, `leave`.

use std::path::PathBuf;

use alloy_primitives::{B256, U256};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Joined, Left, depositCall, joinCall, leaveCall, setLimitsCall, withdrawCall,
    },
};
use commonhold_sdk::{Account, Client, amount, devices::Description, reading::DeviceId};
use commonhold_session::{Answer, Refused, Session};
use serde_json::json;

use super::{
    community::hashed,
    which::{self, CommunityArg},
};
use crate::{keys, ledger, moments};

/// Join a community with a meter, as somebody who is invited.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  commonhold energy join --meter meter.key --fuse 11000 --buy 200000 --sell 70000 --supplier grid-co
  commonhold energy join --meter $DEVICE --fuse 25000 --buy 200000 --sell 70000 --technology solar \\
    --deposit 20

The meter is a device of yours; one whose key file is given and that is not enrolled yet is enrolled.
Who has its reserve takes part: what its fuse lets through in an hour, at the community's ceiling.")]
pub(crate) struct Join {
    /// The meter: the id of an enrolled device of yours, or its key file.
    #[arg(long, value_name = "ID|FILE")]
    meter: String,
    /// What its fuse lets through, W.
    #[arg(long, value_name = "W")]
    fuse: u32,
    /// The dearest you buy at, micro-currency per kWh, fees apart.
    #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
    buy: i64,
    /// The cheapest you sell at.
    #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
    sell: i64,
    /// Who supplies you from the grid [default: who founded the community].
    #[arg(long, value_name = "WHO")]
    supplier: Option<String>,
    /// What you generate with, such as solar [default: nothing].
    #[arg(long, default_value = "")]
    technology: String,
    /// Put this much money in as well.
    #[arg(long, value_name = "AMOUNT", value_parser = which::money)]
    deposit: Option<U256>,
    #[command(flatten)]
    community: CommunityArg,
}

/// Show your two standing limit prices, or set them.
#[derive(clap::Args)]
pub(crate) struct Limits {
    /// The dearest you buy at, micro-currency per kWh, fees apart.
    #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
    buy: Option<i64>,
    /// The cheapest you sell at.
    #[arg(long, value_name = "MICRO", allow_hyphen_values = true)]
    sell: Option<i64>,
    #[command(flatten)]
    community: CommunityArg,
}

/// Put money into a community, from which what neighbours sell you is paid.
#[derive(clap::Args)]
pub(crate) struct Deposit {
    /// How much: up to nine decimal places.
    #[arg(value_parser = which::money)]
    amount: U256,
    #[command(flatten)]
    community: CommunityArg,
}

/// Take money out of a community; a member's reserve stays while it takes part.
#[derive(clap::Args)]
pub(crate) struct Withdraw {
    /// How much.
    #[arg(value_parser = which::money)]
    amount: U256,
    #[command(flatten)]
    community: CommunityArg,
}

/// Leave a community, from the next slot on.
#[derive(clap::Args)]
pub(crate) struct Leave {
    #[command(flatten)]
    community: CommunityArg,
}

/// The meter that was meant, enrolled where its key is here and it was not yet.
fn meter(client: &Client, account: &Account, text: &str) -> eyre::Result<DeviceId> {
    if let Ok(id) = text.parse::<B256>() {
        return Ok(DeviceId(id));
    }
    let secret = keys::read(&PathBuf::from(text))?;
    let id = secret.key().id();
    match client.device(id) {
        Ok(_) => {}
        Err(commonhold_sdk::SdkError::Reverted { .. }) => {
            let description = Description {
                model: "meter".to_owned(),
                calibrated_until: 0,
            };
            client.enrol(account, &secret, &description)?;
        }
        Err(e) => return Err(e.into()),
    }
    Ok(id)
}

pub(crate) fn join(args: &Join, session: &dyn Session) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let community = args.community.meant(&client)?;
    let found = ledger::community(&client, community)?;
    let supplier = match &args.supplier {
        Some(who) => session.who(who)?,
        None => found.manager,
    };
    let meter = meter(&client, &account, &args.meter)?;
    let call = joinCall {
        community,
        meter: meter.0,
        fuse: args.fuse,
        buy: args.buy,
        sell: args.sell,
        supplier,
        technology: hashed(&args.technology),
    };
    let told: Joined = client.send_for_event(&account, ADDRESS, &call)?;
    if let Some(amount) = args.deposit {
        put_in(&client, &account, community, amount)?;
    }
    let member = ledger::member(&client, community, account.address())?;
    let short = member.reserve.saturating_sub(member.balance);
    let data = json!({
        "community": community,
        "index": told.index,
        "meter": meter,
        "from": told.from,
        "reserve": member.reserve.to_string(),
        "balance": member.balance.to_string(),
    });
    let mut text = format!(
        "place {} of community {community}, measured from {} on",
        told.index,
        moments::show(told.from)
    );
    if !short.is_zero() {
        text.push_str(&format!(
            "\nto take part put in {} at least: `commonhold energy deposit {}`",
            amount::show(short),
            amount::show(short)
        ));
    }
    Answer::of(&data, text)
}

pub(crate) fn limits(args: &Limits, session: &dyn Session) -> eyre::Result<Answer> {
    let client = session.client()?;
    let number = args.community.meant(&client)?;
    let me = session.address()?;
    let before = ledger::member(&client, number, me)?;
    let (buy, sell) = (
        args.buy.unwrap_or(before.buy),
        args.sell.unwrap_or(before.sell),
    );
    let set = args.buy.is_some() || args.sell.is_some();
    if set {
        let call = setLimitsCall {
            community: number,
            buy,
            sell,
        };
        client.send_call(&session.account()?, ADDRESS, &call)?;
    }
    let data = json!({
        "community": number,
        "buy": buy,
        "sell": sell,
        "set": set,
        "active": before.active,
    });
    let from = if set { ", from the next slot on" } else { "" };
    let text = format!("you buy at {buy} at most and sell at {sell} at least, micro per kWh{from}");
    Answer::of(&data, text)
}

fn put_in(client: &Client, account: &Account, community: u64, amount: U256) -> eyre::Result<()> {
    let has = client.token_balance(account.address())?;
    if has < amount {
        let why = format!(
            "you have {}, and {} are to be put in: members issue money by `commonhold token issue propose`",
            amount::show(has),
            amount::show(amount)
        );
        return Err(Refused(why).into());
    }
    client.token_approve(account, ADDRESS, amount)?;
    client.send_call(account, ADDRESS, &depositCall { community, amount })?;
    Ok(())
}

pub(crate) fn deposit(args: &Deposit, session: &dyn Session) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let community = args.community.meant(&client)?;
    put_in(&client, &account, community, args.amount)?;
    balance(&client, community, &account)
}

pub(crate) fn withdraw(args: &Withdraw, session: &dyn Session) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let community = args.community.meant(&client)?;
    let amount = args.amount;
    client.send_call(&account, ADDRESS, &withdrawCall { community, amount })?;
    balance(&client, community, &account)
}

fn balance(client: &Client, community: u64, account: &Account) -> eyre::Result<Answer> {
    let who = account.address();
    let call = commonhold_energy_contract::interface::IEnergy::accountCall {
        number: community,
        who,
    };
    let told = client.call(ADDRESS, &call)?;
    let data = json!({ "community": community, "balance": told.balance.to_string() });
    let text = format!("{} in community {community}", amount::show(told.balance));
    Answer::of(&data, text)
}

pub(crate) fn leave(args: &Leave, session: &dyn Session) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let community = args.community.meant(&client)?;
    let told: Left = client.send_for_event(&account, ADDRESS, &leaveCall { community })?;
    let data = json!({ "community": community, "from": told.from });
    let text = format!(
        "you leave: the slot of {} is the first without you. When all before it are settled, \
         `commonhold energy withdraw` takes all of your money out",
        moments::show(told.from)
    );
    Answer::of(&data, text)
}
