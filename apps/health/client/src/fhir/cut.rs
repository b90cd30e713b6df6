//! Gathered resources cut into slices.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    gathering::{Gathering, Held},
    restriction,
    types::Role,
};
use crate::{
    days::Days,
    limits::{RESOURCES_MAX, SLICED_BYTES_MAX},
    refusal::{Reason, Refusal},
    slice::{Class, Content, Form, Sensitivity, Slice, content::pad},
};

/// Which slice: whose, which class, restricted or not.
type Key = (Option<usize>, Class, bool);

/// Cuts.
pub(crate) fn cut(gathering: &Gathering) -> Result<Vec<Slice>, Refusal> {
    let sensitivities = restriction::of(gathering);
    let owners = owners(gathering)?;
    let mut parts: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (number, held) in gathering.held.iter().enumerate() {
        let restricted = sensitivities.get(number).is_some_and(|s| !s.is_none());
        let mut file = |person| {
            let key = (person, held.facts.class, restricted);
            parts.entry(key).or_default().push(number);
        };
        match (held.person, owners.get(&number)) {
            (Some(person), _) => file(Some(person)),
            (None, Some(people)) => people.iter().for_each(|person| file(Some(*person))),
            (None, None) => file(None),
        }
    }
    let emergencies = emergencies(gathering, &parts);
    let mut slices = Vec::new();
    let mut total = 0_usize;
    let sources = parts
        .into_iter()
        .map(|(key, numbers)| (key, numbers, false))
        .chain(
            emergencies
                .into_iter()
                .map(|(person, (numbers, withheld))| {
                    ((Some(person), Class::Emergency, false), numbers, withheld)
                }),
        );
    for (key, numbers, withheld) in sources {
        let slice = write(
            gathering,
            &sensitivities,
            key,
            numbers,
            withheld,
            &mut total,
        )?;
        slices.push(slice);
    }
    slices.sort_by_key(|slice| (slice.person, slice.class, slice.restricted));
    Ok(slices)
}

/// To whom a resource goes that is about nobody: to all whose records refer to it, directly or through
/// others like it.
fn owners(gathering: &Gathering) -> Result<BTreeMap<usize, BTreeSet<usize>>, Refusal> {
    let mut owners: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut left: Vec<(usize, usize)> = Vec::new();
    let mut pairs = 0_usize;
    let mut go = |held: &Held, person: usize, left: &mut Vec<(usize, usize)>| {
        for (target, _) in &held.targets {
            let nobodys = gathering
                .held
                .get(*target)
                .is_some_and(|to| to.person.is_none());
            if nobodys && owners.entry(*target).or_default().insert(person) {
                left.push((*target, person));
                pairs += 1;
            }
        }
        pairs
    };
    for held in &gathering.held {
        let Some(person) = held.person else { continue };
        let mut pairs = go(held, person, &mut left);
        while let Some((number, person)) = left.pop() {
            if let Some(held) = gathering.held.get(number) {
                pairs = go(held, person, &mut left);
            }
            if pairs > RESOURCES_MAX {
                return Err(Refusal::file(Reason::TooMuch {
                    what: "copies of what several people's records refer to",
                    limit: "RESOURCES_MAX",
                    max: RESOURCES_MAX as u64,
                }));
            }
        }
    }
    Ok(owners)
}

/// By person, what an emergency needs, and whether something was left out because it is restricted.
fn emergencies(
    gathering: &Gathering,
    parts: &BTreeMap<Key, Vec<usize>>,
) -> BTreeMap<usize, (Vec<usize>, bool)> {
    let mut found: BTreeMap<usize, (BTreeSet<usize>, bool)> = BTreeMap::new();
    // Whose entry alone was given would look as if nothing else were known of them.
    let mut known = BTreeSet::new();
    for ((person, _, restricted), numbers) in parts {
        let Some(person) = *person else { continue };
        for number in numbers {
            let Some(held) = gathering.held.get(*number) else {
                continue;
            };
            if held.facts.kind.role == Role::Record {
                known.insert(person);
            }
            if !held.facts.emergency {
                continue;
            }
            let (needed, withheld) = found.entry(person).or_default();
            if *restricted {
                *withheld = true;
                continue;
            }
            needed.insert(*number);
            // The medicine that a prescription names, the device that is used.
            let named = held.targets.iter().map(|(target, _)| *target);
            needed.extend(named.filter(|target| {
                let Some(to) = gathering.held.get(*target) else {
                    return false;
                };
                // In order, as they were filed one after another.
                let filed = parts.get(&(Some(person), to.facts.class, false));
                matches!(to.facts.kind.name, "Medication" | "Device")
                    && filed.is_some_and(|numbers| numbers.binary_search(target).is_ok())
            }));
        }
    }
    found.retain(|person, _| known.contains(person));
    let listed = |(person, (needed, withheld)): (usize, (BTreeSet<usize>, bool))| {
        (person, (needed.into_iter().collect(), withheld))
    };
    found.into_iter().map(listed).collect()
}

