//! The health part of the samples: two patients, two hospitals, two clinicians, a researcher and an ethics
//! board, some weeks into working together.
//!
//! ```text
//! hospitals import ── patients consent ── a board approves a study, and is asked about another
//! researcher and clinician ask ── what stands opens, what is asked waits, what is not permitted is refused
//! two emergencies: one reviewed, one that waits for its patient
//! ```
//! What people do are the words of `commonhold health`. Something of each kind is left to do, for whoever signs
//! in as one of them.

use std::thread;

use commonhold_session::Answer;
use eyre::{bail, eyre};
use serde_json::Value;

use super::town::{Town, count, joined, number};

/// Files of `samples/health`.
const FILES: &[(&str, &[u8])] = &[
    (
        "ward.json",
        include_bytes!("../../../../../samples/health/ward.json"),
    ),
    (
        "visit.json",
        include_bytes!("../../../../../samples/health/visit.json"),
    ),
    (
        "heart-rate.json",
        include_bytes!("../../../../../samples/health/heart-rate.json"),
    ),
    (
        "variants.vcf",
        include_bytes!("../../../../../samples/health/variants.vcf"),
    ),
    (
        "protocol.json",
        include_bytes!("../../../../../samples/health/protocol.json"),
    ),
];

/// What patients permit.
const CONSENTS: [(&str, &[&str]); 2] = [
    (
        "anna",
        &[
            "--purpose treatment --classes all --to role:clinician --duo DUO:0000004",
            "--purpose research --classes vitals --duo DUO:0000006 --standing --veto 0",
            "--purpose research --classes labs,meds --to role:researcher --duo DUO:0000006 --standing",
            "--purpose research --classes problems --duo DUO:0000006 --days 365",
        ],
    ),
    (
        "ben",
        &[
            "--purpose research --classes all --duo DUO:0000006 --standing --veto 0",
            "--purpose treatment --classes all --to role:clinician --duo DUO:0000004",
        ],
    ),
];

/// The hospitals, and whoever deals with them.
pub(super) struct Health<'a> {
    town: &'a Town<'a>,
    /// The number of the ethics board.
    board: u64,
}

/// A member founds the ethics board.
pub(super) fn board(town: &Town<'_>, member: &str) -> eyre::Result<u64> {
    let words = "health ethics found --member emil,emma --quorum 2";
    number(&town.say(member, words)?, "board")
}

impl<'a> Health<'a> {
    pub(super) fn new(town: &'a Town<'a>, board: u64) -> eyre::Result<Self> {
        for (name, content) in FILES {
            town.lay(name, content)?;
        }
        Ok(Self { town, board })
    }

    /// Says words of `commonhold health`.
    fn says(&self, who: &str, words: &str) -> eyre::Result<Value> {
        self.town.say(who, &format!("health {words}"))
    }

    /// What somebody is answered, whatever it is.
    fn hears(&self, who: &str, words: &[&str]) -> eyre::Result<Answer> {
        self.town.hears(who, &[&["health"], words].concat())
    }

    fn file(&self, name: &str) -> eyre::Result<String> {
        self.town.file(name)
    }

    /// Whom it is about in the end. `about` says so as the verb takes it; without it, each person is somebody
    /// of their own.
    fn imports(&self, custodian: &str, file: &str, about: &[&str]) -> eyre::Result<String> {
        let path = self.file(file)?;
        let words = [&["import", &path][..], about].concat();
        let answer = self.hears(custodian, &words)?;
        if let Some(why) = answer.refused {
            bail!("{file} is not taken: {why}");
        }
        let subject = answer.data.pointer("/people/0/subject");
        let subject = subject.and_then(Value::as_str);
        Ok(subject
            .ok_or_else(|| eyre!("{file} is about nobody"))?
            .to_owned())
    }

    /// The number of the request.
    fn asks(&self, who: &str, words: &str) -> eyre::Result<u64> {
        let told = self.says(who, &format!("request {words}"))?;
        let number = told.pointer("/requests/0/request").and_then(Value::as_u64);
        number.ok_or_else(|| eyre!("{who} made no request"))
    }

    /// Tries to fetch what a request opens: refusals stand on the ledger, too.
    fn fetches(&self, who: &str, request: u64) -> eyre::Result<()> {
        let into = self.file(&format!("fetched-{request}"))?;
        self.hears(who, &["fetch", &request.to_string(), "-o", &into])?;
        Ok(())
    }

    fn study(&self, who: &str, board: u64) -> eyre::Result<u64> {
        let protocol = self.file("protocol.json")?;
        let board = board.to_string();
        let words = ["study", "register", &protocol, "--board", &board];
        number(&self.hears(who, &words)?.data, "study")
    }

