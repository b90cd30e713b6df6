//! A real community's time, played on a network through real signed readings.
//!
//! ```text
//! folder ── homes: accounts and meter keys from the acting account's key ── invited, enrolled, joined, paid in
//!   ── slot by slot: report (signed by each meter) ── clear ── settle ── many slots on their way at a time
//!   ── what the ledger says at the end, beside the same slots computed here without one
//! ```
//! It is resumable at any transaction: what is there is looked up, and what is missing is sent.

mod homes;
mod playing;

pub use homes::home_account;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, I256};
use commonhold_energy_contract::{
    ADDRESS,
    interface::IEnergy::{
        Community, Founded, Member, Mode, Rules, accountCall, communitiesCall, foundCall,
        setTariffCall,
    },
    limits::GRACE_SECONDS_MAX,
    settlement::{Tariff, money},
};
use commonhold_sdk::{Account, Client, SdkError};
use commonhold_session::{Answer, Refused, Session};
use jiff::fmt::strtime;
use serde::Serialize;

use crate::{
    community::{Community as Folder, Regime},
    ledger,
    metering::Measured,
    papers::cents,
    simulate::Nano,
    verbs::rules::{RulesArgs, usual},
};

/// What is to be played.
pub(crate) struct Plan<'a> {
    pub(crate) folder: Folder,
    pub(crate) regime: Regime,
    pub(crate) rules: &'a RulesArgs,
    /// From which slot of the folder to just before which.
    pub(crate) window: (u64, u64),
    /// When slot 0 begins, where not as the folder says.
    pub(crate) start: Option<u64>,
    /// How many times as fast as it happened.
    pub(crate) speed: Option<u64>,
    /// The community, where not the one of the folder's name.
    pub(crate) community: Option<u64>,
}

/// What a replay did.
#[derive(Debug, Serialize)]
struct Played {
    community: u64,
    homes: usize,
    from: u64,
    to: u64,
    slots: u64,
    readings: u64,
    transactions: u64,
    local_wh: u64,
    import_wh: u64,
    export_wh: u64,
    max_local_wh: u64,
    grid_only_nano: Nano,
    paid_nano: Nano,
    saving_nano: Nano,
    saving_bp: Option<i64>,
    worse_off: usize,
    generated_wh: u64,
    accounts_sum_nano: Nano,
    unbalanced_homes: usize,
    seconds: u64,
    milliseconds: u64,
    complete: bool,
}

impl Plan<'_> {
    fn seconds(&self) -> u64 {
        self.folder.slot_seconds.into()
    }

    /// When slot 0 of the folder begins.
    fn zero(&self) -> eyre::Result<u64> {
        if let Some(start) = self.start {
            return Ok(start);
        }
        let unfit =
            || Refused("slot0_local is no local time with an offset: give --start".to_owned());
        let start = strtime::parse("%Y-%m-%dT%H:%M:%S%:z", &self.folder.slot0_local)
            .and_then(|start| start.to_timestamp())
            .map_err(|_| unfit())?;
        u64::try_from(start.as_second()).map_err(|_| unfit().into())
    }

    /// When a slot of the folder begins.
    fn time(&self, zero: u64, slot: u64) -> u64 {
        zero.saturating_add(slot.saturating_mul(self.seconds()))
    }

    /// What a home consumed and generated in a slot.
    fn told(&self, home: usize, slot: u64) -> (u64, u64) {
        let slots = self.folder.homes.get(home).map(|home| &home.slots);
        let at = usize::try_from(slot).ok();
        let told = slots.zip(at).and_then(|(slots, at)| slots.get(at));
        told.copied().unwrap_or_default()
    }

    /// What a home measured in a slot, as its meter sees it.
    fn net(&self, home: usize, slot: u64) -> i64 {
        let (consumed, generated) = self.told(home, slot);
        Measured::net(consumed, generated)
    }

    /// What its production meter saw; none where nothing was generated.
    fn generated(&self, home: usize, slot: u64) -> Option<u64> {
        let (_, generated) = self.told(home, slot);
        (generated != 0).then_some(generated)
    }

    fn rules(&self) -> Rules {
        let fees = &self.regime.fees;
        let half = self.regime.band().div_euclid(2);
        let before = Rules {
            mode: Mode::Auction,
            localPrice: self.regime.tariff.feed_in.saturating_add(half),
            networkFee: fees.network,
            communityFee: fees.community,
            levy: fees.levy,
            slotSeconds: self.folder.slot_seconds,
            // A slot whose readings were refused is waited for, and not passed over by those after it.
            graceSeconds: GRACE_SECONDS_MAX,
            finalSeconds: 0,
            ..usual()
        };
        Rules {
            slotSeconds: self.folder.slot_seconds,
            ..self.rules.over(&before)
        }
    }
}

