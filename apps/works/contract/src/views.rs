//! Reads of `works`.

use commonhold_module::{Context, Fault, Outcome, Value};

use crate::{
    book::{all, from, known},
    clocks::{extended, received},
    contracts,
    crediting::{self, gather, part},
    documents::DEEMED_DAYS,
    interface::IWorks::Ruleset,
    interface::IWorks::{
        Answer, Appeal, Bid, Certificate, Container, Contract, ContractState, Defect, DiaryPage,
        Document, Effect, Evidence, Fact, FactState, Fibre, Inspection, Kind, Line, Milestone,
        NewContract, NewMilestone, Notice, NoticeKind, Order, Party, Receipt, Revision, Score,
        Share, Sheet, Tender, Transmittal, Variation, Verdict, appealOfCall, bidsCall, bidsReturn,
        certificatesCall, certificatesReturn, contractOfCall, countCall, creditCall, defectCall,
        diaryCall, diaryReturn, documentCall, evidenceCall, explainCall, explainReturn, factsCall,
        factsReturn, fibreCall, inspectionCall, linesCall, linesReturn, milestonesCall,
        milestonesReturn, noticeCall, numbersByCall, numbersByReturn, numbersOfCall,
        numbersOfReturn, orderOfCall, outcomesCall, outcomesReturn, packageCall, packageReturn,
        partyCall, projectCall, projectReturn, revisionsCall, revisionsReturn, rulesetCall,
        sharesCall, tenderCall, transmittalCall, variationCall,
    },
    judging,
    limits::{
        EXPLAINED_PER_CALL_MAX, RECIPIENTS_MAX, REVIEW_SECONDS, SHEETS_MAX, SUBCONTRACTORS_MAX,
    },
    milestones, notices, orders,
    shape::{told, word},
    state::{
        APPEALS, BIDS, BY, CERTIFICATES, CONTRACTS, DEFECTS, DIARIES, DOCUMENTS, EVIDENCE, FACTS,
        FIBRES, FactRow, INSPECTIONS, LINES, MILESTONES, NOTICES, OF, ORDERS, PACKAGES, PARTIES,
        PROJECTS, RECEIPTS, REVISIONS, RevisionRow, SHARES, SHEETS, TENDERS, TRANSMITTALS,
        VARIATIONS,
    },
};

/// The word of an enum that a byte stands for.
fn named<T: TryFrom<u8>>(byte: u8) -> Outcome<T> {
    T::try_from(byte).map_err(|_| Fault::Fatal(format!("works holds a code {byte}")))
}

/// A page of a list, each entry shown.
fn page<V: Value, T>(
    ctx: &mut Context<'_>,
    list: &commonhold_module::List<V>,
    (from, max): (u64, u64),
    show: impl Fn(V) -> Outcome<T>,
) -> Outcome<(Vec<T>, u64)> {
    let total = list.len(ctx)?;
    let page = list.page(ctx, from, max)?;
    let page: Outcome<Vec<T>> = page.into_iter().map(show).collect();
    Ok((page?, total))
}

pub(super) fn party(ctx: &mut Context<'_>, call: partyCall) -> Outcome<Party> {
    let row = PARTIES.at(&call.account).read(ctx)?;
    Ok(Party {
        account: call.account,
        group: row.group,
        credentials: row.credentials,
        until: row.until,
        enrolledAt: row.enrolled_at,
        member: row.member,
    })
}

pub(super) fn project(ctx: &mut Context<'_>, call: projectCall) -> Outcome<projectReturn> {
    let row = known(ctx, &PROJECTS, Kind::Project, call.number)?;
    Ok(projectReturn {
        owner: row.owner,
        openedAt: row.opened_at,
        title: row.title.into(),
    })
}

pub(super) fn package(ctx: &mut Context<'_>, call: packageCall) -> Outcome<packageReturn> {
    let row = known(ctx, &PACKAGES, Kind::Package, call.number)?;
    Ok(packageReturn {
        project: row.project,
        tender: row.tender,
        contract_: row.contract,
        title: row.title.into(),
    })
}

