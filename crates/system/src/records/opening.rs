//! Requests to open a record's sealed key: what is decided, written down, and asked about later.
//!
//! A request is decided by the access list, as it stands then, and always written down: a refusal too,
//! with its reason. Members answer a permitted one, each for itself, as long as [`may_release`] says so
//! of the newest state: a revocation between request and answer holds. Of a record in a stream, the
//! stream's shares are asked both times ([`crate::devices`]).

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, reject};

use super::{
    access::permits,
    contract::{known, note},
    erasure::is_gone,
    interface::IRecords::{
        Access, Action, NotPolicy, Opening as OpeningView, OpeningRequested, UnfitReaderKey,
        UnknownOpening, mayReleaseCall, openingCall, openingsCall, openingsReturn,
        requestOpeningCall, requestOpeningForCall, requestOpeningForReturn, requestOpeningReturn,
    },
    limits::OPENING_SECONDS_MAX,
    state::{GRANTS, LOG, OPENINGS, Opening, RECORDS, Record},
    views,
};
use crate::{accounts::naming::is_weak_key, devices};

pub(super) fn request_opening(
    ctx: &mut Context<'_>,
    call: requestOpeningCall,
) -> Outcome<requestOpeningReturn> {
    let reader = ctx.caller();
    let (number, access) = request(ctx, call.id, reader, call.purpose, call.readerKey)?;
    Ok(requestOpeningReturn { number, access })
}

pub(super) fn request_opening_for(
    ctx: &mut Context<'_>,
    call: requestOpeningForCall,
) -> Outcome<requestOpeningForReturn> {
    let requestOpeningForCall {
        id,
        reader,
        purpose,
        readerKey,
    } = call;
    let (caller, policy) = (ctx.caller(), known(ctx, id)?.policy);
    ensure(caller == policy, || NotPolicy { id, caller, policy })?;
    let (number, access) = request(ctx, id, reader, purpose, readerKey)?;
    Ok(requestOpeningForReturn { number, access })
}

pub(super) fn opening(ctx: &mut Context<'_>, call: openingCall) -> Outcome<OpeningView> {
    let found = load(ctx, call.number)?;
    show(call.number, found)
}

pub(super) fn openings(ctx: &mut Context<'_>, call: openingsCall) -> Outcome<openingsReturn> {
    let total = OPENINGS.len(ctx)?;
    let found = OPENINGS.page(ctx, call.from, call.max)?;
    let page = (call.from..)
        .zip(found)
        .map(|(number, opening)| show(number, opening))
        .collect::<Outcome<_>>()?;
    Ok(openingsReturn { page, total })
}

pub(super) fn may_release(ctx: &mut Context<'_>, call: mayReleaseCall) -> Outcome<Access> {
    let opening = load(ctx, call.number)?;
    let access = decode(opening.access)?;
    if !permits(access) {
        return Ok(access);
    }
    let record = known(ctx, opening.id)?;
    if is_gone(ctx, opening.id, &record)? {
        return Ok(Access::Erased);
    }
    let now = ctx.now();
    if now.saturating_sub(opening.time) > OPENING_SECONDS_MAX {
        return Ok(Access::Expired);
    }
    if access == Access::Owner {
        return Ok(access);
    }
    if !record.stream.is_zero() {
        return devices::access(ctx, record.stream, record.day, opening.reader);
    }
    let grant = GRANTS.at(&opening.id).at(&opening.reader).read(ctx)?;
    Ok(views::terms(&grant).stands(now))
}

/// Decides a request and writes it down.
fn request(
    ctx: &mut Context<'_>,
    id: B256,
    reader: Address,
    purpose: B256,
    reader_key: B256,
) -> Outcome<(u64, Access)> {
    ensure(!is_weak_key(&reader_key), || UnfitReaderKey {
        readerKey: reader_key,
    })?;
    let place = GRANTS.at(&id).at(&reader);
    ctx.fetch(&[&RECORDS.at(&id), &place, &LOG.at(&id), &OPENINGS])?;
    let record = known(ctx, id)?;
    let block = ctx.block();
    let access = match views::answer(ctx, id, reader, block.timestamp)? {
        answer if permits(answer) && !opens_by_request(&record) => Access::NotSealed,
        answer => answer,
    };
    if access == Access::Granted && record.stream.is_zero() {
        let mut grant = place.read(ctx)?;
        grant.used = grant.used.saturating_add(1);
        place.write(ctx, &grant)?;
    }
    let opening = Opening {
        id,
        reader,
        time: block.timestamp,
        access: access as u8,
        by: ctx.caller(),
        block_number: block.number,
        purpose,
        reader_key,
    };
    let number = OPENINGS.push(ctx, &opening)?;
    let action = if permits(access) {
        Action::Permitted
    } else {
        Action::Refused
    };
    note(ctx, id, action, reader, B256::from(U256::from(number)))?;
    ctx.emit(OpeningRequested {
        number,
        id,
        reader,
        purpose,
        readerKey: reader_key,
        access,
    })?;
    Ok((number, access))
}

/// Whether the record's data key is sealed to the record, and not to a time or not at all.
fn opens_by_request(record: &Record) -> bool {
    !record.sealed_key_hash.is_zero() && record.opens_at == 0
}

fn load(ctx: &mut Context<'_>, number: u64) -> Outcome<Opening> {
    match OPENINGS.get(ctx, number)? {
        Some(found) => Ok(found),
        None => reject(UnknownOpening { number }),
    }
}

fn decode(access: u8) -> Outcome<Access> {
    Access::try_from(access).map_err(|_| Fault::Fatal(format!("opening with access {access}")))
}

fn show(number: u64, opening: Opening) -> Outcome<OpeningView> {
    Ok(OpeningView {
        number,
        id: opening.id,
        reader: opening.reader,
        by: opening.by,
        time: opening.time,
        blockNumber: opening.block_number,
        purpose: opening.purpose,
        readerKey: opening.reader_key,
        access: decode(opening.access)?,
    })
}
