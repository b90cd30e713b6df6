//! Who may call what: every function that changes something, called by everybody in the stories. Each
//! cell is performed on a world of its own; the file tells who is allowed and what the others are told.

use std::{collections::BTreeMap, fmt::Write as _};

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall as _;
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        Ask, Class, Level, Manner, NewSlice, agreeCollaborationCall, amendStudyCall, approveCall,
        attestDestructionCall, confirmEmergencyCall, declareConflictCall,
        declareFirstEnrolmentCall, endConsentCall, foundBoardCall, lockDatabaseCall,
        offerPseudonymCall, openBallotCall, openEmergencyCall, passPseudonymCall, refuseCall,
        registerSlicesCall, reportResultsCall, requestCall, requestOpeningCall, requestSliceCall,
        restoreEmergencyRightCall, reviewEmergencyCall, revokeCall, setConsentCall,
        stateDiseasesCall, suspendStudyCall, takePseudonymCall, unblindCall, vetoCall, voteCall,
        withdrawCall,
    },
    interface::IHealth::{Disease, SliceAsked},
    module,
};
use commonhold_module::Fault;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::registerCall;

use crate::world::{
    ANNA, AUDREY, CARL, CITY, CORA, COUNTY, DAY, EMIL, EVA, KEY, NOW, RALF, RITA, STRANGER, World,
    endpoint, of, permit, protocol, registration, research,
};

const CAST: &[(&str, Address)] = &[
    ("anna", ANNA),
    ("rita", RITA),
    ("ralf", RALF),
    ("emil", EMIL),
    ("carl", CARL),
    ("cora", CORA),
    ("audrey", AUDREY),
    ("city", CITY),
    ("county", COUNTY),
    ("stranger", STRANGER),
];

/// What the rows speak of.
struct Things {
    labs: B256,
    /// A record of Anna's own, which is no slice yet.
    own: B256,
    ballot: u64,
    /// A pseudonym that Anna holds, and one that is offered to her.
    held: Address,
    offered: Address,
    /// A request with a copy, and one within its veto window.
    opened: u64,
    waiting: u64,
    /// An emergency that waits for a second person, and one that waits for its review.
    emergency: u64,
    confirmed: u64,
}

fn prepare() -> (World, Things) {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    world.slice(Class::Emergency);
    let name = B256::repeat_byte(0x21);
    let registration = registration(name);
    let call = registerCall { registration };
    let own = world.bench.send(ANNA, RECORDS, call).unwrap();
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    // Study 1 runs, 2 is approved, 3 is before the board, 4 is locked.
    let running = world.running_study();
    world.approved_study();
    let study = world.send(RITA, protocol()).unwrap();
    let ballot = world.send(RITA, openBallotCall { study }).unwrap();
    let number = world.running_study();
    let lock = lockDatabaseCall {
        number,
        datasetHash: B256::ZERO,
    };
    world.send(RITA, lock).unwrap();

    let opened = world.request(RITA, research(running, of(Class::Labs)), ANNA);
    world.wait(60);
    world.open(RITA, opened, labs);
    let waiting = world.request(RITA, research(running, of(Class::Labs)), ANNA);

    let open = openEmergencyCall {
        subject: ANNA,
        reasonCode: 1,
        readerKey: KEY,
    };
    // Cora's was not justified: she has no right to open any more.
    let number = world.send(CORA, open.clone()).unwrap();
    world.send(CARL, confirmEmergencyCall { number }).unwrap();
    let justified = false;
    let review = reviewEmergencyCall { number, justified };
    world.send(ANNA, review).unwrap();
    let confirmed = world.send(CARL, open.clone()).unwrap();
    let confirm = confirmEmergencyCall { number: confirmed };
    world.send(CORA, confirm).unwrap();
    let emergency = world.send(CARL, open).unwrap();
    let mut offer = |n| {
        let secret = B256::repeat_byte(n);
        let to = ANNA;
        world.send(CITY, offerPseudonymCall { secret, to }).unwrap()
    };
    let (held, offered) = (offer(1), offer(2));
    let subject = held;
    world.send(ANNA, takePseudonymCall { subject }).unwrap();
    let things = Things {
        held,
        offered,
        labs,
        own,
        ballot,
        opened,
        waiting,
        emergency,
        confirmed,
    };
    (world, things)
}

