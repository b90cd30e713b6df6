//! Saying why something reverted.

use alloy_primitives::Bytes;
use alloy_sol_types::{Panic, Revert, SolError as _};

/// The message of a revert with this data: "execution reverted", and the reason where it decodes.
pub(crate) fn message(data: &Bytes) -> String {
    match reason(data) {
        Some(reason) => format!("execution reverted: {reason}"),
        None => "execution reverted".into(),
    }
}

/// `Error(string)`, `Panic(uint256)`, or an error of a system module.
fn reason(data: &Bytes) -> Option<String> {
    if let Ok(Revert { reason }) = Revert::abi_decode(data) {
        return Some(reason);
    }
    Panic::abi_decode(data).ok().map(|panic| panic.to_string())
}
