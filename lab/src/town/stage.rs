//! The people, as a story has them.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

use alloy_primitives::{Address, B256, keccak256};
use clap::Parser;
use commonhold_health_client::{abis, command};
use commonhold_health_story::{Stage, Told};
use commonhold_sdk::{
    Account, Client, Kind, SdkError,
    records::Progress,
    roles::{Claim, role},
};
use commonhold_session::Session;
use serde_json::Value;

use super::clerk::{Door, Errand};
use crate::{member::Network, world::World};

/// Where people live.
pub struct Street {
    world: World,
    members: usize,
    member_secrets: Vec<B256>,
    errands: mpsc::Sender<Errand>,
    place: PathBuf,
    people: RefCell<BTreeMap<String, Person>>,
}

#[derive(Clone)]
struct Person {
    account: Account,
    /// Beside which member they live.
    beside: usize,
    /// Whose account it is.
    member: Option<u64>,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    health: command::Args,
}

impl Street {
    pub(super) fn new(network: &Network, errands: mpsc::Sender<Errand>, place: PathBuf) -> Self {
        Self {
            world: network.world.clone(),
            members: network.founding.keys.len(),
            member_secrets: network.founding.member_secrets.clone(),
            errands,
            place,
            people: RefCell::default(),
        }
    }

    fn client(&self, person: &Person) -> Client {
        let door = Door {
            beside: person.beside,
            errands: self.errands.clone(),
        };
        Client::carried(Arc::new(door)).with_abis(abis())
    }

    fn named(&self, name: &str) -> Person {
        let people = self.people.borrow();
        people.get(name).expect("somebody came").clone()
    }

    fn comes(&self, name: &str, secret: B256, member: Option<usize>) {
        let account = Account::from_secret(secret.as_slice()).expect("a hash is a key");
        let person = Person {
            account,
            beside: member.unwrap_or_else(|| self.people.borrow().len() % self.members),
            member: member.map(|member| u64::try_from(member).expect("few members")),
        };
        let client = self.client(&person);
        client
            .register(&person.account, name)
            .unwrap_or_else(|e| panic!("{name} is not registered: {e}"));
        self.people.borrow_mut().insert(name.to_owned(), person);
    }

    /// Writes down what somebody has now.
    fn note(&self, who: &Person, words: &[&str], told: &Value) {
        let rows = match words {
            ["fetch", ..] => told["slices"].as_array().cloned().unwrap_or_default(),
            ["emergency", "fetch", ..] => vec![told.clone()],
            _ => return,
        };
        for row in rows.iter().filter(|row| !row["file"].is_null()) {
            let record = row["record"].as_str().expect("a record");
            let record: B256 = record.parse().expect("a record");
            let opened = (who.account.address(), record);
            self.world
                .town(|town| *town.opened.entry(opened).or_default() += 1);
        }
    }
}

impl Stage for Street {
    fn organisation(&self, name: &str, member: usize) {
        self.comes(name, self.member_secrets[member], Some(member));
    }

    fn person(&self, name: &str) {
        self.comes(name, keccak256(format!("commonhold lab {name}")), None);
    }

    fn attest(&self, by: &str, of: &str, to: &str) {
        let (by, to) = (self.named(by), self.named(to));
        let member = by.member.expect("an organisation");
        let claim = (to.account.address(), role(of).expect("a role"));
        self.client(&by)
            .attest_role(&by.account, member, claim, Claim::default())
            .unwrap_or_else(|e| panic!("nobody is attested {of}: {e}"));
    }

    fn says(&self, who: &str, words: &[&str]) -> Told {
        let person = self.named(who);
        let line = Line::try_parse_from([&["health"], words].concat());
        let line = line.unwrap_or_else(|e| panic!("{who} says {words:?}: {e}"));
        let here = Here {
            street: self,
            person: &person,
        };
        match command::run(&line.health, &here) {
            Ok(answer) => {
                self.note(&person, words, &answer.data);
                Told {
                    data: answer.data,
                    refused: answer.refused,
                }
            }
            Err(e) => {
                let kind = e.downcast_ref::<SdkError>().map(SdkError::kind);
                assert!(
                    matches!(kind, None | Some(Kind::Refused)),
                    "{who} says {words:?}: {e:#}"
                );
                Told {
                    data: Value::Null,
                    refused: Some(format!("{e:#}")),
                }
            }
        }
    }

    fn place(&self) -> &Path {
        &self.place
    }
}

/// Somebody who says something.
struct Here<'a> {
    street: &'a Street,
    person: &'a Person,
}

impl Session for Here<'_> {
    fn client(&self) -> eyre::Result<Client> {
        Ok(self.street.client(self.person))
    }

    fn account(&self) -> eyre::Result<Account> {
        Ok(self.person.account.clone())
    }

    fn address(&self) -> eyre::Result<Address> {
        Ok(self.person.account.address())
    }

    fn who(&self, text: &str) -> eyre::Result<Address> {
        let people = self.street.people.borrow();
        match people.get(text) {
            Some(person) => Ok(person.account.address()),
            None => Ok(self.client()?.resolve(text)?),
        }
    }

    fn say(&self, _message: &str) {}

    fn progress(&self) -> Box<dyn Progress + '_> {
        Box::new(())
    }
}
