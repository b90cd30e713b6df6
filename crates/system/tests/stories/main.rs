//! Stories: what people do with the system modules, and what they are told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod accounts;
mod devices;
mod guardians;
mod members;
mod records;
mod roles;
mod seals;
mod token;

use std::fmt::Debug;

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, SolError};
use commonhold_module::{
    Outcome,
    bench::{Bench, account, genesis},
};

const ANNA: Address = account(0xa1);
const BEN: Address = account(0xb2);
const CARLA: Address = account(0xc3);

/// A network of four members, in its first block.
fn network() -> Bench {
    let mut bench = Bench::new(commonhold_system::modules()).unwrap();
    bench.genesis(&genesis(4)).unwrap();
    bench
}

/// Checks that a call was turned away with this error.
#[track_caller]
fn refused<T, E: SolError + PartialEq + Debug>(outcome: Outcome<T>, expected: E) {
    let Err(fault) = outcome else {
        panic!("went through instead of {expected:?}")
    };
    assert_eq!(fault.decode::<E>().ok_or(fault), Ok(expected));
}

/// One module of the network, to be spoken to.
struct Desk {
    bench: Bench,
    address: Address,
}

impl Desk {
    fn of(address: Address) -> Self {
        Self {
            bench: network(),
            address,
        }
    }

    fn send<C: SolCall>(&mut self, from: Address, call: C) -> Outcome<C::Return> {
        let outcome = self.bench.send(from, self.address, call);
        assert_eq!(self.bench.invariants(), Ok(vec![]));
        outcome
    }

    fn view<C: SolCall>(&mut self, call: C) -> Outcome<C::Return> {
        self.bench.view(self.address, call)
    }
}
