//! Reads of `health`.

use alloy_primitives::B256;
use commonhold_module::{Context, Fault, Outcome, ensure};

use crate::{
    codes::are_classes,
    deciding, duo, emergencies, ethics,
    interface::IHealth::{
        Ballot as BallotView, Board as BoardView, Case as CaseView, ClassDecision,
        Consent as ConsentView, Consistency, Decision, Finding, Leave, Report as ReportView,
        Request as RequestView, Right, Slice as SliceView, Study as StudyView, Switch, UnfitMask,
        Unknown, Version as VersionView, ballotCall, ballotsOfCall, ballotsOfReturn, boardCall,
        consentOfCall, countsCall, countsReturn, decideCall, decideRequestCall, emergenciesOfCall,
        emergenciesOfReturn, emergencyCall, emergencyRightCall, isKindOfCall, leaveOfCall,
        participationCall, participationReturn, reportCall, requestOfCall, requestsByCall,
        requestsByReturn, requestsToCall, requestsToReturn, sliceCall, slicesOfCall,
        slicesOfReturn, studyCall, studyVersionCall,
    },
    leave::permits,
    limits::REPORTED_MAX,
    ontology, policy, releasing, requesting, shape,
    state::{
        BALLOTS, BALLOTS_OF, BOARDS, BY, BY_SUBJECT, CASES, CASES_OF, COLLABORATIONS, CONSENTS,
        FINDINGS, FindingRow, OUTSTANDING, REPORTS, REQUESTS, STUDIES, TO, VERSIONS, WITHDRAWN,
    },
    studies,
};

pub(super) fn slice(ctx: &mut Context<'_>, call: sliceCall) -> Outcome<SliceView> {
    let slice = releasing::known(ctx, call.id)?;
    let (class, sensitivity) = releasing::kind(&slice)?;
    Ok(SliceView {
        id: call.id,
        subject: slice.subject,
        class,
        sensitivity,
        registeredAt: slice.registered_at,
    })
}

pub(super) fn slices_of(ctx: &mut Context<'_>, call: slicesOfCall) -> Outcome<slicesOfReturn> {
    let list = BY_SUBJECT.at(&call.subject);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(slicesOfReturn { page, total })
}

pub(super) fn consent_of(ctx: &mut Context<'_>, call: consentOfCall) -> Outcome<ConsentView> {
    let consent = CONSENTS.at(&call.subject).read(ctx)?;
    Ok(ConsentView {
        version: consent.version,
        setBy: consent.set_by,
        setAt: consent.set_at,
        endedAt: consent.ended_at,
        epoch: consent.epoch,
        documentHash: consent.document_hash,
        permits: policy::load(ctx, call.subject, consent.version)?,
    })
}

pub(super) fn decide(ctx: &mut Context<'_>, call: decideCall) -> Outcome<Decision> {
    let decideCall {
        dataUse,
        profile,
        given,
    } = call;
    shape::bounded(&dataUse)?;
    let lineage = ontology::lineage(ctx, profile.disease)?;
    Ok(duo::decide(&dataUse, &profile, &given, &lineage))
}

pub(super) fn decide_request(
    ctx: &mut Context<'_>,
    call: decideRequestCall,
) -> Outcome<Vec<ClassDecision>> {
    let classes = call.ask.classes;
    ensure(are_classes(classes), || UnfitMask {
        mask: alloy_primitives::U256::from(classes),
    })?;
    deciding::decide(ctx, call.requester, &call.ask, call.subject)
}

pub(super) fn request_of(ctx: &mut Context<'_>, call: requestOfCall) -> Outcome<RequestView> {
    let request = requesting::known(ctx, call.number)?;
    Ok(RequestView {
        number: call.number,
        requester: request.requester,
        subject: request.subject,
        study: request.study,
        purpose: releasing::purpose(&request)?,
        classes: request.classes,
        standing: request.standing,
        asking: request.asking,
        needing: request.needing,
        approved: request.approved,
        approvedBy: request.approved_by,
        requestedAt: request.requested_at,
        readyAt: request.ready_at,
        until: request.until,
        uses: request.uses,
        used: request.used,
        obligations: requesting::duties(&request),
        state: requesting::state(&request)?,
        copies: request.copies,
        destroyed: request.destroyed,
        epoch: request.epoch,
        reason: request.reason,
    })
}

pub(super) fn requests_to(
    ctx: &mut Context<'_>,
    call: requestsToCall,
) -> Outcome<requestsToReturn> {
    let list = TO.at(&call.subject);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(requestsToReturn { page, total })
}

pub(super) fn requests_by(
    ctx: &mut Context<'_>,
    call: requestsByCall,
) -> Outcome<requestsByReturn> {
    let list = BY.at(&call.requester);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(requestsByReturn { page, total })
}

pub(super) fn leave_of(ctx: &mut Context<'_>, call: leaveOfCall) -> Outcome<Leave> {
    let slice = releasing::known(ctx, call.id)?;
    let request = requesting::known(ctx, call.number)?;
    let leave = releasing::leave_of(ctx, &request, &slice, call.reader)?;
    let gone = permits(leave) && releasing::is_erased(ctx, call.id)?;
    Ok(if gone { Leave::Erased } else { leave })
}

pub(super) fn participation(
    ctx: &mut Context<'_>,
    call: participationCall,
) -> Outcome<participationReturn> {
    let participationCall { subject, study } = call;
    Ok(participationReturn {
        outstanding: OUTSTANDING.at(&subject).at(&study).read(ctx)?,
        withdrawnAt: WITHDRAWN.at(&subject).at(&study).read(ctx)?,
        collaboration: COLLABORATIONS.at(&subject).at(&study).read(ctx)?,
    })
}

