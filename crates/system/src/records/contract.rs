//! The messages of `records`.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, Text, ensure, reject, storage::Place as Announced};

use super::{
    Upcoming,
    access::{is_kind, permits, record_id},
    erasure,
    interface::IRecords::{
        Action, AlreadyGranted, AlreadyRegistered, AlreadyRevoked, AlreadySuperseded, EmptyWindow,
        Granted, GranteeIsOwner, InStream, InvalidKind, MayNotOpen, MissingContentHash, NoGrantee,
        NoSuchGrant, NotManager, NotOwner, Opened, OpensAt, PartOfStream, Registered, Registration,
        Revoked, Superseded, UnfitOpeningTime, UnknownCustodian, UnknownRecord, WindowIsPast,
        declareOpenedCall, grantCall, registerCall, registerUntilCall, revokeCall, supersedeCall,
    },
    state::{
        BY_OWNER, ERASED, GRANTEES, GRANTS, Grant, IDS, LOG, LogEntry, NAMES, OPENINGS, RECORDS,
        Record, SHARED,
    },
    views,
};
use crate::members;

pub(super) fn register(ctx: &mut Context<'_>, call: registerCall) -> Outcome<B256> {
    let owner = ctx.caller();
    add(ctx, call.registration, Place::of(owner))
}

pub(super) fn register_until(ctx: &mut Context<'_>, call: registerUntilCall) -> Outcome<B256> {
    let registerUntilCall {
        registration,
        opensAt: opens_at,
    } = call;
    let now = ctx.now();
    let fit = !registration.sealedKeyHash.is_zero() && now < opens_at;
    ensure(fit, || UnfitOpeningTime {
        opensAt: opens_at,
        time: now,
    })?;
    let place = Place {
        opens_at,
        ..Place::of(ctx.caller())
    };
    let id = add(ctx, registration, place)?;
    ctx.emit(OpensAt {
        id,
        opensAt: opens_at,
    })?;
    Ok(id)
}

pub(super) fn supersede(ctx: &mut Context<'_>, call: supersedeCall) -> Outcome<B256> {
    let caller = ctx.caller();
    let old_id = call.oldId;
    let old = known(ctx, old_id)?;
    ensure(old.owner == caller, || NotOwner { id: old_id, caller })?;
    ensure(old.superseded_by.is_zero(), || AlreadySuperseded {
        id: old_id,
        by: old.superseded_by,
    })?;
    ensure(old.stream.is_zero(), || PartOfStream {
        id: old_id,
        stream: old.stream,
    })?;

    let place = Place {
        supersedes: old_id,
        ..Place::of(caller)
    };
    let id = add(ctx, call.registration, place)?;
    RECORDS.at(&old_id).write(
        ctx,
        &Record {
            superseded_by: id,
            ..old
        },
    )?;
    note(ctx, old_id, Action::Superseded, Address::ZERO, id)?;
    ctx.emit(Superseded {
        oldId: old_id,
        newId: id,
        owner: caller,
    })?;
    Ok(id)
}

pub(super) fn grant(ctx: &mut Context<'_>, call: grantCall) -> Outcome<()> {
    let grantCall {
        id,
        grantee,
        notBefore: not_before,
        until,
        uses,
        headerHash: header_hash,
    } = call;
    ensure(!grantee.is_zero(), || NoGrantee {})?;
    ensure(until == 0 || not_before < until, || EmptyWindow {
        notBefore: not_before,
        until,
    })?;
    let now = ctx.now();
    ensure(until == 0 || now < until, || WindowIsPast {
        until,
        time: now,
    })?;
    let by = ctx.caller();
    let place = GRANTS.at(&id).at(&grantee);
    let (grantees, shared) = (GRANTEES.at(&id), SHARED.at(&grantee));
    ctx.fetch(&[&RECORDS.at(&id), &place, &grantees, &shared, &LOG.at(&id)])?;
    let record = known(ctx, id)?;
    let manager = manager(&record);
    ensure(by == manager, || NotManager {
        id,
        caller: by,
        manager,
    })?;
    ensure(grantee != record.owner, || GranteeIsOwner { id })?;
    erasure::ensure_there(ctx, id, &record)?;

    let old = place.read(ctx)?;
    let new = Grant {
        given: true,
        given_at: now,
        not_before,
        until,
        header_hash,
        revoked: false,
        revoked_at: 0,
        uses,
        used: 0,
    };
    ensure(
        old != Grant {
            given_at: old.given_at,
            ..new.clone()
        },
        || AlreadyGranted { id, grantee },
    )?;
    if !old.given {
        grantees.push(ctx, &grantee)?;
        shared.push(ctx, &id)?;
    }
    place.write(ctx, &new)?;
    note(ctx, id, Action::Granted, grantee, header_hash)?;
    ctx.emit(Granted {
        id,
        grantee,
        by,
        notBefore: not_before,
        until,
        uses,
        headerHash: header_hash,
    })
}

