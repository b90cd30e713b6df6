//! A small world for tests: accounts that sign, a state to load from, a module.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests; not every test file uses everything"
)]

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEip7702, TxLegacy};
use alloy_eips::{
    eip2718::Encodable2718 as _,
    eip2930::{AccessList, AccessListItem},
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Signature, TxKind, U256, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall as _, sol};
use commonhold_execution::{
    CallError, CallRequest, CallResult, Env, Executed, Machine, Mode, Overlay, Progress, Resumable,
    Step,
};
use commonhold_module::{Context, Fault, Module, Outcome, Registry, bench};
use commonhold_primitives::{
    Account, Genesis, StateKey, StateValue, Transaction,
    genesis::Allocation,
    transaction::{self, Envelope},
};

pub const CHAIN: u64 = 1_337;
pub const ETHER: u128 = 1_000_000_000_000_000_000;
pub const TALLY: Address = Address::repeat_byte(0xcc);

sol! {
    #![sol(abi, all_derives)]
    /// A module for tests.
    interface ITally {
        event Added(address indexed who, uint256 by, uint256 total);
        error TooMuch(uint256 by);
        function add(uint256 by) external payable returns (uint256 total);
        function total(address who) external view returns (uint256);
        function burn() external;
        function stuck() external;
    }
}

mod layout {
    use alloy_primitives::{Address, U256};
    use commonhold_module::{Map, Slot, storage};

    storage! {
        TOTALS: Map<Address, U256> = 0;
        FOUNDED: Slot<u64> = 1;
    }
}
use layout::{FOUNDED, LAYOUT, TOTALS};

fn add(ctx: &mut Context<'_>, call: ITally::addCall) -> Outcome<U256> {
    let who = ctx.caller();
    let slot = TOTALS.at(&who);
    let total = slot.read(ctx)? + call.by;
    slot.write(ctx, &total)?;
    ctx.emit(ITally::Added {
        who,
        by: call.by,
        total,
    })?;
    if call.by > U256::from(1_000) {
        return Err(Fault::reject(&ITally::TooMuch { by: call.by }));
    }
    Ok(total)
}

fn total(ctx: &mut Context<'_>, call: ITally::totalCall) -> Outcome<U256> {
    TOTALS.at(&call.who).read(ctx)
}

fn burn(ctx: &mut Context<'_>, _: ITally::burnCall) -> Outcome<ITally::burnReturn> {
    ctx.charge(u64::MAX)?;
    Ok(ITally::burnReturn {})
}

fn stuck(_: &mut Context<'_>, _: ITally::stuckCall) -> Outcome<ITally::stuckReturn> {
    Err(Fault::Fatal("a limit of the machine".into()))
}

pub fn tally() -> Module {
    Module::new::<ITally::ITallyCalls>("tally", TALLY, ITally::abi::contract)
        .payable(add)
        .view(total)
        .message(burn)
        .message(stuck)
        .storage(LAYOUT)
        .at_genesis(|ctx, genesis| FOUNDED.write(ctx, &genesis.chain_id))
}

pub fn machine(free: bool) -> Machine {
    Machine::new(CHAIN, free, Arc::new(Registry::new(vec![tally()]).unwrap()))
}

pub fn signer(n: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_slice(&[n; 32]).unwrap()
}

pub fn who(n: u8) -> Address {
    signer(n).address()
}

/// What the tests vary of a transaction.
#[derive(Clone, Debug)]
pub struct Tx {
    pub from: u8,
    pub kind: u8,
    pub nonce: u64,
    pub to: TxKind,
    pub value: u128,
    pub gas: u64,
    pub fee: u128,
    pub tip: u128,
    pub input: Bytes,
    pub access: Vec<(Address, Vec<U256>)>,
    pub authorisations: Vec<SignedAuthorization>,
}

impl Default for Tx {
    fn default() -> Self {
        Self {
            from: 1,
            kind: 2,
            nonce: 0,
            to: TxKind::Call(who(9)),
            value: 0,
            gas: 21_000,
            fee: 0,
            tip: 0,
            input: Bytes::new(),
            access: Vec::new(),
            authorisations: Vec::new(),
        }
    }
}

fn sign<T: SignableTransaction<Signature>>(from: u8, tx: T) -> Envelope
where
    Envelope: From<alloy_consensus::Signed<T>>,
{
    let signature = signer(from).sign_hash_sync(&tx.signature_hash()).unwrap();
    tx.into_signed(signature).into()
}

