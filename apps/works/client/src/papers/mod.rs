//! What people put into a folder: payment certificates as PDF, each with its stamp in codes of squares.

mod certificate;
pub mod codes;

pub(crate) use certificate::{PaperArgs, paper};
