//! The law of works on a network: what people ask of it and do by it.

mod award;
pub(crate) mod contract;
pub(crate) mod credit;
pub(crate) mod evidence;
mod forms;
pub(crate) mod order;
pub(crate) mod paper;
pub(crate) mod pay;
pub(crate) mod project;
pub(crate) mod site;
pub(crate) mod tender;

use alloy_primitives::{B256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};
use commonhold_sdk::Abis;
use commonhold_session::{Answer, Refused, Session};
use commonhold_works_contract::{
    ADDRESS, module,
    shape::{bytes_of, word},
};
use serde_json::{Value, json};

/// The interface of the law of works, so that its refusals are put into words.
pub fn abis() -> Abis {
    Abis::of(&module())
}

/// Asks the law.
pub(crate) fn ask<C: SolCall>(session: &dyn Session, call: &C) -> eyre::Result<C::Return> {
    Ok(session.client()?.call(ADDRESS, call)?)
}

/// Does something by the law, and tells what it said first of this kind.
fn act<E: SolEvent>(session: &dyn Session, call: &impl SolCall) -> eyre::Result<E> {
    let account = session.account()?;
    Ok(session.client()?.send_for_event(&account, ADDRESS, call)?)
}

/// Does something of which there is nothing to tell but that it is done.
fn done(
    session: &dyn Session,
    call: &impl SolCall,
    data: Value,
    text: &str,
) -> eyre::Result<Answer> {
    let account = session.account()?;
    session.client()?.send_call(&account, ADDRESS, call)?;
    Answer::of(&data, text)
}

/// A thing that was made, by its number.
fn made(name: &str, number: u64) -> eyre::Result<Answer> {
    Answer::of(&json!({ name: number }), number.to_string())
}

/// A text of at most 32 bytes, as the law keeps it.
fn short(text: &str) -> eyre::Result<B256> {
    if text.is_empty() || text.len() > 32 {
        let what = format!("{text:?} has not 1 to 32 bytes; shorten it");
        return Err(Refused(what).into());
    }
    Ok(word(text))
}

/// And back.
pub(crate) fn text(word: &B256) -> String {
    String::from_utf8_lossy(bytes_of(word)).into_owned()
}

/// What people wrote, as the law keeps it: by its hash. Nothing is nothing.
fn hashed(text: Option<&str>) -> B256 {
    text.map_or(B256::ZERO, keccak256)
}
