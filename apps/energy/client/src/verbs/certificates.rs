//! `commonhold energy certificates`: who has which Wh, and what becomes of them.

use std::{fs, path::PathBuf};

use alloy_primitives::{Address, B256};
use clap::Subcommand;
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Stock, certificateCall, certificateReturn, claimCall, expireCall, lockCall,
        transferCertificateCall, unlockCall, withdrawCertificateCall,
    },
};
use commonhold_sdk::Client;
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;
use serde_json::json;

use super::{
    community::hashed,
    which::{self, CommunityArg, TimeArgs},
};
use crate::{
    gathering::{Wanted, gather},
    ledger, moments,
    papers::energytag::{self, Certificate},
};

/// Certificates of what was generated: list and export them, claim, give away, lock, withdraw, let expire.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  commonhold energy certificates --month 2026-06
  commonhold energy certificates --month 2026-06 --household anna --export june-certificates.json
  commonhold energy certificates claim 2026-06-01T12:00Z --of 3 --wh 250
  commonhold energy certificates transfer 2026-06-01T12:00Z --of 3 --wh 250 --to bert

What neighbours took in a slot is claimed by them when it is settled; the rest is the household's."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    community: CommunityArg,
    /// Only of this household's meter.
    #[arg(long, value_name = "WHO")]
    household: Option<String>,
    /// Write them to this file, with the fields of EnergyTag's standard.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Step {
    /// Claim Wh of yours for what your meter consumed in the same slot.
    Claim(OfArgs),
    /// Give Wh of yours to somebody.
    Transfer {
        #[command(flatten)]
        of: OfArgs,
        /// To whom.
        #[arg(long, value_name = "WHO")]
        to: String,
    },
    /// Hold Wh of yours for another registry.
    Lock {
        #[command(flatten)]
        of: OfArgs,
        /// What the registry is called.
        #[arg(long, value_name = "NAME")]
        registry: String,
    },
    /// Take Wh of an owner back, as the network operator.
    Withdraw {
        #[command(flatten)]
        of: OfArgs,
        /// Whose they are.
        #[arg(long, value_name = "WHO")]
        owner: String,
    },
    /// Let go of Wh that another registry did not take, as the network operator.
    Unlock {
        #[command(flatten)]
        of: OfArgs,
        /// Whose they are.
        #[arg(long, value_name = "WHO")]
        owner: String,
        /// What the registry is called.
        #[arg(long, value_name = "NAME")]
        registry: String,
    },
    /// Let Wh expire whose time is over. Anybody may.
    Expire {
        /// The slot: a time, or seconds since 1970.
        #[arg(value_parser = moments::parse)]
        slot: u64,
        /// The place of the meter that fed it in.
        #[arg(long, value_name = "PLACE")]
        of: u32,
        /// Whose they are [default: you].
        #[arg(long, value_name = "WHO")]
        owner: Option<String>,
        #[command(flatten)]
        community: CommunityArg,
    },
}

#[derive(clap::Args)]
struct OfArgs {
    /// The slot: a time, or seconds since 1970.
    #[arg(value_parser = moments::parse)]
    slot: u64,
    /// The place of the meter that fed it in.
    #[arg(long, value_name = "PLACE")]
    of: u32,
    /// How many Wh.
    #[arg(long, value_name = "WH")]
    wh: u64,
    #[command(flatten)]
    community: CommunityArg,
}

fn ask(
    client: &Client,
    number: u64,
    (slot, index): (u64, u32),
    owner: Address,
) -> Result<certificateReturn, commonhold_sdk::SdkError> {
    let call = certificateCall {
        number,
        slot,
        index,
        owner,
    };
    client.call(ADDRESS, &call)
}

const fn states(stock: &Stock) -> [u64; 5] {
    [
        stock.active,
        stock.claimed,
        stock.expired,
        stock.withdrawn,
        stock.locked,
    ]
}

/// A certificate as it is told.
#[derive(Serialize)]
struct Shown {
    id: B256,
    slot: u64,
    index: u32,
    household: Address,
    issued_wh: u64,
    active_wh: u64,
    claimed_wh: u64,
    own_wh: u64,
    expired_wh: u64,
    withdrawn_wh: u64,
    locked_wh: u64,
}

pub(crate) fn run(args: &Args, session: &dyn Session) -> eyre::Result<Answer> {
    let client = session.client()?;
    match &args.step {
        Some(step) => act(step, session, &client),
        None => list(args, session, &client),
    }
}