fn write(
    gathering: &Gathering,
    sensitivities: &[Sensitivity],
    (person, class, restricted): Key,
    mut numbers: Vec<usize>,
    withheld: bool,
    total: &mut usize,
) -> Result<Slice, Refusal> {
    let held = |number: &usize| gathering.held.get(*number);
    numbers.sort_by_key(|number| {
        held(number).map(|h| (h.facts.kind.name, h.facts.id.as_deref(), *number))
    });
    let mut days = Days::default();
    let mut sensitivity = Sensitivity::none();
    for number in &numbers {
        days.join(held(number).map(|h| h.facts.days).unwrap_or_default());
        if restricted {
            let more = sensitivities.get(*number).copied().unwrap_or_default();
            sensitivity = sensitivity.and(more);
        }
    }
    let resources: Vec<&Held> = numbers.iter().filter_map(held).collect();
    // Somebody who opens an emergency slice has no time for lines.
    let form = if class == Class::Emergency {
        Form::Bundle
    } else {
        gathering.form
    };
    let mut text = match form {
        Form::Ndjson => lines(&resources),
        _ => bundle(&resources, label(sensitivity, withheld)),
    };
    let bytes = text.len() as u64;
    pad(&mut text, restricted || class == Class::Emergency);
    *total = total.saturating_add(text.len());
    if *total > SLICED_BYTES_MAX {
        return Err(Refusal::file(Reason::TooMuch {
            what: "bytes of slices together",
            limit: "SLICED_BYTES_MAX",
            max: SLICED_BYTES_MAX as u64,
        }));
    }
    Ok(Slice {
        class,
        restricted,
        sensitivity,
        person,
        form,
        resources: resources.len() as u64,
        days,
        bytes,
        content: Content::Made(text),
    })
}

fn lines(resources: &[&Held]) -> Vec<u8> {
    let mut text = Vec::new();
    for held in resources {
        text.extend_from_slice(&held.text);
        text.push(b'\n');
    }
    text
}

/// What a bundle is labelled with: system and code.
fn label(sensitivity: Sensitivity, withheld: bool) -> Option<(&'static str, &'static str)> {
    let confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
    if withheld {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
        return Some((system, "REDACTED"));
    }
    if sensitivity.is_none() {
        return None;
    }
    let very = sensitivity.has(Sensitivity::VERY_RESTRICTED);
    Some((confidentiality, if very { "V" } else { "R" }))
}

fn bundle(resources: &[&Held], label: Option<(&str, &str)>) -> Vec<u8> {
    let mut text = b"{\"resourceType\":\"Bundle\",".to_vec();
    if let Some((system, code)) = label {
        let meta =
            format!("\"meta\":{{\"security\":[{{\"system\":\"{system}\",\"code\":\"{code}\"}}]}},");
        text.extend_from_slice(meta.as_bytes());
    }
    text.extend_from_slice(b"\"type\":\"collection\",\"entry\":[");
    for (i, held) in resources.iter().enumerate() {
        text.extend_from_slice(if i == 0 { b"{" } else { b",{" });
        if let Some(url) = &held.full_url {
            text.extend_from_slice(b"\"fullUrl\":");
            text.extend_from_slice(serde_json::Value::from(url.as_str()).to_string().as_bytes());
            text.push(b',');
        }
        text.extend_from_slice(b"\"resource\":");
        text.extend_from_slice(&held.text);
        text.push(b'}');
    }
    text.extend_from_slice(b"]}\n");
    text
}
