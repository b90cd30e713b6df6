//! What follows of evidence: a fibre, or a sector, is judged when its last file is there, and by the certifier where the
//! rules leave it to a person.

use alloy_primitives::B256;
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};

use crate::{
    acceptance::{
        self, Status,
        fibre::Measured,
        integrity::{Shown, is_emulated, shared_signs},
        pairs::{Seen, Side},
    },
    arl::{self, Ruleset},
    book::{all, known, stands, write},
    contracts, credit,
    crediting::{Act, state_fact, value_of},
    interface::IWorks::{
        Design, FibreJudged, Kind, OrderDone, Outcome as RuleOutcome, Part, RuleApplied,
        RuleStatus, Verdict, WrongTrace, decideReviewCall,
    },
    limits::{EVIDENCE_EVENTS_MAX, REVIEW_SECONDS},
    number::Overflow,
    orders::{self, bit, nonce, slot, whole},
    people::{CERTIFIER, OWNER, acting},
    sectors,
    shape::{self, computed, word},
    state::{
        CONTRACTS, EVENTS, EventRow, FIBRES, FibreRow, MILESTONES, MilestoneRow, ORDERS, OrderRow,
        SIDES, SideRow,
    },
};

/// Gas for each step of a ruleset.
const STEP_GAS: u64 = 10;

/// A side of a fibre, as it is kept.
fn load(ctx: &mut Context<'_>, nonce: B256, slot: u8) -> Outcome<(SideRow, Vec<EventRow>)> {
    let row = SIDES.at(&nonce).at(&slot).read(ctx)?;
    let max = u64::try_from(EVIDENCE_EVENTS_MAX).unwrap_or(u64::MAX);
    let events = all(ctx, &EVENTS.at(&nonce).at(&slot), max)?;
    Ok((row, events))
}

/// And for the rules.
fn side(row: &SideRow, events: &[EventRow]) -> Side {
    let seen = |event: &EventRow| Seen {
        at_mm: shape::told(event.at_mm),
        loss: event.loss.cast_signed().into(),
        slope: event.slope.cast_signed().into(),
        reflectance: (event.marks & 1 != 0).then_some(event.reflectance.cast_signed().into()),
        reflective: event.marks & 2 != 0,
        end: event.marks & 4 != 0,
    };
    Side {
        pulse_mm: shape::told(row.pulse_mm),
        loss_threshold: row.loss_threshold.into(),
        events: events.iter().map(seen).collect(),
    }
}

fn shown(row: &SideRow, events: &[EventRow]) -> Shown {
    let events = events.iter().filter(|event| event.marks & 4 == 0);
    Shown {
        averages: row.averages,
        losses: events.map(|event| event.loss.cast_signed()).collect(),
    }
}

/// I6, with the file of the other end.
pub(super) fn emulated_with(
    ctx: &mut Context<'_>,
    nonce: B256,
    other: u8,
    row: &SideRow,
    events: &[EventRow],
) -> Outcome<bool> {
    let (other, others) = load(ctx, nonce, other)?;
    let shared = shared_signs(&shown(row, events), &shown(&other, &others));
    let own = usize::from(row.signs.max(other.signs));
    Ok(is_emulated(own.saturating_add(shared)))
}

/// Announces all that is kept of a fibre's files, in two goes: how many events each has, and then these.
fn announce(ctx: &mut Context<'_>, nonce: B256, files: u16) -> Outcome<()> {
    let slots: Vec<u8> = (0u8..16).filter(|slot| files & bit(*slot) != 0).collect();
    let rows: Vec<_> = slots.iter().map(|slot| SIDES.at(&nonce).at(slot)).collect();
    let lists: Vec<_> = slots
        .iter()
        .map(|slot| EVENTS.at(&nonce).at(slot))
        .collect();
    let mut places: Vec<&dyn Place> = rows.iter().map(|row| row as _).collect();
    places.extend(lists.iter().map(|list| list as &dyn Place));
    ctx.fetch(&places)?;
    let max = u64::try_from(EVIDENCE_EVENTS_MAX).unwrap_or(u64::MAX);
    let mut events = Vec::new();
    for list in &lists {
        let count = list.len(ctx)?.min(max);
        events.extend((0..count).map(|index| list.place(index)));
    }
    let places: Vec<&dyn Place> = events.iter().map(|event| event as _).collect();
    ctx.fetch(&places)
}

/// What is found of a fibre by the files that are there.
#[derive(Clone, Debug)]
pub struct Found {
    /// What follows.
    pub verdict: Verdict,
    /// What each rule says.
    pub outcomes: Vec<RuleOutcome>,
    /// Steps that the ruleset took.
    pub steps: u64,
}