fn list(args: &Args, session: &dyn Session, client: &Client) -> eyre::Result<Answer> {
    let number = args.community.meant(client)?;
    let (window, words) = args.time.meant()?;
    let only = match &args.household {
        Some(who) => {
            let (address, _) = which::household(session, number, Some(who))?;
            Some(ledger::member(client, number, address)?.index)
        }
        None => None,
    };
    let wanted = Wanted {
        index: only,
        readings: true,
    };
    let evidence = gather(session, client, number, window, wanted)?;
    let certificates = energytag::certificates(&evidence);
    let shown: Vec<Shown> = certificates.iter().map(Shown::of).collect();
    let export = energytag::export(&evidence, &certificates);
    if let Some(path) = &args.export {
        let bytes = serde_json::to_vec_pretty(&export)?;
        fs::write(path, bytes).map_err(|e| Refused(format!("{}: {e}", path.display())))?;
    }
    let sum = |of: fn(&Shown) -> u64| {
        shown
            .iter()
            .fold(0u64, |sum, one| sum.saturating_add(of(one)))
    };
    let text = format!(
        "{words}: {} certificates, {} Wh issued: {} active, {} claimed ({} at home), {} expired, {} withdrawn, {} locked",
        shown.len(),
        sum(|one| one.issued_wh),
        sum(|one| one.active_wh),
        sum(|one| one.claimed_wh),
        sum(|one| one.own_wh),
        sum(|one| one.expired_wh),
        sum(|one| one.withdrawn_wh),
        sum(|one| one.locked_wh),
    );
    let data = json!({
        "community": number,
        "issued_wh": sum(|one| one.issued_wh),
        "active_wh": sum(|one| one.active_wh),
        "claimed_wh": sum(|one| one.claimed_wh),
        "own_wh": sum(|one| one.own_wh),
        "expired_wh": sum(|one| one.expired_wh),
        "withdrawn_wh": sum(|one| one.withdrawn_wh),
        "locked_wh": sum(|one| one.locked_wh),
        "certificates": shown,
    });
    Answer::of(&data, text)
}

impl Shown {
    fn of(one: &Certificate) -> Self {
        let [active_wh, claimed_wh, expired_wh, withdrawn_wh, locked_wh] = one.states;
        Self {
            id: one.id,
            slot: one.slot,
            index: one.index,
            household: one.household,
            issued_wh: one.wh,
            active_wh,
            claimed_wh,
            own_wh: one.own,
            expired_wh,
            withdrawn_wh,
            locked_wh,
        }
    }
}

fn act(step: &Step, session: &dyn Session, client: &Client) -> eyre::Result<Answer> {
    let account = session.account()?;
    let me = account.address();
    let (community, slot, index, owner) = match step {
        Step::Claim(of) => {
            let community = of.community.meant(client)?;
            let (slot, index, wh) = (of.slot, of.of, of.wh);
            let call = claimCall {
                community,
                slot,
                index,
                wh,
            };
            client.send_call(&account, ADDRESS, &call)?;
            (community, slot, index, me)
        }
        Step::Transfer { of, to } => {
            let community = of.community.meant(client)?;
            let (slot, index, wh) = (of.slot, of.of, of.wh);
            let (to, _) = which::household(session, community, Some(to))?;
            let call = transferCertificateCall {
                community,
                slot,
                index,
                to,
                wh,
            };
            client.send_call(&account, ADDRESS, &call)?;
            (community, slot, index, me)
        }
        Step::Lock { of, registry } => {
            let community = of.community.meant(client)?;
            let (slot, index, wh) = (of.slot, of.of, of.wh);
            let call = lockCall {
                community,
                slot,
                index,
                wh,
                registry: hashed(registry),
            };
            client.send_call(&account, ADDRESS, &call)?;
            (community, slot, index, me)
        }
        Step::Withdraw { of, owner } => {
            let community = of.community.meant(client)?;
            let (slot, index, wh) = (of.slot, of.of, of.wh);
            let (owner, _) = which::household(session, community, Some(owner))?;
            let call = withdrawCertificateCall {
                community,
                slot,
                index,
                owner,
                wh,
            };
            client.send_call(&account, ADDRESS, &call)?;
            (community, slot, index, owner)
        }
        Step::Unlock {
            of,
            owner,
            registry,
        } => {
            let community = of.community.meant(client)?;
            let (slot, index, wh) = (of.slot, of.of, of.wh);
            let (owner, _) = which::household(session, community, Some(owner))?;
            let call = unlockCall {
                community,
                slot,
                index,
                owner,
                wh,
                registry: hashed(registry),
            };
            client.send_call(&account, ADDRESS, &call)?;
            (community, slot, index, owner)
        }
        Step::Expire {
            slot,
            of,
            owner,
            community,
        } => {
            let community = community.meant(client)?;
            let (owner, _) = which::household(session, community, owner.as_deref())?;
            let call = expireCall {
                community,
                slot: *slot,
                index: *of,
                owner,
            };
            client.send_call(&account, ADDRESS, &call)?;
            (community, *slot, *of, owner)
        }
    };
    let told = ask(client, community, (slot, index), owner)?;
    let [active, claimed, expired, withdrawn, locked] = states(&told.has);
    let data = json!({
        "certificate": told.entry.id,
        "owner": owner,
        "active_wh": active,
        "claimed_wh": claimed,
        "expired_wh": expired,
        "withdrawn_wh": withdrawn,
        "locked_wh": locked,
    });
    let text = format!(
        "{owner} has of certificate {}: {active} Wh active, {claimed} claimed, {expired} expired, \
         {withdrawn} withdrawn, {locked} locked",
        told.entry.id
    );
    Answer::of(&data, text)
}
