//! Members that break the rules.

pub mod flooder;
pub mod proposer;
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
    /// It follows the chain, and sends garbage in the place of transactions.
    Flood,
}
