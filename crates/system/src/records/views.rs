//! Reads of `records`.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, Outcome, ensure, storage::Place};

use super::{
    access::{Terms, is_open, permits, record_id},
    erasure::is_gone,
    interface::IRecords::{
        Access, Action, Grant as GrantView, LogEntry as LogEntryView, NoSuchGrant,
        Record as RecordView, UnknownRecord, accessCall, grantOfCall, grantsCall, grantsReturn,
        idOfCall, logCall, logReturn, mayOpenCall, recordCall, recordsCall, recordsOfCall,
        recordsOfReturn, recordsReturn, sharedWithCall, sharedWithReturn,
    },
    state::{BY_OWNER, GRANTEES, GRANTS, Grant, IDS, LOG, LogEntry, RECORDS, SHARED},
};
use crate::devices;

pub(super) fn id_of(ctx: &mut Context<'_>, call: idOfCall) -> Outcome<B256> {
    Ok(record_id(
        ctx.block().chain_id,
        call.owner,
        call.contentHash,
        call.salt,
    ))
}

pub(super) fn record(ctx: &mut Context<'_>, call: recordCall) -> Outcome<RecordView> {
    let record = RECORDS.at(&call.id).read(ctx)?;
    ensure(!record.owner.is_zero(), || UnknownRecord { id: call.id })?;
    Ok(RecordView {
        id: call.id,
        owner: record.owner,
        registeredAt: record.registered_at,
        registeredIn: record.registered_in,
        contentHash: record.content_hash,
        length: record.length,
        kind: record.kind.into(),
        sealedKeyHash: record.sealed_key_hash,
        policy: record.policy,
        custodian: record.custodian,
        supersedes: record.supersedes,
        supersededBy: record.superseded_by,
        opensAt: record.opens_at,
        stream: record.stream,
        day: record.day,
    })
}

pub(super) fn records(ctx: &mut Context<'_>, call: recordsCall) -> Outcome<recordsReturn> {
    let total = IDS.len(ctx)?;
    let page = IDS.page(ctx, call.from, call.max)?;
    Ok(recordsReturn { page, total })
}

pub(super) fn records_of(ctx: &mut Context<'_>, call: recordsOfCall) -> Outcome<recordsOfReturn> {
    let list = BY_OWNER.at(&call.owner);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(recordsOfReturn { page, total })
}

pub(super) fn shared_with(
    ctx: &mut Context<'_>,
    call: sharedWithCall,
) -> Outcome<sharedWithReturn> {
    let list = SHARED.at(&call.grantee);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(sharedWithReturn { page, total })
}

pub(super) fn grant_of(ctx: &mut Context<'_>, call: grantOfCall) -> Outcome<GrantView> {
    let grant = GRANTS.at(&call.id).at(&call.grantee).read(ctx)?;
    ensure(grant.given, || NoSuchGrant {
        id: call.id,
        grantee: call.grantee,
    })?;
    Ok(show_grant(call.grantee, &grant))
}

pub(super) fn grants(ctx: &mut Context<'_>, call: grantsCall) -> Outcome<grantsReturn> {
    let list = GRANTEES.at(&call.id);
    let total = list.len(ctx)?;
    let grants = GRANTS.at(&call.id);
    let grantees = list.page(ctx, call.from, call.max)?;
    let places: Vec<_> = grantees.iter().map(|grantee| grants.at(grantee)).collect();
    let places: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&places)?;
    let mut page = Vec::new();
    for grantee in grantees {
        page.push(show_grant(grantee, &grants.at(&grantee).read(ctx)?));
    }
    Ok(grantsReturn { page, total })
}

pub(super) fn access(ctx: &mut Context<'_>, call: accessCall) -> Outcome<Access> {
    let at = if call.at == 0 { ctx.now() } else { call.at };
    answer(ctx, call.id, call.who, at)
}

pub(super) fn may_open(ctx: &mut Context<'_>, call: mayOpenCall) -> Outcome<bool> {
    let mayOpenCall { id, who, at } = call;
    access(ctx, accessCall { id, who, at }).map(permits)
}

pub(super) fn log(ctx: &mut Context<'_>, call: logCall) -> Outcome<logReturn> {
    let list = LOG.at(&call.id);
    let total = list.len(ctx)?;
    let entries = list.page(ctx, call.from, call.max)?;
    let page = entries
        .into_iter()
        .map(show_entry)
        .collect::<Outcome<_>>()?;
    Ok(logReturn { page, total })
}

/// Says that these records are about to be read.
pub(super) fn fetch(ctx: &mut Context<'_>, ids: &[B256]) -> Outcome<()> {
    let places: Vec<_> = ids.iter().map(|id| RECORDS.at(id)).collect();
    let places: Vec<&dyn Place> = places.iter().map(|place| place as &dyn Place).collect();
    ctx.fetch(&places)
}

/// Whether `who` may open the record at `at`: the one place that decides it.
pub(super) fn answer(ctx: &mut Context<'_>, id: B256, who: Address, at: u64) -> Outcome<Access> {
    let (record, grant) = (RECORDS.at(&id), GRANTS.at(&id).at(&who));
    ctx.fetch(&[&record, &grant])?;
    let record = record.read(ctx)?;
    if record.owner.is_zero() {
        return Ok(Access::UnknownRecord);
    }
    if is_gone(ctx, id, &record)? {
        return Ok(Access::Erased);
    }
    if record.owner == who {
        return Ok(Access::Owner);
    }
    if is_open(record.opens_at, at) {
        return Ok(Access::Open);
    }
    if !record.stream.is_zero() {
        return devices::access(ctx, record.stream, record.day, who);
    }
    let grant = grant.read(ctx)?;
    if !grant.given {
        return Ok(Access::NoGrant);
    }
    Ok(terms(&grant).answer(at))
}

/// What an entry allows.
pub(super) const fn terms(grant: &Grant) -> Terms {
    Terms {
        not_before: grant.not_before,
        until: grant.until,
        revoked: grant.revoked,
        uses: grant.uses,
        used: grant.used,
    }
}

const fn show_grant(grantee: Address, grant: &Grant) -> GrantView {
    GrantView {
        grantee,
        givenAt: grant.given_at,
        notBefore: grant.not_before,
        until: grant.until,
        uses: grant.uses,
        used: grant.used,
        revokedAt: grant.revoked_at,
        headerHash: grant.header_hash,
    }
}

fn show_entry(entry: LogEntry) -> Outcome<LogEntryView> {
    let action = Action::try_from(entry.action)
        .map_err(|_| Fault::Fatal(format!("log entry with action {}", entry.action)))?;
    Ok(LogEntryView {
        action,
        actor: entry.actor,
        subject: entry.subject,
        time: entry.time,
        blockNumber: entry.block_number,
        detail: entry.detail,
    })
}
