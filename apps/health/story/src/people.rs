//! What people do, in the words of the command line.

use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{Stage, Told};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../samples/health");

/// Where people come to.
#[derive(Clone, Copy)]
pub(crate) struct Town<'s>(pub(crate) &'s dyn Stage);

/// Somebody.
pub(crate) struct Person<'s> {
    name: String,
    stage: &'s dyn Stage,
    /// How many directories they have made.
    directories: Cell<u32>,
}

/// A request, and what was decided of it.
pub(crate) struct Asked {
    number: String,
    decisions: Value,
}

/// An emergency.
pub(crate) struct Emergency {
    number: String,
    key: PathBuf,
}

fn sample(file: &str) -> String {
    format!("{SAMPLES}/{file}")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn number(told: &Value, name: &str) -> String {
    told[name].as_u64().unwrap().to_string()
}

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    let mut names: Vec<String> = list.map(|name| name.as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn count(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

fn bundle(file: &Path) -> Value {
    let bundle: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(bundle["resourceType"], "Bundle");
    bundle
}

impl<'s> Town<'s> {
    fn somebody(self, name: &str) -> Person<'s> {
        Person {
            name: name.to_owned(),
            stage: self.0,
            directories: Cell::default(),
        }
    }

    pub(crate) fn person(self, name: &str) -> Person<'s> {
        self.0.person(name);
        self.somebody(name)
    }

    /// A member of the network that may bring what it knows of others.
    pub(crate) fn hospital(self, name: &str, member: usize) -> Person<'s> {
        self.0.organisation(name, member);
        self.0.attest(name, "custodian", name);
        self.somebody(name)
    }
}

impl Asked {
    #[track_caller]
    pub(crate) fn verdict_on(&self, class: &str) -> &str {
        let mut all = self.decisions.as_array().unwrap().iter();
        let one = all.find(|one| one["class"] == class);
        one.unwrap()["verdict"].as_str().unwrap()
    }
}

impl<'s> Person<'s> {
    fn says(&self, words: &[&str]) -> Told {
        self.stage.says(&self.name, words)
    }

    #[track_caller]
    fn does(&self, words: &[&str]) -> Value {
        self.says(words).done()
    }

    fn new_place(&self, what: &str) -> PathBuf {
        let n = self.directories.replace(self.directories.get() + 1);
        self.stage.place().join(format!("{}-{what}-{n}", self.name))
    }

