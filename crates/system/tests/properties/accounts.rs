//! Random lives of accounts, against a plain model.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::interface::IAccounts::{
    accountCall, accountsCall, claimHandleCall, encryptionKeysCall, isRegisteredCall, registerCall,
    releaseHandleCall, renameCall, resolveCall, rotateEncryptionKeyCall,
};
use proptest::prelude::*;

use crate::{PEOPLE, check, network, people, person};

const HANDLES: [&str; 4] = [
    "abc",
    "a-b.c",
    "Not-one",
    "a-handle-as-long-as-it-may-be-32",
];

#[derive(Clone, Debug)]
enum Message {
    Register(String, u8),
    Rename(String),
    Rotate(u8),
    Claim(usize),
    Release,
}

/// A name, and whether it will do.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Z][a-z\u{e9}]{0,40}",
        1 => Just(String::new()),
        1 => Just(" x".to_owned()),
        1 => Just("x".repeat(65)),
    ]
}

fn fits(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(' ') && name.len() <= 64
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        (name(), 0..4u8).prop_map(|(name, key)| Message::Register(name, key)),
        name().prop_map(Message::Rename),
        (0..4u8).prop_map(Message::Rotate),
        (0..HANDLES.len()).prop_map(Message::Claim),
        Just(Message::Release),
    ]
}

/// Key number 0 is none, number 1 is weak.
fn key(n: u8) -> B256 {
    if n == 1 {
        B256::with_last_byte(0x80)
    } else {
        B256::repeat_byte(n)
    }
}

#[derive(Default)]
struct Person {
    name: String,
    keys: Vec<B256>,
    handle: Option<&'static str>,
}

#[derive(Default)]
struct Model {
    people: BTreeMap<u8, Person>,
    order: Vec<Address>,
}

impl Model {
    /// Does it, and tells whether it can be done.
    fn apply(&mut self, who: u8, message: &Message) -> bool {
        if let Message::Register(name, number) = message {
            let fine = fits(name) && *number != 1 && !self.people.contains_key(&who);
            if fine {
                let keys = if *number == 0 {
                    vec![]
                } else {
                    vec![key(*number)]
                };
                self.people.insert(
                    who,
                    Person {
                        name: name.clone(),
                        keys,
                        handle: None,
                    },
                );
                self.order.push(person(who));
            }
            return fine;
        }
        let taken: Vec<_> = self
            .people
            .values()
            .filter_map(|person| person.handle)
            .collect();
        let Some(person) = self.people.get_mut(&who) else {
            return false;
        };
        match message {
            Message::Register(..) => false,
            Message::Rename(name) => {
                let fine = fits(name);
                if fine {
                    person.name.clone_from(name);
                }
                fine
            }
            Message::Rotate(n) => {
                let fine = *n > 1 && person.keys.last() != Some(&key(*n));
                if fine {
                    person.keys.push(key(*n));
                }
                fine
            }
            Message::Claim(n) => {
                let handle = HANDLES[*n];
                let fine = *n != 2 && person.handle.is_none() && !taken.contains(&handle);
                if fine {
                    person.handle = Some(handle);
                }
                fine
            }
            Message::Release => person.handle.take().is_some(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn accounts_are_what_people_made_of_them(
        messages in prop::collection::vec((people(), message(), 0..100u64), 1..40)
    ) {
        let mut bench = network();
        let mut model = Model::default();
        for (who, message, wait) in messages {
            let time = bench.now() + wait;
            bench.at(time);
            let from = person(who);
            let done = match message.clone() {
                Message::Register(name, n) => {
                    let call = registerCall { name, encryptionKey: key(n) };
                    bench.send(from, ACCOUNTS, call).is_ok()
                }
                Message::Rename(name) => bench.send(from, ACCOUNTS, renameCall { name }).is_ok(),
                Message::Rotate(n) => {
                    bench.send(from, ACCOUNTS, rotateEncryptionKeyCall { key: key(n) }).is_ok()
                }
                Message::Claim(n) => {
                    let call = claimHandleCall { handle: HANDLES[n].to_owned() };
                    bench.send(from, ACCOUNTS, call).is_ok()
                }
                Message::Release => bench.send(from, ACCOUNTS, releaseHandleCall {}).is_ok(),
            };
            prop_assert_eq!(done, model.apply(who, &message), "{:?} by {}", message, who);
            check(&mut bench)?;
        }

        let all = bench.view(ACCOUNTS, accountsCall { from: 0, max: 100 }).unwrap();
        prop_assert_eq!(all.page, model.order);
        for who in 0..PEOPLE {
            let account = person(who);
            let expected = model.people.get(&who);
            let registered = bench.view(ACCOUNTS, isRegisteredCall { account }).unwrap();
            prop_assert_eq!(registered, expected.is_some());
            let Some(expected) = expected else { continue };
            let entry = bench.view(ACCOUNTS, accountCall { account }).unwrap();
            prop_assert_eq!(&entry.name, &expected.name);
            prop_assert_eq!(&entry.handle, expected.handle.unwrap_or_default());
            let call = encryptionKeysCall { account, from: 0, max: 100 };
            let keys = bench.view(ACCOUNTS, call).unwrap().page;
            let keys: Vec<_> = keys.into_iter().map(|version| version.key).collect();
            prop_assert_eq!(&keys, &expected.keys);
        }
        for handle in HANDLES {
            let holder = bench.view(ACCOUNTS, resolveCall { handle: handle.to_owned() }).unwrap();
            let expected = model.people.iter().find(|(_, p)| p.handle == Some(handle));
            prop_assert_eq!(holder, expected.map_or(Address::ZERO, |(who, _)| person(*who)));
        }
    }
}