pub(super) fn tender(ctx: &mut Context<'_>, call: tenderCall) -> Outcome<Tender> {
    let row = known(ctx, &TENDERS, Kind::Tender, call.number)?;
    Ok(Tender {
        package: row.package,
        documents: row.documents,
        openedAt: row.opened_at,
        deadline: row.deadline,
        openingUntil: row.opening_until,
        bids: BIDS.at(&call.number).len(ctx)?,
        opened: row.opened,
        awarded: row.awarded,
        reason: row.reason,
    })
}

pub(super) fn bids(ctx: &mut Context<'_>, call: bidsCall) -> Outcome<bidsReturn> {
    known(ctx, &TENDERS, Kind::Tender, call.number)?;
    let show = |row: crate::state::BidRow| {
        Ok(Bid {
            bidder: row.bidder,
            madeAt: row.made_at,
            commitment: row.commitment,
            sealedHash: row.sealed_hash,
            opened: row.opened,
            content: row.content,
        })
    };
    let (page, total) = page(ctx, &BIDS.at(&call.number), (call.from, call.max), show)?;
    Ok(bidsReturn { page, total })
}

pub(super) fn ruleset(ctx: &mut Context<'_>, call: rulesetCall) -> Outcome<Ruleset> {
    contracts::ruleset(ctx, call.hash)
}

pub(super) fn contract_of(ctx: &mut Context<'_>, call: contractOfCall) -> Outcome<Contract> {
    let number = call.number;
    let row = known(ctx, &CONTRACTS, Kind::Contract, number)?;
    let running = [ContractState::Offered as u8, ContractState::Running as u8];
    let complete = !running.contains(&row.state);
    Ok(Contract {
        number,
        offer: NewContract {
            package: row.package,
            tender: row.tender,
            contractor: row.contractor,
            certifier: row.certifier,
            documents: row.documents,
            ruleset: row.ruleset,
            terms: contracts::terms(ctx, number)?,
        },
        owner: row.owner,
        state: named(row.state)?,
        formedAt: row.formed_at,
        acceptedAt: row.accepted_at,
        completedAt: if complete { row.completed_at } else { 0 },
        sum: row.sum,
        added: row.added,
        omitted: row.omitted,
        extensionDays: row.extension_days,
        lines: LINES.at(&number).len(ctx)?,
        milestones: MILESTONES.at(&number).len(ctx)?,
        certified: row.certified.into(),
        openDefects: row.open_defects,
        appliedAt: row.applied_at,
        certificates: CERTIFICATES.at(&number).len(ctx)?,
        paid: row.paid,
        paidMinor: row.paid_minor,
        escrow: row.escrow,
    })
}

pub(super) fn lines(ctx: &mut Context<'_>, call: linesCall) -> Outcome<linesReturn> {
    let show = |row: crate::state::LineRow| {
        Ok(Line {
            quantity: row.quantity,
            rate: row.rate,
            milestone: row.milestone,
            done: row.done,
        })
    };
    let (page, total) = page(ctx, &LINES.at(&call.number), (call.from, call.max), show)?;
    Ok(linesReturn { page, total })
}

pub(super) fn milestones(ctx: &mut Context<'_>, call: milestonesCall) -> Outcome<milestonesReturn> {
    let contract = known(ctx, &CONTRACTS, Kind::Contract, call.number)?;
    let show = |row: crate::state::MilestoneRow| {
        Ok(Milestone {
            offer: NewMilestone {
                title: row.title,
                dueAt: extended(row.due_at, contract.extension_days),
                plannedDays: row.planned_days,
                tested: row.tested,
                signers: row.signers,
            },
            state: milestones::state(&row)?,
            signed: row.signed,
            orders: row.orders,
            accepted: row.accepted,
            graveDefects: row.grave,
            claimedAt: row.claimed_at,
            certifiedAt: row.certified_at,
            objector: row.objector,
            reason: row.reason,
        })
    };
    let (page, total) = page(
        ctx,
        &MILESTONES.at(&call.number),
        (call.from, call.max),
        show,
    )?;
    Ok(milestonesReturn { page, total })
}

