//! The authenticated state: how accounts, slots and code become cells of QMDB, and how anyone
//! checks one of them against a header's state root.
//!
//! Every entry is one or more *cells*: 32-byte key, 64-byte value. Cells have a fixed size because
//! values of varying size cannot be state-synced. The database is the ordered variant of QMDB's
//! `current`, so that the absence of a key can be proven as well as its value.

pub mod cell;
pub mod db;
pub mod limits;
pub mod load;
pub mod proof;

pub use cell::{Cell, CellError, CellKey};
pub use db::{Db, Family};
pub use load::{Cells, LoadError, load};
pub use proof::{ProofError, StateProof};
