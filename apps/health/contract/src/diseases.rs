//! Diseases: which MONDO term is a kind of which. Values in, answer out.
//!
//! Consent to a disease covers its kinds and never what it is itself a kind of. A few terms every
//! ledger knows; others its members state ([`crate::ontology`]), and what they state of a term counts
//! instead.

use crate::limits::{ANCESTOR_LEVELS_MAX, ANCESTORS_MAX};

/// Terms with their parents that every ledger knows (MONDO).
const KNOWN: &[(u32, &[u32])] = &[
    // Type 1 and type 2 diabetes mellitus; diabetes mellitus; metabolic disease.
    (5_147, &[5_015]),
    (5_148, &[5_015]),
    (5_015, &[5_066]),
    (5_066, &[]),
    // Breast cancer; non-small cell lung carcinoma; lung cancer; cancer.
    (7_254, &[4_992]),
    (5_233, &[8_903]),
    (8_903, &[4_992]),
    (4_992, &[]),
];

/// The parents of a term that every ledger knows; none where it does not.
pub fn known(term: u32) -> &'static [u32] {
    KNOWN
        .iter()
        .find(|(known, _)| *known == term)
        .map_or(&[], |(_, parents)| parents)
}

/// A term and everything that it is a kind of, nearest first; nothing for none (zero). `parents` tells
/// the parents of all terms of one level. Looks at so many terms and so far up at most
/// ([`ANCESTORS_MAX`], [`ANCESTOR_LEVELS_MAX`]): what lies further up is not found, and so does not permit.
///
/// # Errors
/// What `parents` ends in.
pub fn lineage<E>(
    term: u32,
    mut parents: impl FnMut(&[u32]) -> Result<Vec<u32>, E>,
) -> Result<Vec<u32>, E> {
    let mut found: Vec<u32> = Vec::new();
    let mut level: Vec<u32> = Vec::new();
    if term != 0 {
        level.push(term);
    }
    for _ in 0..ANCESTOR_LEVELS_MAX {
        found.extend_from_slice(&level);
        if level.is_empty() {
            break;
        }
        let mut next: Vec<u32> = Vec::new();
        for parent in parents(&level)? {
            let known = parent == 0 || found.contains(&parent) || next.contains(&parent);
            let room = found.len().saturating_add(next.len()) < ANCESTORS_MAX;
            if !known && room {
                next.push(parent);
            }
        }
        level = next;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(term: u32) -> Vec<u32> {
        let up =
            |terms: &[u32]| Ok::<_, ()>(terms.iter().flat_map(|t| known(*t)).copied().collect());
        lineage(term, up).unwrap_or_default()
    }

    #[test]
    fn kinds_lead_to_what_they_are_kinds_of() {
        assert_eq!(of(5_148), [5_148, 5_015, 5_066]);
        assert_eq!(of(4_992), [4_992]);
        assert_eq!(of(123), [123], "a term that is not known is itself");
        assert!(of(0).is_empty());
    }

    #[test]
    fn circles_endless_ladders_and_crowds_end() {
        let up = |f: fn(u32) -> Vec<u32>| {
            let all = |terms: &[u32]| Ok::<_, ()>(terms.iter().flat_map(|t| f(*t)).collect());
            lineage(1, all).unwrap_or_default()
        };
        assert_eq!(up(|term| vec![3 - term]), [1, 2]);
        assert_eq!(up(|term| vec![term + 1]).len(), ANCESTOR_LEVELS_MAX);
        let crowd = up(|term| (1..8).map(|n| term * 8 + n).collect());
        assert_eq!(crowd.len(), ANCESTORS_MAX);
    }
}
