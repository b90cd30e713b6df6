//! Roles on the ledger: attested in members' names, asked about by everybody.

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{
        attestCall, attestationsCall, delegateCall, delegationsCall, holdersCall, mayActAsCall,
        renounceCall, rolesOfCall, undelegateCall, withdrawCall,
    },
    roles,
};

use crate::{
    account::Account,
    client::Client,
    error::SdkError,
    page::{PAGE, Page},
};

pub use commonhold_system::accounts::{
    interface::IAccounts::{Attestation, Delegation, Holder, RoleEntry, Standing},
    roles::GUARDIAN_REGISTRAR,
};

/// From when until when something is attested, and on what evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// From when on, in seconds since 1970; zero: from now, or, where what was attested before still
    /// holds, from when that did.
    pub not_before: u64,
    /// Until just before when; zero: until it is withdrawn.
    pub until: u64,
    /// Hash of the evidence; zero for none.
    pub evidence: B256,
}

/// The role of this name.
///
/// # Errors
/// [`SdkError::Usage`] says what a role's name looks like.
pub fn role(name: &str) -> Result<B256, SdkError> {
    roles::parse(name).ok_or_else(|| {
        SdkError::Usage(format!(
            "{name:?} is no role: 1 to 32 of a-z 0-9 -, a letter first, a letter or digit last, no two \
             - in a row"
        ))
    })
}

/// A role's name; in hex where it is none.
pub fn role_name(role: &B256) -> String {
    roles::text(role).map_or_else(|| role.to_string(), str::to_owned)
}

impl Client {
    /// Attests somebody a role in a member's name, whose account or delegate `by` is.
    ///
    /// # Errors
    /// Where `by` does not speak for the member, or the network refuses for another reason.
    pub fn attest_role(
        &self,
        by: &Account,
        member: u64,
        (account, role): (Address, B256),
        claim: Claim,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = attestCall {
            member,
            account,
            role,
            notBefore: claim.not_before,
            until: claim.until,
            evidence: claim.evidence,
        };
        self.send_call(by, ACCOUNTS, &call)
    }

    /// Withdraws what was attested of somebody in a member's name.
    ///
    /// # Errors
    /// As [`Self::attest_role`]; where there is nothing to withdraw.
    pub fn withdraw_role(
        &self,
        by: &Account,
        member: u64,
        (account, role): (Address, B256),
        reason: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = withdrawCall {
            member,
            account,
            role,
            reason,
        };
        self.send_call(by, ACCOUNTS, &call)
    }

    /// Ends whatever members attest of `holder` in a role.
    ///
    /// # Errors
    /// Where there is nothing to renounce.
    pub fn renounce_role(
        &self,
        holder: &Account,
        role: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(holder, ACCOUNTS, &renounceCall { role })
    }

    /// Lets somebody attest a role in the name of the member whose account `by` is, until just before
    /// `until` (zero: until dismissed).
    ///
    /// # Errors
    /// Where `by` acts for no member.
    pub fn delegate_role(
        &self,
        by: &Account,
        account: Address,
        role: B256,
        until: u64,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = delegateCall {
            account,
            role,
            until,
        };
        self.send_call(by, ACCOUNTS, &call)
    }

    /// Dismisses a delegate of the member whose account `by` is. What it attested stands.
    ///
    /// # Errors
    /// Where there is no such delegate.
    pub fn undelegate_role(
        &self,
        by: &Account,
        account: Address,
        role: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(by, ACCOUNTS, &undelegateCall { account, role })
    }

    /// How somebody stands in a role at a time (zero: now).
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn role_standing(
        &self,
        account: Address,
        role: B256,
        at: u64,
    ) -> Result<Standing, SdkError> {
        let answer = self.call(ACCOUNTS, &mayActAsCall { account, role, at })?;
        Ok(answer.why)
    }

    /// What members say of somebody in a role, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn role_attestations(
        &self,
        account: Address,
        role: B256,
        from: u64,
    ) -> Result<Page<Attestation>, SdkError> {
        let call = attestationsCall {
            account,
            role,
            from,
            max: PAGE,
        };
        let answer = self.call(ACCOUNTS, &call)?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Roles that somebody was ever attested, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn roles_of(&self, account: Address, from: u64) -> Result<Page<RoleEntry>, SdkError> {
        let max = PAGE;
        let answer = self.call(ACCOUNTS, &rolesOfCall { account, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Who was ever attested a role, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn role_holders(&self, role: B256, from: u64) -> Result<Page<Holder>, SdkError> {
        let max = PAGE;
        let answer = self.call(ACCOUNTS, &holdersCall { role, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Whom a member ever delegated what, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn role_delegations(&self, member: u64, from: u64) -> Result<Page<Delegation>, SdkError> {
        let max = PAGE;
        let answer = self.call(ACCOUNTS, &delegationsCall { member, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }
}
