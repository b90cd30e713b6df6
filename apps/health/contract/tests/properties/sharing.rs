//! Random lives of requests, against the model.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    codes::class_bit,
    interface::IHealth::{
        Ask, Class, Endpoint, Leave, Level, Manner, NewSlice, Permit, Purpose, Sensitivity,
        SliceAsked, Terms, approveCall, attestDestructionCall, endConsentCall, foundBoardCall,
        offerPseudonymCall, openBallotCall, openEmergencyCall, participationCall, refuseCall,
        registerSlicesCall, registerStudyCall, requestCall, requestOfCall, requestSliceCall,
        revokeCall, setConsentCall, suspendStudyCall, takePseudonymCall, vetoCall, voteCall,
        withdrawCall,
    },
    pseudonyms::pseudonym,
};
use commonhold_module::bench::{Bench, account};
use commonhold_primitives::system::{ACCOUNTS, RECORDS};
use commonhold_system::{
    accounts::{
        interface::IAccounts::{attestCall, registerCall as accountCall},
        roles,
    },
    records::interface::IRecords::{Access, Registration, mayReleaseCall, registerCall},
};
use proptest::prelude::*;

use crate::{
    KEY,
    model::{Consent, Model, State},
    network,
    world::{permit, profile, registration},
};

/// Who decides: the first for itself, the second for the pseudonym that the hospital has of it.
const PEOPLE: [Address; 2] = [account(0xa0), account(0xa1)];
const SECRET: B256 = B256::repeat_byte(0x5e);
const RESEARCHERS: [Address; 2] = [account(0xb0), account(0xb1)];
const BOARD: [Address; 2] = [account(0xe0), account(0xe1)];
const HOSPITAL: Address = account(1);
const CLASSES: [Class; 2] = [Class::Labs, Class::Genomic];
/// How long a board's approval lasts.
const APPROVAL: u64 = 400;

#[derive(Clone, Debug)]
enum Message {
    /// Subject, classes, whether it stands, veto.
    Consent(usize, u8, bool, u32),
    EndConsent(usize),
    Approve(usize),
    Suspend(usize),
    /// Study, subject, classes, seconds, uses.
    Request(usize, usize, u8, u64, u32),
    /// Request, who, classes.
    Allow(usize, usize, u8),
    Refuse(usize, usize),
    Veto(usize, usize),
    Revoke(usize, usize),
    /// Request, who, subject, class.
    Open(usize, usize, usize, usize),
    /// Study, subject.
    Withdraw(usize, usize),
    Destroy(usize),
}

fn message() -> impl Strategy<Value = Message> {
    let (two, request, classes) = (0..2usize, 0..5usize, 1..4u8);
    prop_oneof![
        3 => (two.clone(), 0..4u8, any::<bool>(), 0..20u32)
            .prop_map(|(who, classes, standing, veto)| Message::Consent(who, classes, standing, veto)),
        1 => two.clone().prop_map(Message::EndConsent),
        3 => two.clone().prop_map(Message::Approve),
        1 => two.clone().prop_map(Message::Suspend),
        5 => (two.clone(), two.clone(), classes.clone(), 1..200u64, 0..3u32)
            .prop_map(|(study, who, classes, seconds, uses)| {
                Message::Request(study, who, classes, seconds, uses)
            }),
        3 => (request.clone(), two.clone(), classes)
            .prop_map(|(request, who, classes)| Message::Allow(request, who, classes)),
        1 => (request.clone(), two.clone()).prop_map(|(r, who)| Message::Refuse(r, who)),
        1 => (request.clone(), two.clone()).prop_map(|(r, who)| Message::Veto(r, who)),
        1 => (request.clone(), two.clone()).prop_map(|(r, who)| Message::Revoke(r, who)),
        9 => (request.clone(), two.clone(), two.clone(), two.clone())
            .prop_map(|(r, who, subject, class)| Message::Open(r, who, subject, class)),
        1 => (two.clone(), two).prop_map(|(study, who)| Message::Withdraw(study, who)),
        1 => request.prop_map(Message::Destroy),
    ]
}

