//! What always holds of `health`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Findings, Outcome};
use commonhold_system::records::{self, interface::IRecords};

use crate::{
    ADDRESS,
    codes::are_classes,
    emergencies, ethics,
    interface::IHealth::{BallotState, CaseState, RequestState},
    limits::RELEASE_SECONDS,
    releasing, requesting,
    state::{
        BALLOTS, BY, BY_SUBJECT, CASES, CONSENTS, HELD, LIVE, Live, OUTSTANDING, PSEUDONYMS,
        REQUESTS, RIGHTS, Request, SLICES, STUDIES, TO, VERSIONS, WITHDRAWN,
    },
};

/// Requests open what was decided and no more; what was taken back does not stand in `records`; copies
/// are counted; boards' approvals come from their votes; emergencies that wait are counted.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let requests = all_requests(ctx)?;
    for (number, request) in &requests {
        one_request(ctx, findings, *number, request)?;
    }
    lists(ctx, findings, &requests)?;
    copies(ctx, findings, &requests)?;
    slices(ctx, findings, &requests)?;
    pseudonyms(ctx, findings, &requests)?;
    live(ctx, findings, &requests)?;
    studies(ctx, findings)?;
    ballots(ctx, findings)?;
    cases(ctx, findings)
}

type Requests = Vec<(u64, Request)>;

fn all_requests(ctx: &mut Context<'_>) -> Outcome<Requests> {
    let mut all = Vec::new();
    for index in 0..REQUESTS.len(ctx)? {
        if let Some(request) = REQUESTS.get(ctx, index)? {
            all.push((index.saturating_add(1), request));
        }
    }
    Ok(all)
}

fn one_request(
    ctx: &mut Context<'_>,
    findings: &mut Findings,
    number: u64,
    request: &Request,
) -> Outcome<()> {
    let mut check = |holds: bool, what: &str| {
        findings.check(holds, || format!("health: request {number} {what}"));
    };
    let may = request.standing | request.asking;
    let decided = may | request.needing;
    check(are_classes(request.classes), "asks for nothing");
    check(
        decided & !request.classes == 0,
        "decides on what was not asked",
    );
    let twice = (request.standing & request.asking) | (may & request.needing);
    check(twice == 0, "decides twice on a class");
    check(request.approved & !may == 0, "approves what may not be");
    check(
        (request.approved == 0) == request.approved_by.is_zero(),
        "is approved by nobody",
    );
    check(
        request.uses == 0 || request.used <= request.uses,
        "was used too often",
    );
    check(
        request.destroyed <= request.copies && request.copies <= request.used,
        "has more copies than openings",
    );
    check(may != 0 || request.used == 0, "opened what it may not");
    check(
        request.ready_at >= request.requested_at,
        "is ready too early",
    );
    let epoch = CONSENTS.at(&request.subject).read(ctx)?.epoch;
    check(request.epoch <= epoch, "is of a consent to come");
    requesting::state(request)?;
    releasing::purpose(request).map(|_| ())
}

/// Subjects' and requesters' lists hold each request once, in order.
fn lists(ctx: &mut Context<'_>, findings: &mut Findings, requests: &Requests) -> Outcome<()> {
    let mut to: BTreeMap<Address, u64> = BTreeMap::new();
    let mut by: BTreeMap<Address, u64> = BTreeMap::new();
    for (number, request) in requests {
        for (places, list, who) in [
            (&mut to, TO.at(&request.subject), request.subject),
            (&mut by, BY.at(&request.requester), request.requester),
        ] {
            let place = places.entry(who).or_default();
            let listed = list.get(ctx, *place)?;
            *place = place.saturating_add(1);
            findings.check(listed == Some(*number), || {
                format!("health: request {number} is not where it should be in {who}'s list")
            });
        }
    }
    Ok(())
}

/// What a study holds of a subject is what its requests hold.
fn copies(ctx: &mut Context<'_>, findings: &mut Findings, requests: &Requests) -> Outcome<()> {
    let mut held: BTreeMap<(Address, u64), u64> = BTreeMap::new();
    for (_, request) in requests {
        let copies = request.copies.saturating_sub(request.destroyed);
        let sum = held.entry((request.subject, request.study)).or_default();
        *sum = sum.saturating_add(u64::from(copies));
    }
    for ((subject, study), sum) in held {
        let counted = OUTSTANDING.at(&subject).at(&study).read(ctx)?;
        findings.check(counted == sum, || {
            format!("health: {counted} copies of {subject} in study {study}, not {sum}")
        });
    }
    Ok(())
}

