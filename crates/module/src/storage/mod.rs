//! Typed storage with written slot numbers, laid out as Solidity lays out storage, so that ordinary
//! tools can read it.
//!
//! - Each declared variable starts at the slot that is written beside it.
//! - A plain value takes the low-order bytes of its slot.
//! - The fields of a record ([`record!`](crate::record)) are packed from the low-order end in the
//!   order they are written; a field that does not fit into what is left of a slot starts the next.
//! - [`Text`] is Solidity's `string`: up to 31 bytes lie in the slot itself, longer texts at the
//!   keccak-256 of the slot.
//! - A [`Map`] is a `mapping`: the value of `k` lies at keccak-256(`k` ‖ slot).
//! - A [`List`] is `struct { uint64 count; mapping(uint64 => V) items; }`: two slots.
//!
//! What was never written reads as zero, as in Solidity.

mod handles;
mod layout;
mod record;
mod text;
mod word;

pub use handles::{Item, Key, List, Map, Place, Slot, Upcoming};
pub use layout::{Layout, Member, Variable, disjoint};
pub use record::{Reader, Value, Writer, words};
pub use text::Text;
pub use word::Field;

/// The number of a storage slot.
pub type SlotNumber = alloy_primitives::U256;

#[cfg(test)]
mod tests;
