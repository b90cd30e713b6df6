//! Which entries a transaction touches: the access list (EIP-2930) that saves it gas, and this
//! machine its rounds.

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::B256;
use revm::{
    ExecuteEvm as _, InspectEvm as _,
    context::TxEnv,
    context_interface::{TransactionType, result::ExecutionResult},
    state::EvmState,
};
use revm_inspectors::access_list::AccessListInspector;

use crate::{
    call::{CallError, CallRequest, Resumable, call_block, outcome, unpriced},
    limits::{ACCESS_LIST_ROUNDS_MAX, CALL_GAS_MAX},
    machine::{Env, Machine},
    overlay::{Overlay, Store as _},
};

/// An access list, and what the call does with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessListed {
    /// What the call touches, without its sender, its recipient and the precompiles themselves.
    pub access_list: AccessList,
    /// Gas of the call with this list.
    pub gas_used: u64,
    /// How the call failed, if it did.
    pub error: Option<CallError>,
}

impl Machine {
    /// The access list of `request`. With a list a call may take another way, so it is run again with
    /// each list until the list stays the same.
    pub fn access_list(
        &self,
        env: &Env,
        overlay: &mut Overlay,
        request: &CallRequest,
    ) -> Resumable<Result<AccessListed, CallError>> {
        self.read_only(env, overlay, request, |env, view| {
            let mut tx = self.request_env(request, &env)?;
            if tx.tx_type == TransactionType::Legacy as u8 {
                tx.tx_type = TransactionType::Eip2930 as u8;
            }
            let rules = self.rules().lenient(unpriced(&tx), CALL_GAS_MAX);
            let inspector = AccessListInspector::default();
            let mut vm = self.vm(call_block(&env, &tx), rules, view, inspector);
            for _ in 0..ACCESS_LIST_ROUNDS_MAX {
                let inspector = AccessListInspector::new(tx.access_list.clone());
                let ran = vm.inspect(tx.clone(), inspector).map_err(invalid)?;
                let list = self.with_modules(vm.inspector.access_list(), &tx, &ran.state);
                let vain = vm.ctx.journaled_state.database.overlay().lacks();
                if list == tx.access_list || vain {
                    return Ok(listed(list, ran.result));
                }
                tx.access_list = list;
            }
            let ran = vm.transact(tx.clone()).map_err(invalid)?;
            Ok(listed(tx.access_list, ran.result))
        })
    }

    /// Adds the slots that modules touched: they run no instructions that an inspector could see.
    fn with_modules(&self, mut list: AccessList, tx: &TxEnv, state: &EvmState) -> AccessList {
        for address in self.registry().addresses() {
            let Some(account) = state.get(&address) else {
                continue;
            };
            let mut storage_keys: Vec<B256> = account
                .storage
                .keys()
                .map(|slot| B256::from(*slot))
                .collect();
            storage_keys.sort_unstable();
            list.0.retain(|item| item.address != address);
            let named = tx.kind.to() == Some(&address) || tx.caller == address;
            if !storage_keys.is_empty() || !named {
                list.0.push(AccessListItem {
                    address,
                    storage_keys,
                });
            }
        }
        list.0.sort_unstable_by_key(|item| item.address);
        list
    }
}

fn invalid(why: impl ToString) -> CallError {
    CallError::Invalid(why.to_string())
}

fn listed(access_list: AccessList, result: ExecutionResult) -> AccessListed {
    let gas_used = result.tx_gas_used();
    AccessListed {
        access_list,
        gas_used,
        error: outcome(result).err(),
    }
}
