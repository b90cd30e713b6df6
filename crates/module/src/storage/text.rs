//! Short texts, bounded by their type.

use alloy_primitives::{U256, keccak256};

use super::{Field, word::corrupt};
use crate::{Context, Outcome, errors::TextTooLong, reject};

/// A text of at most `N` bytes of UTF-8. In storage: Solidity's `string`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<const N: usize>(String);

impl<const N: usize> Text<N> {
    /// Takes `text` where it is short enough.
    ///
    /// # Errors
    /// Rejects with `TextTooLong`.
    pub fn new(text: impl Into<String>) -> Outcome<Self> {
        let text = text.into();
        if text.len() > N {
            return reject(TextTooLong {
                bytesGiven: U256::from(text.len()),
                bytesMax: U256::from(N),
            });
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<Text<N>> for String {
    fn from(text: Text<N>) -> Self {
        text.0
    }
}

/// Bytes that lie in the slot itself, beside their length.
const SHORT_BYTES_MAX: usize = 31;

/// The length that the head slot of a text declares, and whether the bytes lie elsewhere.
fn head_length(head: U256) -> (U256, bool) {
    let long = head.bit(0);
    let length = if long { head } else { head & U256::from(0xff) };
    (length.wrapping_shr(1), long)
}

fn tail_words(length: usize) -> usize {
    if length > SHORT_BYTES_MAX {
        length.div_ceil(32)
    } else {
        0
    }
}

fn tail_slots(slot: U256, words: usize) -> Vec<U256> {
    let first = U256::from_be_bytes(keccak256(slot.to_be_bytes::<32>()).0);
    (0..words)
        .map(|i| first.wrapping_add(U256::from(i)))
        .collect()
}

impl<const N: usize> Field for Text<N> {
    const BYTES: usize = 32;

    fn solidity() -> String {
        "string".to_owned()
    }

    fn load(ctx: &mut Context<'_>, slot: U256, bits: U256) -> Outcome<Self> {
        let (length, long) = head_length(bits);
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= N && long == (*length > SHORT_BYTES_MAX))
            .ok_or_else(|| corrupt(ctx, slot, "text"))?;
        let mut bytes = Vec::new();
        if long {
            let slots = tail_slots(slot, tail_words(length));
            ctx.prefetch(&slots)?;
            for slot in slots {
                bytes.extend_from_slice(&ctx.sload(slot)?.to_be_bytes::<32>());
            }
        } else {
            bytes.extend_from_slice(&bits.to_be_bytes::<32>());
        }
        bytes.truncate(length);
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| corrupt(ctx, slot, "text"))
    }

    fn store(&self, ctx: &mut Context<'_>, slot: U256) -> Outcome<U256> {
        let (old_length, old_long) = head_length(ctx.sload(slot)?);
        let old_words = match usize::try_from(old_length) {
            Ok(length) if old_long && length <= N => tail_words(length),
            Ok(_) if !old_long => 0,
            _ => return Err(corrupt(ctx, slot, "text")),
        };
        let words = tail_words(self.0.len());
        let slots = tail_slots(slot, old_words.max(words));
        ctx.prefetch(&slots)?;
        let mut chunks = self.0.as_bytes().chunks(32).take(words);
        for slot in slots {
            // Beyond the new text's end, what is left of a longer old one is cleared.
            ctx.sstore(slot, chunks.next().map_or(U256::ZERO, left_aligned))?;
        }
        let length = U256::from(self.0.len()).wrapping_shl(1);
        Ok(if words == 0 {
            left_aligned(self.0.as_bytes()) | length
        } else {
            length | U256::from(1)
        })
    }
}

/// The word whose high-order bytes are `bytes` (at most 32).
fn left_aligned(bytes: &[u8]) -> U256 {
    let mut word = [0u8; 32];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    U256::from_be_bytes(word)
}
