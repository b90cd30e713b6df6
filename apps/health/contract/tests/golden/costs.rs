//! What the messages cost: gas, and how often a member that has nothing in memory stops to load
//! state. A change of either shows in the diff.

use std::fmt::Write as _;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use commonhold_health_contract::{
    ADDRESS,
    codes::{ALL_NORMAL, class_bit},
    duo::{DS, GRU, GS, IRB, MOR, NRES, PUB},
    interface::IHealth::{
        Ask, Circumstances, Class, DataUse, Endpoint, Level, Manner, Modifier, NewSlice, Permit,
        Purpose, Recipient, Reported, Reporting, Sensitivity, Terms, approveCall,
        confirmEmergencyCall, decideCall, decideRequestCall, declareFirstEnrolmentCall,
        endConsentCall, foundBoardCall, leaveOfCall, lockDatabaseCall, openBallotCall,
        openEmergencyCall, registerSlicesCall, registerStudyCall, reportResultsCall, requestCall,
        requestSliceCall, reviewEmergencyCall, revokeCall, setConsentCall, voteCall, withdrawCall,
    },
    limits::{
        DISEASES_MAX, EXCEPTIONS_MAX, MODIFIERS_MAX, PERMITS_MAX, RELEASES_LIVE_MAX,
        SLICES_PER_CALL_MAX, SUBJECTS_PER_CALL_MAX, WITHDRAWALS_PER_CALL_MAX,
    },
};
use commonhold_module::bench::{Bench, account, genesis};
use commonhold_primitives::system::{ACCOUNTS, RECORDS};
use commonhold_system::{
    accounts::{
        interface::IAccounts::{attestCall, attestGuardianCall, registerCall as accountCall},
        roles,
    },
    records::interface::IRecords::{Registration, registerCall},
};

use crate::world::{self, profile, registration};

const HOSPITAL: Address = account(1);
const ANNA: Address = account(0xa1);
const RITA: Address = account(0xb1);
const BOARD: [Address; 2] = [account(0xe1), account(0xe2)];
const CLINICIANS: [Address; 2] = [account(0xc1), account(0xc2)];
const KEY: B256 = B256::repeat_byte(0x42);

/// How often a transaction may make a proposer load state before it is left out: the machine's
/// `TRANSACTION_ROUNDS_MAX`.
const PATIENCE: u64 = 32;

struct Table {
    bench: Bench,
    text: String,
}

impl Table {
    fn line<C: SolCall>(&mut self, what: &str, from: Address, call: C) -> C::Return {
        let answer = self.bench.send(from, ADDRESS, call).unwrap();
        let (gas, stops) = (self.bench.gas_used(), self.bench.stops());
        assert!(stops <= PATIENCE, "{what} loads state {stops} times");
        writeln!(self.text, "{what:<32} {gas:>8} gas {stops:>3} stops").unwrap();
        answer
    }

    fn slice(&mut self, class: Class) -> B256 {
        let name = B256::repeat_byte(1 + class as u8);
        let registration = Registration {
            salt: B256::ZERO,
            ..registration(name)
        };
        let call = registerCall { registration };
        let id = self.bench.send(HOSPITAL, RECORDS, call).unwrap();
        let sensitivity = Sensitivity::Normal;
        let slices = vec![NewSlice {
            id,
            class,
            sensitivity,
        }];
        let subject = ANNA;
        let call = registerSlicesCall { subject, slices };
        self.line("registerSlices, one", HOSPITAL, call);
        id
    }
}

