//! A child's mother decides until the child is of age.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::interface::IHealth::{
    Class, Leave, Manner, NotForSubject, Reason, Sensitivity, approveCall, decideRequestCall,
    endConsentCall, refuseCall, setConsentCall, withdrawCall,
};
use commonhold_module::bench::account;
use commonhold_primitives::system::ACCOUNTS;
use commonhold_system::accounts::interface::IAccounts::attestGuardianCall;

use crate::world::{CHILD, CITY, COUNTY, DAY, NOW, RITA, World, of, permit, refused, research};

const MOTHER: Address = account(0x90);
/// When the child is of age.
const OF_AGE: u64 = NOW + 100 * DAY;

/// The child's slice, its mother's guardianship, and her consent to research.
fn family(manner: Manner) -> (World, B256, u64) {
    let mut world = World::new();
    let id = world.slice_of(CITY, CHILD, Class::Labs, Sensitivity::Normal);
    for (member, from) in [(0, CITY), (1, COUNTY)] {
        let call = attestGuardianCall {
            member,
            ward: CHILD,
            guardian: MOTHER,
            notBefore: 0,
            until: OF_AGE,
            evidence: B256::ZERO,
        };
        world.bench.send(from, ACCOUNTS, call).unwrap();
    }
    let consent = |subject| setConsentCall {
        subject,
        permits: vec![permit(manner)],
        documentHash: B256::ZERO,
    };
    // The child does not consent for itself.
    refused(
        world.send(CHILD, consent(CHILD)),
        NotForSubject {
            subject: CHILD,
            caller: CHILD,
        },
    );
    world.send(MOTHER, consent(CHILD)).unwrap();
    let study = world.approved_study();
    let number = world.request(RITA, research(study, of(Class::Labs)), CHILD);
    (world, id, number)
}

#[test]
fn what_a_guardian_let_stand_lapses_at_majority() {
    let (mut world, id, number) = family(Manner::Standing);
    world.wait(60);
    assert_eq!(world.open(RITA, number, id), Leave::Granted);
    world.bench.at(OF_AGE - 1);
    assert_eq!(world.open(RITA, number, id), Leave::Granted);
    world.bench.at(OF_AGE);
    assert_eq!(world.open(RITA, number, id), Leave::ConsentChanged);
    let look = decideRequestCall {
        requester: RITA,
        ask: research(1, of(Class::Labs)),
        subject: CHILD,
    };
    let answer = &world.view(look).unwrap()[0];
    assert_eq!(answer.reasons, [Reason::ConsentLapsed]);
    // The young adult is asked, and consents.
    world.consents(CHILD, vec![permit(Manner::Standing)]);
    assert_eq!(world.open(RITA, number, id), Leave::Granted);
}

#[test]
fn what_a_guardian_approved_lapses_too() {
    let (mut world, id, number) = family(Manner::Ask);
    let classes = of(Class::Labs);
    let approve = approveCall { number, classes };
    refused(
        world.send(CHILD, approve.clone()),
        NotForSubject {
            subject: CHILD,
            caller: CHILD,
        },
    );
    world.send(MOTHER, approve).unwrap();
    assert_eq!(world.open(RITA, number, id), Leave::Granted);
    world.bench.at(OF_AGE);
    assert_eq!(world.open(RITA, number, id), Leave::Lapsed);
    let subject = CHILD;
    refused(
        world.send(MOTHER, endConsentCall { subject }),
        NotForSubject {
            subject,
            caller: MOTHER,
        },
    );
}

#[test]
fn a_child_may_always_say_no() {
    let (mut world, _, number) = family(Manner::Ask);
    world.send(CHILD, refuseCall { number }).unwrap();
    let leave = withdrawCall {
        study: 1,
        subjects: vec![CHILD],
    };
    assert_eq!(world.send(CHILD, leave), Ok(0));
    let subject = CHILD;
    world.send(CHILD, endConsentCall { subject }).unwrap();
}
