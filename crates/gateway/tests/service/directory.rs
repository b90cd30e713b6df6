//! What is known of devices, also while the node is away.

use std::sync::atomic::Ordering;

use commonhold_gateway::Refusal;
use commonhold_reading::Algorithm;

use crate::world::{World, secret};

#[tokio::test]
async fn what_was_known_is_known_while_the_node_is_away() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let (known, late) = (secret(1, Algorithm::Ed25519), secret(2, Algorithm::Ed25519));
    let known = world.book.enrol(known.key());
    let late = world.book.enrol(late.key());
    world.directory.find(known).await.unwrap();
    assert!(world.follow(Default::default()).await.1);
    let book = world.stop().await;
    book.away.store(true, Ordering::Relaxed);
    let world = World::with(dir.path(), "", book).await;
    assert!(world.directory.find(known).await.is_ok());
    assert_eq!(
        world.directory.find(late).await.unwrap_err(),
        Refusal::NodeAway
    );
    let (followed, done) = world.follow(Default::default()).await;
    assert!(!done);
    // It was revoked while the gateway was away: that is found out when the node is back.
    let mut row = world.book.devices.lock()[&known].clone();
    row.revoked_at = 7;
    world.book.change(known, row);
    world.book.away.store(false, Ordering::Relaxed);
    assert!(world.follow(followed).await.1);
    assert_eq!(world.directory.find(known).await.unwrap().row.revoked_at, 7);
    world.stop().await;
}

#[tokio::test]
async fn a_device_that_is_enrolled_is_known_from_its_block_on() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let device = secret(1, Algorithm::Ed25519);
    let (followed, _) = world.follow(Default::default()).await;
    let id = device.key().id();
    let unknown = world.directory.find(id).await.unwrap_err();
    assert_eq!(unknown, Refusal::UnknownDevice(id.to_string()));
    world.book.enrol(device.key());
    world.follow(followed).await;
    assert!(world.directory.find(id).await.is_ok());
    world.stop().await;
}

/// The node's first answer about a device is still under way when a block revokes the device.
#[tokio::test]
async fn a_revocation_while_a_device_is_asked_about_is_not_missed() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start(dir.path(), "").await;
    let (followed, _) = world.follow(Default::default()).await;
    let device = world.book.enrol(secret(1, Algorithm::Ed25519).key());
    let (followed, _) = world.follow(followed).await;
    let (arrives, slow) = tokio::sync::oneshot::channel();
    *world.book.slow.lock() = Some(slow);
    let directory = world.directory.clone();
    let finding = tokio::spawn(async move { directory.find(device).await });
    while world.book.slow.lock().is_some() {
        tokio::task::yield_now().await;
    }
    let mut row = world.book.devices.lock()[&device].clone();
    row.revoked_at = 7;
    world.book.change(device, row);
    assert!(world.follow(followed).await.1);
    arrives.send(()).unwrap();
    let found = finding.await.unwrap().unwrap();
    assert_eq!(found.row.revoked_at, 7);
    world.stop().await;
}
