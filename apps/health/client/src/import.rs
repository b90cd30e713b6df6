//! `commonhold health import`: files in, slices on the ledger.
//!
//! ```text
//! files, directories ── what is read together ── any that is not taken is told, and nothing of it leaves
//!   ── whose: one subject, or a pseudonym for each person ── what is in already is passed over
//!   ── each slice: encrypted under a key of its own, sealed to the network, uploaded, registered with health
//!      as its policy ── remembered ── told to health
//! ```
//! A custodian imports for many: each person's slices are under the pseudonym that this custodian has of
//! them ([`crate::book`]), and what names nobody is under its own address. Anybody else imports for one
//! subject, themselves or whom they name; a file about several people, or about another than the files
//! before it, is refused then, as nothing is worse than a record in which two people are one. Whoever knows
//! that two names mean one person says so.
//!
//! What was imported is remembered slice by slice, and the ledger is asked what became of it: an import
//! that was cut off goes on where it was, and files that are given twice are imported once.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{NewSlice, registerSlicesCall, sliceCall},
    limits::SLICES_PER_CALL_MAX,
};
use commonhold_sdk::{
    Account, Client, SdkError,
    records::{PutOptions, Records},
    roles::{self, Standing},
};
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;

use crate::{
    Contents, Options,
    book::Book,
    paths::{Part, parts},
    slice::{Form, Slice},
    words::sensitivity,
};

/// Whom files are about.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct About {
    /// About whom: an address, an account of your keystore, or a handle [default: who acts; of a custodian,
    /// each person by a pseudonym of their own].
    #[arg(long, value_name = "WHO", conflicts_with = "person")]
    pub(crate) subject: Option<String>,
    /// About whom, by your own name of them (Patient/17): under the pseudonym that you have of them.
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
    /// The system whose names of people these are, where you have several.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) source: String,
    /// All files are about one person, by whatever name they know them.
    #[arg(long)]
    pub(crate) one_person: bool,
}

/// What came of a file, or of the files of one export.
#[derive(Serialize)]
struct Imported {
    file: PathBuf,
    /// How many files, where they were read together.
    #[serde(skip_serializing_if = "is_one")]
    files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    records: Vec<Row>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_one(files: &usize) -> bool {
    *files == 1
}

/// A slice that is a record now.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) subject: Address,
    pub(crate) slice: String,
    pub(crate) record: B256,
    pub(crate) resources: u64,
    pub(crate) bytes: u64,
    /// It was in already.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub(crate) before: bool,
}

/// What was taken of one person.
#[derive(Default, Serialize)]
struct Taken {
    slices: u64,
    resources: u64,
    bytes: u64,
    /// Of these slices so many were in already.
    before: u64,
}

/// Imports files and directories.
pub(crate) fn import(
    session: &dyn Session,
    paths: &[PathBuf],
    about: &About,
    options: Options,
) -> eyre::Result<Answer> {
    let parts = parts(paths)?;
    let client = session.client()?;
    let account = session.account()?;
    let mut way = Way::open(session, &client, &account, about)?;
    let mut all = Vec::new();
    let mut person = about.person.clone().filter(|_| !about.one_person);
    for part in &parts {
        let imported = way.import(part, options, &mut person)?;
        if about.one_person {
            person = None;
        }
        all.push(imported);
    }
    told(&all, way.subject.is_none().then(|| account.address()))
}

fn told(all: &[Imported], custodian: Option<Address>) -> eyre::Result<Answer> {
    let refused = all.iter().filter(|file| file.refused.is_some()).count();
    let mut people: BTreeMap<Address, Taken> = BTreeMap::new();
    for row in all.iter().flat_map(|file| &file.records) {
        let taken = people.entry(row.subject).or_default();
        taken.slices += 1;
        taken.resources = taken.resources.saturating_add(row.resources);
        taken.bytes = taken.bytes.saturating_add(row.bytes);
        taken.before += u64::from(row.before);
    }
    let mut text: Vec<String> = all.iter().map(|file| file.text(custodian)).collect();
    for (subject, taken) in people.iter().filter(|_| custodian.is_some()) {
        text.push(taken.text(*subject, custodian));
    }
    let rows: Vec<_> = people
        .iter()
        .map(|(subject, taken)| serde_json::json!({ "subject": subject, "taken": taken }))
        .collect();
    let data = serde_json::json!({ "files": all, "people": rows });
    let mut answer = Answer::of(&data, text.join("\n"))?;
    if refused > 0 {
        answer.refused = Some(format!("{refused} of {} files are refused", all.len()));
    }
    Ok(answer)
}

