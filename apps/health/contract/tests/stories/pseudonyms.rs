//! A hospital keeps people under pseudonyms, and Anna takes hers over.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    interface::IHealth::{
        AlreadyHeld, Class, Leave, Manner, NewSlice, NotForSubject, NotOffered, PseudonymOffered,
        PseudonymTaken, Purpose, Reason, Sensitivity, UnfitPerson, approveCall, decideRequestCall,
        endConsentCall, offerPseudonymCall, openEmergencyCall, passPseudonymCall, pseudonymCall,
        pseudonymOfCall, pseudonymsOfCall, registerSlicesCall, requestOpeningCall,
        requestSliceCall, setConsentCall, takePseudonymCall, withdrawCall,
    },
    pseudonyms::pseudonym,
};
use commonhold_primitives::system::{ACCOUNTS, RECORDS};
use commonhold_system::{
    accounts::{
        interface::IAccounts::{attestGuardianCall, nameGuardianCall},
        roles,
    },
    records::interface::IRecords::{Access, eraseCall, registerCall},
};

use crate::world::{
    ANNA, ANNA_TOO, CARL, CITY, COUNTY, KEY, NOW, RITA, STRANGER, World, of, permit, refused,
    registration, research,
};

const SECRET: B256 = B256::repeat_byte(0x5e);

/// What the city hospital knows Anna by.
fn ward_name() -> Address {
    pseudonym(1_337, CITY, SECRET)
}

const fn offer(to: Address) -> offerPseudonymCall {
    let secret = SECRET;
    offerPseudonymCall { secret, to }
}

fn take() -> takePseudonymCall {
    let subject = ward_name();
    takePseudonymCall { subject }
}

fn consent() -> setConsentCall {
    setConsentCall {
        subject: ward_name(),
        permits: vec![permit(Manner::Standing)],
        documentHash: B256::ZERO,
    }
}

/// A slice of Anna's under her pseudonym, which is hers.
fn taken_over() -> (World, B256) {
    let mut world = World::new();
    let labs = world.slice_of(CITY, ward_name(), Class::Labs, Sensitivity::Normal);
    assert_eq!(world.send(CITY, offer(ANNA)), Ok(ward_name()));
    world.send(ANNA, take()).unwrap();
    (world, labs)
}

#[test]
fn nobody_decides_for_a_pseudonym_until_its_person_takes_it_over() {
    let mut world = World::new();
    let subject = ward_name();
    let labs = world.slice_of(CITY, subject, Class::Labs, Sensitivity::Normal);
    let study = world.running_study();
    for caller in [CITY, ANNA, STRANGER] {
        let denied = NotForSubject { subject, caller };
        refused(world.send(caller, consent()), denied.clone());
        refused(world.send(caller, endConsentCall { subject }), denied);
    }
    let number = world.request(RITA, research(study, of(Class::Labs)), subject);
    assert_eq!(world.open(RITA, number, labs), Leave::NotCovered);

    // The hospital offers it to the address that Anna brings.
    let of_call = pseudonymOfCall {
        custodian: CITY,
        secret: SECRET,
    };
    assert_eq!(world.view(of_call), Ok(subject));
    refused(
        world.send(ANNA, take()),
        NotOffered {
            subject,
            caller: ANNA,
        },
    );
    world.send(CITY, offer(STRANGER)).unwrap();
    world.send(CITY, offer(ANNA)).unwrap();
    let told = &world.bench.events::<PseudonymOffered>()[0];
    assert_eq!((told.subject, told.by, told.to), (subject, CITY, ANNA));
    refused(
        world.send(STRANGER, take()),
        NotOffered {
            subject,
            caller: STRANGER,
        },
    );
    // An offer alone lets nobody decide.
    let denied = NotForSubject {
        subject,
        caller: ANNA,
    };
    refused(world.send(ANNA, consent()), denied);
    world.send(ANNA, take()).unwrap();
    let told = &world.bench.events::<PseudonymTaken>()[0];
    assert_eq!((told.subject, told.holder), (subject, ANNA));
    refused(
        world.send(CITY, offer(CITY)),
        AlreadyHeld {
            subject,
            holder: ANNA,
        },
    );
    refused(
        world.send(ANNA, take()),
        NotOffered {
            subject,
            caller: ANNA,
        },
    );
    let shown = world.view(pseudonymCall { subject }).unwrap();
    assert_eq!((shown.custodian, shown.holder), (CITY, ANNA));
    assert_eq!((shown.takenAt, shown.offeredTo), (NOW, Address::ZERO));
    let held = pseudonymsOfCall {
        holder: ANNA,
        from: 0,
        max: 9,
    };
    let held = world.view(held).unwrap();
    assert_eq!((held.page, held.total), (vec![subject], 1));

    // She consents, and what her consent lets in to opens.
    world.send(ANNA, consent()).unwrap();
    let number = world.request(RITA, research(study, of(Class::Labs)), subject);
    world.wait(60);
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    let subjects = vec![subject];
    assert_eq!(world.send(ANNA, withdrawCall { study, subjects }), Ok(1));
    assert_eq!(world.open(RITA, number, labs), Leave::Withdrawn);
}

