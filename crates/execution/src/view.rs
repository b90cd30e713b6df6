//! A view of an overlay that keeps its writes to itself: what read-only calls run on.

use std::collections::BTreeMap;

use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256,
    map::{HashMap, HashSet},
};
use alloy_rpc_types_eth::{BlockOverrides, state::AccountOverride, state::StateOverride};
use commonhold_primitives::{Account, StateKey, StateValue};
use revm::{Database, DatabaseRef, bytecode::Bytecode, state::AccountInfo};

use crate::{
    call::{CallError, Misplaced},
    machine::Env,
    natives::Moves,
    overlay::{Missing, Overlay, Store, bytecode, history_slot, info},
};

/// An overlay and what a call pretends on top of it.
pub(crate) struct View<'a> {
    overlay: &'a mut Overlay,
    entries: HashMap<StateKey, Option<StateValue>>,
    /// Accounts whose storage is replaced: slots that are not in `entries` are zero.
    replaced: HashSet<Address>,
    hashes: BTreeMap<u64, B256>,
    moves: Moves,
}

impl<'a> View<'a> {
    pub(crate) fn new(overlay: &'a mut Overlay) -> Self {
        Self {
            overlay,
            entries: HashMap::default(),
            replaced: HashSet::default(),
            hashes: BTreeMap::new(),
            moves: Moves::new(),
        }
    }

    pub(crate) fn note(&mut self, key: StateKey) {
        if !self.entries.contains_key(&key) {
            self.overlay.note(key);
        }
    }

    pub(crate) fn code(&mut self, hash: B256) -> Result<Bytecode, Missing> {
        match self.entries.get(&StateKey::Code(hash)) {
            Some(Some(StateValue::Code(code))) => Ok(bytecode(code.clone())),
            _ => self.overlay.code(hash),
        }
    }

    /// The hash that `BLOCKHASH` gives for block `number`.
    pub(crate) fn set_hash(&mut self, number: u64, hash: B256) {
        self.hashes.insert(number, hash);
    }

    /// Replaces what `overrides` names. Accounts it changes in part are noted if they are not known.
    /// Precompiles are where they belong but for what these overrides say.
    pub(crate) fn pretend(
        &mut self,
        overrides: &StateOverride,
        is_precompile: impl Fn(&Address) -> bool,
    ) -> Result<(), CallError> {
        self.moves = moves(overrides, is_precompile)?;
        for (address, change) in overrides {
            if change.state.is_some() && change.state_diff.is_some() {
                let why = format!("account {address} has both 'state' and 'stateDiff'");
                return Err(CallError::Parameters(why));
            }
            self.pretend_account(*address, change);
            if let Some(state) = &change.state {
                self.replaced.insert(*address);
                self.entries
                    .retain(|key, _| !matches!(key, StateKey::Slot(a, _) if a == address));
                self.pretend_slots(*address, state);
            }
            if let Some(diff) = &change.state_diff {
                self.pretend_slots(*address, diff);
            }
        }
        Ok(())
    }

    fn pretend_account(&mut self, address: Address, change: &AccountOverride) {
        let key = StateKey::Account(address);
        self.note(key);
        let mut account = self.account(address).cloned().unwrap_or_default();
        account.nonce = change.nonce.unwrap_or(account.nonce);
        account.balance = change.balance.unwrap_or(account.balance);
        if let Some(code) = &change.code {
            account.code_hash = self.pretend_code(code);
        }
        self.entries.insert(key, Some(StateValue::Account(account)));
    }

    fn pretend_code(&mut self, code: &Bytes) -> B256 {
        if code.is_empty() {
            return KECCAK256_EMPTY;
        }
        let hash = keccak256(code);
        self.entries
            .insert(StateKey::Code(hash), Some(StateValue::Code(code.clone())));
        hash
    }