/// From a slice to a record.
pub(crate) struct Way<'a> {
    session: &'a dyn Session,
    client: &'a Client,
    account: &'a Account,
    pub(crate) book: Book<'a>,
    /// Whom everything is about; nothing: each person by a pseudonym.
    pub(crate) subject: Option<Address>,
    source: &'a str,
}

/// What became of something that was imported before.
enum Before {
    /// It is registered with health.
    Slice,
    /// It is a record, and health was not told of it.
    Record,
    /// It was erased, or is of another network.
    Gone,
}

impl<'a> Way<'a> {
    pub(crate) fn open(
        session: &'a dyn Session,
        client: &'a Client,
        account: &'a Account,
        about: &'a About,
    ) -> eyre::Result<Self> {
        let me = account.address();
        let mut book = Book::open(account, client.chain_id()?, session.place()?)?;
        let subject = match (&about.subject, &about.person) {
            (Some(who), _) => Some(session.who(who)?),
            (None, Some(name)) => Some(book.enter(&about.source, name, None)?),
            (None, None) => {
                let custodian = roles::role("custodian")?;
                let standing = client.role_standing(me, custodian, 0)?;
                (standing != Standing::Good).then_some(me)
            }
        };
        if subject.is_none() && about.one_person {
            let why = "--one-person needs --subject or --person: whose the files are";
            return Err(Refused(why.to_owned()).into());
        }
        Ok(Self {
            session,
            client,
            account,
            book,
            subject,
            source: &about.source,
        })
    }

    /// Imports what is read together. Where it is to be about one person, the first of them says who that
    /// is.
    fn import(
        &mut self,
        part: &Part,
        options: Options,
        person: &mut Option<String>,
    ) -> eyre::Result<Imported> {
        let mut done = Imported {
            file: part.name.clone(),
            files: part.files.len(),
            refused: None,
            records: Vec::new(),
        };
        let contents = match part.read(options) {
            Ok(contents) => contents,
            Err((file, refusal)) => {
                done.refused = Some(match part.files.len() {
                    1 => refusal.to_string(),
                    _ => format!("{}: {refusal}", file.display()),
                });
                return Ok(done);
            }
        };
        let subjects = match self.subjects(&contents, person)? {
            Ok(subjects) => subjects,
            Err(why) => {
                done.refused = Some(why);
                return Ok(done);
            }
        };
        self.session.say(&format!(
            "{}: {} slices",
            part.name.display(),
            contents.slices.len()
        ));
        let me = self.account.address();
        let mut told: BTreeMap<Address, Vec<NewSlice>> = BTreeMap::new();
        for slice in &contents.slices {
            let whose = slice.person.and_then(|number| subjects.get(number));
            let subject = whose.copied().or(self.subject).unwrap_or(me);
            let word = self.book.word(subject, slice)?;
            let (id, registered) = match self.before(word)? {
                Some((id, registered)) => (id, registered),
                None => {
                    let id = self.put(slice, &part.name)?;
                    self.book.imported(word, id)?;
                    (id, false)
                }
            };
            if !registered {
                let slices = told.entry(subject).or_default();
                slices.push(NewSlice {
                    id,
                    class: slice.class.on_ledger(),
                    sensitivity: sensitivity(slice.restricted, slice.sensitivity),
                });
            }
            done.records.push(Row {
                subject,
                slice: slice.name(),
                record: id,
                resources: slice.resources,
                bytes: slice.padded_bytes(),
                before: registered,
            });
        }
        for (subject, slices) in told {
            self.register(subject, &slices)?;
        }
        Ok(done)
    }

    /// Whom the people of a file are, in their order; or why it is not taken.
    fn subjects(
        &mut self,
        contents: &Contents,
        person: &mut Option<String>,
    ) -> eyre::Result<Result<Vec<Address>, String>> {
        let Some(subject) = self.subject else {
            let mut subjects = Vec::new();
            for one in &contents.people {
                if !one.is_named() {
                    let why = "its patient has neither an id nor an address, by which they could be known \
                               again: say by --subject or --person whose it is";
                    return Ok(Err(why.to_owned()));
                }
                let name = one.reference();
                match self.book.enter(self.source, name, one.born.as_deref()) {
                    Ok(who) => subjects.push(who),
                    Err(e) if e.is::<Refused>() => return Ok(Err(e.to_string())),
                    Err(e) => return Err(e),
                }
            }
            return Ok(Ok(subjects));
        };
        if contents.people.len() > 1 {
            let why = "it is about several people: a custodian imports for many, under a pseudonym for \
                       each; else import a file for each, with --subject";
            return Ok(Err(why.to_owned()));
        }
        if let Some(named) = contents.people.first() {
            let known = person.get_or_insert_with(|| named.reference().to_owned());
            if known != named.reference() {
                let why = "it is about another person than the files before it: import each person's \
                           files by themselves, with --subject; or say --one-person";
                return Ok(Err(why.to_owned()));
            }
        }
        Ok(Ok(vec![subject; contents.people.len()]))
    }

