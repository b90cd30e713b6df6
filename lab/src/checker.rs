//! What must hold after every scenario, whatever happened in it.
//!
//! * No two honest members were told of different blocks, states or receipts at a height, and none was
//!   told twice of one height with a difference.
//! * Heights have no gaps; a member that joined late starts somewhere, every other one at 1.
//! * Executed once more over a plain map, every block gives what its header says, no money appears or
//!   vanishes, the modules' invariants hold.
//! * No transaction is in two blocks. What a living member acknowledged is final.
//! * What the [readers](crate::readers) watched: who was answered, with what, and when.
//! * What people [were told](crate::town), and that they opened what the ledger says and nothing else.
//! * What [gateways](crate::gateways) acknowledged to devices is on the ledger, once.
//! * No honest member cut off an honest one.
//! * What a member was told is final it still serves, with a certificate that the network key
//!   verifies, and its state is the model's.

use std::collections::{BTreeMap, BTreeSet};

use alloy_eips::eip2935::HISTORY_STORAGE_ADDRESS;
use alloy_primitives::{B256, keccak256};
use commonhold_primitives::{
    Block, Finalised, StateKey,
    consensus::{Certificate, Scheme},
};
use commonhold_state::Db;
use commonware_glue::stateful::db::{DatabaseSet, Shared};
use commonware_parallel::Sequential;
use commonware_runtime::deterministic;
use commonware_utils::{TestRng, channel::oneshot};

use crate::{
    founding::Founding,
    member::{Door, Member},
    model::Model,
    world::{World, difference},
};

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Two members were told of different things at one height.
    Fork {
        /// The height.
        number: u64,
        /// The members.
        members: (usize, usize),
        /// What differs.
        what: &'static str,
    },
    /// Two certificates of the network exist for different blocks of one round or height.
    Equivocation(B256, B256),
    /// Anything else, in words.
    Broken(String),
}

fn broken<T>(what: String) -> Result<T, Violation> {
    Err(Violation::Broken(what))
}

/// Block 0 of a simulated network.
pub fn genesis_block(founding: &Founding) -> Block {
    type Databases = Shared<Db<deterministic::Context, Sequential>>;
    let empty = <Databases as DatabaseSet<deterministic::Context>>::initial_sync_targets();
    founding
        .genesis
        .block(empty.root, empty.range)
        .expect("genesis block")
}

/// Checks what members were told, against each other and against the model. `late` members joined by
/// state sync. Gives the model after the last block that anybody was told of.
///
/// # Errors
/// The first promise that was broken.
pub fn check_histories(
    founding: &Founding,
    histories: &[BTreeMap<u64, Finalised>],
    late: &BTreeSet<usize>,
    forbidden: &BTreeSet<B256>,
) -> Result<Model, Violation> {
    let mut model = Model::new(founding, genesis_block(founding));
    let mut seen = BTreeMap::new();
    let top = histories
        .iter()
        .filter_map(|h| h.keys().next_back())
        .max()
        .copied()
        .unwrap_or(0);
    for (member, history) in histories.iter().enumerate() {
        let (Some(first), Some(last)) = (history.keys().next(), history.keys().next_back()) else {
            continue;
        };
        let count = u64::try_from(history.len()).unwrap_or(u64::MAX);
        if (*first != 1 && !late.contains(&member)) || count != last - first + 1 {
            return broken(format!(
                "member {member} was told of {count} blocks from {first} to {last}"
            ));
        }
    }
    for number in 1..=top {
        let mut told = histories
            .iter()
            .enumerate()
            .filter_map(|(m, h)| Some((m, h.get(&number)?)));
        let Some((first, reference)) = told.next() else {
            return broken(format!("nobody was told of block {number}"));
        };
        for (member, other) in told {
            if let Some(what) = difference(reference, other) {
                return Err(Violation::Fork {
                    number,
                    members: (first, member),
                    what,
                });
            }
            model.witnessed(other).map_err(Violation::Broken)?;
        }
        if forbidden.contains(&reference.block.hash()) {
            return broken(format!("block {number} breaks the rules and is final"));
        }
        for raw in reference.block.transactions() {
            if let Some(before) = seen.insert(keccak256(raw), number) {
                return broken(format!(
                    "a transaction is in block {before} and in block {number}"
                ));
            }
        }
        model.apply(reference).map_err(Violation::Broken)?;
    }
    match model.broken_invariants().first() {
        Some(first) => broken(first.clone()),
        None => Ok(model),
    }
}

