//! What a run knows of the state: entries read from the database and the run's own writes.
//!
//! An entry that is not known is *noted* and read as absent; whoever runs the machine looks at the
//! notes afterwards, discards what was computed, and asks for all noted entries at once. So one miss
//! usually names every entry that the transaction will touch. Values never depend on the order in
//! which entries were loaded: nothing that was computed with a note open is kept.

use std::sync::LazyLock;

use alloy_eips::eip2935::{HISTORY_SERVE_WINDOW, HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE};
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256,
    map::{HashMap, HashSet},
};
use commonhold_primitives::{Account, StateKey, StateValue, system::MODULE_CODE};
use revm::{
    Database,
    bytecode::Bytecode,
    database_interface::DBErrorMarker,
    state::{AccountInfo, EvmState},
};

use crate::{limits::NEED_KEYS_MAX, natives::Moves};

/// Entries in the order of their keys. `None` is an absent entry.
pub type Entries = Vec<(StateKey, Option<StateValue>)>;

/// More entries are missing than one step may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("state not loaded")]
pub struct Missing;

impl DBErrorMarker for Missing {}

/// Code that every network has: it is never loaded.
static BUILT_IN: LazyLock<[(B256, Bytecode); 2]> = LazyLock::new(|| {
    [MODULE_CODE, HISTORY_STORAGE_CODE.as_ref()].map(|code| {
        (
            keccak256(code),
            Bytecode::new_legacy(Bytes::copy_from_slice(code)),
        )
    })
});

fn built_in(hash: &B256) -> Option<&'static Bytecode> {
    BUILT_IN
        .iter()
        .find(|(known, _)| known == hash)
        .map(|(_, code)| code)
}

/// The account and slot of the EIP-2935 contract that hold the hash of block `number`.
pub(crate) fn history_slot(number: u64) -> (Address, U256) {
    let slot = number.checked_rem(HISTORY_SERVE_WINDOW as u64).unwrap_or(0);
    (HISTORY_STORAGE_ADDRESS, U256::from(slot))
}

/// Entries read and written by a run.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    reads: HashMap<StateKey, Option<StateValue>>,
    writes: HashMap<StateKey, Option<StateValue>>,
    codes: HashMap<B256, Bytecode>,
    missing: HashSet<StateKey>,
}

