//! Asking the modules what the ledger says, by the newest state that this node holds to be final.

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use commonhold_execution::{CallError, CallRequest, Machine, Overlay, Resumable};
use commonhold_opening::FinalState as _;

use crate::{finality::Finality, limits::LOAD_ROUNDS_MAX};

/// What is needed to ask.
#[derive(Clone)]
pub(crate) struct Asking {
    pub(crate) machine: Machine,
    pub(crate) finality: Finality,
}

impl Asking {
    /// Calls a view of the module at `to`. `None`: it cannot be asked now; the inner `None` stands for a
    /// rejection.
    pub(crate) async fn ask<C: SolCall>(&self, to: Address, call: C) -> Option<Option<C::Return>> {
        let now = self.finality.newest().await?;
        let mut overlay = Overlay::default();
        let request = CallRequest {
            to: Some(to),
            input: Bytes::from(call.abi_encode()),
            ..CallRequest::default()
        };
        for _ in 0..LOAD_ROUNDS_MAX {
            let keys = match self.machine.call(&now, &mut overlay, &request) {
                Resumable::Need(keys) => keys,
                Resumable::Done(Ok(result)) => {
                    return C::abi_decode_returns(&result.output).ok().map(Some);
                }
                Resumable::Done(Err(CallError::Revert { .. })) => return Some(None),
                Resumable::Done(Err(_)) => return None,
            };
            let values = self.finality.load(keys.clone()).await?;
            if values.len() != keys.len() {
                return None;
            }
            for (key, value) in keys.into_iter().zip(values) {
                overlay.insert_read(key, value);
            }
        }
        None
    }
}
