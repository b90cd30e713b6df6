//! Random words of members, delegates, holders, wards and guardians, against a plain model.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use commonhold_module::bench::{Bench, account};
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::{
    interface::IAccounts::{
        attestCall, attestGuardianCall, attestationsCall, delegateCall, endGuardianshipCall,
        guardiansCall, holdersCall, isGuardianCall, isWardCall, mayActAsCall, nameGuardianCall,
        registerCall, renounceCall, rolesOfCall, undelegateCall, wardsCall, withdrawCall,
        withdrawGuardianCall,
    },
    roles::{AUDITOR, GUARDIAN_REGISTRAR},
};
use proptest::prelude::*;

use crate::{PEOPLE, check, network, person};

/// Members whose words come up, by number; their accounts come after the people's.
const MEMBERS: u8 = 3;
const ROLES: [B256; 2] = [AUDITOR, GUARDIAN_REGISTRAR];

/// One of the people, or a member's account.
fn caller(n: u8) -> Address {
    if n < PEOPLE {
        person(n)
    } else {
        account(1 + n - PEOPLE)
    }
}

/// From when until when, from now: 0 for the ledger's own idea of it.
type Window = (u64, u64);

#[derive(Clone, Debug)]
enum Message {
    Attest(u8, u8, usize, Window),
    Withdraw(u8, u8, usize),
    Renounce(usize),
    Delegate(u8, usize, u64),
    Undelegate(u8, usize),
    Name(u8, Window),
    Guard(u8, u8, u8, Window),
    Unguard(u8, u8, u8),
    End(u8, u8),
}

fn window() -> impl Strategy<Value = Window> {
    (
        prop_oneof![Just(0u64), 1..60u64],
        prop_oneof![Just(0u64), 1..90u64],
    )
}

/// A window that has an end, mostly far off.
fn lasting() -> impl Strategy<Value = Window> {
    (
        prop_oneof![3 => Just(0u64), 1 => 1..60u64],
        prop_oneof![1 => Just(0u64), 2 => 1..90u64, 7 => 90..400u64],
    )
}

fn message() -> impl Strategy<Value = Message> {
    let (member, who, role) = (0..MEMBERS, 0..PEOPLE, 0..ROLES.len());
    prop_oneof![
        4 => (member.clone(), who.clone(), role.clone(), window())
            .prop_map(|(m, w, r, t)| Message::Attest(m, w, r, t)),
        2 => (member.clone(), who.clone(), role.clone())
            .prop_map(|(m, w, r)| Message::Withdraw(m, w, r)),
        1 => role.clone().prop_map(Message::Renounce),
        3 => (who.clone(), role.clone(), prop_oneof![Just(0u64), 1..60u64])
            .prop_map(|(w, r, t)| Message::Delegate(w, r, t)),
        1 => (who.clone(), role).prop_map(|(w, r)| Message::Undelegate(w, r)),
        3 => (who.clone(), window()).prop_map(|(w, t)| Message::Name(w, t)),
        // Few pairs and long times, so that members come to speak of the same.
        8 => (member.clone(), 0..2u8, 1..PEOPLE, lasting())
            .prop_map(|(m, w, g, t)| Message::Guard(m, w, g, t)),
        1 => (member, 0..2u8, 1..PEOPLE).prop_map(|(m, w, g)| Message::Unguard(m, w, g)),
        2 => (who.clone(), who).prop_map(|(w, g)| Message::End(w, g)),
    ]
}

impl Message {
    /// Who sends it: mostly the member itself what is said in its name, and one of the wards what
    /// wards say; else `who`.
    const fn sender(&self, who: u8, wait: u64) -> u8 {
        match self {
            _ if wait.is_multiple_of(4) => who,
            Self::Attest(member, ..)
            | Self::Withdraw(member, ..)
            | Self::Guard(member, ..)
            | Self::Unguard(member, ..) => PEOPLE + *member,
            Self::Delegate(..) | Self::Undelegate(..) => PEOPLE + who % MEMBERS,
            Self::Name(..) => who % 2,
            Self::End(ward, guardian) => [*ward, *guardian][who as usize % 2],
            Self::Renounce(..) => who,
        }
    }
}

