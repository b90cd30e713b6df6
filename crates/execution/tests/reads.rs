//! Estimates, access lists, traces and simulations.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_rpc_types_eth::{
    BlockOverrides, TransactionRequest,
    simulate::{SimBlock, SimulatePayload},
};
use alloy_rpc_types_trace::geth::{
    CallConfig, CallFrame, GethDebugTracingOptions, GethDefaultTracingOptions, GethTrace,
};
use alloy_sol_types::SolCall as _;
use common::{ETHER, ITally, TALLY, Tx, World, contract, push, who};
use commonhold_execution::{CallError, CallRequest, Resumable, SimulatedBlock, SimulationError};
use serde_json::json;

const HERE: Address = Address::repeat_byte(0x0e);
const THERE: Address = Address::repeat_byte(0x0f);
const GIVE: &str = "PUSH0 MSTORE 6020 PUSH0 RETURN";

fn ask(to: Address) -> CallRequest {
    CallRequest {
        from: Some(who(1)),
        to: Some(to),
        ..CallRequest::default()
    }
}

fn estimate(world: &World, request: &CallRequest) -> Result<u64, CallError> {
    world.resume(|overlay| world.machine.estimate(&world.env, overlay, request))
}

#[test]
fn what_is_estimated_suffices_and_little_less_does_not() {
    // keeps a 64th of its gas three times over, and gets a refund
    let deep = format!(
        "PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 {} GAS CALL PUSH0 SSTORE PUSH0 6001 SSTORE",
        push(THERE)
    );
    let deeper = "60ff PUSH0 SSTORE PUSH0 PUSH0 SSTORE 6001 6002 SSTORE";
    let mut world = World::new(true, [(HERE, contract(&deep)), (THERE, contract(deeper))]);
    let gas = estimate(&world, &ask(HERE)).unwrap();
    let call = |nonce, gas| Tx {
        nonce,
        gas,
        to: TxKind::Call(HERE),
        ..Tx::default()
    };
    let mut twin = world.clone();
    assert!(world.block([call(0, gas)]).receipts[0].success);
    assert_eq!(
        world.slot(HERE, 0),
        U256::from(1),
        "the inner call had enough as well"
    );
    let less = gas - gas / 50;
    let done = twin.block([call(0, less)]);
    assert!(!done.receipts[0].success || twin.slot(HERE, 0).is_zero());
}

#[test]
fn a_transfer_is_estimated_exactly() {
    let world = World::new(true, [(HERE, contract("STOP"))]);
    let value = |value, to| CallRequest {
        value: U256::from(value),
        ..ask(to)
    };
    assert_eq!(estimate(&world, &value(1, who(9))).unwrap(), 21_000);
    assert_eq!(
        estimate(&world, &ask(HERE)).unwrap(),
        21_165,
        "within 1.5 % where there is code"
    );
    let error = estimate(&world, &value(ETHER + 1, who(9))).unwrap_err();
    assert!(matches!(error, CallError::Invalid(_)), "{error:?}");
}

#[test]
fn an_estimate_gives_the_reason_why_nothing_suffices() {
    let world = World::new(
        true,
        [(
            HERE,
            contract(&format!("60ab {} POP", "PUSH0 MSTORE 6020 PUSH0 REVERT")),
        )],
    );
    let Err(CallError::Revert { data, .. }) = estimate(&world, &ask(HERE)) else {
        panic!("reverts")
    };
    assert_eq!(U256::from_be_slice(&data), U256::from(0xab));
    let endless = World::new(true, [(HERE, contract("JUMPDEST PUSH0 JUMP"))]);
    let error = estimate(&endless, &ask(HERE)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "gas required exceeds allowance (16777216)"
    );
}

#[test]
fn with_fees_an_estimate_stays_within_the_balance() {
    let world = World::new(false, [(HERE, contract("JUMPDEST PUSH0 JUMP"))]);
    let request = CallRequest {
        gas_price: Some(ETHER / 100_000),
        ..ask(HERE)
    };
    let error = estimate(&world, &request).unwrap_err();
    assert_eq!(error.to_string(), "gas required exceeds allowance (100000)");
}

