//! The chain executed once more, outside the members, over a plain map: what the members' state must
//! hold after each block.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall as _;
use commonhold_chain::rules::Rules;
use commonhold_execution::{
    CallRequest, Env, Executed, Machine, Mode, Overlay, Progress, Resumable, Step,
};
use commonhold_module::{BlockInfo, Host, Outcome};
use commonhold_primitives::{
    Block, Finalised, StateKey, StateValue,
    receipt::{logs_bloom, receipts_root},
    system::MEMBERS,
    transaction,
};
use commonhold_system::members::interface::IMembers::gasLimitAtCall;

use crate::founding::Founding;

/// The state after the last block that was applied.
pub struct Model {
    machine: Machine,
    rules: Rules,
    genesis_writes: Vec<(StateKey, Option<StateValue>)>,
    parent: Block,
    supply: U256,
    /// Every entry that exists.
    pub state: BTreeMap<StateKey, StateValue>,
}

impl Model {
    /// Before block 1. `genesis` is block 0.
    pub fn new(founding: &Founding, genesis: Block) -> Self {
        let machine = founding.machine.clone();
        let genesis_writes = machine
            .genesis_writes(&founding.genesis)
            .expect("genesis writes");
        let supply = founding.genesis.alloc.values().map(|a| a.balance).sum();
        Self {
            rules: Rules::new(&founding.genesis),
            machine,
            genesis_writes,
            parent: genesis,
            supply,
            state: BTreeMap::new(),
        }
    }

