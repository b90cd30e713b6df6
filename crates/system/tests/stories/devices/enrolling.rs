//! Devices are enrolled, calibrated, handed on and revoked.

use alloy_primitives::{Address, B256, Bytes};
use commonhold_module::{Context, bench::account, errors::TextTooLong};
use commonhold_primitives::system::{ACCOUNTS, DEVICES, RECORDS};
use commonhold_reading::{
    Algorithm, DeviceId, DeviceKey, Envelope, Origin, Reading, Record, Value,
};
use commonhold_system::{
    accounts::{
        interface::IAccounts::{attestCall, withdrawCall},
        roles,
    },
    devices::{
        self,
        interface::IDevices::{
            AlreadyEnrolled, Assigned, Calibrated, ClosedStream, DeviceRevoked, Enrolled,
            FalseProof, FalseReading, MalformedReading, NotAGateway, NotCalibrator, NotOwner,
            NotOwnerOrMember, NotStreamOwner, NotSuccessor, Revoked, Standing, TransferOffered,
            Transferred, UnfitKey, UnfitName, UnknownDevice, UnknownStream, acceptDeviceCall,
            assignCall, calibrateCall, checkReadingCall, closeStreamCall, deviceCall, devicesCall,
            devicesInCall, devicesOfCall, enrolCall, enrolSourceCall, idOfCall, revokeCall,
            standingCall, transferCall,
        },
    },
};

use super::{NOW, desk, enrol, open_stream, secret};
use crate::{ANNA, BEN, CARLA, Desk, refused};

const REASON: B256 = B256::repeat_byte(0x4e);

fn standing(desk: &mut Desk, device: B256, at: u64) -> Standing {
    desk.view(standingCall { device, at }).unwrap()
}

#[test]
fn a_device_proves_that_it_is_its_owners() {
    let mut desk = Desk::of(DEVICES);
    for algorithm in [Algorithm::Ed25519, Algorithm::P256, Algorithm::Secp256k1] {
        let secret = secret(algorithm, 1);
        let call = enrol(&secret, ANNA);
        let device = secret.key().id().0;
        // A proof that somebody else overheard is worth nothing to them.
        refused(desk.send(BEN, call.clone()), FalseProof { device });
        let mut other = call.clone();
        other.proof = Bytes::from(vec![1; 64]);
        refused(desk.send(ANNA, other.clone()), FalseProof { device });
        other.proof = Bytes::from(vec![1; 63]);
        refused(desk.send(ANNA, other), FalseProof { device });

        assert_eq!(desk.bench.send(ANNA, DEVICES, call.clone()), Ok(device));
        assert_eq!(
            desk.bench.events::<Enrolled>(),
            [Enrolled {
                device,
                owner: ANNA,
                algorithm: algorithm.number(),
                key: call.key.clone(),
                model: "Meter 3000".to_owned(),
                calibratedUntil: 0,
            }]
        );
        refused(desk.send(ANNA, call.clone()), AlreadyEnrolled { device });
        let shown = desk.view(deviceCall { id: device }).unwrap();
        assert_eq!(
            (shown.id, shown.owner, shown.key.clone(), shown.enrolledAt),
            (device, ANNA, call.key.clone(), NOW)
        );
        let id = idOfCall {
            algorithm: algorithm.number(),
            key: call.key,
        };
        assert_eq!(desk.view(id), Ok(device));
        assert_eq!(standing(&mut desk, device, 0), Standing::Good);
        assert_eq!(standing(&mut desk, device, NOW - 1), Standing::Unknown);
    }
    let page = desk.view(devicesOfCall {
        owner: ANNA,
        from: 0,
        max: 9,
    });
    let all = desk.view(devicesCall { from: 0, max: 9 }).unwrap();
    assert_eq!(page.unwrap().page, all.page);
    assert_eq!(all.total, 3);
}

