//! What a consent must look like, and whose slices are whose.

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    ADDRESS,
    duo::{DS, GRU, GS, IRB, TS},
    interface::IHealth::{AlreadySaid, Disease, NotMember, sliceCall},
    interface::IHealth::{
        Class, Manner, Modifier, NewSlice, NoConsentSet, NotForSubject, Permit, Reason, Recipient,
        RoleMissing, Sensitivity, Terms, UnfitCount, UnfitMask, UnfitRecipient, UnfitRecord,
        UnfitSlice, UnfitTerm, UnfitWindow, Verdict, agreeCollaborationCall, consentOfCall,
        decideRequestCall, endConsentCall, isKindOfCall, registerSlicesCall, setConsentCall,
        slicesOfCall, stateDiseasesCall,
    },
    limits::{PERMITS_MAX, VETO_SECONDS_MAX},
};
use commonhold_module::{Outcome, bench::account};
use commonhold_primitives::system::RECORDS;
use commonhold_system::{
    accounts::roles,
    records::interface::IRecords::{Registration, registerCall},
};

use crate::world::{ANNA, CITY, COUNTY, NOW, RITA, STRANGER, World, of, permit, refused, research};

fn set(world: &mut World, permits: Vec<Permit>) -> Outcome<u64> {
    let call = setConsentCall {
        subject: ANNA,
        permits,
        documentHash: B256::ZERO,
    };
    world.send(ANNA, call)
}

#[test]
fn a_consent_is_kept_as_it_was_set() {
    let mut world = World::new();
    let subject = ANNA;
    let nothing = world.view(consentOfCall { subject }).unwrap();
    assert_eq!((nothing.version, nothing.permits.len()), (0, 0));
    refused(
        world.send(ANNA, endConsentCall { subject }),
        NoConsentSet { subject },
    );
    let mut first = permit(Manner::Standing);
    first.exceptions = vec![
        Terms {
            kind: Recipient::Account,
            recipient: RITA.into_word(),
            until: NOW + 9,
            ..first.terms.clone()
        };
        2
    ];
    first.dataUse.permission = DS;
    first.dataUse.diseases = vec![5_015, 4_992];
    let value = B256::repeat_byte(5);
    first.dataUse.modifiers = vec![
        Modifier {
            code: GS,
            value,
            time: 0,
        },
        Modifier {
            code: TS,
            value: B256::ZERO,
            time: 77,
        },
    ];
    let permits = vec![first, permit(Manner::Ask)];
    assert_eq!(set(&mut world, permits.clone()), Ok(1));
    let kept = world.view(consentOfCall { subject }).unwrap();
    assert_eq!(kept.permits, permits);
    assert_eq!((kept.setBy, kept.setAt), (ANNA, NOW));
    // The largest that there can be is kept and read too.
    let full = vec![permits[0].clone(); PERMITS_MAX];
    assert_eq!(set(&mut world, full.clone()), Ok(2));
    assert_eq!(world.view(consentOfCall { subject }).unwrap().permits, full);
    assert_eq!(set(&mut world, vec![]), Ok(3), "nobody gets anything");
}

#[test]
fn consents_that_cannot_be_meant_are_refused() {
    let mut world = World::new();
    let mut check = |change: fn(&mut Permit)| {
        let mut changed = permit(Manner::Standing);
        change(&mut changed);
        set(&mut world, vec![changed])
    };
    let mask = |mask: u32| UnfitMask {
        mask: alloy_primitives::U256::from(mask),
    };
    refused(check(|p| p.terms.purposes = 0), mask(0));
    refused(check(|p| p.terms.purposes = 1 << 9), mask(1 << 9));
    refused(check(|p| p.terms.classes = 1 << 15), mask(1 << 15));
    let window = |from, until| UnfitWindow {
        notBefore: from,
        until,
    };
    // Dates that contradict each other, and a time that is over.
    refused(
        check(|p| (p.terms.notBefore, p.terms.until) = (NOW + 9, NOW + 9)),
        window(NOW + 9, NOW + 9),
    );
    refused(check(|p| p.terms.until = NOW), window(0, NOW));
    refused(
        check(|p| p.vetoSeconds = VETO_SECONDS_MAX + 1),
        window(0, u64::from(VETO_SECONDS_MAX) + 1),
    );
    let recipient = |kind, recipient| UnfitRecipient { kind, recipient };
    let ones = B256::repeat_byte(1);
    refused(
        check(|p| p.terms.recipient = B256::repeat_byte(1)),
        recipient(Recipient::Anyone, ones),
    );
    refused(
        check(|p| p.terms.kind = Recipient::Account),
        recipient(Recipient::Account, B256::ZERO),
    );
    refused(
        check(|p| (p.terms.kind, p.terms.recipient) = (Recipient::Account, B256::repeat_byte(1))),
        recipient(Recipient::Account, ones),
    );
    refused(
        check(|p| (p.terms.kind, p.terms.recipient) = (Recipient::Role, B256::repeat_byte(1))),
        recipient(Recipient::Role, ones),
    );
    refused(
        check(|p| {
            (p.terms.kind, p.terms.recipient) = (Recipient::Study, B256::with_last_byte(1));
        }),
        recipient(Recipient::Study, B256::with_last_byte(1)),
    );
    let term = |code| UnfitTerm { code };
    refused(check(|p| p.dataUse.permission = IRB), term(IRB));
    refused(check(|p| p.dataUse.permission = DS), term(DS));
    refused(check(|p| p.dataUse.diseases = vec![1]), term(GRU));
    let modifier = |code, time| Modifier {
        code,
        value: B256::ZERO,
        time,
    };
    for (code, time) in [(GS, 0), (TS, 0), (IRB, 1), (GRU, 0), (999, 0)] {
        let mut changed = permit(Manner::Standing);
        changed.dataUse.modifiers = vec![modifier(code, time)];
        refused(set(&mut world, vec![changed]), term(code));
    }
    let many = vec![permit(Manner::Ask); PERMITS_MAX + 1];
    let count = |n: usize| alloy_primitives::U256::from(n);
    refused(
        set(&mut world, many),
        UnfitCount {
            given: count(PERMITS_MAX + 1),
            max: count(PERMITS_MAX),
        },
    );
    let stranger = setConsentCall {
        subject: ANNA,
        permits: vec![],
        documentHash: B256::ZERO,
    };
    refused(
        world.send(STRANGER, stranger),
        NotForSubject {
            subject: ANNA,
            caller: STRANGER,
        },
    );
}

