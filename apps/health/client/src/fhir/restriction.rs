//! What each of the gathered resources is sensitive about, when what they refer to counts.

use super::{gathering::Gathering, types::Role};
use crate::slice::Sensitivity;

/// What each resource is sensitive about.
pub(crate) fn of(gathering: &Gathering) -> Vec<Sensitivity> {
    let held = &gathering.held;
    let mut all: Vec<Sensitivity> = held.iter().map(|_| gathering.labelled).collect();
    // Labels of people and of visits hold for what is theirs.
    let mut of_people = vec![Sensitivity::none(); gathering.people.len()];
    for one in held
        .iter()
        .filter(|one| one.facts.kind.role == Role::Person)
    {
        if let Some(label) = one.person.and_then(|person| of_people.get_mut(person)) {
            *label = label.and(one.facts.labelled);
        }
    }
    for (one, sensitivity) in held.iter().zip(&mut all) {
        let person = one.person.and_then(|person| of_people.get(person)).copied();
        let visit = one
            .facts
            .encounter
            .as_deref()
            .and_then(|target| gathering.find(target));
        let visit = visit
            .and_then(|visit| held.get(visit))
            .map(|visit| visit.facts.labelled);
        *sensitivity = [
            Some(one.facts.labelled),
            Some(one.facts.coded),
            person,
            visit,
        ]
        .into_iter()
        .flatten()
        .fold(*sensitivity, Sensitivity::and);
    }
    // What is said of a whole holds for its parts.
    let whole = all.clone();
    for (one, sensitivity) in held.iter().zip(whole) {
        for (part, _) in one.targets.iter().filter(|(_, part)| *part) {
            add(&mut all, *part, sensitivity);
        }
    }
    refer(gathering, &mut all);
    all
}

fn add(all: &mut [Sensitivity], number: usize, more: Sensitivity) -> bool {
    let Some(sensitivity) = all.get_mut(number) else {
        return false;
    };
    let before = *sensitivity;
    *sensitivity = before.and(more);
    *sensitivity != before
}

/// What refers to something sensitive is as sensitive; but not for naming a person, a visit or somebody
/// of a directory.
fn refer(gathering: &Gathering, all: &mut [Sensitivity]) {
    let passes = |number: usize| {
        gathering.held.get(number).is_some_and(|one| {
            let kind = one.facts.kind;
            kind.role == Role::Record && !QUIET.contains(&kind.name)
        })
    };
    let mut referrers: Vec<Vec<usize>> = all.iter().map(|_| Vec::new()).collect();
    for (number, one) in gathering.held.iter().enumerate() {
        for (target, _) in &one.targets {
            if let Some(list) = referrers.get_mut(*target).filter(|_| passes(*target)) {
                list.push(number);
            }
        }
    }
    let mut left: Vec<usize> = (0..all.len()).collect();
    while let Some(number) = left.pop() {
        let Some(sensitivity) = all.get(number).copied().filter(|s| !s.is_none()) else {
            continue;
        };
        for referrer in referrers.get(number).into_iter().flatten() {
            if add(all, *referrer, sensitivity) {
                left.push(*referrer);
            }
        }
    }
}

/// Types that are named by most of a record, and whose being named says nothing.
const QUIET: &[&str] = &[
    "Encounter",
    "EpisodeOfCare",
    "RelatedPerson",
    "CareTeam",
    "Coverage",
];