impl Tx {
    pub fn sign(self) -> Arc<Transaction> {
        let Self {
            from,
            nonce,
            to,
            gas,
            fee,
            tip,
            input,
            ..
        } = self;
        let value = U256::from(self.value);
        let access_list = AccessList(
            self.access
                .into_iter()
                .map(|(address, slots)| AccessListItem {
                    address,
                    storage_keys: slots.into_iter().map(B256::from).collect(),
                })
                .collect(),
        );
        let envelope = match self.kind {
            0 => {
                let chain_id = Some(CHAIN);
                sign(
                    from,
                    TxLegacy {
                        chain_id,
                        nonce,
                        gas_price: fee,
                        gas_limit: gas,
                        to,
                        value,
                        input,
                    },
                )
            }
            1 => {
                let chain_id = CHAIN;
                sign(
                    from,
                    TxEip2930 {
                        chain_id,
                        nonce,
                        gas_price: fee,
                        gas_limit: gas,
                        to,
                        value,
                        access_list,
                        input,
                    },
                )
            }
            2 => sign(
                from,
                TxEip1559 {
                    chain_id: CHAIN,
                    nonce,
                    gas_limit: gas,
                    max_fee_per_gas: fee,
                    max_priority_fee_per_gas: tip,
                    to,
                    value,
                    access_list,
                    input,
                },
            ),
            _ => sign(
                from,
                TxEip7702 {
                    chain_id: CHAIN,
                    nonce,
                    gas_limit: gas,
                    max_fee_per_gas: fee,
                    max_priority_fee_per_gas: tip,
                    to: *to.to().unwrap(),
                    value,
                    access_list,
                    authorization_list: self.authorisations,
                    input,
                },
            ),
        };
        Arc::new(transaction::recover(envelope.encoded_2718().into(), CHAIN).unwrap())
    }
}

pub fn authorise(from: u8, nonce: u64, address: Address) -> SignedAuthorization {
    let authorisation = Authorization {
        chain_id: U256::from(CHAIN),
        address,
        nonce,
    };
    let signature = signer(from)
        .sign_hash_sync(&authorisation.signature_hash())
        .unwrap();
    authorisation.into_signed(signature)
}

pub fn genesis(alloc: impl IntoIterator<Item = (Address, Allocation)>) -> Genesis {
    Genesis {
        alloc: alloc.into_iter().collect(),
        ..bench::genesis(4)
    }
}

pub fn rich() -> Allocation {
    Allocation {
        balance: U256::from(ETHER),
        ..Allocation::default()
    }
}

pub fn contract(code: &str) -> Allocation {
    Allocation {
        code: asm(code),
        nonce: 1,
        ..Allocation::default()
    }
}

/// A state, and what happened to it.
#[derive(Clone)]
pub struct World {
    pub machine: Machine,
    pub env: Env,
    pub state: BTreeMap<StateKey, StateValue>,
    /// How often a run asked for entries.
    pub needs: usize,
}

impl World {
    pub fn new(free: bool, alloc: impl IntoIterator<Item = (Address, Allocation)>) -> Self {
        let machine = machine(free);
        let alloc = (1..=4).map(|n| (who(n), rich())).chain(alloc);
        let writes = machine.genesis_writes(&genesis(alloc)).unwrap();
        let state = writes
            .into_iter()
            .map(|(key, value)| (key, value.unwrap()))
            .collect();
        let env = Env {
            number: 1,
            timestamp_ms: 1_700_000_000_500,
            gas_limit: 30_000_000,
            base_fee: if free { 0 } else { 7 },
            beneficiary: Address::repeat_byte(0xbb),
            prevrandao: B256::repeat_byte(0xdd),
            parent_hash: B256::repeat_byte(0xaa),
        };
        Self {
            machine,
            env,
            state,
            needs: 0,
        }
    }

    pub fn load(&self, overlay: &mut Overlay, key: StateKey) {
        overlay.insert_read(key, self.state.get(&key).cloned());
    }

    /// Runs a block as the chain does, without writing to the state.
    pub fn attempt(
        &mut self,
        txs: &[Arc<Transaction>],
        mode: Mode,
    ) -> Result<Executed, (usize, String)> {
        let mut progress = Progress::new(Overlay::default());
        for key in self.machine.prefetch(&self.env, txs) {
            self.load(&mut progress.overlay, key);
        }
        loop {
            match self.machine.run(&self.env, txs, progress, mode) {
                Step::Done(done) => return Ok(done),
                Step::Invalid { index, why } => return Err((index, why)),
                Step::Need { progress: p, keys } => {
                    assert!(!keys.is_empty());
                    self.needs += 1;
                    progress = p;
                    for key in keys {
                        assert!(!progress.overlay.knows(&key), "{key:?} is known");
                        self.load(&mut progress.overlay, key);
                    }
                }
            }
        }
    }