pub(super) fn revoke(ctx: &mut Context<'_>, call: revokeCall) -> Outcome<()> {
    let revokeCall { id, grantee } = call;
    let by = ctx.caller();
    let place = GRANTS.at(&id).at(&grantee);
    ctx.fetch(&[&RECORDS.at(&id), &place, &LOG.at(&id)])?;
    let record = known(ctx, id)?;
    let manager = manager(&record);
    ensure(by == manager || by == record.owner, || NotManager {
        id,
        caller: by,
        manager,
    })?;
    let grant = place.read(ctx)?;
    ensure(grant.given, || NoSuchGrant { id, grantee })?;
    let revoked_at = grant.revoked_at;
    ensure(!grant.revoked, || AlreadyRevoked {
        id,
        grantee,
        revokedAt: revoked_at,
    })?;

    place.write(
        ctx,
        &Grant {
            revoked: true,
            revoked_at: ctx.now(),
            ..grant
        },
    )?;
    note(ctx, id, Action::Revoked, grantee, B256::ZERO)?;
    ctx.emit(Revoked { id, grantee, by })
}

pub(super) fn declare_opened(ctx: &mut Context<'_>, call: declareOpenedCall) -> Outcome<()> {
    let declareOpenedCall { id, purpose } = call;
    let caller = ctx.caller();
    ctx.fetch(&[&RECORDS.at(&id), &GRANTS.at(&id).at(&caller), &LOG.at(&id)])?;
    known(ctx, id)?;
    let access = views::answer(ctx, id, caller, ctx.now())?;
    ensure(permits(access), || MayNotOpen { id, caller, access })?;

    note(ctx, id, Action::Opened, Address::ZERO, purpose)?;
    ctx.emit(Opened {
        id,
        who: caller,
        purpose,
    })
}

/// Says what registering these will touch.
pub(super) fn announce(ctx: &mut Context<'_>, upcoming: &[Upcoming]) -> Outcome<()> {
    let mut owned: BTreeMap<Address, u64> = BTreeMap::new();
    let mut places: Vec<Box<dyn Announced>> = vec![Box::new(IDS)];
    for record in upcoming {
        places.push(Box::new(RECORDS.at(&record.id)));
        places.push(Box::new(NAMES.at(&record.content)));
        places.push(Box::new(NAMES.at(&record.sealed_key)));
        let count = owned.entry(record.owner).or_default();
        *count = count.saturating_add(1);
    }
    for owner in owned.keys() {
        places.push(Box::new(BY_OWNER.at(owner)));
    }
    fetch(ctx, &places)?;
    let all = owned.values().fold(0, |sum: u64, n| sum.saturating_add(*n));
    let mut places: Vec<Box<dyn Announced>> = vec![Box::new(IDS.upcoming(ctx, all)?)];
    for (owner, count) in owned {
        places.push(Box::new(BY_OWNER.at(&owner).upcoming(ctx, count)?));
    }
    fetch(ctx, &places)
}

/// Says what letting these readers in, asking for them and shutting them out will touch.
pub(super) fn announce_readers(ctx: &mut Context<'_>, readers: &[(B256, Address)]) -> Outcome<()> {
    let mut places: Vec<Box<dyn Announced>> = vec![Box::new(OPENINGS)];
    for (id, reader) in readers {
        places.push(Box::new(RECORDS.at(id)));
        places.push(Box::new(ERASED.at(id)));
        places.push(Box::new(GRANTS.at(id).at(reader)));
        places.push(Box::new(GRANTEES.at(id)));
        places.push(Box::new(SHARED.at(reader)));
        places.push(Box::new(LOG.at(id)));
    }
    fetch(ctx, &places)?;
    let mut places: Vec<Box<dyn Announced>> = vec![Box::new(OPENINGS.upcoming(ctx, 1)?)];
    for (id, reader) in readers {
        let content = RECORDS.at(id).read(ctx)?.content_hash;
        places.push(Box::new(NAMES.at(&content)));
        places.push(Box::new(GRANTEES.at(id).upcoming(ctx, 1)?));
        places.push(Box::new(SHARED.at(reader).upcoming(ctx, 1)?));
        // An entry and what becomes of the request.
        places.push(Box::new(LOG.at(id).upcoming(ctx, 2)?));
    }
    fetch(ctx, &places)
}

