//! Native modules: how a call to a module's address becomes a call of Rust code.
//!
//! - Only a plain call (`CALL`, `STATICCALL`, or a transaction) to the module's own address runs it.
//!   `DELEGATECALL` and `CALLCODE` into it revert. A delegation (EIP-7702) to it runs the code byte
//!   of its account, `INVALID`, and fails.
//! - Its storage and its logs are those of the EVM's journal at its address: whatever reverts around
//!   the call undoes them.
//! - Storage costs what `SLOAD`, `SSTORE` and `LOGn` cost (EIP-2929, EIP-2200, EIP-3529 without
//!   refunds). Its account is an ordinary one: cold on first access in a transaction.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::{Address, Bytes, Log, U256, map::AddressSet};
use commonhold_module::{BlockInfo, Fault, Host, Outcome, Registry};
use revm::{
    Database as _,
    context::{Block as _, Cfg},
    context_interface::{ContextTr, JournalTr, cfg::GasParams},
    handler::{EthPrecompiles, PrecompileProvider},
    interpreter::{CallInputs, CallScheme, Gas, InstructionResult, InterpreterResult},
    primitives::hardfork::SpecId,
};

use crate::rules::SPEC;

/// Gas of copying 32 bytes.
const COPY_WORD_GAS: u64 = 3;
/// Gas of a log before its topics and data.
const LOG_GAS: u64 = 375;

/// Ethereum's precompiles and this network's modules.
#[derive(Clone)]
pub(crate) struct Natives {
    precompiles: EthPrecompiles,
    registry: Arc<Registry>,
    moves: Moves,
}

/// Precompiles that a call pretends to be elsewhere: which precompile runs at an address, or that none
/// does.
pub(crate) type Moves = BTreeMap<Address, Option<Address>>;

impl Natives {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self {
            precompiles: EthPrecompiles::new(SPEC),
            moves: Moves::new(),
            registry,
        }
    }
}

impl Natives {
    /// The same, with precompiles where a call pretends them to be.
    pub(crate) fn moved(&self, moves: Moves) -> Self {
        Self {
            moves,
            ..self.clone()
        }
    }

    pub(crate) fn is_precompile(&self, address: &Address) -> bool {
        self.precompiles.contains(address)
    }

    fn precompile<CTX: ContextTr<Cfg: Cfg<Spec = SpecId>>>(
        &mut self,
        context: &mut CTX,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        match self.moves.get(&inputs.bytecode_address) {
            None => self.precompiles.run(context, inputs),
            Some(None) => Ok(None),
            Some(Some(precompile)) => {
                let bytecode_address = *precompile;
                self.precompiles.run(
                    context,
                    &CallInputs {
                        bytecode_address,
                        ..inputs.clone()
                    },
                )
            }
        }
    }
}

