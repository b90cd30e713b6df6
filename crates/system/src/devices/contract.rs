//! The messages of `devices` about devices.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, ensure, reject};
use commonhold_reading::{Algorithm, DeviceId, DeviceKey, SIGNATURE_LEN};

use super::{
    interface::IDevices::{
        AlreadyEnrolled, Assigned, Calibrated, DeviceRevoked, Enrolled, FalseProof, NotAGateway,
        NotCalibrator, NotOwner, NotOwnerOrMember, NotSuccessor, Revoked, TransferOffered,
        Transferred, UnfitKey, UnfitName, UnknownDevice, acceptDeviceCall, assignCall,
        calibrateCall, enrolCall, enrolSourceCall, revokeCall, transferCall,
    },
    limits::VERIFY_GAS,
    standing::packed,
    state::{ASSIGNED, BY_OWNER, BY_STREAM, DEVICES, Device, IDS, Model, Name, OWNED},
    streams,
};
use crate::{
    accounts::{
        self,
        naming::is_display_name,
        roles::{CALIBRATOR, METER_OPERATOR},
    },
    members,
};

pub(super) fn enrol(ctx: &mut Context<'_>, call: enrolCall) -> Outcome<B256> {
    let unfit = || UnfitKey {
        algorithm: call.algorithm,
    };
    let algorithm = match Algorithm::from_number(call.algorithm) {
        Ok(Algorithm::Unsigned) | Err(_) => return reject(unfit()),
        Ok(algorithm) => algorithm,
    };
    ctx.charge(VERIFY_GAS)?;
    let Ok(key) = DeviceKey::new(algorithm, &call.key) else {
        return reject(unfit());
    };
    let device = key.id().0;
    let chain_id = ctx.block().chain_id;
    let message = key.enrolment(chain_id, ctx.module(), ctx.caller());
    let proof: Result<&[u8; SIGNATURE_LEN], _> = call.proof.as_ref().try_into();
    let proven = proof.is_ok_and(|proof| key.verify(message.as_slice(), proof).is_ok());
    ensure(proven, || FalseProof { device })?;
    add(ctx, &key, call.model, call.calibratedUntil)
}

pub(super) fn enrol_source(ctx: &mut Context<'_>, call: enrolSourceCall) -> Outcome<B256> {
    let gateway = call.gateway;
    let signer = known(ctx, gateway)?;
    owned_by_caller(ctx, gateway, &signer)?;
    ensure_lives(gateway, &signer)?;
    ensure(signer.algorithm != Algorithm::Unsigned.number(), || {
        NotAGateway { device: gateway }
    })?;
    ensure(is_name(&call.name), || UnfitName {})?;
    let Ok(key) = DeviceKey::source(DeviceId(gateway), &call.name) else {
        return reject(UnfitName {});
    };
    add(ctx, &key, call.model, call.calibratedUntil)
}

/// Enrols a device that the caller may enrol.
fn add(
    ctx: &mut Context<'_>,
    key: &DeviceKey,
    model: String,
    calibrated_until: u64,
) -> Outcome<B256> {
    ensure(is_name(&model), || UnfitName {})?;
    let (owner, device) = (ctx.caller(), key.id().0);
    let algorithm = key.algorithm().number();
    let place = DEVICES.at(&device);
    ctx.fetch(&[&place, &IDS, &BY_OWNER.at(&owner)])?;
    let free = place.read(ctx)?.owner.is_zero();
    ensure(free, || AlreadyEnrolled { device })?;
    let (key_head, stored, name) = match key.gateway_and_name() {
        Some((gateway, name)) => (0, gateway.0, name),
        None => match packed(key) {
            Some((head, rest)) => (head, rest, ""),
            None => return reject(UnfitKey { algorithm }),
        },
    };
    let entry = Device {
        owner,
        algorithm,
        key_head,
        enrolled_at: ctx.now(),
        key: stored,
        calibrated_until,
        model: Model::new(model.clone())?,
        name: Name::new(name)?,
        ..Device::default()
    };
    place.write(ctx, &entry)?;
    IDS.push(ctx, &device)?;
    list(ctx, owner, device)?;
    ctx.emit(Enrolled {
        device,
        owner,
        algorithm,
        key: key.bytes().to_vec().into(),
        model,
        calibratedUntil: calibrated_until,
    })?;
    Ok(device)
}

pub(super) fn calibrate(ctx: &mut Context<'_>, call: calibrateCall) -> Outcome<()> {
    let calibrateCall {
        device,
        until,
        certificate,
    } = call;
    let entry = known(ctx, device)?;
    calibrator(ctx, device, &entry)?;
    ensure_lives(device, &entry)?;
    let entry = Device {
        calibrated_until: until,
        certificate,
        ..entry
    };
    DEVICES.at(&device).write(ctx, &entry)?;
    let by = ctx.caller();
    ctx.emit(Calibrated {
        device,
        by,
        until,
        certificate,
    })
}

