//! Messages that nobody honest sends: noise, and real messages with something wrong in them.

use std::ops::Range;

use bytes::Bytes;
use commonware_codec::{Copying, Decode as _, Encode as _, RangeCfg};
use rand_core::Rng;

/// Where a message of a channel on which members ask and answer carries what it is about. Before that
/// stand the number of the question (8 bytes) and what the message is (1 byte).
const FRAME: usize = 9;
const REQUEST: u8 = 0;
const RESPONSE: u8 = 1;
const NOTHING: u8 = 2;
/// Bytes of noise in a message.
const NOISE: Range<usize> = 0..4_096;

/// Bytes out of nothing.
pub fn noise(dice: &mut impl Rng) -> Vec<u8> {
    let mut bytes = vec![0; below(dice, NOISE.end)];
    dice.fill_bytes(&mut bytes);
    bytes
}

/// A real message with something wrong in it: most of the time its frame still holds.
pub fn spoil(dice: &mut impl Rng, message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    let at = below(dice, bytes.len());
    match below(dice, 5) {
        0 => flip(&mut bytes, at),
        1 => bytes.truncate(at),
        2 => bytes.extend(noise(dice)),
        // A number at its largest: a length, a height, a view.
        3 => bytes.iter_mut().skip(at).take(8).for_each(|b| *b = 0xff),
        _ => bytes.extend_from_within(..),
    }
    bytes
}

/// Changes one bit.
pub fn flip(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << (at % 8);
    }
}

/// An answer to a question that was heard. `None` where the message is no question.
pub fn answer(question: &[u8], body: Vec<u8>) -> Option<Vec<u8>> {
    let (id, tag) = (question.get(..FRAME - 1)?, question.get(FRAME - 1)?);
    (*tag == REQUEST).then(|| framed(id, body))
}

/// A question about anything, under a number that is nobody's.
pub fn question(dice: &mut impl Rng) -> Vec<u8> {
    let mut bytes = dice.next_u64().to_be_bytes().to_vec();
    bytes.push(REQUEST);
    let about = noise(dice);
    bytes.extend(about.iter().take(40));
    bytes
}

/// Replaces what an answer is about. `None` where the message is no answer.
pub fn replace(message: &[u8], other: impl FnOnce(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    let (frame, rest) = message.split_at_checked(FRAME)?;
    if frame.last() != Some(&RESPONSE) {
        return None;
    }
    let body = Bytes::decode_cfg(Copying(rest), &RangeCfg::from(..)).ok()?;
    Some(framed(&frame[..FRAME - 1], other(&body)))
}

/// That there is nothing to give, in the place of an answer. `None` where the message is no answer.
pub fn refuse(message: &[u8]) -> Option<Vec<u8>> {
    let (id, tag) = (message.get(..FRAME - 1)?, message.get(FRAME - 1)?);
    (*tag == RESPONSE).then(|| [id, &[NOTHING]].concat())
}

fn framed(id: &[u8], body: Vec<u8>) -> Vec<u8> {
    let body = Bytes::from(body).encode();
    [id, &[RESPONSE], body.as_ref()].concat()
}

/// A number below `end`; 0 where there is none.
pub fn below(dice: &mut impl Rng, end: usize) -> usize {
    let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
    usize::try_from(dice.next_u64() % end).unwrap_or_default()
}
