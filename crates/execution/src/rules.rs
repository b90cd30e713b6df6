//! The rules of Ethereum that apply: Osaka. Read-only calls are let off those that guard what a
//! transaction may cost, because a call costs its sender nothing.

use revm::{
    context::CfgEnv,
    context_interface::cfg::{Cfg, GasParams},
    primitives::hardfork::SpecId,
};

/// The hard fork whose rules apply.
pub(crate) const SPEC: SpecId = SpecId::OSAKA;

/// The machine's configuration.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) cfg: CfgEnv,
    /// Senders may have code, and the block's gas limit binds nothing.
    lenient: bool,
    /// The block's base fee binds nothing.
    unpriced: bool,
}

impl Rules {
    pub(crate) fn new(chain_id: u64) -> Self {
        let mut cfg = CfgEnv::new_with_spec(SPEC);
        cfg.chain_id = chain_id;
        Self {
            cfg,
            lenient: false,
            unpriced: false,
        }
    }

    /// For calls of up to `gas`, which no limit of a transaction's gas binds otherwise.
    pub(crate) fn up_to(mut self, gas: u64) -> Self {
        self.cfg.tx_gas_limit_cap = Some(gas);
        self
    }

    /// For read-only calls of up to `gas`; an unpriced one may stay below the base fee.
    pub(crate) fn lenient(mut self, unpriced: bool, gas: u64) -> Self {
        self.lenient = true;
        self.unpriced = unpriced;
        self.cfg.disable_nonce_check = true;
        self.cfg.tx_chain_id_check = false;
        self.up_to(gas)
    }
}

impl Cfg for Rules {
    type Spec = SpecId;
    fn chain_id(&self) -> u64 {
        self.cfg.chain_id
    }
    fn tx_chain_id_check(&self) -> bool {
        self.cfg.tx_chain_id_check
    }
    fn tx_gas_limit_cap(&self) -> u64 {
        self.cfg.tx_gas_limit_cap()
    }
    fn spec(&self) -> SpecId {
        SPEC
    }
    fn max_blobs_per_tx(&self) -> Option<u64> {
        self.cfg.max_blobs_per_tx()
    }
    fn max_code_size(&self) -> usize {
        self.cfg.max_code_size()
    }
    fn max_initcode_size(&self) -> usize {
        self.cfg.max_initcode_size()
    }
    fn is_eip3607_disabled(&self) -> bool {
        self.lenient
    }
    fn is_eip3541_disabled(&self) -> bool {
        false
    }
    fn is_eip7623_disabled(&self) -> bool {
        false
    }
    fn is_balance_check_disabled(&self) -> bool {
        false
    }
    fn is_block_gas_limit_disabled(&self) -> bool {
        self.lenient
    }
    fn is_nonce_check_disabled(&self) -> bool {
        self.cfg.disable_nonce_check
    }
    fn is_base_fee_check_disabled(&self) -> bool {
        self.unpriced
    }
    fn is_priority_fee_check_disabled(&self) -> bool {
        false
    }
    fn is_fee_charge_disabled(&self) -> bool {
        false
    }
    fn is_eip7708_disabled(&self) -> bool {
        true
    }
    fn is_eip8246_delayed_clear_disabled(&self) -> bool {
        true
    }
    fn memory_limit(&self) -> u64 {
        u64::from(u32::MAX)
    }
    fn gas_params(&self) -> &GasParams {
        self.cfg.gas_params()
    }
    fn is_amsterdam_eip8037_enabled(&self) -> bool {
        false
    }
    fn is_amsterdam_eip2780_enabled(&self) -> bool {
        false
    }
}
