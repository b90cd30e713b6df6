//! How the engine asks the ledger who the members of later epochs are.

use alloy_primitives::Bytes;
use alloy_sol_types::SolCall;
use commonhold_chain::epochs::{Committee, Membership};
use commonhold_execution::CallRequest;
use commonhold_primitives::{consensus::MemberKey, limits::MEMBERS_MAX, system::MEMBERS};
use commonhold_system::members::interface::IMembers::membersCall;
use commonware_codec::{Copying, DecodeExt as _};

/// Asks `system::members`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BySystem;

impl Membership for BySystem {
    fn committee(&self, _epoch: u64) -> CallRequest {
        all()
    }

    fn endpoints(&self, _epoch: u64) -> CallRequest {
        all()
    }

    fn read(&self, answer: &Bytes) -> Option<Committee> {
        let found = membersCall::abi_decode_returns(answer).ok()?;
        let members = found.page.into_iter().map(|member| {
            let key = MemberKey::decode(Copying(member.publicKey.as_slice())).ok()?;
            Some((key, member.endpoint))
        });
        members.collect()
    }
}

fn all() -> CallRequest {
    let call = membersCall {
        from: 0,
        max: u64::from(MEMBERS_MAX),
    };
    CallRequest {
        to: Some(MEMBERS),
        input: Bytes::from(call.abi_encode()),
        ..CallRequest::default()
    }
}
