//! Works.
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]
pub mod limits;
pub mod number;
pub mod sor;
pub mod trace;
