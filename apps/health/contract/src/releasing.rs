//! Letting readers in: each opening of a slice is asked for here, and `records` writes it down.
//!
//! An opening that is permitted is an entry of the record's access list for one opening, which members
//! answer within [`RELEASE_SECONDS`]. What an owner takes back is revoked there too, in the same
//! transaction: so many openings stand of one subject's slices at most ([`RELEASES_LIVE_MAX`]).

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};
use commonhold_system::{
    accounts,
    records::{self, access, interface::IRecords},
};

use crate::{
    ADDRESS,
    codes::class_code,
    deciding,
    interface::IHealth::{
        AlreadyWithdrawn, Ask, Class, Leave, Manner, Purpose, Sensitivity, SliceAsked,
        TooManyReleases, UnfitSlice, Verdict, WithdrawnFrom, requestOpeningCall,
        requestOpeningReturn, requestSliceCall, requestSliceReturn, withdrawCall,
    },
    leave::{self, Facts},
    limits::{RELEASE_SECONDS, RELEASE_USES, RELEASES_LIVE_MAX, WITHDRAWALS_PER_CALL_MAX},
    people::{acting_for, acts_for, role_for},
    requesting, shape,
    state::{
        CONSENTS, LATEST, LIVE, Live, OUTSTANDING, RELEASED, REQUESTS, Request, SLICES, Slice,
        WITHDRAWN,
    },
    studies,
};

pub(super) fn request_slice(
    ctx: &mut Context<'_>,
    call: requestSliceCall,
) -> Outcome<requestSliceReturn> {
    let requestSliceCall {
        number,
        id,
        readerKey,
    } = call;
    let place = REQUESTS.place(number.saturating_sub(1));
    ctx.fetch(&[&SLICES.at(&id) as &dyn Place, &REQUESTS, &place])?;
    let slice = known(ctx, id)?;
    let request = requesting::known(ctx, number)?;
    let answer = leave_of(ctx, &request, &slice, ctx.caller())?;
    let purpose = B256::from(U256::from(number));
    let ids = (number, id);
    let (opening, _, leave) = release(ctx, ids, slice.subject, purpose, readerKey, answer)?;
    Ok(requestSliceReturn { opening, leave })
}

pub(super) fn request_opening(
    ctx: &mut Context<'_>,
    call: requestOpeningCall,
) -> Outcome<requestOpeningReturn> {
    let requestOpeningCall {
        id,
        purpose,
        readerKey,
    } = call;
    let slice = known(ctx, id)?;
    let (caller, subject) = (ctx.caller(), slice.subject);
    let (number, answer) = if acts_for(ctx, caller, subject)? {
        (0, Leave::Own)
    } else {
        let number = LATEST.at(&caller).at(&subject).read(ctx)?;
        let answer = match number {
            0 => Leave::NoRequest,
            number => {
                let request = requesting::known(ctx, number)?;
                leave_of(ctx, &request, &slice, caller)?
            }
        };
        (number, answer)
    };
    let (number, access, _) = release(ctx, (number, id), subject, purpose, readerKey, answer)?;
    Ok(requestOpeningReturn {
        number,
        access: access as u8,
    })
}

/// Whether `reader` gets a slice now under a request.
pub(super) fn leave_of(
    ctx: &mut Context<'_>,
    request: &Request,
    slice: &Slice,
    reader: Address,
) -> Outcome<Leave> {
    deciding::announce(ctx, request.study, &[request.subject])?;
    let now = ctx.now();
    let (class, sensitivity) = kind(slice)?;
    let bit = crate::codes::class_bit(class, sensitivity);
    let purpose = purpose(request)?;
    let approved = request.approved & bit != 0;
    let study = match request.study {
        0 => None,
        number => Some(studies::known(ctx, number)?),
    };
    let qualified = match role_for(purpose) {
        Some(role) => accounts::may_act(ctx, reader, role, 0)?,
        None => true,
    };
    let approval_stands = approved && acts_for(ctx, request.approved_by, request.subject)?;
    let facts = Facts {
        own_request: request.requester == reader && request.subject == slice.subject,
        state: requesting::state(request)?,
        withdrawn: WITHDRAWN
            .at(&request.subject)
            .at(&request.study)
            .read(ctx)?
            != 0,
        consent_ended: CONSENTS.at(&request.subject).read(ctx)?.epoch != request.epoch,
        until: request.until,
        uses: request.uses,
        used: request.used,
        approved,
        approval_stands,
        standing: request.standing & bit != 0 && sensitivity != Sensitivity::VeryRestricted,
        ready_at: request.ready_at,
        consent_stands: true,
        of_study: study.is_some(),
        study_approved: study.as_ref().is_some_and(|s| studies::is_approved(s, now)),
        suspended: study.as_ref().is_some_and(|s| s.suspended_at != 0),
        qualified,
    };
    let answer = leave::answer(&facts, now);
    if answer != Leave::Granted || approval_stands {
        return Ok(answer);
    }
    // It is the standing permit that lets in: the consent of now must still have it.
    let ask = Ask {
        study: request.study,
        purpose,
        classes: bit,
        until: request.until,
        uses: request.uses,
        reason: request.reason,
    };
    let decisions = deciding::decide(ctx, reader, &ask, request.subject)?;
    let class = class_code(class, sensitivity);
    let consent_stands = decisions.iter().any(|decision| {
        decision.class == class
            && decision.verdict == Verdict::Permit
            && decision.manner == Manner::Standing
    });
    let facts = Facts {
        consent_stands,
        ..facts
    };
    Ok(leave::answer(&facts, now))
}