pub(super) fn transfer(ctx: &mut Context<'_>, call: transferCall) -> Outcome<()> {
    let transferCall { device, to } = call;
    let entry = known(ctx, device)?;
    owned_by_caller(ctx, device, &entry)?;
    ensure_lives(device, &entry)?;
    let owner = entry.owner;
    let entry = Device {
        successor: to,
        ..entry
    };
    DEVICES.at(&device).write(ctx, &entry)?;
    ctx.emit(TransferOffered {
        device,
        owner,
        successor: to,
    })
}

pub(super) fn accept_device(ctx: &mut Context<'_>, call: acceptDeviceCall) -> Outcome<()> {
    let (device, caller) = (call.device, ctx.caller());
    let entry = known(ctx, device)?;
    ensure(entry.successor == caller, || NotSuccessor {
        device,
        caller,
    })?;
    ensure_lives(device, &entry)?;
    let (from, left) = (entry.owner, entry.stream);
    let entry = Device {
        owner: caller,
        successor: Address::ZERO,
        stream: B256::ZERO,
        ..entry
    };
    DEVICES.at(&device).write(ctx, &entry)?;
    list(ctx, caller, device)?;
    if !left.is_zero() {
        let stream = B256::ZERO;
        ctx.emit(Assigned { device, stream })?;
    }
    ctx.emit(Transferred {
        device,
        from,
        to: caller,
    })
}

pub(super) fn revoke(ctx: &mut Context<'_>, call: revokeCall) -> Outcome<()> {
    let revokeCall { device, reason } = call;
    let entry = known(ctx, device)?;
    owner_or_member(ctx, device, &entry)?;
    ensure_lives(device, &entry)?;
    let entry = Device {
        revoked: true,
        revoked_at: ctx.now(),
        reason,
        successor: Address::ZERO,
        ..entry
    };
    DEVICES.at(&device).write(ctx, &entry)?;
    let by = ctx.caller();
    ctx.emit(Revoked { device, by, reason })
}

pub(super) fn assign(ctx: &mut Context<'_>, call: assignCall) -> Outcome<()> {
    let assignCall { device, stream } = call;
    let entry = known(ctx, device)?;
    owned_by_caller(ctx, device, &entry)?;
    ensure_lives(device, &entry)?;
    if !stream.is_zero() {
        let target = streams::known(ctx, stream)?;
        streams::owned_by_caller(ctx, stream, &target)?;
        streams::ensure_open(stream, &target)?;
        let place = ASSIGNED.at(&stream).at(&device);
        if !place.read(ctx)? {
            place.write(ctx, &true)?;
            BY_STREAM.at(&stream).push(ctx, &device)?;
        }
    }
    DEVICES
        .at(&device)
        .write(ctx, &Device { stream, ..entry })?;
    ctx.emit(Assigned { device, stream })
}

pub(super) fn known(ctx: &mut Context<'_>, device: B256) -> Outcome<Device> {
    let entry = DEVICES.at(&device).read(ctx)?;
    if entry.owner.is_zero() {
        reject(UnknownDevice { device })
    } else {
        Ok(entry)
    }
}

/// Whether a name, or a model, can be shown to people as it is. Its length is bounded elsewhere.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && is_display_name(name)
}

/// Puts a device into the list of what was ever somebody's, once.
fn list(ctx: &mut Context<'_>, owner: Address, device: B256) -> Outcome<()> {
    let place = OWNED.at(&owner).at(&device);
    if place.read(ctx)? {
        return Ok(());
    }
    place.write(ctx, &true)?;
    BY_OWNER.at(&owner).push(ctx, &device)?;
    Ok(())
}

fn ensure_lives(device: B256, entry: &Device) -> Outcome<()> {
    ensure(!entry.revoked, || DeviceRevoked {
        device,
        revokedAt: entry.revoked_at,
    })
}

fn owned_by_caller(ctx: &Context<'_>, device: B256, entry: &Device) -> Outcome<()> {
    let caller = ctx.caller();
    ensure(entry.owner == caller, || NotOwner { device, caller })
}

/// Who may note a calibration: who may speak for the device, and who has a role for it.
fn calibrator(ctx: &mut Context<'_>, device: B256, entry: &Device) -> Outcome<()> {
    let caller = ctx.caller();
    let may = entry.owner == caller
        || members::is_member(ctx, caller)?
        || accounts::may_act(ctx, caller, CALIBRATOR, 0)?
        || accounts::may_act(ctx, caller, METER_OPERATOR, 0)?;
    ensure(may, || NotCalibrator { device, caller })
}

/// Who may speak for a device beside its owner: whoever acts for a member.
fn owner_or_member(ctx: &mut Context<'_>, device: B256, entry: &Device) -> Outcome<()> {
    let caller = ctx.caller();
    let may = entry.owner == caller || members::is_member(ctx, caller)?;
    ensure(may, || NotOwnerOrMember { device, caller })
}