#[test]
fn what_is_no_device_is_not_enrolled() {
    let mut desk = Desk::of(DEVICES);
    let good = enrol(&secret(Algorithm::Ed25519, 1), ANNA);
    let with = |change: fn(&mut enrolCall)| {
        let mut call = good.clone();
        change(&mut call);
        call
    };
    for (algorithm, call) in [
        (0, with(|call| call.algorithm = 0)),
        (2, with(|call| call.algorithm = 2)),
        (9, with(|call| call.algorithm = 9)),
        (1, with(|call| call.key = Bytes::from(vec![0; 32]))),
        (1, with(|call| call.key = Bytes::new())),
    ] {
        refused(desk.send(ANNA, call), UnfitKey { algorithm });
    }
    refused(
        desk.send(ANNA, with(|call| call.model.clear())),
        UnfitName {},
    );
    refused(
        desk.send(ANNA, with(|call| call.model = "a\nb".to_owned())),
        UnfitName {},
    );
    let long = desk.send(ANNA, with(|call| call.model = "a".repeat(65)));
    assert!(long.unwrap_err().decode::<TextTooLong>().is_some());
    let nothing = B256::repeat_byte(5);
    assert_eq!(standing(&mut desk, nothing, 0), Standing::Unknown);
    refused(
        desk.view(deviceCall { id: nothing }),
        UnknownDevice { device: nothing },
    );
}

#[test]
fn a_source_stands_under_its_gateway() {
    let (mut desk, gateway, _) = desk();
    let call = |gateway, name: &str| enrolSourceCall {
        gateway,
        name: name.to_owned(),
        model: "Plug".to_owned(),
        calibratedUntil: 0,
    };
    // Nobody takes the names of another's sources.
    refused(
        desk.send(BEN, call(gateway, "plug-1")),
        NotOwner {
            device: gateway,
            caller: BEN,
        },
    );
    refused(desk.send(ANNA, call(gateway, "")), UnfitName {});
    let source = desk.send(ANNA, call(gateway, "plug-1")).unwrap();
    let key = DeviceKey::source(DeviceId(gateway), "plug-1").unwrap();
    assert_eq!(source, key.id().0);
    let shown = desk.view(deviceCall { id: source }).unwrap();
    assert_eq!(
        (shown.algorithm, shown.gateway, shown.name.as_str()),
        (0, gateway, "plug-1")
    );
    assert_eq!(shown.key.as_ref(), key.bytes());
    refused(
        desk.send(ANNA, call(gateway, "plug-1")),
        AlreadyEnrolled { device: source },
    );
    refused(
        desk.send(ANNA, call(source, "plug-2")),
        NotAGateway { device: source },
    );
    let reason = REASON;
    desk.send(
        ANNA,
        revokeCall {
            device: gateway,
            reason,
        },
    )
    .unwrap();
    refused(
        desk.send(ANNA, call(gateway, "plug-2")),
        DeviceRevoked {
            device: gateway,
            revokedAt: NOW,
        },
    );
}

#[test]
fn a_calibration_ends_at_its_time() {
    let (mut desk, device, _) = desk();
    let certificate = B256::repeat_byte(0xce);
    let call = |until| calibrateCall {
        device,
        until,
        certificate,
    };
    refused(
        desk.send(BEN, call(NOW + 10)),
        NotCalibrator {
            device,
            caller: BEN,
        },
    );
    // Ben is attested the role, and later is not.
    let attest = attestCall {
        member: 0,
        account: BEN,
        role: roles::CALIBRATOR,
        notBefore: 0,
        until: 0,
        evidence: B256::ZERO,
    };
    desk.bench.send(account(1), ACCOUNTS, attest).unwrap();
    desk.send(BEN, call(NOW + 3)).unwrap();
    let withdraw = withdrawCall {
        member: 0,
        account: BEN,
        role: roles::CALIBRATOR,
        reason: B256::ZERO,
    };
    desk.bench.send(account(1), ACCOUNTS, withdraw).unwrap();
    refused(
        desk.send(BEN, call(NOW + 4)),
        NotCalibrator {
            device,
            caller: BEN,
        },
    );
    // The owner may, and so may who acts for a member.
    desk.send(ANNA, call(NOW + 5)).unwrap();
    desk.bench
        .send(account(2), DEVICES, call(NOW + 10))
        .unwrap();
    assert_eq!(
        desk.bench.events::<Calibrated>(),
        [Calibrated {
            device,
            by: account(2),
            until: NOW + 10,
            certificate,
        }]
    );
    assert_eq!(standing(&mut desk, device, NOW + 9), Standing::Good);
    assert_eq!(
        standing(&mut desk, device, NOW + 10),
        Standing::PastCalibration
    );
    desk.bench.at(NOW + 10);
    assert_eq!(standing(&mut desk, device, 0), Standing::PastCalibration);
    desk.send(ANNA, call(0)).unwrap();
    assert_eq!(standing(&mut desk, device, u64::MAX), Standing::Good);
}