    pub(crate) fn attests(&self, role: &str, to: Person<'s>) -> Person<'s> {
        self.stage.attest(&self.name, role, &to.name);
        to
    }

    /// How many slices came of it.
    pub(crate) fn imports_about(&self, subject: &Self, files: &[&str]) -> usize {
        let files: Vec<String> = files.iter().map(|file| sample(file)).collect();
        let mut words = vec!["import", "--subject", &subject.name];
        words.extend(files.iter().map(String::as_str));
        let told = self.does(&words);
        let files = told["files"].as_array().unwrap().iter();
        files.map(|file| count(&file["records"])).sum()
    }

    #[track_caller]
    pub(crate) fn cannot_import(&self, files: &[&str], why: &str) {
        let files: Vec<String> = files.iter().map(|file| sample(file)).collect();
        let mut words = vec!["import"];
        words.extend(files.iter().map(String::as_str));
        self.says(&words).is_refused(why);
    }

    pub(crate) fn records(&self) -> usize {
        count(&self.does(&["records"])["records"])
    }

    pub(crate) fn permits(&self, what: &str) {
        let mut words = vec!["consent", "set"];
        words.extend(what.split(' '));
        self.does(&words);
    }

    fn ask(&self, from: &Self, [purpose, classes]: [&str; 2], more: &[&str]) -> Told {
        let mut words = vec!["request", "--from", &from.name, "--purpose", purpose];
        words.extend(["--classes", classes]);
        words.extend(more);
        self.says(&words)
    }

    /// What would be decided of a request.
    pub(crate) fn would_be_told(&self, from: &Self, what: [&str; 2], more: &[&str]) -> Asked {
        let told = self.ask(from, what, &[more, &["--dry-run"]].concat());
        Asked {
            number: String::new(),
            decisions: told.done()["requests"][0]["decisions"].take(),
        }
    }

    pub(crate) fn asks(&self, from: &Self, what: [&str; 2], more: &[&str]) -> Asked {
        let mut told = self.ask(from, what, more).done();
        let one = &mut told["requests"][0];
        Asked {
            number: number(one, "request"),
            decisions: one["decisions"].take(),
        }
    }

    #[track_caller]
    pub(crate) fn cannot_ask(&self, from: &Self, what: [&str; 2], why: &str) {
        self.ask(from, what, &[]).is_refused(why);
    }

    /// Which classes they are asked for.
    pub(crate) fn is_asked_for(&self, asked: &Asked) -> Vec<String> {
        let told = self.does(&["review"]);
        let waiting = told["requests"].as_array().unwrap();
        let one = waiting
            .iter()
            .find(|one| number(one, "request") == asked.number);
        names(&one.unwrap()["asking"])
    }

    pub(crate) fn answers(&self, word: &str, asked: &Asked) {
        self.does(&["review", word, &asked.number]);
    }

    /// The classes of what opens.
    pub(crate) fn fetches(&self, asked: &Asked) -> Vec<String> {
        let into = self.new_place("fetched");
        let told = self.does(&["fetch", &asked.number, "-o", text(&into)]);
        let slices = told["slices"].as_array().unwrap();
        for slice in slices {
            bundle(Path::new(slice["file"].as_str().unwrap()));
        }
        assert_eq!(fs::read_dir(&into).unwrap().count(), slices.len());
        let slices = slices.iter();
        let mut classes: Vec<String> = slices
            .map(|slice| slice["class"].as_str().unwrap().to_owned())
            .collect();
        classes.sort();
        classes.dedup();
        classes
    }

    #[track_caller]
    pub(crate) fn cannot_fetch(&self, asked: &Asked, why: &str) {
        let into = self.new_place("refused");
        let told = self.says(&["fetch", &asked.number, "-o", text(&into)]);
        told.is_refused(why);
        let files = fs::read_dir(&into).map_or(0, Iterator::count);
        assert_eq!(files, 0, "something opened");
    }

    pub(crate) fn founds_a_board_of(&self, members: &[&Self]) -> String {
        let names: Vec<&str> = members.iter().map(|one| one.name.as_str()).collect();
        let quorum = members.len().to_string();
        let words = ["ethics", "found", "--member", &names.join(","), "--quorum"];
        number(&self.does(&[&words[..], &[&quorum]].concat()), "board")
    }

    pub(crate) fn registers(&self, protocol: &str, board: &str) -> String {
        let words = ["study", "register", &sample(protocol), "--board", board];
        number(&self.does(&words), "study")
    }

    pub(crate) fn asks_the_board_about(&self, study: &str) -> String {
        number(&self.does(&["ethics", "open", study]), "ballot")
    }

    /// Where the ballot stands then.
    pub(crate) fn votes(&self, vote: &str, ballot: &str) -> String {
        let told = self.does(&["ethics", "vote", ballot, vote]);
        told["state"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn cannot_vote(&self, ballot: &str, why: &str) {
        let told = self.says(&["ethics", "vote", ballot, "approve"]);
        told.is_refused(why);
    }

    /// How many copies the study holds.
    pub(crate) fn leaves(&self, study: &str) -> u64 {
        let told = self.does(&["withdraw", "--study", study]);
        told["left"][0]["copiesOutstanding"].as_u64().unwrap()
    }

    fn emergency_of(&self, patient: &Self, key: &Path) -> Told {
        let words = ["emergency", "open", &patient.name, "--reason", "2", "-k"];
        self.says(&[&words[..], &[text(key)]].concat())
    }

    pub(crate) fn opens_an_emergency(&self, patient: &Self) -> Emergency {
        let key = self.new_place("key");
        let told = self.emergency_of(patient, &key).done();
        Emergency {
            number: number(&told, "emergency"),
            key,
        }
    }

    #[track_caller]
    pub(crate) fn cannot_open_an_emergency(&self, patient: &Self, why: &str) {
        let key = self.new_place("key");
        self.emergency_of(patient, &key).is_refused(why);
        assert!(!key.exists());
    }

    pub(crate) fn confirms(&self, emergency: &Emergency) {
        self.does(&["emergency", "confirm", &emergency.number]);
    }

    #[track_caller]
    pub(crate) fn cannot_confirm(&self, emergency: &Emergency, why: &str) {
        let told = self.says(&["emergency", "confirm", &emergency.number]);
        told.is_refused(why);
    }

    fn look_into(&self, emergency: &Emergency, file: &Path) -> Told {
        let words = ["emergency", "fetch", &emergency.number, "-k"];
        let paths = [text(&emergency.key), "-o", text(file)];
        self.says(&[&words[..], &paths].concat())
    }

    /// The kinds of resources that are in it.
    pub(crate) fn sees_into(&self, emergency: &Emergency) -> Vec<String> {
        let file = self.new_place("slice");
        self.look_into(emergency, &file).done();
        let bundle = bundle(&file);
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries
            .map(|entry| {
                entry["resource"]["resourceType"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    #[track_caller]
    pub(crate) fn cannot_see_into(&self, emergency: &Emergency, why: &str) {
        let file = self.new_place("slice");
        self.look_into(emergency, &file).is_refused(why);
        assert!(!file.exists());
    }

    /// Where it stands then.
    pub(crate) fn says_it_was(&self, word: &str, emergency: &Emergency) -> String {
        let told = self.does(&["emergency", "review", &emergency.number, word]);
        told["emergencies"][0]["state"].as_str().unwrap().to_owned()
    }

    pub(crate) fn emergencies(&self) -> usize {
        count(&self.does(&["emergency", "list"])["emergencies"])
    }
}
