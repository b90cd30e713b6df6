//! Times that have come: what is sealed to a time opens for everyone, once.
//!
//! The network's seal key stands in the genesis document and is readable here, so that contracts and
//! clients seal to the same key. What is sealed to a time opens with that time's opening key, which
//! members give to anybody once the time of a final block has passed it, and to nobody before. Whoever
//! has it publishes it here: it is checked against the seal key, stands once, and never changes. From
//! then on contracts can use it.
//!
//! A network without a seal key has this module all the same; nothing can be published there.

mod contract;
pub mod interface;
mod invariants;
pub mod key;
pub mod limits;
mod state;
mod views;

use commonhold_module::{Context, Module, Outcome};
use commonhold_primitives::{opening_key::OPENING_KEY_LEN, system::SEALS as ADDRESS};

use interface::ISeals;

/// The module.
pub fn module() -> Module {
    Module::new::<ISeals::ISealsCalls>("seals", ADDRESS, ISeals::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .at_genesis(contract::genesis)
        .always(invariants::check)
        .message(contract::publish)
        .view(views::seal_key)
        .view(views::opening_key)
        .view(views::times)
}

/// The opening key of a time, where it has been published.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn opening_key(ctx: &mut Context<'_>, time: u64) -> Outcome<Option<[u8; OPENING_KEY_LEN]>> {
    views::found(&mut ctx.enter(ADDRESS), time)
}
