//! Members, and how they decide who is one.

mod changing;
mod coming;
mod founding;
mod upgrading;
mod voting;

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::SolEvent;
use commonhold_module::bench::account;
use commonhold_primitives::system::MEMBERS;
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_system::members::{
    forms::{admission, proof_message, rotation},
    interface::IMembers::{
        Seat, State, committeeOfCall, epochsCall, proposalCall, proposeAdmissionCall,
        proposeEndpointCall, proposeExpulsionCall, proposeKeyCall, voteCall,
    },
};

use crate::Desk;

const CHAIN: u64 = 1_337;
/// The account that is to act for the newcomer.
const NEW: Address = account(0xe5);

fn desk() -> Desk {
    Desk::of(MEMBERS)
}

/// The node of a member that is to come.
fn node(n: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(Algorithm::Ed25519, &[n; 32]).unwrap()
}

fn key(n: u8) -> B256 {
    B256::from_slice(node(n).key().bytes())
}

fn sign(n: u8, hash: B256) -> Bytes {
    Bytes::copy_from_slice(&node(n).sign(&proof_message(hash)))
}

/// An application of the organisation of this name, whose node has the `n`th key.
fn application(name: &str, n: u8, account: Address) -> proposeAdmissionCall {
    let endpoint = format!("{n}.new.example:9000");
    let hash = admission(CHAIN, name, key(n), &endpoint, account);
    proposeAdmissionCall {
        name: name.to_owned(),
        publicKey: key(n),
        endpoint,
        account,
        proof: sign(n, hash),
        reason: "runs the hospital of the valley".to_owned(),
    }
}

fn expulsion(number: u64) -> proposeExpulsionCall {
    proposeExpulsionCall {
        number,
        reason: "has been away since May".to_owned(),
    }
}

fn rekeying(number: u64, n: u8) -> proposeKeyCall {
    proposeKeyCall {
        number,
        publicKey: key(n),
        proof: sign(n, rotation(CHAIN, number, key(n))),
        reason: "the old disk was stolen".to_owned(),
    }
}

fn moving(number: u64, endpoint: &str) -> proposeEndpointCall {
    proposeEndpointCall {
        number,
        endpoint: endpoint.to_owned(),
        reason: "new data centre".to_owned(),
    }
}

fn vote(id: u64, approve: bool) -> voteCall {
    voteCall {
        id,
        approve,
        reason: "as agreed".to_owned(),
    }
}

/// Members 2 and 3 approve what member 1 proposed.
fn accept(desk: &mut Desk, id: u64) {
    assert_eq!(desk.send(account(2), vote(id, true)), Ok(State::Open));
    assert_eq!(desk.send(account(3), vote(id, true)), Ok(State::Accepted));
}

fn state(desk: &mut Desk, id: u64) -> State {
    desk.view(proposalCall { id }).unwrap().state
}

/// Goes on to the first block of an epoch.
fn enter(desk: &mut Desk, epoch: u64) {
    let blocks = desk.view(epochsCall {}).unwrap().blocks;
    desk.bench.at_block(epoch * blocks);
    assert_eq!(desk.view(epochsCall {}).unwrap().epoch, epoch);
}

/// Goes on to the last block of an epoch.
fn end(desk: &mut Desk, epoch: u64) {
    let blocks = desk.view(epochsCall {}).unwrap().blocks;
    desk.bench.at_block((epoch + 1) * blocks - 1);
    assert_eq!(desk.view(epochsCall {}).unwrap().epoch, epoch);
}

fn committee(desk: &mut Desk, epoch: u64) -> Vec<Seat> {
    desk.view(committeeOfCall { epoch }).unwrap()
}

/// The numbers of those who are in an epoch.
fn numbers(desk: &mut Desk, epoch: u64) -> Vec<u64> {
    let seats = committee(desk, epoch);
    seats.into_iter().map(|seat| seat.number).collect()
}

/// Checks that the last call emitted this event.
#[track_caller]
fn told<E: SolEvent + PartialEq + std::fmt::Debug>(desk: &Desk, event: E) {
    assert_eq!(desk.bench.events::<E>(), [event]);
}
