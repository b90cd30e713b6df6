//! What Rita registers before she begins, and what she reports after.

use alloy_primitives::B256;
use commonhold_health_contract::{
    interface::IHealth::{
        Consistency, Endpoint, FirstEnrolled, Level, NotInvestigator, Reported, Reporting, Switch,
        SwitchFound, Unblinded, UnfitEndpoint, UnfitState, amendStudyCall,
        declareFirstEnrolmentCall, lockDatabaseCall, reportCall, reportResultsCall, studyCall,
        studyVersionCall, unblindCall,
    },
    limits::VERSIONS_MAX,
};

use crate::world::{RALF, RITA, World, endpoint, protocol, refused};

fn amend(number: u64, endpoints: Vec<Endpoint>) -> amendStudyCall {
    amendStudyCall {
        number,
        usdmHash: B256::repeat_byte(0x56),
        endpoints,
        reason: B256::repeat_byte(1),
    }
}

fn outcome(n: u8, level: Reporting) -> Reported {
    let Endpoint { id, text, .. } = endpoint(n, Level::Primary);
    Reported {
        endpoint: id,
        level,
        text,
        timePoint: B256::ZERO,
    }
}

fn report(number: u64, outcomes: Vec<Reported>) -> reportResultsCall {
    reportResultsCall {
        number,
        reportHash: B256::repeat_byte(0x99),
        outcomes,
    }
}

fn lock(number: u64) -> lockDatabaseCall {
    lockDatabaseCall {
        number,
        datasetHash: B256::repeat_byte(0x44),
    }
}

#[test]
fn results_are_compared_with_the_version_at_first_enrolment() {
    let mut world = World::new();
    let number = world.approved_study();
    // Before anybody is enrolled the protocol may become another.
    let first = vec![endpoint(1, Level::Primary), endpoint(3, Level::Secondary)];
    world.send(RITA, amend(number, first)).unwrap();
    world.wait(10);
    world
        .send(RITA, declareFirstEnrolmentCall { number })
        .unwrap();
    assert_eq!(world.bench.events::<FirstEnrolled>()[0].version, 2);
    world.wait(10);
    // Afterwards it is declared, and compared all the same.
    let second = vec![endpoint(1, Level::Secondary), endpoint(4, Level::Primary)];
    world.send(RITA, amend(number, second)).unwrap();
    refused(
        world.send(RITA, report(number, vec![])),
        UnfitState { number },
    );
    world.send(RITA, lock(number)).unwrap();
    world.send(RITA, unblindCall { number }).unwrap();
    assert!(world.bench.events::<Unblinded>()[0].afterLock);

    let outcomes = vec![
        outcome(1, Reporting::Secondary),
        outcome(4, Reporting::Primary),
    ];
    let answer = world.send(RITA, report(number, outcomes)).unwrap();
    assert_eq!((answer.report, answer.verdict), (0, Consistency::Switched));
    let told = world.bench.events::<SwitchFound>();
    assert_eq!(told.len(), 3);
    let shown = world.view(reportCall { number, index: 0 }).unwrap();
    assert_eq!((shown.version, shown.verdict), (2, Consistency::Switched));
    let found: Vec<_> = shown
        .findings
        .iter()
        .map(|f| (f.what, f.declared))
        .collect();
    assert_eq!(
        found,
        [
            (Switch::PrimaryDemoted, true),
            (Switch::SecondaryOmitted, true),
            (Switch::NovelDeclared, true)
        ]
    );
    let faithful = vec![
        outcome(1, Reporting::Primary),
        outcome(3, Reporting::Secondary),
    ];
    let answer = world.send(RITA, report(number, faithful)).unwrap();
    assert_eq!(
        (answer.report, answer.verdict),
        (1, Consistency::Consistent)
    );
    let shown = world.view(studyCall { number }).unwrap();
    assert_eq!((shown.versions, shown.reports), (3, 2));
}

#[test]
fn a_study_goes_its_way_in_order() {
    let mut world = World::new();
    let number = world.send(RITA, protocol()).unwrap();
    let enrol = declareFirstEnrolmentCall { number };
    let unfit = UnfitState { number };
    // Nobody is enrolled in what no board approved.
    refused(world.send(RITA, enrol.clone()), unfit.clone());
    refused(world.send(RITA, lock(number)), unfit.clone());
    refused(world.send(RITA, unblindCall { number }), unfit.clone());

    let mut world = World::new();
    let number = world.running_study();
    refused(world.send(RITA, enrol), unfit.clone());
    world.send(RITA, unblindCall { number }).unwrap();
    assert!(!world.bench.events::<Unblinded>()[0].afterLock);
    refused(world.send(RITA, unblindCall { number }), unfit.clone());
    world.send(RITA, lock(number)).unwrap();
    refused(world.send(RITA, lock(number)), unfit);
    let (study, caller) = (number, RALF);
    refused(
        world.send(RALF, report(number, vec![])),
        NotInvestigator { study, caller },
    );
}

#[test]
fn endpoints_have_ids_of_their_own() {
    let mut world = World::new();
    let number = world.send(RITA, protocol()).unwrap();
    for n in [0, 1] {
        let twice = vec![endpoint(n, Level::Primary), endpoint(1, Level::Secondary)];
        let id = B256::repeat_byte(n);
        refused(world.send(RITA, amend(number, twice)), UnfitEndpoint { id });
    }
    assert!(world.send(RITA, amend(number, vec![])).is_err());
    let one = vec![endpoint(1, Level::Exploratory)];
    for _ in 1..VERSIONS_MAX {
        world.send(RITA, amend(number, one.clone())).unwrap();
    }
    assert!(world.send(RITA, amend(number, one)).is_err(), "no more fit");
    let version = VERSIONS_MAX;
    let shown = world.view(studyVersionCall { number, version }).unwrap();
    assert_eq!(shown.endpoints, [endpoint(1, Level::Exploratory)]);
    let version = VERSIONS_MAX + 1;
    assert!(world.view(studyVersionCall { number, version }).is_err());
}
