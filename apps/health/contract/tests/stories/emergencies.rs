//! Anna is brought in unconscious.

use alloy_primitives::Address;
use commonhold_health_contract::{
    emergencies::purpose,
    interface::IHealth::{
        CaseState, Class, EmergencyConfirmed, EmergencyOpened, Manner, NoEmergencyRight,
        NoEmergencySlice, NotForSubject, NotMember, Right, RoleMissing, Sensitivity, UnfitPerson,
        UnfitSlice, UnfitState, confirmEmergencyCall, emergencyCall, emergencyRightCall,
        openEmergencyCall, restoreEmergencyRightCall, reviewEmergencyCall,
    },
    limits::{
        EMERGENCIES_PENDING_MAX, EMERGENCY_ACCESS_SECONDS, EMERGENCY_ON_CALL_SECONDS,
        EMERGENCY_REVIEW_SECONDS, EMERGENCY_SECOND_SECONDS,
    },
    people::ON_CALL,
};
use commonhold_primitives::system::RECORDS;
use commonhold_system::{
    accounts::roles,
    records::interface::IRecords::{Access, accessCall, openingCall},
};

use crate::world::{
    ANNA, ANNA_TOO, AUDREY, CARL, CITY, CORA, COUNTY, KEY, NOW, STRANGER, World, permit, refused,
    registration,
};

fn open(subject: Address) -> openEmergencyCall {
    openEmergencyCall {
        subject,
        reasonCode: 3,
        readerKey: KEY,
    }
}

fn confirm(number: u64) -> confirmEmergencyCall {
    confirmEmergencyCall { number }
}

fn review(number: u64, justified: bool) -> reviewEmergencyCall {
    reviewEmergencyCall { number, justified }
}

fn right(world: &mut World) -> Right {
    world.view(emergencyRightCall { clinician: CARL }).unwrap()
}

#[test]
fn two_clinicians_open_the_emergency_slice_and_nothing_else() {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    let emergency = world.slice(Class::Emergency);
    // Anna consents to nothing: the glass is there to be broken.
    world.consents(ANNA, vec![permit(Manner::Ask)]);
    let number = world.send(CARL, open(ANNA)).unwrap();
    // She is told in the same block, and nothing is open yet.
    let told = &world.bench.events::<EmergencyOpened>()[0];
    assert_eq!(
        (told.subject, told.clinician, told.reasonCode),
        (ANNA, CARL, 3)
    );
    let access = |world: &mut World, id| {
        let (who, at) = (CARL, 0);
        let call = accessCall { id, who, at };
        world.bench.view(RECORDS, call).unwrap()
    };
    assert_eq!(access(&mut world, emergency), Access::NoGrant);
    refused(
        world.send(CARL, confirm(number)),
        UnfitPerson { person: CARL },
    );
    let role = roles::CLINICIAN;
    refused(
        world.send(STRANGER, confirm(number)),
        RoleMissing {
            caller: STRANGER,
            role,
        },
    );
    let opening = world.send(CORA, confirm(number)).unwrap();
    let told = &world.bench.events::<EmergencyConfirmed>()[0];
    assert_eq!((told.slice, told.second), (emergency, CORA));
    assert_eq!(told.reviewDue, NOW + EMERGENCY_REVIEW_SECONDS);
    assert_eq!(world.released(opening), Access::Granted);
    let written = openingCall { number: opening };
    let written = world.bench.view(RECORDS, written).unwrap();
    assert_eq!((written.reader, written.readerKey), (CARL, KEY));
    assert_eq!(written.purpose, purpose(number));
    assert_eq!(access(&mut world, labs), Access::NoGrant);
    world.wait(EMERGENCY_ACCESS_SECONDS);
    assert_eq!(access(&mut world, emergency), Access::Expired);
    refused(world.send(CORA, confirm(number)), UnfitState { number });

    // The review: by Anna or an auditor, never by the two.
    refused(
        world.send(STRANGER, review(number, true)),
        NotForSubject {
            subject: ANNA,
            caller: STRANGER,
        },
    );
    world.send(ANNA, review(number, true)).unwrap();
    let shown = world.view(emergencyCall { number }).unwrap();
    assert_eq!((shown.state, shown.reviewer), (CaseState::Justified, ANNA));
    refused(
        world.send(AUDREY, review(number, false)),
        UnfitState { number },
    );
}

#[test]
fn the_second_person_comes_within_ten_minutes() {
    let mut world = World::new();
    world.slice(Class::Emergency);
    let number = world.send(CARL, open(ANNA)).unwrap();
    world.wait(EMERGENCY_SECOND_SECONDS);
    refused(world.send(CORA, confirm(number)), UnfitState { number });
    world.wait(EMERGENCY_ON_CALL_SECONDS - EMERGENCY_SECOND_SECONDS);
    let shown = world.view(emergencyCall { number }).unwrap();
    assert_eq!(shown.state, CaseState::Lapsed);
    refused(
        world.send(ANNA, review(number, true)),
        UnfitState { number },
    );
    assert_eq!(right(&mut world), Right::Good);
}

