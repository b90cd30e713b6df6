//! The read side against ethereum/execution-apis, whose recorded answers come from another client.
//!
//! Runs where `COMMONHOLD_EXECUTION_APIS` names a checkout of it; says so and passes otherwise. The
//! state is the corpus' head state; what depends on its chain of headers is not compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use std::{collections::BTreeMap, env, fs, path::Path};

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, simulate::SimulatePayload};
use common::World;
use commonhold_execution::{CallError, CallRequest, Env, Machine, SimulatedCall};
use commonhold_primitives::{Genesis, StateKey, genesis::Allocation};
use serde_json::{Value, json};

const CHAIN: u64 = 3_503_995_874_084_926;
const CHAINED: &str = "the answer holds hashes of the corpus' own blocks";
const ASKED_OF: &str = "the request names a block that the corpus does not have";
/// Cases that cannot pass here, with the reason.
const EXPECTED: &[(&str, &str)] = &[
    (
        "add-more-non-defined-BlockStateCalls-than-fit-but-now-with-fit",
        CHAINED,
    ),
    ("blobs", "this network has no blobs"),
    ("blockhash-complex", CHAINED),
    ("blockhash-simple", CHAINED),
    ("blockhash-start-before-head", CHAINED),
    ("contract-calls-itself", CHAINED),
    ("empty-with-block-num-set-plus1", ASKED_OF),
    ("get-block-properties", CHAINED),
    ("make-call-with-future-block", ASKED_OF),
    ("overwrite-existing-contract", CHAINED),
    ("use-as-many-features-as-possible", CHAINED),
];

fn hex32(text: &str) -> B256 {
    B256::from(U256::from_str_radix(text.trim_start_matches("0x"), 16).unwrap())
}

fn world(corpus: &Path) -> World {
    let text = fs::read_to_string(corpus.join("tools/chain/headstate.json")).unwrap();
    let state: Value = serde_json::from_str(&text).unwrap();
    let mut alloc = BTreeMap::new();
    for (address, account) in state["accounts"].as_object().unwrap() {
        let storage = account["storage"].as_object();
        let storage = storage.into_iter().flatten();
        let allocation = Allocation {
            balance: account["balance"].as_str().unwrap().parse().unwrap(),
            nonce: account["nonce"].as_u64().unwrap_or(0),
            code: account["code"]
                .as_str()
                .map_or_else(Bytes::new, |code| code.parse().unwrap()),
            storage: storage
                .map(|(k, v)| (hex32(k), hex32(v.as_str().unwrap())))
                .collect(),
        };
        alloc.insert(address.parse::<Address>().unwrap(), allocation);
    }
    let mut world = World::new(false, []);
    world.machine = Machine::new(CHAIN, false, world.machine.registry().clone());
    let genesis = Genesis {
        chain_id: CHAIN,
        alloc,
        ..common::genesis([])
    };
    let writes = world.machine.genesis_writes(&genesis).unwrap();
    world.state = writes
        .into_iter()
        .map(|(key, value)| (key, value.unwrap()))
        .collect();
    world.env = Env {
        number: 54,
        timestamp_ms: 540_000,
        gas_limit: 0xbeb_c200,
        base_fee: 0x1a2_1397,
        ..Env::default()
    };
    world
}

fn error(code: i64) -> Value {
    json!({ "error": code })
}

fn call_error(error: &CallError) -> Value {
    match error {
        CallError::Revert { data, .. } => json!({ "error": 3, "data": data }),
        CallError::Parameters(_) => self::error(-32602),
        CallError::Halt { .. } | CallError::Invalid(_) | CallError::Move(_) => self::error(-32000),
    }
}

fn simulated(call: &SimulatedCall) -> Value {
    let logs: Vec<Value> = call
        .logs
        .iter()
        .map(|log| json!({ "address": log.address, "topics": log.topics(), "data": log.data.data }))
        .collect();
    let mut value = json!({
        "returnData": if call.error.is_some() { Bytes::new() } else { call.output.clone() },
        "logs": logs,
        "gasUsed": format!("{:#x}", call.gas_used),
        "maxUsedGas": format!("{:#x}", call.max_used_gas),
        "status": if call.error.is_some() { "0x0" } else { "0x1" },
    });
    match &call.error {
        Some(CallError::Revert { data, .. }) => value["error"] = json!({ "code": 3, "data": data }),
        Some(_) => value["error"] = json!({ "code": -32015 }),
        None => {}
    }
    value
}

fn simulate(world: &World, payload: &SimulatePayload) -> Value {
    let parent = Header {
        number: world.env.number,
        timestamp: 540,
        gas_limit: world.env.gas_limit,
        base_fee_per_gas: Some(world.env.base_fee),
        ..Header::default()
    };
    match world.resume(|overlay| world.machine.simulate(&parent, overlay, payload)) {
        Err(e) => error(e.code.into()),
        Ok(blocks) => blocks
            .iter()
            .map(|block| {
                json!({
                    "gasUsed": format!("{:#x}", block.header.gas_used),
                    "calls": block.calls.iter().map(simulated).collect::<Vec<_>>(),
                    "transactions": block.transactions.len(),
                })
            })
            .collect(),
    }
}

