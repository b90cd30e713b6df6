//! The messages about requests. A request is decided when it is made, and is the grant too: what a
//! standing permit lets in to opens when the veto window is over, the rest when the owner approves.

use alloy_primitives::Address;
use commonhold_module::{Context, Fault, Outcome, ensure, reject, storage::Place};
use commonhold_system::accounts;

use crate::{
    codes::{are_classes, bit, needs_study},
    deciding,
    duo::{MOR, PUB, RTN, TS},
    interface::IHealth::{
        Approved, Ask, ClassDecision, CopiesDestroyed, Duty, Manner, NotApprovable, NotForSubject,
        NotInvestigator, Refused, RequestState, Requested, Revoked, UnfitMask, UnfitPurpose,
        UnfitState, UnfitWindow, Unknown, Verdict, Vetoed, approveCall, attestDestructionCall,
        refuseCall, requestCall, revokeCall, vetoCall,
    },
    limits::{GRANT_SECONDS_MAX, SUBJECTS_PER_CALL_MAX},
    people::{self, acting_for, deciding_for, role_for},
    releasing, shape,
    state::{BY, CONSENTS, LATEST, OUTSTANDING, REQUESTS, Request, TO},
    studies,
};

const DUTY_PUB: u8 = 1;
const DUTY_RTN: u8 = 2;
const DUTY_MOR: u8 = 4;
const DUTY_TS: u8 = 8;

pub(super) fn request(ctx: &mut Context<'_>, call: requestCall) -> Outcome<u64> {
    let requestCall { ask, subjects } = call;
    shape::some(subjects.len(), SUBJECTS_PER_CALL_MAX)?;
    check(ctx, &ask)?;
    announce(ctx, ask.study, &subjects)?;
    let first = REQUESTS.len(ctx)?.saturating_add(1);
    for subject in subjects {
        file(ctx, &ask, subject)?;
    }
    Ok(first)
}

/// Says what requests to these subjects will touch.
fn announce(ctx: &mut Context<'_>, study: u64, subjects: &[Address]) -> Outcome<()> {
    let requester = ctx.caller();
    let mut places: Vec<Box<dyn Place>> = vec![Box::new(REQUESTS), Box::new(BY.at(&requester))];
    for subject in subjects {
        places.push(Box::new(TO.at(subject)));
        places.push(Box::new(LATEST.at(&requester).at(subject)));
    }
    deciding::fetch(ctx, &places)?;
    let more = u64::try_from(subjects.len()).unwrap_or(u64::MAX);
    let mut places: Vec<Box<dyn Place>> = vec![
        Box::new(REQUESTS.upcoming(ctx, more)?),
        Box::new(BY.at(&requester).upcoming(ctx, more)?),
    ];
    for subject in subjects {
        places.push(Box::new(TO.at(subject).upcoming(ctx, 1)?));
    }
    deciding::fetch(ctx, &places)?;
    deciding::announce(ctx, study, subjects)
}

/// Rejects what nobody could be let in to.
fn check(ctx: &mut Context<'_>, ask: &Ask) -> Outcome<()> {
    let (now, until) = (ctx.now(), ask.until);
    ensure(are_classes(ask.classes), || UnfitMask {
        mask: alloy_primitives::U256::from(ask.classes),
    })?;
    let last = now.saturating_add(GRANT_SECONDS_MAX);
    ensure(now < until && until <= last, || UnfitWindow {
        notBefore: now,
        until,
    })?;
    ensure(needs_study(ask.purpose) == (ask.study != 0), || {
        UnfitPurpose {
            purpose: ask.purpose,
            study: ask.study,
        }
    })?;
    if let Some(role) = role_for(ask.purpose) {
        people::in_role(ctx, role)?;
    }
    if ask.study != 0 {
        let (study, caller) = (ask.study, ctx.caller());
        let investigator = studies::known(ctx, study)?.investigator;
        let acts = accounts::may_act_for(ctx, caller, investigator, 0)?;
        ensure(acts, || NotInvestigator { study, caller })?;
    }
    people::with_key(ctx)
}

