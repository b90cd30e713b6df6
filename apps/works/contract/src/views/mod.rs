//! Reads of `works`.

mod register;

use commonhold_module::{Context, Fault, Outcome, Value};

use crate::{
    book::{all, known},
    clocks::extended,
    contracts,
    interface::IWorks::{
        Bid, Certificate, Contract, ContractState, Defect, DiaryPage, Evidence, Fibre, Inspection,
        Kind, Line, Milestone, NewContract, NewMilestone, Order, Party, Share, Tender, Variation,
        Verdict, bidsCall, bidsReturn, certificatesCall, certificatesReturn, contractOfCall,
        defectCall, diaryCall, diaryReturn, evidenceCall, fibreCall, inspectionCall, linesCall,
        linesReturn, milestonesCall, milestonesReturn, orderOfCall, outcomesCall, outcomesReturn,
        packageCall, packageReturn, partyCall, projectCall, projectReturn, rulesetCall, sharesCall,
        tenderCall, variationCall,
    },
    judging,
    limits::{REVIEW_SECONDS, SUBCONTRACTORS_MAX},
    milestones, orders,
    shape::told,
    state::{
        BIDS, CERTIFICATES, CONTRACTS, DEFECTS, DIARIES, EVIDENCE, FIBRES, INSPECTIONS, LINES,
        MILESTONES, ORDERS, PACKAGES, PARTIES, PROJECTS, SHARES, TENDERS, VARIATIONS,
    },
};

pub(super) use register::{
    appeal_of, award_of, count, credit, document, explain, facts, notice, numbers_by, numbers_of,
    revisions, transmittal,
};

/// The word of an enum that a byte stands for.
pub(super) fn named<T: TryFrom<u8>>(byte: u8) -> Outcome<T> {
    T::try_from(byte).map_err(|_| Fault::Fatal(format!("works holds a code {byte}")))
}

/// A page of a list, each entry shown.
pub(super) fn page<V: Value, T>(
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

pub(super) fn ruleset(ctx: &mut Context<'_>, call: rulesetCall) -> Outcome<String> {
    contracts::ruleset_text(ctx, call.hash)
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
