//! Contracts: deployment, storage, destruction, delegation, reverts, and read-only calls of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_rpc_types_eth::state::AccountOverride;
use common::{ETHER, Tx, World, asm, authorise, contract, init, push, who};
use commonhold_execution::{CallError, CallRequest};
use commonhold_primitives::{StateKey, genesis::Allocation};

const HERE: Address = Address::repeat_byte(0x0e);
const THERE: Address = Address::repeat_byte(0x0f);

fn call(to: Address) -> Tx {
    Tx {
        to: TxKind::Call(to),
        gas: 1_000_000,
        ..Tx::default()
    }
}

fn create(code: &str) -> Tx {
    Tx {
        to: TxKind::Create,
        gas: 1_000_000,
        input: init(&asm(code)),
        ..Tx::default()
    }
}

fn ask(to: Address) -> CallRequest {
    CallRequest {
        from: Some(who(1)),
        to: Some(to),
        ..CallRequest::default()
    }
}

/// Returns the word on the stack.
const GIVE: &str = "PUSH0 MSTORE 6020 PUSH0 RETURN";

#[test]
fn a_contract_is_deployed_and_counts() {
    let mut world = World::new(true, []);
    let code = format!("PUSH0 SLOAD 6001 ADD DUP1 PUSH0 SSTORE {GIVE}");
    world.block([create(&code)]);
    let at = who(1).create(0);
    assert_eq!(world.code(at), asm(&code));
    assert_eq!(world.account(at).unwrap().nonce, 1, "EIP-161");
    world.block([
        Tx {
            nonce: 1,
            ..call(at)
        },
        Tx {
            nonce: 2,
            ..call(at)
        },
    ]);
    assert_eq!(world.slot(at, 0), U256::from(2));
    let result = world.call(&ask(at)).unwrap();
    assert_eq!(U256::from_be_slice(&result.output), U256::from(3));
    assert_eq!(world.slot(at, 0), U256::from(2), "a call writes nothing");
}

#[test]
fn code_is_written_with_each_account_that_gets_it() {
    let mut world = World::new(true, []);
    let code = StateKey::Code(keccak256(asm("STOP")));
    let written = |done: commonhold_execution::Executed| {
        let writes = done.overlay.into_writes_sorted();
        writes.iter().filter(|(key, _)| *key == code).count()
    };
    assert_eq!(
        written(world.block([
            create("STOP"),
            Tx {
                nonce: 1,
                ..create("STOP")
            }
        ])),
        1
    );
    // whether the code happens to be loaded or not makes no difference to what is written
    assert_eq!(
        written(world.block([Tx {
            nonce: 2,
            ..create("STOP")
        }])),
        1
    );
    assert_eq!(
        written(world.block([Tx {
            nonce: 3,
            ..call(who(1).create(0))
        }])),
        0
    );
}

#[test]
fn a_slot_set_to_zero_is_gone() {
    let storage = [(B256::ZERO, B256::with_last_byte(1))].into();
    let clear = Allocation {
        storage,
        ..contract("PUSH0 PUSH0 SSTORE")
    };
    let mut world = World::new(true, [(HERE, clear)]);
    let key = StateKey::Slot(HERE, U256::ZERO);
    assert!(world.state.contains_key(&key));
    let done = world.block([call(HERE)]);
    assert!(!world.state.contains_key(&key));
    // 21000 + PUSH0 twice + cold SSTORE to zero 5000 - a fifth of it at most is refunded (EIP-3529)
    assert_eq!(done.gas_used, 26_004 - 4_800);
}

#[test]
fn create2_puts_a_contract_where_it_says() {
    // CREATE2(value 0, memory 0..size, salt 7) of the call's input
    let code =
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY 6007 CALLDATASIZE PUSH0 PUSH0 CREATE2 PUSH0 SSTORE";
    let mut world = World::new(true, [(HERE, contract(code))]);
    let input = init(&asm("CALLER"));
    let at = HERE.create2(B256::with_last_byte(7), keccak256(&input));
    world.block([Tx {
        input: input.clone(),
        ..call(HERE)
    }]);
    assert_eq!(world.slot(HERE, 0), U256::from_be_slice(at.as_slice()));
    assert_eq!(world.code(at), asm("CALLER"));
    assert_eq!(world.account(HERE).unwrap().nonce, 2);
    world.block([Tx {
        nonce: 1,
        input,
        ..call(HERE)
    }]);
    assert_eq!(world.slot(HERE, 0), U256::ZERO, "the address is taken");
}

