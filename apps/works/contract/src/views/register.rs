//! Reads of what stands in the register, and of credit.

use commonhold_module::{Context, Outcome};

use super::{named, page};
use crate::{
    book::{all, from, known},
    clocks::received,
    contracts,
    crediting::{self, gather, part},
    documents::DEEMED_DAYS,
    interface::IWorks::{
        Answer, Appeal, Container, Document, Effect, Fact, FactState, Kind, Notice, NoticeKind,
        Receipt, Revision, Score, Sheet, Transmittal, appealOfCall, awardOfCall, awardOfReturn,
        countCall, creditCall, documentCall, explainCall, explainReturn, factsCall, factsReturn,
        noticeCall, numbersByCall, numbersByReturn, numbersOfCall, numbersOfReturn, revisionsCall,
        revisionsReturn, transmittalCall,
    },
    limits::{EXPLAINED_PER_CALL_MAX, RECIPIENTS_MAX, SHEETS_MAX},
    notices,
    shape::word,
    state::{
        APPEALS, AWARDED, BY, CONTRACTS, DEFECTS, DOCUMENTS, EVIDENCE, FACTS, FactRow, INSPECTIONS,
        NOTICES, OF, ORDERS, PACKAGES, PROJECTS, RECEIPTS, REVISIONS, RevisionRow, SHEETS, TENDERS,
        TRANSMITTALS, VARIATIONS,
    },
};

fn shown(row: RevisionRow) -> Revision {
    Revision {
        revision: row.revision,
        status: row.status,
        content: row.content,
        record: row.record,
        by: row.by,
        at: row.at,
    }
}

pub(crate) fn document(ctx: &mut Context<'_>, call: documentCall) -> Outcome<Document> {
    let row = known(ctx, &DOCUMENTS, Kind::Document, call.number)?;
    let list = REVISIONS.at(&call.number);
    let revisions = list.len(ctx)?;
    let latest = list.get(ctx, revisions.saturating_sub(1))?;
    Ok(Document {
        project: row.project,
        container: Container {
            project: row.code,
            originator: row.originator,
            volume: row.volume,
            level: row.level,
            kind: row.kind,
            role: row.role,
            number: row.number,
        },
        owner: row.owner,
        revisions,
        latest: shown(latest.unwrap_or_default()),
    })
}

pub(crate) fn revisions(ctx: &mut Context<'_>, call: revisionsCall) -> Outcome<revisionsReturn> {
    let list = REVISIONS.at(&call.number);
    let (page, total) = page(ctx, &list, (call.from, call.max), |row| Ok(shown(row)))?;
    Ok(revisionsReturn { page, total })
}

pub(crate) fn transmittal(ctx: &mut Context<'_>, call: transmittalCall) -> Outcome<Transmittal> {
    let row = known(ctx, &TRANSMITTALS, Kind::Transmittal, call.number)?;
    let max = |max: usize| u64::try_from(max).unwrap_or(u64::MAX);
    let sheets = all(ctx, &SHEETS.at(&call.number), max(SHEETS_MAX))?;
    let receipts = all(ctx, &RECEIPTS.at(&call.number), max(RECIPIENTS_MAX))?;
    let receipt = |receipt: crate::state::ReceiptRow| {
        let acknowledged = (receipt.acknowledged_at != 0).then_some(receipt.acknowledged_at);
        Receipt {
            recipient: receipt.recipient,
            acknowledgedAt: receipt.acknowledged_at,
            receivedAt: received(row.at, acknowledged, DEEMED_DAYS),
        }
    };
    let sheet = |sheet: crate::state::SheetRow| Sheet {
        document: sheet.document,
        revision: sheet.revision,
    };
    Ok(Transmittal {
        project: row.project,
        by: row.by,
        at: row.at,
        reason: row.reason,
        sheets: sheets.into_iter().map(sheet).collect(),
        receipts: receipts.into_iter().map(receipt).collect(),
    })
}

pub(crate) fn notice(ctx: &mut Context<'_>, call: noticeCall) -> Outcome<Notice> {
    let row = known(ctx, &NOTICES, Kind::Notice, call.number)?;
    let terms = contracts::terms(ctx, row.contract)?;
    let (received_at, due) = notices::times(&row, &terms);
    let silence = notices::silence(&row, &terms, ctx.now());
    let kind: NoticeKind = named(row.kind)?;
    let answer: Answer = named(row.answer)?;
    Ok(Notice {
        contract_: row.contract,
        kind,
        from: row.from,
        to: row.to,
        at: row.at,
        aware: row.aware,
        about: row.about,
        content: row.content,
        acknowledgedAt: row.acknowledged_at,
        receivedAt: received_at,
        replyDue: if notices::asks(&row) { due } else { 0 },
        answer,
        answeredAt: row.answered_at,
        answerContent: row.answer_content,
        silence: silence.map_or(0, |silence| (silence as u8).saturating_add(1)),
    })
}

pub(crate) fn award_of(ctx: &mut Context<'_>, call: awardOfCall) -> Outcome<awardOfReturn> {
    let row = AWARDED.at(&call.claim).read(ctx)?;
    Ok(awardOfReturn {
        share: row.share,
        award: row.award,
        at: row.at,
    })
}