/// Whether two certificates, both valid under the network key, contradict each other: more than a
/// third of the members signed both.
///
/// # Errors
/// [`Violation::Equivocation`] if so; [`Violation::Broken`] where one is not even valid.
pub fn check_certificates(
    verifier: &Scheme,
    a: (&Certificate, &Block),
    b: (&Certificate, &Block),
) -> Result<(), Violation> {
    for (certificate, block) in [a, b] {
        if !certificate.verify(&mut TestRng::new(0), verifier, &Sequential) {
            return broken(format!(
                "the certificate of block {} is not valid",
                block.number()
            ));
        }
        if certificate.proposal.payload.0 != block.hash() {
            return broken(format!(
                "the certificate of block {} is another's",
                block.number()
            ));
        }
    }
    let same_place = a.1.number() == b.1.number() || a.0.proposal.round == b.0.proposal.round;
    if same_place && a.1.hash() != b.1.hash() {
        return Err(Violation::Equivocation(a.1.hash(), b.1.hash()));
    }
    Ok(())
}

/// Checks everything, at the end of a run, with the members that are up.
///
/// # Errors
/// The first promise that was broken.
pub async fn check(
    founding: &Founding,
    world: &World,
    late: &BTreeSet<usize>,
    byzantine: impl Fn(usize) -> bool,
    members: &[&Member],
) -> Result<(), Violation> {
    let (mut histories, forbidden, owed) = world.with(|w| {
        let opened = w.readers.iter().flat_map(|readers| &readers.violations);
        let taken = w.gateways.iter().flat_map(|gateways| &gateways.violations);
        let broken = w.violations.iter().chain(&w.load.refused);
        let mut broken = broken.chain(opened).chain(taken);
        if let Some(first) = broken.next() {
            return Err(Violation::Broken(first.clone()));
        }
        Ok((w.histories.clone(), w.forbidden.clone(), w.owed()))
    })?;
    // What a member that breaks the rules thinks is nobody's promise.
    for (_, history) in histories
        .iter_mut()
        .enumerate()
        .filter(|(member, _)| byzantine(*member))
    {
        history.clear();
    }
    if let Some((life, hash)) = owed.iter().find(|(life, _)| !byzantine(life.0)) {
        return broken(format!("{life:?} acknowledged {hash}, which is not final"));
    }
    let cut_off = world.with(|w| w.cut_off.clone());
    if let Some((a, b)) = cut_off
        .iter()
        .find(|(a, b)| !byzantine(*a) && !byzantine(*b))
    {
        return broken(format!("member {a} cut off member {b}, both honest"));
    }
    let model = check_histories(founding, &histories, late, &forbidden)?;
    let books = world.with(|w| match &mut w.gateways {
        Some(gateways) => gateways.check(founding, &model),
        None => Ok(()),
    });
    books.map_err(Violation::Broken)?;
    let told = world.with(|w| match (&w.town, &w.readers) {
        (Some(town), Some(readers)) => town.check(&readers.law),
        _ => Ok(()),
    });
    told.map_err(Violation::Broken)?;
    for member in members {
        let Some(door) = member.door() else { continue };
        let certified = serves(founding, member.index, &door, &histories[member.index]).await?;
        world.with(|w| w.certified.extend(certified));
        holds(member.index, &door, &model).await?;
    }
    Ok(())
}

/// The member serves what it was told. Gives the heights whose certificates it has.
async fn serves(
    founding: &Founding,
    index: usize,
    door: &Door,
    history: &BTreeMap<u64, Finalised>,
) -> Result<Vec<u64>, Violation> {
    let durable = door.ledger.processed().await.unwrap_or_default();
    let mut certified = Vec::new();
    for (number, told) in history.range(..=durable) {
        let Ok(Some(served)) = door.ledger.finalised(*number).await else {
            return broken(format!("member {index} no longer serves block {number}"));
        };
        if let Some(what) = difference(told, &served) {
            return broken(format!(
                "member {index} serves block {number} with another {what}"
            ));
        }
        if let Some(certificate) = door.ledger.certificate(*number).await {
            let own = (&certificate, &served.block);
            check_certificates(&founding.verifier, own, own)?;
            certified.push(*number);
        }
    }
    if durable > 0 && certified.is_empty() {
        return broken(format!("member {index} has no certificate at all"));
    }
    Ok(certified)
}

/// The member's state is the model's, but for the history contract, which every empty block moves on.
async fn holds(index: usize, door: &Door, model: &Model) -> Result<(), Violation> {
    let moves = |key: &StateKey| matches!(key, StateKey::Slot(HISTORY_STORAGE_ADDRESS, _));
    let keys: Vec<StateKey> = model
        .state
        .keys()
        .filter(|key| !moves(key))
        .copied()
        .collect();
    for part in keys.chunks(200) {
        let (answer, answered) = oneshot::channel();
        let asked = door.questions.send((part.to_vec(), answer)).await;
        let found = match (asked, answered.await) {
            (Ok(()), Ok(found)) => found,
            _ => return broken(format!("member {index} does not read its state")),
        };
        for (key, value) in found {
            if model.state.get(&key) != value.as_ref() {
                return broken(format!("member {index} holds another value at {key:?}"));
            }
        }
    }
    Ok(())
}
