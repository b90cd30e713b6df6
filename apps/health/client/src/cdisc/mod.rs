//! Trial data and protocols in the standards of CDISC: Dataset-JSON 1.1, Define-XML 2.1, USDM 4.0.
//!
//! The bytes stay as they came, so a data set that goes out again is the one that came in.

pub(crate) mod dataset;
pub(crate) mod define;
pub mod usdm;