    /// An emergency that two clinicians opened, and the first of them has looked into.
    fn emergency(&self, first: &str, second: &str, of: &str) -> eyre::Result<u64> {
        let key = self.file(&format!("key-{of}"))?;
        let words = ["emergency", "open", of, "--reason", "2", "-k", &key];
        let case = number(&self.hears(first, &words)?.data, "emergency")?;
        self.says(second, &format!("emergency confirm {case}"))?;
        let into = self.file(&format!("emergency-{of}.json"))?;
        let case_text = case.to_string();
        let words = ["emergency", "fetch", &case_text, "-k", &key, "-o", &into];
        self.hears(first, &words)?;
        Ok(case)
    }

    /// The clinic keeps people under pseudonyms. One of them is Anna's, who takes it over, another waits for Ben.
    fn hospitals_import(&self) -> eyre::Result<()> {
        let pseudonym = thread::scope(|scope| {
            let north = scope.spawn(|| {
                self.imports("northside", "ward.json", &["--subject", "anna"])?;
                self.imports("northside", "variants.vcf", &["--subject", "ben"])?;
                Ok(())
            });
            let harbour = scope.spawn(|| {
                self.imports("harbour", "ward.json", &["--subject", "ben"])?;
                let somebody = self.imports("harbour", "visit.json", &[])?;
                self.imports("harbour", "heart-rate.json", &["--subject", &somebody])?;
                self.imports("harbour", "heart-rate.json", &["--person", "Patient/18"])?;
                Ok(somebody)
            });
            joined(north)?;
            joined(harbour)
        })?;
        self.says("harbour", &format!("pseudonym offer {pseudonym} --to anna"))?;
        self.says("anna", &format!("pseudonym take {pseudonym}"))?;
        let permit = "--purpose treatment --classes all --to role:clinician --duo DUO:0000004";
        self.says(
            "anna",
            &format!("consent set {permit} --subject {pseudonym}"),
        )?;
        self.says("harbour", "pseudonym offer Patient/18 --to ben")?;
        Ok(())
    }

    /// A study is registered, and approved by the board: its number.
    fn a_study_is_approved(&self) -> eyre::Result<u64> {
        let study = self.study("rosa", self.board)?;
        let ballot = number(
            &self.says("rosa", &format!("ethics open {study}"))?,
            "ballot",
        )?;
        for member in ["emil", "emma"] {
            self.says(member, &format!("ethics vote {ballot} approve"))?;
        }
        Ok(study)
    }

    /// Says all of it. The last thing is the emergency of which [`is_filled`] knows.
    pub(super) fn fill(&self) -> eyre::Result<()> {
        self.hospitals_import()?;
        let study = thread::scope(|scope| {
            let consents = CONSENTS.map(|(who, permits)| {
                scope.spawn(move || {
                    permits.iter().try_for_each(|permit| {
                        self.says(who, &format!("consent set {permit}")).map(drop)
                    })
                })
            });
            let study = scope.spawn(|| self.a_study_is_approved());
            consents.into_iter().try_for_each(joined)?;
            joined(study)
        })?;
        let research = |of: &str, classes: &str| {
            format!("--from {of} --purpose research --study {study} --classes {classes}")
        };
        let vitals = self.asks("rosa", &research("anna", "vitals,genomic"))?;
        self.fetches("rosa", vitals)?;
        let waiting = self.asks("rosa", &research("anna", "labs,meds"))?;
        self.fetches("rosa", waiting)?;
        let of_ben = self.asks("rosa", &research("ben", "labs,vitals,genomic"))?;
        self.fetches("rosa", of_ben)?;
        self.asks("rosa", &research("anna", "problems"))?;

        let treats = "--from anna --purpose treatment --classes";
        let answered = self.asks("clara", &format!("{treats} labs,meds"))?;
        self.says("anna", &format!("review approve {answered}"))?;
        self.fetches("clara", answered)?;
        let asked = self.asks("clara", &format!("{treats} problems,procedures,documents"))?;
        self.fetches("clara", asked)?;

        let other = self.study("rosa", self.board)?;
        let ballot = number(
            &self.says("rosa", &format!("ethics open {other}"))?,
            "ballot",
        )?;
        self.says("emil", &format!("ethics vote {ballot} approve"))?;

        let case = self.emergency("clara", "carl", "ben")?;
        self.says("ben", &format!("emergency review {case} --justified"))?;
        self.emergency("carl", "clara", "anna")?;
        Ok(())
    }
}

/// How far an earlier run came: whether it began, and whether it came to its end.
pub(super) fn is_filled(town: &Town<'_>) -> eyre::Result<(bool, bool)> {
    let begun = town.hears("anna", &["health", "records"])?;
    let ended = town.hears("anna", &["health", "emergency", "list"])?;
    Ok((
        count(&begun.data, "records") > 0,
        count(&ended.data, "emergencies") > 0,
    ))
}
