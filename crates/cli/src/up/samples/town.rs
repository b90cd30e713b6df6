//! Where the people of the samples live: what each of them says are the words of the applications' verbs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread,
};

use alloy_primitives::{Address, B256};
use clap::{Parser, Subcommand};
use commonhold_energy_client as energy;
use commonhold_health_client as health;
use commonhold_sdk::{Abis, Account, Client, Keystore, records::Progress};
use commonhold_session::{Answer, Session};
use commonhold_works_client as works;
use eyre::{OptionExt as _, bail, eyre};
use serde_json::Value;

/// What is said, as the command line takes it.
#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Energy(Box<energy::command::Args>),
    Health(Box<health::command::Args>),
    Works(Box<works::command::Args>),
}

/// Where all of them live.
pub(super) struct Town<'a> {
    url: String,
    accounts: BTreeMap<String, Account>,
    /// For files that are read and written on the way.
    place: &'a Path,
    /// Beside which the verbs remember things, so that the command line goes on from there.
    keystore: Keystore,
}

/// Somebody who says something.
struct Here<'a> {
    town: &'a Town<'a>,
    account: &'a Account,
    /// The verb's application: its name and its interface.
    application: (&'static str, fn() -> Abis),
}

impl<'a> Town<'a> {
    /// The town by way of the member at `url`. `place` is a directory for files, `keystore` where the recovery
    /// files are.
    pub(super) fn new(url: &str, place: &'a Path, keystore: &Path) -> eyre::Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            accounts: BTreeMap::new(),
            place,
            keystore: Keystore::open(keystore)?,
        })
    }

    /// Somebody moves in.
    pub(super) fn welcome(&mut self, name: &str, account: Account) {
        self.accounts.insert(name.to_owned(), account);
    }

    pub(super) fn client(&self) -> eyre::Result<Client> {
        Ok(Client::new(&self.url)?)
    }

    pub(super) fn account(&self, who: &str) -> eyre::Result<&Account> {
        let found = self.accounts.get(who);
        found.ok_or_else(|| eyre!("nobody is {who}"))
    }

    /// What somebody is answered; refusals are answers where the command has one.
    pub(super) fn hears(&self, who: &str, words: &[&str]) -> eyre::Result<Answer> {
        let line = Line::try_parse_from([&["commonhold"], words].concat())?;
        let here = |name, abis| {
            Ok::<_, eyre::Report>(Here {
                town: self,
                account: self.account(who)?,
                application: (name, abis),
            })
        };
        match &line.verb {
            Verb::Energy(args) => energy::command::run(args, &here("energy", energy::abis)?),
            Verb::Health(args) => health::command::run(args, &here("health", health::abis)?),
            Verb::Works(args) => works::command::run(args, &here("works", works::abis)?),
        }
    }

    /// Says words that are not to be refused.
    pub(super) fn says(&self, who: &str, words: &[&str]) -> eyre::Result<Value> {
        let answer = self.hears(who, words)?;
        match answer.refused {
            None => Ok(answer.data),
            Some(why) => bail!("{who} is refused {}: {why}", words.join(" ")),
        }
    }

    /// Says a line of words that have no spaces in them.
    pub(super) fn say(&self, who: &str, line: &str) -> eyre::Result<Value> {
        let words: Vec<&str> = line.split(' ').collect();
        self.says(who, &words)
    }

    /// The name of a file of the town's.
    pub(super) fn file(&self, name: &str) -> eyre::Result<String> {
        let path = self.place.join(name);
        let path = path.to_str();
        Ok(path
            .ok_or_eyre("the directory's name is not text")?
            .to_owned())
    }

    /// Lays a file down.
    pub(super) fn lay(&self, name: &str, content: impl AsRef<[u8]>) -> eyre::Result<String> {
        let path = self.file(name)?;
        if let Some(folder) = Path::new(&path).parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, content)?;
        Ok(path)
    }
}

/// A number that an answer tells.
pub(super) fn number(told: &Value, name: &str) -> eyre::Result<u64> {
    let number = told.get(name).and_then(Value::as_u64);
    number.ok_or_else(|| eyre!("no {name} was made: {told}"))
}

/// How many an answer tells.
pub(super) fn count(told: &Value, list: &str) -> usize {
    told.get(list).and_then(Value::as_array).map_or(0, Vec::len)
}

/// What a thread came to.
pub(super) fn joined<T>(handle: thread::ScopedJoinHandle<'_, eyre::Result<T>>) -> eyre::Result<T> {
    handle.join().map_err(|_| eyre!("a thread panicked"))?
}

/// The secret of an account, from its file.
pub(super) fn account_of(secret: &[u8]) -> eyre::Result<Account> {
    let secret = B256::try_from(secret)?;
    Ok(Account::from_secret(secret.as_slice())?)
}

impl Session for Here<'_> {
    fn client(&self) -> eyre::Result<Client> {
        let (_, abis) = self.application;
        Ok(self.town.client()?.with_abis(abis()))
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
        let (name, _) = self.application;
        Ok(Some(self.town.keystore.beside(name)?))
    }

    fn say(&self, _message: &str) {}

    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(())
    }
}