fn people(bench: &mut Bench) {
    for who in [ANNA, RITA, CLINICIANS[0]] {
        let call = accountCall {
            name: "Somebody".to_owned(),
            encryptionKey: B256::repeat_byte(7),
        };
        bench.send(who, ACCOUNTS, call).unwrap();
    }
    for (role, holders) in [
        (roles::RESEARCHER, &[RITA][..]),
        (roles::ETHICS_COMMITTEE, &BOARD),
        (roles::CLINICIAN, &CLINICIANS),
        (roles::CUSTODIAN, &[HOSPITAL]),
    ] {
        for account in holders {
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
}

fn modifier(code: u16) -> Modifier {
    Modifier {
        code,
        value: B256::ZERO,
        time: 0,
    }
}

fn permit() -> Permit {
    let permit = world::permit(Manner::Standing);
    Permit {
        terms: Terms {
            kind: Recipient::Role,
            recipient: roles::RESEARCHER,
            ..permit.terms
        },
        dataUse: DataUse {
            permission: DS,
            diseases: vec![5_015],
            modifiers: vec![modifier(IRB), modifier(PUB)],
        },
        vetoSeconds: 0,
        ..permit
    }
}

/// The DUO decision alone, as anybody asks it by `eth_call`.
fn decisions(table: &mut Table) {
    let mut decide = |what: &str, data_use: DataUse| {
        let given = Circumstances {
            ethicsApproval: true,
            collaborationAgreed: false,
            user: B256::ZERO,
            project: B256::ZERO,
            date: 1,
        };
        let call = decideCall {
            dataUse: data_use,
            profile: profile(),
            given,
        };
        table.line(what, RITA, call);
    };
    let of = |permission, diseases, modifiers| DataUse {
        permission,
        diseases,
        modifiers,
    };
    decide("decide, NRES", of(NRES, vec![], vec![]));
    let common = vec![modifier(IRB), modifier(PUB), modifier(MOR)];
    decide("decide, DS, three modifiers", of(DS, vec![5_015], common));
    let many = vec![modifier(GS); MODIFIERS_MAX];
    decide("decide, the longest", of(DS, vec![1; DISEASES_MAX], many));
    decide("decide, GRU", of(GRU, vec![], vec![]));
}

fn study(table: &mut Table) -> u64 {
    let board = foundBoardCall {
        members: BOARD.to_vec(),
        quorum: 2,
        approvalSeconds: 1_000_000,
    };
    table.line("foundBoard, two", HOSPITAL, board);
    let endpoint = |n| Endpoint {
        id: B256::repeat_byte(n),
        level: Level::Primary,
        text: B256::repeat_byte(n),
        timePoint: B256::ZERO,
    };
    let call = registerStudyCall {
        usdmHash: B256::repeat_byte(1),
        endpoints: (1..=8).map(endpoint).collect(),
        profile: profile(),
        board: 1,
    };
    let study = table.line("registerStudy, eight endpoints", RITA, call);
    let ballot = table.line("openBallot", RITA, openBallotCall { study });
    let approve = true;
    let vote = voteCall { ballot, approve };
    table.line("vote", BOARD[0], vote.clone());
    table.line("vote, decides", BOARD[1], vote);
    study
}

/// The table, as text.
pub(crate) fn table() -> String {
    let mut modules = commonhold_system::modules();
    modules.push(commonhold_health_contract::module());
    let mut bench = Bench::new(modules).unwrap();
    bench.genesis(&genesis(4)).unwrap();
    people(&mut bench);
    let mut table = Table {
        bench,
        text: String::new(),
    };
    decisions(&mut table);
    let id = table.slice(Class::Labs);
    table.slice(Class::Emergency);
    let consent = setConsentCall {
        subject: ANNA,
        permits: vec![permit()],
        documentHash: B256::repeat_byte(1),
    };
    table.line("setConsent, one permit", ANNA, consent);
    let study = study(&mut table);
    let ask = Ask {
        study,
        purpose: Purpose::Research,
        classes: class_bit(Class::Labs, Sensitivity::Normal),
        until: 2_000_000,
        uses: 0,
        reason: B256::ZERO,
    };
    let look = decideRequestCall {
        requester: RITA,
        ask: ask.clone(),
        subject: ANNA,
    };
    table.line("decideRequest", RITA, look);
    let subjects = vec![ANNA];
    let number = table.line("request, one subject", RITA, requestCall { ask, subjects });
    let reader = RITA;
    let leave = leaveOfCall { number, id, reader };
    table.line("leaveOf", RITA, leave);
    let open = requestSliceCall {
        number,
        id,
        readerKey: KEY,
    };
    table.line("requestSlice, first", RITA, open.clone());
    table.line("requestSlice, further", RITA, open);
    let classes = class_bit(Class::Labs, Sensitivity::Normal);
    table.line("approve", ANNA, approveCall { number, classes });
    table.line("revoke, two openings", ANNA, revokeCall { number });
    let leave = withdrawCall {
        study,
        subjects: vec![ANNA],
    };
    table.line("withdraw", ANNA, leave);
    let subject = ANNA;
    table.line("endConsent", ANNA, endConsentCall { subject });
    results(&mut table, study);
    emergency(&mut table);
    guarded(&mut table, study);
    crowded(&mut table, study);
    table.text
}

fn ask(study: u64) -> Ask {
    Ask {
        study,
        purpose: Purpose::Research,
        classes: ALL_NORMAL,
        until: 2_000_000,
        uses: 0,
        reason: B256::ZERO,
    }
}

/// As many subjects as one call takes, for each of whom a guardian consented.
fn guarded(table: &mut Table, study: u64) {
    let wards: Vec<Address> = (0..SUBJECTS_PER_CALL_MAX)
        .map(|n| account(0x60 + u8::try_from(n).unwrap()))
        .collect();
    let guardian = account(0x70);
    for ward in &wards {
        for (member, from) in [(0, account(1)), (1, account(2))] {
            let call = attestGuardianCall {
                member,
                ward: *ward,
                guardian,
                notBefore: 0,
                until: 2_000_000,
                evidence: B256::ZERO,
            };
            table.bench.send(from, ACCOUNTS, call).unwrap();
        }
        let consent = setConsentCall {
            subject: *ward,
            permits: vec![permit()],
            documentHash: B256::ZERO,
        };
        table.bench.send(guardian, ADDRESS, consent).unwrap();
    }
    let (ask, subjects) = (ask(study), wards.clone());
    let call = requestCall { ask, subjects };
    table.line("request, two with guardians", RITA, call);
    let leave = withdrawCall {
        study,
        subjects: wards.into_iter().take(WITHDRAWALS_PER_CALL_MAX).collect(),
    };
    table.line("withdraw, two by a guardian", guardian, leave);
}

/// The most that there can be of everything.
fn crowded(table: &mut Table, study: u64) {
    let subject = account(0xa9);
    let mut ids = Vec::new();
    for n in 0..SLICES_PER_CALL_MAX {
        let name = B256::repeat_byte(0x80 + u8::try_from(n).unwrap());
        let registration = Registration {
            salt: B256::ZERO,
            ..registration(name)
        };
        let call = registerCall { registration };
        ids.push(table.bench.send(HOSPITAL, RECORDS, call).unwrap());
    }
    let slices = ids.iter().map(|id| NewSlice {
        id: *id,
        class: Class::Vitals,
        sensitivity: Sensitivity::Normal,
    });
    let call = registerSlicesCall {
        subject,
        slices: slices.collect(),
    };
    table.line("registerSlices, sixteen", HOSPITAL, call);
    let mut largest = permit();
    largest.exceptions = vec![
        Terms {
            kind: Recipient::Account,
            recipient: HOSPITAL.into_word(),
            ..largest.terms.clone()
        };
        EXCEPTIONS_MAX
    ];
    largest.dataUse.diseases = vec![5_015; DISEASES_MAX];
    largest.dataUse.modifiers = vec![modifier(PUB); MODIFIERS_MAX];
    let consent = setConsentCall {
        subject,
        permits: vec![largest; PERMITS_MAX],
        documentHash: B256::ZERO,
    };
    table.line("setConsent, the largest", subject, consent);
    let (ask, subjects) = (ask(study), vec![subject]);
    let number = table.line(
        "request, of the largest",
        RITA,
        requestCall { ask, subjects },
    );
    let open = |id| requestSliceCall {
        number,
        id,
        readerKey: KEY,
    };
    let opened = usize::try_from(RELEASES_LIVE_MAX)
        .unwrap()
        .saturating_sub(1);
    for id in ids.iter().cycle().take(opened) {
        table.bench.send(RITA, ADDRESS, open(*id)).unwrap();
    }
    table.line("requestSlice, of the largest", RITA, open(ids[0]));
    table.line(
        "endConsent, 64 openings",
        subject,
        endConsentCall { subject },
    );
}

fn results(table: &mut Table, number: u64) {
    let enrol = declareFirstEnrolmentCall { number };
    table.line("declareFirstEnrolment", RITA, enrol);
    let lock = lockDatabaseCall {
        number,
        datasetHash: B256::repeat_byte(1),
    };
    table.line("lockDatabase", RITA, lock);
    let outcome = |n| Reported {
        endpoint: B256::repeat_byte(n),
        level: Reporting::Primary,
        text: B256::repeat_byte(n),
        timePoint: B256::ZERO,
    };
    let report = reportResultsCall {
        number,
        reportHash: B256::repeat_byte(1),
        outcomes: (2..=9).map(outcome).collect(),
    };
    table.line("reportResults, two findings", RITA, report);
}

fn emergency(table: &mut Table) {
    let [first, second] = CLINICIANS;
    let open = openEmergencyCall {
        subject: ANNA,
        reasonCode: 1,
        readerKey: KEY,
    };
    let number = table.line("openEmergency", first, open);
    let confirm = confirmEmergencyCall { number };
    table.line("confirmEmergency", second, confirm);
    let justified = true;
    let review = reviewEmergencyCall { number, justified };
    table.line("reviewEmergency", ANNA, review);
}
