//! What an account remembers of its imports: whom it knows by which pseudonym, and what is in already.
//!
//! ```text
//! PLACE/people-ADDRESS     a line for each person: the pseudonym · the hospital's name of them, locked
//! PLACE/imported-ADDRESS   a line for each slice: a word for its content · its record
//! ```
//! Who acts alone reads and computes either ([`Account::lock`], [`Account::word`]): names are locked like a
//! record of the account's own, and the word of a content says nothing of it. Lines are added and never
//! changed, each on the disk before what follows from it happens; a last line that was cut off counts for
//! nothing.
//!
//! A person's pseudonym follows from the account's secret, the system that the name is of, and the name:
//! the same person has the same one in every import, and no two custodians' can be brought together.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, hex};
use commonhold_health_contract::pseudonyms::pseudonym;
use commonhold_sdk::{Account, clock::now_ms};
use commonhold_session::Refused;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{limits::BOOK_BYTES_MAX, slice::Slice};

/// What pseudonyms are made in.
const PEOPLE: &str = "commonhold 2026 health pseudonym v1";
/// What words of contents are made in.
const IMPORTED: &str = "commonhold 2026 health imported v1";

/// Somebody as a custodian knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// The hospital's name of them.
    pub(crate) name: String,
    /// The system that this is the name of; empty: the only one.
    pub(crate) source: String,
    /// Their date of birth, where it was told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) born: Option<String>,
    /// When they were entered, in seconds since 1970.
    pub(crate) since: u64,
}

/// An account's memory.
pub(crate) struct Book<'a> {
    account: &'a Account,
    chain_id: u64,
    place: Option<PathBuf>,
    /// By pseudonym, their locked entries.
    people: HashMap<Address, Vec<u8>>,
    /// By word, records.
    imported: HashMap<B256, B256>,
    /// Held while the book is open: nobody else writes in it.
    _lock: Option<File>,
}

impl<'a> Book<'a> {
    /// Opens an account's book in a place; without a place nothing is remembered.
    pub(crate) fn open(
        account: &'a Account,
        chain_id: u64,
        place: Option<PathBuf>,
    ) -> eyre::Result<Self> {
        let path = |name| path(place.as_deref(), name, account);
        let (people, imported) = (path("people"), path("imported"));
        let lock = imported.as_deref().map(locked).transpose()?;
        let mut book = Self {
            account,
            chain_id,
            place,
            people: HashMap::new(),
            imported: HashMap::new(),
            _lock: lock,
        };
        let (Some(people), Some(imported)) = (people, imported) else {
            return Ok(book);
        };
        for (key, value) in lines(&people)? {
            if let (Ok(pseudonym), Ok(entry)) = (key.parse(), hex::decode(&value)) {
                book.people.insert(pseudonym, entry);
            }
        }
        for (key, value) in lines(&imported)? {
            if let (Ok(word), Ok(record)) = (key.parse(), value.parse()) {
                book.imported.insert(word, record);
            }
        }
        Ok(book)
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        path(self.place.as_deref(), name, self.account)
    }

    /// What makes a person's pseudonym, which is the account's secret until it is offered to them.
    pub(crate) fn secret(&self, source: &str, name: &str) -> io::Result<B256> {
        let text = [source.as_bytes(), b"\0", name.as_bytes()].concat();
        self.account.word(PEOPLE, text.as_slice())
    }

    /// The pseudonym of a person.
    pub(crate) fn pseudonym(&self, source: &str, name: &str) -> io::Result<Address> {
        let secret = self.secret(source, name)?;
        Ok(pseudonym(self.chain_id, self.account.address(), secret))
    }

    /// The pseudonym of a person, who is in the book then. Refused where somebody with another date of
    /// birth is in it under this name: two people would become one.
    pub(crate) fn enter(
        &mut self,
        source: &str,
        name: &str,
        born: Option<&str>,
    ) -> eyre::Result<Address> {
        let who = self.pseudonym(source, name)?;
        if let Some(known) = self.known(who)? {
            let differ = matches!((&known.born, born), (Some(before), Some(now)) if before != now);
            if differ {
                let why = "somebody with another date of birth was imported under this person's id \
                           before: say by --source which system the file is of, or by --subject whose \
                           it is";
                return Err(Refused(why.to_owned()).into());
            }
            return Ok(who);
        }
        let entry = Known {
            name: name.to_owned(),
            source: source.to_owned(),
            born: born.map(str::to_owned),
            since: now_ms() / 1000,
        };
        let text = Zeroizing::new(serde_json::to_vec(&entry)?);
        let locked = self.account.lock(&text)?;
        if let Some(path) = self.path("people") {
            add(&path, &format!("{who:x} {}", hex::encode(&locked)))?;
        }
        self.people.insert(who, locked);
        Ok(who)
    }

    /// Whom a pseudonym is of.
    pub(crate) fn known(&self, who: Address) -> eyre::Result<Option<Known>> {
        let Some(locked) = self.people.get(&who) else {
            return Ok(None);
        };
        let text = self.account.unlock(locked)?;
        Ok(Some(serde_json::from_slice(&text)?))
    }

    /// Everybody in the book.
    pub(crate) fn everybody(&self) -> eyre::Result<Vec<(Address, Known)>> {
        let mut all = Vec::new();
        for who in self.people.keys() {
            all.extend(self.known(*who)?.map(|known| (*who, known)));
        }
        all.sort_by(|(_, left), (_, right)| {
            (&left.source, &left.name).cmp(&(&right.source, &right.name))
        });
        Ok(all)
    }