fn fetch(ctx: &mut Context<'_>, places: &[Box<dyn Announced>]) -> Outcome<()> {
    let places: Vec<&dyn Announced> = places.iter().map(|place| &**place).collect();
    ctx.fetch(&places)
}

/// Registers content as `owner`'s, sealed to a day of a stream.
pub(super) fn register_in_stream(
    ctx: &mut Context<'_>,
    owner: Address,
    registration: Registration,
    stream: B256,
    day: u32,
) -> Outcome<B256> {
    let place = Place {
        stream,
        day,
        ..Place::of(owner)
    };
    let id = add(ctx, registration, place)?;
    ctx.emit(InStream { id, stream, day })?;
    Ok(id)
}

/// Where a new record stands.
struct Place {
    owner: Address,
    /// The record that it replaces; zero: none.
    supersedes: B256,
    /// When it opens for everyone; zero: by request.
    opens_at: u64,
    /// The stream to a day of which it is sealed; zero: to itself.
    stream: B256,
    day: u32,
}

impl Place {
    const fn of(owner: Address) -> Self {
        Self {
            owner,
            supersedes: B256::ZERO,
            opens_at: 0,
            stream: B256::ZERO,
            day: 0,
        }
    }
}

fn add(ctx: &mut Context<'_>, registration: Registration, standing: Place) -> Outcome<B256> {
    let Registration {
        salt,
        contentHash,
        length,
        kind,
        sealedKeyHash,
        policy,
        custodian,
    } = registration;
    ensure(!contentHash.is_zero(), || MissingContentHash {})?;
    ensure(is_kind(&kind), || InvalidKind { kind: kind.clone() })?;
    if !custodian.is_zero() && !members::is_member(ctx, custodian)? {
        return reject(UnknownCustodian { custodian });
    }
    let owner = standing.owner;
    let block = ctx.block();
    let id = record_id(block.chain_id, owner, contentHash, salt);
    let place = RECORDS.at(&id);
    let owned = BY_OWNER.at(&owner);
    let (named, sealed) = (NAMES.at(&contentHash), NAMES.at(&sealedKeyHash));
    ctx.fetch(&[&place, &IDS, &owned, &named, &sealed])?;
    ensure(place.read(ctx)?.owner.is_zero(), || AlreadyRegistered {
        id,
    })?;
    erasure::claim(ctx, owner, contentHash, sealedKeyHash)?;

    let record = Record {
        owner,
        registered_at: block.timestamp,
        content_hash: contentHash,
        custodian,
        length,
        sealed_key_hash: sealedKeyHash,
        policy,
        registered_in: block.number,
        supersedes: standing.supersedes,
        superseded_by: B256::ZERO,
        kind: Text::new(kind.clone())?,
        opens_at: standing.opens_at,
        day: standing.day,
        stream: standing.stream,
    };
    place.write(ctx, &record)?;
    IDS.push(ctx, &id)?;
    owned.push(ctx, &id)?;
    ctx.emit(Registered {
        id,
        owner,
        contentHash,
        length,
        kind,
        sealedKeyHash,
        policy,
        custodian,
    })?;
    Ok(id)
}

pub(super) fn known(ctx: &mut Context<'_>, id: B256) -> Outcome<Record> {
    let record = RECORDS.at(&id).read(ctx)?;
    if record.owner.is_zero() {
        reject(UnknownRecord { id })
    } else {
        Ok(record)
    }
}

fn manager(record: &Record) -> Address {
    if record.policy.is_zero() {
        record.owner
    } else {
        record.policy
    }
}

pub(super) fn note(
    ctx: &mut Context<'_>,
    id: B256,
    action: Action,
    subject: Address,
    detail: B256,
) -> Outcome<()> {
    let block = ctx.block();
    let entry = LogEntry {
        action: action as u8,
        actor: ctx.caller(),
        time: block.timestamp,
        subject,
        block_number: block.number,
        detail,
    };
    LOG.at(&id).push(ctx, &entry)?;
    Ok(())
}