pub(super) fn shares(ctx: &mut Context<'_>, call: sharesCall) -> Outcome<Vec<Share>> {
    let rows = all(ctx, &SHARES.at(&call.number), SUBCONTRACTORS_MAX)?;
    let show = |row: crate::state::ShareRow| Share {
        subcontractor: row.subcontractor,
        permille: row.permille,
        agreed: row.agreed,
    };
    Ok(rows.into_iter().map(show).collect())
}

pub(super) fn certificates(
    ctx: &mut Context<'_>,
    call: certificatesCall,
) -> Outcome<certificatesReturn> {
    let show = |row: crate::state::CertificateRow| {
        Ok(Certificate {
            grossWork: told(row.gross_work),
            variations: told(row.variations),
            retention: told(row.retention),
            advancePaid: told(row.advance_paid),
            advanceRecovered: told(row.advance_recovered),
            damages: told(row.damages),
            net: told(row.net),
            payment: told(row.payment),
            certifiedAt: row.certified_at,
            dueAt: row.due_at,
            paidAt: row.paid_at,
            reason: row.reason,
        })
    };
    let list = CERTIFICATES.at(&call.number);
    let (page, total) = page(ctx, &list, (call.from, call.max), show)?;
    Ok(certificatesReturn { page, total })
}

pub(super) fn diary(ctx: &mut Context<'_>, call: diaryCall) -> Outcome<diaryReturn> {
    let show = |row: crate::state::DiaryRow| {
        Ok(DiaryPage {
            day: row.day,
            crew: row.crew,
            plant: row.plant,
            weather: row.weather,
            by: row.by,
            at: row.at,
            content: row.content,
        })
    };
    let (page, total) = page(ctx, &DIARIES.at(&call.number), (call.from, call.max), show)?;
    Ok(diaryReturn { page, total })
}

pub(super) fn order_of(ctx: &mut Context<'_>, call: orderOfCall) -> Outcome<Order> {
    let row = known(ctx, &ORDERS, Kind::Order, call.number)?;
    Ok(Order {
        contract_: row.contract,
        milestone: row.milestone,
        issuer: row.issuer,
        issuedAt: row.issued_at,
        design: orders::design(ctx, call.number)?,
        accepted: row.accepted,
        first: row.first,
        doneAt: row.done_at,
    })
}

pub(super) fn fibre(ctx: &mut Context<'_>, call: fibreCall) -> Outcome<Fibre> {
    let order = known(ctx, &ORDERS, Kind::Order, call.order)?;
    let row = FIBRES.at(&call.order).at(&call.name).read(ctx)?;
    let verdict = orders::verdict(&row)?;
    let reviewed = verdict == Verdict::Review;
    Ok(Fibre {
        attempt: row.attempt,
        nonce: orders::nonce(&order.seed, &call.name, row.attempt),
        verdict,
        judgedAt: row.judged_at,
        reviewUntil: if reviewed {
            row.judged_at.saturating_add(REVIEW_SECONDS)
        } else {
            0
        },
        files: row.files,
    })
}

pub(super) fn outcomes(ctx: &mut Context<'_>, call: outcomesCall) -> Outcome<outcomesReturn> {
    let (verdict, all) = judging::outcomes(ctx, call.order, call.name)?;
    Ok(outcomesReturn { verdict, all })
}

pub(super) fn evidence(ctx: &mut Context<'_>, call: evidenceCall) -> Outcome<Evidence> {
    let row = known(ctx, &EVIDENCE, Kind::Evidence, call.number)?;
    Ok(Evidence {
        order: row.order,
        fibre: row.fibre,
        nonce: row.nonce,
        slot: row.slot,
        device: row.device,
        time: row.time,
        by: row.by,
        at: row.at,
        file: row.file,
        samples: row.samples,
        findings: row.findings,
        weight: row.weight,
        original: row.original,
    })
}

