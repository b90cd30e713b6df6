//! Credit on the ledger: facts from acts of this law, never anybody's opinion.
//!
//! A fact is stated by the act that it comes of. For fourteen days its subject may appeal; then it is final
//! and counts. Final facts are summed in buckets of one part, dimension, counterparty's group and epoch, a few
//! with each new fact, so that a score never has to look at all that ever happened. What is final and not
//! summed yet is added when somebody asks.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};

use crate::{
    book::{all, from, known},
    contracts::once,
    credit::{Bucket, Event, Flag, Role, Score, credibility, epoch, score_of},
    interface::IWorks::{
        CreditSettled, FactState, FactStated, ForgeryStated, Kind, Part, UnfitCount,
        settleCreditCall, stateForgeryCall,
    },
    limits::{
        APPEAL_VOTES, APPEALS_OPEN_MAX, BUCKETS_MAX, CHALLENGE_SECONDS, FACTS_SUMMED_PER_CALL,
        FACTS_WAITING_MAX,
    },
    people::{group, live, member},
    shape::computed,
    state::{
        APPEALS, APPEALS_OPEN, BUCKET_OF, BUCKETS, BucketRow, ContractRow, EVIDENCE, FACTS, FORGED,
        FORGERIES, FORGERY_VOTED, FactRow, ForgeryRow, GROUP_OF, GROUPS, MILESTONES, SUMMED, TRUST,
        TrustRow,
    },
};

/// What somebody did, with whom, and what it comes to.
pub(super) struct Act {
    pub(super) subject: Address,
    pub(super) counterparty: Address,
    pub(super) part: Part,
    pub(super) dimension: u8,
    pub(super) outcome: u16,
    pub(super) value: u64,
    pub(super) verification: u8,
    pub(super) source: Kind,
    pub(super) item: u64,
}

/// The day of a time.
pub(super) fn day(time: u64) -> i64 {
    i64::try_from(time.div_euclid(86_400)).unwrap_or(i64::MAX)
}

/// Days between two times, begun ones whole; none where the second is no later.
pub(super) fn days_between(from: u64, to: u64) -> i64 {
    let seconds = to.saturating_sub(from);
    i64::try_from(seconds.div_ceil(86_400)).unwrap_or(i64::MAX)
}

/// What an act of a contract is worth: the sum by its milestones.
pub(super) fn value_of(ctx: &mut Context<'_>, number: u64, row: &ContractRow) -> Outcome<u64> {
    let milestones = MILESTONES.at(&number).len(ctx)?.max(1);
    Ok(row.sum.checked_div(milestones).unwrap_or_default())
}

/// The rules' role of a part.
pub(super) const fn role(part: Part) -> Role {
    match part {
        Part::Owner => Role::Owner,
        Part::Supervisor => Role::Supervisor,
        _ => Role::Executor,
    }
}

/// States a fact.
pub(super) fn state_fact(ctx: &mut Context<'_>, act: &Act) -> Outcome<()> {
    let theirs = group(ctx, act.counterparty)?;
    let place = GROUP_OF.at(&act.subject).at(&theirs);
    let (facts, summed) = (FACTS.at(&act.subject), SUMMED.at(&act.subject));
    ctx.fetch(&[&place, &facts, &summed, &GROUPS.at(&act.subject)])?;
    let mut index = place.read(ctx)?;
    if index == 0 {
        index = GROUPS
            .at(&act.subject)
            .push(ctx, &theirs)?
            .saturating_add(1);
        place.write(ctx, &index)?;
    }
    // With so many counterparties the last place is shared; nobody has them.
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    let row = FactRow {
        counterparty: act.counterparty,
        part: act.part as u8,
        dimension: act.dimension,
        outcome: act.outcome,
        verification: act.verification,
        state: FactState::Stated as u8,
        group: index,
        source: act.source as u8,
        value: act.value,
        time: ctx.now(),
        item: act.item,
    };
    let number = facts.push(ctx, &row)?.saturating_add(1);
    ctx.emit(FactStated {
        subject: act.subject,
        number,
        part: act.part,
        dimension: act.dimension,
        outcome: act.outcome,
        value: act.value,
        verification: act.verification,
        counterparty: act.counterparty,
        source: act.source,
        item: act.item,
    })?;
    sum_up(ctx, act.subject)
}