#[test]
fn a_contract_destroys_itself_only_in_the_transaction_that_made_it() {
    let destroy = format!("{} SELFDESTRUCT", push(THERE));
    let old = Allocation {
        balance: U256::from(5),
        ..contract(&destroy)
    };
    let mut world = World::new(true, [(HERE, old)]);
    world.block([call(HERE)]);
    assert_eq!(world.balance(THERE), U256::from(5));
    assert_eq!(world.balance(HERE), U256::ZERO);
    assert_eq!(world.code(HERE), asm(&destroy), "EIP-6780: it stays");
    // init code that stores and destroys itself
    let input = asm(&format!("6001 PUSH0 SSTORE {destroy}"));
    let before = world.state.len();
    let fresh = Tx {
        to: TxKind::Create,
        gas: 1_000_000,
        value: 6,
        nonce: 1,
        input,
        ..Tx::default()
    };
    let done = world.block([fresh]);
    assert!(done.receipts[0].success);
    let at = who(1).create(1);
    assert_eq!(world.account(at), None);
    assert_eq!(world.slot(at, 0), U256::ZERO);
    assert_eq!(world.balance(THERE), U256::from(11));
    assert_eq!(
        world.state.len(),
        before + 1,
        "one more parent hash and nothing else"
    );
}

#[test]
fn an_account_delegates_and_takes_it_back() {
    let code = format!("CALLER PUSH0 SSTORE 602a {GIVE}");
    let mut world = World::new(true, [(HERE, contract(&code))]);
    let set = |to, of, nonce| Tx {
        kind: 4,
        nonce,
        authorisations: vec![authorise(4, of, to)],
        ..call(THERE)
    };
    world.block([set(HERE, 0, 0)]);
    assert_eq!(&world.code(who(4))[..3], [0xef, 1, 0]);
    assert_eq!(world.account(who(4)).unwrap().nonce, 1);
    world.block([Tx {
        nonce: 1,
        ..call(who(4))
    }]);
    assert_eq!(
        world.slot(who(4), 0),
        U256::from_be_slice(who(1).as_slice()),
        "runs as the account"
    );
    assert_eq!(
        U256::from_be_slice(&world.call(&ask(who(4))).unwrap().output),
        U256::from(42)
    );
    // the account still signs, and a wrong nonce does not count
    let done = world.block([
        Tx {
            from: 4,
            nonce: 1,
            value: 1,
            ..call(THERE)
        },
        set(THERE, 7, 2),
    ]);
    assert!(done.receipts.iter().all(|r| r.success));
    assert_eq!(&world.code(who(4))[3..], HERE.as_slice());
    world.block([set(Address::ZERO, 2, 3)]);
    assert!(world.code(who(4)).is_empty());
    assert_eq!(world.call(&ask(who(4))).unwrap().output, Bytes::new());
}

#[test]
fn a_revert_keeps_its_data_and_nothing_else() {
    let code = "6001 PUSH0 SSTORE 60ee PUSH0 MSTORE PUSH0 PUSH0 LOG0 6020 PUSH0 REVERT";
    let mut world = World::new(true, [(HERE, contract(code))]);
    let done = world.block([Tx {
        value: 5,
        ..call(HERE)
    }]);
    assert!(!done.receipts[0].success);
    assert!(done.receipts[0].logs.is_empty());
    assert_eq!(world.slot(HERE, 0), U256::ZERO);
    assert_eq!(world.balance(who(1)), U256::from(ETHER));
    assert_eq!(world.account(who(1)).unwrap().nonce, 1);
    let Err(CallError::Revert { data, gas_used }) = world.call(&ask(HERE)) else {
        unreachable!()
    };
    assert_eq!(U256::from_be_slice(&data), U256::from(0xee));
    assert!(gas_used > 21_000 && gas_used < 50_000);
}

