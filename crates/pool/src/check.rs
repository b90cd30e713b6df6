//! What can be said against a transaction without looking at the state. Its size and chain id were
//! checked when its sender was recovered.

use alloy_consensus::Transaction as _;
use alloy_primitives::U256;
use commonhold_primitives::{Transaction, limits::TRANSACTION_GAS_MAX};
use revm::{context_interface::cfg::gas::calculate_initial_tx_gas, primitives::hardfork::SpecId};

use crate::{PoolConfig, PoolError, limits::INIT_CODE_BYTES_MAX};

/// Checks `tx` against the network's constants and the gas of a block.
pub(crate) fn check(
    tx: &Transaction,
    config: &PoolConfig,
    gas_limit: u64,
) -> Result<(), PoolError> {
    let envelope = tx.envelope();
    let gas = envelope.gas_limit();
    if tx.nonce() == u64::MAX {
        return Err(PoolError::NonceMax);
    }
    if gas > gas_limit {
        return Err(PoolError::BlockGas {
            gas,
            limit: gas_limit,
        });
    }
    if gas > TRANSACTION_GAS_MAX {
        return Err(PoolError::GasCap {
            gas,
            cap: TRANSACTION_GAS_MAX,
        });
    }
    if envelope.is_create() && envelope.input().len() > INIT_CODE_BYTES_MAX {
        return Err(PoolError::InitCode {
            size: envelope.input().len(),
        });
    }
    let fee = envelope.max_fee_per_gas();
    if let Some(tip) = envelope.max_priority_fee_per_gas().filter(|tip| *tip > fee) {
        return Err(PoolError::TipAboveFee { tip, fee });
    }
    if fee < u128::from(config.base_fee) {
        return Err(PoolError::FeeTooLow {
            fee,
            base: config.base_fee,
        });
    }
    if envelope.is_eip7702() && envelope.authorization_count().unwrap_or(0) == 0 {
        return Err(PoolError::NoAuthorization);
    }
    let (accounts, slots) = envelope.access_list().map_or((0, 0), |list| {
        (
            list.0.len(),
            list.0.iter().map(|item| item.storage_keys.len()).sum(),
        )
    });
    let needed = calculate_initial_tx_gas(
        SpecId::OSAKA,
        envelope.input(),
        envelope.is_create(),
        count(accounts),
        count(slots),
        envelope.authorization_count().unwrap_or(0),
        None,
    );
    if gas < needed.initial_regular_gas {
        return Err(PoolError::IntrinsicGas {
            gas,
            intrinsic: needed.initial_regular_gas,
        });
    }
    if gas < needed.floor_gas {
        return Err(PoolError::FloorGas {
            gas,
            floor: needed.floor_gas,
        });
    }
    Ok(())
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The most that `tx` may take from its sender. A free network takes no gas price.
pub(crate) fn cost(tx: &Transaction, config: &PoolConfig) -> U256 {
    let envelope = tx.envelope();
    let gas = if config.base_fee == 0 {
        U256::ZERO
    } else {
        U256::from(envelope.gas_limit()).saturating_mul(U256::from(envelope.max_fee_per_gas()))
    };
    envelope.value().saturating_add(gas)
}
