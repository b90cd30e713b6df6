//! Breaking the glass: in an emergency two clinicians open a person's emergency slice, and nothing else.
//!
//! The first opens the emergency, a second confirms it within ten minutes; then the slice opens to the
//! first by the same way as every other. At night there may be no second clinician: within an hour who
//! has the role `on-call` may confirm instead, whose name stands beside it like a clinician's. The person
//! is told by the event in the same block. Each
//! confirmed emergency waits for its review; who has one that waits longer than 72 hours, or one that
//! was found not justified, opens none. A member gives the right back in the open; what is overdue is
//! reviewed first.

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_system::{
    accounts::{self, naming::is_weak_key, roles},
    records::{self, interface::IRecords},
};

use crate::{
    interface::IHealth::{
        CaseState, EmergencyConfirmed, EmergencyOpened, EmergencyReviewed, EmergencyRightRestored,
        NoEmergencyRight, NoEmergencySlice, NoEncryptionKey, NotForSubject, Right, UnfitPerson,
        UnfitState, Unknown, confirmEmergencyCall, openEmergencyCall, restoreEmergencyRightCall,
        reviewEmergencyCall,
    },
    limits::{
        EMERGENCIES_PASSED_MAX, EMERGENCIES_PENDING_MAX, EMERGENCY_ACCESS_SECONDS,
        EMERGENCY_ON_CALL_SECONDS, EMERGENCY_REVIEW_SECONDS, EMERGENCY_SECOND_SECONDS,
        EMERGENCY_USES,
    },
    people,
    releasing::{self, entry},
    state::{CASES, CASES_OF, CONFIRMED, Case, EMERGENCY_SLICE, RIGHTS, Standing},
};

pub(super) fn open_emergency(ctx: &mut Context<'_>, call: openEmergencyCall) -> Outcome<u64> {
    let openEmergencyCall {
        subject,
        reasonCode,
        readerKey,
    } = call;
    let clinician = ctx.caller();
    entitled(ctx, clinician)?;
    let other = !people::is_self(ctx, clinician, subject)?;
    ensure(other, || UnfitPerson { person: clinician })?;
    ensure(!is_weak_key(&readerKey), || NoEncryptionKey {
        account: clinician,
    })?;
    let slice = EMERGENCY_SLICE.at(&subject).read(ctx)?;
    let there = !slice.is_zero() && !releasing::is_erased(ctx, slice)?;
    ensure(there, || NoEmergencySlice { subject })?;
    let case = Case {
        clinician,
        opened_at: ctx.now(),
        reason_code: reasonCode,
        subject,
        reader_key: readerKey,
        ..Case::default()
    };
    let number = CASES.push(ctx, &case)?.saturating_add(1);
    CASES_OF.at(&subject).push(ctx, &number)?;
    ctx.emit(EmergencyOpened {
        number,
        subject,
        clinician,
        reasonCode,
    })?;
    Ok(number)
}

pub(super) fn confirm_emergency(ctx: &mut Context<'_>, call: confirmEmergencyCall) -> Outcome<u64> {
    let number = call.number;
    let case = known(ctx, number)?;
    let Case {
        clinician, subject, ..
    } = case;
    let (second, now) = (ctx.caller(), ctx.now());
    let by = confirms_until(ctx, &case, second)?;
    let other = second != clinician && !people::is_self(ctx, second, subject)?;
    ensure(other, || UnfitPerson { person: second })?;
    let open = state(&case, now)? == CaseState::Opened && now < by;
    ensure(open, || UnfitState { number })?;
    // It may have become overdue, or been taken, since the emergency was opened.
    entitled(ctx, clinician)?;
    let slice = EMERGENCY_SLICE.at(&subject).read(ctx)?;

    let opening = let_in(ctx, slice, clinician, number, case.reader_key)?;
    let confirmed = Case {
        second,
        confirmed_at: now,
        state: CaseState::Confirmed as u8,
        slice,
        ..case
    };
    CASES.replace(ctx, number.saturating_sub(1), &confirmed)?;
    CONFIRMED.at(&clinician).push(ctx, &number)?;
    let place = RIGHTS.at(&clinician);
    let right = place.read(ctx)?;
    let pending = right.pending.saturating_add(1);
    place.write(ctx, &Standing { pending, ..right })?;
    ctx.emit(EmergencyConfirmed {
        number,
        subject,
        second,
        slice,
        opening,
        reviewDue: due(&confirmed),
    })?;
    Ok(opening)
}

/// Until just before when somebody may be the second person: a clinician, or who is on call.
fn confirms_until(ctx: &mut Context<'_>, case: &Case, who: Address) -> Outcome<u64> {
    let seconds = if accounts::may_act(ctx, who, people::ON_CALL, 0)? {
        EMERGENCY_ON_CALL_SECONDS
    } else {
        people::in_role(ctx, roles::CLINICIAN)?;
        EMERGENCY_SECOND_SECONDS
    };
    Ok(case.opened_at.saturating_add(seconds))
}

/// Opens the emergency slice to the clinician.
fn let_in(
    ctx: &mut Context<'_>,
    id: B256,
    clinician: Address,
    number: u64,
    reader_key: B256,
) -> Outcome<u64> {
    records::announce_readers(ctx, &[(id, clinician)])?;
    let standing = records::access(ctx, id, clinician, 0)?;
    if !matches!(standing, IRecords::Access::Owner | IRecords::Access::Erased) {
        let until = ctx.now().saturating_add(EMERGENCY_ACCESS_SECONDS);
        let entry = entry(ctx, id, clinician, until, EMERGENCY_USES);
        records::grant(ctx, entry)?;
    }
    let call = IRecords::requestOpeningForCall {
        id,
        reader: clinician,
        purpose: purpose(number),
        readerKey: reader_key,
    };
    records::request_opening_for(ctx, call).map(|(opening, _)| opening)
}

