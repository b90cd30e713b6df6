//! Members say who may act as what, and take it back.

mod attesting;
mod delegating;
mod holding;
mod lapsing;

use alloy_primitives::{Address, B256};
use commonhold_module::bench::account;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{Standing, attestCall, delegateCall, mayActAsCall, withdrawCall},
    roles::RESEARCHER,
};

use crate::Desk;

/// When the stories begin.
const NOW: u64 = 1_000_000;
/// The accounts of members 0 and 1.
const CLINIC: Address = account(1);
const UNIVERSITY: Address = account(2);
const LICENCE: B256 = B256::repeat_byte(0x11);
const WHY: B256 = B256::repeat_byte(0x22);

fn attest(member: u64, account: Address, role: B256, until: u64) -> attestCall {
    attestCall {
        member,
        account,
        role,
        notBefore: 0,
        until,
        evidence: LICENCE,
    }
}

fn withdraw(member: u64, account: Address) -> withdrawCall {
    withdrawCall {
        member,
        account,
        role: RESEARCHER,
        reason: WHY,
    }
}

fn delegate(account: Address, until: u64) -> delegateCall {
    delegateCall {
        account,
        role: RESEARCHER,
        until,
    }
}

impl Desk {
    /// How somebody stands as a researcher.
    fn standing(&mut self, account: Address, at: u64) -> Standing {
        let call = mayActAsCall {
            account,
            role: RESEARCHER,
            at,
        };
        let answer = self.view(call).unwrap();
        assert_eq!(answer.may, answer.why == Standing::Good, "one answer");
        answer.why
    }
}

fn desk() -> Desk {
    Desk::of(ACCOUNTS)
}