/// What is found by the files of a nonce, of the fibre or sector of this name.
fn examine(
    ctx: &mut Context<'_>,
    (nonce, name): (B256, B256),
    files: u16,
    design: &Design,
    ruleset: &Ruleset,
) -> Outcome<Found> {
    if !design.sectors.is_empty() {
        let found = sectors::examine(ctx, (nonce, name), files, design, ruleset)?;
        ctx.charge(found.steps.saturating_mul(STEP_GAS))?;
        return Ok(found);
    }
    announce(ctx, nonce, files)?;
    let (mut sides, mut flagged) = (Vec::new(), false);
    for (place, nm) in design.wavelengths.iter().enumerate() {
        let mut ends = [None, None];
        for (end, found) in (0u8..).zip(&mut ends) {
            let slot = slot(place, end);
            if files & bit(slot) != 0 {
                let (row, events) = load(ctx, nonce, slot)?;
                flagged |= row.flagged;
                *found = Some(side(&row, &events));
            }
        }
        sides.push((*nm, ends));
    }
    let found = computed(judged(design, ruleset, &sides, flagged))?;
    ctx.charge(found.steps.saturating_mul(STEP_GAS))?;
    Ok(found)
}

/// What the rules say of a fibre by both ends' sides of each wavelength; with `flagged` evidence never that it
/// is accepted.
///
/// # Errors
/// [`Overflow`].
pub fn judged(
    design: &Design,
    ruleset: &Ruleset,
    sides: &[(u16, [Option<Side>; 2])],
    flagged: bool,
) -> Result<Found, Overflow> {
    let measured = sides.iter().map(|(wavelength, [a, b])| Measured {
        wavelength: *wavelength,
        a: a.as_ref(),
        b: b.as_ref(),
    });
    let measured: Vec<_> = measured.collect();
    let judged = arl::fibre(ruleset, &orders::of_fibre(design), &measured)?;
    Ok(Found::of(&judged, flagged))
}

impl Found {
    /// Of what a ruleset says; with `flagged` evidence never that it is accepted.
    pub(super) fn of(judged: &arl::Judged, flagged: bool) -> Self {
        let mut verdict = judged.verdict();
        if flagged {
            verdict = verdict.max(acceptance::Verdict::Review);
        }
        let told = |outcome: &arl::Ruled| RuleOutcome {
            rule: word(&outcome.rule),
            wavelength: outcome.wavelength.unwrap_or_default(),
            measured: outcome.value.is_some(),
            value: outcome.value.unwrap_or_default(),
            limit: outcome.limit,
            unit: word(&outcome.unit),
            margin: outcome.margin.unwrap_or_default(),
            status: match outcome.status {
                Status::Pass => RuleStatus::Pass,
                Status::Marginal => RuleStatus::Marginal,
                Status::Insufficient => RuleStatus::Insufficient,
                Status::Fail => RuleStatus::Fail,
            },
        };
        Self {
            verdict: match verdict {
                acceptance::Verdict::Accept => Verdict::Accept,
                acceptance::Verdict::Review => Verdict::Review,
                acceptance::Verdict::Incomplete => Verdict::Incomplete,
                acceptance::Verdict::Reject => Verdict::Reject,
            },
            outcomes: judged.outcomes.iter().map(told).collect(),
            steps: judged.steps,
        }
    }
}

/// Writes a fibre down, and judges it where its evidence is whole.
pub(super) fn judge_where_whole(
    ctx: &mut Context<'_>,
    order: u64,
    name: B256,
    row: FibreRow,
    design: &Design,
    ruleset: &Ruleset,
) -> Outcome<Verdict> {
    if row.files != whole(design) {
        FIBRES.at(&order).at(&name).write(ctx, &row)?;
        return orders::verdict(&row);
    }
    let seed = known(ctx, &ORDERS, Kind::Order, order)?.seed;
    let now_asked = nonce(&seed, &name, row.attempt);
    let found = examine(ctx, (now_asked, name), row.files, design, ruleset)?;
    for outcome in found.outcomes {
        ctx.emit(RuleApplied {
            order,
            fibre: name,
            attempt: row.attempt,
            outcome,
        })?;
    }
    // Whole, and still nothing that could be judged: it is measured again.
    let verdict = match found.verdict {
        Verdict::Incomplete => Verdict::Reject,
        verdict => verdict,
    };
    settle(ctx, order, name, row, verdict, B256::ZERO)?;
    Ok(verdict)
}