impl Overlay {
    /// An overlay whose writes are already these: block 1 starts from the genesis writes.
    pub fn with_writes(writes: Entries) -> Self {
        Self {
            writes: writes.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds what the database holds under `key`. Code that the entry points to (an account's, a
    /// delegation's) becomes missing unless it is known.
    pub fn insert_read(&mut self, key: StateKey, value: Option<StateValue>) {
        match &value {
            Some(StateValue::Account(account)) => self.note(StateKey::Code(account.code_hash)),
            Some(StateValue::Code(code)) => {
                if let Some(target) = delegate(code) {
                    self.note(StateKey::Account(target));
                }
            }
            _ => {}
        }
        self.missing.remove(&key);
        self.reads.insert(key, value);
    }

    /// Whether the entry under `key` was read or written.
    pub fn knows(&self, key: &StateKey) -> bool {
        let constant = match key {
            StateKey::Code(hash) => *hash == KECCAK256_EMPTY || built_in(hash).is_some(),
            _ => false,
        };
        constant || self.writes.contains_key(key) || self.reads.contains_key(key)
    }

    /// The entry under `key` as the run sees it; `None` where it is not known.
    pub fn get(&self, key: &StateKey) -> Option<Option<&StateValue>> {
        self.writes
            .get(key)
            .or_else(|| self.reads.get(key))
            .map(Option::as_ref)
    }

    /// The account at `address` as the run sees it, where it is known and exists.
    pub fn account(&self, address: Address) -> Option<&Account> {
        match self.get(&StateKey::Account(address)) {
            Some(Some(StateValue::Account(account))) => Some(account),
            _ => None,
        }
    }

    /// What was read, in no particular order: what the database holds under every key that was read
    /// or written, but for code, whose key says what it is.
    pub fn reads(&self) -> impl Iterator<Item = (&StateKey, Option<&StateValue>)> {
        self.reads.iter().map(|(key, value)| (key, value.as_ref()))
    }

    /// What was written, in the order of the keys.
    pub fn into_writes_sorted(self) -> Entries {
        sorted(self.writes)
    }

    /// What was read and what was written, each in the order of the keys.
    pub fn into_parts(self) -> (Entries, Entries) {
        (sorted(self.reads), sorted(self.writes))
    }

    /// Notes that `key` is asked for, unless it is known.
    pub(crate) fn note(&mut self, key: StateKey) {
        if !self.knows(&key) {
            self.missing.insert(key);
        }
    }

    pub(crate) fn lacks(&self) -> bool {
        !self.missing.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.missing.len() >= NEED_KEYS_MAX
    }

    /// The noted keys in order; the notes are cleared.
    pub(crate) fn take_missing(&mut self) -> Vec<StateKey> {
        let mut keys: Vec<StateKey> = self.missing.drain().collect();
        keys.sort_unstable();
        keys
    }

    fn ask(&mut self, key: StateKey) -> Result<(), Missing> {
        self.missing.insert(key);
        if self.is_full() { Err(Missing) } else { Ok(()) }
    }

    /// Code that is known, analysed already or not.
    pub(crate) fn known_code(&self, hash: B256) -> Option<Bytecode> {
        if hash == KECCAK256_EMPTY {
            return Some(Bytecode::default());
        }
        if let Some(code) = built_in(&hash).or_else(|| self.codes.get(&hash)) {
            return Some(code.clone());
        }
        match self.get(&StateKey::Code(hash))? {
            Some(StateValue::Code(bytes)) => Some(bytecode(bytes.clone())),
            _ => Some(Bytecode::default()),
        }
    }

    pub(crate) fn code(&mut self, hash: B256) -> Result<Bytecode, Missing> {
        let Some(code) = self.known_code(hash) else {
            return self.ask(StateKey::Code(hash)).map(|()| Bytecode::default());
        };
        if !code.is_empty() && built_in(&hash).is_none() {
            // Analysing code costs more than most calls of it.
            self.codes.entry(hash).or_insert_with(|| code.clone());
        }
        Ok(code)
    }
}

fn sorted(map: HashMap<StateKey, Option<StateValue>>) -> Entries {
    let mut entries: Entries = map.into_iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

/// Code as the interpreter wants it. What is not a well-formed delegation is legacy code.
pub(crate) fn bytecode(bytes: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(bytes.clone()).unwrap_or_else(|_| Bytecode::new_legacy(bytes))
}

/// The account that EIP-7702 code delegates to.
fn delegate(code: &[u8]) -> Option<Address> {
    let target = code.strip_prefix(&[0xef, 0x01, 0x00])?;
    Address::try_from(target).ok()
}

pub(crate) fn info(account: &Account) -> AccountInfo {
    let code = (account.code_hash == KECCAK256_EMPTY).then(Bytecode::default);
    AccountInfo {
        balance: account.balance,
        nonce: account.nonce,
        code_hash: account.code_hash,
        code,
        ..AccountInfo::default()
    }
}

impl Database for Overlay {
    type Error = Missing;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Missing> {
        let key = StateKey::Account(address);
        match self.get(&key) {
            Some(Some(StateValue::Account(account))) => Ok(Some(info(account))),
            Some(_) => Ok(None),
            None => self.ask(key).map(|()| None),
        }
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, Missing> {
        self.code(hash)
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Missing> {
        let key = StateKey::Slot(address, slot);
        match self.get(&key) {
            Some(Some(StateValue::Slot(value))) => Ok(*value),
            Some(_) => Ok(U256::ZERO),
            None => self.ask(key).map(|()| U256::ZERO),
        }
    }

    /// The history contract holds the hashes of the last 8191 blocks, and no transaction can write
    /// to it; the instruction itself reaches back [`crate::limits::BLOCK_HASH_WINDOW`] blocks.
    fn block_hash(&mut self, number: u64) -> Result<B256, Missing> {
        let (address, slot) = history_slot(number);
        self.storage(address, slot).map(B256::from)
    }
}

/// Where a run reads and writes: the overlay, or a view that keeps its writes to itself.
pub(crate) trait Store: Database<Error = Missing> {
    /// The account at `address` as the run sees it, where it is known and exists.
    fn account(&self, address: Address) -> Option<&Account>;
    /// Sets an entry.
    fn write(&mut self, key: StateKey, value: Option<StateValue>);
    /// Remembers that the database holds nothing under `key`, which nobody had to read to know.
    fn absent(&mut self, _key: StateKey) {}
    /// The overlay at the bottom.
    fn overlay(&mut self) -> &mut Overlay;
    /// Precompiles that are pretended to be elsewhere.
    fn moves(&self) -> Moves {
        Moves::new()
    }
}

impl<S: Store> Store for &mut S {
    fn account(&self, address: Address) -> Option<&Account> {
        (**self).account(address)
    }
    fn write(&mut self, key: StateKey, value: Option<StateValue>) {
        (**self).write(key, value);
    }
    fn absent(&mut self, key: StateKey) {
        (**self).absent(key);
    }
    fn overlay(&mut self) -> &mut Overlay {
        (**self).overlay()
    }
    fn moves(&self) -> Moves {
        (**self).moves()
    }
}

impl Store for Overlay {
    fn absent(&mut self, key: StateKey) {
        if !self.writes.contains_key(&key) {
            self.reads.entry(key).or_insert(None);
        }
    }
    fn account(&self, address: Address) -> Option<&Account> {
        Overlay::account(self, address)
    }
    fn write(&mut self, key: StateKey, value: Option<StateValue>) {
        self.writes.insert(key, value);
    }
    fn overlay(&mut self) -> &mut Overlay {
        self
    }
}

/// Writes what a finished transaction changed.
///
/// An account that ends empty (EIP-161) or destroyed itself in the transaction that created it
/// (EIP-6780) is deleted. Code is written with the account that gets it. Unchanged entries are not
/// written. All this depends on values alone, never on what else happens to be loaded.
pub(crate) fn commit(store: &mut impl Store, state: EvmState) {
    for (address, account) in state {
        if !account.is_touched() {
            continue;
        }
        let key = StateKey::Account(address);
        let old = store.account(address);
        if account.is_selfdestructed() || account.info.is_empty() {
            if old.is_some() {
                store.write(key, None);
            }
            continue;
        }
        let created = account.is_created();
        let info = account.info;
        let new = Account {
            nonce: info.nonce,
            balance: info.balance,
            code_hash: info.code_hash,
        };
        let recoded = old.is_none_or(|old| old.code_hash != new.code_hash);
        if old != Some(&new) {
            let code = (recoded && new.code_hash != KECCAK256_EMPTY)
                .then_some(info.code)
                .flatten();
            if let Some(code) = code {
                let value = StateValue::Code(code.original_bytes());
                store.write(StateKey::Code(new.code_hash), Some(value));
            }
            store.write(key, Some(StateValue::Account(new)));
        }
        for (slot, value) in account.storage {
            if value.is_changed() {
                let value = value.present_value;
                let value = (!value.is_zero()).then_some(StateValue::Slot(value));
                let key = StateKey::Slot(address, slot);
                if created {
                    store.absent(key);
                }
                store.write(key, value);
            }
        }
    }
}