pub(super) fn is_kind_of(ctx: &mut Context<'_>, call: isKindOfCall) -> Outcome<bool> {
    let lineage = ontology::lineage(ctx, call.term)?;
    Ok(lineage.contains(&call.of_))
}

pub(super) fn study(ctx: &mut Context<'_>, call: studyCall) -> Outcome<StudyView> {
    let number = call.number;
    let study = studies::known(ctx, number)?;
    Ok(StudyView {
        number,
        investigator: study.investigator,
        board: study.board,
        versions: VERSIONS.at(&number).len(ctx)?,
        registeredAt: study.registered_at,
        firstEnrolled: study.first_enrolled,
        locked: study.locked,
        unblinded: study.unblinded,
        approvedVersion: study.approved_version,
        approvedUntil: study.approved_until,
        suspendedAt: study.suspended_at,
        reports: REPORTS.at(&number).len(ctx)?,
        datasetHash: study.dataset_hash,
        profile: studies::profile(&study),
    })
}

pub(super) fn study_version(ctx: &mut Context<'_>, call: studyVersionCall) -> Outcome<VersionView> {
    let studyVersionCall { number, version } = call;
    let found = match version.checked_sub(1) {
        Some(index) => VERSIONS.at(&number).get(ctx, index)?,
        None => None,
    };
    let found = found.ok_or_else(|| Fault::reject(&Unknown { number: version }))?;
    Ok(VersionView {
        usdmHash: found.usdm_hash,
        reason: found.reason,
        time: found.time,
        endpoints: studies::endpoints(ctx, number, version)?,
    })
}

pub(super) fn report(ctx: &mut Context<'_>, call: reportCall) -> Outcome<ReportView> {
    let reportCall { number, index } = call;
    let found = REPORTS.at(&number).get(ctx, index)?;
    let found = found.ok_or_else(|| Fault::reject(&Unknown { number: index }))?;
    let rows = FINDINGS.at(&number).at(&index);
    let mut findings = Vec::new();
    // Two for each endpoint, one for each outcome: never more than a few pages.
    let total = rows.len(ctx)?;
    let max = u64::try_from(REPORTED_MAX).unwrap_or(u64::MAX);
    let mut from = 0u64;
    while from < total {
        let page = rows.page(ctx, from, max)?;
        from = from.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
        for row in page {
            findings.push(finding(&row)?);
        }
    }
    Ok(ReportView {
        reportHash: found.report_hash,
        time: found.time,
        version: found.version,
        verdict: Consistency::try_from(found.verdict)
            .map_err(|_| Fault::Fatal(format!("a report that is {}", found.verdict)))?,
        findings,
    })
}

fn finding(row: &FindingRow) -> Outcome<Finding> {
    let what = Switch::try_from(row.what)
        .map_err(|_| Fault::Fatal(format!("a finding of {}", row.what)))?;
    let (endpoint, declared): (B256, bool) = (row.endpoint, row.declared);
    Ok(Finding {
        endpoint,
        what,
        declared,
    })
}

pub(super) fn board(ctx: &mut Context<'_>, call: boardCall) -> Outcome<BoardView> {
    let number = call.number;
    let board = ethics::known(ctx, number)?;
    Ok(BoardView {
        number,
        founder: board.founder,
        foundedAt: board.founded_at,
        quorum: board.quorum,
        approvalSeconds: board.approval_seconds,
        members: ethics::seats(ctx, number)?,
    })
}

pub(super) fn ballot(ctx: &mut Context<'_>, call: ballotCall) -> Outcome<BallotView> {
    let number = call.number;
    let ballot = ethics::ballot(ctx, number)?;
    Ok(BallotView {
        number,
        study: ballot.study,
        version: ballot.version,
        board: ballot.board,
        openedAt: ballot.opened_at,
        closes: ethics::closes(&ballot),
        approvals: ballot.approvals,
        rejections: ballot.rejections,
        conflicts: ballot.conflicts,
        state: ethics::state(&ballot, ctx.now())?,
        decidedAt: ballot.decided_at,
    })
}

pub(super) fn ballots_of(ctx: &mut Context<'_>, call: ballotsOfCall) -> Outcome<ballotsOfReturn> {
    let list = BALLOTS_OF.at(&call.study);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(ballotsOfReturn { page, total })
}

pub(super) fn emergency(ctx: &mut Context<'_>, call: emergencyCall) -> Outcome<CaseView> {
    let number = call.number;
    let case = emergencies::known(ctx, number)?;
    Ok(CaseView {
        number,
        clinician: case.clinician,
        second: case.second,
        subject: case.subject,
        reasonCode: case.reason_code,
        openedAt: case.opened_at,
        confirmedAt: case.confirmed_at,
        reviewDue: emergencies::due(&case),
        state: emergencies::state(&case, ctx.now())?,
        reviewer: case.reviewer,
        slice: case.slice,
        readerKey: case.reader_key,
    })
}

pub(super) fn emergencies_of(
    ctx: &mut Context<'_>,
    call: emergenciesOfCall,
) -> Outcome<emergenciesOfReturn> {
    let list = CASES_OF.at(&call.subject);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(emergenciesOfReturn { page, total })
}

pub(super) fn emergency_right(ctx: &mut Context<'_>, call: emergencyRightCall) -> Outcome<Right> {
    emergencies::right(ctx, call.clinician)
}

pub(super) fn counts(ctx: &mut Context<'_>, _: countsCall) -> Outcome<countsReturn> {
    Ok(countsReturn {
        requests: REQUESTS.len(ctx)?,
        studies: STUDIES.len(ctx)?,
        boards: BOARDS.len(ctx)?,
        ballots: BALLOTS.len(ctx)?,
        emergencies: CASES.len(ctx)?,
    })
}