/// Decides and writes down a request to one subject.
fn file(ctx: &mut Context<'_>, ask: &Ask, subject: Address) -> Outcome<()> {
    let (requester, now) = (ctx.caller(), ctx.now());
    ensure(!subject.is_zero(), || NotForSubject {
        subject,
        caller: requester,
    })?;
    let decisions = deciding::decide(ctx, requester, ask, subject)?;
    let mut filed = Request {
        requester,
        requested_at: now,
        classes: ask.classes,
        subject,
        study: ask.study,
        ready_at: now,
        until: ask.until,
        uses: ask.uses,
        epoch: CONSENTS.at(&subject).read(ctx)?.epoch,
        purpose: ask.purpose as u8,
        reason: ask.reason,
        ..Request::default()
    };
    for decision in decisions {
        enter(&mut filed, &decision);
    }
    if filed.duties & DUTY_TS != 0 {
        filed.until = filed.until.min(filed.limit);
    }
    let number = REQUESTS.push(ctx, &filed)?.saturating_add(1);
    TO.at(&subject).push(ctx, &number)?;
    BY.at(&requester).push(ctx, &number)?;
    LATEST.at(&requester).at(&subject).write(ctx, &number)?;
    ctx.emit(Requested {
        number,
        requester,
        subject,
        study: ask.study,
        purpose: ask.purpose,
        classes: ask.classes,
        standing: filed.standing,
        asking: filed.asking,
        needing: filed.needing,
        readyAt: filed.ready_at,
    })
}

/// Enters a class's decision. The longest veto window and the strictest obligations count for all.
fn enter(request: &mut Request, decision: &ClassDecision) {
    let class = bit(decision.class);
    match (decision.verdict, decision.manner) {
        (Verdict::Permit, Manner::Standing) => {
            request.standing |= class;
            let window = u64::from(decision.vetoSeconds);
            let ready = request.requested_at.saturating_add(window);
            request.ready_at = request.ready_at.max(ready);
        }
        (Verdict::Permit, _) => request.asking |= class,
        (Verdict::Needs, _) => {
            request.needing |= class;
            return;
        }
        _ => return,
    }
    for Duty { code, time } in &decision.obligations {
        match *code {
            PUB => request.duties |= DUTY_PUB,
            RTN => request.duties |= DUTY_RTN,
            MOR => {
                request.duties |= DUTY_MOR;
                request.moratorium = request.moratorium.max(*time);
            }
            TS => {
                let fresh = request.duties & DUTY_TS == 0;
                request.duties |= DUTY_TS;
                request.limit = if fresh {
                    *time
                } else {
                    request.limit.min(*time)
                };
            }
            _ => {}
        }
    }
}

/// The obligations that a request carries.
pub(super) fn duties(request: &Request) -> Vec<Duty> {
    let all = [
        (DUTY_PUB, PUB, 0),
        (DUTY_MOR, MOR, request.moratorium),
        (DUTY_TS, TS, request.limit),
        (DUTY_RTN, RTN, 0),
    ];
    all.into_iter()
        .filter(|(bit, ..)| request.duties & bit != 0)
        .map(|(_, code, time)| Duty { code, time })
        .collect()
}

pub(super) fn approve(ctx: &mut Context<'_>, call: approveCall) -> Outcome<()> {
    let approveCall { number, classes } = call;
    let request = known(ctx, number)?;
    let subject = request.subject;
    deciding_for(ctx, subject)?;
    let may = request.asking | request.standing;
    let fits = classes != 0 && classes & !may == 0;
    ensure(fits, || NotApprovable { number, classes })?;
    let epoch = CONSENTS.at(&subject).read(ctx)?.epoch;
    let open = is_open(&request)? && request.epoch == epoch && ctx.now() < request.until;
    ensure(open, || UnfitState { number })?;
    let by = ctx.caller();
    let approved = Request {
        approved: request.approved | classes,
        approved_by: by,
        ..request
    };
    write(ctx, number, &approved)?;
    ctx.emit(Approved {
        number,
        subject,
        by,
        classes,
    })
}