    /// Applies a block and compares what comes out with its header and with what a member was told.
    ///
    /// # Errors
    /// Names what differs.
    pub fn apply(&mut self, told: &Finalised) -> Result<(), String> {
        let block = &told.block;
        let number = block.number();
        let context = &block.extra().context;
        if block.header().parent_hash != self.parent.hash() || number != self.parent.number() + 1 {
            return Err(format!(
                "block {number} does not follow block {}",
                self.parent.number()
            ));
        }
        self.rules
            .check_before(block, &self.parent)
            .map_err(|e| format!("block {number}: {e}"))?;
        let gas_limit = self.gas_limit()?;
        if block.header().gas_limit != gas_limit {
            return Err(format!(
                "block {number}: another gas limit than {gas_limit}"
            ));
        }
        let env = self
            .rules
            .env(&self.parent, context, block.timestamp_ms(), gas_limit);
        let transactions: Vec<_> = block
            .transactions()
            .iter()
            .map(|raw| transaction::recover(raw.clone(), self.rules.chain_id()).map(Arc::new))
            .collect::<Result<_, _>>()
            .map_err(|e| format!("block {number}: {e}"))?;
        let mut progress = Progress::new(match number {
            1 => Overlay::with_writes(self.genesis_writes.clone()),
            _ => Overlay::default(),
        });
        let executed = loop {
            match self
                .machine
                .run(&env, &transactions, progress, Mode::Verify)
            {
                Step::Done(executed) => break executed,
                Step::Invalid { index, why } => {
                    return Err(format!("block {number}, transaction {index}: {why}"));
                }
                Step::Need {
                    progress: mut paused,
                    keys,
                } => {
                    for key in keys {
                        paused
                            .overlay
                            .insert_read(key, self.state.get(&key).cloned());
                    }
                    progress = paused;
                }
            }
        };
        let senders: Vec<Address> = transactions.iter().map(|t| t.sender()).collect();
        self.compare(told, &executed, &senders)?;
        let (_, writes) = executed.overlay.into_parts();
        for (key, value) in writes {
            match value {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
        self.parent = block.clone();
        self.conserved()
    }

    /// The gas of the next block.
    fn gas_limit(&self) -> Result<u64, String> {
        match self.rules.begins(&self.parent) {
            None => Ok(self.parent.header().gas_limit),
            Some(epoch) => {
                let call = gasLimitAtCall { epoch };
                let answer = self.call(MEMBERS, call.abi_encode().into())?;
                gasLimitAtCall::abi_decode_returns(&answer).map_err(|e| e.to_string())
            }
        }
    }

    fn compare(
        &self,
        told: &Finalised,
        executed: &Executed,
        senders: &[Address],
    ) -> Result<(), String> {
        let header = told.block.header();
        let number = header.number;
        let differs = |what: &str| {
            Err(format!(
                "block {number}: another {what} when executed again"
            ))
        };
        if executed.receipts != *told.receipts {
            return differs("list of receipts");
        }
        if told.senders != senders {
            return differs("list of senders");
        }
        if header.gas_used != executed.gas_used {
            return differs("gas used");
        }
        if header.receipts_root != receipts_root(&executed.receipts)
            || header.logs_bloom != logs_bloom(&executed.receipts)
        {
            return differs("receipts root or bloom");
        }
        self.witnessed(told)
    }

    /// The entries that a member says a block read are as the state had them before it.
    ///
    /// # Errors
    /// Names the first that is not.
    pub fn witnessed(&self, told: &Finalised) -> Result<(), String> {
        let number = told.block.number();
        for (key, value) in told.witness.iter() {
            if self.state.get(key) != value.as_ref() {
                return Err(format!(
                    "block {number}: the witness is wrong about {key:?}"
                ));
            }
        }
        Ok(())
    }

    fn conserved(&self) -> Result<(), String> {
        let held: U256 = self
            .state
            .values()
            .map(|value| match value {
                StateValue::Account(account) => account.balance,
                _ => U256::ZERO,
            })
            .sum();
        if held == self.supply {
            Ok(())
        } else {
            Err(format!(
                "block {}: {held} wei exist, not {}",
                self.parent.number(),
                self.supply
            ))
        }
    }

    /// What a call gives in the state after the last block.
    ///
    /// # Errors
    /// Where it gives nothing.
    pub fn call(&self, to: Address, input: Bytes) -> Result<Bytes, String> {
        let env = Env::of(self.parent.header());
        let request = CallRequest {
            to: Some(to),
            input,
            ..CallRequest::default()
        };
        let mut overlay = Overlay::default();
        loop {
            match self.machine.call(&env, &mut overlay, &request) {
                Resumable::Done(Ok(done)) => return Ok(done.output),
                Resumable::Done(Err(e)) => return Err(format!("{to}: {e}")),
                Resumable::Need(keys) => {
                    for key in keys {
                        overlay.insert_read(key, self.state.get(&key).cloned());
                    }
                }
            }
        }
    }

    /// What the modules' invariants find wrong in the state.
    pub fn broken_invariants(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for module in self.machine.registry().modules() {
            let mut host = Reader(self);
            match module.invariants(&mut host) {
                Ok(found) => broken.extend(found.iter().map(|f| format!("{}: {f}", module.name()))),
                Err(fault) => broken.push(format!("{}: {fault:?}", module.name())),
            }
        }
        broken
    }

    /// The hash of the last block that was applied.
    pub fn head(&self) -> B256 {
        self.parent.hash()
    }
}

/// Lets a module read the model.
struct Reader<'a>(&'a Model);

impl Host for Reader<'_> {
    fn block(&self) -> BlockInfo {
        BlockInfo {
            chain_id: self.0.machine.chain_id(),
            number: self.0.parent.number(),
            ..BlockInfo::default()
        }
    }
    fn charge(&mut self, _gas: u64) -> Outcome<()> {
        Ok(())
    }
    fn gas_left(&self) -> u64 {
        u64::MAX
    }
    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256> {
        Ok(match self.0.state.get(&StateKey::Slot(address, slot)) {
            Some(StateValue::Slot(value)) => *value,
            _ => U256::ZERO,
        })
    }
    fn sstore(&mut self, _address: Address, _slot: U256, _value: U256) -> Outcome<()> {
        Ok(())
    }
    fn emit(&mut self, _log: alloy_primitives::Log) -> Outcome<()> {
        Ok(())
    }
}
