//! The rules for names, handles and keys: values in, answer out.

use alloy_primitives::{B256, b256};

use super::limits::{HANDLE_BYTES_MAX, HANDLE_BYTES_MIN};

/// Whether `name` can be shown to people as it is. Its length is bounded elsewhere.
///
/// Letters of every script are fine. What would deceive the eye is not: control characters,
/// invisible characters, marks that change the direction of what follows, white space at the ends.
/// The characters are listed here, not taken from a table that changes with the compiler.
pub fn is_display_name(name: &str) -> bool {
    let space = |c: Option<char>| c.is_none_or(is_space);
    !name.chars().any(deceives) && !space(name.chars().next()) && !space(name.chars().next_back())
}

const fn is_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

const fn deceives(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether `handle` is 3 to 32 of `a-z 0-9 - .`, with a letter or digit at both ends and between any
/// two of `- .`.
pub fn is_handle(handle: &str) -> bool {
    let bytes = handle.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mark = |byte: &u8| matches!(byte, b'-' | b'.');
    (HANDLE_BYTES_MIN..=HANDLE_BYTES_MAX).contains(&bytes.len())
        && bytes.iter().all(|byte| plain(byte) || mark(byte))
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && !bytes.windows(2).any(|pair| pair.iter().all(mark))
}

/// The encodings of X25519's points of small order, with the top bit clear. Everybody's agreement
/// with one of them gives the same well-known secret.
const SMALL_ORDER: [B256; 7] = [
    B256::ZERO,
    b256!("0100000000000000000000000000000000000000000000000000000000000000"),
    b256!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    b256!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    b256!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    b256!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    b256!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

/// Whether no secret can be agreed with this X25519 key. X25519 ignores the top bit of the last byte,
/// so both settings of it are meant.
pub fn is_weak_key(key: &B256) -> bool {
    let mut masked = *key;
    if let Some(last) = masked.0.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER.contains(&masked)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_are_fine_and_deceptions_are_not() {
        for name in [
            "A",
            "Dr. Anna Müller",
            "山田 太郎",
            "عيادة",
            "Ali\u{200c}zade",
            "👩‍⚕️ Clinic",
        ] {
            assert!(is_display_name(name), "{name:?}");
        }
        for name in [
            "",
            " A",
            "A ",
            "A\nB",
            "A\u{7f}",
            "A\u{85}B",
            "\u{202e}evil",
            "a\u{200b}b",
            "\u{3000}A",
        ] {
            assert!(!is_display_name(name), "{name:?}");
        }
    }

    #[test]
    fn handles_follow_the_rule() {
        for handle in ["abc", "a-b", "clinic.zurich-1", "0x0", &"a".repeat(32)] {
            assert!(is_handle(handle), "{handle:?}");
        }
        for handle in [
            "",
            "ab",
            "Abc",
            "a_b",
            "-ab",
            "ab-",
            ".ab",
            "a..b",
            "a-.b",
            "ab\u{e9}",
            &"a".repeat(33),
        ] {
            assert!(!is_handle(handle), "{handle:?}");
        }
    }

    #[test]
    fn weak_keys_are_those_with_which_x25519_agrees_on_nothing() {
        use x25519_dalek::{PublicKey, StaticSecret};
        let secret = StaticSecret::from([7; 32]);
        for key in SMALL_ORDER {
            for top in [0x00, 0x80] {
                let mut bytes = key.0;
                bytes[31] |= top;
                assert!(is_weak_key(&bytes.into()), "{key}");
                let shared = secret.diffie_hellman(&PublicKey::from(bytes));
                assert!(!shared.was_contributory(), "{key}");
            }
        }
        let good = PublicKey::from(&secret);
        assert!(!is_weak_key(&good.to_bytes().into()));
    }
}
