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

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use alloy_primitives::{Address, B256};
use clap::Parser;
use commonhold_health_client::{
    abis,
    command::{self, Args},
};
use commonhold_sdk::{
    Account, Client, Keystore,
    records::Progress,
    roles::{Claim, role},
};
use commonhold_session::{Answer, Session};
use eyre::{OptionExt as _, bail, eyre};
use serde_json::Value;

use super::people::{EVERYBODY, account};

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

/// The name by which the first member acts.
const MEMBER: &str = "member";

/// The verb as it is said.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    health: Args,
}

/// Where all of them live.
pub(super) struct Town<'a> {
    url: String,
    accounts: BTreeMap<&'static str, Account>,
    /// For files that are read and written on the way.
    place: &'a Path,
    /// What is remembered beside the accounts, so that the command line goes on from it.
    memory: PathBuf,
}

/// Somebody who says something.
struct Here<'a> {
    town: &'a Town<'a>,
    account: &'a Account,
}

impl<'a> Town<'a> {
    /// The town by way of the member at `url`, whose account has this secret. `place` is a directory for files,
    /// `keystore` where the recovery files are.
    pub(super) fn new(
        url: &str,
        member: &B256,
        place: &'a Path,
        keystore: &Path,
    ) -> eyre::Result<Self> {
        let mut accounts = BTreeMap::new();
        accounts.insert(MEMBER, Account::from_secret(member.as_slice())?);
        for somebody in EVERYBODY {
            accounts.insert(somebody.key, account(somebody.key)?);
        }
        for (name, content) in FILES {
            fs::write(place.join(name), content)?;
        }
        Ok(Self {
            url: url.to_owned(),
            accounts,
            place,
            memory: Keystore::open(keystore)?.beside("health")?,
        })
    }

    fn client(&self) -> eyre::Result<Client> {
        Ok(Client::new(&self.url)?.with_abis(abis()))
    }

    fn account(&self, who: &str) -> eyre::Result<&Account> {
        self.accounts
            .get(who)
            .ok_or_else(|| eyre!("nobody is {who}"))
    }

    /// What somebody is answered; refusals are answers where the command has one.
    fn hears(&self, who: &str, words: &[&str]) -> eyre::Result<Answer> {
        let line = Line::try_parse_from([&["health"], words].concat())?;
        let account = self.account(who)?;
        command::run(
            &line.health,
            &Here {
                town: self,
                account,
            },
        )
    }

    /// Says words of `commonhold health`.
    fn says(&self, who: &str, words: &str) -> eyre::Result<Value> {
        let words: Vec<&str> = words.split(' ').collect();
        let answer = self.hears(who, &words)?;
        match answer.refused {
            None => Ok(answer.data),
            Some(why) => bail!("{who} is refused {}: {why}", words.join(" ")),
        }
    }

    fn file(&self, name: &str) -> eyre::Result<String> {
        let path = self.place.join(name);
        let path = path
            .to_str()
            .ok_or_eyre("the directory's name is not text")?;
        Ok(path.to_owned())
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

    /// Everybody registers, and the member attests who is what.
    fn they_come(&self) -> eyre::Result<()> {
        thread::scope(|scope| {
            let coming: Vec<_> = EVERYBODY
                .iter()
                .map(|somebody| {
                    scope.spawn(|| {
                        let account = self.account(somebody.key)?;
                        self.client()?.ensure_registered(account, somebody.name)?;
                        Ok::<_, eyre::Report>(())
                    })
                })
                .collect();
            coming.into_iter().try_for_each(joined)
        })?;
        let member = self.account(MEMBER)?;
        let client = self.client()?;
        let number = client.member_of(member.address())?.number;
        for somebody in EVERYBODY {
            let Some(name) = somebody.role else { continue };
            let claim = (self.account(somebody.key)?.address(), role(name)?);
            client.attest_role(member, number, claim, Claim::default())?;
        }
        Ok(())
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

    /// A board is founded, a study registered, and approved by the board: their numbers.
    fn a_study_is_approved(&self) -> eyre::Result<(u64, u64)> {
        let founded = self.says(MEMBER, "ethics found --member emil,emma --quorum 2")?;
        let board = number(&founded, "board")?;
        let study = self.study("rosa", board)?;
        let ballot = number(
            &self.says("rosa", &format!("ethics open {study}"))?,
            "ballot",
        )?;
        for member in ["emil", "emma"] {
            self.says(member, &format!("ethics vote {ballot} approve"))?;
        }
        Ok((board, study))
    }

    /// Says all of it. The last thing is the emergency of which [`Self::is_filled`] knows.
    pub(super) fn fill(&self) -> eyre::Result<()> {
        self.they_come()?;
        self.hospitals_import()?;
        let (board, study) = thread::scope(|scope| {
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

        let other = self.study("rosa", board)?;
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

    /// How far an earlier run came: whether it began, and whether it came to its end.
    pub(super) fn is_filled(&self) -> eyre::Result<(bool, bool)> {
        let begun = self.hears("anna", &["records"])?;
        let begun = count(&begun.data, "records") > 0;
        let ended = self.hears("anna", &["emergency", "list"])?;
        let ended = count(&ended.data, "emergencies") > 0;
        Ok((begun, ended))
    }
}

fn count(told: &Value, list: &str) -> usize {
    told.get(list).and_then(Value::as_array).map_or(0, Vec::len)
}

fn number(told: &Value, name: &str) -> eyre::Result<u64> {
    let number = told.get(name).and_then(Value::as_u64);
    number.ok_or_else(|| eyre!("no {name} was made: {told}"))
}

fn joined<T>(handle: thread::ScopedJoinHandle<'_, eyre::Result<T>>) -> eyre::Result<T> {
    handle.join().map_err(|_| eyre!("a thread panicked"))?
}

impl Session for Here<'_> {
    fn client(&self) -> eyre::Result<Client> {
        self.town.client()
    }

    fn account(&self) -> eyre::Result<Account> {
        Ok(self.account.clone())
    }

    fn address(&self) -> eyre::Result<Address> {
        Ok(self.account.address())
    }

    fn who(&self, text: &str) -> eyre::Result<Address> {
        match text.parse() {
            Ok(address) => Ok(address),
            Err(_) => Ok(self.town.account(text)?.address()),
        }
    }

    fn place(&self) -> eyre::Result<Option<PathBuf>> {
        Ok(Some(self.town.memory.clone()))
    }

    fn say(&self, _message: &str) {}

    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(())
    }
}
