//! The names of roles: values in, answer out.
//!
//! A role is a name in 32 bytes, filled up with zeros, as Solidity's `bytes32 role = "researcher"`. Any
//! fit name will do; those below are what the applications agree on.

use alloy_primitives::B256;

use super::limits::ROLE_BYTES_MAX;

/// May ask for records for research.
pub const RESEARCHER: B256 = role("researcher");
/// Decides on research.
pub const ETHICS_COMMITTEE: B256 = role("ethics-committee");
/// Keeps content for its owners.
pub const CUSTODIAN: B256 = role("custodian");
/// Treats people.
pub const CLINICIAN: B256 = role("clinician");
/// Reads meters and answers for what they say.
pub const METER_OPERATOR: B256 = role("meter-operator");
/// Runs the distribution grid.
pub const DSO: B256 = role("dso");
/// Watches over work on site.
pub const SUPERVISOR: B256 = role("supervisor");
/// Looks into what was done.
pub const AUDITOR: B256 = role("auditor");
/// Calibrates devices.
pub const CALIBRATOR: B256 = role("calibrator");
/// Attests guardians in the name of the member that delegated it. To hold the role is not enough.
pub const GUARDIAN_REGISTRAR: B256 = role("guardian-registrar");

/// The role of this name. What does not fit is cut off, so that [`is_role`] or a reader sees it.
#[allow(clippy::indexing_slicing, reason = "bounded by both lengths")]
pub const fn role(name: &str) -> B256 {
    let (name, mut word) = (name.as_bytes(), [0; ROLE_BYTES_MAX]);
    let mut at = 0usize;
    while at < name.len() && at < word.len() {
        word[at] = name[at];
        at = at.saturating_add(1);
    }
    B256::new(word)
}

/// Whether these bytes are a role: 1 to 32 of `a-z 0-9 -`, a letter first, a letter or digit last, no
/// two `-` in a row, then zeros.
pub fn is_role(word: &B256) -> bool {
    text(word).is_some()
}

/// A role's name; `None` where these bytes are no role.
pub fn text(word: &B256) -> Option<&str> {
    let bytes = word.as_slice();
    let len = bytes.iter().rposition(|byte| *byte != 0)?.checked_add(1)?;
    let name = bytes.get(..len)?;
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = name.iter().all(|byte| plain(byte) || *byte == b'-')
        && name.first().is_some_and(u8::is_ascii_lowercase)
        && name.last().is_some_and(plain)
        && !name.windows(2).any(|pair| pair == b"--");
    if !fits {
        return None;
    }
    core::str::from_utf8(name).ok()
}

/// The role that a text names; `None` where it names none.
pub fn parse(name: &str) -> Option<B256> {
    let word = role(name);
    (text(&word) == Some(name)).then_some(word)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule() {
        for name in [
            "a",
            "researcher",
            "ethics-committee",
            "iso-9001",
            &"a".repeat(32),
        ] {
            let role = parse(name);
            assert_eq!(role.as_ref().and_then(text), Some(name));
        }
        for name in [
            "",
            "-a",
            "a-",
            "a--b",
            "9a",
            "Auditor",
            "a b",
            "a_b",
            "\u{e9}",
            "a\0",
            "a\0b",
            &"a".repeat(33),
        ] {
            assert_eq!(parse(name), None, "{name:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_name_are_no_role() {
        let mut hidden = role("auditor");
        hidden[31] = b'x';
        for word in [B256::ZERO, B256::repeat_byte(0xff), hidden] {
            assert!(!is_role(&word), "{word}");
        }
        for word in [
            RESEARCHER,
            ETHICS_COMMITTEE,
            CUSTODIAN,
            CLINICIAN,
            METER_OPERATOR,
            DSO,
            SUPERVISOR,
            AUDITOR,
            CALIBRATOR,
            GUARDIAN_REGISTRAR,
        ] {
            assert!(is_role(&word), "{word}");
        }
    }
}
