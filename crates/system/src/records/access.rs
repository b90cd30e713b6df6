//! The rules of records: values in, answer out.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::SolValue as _;

use super::{interface::IRecords::Access, limits::KIND_BYTES_MAX};

/// The id of a record: `keccak256(abi.encode("rec", chainid, owner, contentHash, salt))`.
pub fn record_id(chain_id: u64, owner: Address, content_hash: B256, salt: B256) -> B256 {
    keccak256(("rec", U256::from(chain_id), owner, content_hash, salt).abi_encode_params())
}

/// Whether `kind` is 1 to 64 of `a-z 0-9 . + - _ /` with a letter or digit at both ends.
pub fn is_kind(kind: &str) -> bool {
    let bytes = kind.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mark = |byte: &u8| matches!(byte, b'.' | b'+' | b'-' | b'_' | b'/');
    bytes.len() <= KIND_BYTES_MAX
        && bytes.iter().all(|byte| plain(byte) || mark(byte))
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
}

/// What an entry of an access list allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// From when on it holds.
    pub not_before: u64,
    /// Until just before when; zero: for ever.
    pub until: u64,
    /// Whether it was revoked.
    pub revoked: bool,
    /// How many openings it is good for; zero: any number.
    pub uses: u32,
    /// How many of them were permitted.
    pub used: u32,
}

impl Terms {
    /// What the entry says of another opening at the time `at`.
    pub const fn answer(&self, at: u64) -> Access {
        match self.stands(at) {
            Access::Granted if self.uses != 0 && self.used >= self.uses => Access::UsedUp,
            answer => answer,
        }
    }

    /// What the entry says at the time `at` of an opening that it has permitted.
    pub const fn stands(&self, at: u64) -> Access {
        if self.revoked {
            Access::Revoked
        } else if at < self.not_before {
            Access::NotYet
        } else if self.until != 0 && at >= self.until {
            Access::Expired
        } else {
            Access::Granted
        }
    }
}

/// Whether a record that opens at `opens_at` (zero: never by itself) is open to everyone at `at`.
pub const fn is_open(opens_at: u64, at: u64) -> bool {
    opens_at != 0 && at >= opens_at
}

/// Whether an answer is a yes.
pub const fn permits(answer: Access) -> bool {
    matches!(answer, Access::Granted | Access::Owner | Access::Open)
}

/// Whether who got this answer may fetch the encrypted content: also who has had all their openings,
/// because the content comes after the last of them.
pub const fn may_fetch(answer: Access) -> bool {
    permits(answer) || matches!(answer, Access::UsedUp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_includes_its_start_and_not_its_end() {
        let window = Terms {
            not_before: 10,
            until: 20,
            ..Terms::default()
        };
        for (at, answer) in [
            (0, Access::NotYet),
            (9, Access::NotYet),
            (10, Access::Granted),
            (19, Access::Granted),
            (20, Access::Expired),
            (u64::MAX, Access::Expired),
        ] {
            assert_eq!(window.answer(at), answer, "at {at}");
            assert_eq!(
                Terms {
                    revoked: true,
                    ..window
                }
                .answer(at),
                Access::Revoked
            );
        }
        assert_eq!(Terms::default().answer(u64::MAX), Access::Granted);
    }

    #[test]
    fn a_time_opens_from_its_first_second_on() {
        for (opens_at, at, open) in [
            (0, 0, false),
            (0, u64::MAX, false),
            (9, 8, false),
            (9, 9, true),
        ] {
            assert_eq!(is_open(opens_at, at), open, "{opens_at} at {at}");
        }
    }

    #[test]
    fn an_entry_is_good_for_so_many_openings() {
        let terms = |uses, used| Terms {
            uses,
            used,
            until: 20,
            ..Terms::default()
        };
        for (uses, used, answer) in [
            (0, 0, Access::Granted),
            (0, u32::MAX, Access::Granted),
            (2, 1, Access::Granted),
            (2, 2, Access::UsedUp),
            (2, 3, Access::UsedUp),
        ] {
            assert_eq!(terms(uses, used).answer(0), answer, "{used} of {uses}");
            assert_eq!(terms(uses, used).stands(0), Access::Granted);
        }
        assert_eq!(terms(2, 2).answer(20), Access::Expired);
        assert_eq!(terms(2, 2).stands(20), Access::Expired);
    }

    #[test]
    fn kinds_look_like_media_types() {
        for kind in [
            "a",
            "application/fhir+json",
            "text/vcf",
            "health.labs_v2",
            &"a".repeat(64),
        ] {
            assert!(is_kind(kind), "{kind:?}");
        }
        for kind in [
            "",
            "/a",
            "a/",
            "Text/plain",
            "a b",
            "a;b",
            "\u{e9}",
            &"a".repeat(65),
        ] {
            assert!(!is_kind(kind), "{kind:?}");
        }
    }

    #[test]
    fn the_id_is_the_hash_of_the_abi_encoding() {
        // The encoding, word by word: the offset of the string, then the rest, then the string.
        let owner = Address::repeat_byte(0x11);
        let (content, salt) = (B256::repeat_byte(0x22), B256::repeat_byte(0x33));
        let mut text = B256::ZERO;
        text.0
            .iter_mut()
            .zip(b"rec")
            .for_each(|(to, from)| *to = *from);
        let words = [
            B256::with_last_byte(0xa0),
            B256::from(U256::from(1_337)),
            owner.into_word(),
            content,
            salt,
            B256::with_last_byte(3),
            text,
        ];
        assert_eq!(
            record_id(1_337, owner, content, salt),
            keccak256(words.concat())
        );
    }
}