    /// A word for a slice about somebody: the same for the same bytes, class and person.
    pub(crate) fn word(&self, subject: Address, slice: &Slice) -> eyre::Result<B256> {
        let class = slice.class.on_ledger() as u8;
        let head = [class, u8::from(slice.restricted)];
        let head = io::Cursor::new([subject.as_slice(), &head].concat());
        let content = slice
            .open()
            .map_err(|refusal| Refused(refusal.to_string()))?;
        Ok(self.account.word(IMPORTED, head.chain(content))?)
    }

    /// A word for something that is named by a hash.
    pub(crate) fn word_of(&self, subject: Address, hash: B256) -> io::Result<B256> {
        let text = [subject.as_slice(), hash.as_slice()].concat();
        self.account.word(IMPORTED, text.as_slice())
    }

    /// The record that a word was imported as.
    pub(crate) fn record(&self, word: B256) -> Option<B256> {
        self.imported.get(&word).copied()
    }

    /// Remembers what a word was imported as.
    pub(crate) fn imported(&mut self, word: B256, record: B256) -> eyre::Result<()> {
        if let Some(path) = self.path("imported") {
            add(&path, &format!("{word:x} {record:x}"))?;
        }
        self.imported.insert(word, record);
        Ok(())
    }
}

fn path(place: Option<&Path>, name: &str, account: &Account) -> Option<PathBuf> {
    Some(place?.join(format!("{name}-{:x}", account.address())))
}

/// A file that nobody else has open so.
fn locked(path: &Path) -> eyre::Result<File> {
    let file = opened(path)?;
    if file.try_lock().is_err() {
        let why = "this account imports already: wait until that is done, or stop it";
        return Err(Refused(why.to_owned()).into());
    }
    Ok(file)
}

fn failed(path: &Path, error: &io::Error) -> Refused {
    Refused(format!("{}: {error}", path.display()))
}

fn opened(path: &Path) -> eyre::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path);
    Ok(file.map_err(|e| failed(path, &e))?)
}

/// A file's whole lines, each in two words.
fn lines(path: &Path) -> eyre::Result<Vec<(String, String)>> {
    let mut text = String::new();
    opened(path)?
        .take(BOOK_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|e| failed(path, &e))?;
    if text.len() as u64 > BOOK_BYTES_MAX {
        let why = format!("{} exceeds BOOK_BYTES_MAX", path.display());
        return Err(Refused(why).into());
    }
    let whole = text
        .rfind('\n')
        .map_or("", |end| text.get(..end).unwrap_or_default());
    let two = |line: &str| {
        line.split_once(' ')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
    };
    Ok(whole.lines().filter_map(two).collect())
}

/// Adds a line, and has it on the disk.
fn add(path: &Path, line: &str) -> eyre::Result<()> {
    let mut file = opened(path)?;
    let written = ends_well(&mut file).and_then(|well| {
        let start = if well { "" } else { "\n" };
        file.write_all(format!("{start}{line}\n").as_bytes())?;
        file.sync_data()
    });
    Ok(written.map_err(|e| failed(path, &e))?)
}

/// Whether a file is empty, or its last line is whole.
fn ends_well(file: &mut File) -> io::Result<bool> {
    use std::os::unix::fs::FileExt as _;
    let Some(last) = file.metadata()?.len().checked_sub(1) else {
        return Ok(true);
    };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book<'a>(account: &'a Account, place: &Path) -> Book<'a> {
        Book::open(account, 1_337, Some(place.to_owned())).unwrap()
    }

    #[test]
    fn a_person_has_one_pseudonym_for_each_custodian() {
        let place = tempfile::tempdir().unwrap();
        let (city, county) = (Account::random(), Account::random());
        let mut of_city = book(&city, place.path());
        let mut of_county = book(&county, place.path());
        let anna = of_city.enter("", "Patient/1", Some("1980-01-01")).unwrap();
        assert_eq!(of_city.enter("", "Patient/1", None).unwrap(), anna);
        assert_ne!(of_city.enter("", "Patient/2", None).unwrap(), anna);
        assert_ne!(of_city.enter("lab", "Patient/1", None).unwrap(), anna);
        assert_ne!(of_county.enter("", "Patient/1", None).unwrap(), anna);
        let again = of_city.enter("", "Patient/1", Some("1990-01-01"));
        assert!(
            again
                .unwrap_err()
                .to_string()
                .contains("another date of birth")
        );

        // What is on the disk names nobody, and is there for the next command.
        drop(of_city);
        for file in std::fs::read_dir(place.path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(!text.contains("Patient") && !text.contains("1980"));
        }
        let of_city = book(&city, place.path());
        let all = of_city.everybody().unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].0, anna);
        assert_eq!(all[0].1.name, "Patient/1");
    }

    #[test]
    fn a_line_that_was_cut_off_counts_for_nothing() {
        let place = tempfile::tempdir().unwrap();
        let account = Account::random();
        let (word, record) = (B256::repeat_byte(1), B256::repeat_byte(2));
        book(&account, place.path()).imported(word, record).unwrap();
        let path = book(&account, place.path()).path("imported").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{}", &text[..70])).unwrap();
        let mut again = book(&account, place.path());
        assert_eq!(again.record(word), Some(record));
        assert_eq!(again.imported.len(), 1);
        again.imported(record, word).unwrap();
        drop(again);
        let again = book(&account, place.path());
        assert_eq!(again.record(record), Some(word));
    }

    #[test]
    fn one_import_of_an_account_runs_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let (account, other) = (Account::random(), Account::random());
        let first = book(&account, place.path());
        assert!(Book::open(&account, 1, Some(place.path().to_owned())).is_err());
        assert!(Book::open(&other, 1, Some(place.path().to_owned())).is_ok());
        drop(first);
        book(&account, place.path());
        assert!(
            Book::open(&account, 1, None)
                .unwrap()
                .record(B256::ZERO)
                .is_none()
        );
    }
}