#[test]
fn somebodys_own_address_is_nobodys_pseudonym() {
    let mut world = World::new();
    world.slice(Class::Labs);
    // Whatever the secret: it makes an address of the hospital's, and no account's.
    for secret in [B256::ZERO, ANNA.into_word(), SECRET] {
        let to = CITY;
        let made = world.send(CITY, offerPseudonymCall { secret, to }).unwrap();
        assert!(![ANNA, ANNA_TOO, CITY].contains(&made));
    }
    let subject = ANNA;
    refused(
        world.send(CITY, takePseudonymCall { subject }),
        NotOffered {
            subject,
            caller: CITY,
        },
    );
    // The same secret is another pseudonym at another hospital.
    assert_ne!(world.send(COUNTY, offer(ANNA)), Ok(ward_name()));
}

#[test]
fn the_holder_reads_what_is_kept_and_so_does_whom_she_names() {
    let (mut world, labs) = taken_over();
    let open = requestOpeningCall {
        id: labs,
        purpose: B256::ZERO,
        readerKey: KEY,
    };
    let opened = world.send(ANNA, open.clone()).unwrap();
    assert_eq!(world.released(opened.number), Access::Granted);
    let brother = nameGuardianCall {
        guardian: STRANGER,
        notBefore: 0,
        until: 0,
    };
    world.bench.send(ANNA, ACCOUNTS, brother).unwrap();
    world.send(STRANGER, consent()).unwrap();
    let opened = world.send(STRANGER, open).unwrap();
    assert_eq!(world.released(opened.number), Access::Granted);
}

#[test]
fn a_pseudonym_is_passed_on_by_its_holder_alone_and_consent_is_given_anew() {
    let (mut world, labs) = taken_over();
    let subject = ward_name();
    world.send(ANNA, consent()).unwrap();
    let study = world.approved_study();
    let number = world.request(RITA, research(study, of(Class::Labs)), subject);
    world.wait(60);
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    let pass = |to| passPseudonymCall { subject, to };
    for caller in [CITY, STRANGER, ANNA_TOO] {
        refused(
            world.send(caller, pass(caller)),
            NotForSubject { subject, caller },
        );
    }
    world.send(ANNA, pass(ANNA_TOO)).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    world.send(ANNA_TOO, take()).unwrap();
    // Who gave the consent may not act for the pseudonym any more.
    assert_eq!(world.open(RITA, number, labs), Leave::ConsentChanged);
    let caller = ANNA;
    refused(
        world.send(ANNA, consent()),
        NotForSubject { subject, caller },
    );
    world.send(ANNA_TOO, consent()).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    // Back again: the list of those who ever held it has each once.
    world.send(ANNA_TOO, pass(ANNA)).unwrap();
    world.send(ANNA, take()).unwrap();
    let held = pseudonymsOfCall {
        holder: ANNA,
        from: 0,
        max: 9,
    };
    assert_eq!(world.view(held).unwrap().total, 1);
}

