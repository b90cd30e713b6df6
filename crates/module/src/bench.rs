//! A test bench: modules on an in-memory machine with the EVM's gas for storage and logs. What a
//! rejected call did is undone, as on the ledger.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU64,
    sync::Arc,
};

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use alloy_sol_types::{SolCall, SolEvent};
use commonhold_primitives::{Genesis, genesis::Member, limits::TRANSACTION_GAS_MAX};

use crate::{BlockInfo, Context, Fault, Host, Module, Outcome, Registry, RegistryError};

/// Gas of the first access to a slot in a call (EIP-2929).
const COLD_GAS: u64 = 2_100;
/// Gas of every further access.
const WARM_GAS: u64 = 100;
/// Gas of filling an empty slot.
const FILL_GAS: u64 = 20_000;
/// Gas of changing a filled slot.
const CHANGE_GAS: u64 = 2_900;
/// Gas of a log, of each of its topics and of each byte of its data.
const LOG_GAS: (u64, u64, u64) = (375, 375, 8);

/// The in-memory machine: one per call.
struct Machine<'a> {
    block: BlockInfo,
    storage: &'a mut BTreeMap<(Address, U256), U256>,
    logs: Vec<Log>,
    warm: BTreeSet<(Address, U256)>,
    loaded: BTreeSet<(Address, U256)>,
    stops: u64,
    undo: Vec<((Address, U256), U256)>,
    gas: u64,
}

impl Machine<'_> {
    /// Counts a stop where any of the keys would have to be loaded from disk.
    fn load(&mut self, keys: impl IntoIterator<Item = (Address, U256)>) {
        let before = self.loaded.len();
        self.loaded.extend(keys);
        if self.loaded.len() > before {
            self.stops = self.stops.saturating_add(1);
        }
    }

    fn touch(&mut self, key: (Address, U256)) -> Outcome<()> {
        self.load([key]);
        let gas = if self.warm.insert(key) {
            COLD_GAS
        } else {
            WARM_GAS
        };
        self.charge(gas)
    }

    fn set(&mut self, key: (Address, U256), value: U256) -> U256 {
        let old = if value.is_zero() {
            self.storage.remove(&key)
        } else {
            self.storage.insert(key, value)
        };
        old.unwrap_or_default()
    }
}

