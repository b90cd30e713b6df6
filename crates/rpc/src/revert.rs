//! Saying why something reverted.

use std::collections::HashMap;

use alloy_dyn_abi::{DynSolValue, ErrorExt as _};
use alloy_json_abi::Error as AbiError;
use alloy_primitives::{Bytes, hex};
use alloy_sol_types::{Panic, Revert, SolError as _};
use commonhold_execution::Machine;
use jsonrpsee::types::ErrorObjectOwned;

use crate::error::Fault;

/// The errors of this network's modules, by selector.
pub(crate) struct Reasons(HashMap<[u8; 4], AbiError>);

impl Reasons {
    pub(crate) fn of(machine: &Machine) -> Self {
        let abis = machine.registry().modules().map(|module| module.abi());
        let errors = abis.flat_map(|abi| abi.errors.into_values().flatten());
        Self(errors.map(|error| (error.selector().0, error)).collect())
    }

    /// The message of a revert with this data: "execution reverted", and the reason where it decodes.
    pub(crate) fn message(&self, data: &Bytes) -> String {
        match self.reason(data) {
            Some(reason) => format!("execution reverted: {reason}"),
            None => "execution reverted".into(),
        }
    }

    /// `Error(string)`, `Panic(uint256)`, or an error of one of the network's modules.
    fn reason(&self, data: &Bytes) -> Option<String> {
        if let Ok(Revert { reason }) = Revert::abi_decode(data) {
            return Some(reason);
        }
        if let Ok(panic) = Panic::abi_decode(data) {
            return Some(panic.to_string());
        }
        let error = self.0.get(data.first_chunk::<4>()?)?;
        let values = error.decode_error(data).ok()?.body;
        let values: Vec<String> = values.iter().map(show).collect();
        Some(format!("{}({})", error.name, values.join(", ")))
    }

    /// A fault as clients get it.
    pub(crate) fn error(&self, fault: Fault) -> ErrorObjectOwned {
        match fault {
            Fault::Reverted(data) => {
                ErrorObjectOwned::owned(REVERTED, self.message(&data), Some(data))
            }
            other => other.into(),
        }
    }
}

/// The code of a revert.
pub(crate) const REVERTED: i32 = 3;

fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(it) => it.to_string(),
        DynSolValue::Int(it, _) => it.to_string(),
        DynSolValue::Uint(it, _) => it.to_string(),
        DynSolValue::Address(it) => it.to_string(),
        DynSolValue::FixedBytes(it, size) => {
            hex::encode_prefixed(it.get(..*size).unwrap_or_default())
        }
        DynSolValue::Bytes(it) => hex::encode_prefixed(it),
        DynSolValue::String(it) => format!("{it:?}"),
        _ => "…".into(),
    }
}