/// A word, as the model sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Word {
    start: u64,
    /// `u64::MAX` for none.
    end: u64,
    /// When it was taken back.
    over: Option<u64>,
}

impl Word {
    fn stands(&self, at: u64) -> bool {
        self.start <= at && at < self.end && self.over.is_none_or(|over| at < over)
    }

    fn is_open(&self, now: u64) -> bool {
        self.over.is_none() && now < self.end
    }
}

#[derive(Default)]
struct Model {
    /// By holder, role, member.
    roles: BTreeMap<(u8, usize), BTreeMap<u8, Word>>,
    /// By member, delegate, role: until when.
    delegates: BTreeMap<(u8, u8, usize), u64>,
    /// By ward, guardian, member.
    guards: BTreeMap<(u8, u8), BTreeMap<u8, Word>>,
    /// Of whom two members ever spoke while both words could still hold: words that only ever met in
    /// the past, one of them backdated, make nobody a ward.
    together: BTreeSet<(u8, u8)>,
    /// By ward, proxy.
    proxies: BTreeMap<(u8, u8), Word>,
}

impl Model {
    fn speaks_for(&self, who: u8, member: u8, role: usize, now: u64) -> bool {
        let until = self.delegates.get(&(member, who, role));
        who == PEOPLE + member || until.is_some_and(|until| now < *until)
    }

    fn may_act(&self, who: u8, role: usize, at: u64) -> bool {
        let words = self.roles.get(&(who, role));
        words.is_some_and(|words| words.values().any(|word| word.stands(at)))
    }

    fn imposed(&self, ward: u8, guardian: u8, at: u64) -> bool {
        let words = self.guards.get(&(ward, guardian));
        words.is_some_and(|words| words.values().filter(|word| word.stands(at)).count() > 1)
    }

    fn is_ward(&self, ward: u8, at: u64) -> bool {
        (0..PEOPLE).any(|guardian| {
            self.together.contains(&(ward, guardian)) && self.imposed(ward, guardian, at)
        })
    }

    fn guards(&self, ward: u8, guardian: u8, at: u64) -> bool {
        let named = self.proxies.get(&(ward, guardian));
        self.imposed(ward, guardian, at)
            || (named.is_some_and(|word| word.stands(at)) && !self.is_ward(ward, at))
    }
}

/// The word that a window makes in the place of an old one; `None` where it makes none.
fn word(old: Option<&Word>, (start, length): Window, now: u64) -> Option<Word> {
    let start = match (start, old) {
        (0, Some(old)) if old.stands(now) && old.over.is_none() => old.start,
        (0, _) => now,
        (start, _) => now + start - 30,
    };
    let end = if length == 0 {
        u64::MAX
    } else {
        now + length - 20
    };
    let new = Word {
        start,
        end,
        over: None,
    };
    (start < end && now < end && old != Some(&new)).then_some(new)
}

/// What a message says of a window.
fn times((start, length): Window, now: u64) -> (u64, u64) {
    let start = if start == 0 { 0 } else { now + start - 30 };
    let end = if length == 0 { 0 } else { now + length - 20 };
    (start, end)
}

struct World {
    bench: Bench,
    model: Model,
}

