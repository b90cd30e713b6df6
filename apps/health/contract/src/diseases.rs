//! Diseases: which MONDO term is a kind of which. Values in, answer out.
//!
//! Consent to a disease covers its kinds and never what it is itself a kind of. A few terms every
//! ledger knows; others its members state ([`crate::ontology`]), and what they state of a term counts
//! instead.

use std::collections::BTreeSet;

use crate::limits::ANCESTORS_MAX;

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

/// A term and everything that it is a kind of, nearest first; nothing for none (zero). Looks at so
/// many terms at most ([`ANCESTORS_MAX`]): what lies further up is not found, and so does not permit.
///
/// # Errors
/// What `parents` ends in.
pub fn lineage<E>(
    term: u32,
    mut parents: impl FnMut(u32) -> Result<Vec<u32>, E>,
) -> Result<Vec<u32>, E> {
    let mut found: Vec<u32> = Vec::new();
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    if term == 0 {
        return Ok(found);
    }
    found.push(term);
    seen.insert(term);
    let mut at = 0usize;
    while let Some(next) = found.get(at).copied() {
        for parent in parents(next)? {
            if found.len() < ANCESTORS_MAX && parent != 0 && seen.insert(parent) {
                found.push(parent);
            }
        }
        at = at.saturating_add(1);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(term: u32) -> Vec<u32> {
        lineage(term, |term| Ok::<_, ()>(known(term).to_vec())).unwrap_or_default()
    }

    #[test]
    fn kinds_lead_to_what_they_are_kinds_of() {
        assert_eq!(of(5_148), [5_148, 5_015, 5_066]);
        assert_eq!(of(4_992), [4_992]);
        assert_eq!(of(123), [123], "a term that is not known is itself");
        assert!(of(0).is_empty());
    }

    #[test]
    fn circles_and_endless_ladders_end() {
        let circle = lineage(1, |term| Ok::<_, ()>(vec![3 - term])).unwrap_or_default();
        assert_eq!(circle, [1, 2]);
        let ladder = lineage(1, |term| Ok::<_, ()>(vec![term.saturating_add(1)]));
        assert_eq!(ladder.unwrap_or_default().len(), ANCESTORS_MAX);
    }
}
