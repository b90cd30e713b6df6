//! Members die without a word, one and all, under load. Whatever a client was told is final stays.

use std::{
    env,
    process::Child,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use commonhold_node::devnet::DevnetMember;
use commonhold_sdk::{Account, Client};
use parking_lot::Mutex;

use crate::nodes::{Told, account, network, start, transfer, wait_for_receipts, wait_until};

/// Rounds of killing: one member and all members in turn.
const ROUNDS: usize = 6;
/// Receipts that a round waits for before the next kill.
const RECEIPTS_PER_ROUND: usize = 8;

/// Sends transfers through one member until it is told to stop. A refusal or a dead member tells nothing.
fn load(url: &str, account: &Account, stop: &AtomicBool, told: &Mutex<Vec<Told>>) {
    let client = Client::new(url).unwrap();
    while !stop.load(Ordering::Acquire) {
        if let Ok(pair) = transfer(&client, account) {
            told.lock().push(pair);
        } else {
            thread::yield_now();
        }
    }
}

#[test]
fn what_is_final_survives_every_kill() {
    let rounds = env::var("ROUNDS_OF_KILLING").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let network = network(dir, 24_200);
    let mut nodes: Vec<Child> = network.members.iter().map(|m| start(dir, m)).collect();
    let urls: Vec<String> = network.members.iter().map(DevnetMember::url).collect();
    let (stop, told) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let mut killed = 0;
    thread::scope(|scope| {
        for (number, url) in urls.iter().enumerate() {
            let account = account(number);
            let (stop, told) = (&stop, &told);
            scope.spawn(move || load(url, &account, stop, told));
        }
        for round in 0..rounds {
            let before = told.lock().len();
            wait_until(|| told.lock().len() >= before + RECEIPTS_PER_ROUND);
            let victims = if round % 2 == 0 {
                vec![round / 2 % 4]
            } else {
                vec![0, 1, 2, 3]
            };
            for victim in &victims {
                nodes[*victim].kill().unwrap();
                assert_eq!(
                    nodes[*victim].wait().unwrap().code(),
                    None,
                    "it was not killed"
                );
                killed += 1;
            }
            for victim in victims {
                nodes[victim] = start(dir, &network.members[victim]);
            }
        }
        let before = told.lock().len();
        wait_until(|| told.lock().len() >= before + RECEIPTS_PER_ROUND);
        stop.store(true, Ordering::Release);
    });
    let told = told.into_inner();
    assert!(told.len() > rounds * RECEIPTS_PER_ROUND);
    for member in &network.members {
        wait_for_receipts(member, &told);
    }
    println!(
        "{killed} kills, {} receipts, all there on every member",
        told.len()
    );
    for node in &mut nodes {
        node.kill().unwrap();
        node.wait().unwrap();
    }
}
