//! A member that follows the chain honestly, and is false when something is to be opened.

use std::sync::Arc;

use commonhold_seal::{Held, Holding, Holdings, SealShare};
use commonware_cryptography::ed25519::PrivateKey;
use commonware_utils::sync::Mutex;

use super::{Conduct, OPENING, server::Verdict};
use crate::{founding::Founding, readers::deceit::Deceiver};

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perjury {
    /// Its partials are made with another share. Its answers are signed correctly, and only their
    /// reader can see what is in them.
    WrongShare,
    /// Its answers are signed with another key.
    WrongKey,
    /// Whatever it is asked, it answers the first request that it was asked for.
    AnotherRequest,
    /// It asks, and never answers.
    Mute,
    /// Its clients get lies from it.
    Deceive,
    /// It asks all members for everything, all the time, whatever the ledger says.
    Pry,
}

/// First byte of an answer to a request, and of a partial of a time.
const ANSWERS: [u8; 2] = [1, 2];
/// Bytes before what a message is about: what it is, and the number of the question.
const FRAME: usize = 9;

/// With which shares, and under which key, a member answers: the truth, but for two kinds of liars. The one
/// with another share lies in the first epoch.
pub fn answering(
    founding: &Founding,
    member: usize,
    conduct: Option<Conduct>,
    holdings: Holdings,
) -> (Holdings, PrivateKey) {
    let other = (member + 1) % founding.identities.len();
    let key = founding.identities[member].clone();
    match conduct {
        Some(Conduct::Open(Perjury::WrongShare)) => {
            let secret = founding.seal_shares[other].secret_bytes();
            let place = founding.seal_shares[member].member();
            let wrong = SealShare::from_secret_bytes(place, &secret).expect("a share");
            let lying = Holdings::default();
            lying.set(Held {
                current: Some(Arc::new(Holding {
                    share: Some(wrong),
                    ..founding.first_holding(None)
                })),
                ..Held::default()
            });
            (lying, key)
        }
        Some(Conduct::Open(Perjury::WrongKey)) => (holdings, founding.identities[other].clone()),
        _ => (holdings, key),
    }
}

/// How it deceives its clients, if it does.
pub fn deceiver(
    founding: &Founding,
    member: usize,
    conduct: Option<Conduct>,
) -> Option<Arc<Mutex<Deceiver>>> {
    let deceives = conduct == Some(Conduct::Open(Perjury::Deceive));
    deceives.then(|| {
        let share = founding.seal_shares[member].clone();
        let key = founding.identities[member].clone();
        Arc::new(Mutex::new(Deceiver::new(
            share,
            key,
            founding.group.members(),
        )))
    })
}

/// One liar. Clones share what it remembers.
#[derive(Clone)]
pub struct Perjurer {
    perjury: Perjury,
    first: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Perjurer {
    /// Lies in one way.
    pub fn new(perjury: Perjury) -> Self {
        Self {
            perjury,
            first: Arc::default(),
        }
    }

    /// What becomes of a message that its desk sends, and whether it is a lie.
    pub fn judge(&self, channel: u64, message: &[u8]) -> (Verdict, bool) {
        let truth = (Verdict::Pass, false);
        if channel != OPENING || !message.first().is_some_and(|kind| ANSWERS.contains(kind)) {
            return truth;
        }
        match self.perjury {
            Perjury::WrongShare | Perjury::WrongKey => (Verdict::Pass, true),
            Perjury::Mute => (Verdict::Drop, true),
            Perjury::AnotherRequest => {
                let mut first = self.first.lock();
                let first = first.get_or_insert_with(|| message.to_vec());
                let mut lie = message.to_vec();
                let same_kind = first.len() == lie.len();
                if let (true, Some(about), Some(other)) =
                    (same_kind, lie.get_mut(FRAME..), first.get(FRAME..))
                {
                    about.copy_from_slice(other);
                }
                if lie == message {
                    truth
                } else {
                    (Verdict::Instead(lie), true)
                }
            }
            Perjury::Deceive | Perjury::Pry => truth,
        }
    }
}