#[test]
fn an_access_list_names_what_is_touched_and_saves_what_it_says() {
    let forward = format!(
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 PUSH0 {} GAS CALL PUSH0 \
         SLOAD PUSH0 SSTORE",
        push(TALLY)
    );
    let mut world = World::new(true, [(HERE, contract(&forward))]);
    let input: Bytes = ITally::addCall { by: U256::from(1) }.abi_encode().into();
    let request = CallRequest {
        input: input.clone(),
        ..ask(HERE)
    };
    let listed = world
        .resume(|overlay| world.machine.access_list(&world.env, overlay, &request))
        .unwrap();
    assert_eq!(listed.error, None);
    let names: Vec<_> = listed
        .access_list
        .0
        .iter()
        .map(|i| (i.address, i.storage_keys.len()))
        .collect();
    assert_eq!(
        names,
        [(HERE, 1), (TALLY, 1)],
        "a module's slots are among them"
    );
    let access = listed
        .access_list
        .0
        .iter()
        .map(|item| {
            (
                item.address,
                item.storage_keys.iter().map(|k| (*k).into()).collect(),
            )
        })
        .collect();
    let tx = Tx {
        to: TxKind::Call(HERE),
        gas: 200_000,
        input,
        access,
        ..Tx::default()
    };
    let done = world.block([tx]);
    assert_eq!(done.gas_used, listed.gas_used);
    assert_eq!(world.needs, 1, "the code alone had to be asked for");
}

fn call_tracer() -> GethDebugTracingOptions {
    GethDebugTracingOptions::call_tracer(CallConfig {
        with_log: Some(true),
        only_top_call: None,
    })
}

fn frame(trace: GethTrace) -> CallFrame {
    let GethTrace::CallTracer(frame) = trace else {
        panic!("a call frame")
    };
    frame
}

#[test]
fn a_call_trace_shows_calls_into_modules() {
    let forward = format!(
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 PUSH0 {} GAS CALL",
        push(TALLY)
    );
    let world = World::new(true, [(HERE, contract(&forward))]);
    let input: Bytes = ITally::addCall { by: U256::from(1) }.abi_encode().into();
    let request = CallRequest {
        input: input.clone(),
        ..ask(HERE)
    };
    let trace = world
        .resume(|overlay| {
            world
                .machine
                .trace(&world.env, overlay, &request, &call_tracer())
        })
        .unwrap();
    let outer = frame(trace);
    assert_eq!((outer.from, outer.to), (who(1), Some(HERE)));
    let inner = &outer.calls[0];
    assert_eq!(
        (inner.from, inner.to, &inner.input),
        (HERE, Some(TALLY), &input)
    );
    assert_eq!(
        inner.output.as_ref().map(|o| U256::from_be_slice(o)),
        Some(U256::from(1))
    );
    assert_eq!(inner.logs.len(), 1, "{inner:?}");
}

#[test]
fn a_transaction_is_traced_upon_those_before_it() {
    let code = format!("PUSH0 SLOAD 6001 ADD DUP1 PUSH0 SSTORE {GIVE}");
    let world = World::new(true, [(HERE, contract(&code))]);
    let call = |nonce| Tx {
        nonce,
        to: TxKind::Call(HERE),
        gas: 100_000,
        ..Tx::default()
    };
    let txs = [call(0).sign(), call(1).sign(), call(2).sign()];
    let env = world.env;
    let one = world.resume(|overlay| {
        world
            .machine
            .trace_block_transaction(&env, &txs, 1, overlay, &call_tracer())
    });
    assert_eq!(
        U256::from_be_slice(&frame(one.unwrap()).output.unwrap()),
        U256::from(2)
    );
    let all = world.resume(|overlay| {
        world
            .machine
            .trace_block(&env, &txs, overlay, &GethDebugTracingOptions::default())
    });
    let all = all.unwrap();
    assert_eq!(all.len(), 3);
    let GethTrace::Default(logs) = &all[2] else {
        panic!("struct logs")
    };
    assert_eq!(U256::from_be_slice(&logs.return_value), U256::from(3));
    assert_eq!(logs.struct_logs.len(), 12);
    let none = world.resume(|overlay| {
        world
            .machine
            .trace_block_transaction(&env, &txs, 3, overlay, &call_tracer())
    });
    assert!(matches!(none, Err(CallError::Parameters(_))));
}

