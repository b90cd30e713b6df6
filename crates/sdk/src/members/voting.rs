//! Proposals, votes, epochs and committees.

use alloy_rpc_types_eth::TransactionReceipt;
use alloy_sol_types::SolCall;
use commonhold_primitives::system::MEMBERS;
use commonhold_system::members::interface::IMembers::{
    Cast, Committee, Decided, Parameter, Proposal, Proposed, Seat, State, Upgrade, committeeOfCall,
    epochsCall, parameterAtCall, proposalCall, proposalsCall, upgradesCall, versionAtCall,
    voteCall, votesOnCall, withdrawCall,
};

use crate::{
    account::Account,
    client::{Client, events},
    error::SdkError,
    page::{PAGE, Page, all},
};

/// Where a proposal stands after a step, and the step's receipt.
#[derive(Clone, Debug)]
pub struct Ballot {
    /// The proposal's number.
    pub id: u64,
    /// What became of it.
    pub state: State,
    /// The epoch from which what was accepted holds; zero: nothing was.
    pub from_epoch: u64,
    /// Of the step.
    pub receipt: TransactionReceipt,
}

/// The time that members reckon with.
#[derive(Clone, Debug)]
pub struct Epochs {
    /// The current epoch.
    pub epoch: u64,
    /// Blocks of each.
    pub blocks: u64,
    /// The last epoch that nothing can change any more.
    pub fixed_until: u64,
    /// Committees that are decided and do not stand yet.
    pub coming: Vec<Committee>,
}

impl Client {
    /// The current epoch and what is decided about the next ones.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn epochs(&self) -> Result<Epochs, SdkError> {
        let answer = self.call(MEMBERS, &epochsCall {})?;
        Ok(Epochs {
            epoch: answer.epoch,
            blocks: answer.blocks,
            fixed_until: answer.fixedUntil,
            coming: answer.coming,
        })
    }

    /// The members of an epoch: any that was, is, or is one of the next three.
    ///
    /// # Errors
    /// Where the epoch is not settled yet, or the node does not answer.
    pub fn committee(&self, epoch: u64) -> Result<Vec<Seat>, SdkError> {
        self.call(MEMBERS, &committeeOfCall { epoch })
    }

    /// A parameter's value in an epoch.
    ///
    /// # Errors
    /// As [`Self::committee`].
    pub fn parameter(&self, parameter: Parameter, epoch: u64) -> Result<u64, SdkError> {
        self.call(MEMBERS, &parameterAtCall { parameter, epoch })
    }

    /// Proposals, oldest first, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn proposals(&self, from: u64) -> Result<Page<Proposal>, SdkError> {
        let answer = self.call(MEMBERS, &proposalsCall { from, max: PAGE })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// A proposal.
    ///
    /// # Errors
    /// Where there is none of that number.
    pub fn proposal(&self, id: u64) -> Result<Proposal, SdkError> {
        self.call(MEMBERS, &proposalCall { id })
    }

    /// All votes on a proposal, in the order in which they were given.
    ///
    /// # Errors
    /// Where there is no proposal of that number.
    pub fn votes_on(&self, id: u64) -> Result<Vec<Cast>, SdkError> {
        all(|from| {
            let answer = self.call(
                MEMBERS,
                &votesOnCall {
                    id,
                    from,
                    max: PAGE,
                },
            )?;
            Ok(Page::new(answer.page, answer.total))
        })
    }

    /// All upgrades that were decided, in that order.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn upgrades(&self) -> Result<Vec<Upgrade>, SdkError> {
        all(|from| {
            let answer = self.call(MEMBERS, &upgradesCall { from, max: PAGE })?;
            Ok(Page::new(answer.page, answer.total))
        })
    }

    /// The version that nodes need in an epoch; empty: any.
    ///
    /// # Errors
    /// As [`Self::committee`].
    pub fn version_at(&self, epoch: u64) -> Result<String, SdkError> {
        self.call(MEMBERS, &versionAtCall { epoch })
    }

    /// Proposes, as a member, what `call` says: one of the module's `propose…Call`s.
    ///
    /// # Errors
    /// Where the account acts for no member, or what is proposed cannot be.
    pub fn propose(&self, member: &Account, call: &impl SolCall) -> Result<Ballot, SdkError> {
        let receipt = self.send_call(member, MEMBERS, call)?;
        let id = events::<Proposed>(&receipt, MEMBERS)
            .next()
            .map(|proposed| proposed.id)
            .ok_or_else(|| SdkError::Integrity("the receipt tells no proposal".to_owned()))?;
        Ok(ballot(id, State::Open, receipt))
    }

    /// Votes on a proposal, as a member.
    ///
    /// # Errors
    /// Where the member has voted already, or the proposal is over.
    pub fn vote(
        &self,
        member: &Account,
        id: u64,
        approve: bool,
        reason: &str,
    ) -> Result<Ballot, SdkError> {
        let reason = reason.to_owned();
        let call = voteCall {
            id,
            approve,
            reason,
        };
        let receipt = self.send_call(member, MEMBERS, &call)?;
        Ok(ballot(id, State::Open, receipt))
    }

    /// Takes a member's own proposal back.
    ///
    /// # Errors
    /// Where it is another's, or over.
    pub fn withdraw_proposal(&self, member: &Account, id: u64) -> Result<Ballot, SdkError> {
        let receipt = self.send_call(member, MEMBERS, &withdrawCall { id })?;
        Ok(ballot(id, State::Withdrawn, receipt))
    }
}

/// Where a proposal stands: as its decision in the receipt says, or in this state.
fn ballot(id: u64, state: State, receipt: TransactionReceipt) -> Ballot {
    let decided = events::<Decided>(&receipt, MEMBERS).next();
    Ballot {
        id,
        state: decided.as_ref().map_or(state, |decided| decided.state),
        from_epoch: decided.map_or(0, |decided| decided.fromEpoch),
        receipt,
    }
}