#[test]
fn a_ward_that_holds_its_pseudonym_does_not_consent_for_itself() {
    let (mut world, _) = taken_over();
    for (member, from) in [(0, CITY), (1, COUNTY)] {
        let call = attestGuardianCall {
            member,
            ward: ANNA,
            guardian: STRANGER,
            notBefore: 0,
            until: NOW + 1_000,
            evidence: B256::ZERO,
        };
        world.bench.send(from, ACCOUNTS, call).unwrap();
    }
    let (subject, caller) = (ward_name(), ANNA);
    refused(
        world.send(ANNA, consent()),
        NotForSubject { subject, caller },
    );
    world.send(STRANGER, consent()).unwrap();
    world.send(ANNA, endConsentCall { subject }).unwrap();
}

#[test]
fn nobody_breaks_the_glass_for_themselves_by_a_pseudonym() {
    let mut world = World::new();
    let subject = ward_name();
    world.slice_of(CITY, subject, Class::Emergency, Sensitivity::Normal);
    world.send(CITY, offer(CARL)).unwrap();
    world.send(CARL, take()).unwrap();
    let open = openEmergencyCall {
        subject,
        reasonCode: 1,
        readerKey: KEY,
    };
    refused(world.send(CARL, open), UnfitPerson { person: CARL });
}

#[test]
fn what_was_erased_opens_to_nobody_and_the_ledger_says_why() {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    world.consents(ANNA, vec![permit(Manner::Ask)]);
    let study = world.approved_study();
    let number = world.request(RITA, research(study, of(Class::Labs)), ANNA);
    let classes = of(Class::Labs);
    world.send(ANNA, approveCall { number, classes }).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    world
        .bench
        .send(CITY, RECORDS, eraseCall { id: labs })
        .unwrap();
    let call = requestSliceCall {
        number,
        id: labs,
        readerKey: KEY,
    };
    let answer = world.send(RITA, call).unwrap();
    assert_eq!(answer.leave, Leave::Erased);
    assert_eq!(world.released(answer.opening), Access::Erased);
    let look = commonhold_health_contract::interface::IHealth::leaveOfCall {
        number,
        id: labs,
        reader: RITA,
    };
    assert_eq!(world.view(look), Ok(Leave::Erased));
    // Not even in an emergency; and the county hospital's may take its place.
    let emergency = world.slice(Class::Emergency);
    world
        .bench
        .send(CITY, RECORDS, eraseCall { id: emergency })
        .unwrap();
    let open = openEmergencyCall {
        subject: ANNA,
        reasonCode: 1,
        readerKey: KEY,
    };
    assert!(world.send(CARL, open.clone()).is_err());
    let name = B256::repeat_byte(0x77);
    let registration = registration(name);
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
        .unwrap();
    world.send(CARL, open).unwrap();
}

#[test]
fn consent_is_asked_of_who_holds_it_now() {
    let (mut world, _) = taken_over();
    world.send(ANNA, consent()).unwrap();
    world.attest(STRANGER, roles::CLINICIAN, 0);
    let ask = commonhold_health_contract::interface::IHealth::Ask {
        purpose: Purpose::Treatment,
        study: 0,
        ..research(1, of(Class::Labs))
    };
    let look = |world: &mut World| {
        let call = decideRequestCall {
            requester: STRANGER,
            ask: ask.clone(),
            subject: ward_name(),
        };
        world.view(call).unwrap()[0].reasons.clone()
    };
    assert!(!look(&mut world).contains(&Reason::ConsentLapsed));
    let pass = passPseudonymCall {
        subject: ward_name(),
        to: ANNA_TOO,
    };
    world.send(ANNA, pass).unwrap();
    world.send(ANNA_TOO, take()).unwrap();
    assert_eq!(look(&mut world), [Reason::ConsentLapsed]);
}
