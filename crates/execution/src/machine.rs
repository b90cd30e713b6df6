//! The machine: a network's rules and modules. Cheap to clone.

use std::sync::Arc;

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, U256};
use commonhold_module::Registry;
use commonhold_primitives::extra::Extra;
use revm::{
    context::{BlockEnv, Context, Evm, Journal, TxEnv},
    context_interface::JournalTr as _,
    handler::{EthFrame, instructions::EthInstructions},
    interpreter::interpreter::EthInterpreter,
};

use crate::{
    natives::Natives,
    overlay::Store,
    rules::{Rules, SPEC},
};

/// The block that a run belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Env {
    /// Its number.
    pub number: u64,
    /// Its time, milliseconds since 1970. Contracts see whole seconds.
    pub timestamp_ms: u64,
    /// The gas that its transactions may use together.
    pub gas_limit: u64,
    /// Its base fee in wei.
    pub base_fee: u64,
    /// Who collects tips.
    pub beneficiary: Address,
    /// What `PREVRANDAO` gives.
    pub prevrandao: B256,
    /// The hash of the block before it.
    pub parent_hash: B256,
}

impl Env {
    /// The block that a header begins.
    pub fn of(header: &Header) -> Self {
        let millis = Extra::from_bytes(&header.extra_data).map_or(0, |extra| extra.millis);
        Self {
            number: header.number,
            timestamp_ms: header
                .timestamp
                .saturating_mul(1_000)
                .saturating_add(millis.into()),
            gas_limit: header.gas_limit,
            base_fee: header.base_fee_per_gas.unwrap_or(0),
            beneficiary: header.beneficiary,
            prevrandao: header.mix_hash,
            parent_hash: header.parent_hash,
        }
    }

    pub(crate) fn block(&self) -> BlockEnv {
        BlockEnv {
            number: U256::from(self.number),
            beneficiary: self.beneficiary,
            timestamp: U256::from(self.timestamp_ms.div_euclid(1_000)),
            gas_limit: self.gas_limit,
            basefee: self.base_fee,
            prevrandao: Some(self.prevrandao),
            ..BlockEnv::default()
        }
    }
}

pub(crate) type Ctx<DB> = Context<BlockEnv, TxEnv, Rules, DB, Journal<DB>>;
pub(crate) type Vm<DB, I = ()> =
    Evm<Ctx<DB>, I, EthInstructions<EthInterpreter, Ctx<DB>>, Natives, EthFrame<EthInterpreter>>;

/// A network's rules and modules.
#[derive(Clone)]
pub struct Machine(Arc<Inner>);

struct Inner {
    free: bool,
    rules: Rules,
    natives: Natives,
    registry: Arc<Registry>,
}

impl Machine {
    /// A machine for the network `chain_id`. On a `free` network (one whose base fee is 0) nothing is
    /// taken for gas, whatever transactions offer.
    pub fn new(chain_id: u64, free: bool, registry: Arc<Registry>) -> Self {
        let natives = Natives::new(registry.clone());
        Self(Arc::new(Inner {
            free,
            rules: Rules::new(chain_id),
            natives,
            registry,
        }))
    }

    /// The network's EIP-155 chain id.
    pub fn chain_id(&self) -> u64 {
        self.0.rules.cfg.chain_id
    }

    /// Whether nothing is taken for gas.
    pub fn is_free(&self) -> bool {
        self.0.free
    }

    /// The modules.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }

    pub(crate) fn is_precompile(&self, address: &Address) -> bool {
        self.0.natives.is_precompile(address)
    }

    pub(crate) fn rules(&self) -> Rules {
        self.0.rules.clone()
    }

    /// An EVM over `store`.
    pub(crate) fn vm<DB: Store, I>(
        &self,
        block: BlockEnv,
        rules: Rules,
        store: DB,
        inspector: I,
    ) -> Vm<DB, I> {
        let natives = self.0.natives.moved(store.moves());
        let mut journal = Journal::new(store);
        journal.set_spec_id(SPEC);
        let context = Context {
            block,
            tx: TxEnv::default(),
            cfg: rules,
            journaled_state: journal,
            chain: (),
            local: Default::default(),
            error: Ok(()),
        };
        let instructions = EthInstructions::new_mainnet_with_spec(SPEC);
        Evm::new_with_inspector(context, inspector, instructions, natives)
    }
}
