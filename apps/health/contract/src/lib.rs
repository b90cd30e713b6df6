//! The law of health: who gets whose data, for what, and until when. What every node runs.
//!
//! A *slice* is a record of one class and sensitivity with a key of its own, whose policy is this
//! module, about a *subject*: a person under the pseudonym that one custodian knows. The subject, or who
//! may act for them, sets a *consent* ([`consent`], [`duo`]). Who wants slices files a *request*; it is
//! decided at once, class by class, and is the grant too: what a standing permit lets in to opens when
//! the owner's veto window is over, the rest when the owner approves. A research request goes with a
//! *study* ([`outcomes`]) that an *ethics board* approved ([`voting`]). Each slice is then asked for, and
//! everything is asked again ([`leave`]); `records` writes the opening down before any key moves, a
//! refusal too. What is taken back holds from the next transaction on.
//!
//! In an emergency two clinicians open the emergency slice alone; the person is told in the same block.
//! Where no second clinician is there, who is on call for emergencies is the second.
//!
//! Wards do not consent for themselves and may always take back; what a guardian decided holds while it
//! is the guardian. Nothing here names a person: pseudonyms, coarse classes, salted hashes.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod codes;
pub mod consent;
mod contract;
mod deciding;
pub mod diseases;
pub mod duo;
pub mod emergencies;
mod ethics;
pub mod interface;
mod invariants;
pub mod leave;
pub mod limits;
mod ontology;
pub mod outcomes;
pub mod people;
mod policy;
pub mod pseudonyms;
mod releasing;
mod requesting;
mod shape;
mod state;
mod studies;
mod views;
pub mod voting;

use alloy_primitives::{Address, address};
use commonhold_module::Module;

use interface::IHealth;

/// Where the module is.
pub const ADDRESS: Address = address!("c000000000000000000000000000000000000010");

/// The module.
pub fn module() -> Module {
    Module::new::<IHealth::IHealthCalls>("health", ADDRESS, IHealth::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .always(invariants::check)
        .message(contract::register_slices)
        .message(contract::set_consent)
        .message(contract::end_consent)
        .message(contract::agree_collaboration)
        .message(requesting::request)
        .message(requesting::approve)
        .message(requesting::refuse)
        .message(requesting::veto)
        .message(requesting::revoke)
        .message(requesting::attest_destruction)
        .message(releasing::request_slice)
        .message(releasing::request_opening)
        .message(releasing::withdraw)
        .message(ontology::state_diseases)
        .message(studies::register_study)
        .message(studies::amend_study)
        .message(studies::declare_first_enrolment)
        .message(studies::lock_database)
        .message(studies::unblind)
        .message(studies::report_results)
        .message(ethics::found_board)
        .message(ethics::open_ballot)
        .message(ethics::declare_conflict)
        .message(ethics::vote)
        .message(ethics::suspend_study)
        .message(emergencies::open_emergency)
        .message(emergencies::confirm_emergency)
        .message(emergencies::review_emergency)
        .message(emergencies::restore_emergency_right)
        .message(pseudonyms::offer_pseudonym)
        .message(pseudonyms::pass_pseudonym)
        .message(pseudonyms::take_pseudonym)
        .view(views::slice)
        .view(views::slices_of)
        .view(views::consent_of)
        .view(views::decide)
        .view(views::decide_request)
        .view(views::request_of)
        .view(views::requests_to)
        .view(views::requests_by)
        .view(views::leave_of)
        .view(views::participation)
        .view(views::is_kind_of)
        .view(views::study)
        .view(views::study_version)
        .view(views::report)
        .view(views::board)
        .view(views::ballot)
        .view(views::ballots_of)
        .view(views::emergency)
        .view(views::emergencies_of)
        .view(views::emergency_right)
        .view(views::counts)
        .view(pseudonyms::show)
        .view(pseudonyms::pseudonym_of)
        .view(pseudonyms::pseudonyms_of)
}