    /// What was imported of something before, and whether health was told of it.
    pub(crate) fn before(&self, word: B256) -> Result<Option<(B256, bool)>, SdkError> {
        let Some(id) = self.book.record(word) else {
            return Ok(None);
        };
        Ok(match self.became(id)? {
            Before::Slice => Some((id, true)),
            Before::Record => Some((id, false)),
            Before::Gone => None,
        })
    }

    fn became(&self, id: B256) -> Result<Before, SdkError> {
        let found = match self.client.record(id) {
            Err(SdkError::Reverted { .. } | SdkError::NotFound(_)) => return Ok(Before::Gone),
            found => found?,
        };
        if found.policy != ADDRESS || self.client.record_is_erased(id)? {
            return Ok(Before::Gone);
        }
        match self.client.call(ADDRESS, &sliceCall { id }) {
            Ok(_) => Ok(Before::Slice),
            Err(SdkError::Reverted { .. }) => Ok(Before::Record),
            Err(e) => Err(e),
        }
    }

    /// Tells health of slices about somebody.
    pub(crate) fn register(&self, subject: Address, slices: &[NewSlice]) -> Result<(), SdkError> {
        for some in slices.chunks(SLICES_PER_CALL_MAX) {
            let call = registerSlicesCall {
                subject,
                slices: some.to_vec(),
            };
            self.client.send_call(self.account, ADDRESS, &call)?;
        }
        Ok(())
    }

    /// Makes a record of a slice.
    pub(crate) fn put(&self, slice: &Slice, file: &Path) -> eyre::Result<B256> {
        let options = PutOptions {
            kind: match slice.form {
                Form::Bundle => "application/fhir+json",
                Form::Ndjson => "application/fhir+ndjson",
                Form::Readings => "application/senml+ndjson",
                Form::Original => "application/octet-stream",
            }
            .to_owned(),
            policy: Some(ADDRESS),
            seal: true,
            ..PutOptions::default()
        };
        let content = slice
            .open()
            .map_err(|refusal| Refused::file(file, &refusal))?;
        let records = Records::new(self.client, self.account);
        let progress = self.session.progress();
        let put = records.put_from(content, slice.padded_bytes(), &options, &*progress)?;
        Ok(put.id)
    }
}

/// So many of something, in words.
fn many(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

impl Imported {
    /// For people. Of a custodian what was taken is told person by person, and here only how much.
    fn text(&self, custodian: Option<Address>) -> String {
        let name = match self.files {
            1 => self.file.display().to_string(),
            files => format!("{} ({files} files)", self.file.display()),
        };
        if let Some(why) = &self.refused {
            return format!("{name}: refused: {why}");
        }
        if self.records.is_empty() {
            return format!("{name}: nothing to import");
        }
        if let Some(custodian) = custodian {
            let mut people: Vec<Address> = self.records.iter().map(|row| row.subject).collect();
            people.retain(|subject| *subject != custodian);
            people.sort_unstable();
            people.dedup();
            let slices = many(self.records.len(), "slice", "slices");
            return match people.len() {
                0 => format!("{name}: {slices}, about nobody by name"),
                n => format!("{name}: {slices} of {}", many(n, "person", "people")),
            };
        }
        let row = |row: &Row| {
            let before = if row.before { " (in already)" } else { "" };
            format!("\n  {:<24} {}{before}", row.slice, row.record)
        };
        name + &self.records.iter().map(row).collect::<String>()
    }
}

impl Taken {
    fn text(&self, subject: Address, custodian: Option<Address>) -> String {
        let whose = if Some(subject) == custodian {
            " (your own address: what names nobody)"
        } else {
            ""
        };
        let before = match self.before {
            0 => String::new(),
            before => format!(", {before} of them in already"),
        };
        let Self {
            slices,
            resources,
            bytes,
            ..
        } = self;
        format!("{subject}{whose}: {slices} slices, {resources} records, {bytes} bytes{before}")
    }
}
