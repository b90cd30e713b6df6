//! The people of the stories, and what they begin with.

use std::fmt::Debug;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolError};
use commonhold_health_contract::{
    ADDRESS,
    codes::{ALL_NORMAL, ALL_PURPOSES, class_bit},
    duo::GRU,
    interface::IHealth::{
        Ask, Class, DataUse, Endpoint, Leave, Level, Manner, NewSlice, Permit, Profile, Purpose,
        Recipient, Sensitivity, Terms, declareFirstEnrolmentCall, foundBoardCall, openBallotCall,
        registerSlicesCall, registerStudyCall, requestCall, requestSliceCall, setConsentCall,
        voteCall,
    },
    outcomes::text_hash,
};
use commonhold_module::{
    Outcome,
    bench::{Bench, account, genesis},
};
use commonhold_primitives::system::{ACCOUNTS, RECORDS};
use commonhold_system::{
    accounts::{
        interface::IAccounts::{attestCall, registerCall as accountCall},
        roles,
    },
    records::interface::IRecords::{Access, Registration, mayReleaseCall, registerCall},
};

/// The patient, as the city hospital knows her.
pub(crate) const ANNA: Address = account(0xa1);
/// The same patient, as the county hospital does.
pub(crate) const ANNA_TOO: Address = account(0xa2);
/// A child.
pub(crate) const CHILD: Address = account(0xa3);
/// The two hospitals: members of the consortium, and custodians.
pub(crate) const CITY: Address = account(1);
pub(crate) const COUNTY: Address = account(2);
/// The researcher.
pub(crate) const RITA: Address = account(0xb1);
/// Another one, of no study.
pub(crate) const RALF: Address = account(0xb2);
/// The ethics board.
pub(crate) const EVA: Address = account(0xe1);
pub(crate) const EMIL: Address = account(0xe2);
pub(crate) const EDA: Address = account(0xe3);
/// Clinicians.
pub(crate) const CARL: Address = account(0xc1);
pub(crate) const CORA: Address = account(0xc2);
/// An auditor.
pub(crate) const AUDREY: Address = account(0xd1);
/// Nobody in particular.
pub(crate) const STRANGER: Address = account(0xf0);

/// When the stories begin.
pub(crate) const NOW: u64 = 1_000_000;
pub(crate) const DAY: u64 = 86_400;
/// The key that a reader has made for an opening.
pub(crate) const KEY: B256 = B256::repeat_byte(0x42);

pub(crate) struct World {
    pub(crate) bench: Bench,
}

/// The set of normal slices of a class.
pub(crate) const fn of(class: Class) -> u32 {
    class_bit(class, Sensitivity::Normal)
}

/// A permit of everything that is normal, for general research, to whoever asks.
pub(crate) fn permit(manner: Manner) -> Permit {
    Permit {
        terms: Terms {
            purposes: ALL_PURPOSES,
            classes: ALL_NORMAL,
            kind: Recipient::Anyone,
            recipient: B256::ZERO,
            notBefore: 0,
            until: 0,
        },
        exceptions: vec![],
        dataUse: DataUse {
            permission: GRU,
            diseases: vec![],
            modifiers: vec![],
        },
        manner,
        vetoSeconds: 60,
    }
}

/// Content of this hash that whoever registers it puts under the law of health.
pub(crate) fn registration(name: B256) -> Registration {
    Registration {
        salt: name,
        contentHash: name,
        length: 1,
        kind: "test".to_owned(),
        sealedKeyHash: name,
        policy: ADDRESS,
        custodian: Address::ZERO,
    }
}

pub(crate) fn profile() -> Profile {
    Profile {
        research: true,
        healthBiomedical: true,
        methodsDevelopment: false,
        populationAncestry: false,
        geneticStudy: false,
        clinicalCare: false,
        commercial: false,
        forProfit: false,
        willPublish: true,
        returnsResults: true,
        disease: 5_148,
        country: B256::ZERO,
        institution: B256::ZERO,
    }
}

pub(crate) fn endpoint(n: u8, level: Level) -> Endpoint {
    Endpoint {
        id: B256::repeat_byte(n),
        level,
        text: text_hash(&format!("endpoint {n}")),
        timePoint: B256::ZERO,
    }
}

pub(crate) fn protocol() -> registerStudyCall {
    registerStudyCall {
        usdmHash: B256::repeat_byte(0x55),
        endpoints: vec![endpoint(1, Level::Primary), endpoint(2, Level::Secondary)],
        profile: profile(),
        board: 1,
    }
}

/// What a study asks for.
pub(crate) fn research(study: u64, classes: u32) -> Ask {
    Ask {
        study,
        purpose: Purpose::Research,
        classes,
        until: NOW + 300 * DAY,
        uses: 0,
        reason: B256::repeat_byte(0x66),
    }
}

