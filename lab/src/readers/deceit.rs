//! A member that answers its own clients with lies. It has one share, one identity key, and everything
//! that passed through its hands.

use commonhold_seal::{
    Answer, Identity, Partial, PartialOpening, ReaderKey, RecordIdentity, Request, SealShare,
};
use commonware_cryptography::ed25519::PrivateKey;
use commonware_utils::TestRng;

/// Answers that are remembered.
const REMEMBERED_MAX: usize = 16;
/// Ways to lie.
const WAYS: u64 = 6;

/// One liar.
pub struct Deceiver {
    share: SealShare,
    identity: PrivateKey,
    /// How many members there are.
    places: u32,
    earlier: Vec<(u64, Answer)>,
}

impl Deceiver {
    /// The member that has this share and this key, among so many.
    pub const fn new(share: SealShare, identity: PrivateKey, places: u32) -> Self {
        Self {
            share,
            identity,
            places,
            earlier: Vec::new(),
        }
    }

    /// What it shows in the place of the answers to a request.
    pub fn falsify(
        &mut self,
        dice: u64,
        request: &Request<'_>,
        reader: &ReaderKey,
        answers: Vec<Answer>,
    ) -> Vec<Answer> {
        let shown = match dice % WAYS {
            // One with a bit changed.
            0 => changed(&answers, dice),
            // One under the name of another member.
            1 => renamed(&answers, self.places),
            // One in the place of all.
            2 => answers
                .first()
                .into_iter()
                .cycle()
                .take(8)
                .cloned()
                .collect(),
            // Answers to another request.
            3 => {
                let others = self.earlier.iter().filter(|(n, _)| *n != request.sequence);
                others.map(|(_, answer)| answer.clone()).collect()
            }
            // Made up, in everybody's name.
            4 => (0..self.places)
                .filter_map(|place| self.made_up(place, dice, request, reader))
                .collect(),
            // Too few.
            _ => answers.iter().skip(2).cloned().collect(),
        };
        for answer in answers {
            if self.earlier.len() < REMEMBERED_MAX {
                self.earlier.push((request.sequence, answer));
            }
        }
        shown
    }

    fn made_up(
        &self,
        place: u32,
        dice: u64,
        request: &Request<'_>,
        reader: &ReaderKey,
    ) -> Option<Answer> {
        let identity = RecordIdentity {
            record: request.record,
            epoch: 0,
        };
        let own = self.share.partial(&Identity::from(identity).here());
        let partial = Partial::from_signature(place, own.signature().as_slice()).ok()?;
        let rng = &mut TestRng::new(dice);
        let sealed = PartialOpening::seal(&partial, request, reader, rng).ok()?;
        Some(sealed.sign(request, &self.identity))
    }
}

/// Changes one bit of one answer.
fn changed(answers: &[Answer], dice: u64) -> Vec<Answer> {
    let mut shown = answers.to_vec();
    let which = usize::try_from(dice >> 8).unwrap_or_default() % answers.len().max(1);
    if let Some(answer) = shown.get_mut(which) {
        let mut bytes = answer.to_bytes();
        let bit = usize::try_from(dice >> 32).unwrap_or_default() % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Answer::from_bytes(&bytes) {
            *answer = other;
        }
    }
    shown
}

/// Every answer under the name of the next member.
fn renamed(answers: &[Answer], places: u32) -> Vec<Answer> {
    let rename = |answer: &Answer| {
        let mut bytes = answer.to_bytes();
        let next = (answer.member() + 1) % places;
        bytes[..4].copy_from_slice(&next.to_be_bytes());
        Answer::from_bytes(&bytes).ok()
    };
    answers.iter().filter_map(rename).collect()
}
