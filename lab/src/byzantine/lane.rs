//! Lanes: on the channels of consensus and of ceremonies the number of the epoch stands before every message,
//! as a varint.

use std::iter::successors;

use super::{CERTIFICATE, RESHARE, RESOLVER, VOTE};

/// The epoch of most simulated runs.
const FIRST: u8 = 0;

/// Whether messages on a channel have a lane.
pub fn has(channel: u64) -> bool {
    matches!(channel, VOTE | CERTIFICATE | RESOLVER | RESHARE)
}

/// The lane of a message as it is written, and the message; the lane is empty on channels without.
pub fn split(channel: u64, message: &[u8]) -> (&[u8], &[u8]) {
    let goes_on = |at: &usize| message.get(*at).is_some_and(|byte| byte & 0x80 != 0);
    let length = if has(channel) {
        successors(Some(0), |at| goes_on(at).then_some(at + 1)).count()
    } else {
        0
    };
    message.split_at(length.min(message.len()))
}

/// The message of a vote of any epoch.
pub fn vote(message: &[u8]) -> &[u8] {
    split(VOTE, message).1
}

/// The epoch of a lane. None where it is empty, or the epoch is beyond what runs have.
pub fn epoch(lane: &[u8]) -> Option<u64> {
    match lane {
        [low] => Some(u64::from(*low)),
        [low, high] => Some(u64::from(low & 0x7f) | u64::from(*high) << 7),
        _ => None,
    }
}

/// A message in the lane of the first epoch.
pub fn first(message: &[u8]) -> Vec<u8> {
    [&[FIRST], message].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_ends_with_the_first_byte_below_128() {
        assert_eq!(split(VOTE, &[0, 1, 2]), (&[0][..], &[1, 2][..]));
        assert_eq!(split(VOTE, &[0x80, 1, 2]), (&[0x80, 1][..], &[2][..]));
        assert_eq!(split(VOTE, &[0x80]), (&[0x80][..], &[][..]));
        assert_eq!(split(VOTE, &[]), (&[][..], &[][..]));
        assert_eq!(epoch(&[5]), Some(5));
        assert_eq!(epoch(&[0x81, 1]), Some(129));
        assert_eq!(split(super::super::GOSSIP, &[7]), (&[][..], &[7][..]));
    }
}