#[test]
fn a_device_is_handed_on_by_the_word_of_both() {
    let (mut desk, device, stream) = desk();
    let transfer = |to| transferCall { device, to };
    refused(
        desk.send(BEN, transfer(BEN)),
        NotOwner {
            device,
            caller: BEN,
        },
    );
    let accept = acceptDeviceCall { device };
    let not_offered = |caller| NotSuccessor { device, caller };
    refused(desk.send(BEN, accept.clone()), not_offered(BEN));
    // Nobody is the successor of a device that was offered to nobody.
    refused(
        desk.send(Address::ZERO, acceptDeviceCall { device: REASON }),
        UnknownDevice { device: REASON },
    );
    desk.bench.send(ANNA, DEVICES, transfer(BEN)).unwrap();
    assert_eq!(
        desk.bench.events::<TransferOffered>(),
        [TransferOffered {
            device,
            owner: ANNA,
            successor: BEN
        }]
    );
    refused(desk.send(CARLA, accept.clone()), not_offered(CARLA));
    desk.bench.send(BEN, DEVICES, accept.clone()).unwrap();
    assert_eq!(
        desk.bench.events::<Transferred>(),
        [Transferred {
            device,
            from: ANNA,
            to: BEN
        }]
    );
    let left = Assigned {
        device,
        stream: B256::ZERO,
    };
    assert_eq!(desk.bench.events::<Assigned>(), [left]);
    let shown = desk.view(deviceCall { id: device }).unwrap();
    assert_eq!(
        (shown.owner, shown.stream, shown.successor),
        (BEN, B256::ZERO, Address::ZERO)
    );
    refused(desk.send(BEN, accept.clone()), not_offered(BEN));
    refused(
        desk.send(BEN, assignCall { device, stream }),
        NotStreamOwner {
            stream,
            caller: BEN,
        },
    );
    // It may come back; each owner lists it once.
    desk.send(BEN, transfer(ANNA)).unwrap();
    desk.send(ANNA, accept).unwrap();
    for owner in [ANNA, BEN] {
        let call = devicesOfCall {
            owner,
            from: 0,
            max: 9,
        };
        assert_eq!(desk.view(call).unwrap().page, [device]);
    }
    // An offer can be taken back.
    desk.send(ANNA, transfer(CARLA)).unwrap();
    desk.send(ANNA, transfer(Address::ZERO)).unwrap();
    refused(
        desk.send(CARLA, acceptDeviceCall { device }),
        not_offered(CARLA),
    );
}

#[test]
fn a_revoked_device_is_revoked_for_ever() {
    let (mut desk, device, stream) = desk();
    let revoke = revokeCall {
        device,
        reason: REASON,
    };
    refused(
        desk.send(BEN, revoke.clone()),
        NotOwnerOrMember {
            device,
            caller: BEN,
        },
    );
    desk.send(ANNA, transferCall { device, to: BEN }).unwrap();
    desk.bench.at(NOW + 7);
    desk.bench
        .send(account(1), DEVICES, revoke.clone())
        .unwrap();
    assert_eq!(
        desk.bench.events::<Revoked>(),
        [Revoked {
            device,
            by: account(1),
            reason: REASON
        }]
    );
    assert_eq!(standing(&mut desk, device, 0), Standing::Revoked);
    assert_eq!(standing(&mut desk, device, NOW + 6), Standing::Good);
    let shown = desk.view(deviceCall { id: device }).unwrap();
    assert_eq!((shown.revokedAt, shown.reason), (NOW + 7, REASON));

    let gone = DeviceRevoked {
        device,
        revokedAt: NOW + 7,
    };
    refused(desk.send(ANNA, revoke), gone.clone());
    refused(
        desk.send(BEN, acceptDeviceCall { device }),
        NotSuccessor {
            device,
            caller: BEN,
        },
    );
    refused(desk.send(ANNA, assignCall { device, stream }), gone.clone());
    let calibrate = calibrateCall {
        device,
        until: 0,
        certificate: B256::ZERO,
    };
    refused(desk.send(ANNA, calibrate), gone.clone());
    refused(desk.send(ANNA, transferCall { device, to: BEN }), gone);
    let again = enrol(&secret(Algorithm::Ed25519, 1), ANNA);
    refused(desk.send(ANNA, again), AlreadyEnrolled { device });
}

