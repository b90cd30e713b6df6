//! Anna's meter measures, a gateway anchors, and Anna says who may see which days.

mod enrolling;
mod sharing;
mod streams;

use alloy_primitives::{Address, B256, Bytes};
use commonhold_module::bench::account;
use commonhold_primitives::system::DEVICES;
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_system::devices::interface::IDevices::{
    Batch, anchorCall, assignCall, enrolCall, openStreamCall,
};

use crate::{ANNA, Desk};

/// Chain id of the bench.
const CHAIN: u64 = 1_337;
/// When the stories begin, and its day.
const NOW: u64 = 1_000_000;
const TODAY: u32 = 11;
/// The account of the gateway.
const GATEWAY: Address = account(0x9a);
const DAY_KEY: B256 = B256::repeat_byte(0xdd);

fn secret(algorithm: Algorithm, n: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(algorithm, &[n; 32]).unwrap()
}

/// Enrolment of a device by `owner`, proven.
fn enrol(secret: &DeviceSecret, owner: Address) -> enrolCall {
    let message = secret.key().enrolment(CHAIN, DEVICES, owner);
    enrolCall {
        algorithm: secret.key().algorithm().number(),
        key: Bytes::copy_from_slice(secret.key().bytes()),
        model: "Meter 3000".to_owned(),
        calibratedUntil: 0,
        proof: Bytes::copy_from_slice(&secret.sign(message.as_slice())),
    }
}

fn open_stream(name: &str) -> openStreamCall {
    openStreamCall {
        name: name.to_owned(),
        gateway: GATEWAY,
    }
}

/// A batch of today; `n` makes it distinct.
fn batch(stream: B256, n: u8) -> Batch {
    let from = u64::from(TODAY) * 86_400_000;
    Batch {
        stream,
        day: TODAY,
        root: B256::repeat_byte(n),
        count: 10,
        from,
        to: from + 1_000,
        contentHash: B256::repeat_byte(n ^ 0x80),
        contentLength: 500,
        sealedKeyHash: DAY_KEY,
        salt: B256::ZERO,
        custodian: Address::ZERO,
    }
}

fn anchor(batches: Vec<Batch>) -> anchorCall {
    anchorCall { batches }
}

/// The network with a device and a stream of Anna's that it goes to.
fn desk() -> (Desk, B256, B256) {
    let mut desk = Desk::of(DEVICES);
    let device = desk
        .send(ANNA, enrol(&secret(Algorithm::Ed25519, 1), ANNA))
        .unwrap();
    let stream = desk.send(ANNA, open_stream("home")).unwrap();
    desk.send(ANNA, assignCall { device, stream }).unwrap();
    (desk, device, stream)
}