/// What of a recorded answer is compared.
fn recorded(method: &str, answer: &Value) -> Value {
    if let Some(e) = answer.get("error") {
        let mut value = error(e["code"].as_i64().unwrap());
        if let Some(data) = e.get("data") {
            value["data"] = data.clone();
        }
        return value;
    }
    let result = &answer["result"];
    match method {
        "eth_simulateV1" => result.as_array().unwrap().iter().map(block).collect(),
        "eth_createAccessList" => {
            let mut result = result.clone();
            let list = result["accessList"].as_array_mut().unwrap();
            list.sort_by_key(|item| item["address"].as_str().unwrap().to_owned());
            result
        }
        _ => result.clone(),
    }
}

fn block(block: &Value) -> Value {
    let mut calls = block["calls"].clone();
    for call in calls.as_array_mut().unwrap() {
        for log in call["logs"].as_array_mut().unwrap() {
            let log = log.as_object_mut().unwrap();
            log.retain(|key, _| ["address", "topics", "data"].contains(&key.as_str()));
        }
        if let Some(error) = call.get_mut("error") {
            error.as_object_mut().unwrap().remove("message");
        }
    }
    let transactions = block["transactions"].as_array().unwrap().len();
    json!({ "gasUsed": block["gasUsed"], "calls": calls, "transactions": transactions })
}

fn request(params: &Value) -> CallRequest {
    let request: TransactionRequest = serde_json::from_value(params[0].clone()).unwrap();
    let overrides = params.get(2).cloned().unwrap_or_default();
    let blocks = params.get(3).cloned().unwrap_or_default();
    CallRequest {
        state_overrides: serde_json::from_value::<Option<_>>(overrides)
            .unwrap()
            .unwrap_or_default(),
        block_overrides: serde_json::from_value::<Option<BlockOverrides>>(blocks)
            .unwrap()
            .unwrap_or_default(),
        ..request.into()
    }
}

fn answer(world: &World, method: &str, params: &Value) -> Option<Value> {
    Some(match method {
        "eth_simulateV1" => match serde_json::from_value(params[0].clone()) {
            Ok(payload) => simulate(world, &payload),
            Err(_) => error(-32602),
        },
        "eth_call" => match world.call(&request(params)) {
            Ok(result) => json!(result.output),
            Err(e) => call_error(&e),
        },
        "eth_estimateGas" => {
            let request = request(params);
            match world.resume(|overlay| world.machine.estimate(&world.env, overlay, &request)) {
                Ok(gas) => json!(format!("{gas:#x}")),
                Err(e) => call_error(&e),
            }
        }
        "eth_createAccessList" => {
            let request = request(params);
            match world.resume(|overlay| world.machine.access_list(&world.env, overlay, &request)) {
                Ok(listed) => {
                    let gas = format!("{:#x}", listed.gas_used);
                    let mut value = json!({ "accessList": listed.access_list, "gasUsed": gas });
                    if let Some(error) = listed.error {
                        value["error"] = json!(error.to_string());
                    }
                    value
                }
                Err(e) => call_error(&e),
            }
        }
        _ => return None,
    })
}

/// The first place where two answers differ.
fn difference(at: &str, got: &Value, want: &Value) -> String {
    match (got, want) {
        (Value::Array(g), Value::Array(w)) if g.len() == w.len() => {
            let first = g.iter().zip(w).position(|(g, w)| g != w).unwrap();
            difference(&format!("{at}/{first}"), &g[first], &w[first])
        }
        (Value::Object(g), Value::Object(w)) if g.keys().eq(w.keys()) => {
            let first = g.keys().find(|key| g[*key] != w[*key]).unwrap();
            difference(&format!("{at}/{first}"), &g[first], &w[first])
        }
        _ => format!("{at}: got {got:.300}, want {want:.300}"),
    }
}

#[test]
fn recorded_answers() {
    let Ok(corpus) = env::var("COMMONHOLD_EXECUTION_APIS") else {
        println!("skipped: COMMONHOLD_EXECUTION_APIS is not set");
        return;
    };
    let corpus = Path::new(&corpus);
    let world = world(corpus);
    assert!(
        world
            .state
            .keys()
            .any(|key| matches!(key, StateKey::Slot(..)))
    );
    let (mut right, mut wrong) = (0, Vec::new());
    for method in [
        "eth_call",
        "eth_estimateGas",
        "eth_createAccessList",
        "eth_simulateV1",
    ] {
        let mut files: Vec<_> = fs::read_dir(corpus.join("tests").join(method))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let line = |start: &str| {
                let line = text
                    .lines()
                    .find_map(|line| line.strip_prefix(start))
                    .unwrap();
                serde_json::from_str::<Value>(line).unwrap()
            };
            let want = recorded(method, &line("<<"));
            let got = answer(&world, method, &line(">>")["params"]).unwrap();
            let name = format!("{method}/{}", file.file_stem().unwrap().to_string_lossy());
            if got == want {
                right += 1;
            } else if !EXPECTED.iter().any(|(case, _)| name.ends_with(case)) {
                wrong.push(format!("{name}: {}", difference("", &got, &want)));
            }
        }
    }
    println!("{right} right, {} set aside: {EXPECTED:#?}", EXPECTED.len());
    assert!(
        wrong.is_empty(),
        "{right} right, {} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
