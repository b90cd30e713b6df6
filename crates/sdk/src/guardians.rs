//! Guardians on the ledger: who may act for somebody else.

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::TransactionReceipt;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::interface::IAccounts::{
    attestGuardianCall, endGuardianshipCall, guardianAttestationsCall, guardiansCall,
    isGuardianCall, nameGuardianCall, wardsCall, withdrawGuardianCall,
};

use crate::{
    account::Account,
    client::Client,
    error::SdkError,
    page::{PAGE, Page},
    roles::{Attestation, Claim},
};

pub use commonhold_system::accounts::interface::IAccounts::{Guardianship, Guarding};

impl Client {
    /// Names somebody to act for `ward`, which is the account itself.
    ///
    /// # Errors
    /// Where `ward` is under the guardianship of somebody, or the network refuses for another reason.
    pub fn name_guardian(
        &self,
        ward: &Account,
        guardian: Address,
        not_before: u64,
        until: u64,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = nameGuardianCall {
            guardian,
            notBefore: not_before,
            until,
        };
        self.send_call(ward, ACCOUNTS, &call)
    }

    /// Attests somebody as a ward's guardian in a member's name, whose account or delegate for
    /// `guardian-registrar` `by` is. It takes two members.
    ///
    /// # Errors
    /// Where `by` does not speak for the member, or the network refuses for another reason.
    pub fn attest_guardian(
        &self,
        by: &Account,
        member: u64,
        (ward, guardian): (Address, Address),
        claim: Claim,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = attestGuardianCall {
            member,
            ward,
            guardian,
            notBefore: claim.not_before,
            until: claim.until,
            evidence: claim.evidence,
        };
        self.send_call(by, ACCOUNTS, &call)
    }

    /// Withdraws what was attested of a guardian in a member's name.
    ///
    /// # Errors
    /// As [`Self::attest_guardian`]; where there is nothing to withdraw.
    pub fn withdraw_guardian(
        &self,
        by: &Account,
        member: u64,
        (ward, guardian): (Address, Address),
        reason: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = withdrawGuardianCall {
            member,
            ward,
            guardian,
            reason,
        };
        self.send_call(by, ACCOUNTS, &call)
    }

    /// Takes back whom `by` named, where it is the ward; resigns, where it is the guardian.
    ///
    /// # Errors
    /// Where there is nothing that `by` could end.
    pub fn end_guardianship(
        &self,
        by: &Account,
        ward: Address,
        guardian: Address,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(by, ACCOUNTS, &endGuardianshipCall { ward, guardian })
    }

    /// Whether somebody may act for a ward at a time (zero: now), and why or why not.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn guarding(
        &self,
        guardian: Address,
        ward: Address,
        at: u64,
    ) -> Result<Guarding, SdkError> {
        let answer = self.call(ACCOUNTS, &isGuardianCall { guardian, ward, at })?;
        Ok(answer.why)
    }

    /// Whoever was named or attested to act for somebody, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn guardians_of(&self, ward: Address, from: u64) -> Result<Page<Guardianship>, SdkError> {
        let max = PAGE;
        let answer = self.call(ACCOUNTS, &guardiansCall { ward, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// For whom somebody was named or attested to act, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn wards_of(&self, guardian: Address, from: u64) -> Result<Page<Guardianship>, SdkError> {
        let call = wardsCall {
            guardian,
            from,
            max: PAGE,
        };
        let answer = self.call(ACCOUNTS, &call)?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// What members say of a guardian, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn guardian_attestations(
        &self,
        ward: Address,
        guardian: Address,
        from: u64,
    ) -> Result<Page<Attestation>, SdkError> {
        let call = guardianAttestationsCall {
            ward,
            guardian,
            from,
            max: PAGE,
        };
        let answer = self.call(ACCOUNTS, &call)?;
        Ok(Page::new(answer.page, answer.total))
    }
}