/// Whether a fact counts at a time, as far as its state says.
pub(super) fn is_final(row: &FactRow, now: u64) -> bool {
    let over = now > row.time.saturating_add(CHALLENGE_SECONDS);
    let settled = [FactState::Upheld as u8, FactState::Amended as u8];
    settled.contains(&row.state) || (row.state == FactState::Stated as u8 && over)
}

/// Puts the oldest facts that are final into the sums, a few at a time.
fn sum_up(ctx: &mut Context<'_>, subject: Address) -> Outcome<()> {
    let (place, now) = (SUMMED.at(&subject), ctx.now());
    let begun = place.read(ctx)?;
    let mut summed = begun;
    for row in from(ctx, &FACTS.at(&subject), begun, FACTS_SUMMED_PER_CALL)? {
        if now <= row.time.saturating_add(CHALLENGE_SECONDS) {
            break;
        }
        if is_final(&row, now) {
            add_to_sums(ctx, subject, &row)?;
        }
        summed = summed.saturating_add(1);
    }
    if summed == begun {
        return Ok(());
    }
    place.write(ctx, &summed)
}

/// The part that a byte stands for.
pub(super) fn part(byte: u8) -> Outcome<Part> {
    Part::try_from(byte).map_err(|_| Fault::Fatal(format!("a part {byte}")))
}

fn as_event<'g>(row: &FactRow, group: &'g str, id: u64) -> Event<'g> {
    Event {
        id,
        dimension: row.dimension.into(),
        group,
        outcome: row.outcome,
        value: row.value,
        verification: row.verification,
        time: row.time,
        counts: true,
    }
}

/// Adds a final fact to the sums of its subject.
pub(super) fn add_to_sums(ctx: &mut Context<'_>, subject: Address, row: &FactRow) -> Outcome<()> {
    let event = as_event(row, "", 0);
    let Some(bucket) = Bucket::of(role(part(row.part)?), &event) else {
        return Ok(());
    };
    let epoch = u32::try_from(bucket.epoch).unwrap_or(u32::MAX);
    let key = (u64::from(epoch) << 32)
        | (u64::from(row.group) << 16)
        | (u64::from(row.part) << 8)
        | u64::from(row.dimension);
    let (list, place) = (BUCKETS.at(&subject), BUCKET_OF.at(&subject).at(&key));
    let at = place.read(ctx)?;
    let before = match at.checked_sub(1) {
        Some(index) => list.get(ctx, index)?.unwrap_or_default(),
        None => BucketRow {
            part: row.part,
            dimension: row.dimension,
            group: row.group,
            epoch,
            ..BucketRow::default()
        },
    };
    let after = BucketRow {
        weight: before.weight.saturating_add(bucket.weight),
        outcome: before.outcome.saturating_add(bucket.outcome),
        ..before
    };
    if let Some(index) = at.checked_sub(1) {
        list.replace(ctx, index, &after).map(drop)
    } else {
        let number = list.push(ctx, &after)?.saturating_add(1);
        place.write(ctx, &number)
    }
}

/// All that a score is computed of.
pub(super) struct Known {
    /// The subject's group.
    own: String,
    /// Names of its counterparties' groups.
    groups: Vec<String>,
    /// What their words count, permille.
    trust: BTreeMap<String, u32>,
    /// Sums of final facts.
    sums: Vec<BucketRow>,
    /// Final facts that are not summed, with their numbers.
    waiting: Vec<(u64, FactRow)>,
    /// Facts that do not count yet.
    pub(super) pending: u64,
    /// Facts that are appealed against.
    appealed: Vec<(u64, FactRow)>,
    flags: Vec<Flag>,
    now: u64,
    part: Part,
}