impl<CTX> PrecompileProvider<CTX> for Natives
where
    CTX: ContextTr<Cfg: Cfg<Spec = SpecId>>,
{
    type Output = InterpreterResult;

    fn set_spec(&mut self, _: SpecId) -> bool {
        false
    }

    fn run(
        &mut self,
        context: &mut CTX,
        inputs: &CallInputs,
    ) -> Result<Option<Self::Output>, String> {
        let Some(module) = self.registry.get(&inputs.bytecode_address) else {
            return self.precompile(context, inputs);
        };
        let gas = Gas::new_with_regular_gas_and_reservoir(inputs.gas_limit, inputs.reservoir);
        let plain = matches!(inputs.scheme, CallScheme::Call | CallScheme::StaticCall);
        if !plain || inputs.target_address != inputs.bytecode_address {
            return Ok(Some(InterpreterResult::new(
                InstructionResult::Revert,
                Bytes::new(),
                gas,
            )));
        }
        // Paid before it is copied: modules charge more than this for their input.
        let words = u64::try_from(inputs.input.len().div_ceil(32)).unwrap_or(u64::MAX);
        if words.saturating_mul(COPY_WORD_GAS) > gas.remaining() {
            return Ok(Some(out_of_gas(gas)));
        }
        let input = inputs.input.bytes(context);
        let (block, _, cfg, journal, ..) = context.all_mut();
        let block = BlockInfo {
            chain_id: cfg.chain_id(),
            number: block.number().saturating_to(),
            timestamp: block.timestamp().saturating_to(),
        };
        let mut host = JournalHost {
            block,
            gas,
            prices: cfg.gas_params(),
            journal,
        };
        let value = inputs.value.get();
        let outcome = module.call(&mut host, inputs.caller, value, inputs.is_static, &input);
        let gas = host.gas;
        Ok(Some(match outcome {
            Ok(output) => InterpreterResult::new(InstructionResult::Return, output, gas),
            Err(Fault::Reject(reason)) => {
                InterpreterResult::new(InstructionResult::Revert, reason, gas)
            }
            Err(Fault::OutOfGas) => out_of_gas(gas),
            Err(Fault::Fatal(why)) => return Err(why),
        }))
    }

    fn warm_addresses(&self) -> &AddressSet {
        self.precompiles.warm_addresses()
    }
}

fn out_of_gas(mut gas: Gas) -> InterpreterResult {
    gas.spend_all();
    InterpreterResult::new(InstructionResult::PrecompileOOG, Bytes::new(), gas)
}

/// The host of a module: the journal of the running transaction.
struct JournalHost<'a, J> {
    block: BlockInfo,
    gas: Gas,
    prices: &'a GasParams,
    journal: &'a mut J,
}

impl<J: JournalTr> Host for JournalHost<'_, J> {
    fn block(&self) -> BlockInfo {
        self.block
    }

    fn charge(&mut self, gas: u64) -> Outcome<()> {
        if self.gas.record_regular_cost(gas) {
            Ok(())
        } else {
            Err(Fault::OutOfGas)
        }
    }

    fn gas_left(&self) -> u64 {
        self.gas.remaining()
    }

    /// Asks the database and nothing else: no slot becomes warm.
    fn prefetch(&mut self, address: Address, slots: &[U256]) -> Outcome<()> {
        let database = self.journal.db_mut();
        slots
            .iter()
            .try_for_each(|slot| database.storage(address, *slot).map(drop))
            .map_err(fatal)
    }

    fn sload(&mut self, address: Address, slot: U256) -> Outcome<U256> {
        self.charge(self.prices.warm_storage_read_cost())?;
        self.journal.load_account(address).map_err(fatal)?;
        let value = self.journal.sload(address, slot).map_err(fatal)?;
        if value.is_cold {
            self.charge(self.prices.cold_storage_additional_cost())?;
        }
        Ok(value.data)
    }

    fn sstore(&mut self, address: Address, slot: U256, value: U256) -> Outcome<()> {
        if self.gas.remaining() <= self.prices.call_stipend() {
            return Err(Fault::OutOfGas);
        }
        self.charge(self.prices.sstore_static_gas())?;
        self.journal.load_account(address).map_err(fatal)?;
        let stored = self.journal.sstore(address, slot, value).map_err(fatal)?;
        self.journal.touch_account(address);
        self.charge(
            self.prices
                .sstore_dynamic_gas(true, &stored.data, stored.is_cold),
        )
    }

    fn emit(&mut self, log: Log) -> Outcome<()> {
        let topics = u8::try_from(log.topics().len()).unwrap_or(u8::MAX);
        let bytes = u64::try_from(log.data.data.len()).unwrap_or(u64::MAX);
        self.charge(LOG_GAS)?;
        self.charge(self.prices.log_cost(topics, bytes))?;
        self.journal.log(log);
        Ok(())
    }
}

/// An entry of the state is not loaded: the overlay has noted which.
fn fatal(_: impl core::error::Error) -> Fault {
    Fault::Fatal("state not loaded".into())
}
