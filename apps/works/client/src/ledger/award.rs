//! `commonhold works notice award`.

use alloy_primitives::keccak256;
use commonhold_session::{Answer, Session};
use commonhold_works_contract::interface::IWorks::{AwardStated, stateAwardCall};
use serde_json::json;

use super::act;

#[derive(clap::Args)]
pub(crate) struct Award {
    /// The claim's number.
    notice: u64,
    /// What the contractor was awarded of what was in dispute, in permille.
    #[arg(long, value_name = "PERMILLE")]
    share: u16,
    /// The award: its hash goes to the ledger.
    award: String,
}

pub(crate) fn state(session: &dyn Session, award: &Award) -> eyre::Result<Answer> {
    let call = stateAwardCall {
        claim: award.notice,
        share: award.share,
        award: keccak256(&award.award),
    };
    let told: AwardStated = act(session, &call)?;
    let data = json!({
        "notice": told.claim,
        "share_permille": told.share,
        "award": told.award,
        "stands": told.stands,
    });
    let text = if told.stands {
        "it stands, and is a fact about both"
    } else {
        "stated; it stands when the other side, or another member, states the same"
    };
    Answer::of(&data, text)
}