/// Gathers what is known of somebody in a part.
pub(super) fn gather(ctx: &mut Context<'_>, subject: Address, part: Part) -> Outcome<Known> {
    let now = ctx.now();
    let groups = all(ctx, &GROUPS.at(&subject), u64::from(u16::MAX))?;
    let places: Vec<_> = groups.iter().map(|group| TRUST.at(group)).collect();
    let places: Vec<&dyn Place> = places.iter().map(|place| place as _).collect();
    ctx.fetch(&places)?;
    let mut trust = BTreeMap::new();
    let mut names = Vec::new();
    for group in groups {
        let name = group.to_string();
        let count = counts(ctx, group, now)?;
        trust.insert(name.clone(), count);
        names.push(name);
    }
    let (list, facts) = (BUCKETS.at(&subject), FACTS.at(&subject));
    let count = list.len(ctx)?;
    ensure(count <= BUCKETS_MAX, || UnfitCount {
        given: U256::from(count),
        max: U256::from(BUCKETS_MAX),
    })?;
    let mut sums = all(ctx, &list, BUCKETS_MAX)?;
    sums.retain(|row| row.part == part as u8);
    let summed = SUMMED.at(&subject).read(ctx)?;
    let (mut waiting, mut pending) = (Vec::new(), 0u64);
    let first = summed.saturating_add(1);
    for (number, row) in (first..).zip(from(ctx, &facts, summed, FACTS_WAITING_MAX)?) {
        if row.part != part as u8 {
            continue;
        }
        if is_final(&row, now) {
            waiting.push((number, row));
        } else if row.state == FactState::Stated as u8 {
            pending = pending.saturating_add(1);
        }
    }
    let mut appealed = Vec::new();
    for number in all(ctx, &APPEALS_OPEN.at(&subject), APPEALS_OPEN_MAX)? {
        if number == 0 {
            continue;
        }
        let fact = known(ctx, &APPEALS, Kind::Appeal, number)?.fact;
        let row = known(ctx, &facts, Kind::Fact, fact)?;
        if row.part == part as u8 {
            appealed.push((fact, row));
        }
    }
    let mut flags = Vec::new();
    let forged = FORGED.at(&subject);
    if let Some(last) = forged.len(ctx)?.checked_sub(1) {
        let evidence = forged.get(ctx, last)?.unwrap_or_default();
        let time = FORGERIES.at(&evidence).read(ctx)?.time;
        flags.push(Flag::Forgery { time });
    }
    let own = group(ctx, subject)?.to_string();
    Ok(Known {
        own,
        groups: names,
        trust,
        sums,
        waiting,
        pending,
        appealed,
        flags,
        now,
        part,
    })
}

/// What a group's word counts now, permille.
fn counts(ctx: &mut Context<'_>, group: B256, now: u64) -> Outcome<u32> {
    let row = TRUST.at(&group).read(ctx)?;
    if row.whole {
        return Ok(1_000);
    }
    let settled = if row.epoch < epoch(now) {
        row.credibility
    } else {
        row.before
    };
    Ok(if settled == 0 {
        credibility(None)
    } else {
        settled
    })
}

impl Known {
    fn name(&self, group: u16) -> &str {
        let at = usize::from(group).checked_sub(1);
        at.and_then(|at| self.groups.get(at))
            .map_or("", String::as_str)
    }