    pub fn apply(&mut self, writes: Vec<(StateKey, Option<StateValue>)>) {
        for (key, value) in writes {
            match value {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
        self.env.number += 1;
        self.env.timestamp_ms += 1_000;
        self.env.parent_hash = keccak256(self.env.parent_hash);
    }

    /// Runs and applies a block of which every transaction must be valid.
    pub fn block(&mut self, txs: impl IntoIterator<Item = Tx>) -> Executed {
        let txs: Vec<_> = txs.into_iter().map(Tx::sign).collect();
        let done = self.attempt(&txs, Mode::Verify).unwrap();
        self.apply(done.overlay.clone().into_writes_sorted());
        done
    }

    /// What is wrong with a block of this one transaction.
    pub fn refusal(&mut self, tx: Tx) -> String {
        self.attempt(&[tx.sign()], Mode::Verify).unwrap_err().1
    }

    pub fn account(&self, address: Address) -> Option<Account> {
        match self.state.get(&StateKey::Account(address)) {
            Some(StateValue::Account(account)) => Some(account.clone()),
            _ => None,
        }
    }

    pub fn balance(&self, address: Address) -> U256 {
        self.account(address).map(|a| a.balance).unwrap_or_default()
    }

    pub fn slot(&self, address: Address, slot: u64) -> U256 {
        match self.state.get(&StateKey::Slot(address, U256::from(slot))) {
            Some(StateValue::Slot(value)) => *value,
            _ => U256::ZERO,
        }
    }

    pub fn code(&self, address: Address) -> Bytes {
        let hash = self.account(address).unwrap().code_hash;
        match self.state.get(&StateKey::Code(hash)) {
            Some(StateValue::Code(code)) => code.clone(),
            _ => {
                assert_eq!(hash, KECCAK256_EMPTY);
                Bytes::new()
            }
        }
    }

    /// Loads what is needed until `run` is done.
    pub fn resume<T>(&self, mut run: impl FnMut(&mut Overlay) -> Resumable<T>) -> T {
        let mut overlay = Overlay::default();
        loop {
            match run(&mut overlay) {
                Resumable::Done(done) => return done,
                Resumable::Need(keys) => {
                    assert!(!keys.is_empty());
                    for key in keys {
                        assert!(!overlay.knows(&key), "{key:?} is known");
                        self.load(&mut overlay, key);
                    }
                }
            }
        }
    }

    pub fn call(&self, request: &CallRequest) -> Result<CallResult, CallError> {
        self.resume(|overlay| self.machine.call(&self.env, overlay, request))
    }

    /// The module's count for `who`.
    pub fn tally(&self, who: Address) -> U256 {
        let input = ITally::totalCall { who }.abi_encode().into();
        let request = CallRequest {
            to: Some(TALLY),
            input,
            ..CallRequest::default()
        };
        U256::from_be_slice(&self.call(&request).unwrap().output)
    }
}

/// Assembles opcodes written as hexadecimal (spaces are ignored) with names for those that tests use.
pub fn asm(text: &str) -> Bytes {
    let names: &[(&str, &str)] = &[
        ("STOP", "00"),
        ("ADD", "01"),
        ("CALLER", "33"),
        ("CALLVALUE", "34"),
        ("CALLDATALOAD", "35"),
        ("CALLDATASIZE", "36"),
        ("CALLDATACOPY", "37"),
        ("BLOCKHASH", "40"),
        ("NUMBER", "43"),
        ("SELFBALANCE", "47"),
        ("POP", "50"),
        ("MLOAD", "51"),
        ("MSTORE", "52"),
        ("SLOAD", "54"),
        ("SSTORE", "55"),
        ("JUMP", "56"),
        ("JUMPI", "57"),
        ("GAS", "5a"),
        ("JUMPDEST", "5b"),
        ("PUSH0", "5f"),
        ("DUP1", "80"),
        ("SWAP1", "90"),
        ("LOG0", "a0"),
        ("LOG1", "a1"),
        ("CREATE", "f0"),
        ("CALL", "f1"),
        ("CALLCODE", "f2"),
        ("RETURN", "f3"),
        ("DELEGATECALL", "f4"),
        ("CREATE2", "f5"),
        ("STATICCALL", "fa"),
        ("REVERT", "fd"),
        ("INVALID", "fe"),
        ("SELFDESTRUCT", "ff"),
        ("RETURNDATASIZE", "3d"),
        ("RETURNDATACOPY", "3e"),
        ("GASPRICE", "3a"),
        ("BASEFEE", "48"),
        ("TIMESTAMP", "42"),
    ];
    let mut hex = String::new();
    for word in text.split_whitespace() {
        hex += names
            .iter()
            .find(|(name, _)| *name == word)
            .map_or(word, |(_, code)| code);
    }
    hex.parse().unwrap_or_else(|e| panic!("{hex}: {e}"))
}

/// Code that deploys `code`.
pub fn init(code: &Bytes) -> Bytes {
    // PUSH2 len DUP1 PUSH1 10 PUSH0 CODECOPY PUSH0 RETURN: ten bytes before the code
    let mut bytes = vec![0x61];
    bytes.extend(u16::try_from(code.len()).unwrap().to_be_bytes());
    bytes.extend([0x80, 0x60, 0x0a, 0x5f, 0x39, 0x5f, 0xf3]);
    bytes.extend(code);
    bytes.into()
}

/// `PUSH20 address`.
pub fn push(address: Address) -> String {
    format!("73 {address:x}").replace("0x", "")
}
