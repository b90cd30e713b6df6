//! The homes of a replay: their accounts, their meters, and how they come into the community.

use alloy_primitives::{Address, B256, Bytes, U256};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{Member, depositCall, inviteCall, joinCall},
};
use commonhold_sdk::{
    Account, Client, DEVICES, IDevices, KeystoreError, SdkError, TOKEN, amount,
    lane::Lane,
    reading::{Algorithm, DeviceSecret},
    token::{approveCall, transferCall},
};
use commonhold_session::{Refused, Session};

use super::Plan;
use crate::{
    ledger,
    verbs::{community::hashed, which},
};

/// Gas for each of the few things that a home sends itself.
const HOME_GAS: u64 = 3_000_000;
/// What a fuse lets through at least, W.
const FUSE_MIN: u64 = 3_000;

/// A home of the folder on the ledger.
pub(super) struct Home {
    /// Its account.
    pub(super) account: Account,
    /// Its meter's key.
    pub(super) meter: DeviceSecret,
    fuse: u32,
    /// What it should have in the community when the replay begins.
    money: U256,
}

/// What is missing of a home on the ledger.
#[derive(Default)]
struct Missing {
    enrolment: bool,
    membership: bool,
    money: U256,
}

/// A secret that follows from the acting account's key, the community and the home's name.
fn salt(account: &Account, number: u64, name: &str, what: &str) -> B256 {
    account.salt(format!("commonhold energy replay v1/{number}/{name}/{what}").as_bytes())
}

/// The account of a home that `account` plays in the community `number`.
///
/// # Errors
/// Where the secret is no key, which does not happen in practice.
pub fn home_account(account: &Account, number: u64, name: &str) -> Result<Account, KeystoreError> {
    Account::from_secret(salt(account, number, name, "account").as_slice())
}

impl Home {
    /// A home of the acting account's: keys that follow from its key, the community and the home's name.
    /// Slots before `rest` are played already, and paid.
    fn new(
        account: &Account,
        number: u64,
        plan: &Plan<'_>,
        at: usize,
        rest: u64,
    ) -> eyre::Result<Self> {
        let home = plan.folder.homes.get(at);
        let name = home.map(|home| home.name.as_str()).unwrap_or_default();
        let meter = salt(account, number, name, "meter");
        let (from, to) = plan.window;
        let whole = home.map_or(0, |home| home.slots.len() as u64);
        // A fuse stays when another part of the folder is played later.
        let nets = (0..whole).map(|slot| plan.net(at, slot).unsigned_abs());
        let widest = nets.max().unwrap_or_default();
        let nets = (from.max(rest)..to).map(|slot| plan.net(at, slot));
        let import = nets.fold(0u64, |sum, net| {
            sum.saturating_add(net.max(0).unsigned_abs())
        });
        // What the widest slot takes, in watts, and room beside it.
        let watts = widest
            .saturating_mul(3_600)
            .div_ceil(plan.seconds().max(1))
            .saturating_mul(5)
            .div_euclid(4)
            .max(FUSE_MIN);
        let ceiling = u64::try_from(plan.regime.tariff.retail).unwrap_or_default();
        let reserve = U256::from(watts).saturating_mul(U256::from(ceiling));
        let energy = U256::from(import).saturating_mul(U256::from(ceiling));
        Ok(Self {
            account: home_account(account, number, name)?,
            meter: DeviceSecret::from_bytes(Algorithm::Ed25519, &meter.0)?,
            fuse: u32::try_from(watts).unwrap_or(u32::MAX),
            money: if rest < to {
                reserve.saturating_add(energy)
            } else {
                U256::ZERO
            },
        })
    }

    fn missing(&self, client: &Client, number: u64) -> Result<Missing, SdkError> {
        let enrolment = match client.device(self.meter.key().id()) {
            Ok(_) => false,
            Err(SdkError::Reverted { .. }) => true,
            Err(e) => return Err(e),
        };
        match ledger::member(client, number, self.account.address()) {
            Ok(member) => Ok(Missing {
                enrolment,
                membership: false,
                money: self.money.saturating_sub(member.balance),
            }),
            Err(SdkError::Reverted { .. }) => Ok(Missing {
                enrolment,
                membership: true,
                money: self.money,
            }),
            Err(e) => Err(e),
        }
    }
}

/// What the ledger has of all homes.
pub(super) fn members(
    client: &Client,
    number: u64,
    homes: &[Home],
) -> Result<Vec<Member>, SdkError> {
    let one = |home: &Home| ledger::member(client, number, home.account.address());
    homes.iter().map(one).collect()
}

