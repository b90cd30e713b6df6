//! Random lives of records, against a plain model of who may open what.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use commonhold_module::bench::Bench;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::{
    access::{permits, record_id},
    interface::IRecords::{
        Registration, declareOpenedCall, eraseCall, grantCall, grantsCall, keepersCall, logCall,
        mayOpenCall, mayReleaseCall, recordCall, recordsCall, registerCall, requestOpeningCall,
        requestOpeningForCall, revokeCall, supersedeCall,
    },
    limits::OPENING_SECONDS_MAX,
};
use proptest::prelude::*;

use crate::{PEOPLE, check, network, people, person};

/// How many different contents there are.
const CONTENTS: u8 = 3;
/// A key that can be sealed to.
const READER_KEY: B256 = B256::repeat_byte(0x42);

#[derive(Clone, Debug)]
enum Message {
    /// Content; who is the policy (beyond the people: none).
    Register(u8, u8),
    Supersede(usize, u8),
    /// Record, grantee, start and length in seconds from now (length 0: for ever), uses.
    Grant(usize, u8, u64, u64, u32),
    Revoke(usize, u8),
    Declare(usize),
    Request(usize),
    /// The same for somebody else.
    RequestFor(usize, u8),
    Erase(usize),
}

fn message() -> impl Strategy<Value = Message> {
    let record = 0..6usize;
    prop_oneof![
        1 => (0..CONTENTS, 0..3 * PEOPLE).prop_map(|(n, policy)| Message::Register(n, policy)),
        1 => (record.clone(), 0..CONTENTS).prop_map(|(old, n)| Message::Supersede(old, n)),
        4 => (record.clone(), people(), 0..60u64, 0..60u64, 0..3u32)
            .prop_map(|(record, who, start, length, uses)| {
                Message::Grant(record, who, start, length, uses)
            }),
        2 => (record.clone(), people()).prop_map(|(record, who)| Message::Revoke(record, who)),
        2 => record.clone().prop_map(Message::Declare),
        3 => record.clone().prop_map(Message::Request),
        2 => (record.clone(), people())
            .prop_map(|(record, who)| Message::RequestFor(record, who)),
        1 => record.prop_map(Message::Erase),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Grant {
    start: u64,
    end: u64,
    revoked: bool,
    uses: u32,
    used: u32,
}

impl Grant {
    fn stands(&self, at: u64) -> bool {
        !self.revoked && self.start <= at && (self.end == 0 || at < self.end)
    }
}

struct Record {
    id: B256,
    owner: u8,
    manager: u8,
    /// Whether the manager is a policy.
    policy: bool,
    sealed: bool,
    newer: Option<B256>,
    /// Which content it is of.
    content: u8,
    erased: bool,
    grants: BTreeMap<u8, Grant>,
    log: u64,
}

impl Record {
    fn opens(&self, who: u8, at: u64) -> bool {
        let granted = |g: &Grant| g.stands(at) && (g.uses == 0 || g.used < g.uses);
        !self.erased && (who == self.owner || self.grants.get(&who).is_some_and(granted))
    }

    /// Takes a request down; tells whether it is permitted.
    fn request(&mut self, reader: u8, at: u64) -> bool {
        let permitted = self.sealed && self.opens(reader, at);
        if let Some(grant) = self.grants.get_mut(&reader).filter(|_| permitted) {
            grant.used += 1;
        }
        self.log += 1;
        permitted
    }
}

struct World {
    bench: Bench,
    records: Vec<Record>,
    /// Requests: the record, the reader, when, whether it was permitted.
    openings: Vec<(usize, u8, u64, bool)>,
    /// Records that their owners had erased.
    words: Vec<B256>,
    /// Contents that went, and whether the sealed key did.
    gone: BTreeSet<u8>,
    key_gone: bool,
}

fn registration(n: u8, policy: Address) -> Registration {
    Registration {
        salt: B256::ZERO,
        contentHash: B256::repeat_byte(n + 1),
        length: 1,
        kind: "test".to_owned(),
        sealedKeyHash: if n == 0 {
            B256::ZERO
        } else {
            B256::repeat_byte(9)
        },
        policy,
        custodian: Address::ZERO,
    }
}

impl World {
    /// Sends the message; tells whether it went through, and whether the model says it should.
    fn apply(&mut self, who: u8, message: Message) -> (bool, bool) {
        let from = person(who);
        let now = self.bench.now();
        match message {
            Message::Register(n, policy) => {
                let manager = if policy < PEOPLE { policy } else { who };
                let policy = if policy < PEOPLE {
                    person(policy)
                } else {
                    Address::ZERO
                };
                let call = registerCall {
                    registration: registration(n, policy),
                };
                let sent = self.bench.send(from, RECORDS, call);
                let expected = self.add(who, manager, !policy.is_zero(), n);
                (sent.is_ok(), expected.is_some() && sent.ok() == expected)
            }
            Message::Supersede(old, n) => {
                let Some(record) = self.records.get(old) else {
                    return (true, true);
                };
                let call = supersedeCall {
                    oldId: record.id,
                    registration: registration(n, Address::ZERO),
                };
                let allowed = record.owner == who && record.newer.is_none();
                let sent = self.bench.send(from, RECORDS, call);
                let expected = if allowed {
                    self.add(who, who, false, n)
                } else {
                    None
                };
                if expected.is_some() {
                    self.records[old].newer = expected;
                    self.records[old].log += 1;
                }
                (sent.is_ok(), expected.is_some() && sent.ok() == expected)
            }
            Message::Grant(record, grantee, start, length, uses) => {
                let Some(record) = self.records.get_mut(record) else {
                    return (true, true);
                };
                let start = now + start - 30;
                let end = if length == 0 { 0 } else { start + length };
                let call = grantCall {
                    id: record.id,
                    grantee: person(grantee),
                    notBefore: start,
                    until: end,
                    uses,
                    headerHash: B256::ZERO,
                };
                let sent = self.bench.send(from, RECORDS, call).is_ok();
                let grant = Grant {
                    start,
                    end,
                    revoked: false,
                    uses,
                    used: 0,
                };
                let expected = record.manager == who
                    && !record.erased
                    && record.owner != grantee
                    && (end == 0 || now < end)
                    && record.grants.get(&grantee) != Some(&grant);
                if expected {
                    record.grants.insert(grantee, grant);
                    record.log += 1;
                }
                (sent, expected)
            }
            Message::Revoke(record, grantee) => {
                let Some(record) = self.records.get_mut(record) else {
                    return (true, true);
                };
                let call = revokeCall {
                    id: record.id,
                    grantee: person(grantee),
                };
                let sent = self.bench.send(from, RECORDS, call).is_ok();
                let may = who == record.manager || who == record.owner;
                let grant = record
                    .grants
                    .get_mut(&grantee)
                    .filter(|grant| may && !grant.revoked);
                let expected = grant.map(|grant| grant.revoked = true).is_some();
                record.log += u64::from(expected);
                (sent, expected)
            }
            Message::Declare(record) => {
                let Some(record) = self.records.get_mut(record) else {
                    return (true, true);
                };
                let call = declareOpenedCall {
                    id: record.id,
                    purpose: B256::ZERO,
                };
                let sent = self.bench.send(from, RECORDS, call).is_ok();
                let expected = record.opens(who, now);
                record.log += u64::from(expected);
                (sent, expected)
            }
            Message::Request(at) => {
                let Some(record) = self.records.get_mut(at) else {
                    return (true, true);
                };
                let call = requestOpeningCall {
                    id: record.id,
                    purpose: B256::ZERO,
                    readerKey: READER_KEY,
                };
                let answer = self.bench.send(from, RECORDS, call).unwrap();
                let permitted = record.request(who, now);
                self.openings.push((at, who, now, permitted));
                (permits(answer.access), permitted)
            }
            Message::RequestFor(at, reader) => {
                let Some(record) = self.records.get_mut(at) else {
                    return (true, true);
                };
                let call = requestOpeningForCall {
                    id: record.id,
                    reader: person(reader),
                    purpose: B256::ZERO,
                    readerKey: READER_KEY,
                };
                let answer = self.bench.send(from, RECORDS, call);
                if !(record.policy && record.manager == who) {
                    return (answer.is_ok(), false);
                }
                let permitted = record.request(reader, now);
                self.openings.push((at, reader, now, permitted));
                (permits(answer.unwrap().access), permitted)
            }
            Message::Erase(at) => {
                let Some(record) = self.records.get(at) else {
                    return (true, true);
                };
                let (id, content) = (record.id, record.content);
                let sent = self.bench.send(from, RECORDS, eraseCall { id }).is_ok();
                let expected = record.owner == who && !self.words.contains(&id);
                if expected {
                    self.words.push(id);
                    self.records[at].erased = true;
                    self.records[at].log += 1;
                    // Who registered the content first takes it away from everybody.
                    if self.first(content) == Some(who) {
                        self.gone.insert(content);
                        let of = self.records.iter_mut();
                        of.filter(|record| record.content == content)
                            .for_each(|record| record.erased = true);
                    }
                    if content != 0 && self.first_sealed() == Some(who) {
                        self.key_gone = true;
                    }
                }
                (sent, expected)
            }
        }
    }

    /// Who registered a content first.
    fn first(&self, content: u8) -> Option<u8> {
        let first = self.records.iter().find(|record| record.content == content);
        first.map(|record| record.owner)
    }

    /// Who registered the sealed key first: all sealed records here have the same.
    fn first_sealed(&self) -> Option<u8> {
        let first = self.records.iter().find(|record| record.sealed);
        first.map(|record| record.owner)
    }

    fn add(&mut self, owner: u8, manager: u8, policy: bool, n: u8) -> Option<B256> {
        let content = registration(n, Address::ZERO);
        let id = record_id(1_337, person(owner), content.contentHash, content.salt);
        let erased = self.gone.contains(&n) || (n != 0 && self.key_gone);
        if erased || self.records.iter().any(|record| record.id == id) {
            return None;
        }
        let grants = BTreeMap::new();
        self.records.push(Record {
            id,
            owner,
            manager,
            policy,
            sealed: !content.sealedKeyHash.is_zero(),
            newer: None,
            content: n,
            erased: false,
            grants,
            log: 0,
        });
        Some(id)
    }

    /// Everybody may open exactly what the model says, now and around now.
    fn agree(&mut self) -> Result<(), TestCaseError> {
        let now = self.bench.now();
        for record in &self.records {
            let id = record.id;
            for who in 0..PEOPLE {
                for at in [0, now - 20, now, now + 20] {
                    let call = mayOpenCall {
                        id,
                        who: person(who),
                        at,
                    };
                    let may = self.bench.view(RECORDS, call).unwrap();
                    let expected = record.opens(who, if at == 0 { now } else { at });
                    prop_assert_eq!(may, expected, "{} at {}", who, at);
                }
            }
            let log = self
                .bench
                .view(
                    RECORDS,
                    logCall {
                        id,
                        from: 0,
                        max: 0,
                    },
                )
                .unwrap();
            prop_assert_eq!(log.total, record.log);
            let grants = self
                .bench
                .view(
                    RECORDS,
                    grantsCall {
                        id,
                        from: 0,
                        max: 100,
                    },
                )
                .unwrap();
            prop_assert_eq!(grants.page.len(), record.grants.len());
            let kept = self.bench.view(RECORDS, keepersCall { id }).unwrap();
            prop_assert_eq!(kept.len(), if record.erased { 0 } else { 3 });
            let shown = self.bench.view(RECORDS, recordCall { id }).unwrap();
            prop_assert_eq!(shown.supersededBy, record.newer.unwrap_or_default());
        }
        // Members answer what was permitted and still stands.
        for (number, (record, reader, time, permitted)) in self.openings.iter().enumerate() {
            let number = u64::try_from(number).unwrap();
            let call = mayReleaseCall { number };
            let answer = self.bench.view(RECORDS, call).unwrap();
            let record = &self.records[*record];
            let stands = *reader == record.owner
                || record
                    .grants
                    .get(reader)
                    .is_some_and(|grant| grant.stands(now));
            let fresh = now - time <= OPENING_SECONDS_MAX;
            let expected = *permitted && stands && fresh && !record.erased;
            prop_assert_eq!(permits(answer), expected, "opening {}", number);
        }
        let all = self
            .bench
            .view(RECORDS, recordsCall { from: 0, max: 100 })
            .unwrap()
            .page;
        let expected: Vec<_> = self.records.iter().map(|record| record.id).collect();
        prop_assert_eq!(all, expected);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn records_open_for_whom_they_should(
        messages in prop::collection::vec((people(), message(), 0..15u64), 1..40)
    ) {
        let mut world = World {
            bench: network(),
            records: Vec::new(),
            openings: Vec::new(),
            words: Vec::new(),
            gone: BTreeSet::new(),
            key_gone: false,
        };
        for (who, message, wait) in messages {
            // Now and then more than an hour goes by.
            let time = world.bench.now() + if wait == 14 { 2_000 } else { wait };
            world.bench.at(time);
            let (sent, expected) = world.apply(who, message.clone());
            prop_assert_eq!(sent, expected, "{:?} by {}", message, who);
            check(&mut world.bench)?;
        }
        world.agree()?;
    }
}
