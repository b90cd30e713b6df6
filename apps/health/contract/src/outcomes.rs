//! Outcome switching: does a report of results tell of the endpoints that were registered? Values in,
//! findings out.
//!
//! A report is compared with the version of the protocol that was in force when the first person was
//! enrolled. An outcome reports the endpoint whose id it names; where it names none, or one that is not
//! registered, the first endpoint of the same text. Texts are compared by the hash of their
//! [`normalised`] form. Where an endpoint is reported more than once its highest level counts.
//!
//! | | |
//! |---|---|
//! | a primary endpoint is missing, or reported as less | `PRIMARY_OMITTED`, `PRIMARY_DEMOTED` |
//! | a secondary one is missing, or reported as primary | `SECONDARY_OMITTED`, `SECONDARY_PROMOTED` |
//! | an exploratory one is reported as primary or secondary | `EXPLORATORY_PROMOTED` |
//! | an endpoint is reported under its id with another text or time point | `DEFINITION_CHANGED` |
//! | an outcome is of no endpoint | `NOVEL_UNDECLARED`; `NOVEL_DECLARED` if it says post hoc, or an amendment has it |
//!
//! Exploratory endpoints need not be reported, nor do placeholders ([`is_placeholder`]); they define
//! nothing, so an outcome that names one is novel. Findings come
//! in the order of the endpoints, then of the outcomes. What an amendment said before the report is
//! marked as declared; it is a finding all the same.

use alloy_primitives::{B256, keccak256};

use crate::interface::IHealth::{
    Consistency, Endpoint, Finding, Level, Reported, Reporting, Switch,
};

/// A text as it is compared: ASCII letters small, and every run of what is neither an ASCII letter or
/// digit nor a character beyond punctuation is one space. No table of Unicode takes part, so that the
/// result never changes.
pub fn normalised(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        if parts(c) {
            if !plain.is_empty() && !plain.ends_with(' ') {
                plain.push(' ');
            }
        } else {
            plain.push(c.to_ascii_lowercase());
        }
    }
    plain.truncate(plain.trim_end_matches(' ').len());
    plain
}

/// Whether a character parts words: ASCII but letters and digits, and the Latin-1 signs, general and
/// CJK punctuation.
const fn parts(c: char) -> bool {
    matches!(c, '\0'..='/' | ':'..='@' | '['..='`' | '{'..='\u{bf}' | '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}' | '\u{feff}')
}

/// Whether a text stands for a definition that is still to come: nothing, or `*** … ***`.
pub fn is_placeholder(text: &str) -> bool {
    text.trim_start().starts_with("***") || normalised(text).is_empty()
}

/// The hash that stands for a text on the ledger; zero for a placeholder.
pub fn text_hash(text: &str) -> B256 {
    if is_placeholder(text) {
        B256::ZERO
    } else {
        keccak256(normalised(text))
    }
}

/// Which of the versions that were registered at these times counts: the last that was there at the
/// first enrolment, or the last of all where nobody is enrolled.
pub fn in_force(times: &[u64], first_enrolled: u64) -> Option<usize> {
    let counts = |time: &u64| first_enrolled == 0 || *time <= first_enrolled;
    times.iter().rposition(counts)
}

/// What is found in a report against the version `base`, of which amendments made `amended`.
pub fn compare(base: &[Endpoint], amended: &[Endpoint], reported: &[Reported]) -> Vec<Finding> {
    let matches: Vec<Option<usize>> = reported.iter().map(|outcome| find(base, outcome)).collect();
    let mut findings = Vec::new();
    for (index, endpoint) in base.iter().enumerate() {
        if endpoint.text.is_zero() {
            continue;
        }
        let of_it = reported
            .iter()
            .zip(&matches)
            .filter(|(_, matched)| **matched == Some(index))
            .map(|(outcome, _)| outcome);
        let outcomes: Vec<&Reported> = of_it.collect();
        for what in found(endpoint, &outcomes) {
            findings.push(Finding {
                endpoint: endpoint.id,
                what,
                declared: declares(amended, endpoint, what),
            });
        }
    }
    for (outcome, matched) in reported.iter().zip(&matches) {
        if matched.is_none() {
            let amends = find(amended, outcome).is_some();
            let declared = amends || outcome.level == Reporting::PostHoc;
            findings.push(Finding {
                endpoint: B256::ZERO,
                what: if declared {
                    Switch::NovelDeclared
                } else {
                    Switch::NovelUndeclared
                },
                declared,
            });
        }
    }
    findings
}

/// What a report with these findings is.
pub fn verdict(findings: &[Finding]) -> Consistency {
    if findings.is_empty() {
        Consistency::Consistent
    } else if findings.iter().all(|f| f.what == Switch::NovelDeclared) {
        Consistency::ConsistentWithDeclaredAdditions
    } else {
        Consistency::Switched
    }
}

/// The endpoint that an outcome is of.
fn find(endpoints: &[Endpoint], outcome: &Reported) -> Option<usize> {
    let named = |endpoint: &Endpoint| !endpoint.text.is_zero() && endpoint.id == outcome.endpoint;
    let same = |endpoint: &Endpoint| {
        !endpoint.text.is_zero()
            && endpoint.text == outcome.text
            && !differs(endpoint.timePoint, outcome.timePoint)
    };
    let by_id = endpoints.iter().position(named);
    by_id.or_else(|| endpoints.iter().position(same))
}

/// Whether two time points differ; one that is not stated does not.
fn differs(one: B256, other: B256) -> bool {
    !one.is_zero() && !other.is_zero() && one != other
}

fn found(endpoint: &Endpoint, outcomes: &[&Reported]) -> Vec<Switch> {
    let mut switches = Vec::new();
    let highest = outcomes.iter().map(|outcome| outcome.level as u8).min();
    let level = match (endpoint.level, highest) {
        (Level::Primary, None) => Some(Switch::PrimaryOmitted),
        (Level::Secondary, None) => Some(Switch::SecondaryOmitted),
        (Level::Primary, Some(level)) if level > Reporting::Primary as u8 => {
            Some(Switch::PrimaryDemoted)
        }
        (Level::Secondary, Some(level)) if level == Reporting::Primary as u8 => {
            Some(Switch::SecondaryPromoted)
        }
        (Level::Exploratory, Some(level)) if level <= Reporting::Secondary as u8 => {
            Some(Switch::ExploratoryPromoted)
        }
        _ => None,
    };
    switches.extend(level);
    let changed = |outcome: &&Reported| {
        endpoint.text != outcome.text || differs(endpoint.timePoint, outcome.timePoint)
    };
    if outcomes.iter().any(changed) {
        switches.push(Switch::DefinitionChanged);
    }
    switches
}

/// Whether an amendment says what was found: it drops the endpoint, or gives it another level or
/// definition.
fn declares(amended: &[Endpoint], endpoint: &Endpoint, what: Switch) -> bool {
    if amended.is_empty() {
        return false;
    }
    let now = amended.iter().find(|other| other.id == endpoint.id);
    match (what, now) {
        (Switch::PrimaryOmitted | Switch::SecondaryOmitted, None) => true,
        (Switch::PrimaryOmitted | Switch::SecondaryOmitted, Some(now)) => {
            now.level == Level::Exploratory
        }
        (Switch::PrimaryDemoted, Some(now)) => now.level != Level::Primary,
        (Switch::SecondaryPromoted, Some(now)) => now.level == Level::Primary,
        (Switch::ExploratoryPromoted, Some(now)) => now.level != Level::Exploratory,
        (Switch::DefinitionChanged, Some(now)) => {
            now.text != endpoint.text || now.timePoint != endpoint.timePoint
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
