//! What a register of documents takes, by ISO 19650: revisions and status codes. Values in, answer out.

/// Whether this is a revision: preliminary `P01` or `P01.01`, contractual `C01`.
pub fn is_revision(text: &[u8]) -> bool {
    let two = |digits: &[u8]| {
        digits.len() == 2 && digits.iter().all(u8::is_ascii_digit) && digits != b"00"
    };
    match text {
        [b'P', number @ ..] => match number {
            [whole @ .., b'.', _, _] if whole.len() == 2 => {
                two(whole) && number.get(3..).is_some_and(two)
            }
            whole => two(whole),
        },
        [b'C', number @ ..] => two(number),
        _ => false,
    }
}

/// Whether a new document may have this status: `S0` to `S5`, `A1` to `A99`. Those that the national annex of
/// 2021 withdrew (`S6`, `S7`, `CR`, `B1` and on) are of old documents only.
pub fn is_status(text: &[u8]) -> bool {
    match text {
        [b'S', digit] => (b'0'..=b'5').contains(digit),
        [b'A', first, rest @ ..] => {
            (b'1'..=b'9').contains(first) && rest.len() < 2 && rest.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Whether a revision may have a status: what is authorised is contractual, what is shared is preliminary.
pub fn go_together(revision: &[u8], status: &[u8]) -> bool {
    matches!(
        (revision.first(), status.first()),
        (Some(b'C'), Some(b'A')) | (Some(b'P'), Some(b'S'))
    )
}

/// What something may be handed over for.
pub fn is_reason(text: &[u8]) -> bool {
    const REASONS: [&[u8]; 5] = [
        b"information",
        b"review",
        b"approval",
        b"construction",
        b"as-built",
    ];
    REASONS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_preliminary_or_contractual() {
        for fits in ["P01", "P01.01", "P12.34", "C01", "C99"] {
            assert!(is_revision(fits.as_bytes()), "{fits}");
        }
        for not in [
            "", "P", "P1", "P001", "P00", "P01.", "P01.1", "P01.00", "C01.01", "R01", "p01",
            "P01 01",
        ] {
            assert!(!is_revision(not.as_bytes()), "{not}");
        }
    }

    #[test]
    fn withdrawn_codes_are_not_given_any_more() {
        for fits in ["S0", "S1", "S5", "A1", "A10"] {
            assert!(is_status(fits.as_bytes()), "{fits}");
        }
        for not in ["S6", "S7", "CR", "B1", "A0", "A", "S", "S10", "A100", ""] {
            assert!(!is_status(not.as_bytes()), "{not}");
        }
        assert!(go_together(b"C01", b"A1") && go_together(b"P01", b"S2"));
        assert!(!go_together(b"P01", b"A1") && !go_together(b"C01", b"S2"));
    }
}