#[test]
fn slices_are_records_under_this_law() {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    let page = slicesOfCall {
        subject: ANNA,
        from: 0,
        max: 9,
    };
    assert_eq!(world.view(page).unwrap().page, [labs]);
    let shown = world.view(sliceCall { id: labs }).unwrap();
    assert_eq!((shown.class, shown.subject), (Class::Labs, ANNA));

    let mut register = |who, policy, salt| {
        let registration = Registration {
            salt: B256::repeat_byte(salt),
            contentHash: B256::repeat_byte(salt),
            length: 1,
            kind: "test".to_owned(),
            sealedKeyHash: B256::ZERO,
            policy,
            custodian: Address::ZERO,
        };
        world
            .bench
            .send(who, RECORDS, registerCall { registration })
            .unwrap()
    };
    let own = register(ANNA, ADDRESS, 1);
    let other_policy = register(ANNA, account(9), 2);
    let strangers = register(STRANGER, ADDRESS, 3);
    let mut describe = |who, subject, id| {
        let slices = vec![NewSlice {
            id,
            class: Class::Vitals,
            sensitivity: Sensitivity::Restricted,
        }];
        world.send(who, registerSlicesCall { subject, slices })
    };
    refused(
        describe(ANNA, ANNA, other_policy),
        UnfitRecord { id: other_policy },
    );
    refused(
        describe(ANNA, ANNA, strangers),
        UnfitRecord { id: strangers },
    );
    let role = roles::CUSTODIAN;
    refused(
        describe(STRANGER, ANNA, strangers),
        RoleMissing {
            caller: STRANGER,
            role,
        },
    );
    describe(ANNA, Address::ZERO, own).unwrap();
    refused(describe(ANNA, ANNA, own), UnfitSlice { id: own });
    assert_eq!(world.view(sliceCall { id: own }).unwrap().subject, ANNA);
    refused(
        world.view(sliceCall { id: strangers }),
        UnfitSlice { id: strangers },
    );
}

#[test]
fn collaboration_is_agreed_by_the_owner() {
    let mut world = World::new();
    let study = world.approved_study();
    let mut together = permit(Manner::Standing);
    together.dataUse.modifiers = vec![Modifier {
        code: commonhold_health_contract::duo::COL,
        value: B256::ZERO,
        time: 0,
    }];
    world.consents(ANNA, vec![together]);
    let look = decideRequestCall {
        requester: RITA,
        ask: research(study, of(Class::Labs)),
        subject: ANNA,
    };
    let answer = &world.view(look.clone()).unwrap()[0];
    assert_eq!(answer.reasons, [Reason::Collaboration]);
    let subject = ANNA;
    for (agreed, verdict) in [(true, Verdict::Permit), (false, Verdict::Needs)] {
        let agree = agreeCollaborationCall {
            subject,
            study,
            agreed,
        };
        world.send(ANNA, agree).unwrap();
        assert_eq!(world.view(look.clone()).unwrap()[0].verdict, verdict);
    }
}

#[test]
fn a_quorum_of_members_says_what_is_a_kind_of_what() {
    let mut world = World::new();
    let kind = |term, of_| isKindOfCall { term, of_ };
    assert_eq!(world.view(kind(5_148, 5_066)), Ok(true));
    assert_eq!(world.view(kind(5_066, 5_148)), Ok(false));
    assert_eq!(world.view(kind(77, 5_015)), Ok(false));
    let batch = stateDiseasesCall {
        diseases: vec![
            Disease {
                term: 77,
                parents: vec![78, 79],
            },
            Disease {
                term: 79,
                parents: vec![5_148],
            },
        ],
    };
    for (member, so) in [(CITY, false), (COUNTY, false), (account(3), true)] {
        world.send(member, batch.clone()).unwrap();
        assert_eq!(world.view(kind(77, 5_015)), Ok(so));
    }
    refused(
        world.send(CITY, batch.clone()),
        AlreadySaid { member: CITY },
    );
    refused(world.send(STRANGER, batch), NotMember { caller: STRANGER });
    let own = stateDiseasesCall {
        diseases: vec![Disease {
            term: 7,
            parents: vec![7],
        }],
    };
    refused(world.send(CITY, own), UnfitTerm { code: 0 });
}