impl World {
    /// Sends the message; tells whether it went through, and whether the model says it should.
    fn apply(&mut self, who: u8, message: Message) -> (bool, bool) {
        let (from, now, model) = (caller(who), self.bench.now(), &mut self.model);
        match message {
            Message::Attest(member, holder, role, window) => {
                let (start, end) = times(window, now);
                let call = attestCall {
                    member: member.into(),
                    account: person(holder),
                    role: ROLES[role],
                    notBefore: start,
                    until: end,
                    evidence: B256::ZERO,
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let may = model.speaks_for(who, member, role, now);
                let words = model.roles.entry((holder, role)).or_default();
                let new = word(words.get(&member), window, now).filter(|_| may);
                words.extend(new.map(|word| (member, word)));
                (sent, new.is_some())
            }
            Message::Withdraw(member, holder, role) => {
                let call = withdrawCall {
                    member: member.into(),
                    account: person(holder),
                    role: ROLES[role],
                    reason: B256::ZERO,
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let may = model.speaks_for(who, member, role, now);
                let words = model.roles.entry((holder, role)).or_default();
                let word = words.get_mut(&member).filter(|w| may && w.over.is_none());
                (sent, word.map(|word| word.over = Some(now)).is_some())
            }
            Message::Renounce(role) => {
                let call = renounceCall { role: ROLES[role] };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let words = model.roles.entry((who, role)).or_default();
                (sent, end_all(words.values_mut(), now))
            }
            Message::Delegate(to, role, length) => {
                let until = if length == 0 { 0 } else { now + length - 20 };
                let call = delegateCall {
                    account: person(to),
                    role: ROLES[role],
                    until,
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let until = if until == 0 { u64::MAX } else { until };
                let Some(member) = who.checked_sub(PEOPLE) else {
                    return (sent, false);
                };
                let place = (member, to, role);
                let same = model.delegates.get(&place) == Some(&until);
                let fine = now < until && !same;
                if fine {
                    model.delegates.insert(place, until);
                }
                (sent, fine)
            }
            Message::Undelegate(to, role) => {
                let call = undelegateCall {
                    account: person(to),
                    role: ROLES[role],
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let member = who.checked_sub(PEOPLE);
                let gone = member.and_then(|member| model.delegates.remove(&(member, to, role)));
                (sent, gone.is_some())
            }
            Message::Name(guardian, window) => {
                let (start, end) = times(window, now);
                let call = nameGuardianCall {
                    guardian: person(guardian),
                    notBefore: start,
                    until: end,
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let may = who != guardian && !model.is_ward(who, now);
                let old = model.proxies.get(&(who, guardian));
                let new = word(old, window, now).filter(|_| may);
                model
                    .proxies
                    .extend(new.map(|word| ((who, guardian), word)));
                (sent, new.is_some())
            }
            Message::Guard(member, ward, guardian, window) => {
                let (start, end) = times(window, now);
                let call = attestGuardianCall {
                    member: member.into(),
                    ward: person(ward),
                    guardian: person(guardian),
                    notBefore: start,
                    until: end,
                    evidence: B256::ZERO,
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let may = model.speaks_for(who, member, 1, now) && ward != guardian && end != 0;
                let words = model.guards.entry((ward, guardian)).or_default();
                let new = word(words.get(&member), window, now).filter(|_| may);
                words.extend(new.map(|word| (member, word)));
                if words.values().filter(|word| word.is_open(now)).count() > 1 {
                    model.together.insert((ward, guardian));
                }
                (sent, new.is_some())
            }
            Message::Unguard(member, ward, guardian) => {
                let call = withdrawGuardianCall {
                    member: member.into(),
                    ward: person(ward),
                    guardian: person(guardian),
                    reason: B256::ZERO,
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let may = model.speaks_for(who, member, 1, now);
                let words = model.guards.entry((ward, guardian)).or_default();
                let word = words.get_mut(&member).filter(|w| may && w.over.is_none());
                (sent, word.map(|word| word.over = Some(now)).is_some())
            }
            Message::End(ward, guardian) => {
                let call = endGuardianshipCall {
                    ward: person(ward),
                    guardian: person(guardian),
                };
                let sent = self.bench.send(from, ACCOUNTS, call).is_ok();
                let mut any = false;
                if who == ward || who == guardian {
                    any |= end_all(model.proxies.get_mut(&(ward, guardian)).into_iter(), now);
                }
                if who == guardian {
                    let words = model.guards.entry((ward, guardian)).or_default();
                    any |= end_all(words.values_mut(), now);
                }
                (sent, any)
            }
        }
    }

    /// Everybody may do exactly what the model says, now and around now; and the lists are complete.
    fn agree(&mut self) -> Result<(), TestCaseError> {
        let now = self.bench.now();
        for (who, at) in (0..PEOPLE).flat_map(|w| [0, now - 40, now - 9, now + 25].map(|t| (w, t)))
        {
            let moment = if at == 0 { now } else { at };
            let account = person(who);
            for (number, role) in ROLES.into_iter().enumerate() {
                let call = mayActAsCall { account, role, at };
                let answer = self.bench.view(ACCOUNTS, call).unwrap().may;
                let expected = self.model.may_act(who, number, moment);
                prop_assert_eq!(answer, expected, "{} as {} at {}", who, number, at);
            }
            let call = isWardCall { account, at };
            let answer = self.bench.view(ACCOUNTS, call).unwrap();
            prop_assert_eq!(answer, self.model.is_ward(who, moment), "ward {}", who);
            for guardian in 0..PEOPLE {
                let call = isGuardianCall {
                    guardian: person(guardian),
                    ward: account,
                    at,
                };
                let answer = self.bench.view(ACCOUNTS, call).unwrap();
                let expected = self.model.guards(who, guardian, moment);
                prop_assert_eq!(answer.answer, expected, "{} for {}", guardian, who);
            }
        }
        self.lists()
    }

    fn lists(&mut self) -> Result<(), TestCaseError> {
        let (from, max) = (0, u64::MAX);
        let spoken = |words: &BTreeMap<u8, Word>| !words.is_empty();
        for who in 0..PEOPLE {
            let account = person(who);
            let call = rolesOfCall { account, from, max };
            let roles = self.bench.view(ACCOUNTS, call).unwrap();
            let listed: BTreeSet<_> = roles.page.iter().map(|entry| entry.role).collect();
            let of_who = self.model.roles.iter().filter(|((w, _), _)| *w == who);
            let expected: BTreeSet<_> = of_who
                .filter(|(_, words)| spoken(words))
                .map(|((_, role), _)| ROLES[*role])
                .collect();
            prop_assert_eq!(&listed, &expected);

            let pairs: BTreeSet<_> = self
                .model
                .guards
                .iter()
                .filter(|(_, words)| spoken(words))
                .map(|(pair, _)| *pair)
                .chain(self.model.proxies.keys().copied())
                .collect();
            let ward = account;
            let call = guardiansCall { ward, from, max };
            let total = self.bench.view(ACCOUNTS, call).unwrap().total;
            let expected = pairs.iter().filter(|(ward, _)| *ward == who).count();
            prop_assert_eq!(total, u64::try_from(expected).unwrap());
            let guardian = account;
            let call = wardsCall {
                guardian,
                from,
                max,
            };
            let total = self.bench.view(ACCOUNTS, call).unwrap().total;
            let expected = pairs
                .iter()
                .filter(|(_, guardian)| *guardian == who)
                .count();
            prop_assert_eq!(total, u64::try_from(expected).unwrap());
        }
        for (number, role) in ROLES.into_iter().enumerate() {
            let call = holdersCall { role, from, max };
            let holders = self.bench.view(ACCOUNTS, call).unwrap();
            for holder in holders.page {
                let who = (0..PEOPLE).find(|who| person(*who) == holder.account);
                let words = &self.model.roles[&(who.unwrap(), number)];
                let account = holder.account;
                let call = attestationsCall {
                    account,
                    role,
                    from,
                    max,
                };
                let said = self.bench.view(ACCOUNTS, call).unwrap();
                let members: BTreeSet<_> = said.page.iter().map(|said| said.member).collect();
                let expected: BTreeSet<u64> = words.keys().map(|m| u64::from(*m)).collect();
                prop_assert_eq!(members, expected);
            }
        }
        Ok(())
    }
}

/// Ends those that hold or are to come; tells whether there was one.
fn end_all<'a>(words: impl Iterator<Item = &'a mut Word>, now: u64) -> bool {
    let open = words.filter(|word| word.is_open(now));
    open.map(|word| word.over = Some(now)).count() > 0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn people_may_act_as_members_say(
        messages in prop::collection::vec((0..PEOPLE + MEMBERS, message(), 0..12u64), 1..50)
    ) {
        let mut world = World { bench: network(), model: Model::default() };
        // The invariants go through the registered.
        for who in 0..PEOPLE {
            let call = registerCall { name: "Somebody".to_owned(), encryptionKey: B256::ZERO };
            world.bench.send(person(who), ACCOUNTS, call).unwrap();
        }
        for (who, message, wait) in messages {
            let time = world.bench.now() + wait;
            world.bench.at(time);
            let who = message.sender(who, wait);
            let (sent, expected) = world.apply(who, message.clone());
            prop_assert_eq!(sent, expected, "{:?} by {}", message, who);
            check(&mut world.bench)?;
        }
        world.agree()?;
    }
}