/// Brings all homes into the community that are not there yet, each with its money.
pub(super) fn settle_in(
    session: &dyn Session,
    client: &Client,
    account: &Account,
    number: u64,
    plan: &Plan<'_>,
    rest: u64,
) -> eyre::Result<Vec<Home>> {
    let mut homes = Vec::new();
    let mut missing = Vec::new();
    for at in 0..plan.folder.homes.len() {
        let home = Home::new(account, number, plan, at, rest)?;
        missing.push(home.missing(client, number)?);
        homes.push(home);
    }
    remember(session, number, plan, &homes)?;
    afford(client, account.address(), &homes, &missing)?;
    let bar = session.count(homes.len() as u64, "Moving in");
    // The account that founded the community: money and invitations.
    let mut lane = Lane::open(client, account)?;
    for (home, open) in homes.iter().zip(&missing) {
        let household = home.account.address();
        let has = client.token_balance(household)?;
        let value = open.money.saturating_sub(has);
        if !value.is_zero() {
            let call = transferCall {
                to: household,
                value,
            };
            lane.give(TOKEN, &call, HOME_GAS)?;
        }
        if open.membership {
            let community = number;
            let call = inviteCall {
                community,
                household,
            };
            lane.give(ADDRESS, &call, HOME_GAS)?;
        }
    }
    lane.check()?;
    let mut lanes = Vec::new();
    for ((at, home), open) in homes.iter().enumerate().zip(&missing) {
        if !open.enrolment && !open.membership && open.money.is_zero() {
            continue;
        }
        let mut lane = Lane::open(client, &home.account)?;
        moves(client, &mut lane, home, open, number, (plan, account, at))?;
        lane.send()?;
        lanes.push(lane);
    }
    for (done, lane) in (1u64..).zip(&mut lanes) {
        lane.check()?;
        bar.at(done);
    }
    drop(lanes);
    Ok(homes)
}

/// What a home sends itself to come in.
fn moves(
    client: &Client,
    lane: &mut Lane<'_>,
    home: &Home,
    open: &Missing,
    number: u64,
    (plan, account, at): (&Plan<'_>, &Account, usize),
) -> eyre::Result<()> {
    let household = home.account.address();
    let key = home.meter.key();
    if open.enrolment {
        let message = client.enrolment(key, household)?;
        let proof = home.meter.sign(message.as_slice());
        let call = IDevices::enrolCall {
            algorithm: key.algorithm().number(),
            key: Bytes::copy_from_slice(key.bytes()),
            model: "replayed meter".to_owned(),
            calibratedUntil: 0,
            proof: Bytes::copy_from_slice(&proof),
        };
        lane.give(DEVICES, &call, HOME_GAS)?;
    }
    if open.membership {
        let limits = plan
            .folder
            .homes
            .get(at)
            .map(|home| plan.regime.limits(home));
        let (buy, sell) = limits.unwrap_or_default();
        let generates = plan
            .folder
            .homes
            .get(at)
            .is_some_and(|home| home.slots.iter().any(|(_, generated)| *generated != 0));
        let call = joinCall {
            community: number,
            meter: key.id().0,
            fuse: home.fuse,
            buy,
            sell,
            supplier: account.address(),
            technology: hashed(if generates { "solar" } else { "" }),
        };
        lane.give(ADDRESS, &call, HOME_GAS)?;
    }
    if !open.money.is_zero() {
        let (community, amount) = (number, open.money);
        let call = approveCall {
            spender: ADDRESS,
            value: amount,
        };
        lane.give(TOKEN, &call, HOME_GAS)?;
        lane.give(ADDRESS, &depositCall { community, amount }, HOME_GAS)?;
    }
    Ok(())
}

/// Whether the acting account has what its homes need.
fn afford(client: &Client, me: Address, homes: &[Home], missing: &[Missing]) -> eyre::Result<()> {
    let mut needed = U256::ZERO;
    for (home, open) in homes.iter().zip(missing) {
        let has = client.token_balance(home.account.address())?;
        needed = needed.saturating_add(open.money.saturating_sub(has));
    }
    let has = client.token_balance(me)?;
    if has >= needed {
        return Ok(());
    }
    let short = needed.saturating_sub(has);
    let whole = short.div_ceil(amount::one_token());
    let why = format!(
        "the homes need {} to pay their neighbours, and {me} has {}: have members issue what is missing, \
         `commonhold token issue propose {me} {whole} --reason replay`",
        amount::show(needed),
        amount::show(has),
    );
    Err(Refused(why).into())
}

/// Remembers what homes are called, so that verbs take their names.
fn remember(
    session: &dyn Session,
    number: u64,
    plan: &Plan<'_>,
    homes: &[Home],
) -> eyre::Result<()> {
    let mut names = which::names(session, number)?;
    for (home, told) in homes.iter().zip(&plan.folder.homes) {
        names.insert(home.account.address(), told.name.clone());
    }
    which::remember(session, number, &names)
}
