//! Members die without a word, one and all, under load. Whatever a client was told is final stays.

use std::{
    env,
    fs::File,
    path::Path,
    process::{Child, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use alloy_primitives::{Address, B256, U256};
use commonhold_node::devnet::{self, Devnet, DevnetMember, accounts::WELL_KNOWN};
use commonhold_sdk::{Account, Client, transaction::Draft};

use parking_lot::Mutex;

use crate::commonhold;

/// Rounds of killing: one member and all members in turn.
const ROUNDS: usize = 6;
/// Receipts that a round waits for before the next kill.
const RECEIPTS_PER_ROUND: usize = 8;

/// A transaction and the block that a client was told it is final in.
type Told = (B256, B256);

fn start(dir: &Path, member: &DevnetMember) -> Child {
    let log = File::options()
        .append(true)
        .create(true)
        .open(member.log_file())
        .unwrap();
    let mut node = commonhold(dir);
    node.arg("node").arg("--config").arg(&member.config_file);
    node.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Sends transfers through one member until it is told to stop. A refusal or a dead member tells nothing.
fn load(url: &str, account: &Account, stop: &AtomicBool, told: &Mutex<Vec<Told>>) {
    let client = Client::new(url).unwrap();
    while !stop.load(Ordering::Acquire) {
        let draft = Draft::transfer(Address::repeat_byte(0xee), U256::from(1));
        if let Ok(receipt) = client.send(account, draft) {
            let block = receipt.block_hash.unwrap();
            told.lock().push((receipt.transaction_hash, block));
        } else {
            thread::yield_now();
        }
    }
}

fn wait_until(mut met: impl FnMut() -> bool) {
    while !met() {
        thread::yield_now();
    }
}

fn network(dir: &Path) -> Devnet {
    let options = devnet::Options {
        http_port: 24_200,
        p2p_port: 24_300,
        heartbeat_ms: 200,
        ..Default::default()
    };
    devnet::create(&dir.join("data"), &options).unwrap()
}

#[test]
fn what_is_final_survives_every_kill() {
    let rounds = env::var("ROUNDS_OF_KILLING").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path();
    let network = network(dir);
    let mut nodes: Vec<Child> = network.members.iter().map(|m| start(dir, m)).collect();
    let urls: Vec<String> = network.members.iter().map(DevnetMember::url).collect();
    let (stop, told) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let mut killed = 0;
    thread::scope(|scope| {
        for (url, known) in urls.iter().zip(WELL_KNOWN) {
            let secret: B256 = known.private_key.parse().unwrap();
            let account = Account::from_secret(secret.as_slice()).unwrap();
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
    for url in &urls {
        let client = Client::new(url).unwrap();
        for (hash, block) in &told {
            wait_until(|| client.receipt(*hash).is_ok());
            assert_eq!(
                client.receipt(*hash).unwrap().block_hash,
                Some(*block),
                "{url} {hash}"
            );
        }
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
