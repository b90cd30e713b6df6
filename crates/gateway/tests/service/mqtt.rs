//! Connections, sessions and acknowledgements.

use std::sync::atomic::Ordering;

use commonhold_reading::Algorithm;
use mqtt_protocol_core::mqtt::{
    Version,
    packet::{Qos, SubEntry, SubOpts, v3_1_1, v5_0},
};

use crate::{
    client::{Client, Packet, Who, who},
    world::{World, now_ms, reading, secret},
};

#[tokio::test]
async fn every_quality_of_service_of_both_versions_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let mut counter = 0;
    for version in [Version::V5_0, Version::V3_1_1] {
        for algorithm in [Algorithm::Ed25519, Algorithm::P256, Algorithm::Secp256k1] {
            let device = secret(1, algorithm);
            world.book.enrol(device.key());
            let who = Who {
                version,
                ..who("meter", "m")
            };
            let mut client = Client::connect(world.address, &who).await;
            counter += 1;
            let bytes = reading(&device, counter, now_ms());
            client
                .publish("readings/meter", Qos::AtMostOnce, bytes.bytes())
                .await;
            counter += 1;
            let bytes = reading(&device, counter, now_ms());
            assert_eq!(
                client.deliver("readings/meter", bytes.bytes()).await,
                Some(0)
            );
            counter += 1;
            let bytes = reading(&device, counter, now_ms());
            let id = client
                .publish("readings/meter", Qos::ExactlyOnce, bytes.bytes())
                .await;
            match client.next().await.unwrap() {
                Packet::V5_0Pubrec(rec) => {
                    assert_eq!(rec.packet_id(), id);
                    client
                        .send(
                            v5_0::Pubrel::builder()
                                .packet_id(id)
                                .build()
                                .unwrap()
                                .into(),
                        )
                        .await;
                }
                Packet::V3_1_1Pubrec(rec) => {
                    assert_eq!(rec.packet_id(), id);
                    client
                        .send(
                            v3_1_1::Pubrel::builder()
                                .packet_id(id)
                                .build()
                                .unwrap()
                                .into(),
                        )
                        .await;
                }
                other => panic!("{other:?}"),
            }
            match client.next().await.unwrap() {
                Packet::V5_0Pubcomp(comp) => assert_eq!(comp.packet_id(), id),
                Packet::V3_1_1Pubcomp(comp) => assert_eq!(comp.packet_id(), id),
                other => panic!("{other:?}"),
            }
        }
    }
    let totals = world.totals();
    assert_eq!(
        (totals.messages, totals.valid, totals.records),
        (18, 18, 18)
    );
    world.stop().await;
}

#[tokio::test]
async fn many_messages_in_flight_are_acknowledged_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    let mut sent = Vec::new();
    for counter in 1..=60 {
        let bytes = reading(&device, counter, now_ms());
        sent.push(
            client
                .publish("readings", Qos::AtLeastOnce, bytes.bytes())
                .await,
        );
    }
    for id in sent {
        match client.next().await.unwrap() {
            Packet::V5_0Puback(ack) => assert_eq!((ack.packet_id(), ack.reason_code()), (id, None)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((world.totals().valid, world.totals().out_of_order), (60, 0));
    world.stop().await;
}

#[tokio::test]
async fn the_same_identifier_takes_over_and_a_stolen_credential_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let mut first = Client::connect(world.address, &who("meter", "m")).await;
    // Somebody else with the same credential and another identifier.
    let (_, answer) = Client::greet(world.address, &who("meter", "thief")).await;
    match answer {
        Some(Packet::V5_0Connack(a)) => assert_eq!(a.reason_code() as u8, 0x97),
        other => panic!("{other:?}"),
    }
    // Somebody else's identifier.
    let (_, answer) = Client::greet(world.address, &who("many", "m")).await;
    match answer {
        Some(Packet::V5_0Connack(a)) => assert_eq!(a.reason_code() as u8, 0x85),
        other => panic!("{other:?}"),
    }
    let second = Client::connect(world.address, &who("meter", "m")).await;
    match first.next().await {
        Some(Packet::V5_0Disconnect(d)) => assert_eq!(d.reason_code().unwrap() as u8, 0x8e),
        other => panic!("{other:?}"),
    }
    assert!(first.next().await.is_none());
    let happened = &world.mqtt.happened;
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    assert_eq!(count(&happened.taken_over), 1);
    assert_eq!(count(&happened.credential_in_use), 1);
    assert_eq!(count(&happened.identifier_in_use), 1);
    drop(second);
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_turned_away_in_both_versions() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let wrong = Who {
        password: "wrong",
        ..who("meter", "m")
    };
    match Client::greet(world.address, &wrong).await.1 {
        Some(Packet::V5_0Connack(a)) => assert_eq!(a.reason_code() as u8, 0x86),
        other => panic!("{other:?}"),
    }
    let wrong = Who {
        version: Version::V3_1_1,
        user: "nobody",
        ..who("meter", "m")
    };
    match Client::greet(world.address, &wrong).await.1 {
        Some(Packet::V3_1_1Connack(a)) => assert_eq!(a.return_code() as u8, 4),
        other => panic!("{other:?}"),
    }
    world.stop().await;
}

#[tokio::test]
async fn a_session_is_known_again_after_the_gateway_ended() {
    let dir = tempfile::tempdir().unwrap();
    let present = |answer: Option<Packet>| match answer {
        Some(Packet::V5_0Connack(a)) => a.session_present(),
        Some(Packet::V3_1_1Connack(a)) => a.session_present(),
        other => panic!("{other:?}"),
    };
    let stays = || Who {
        clean: false,
        ..who("meter", "m")
    };
    let old = || Who {
        version: Version::V3_1_1,
        ..stays()
    };
    let world = World::start(dir.path(), "").await;
    assert!(!present(Client::greet(world.address, &stays()).await.1));
    assert!(present(Client::greet(world.address, &stays()).await.1));
    let book = world.stop().await;
    let world = World::with(dir.path(), "", book).await;
    assert!(present(Client::greet(world.address, &old()).await.1));
    // Who begins anew has none.
    assert!(!present(
        Client::greet(world.address, &who("meter", "m")).await.1
    ));
    world.stop().await;
}

#[tokio::test]
async fn subscriptions_are_refused_and_messages_still_taken() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Ed25519);
    world.book.enrol(device.key());
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    let entry = SubEntry::new("readings/#", SubOpts::new()).unwrap();
    let subscribe = v5_0::Subscribe::builder()
        .packet_id(1u16)
        .entries(vec![entry])
        .build();
    // An identifier of its own is not in the protocol's books: it is sent as it is.
    let packet: Packet = subscribe.unwrap().into();
    client
        .raw(&mqtt_protocol_core::mqtt::packet::GenericPacketTrait::to_continuous_buffer(&packet))
        .await;
    // The client's side takes no answer to what it does not know to have sent: the next message tells
    // that the connection stands.
    let bytes = reading(&device, 1, now_ms());
    client
        .publish("readings", Qos::AtMostOnce, bytes.bytes())
        .await;
    drop(client);
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    let bytes = reading(&device, 2, now_ms());
    assert_eq!(client.deliver("readings", bytes.bytes()).await, Some(0));
    assert_eq!(world.mqtt.happened.subscriptions.load(Ordering::Relaxed), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_gateway_that_stops_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let mut client = Client::connect(world.address, &who("meter", "m")).await;
    world.stop().await;
    match client.next().await {
        Some(Packet::V5_0Disconnect(d)) => assert_eq!(d.reason_code().unwrap() as u8, 0x8b),
        other => panic!("{other:?}"),
    }
}