#[test]
fn every_tracer_that_is_offered_answers_and_others_are_refused() {
    let code = format!("PUSH0 SLOAD 6001 ADD DUP1 PUSH0 SSTORE {GIVE}");
    let world = World::new(true, [(HERE, contract(&code))]);
    let trace = |options: serde_json::Value| {
        let options = serde_json::from_value(options).unwrap();
        world.resume(|overlay| {
            world
                .machine
                .trace(&world.env, overlay, &ask(HERE), &options)
        })
    };
    for tracer in [
        "callTracer",
        "prestateTracer",
        "flatCallTracer",
        "4byteTracer",
        "noopTracer",
        "",
    ] {
        trace(json!({ "tracer": tracer })).unwrap();
    }
    let diff = trace(json!({ "tracer": "prestateTracer", "tracerConfig": { "diffMode": true } }));
    let diff = serde_json::to_value(diff.unwrap()).unwrap();
    let here = format!("{HERE:#x}");
    let slot = &diff["post"][&here]["storage"][B256::ZERO.to_string()];
    assert_eq!(slot, &json!(B256::with_last_byte(1)), "{diff}");
    for tracer in ["muxTracer", "erc7562Tracer", "{step: function() {}}"] {
        let error = trace(json!({ "tracer": tracer, "tracerConfig": {} })).unwrap_err();
        assert!(matches!(error, CallError::Parameters(_)), "{error}");
    }
}

#[test]
fn a_trace_that_grows_too_large_ends() {
    // an endless loop, with memory shown at each step
    let world = World::new(
        true,
        [(HERE, contract("PUSH0 61ffff MSTORE JUMPDEST 6005 JUMP"))],
    );
    let config = GethDefaultTracingOptions::default().with_enable_memory(true);
    let options = GethDebugTracingOptions {
        config,
        ..Default::default()
    };
    let trace = world.resume(|overlay| {
        world
            .machine
            .trace(&world.env, overlay, &ask(HERE), &options)
    });
    assert!(
        trace.unwrap_err().to_string().contains("exceed"),
        "ends with an error"
    );
}

fn parent(world: &World) -> Header {
    Header {
        number: world.env.number,
        timestamp: 1_000,
        gas_limit: world.env.gas_limit,
        base_fee_per_gas: Some(world.env.base_fee),
        ..Header::default()
    }
}

fn simulate(
    world: &World,
    payload: &SimulatePayload,
) -> Result<Vec<SimulatedBlock>, SimulationError> {
    let parent = parent(world);
    world.resume(|overlay| world.machine.simulate(&parent, overlay, payload))
}

fn request(from: Address, to: Address) -> TransactionRequest {
    TransactionRequest {
        from: Some(from),
        to: Some(TxKind::Call(to)),
        ..Default::default()
    }
}

#[test]
fn simulated_blocks_build_on_each_other() {
    let count = format!("PUSH0 SLOAD 6001 ADD DUP1 PUSH0 SSTORE {GIVE}");
    let hash = format!("6001 NUMBER 03 BLOCKHASH {GIVE}");
    let world = World::new(true, [(HERE, contract(&count)), (THERE, contract(&hash))]);
    let block = SimBlock::default()
        .call(request(who(1), HERE))
        .call(request(who(2), THERE));
    let later = BlockOverrides {
        number: Some(U256::from(4)),
        ..Default::default()
    };
    let payload = SimulatePayload::default()
        .extend(block.clone())
        .extend(block.with_block_overrides(later));
    let blocks = simulate(&world, &payload).unwrap();
    let numbers: Vec<u64> = blocks.iter().map(|block| block.header.number).collect();
    assert_eq!(numbers, [2, 3, 4], "the gap is filled");
    assert_eq!(blocks[2].header.timestamp, 1_036);
    let output = |block: usize, call: usize| B256::from_slice(&blocks[block].calls[call].output);
    assert_eq!(output(0, 0), B256::with_last_byte(1));
    assert_eq!(output(2, 0), B256::with_last_byte(2));
    assert_eq!(output(0, 1), parent(&world).hash_slow());
    assert_eq!(output(2, 1), blocks[1].hash);
    assert_eq!(blocks[2].header.parent_hash, blocks[1].hash);
    assert_eq!(blocks[2].hash, blocks[2].header.hash_slow());
    assert_eq!(blocks[0].transactions[1].1, who(2));
}

