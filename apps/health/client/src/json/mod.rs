//! JSON as it comes from outside: cut into values without holding more than one ([`Cursor`]), read into
//! a tree that a key stands in once ([`Node`]), and looked at from above ([`Sketch`]).
//!
//! Values keep their spelling. FHIR says that the digits of a decimal number are part of what it says
//! (1.50 is measured more finely than 1.5), and a data set must come back as it was; so no number is
//! ever read and written again, and all that is taken away is white space between values.

mod canonical;
mod cursor;
mod sketch;
mod tree;

pub(crate) use canonical::canonical;
pub(crate) use cursor::{Cursor, Limit};
pub(crate) use sketch::Sketch;
pub(crate) use tree::{Node, parse};