/// Every function, called so that somebody is allowed.
fn rows(of_: &Things) -> Vec<(&'static str, Vec<u8>)> {
    let subject = ANNA;
    let number = of_.waiting;
    let classes = of(Class::Labs);
    let ask = |study| Ask {
        until: NOW + DAY,
        ..research(study, classes)
    };
    let endpoints = vec![endpoint(1, Level::Primary)];
    let slices = vec![NewSlice {
        id: of_.own,
        class: Class::Vitals,
        sensitivity: commonhold_health_contract::interface::IHealth::Sensitivity::Normal,
    }];
    let diseases = vec![Disease {
        term: 77,
        parents: vec![],
    }];
    let zero = B256::ZERO;
    let permits = vec![permit(Manner::Ask)];
    vec![
        (
            "registerSlices",
            registerSlicesCall { subject, slices }.abi_encode(),
        ),
        (
            "setConsent",
            setConsentCall {
                subject,
                permits,
                documentHash: zero,
            }
            .abi_encode(),
        ),
        ("endConsent", endConsentCall { subject }.abi_encode()),
        (
            "agreeCollaboration",
            agreeCollaborationCall {
                subject,
                study: 1,
                agreed: true,
            }
            .abi_encode(),
        ),
        (
            "request",
            requestCall {
                ask: ask(1),
                subjects: vec![subject],
            }
            .abi_encode(),
        ),
        ("approve", approveCall { number, classes }.abi_encode()),
        ("refuse", refuseCall { number }.abi_encode()),
        ("veto", vetoCall { number }.abi_encode()),
        ("revoke", revokeCall { number }.abi_encode()),
        (
            "withdraw",
            withdrawCall {
                study: 1,
                subjects: vec![subject],
            }
            .abi_encode(),
        ),
        (
            "attestDestruction",
            attestDestructionCall {
                number: of_.opened,
                evidence: zero,
            }
            .abi_encode(),
        ),
        (
            "requestSlice",
            requestSliceCall {
                number: of_.opened,
                id: of_.labs,
                readerKey: KEY,
            }
            .abi_encode(),
        ),
        (
            "requestOpening",
            requestOpeningCall {
                id: of_.labs,
                purpose: zero,
                readerKey: KEY,
            }
            .abi_encode(),
        ),
        ("stateDiseases", stateDiseasesCall { diseases }.abi_encode()),
        ("registerStudy", protocol().abi_encode()),
        (
            "amendStudy",
            amendStudyCall {
                number: 1,
                usdmHash: zero,
                endpoints,
                reason: zero,
            }
            .abi_encode(),
        ),
        (
            "declareFirstEnrolment",
            declareFirstEnrolmentCall { number: 2 }.abi_encode(),
        ),
        (
            "lockDatabase",
            lockDatabaseCall {
                number: 1,
                datasetHash: zero,
            }
            .abi_encode(),
        ),
        ("unblind", unblindCall { number: 1 }.abi_encode()),
        (
            "reportResults",
            reportResultsCall {
                number: 4,
                reportHash: zero,
                outcomes: vec![],
            }
            .abi_encode(),
        ),
        (
            "foundBoard",
            foundBoardCall {
                members: vec![EVA],
                quorum: 1,
                approvalSeconds: DAY,
            }
            .abi_encode(),
        ),
        ("openBallot", openBallotCall { study: 2 }.abi_encode()),
        (
            "declareConflict",
            declareConflictCall { ballot: of_.ballot }.abi_encode(),
        ),
        (
            "vote",
            voteCall {
                ballot: of_.ballot,
                approve: true,
            }
            .abi_encode(),
        ),
        (
            "suspendStudy",
            suspendStudyCall {
                number: 1,
                reason: zero,
            }
            .abi_encode(),
        ),
        (
            "openEmergency",
            openEmergencyCall {
                subject,
                reasonCode: 1,
                readerKey: KEY,
            }
            .abi_encode(),
        ),
        (
            "confirmEmergency",
            confirmEmergencyCall {
                number: of_.emergency,
            }
            .abi_encode(),
        ),
        (
            "reviewEmergency",
            reviewEmergencyCall {
                number: of_.confirmed,
                justified: true,
            }
            .abi_encode(),
        ),
        (
            "restoreEmergencyRight",
            restoreEmergencyRightCall { clinician: CORA }.abi_encode(),
        ),
        (
            "offerPseudonym",
            offerPseudonymCall {
                secret: B256::repeat_byte(1),
                to: RITA,
            }
            .abi_encode(),
        ),
        (
            "passPseudonym",
            passPseudonymCall {
                subject: of_.held,
                to: RITA,
            }
            .abi_encode(),
        ),
        (
            "takePseudonym",
            takePseudonymCall {
                subject: of_.offered,
            }
            .abi_encode(),
        ),
    ]
}

/// What a fault is called: the name of the error, whichever module declares it.
fn name_of(fault: &Fault) -> String {
    let Fault::Reject(data) = fault else {
        panic!("{fault}")
    };
    let selector = data.first_chunk::<4>().unwrap();
    let mut modules = commonhold_system::modules();
    modules.push(module());
    let all = modules
        .iter()
        .flat_map(|m| m.abi().errors().cloned().collect::<Vec<_>>());
    let found = all.into_iter().find(|error| error.selector() == *selector);
    found
        .unwrap_or_else(|| panic!("nobody declares {data}"))
        .name
}

/// The table, as text: per function who meets which outcome, who is allowed first.
pub(crate) fn table() -> String {
    let (world, things) = prepare();
    let rows = rows(&things);
    let functions = module().messages();
    let tried: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
    for function in &functions {
        assert!(
            tried.contains(&function.as_str()),
            "nobody tries {function}"
        );
    }
    let mut text = String::new();
    for (name, input) in rows {
        let mut outcomes: BTreeMap<(bool, String), Vec<&str>> = BTreeMap::new();
        for (who, address) in CAST {
            let mut bench = world.bench.clone();
            let sent = bench.raw(*address, ADDRESS, U256::ZERO, false, &input);
            let outcome = match &sent {
                Ok(_) => match bench.events::<SliceAsked>().first() {
                    Some(asked) => (false, format!("taken down: {:?}", asked.leave)),
                    None => (false, "allowed".to_owned()),
                },
                Err(fault) => (true, name_of(fault)),
            };
            assert_eq!(bench.invariants(), Ok(vec![]), "{name} by {who}");
            outcomes.entry(outcome).or_default().push(who);
        }
        writeln!(text, "{name}").unwrap();
        for ((_, outcome), who) in outcomes {
            writeln!(text, "  {outcome:<24}  {}", who.join(", ")).unwrap();
        }
    }
    text
}
