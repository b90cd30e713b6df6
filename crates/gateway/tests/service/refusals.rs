//! What is not taken, how that is said, and that others are served all the same.

use std::sync::atomic::Ordering;

use commonhold_reading::{Algorithm, DeviceKey, Flags};
use mqtt_protocol_core::mqtt::Version;

use crate::{
    client::{Client, Packet, Who, who},
    world::{World, now_ms, reading, secret},
};

/// Reason codes of MQTT 5.
const NOT_AUTHORIZED: u8 = 0x87;
const TOPIC_INVALID: u8 = 0x90;
const QUOTA: u8 = 0x97;
const PAYLOAD_INVALID: u8 = 0x99;
const OTHER: u8 = 0x83;

#[tokio::test]
async fn each_fault_has_its_reason_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let bounds = "[bounds]\nlate_max_seconds = 3600\nfuture_max_seconds = 60";
    let world = World::start(dir.path(), bounds).await;
    let device = secret(1, Algorithm::P256);
    world.book.enrol(device.key());
    let now = now_ms();
    let good = reading(&device, 5, now);
    let mut forged = good.bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let mut other = reading(&device, 5, now - 1).bytes().to_vec();
    let stranger = reading(&secret(2, Algorithm::Ed25519), 1, now);
    let late = reading(&device, 6, now - 3_700_000);
    let future = reading(&device, 7, now + 120_000);
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    for (topic, payload, code, reason) in [
        ("readings", good.bytes(), 0, ""),
        ("readings", good.bytes(), 0, ""),
        // Its content was taken, but its signature is false: that is looked at first.
        ("readings", &forged, PAYLOAD_INVALID, "signature"),
        ("readings", &other, OTHER, "conflict"),
        (
            "readings",
            b"not CBOR",
            PAYLOAD_INVALID,
            "malformed_payload",
        ),
        ("readings", &[0; 9_000], QUOTA, "too_large"),
        (
            "readings",
            stranger.bytes(),
            NOT_AUTHORIZED,
            "unknown_device",
        ),
        ("readings", late.bytes(), OTHER, "late"),
        ("readings", future.bytes(), OTHER, "future"),
        (
            "readings/other",
            good.bytes(),
            NOT_AUTHORIZED,
            "not_authorized",
        ),
        ("nowhere", good.bytes(), TOPIC_INVALID, "no_rule"),
    ] {
        assert_eq!(
            client.deliver(topic, payload).await,
            Some(code),
            "{topic} {reason}"
        );
        if code != 0 {
            assert_eq!(world.totals().refused[reason], 1, "{reason}");
        }
    }
    let totals = world.totals();
    assert_eq!(
        (totals.messages, totals.valid, totals.duplicates),
        (11, 1, 1)
    );
    assert_eq!((totals.malformed_payload, totals.future_timestamp), (1, 1));
    // The old version has no word for a refusal: what can never be taken is acknowledged.
    let old = Who {
        version: Version::V3_1_1,
        ..who("meter", "m")
    };
    let mut client = Client::connect(world.address, &old).await;
    other.truncate(20);
    assert_eq!(client.deliver("readings", &other).await, Some(0));
    assert_eq!(world.totals().malformed_payload, 2);
    world.stop().await;
}

#[tokio::test]
async fn a_full_store_refuses_rather_than_loses() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "[store]\nbytes_max = 100").await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    let now = now_ms();
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    let first = reading(&device, 1, now);
    let second = reading(&device, 2, now);
    assert_eq!(client.deliver("readings", first.bytes()).await, Some(0));
    assert_eq!(
        client.deliver("readings", second.bytes()).await,
        Some(QUOTA)
    );
    assert_eq!(client.deliver("readings", first.bytes()).await, Some(0));
    // A client of the old version keeps what it was not told about.
    let old = Who {
        version: Version::V3_1_1,
        ..who("meter", "m")
    };
    let mut client = Client::connect(world.address, &old).await;
    assert_eq!(client.deliver("readings", second.bytes()).await, None);
    assert_eq!(world.totals().refused["store_full"], 2);
    world.stop().await;
}

#[tokio::test]
async fn what_cannot_be_decided_now_is_left_to_be_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    world.book.away.store(true, Ordering::Relaxed);
    let bytes = reading(&device, 1, now_ms());
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    assert_eq!(client.deliver("readings", bytes.bytes()).await, None);
    world.book.away.store(false, Ordering::Relaxed);
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    assert_eq!(client.deliver("readings", bytes.bytes()).await, Some(0));
    world.stop().await;
}

