//! A member that follows the chain honestly, and answers with lies what other members ask: for
//! certificates, blocks, state, and where to start.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::keccak256;
use commonware_utils::sync::Mutex;

use super::{BACKFILL, BROADCAST, CERTIFICATE, PROBE, RESOLVER, STATE, garbage, lane};

/// What it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Falsehood {
    /// The truth with one bit changed.
    Flipped,
    /// Half of the truth.
    Cut,
    /// An answer of the right form with nothing in it.
    Empty,
    /// The answer to another question: true, and not what was asked for. Who asks for blocks gets the
    /// first one that this member proposed, who asks where to start the oldest certificate.
    Another,
    /// Nothing at all.
    Never,
}

impl Falsehood {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Flipped,
        Self::Cut,
        Self::Empty,
        Self::Another,
        Self::Never,
    ];
}

/// First byte of a certificate that makes a block final.
const FINALISATION: u8 = 2;
/// First byte of an answer on the probe's channel that names the newest certificate.
const FOUND: u8 = 5;

/// What becomes of a message.
pub enum Verdict {
    /// It goes out as it is.
    Pass,
    /// It does not go out.
    Drop,
    /// This goes out in its place.
    Instead(Vec<u8>),
}

/// One liar. Clones share what it remembers.
#[derive(Clone)]
pub struct Server {
    falsehood: Falsehood,
    /// Per channel, a true answer to some question.
    memory: Arc<Mutex<BTreeMap<u64, Vec<u8>>>>,
}

impl Server {
    /// Lies in one way.
    pub fn new(falsehood: Falsehood) -> Self {
        Self {
            falsehood,
            memory: Arc::default(),
        }
    }

    /// What becomes of a message that its engine sends.
    pub fn judge(&self, channel: u64, message: &[u8]) -> Verdict {
        let (epoch, message) = lane::split(channel, message);
        let lie = match channel {
            CERTIFICATE => {
                if let Some((&FINALISATION, certificate)) = message.split_first() {
                    self.remember(PROBE, certificate);
                }
                None
            }
            BROADCAST => {
                self.remember(BACKFILL, message);
                None
            }
            RESOLVER | BACKFILL | STATE => {
                garbage::replace(message, |truth| self.falsify(channel, truth))
            }
            PROBE => match message.split_first() {
                Some((&FOUND, truth)) => Some([&[FOUND], &*self.falsify(PROBE, truth)].concat()),
                _ => None,
            },
            _ => None,
        };
        match lie {
            None => Verdict::Pass,
            Some(_) if self.falsehood == Falsehood::Never => Verdict::Drop,
            // It remembers no other answer yet.
            Some(lie) if lie == message => Verdict::Pass,
            Some(lie) => Verdict::Instead([epoch, &lie].concat()),
        }
    }

    fn falsify(&self, channel: u64, truth: &[u8]) -> Vec<u8> {
        let mut lie = truth.to_vec();
        match self.falsehood {
            Falsehood::Flipped => {
                let dice = u64::from_be_bytes(keccak256(truth)[..8].try_into().expect("8 bytes"));
                let at = dice % u64::try_from(truth.len()).unwrap_or(1).max(1);
                garbage::flip(&mut lie, usize::try_from(at).unwrap_or_default());
            }
            Falsehood::Cut => lie.truncate(truth.len() / 2),
            Falsehood::Empty | Falsehood::Never => lie.clear(),
            Falsehood::Another => {
                let memory = self.memory.lock();
                let other = memory.get(&channel).or_else(|| memory.values().next());
                lie = other.cloned().unwrap_or(lie);
            }
        }
        lie
    }

    fn remember(&self, channel: u64, truth: &[u8]) {
        let mut memory = self.memory.lock();
        memory.entry(channel).or_insert_with(|| truth.to_vec());
    }
}
