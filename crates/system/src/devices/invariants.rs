//! What always holds of `devices`.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Findings, Outcome};
use commonhold_primitives::system::DEVICES as ADDRESS;

use super::{
    limits::BATCH_READINGS_MAX,
    standing::{is_of_day, stream_id},
    state::{
        ANCHORS, ASSIGNED, BY_RECORD, BY_ROOT, DAY_KEYS, DEVICES, GRANTEES, IDS, OF_DAY, OWNED,
        SHARES, STREAM_IDS, STREAM_NAMES, STREAMS, STREAMS_OF, Standpoint, Stream,
    },
    views::key_of,
};
use crate::records;

/// Every listed device has the id of its key, an owner whose list names it, and at most a stream of the
/// same owner; every stream has the id of its owner and name; what is anchored is of its day, once, and
/// of a record that is sealed to that day.
pub(super) fn check(ctx: &mut Context<'_>, findings: &mut Findings) -> Outcome<()> {
    for number in 0..IDS.len(ctx)? {
        let Some(id) = IDS.get(ctx, number)? else {
            continue;
        };
        device(ctx, findings, id)?;
    }
    let mut opened: BTreeMap<Address, u64> = BTreeMap::new();
    for number in 0..STREAM_IDS.len(ctx)? {
        let Some(id) = STREAM_IDS.get(ctx, number)? else {
            continue;
        };
        let owner = STREAMS.at(&id).read(ctx)?.owner;
        let place = opened.entry(owner).or_default();
        let listed = STREAMS_OF.at(&owner).get(ctx, *place)?;
        *place = place.saturating_add(1);
        findings.check(listed == Some(id), || {
            format!("devices: stream {id} is not where it should be in its owner's list")
        });
        stream(ctx, findings, id)?;
    }
    Ok(())
}

fn device(ctx: &mut Context<'_>, findings: &mut Findings, id: B256) -> Outcome<()> {
    let entry = DEVICES.at(&id).read(ctx)?;
    let key = key_of(id, &entry)?;
    let listed = OWNED.at(&entry.owner).at(&id).read(ctx)?;
    let stream = STREAMS.at(&entry.stream).read(ctx)?;
    let assigned = ASSIGNED.at(&entry.stream).at(&id).read(ctx)?;
    let gateway = key.gateway_and_name().map(|(gateway, _)| gateway.0);
    let signs = match gateway {
        Some(gateway) => DEVICES.at(&gateway).read(ctx)?.algorithm != 0,
        None => true,
    };
    let mut check =
        |holds: bool, what: &str| findings.check(holds, || format!("devices: {id} {what}"));
    check(!entry.owner.is_zero(), "has no owner");
    check(key.id().0 == id, "is not the id of its key");
    check(listed, "is not in its owner's list");
    check(
        entry.stream.is_zero() || (stream.owner == entry.owner && assigned),
        "goes to a stream of another owner, or to one that does not list it",
    );
    check(signs, "has a gateway that cannot sign");
    check(
        entry.revoked || (entry.revoked_at == 0 && entry.reason.is_zero()),
        "is not revoked but says when or why",
    );
    check(
        !entry.revoked || entry.revoked_at >= entry.enrolled_at,
        "was revoked before it was enrolled",
    );
    Ok(())
}

fn stream(ctx: &mut Context<'_>, findings: &mut Findings, id: B256) -> Outcome<()> {
    let chain_id = ctx.block().chain_id;
    let entry = STREAMS.at(&id).read(ctx)?;
    let name = STREAM_NAMES.at(&id).read(ctx)?;
    let mut check =
        |holds: bool, what: &str| findings.check(holds, || format!("devices: stream {id} {what}"));
    check(!entry.owner.is_zero(), "has no owner");
    check(
        stream_id(chain_id, entry.owner, name.as_str()) == id,
        "is not the id of its owner and name",
    );
    check(
        entry.closed_at == 0 || entry.closed_at >= entry.opened_at,
        "was closed before it was opened",
    );
    shares(ctx, &mut check, id, &entry)?;
    anchors(ctx, &mut check, id, &entry)
}

fn shares(
    ctx: &mut Context<'_>,
    check: &mut impl FnMut(bool, &str),
    id: B256,
    entry: &Stream,
) -> Outcome<()> {
    let grantees = GRANTEES.at(&id);
    let mut seen = BTreeSet::new();
    for number in 0..grantees.len(ctx)? {
        let Some(grantee) = grantees.get(ctx, number)? else {
            continue;
        };
        let share = SHARES.at(&id).at(&grantee).read(ctx)?;
        check(seen.insert(grantee), "lists a grantee twice");
        check(share.given, "lists a grantee without a share");
        check(grantee != entry.owner, "is shared with its owner");
        check(
            share.until_day == 0 || share.from_day < share.until_day,
            "has an empty share",
        );
        check(
            share.revoked || share.revoked_at == 0,
            "has a share that stands but says when it ended",
        );
    }
    Ok(())
}

fn anchors(
    ctx: &mut Context<'_>,
    check: &mut impl FnMut(bool, &str),
    id: B256,
    entry: &Stream,
) -> Outcome<()> {
    let list = ANCHORS.at(&id);
    let total = list.len(ctx)?;
    let mut days = BTreeSet::new();
    let mut time = 0;
    for number in 0..total {
        let Some(anchor) = list.get(ctx, number)? else {
            continue;
        };
        days.insert(anchor.day);
        check(
            (1..=BATCH_READINGS_MAX).contains(&anchor.count),
            "has a batch of too few or too many",
        );
        check(
            is_of_day(anchor.day, anchor.from, anchor.to),
            "has a batch of another day",
        );
        check(anchor.time >= time, "has anchors out of order");
        time = anchor.time;
        let by_root = BY_ROOT.at(&id).at(&anchor.root).read(ctx)?;
        check(
            by_root == number.saturating_add(1),
            "has a root that names another anchor",
        );
        let place = BY_RECORD.at(&anchor.record).read(ctx)?;
        check(
            place == Standpoint { stream: id, number },
            "has a record that names another anchor",
        );
        let record = records::record(ctx, anchor.record)?;
        let key = DAY_KEYS.at(&id).at(&anchor.day).read(ctx)?;
        check(
            record.stream == id && record.day == anchor.day && record.policy == ADDRESS,
            "has a record that is not sealed to its day",
        );
        check(record.owner == entry.owner, "has a record of another owner");
        check(
            !key.is_zero() && record.sealedKeyHash == key,
            "has a record with another key than its day's",
        );
    }
    let mut by_day = 0u64;
    for day in days {
        let of_day = OF_DAY.at(&id).at(&day);
        let mut before = None;
        for place in 0..of_day.len(ctx)? {
            let number = of_day.get(ctx, place)?;
            check(before < number, "has anchors of a day out of order");
            before = number;
            let anchor = list.get(ctx, number.unwrap_or(u64::MAX))?;
            check(
                anchor.is_some_and(|anchor| anchor.day == day),
                "lists an anchor under another day",
            );
        }
        by_day = by_day.saturating_add(of_day.len(ctx)?);
    }
    check(by_day == total, "does not list every anchor under its day");
    Ok(())
}