struct World {
    bench: Bench,
    model: Model,
    slices: [[B256; 2]; 2],
    /// Openings that were let through: number, request, when.
    openings: Vec<(u64, usize, u64)>,
}

/// Whom the data is about, as the ledger knows them.
fn subjects() -> [Address; 2] {
    [PEOPLE[0], pseudonym(1_337, HOSPITAL, SECRET)]
}

fn bits(classes: u8) -> u32 {
    let both = CLASSES.iter().enumerate();
    let wanted = both.filter(|(n, _)| classes & (1 << n) != 0);
    wanted.fold(0, |set, (_, class)| {
        set | class_bit(*class, Sensitivity::Normal)
    })
}

fn terms(classes: u8) -> Terms {
    Terms {
        classes: bits(classes),
        ..permit(Manner::Ask).terms
    }
}

fn study() -> registerStudyCall {
    registerStudyCall {
        usdmHash: B256::repeat_byte(1),
        endpoints: vec![Endpoint {
            id: B256::repeat_byte(1),
            level: Level::Primary,
            text: B256::repeat_byte(1),
            timePoint: B256::ZERO,
        }],
        profile: profile(),
        board: 1,
    }
}

impl World {
    fn new() -> Self {
        let mut bench = network();
        for who in RESEARCHERS {
            let call = accountCall {
                name: "Somebody".to_owned(),
                encryptionKey: B256::repeat_byte(7),
            };
            bench.send(who, ACCOUNTS, call).unwrap();
        }
        let holders = [
            (roles::RESEARCHER, &RESEARCHERS[..]),
            (roles::ETHICS_COMMITTEE, &BOARD),
            (roles::CUSTODIAN, &[HOSPITAL]),
        ];
        for (role, accounts) in holders {
            for account in accounts {
                let call = attestCall {
                    member: 0,
                    account: *account,
                    role,
                    notBefore: 0,
                    until: 0,
                    evidence: B256::ZERO,
                };
                bench.send(HOSPITAL, ACCOUNTS, call).unwrap();
            }
        }
        let board = foundBoardCall {
            members: BOARD.to_vec(),
            quorum: 2,
            approvalSeconds: APPROVAL,
        };
        bench.send(HOSPITAL, ADDRESS, board).unwrap();
        for who in RESEARCHERS {
            bench.send(who, ADDRESS, study()).unwrap();
        }
        let (secret, to) = (SECRET, PEOPLE[1]);
        let offer = offerPseudonymCall { secret, to };
        let subject = bench.send(HOSPITAL, ADDRESS, offer).unwrap();
        let take = takePseudonymCall { subject };
        bench.send(PEOPLE[1], ADDRESS, take).unwrap();
        let mut slices = [[B256::ZERO; 2]; 2];
        for (s, subject) in subjects().into_iter().enumerate() {
            for (c, class) in CLASSES.into_iter().enumerate() {
                let name = B256::repeat_byte(u8::try_from(1 + 2 * s + c).unwrap());
                let registration = Registration {
                    salt: B256::ZERO,
                    ..registration(name)
                };
                let call = registerCall { registration };
                let id = bench.send(HOSPITAL, RECORDS, call).unwrap();
                let sensitivity = Sensitivity::Normal;
                let new = vec![NewSlice {
                    id,
                    class,
                    sensitivity,
                }];
                let call = registerSlicesCall {
                    subject,
                    slices: new,
                };
                bench.send(HOSPITAL, ADDRESS, call).unwrap();
                slices[s][c] = id;
            }
        }
        Self {
            bench,
            model: Model::default(),
            slices,
            openings: Vec::new(),
        }
    }

    fn number(request: usize) -> u64 {
        u64::try_from(request + 1).unwrap()
    }

