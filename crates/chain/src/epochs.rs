//! Epochs: one consensus after another, each under its own shares of one network key.
//!
//! * [`Schemes`] keeps who signs in which epoch, and as what this member does.
//! * [`Secrets`] keeps this member's shares and what it was dealt, encrypted, until they are of no use.
//! * [`Committees`] says who comes next, by the ledger.
//!
//! The engine's own parts do the rest: `dkg::reshare` runs the ceremony of each epoch and writes what it
//! says in public into blocks, `dkg::orchestrator` runs one consensus an epoch. A ceremony that fails
//! carries the old shares on, and nothing stops.
//!
//! # Invariants
//!
//! * The last block of an epoch names the next epoch's members, as every member computes them from
//!   state that was final before: one that names others is refused by whoever verifies it.
//! * A share is on the disk before it is used, and what a dealer dealt grows from a seed that is on the
//!   disk before anything is sent. So a member that is killed deals the same again.

mod committees;
mod schemes;
mod secrets;

pub(crate) use committees::LateState;
pub use committees::{Committee, Committees, Membership};
pub use schemes::{Schemes, scheme};
pub use secrets::{Secrets, SecretsError};
