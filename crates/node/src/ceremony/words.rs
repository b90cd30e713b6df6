//! The ceremony in words: members by their names.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use commonhold_ceremony::Incomplete;
use commonhold_primitives::consensus::MemberKey;
use commonhold_seal::ceremony::{Missing, Terms};

/// How to speak of the members of a ceremony.
#[derive(Clone, Debug)]
pub struct Words {
    /// Names by place.
    names: Vec<String>,
    me: u32,
    chair: u32,
    /// How a round is asked for on the command line.
    option: &'static str,
}

impl Words {
    /// Speaks of the members of `terms` by the names that are said here of their identity keys. `option` is
    /// how a round is asked for on the command line.
    pub(crate) fn new<'a>(
        said: impl Iterator<Item = (B256, &'a str)>,
        terms: &Terms,
        me: u32,
        option: &'static str,
    ) -> Self {
        let names: BTreeMap<B256, &str> = said.collect();
        let named = |key: &MemberKey| names.get(&B256::from_slice(key.as_ref())).copied();
        Self {
            names: terms
                .members()
                .iter()
                .map(|key| named(key).unwrap_or_default().to_owned())
                .collect(),
            me,
            chair: terms.chair_place(),
            option,
        }
    }

    /// How many members there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// How a round is asked for on the command line.
    pub const fn option(&self) -> &'static str {
        self.option
    }

    /// This member's place.
    pub const fn me(&self) -> u32 {
        self.me
    }

    /// The name of the member at a place, with the place where another has the same name.
    pub fn name(&self, place: u32) -> String {
        let name = usize::try_from(place)
            .ok()
            .and_then(|at| self.names.get(at));
        let name = name.map(String::as_str).unwrap_or_default();
        let same = self.names.iter().filter(|other| *other == name).count();
        if name.is_empty() || same > 1 {
            format!("{name} (place {place})").trim_start().to_owned()
        } else {
            name.to_owned()
        }
    }

    /// The names of members, in a row.
    pub fn list<'a>(&self, places: impl IntoIterator<Item = &'a u32>) -> String {
        let names: Vec<String> = places.into_iter().map(|place| self.name(*place)).collect();
        names.join(", ")
    }

    /// What a round waits for. First come dealings and acknowledgements, then the chair's proposal, then
    /// confirmations: what cannot be there yet is not spoken of.
    pub fn awaited(&self, missing: &Missing) -> String {
        let mut by: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for place in &missing.dealings {
            by.entry(*place).or_default().push("dealing");
        }
        for place in &missing.acks {
            by.entry(*place).or_default().push("acknowledgement");
        }
        if !by.is_empty() && missing.proposal {
            let each = by
                .iter()
                .map(|(place, what)| format!("{} ({})", self.name(*place), what.join(", ")));
            return each.collect::<Vec<_>>().join(", ");
        }
        if missing.proposal && self.chair == self.me {
            return "the other members' logs".to_owned();
        }
        if missing.proposal {
            return format!("{} (proposal)", self.name(self.chair));
        }
        format!("{} (confirmation)", self.list(&missing.confirmations))
    }

    /// What is said of a round that gave no key.
    pub(crate) fn incomplete(&self, incomplete: &Incomplete) -> String {
        let round = incomplete.round;
        let mut text = format!("round {round} gave no key.");
        if !incomplete.away.is_empty() {
            text.push_str(&format!(" Not there: {}.", self.list(&incomplete.away)));
        }
        for (place, other) in &incomplete.elsewhere {
            let name = self.name(*place);
            text.push_str(&format!(" {name} is in round {other}."));
        }
        for (place, fault) in &incomplete.faults {
            text.push_str(&format!(" {}: {fault}.", self.name(*place)));
        }
        text.push_str(&format!(
            " Awaited: {}. Run the same command to go on with this round. Where it cannot be completed, \
             all members run it with {} {}",
            self.awaited(&incomplete.missing),
            self.option,
            round.saturating_add(1)
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::collections::BTreeSet;

    use commonhold_ceremony::Fault;

    use super::*;

    fn words(me: u32) -> Words {
        Words {
            names: ["Ada", "Bob", "Ada", "Dan"].map(str::to_owned).to_vec(),
            me,
            chair: 1,
            option: "--round",
        }
    }

    #[test]
    fn what_is_awaited_is_what_can_come_next() {
        let words = words(0);
        let mut missing = Missing {
            dealings: vec![1, 3],
            acks: vec![2, 3],
            proposal: true,
            confirmations: vec![0, 1, 2, 3],
        };
        assert_eq!(
            words.awaited(&missing),
            "Bob (dealing), Ada (place 2) (acknowledgement), Dan (dealing, acknowledgement)"
        );
        missing.dealings.clear();
        missing.acks.clear();
        assert_eq!(words.awaited(&missing), "Bob (proposal)");
        assert_eq!(
            super::tests::words(1).awaited(&missing),
            "the other members' logs"
        );
        missing.proposal = false;
        missing.acks = vec![3];
        missing.confirmations = vec![1, 3];
        assert_eq!(words.awaited(&missing), "Bob, Dan (confirmation)");
    }

    #[test]
    fn a_round_without_a_key_names_who_was_late_or_wrong_and_the_next_round() {
        let text = words(0).incomplete(&Incomplete {
            round: 4,
            missing: Missing {
                dealings: vec![3],
                acks: vec![3],
                proposal: true,
                confirmations: Vec::new(),
            },
            away: BTreeSet::from([3]),
            elsewhere: BTreeMap::from([(1, 5)]),
            faults: BTreeMap::from([(1, Fault::OtherKey)]),
        });
        assert_eq!(
            text,
            "round 4 gave no key. Not there: Dan. Bob is in round 5. Bob: it says that it has finished \
             with another key. Awaited: Dan (dealing, acknowledgement). Run the same command to go on \
             with this round. Where it cannot be completed, all members run it with --round 5"
        );
    }
}
