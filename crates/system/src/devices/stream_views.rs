//! Reads of `devices` about streams.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, List, Outcome, ensure, storage::Place};

use super::{
    interface::IDevices::{
        Anchor as AnchorView, NoAnchor, NoSuchShare, Share as ShareView, Stream as StreamView,
        anchorOfCall, anchorsCall, anchorsOfDayCall, anchorsOfDayReturn, anchorsReturn,
        sealedKeyOfDayCall, shareOfCall, sharesCall, sharesReturn, streamCall, streamIdCall,
        streamsAtCall, streamsAtReturn, streamsCall, streamsOfCall, streamsOfReturn, streamsReturn,
        streamsSharedWithCall, streamsSharedWithReturn,
    },
    standing::{Window, stream_id},
    state::{
        ANCHORS, Anchor, BY_RECORD, DAY_KEYS, GRANTEES, OF_DAY, SHARED_WITH, SHARES, STREAM_IDS,
        STREAM_NAMES, STREAMS_AT, STREAMS_OF, Share,
    },
    streams::known,
};
use crate::records::interface::IRecords::Access;

pub(super) fn id(ctx: &mut Context<'_>, call: streamIdCall) -> Outcome<B256> {
    Ok(stream_id(ctx.block().chain_id, call.owner, &call.name))
}

pub(super) fn stream(ctx: &mut Context<'_>, call: streamCall) -> Outcome<StreamView> {
    let id = call.id;
    let entry = known(ctx, id)?;
    Ok(StreamView {
        id,
        owner: entry.owner,
        gateway: entry.gateway,
        name: STREAM_NAMES.at(&id).read(ctx)?.into(),
        openedAt: entry.opened_at,
        closedAt: entry.closed_at,
        anchors: ANCHORS.at(&id).len(ctx)?,
    })
}

pub(super) fn streams(ctx: &mut Context<'_>, call: streamsCall) -> Outcome<streamsReturn> {
    let (page, total) = part(ctx, &STREAM_IDS, call.from, call.max)?;
    Ok(streamsReturn { page, total })
}

pub(super) fn streams_of(ctx: &mut Context<'_>, call: streamsOfCall) -> Outcome<streamsOfReturn> {
    let (page, total) = part(ctx, &STREAMS_OF.at(&call.owner), call.from, call.max)?;
    Ok(streamsOfReturn { page, total })
}

pub(super) fn streams_at(ctx: &mut Context<'_>, call: streamsAtCall) -> Outcome<streamsAtReturn> {
    let (page, total) = part(ctx, &STREAMS_AT.at(&call.gateway), call.from, call.max)?;
    Ok(streamsAtReturn { page, total })
}

pub(super) fn streams_shared_with(
    ctx: &mut Context<'_>,
    call: streamsSharedWithCall,
) -> Outcome<streamsSharedWithReturn> {
    let (page, total) = part(ctx, &SHARED_WITH.at(&call.grantee), call.from, call.max)?;
    Ok(streamsSharedWithReturn { page, total })
}

fn part(
    ctx: &mut Context<'_>,
    list: &List<B256>,
    from: u64,
    max: u64,
) -> Outcome<(Vec<B256>, u64)> {
    let total = list.len(ctx)?;
    Ok((list.page(ctx, from, max)?, total))
}

pub(super) fn share_of(ctx: &mut Context<'_>, call: shareOfCall) -> Outcome<ShareView> {
    let shareOfCall { stream, grantee } = call;
    let share = SHARES.at(&stream).at(&grantee).read(ctx)?;
    ensure(share.given, || NoSuchShare { stream, grantee })?;
    Ok(show_share(grantee, &share))
}

pub(super) fn shares(ctx: &mut Context<'_>, call: sharesCall) -> Outcome<sharesReturn> {
    let list = GRANTEES.at(&call.stream);
    let total = list.len(ctx)?;
    let shares = SHARES.at(&call.stream);
    let grantees = list.page(ctx, call.from, call.max)?;
    let places: Vec<_> = grantees.iter().map(|grantee| shares.at(grantee)).collect();
    let places: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&places)?;
    let mut page = Vec::new();
    for grantee in grantees {
        page.push(show_share(grantee, &shares.at(&grantee).read(ctx)?));
    }
    Ok(sharesReturn { page, total })
}

pub(super) fn anchors(ctx: &mut Context<'_>, call: anchorsCall) -> Outcome<anchorsReturn> {
    let anchorsCall { stream, from, max } = call;
    let list = ANCHORS.at(&stream);
    let total = list.len(ctx)?;
    let found = list.page(ctx, from, max)?;
    let page = (from..)
        .zip(found)
        .map(|(number, anchor)| show(stream, number, &anchor))
        .collect();
    Ok(anchorsReturn { page, total })
}

pub(super) fn anchors_of_day(
    ctx: &mut Context<'_>,
    call: anchorsOfDayCall,
) -> Outcome<anchorsOfDayReturn> {
    let stream = call.stream;
    let list = OF_DAY.at(&stream).at(&call.day);
    let total = list.len(ctx)?;
    let mut page = Vec::new();
    for number in list.page(ctx, call.from, call.max)? {
        page.push(numbered(ctx, stream, number)?);
    }
    Ok(anchorsOfDayReturn { page, total })
}

pub(super) fn sealed_key_of_day(ctx: &mut Context<'_>, call: sealedKeyOfDayCall) -> Outcome<B256> {
    DAY_KEYS.at(&call.stream).at(&call.day).read(ctx)
}

pub(super) fn anchor_of(ctx: &mut Context<'_>, call: anchorOfCall) -> Outcome<AnchorView> {
    let record = call.record;
    let found = BY_RECORD.at(&record).read(ctx)?;
    ensure(!found.stream.is_zero(), || NoAnchor { record })?;
    numbered(ctx, found.stream, found.number)
}

/// What the shares of a stream say of `who` and a day. Its owner is not asked about here.
pub(super) fn access(
    ctx: &mut Context<'_>,
    stream: B256,
    day: u32,
    who: Address,
) -> Outcome<Access> {
    let share = SHARES.at(&stream).at(&who).read(ctx)?;
    if !share.given {
        return Ok(Access::NoGrant);
    }
    let window = Window {
        from_day: share.from_day,
        until_day: share.until_day,
        revoked: share.revoked,
    };
    Ok(window.answer(day))
}

fn numbered(ctx: &mut Context<'_>, stream: B256, number: u64) -> Outcome<AnchorView> {
    let anchor = ANCHORS.at(&stream).get(ctx, number)?;
    let anchor = anchor.ok_or_else(|| Fault::Fatal(format!("anchor {number} is missing")))?;
    Ok(show(stream, number, &anchor))
}

const fn show(stream: B256, number: u64, anchor: &Anchor) -> AnchorView {
    AnchorView {
        number,
        stream,
        day: anchor.day,
        record: anchor.record,
        root: anchor.root,
        count: anchor.count,
        from: anchor.from,
        to: anchor.to,
        time: anchor.time,
        blockNumber: anchor.block_number,
    }
}

const fn show_share(grantee: Address, share: &Share) -> ShareView {
    ShareView {
        grantee,
        givenAt: share.given_at,
        fromDay: share.from_day,
        untilDay: share.until_day,
        revokedAt: share.revoked_at,
    }
}
