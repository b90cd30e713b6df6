//! How the engine asks the ledger who the members of later epochs are, and what they decided on.

use alloy_primitives::Bytes;
use alloy_sol_types::SolCall;
use commonhold_chain::epochs::{Committee, Membership};
use commonhold_execution::CallRequest;
use commonhold_primitives::{consensus::MemberKey, system::MEMBERS};
use commonhold_system::members::interface::IMembers::{
    committeeOfCall, gasLimitAtCall, peersOfCall,
};
use commonware_codec::{Copying, DecodeExt as _};

/// Asks `system::members`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BySystem;

impl Membership for BySystem {
    fn committee(&self, epoch: u64) -> CallRequest {
        asking(&committeeOfCall { epoch })
    }

    fn endpoints(&self, epoch: u64) -> CallRequest {
        asking(&peersOfCall { epoch })
    }

    fn read(&self, answer: &Bytes) -> Option<Committee> {
        // Both answer with seats.
        let found = committeeOfCall::abi_decode_returns(answer).ok()?;
        let members = found.into_iter().map(|seat| {
            let key = MemberKey::decode(Copying(seat.publicKey.as_slice())).ok()?;
            Some((key, seat.endpoint))
        });
        members.collect()
    }

    fn gas_limit(&self, epoch: u64) -> CallRequest {
        asking(&gasLimitAtCall { epoch })
    }

    fn read_gas_limit(&self, answer: &Bytes) -> Option<u64> {
        let gas = gasLimitAtCall::abi_decode_returns(answer).ok()?;
        (gas > 0).then_some(gas)
    }
}

fn asking(call: &impl SolCall) -> CallRequest {
    CallRequest {
        to: Some(MEMBERS),
        input: Bytes::from(call.abi_encode()),
        ..CallRequest::default()
    }
}