#[test]
fn a_validated_simulation_is_as_strict_as_the_network() {
    let world = World::new(false, []);
    let payload = |call| {
        SimulatePayload::default()
            .with_validation()
            .extend(SimBlock::default().call(call))
    };
    let call = |nonce, fee| TransactionRequest {
        nonce: Some(nonce),
        max_fee_per_gas: Some(fee),
        gas: Some(21_000),
        value: Some(U256::from(1)),
        ..request(who(1), who(2))
    };
    let code = |call| simulate(&world, &payload(call)).unwrap_err().code;
    let blocks = simulate(&world, &payload(call(0, 7))).unwrap();
    assert_eq!(
        blocks[0].header.base_fee_per_gas,
        Some(7),
        "the network's constant base fee"
    );
    assert_eq!(blocks[0].calls[0].error, None);
    assert_eq!(code(call(0, 6)), -38012);
    assert_eq!(code(call(1, 7)), -38011);
    assert_eq!(
        code(TransactionRequest {
            value: Some(U256::from(ETHER)),
            ..call(0, 7)
        }),
        -38014
    );
    assert_eq!(
        code(TransactionRequest {
            gas: Some(20_000),
            ..call(0, 7)
        }),
        -38013
    );
    assert_eq!(
        code(TransactionRequest {
            gas: Some(40_000_000),
            ..call(0, 7)
        }),
        -38015
    );
}

#[test]
fn transfers_show_as_logs_and_reverted_ones_do_not() {
    let destroy = format!("{} SELFDESTRUCT", push(THERE));
    let world = World::new(
        true,
        [
            (HERE, contract(&destroy)),
            (THERE, contract("PUSH0 PUSH0 REVERT")),
        ],
    );
    let pay = |to| TransactionRequest {
        value: Some(U256::from(5)),
        ..request(who(1), to)
    };
    let payload = SimulatePayload::default().with_trace_transfers().extend(
        SimBlock::default()
            .call(pay(who(2)))
            .call(pay(HERE))
            .call(pay(THERE)),
    );
    let blocks = simulate(&world, &payload).unwrap();
    let logs: Vec<usize> = blocks[0].calls.iter().map(|call| call.logs.len()).collect();
    assert_eq!(logs, [1, 2, 0]);
    assert!(matches!(
        blocks[0].calls[2].error,
        Some(CallError::Revert { .. })
    ));
    assert_eq!(
        blocks[0].calls[1].logs[1].data.topics()[2],
        THERE.into_word()
    );
}

#[test]
fn all_calls_of_a_simulation_share_their_gas() {
    let world = World::new(true, [(HERE, contract("JUMPDEST PUSH0 JUMP"))]);
    let mut wide = world.clone();
    wide.env.gas_limit = 300_000_000;
    let payload = SimulatePayload::default().extend(
        SimBlock::default()
            .call(request(who(1), HERE))
            .call(request(who(1), HERE)),
    );
    let error = simulate(&wide, &payload).unwrap_err();
    assert_eq!(
        error.code, -38013,
        "nothing is left for the second: {error}"
    );
}

#[test]
fn a_miss_costs_no_more_than_the_state_it_lacks() {
    let world = World::new(
        true,
        [(
            HERE,
            contract(&format!("PUSH0 SLOAD 6001 SLOAD ADD {GIVE}")),
        )],
    );
    let mut overlay = commonhold_execution::Overlay::default();
    let mut rounds = 0;
    while let Resumable::Need(keys) = world.machine.call(&world.env, &mut overlay, &ask(HERE)) {
        rounds += 1;
        for key in keys {
            world.load(&mut overlay, key);
        }
    }
    assert_eq!(rounds, 3, "accounts, code, both slots");
    assert_eq!(overlay.into_parts().1, [], "a call leaves no writes");
}
