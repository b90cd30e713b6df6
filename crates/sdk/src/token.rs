//! Settlement money: what people have, send and give back, what members issue, what is set aside.
//! Amounts are in units ([`crate::amount`]).

mod history;

use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::TransactionReceipt;
use alloy_sol_types::{SolCall, SolError as _};
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::interface::IToken::{
    ERC20InsufficientBalance, IssueDecided, IssueProposed, approveIssueCall, balanceOfCall,
    escrowCall, escrowsControlledByCall, escrowsPaidByCall, issueCall, issueQuorumCall, issuesCall,
    proposeIssueCall, redeemCall, rejectIssueCall, totalSupplyCall, withdrawIssueCall,
};

pub use history::Movement;

/// A proposal to issue, an escrow, and what becomes of a proposal, as the ledger has them.
pub use commonhold_system::token::interface::IToken::{Escrow, Issue, IssueState};

/// Calls that applications send among their own.
pub use commonhold_system::token::interface::IToken::{approveCall, transferCall};

use crate::{
    account::Account,
    amount,
    client::{Client, events},
    error::SdkError,
    page::{PAGE, Page},
};

/// Where a proposal to issue stands after a step, and the step's receipt.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The proposal's number.
    pub number: u64,
    /// What became of it.
    pub state: IssueState,
    /// Of the step.
    pub receipt: TransactionReceipt,
}

impl Client {
    /// What an account has.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn token_balance(&self, account: Address) -> Result<U256, SdkError> {
        self.call(TOKEN, &balanceOfCall { account })
    }

    /// All the money there is.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn token_supply(&self) -> Result<U256, SdkError> {
        self.call(TOKEN, &totalSupplyCall {})
    }

    /// Sends an account's money.
    ///
    /// # Errors
    /// Where the account has less.
    pub fn token_send(
        &self,
        account: &Account,
        to: Address,
        value: U256,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_token(account, &transferCall { to, value })
    }

    /// Lets a spender move so much of the account's money, in the place of what it was let before.
    ///
    /// # Errors
    /// Where the node does not take it.
    pub fn token_approve(
        &self,
        account: &Account,
        spender: Address,
        amount: U256,
    ) -> Result<TransactionReceipt, SdkError> {
        let call = approveCall {
            spender,
            value: amount,
        };
        self.send_call(account, TOKEN, &call)
    }

    /// Gives an account's money back: it is gone. `mark` is the account's own.
    ///
    /// # Errors
    /// Where the account has less.
    pub fn token_redeem(
        &self,
        account: &Account,
        amount: U256,
        mark: B256,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_token(account, &redeemCall { amount, mark })
    }

    /// Proposes, as a member, to issue money.
    ///
    /// # Errors
    /// Where the account acts for no member.
    pub fn propose_issue(
        &self,
        member: &Account,
        to: Address,
        amount: U256,
        reason: &str,
    ) -> Result<Decision, SdkError> {
        let reason = reason.to_owned();
        let call = proposeIssueCall { to, amount, reason };
        let receipt = self.send_token(member, &call)?;
        let number = events::<IssueProposed>(&receipt, TOKEN)
            .next()
            .map(|proposed| proposed.number)
            .ok_or_else(|| SdkError::Integrity("the receipt tells no proposal".to_owned()))?;
        Ok(decision(number, receipt))
    }

    /// Approves a proposal, as a member.
    ///
    /// # Errors
    /// Where the member voted already, or the proposal is over.
    pub fn approve_issue(&self, member: &Account, number: u64) -> Result<Decision, SdkError> {
        let receipt = self.send_token(member, &approveIssueCall { number })?;
        Ok(decision(number, receipt))
    }

    /// Votes against a proposal, as a member.
    ///
    /// # Errors
    /// As [`Self::approve_issue`].
    pub fn reject_issue(&self, member: &Account, number: u64) -> Result<Decision, SdkError> {
        let receipt = self.send_token(member, &rejectIssueCall { number })?;
        Ok(decision(number, receipt))
    }

    /// Takes a member's own proposal back.
    ///
    /// # Errors
    /// Where it is another's, or over.
    pub fn withdraw_issue(&self, member: &Account, number: u64) -> Result<Decision, SdkError> {
        let receipt = self.send_token(member, &withdrawIssueCall { number })?;
        Ok(decision(number, receipt))
    }

    /// A proposal to issue.
    ///
    /// # Errors
    /// Where there is none of that number.
    pub fn issue(&self, number: u64) -> Result<Issue, SdkError> {
        self.call(TOKEN, &issueCall { number })
    }

    /// Proposals to issue, oldest first, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn issues(&self, from: u64) -> Result<Page<Issue>, SdkError> {
        let max = PAGE;
        let answer = self.call(TOKEN, &issuesCall { from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// How many approvals a proposal needs.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn issue_quorum(&self) -> Result<u32, SdkError> {
        self.call(TOKEN, &issueQuorumCall {})
    }

    /// An escrow.
    ///
    /// # Errors
    /// Where there is none.
    pub fn escrow(&self, id: B256) -> Result<Escrow, SdkError> {
        self.call(TOKEN, &escrowCall { id })
    }

    /// Escrows of somebody's money, oldest first, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn escrows_paid_by(&self, payer: Address, from: u64) -> Result<Page<Escrow>, SdkError> {
        let max = PAGE;
        let answer = self.call(TOKEN, &escrowsPaidByCall { payer, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Escrows that somebody controls, oldest first, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn escrows_controlled_by(
        &self,
        controller: Address,
        from: u64,
    ) -> Result<Page<Escrow>, SdkError> {
        let max = PAGE;
        let call = escrowsControlledByCall {
            controller,
            from,
            max,
        };
        let answer = self.call(TOKEN, &call)?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Sends a call of the module; amounts in its refusal are told as people write them.
    fn send_token<C: SolCall>(
        &self,
        account: &Account,
        call: &C,
    ) -> Result<TransactionReceipt, SdkError> {
        self.send_call(account, TOKEN, call).map_err(in_tokens)
    }
}

fn in_tokens(error: SdkError) -> SdkError {
    let SdkError::Reverted { data, .. } = &error else {
        return error;
    };
    let Ok(poor) = ERC20InsufficientBalance::abi_decode(data) else {
        return error;
    };
    SdkError::Reverted {
        message: format!(
            "{} has {}, and {} are needed",
            poor.sender,
            amount::show(poor.balance),
            amount::show(poor.needed)
        ),
        data: data.clone(),
        decoded: None,
    }
}

fn decision(number: u64, receipt: TransactionReceipt) -> Decision {
    let decided = events::<IssueDecided>(&receipt, TOKEN).next();
    Decision {
        number,
        state: decided.map_or(IssueState::Open, |decided| decided.state),
        receipt,
    }
}
