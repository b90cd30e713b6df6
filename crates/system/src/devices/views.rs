//! Reads of `devices` about devices.

use alloy_primitives::B256;
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_reading::{Algorithm, DeviceKey, Envelope};

use super::{
    contract::known,
    interface::IDevices::{
        Device as DeviceView, FalseReading, MalformedReading, Reading as ReadingView, Standing,
        UnfitKey, UnknownDevice, checkReadingCall, deviceCall, devicesCall, devicesInCall,
        devicesInReturn, devicesOfCall, devicesOfReturn, devicesReturn, idOfCall, standingCall,
    },
    limits::VERIFY_GAS,
    standing::{Life, unpacked},
    state::{BY_OWNER, BY_STREAM, DEVICES, Device, IDS},
};

/// Gas per byte of a reading that is read.
const READING_BYTE_GAS: u64 = 8;

pub(super) fn id_of(_: &mut Context<'_>, call: idOfCall) -> Outcome<B256> {
    let algorithm = call.algorithm;
    let key = Algorithm::from_number(algorithm).and_then(|a| DeviceKey::new(a, &call.key));
    match key {
        Ok(key) => Ok(key.id().0),
        Err(_) => reject(UnfitKey { algorithm }),
    }
}

pub(super) fn device(ctx: &mut Context<'_>, call: deviceCall) -> Outcome<DeviceView> {
    let id = call.id;
    let entry = known(ctx, id)?;
    let source = entry.algorithm == Algorithm::Unsigned.number();
    Ok(DeviceView {
        id,
        owner: entry.owner,
        algorithm: entry.algorithm,
        key: key_bytes(&entry).into(),
        gateway: if source { entry.key } else { B256::ZERO },
        name: entry.name.into(),
        model: entry.model.into(),
        enrolledAt: entry.enrolled_at,
        calibratedUntil: entry.calibrated_until,
        certificate: entry.certificate,
        stream: entry.stream,
        revokedAt: entry.revoked_at,
        reason: entry.reason,
        successor: entry.successor,
    })
}

pub(super) fn devices(ctx: &mut Context<'_>, call: devicesCall) -> Outcome<devicesReturn> {
    let total = IDS.len(ctx)?;
    let page = IDS.page(ctx, call.from, call.max)?;
    Ok(devicesReturn { page, total })
}

pub(super) fn devices_of(ctx: &mut Context<'_>, call: devicesOfCall) -> Outcome<devicesOfReturn> {
    let list = BY_OWNER.at(&call.owner);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(devicesOfReturn { page, total })
}

pub(super) fn devices_in(ctx: &mut Context<'_>, call: devicesInCall) -> Outcome<devicesInReturn> {
    let list = BY_STREAM.at(&call.stream);
    let total = list.len(ctx)?;
    let page = list.page(ctx, call.from, call.max)?;
    Ok(devicesInReturn { page, total })
}

pub(super) fn standing(ctx: &mut Context<'_>, call: standingCall) -> Outcome<Standing> {
    let entry = DEVICES.at(&call.device).read(ctx)?;
    let at = if call.at == 0 { ctx.now() } else { call.at };
    Ok(standing_of(&entry, at))
}

pub(super) fn check_reading(ctx: &mut Context<'_>, call: checkReadingCall) -> Outcome<ReadingView> {
    let bytes = u64::try_from(call.reading.len()).unwrap_or(u64::MAX);
    ctx.charge(bytes.saturating_mul(READING_BYTE_GAS))?;
    match Envelope::parse(&call.reading) {
        Ok(envelope) => verify(ctx, &envelope),
        Err(_) => reject(MalformedReading {}),
    }
}

/// Verifies a reading by the keys that are enrolled here.
pub(super) fn verify(ctx: &mut Context<'_>, envelope: &Envelope) -> Outcome<ReadingView> {
    let (signer, subject) = (envelope.device().0, envelope.subject().0);
    ctx.fetch(&[&DEVICES.at(&signer), &DEVICES.at(&subject)])?;
    let signing = known(ctx, signer)?;
    let measuring = known(ctx, subject)?;
    ctx.charge(VERIFY_GAS)?;
    let key = key_of(signer, &signing)?;
    let good = envelope.verify(&key).is_ok();
    ensure(good, || FalseReading { signer })?;
    // A gateway speaks for its own sources only.
    let own = signer == subject
        || (measuring.algorithm == Algorithm::Unsigned.number() && measuring.key == signer);
    ensure(own, || UnknownDevice { device: subject })?;
    let now = ctx.now();
    let reading = envelope.reading();
    Ok(ReadingView {
        subject,
        signer,
        counter: reading.counter,
        time: reading.time,
        digest: envelope.digest(),
        subjectStanding: standing_of(&measuring, now),
        signerStanding: standing_of(&signing, now),
    })
}

pub(super) fn standing_of(entry: &Device, at: u64) -> Standing {
    if entry.owner.is_zero() {
        return Standing::Unknown;
    }
    let life = Life {
        enrolled_at: entry.enrolled_at,
        revoked_at: if entry.revoked {
            Some(entry.revoked_at)
        } else {
            None
        },
        calibrated_until: entry.calibrated_until,
    };
    life.standing(at)
}

pub(super) fn key_bytes(entry: &Device) -> Vec<u8> {
    unpacked(
        entry.algorithm,
        entry.key_head,
        entry.key,
        entry.name.as_str(),
    )
}

/// The key of an enrolled device, which was fit when it was enrolled.
pub(super) fn key_of(device: B256, entry: &Device) -> Outcome<DeviceKey> {
    Algorithm::from_number(entry.algorithm)
        .and_then(|algorithm| DeviceKey::new(algorithm, &key_bytes(entry)))
        .map_err(|e| Fault::Fatal(format!("device {device}: {e}")))
}
