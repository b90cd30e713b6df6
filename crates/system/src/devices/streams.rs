//! The messages of `devices` about streams.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};
use commonhold_primitives::system::DEVICES as ADDRESS;

use super::{
    contract::is_name,
    interface::IDevices::{
        AlreadyAnchored, AlreadyShared, AlreadyUnshared, Anchored, Batch, ClosedStream,
        EmptyWindow, GatewaySet, GranteeIsOwner, InFuture, MissingRoot, NoGrantee, NoSuchShare,
        NotGateway, NotStreamOwner, Shared, StreamClosed, StreamExists, StreamOpened,
        UnfitBatchCount, UnfitName, UnfitReadingCount, UnknownStream, Unshared, WrongDay,
        WrongSealedKey, anchorCall, closeStreamCall, openStreamCall, requestOpeningCall,
        requestOpeningReturn, setGatewayCall, shareCall, unshareCall,
    },
    limits::{BATCH_READINGS_MAX, BATCHES_PER_CALL_MAX},
    standing::{is_of_day, is_plausible, stream_id},
    state::{
        ANCHORS, Anchor, BY_RECORD, BY_ROOT, DAY_KEYS, GRANTEES, Name, OF_DAY, SERVED, SHARED_WITH,
        SHARES, STREAM_IDS, STREAM_NAMES, STREAMS, STREAMS_AT, STREAMS_OF, Share, Standpoint,
        Stream,
    },
};
use crate::records::{
    self, KIND_OF_READINGS, Upcoming,
    access::record_id,
    interface::IRecords::{Registration, requestOpeningForCall},
};

pub(super) fn open_stream(ctx: &mut Context<'_>, call: openStreamCall) -> Outcome<B256> {
    let openStreamCall { name, gateway } = call;
    ensure(is_name(&name), || UnfitName {})?;
    let owner = ctx.caller();
    let stream = stream_id(ctx.block().chain_id, owner, &name);
    let place = STREAMS.at(&stream);
    let lists = (STREAMS_OF.at(&owner), STREAMS_AT.at(&gateway));
    ctx.fetch(&[&place, &STREAM_IDS, &lists.0, &lists.1])?;
    let free = place.read(ctx)?.owner.is_zero();
    ensure(free, || StreamExists { stream })?;
    let entry = Stream {
        owner,
        opened_at: ctx.now(),
        gateway,
        closed_at: 0,
    };
    place.write(ctx, &entry)?;
    STREAM_NAMES
        .at(&stream)
        .write(ctx, &Name::new(name.clone())?)?;
    STREAM_IDS.push(ctx, &stream)?;
    STREAMS_OF.at(&owner).push(ctx, &stream)?;
    serve(ctx, gateway, stream)?;
    ctx.emit(StreamOpened {
        stream,
        owner,
        gateway,
        name,
    })
    .map(|()| stream)
}

pub(super) fn set_gateway(ctx: &mut Context<'_>, call: setGatewayCall) -> Outcome<()> {
    let setGatewayCall { stream, gateway } = call;
    let entry = known(ctx, stream)?;
    owned_by_caller(ctx, stream, &entry)?;
    ensure_open(stream, &entry)?;
    STREAMS
        .at(&stream)
        .write(ctx, &Stream { gateway, ..entry })?;
    serve(ctx, gateway, stream)?;
    ctx.emit(GatewaySet { stream, gateway })
}

pub(super) fn close_stream(ctx: &mut Context<'_>, call: closeStreamCall) -> Outcome<()> {
    let stream = call.stream;
    let entry = known(ctx, stream)?;
    owned_by_caller(ctx, stream, &entry)?;
    ensure_open(stream, &entry)?;
    let closed_at = ctx.now();
    STREAMS
        .at(&stream)
        .write(ctx, &Stream { closed_at, ..entry })?;
    ctx.emit(StreamClosed { stream })
}

pub(super) fn share(ctx: &mut Context<'_>, call: shareCall) -> Outcome<()> {
    let shareCall {
        stream,
        grantee,
        fromDay: from_day,
        untilDay: until_day,
    } = call;
    ensure(!grantee.is_zero(), || NoGrantee {})?;
    ensure(until_day == 0 || from_day < until_day, || EmptyWindow {
        fromDay: from_day,
        untilDay: until_day,
    })?;
    let place = SHARES.at(&stream).at(&grantee);
    ctx.fetch(&[&STREAMS.at(&stream), &place])?;
    let entry = known(ctx, stream)?;
    owned_by_caller(ctx, stream, &entry)?;
    ensure(grantee != entry.owner, || GranteeIsOwner { stream })?;
    let old = place.read(ctx)?;
    let new = Share {
        given_at: ctx.now(),
        from_day,
        until_day,
        given: true,
        revoked: false,
        revoked_at: 0,
    };
    let same = old
        == Share {
            given_at: old.given_at,
            ..new.clone()
        };
    ensure(!same, || AlreadyShared { stream, grantee })?;
    if !old.given {
        GRANTEES.at(&stream).push(ctx, &grantee)?;
        SHARED_WITH.at(&grantee).push(ctx, &stream)?;
    }
    place.write(ctx, &new)?;
    ctx.emit(Shared {
        stream,
        grantee,
        fromDay: from_day,
        untilDay: until_day,
    })
}

