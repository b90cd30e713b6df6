//! Who may do what in `devices`.

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolCall as _;
use commonhold_primitives::system::DEVICES;
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_system::{
    devices::interface::IDevices::{
        Batch, acceptDeviceCall, anchorCall, assignCall, calibrateCall, closeStreamCall, enrolCall,
        enrolSourceCall, openStreamCall, requestOpeningCall, revokeCall, setGatewayCall, shareCall,
        transferCall, unshareCall,
    },
    records::{access::record_id, interface::IRecords::Access},
};

use crate::{
    Part, Row,
    cast::{GATEWAY, GRANTEE, LATE_GRANTEE, OWNER, PROXY, REVOKED_GRANTEE, STRANGER},
    world::{BEGINNING, NOW, World},
};

pub(crate) const PART: Part = Part {
    module: "devices",
    prepare,
    rows,
};

const CHAIN: u64 = 1_337;
/// The day of whatever happens, in days since 1970.
const TODAY: u32 = 11;
const _: () = assert!(BEGINNING / 86_400 == 11 && NOW / 86_400 == 11);

/// The owner's device, and one that it offers to `proxy`.
const METER: u8 = 1;
const OFFERED: u8 = 2;

fn secret(n: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(Algorithm::Ed25519, &[n; 32]).unwrap()
}

fn device(n: u8) -> B256 {
    secret(n).key().id().0
}

/// Enrolment of a device by the owner, which alone the device's proof is for.
fn enrol(n: u8) -> enrolCall {
    let secret = secret(n);
    let message = secret.key().enrolment(CHAIN, DEVICES, OWNER);
    enrolCall {
        algorithm: secret.key().algorithm().number(),
        key: Bytes::copy_from_slice(secret.key().bytes()),
        model: "Meter 3000".to_owned(),
        calibratedUntil: 0,
        proof: Bytes::copy_from_slice(&secret.sign(message.as_slice())),
    }
}

fn open(name: &str) -> openStreamCall {
    openStreamCall {
        name: name.to_owned(),
        gateway: GATEWAY,
    }
}

fn stream() -> B256 {
    commonhold_system::devices::standing::stream_id(CHAIN, OWNER, "home")
}

fn anchor(n: u8) -> anchorCall {
    let from = u64::from(TODAY) * 86_400_000;
    let batch = Batch {
        stream: stream(),
        day: TODAY,
        root: B256::repeat_byte(n),
        count: 10,
        from,
        to: from + 1_000,
        contentHash: B256::repeat_byte(n),
        contentLength: 500,
        sealedKeyHash: B256::repeat_byte(0xdd),
        salt: B256::ZERO,
        custodian: Address::ZERO,
    };
    anchorCall {
        batches: vec![batch],
    }
}

fn share(grantee: Address, until: u32) -> shareCall {
    shareCall {
        stream: stream(),
        grantee,
        fromDay: TODAY - 2,
        untilDay: until,
    }
}

fn prepare(world: &mut World) {
    for n in [METER, OFFERED] {
        world.send(OWNER, DEVICES, enrol(n));
    }
    let (device, to) = (device(OFFERED), PROXY);
    world.send(OWNER, DEVICES, transferCall { device, to });
    assert_eq!(world.send(OWNER, DEVICES, open("home")), stream());
    world.send(GATEWAY, DEVICES, anchor(1));
    world.send(OWNER, DEVICES, share(GRANTEE, 0));
    world.send(OWNER, DEVICES, share(LATE_GRANTEE, TODAY));
    world.send(OWNER, DEVICES, share(REVOKED_GRANTEE, 0));
    let (stream, grantee) = (stream(), REVOKED_GRANTEE);
    world.send(OWNER, DEVICES, unshareCall { stream, grantee });
}

/// What became of a request, from the answer.
fn decided(output: &[u8]) -> String {
    let answer = requestOpeningCall::abi_decode_returns(output).unwrap();
    format!("taken down: {:?}", Access::try_from(answer.access).unwrap())
}

fn rows() -> Vec<Row> {
    vec![
        Row::new("enrol", |_| enrol(3).abi_encode()),
        Row::new("enrolSource", |_| {
            enrolSourceCall {
                gateway: device(METER),
                name: "plug".to_owned(),
                model: "Plug".to_owned(),
                calibratedUntil: 0,
            }
            .abi_encode()
        }),
        Row::new("calibrate", |_| {
            calibrateCall {
                device: device(METER),
                until: 2 * NOW,
                certificate: B256::repeat_byte(7),
            }
            .abi_encode()
        }),
        Row::new("transfer", |_| {
            let (device, to) = (device(METER), STRANGER);
            transferCall { device, to }.abi_encode()
        }),
        Row::new("acceptDevice", |_| {
            let device = device(OFFERED);
            acceptDeviceCall { device }.abi_encode()
        }),
        Row::new("revoke", |_| {
            let (device, reason) = (device(METER), B256::ZERO);
            revokeCall { device, reason }.abi_encode()
        }),
        Row::new("assign", |_| {
            let (device, stream) = (device(METER), stream());
            assignCall { device, stream }.abi_encode()
        }),
        Row::new("openStream", |_| open("another").abi_encode()),
        Row::new("setGateway", |_| {
            let (stream, gateway) = (stream(), STRANGER);
            setGatewayCall { stream, gateway }.abi_encode()
        }),
        Row::new("closeStream", |_| {
            closeStreamCall { stream: stream() }.abi_encode()
        }),
        Row::new("share", |_| share(STRANGER, 0).abi_encode()),
        Row::new("unshare", |_| {
            let (stream, grantee) = (stream(), GRANTEE);
            unshareCall { stream, grantee }.abi_encode()
        }),
        Row::new("anchor", |_| anchor(2).abi_encode()),
        Row::saying(
            "requestOpening",
            |_| {
                requestOpeningCall {
                    id: record_id(CHAIN, OWNER, B256::repeat_byte(1), B256::ZERO),
                    purpose: B256::ZERO,
                    readerKey: B256::repeat_byte(7),
                }
                .abi_encode()
            },
            decided,
        ),
    ]
}