/// What an opening in an emergency is for, as `records` writes it down: the number, below the letters
/// `BTG`.
pub fn purpose(number: u64) -> B256 {
    let mut word: B256 = U256::from(number).into();
    word.0
        .iter_mut()
        .zip(b"BTG")
        .for_each(|(to, from)| *to = *from);
    word
}

pub(super) fn review_emergency(ctx: &mut Context<'_>, call: reviewEmergencyCall) -> Outcome<()> {
    let reviewEmergencyCall { number, justified } = call;
    let case = known(ctx, number)?;
    let (reviewer, subject) = (ctx.caller(), case.subject);
    let may = people::acts_for(ctx, reviewer, subject)?
        || accounts::may_act(ctx, reviewer, roles::AUDITOR, 0)?;
    ensure(may, || NotForSubject {
        subject,
        caller: reviewer,
    })?;
    let third = reviewer != case.clinician && reviewer != case.second;
    ensure(third, || UnfitPerson { person: reviewer })?;
    let waits = state(&case, ctx.now())? == CaseState::Confirmed;
    ensure(waits, || UnfitState { number })?;

    let clinician = case.clinician;
    let outcome = if justified {
        CaseState::Justified
    } else {
        CaseState::Unjustified
    };
    let reviewed = Case {
        state: outcome as u8,
        reviewer,
        ..case
    };
    CASES.replace(ctx, number.saturating_sub(1), &reviewed)?;
    let place = RIGHTS.at(&clinician);
    let right = place.read(ctx)?;
    let right = Standing {
        next: next(ctx, clinician, right.next)?,
        pending: right.pending.saturating_sub(1),
        suspended: right.suspended || !justified,
    };
    place.write(ctx, &right)?;
    ctx.emit(EmergencyReviewed {
        number,
        reviewer,
        justified,
    })
}

pub(super) fn restore_emergency_right(
    ctx: &mut Context<'_>,
    call: restoreEmergencyRightCall,
) -> Outcome<()> {
    let clinician = call.clinician;
    people::member(ctx)?;
    let place = RIGHTS.at(&clinician);
    let right = place.read(ctx)?;
    ensure(right.suspended, || NoEmergencyRight {
        clinician,
        right: Right::Good,
    })?;
    let suspended = false;
    place.write(ctx, &Standing { suspended, ..right })?;
    let by = ctx.caller();
    ctx.emit(EmergencyRightRestored { clinician, by })
}

/// The first of a clinician's confirmed emergencies, from `from` on, that waits for its review.
fn next(ctx: &mut Context<'_>, clinician: Address, from: u64) -> Outcome<u64> {
    let confirmed = CONFIRMED.at(&clinician);
    let last = from.saturating_add(EMERGENCIES_PASSED_MAX);
    let mut at = from;
    while at < last {
        let Some(number) = confirmed.get(ctx, at)? else {
            break;
        };
        let case = known(ctx, number)?;
        if case.state == CaseState::Confirmed as u8 {
            break;
        }
        at = at.saturating_add(1);
    }
    Ok(at)
}

/// Rejects who may not open emergencies now.
fn entitled(ctx: &mut Context<'_>, clinician: Address) -> Outcome<()> {
    let right = right(ctx, clinician)?;
    ensure(right == Right::Good, || NoEmergencyRight {
        clinician,
        right,
    })
}

/// Whether somebody may open emergencies now.
pub(super) fn right(ctx: &mut Context<'_>, clinician: Address) -> Outcome<Right> {
    if !accounts::may_act(ctx, clinician, roles::CLINICIAN, 0)? {
        return Ok(Right::NotQualified);
    }
    let right = RIGHTS.at(&clinician).read(ctx)?;
    if right.suspended {
        return Ok(Right::Suspended);
    }
    if right.pending >= EMERGENCIES_PENDING_MAX {
        return Ok(Right::TooManyPending);
    }
    if right.pending != 0 {
        let first = next(ctx, clinician, right.next)?;
        if let Some(number) = CONFIRMED.at(&clinician).get(ctx, first)? {
            let case = known(ctx, number)?;
            // So many were reviewed that the one that waits is out of sight: the next review finds it.
            if case.state != CaseState::Confirmed as u8 {
                return Ok(Right::TooManyPending);
            }
            if ctx.now() >= due(&case) {
                return Ok(Right::Overdue);
            }
        }
    }
    Ok(Right::Good)
}

/// Until just before when an emergency is to be reviewed; zero: it was not confirmed.
pub(super) const fn due(case: &Case) -> u64 {
    if case.confirmed_at == 0 {
        0
    } else {
        case.confirmed_at.saturating_add(EMERGENCY_REVIEW_SECONDS)
    }
}

/// Where an emergency stands at `now`.
pub(super) fn state(case: &Case, now: u64) -> Outcome<CaseState> {
    let state = CaseState::try_from(case.state)
        .map_err(|_| Fault::Fatal(format!("an emergency in state {}", case.state)))?;
    let late = now >= case.opened_at.saturating_add(EMERGENCY_ON_CALL_SECONDS);
    Ok(match state {
        CaseState::Opened if late => CaseState::Lapsed,
        state => state,
    })
}

/// The emergency of this number.
pub(super) fn known(ctx: &mut Context<'_>, number: u64) -> Outcome<Case> {
    let found = match number.checked_sub(1) {
        Some(index) => CASES.get(ctx, index)?,
        None => None,
    };
    match found {
        Some(case) => Ok(case),
        None => reject(Unknown { number }),
    }
}