    fn pretend_slots<'b>(
        &mut self,
        address: Address,
        slots: impl IntoIterator<Item = (&'b B256, &'b B256)>,
    ) {
        for (slot, value) in slots {
            let value = (!value.is_zero()).then_some(StateValue::Slot((*value).into()));
            self.entries
                .insert(StateKey::Slot(address, (*slot).into()), value);
        }
    }

    /// The environment that `overrides` make of `env`.
    pub(crate) fn pretend_block(&mut self, env: &Env, overrides: &BlockOverrides) -> Env {
        self.hashes.extend(overrides.block_hash.iter().flatten());
        let seconds = overrides.time.map(|time| time.saturating_mul(1_000));
        Env {
            number: overrides.number.map_or(env.number, |n| n.saturating_to()),
            timestamp_ms: seconds.unwrap_or(env.timestamp_ms),
            gas_limit: overrides.gas_limit.unwrap_or(env.gas_limit),
            base_fee: overrides
                .base_fee
                .map_or(env.base_fee, |fee| fee.saturating_to()),
            beneficiary: overrides.coinbase.unwrap_or(env.beneficiary),
            prevrandao: overrides.random.unwrap_or(env.prevrandao),
            parent_hash: env.parent_hash,
        }
    }
}

/// A precompile whose account is replaced in any way is gone from its address.
fn moves(
    overrides: &StateOverride,
    is_precompile: impl Fn(&Address) -> bool,
) -> Result<Moves, CallError> {
    let mut moves = Moves::new();
    let ordered: BTreeMap<_, _> = overrides.iter().collect();
    for (address, change) in ordered {
        if is_precompile(address) {
            moves.entry(*address).or_insert(None);
        }
        let Some(to) = change.move_precompile_to else {
            continue;
        };
        if !is_precompile(address) {
            return Err(CallError::Move(Misplaced::NoPrecompile(*address)));
        }
        if to == *address {
            return Err(CallError::Move(Misplaced::Itself(to)));
        }
        if overrides.contains_key(&to) {
            return Err(CallError::Move(Misplaced::Taken(to)));
        }
        moves.insert(to, Some(*address));
    }
    Ok(moves)
}

impl Store for View<'_> {
    fn account(&self, address: Address) -> Option<&Account> {
        match self.entries.get(&StateKey::Account(address)) {
            Some(Some(StateValue::Account(account))) => Some(account),
            Some(_) => None,
            None => self.overlay.account(address),
        }
    }

    fn write(&mut self, key: StateKey, value: Option<StateValue>) {
        self.entries.insert(key, value);
    }

    fn overlay(&mut self) -> &mut Overlay {
        self.overlay
    }

    fn moves(&self) -> Moves {
        self.moves.clone()
    }
}

/// For tracers, which look at the state before a run once more: what they ask for is known.
impl DatabaseRef for View<'_> {
    type Error = Missing;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Missing> {
        Ok(self.account(address).map(info))
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, Missing> {
        match self.entries.get(&StateKey::Code(hash)).map(Option::as_ref) {
            Some(Some(StateValue::Code(code))) => Ok(bytecode(code.clone())),
            _ => self.overlay.known_code(hash).ok_or(Missing),
        }
    }

    fn storage_ref(&self, address: Address, slot: U256) -> Result<U256, Missing> {
        let key = StateKey::Slot(address, slot);
        match self
            .entries
            .get(&key)
            .map(Option::as_ref)
            .or_else(|| self.overlay.get(&key))
        {
            Some(Some(StateValue::Slot(value))) => Ok(*value),
            _ => Ok(U256::ZERO),
        }
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Missing> {
        self.hashes.get(&number).copied().ok_or(Missing)
    }
}

impl Database for View<'_> {
    type Error = Missing;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Missing> {
        match self.entries.get(&StateKey::Account(address)) {
            Some(Some(StateValue::Account(account))) => Ok(Some(info(account))),
            Some(_) => Ok(None),
            None => self.overlay.basic(address),
        }
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Missing> {
        self.code(hash)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Missing> {
        match self.entries.get(&StateKey::Slot(address, slot)) {
            Some(Some(StateValue::Slot(value))) => Ok(*value),
            Some(_) => Ok(U256::ZERO),
            None if self.replaced.contains(&address) => Ok(U256::ZERO),
            None => self.overlay.storage(address, slot),
        }
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Missing> {
        if let Some(hash) = self.hashes.get(&number) {
            return Ok(*hash);
        }
        let (address, slot) = history_slot(number);
        self.storage(address, slot).map(B256::from)
    }
}