pub(super) fn unshare(ctx: &mut Context<'_>, call: unshareCall) -> Outcome<()> {
    let unshareCall { stream, grantee } = call;
    let place = SHARES.at(&stream).at(&grantee);
    ctx.fetch(&[&STREAMS.at(&stream), &place])?;
    let entry = known(ctx, stream)?;
    owned_by_caller(ctx, stream, &entry)?;
    let share = place.read(ctx)?;
    ensure(share.given, || NoSuchShare { stream, grantee })?;
    let revoked_at = share.revoked_at;
    ensure(!share.revoked, || AlreadyUnshared {
        stream,
        grantee,
        revokedAt: revoked_at,
    })?;
    let share = Share {
        revoked: true,
        revoked_at: ctx.now(),
        ..share
    };
    place.write(ctx, &share)?;
    ctx.emit(Unshared { stream, grantee })
}

pub(super) fn anchor(ctx: &mut Context<'_>, call: anchorCall) -> Outcome<Vec<B256>> {
    let given = call.batches.len();
    let fit = (1..=BATCHES_PER_CALL_MAX).contains(&given);
    ensure(fit, || UnfitBatchCount {
        given: U256::from(given),
        max: U256::from(BATCHES_PER_CALL_MAX),
    })?;
    announce(ctx, &call.batches)?;
    let mut records = Vec::new();
    for batch in call.batches {
        records.push(anchor_one(ctx, batch)?);
    }
    Ok(records)
}

/// Says what anchoring these will touch, in few steps however many they are: a proposer runs a call anew
/// after each, and leaves out what takes too many.
fn announce(ctx: &mut Context<'_>, batches: &[Batch]) -> Outcome<()> {
    let mut places: Vec<Box<dyn Place>> = Vec::new();
    let mut of_stream: BTreeMap<B256, u64> = BTreeMap::new();
    let mut of_day: BTreeMap<(B256, u32), u64> = BTreeMap::new();
    for batch in batches {
        let (stream, day) = (batch.stream, batch.day);
        places.push(Box::new(BY_ROOT.at(&stream).at(&batch.root)));
        let count = of_stream.entry(stream).or_default();
        *count = count.saturating_add(1);
        let count = of_day.entry((stream, day)).or_default();
        *count = count.saturating_add(1);
    }
    for stream in of_stream.keys() {
        places.push(Box::new(STREAMS.at(stream)));
        places.push(Box::new(ANCHORS.at(stream)));
    }
    for (stream, day) in of_day.keys() {
        places.push(Box::new(OF_DAY.at(stream).at(day)));
        places.push(Box::new(DAY_KEYS.at(stream).at(day)));
    }
    fetch(ctx, &places)?;

    let mut upcoming: Vec<Box<dyn Place>> = Vec::new();
    for (stream, count) in of_stream {
        upcoming.push(Box::new(ANCHORS.at(&stream).upcoming(ctx, count)?));
    }
    for ((stream, day), count) in of_day {
        let list = OF_DAY.at(&stream).at(&day);
        upcoming.push(Box::new(list.upcoming(ctx, count)?));
    }
    let mut registered = Vec::new();
    for batch in batches {
        let owner = STREAMS.at(&batch.stream).read(ctx)?.owner;
        let id = record_id(ctx.block().chain_id, owner, batch.contentHash, batch.salt);
        upcoming.push(Box::new(BY_RECORD.at(&id)));
        registered.push(Upcoming {
            owner,
            id,
            content: batch.contentHash,
            sealed_key: batch.sealedKeyHash,
        });
    }
    fetch(ctx, &upcoming)?;
    records::announce(ctx, &registered)
}

fn fetch(ctx: &mut Context<'_>, places: &[Box<dyn Place>]) -> Outcome<()> {
    let places: Vec<&dyn Place> = places.iter().map(|place| &**place).collect();
    ctx.fetch(&places)
}