pub(super) fn refuse(ctx: &mut Context<'_>, call: refuseCall) -> Outcome<()> {
    let number = call.number;
    let request = known(ctx, number)?;
    let subject = request.subject;
    acting_for(ctx, subject)?;
    let vetoed = state(&request)? == RequestState::Vetoed;
    let shut = request.standing == 0 || vetoed || ctx.now() < request.ready_at;
    let undecided = is_open(&request)? && request.approved == 0 && shut;
    ensure(undecided, || UnfitState { number })?;
    end(ctx, number, request, RequestState::Refused)?;
    let by = ctx.caller();
    ctx.emit(Refused {
        number,
        subject,
        by,
    })
}

pub(super) fn veto(ctx: &mut Context<'_>, call: vetoCall) -> Outcome<()> {
    let number = call.number;
    let request = known(ctx, number)?;
    let subject = request.subject;
    acting_for(ctx, subject)?;
    let open = state(&request)? == RequestState::Open;
    let window = request.standing != 0 && ctx.now() < request.ready_at;
    ensure(open && window, || UnfitState { number })?;
    end(ctx, number, request, RequestState::Vetoed)?;
    let by = ctx.caller();
    ctx.emit(Vetoed {
        number,
        subject,
        by,
    })
}

pub(super) fn revoke(ctx: &mut Context<'_>, call: revokeCall) -> Outcome<()> {
    let number = call.number;
    let request = known(ctx, number)?;
    let subject = request.subject;
    acting_for(ctx, subject)?;
    ensure(is_open(&request)?, || UnfitState { number })?;
    end(ctx, number, request, RequestState::Revoked)?;
    releasing::stop(ctx, subject, |of, _| of == number)?;
    let by = ctx.caller();
    ctx.emit(Revoked {
        number,
        subject,
        by,
    })
}

pub(super) fn attest_destruction(
    ctx: &mut Context<'_>,
    call: attestDestructionCall,
) -> Outcome<()> {
    let attestDestructionCall { number, evidence } = call;
    let request = known(ctx, number)?;
    let (subject, caller) = (request.requester, ctx.caller());
    let acts = accounts::may_act_for(ctx, caller, subject, 0)?;
    ensure(acts, || NotForSubject { subject, caller })?;
    let copies = request.copies.saturating_sub(request.destroyed);
    ensure(copies != 0, || UnfitState { number })?;
    let place = OUTSTANDING.at(&request.subject).at(&request.study);
    let left = place.read(ctx)?.saturating_sub(u64::from(copies));
    place.write(ctx, &left)?;
    let destroyed = Request {
        destroyed: request.copies,
        ..request
    };
    write(ctx, number, &destroyed)?;
    ctx.emit(CopiesDestroyed {
        number,
        by: caller,
        copies,
        evidence,
    })
}

fn end(ctx: &mut Context<'_>, number: u64, request: Request, end: RequestState) -> Outcome<()> {
    let ended = Request {
        state: end as u8,
        ..request
    };
    write(ctx, number, &ended)
}

/// The request of this number.
pub(super) fn known(ctx: &mut Context<'_>, number: u64) -> Outcome<Request> {
    let found = match number.checked_sub(1) {
        Some(index) => {
            ctx.fetch(&[&REQUESTS as &dyn Place, &REQUESTS.place(index)])?;
            REQUESTS.get(ctx, index)?
        }
        None => None,
    };
    match found {
        Some(request) => Ok(request),
        None => reject(Unknown { number }),
    }
}

/// Writes a request anew.
pub(super) fn write(ctx: &mut Context<'_>, number: u64, request: &Request) -> Outcome<()> {
    let index = number.saturating_sub(1);
    REQUESTS.replace(ctx, index, request).map(|_| ())
}

/// Where a request stands.
pub(super) fn state(request: &Request) -> Outcome<RequestState> {
    RequestState::try_from(request.state)
        .map_err(|_| Fault::Fatal(format!("a request in state {}", request.state)))
}

fn is_open(request: &Request) -> Outcome<bool> {
    let state = state(request)?;
    Ok(matches!(state, RequestState::Open | RequestState::Vetoed))
}
