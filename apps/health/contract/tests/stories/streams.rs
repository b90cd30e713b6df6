//! A bedside monitor's days, each a slice of its own.

use alloy_primitives::B256;
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        Class, Leave, Manner, NewSlice, Reason, Sensitivity, endConsentCall, registerSlicesCall,
        revokeCall,
    },
};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{Access, Registration, registerCall};

use crate::world::{ANNA, CITY, DAY, RITA, World, of, permit, research};

/// The hospital makes a slice of a day.
fn day(world: &mut World, number: u8) -> B256 {
    let name = B256::repeat_byte(number);
    let registration = Registration {
        salt: name,
        contentHash: name,
        length: 1_024,
        kind: "application/senml+ndjson".to_owned(),
        sealedKeyHash: name,
        policy: ADDRESS,
        custodian: alloy_primitives::Address::ZERO,
    };
    let call = registerCall { registration };
    let id = world.bench.send(CITY, RECORDS, call).unwrap();
    let slices = vec![NewSlice {
        id,
        class: Class::Device,
        sensitivity: Sensitivity::Normal,
    }];
    let subject = ANNA;
    world
        .send(CITY, registerSlicesCall { subject, slices })
        .unwrap();
    id
}

#[test]
fn what_is_taken_back_does_not_open_the_days_that_come() {
    let mut world = World::new();
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    let study = world.running_study();
    let monday = day(&mut world, 0x71);
    let number = world.request(RITA, research(study, of(Class::Device)), ANNA);
    world.wait(60);
    assert_eq!(world.open(RITA, number, monday), Leave::Granted);
    // The grant is for the class, and so for the days that come, each asked for by itself.
    world.wait(DAY);
    let tuesday = day(&mut world, 0x72);
    assert_eq!(world.open(RITA, number, tuesday), Leave::Granted);

    let subject = ANNA;
    world.send(ANNA, endConsentCall { subject }).unwrap();
    assert_eq!(world.open(RITA, number, tuesday), Leave::ConsentEnded);
    world.wait(DAY);
    let wednesday = day(&mut world, 0x73);
    assert_eq!(world.open(RITA, number, wednesday), Leave::ConsentEnded);
    let later = world.request(RITA, research(study, of(Class::Device)), ANNA);
    assert_eq!(world.open(RITA, later, wednesday), Leave::NotCovered);
    let look = commonhold_health_contract::interface::IHealth::decideRequestCall {
        requester: RITA,
        ask: research(study, of(Class::Device)),
        subject,
    };
    assert_eq!(world.view(look).unwrap()[0].reasons, [Reason::NoConsent]);
}

#[test]
fn a_revocation_holds_for_the_day_that_was_just_asked_for() {
    let mut world = World::new();
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    let study = world.running_study();
    let today = day(&mut world, 0x74);
    let number = world.request(RITA, research(study, of(Class::Device)), ANNA);
    world.wait(60);
    let call = commonhold_health_contract::interface::IHealth::requestSliceCall {
        number,
        id: today,
        readerKey: crate::world::KEY,
    };
    let asked = world.send(RITA, call).unwrap();
    assert_eq!(world.released(asked.opening), Access::Granted);
    world.send(ANNA, revokeCall { number }).unwrap();
    assert_eq!(world.released(asked.opening), Access::Revoked);
    let tomorrow = day(&mut world, 0x75);
    assert_eq!(world.open(RITA, number, tomorrow), Leave::Revoked);
}
