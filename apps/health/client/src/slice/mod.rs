//! Slices: the parts of what is read in, each with a key of its own.
//!
//! Rights are keys, and whoever has the key of a file has all of it. So what may be shared separately is
//! cut apart before it is encrypted: by person, by [`Class`], and by whether it is *restricted*, which is
//! whatever carries a label or a code that makes it more sensitive than its class ([`Sensitivity`]).
//! Beside these stands the emergency slice: copies of what an emergency cannot do without. What is
//! restricted is not in it; where something was left out for that, the slice is labelled `REDACTED`, so
//! that whoever reads it knows that there is more.
//!
//! The bytes of a slice follow from what was read in alone: the resources by type and id, as they were
//! spelt, without white space between values, in a FHIR `collection` bundle or one to a line. Slices of
//! FHIR name what other slices hold by its id alone.
//!
//! Lengths tell: an empty list of allergies is short. So the slices made here are filled up with blanks
//! before their last line break to a multiple of 1 KiB, which readers of JSON pass over: all restricted
//! and emergency slices, and of the others the small ones. Files that are kept as they came are not
//! changed by a byte.

mod class;
pub(crate) mod codes;
pub(crate) mod content;
pub(crate) mod sensitivity;

pub use class::Class;
pub use content::{Content, Form, Slice};
pub use sensitivity::Sensitivity;
