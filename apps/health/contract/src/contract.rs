//! The messages of owners about their data: slices and consent.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure, storage::Place};
use commonhold_system::{
    accounts::{self, roles},
    records,
};

use crate::{
    ADDRESS, deciding,
    interface::IHealth::{
        Class, CollaborationAgreed, ConsentEnded, ConsentSet, NewSlice, NoConsentSet,
        NotForSubject, RoleMissing, Sensitivity, SliceRegistered, UnfitRecord, UnfitSlice,
        agreeCollaborationCall, endConsentCall, registerSlicesCall, setConsentCall,
    },
    limits::SLICES_PER_CALL_MAX,
    people::{acting_for, deciding_for, is_self},
    policy, releasing, shape,
    state::{
        BY_SUBJECT, COLLABORATIONS, CONSENTS, Consent, EMERGENCY_SLICE, PSEUDONYMS, SLICES,
        STUDIES, Slice,
    },
    studies,
};

pub(super) fn register_slices(ctx: &mut Context<'_>, call: registerSlicesCall) -> Outcome<()> {
    let registerSlicesCall { subject, slices } = call;
    shape::some(slices.len(), SLICES_PER_CALL_MAX)?;
    let subject = if subject.is_zero() {
        ctx.caller()
    } else {
        subject
    };
    let ids: Vec<B256> = slices.iter().map(|slice| slice.id).collect();
    records::fetch(ctx, &ids)?;
    let list = BY_SUBJECT.at(&subject);
    let mut places: Vec<Box<dyn Place>> = vec![
        Box::new(EMERGENCY_SLICE.at(&subject)),
        Box::new(BY_SUBJECT.at(&subject)),
        Box::new(PSEUDONYMS.at(&subject)),
    ];
    for id in &ids {
        places.push(Box::new(SLICES.at(id)));
    }
    deciding::fetch(ctx, &places)?;
    let more = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let upcoming = list.upcoming(ctx, more)?;
    ctx.fetch(&[&upcoming])?;
    for slice in slices {
        register_slice(ctx, subject, &slice)?;
    }
    Ok(())
}

fn register_slice(ctx: &mut Context<'_>, subject: Address, new: &NewSlice) -> Outcome<()> {
    let NewSlice {
        id,
        class,
        sensitivity,
    } = *new;
    let caller = ctx.caller();
    let record = records::record(ctx, id)?;
    let owner = record.owner;
    let own = accounts::may_act_for(ctx, caller, owner, 0)?;
    ensure(own && record.policy == ADDRESS, || UnfitRecord { id })?;
    if !is_self(ctx, owner, subject)? {
        let role = roles::CUSTODIAN;
        let keeps = accounts::may_act(ctx, owner, role, 0)?;
        ensure(keeps, || RoleMissing {
            caller: owner,
            role,
        })?;
    }
    let place = SLICES.at(&id);
    let fresh = place.read(ctx)?.subject.is_zero();
    ensure(fresh, || UnfitSlice { id })?;
    if class == Class::Emergency {
        ensure(sensitivity == Sensitivity::Normal, || UnfitSlice { id })?;
        replace_emergency_slice(ctx, subject, owner, id)?;
    }
    let slice = Slice {
        subject,
        class: class as u8,
        sensitivity: sensitivity as u8,
        registered_at: ctx.now(),
    };
    place.write(ctx, &slice)?;
    BY_SUBJECT.at(&subject).push(ctx, &id)?;
    ctx.emit(SliceRegistered {
        id,
        subject,
        class,
        sensitivity,
    })
}

/// The latest emergency slice counts; nobody but the subject replaces another owner's, unless that was
/// erased.
fn replace_emergency_slice(
    ctx: &mut Context<'_>,
    subject: Address,
    owner: Address,
    id: B256,
) -> Outcome<()> {
    let place = EMERGENCY_SLICE.at(&subject);
    let old = place.read(ctx)?;
    if !old.is_zero() && !is_self(ctx, owner, subject)? {
        let free = records::record(ctx, old)?.owner == owner || releasing::is_erased(ctx, old)?;
        ensure(free, || UnfitSlice { id })?;
    }
    place.write(ctx, &id)
}

pub(super) fn set_consent(ctx: &mut Context<'_>, call: setConsentCall) -> Outcome<u64> {
    let setConsentCall {
        subject,
        permits,
        documentHash,
    } = call;
    let caller = ctx.caller();
    ensure(!subject.is_zero(), || NotForSubject { subject, caller })?;
    deciding_for(ctx, subject)?;
    let studies = STUDIES.len(ctx)?;
    shape::permits(&permits, ctx.now(), studies)?;
    let place = CONSENTS.at(&subject);
    let old = place.read(ctx)?;
    let version = old.version.saturating_add(1);
    let consent = Consent {
        version,
        set_at: ctx.now(),
        ended_at: 0,
        epoch: old.epoch,
        set_by: caller,
        document_hash: documentHash,
    };
    place.write(ctx, &consent)?;
    policy::store(ctx, subject, version, &permits)?;
    ctx.emit(ConsentSet {
        subject,
        version,
        by: caller,
        documentHash,
    })?;
    Ok(version)
}

pub(super) fn end_consent(ctx: &mut Context<'_>, call: endConsentCall) -> Outcome<()> {
    let subject = call.subject;
    acting_for(ctx, subject)?;
    let place = CONSENTS.at(&subject);
    let old = place.read(ctx)?;
    let stands = old.version != 0 && old.ended_at == 0;
    ensure(stands, || NoConsentSet { subject })?;
    let (version, by) = (old.version, ctx.caller());
    let ended = Consent {
        ended_at: ctx.now(),
        epoch: old.epoch.saturating_add(1),
        ..old
    };
    place.write(ctx, &ended)?;
    releasing::stop(ctx, subject, |_, _| true)?;
    ctx.emit(ConsentEnded {
        subject,
        version,
        by,
    })
}

pub(super) fn agree_collaboration(
    ctx: &mut Context<'_>,
    call: agreeCollaborationCall,
) -> Outcome<()> {
    let agreeCollaborationCall {
        subject,
        study,
        agreed,
    } = call;
    if agreed {
        deciding_for(ctx, subject)?;
    } else {
        acting_for(ctx, subject)?;
    }
    studies::known(ctx, study)?;
    COLLABORATIONS.at(&subject).at(&study).write(ctx, &agreed)?;
    let by = ctx.caller();
    ctx.emit(CollaborationAgreed {
        subject,
        study,
        by,
        agreed,
    })
}