    /// Sends the message; tells whether it went through, and whether the model says it should.
    fn apply(&mut self, message: &Message) -> (bool, bool) {
        let now = self.bench.now();
        match *message {
            Message::Consent(who, classes, standing, veto) => {
                let manner = if standing {
                    Manner::Standing
                } else {
                    Manner::Ask
                };
                let permit = |classes| Permit {
                    terms: terms(classes),
                    vetoSeconds: veto,
                    ..permit(manner)
                };
                let subject = subjects()[who];
                let permits = (classes != 0)
                    .then(|| permit(classes))
                    .into_iter()
                    .collect();
                let call = setConsentCall {
                    subject,
                    permits,
                    documentHash: B256::ZERO,
                };
                let veto = u64::from(veto);
                self.model.consents[who] = Some(Consent {
                    classes,
                    standing,
                    veto,
                });
                (self.bench.send(PEOPLE[who], ADDRESS, call).is_ok(), true)
            }
            Message::EndConsent(who) => {
                let subject = subjects()[who];
                let sent = self
                    .bench
                    .send(PEOPLE[who], ADDRESS, endConsentCall { subject });
                let expected = self.model.consents[who].take().is_some();
                self.model.epochs[who] += u32::from(expected);
                (sent.is_ok(), expected)
            }
            Message::Approve(study) => {
                let number = Self::number(study);
                let open = openBallotCall { study: number };
                let ballot = self.bench.send(RESEARCHERS[study], ADDRESS, open).unwrap();
                for who in BOARD {
                    let approve = true;
                    let vote = voteCall { ballot, approve };
                    self.bench.send(who, ADDRESS, vote).unwrap();
                }
                self.model.approved[study] = now + APPROVAL;
                self.model.suspended[study] = false;
                (true, true)
            }
            Message::Suspend(study) => {
                let call = suspendStudyCall {
                    number: Self::number(study),
                    reason: B256::ZERO,
                };
                let sent = self.bench.send(BOARD[0], ADDRESS, call).is_ok();
                let expected = !self.model.suspended[study];
                self.model.suspended[study] = true;
                (sent, expected)
            }
            Message::Request(study, who, classes, seconds, uses) => {
                let until = now + seconds;
                let ask = Ask {
                    study: Self::number(study),
                    purpose: Purpose::Research,
                    classes: bits(classes),
                    until,
                    uses,
                    reason: B256::ZERO,
                };
                let subjects = vec![subjects()[who]];
                let call = requestCall { ask, subjects };
                let sent = self.bench.send(RESEARCHERS[study], ADDRESS, call);
                self.model
                    .request((study, who), classes, (now, until), uses);
                (
                    sent == Ok(Self::number(self.model.requests.len() - 1)),
                    true,
                )
            }
            Message::Open(request, reader, subject, class) => {
                self.open(request, reader, subject, class)
            }
            Message::Withdraw(study, who) => {
                let subject = subjects()[who];
                let number = Self::number(study);
                let held = participationCall {
                    subject,
                    study: number,
                };
                let held = self.bench.view(ADDRESS, held).unwrap().outstanding;
                let call = withdrawCall {
                    study: number,
                    subjects: vec![subject],
                };
                let sent = self.bench.send(PEOPLE[who], ADDRESS, call);
                let expected = self.model.withdrawn.insert((who, study));
                (sent.is_ok(), expected && sent == Ok(held))
            }
            Message::Destroy(request) => {
                let number = Self::number(request);
                let evidence = B256::ZERO;
                let call = attestDestructionCall { number, evidence };
                let Some(of) = self.model.requests.get(request) else {
                    return (self.bench.send(PEOPLE[0], ADDRESS, call).is_ok(), false);
                };
                let shown = requestOfCall { number };
                let shown = self.bench.view(ADDRESS, shown).unwrap();
                let expected = shown.copies != shown.destroyed;
                let from = RESEARCHERS[of.study];
                (self.bench.send(from, ADDRESS, call).is_ok(), expected)
            }
            Message::Allow(..) | Message::Refuse(..) | Message::Veto(..) | Message::Revoke(..) => {
                self.answer(message)
            }
        }
    }