/// The community of the plan: the one that is named, the one of its name that the account founded, or a new
/// one.
fn community(
    session: &dyn Session,
    client: &Client,
    account: &Account,
    plan: &Plan<'_>,
    start: u64,
) -> eyre::Result<u64> {
    let me = account.address();
    if let Some(number) = plan.community {
        let found = ledger::community(client, number)?;
        if found.manager != me {
            let why = format!(
                "community {number} was founded by {}: only who founded it invites homes",
                found.manager
            );
            return Err(Refused(why).into());
        }
        return Ok(number);
    }
    let total = client.call(ADDRESS, &communitiesCall {})?;
    for number in (1..=total).rev() {
        let found = ledger::community(client, number)?;
        if found.manager == me && found.name == plan.folder.name && found.rehearsal {
            session.say(&format!("going on with community {number}, {}", found.name));
            return Ok(number);
        }
    }
    let ceiling = u64::try_from(plan.regime.tariff.retail).unwrap_or_default();
    let call = foundCall {
        name: plan.folder.name.clone(),
        zone: alloy_primitives::keccak256(&plan.folder.name),
        network: me,
        treasury: me,
        levyTo: me,
        ceiling: ceiling.max(1),
        start,
        rules: plan.rules(),
    };
    let told: Founded = client.send_for_event(account, ADDRESS, &call)?;
    let community = told.community;
    let call = setTariffCall {
        community,
        retail: plan.regime.tariff.retail,
        feedIn: plan.regime.tariff.feed_in,
    };
    client.send_call(account, ADDRESS, &call)?;
    session.say(&format!(
        "community {community}, {}, is founded",
        plan.folder.name
    ));
    Ok(community)
}

pub(crate) fn run(session: &dyn Session, plan: &Plan<'_>) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let zero = plan.zero()?;
    let (from, to) = plan.window;
    let (begin, end) = (plan.time(zero, from), plan.time(zero, to));
    if end > client.block_time()? {
        let why = "these slots are not over yet: --start moves them into the past";
        return Err(Refused(why.to_owned()).into());
    }
    if begin % 3_600 != 0 {
        let why = "the first slot does not begin at a full hour: choose --from or --start";
        return Err(Refused(why.to_owned()).into());
    }
    let clock = Instant::now();
    let number = community(session, &client, &account, plan, begin)?;
    let found = ledger::community(&client, number)?;
    let seconds = found.rules.slotSeconds;
    if u64::from(seconds) != plan.seconds() {
        let why = format!("community {number} has slots of {seconds} s, and the folder others");
        return Err(Refused(why).into());
    }
    if found.next > begin && found.next < end {
        session.say("slots before this are played already");
    }
    let first = found.next.max(begin).min(end);
    let rest = first.saturating_sub(zero).div_euclid(plan.seconds());
    let homes = homes::settle_in(session, &client, &account, number, plan, rest)?;
    let before = homes::members(&client, number, &homes)?;
    let others = others(&found, &before);
    let others_before = standing(&client, number, &others)?;
    let mut play = playing::Play::new(session, &client, &account, number, plan, &homes, zero)?;
    play.all(first, end)?;
    let after = homes::members(&client, number, &homes)?;
    let last = ledger::community(&client, number)?.next.min(end);
    let spent = clock.elapsed();
    let others_after = standing(&client, number, &others)?;
    let mut told = played(plan, number, (zero, first, last), &before, &after, &play);
    let moved = others_after.saturating_sub(others_before);
    told.accounts_sum_nano = Nano(moved.saturating_sub(told.paid_nano.0));
    answer(told, spent, last >= end)
}

/// Who has an account in a community and is no household: network operator, treasury, taxes, suppliers.
fn others(community: &Community, members: &[Member]) -> BTreeSet<Address> {
    let payees = [community.network, community.treasury, community.levyTo];
    let suppliers = members.iter().map(|member| member.supplier);
    let mut others: BTreeSet<Address> = payees.into_iter().chain(suppliers).collect();
    for member in members {
        others.remove(&member.household);
    }
    others
}

/// What accounts have and are owed together, nano-currency.
fn standing(client: &Client, number: u64, accounts: &BTreeSet<Address>) -> Result<i128, SdkError> {
    let mut sum = 0i128;
    for who in accounts {
        let who = *who;
        let told = client.call(ADDRESS, &accountCall { number, who })?;
        let has = i128::try_from(told.balance).unwrap_or(i128::MAX);
        let owed = i128::try_from(told.statement).unwrap_or_default();
        sum = sum.saturating_add(has).saturating_add(owed);
    }
    Ok(sum)
}

