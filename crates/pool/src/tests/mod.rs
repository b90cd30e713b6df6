//! What the pool promises, case by case and as properties.

mod admission;
mod floods;
mod invariants;
mod journal;
mod leaving;
mod ledger;
mod line;
mod network;
mod properties;
mod room;
mod selection;
mod submission;
mod support;