    /// A subject's word on a request.
    fn answer(&mut self, message: &Message) -> (bool, bool) {
        let now = self.bench.now();
        let (request, who) = match *message {
            Message::Allow(request, who, _)
            | Message::Refuse(request, who)
            | Message::Veto(request, who)
            | Message::Revoke(request, who) => (request, who),
            _ => unreachable!("not an answer"),
        };
        let (number, from) = (Self::number(request), PEOPLE[who]);
        let sent = match *message {
            Message::Allow(.., classes) => {
                let classes = bits(classes);
                let call = approveCall { number, classes };
                self.bench.send(from, ADDRESS, call).is_ok()
            }
            Message::Refuse(..) => self
                .bench
                .send(from, ADDRESS, refuseCall { number })
                .is_ok(),
            Message::Veto(..) => self.bench.send(from, ADDRESS, vetoCall { number }).is_ok(),
            _ => self
                .bench
                .send(from, ADDRESS, revokeCall { number })
                .is_ok(),
        };
        let epochs = self.model.epochs;
        let Some(of) = self.model.requests.get_mut(request) else {
            return (sent, false);
        };
        let alive = of.subject == who && matches!(of.state, State::Open | State::Vetoed);
        let waits = of.standing != 0 && of.state == State::Open && now < of.ready;
        let expected = match *message {
            Message::Allow(.., classes) => {
                let fits = classes & !(of.standing | of.asking) == 0;
                let may = alive && fits && of.epoch == epochs[who] && now < of.until;
                of.approved |= if may { classes } else { 0 };
                may
            }
            Message::Refuse(..) => {
                let shut = of.standing == 0 || of.state == State::Vetoed || now < of.ready;
                alive && of.approved == 0 && shut
            }
            Message::Veto(..) => alive && waits,
            _ => alive,
        };
        if expected {
            of.state = match *message {
                Message::Refuse(..) => State::Refused,
                Message::Veto(..) => State::Vetoed,
                Message::Revoke(..) => State::Revoked,
                _ => of.state,
            };
        }
        (sent, expected)
    }

    fn open(
        &mut self,
        request: usize,
        reader: usize,
        subject: usize,
        class: usize,
    ) -> (bool, bool) {
        let call = requestSliceCall {
            number: Self::number(request),
            id: self.slices[subject][class],
            readerKey: KEY,
        };
        let sent = self.bench.send(RESEARCHERS[reader], ADDRESS, call);
        if request >= self.model.requests.len() {
            return (sent.is_ok(), false);
        }
        let now = self.bench.now();
        let expected = self.model.leave(request, reader, subject, 1 << class, now);
        let answer = sent.unwrap();
        let told = self.bench.events::<SliceAsked>();
        let well = told.len() == 1 && told[0].leave == answer.leave;
        if expected == Leave::Granted {
            self.model.requests[request].used += 1;
            self.openings.push((answer.opening, request, now));
        }
        (well && answer.leave == expected, true)
    }

    /// Members answer what was let through, for a while, and not when it was taken back.
    fn agree(&mut self) -> Result<(), TestCaseError> {
        let now = self.bench.now();
        for (number, request, time) in self.openings.clone() {
            let of = self.model.requests[request];
            let ended = matches!(of.state, State::Refused | State::Revoked)
                || self.model.withdrawn.contains(&(of.subject, of.study))
                || self.model.epochs[of.subject] != of.epoch;
            let answer = self.bench.view(RECORDS, mayReleaseCall { number }).unwrap();
            if now >= time + 300 {
                prop_assert_ne!(answer, Access::Granted, "opening {}", number);
            } else if !ended {
                // Another request of the same reader may have ended it meanwhile, none of another.
                let taken = self
                    .model
                    .requests
                    .iter()
                    .any(|other| other.subject == of.subject && other.state == State::Revoked);
                prop_assert!(
                    answer == Access::Granted || taken,
                    "opening {}: {:?}",
                    number,
                    answer
                );
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn readers_get_what_the_law_says(
        messages in prop::collection::vec((message(), 0..15u64), 1..40)
    ) {
        let mut world = World::new();
        for (message, wait) in messages {
            // Now and then much time goes by.
            let time = world.bench.now() + if wait == 14 { 150 } else { wait };
            world.bench.at(time);
            let (sent, expected) = world.apply(&message);
            prop_assert_eq!(sent, expected, "{:?}", message);
            prop_assert_eq!(world.bench.clone().invariants(), Ok(vec![]));
        }
        world.agree()?;
        // Nobody here is a clinician.
        let call = openEmergencyCall { subject: PEOPLE[0], reasonCode: 0, readerKey: KEY };
        prop_assert!(world.bench.send(RESEARCHERS[0], ADDRESS, call).is_err());
    }
}