impl Host for Machine<'_> {
    fn block(&self) -> BlockInfo {
        self.block
    }

    fn charge(&mut self, gas: u64) -> Outcome<()> {
        match self.gas.checked_sub(gas) {
            Some(left) => {
                self.gas = left;
                Ok(())
            }
            None => {
                self.gas = 0;
                Err(Fault::OutOfGas)
            }
        }
    }

    fn gas_left(&self) -> u64 {
        self.gas
    }

    fn prefetch(&mut self, address: Address, slots: &[U256]) -> Outcome<()> {
        self.load(slots.iter().map(|slot| (address, *slot)));
        Ok(())
    }

    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256> {
        self.touch((address, slot))?;
        Ok(self
            .storage
            .get(&(address, slot))
            .copied()
            .unwrap_or_default())
    }

    fn sstore(&mut self, address: Address, slot: U256, value: U256) -> Outcome<()> {
        let key = (address, slot);
        self.touch(key)?;
        let old = self.storage.get(&key).copied().unwrap_or_default();
        if old != value {
            self.charge(if old.is_zero() { FILL_GAS } else { CHANGE_GAS })?;
            let old = self.set(key, value);
            self.undo.push((key, old));
        }
        Ok(())
    }

    fn emit(&mut self, log: Log) -> Outcome<()> {
        let (base, topic, byte) = LOG_GAS;
        let topics = topic.saturating_mul(count(log.data.topics().len()));
        let bytes = byte.saturating_mul(count(log.data.data.len()));
        self.charge(base.saturating_add(topics).saturating_add(bytes))?;
        self.logs.push(log);
        Ok(())
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Modules on an in-memory ledger, driven by hand. A copy goes its own way.
#[derive(Clone)]
pub struct Bench {
    registry: Arc<Registry>,
    block: BlockInfo,
    storage: BTreeMap<(Address, U256), U256>,
    logs: Vec<Log>,
    gas_limit: u64,
    gas_used: u64,
    stops: u64,
}

impl Bench {
    /// A ledger with these modules and nothing written, at block 1 of chain 1337, time 1,000,000.
    ///
    /// # Errors
    /// Where the modules do not fit together.
    pub fn new(modules: Vec<Module>) -> Result<Self, RegistryError> {
        Ok(Self {
            registry: Arc::new(Registry::new(modules)?),
            block: BlockInfo {
                chain_id: 1_337,
                number: 1,
                timestamp: 1_000_000,
            },
            storage: BTreeMap::new(),
            logs: Vec::new(),
            gas_limit: TRANSACTION_GAS_MAX,
            gas_used: 0,
            stops: 0,
        })
    }

    /// Writes the modules' first state.
    ///
    /// # Errors
    /// What a module cannot take.
    pub fn genesis(&mut self, genesis: &Genesis) -> Outcome<()> {
        let registry = Arc::clone(&self.registry);
        self.run(u64::MAX, |machine| {
            registry
                .modules()
                .try_for_each(|module| module.genesis(machine, genesis))
        })
    }

    /// Goes on to the next block, at this time.
    pub const fn at(&mut self, timestamp: u64) -> &mut Self {
        self.block.timestamp = timestamp;
        self.block.number = self.block.number.saturating_add(1);
        self
    }

    /// Goes on to the block of this number, at the same time.
    pub const fn at_block(&mut self, number: u64) -> &mut Self {
        self.block.number = number;
        self
    }

    /// The block's number.
    pub const fn number(&self) -> u64 {
        self.block.number
    }

    /// The block's time.
    pub const fn now(&self) -> u64 {
        self.block.timestamp
    }

    /// Sets the gas that each further call has.
    pub const fn gas_limit(&mut self, gas: u64) -> &mut Self {
        self.gas_limit = gas;
        self
    }

    /// Sends a message and answers what it returns.
    ///
    /// # Errors
    /// How the call ended otherwise; nothing of it is kept then.
    pub fn send<C: SolCall>(&mut self, from: Address, to: Address, call: C) -> Outcome<C::Return> {
        let output = self.raw(from, to, U256::ZERO, false, &call.abi_encode())?;
        decode::<C>(&output)
    }

    /// Calls a view, as nobody in particular.
    ///
    /// # Errors
    /// How the call ended otherwise.
    pub fn view<C: SolCall>(&mut self, to: Address, call: C) -> Outcome<C::Return> {
        let output = self.raw(Address::ZERO, to, U256::ZERO, true, &call.abi_encode())?;
        decode::<C>(&output)
    }

    /// Calls a module with whatever input.
    ///
    /// # Errors
    /// How the call ended otherwise; nothing of it is kept then.
    pub fn raw(
        &mut self,
        from: Address,
        to: Address,
        value: U256,
        is_static: bool,
        input: &[u8],
    ) -> Outcome<Bytes> {
        let registry = Arc::clone(&self.registry);
        let Some(module) = registry.get(&to) else {
            return Err(Fault::Fatal(format!("no module at {to}")));
        };
        self.run(self.gas_limit, |machine| {
            module.call(machine, from, value, is_static, input)
        })
    }

    /// Runs `f` as a function of the module at `to`, called by `from`: for a module's Rust interface.
    ///
    /// # Errors
    /// What `f` ends in; nothing of it is kept then.
    pub fn within<T>(
        &mut self,
        from: Address,
        to: Address,
        f: impl FnOnce(&mut Context<'_>) -> Outcome<T>,
    ) -> Outcome<T> {
        self.run(self.gas_limit, |machine| {
            f(&mut Context::new(machine, to, from, U256::ZERO, false))
        })
    }

    /// What does not hold of the modules' state: nothing, unless there is a bug.
    ///
    /// # Errors
    /// What the machine runs into.
    pub fn invariants(&mut self) -> Outcome<Vec<String>> {
        let registry = Arc::clone(&self.registry);
        self.run(u64::MAX, |machine| {
            let mut findings = Vec::new();
            for module in registry.modules() {
                findings.extend(module.invariants(machine)?);
            }
            Ok(findings)
        })
    }

    /// The logs of the last call that was not undone.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The events of type `E` among them.
    pub fn events<E: SolEvent>(&self) -> Vec<E> {
        self.logs
            .iter()
            .filter_map(|log| E::decode_log_data(&log.data).ok())
            .collect()
    }

    /// The gas of the last call.
    pub const fn gas_used(&self) -> u64 {
        self.gas_used
    }

    /// How often a machine with nothing in memory would have stopped in the last call to load slots
    /// from disk.
    pub const fn stops(&self) -> u64 {
        self.stops
    }

    /// A storage slot as it stands.
    pub fn slot(&self, address: Address, slot: U256) -> U256 {
        self.storage
            .get(&(address, slot))
            .copied()
            .unwrap_or_default()
    }

    /// Everything stored.
    pub const fn stored(&self) -> &BTreeMap<(Address, U256), U256> {
        &self.storage
    }

    fn run<T>(&mut self, gas: u64, f: impl FnOnce(&mut Machine<'_>) -> Outcome<T>) -> Outcome<T> {
        let mut machine = Machine {
            block: self.block,
            storage: &mut self.storage,
            logs: Vec::new(),
            warm: BTreeSet::new(),
            loaded: BTreeSet::new(),
            stops: 0,
            undo: Vec::new(),
            gas,
        };
        let outcome = f(&mut machine);
        if outcome.is_err() {
            machine.logs.clear();
            for (key, old) in std::mem::take(&mut machine.undo).into_iter().rev() {
                machine.set(key, old);
            }
        }
        self.gas_used = gas.saturating_sub(machine.gas);
        self.stops = machine.stops;
        self.logs = machine.logs;
        outcome
    }
}

fn decode<C: SolCall>(output: &[u8]) -> Outcome<C::Return> {
    C::abi_decode_returns_validate(output)
        .map_err(|error| Fault::Fatal(format!("{} answered nonsense: {error}", C::SIGNATURE)))
}

/// A genesis document for the bench: `members` members, whose accounts are [`account`]`(1)` and on.
pub fn genesis(members: u8) -> Genesis {
    Genesis {
        name: "bench".to_owned(),
        chain_id: 1_337,
        timestamp: 1_000_000,
        gas_limit: 30_000_000,
        base_fee_per_gas: 0,
        heartbeat_ms: 1_000,
        network_key: Bytes::new(),
        output: Bytes::new(),
        epoch_blocks: EPOCH_BLOCKS,
        sealing: None,
        members: (1..=members)
            .map(|n| Member {
                name: format!("Member {n}"),
                public_key: B256::repeat_byte(n),
                endpoint: format!("member{n}.example:9000"),
                account: account(n),
            })
            .collect(),
        alloc: BTreeMap::new(),
    }
}

/// Blocks of an epoch of the bench.
pub const EPOCH_BLOCKS: NonZeroU64 = NonZeroU64::new(100).unwrap();

/// The `n`th account of the bench.
pub const fn account(n: u8) -> Address {
    Address::repeat_byte(n)
}