#[tokio::test]
async fn ten_megabytes_end_the_connection_and_nobody_elses() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    let mut honest = Client::connect(world.address, &who("meter", "m")).await;
    let mut big = Client::connect(world.address, &who("many", "big")).await;
    // A packet that announces ten megabytes.
    big.raw(&[0x32, 0x80, 0xad, 0xe2, 0x04]).await;
    match big.next().await {
        Some(Packet::V5_0Disconnect(d)) => assert_eq!(d.reason_code().unwrap() as u8, 0x95),
        other => panic!("{other:?}"),
    }
    assert!(big.next().await.is_none());
    // And one before it has said who it is.
    let mut stranger = tokio::net::TcpStream::connect(world.address).await.unwrap();
    let _ =
        tokio::io::AsyncWriteExt::write_all(&mut stranger, &[0x10, 0xff, 0xff, 0xff, 0x7f]).await;
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stranger, &mut rest)
        .await
        .unwrap();
    assert!(rest.is_empty());
    let bytes = reading(&device, 1, now_ms());
    assert_eq!(honest.deliver("readings", bytes.bytes()).await, Some(0));
    world.stop().await;
}

#[tokio::test]
async fn a_hundred_thousand_topics_are_nothing_to_remember() {
    let dir = tempfile::tempdir().unwrap();
    let fast = "[bounds]\nreadings_per_second = 1000000\nburst_readings = 1000000";
    let world = World::start(dir.path(), fast).await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    let mut client = Client::connect(world.address, &who("many", "c")).await;
    let mut packets = Vec::new();
    for number in 0..100_000 {
        let topic = format!("topic/{number:06}");
        let len = u8::try_from(topic.len()).unwrap();
        // PUBLISH with QoS 0, no properties, and one byte.
        packets.extend_from_slice(&[0x30, len + 4, 0, len]);
        packets.extend_from_slice(topic.as_bytes());
        packets.extend_from_slice(&[0, b'x']);
    }
    client.raw(&packets).await;
    let bytes = reading(&device, 1, now_ms());
    assert_eq!(client.deliver("readings/1", bytes.bytes()).await, Some(0));
    assert_eq!(world.totals().refused["not_authorized"], 100_000);
    world.stop().await;
}

#[tokio::test]
async fn revocation_and_calibration_are_the_ledgers() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Secp256k1);
    let id = world.book.enrol(device.key());
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    let (followed, _) = world.follow(Default::default()).await;
    let now = now_ms();
    let send = |counter| reading(&device, counter, now);
    assert_eq!(client.deliver("readings", send(1).bytes()).await, Some(0));
    let row = world.book.devices.lock()[&id].clone();
    world.book.change(
        id,
        commonhold_gateway::journal::KnownRow {
            calibrated_until: 1,
            ..row.clone()
        },
    );
    let (followed, _) = world.follow(followed).await;
    assert_eq!(client.deliver("readings", send(2).bytes()).await, Some(0));
    assert_eq!(world.totals().past_calibration, 1);
    world.book.change(
        id,
        commonhold_gateway::journal::KnownRow {
            revoked_at: 1,
            ..row.clone()
        },
    );
    world.follow(followed).await;
    assert_eq!(
        client.deliver("readings", send(3).bytes()).await,
        Some(NOT_AUTHORIZED)
    );
    assert_eq!(world.totals().refused["revoked"], 1);
    world.stop().await;
}

#[tokio::test]
async fn a_source_that_cannot_sign_is_signed_for() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let plug = DeviceKey::source(world.intake.gateway(), "plug").unwrap();
    world.book.enrol(&plug);
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    let time = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string();
    let message =
        |power: u32| format!(r#"{{"Time":"{time}","ENERGY":{{"Total":1.5,"Power":{power}}}}}"#);
    let topic = "tele/plug/SENSOR";
    assert_eq!(client.deliver(topic, message(5).as_bytes()).await, Some(0));
    assert_eq!(client.deliver(topic, message(5).as_bytes()).await, Some(0));
    // Another power at the same second of the same source.
    assert_eq!(
        client.deliver(topic, message(6).as_bytes()).await,
        Some(OTHER)
    );
    // Without a time it has that of its coming, and is another each time.
    let untimed = br#"{"ENERGY":{"Power":5}}"#;
    assert_eq!(client.deliver(topic, untimed).await, Some(0));
    assert_eq!(client.deliver(topic, untimed).await, Some(0));
    assert_eq!(client.deliver(topic, br#"{"Time":1}"#).await, Some(0));
    let totals = world.totals();
    assert_eq!((totals.valid, totals.duplicates, totals.ignored), (3, 1, 1));
    assert_eq!((totals.received_time, totals.records), (2, 4));
    assert_eq!(totals.refused["conflict"], 1);
    assert_eq!(Flags::RECEIVED_TIME.bits(), 8);
    world.stop().await;
}
