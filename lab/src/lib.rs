//! Whole networks in the deterministic simulator, for tests.
//!
//! The members run the production engine, pool, machine and modules; only clock, network and disk are
//! simulated. A seed fixes everything: two runs with one seed are the same to the last message.
//!
//! * [`founding`]: keys, shares, genesis document and people of a network.
//! * [`member`]: one member as the simulator starts, crashes and restarts it; [`life`]: one of its lives.
//! * [`guard`]: how members cut off peers that misbehave.
//! * [`world`]: what is watched from outside the members, across their lives: what each was told is
//!   final, and what each acknowledged.
//! * [`load`]: the clients.
//! * [`readers`]: people who seal records to the network, and have them opened.
//! * [`gateways`]: gateways beside members, and devices that send to them.
//! * [`town`]: people who use the network by the words of the command line.
//! * [`byzantine`]: members that break the rules.
//! * [`checker`]: what must hold after every scenario.
//! * [`faults`]: links, and what happens to links and members at set times.
//! * [`distances`]: links as long as those between cities; [`figures`]: how fast a run was.
//! * [`ceremonies`]: what blocks say of the ceremonies of epochs.
//! * [`scenario`]: puts these together for one seed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support"
)]

pub mod byzantine;
pub mod ceremonies;
pub mod checker;
pub mod distances;
pub mod faults;
pub mod figures;
pub mod founding;
pub mod gateways;
pub mod guard;
pub mod life;
pub mod load;
pub mod member;
pub mod model;
pub mod peers;
pub mod readers;
pub mod scenario;
pub mod script;
pub mod town;
pub mod world;