/// Who holds a pseudonym has it in their list, once.
fn pseudonyms(ctx: &mut Context<'_>, findings: &mut Findings, requests: &Requests) -> Outcome<()> {
    let mut subjects: Vec<Address> = requests.iter().map(|(_, r)| r.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    for subject in subjects {
        let found = PSEUDONYMS.at(&subject).read(ctx)?;
        if found.holder.is_zero() {
            continue;
        }
        let list = HELD.at(&found.holder);
        let mut times = 0u64;
        for index in 0..list.len(ctx)? {
            times = times.saturating_add(u64::from(list.get(ctx, index)? == Some(subject)));
        }
        findings.check(times == 1 && !found.custodian.is_zero(), || {
            format!("health: pseudonym {subject} is {times} times in its holder's list")
        });
    }
    Ok(())
}

/// Slices are records whose policy is this module.
fn slices(ctx: &mut Context<'_>, findings: &mut Findings, requests: &Requests) -> Outcome<()> {
    let mut subjects: Vec<Address> = requests.iter().map(|(_, r)| r.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    for subject in subjects {
        let list = BY_SUBJECT.at(&subject);
        for index in 0..list.len(ctx)? {
            let Some(id) = list.get(ctx, index)? else {
                continue;
            };
            let slice = SLICES.at(&id).read(ctx)?;
            let record = records::record(ctx, id)?;
            findings.check(slice.subject == subject, || {
                format!("health: slice {id} is in {subject}'s list")
            });
            findings.check(record.policy == ADDRESS, || {
                format!("health: slice {id} is under another policy")
            });
        }
    }
    Ok(())
}

/// What was taken back does not stand: the last opening of a slice to a reader holds no longer, where
/// its request was refused or revoked, its consent ended, or the subject left its study.
fn live(ctx: &mut Context<'_>, findings: &mut Findings, requests: &Requests) -> Outcome<()> {
    let mut subjects: Vec<Address> = requests.iter().map(|(_, r)| r.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    for subject in subjects {
        let list = LIVE.at(&subject);
        let mut last: BTreeMap<(B256, Address), Live> = BTreeMap::new();
        for index in 0..list.len(ctx)? {
            if let Some(entry) = list.get(ctx, index)? {
                let reader = requesting::known(ctx, entry.request)?.requester;
                last.insert((entry.id, reader), entry);
            }
        }
        for ((id, reader), entry) in last {
            let request = requesting::known(ctx, entry.request)?;
            let state = requesting::state(&request)?;
            let ended = matches!(state, RequestState::Refused | RequestState::Revoked)
                || WITHDRAWN.at(&subject).at(&request.study).read(ctx)? != 0
                || CONSENTS.at(&subject).read(ctx)?.epoch != request.epoch;
            let recent = ctx.now() < entry.time.saturating_add(RELEASE_SECONDS);
            let emergency = CASES.len(ctx)? != 0;
            let access = records::access(ctx, id, reader, 0)?;
            let stands = matches!(access, IRecords::Access::Granted | IRecords::Access::UsedUp);
            findings.check(!(ended && recent && stands) || emergency, || {
                format!("health: {id} stands open to {reader} under what was taken back")
            });
        }
    }
    Ok(())
}

fn studies(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for index in 0..STUDIES.len(ctx)? {
        let number = index.saturating_add(1);
        let Some(study) = STUDIES.get(ctx, index)? else {
            continue;
        };
        let versions = VERSIONS.at(&number).len(ctx)?;
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("health: study {number} {what}"));
        };
        check(versions != 0, "has no protocol");
        check(
            study.approved_version <= versions,
            "has an approval of no version",
        );
        check(
            study.first_enrolled == 0 || study.approved_version != 0,
            "enrolled without approval",
        );
        check(
            study.locked == 0 || study.locked >= study.first_enrolled,
            "was locked before it began",
        );
        check(
            (study.locked == 0 && study.unblinded == 0) || study.first_enrolled != 0,
            "was locked or unblinded before it began",
        );
    }
    Ok(())
}

/// A ballot's counts are its members' words, and its outcome follows from them.
fn ballots(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for index in 0..BALLOTS.len(ctx)? {
        let number = index.saturating_add(1);
        let Some(cast) = BALLOTS.get(ctx, index)? else {
            continue;
        };
        let board = ethics::known(ctx, cast.board)?;
        let members = ethics::seats(ctx, cast.board)?.len();
        let members = u32::try_from(members).unwrap_or(u32::MAX);
        let counted = ethics::said(ctx, number, &cast)?;
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("health: ballot {number} {what}"));
        };
        check(
            counted == [cast.approvals, cast.rejections, cast.conflicts],
            "counts wrongly",
        );
        let decided = ethics::votes(&cast, board.quorum, members).decide();
        check(cast.state == decided as u8, "is decided otherwise");
        check(
            (cast.decided_at == 0) == (decided == BallotState::Open),
            "is decided at no time",
        );
    }
    Ok(())
}

fn cases(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    let mut waiting: BTreeMap<Address, u32> = BTreeMap::new();
    for index in 0..CASES.len(ctx)? {
        let number = index.saturating_add(1);
        let case = emergencies::known(ctx, number)?;
        let mut check = |holds: bool, what: &str| {
            findings.check(holds, || format!("health: emergency {number} {what}"));
        };
        let confirmed = case.confirmed_at != 0;
        check(
            confirmed != case.second.is_zero(),
            "has half a second person",
        );
        check(case.second != case.clinician, "was confirmed by its opener");
        check(
            confirmed != (case.state == CaseState::Opened as u8),
            "is in no state",
        );
        let count = waiting.entry(case.clinician).or_default();
        let waits = case.state == CaseState::Confirmed as u8;
        *count = count.saturating_add(u32::from(waits));
    }
    for (clinician, count) in waiting {
        let pending = RIGHTS.at(&clinician).read(ctx)?.pending;
        findings.check(pending == count, || {
            format!("health: {clinician} has {pending} emergencies waiting, not {count}")
        });
    }
    Ok(())
}
