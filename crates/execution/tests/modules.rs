//! Native modules: called by people and by contracts, undone with their callers, metered.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_sol_types::{SolCall as _, SolError as _, SolEvent as _};
use common::{ITally, TALLY, Tx, World, contract, push, who};
use commonhold_execution::{CallError, CallRequest, Mode};

const OUTER: Address = Address::repeat_byte(0x0e);

fn add(by: u64) -> Bytes {
    ITally::addCall { by: U256::from(by) }.abi_encode().into()
}

fn to(address: Address, input: Bytes) -> Tx {
    Tx {
        to: TxKind::Call(address),
        gas: 200_000,
        input,
        ..Tx::default()
    }
}

/// Passes its input on to the module by the call instruction `how` and leaves its success on the
/// stack.
fn forward(how: &str) -> String {
    let value = if how == "CALL" || how == "CALLCODE" {
        "PUSH0"
    } else {
        ""
    };
    format!(
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY PUSH0 PUSH0 CALLDATASIZE PUSH0 {value} {} GAS {how}",
        push(TALLY)
    )
}

#[test]
fn a_person_calls_a_module() {
    let mut world = World::new(true, []);
    let done = world.block([
        to(TALLY, add(3)),
        Tx {
            nonce: 1,
            ..to(TALLY, add(4))
        },
    ]);
    assert!(done.receipts.iter().all(|r| r.success));
    let log = &done.receipts[1].logs[0];
    assert_eq!(log.address, TALLY);
    let event = ITally::Added::decode_log(log).unwrap();
    assert_eq!((event.who, event.total), (who(1), U256::from(7)));
    assert_eq!(world.tally(who(1)), U256::from(7));
    // 21000 + calldata, the call, cold SSTORE from zero (22100 of which sload took 2100), log
    let input = add(3);
    let zeros = u64::try_from(input.iter().filter(|b| **b == 0).count()).unwrap();
    let data = zeros * 4 + (u64::try_from(input.len()).unwrap() - zeros) * 16;
    let module = 200 + 2 * 6 + 2_100 + 20_000 + 375 * 3 + 8 * 64 + 3;
    let gas = done.receipts[0].cumulative_gas_used;
    assert!(
        (21_000 + data + module..21_000 + data + module + 150).contains(&gas),
        "{gas}"
    );
}

#[test]
fn a_contract_calls_a_module_and_is_its_caller() {
    let mut world = World::new(
        true,
        [(
            OUTER,
            contract(&format!("{} PUSH0 SSTORE", forward("CALL"))),
        )],
    );
    let done = world.block([to(OUTER, add(5))]);
    assert!(done.receipts[0].success);
    assert_eq!(world.slot(OUTER, 0), U256::from(1), "the call succeeded");
    assert_eq!(world.tally(OUTER), U256::from(5));
    assert_eq!(world.tally(who(1)), U256::ZERO);
}

#[test]
fn what_a_module_did_is_undone_with_its_caller() {
    let code = format!("{} PUSH0 PUSH0 REVERT", forward("CALL"));
    let mut world = World::new(true, [(OUTER, contract(&code))]);
    let before = world.state.clone();
    let done = world.block([Tx {
        value: 0,
        ..to(OUTER, add(5))
    }]);
    assert!(!done.receipts[0].success);
    assert!(done.receipts[0].logs.is_empty());
    assert_eq!(world.tally(OUTER), U256::ZERO);
    let changed: Vec<_> = world
        .state
        .iter()
        .filter(|(k, v)| before.get(k) != Some(v))
        .collect();
    assert_eq!(
        changed.len(),
        2,
        "the sender's nonce and the parent's hash: {changed:?}"
    );
}

#[test]
fn a_rejection_undoes_the_module_and_lets_its_caller_go_on() {
    let code = format!(
        "{} PUSH0 SSTORE RETURNDATASIZE 6001 SSTORE",
        forward("CALL")
    );
    let mut world = World::new(true, [(OUTER, contract(&code))]);
    world.block([
        to(OUTER, add(1)),
        Tx {
            nonce: 1,
            ..to(OUTER, add(1_001))
        },
    ]);
    assert_eq!(world.slot(OUTER, 0), U256::ZERO, "the second call failed");
    assert_eq!(world.slot(OUTER, 1), U256::from(36), "with its error");
    assert_eq!(world.tally(OUTER), U256::from(1));
    let request = CallRequest {
        to: Some(TALLY),
        input: add(1_001),
        ..CallRequest::default()
    };
    let Err(CallError::Revert { data, .. }) = world.call(&request) else {
        unreachable!()
    };
    let error = ITally::TooMuch::abi_decode(&data).unwrap();
    assert_eq!(error.by, U256::from(1_001));
}

#[test]
fn value_goes_to_the_module_or_comes_back() {
    let mut world = World::new(true, []);
    world.block([
        Tx {
            value: 7,
            ..to(TALLY, add(1))
        },
        Tx {
            nonce: 1,
            value: 9,
            ..to(TALLY, add(1_001))
        },
    ]);
    assert_eq!(world.balance(TALLY), U256::from(7));
}

