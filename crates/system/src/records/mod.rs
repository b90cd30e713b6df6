//! Registered content, and who may open it.
//!
//! A record says that an owner registered content of a certain hash, length and kind at a certain
//! time. The content itself is elsewhere, encrypted; the hash is that of the ciphertext (BLAKE3). A
//! record is never changed or taken back; a newer one can supersede it, and each names the other. Which
//! members keep the content the ledger says too ([`placement`]). Its owner can have it erased
//! (`erasure.rs`): the record stays, what it stands for goes, on every member.
//!
//! Who may open a record stands in its access list. The owner always may. Entries are made by the
//! record's manager: its owner, or, where the record names a policy, the contract at that address,
//! which then decides in the owner's place whom to let in. The owner can revoke any entry. An entry
//! has a first and a last moment, measured by block time: the first is included, the last is not. A
//! revocation holds from the next transaction on, whatever the time asked about. [`may_open`] is the
//! one answer that everything else goes by.
//!
//! Every grant, revocation and supersession, and every opening that a reader declares, is an event and
//! an entry of the record's log, which is part of the state and can be proven.
//!
//! Where a record's data key is sealed to the network, a reader asks for it on the ledger
//! ([`opening`]): the request and its outcome stand there, a refusal too, before any member gives its
//! part of the key. An entry may be good for so many openings only.
//!
//! A record may instead open at a time, for everyone: its data key is sealed to that time, which nobody
//! can open before ([`crate::seals`]), and from then on every request for its content is answered.
//!
//! A record may be one of a stream ([`crate::devices`]): its data key is that of the stream's day, sealed
//! to the two, and instead of an access list the stream's shares say who may open it. Only `devices` makes
//! such records.
//!
//! A policy is how an application plugs in, be it a module or a Solidity contract: it makes entries by
//! its own rules and asks for its readers with `requestOpeningFor`. A policy that offers
//! `requestOpening` itself, with the signature it has here, serves readers who know nothing of it.

pub mod access;
mod contract;
mod erasure;
pub mod interface;
mod invariants;
pub mod limits;
mod opening;
pub mod placement;
mod state;
mod views;

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Fault, Module, Outcome};
use commonhold_primitives::system::{DEVICES, RECORDS as ADDRESS};

use interface::IRecords;

/// The kind of a record of a batch of readings.
pub const KIND_OF_READINGS: &str = "stream/readings";

/// The module.
pub fn module() -> Module {
    Module::new::<IRecords::IRecordsCalls>("records", ADDRESS, IRecords::abi::contract)
        .source(include_str!("interface.rs"))
        .storage(state::LAYOUT)
        .always(invariants::check)
        .message(contract::register)
        .message(contract::register_until)
        .message(contract::supersede)
        .message(contract::grant)
        .message(contract::revoke)
        .message(contract::declare_opened)
        .message(opening::request_opening)
        .message(opening::request_opening_for)
        .message(erasure::erase)
        .view(views::id_of)
        .view(views::record)
        .view(views::records)
        .view(views::records_of)
        .view(views::shared_with)
        .view(views::grant_of)
        .view(views::grants)
        .view(views::access)
        .view(views::may_open)
        .view(opening::opening)
        .view(opening::openings)
        .view(opening::may_release)
        .view(erasure::is_erased)
        .view(erasure::registrant)
        .view(erasure::erasures)
        .view(placement::keepers)
        .view(views::log)
}

/// Whether `who` may open the record `id` at the time `at` (zero: now), as the access list stands.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn may_open(ctx: &mut Context<'_>, id: B256, who: Address, at: u64) -> Outcome<bool> {
    views::may_open(
        &mut ctx.enter(ADDRESS),
        IRecords::mayOpenCall { id, who, at },
    )
}

/// Whether `who` may open the record `id` at the time `at` (zero: now), and why or why not.
///
/// # Errors
/// Out of gas, or what the machine runs into.
pub fn access(ctx: &mut Context<'_>, id: B256, who: Address, at: u64) -> Outcome<IRecords::Access> {
    views::access(
        &mut ctx.enter(ADDRESS),
        IRecords::accessCall { id, who, at },
    )
}

/// Says that these records are about to be read, so that a machine whose state lies on disk loads them in
/// one go.
///
/// # Errors
/// What the machine runs into.
pub fn fetch(ctx: &mut Context<'_>, ids: &[B256]) -> Outcome<()> {
    views::fetch(&mut ctx.enter(ADDRESS), ids)
}

/// Says that these readers are about to be let in to these records, asked for or shut out, so that a
/// machine whose state lies on disk loads what that touches in one go.
///
/// # Errors
/// What the machine runs into.
pub fn announce_readers(ctx: &mut Context<'_>, readers: &[(B256, Address)]) -> Outcome<()> {
    contract::announce_readers(&mut ctx.enter(ADDRESS), readers)
}

/// A record, as its view shows it.
///
/// # Errors
/// Rejects with `UnknownRecord`; out of gas, or what the machine runs into.
pub fn record(ctx: &mut Context<'_>, id: B256) -> Outcome<IRecords::Record> {
    views::record(&mut ctx.enter(ADDRESS), IRecords::recordCall { id })
}

/// A record that is about to be registered.
#[derive(Clone, Copy, Debug)]
pub struct Upcoming {
    /// Whose it will be.
    pub owner: Address,
    /// Its id.
    pub id: B256,
    /// The content's hash.
    pub content: B256,
    /// The sealed key's hash.
    pub sealed_key: B256,
}

/// Says what registering these will touch, so that a machine whose state lies on disk loads it in one go.
///
/// # Errors
/// What the machine runs into.
pub fn announce(ctx: &mut Context<'_>, upcoming: &[Upcoming]) -> Outcome<()> {
    contract::announce(&mut ctx.enter(ADDRESS), upcoming)
}

/// Registers content as `owner`'s, sealed to a day of a stream (days since 1970), on behalf of the calling
/// module, which must be `devices`.
///
/// # Errors
/// Rejects as the message `register` does; out of gas, or what the machine runs into.
pub fn register_in_stream(
    ctx: &mut Context<'_>,
    owner: Address,
    registration: IRecords::Registration,
    stream: B256,
    day: u32,
) -> Outcome<B256> {
    if ctx.module() != DEVICES {
        return Err(Fault::Fatal("only devices register in streams".to_owned()));
    }
    contract::register_in_stream(&mut ctx.enter(ADDRESS), owner, registration, stream, day)
}

/// Lets `grantee` open the record `id`, on behalf of the calling module, which must be the record's
/// manager. Times as in the interface.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn grant(ctx: &mut Context<'_>, call: IRecords::grantCall) -> Outcome<()> {
    contract::grant(&mut ctx.enter(ADDRESS), call)
}

/// Asks for a record's sealed key to be opened to a reader, on behalf of the calling module, which must
/// be the record's policy. Gives the request's number and what was decided.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn request_opening_for(
    ctx: &mut Context<'_>,
    call: IRecords::requestOpeningForCall,
) -> Outcome<(u64, IRecords::Access)> {
    let answer = opening::request_opening_for(&mut ctx.enter(ADDRESS), call)?;
    Ok((answer.number, answer.access))
}

/// Takes an entry back, on behalf of the calling module, which must be the record's manager.
///
/// # Errors
/// Rejects as the message does; out of gas, or what the machine runs into.
pub fn revoke(ctx: &mut Context<'_>, id: B256, grantee: Address) -> Outcome<()> {
    contract::revoke(
        &mut ctx.enter(ADDRESS),
        IRecords::revokeCall { id, grantee },
    )
}