/// Has `records` write down the opening, permitted or not, and counts it.
fn release(
    ctx: &mut Context<'_>,
    (number, id): (u64, B256),
    subject: Address,
    purpose: B256,
    reader_key: B256,
    answer: Leave,
) -> Outcome<(u64, IRecords::Access, Leave)> {
    let (reader, mut answer) = (ctx.caller(), answer);
    records::announce_readers(ctx, &[(id, reader)])?;
    if leave::permits(answer) {
        let standing = records::access(ctx, id, reader, 0)?;
        // Owners need no entry, and what is erased takes none.
        if standing == IRecords::Access::Erased {
            answer = Leave::Erased;
        } else if standing != IRecords::Access::Owner {
            let until = ctx.now().saturating_add(RELEASE_SECONDS);
            let entry = entry(ctx, id, reader, until, RELEASE_USES);
            records::grant(ctx, entry)?;
        }
    }
    let call = IRecords::requestOpeningForCall {
        id,
        reader,
        purpose,
        readerKey: reader_key,
    };
    let (opening, access) = records::request_opening_for(ctx, call)?;
    if number != 0 && leave::permits(answer) && access::permits(access) {
        count(ctx, number, id, subject)?;
    }
    ctx.emit(SliceAsked {
        request: number,
        id,
        reader,
        subject,
        opening,
        leave: answer,
    })?;
    Ok((opening, access, answer))
}

/// An entry of a record's access list from now on.
pub(super) fn entry(
    ctx: &Context<'_>,
    id: B256,
    grantee: Address,
    until: u64,
    uses: u32,
) -> IRecords::grantCall {
    IRecords::grantCall {
        id,
        grantee,
        notBefore: ctx.now(),
        until,
        uses,
        headerHash: B256::ZERO,
    }
}

/// Counts an opening and, where the reader has no copy of the slice under the request, a copy.
fn count(ctx: &mut Context<'_>, number: u64, id: B256, subject: Address) -> Outcome<()> {
    let now = ctx.now();
    let live = LIVE.at(&subject);
    let mut request = requesting::known(ctx, number)?;
    let (copy, held) = (
        RELEASED.at(&number).at(&id),
        OUTSTANDING.at(&subject).at(&request.study),
    );
    ctx.fetch(&[&live as &dyn Place, &copy, &held])?;
    let count = live.len(ctx)?;
    let mut places: Vec<Box<dyn Place>> = vec![Box::new(live.upcoming(ctx, 1)?)];
    if let Some(oldest) = count.checked_sub(RELEASES_LIVE_MAX) {
        places.push(Box::new(live.place(oldest)));
    }
    deciding::fetch(ctx, &places)?;
    let oldest = live.len(ctx)?.checked_sub(RELEASES_LIVE_MAX);
    if let Some(oldest) = oldest {
        let entry = live.get(ctx, oldest)?;
        let over = entry.is_none_or(|entry| !is_live(&entry, now));
        ensure(over, || TooManyReleases { subject })?;
    }
    let opened = Live {
        id,
        request: number,
        time: now,
    };
    live.push(ctx, &opened)?;
    // What was destroyed since it was opened is opened to a new copy.
    if copy.read(ctx)? <= request.destroyed {
        request.copies = request.copies.saturating_add(1);
        copy.write(ctx, &request.copies)?;
        let more = held.read(ctx)?.saturating_add(1);
        held.write(ctx, &more)?;
    }
    request.used = request.used.saturating_add(1);
    requesting::write(ctx, number, &request)
}

