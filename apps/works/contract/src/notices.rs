//! Notices and their clocks, and the site diary.
//!
//! Times are the ledger's. A claim has a bar, to the second: after it the right is lost and the notice is not
//! taken. An answer has a period from when the notice counts as received; where it goes by, silence means what
//! the contract says, and anybody may write that down.

use alloy_primitives::U256;
use commonhold_module::{Context, Outcome, ensure};

use crate::{
    book::{add, belongs, concerns, known, stands, write},
    clocks::{due, received},
    contracts::{binds, profile, terms},
    credit,
    crediting::{Act, days_between, state_fact, value_of},
    interface::IWorks::{
        Answer, DiaryWritten, Kind, NoticeAcknowledged, NoticeAnswered, NoticeGiven, NoticeKind,
        NoticeLapsed, Part, PastBar, Silence, Terms, UnfitTime, WindowOpen, acknowledgeNoticeCall,
        answerNoticeCall, giveNoticeCall, lapseNoticeCall, writeDiaryCall,
    },
    people::{CERTIFIER, CONTRACTOR, OWNER, acting, acts, yours},
    shape::{self, computed},
    state::{CONTRACTS, ContractRow, DIARIES, DiaryRow, NOTICES, NoticeRow},
};

const ALL: u8 = OWNER | CERTIFIER | CONTRACTOR;

pub(super) fn give_notice(ctx: &mut Context<'_>, call: giveNoticeCall) -> Outcome<u64> {
    let giveNoticeCall {
        contract_: contract,
        kind,
        to,
        aware,
        about,
        content,
    } = call;
    let (row, role) = acting(ctx, contract, ALL)?;
    binds(&row, contract)?;
    let from = match role {
        role if role & CONTRACTOR != 0 => row.contractor,
        role if role & CERTIFIER != 0 => row.certifier,
        _ => row.owner,
    };
    let others = [row.owner, row.certifier, row.contractor];
    let fits = others.contains(&to) && to != from;
    stands(fits, Kind::Contract, contract)?;
    shape::reasoned(&content)?;
    let now = ctx.now();
    ensure(aware <= now, || UnfitTime { time: aware, now })?;
    let clocks = terms(ctx, contract)?.clocks;
    let bar = match kind {
        NoticeKind::Claim => clocks.noticeBarDays,
        NoticeKind::Detail => clocks.detailDays,
        _ => 0,
    };
    if bar != 0 {
        let bar = due(aware, bar);
        ensure(now <= bar, || PastBar { bar, now })?;
    }
    if about != 0 {
        let other = known(ctx, &NOTICES, Kind::Notice, about)?;
        stands(other.contract == contract, Kind::Notice, about)?;
        // Details are of the claim that they go with: they come no later for another date.
        let same = kind != NoticeKind::Detail || other.aware == aware;
        ensure(same, || UnfitTime {
            time: aware,
            now: other.aware,
        })?;
    }
    let notice = NoticeRow {
        contract,
        at: now,
        aware,
        about,
        from,
        kind: kind as u8,
        to,
        content,
        ..NoticeRow::default()
    };
    let number = add(ctx, &NOTICES, &notice)?;
    belongs(ctx, Kind::Notice, contract, number)?;
    concerns(ctx, Kind::Notice, to, number)?;
    ctx.emit(NoticeGiven {
        number,
        contract_: contract,
        from,
        kind,
        content,
    })?;
    Ok(number)
}

pub(super) fn acknowledge_notice(
    ctx: &mut Context<'_>,
    call: acknowledgeNoticeCall,
) -> Outcome<()> {
    let number = call.number;
    let row = addressed(ctx, number)?;
    stands(row.acknowledged_at == 0, Kind::Notice, number)?;
    let row = NoticeRow {
        acknowledged_at: ctx.now(),
        ..row
    };
    write(ctx, &NOTICES, number, &row)?;
    ctx.emit(NoticeAcknowledged { number })
}

/// A notice to the caller.
fn addressed(ctx: &mut Context<'_>, number: u64) -> Outcome<NoticeRow> {
    let row = known(ctx, &NOTICES, Kind::Notice, number)?;
    let own = acts(ctx, row.to)?;
    yours(ctx, own, Kind::Notice, number)?;
    Ok(row)
}

/// Whether anybody has to answer a notice of this kind.
pub(super) fn asks(row: &NoticeRow) -> bool {
    row.kind != NoticeKind::General as u8 && row.kind != NoticeKind::Detail as u8
}

/// When a notice counts as received, and by when it is to be answered.
pub(super) fn times(row: &NoticeRow, terms: &Terms) -> (u64, u64) {
    let acknowledged = (row.acknowledged_at != 0).then_some(row.acknowledged_at);
    let received = received(row.at, acknowledged, terms.deemedDays);
    (received, due(received, terms.clocks.replyDays))
}

