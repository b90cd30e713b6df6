//! Ethereum's own state tests, on this network's configuration.
//!
//! Runs where `COMMONHOLD_STATE_TESTS` names a directory of state tests as the execution specifications
//! publish them (filled for Osaka); says so and passes otherwise. Each test is one transaction in a
//! block, run as the chain runs it: entries are loaded as they are asked for. State root and logs must
//! be what the test says.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use alloy_consensus::SignableTransaction as _;
use alloy_eips::{eip2718::Encodable2718 as _, eip2935::HISTORY_STORAGE_ADDRESS};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_trie::{TrieAccount, root};
use common::World;
use commonhold_execution::{Env, Machine, Mode};
use commonhold_module::Registry;
use commonhold_primitives::{
    Account, Receipt, StateKey, StateValue, Transaction,
    transaction::{self, Envelope},
};
use serde_json::Value;

const FORK: &str = "Osaka";

const HAUNTED: &str = "EIP-7610: an account with storage, but neither code nor nonce, arises here \
                       only where a genesis document asks for it";
/// Tests that this configuration leaves out, by a part of their name, with the reason.
const SET_ASIDE: &[(&str, &str)] = &[
    ("non-empty-balance-correct-initcode", HAUNTED),
    ("non-empty-balance-revert-initcode", HAUNTED),
    ("create2collisionStorageParis", HAUNTED),
    ("dynamicAccountOverwriteEmpty_Paris", HAUNTED),
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("0x0")
}

fn word(value: &Value) -> U256 {
    U256::from_str_radix(text(value).trim_start_matches("0x"), 16).unwrap_or_default()
}

fn state(accounts: &Value) -> BTreeMap<StateKey, StateValue> {
    let mut state = BTreeMap::new();
    for (address, account) in accounts.as_object().unwrap() {
        let address: Address = address.parse().unwrap();
        let code: Bytes = text(&account["code"]).parse().unwrap();
        let code_hash = if code.is_empty() {
            KECCAK256_EMPTY
        } else {
            keccak256(&code)
        };
        let balance = word(&account["balance"]);
        let nonce = word(&account["nonce"]).to();
        let account_value = Account {
            nonce,
            balance,
            code_hash,
        };
        state.insert(
            StateKey::Account(address),
            StateValue::Account(account_value),
        );
        if !code.is_empty() {
            state.insert(StateKey::Code(code_hash), StateValue::Code(code));
        }
        for (slot, value) in account["storage"].as_object().unwrap() {
            let slot = U256::from_str_radix(slot.trim_start_matches("0x"), 16).unwrap();
            if !word(value).is_zero() {
                state.insert(StateKey::Slot(address, slot), StateValue::Slot(word(value)));
            }
        }
    }
    state
}

fn state_root(state: &BTreeMap<StateKey, StateValue>) -> B256 {
    let mut storage: BTreeMap<Address, Vec<(B256, U256)>> = BTreeMap::new();
    for (key, value) in state {
        if let (StateKey::Slot(address, slot), StateValue::Slot(value)) = (key, value) {
            storage
                .entry(*address)
                .or_default()
                .push((B256::from(*slot), *value));
        }
    }
    root::state_root_unhashed(state.iter().filter_map(|(key, value)| {
        let (StateKey::Account(address), StateValue::Account(account)) = (key, value) else {
            return None;
        };
        let account = TrieAccount {
            nonce: account.nonce,
            balance: account.balance,
            storage_root: root::storage_root_unhashed(storage.remove(address).unwrap_or_default()),
            code_hash: account.code_hash,
        };
        Some((*address, account))
    }))
}

fn logs_hash(receipt: Option<&Receipt>) -> B256 {
    keccak256(alloy_rlp::encode(
        receipt
            .map(|receipt| receipt.logs.clone())
            .unwrap_or_default(),
    ))
}

/// The test's transaction. This network refuses legacy transactions without a chain id: they are
/// signed anew with it.
fn transaction(raw: &Value, key: &Value) -> Result<Arc<Transaction>, String> {
    let raw: Bytes = text(raw).parse().unwrap();
    let raw = match transaction::decode(&raw).map_err(|e| e.to_string())? {
        Envelope::Legacy(signed) if signed.tx().chain_id.is_none() => {
            let mut tx = signed.tx().clone();
            tx.chain_id = Some(1);
            let key: B256 = text(key).parse().unwrap();
            let signer = PrivateKeySigner::from_bytes(&key).unwrap();
            let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
            Envelope::from(tx.into_signed(signature))
                .encoded_2718()
                .into()
        }
        _ => raw,
    };
    transaction::recover(raw, 1)
        .map(Arc::new)
        .map_err(|e| e.to_string())
}

/// In state tests the hash of block `n` is that of its number in decimal.
fn block_hash(number: u64) -> B256 {
    keccak256(number.to_string())
}