pub(crate) fn credit(ctx: &mut Context<'_>, call: creditCall) -> Outcome<Score> {
    let known = gather(ctx, call.party, call.part)?;
    let (found, lost) = (known.score()?, known.if_lost()?);
    Ok(Score {
        score: found.score,
        micro: found.micro,
        coverage: found.coverage,
        counterparties: u64::try_from(found.counterparties).unwrap_or(u64::MAX),
        grade: word(found.grade),
        afterFlags: found.after_flags,
        ifLost: lost.after_flags,
        ifWon: found.after_flags,
        pending: known.pending,
        means: found
            .dimensions
            .iter()
            .map(|dimension| dimension.mean)
            .collect(),
    })
}

fn fact(ctx: &mut Context<'_>, number: u64, row: &FactRow) -> Outcome<Fact> {
    let part = part(row.part)?;
    let state: FactState = named(row.state)?;
    Ok(Fact {
        number,
        part,
        dimension: row.dimension,
        outcome: row.outcome,
        value: row.value,
        verification: row.verification,
        time: row.time,
        counterparty: row.counterparty,
        group: crate::people::group(ctx, row.counterparty)?,
        source: named(row.source)?,
        item: row.item,
        state,
    })
}

pub(crate) fn facts(ctx: &mut Context<'_>, call: factsCall) -> Outcome<factsReturn> {
    let list = FACTS.at(&call.party);
    let total = list.len(ctx)?;
    let mut shown = Vec::new();
    let first = call.from.saturating_add(1);
    for (number, row) in (first..).zip(list.page(ctx, call.from, call.max)?) {
        shown.push(fact(ctx, number, &row)?);
    }
    Ok(factsReturn { page: shown, total })
}

pub(crate) fn explain(ctx: &mut Context<'_>, call: explainCall) -> Outcome<explainReturn> {
    let list = FACTS.at(&call.party);
    let total = list.len(ctx)?;
    let max = call.max.min(EXPLAINED_PER_CALL_MAX);
    let known = gather(ctx, call.party, call.part)?;
    let first = call.from.saturating_add(1);
    let rows: Vec<(u64, FactRow)> = (first..).zip(from(ctx, &list, call.from, max)?).collect();
    let now = ctx.now();
    let counts = |row: &FactRow| row.part == call.part as u8 && crediting::is_final(row, now);
    let counted: Vec<_> = rows
        .iter()
        .filter(|(_, row)| counts(row))
        .cloned()
        .collect();
    let effects = known.effects(&counted)?;
    let mut shown = Vec::new();
    for ((number, row), delta) in counted.iter().zip(effects) {
        shown.push(Effect {
            fact: fact(ctx, *number, row)?,
            delta,
        });
    }
    shown.sort_by_key(|effect| std::cmp::Reverse(effect.delta.unsigned_abs()));
    Ok(explainReturn { page: shown, total })
}

pub(crate) fn appeal_of(ctx: &mut Context<'_>, call: appealOfCall) -> Outcome<Appeal> {
    let row = known(ctx, &APPEALS, Kind::Appeal, call.number)?;
    Ok(Appeal {
        subject: row.subject,
        fact: row.fact,
        at: row.at,
        grounds: row.grounds,
        votes: [row.uphold, row.overturn, row.amend],
        state: named(row.state)?,
        decidedAt: row.decided_at,
    })
}

pub(crate) fn numbers_of(ctx: &mut Context<'_>, call: numbersOfCall) -> Outcome<numbersOfReturn> {
    let list = OF.at(&(call.what as u8)).at(&call.item);
    let (page, total) = page(ctx, &list, (call.from, call.max), Ok)?;
    Ok(numbersOfReturn { page, total })
}

pub(crate) fn numbers_by(ctx: &mut Context<'_>, call: numbersByCall) -> Outcome<numbersByReturn> {
    let list = BY.at(&(call.what as u8)).at(&call.who);
    let (page, total) = page(ctx, &list, (call.from, call.max), Ok)?;
    Ok(numbersByReturn { page, total })
}

pub(crate) fn count(ctx: &mut Context<'_>, call: countCall) -> Outcome<u64> {
    match call.what {
        Kind::Project => PROJECTS.len(ctx),
        Kind::Package => PACKAGES.len(ctx),
        Kind::Tender => TENDERS.len(ctx),
        Kind::Contract => CONTRACTS.len(ctx),
        Kind::Order => ORDERS.len(ctx),
        Kind::Evidence => EVIDENCE.len(ctx),
        Kind::Defect => DEFECTS.len(ctx),
        Kind::Inspection => INSPECTIONS.len(ctx),
        Kind::Variation => VARIATIONS.len(ctx),
        Kind::Document => DOCUMENTS.len(ctx),
        Kind::Transmittal => TRANSMITTALS.len(ctx),
        Kind::Notice => NOTICES.len(ctx),
        Kind::Appeal => APPEALS.len(ctx),
        // Numbered within their contract or party.
        _ => Ok(0),
    }
}