fn anchor_one(ctx: &mut Context<'_>, batch: Batch) -> Outcome<B256> {
    let Batch {
        stream,
        day,
        root,
        count,
        from,
        to,
        contentHash,
        contentLength,
        sealedKeyHash: sealed,
        salt,
        custodian,
    } = batch;
    check(ctx, &batch)?;
    let (anchors, of_day) = (ANCHORS.at(&stream), OF_DAY.at(&stream).at(&day));
    let (by_root, day_key) = (BY_ROOT.at(&stream).at(&root), DAY_KEYS.at(&stream).at(&day));
    let entry = known(ctx, stream)?;
    ensure_open(stream, &entry)?;
    let (caller, gateway) = (ctx.caller(), entry.gateway);
    ensure(caller == gateway, || NotGateway {
        stream,
        caller,
        gateway,
    })?;
    if let Some(number) = by_root.read(ctx)?.checked_sub(1) {
        return reject(AlreadyAnchored {
            stream,
            root,
            number,
        });
    }
    let expected = day_key.read(ctx)?;
    let fit = !sealed.is_zero() && (expected.is_zero() || expected == sealed);
    ensure(fit, || WrongSealedKey {
        stream,
        day,
        expected,
    })?;

    let registration = Registration {
        salt,
        contentHash,
        length: contentLength,
        kind: KIND_OF_READINGS.to_owned(),
        sealedKeyHash: sealed,
        policy: ADDRESS,
        custodian,
    };
    let record = records::register_in_stream(ctx, entry.owner, registration, stream, day)?;
    let block = ctx.block();
    let number = anchors.push(
        ctx,
        &Anchor {
            record,
            root,
            day,
            count,
            from,
            to,
            time: block.timestamp,
            block_number: block.number,
        },
    )?;
    of_day.push(ctx, &number)?;
    by_root.write(ctx, &number.saturating_add(1))?;
    BY_RECORD
        .at(&record)
        .write(ctx, &Standpoint { stream, number })?;
    if expected.is_zero() {
        day_key.write(ctx, &sealed)?;
    }
    ctx.emit(Anchored {
        stream,
        record,
        root,
        number,
        day,
        count,
        from,
        to,
    })?;
    Ok(record)
}

pub(super) fn request_opening(
    ctx: &mut Context<'_>,
    call: requestOpeningCall,
) -> Outcome<requestOpeningReturn> {
    let call = requestOpeningForCall {
        id: call.id,
        reader: ctx.caller(),
        purpose: call.purpose,
        readerKey: call.readerKey,
    };
    let (number, access) = records::request_opening_for(ctx, call)?;
    let access = access as u8;
    Ok(requestOpeningReturn { number, access })
}

/// What can be said of a batch without its stream.
fn check(ctx: &Context<'_>, batch: &Batch) -> Outcome<()> {
    let (stream, count, now) = (batch.stream, batch.count, ctx.now());
    let fit = (1..=BATCH_READINGS_MAX).contains(&count);
    ensure(fit, || UnfitReadingCount {
        stream,
        count,
        max: BATCH_READINGS_MAX,
    })?;
    ensure(!batch.root.is_zero(), || MissingRoot { stream })?;
    ensure(is_of_day(batch.day, batch.from, batch.to), || WrongDay {
        stream,
        day: batch.day,
        from: batch.from,
        to: batch.to,
    })?;
    ensure(is_plausible(batch.to, now), || InFuture {
        stream,
        to: batch.to,
        time: now,
    })
}

pub(super) fn known(ctx: &mut Context<'_>, stream: B256) -> Outcome<Stream> {
    let entry = STREAMS.at(&stream).read(ctx)?;
    if entry.owner.is_zero() {
        reject(UnknownStream { stream })
    } else {
        Ok(entry)
    }
}

pub(super) fn owned_by_caller(ctx: &Context<'_>, stream: B256, entry: &Stream) -> Outcome<()> {
    let caller = ctx.caller();
    ensure(entry.owner == caller, || NotStreamOwner { stream, caller })
}

pub(super) fn ensure_open(stream: B256, entry: &Stream) -> Outcome<()> {
    ensure(entry.closed_at == 0, || ClosedStream {
        stream,
        closedAt: entry.closed_at,
    })
}

/// Puts a stream into the list of what an account was ever the gateway of, once.
fn serve(ctx: &mut Context<'_>, gateway: Address, stream: B256) -> Outcome<()> {
    let place = SERVED.at(&gateway).at(&stream);
    if gateway.is_zero() || place.read(ctx)? {
        return Ok(());
    }
    place.write(ctx, &true)?;
    STREAMS_AT.at(&gateway).push(ctx, &stream)?;
    Ok(())
}