fn world(test: &Value) -> World {
    let env = &test["env"];
    let number: u64 = word(&env["currentNumber"]).to();
    let mut world = World::new(false, []);
    world.machine = Machine::new(1, false, Arc::new(Registry::default()));
    world.state = state(&test["pre"]);
    world.env = Env {
        number,
        timestamp_ms: word(&env["currentTimestamp"])
            .saturating_to::<u64>()
            .saturating_mul(1_000),
        gas_limit: word(&env["currentGasLimit"]).saturating_to(),
        base_fee: word(&env["currentBaseFee"]).to(),
        beneficiary: text(&env["currentCoinbase"]).parse().unwrap(),
        prevrandao: B256::from(word(&env["currentRandom"])),
        parent_hash: block_hash(number.saturating_sub(1)),
    };
    world
}

/// Runs one case; tells what is wrong.
fn case(test: &Value, post: &Value) -> Result<(), String> {
    let mut world = world(test);
    let number = world.env.number;
    let real = world
        .state
        .contains_key(&StateKey::Account(HISTORY_STORAGE_ADDRESS));
    let before = world.state.clone();
    if !real {
        for n in number.saturating_sub(256)..number {
            let slot = U256::from(n % 8_191);
            let hash = StateValue::Slot(block_hash(n).into());
            world
                .state
                .insert(StateKey::Slot(HISTORY_STORAGE_ADDRESS, slot), hash);
        }
    }
    let outcome = transaction(&post["txbytes"], &test["transaction"]["secretKey"])
        .and_then(|tx| world.attempt(&[tx], Mode::Verify).map_err(|(_, why)| why));
    let receipt = match (outcome, post.get("expectException")) {
        (Ok(done), None) => {
            world.apply(done.overlay.into_writes_sorted());
            Some(done.receipts[0].clone())
        }
        (Err(_), Some(_)) => {
            world.state.clone_from(&before);
            None
        }
        (Ok(_), Some(why)) => return Err(format!("ran, but {why} was due")),
        (Err(why), None) => return Err(format!("refused: {why}")),
    };
    // State tests do without the history contract that every block here writes to.
    let history = |key: &StateKey| matches!(key, StateKey::Slot(HISTORY_STORAGE_ADDRESS, _));
    if !before.keys().any(history) {
        world.state.retain(|key, _| !history(key));
    }
    if logs_hash(receipt.as_ref()) != text(&post["logs"]).parse::<B256>().unwrap() {
        return Err("logs differ".into());
    }
    if state_root(&world.state) != text(&post["hash"]).parse::<B256>().unwrap() {
        let gas = receipt.map_or(0, |receipt| receipt.cumulative_gas_used);
        return Err(format!("state differs; {gas} gas used"));
    }
    Ok(())
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
}

#[derive(Default)]
struct Tally {
    right: usize,
    blobs: usize,
    aside: usize,
    wrong: Vec<String>,
}

fn file(path: &Path, tally: &mut Tally) {
    let Ok(Value::Object(tests)) = serde_json::from_str(&fs::read_to_string(path).unwrap()) else {
        return;
    };
    for (name, test) in &tests {
        let posts = test["post"].get(FORK).and_then(Value::as_array);
        for (index, post) in posts.into_iter().flatten().enumerate() {
            let label = format!("{}: {name} [{index}]", path.display());
            if test["transaction"].get("blobVersionedHashes").is_some() {
                tally.blobs += 1;
            } else if SET_ASIDE.iter().any(|(part, _)| label.contains(part)) {
                tally.aside += 1;
            } else {
                match case(test, post) {
                    Ok(()) => tally.right += 1,
                    Err(why) => tally.wrong.push(format!("{label}: {why}")),
                }
            }
        }
    }
}

#[test]
fn state_tests() {
    let Ok(directory) = env::var("COMMONHOLD_STATE_TESTS") else {
        println!("skipped: COMMONHOLD_STATE_TESTS is not set");
        return;
    };
    let mut paths = Vec::new();
    files(Path::new(&directory), &mut paths);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tally = Tally::default();
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            file(path, &mut tally);
        }
        tally
    };
    let mut all = Tally::default();
    thread::scope(|scope| {
        let workers = [(); 2].map(|()| {
            thread::Builder::new()
                .stack_size(64 << 20)
                .spawn_scoped(scope, work)
                .unwrap()
        });
        for tally in workers.map(|worker| worker.join().unwrap()) {
            all.right += tally.right;
            all.blobs += tally.blobs;
            all.aside += tally.aside;
            all.wrong.extend(tally.wrong);
        }
    });
    let Tally {
        right,
        blobs,
        aside,
        wrong,
    } = all;
    println!("{right} right, {blobs} with blobs left out, {aside} set aside: {SET_ASIDE:#?}");
    assert!(right > 0, "no test for {FORK} in {directory}");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
