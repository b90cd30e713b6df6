//! How the engine asks the ledger who the members of later epochs are.

use alloy_primitives::{B256, Bytes};
use alloy_sol_types::SolCall;
use commonhold_chain::epochs::{Committee, Membership};
use commonhold_execution::CallRequest;
use commonhold_primitives::{consensus::MemberKey, limits::MEMBERS_MAX, system::MEMBERS};
use commonhold_system::members::interface::IMembers::{committeeOfCall, membersCall};
use commonware_codec::{Copying, DecodeExt as _};

/// Asks `system::members`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BySystem;

impl Membership for BySystem {
    fn committee(&self, epoch: u64) -> CallRequest {
        asking(&committeeOfCall { epoch })
    }

    fn read_committee(&self, answer: &Bytes) -> Option<Committee> {
        let seats = committeeOfCall::abi_decode_returns(answer).ok()?;
        let members = seats
            .into_iter()
            .map(|seat| Some((key(&seat.publicKey)?, seat.endpoint)));
        members.collect()
    }

    fn everybody(&self) -> CallRequest {
        asking(&membersCall {
            from: 0,
            max: u64::from(MEMBERS_MAX),
        })
    }

    fn read_everybody(&self, answer: &Bytes) -> Option<Committee> {
        let found = membersCall::abi_decode_returns(answer).ok()?;
        let members = found
            .page
            .into_iter()
            .map(|member| Some((key(&member.publicKey)?, member.endpoint)));
        members.collect()
    }
}

fn key(bytes: &B256) -> Option<MemberKey> {
    MemberKey::decode(Copying(bytes.as_slice())).ok()
}

fn asking(call: &impl SolCall) -> CallRequest {
    CallRequest {
        to: Some(MEMBERS),
        input: Bytes::from(call.abi_encode()),
        ..CallRequest::default()
    }
}