#[test]
fn a_device_goes_to_a_stream_of_its_owner() {
    let (mut desk, device, stream) = desk();
    let assign = |stream| assignCall { device, stream };
    refused(
        desk.send(BEN, assign(stream)),
        NotOwner {
            device,
            caller: BEN,
        },
    );
    let theirs = desk.send(BEN, open_stream("ben")).unwrap();
    refused(
        desk.send(ANNA, assign(theirs)),
        NotStreamOwner {
            stream: theirs,
            caller: ANNA,
        },
    );
    refused(
        desk.send(ANNA, assign(REASON)),
        UnknownStream { stream: REASON },
    );
    desk.send(ANNA, assign(B256::ZERO)).unwrap();
    desk.send(ANNA, assign(stream)).unwrap();
    let call = devicesInCall {
        stream,
        from: 0,
        max: 9,
    };
    assert_eq!(desk.view(call).unwrap().page, [device]);
    desk.send(ANNA, closeStreamCall { stream }).unwrap();
    refused(
        desk.send(ANNA, assign(stream)),
        ClosedStream {
            stream,
            closedAt: NOW,
        },
    );
}

#[test]
fn a_reading_is_checked_on_the_ledger() {
    let (mut desk, device, _) = desk();
    let reading = |origin| Reading {
        counter: 5,
        time: 77,
        pack: vec![Record {
            name: "power".to_owned(),
            unit: None,
            value: Value::integer(1),
            offset: 0,
        }],
        nonce: None,
        origin,
    };
    let meter = secret(Algorithm::Ed25519, 1);
    let signed = Envelope::sign(&meter, reading(None)).unwrap();
    let check = |envelope: &Envelope| checkReadingCall {
        reading: Bytes::copy_from_slice(envelope.bytes()),
    };
    let found = desk.view(check(&signed)).unwrap();
    assert_eq!(
        (found.subject, found.signer, found.counter, found.time),
        (device, device, 5, 77)
    );
    assert_eq!(found.digest, signed.digest());
    assert_eq!(found.signerStanding, Standing::Good);

    let mut changed = signed.bytes().to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let call = checkReadingCall {
        reading: changed.into(),
    };
    refused(desk.view(call), FalseReading { signer: device });
    let call = checkReadingCall {
        reading: Bytes::from(vec![0xd2]),
    };
    refused(desk.view(call), MalformedReading {});
    let stranger = secret(Algorithm::P256, 9);
    let foreign = Envelope::sign(&stranger, reading(None)).unwrap();
    let id = stranger.key().id();
    refused(desk.view(check(&foreign)), UnknownDevice { device: id.0 });

    // A gateway speaks for its own sources and for no other device.
    let other = desk.send(ANNA, enrol(&secret(Algorithm::P256, 2), ANNA));
    let source = enrolSourceCall {
        gateway: device,
        name: "plug".to_owned(),
        model: "Plug".to_owned(),
        calibratedUntil: NOW,
    };
    let source = desk.send(ANNA, source).unwrap();
    let for_source = |source| {
        let origin = Origin {
            adapter: "tasmota".to_owned(),
            source: DeviceId(source),
            original: REASON,
        };
        Envelope::sign(&meter, reading(Some(origin))).unwrap()
    };
    let found = desk.view(check(&for_source(source))).unwrap();
    assert_eq!((found.subject, found.signer), (source, device));
    assert_eq!(found.subjectStanding, Standing::PastCalibration);
    let other = other.unwrap();
    refused(
        desk.view(check(&for_source(other))),
        UnknownDevice { device: other },
    );

    // Other modules ask the same.
    let ask = |ctx: &mut Context<'_>| {
        let id = DeviceId(device);
        Ok((
            devices::verify(ctx, &signed)?.counter,
            devices::owner_of(ctx, id)?,
            devices::device(ctx, id)?.model,
            devices::standing(ctx, id, 0)?,
        ))
    };
    let expected = (5, ANNA, "Meter 3000".to_owned(), Standing::Good);
    assert_eq!(desk.bench.within(ANNA, RECORDS, ask), Ok(expected));
}
