//! Programmes of work: Microsoft Project XML (MSPDI) and Primavera XER.

pub mod mspdi;
pub mod xer;
