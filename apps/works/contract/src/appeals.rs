//! Appeals against facts, decided by members that have no part in them.
//!
//! From the appeal on a fact counts for nothing until it is decided; meanwhile a score shows what it would be
//! if all appeals were lost. Two members that say the same decide. Where nobody decides for thirty days the
//! fact stands.

use alloy_primitives::U256;
use commonhold_module::{Context, Outcome, ensure};

use crate::{
    book::{add, all, concerns, known, stands, write},
    contracts::once,
    crediting::{add_to_sums, is_final},
    interface::IWorks::{
        AppealDecided, AppealOver, Appealed, FactState, Kind, UnfitCount, appealCall,
        voteAppealCall,
    },
    limits::{APPEAL_SECONDS, APPEAL_VOTES, APPEALS_OPEN_MAX, CHALLENGE_SECONDS},
    people::{apart, member},
    shape,
    state::{APPEALS, APPEALS_OPEN, AppealRow, FACTS, FactRow, SUMMED, VOTED},
};

pub(super) fn appeal(ctx: &mut Context<'_>, call: appealCall) -> Outcome<u64> {
    let appealCall { fact, grounds } = call;
    let subject = ctx.caller();
    let facts = FACTS.at(&subject);
    let row = known(ctx, &facts, Kind::Fact, fact)?;
    let (until, now) = (row.time.saturating_add(CHALLENGE_SECONDS), ctx.now());
    ensure(now <= until, || AppealOver { until, now })?;
    stands(row.state == FactState::Stated as u8, Kind::Fact, fact)?;
    shape::reasoned(&grounds)?;
    let appeal = AppealRow {
        subject,
        state: FactState::Appealed as u8,
        fact,
        at: now,
        grounds,
        ..AppealRow::default()
    };
    let number = add(ctx, &APPEALS, &appeal)?;
    let open = APPEALS_OPEN.at(&subject);
    let places = all(ctx, &open, APPEALS_OPEN_MAX)?;
    match (0u64..).zip(&places).find(|(_, place)| **place == 0) {
        Some((index, _)) => open.replace(ctx, index, &number).map(drop)?,
        None => {
            let have = u64::try_from(places.len()).unwrap_or(u64::MAX);
            ensure(have < APPEALS_OPEN_MAX, || UnfitCount {
                given: U256::from(have.saturating_add(1)),
                max: U256::from(APPEALS_OPEN_MAX),
            })?;
            open.push(ctx, &number)?;
        }
    }
    let row = FactRow {
        state: FactState::Appealed as u8,
        ..row
    };
    write(ctx, &facts, fact, &row)?;
    concerns(ctx, Kind::Appeal, subject, number)?;
    ctx.emit(Appealed {
        number,
        subject,
        fact,
        grounds,
    })?;
    Ok(number)
}

pub(super) fn vote_appeal(ctx: &mut Context<'_>, call: voteAppealCall) -> Outcome<()> {
    let voteAppealCall {
        number,
        state,
        outcome,
    } = call;
    let row = known(ctx, &APPEALS, Kind::Appeal, number)?;
    stands(row.state == FactState::Appealed as u8, Kind::Appeal, number)?;
    let facts = FACTS.at(&row.subject);
    let fact = known(ctx, &facts, Kind::Fact, row.fact)?;
    let over = ctx.now() > row.at.saturating_add(APPEAL_SECONDS);
    if over {
        // Nobody decided in time: the fact stands, whoever says so.
        return decide(ctx, number, row, fact, FactState::Upheld);
    }
    let by = member(ctx)?;
    apart(ctx, &[row.subject, fact.counterparty])?;
    let voted = VOTED.at(&number).at(&by);
    let said = voted.read(ctx)?;
    once(!said, Kind::Appeal, number)?;
    voted.write(ctx, &true)?;
    let mut row = row;
    let votes = match state {
        FactState::Upheld => &mut row.uphold,
        FactState::Overturned => &mut row.overturn,
        FactState::Amended => {
            shape::figure(outcome <= 10_000, "outcome", U256::from(outcome))?;
            // Who amends after another has to come to the same.
            let same = row.amend == 0 || row.outcome == outcome;
            shape::figure(same, "outcome", U256::from(outcome))?;
            row.outcome = outcome;
            &mut row.amend
        }
        _ => {
            shape::figure(false, "state", U256::from(state as u8))?;
            return Ok(());
        }
    };
    *votes = votes.saturating_add(1);
    if u64::from(*votes) < APPEAL_VOTES {
        return write(ctx, &APPEALS, number, &row);
    }
    decide(ctx, number, row, fact, state)
}

fn decide(
    ctx: &mut Context<'_>,
    number: u64,
    row: AppealRow,
    fact: FactRow,
    state: FactState,
) -> Outcome<()> {
    let (subject, which) = (row.subject, row.fact);
    let outcome = if state == FactState::Amended {
        row.outcome
    } else {
        fact.outcome
    };
    let fact = FactRow {
        state: state as u8,
        outcome,
        ..fact
    };
    write(ctx, &FACTS.at(&subject), which, &fact)?;
    let summed = SUMMED.at(&subject).read(ctx)?;
    // The sums have passed it by while it was appealed against.
    if which <= summed && is_final(&fact, ctx.now()) {
        add_to_sums(ctx, subject, &fact)?;
    }
    let row = AppealRow {
        state: state as u8,
        decided_at: ctx.now(),
        ..row
    };
    write(ctx, &APPEALS, number, &row)?;
    let open = APPEALS_OPEN.at(&subject);
    let places = all(ctx, &open, APPEALS_OPEN_MAX)?;
    if let Some((index, _)) = (0u64..).zip(places).find(|(_, place)| *place == number) {
        open.replace(ctx, index, &0)?;
    }
    ctx.emit(AppealDecided {
        number,
        state,
        outcome,
    })
}