    /// The events of facts.
    pub(super) fn events<'k>(&'k self, rows: &[(u64, FactRow)]) -> Vec<Event<'k>> {
        let event = |(number, row): &(u64, FactRow)| as_event(row, self.name(row.group), *number);
        rows.iter().map(event).collect()
    }

    /// The sums, with what is not summed yet and with these.
    fn buckets<'k>(&'k self, more: &[(u64, FactRow)]) -> Vec<Bucket<'k>> {
        let sums = self.sums.iter().map(|row| Bucket {
            dimension: row.dimension.into(),
            group: self.name(row.group),
            epoch: row.epoch.into(),
            weight: row.weight,
            outcome: row.outcome,
        });
        let events = self.events(&self.waiting);
        let others = self.events(more);
        let role = role(self.part);
        let single = events
            .iter()
            .chain(&others)
            .filter_map(|event| Bucket::of(role, event));
        sums.chain(single).collect()
    }

    fn trust(&self) -> impl Fn(&str) -> u32 + '_ {
        |group| self.trust.get(group).copied().unwrap_or_default()
    }

    fn with(&self, more: &[(u64, FactRow)]) -> Outcome<Score> {
        let buckets = self.buckets(more);
        let now = epoch(self.now);
        computed(score_of(
            role(self.part),
            now,
            &self.own,
            &buckets,
            &self.flags,
            self.trust(),
        ))
    }

    /// The score now.
    pub(super) fn score(&self) -> Outcome<Score> {
        self.with(&[])
    }

    /// The score if all appeals were lost; if they are won it is what it is now.
    pub(super) fn if_lost(&self) -> Outcome<Score> {
        self.with(&self.appealed)
    }

    /// What each of these facts, which count, does to the score.
    pub(super) fn effects(&self, rows: &[(u64, FactRow)]) -> Outcome<Vec<i64>> {
        let (buckets, events) = (self.buckets(&[]), self.events(rows));
        let now = epoch(self.now);
        let role = role(self.part);
        computed(crate::credit::effects(
            role,
            now,
            &self.own,
            &buckets,
            &events,
            self.trust(),
        ))
    }
}

pub(super) fn settle_credit(ctx: &mut Context<'_>, call: settleCreditCall) -> Outcome<()> {
    let settleCreditCall { party, part } = call;
    let group = live(ctx, party)?.group;
    // What is final goes into the sums, so that the next score is quicker.
    sum_up(ctx, party)?;
    let found = gather(ctx, party, part)?.score()?;
    let rated = (found.grade != "NR").then_some(found.after_flags);
    let counted = credibility(rated);
    let (place, now) = (TRUST.at(&group), epoch(ctx.now()));
    let row = place.read(ctx)?;
    let before = if row.epoch == now {
        row.before
    } else {
        row.credibility
    };
    let row = TrustRow {
        epoch: now,
        credibility: counted,
        before,
        whole: row.whole,
    };
    place.write(ctx, &row)?;
    ctx.emit(CreditSettled {
        party,
        epoch: now,
        score: found.after_flags,
        credibility: counted,
    })
}

pub(super) fn state_forgery(ctx: &mut Context<'_>, call: stateForgeryCall) -> Outcome<()> {
    let evidence = call.evidence;
    let by = member(ctx)?;
    let row = known(ctx, &EVIDENCE, Kind::Evidence, evidence)?;
    let (place, voted) = (FORGERIES.at(&evidence), FORGERY_VOTED.at(&evidence).at(&by));
    let said = voted.read(ctx)?;
    once(!said, Kind::Evidence, evidence)?;
    voted.write(ctx, &true)?;
    let before = place.read(ctx)?;
    let votes = before.votes.saturating_add(1);
    let decides = u64::from(votes) == APPEAL_VOTES;
    let time = if decides { ctx.now() } else { before.time };
    place.write(ctx, &ForgeryRow { votes, time })?;
    if !decides {
        return Ok(());
    }
    let order = known(ctx, &crate::state::ORDERS, Kind::Order, row.order)?;
    let contract = known(
        ctx,
        &crate::state::CONTRACTS,
        Kind::Contract,
        order.contract,
    )?;
    let party = contract.contractor;
    FORGED.at(&party).push(ctx, &evidence)?;
    ctx.emit(ForgeryStated {
        party,
        evidence,
        time,
    })
}

#[cfg(test)]
mod tests;