#[test]
fn where_no_other_clinician_is_there_who_is_on_call_confirms_within_the_hour() {
    let mut world = World::new();
    let emergency = world.slice(Class::Emergency);
    // A duty officer, who treats nobody; and Carl, who is on call himself.
    world.attest(STRANGER, ON_CALL, 0);
    world.attest(CARL, ON_CALL, 0);
    let number = world.send(CARL, open(ANNA)).unwrap();
    world.wait(EMERGENCY_ON_CALL_SECONDS - 1);
    refused(
        world.send(CARL, confirm(number)),
        UnfitPerson { person: CARL },
    );
    refused(world.send(CORA, confirm(number)), UnfitState { number });
    world.send(STRANGER, confirm(number)).unwrap();
    let told = &world.bench.events::<EmergencyConfirmed>()[0];
    assert_eq!((told.slice, told.second), (emergency, STRANGER));
    // On call is nobody's right to open one; and an hour is the end.
    refused(
        world.send(STRANGER, open(ANNA)),
        NoEmergencyRight {
            clinician: STRANGER,
            right: Right::NotQualified,
        },
    );
    let late = world.send(CARL, open(ANNA)).unwrap();
    world.wait(EMERGENCY_ON_CALL_SECONDS);
    let number = late;
    refused(world.send(STRANGER, confirm(late)), UnfitState { number });
}

#[test]
fn what_nobody_reviews_suspends_the_right() {
    let mut world = World::new();
    world.slice(Class::Emergency);
    let first = world.send(CARL, open(ANNA)).unwrap();
    world.send(CORA, confirm(first)).unwrap();
    world.wait(EMERGENCY_REVIEW_SECONDS - 1);
    let second = world.send(CARL, open(ANNA)).unwrap();
    assert_eq!(right(&mut world), Right::Good);
    world.wait(1);
    assert_eq!(right(&mut world), Right::Overdue);
    let overdue = NoEmergencyRight {
        clinician: CARL,
        right: Right::Overdue,
    };
    refused(world.send(CARL, open(ANNA)), overdue.clone());
    refused(world.send(CORA, confirm(second)), overdue);
    // The review gives it back, however late.
    world.send(AUDREY, review(first, true)).unwrap();
    assert_eq!(right(&mut world), Right::Good);
    world.send(CORA, confirm(second)).unwrap();
}

#[test]
fn what_was_not_justified_takes_the_right_until_a_member_gives_it_back() {
    let mut world = World::new();
    world.slice(Class::Emergency);
    let number = world.send(CARL, open(ANNA)).unwrap();
    world.send(CORA, confirm(number)).unwrap();
    world.send(AUDREY, review(number, false)).unwrap();
    assert_eq!(right(&mut world), Right::Suspended);
    let clinician = CARL;
    let restore = restoreEmergencyRightCall { clinician };
    refused(
        world.send(CARL, restore.clone()),
        NotMember { caller: CARL },
    );
    world.send(CITY, restore.clone()).unwrap();
    assert_eq!(right(&mut world), Right::Good);
    refused(
        world.send(CITY, restore),
        NoEmergencyRight {
            clinician,
            right: Right::Good,
        },
    );
}

#[test]
fn so_many_wait_for_their_review() {
    let mut world = World::new();
    world.slice(Class::Emergency);
    for _ in 0..EMERGENCIES_PENDING_MAX {
        let number = world.send(CARL, open(ANNA)).unwrap();
        world.send(CORA, confirm(number)).unwrap();
    }
    assert_eq!(right(&mut world), Right::TooManyPending);
    // Reviewed out of order, the first still counts.
    for number in 2..=u64::from(EMERGENCIES_PENDING_MAX) {
        world.send(AUDREY, review(number, true)).unwrap();
    }
    assert_eq!(right(&mut world), Right::Good);
    world.wait(EMERGENCY_REVIEW_SECONDS);
    assert_eq!(right(&mut world), Right::Overdue);
    world.send(AUDREY, review(1, true)).unwrap();
    assert_eq!(right(&mut world), Right::Good);
}

#[test]
fn emergencies_take_a_clinician_and_an_emergency_slice() {
    let mut world = World::new();
    refused(
        world.send(CARL, open(ANNA)),
        NoEmergencySlice { subject: ANNA },
    );
    world.slice(Class::Emergency);
    refused(
        world.send(STRANGER, open(ANNA)),
        NoEmergencyRight {
            clinician: STRANGER,
            right: Right::NotQualified,
        },
    );
    // Another custodian does not put its own in the place of the first one's.
    world.slice_of(COUNTY, ANNA_TOO, Class::Emergency, Sensitivity::Normal);
    let other = foreign(&mut world);
    refused(other, UnfitSlice { id: foreign_id() });
}

fn foreign_id() -> alloy_primitives::B256 {
    use commonhold_system::records::access::record_id;
    let salt = alloy_primitives::B256::repeat_byte(0x13);
    record_id(1_337, COUNTY, salt, salt)
}

/// The county hospital says that a record of its own is Anna's emergency slice.
fn foreign(world: &mut World) -> commonhold_module::Outcome<()> {
    use commonhold_health_contract::interface::IHealth::{NewSlice, registerSlicesCall};
    use commonhold_system::records::interface::IRecords::registerCall;
    let salt = alloy_primitives::B256::repeat_byte(0x13);
    let registration = registration(salt);
    let call = registerCall { registration };
    let id = world.bench.send(COUNTY, RECORDS, call).unwrap();
    let slices = vec![NewSlice {
        id,
        class: Class::Emergency,
        sensitivity: Sensitivity::Normal,
    }];
    let subject = ANNA;
    world
        .send(COUNTY, registerSlicesCall { subject, slices })
        .map(|_| ())
}
