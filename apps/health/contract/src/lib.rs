//! The law of health: who gets whose data, for what, and until when.

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod codes;
pub mod consent;
pub mod diseases;
pub mod duo;
pub mod interface;
pub mod leave;
pub mod limits;
pub mod outcomes;
pub mod voting;