#[test]
fn failures_are_called_by_their_names() {
    let jump = Address::repeat_byte(3);
    let world = World::new(
        true,
        [
            (HERE, contract("INVALID")),
            (THERE, contract("ADD")),
            (jump, contract("6005 JUMP")),
        ],
    );
    let fault = |request: &CallRequest| world.call(request).unwrap_err().to_string();
    assert_eq!(fault(&ask(HERE)), "invalid opcode");
    assert_eq!(fault(&ask(THERE)), "stack underflow");
    assert_eq!(fault(&ask(jump)), "invalid jump destination");
    let poor = CallRequest {
        value: U256::from(ETHER + 1),
        ..ask(who(2))
    };
    assert!(fault(&poor).contains("funds"), "{}", fault(&poor));
    assert!(
        fault(&CallRequest {
            gas: Some(20_000),
            ..ask(who(2))
        })
        .contains("gas")
    );
}

#[test]
fn a_call_pays_only_where_it_names_a_price() {
    let code = format!("GASPRICE 6080 MSTORE BASEFEE {GIVE}");
    let world = World::new(false, [(HERE, contract(&code))]);
    let base = |request: &CallRequest| {
        world
            .call(request)
            .map(|result| U256::from_be_slice(&result.output))
    };
    assert_eq!(base(&ask(HERE)).unwrap(), U256::ZERO, "as in geth");
    let fee = |fee| CallRequest {
        max_fee_per_gas: Some(fee),
        gas: Some(100_000),
        ..ask(HERE)
    };
    assert_eq!(base(&fee(8)).unwrap(), U256::from(7));
    assert!(base(&fee(6)).unwrap_err().to_string().contains("basefee"));
    assert!(base(&fee(ETHER)).unwrap_err().to_string().contains("funds"));
    let both = CallRequest {
        gas_price: Some(8),
        ..fee(8)
    };
    assert!(matches!(base(&both), Err(CallError::Parameters(_))));
    // a contract may be the caller of a call
    let from = CallRequest {
        from: Some(HERE),
        ..ask(HERE)
    };
    assert_eq!(base(&from).unwrap(), U256::ZERO);
}

#[test]
fn a_call_may_pretend() {
    let code = format!("PUSH0 SLOAD TIMESTAMP ADD NUMBER ADD {GIVE}");
    let storage = [(B256::ZERO, B256::with_last_byte(1))].into();
    let mut world = World::new(
        true,
        [(
            HERE,
            Allocation {
                storage,
                ..contract(&code)
            },
        )],
    );
    world.env.timestamp_ms = 10_999;
    let get = |request: &CallRequest| U256::from_be_slice(&world.call(request).unwrap().output);
    assert_eq!(get(&ask(HERE)), U256::from(12));
    let mut request = ask(HERE);
    request.block_overrides.time = Some(100);
    request.block_overrides.number = Some(U256::from(1_000));
    assert_eq!(get(&request), U256::from(1_101));
    let slot = |value| {
        [(B256::ZERO, B256::with_last_byte(value))]
            .into_iter()
            .collect()
    };
    let pretend = |change| {
        let mut request = ask(HERE);
        request.state_overrides.insert(HERE, change);
        request
    };
    assert_eq!(
        get(&pretend(AccountOverride {
            state_diff: Some(slot(5)),
            ..Default::default()
        })),
        U256::from(16)
    );
    let nothing = AccountOverride {
        state: Some(Default::default()),
        ..Default::default()
    };
    assert_eq!(get(&pretend(nothing)), U256::from(11));
    let code = Some(asm(&format!("6063 {GIVE}")));
    assert_eq!(
        get(&pretend(AccountOverride {
            code,
            ..Default::default()
        })),
        U256::from(0x63)
    );
    let both = AccountOverride {
        state: Some(slot(1)),
        state_diff: Some(slot(1)),
        ..Default::default()
    };
    assert!(matches!(
        world.call(&pretend(both)),
        Err(CallError::Parameters(_))
    ));
    assert_eq!(get(&ask(HERE)), U256::from(12), "nothing of it stays");
}
