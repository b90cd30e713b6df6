//! What a call must look like to be taken, and how words of 32 bytes hold text: values in, a rejection or
//! nothing out.

use alloy_primitives::{B256, U256};
use commonhold_module::{Outcome, ensure, reject};

use crate::{
    interface::IWorks::{
        NoReason, Overflow as TooLarge, UnfitCount, UnfitFigure, UnfitText, UnfitTime,
    },
    limits::DAYS_MAX,
    number::Overflow,
};

/// Rejects a list that has more than it may.
pub(super) fn at_most(given: usize, max: usize) -> Outcome<()> {
    ensure(given <= max, || UnfitCount {
        given: U256::from(given),
        max: U256::from(max),
    })
}

/// Rejects a list that has none, or more than it may.
pub(super) fn some(given: usize, max: usize) -> Outcome<()> {
    at_most(if given == 0 { usize::MAX } else { given }, max)
}

/// Rejects one more, where there are `have`.
pub(super) fn room(have: u64, more: usize, max: u64) -> Outcome<()> {
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    let all = have.saturating_add(more);
    ensure(all <= max, || UnfitCount {
        given: U256::from(all),
        max: U256::from(max),
    })
}

/// The word of a text, filled up with zeros; of a longer one its beginning.
pub fn word(text: &str) -> B256 {
    let bytes = text.as_bytes();
    B256::right_padding_from(bytes.get(..32).unwrap_or(bytes))
}

/// The text of a word, as bytes.
pub fn bytes_of(word: &B256) -> &[u8] {
    let end = word.iter().rposition(|byte| *byte != 0);
    let end = end.map_or(0, |last| last.saturating_add(1));
    word.get(..end).unwrap_or_default()
}

/// Whether a word holds plain text: visible ASCII, single spaces within, nothing behind its end.
pub(super) fn is_plain(word: &B256) -> bool {
    let text = bytes_of(word);
    let visible = text.iter().all(|byte| (0x20..0x7f).contains(byte));
    let edges = [text.first(), text.last()];
    visible
        && edges
            .iter()
            .all(|edge| edge.is_some_and(|byte| *byte != b' '))
}

/// Rejects what is no plain text.
pub(super) fn plain(given: &B256, what: &str) -> Outcome<()> {
    ensure(is_plain(given), || UnfitText { what: word(what) })
}

/// Rejects a title that is empty, or has control characters, or white space around it.
pub(super) fn title(text: &str) -> Outcome<()> {
    let fits = !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control);
    ensure(fits, || UnfitText {
        what: word("title"),
    })
}

/// Rejects a figure that cannot be meant so.
pub(super) fn figure(fits: bool, what: &str, given: impl Into<U256>) -> Outcome<()> {
    if fits {
        return Ok(());
    }
    reject(UnfitFigure {
        what: word(what),
        given: given.into(),
    })
}

/// Rejects a share of more than the whole.
pub(super) fn permille(given: u16, what: &str) -> Outcome<()> {
    figure(given <= 1000, what, U256::from(given))
}

/// Rejects more days than anything may have.
pub(super) fn days(given: u32, what: &str) -> Outcome<()> {
    figure(given <= DAYS_MAX, what, U256::from(given))
}

/// Rejects a time that does not lie in the future.
pub(super) fn future(time: u64, now: u64) -> Outcome<()> {
    ensure(time > now, || UnfitTime { time, now })
}

/// Rejects a decision against somebody without a reason.
pub(super) fn reasoned(reason: &B256) -> Outcome<()> {
    ensure(!reason.is_zero(), || NoReason {})
}

/// What the rules came to; rejects what they could not compute.
pub(super) fn computed<T>(result: Result<T, Overflow>) -> Outcome<T> {
    match result {
        Ok(value) => Ok(value),
        Err(Overflow) => reject(TooLarge {}),
    }
}

/// A figure that may be below zero, as it is kept.
pub(super) const fn kept(figure: i64) -> u64 {
    figure.cast_unsigned()
}

/// And back.
pub(super) const fn told(figure: u64) -> i64 {
    figure.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_plain_text() {
        assert_eq!(bytes_of(&word("F01")), b"F01");
        assert!(bytes_of(&B256::ZERO).is_empty());
        for (text, fits) in [
            ("F01", true),
            ("a b", true),
            (" a", false),
            ("a ", false),
            ("", false),
            ("ä", false),
        ] {
            assert_eq!(is_plain(&word(text)), fits, "{text:?}");
        }
        assert!(!is_plain(&B256::with_last_byte(b'a')));
    }

    #[test]
    fn figures_below_zero_come_back() {
        for figure in [0, 1, -1, i64::MIN, i64::MAX] {
            assert_eq!(told(kept(figure)), figure);
        }
    }
}
