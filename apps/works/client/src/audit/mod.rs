//! `commonhold works audit`: all of a project in one directory, with the proof that it is all; and its check,
//! offline, with the network's key alone.
//!
//! ```text
//! traces/N-FIBRE-NM-END.sor       each raw file, as it was brought; N is the evidence's number
//! traces/N-FIBRE-NM-END.reading   what the instrument signed about it
//! traces/N-SECTOR.s1p, .reading   and of a sector of a radio site
//! rulesets/HASH.arl               texts that contracts pin; keccak-256 of one is its hash
//! verdicts.json                   of each fibre and try: files, findings, what every rule says, what followed
//! registers/*.csv                 documents, transmittals, notices, defects, bills, certificates and so on
//! acts.csv                        who signed what when, from project to payment
//! proof/works.json                of which project, of which network
//! proof/state-0001.json           stamps of what `works` and `devices` hold: every list with its count
//! proof/tx-HASH.json              stamps of the transactions in which it was done
//! index.json                      every other file with its length and SHA-256
//! ```
//!
//! Everything but stamps is made of stamps, by the same code when it is written and when it is checked
//! ([`gather`], [`files`]): who changes a byte, adds or leaves out a file differs from what is made again. Lists
//! on the ledger only grow and their counts are proven, so an entry that is left out is missed. Beyond that the
//! check reads each raw file again ([`again`]): the instrument's key verifies its reading, the nonce is the
//! order's, and the contract's own rules come to the same findings and the same verdict.
//!
//! Not in it: credit, which is of parties and not of a project, and the contents of what stands in registers by
//! its hash.

pub(crate) mod again;
pub mod check;
pub(crate) mod exchange;
pub(crate) mod files;
pub(crate) mod gather;
pub(crate) mod index;
mod offline;
mod online;
pub(crate) mod proof;
pub(crate) mod registers;
pub(crate) mod verb;