/// What the ledger says of the slots that were played, beside the same without one.
fn played(
    plan: &Plan<'_>,
    number: u64,
    (zero, first, last): (u64, u64, u64),
    before: &[Member],
    after: &[Member],
    play: &playing::Play<'_>,
) -> Played {
    let slot = |time: u64| time.saturating_sub(zero).div_euclid(plan.seconds());
    let (from, to) = (slot(first), slot(last).max(slot(first)));
    let tariff = plan.regime.tariff;
    let alone: Vec<i128> = (0..plan.folder.homes.len())
        .map(|home| alone(plan, home, (from, to), &tariff))
        .collect();
    let whole = |amount: I256| i128::try_from(amount).unwrap_or_default();
    let mut paid = Vec::new();
    let (mut local_wh, mut unbalanced_homes) = (0u64, 0usize);
    for (home, (before, after)) in before.iter().zip(after).enumerate() {
        let prepaid = |member: &Member| i128::try_from(member.balance).unwrap_or_default();
        let moved = prepaid(after).saturating_sub(prepaid(before));
        let owed = whole(after.statement).saturating_sub(whole(before.statement));
        paid.push(moved.saturating_add(owed));
        let local = after.importLocal.saturating_sub(before.importLocal);
        local_wh = local_wh.saturating_add(local);
        let (mut import, mut export) = (0u64, 0u64);
        for net in (from..to).map(|slot| plan.net(home, slot)) {
            import = import.saturating_add(net.max(0).unsigned_abs());
            export = export.saturating_add(net.min(0).unsigned_abs());
        }
        let sums = |of: fn(&Member) -> (u64, u64)| {
            let ((local, grid), (was, grid_was)) = (of(after), of(before));
            local
                .saturating_add(grid)
                .saturating_sub(was.saturating_add(grid_was))
        };
        let same = sums(|one| (one.importLocal, one.importGrid)) == import
            && sums(|one| (one.exportLocal, one.exportGrid)) == export;
        unbalanced_homes = unbalanced_homes.saturating_add(usize::from(!same));
    }
    let sum = |all: &[i128]| all.iter().fold(0i128, |sum, one| sum.saturating_add(*one));
    let (total, grid_only) = (sum(&paid), sum(&alone));
    let saving = total.saturating_sub(grid_only);
    let (mut import_wh, mut export_wh, mut max_local_wh) = (0u64, 0u64, 0u64);
    let mut generated_wh = 0u64;
    for slot in from..to {
        let (mut import, mut export) = (0u64, 0u64);
        for home in 0..plan.folder.homes.len() {
            let net = plan.net(home, slot);
            let generated = plan.generated(home, slot).unwrap_or_default();
            generated_wh = generated_wh.saturating_add(generated);
            import = import.saturating_add(net.max(0).unsigned_abs());
            export = export.saturating_add(net.min(0).unsigned_abs());
        }
        import_wh = import_wh.saturating_add(import);
        export_wh = export_wh.saturating_add(export);
        max_local_wh = max_local_wh.saturating_add(import.min(export));
    }
    Played {
        community: number,
        homes: plan.folder.homes.len(),
        from,
        to,
        slots: to.saturating_sub(from),
        readings: play.readings(),
        transactions: play.transactions(),
        local_wh,
        import_wh,
        export_wh,
        max_local_wh,
        grid_only_nano: Nano(grid_only.saturating_neg()),
        paid_nano: Nano(total.saturating_neg()),
        saving_nano: Nano(saving),
        saving_bp: saving
            .saturating_mul(10_000)
            .checked_div_euclid(grid_only.saturating_neg())
            .and_then(|bp| i64::try_from(bp).ok()),
        worse_off: paid
            .iter()
            .zip(&alone)
            .filter(|(paid, alone)| paid < alone)
            .count(),
        generated_wh,
        accounts_sum_nano: Nano::default(),
        unbalanced_homes,
        seconds: 0,
        milliseconds: 0,
        complete: false,
    }
}

/// What a home would have got with the grid alone.
fn alone(plan: &Plan<'_>, home: usize, (from, to): (u64, u64), tariff: &Tariff) -> i128 {
    let mut sum = 0i128;
    for slot in from..to {
        let net = plan.net(home, slot);
        let worth = if net < 0 {
            money(net.unsigned_abs(), tariff.feed_in)
        } else {
            money(net.unsigned_abs(), tariff.retail).saturating_neg()
        };
        sum = sum.saturating_add(worth);
    }
    sum
}

fn answer(mut told: Played, spent: Duration, complete: bool) -> eyre::Result<Answer> {
    told.seconds = spent.as_secs();
    told.milliseconds = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
    told.complete = complete;
    let bp = told.saving_bp.unwrap_or_default();
    let nano = commonhold_energy_contract::settlement::CENT_NANO;
    let mut text = format!(
        "community {}: {} slots of {} homes, {} signed readings in {} transactions\n\
         {} Wh from home to home, of {} that could go; {} Wh imported and {} exported in all\n\
         saved {} ({}.{:02} %), {} homes worse off\n\
         all accounts change by {} together, {} homes measured other than came and went\n{}.{:03} s",
        told.community,
        told.slots,
        told.homes,
        told.readings,
        told.transactions,
        told.local_wh,
        told.max_local_wh,
        told.import_wh,
        told.export_wh,
        cents(told.saving_nano.0.div_euclid(nano)),
        bp.div_euclid(100),
        bp.rem_euclid(100),
        told.worse_off,
        told.accounts_sum_nano.0,
        told.unbalanced_homes,
        told.seconds,
        told.milliseconds % 1_000,
    );
    if !complete {
        text.push_str("\nstopped: the same command goes on from here");
    }
    let mut answer = Answer::of(&told, text)?;
    if told.unbalanced_homes != 0 || told.accounts_sum_nano.0 != 0 {
        let why = "the ledger has not settled what was measured";
        answer.refused = Some(why.to_owned());
    }
    Ok(answer)
}
