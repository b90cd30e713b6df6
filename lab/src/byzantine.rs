//! Members that break the rules.
//!
//! Some have no state and only answer what they hear. The others run the honest engine, and something
//! stands between it and the network ([`hand`]), or speaks beside it ([`babbler`], [`storm`]).

use commonhold_chain::network::CHANNELS;
use commonhold_primitives::consensus::MemberKey;
use commonware_p2p::simulated;
use commonware_runtime::deterministic;

pub mod babbler;
pub mod dealer;
pub mod garbage;
pub mod hand;
pub mod lane;
pub mod perjurer;
pub mod proposer;
pub mod pry;
pub mod server;
pub mod storm;
pub mod twins;
pub mod voter;

/// How a member breaks the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// It is there and says nothing.
    Silent,
    /// It follows the chain and proposes blocks that are wrong in one way.
    Propose(proposer::Lie),
    /// It signs votes that nobody honest signs.
    Vote(voter::Vote),
    /// It follows the chain, and sends garbage on these channels besides.
    Babble(&'static [u64]),
    /// It follows the chain, and sends as much as it can besides.
    Storm(storm::Storm),
    /// It is two: twins with one key, each with state and pool of its own. These members hear the
    /// first one only, all others the second one only.
    Twins(&'static [usize]),
    /// It follows the chain, and answers what others ask with lies.
    Answer(server::Falsehood),
    /// It follows the chain, and is false when shares are dealt.
    Deal(dealer::Misdeal),
    /// It follows the chain, and is false when something is to be opened.
    Open(perjurer::Perjury),
}

/// Votes.
pub const VOTE: u64 = CHANNELS[0];
/// Certificates.
pub const CERTIFICATE: u64 = CHANNELS[1];
/// Fetching certificates.
pub const RESOLVER: u64 = CHANNELS[2];
/// Fetching blocks.
pub const BACKFILL: u64 = CHANNELS[3];
/// Blocks.
pub const BROADCAST: u64 = CHANNELS[4];
/// State operations.
pub const STATE: u64 = CHANNELS[5];
/// Where to start a state sync from.
pub const PROBE: u64 = CHANNELS[6];
/// What members deal to each other in an epoch.
pub const RESHARE: u64 = CHANNELS[7];
/// Pending transactions.
pub const GOSSIP: u64 = CHANNELS[8];
/// Questions for openings.
pub const OPENING: u64 = CHANNELS[9];

/// Sends on a channel of the simulated network.
pub type Outlet = simulated::Sender<MemberKey, deterministic::Context>;
/// Receives on a channel of the simulated network.
pub type Inlet = simulated::Receiver<MemberKey>;