#[test]
fn nobody_runs_a_module_as_their_own_code() {
    for how in ["DELEGATECALL", "CALLCODE"] {
        let code = format!("{} 6001 ADD PUSH0 SSTORE", forward(how));
        let mut world = World::new(true, [(OUTER, contract(&code))]);
        let done = world.block([to(OUTER, add(5))]);
        assert!(done.receipts[0].success);
        assert_eq!(world.slot(OUTER, 0), U256::from(1), "{how} gave 0");
        assert!(done.receipts[0].logs.is_empty());
        assert_eq!(
            (world.tally(OUTER), world.tally(who(1))),
            (U256::ZERO, U256::ZERO)
        );
    }
}

#[test]
fn a_delegation_to_a_module_runs_nothing() {
    let mut world = World::new(true, []);
    let authorisations = vec![common::authorise(4, 0, TALLY)];
    world.block([Tx {
        kind: 4,
        gas: 100_000,
        authorisations,
        ..Tx::default()
    }]);
    let done = world.block([Tx {
        nonce: 1,
        ..to(who(4), add(5))
    }]);
    assert!(!done.receipts[0].success);
    assert_eq!(world.tally(who(1)), U256::ZERO);
}

#[test]
fn a_static_call_reads_and_does_not_write() {
    let store = format!(
        "{} PUSH0 SSTORE PUSH0 MLOAD 6001 SSTORE",
        forward("STATICCALL")
    );
    let mut world = World::new(true, [(OUTER, contract(&store))]);
    let total: Bytes = ITally::totalCall { who: who(1) }.abi_encode().into();
    world.block([to(OUTER, total)]);
    assert_eq!(world.slot(OUTER, 0), U256::from(1));
    world.block([Tx {
        nonce: 1,
        ..to(OUTER, add(5))
    }]);
    assert_eq!(world.slot(OUTER, 0), U256::ZERO);
    assert_eq!(world.tally(OUTER), U256::ZERO);
}

#[test]
fn out_of_gas_in_a_module_takes_the_gas_and_nothing_else() {
    let mut world = World::new(true, []);
    let short = Tx {
        gas: 30_000,
        ..to(TALLY, add(1))
    };
    let burn = ITally::burnCall {}.abi_encode().into();
    let done = world.block([
        short,
        Tx {
            nonce: 1,
            ..to(TALLY, burn)
        },
    ]);
    assert!(done.receipts.iter().all(|r| !r.success));
    assert_eq!(done.receipts[0].cumulative_gas_used, 30_000);
    assert_eq!(done.receipts[1].cumulative_gas_used, 230_000);
    assert_eq!(world.tally(who(1)), U256::ZERO);
    // a contract that calls it goes on with the 64th it kept
    let code = format!("{} 6001 ADD PUSH0 SSTORE", forward("CALL"));
    let mut world = World::new(true, [(OUTER, contract(&code))]);
    let burn = ITally::burnCall {}.abi_encode().into();
    let done = world.block([Tx {
        gas: 3_000_000,
        ..to(OUTER, burn)
    }]);
    assert!(done.receipts[0].success);
    assert_eq!(world.slot(OUTER, 0), U256::from(1));
}

#[test]
fn long_input_is_paid_before_it_is_read() {
    // a megabyte of input with a little gas: fails, and the rest of the gas is there
    let code = format!(
        "PUSH0 PUSH0 62100000 PUSH0 PUSH0 {} 61ffff CALL 6001 ADD PUSH0 SSTORE",
        push(TALLY)
    );
    let mut world = World::new(true, [(OUTER, contract(&code))]);
    let done = world.block([Tx {
        gas: 5_000_000,
        ..to(OUTER, Bytes::new())
    }]);
    assert!(done.receipts[0].success);
    assert_eq!(world.slot(OUTER, 0), U256::from(1));
}

#[test]
fn a_fatal_fault_leaves_the_transaction_out() {
    let mut world = World::new(true, []);
    let stuck: Bytes = ITally::stuckCall {}.abi_encode().into();
    let txs = [
        to(TALLY, stuck.clone()).sign(),
        Tx {
            from: 2,
            ..Tx::default()
        }
        .sign(),
    ];
    assert_eq!(world.attempt(&txs, Mode::Build).unwrap().included, [1]);
    assert!(
        world
            .refusal(to(TALLY, stuck))
            .contains("a limit of the machine")
    );
}

#[test]
fn a_module_account_is_an_ordinary_one() {
    // cold 2600, warm 100; code size 1 as Solidity asks for before a call
    let code = format!(
        "{0} 3b PUSH0 SSTORE GAS {0} 31 POP GAS SWAP1 03 6001 SSTORE",
        push(TALLY)
    );
    let mut world = World::new(true, [(OUTER, contract(&code))]);
    world.block([to(OUTER, Bytes::new())]);
    assert_eq!(world.slot(OUTER, 0), U256::from(1));
    assert_eq!(world.slot(OUTER, 1), U256::from(2 + 3 + 100 + 2));
}