/// What silence means of a notice now; `None` while it means nothing.
pub(super) fn silence(row: &NoticeRow, terms: &Terms, now: u64) -> Option<Silence> {
    if !asks(row) || row.answer != Answer::None as u8 {
        return None;
    }
    let (received, _) = times(row, terms);
    let meant = profile(&terms.clocks).silence_now(received, now)?;
    Some(match meant {
        crate::clocks::Silence::Accepts => Silence::Accepts,
        crate::clocks::Silence::Rejects => Silence::Rejects,
        crate::clocks::Silence::Escalates => Silence::Escalates,
    })
}

pub(super) fn answer_notice(ctx: &mut Context<'_>, call: answerNoticeCall) -> Outcome<()> {
    let answerNoticeCall {
        number,
        accept,
        content,
    } = call;
    let row = addressed(ctx, number)?;
    let open = asks(&row) && row.answered_at == 0;
    stands(open, Kind::Notice, number)?;
    shape::reasoned(&content)?;
    let answer = if accept { Answer::Yes } else { Answer::No };
    let row = NoticeRow {
        answer: answer as u8,
        answered_at: ctx.now(),
        answer_content: content,
        ..row
    };
    write(ctx, &NOTICES, number, &row)?;
    ctx.emit(NoticeAnswered {
        number,
        accepted: accept,
        content,
    })?;
    answered(ctx, number, &row)
}

pub(super) fn lapse_notice(ctx: &mut Context<'_>, call: lapseNoticeCall) -> Outcome<()> {
    let number = call.number;
    let row = known(ctx, &NOTICES, Kind::Notice, number)?;
    let open = asks(&row) && row.answered_at == 0;
    stands(open, Kind::Notice, number)?;
    let terms = terms(ctx, row.contract)?;
    let (_, until) = times(&row, &terms);
    let now = ctx.now();
    let Some(silence) = silence(&row, &terms, now) else {
        return commonhold_module::reject(WindowOpen { until });
    };
    // Who may still answer late is not cut off where silence means nothing but that others look.
    let answer = match silence {
        Silence::Accepts => Answer::Yes,
        Silence::Rejects => Answer::No,
        _ => Answer::None,
    };
    let row = NoticeRow {
        answer: answer as u8,
        answered_at: now,
        ..row
    };
    write(ctx, &NOTICES, number, &row)?;
    ctx.emit(NoticeLapsed { number, silence })?;
    answered(ctx, number, &row)
}

/// What an answer, or none, says of who had to give it.
fn answered(ctx: &mut Context<'_>, number: u64, row: &NoticeRow) -> Outcome<()> {
    let contract = known(ctx, &CONTRACTS, Kind::Contract, row.contract)?;
    let terms = terms(ctx, row.contract)?;
    let (received, _) = times(row, &terms);
    let taken = days_between(received, row.answered_at);
    let (part, dimension) = part_of(&contract, row);
    let act = Act {
        subject: row.to,
        counterparty: row.from,
        part,
        dimension,
        outcome: computed(credit::notice(terms.clocks.replyDays.into(), taken))?,
        value: value_of(ctx, row.contract, &contract)?,
        verification: 2,
        source: Kind::Notice,
        item: number,
    };
    state_fact(ctx, &act)
}

/// As what somebody answers, and in which dimension that counts.
fn part_of(contract: &ContractRow, row: &NoticeRow) -> (Part, u8) {
    match row.to {
        to if to == contract.contractor => (Part::Executor, 3),
        to if to == contract.owner => (Part::Owner, 1),
        _ => (Part::Supervisor, 0),
    }
}

pub(super) fn write_diary(ctx: &mut Context<'_>, call: writeDiaryCall) -> Outcome<()> {
    let writeDiaryCall {
        contract_: contract,
        day,
        crew,
        plant,
        weather,
        content,
    } = call;
    let (row, _) = acting(ctx, contract, ALL)?;
    binds(&row, contract)?;
    let now = ctx.now();
    let today = now.div_euclid(86_400);
    let fits = u64::from(day) <= today && u64::from(day) >= row.accepted_at.div_euclid(86_400);
    ensure(fits, || UnfitTime {
        time: u64::from(day).saturating_mul(86_400),
        now,
    })?;
    shape::figure(weather < 100, "weather", U256::from(weather))?;
    shape::reasoned(&content)?;
    let by = ctx.caller();
    let page = DiaryRow {
        day,
        crew,
        plant,
        weather,
        by,
        at: now,
        content,
    };
    DIARIES.at(&contract).push(ctx, &page)?;
    ctx.emit(DiaryWritten {
        contract_: contract,
        day,
        by,
        content,
    })
}
