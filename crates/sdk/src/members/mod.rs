//! Who runs the network, and what its members decide.

mod voting;

use alloy_primitives::Address;
use commonhold_primitives::system::MEMBERS;
use commonhold_system::members::interface::IMembers::{
    isMemberCall, memberByAccountCall, membersCall,
};

use crate::{
    abi::quoted,
    client::Client,
    error::SdkError,
    page::{PAGE, Page, all},
};

pub use commonhold_system::members::{
    epochs::{faults, quorum},
    forms::version,
    interface::IMembers::{
        Cast, Committee, Kind, Member, Parameter, Proposal, Seat, State, Upgrade,
        proposeAccountCall, proposeAdmissionCall, proposeEndpointCall, proposeExpulsionCall,
        proposeKeyCall, proposeParameterCall, proposeUpgradeCall,
    },
};
pub use voting::{Ballot, Epochs};

impl Client {
    /// Everybody who ever was or is to be a member, by number.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn members(&self) -> Result<Vec<Member>, SdkError> {
        all(|from| {
            let answer = self.call(MEMBERS, &membersCall { from, max: PAGE })?;
            Ok(Page::new(answer.page, answer.total))
        })
    }

    /// The member that an account acts for.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where it acts for none.
    pub fn member_of(&self, account: Address) -> Result<Member, SdkError> {
        if !self.call(MEMBERS, &isMemberCall { account })? {
            return Err(SdkError::NotFound(format!("{account} acts for no member")));
        }
        self.call(MEMBERS, &memberByAccountCall { account })
    }

    /// The member that a text means: its number, the account that acts for it, or its name.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where there is none, [`SdkError::Usage`] where several have that name.
    pub fn member(&self, text: &str) -> Result<Member, SdkError> {
        if text.starts_with("0x") {
            return self.member_of(self.resolve(text)?);
        }
        let number: Option<u64> = text.parse().ok();
        let mut found = self.members()?;
        found.retain(|member| match number {
            Some(number) => member.number == number,
            None => member.name == text,
        });
        // Who left may have given its name to another, which is meant then.
        if found.len() > 1 {
            found.retain(|member| member.untilEpoch == 0);
        }
        let text = quoted(text);
        match (found.pop(), found.is_empty()) {
            (Some(member), true) => Ok(member),
            (Some(_), false) => Err(SdkError::Usage(format!(
                "several members are called {text}: give the number"
            ))),
            (None, _) => Err(SdkError::NotFound(format!("no member {text}"))),
        }
    }
}
