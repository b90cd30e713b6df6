//! Contracts that ask system modules.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_primitives::{Address, B256, Bytes};
use alloy_rpc_types_eth::simulate::SimulatePayload;
use alloy_sol_types::SolCall;
use commonhold_execution::{Overlay, Resumable};
use commonhold_lab::{checker::genesis_block, founding::found};
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{attestCall, mayActAsCall, withdrawCall},
    roles::{AUDITOR, RESEARCHER},
};
use serde_json::json;

const GATE: Address = Address::repeat_byte(0x6a);
const ANNA: Address = Address::repeat_byte(0xaa);
const BEN: Address = Address::repeat_byte(0xbb);

/// What a Solidity compiler makes of
/// `(bool may, ) = accounts.mayActAs(msg.sender, role, 0); require(may); return 1;`.
fn gate(role: B256) -> Bytes {
    let call = [
        // The selector, the caller, the role, and zero for now.
        &[0x63][..],
        &mayActAsCall::SELECTOR,
        &[0x60, 0xe0, 0x1b, 0x5f, 0x52, 0x33, 0x60, 0x04, 0x52, 0x7f],
        role.as_slice(),
        &[0x60, 0x24, 0x52, 0x5f, 0x60, 0x44, 0x52],
        // STATICCALL with 0x64 bytes, 0x40 back.
        &[0x60, 0x40, 0x5f, 0x60, 0x64, 0x5f, 0x73],
        ACCOUNTS.as_slice(),
        // It succeeded, and says yes; else REVERT.
        &[0x5a, 0xfa, 0x5f, 0x51, 0x16],
    ]
    .concat();
    let past = u8::try_from(call.len() + 6).unwrap();
    let jump = [0x60, past, 0x57, 0x5f, 0x5f, 0xfd];
    let one = [0x5b, 0x60, 0x01, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];
    [&call[..], &jump, &one].concat().into()
}

#[test]
fn a_contract_lets_in_who_may_act_as_what_it_says() {
    let founding = found(4, 0);
    let clinic = founding.genesis.members[0].account;
    let call = |from: Address, to: Address, input: Vec<u8>| json!({ "from": from, "to": to, "input": Bytes::from(input) });
    let knock = |from| call(from, GATE, Vec::new());
    let attest = attestCall {
        member: 0,
        account: ANNA,
        role: RESEARCHER,
        notBefore: 0,
        until: 1_000,
        evidence: B256::repeat_byte(1),
    };
    let withdraw = withdrawCall {
        member: 0,
        account: ANNA,
        role: RESEARCHER,
        reason: B256::repeat_byte(2),
    };
    let code = |role| json!({ GATE.to_string(): { "code": gate(role) } });
    let payload = json!({ "blockStateCalls": [
        { "stateOverrides": code(RESEARCHER), "calls": [
            knock(ANNA),
            call(clinic, ACCOUNTS, attest.abi_encode()),
            knock(ANNA),
            knock(BEN),
        ] },
        // Another role is another door.
        { "stateOverrides": code(AUDITOR), "calls": [knock(ANNA)] },
        { "stateOverrides": code(RESEARCHER), "calls": [
            knock(ANNA),
            call(clinic, ACCOUNTS, withdraw.abi_encode()),
            knock(ANNA),
        ] },
    ] });
    let payload: SimulatePayload = serde_json::from_value(payload).unwrap();
    let genesis = genesis_block(&founding);
    let writes = founding.machine.genesis_writes(&founding.genesis).unwrap();
    let mut overlay = Overlay::default();
    let blocks = loop {
        match founding
            .machine
            .simulate(genesis.header(), &mut overlay, &payload)
        {
            Resumable::Done(done) => break done.unwrap(),
            Resumable::Need(keys) => {
                for key in keys {
                    let written = writes.iter().find(|(written, _)| *written == key);
                    overlay.insert_read(key, written.and_then(|(_, value)| value.clone()));
                }
            }
        }
    };
    let went: Vec<bool> = blocks
        .iter()
        .flat_map(|block| &block.calls)
        .map(|call| call.error.is_none())
        .collect();
    assert_eq!(
        went,
        [false, true, true, false, false, true, true, false],
        "{blocks:?}"
    );
    let let_in = &blocks[0].calls[2].output;
    assert_eq!(B256::from_slice(let_in), B256::with_last_byte(1));
}