const fn is_live(entry: &Live, now: u64) -> bool {
    now < entry.time.saturating_add(RELEASE_SECONDS)
}

/// Takes back what stands of a subject's slices under the requests that `ends` names: by number and
/// study.
pub(super) fn stop(
    ctx: &mut Context<'_>,
    subject: Address,
    ends: impl Fn(u64, u64) -> bool,
) -> Outcome<()> {
    let (live, now) = (LIVE.at(&subject), ctx.now());
    let count = live.len(ctx)?;
    let first = count.saturating_sub(RELEASES_LIVE_MAX);
    let places: Vec<_> = (first..count).map(|index| live.place(index)).collect();
    let announced: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&announced)?;
    let mut entries = Vec::new();
    for place in places.iter().rev() {
        let entry = place.read(ctx)?;
        if !is_live(&entry, now) {
            break;
        }
        entries.push(entry);
    }
    if entries.is_empty() {
        return Ok(());
    }
    let places: Vec<_> = entries
        .iter()
        .map(|entry| REQUESTS.place(entry.request.saturating_sub(1)))
        .collect();
    let mut announced: Vec<&dyn Place> = vec![&REQUESTS];
    announced.extend(places.iter().map(|place| place as &dyn Place));
    ctx.fetch(&announced)?;
    let mut standing = Vec::new();
    for entry in entries {
        let request = requesting::known(ctx, entry.request)?;
        if ends(entry.request, request.study) {
            standing.push((entry.id, request.requester));
        }
    }
    standing.sort_unstable();
    standing.dedup();
    records::announce_readers(ctx, &standing)?;
    for (id, reader) in standing {
        let access = records::access(ctx, id, reader, 0)?;
        if matches!(access, IRecords::Access::Granted | IRecords::Access::UsedUp) {
            records::revoke(ctx, id, reader)?;
        }
    }
    Ok(())
}

pub(super) fn withdraw(ctx: &mut Context<'_>, call: withdrawCall) -> Outcome<u64> {
    let withdrawCall { study, subjects } = call;
    shape::some(subjects.len(), WITHDRAWALS_PER_CALL_MAX)?;
    studies::known(ctx, study)?;
    let mut places: Vec<Box<dyn Place>> = Vec::new();
    for subject in &subjects {
        places.push(Box::new(WITHDRAWN.at(subject).at(&study)));
        places.push(Box::new(OUTSTANDING.at(subject).at(&study)));
        places.push(Box::new(LIVE.at(subject)));
    }
    deciding::fetch(ctx, &places)?;
    let mut all = 0u64;
    for subject in subjects {
        acting_for(ctx, subject)?;
        let place = WITHDRAWN.at(&subject).at(&study);
        let stays = place.read(ctx)? == 0;
        ensure(stays, || AlreadyWithdrawn { subject, study })?;
        let (now, by) = (ctx.now(), ctx.caller());
        place.write(ctx, &now)?;
        stop(ctx, subject, |_, of| of == study)?;
        let outstanding = OUTSTANDING.at(&subject).at(&study).read(ctx)?;
        all = all.saturating_add(outstanding);
        ctx.emit(WithdrawnFrom {
            subject,
            study,
            by,
            copiesOutstanding: outstanding,
        })?;
    }
    Ok(all)
}

/// Whether a slice's record was erased.
pub(super) fn is_erased(ctx: &mut Context<'_>, id: B256) -> Outcome<bool> {
    let access = records::access(ctx, id, ADDRESS, 0)?;
    Ok(access == IRecords::Access::Erased)
}

/// The slice of this id.
pub(super) fn known(ctx: &mut Context<'_>, id: B256) -> Outcome<Slice> {
    let slice = SLICES.at(&id).read(ctx)?;
    ensure(!slice.subject.is_zero(), || UnfitSlice { id })?;
    Ok(slice)
}

/// A slice's class and sensitivity.
pub(super) fn kind(slice: &Slice) -> Outcome<(Class, Sensitivity)> {
    let class = Class::try_from(slice.class);
    let sensitivity = Sensitivity::try_from(slice.sensitivity);
    class
        .ok()
        .zip(sensitivity.ok())
        .ok_or_else(|| Fault::Fatal(format!("a slice of class {}", slice.class)))
}

/// A request's purpose.
pub(super) fn purpose(request: &Request) -> Outcome<Purpose> {
    Purpose::try_from(request.purpose)
        .map_err(|_| Fault::Fatal(format!("a request for {}", request.purpose)))
}