impl World {
    /// Four members, everybody in their roles, and a board of three that decides by two.
    pub(crate) fn new() -> Self {
        let mut modules = commonhold_system::modules();
        modules.push(commonhold_health_contract::module());
        let mut bench = Bench::new(modules).unwrap();
        bench.genesis(&genesis(4)).unwrap();
        let mut world = Self { bench };
        for who in [ANNA, ANNA_TOO, CHILD, RITA, RALF, CARL, CORA] {
            let call = accountCall {
                name: "Somebody".to_owned(),
                encryptionKey: B256::repeat_byte(7),
            };
            world.bench.send(who, ACCOUNTS, call).unwrap();
        }
        for (role, holders) in [
            (roles::CUSTODIAN, vec![CITY, COUNTY]),
            (roles::RESEARCHER, vec![RITA, RALF, EVA]),
            (roles::ETHICS_COMMITTEE, vec![EVA, EMIL, EDA]),
            (roles::CLINICIAN, vec![CARL, CORA]),
            (roles::AUDITOR, vec![AUDREY]),
        ] {
            for account in holders {
                world.attest(account, role, 0);
            }
        }
        let board = foundBoardCall {
            members: vec![EVA, EMIL, EDA],
            quorum: 2,
            approvalSeconds: 365 * DAY,
        };
        assert_eq!(world.send(CITY, board), Ok(1));
        world
    }

    pub(crate) fn attest(&mut self, account: Address, role: B256, until: u64) {
        let call = attestCall {
            member: 0,
            account,
            role,
            notBefore: 0,
            until,
            evidence: B256::ZERO,
        };
        self.bench.send(CITY, ACCOUNTS, call).unwrap();
    }

    /// Sends a message to the module; what always holds must hold after it.
    pub(crate) fn send<C: SolCall>(&mut self, from: Address, call: C) -> Outcome<C::Return> {
        let outcome = self.bench.send(from, ADDRESS, call);
        // A copy is checked: the events of this call stay to be looked at.
        assert_eq!(self.bench.clone().invariants(), Ok(vec![]));
        outcome
    }

    pub(crate) fn view<C: SolCall>(&mut self, call: C) -> Outcome<C::Return> {
        self.bench.view(ADDRESS, call)
    }

    /// Some time goes by.
    pub(crate) fn wait(&mut self, seconds: u64) {
        let time = self.bench.now() + seconds;
        self.bench.at(time);
    }

    /// A custodian registers a slice about somebody.
    pub(crate) fn slice_of(
        &mut self,
        custodian: Address,
        subject: Address,
        class: Class,
        sensitivity: Sensitivity,
    ) -> B256 {
        let mut salt = B256::ZERO;
        salt[..20].copy_from_slice(subject.as_slice());
        salt[30] = class as u8;
        salt[31] = sensitivity as u8 + 1;
        let registration = Registration {
            salt,
            contentHash: salt,
            length: 4_096,
            kind: "application/fhir+ndjson".to_owned(),
            sealedKeyHash: salt,
            policy: ADDRESS,
            custodian: Address::ZERO,
        };
        let call = registerCall { registration };
        let id = self.bench.send(custodian, RECORDS, call).unwrap();
        let slices = vec![NewSlice {
            id,
            class,
            sensitivity,
        }];
        self.send(custodian, registerSlicesCall { subject, slices })
            .unwrap();
        id
    }

    /// The city hospital registers a normal slice about Anna.
    pub(crate) fn slice(&mut self, class: Class) -> B256 {
        self.slice_of(CITY, ANNA, class, Sensitivity::Normal)
    }

    pub(crate) fn consents(&mut self, subject: Address, permits: Vec<Permit>) {
        let call = setConsentCall {
            subject,
            permits,
            documentHash: B256::repeat_byte(0x33),
        };
        self.send(subject, call).unwrap();
    }

    /// Rita registers a study; the board approves it.
    pub(crate) fn approved_study(&mut self) -> u64 {
        let study = self.send(RITA, protocol()).unwrap();
        let ballot = self.send(RITA, openBallotCall { study }).unwrap();
        for member in [EMIL, EDA] {
            let approve = true;
            self.send(member, voteCall { ballot, approve }).unwrap();
        }
        study
    }

    /// The same, and the first person is enrolled.
    pub(crate) fn running_study(&mut self) -> u64 {
        let number = self.approved_study();
        self.send(RITA, declareFirstEnrolmentCall { number })
            .unwrap();
        number
    }

    pub(crate) fn request(&mut self, from: Address, ask: Ask, subject: Address) -> u64 {
        let subjects = vec![subject];
        self.send(from, requestCall { ask, subjects }).unwrap()
    }

    /// Somebody asks for a slice under a request.
    pub(crate) fn open(&mut self, reader: Address, number: u64, id: B256) -> Leave {
        let call = requestSliceCall {
            number,
            id,
            readerKey: KEY,
        };
        self.send(reader, call).unwrap().leave
    }

    /// Whether members answer an opening.
    pub(crate) fn released(&mut self, number: u64) -> Access {
        self.bench.view(RECORDS, mayReleaseCall { number }).unwrap()
    }
}

/// Checks that a call was turned away with this error.
#[track_caller]
pub(crate) fn refused<T, E: SolError + PartialEq + Debug>(outcome: Outcome<T>, expected: E) {
    let Err(fault) = outcome else {
        panic!("went through instead of {expected:?}")
    };
    assert_eq!(fault.decode::<E>().ok_or(fault), Ok(expected));
}