pub(super) fn defect(ctx: &mut Context<'_>, call: defectCall) -> Outcome<Defect> {
    let row = known(ctx, &DEFECTS, Kind::Defect, call.number)?;
    Ok(Defect {
        contract_: row.contract,
        milestone: row.milestone,
        category: row.category,
        raisedBy: row.raised_by,
        raisedAt: row.raised_at,
        allowedDays: row.allowed_days,
        fixedAt: row.fixed_at,
        closedAt: row.closed_at,
        what: row.what,
        reason: row.reason,
    })
}

pub(super) fn inspection(ctx: &mut Context<'_>, call: inspectionCall) -> Outcome<Inspection> {
    let row = known(ctx, &INSPECTIONS, Kind::Inspection, call.number)?;
    Ok(Inspection {
        contract_: row.contract,
        milestone: row.milestone,
        askedAt: row.asked_at,
        dueAt: row.due_at,
        doneAt: row.done_at,
        passed: named(row.passed)?,
        report: row.report,
    })
}

pub(super) fn variation(ctx: &mut Context<'_>, call: variationCall) -> Outcome<Variation> {
    let row = known(ctx, &VARIATIONS, Kind::Variation, call.number)?;
    Ok(Variation {
        contract_: row.contract,
        by: row.by,
        at: row.at,
        quantity: row.quantity,
        rate: row.rate,
        omits: row.omits,
        extensionDays: row.extension_days,
        what: row.what,
        answer: named(row.answer)?,
        answeredAt: row.answered_at,
        reason: row.reason,
    })
}

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

pub(super) fn document(ctx: &mut Context<'_>, call: documentCall) -> Outcome<Document> {
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

pub(super) fn revisions(ctx: &mut Context<'_>, call: revisionsCall) -> Outcome<revisionsReturn> {
    let list = REVISIONS.at(&call.number);
    let (page, total) = page(ctx, &list, (call.from, call.max), |row| Ok(shown(row)))?;
    Ok(revisionsReturn { page, total })
}

pub(super) fn transmittal(ctx: &mut Context<'_>, call: transmittalCall) -> Outcome<Transmittal> {
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

pub(super) fn notice(ctx: &mut Context<'_>, call: noticeCall) -> Outcome<Notice> {
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

pub(super) fn credit(ctx: &mut Context<'_>, call: creditCall) -> Outcome<Score> {
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

pub(super) fn facts(ctx: &mut Context<'_>, call: factsCall) -> Outcome<factsReturn> {
    let list = FACTS.at(&call.party);
    let total = list.len(ctx)?;
    let mut shown = Vec::new();
    let first = call.from.saturating_add(1);
    for (number, row) in (first..).zip(list.page(ctx, call.from, call.max)?) {
        shown.push(fact(ctx, number, &row)?);
    }
    Ok(factsReturn { page: shown, total })
}

pub(super) fn explain(ctx: &mut Context<'_>, call: explainCall) -> Outcome<explainReturn> {
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

pub(super) fn appeal_of(ctx: &mut Context<'_>, call: appealOfCall) -> Outcome<Appeal> {
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

pub(super) fn numbers_of(ctx: &mut Context<'_>, call: numbersOfCall) -> Outcome<numbersOfReturn> {
    let list = OF.at(&(call.what as u8)).at(&call.item);
    let (page, total) = page(ctx, &list, (call.from, call.max), Ok)?;
    Ok(numbersOfReturn { page, total })
}

pub(super) fn numbers_by(ctx: &mut Context<'_>, call: numbersByCall) -> Outcome<numbersByReturn> {
    let list = BY.at(&(call.what as u8)).at(&call.who);
    let (page, total) = page(ctx, &list, (call.from, call.max), Ok)?;
    Ok(numbersByReturn { page, total })
}

pub(super) fn count(ctx: &mut Context<'_>, call: countCall) -> Outcome<u64> {
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