/// Writes a verdict down, and what follows of it.
fn settle(
    ctx: &mut Context<'_>,
    order: u64,
    name: B256,
    row: FibreRow,
    verdict: Verdict,
    reason: B256,
) -> Outcome<()> {
    let attempt = row.attempt;
    let first = attempt == 0 && !row.spoiled;
    let mut row = FibreRow {
        verdict: verdict as u8,
        judged_at: ctx.now(),
        ..row
    };
    if verdict == Verdict::Reject {
        row.attempt = attempt.saturating_add(1);
        row.files = 0;
        row.spoiled = true;
    }
    FIBRES.at(&order).at(&name).write(ctx, &row)?;
    ctx.emit(FibreJudged {
        order,
        fibre: name,
        attempt,
        verdict,
        reason,
    })?;
    if verdict == Verdict::Accept {
        accepted(ctx, order, first)?;
    }
    Ok(())
}

/// One more fibre of an order is accepted; with the last one the order is done.
fn accepted(ctx: &mut Context<'_>, number: u64, first: bool) -> Outcome<()> {
    let row = known(ctx, &ORDERS, Kind::Order, number)?;
    let row = OrderRow {
        accepted: row.accepted.saturating_add(1),
        first: row.first.saturating_add(u32::from(first)),
        ..row
    };
    if row.accepted < row.fibres {
        return write(ctx, &ORDERS, number, &row);
    }
    let row = OrderRow {
        done_at: ctx.now(),
        ..row
    };
    write(ctx, &ORDERS, number, &row)?;
    let (steps, place) = (MILESTONES.at(&row.contract), row.milestone.into());
    let step = known(ctx, &steps, Kind::Milestone, place)?;
    let step = MilestoneRow {
        accepted: step.accepted.saturating_add(1),
        ..step
    };
    write(ctx, &steps, place, &step)?;
    ctx.emit(OrderDone {
        number,
        fibres: row.fibres,
        first: row.first,
    })?;
    let contract = known(ctx, &CONTRACTS, Kind::Contract, row.contract)?;
    let outcome = computed(credit::quality(row.fibres.into(), row.first.into()))?;
    let act = Act {
        subject: contract.contractor,
        counterparty: contract.owner,
        part: Part::Executor,
        dimension: 1,
        outcome,
        value: value_of(ctx, row.contract, &contract)?,
        verification: 3,
        source: Kind::Order,
        item: number,
    };
    state_fact(ctx, &act)
}

pub(super) fn decide_review(ctx: &mut Context<'_>, call: decideReviewCall) -> Outcome<()> {
    let decideReviewCall {
        order,
        fibre: name,
        accept,
        reason,
    } = call;
    let row = known(ctx, &ORDERS, Kind::Order, order)?;
    let fibre = FIBRES.at(&order).at(&name).read(ctx)?;
    ensure(fibre.place != 0, || WrongTrace {
        what: word("fibre"),
    })?;
    // Silence of the certifier is not acceptance: after the days for it the owner decides too.
    let over = ctx.now() > fibre.judged_at.saturating_add(REVIEW_SECONDS);
    let may = if over { CERTIFIER | OWNER } else { CERTIFIER };
    acting(ctx, row.contract, may)?;
    stands(fibre.verdict == Verdict::Review as u8, Kind::Order, order)?;
    shape::reasoned(&reason)?;
    let verdict = if accept {
        Verdict::Accept
    } else {
        Verdict::Reject
    };
    settle(ctx, order, name, fibre, verdict, reason)
}

/// What every rule says of a fibre by the files that are there now.
pub(super) fn outcomes(
    ctx: &mut Context<'_>,
    order: u64,
    name: B256,
) -> Outcome<(Verdict, Vec<RuleOutcome>)> {
    let row = known(ctx, &ORDERS, Kind::Order, order)?;
    let fibre = FIBRES.at(&order).at(&name).read(ctx)?;
    if fibre.place == 0 {
        return reject(WrongTrace {
            what: word("fibre"),
        });
    }
    let design = orders::design(ctx, order)?;
    let contract = known(ctx, &CONTRACTS, Kind::Contract, row.contract)?;
    let ruleset = contracts::ruleset(ctx, contract.ruleset)?;
    // Of a fibre that was rejected: by the files that it was rejected for.
    let rejected = fibre.verdict == Verdict::Reject as u8;
    let (attempt, files) = if rejected {
        (fibre.attempt.saturating_sub(1), whole(&design))
    } else {
        (fibre.attempt, fibre.files)
    };
    let asked = nonce(&row.seed, &name, attempt);
    let found = examine(ctx, (asked, name), files, &design, &ruleset)?;
    Ok((orders::verdict(&fibre)?, found.outcomes))
}
