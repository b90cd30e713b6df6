//! A patient, two hospitals, a researcher, an ethics board, an emergency: one story, told on any stage.
//!
//! What people say are the words of `commonhold health`, and what they are told is what it answers. A
//! [`Stage`] is where that happens: the binary's tests start processes, `lab` a simulated network whose
//! members crash and lie. The story asserts on either what consent permits and what it does not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support"
)]

use std::path::Path;

mod people;
mod told;

pub use told::Told;

use people::{Person, Town};

/// Where a story is told. Everybody is known by a name.
pub trait Stage {
    /// An organisation comes whose account is that of a member, from 0.
    fn organisation(&self, name: &str, member: usize);

    /// A person comes, with an account of their own on the ledger.
    fn person(&self, name: &str);

    /// An organisation attests somebody a role.
    fn attest(&self, by: &str, role: &str, to: &str);

    /// Somebody says `commonhold health WORDS`.
    fn says(&self, who: &str, words: &[&str]) -> Told;

    /// A directory for what people fetch.
    fn place(&self) -> &Path;
}

/// Everybody there is.
struct People<'s> {
    north: Person<'s>,
    south: Person<'s>,
    /// The patient, as the hospital in the north knows her.
    anna: Person<'s>,
    /// The same patient, as the one in the south does.
    ann: Person<'s>,
    clara: Person<'s>,
    carl: Person<'s>,
    rosa: Person<'s>,
    emil: Person<'s>,
    emma: Person<'s>,
}

/// Tells the story.
///
/// # Panics
/// Where it goes otherwise.
pub fn tell(stage: &dyn Stage) {
    let people = they_come(stage);
    two_hospitals_bring_what_they_know_of_a_patient(&people);
    she_lets_doctors_see_what_they_need_and_takes_it_back(&people);
    a_study_gets_what_she_permits_once_a_board_has_approved_it(&people);
    two_doctors_open_her_emergency_slice_and_nothing_else(&people);
}

fn they_come(stage: &dyn Stage) -> People<'_> {
    let town = Town(stage);
    let north = town.hospital("north", 0);
    let south = town.hospital("south", 1);
    People {
        anna: town.person("anna"),
        ann: town.person("ann"),
        clara: south.attests("clinician", town.person("clara")),
        carl: south.attests("clinician", town.person("carl")),
        rosa: north.attests("researcher", town.person("rosa")),
        emil: north.attests("ethics-committee", town.person("emil")),
        emma: south.attests("ethics-committee", town.person("emma")),
        north,
        south,
    }
}

/// Each knows her by a name of its own, and nobody sees on the ledger that it is one person.
fn two_hospitals_bring_what_they_know_of_a_patient(people: &People<'_>) {
    let People {
        north,
        south,
        anna,
        ann,
        emil,
        ..
    } = people;
    let ward = north.imports_about(anna, &["ward.json"]);
    let visit = south.imports_about(ann, &["visit.json"]);
    assert!(ward > 8 && visit > 3, "{ward} and {visit} slices");
    assert_eq!((anna.records(), ann.records()), (ward, visit));
    // Nobody makes two people one.
    emil.cannot_import(&["ward.json", "visit.json"], "another person");
    emil.cannot_import(&["bulk.ndjson"], "several people");
}

/// Treatment: she is asked each time.
fn she_lets_doctors_see_what_they_need_and_takes_it_back(people: &People<'_>) {
    let People {
        anna, clara, rosa, ..
    } = people;
    let labs = ["treatment", "labs,meds,vitals"];
    let before = clara.would_be_told(anna, labs, &[]);
    assert_eq!(before.verdict_on("labs"), "DENY");

    anna.permits("--purpose treatment --classes labs,meds --to role:clinician --duo DUO:0000004");
    rosa.cannot_ask(anna, labs, "role missing");
    let asked = clara.asks(anna, labs, &[]);
    assert_eq!(asked.verdict_on("vitals"), "DENY");
    clara.cannot_fetch(&asked, "do not open");

    assert_eq!(anna.is_asked_for(&asked), ["labs", "meds"]);
    anna.answers("approve", &asked);
    assert_eq!(clara.fetches(&asked), ["labs", "meds"]);
    rosa.cannot_fetch(&asked, "another's");

    anna.answers("revoke", &asked);
    clara.cannot_fetch(&asked, "revoked");
}

/// Research: what stands for a purpose opens without a question, until she leaves.
fn a_study_gets_what_she_permits_once_a_board_has_approved_it(people: &People<'_>) {
    let People {
        north,
        anna,
        ann,
        rosa,
        emil,
        emma,
        ..
    } = people;
    let board = north.founds_a_board_of(&[emil, emma]);
    let study = rosa.registers("protocol.json", &board);
    anna.permits("--purpose research --classes vitals --duo DUO:0000006 --standing --veto 0");

    let ballot = rosa.asks_the_board_about(&study);
    emil.votes("approve", &ballot);
    rosa.cannot_vote(&ballot, "role missing");
    let everything = ["research", "all"];
    let of_study = ["--study", &study];
    let early = rosa.would_be_told(anna, everything, &of_study);
    assert_eq!(early.verdict_on("vitals"), "NEEDS", "one vote is no quorum");
    assert_eq!(early.verdict_on("labs"), "DENY");

    assert_eq!(emma.votes("approve", &ballot), "approved");
    let asked = rosa.asks(anna, everything, &of_study);
    assert_eq!(asked.verdict_on("vitals"), "PERMIT");
    assert_eq!(rosa.fetches(&asked), ["vitals"]);
    // What she permits in the north says nothing of the south.
    let elsewhere = rosa.would_be_told(ann, everything, &of_study);
    assert_eq!(elsewhere.verdict_on("vitals"), "DENY");

    // What was given is counted, and nothing more opens.
    assert_eq!(anna.leaves(&study), 1, "copies outstanding");
    rosa.cannot_fetch(&asked, "left the study");
}

/// An emergency takes two, opens what was cut for it at the import, and is answered for.
fn two_doctors_open_her_emergency_slice_and_nothing_else(people: &People<'_>) {
    let People {
        anna,
        clara,
        carl,
        rosa,
        ..
    } = people;
    rosa.cannot_open_an_emergency(anna, "no emergency right");
    let emergency = clara.opens_an_emergency(anna);
    clara.cannot_see_into(&emergency, "not confirmed");
    clara.cannot_confirm(&emergency, "unfit person");
    carl.confirms(&emergency);

    let seen = clara.sees_into(&emergency);
    assert!(seen.iter().any(|kind| kind == "AllergyIntolerance"));
    assert_eq!(anna.says_it_was("--justified", &emergency), "justified");
    assert_eq!(anna.emergencies(), 1);
}
