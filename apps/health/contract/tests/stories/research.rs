//! Rita studies diabetes. She gets what Anna consents to, and nothing else.

use alloy_primitives::B256;
use commonhold_health_contract::{
    ADDRESS,
    codes::class_bit,
    duo::{DS, IRB, MOR, PUB},
    interface::IHealth::{
        Class, CopiesDestroyed, DataUse, Duty, Leave, Manner, Modifier, NoEncryptionKey,
        NotApprovable, NotForSubject, NotInvestigator, Purpose, Reason, RequestState, Requested,
        RoleMissing, Sensitivity, SliceAsked, TooManyReleases, UnfitPurpose, UnfitState, Verdict,
        WithdrawnFrom, approveCall, attestDestructionCall, decideRequestCall, endConsentCall,
        leaveOfCall, participationCall, refuseCall, requestCall, requestOfCall, requestOpeningCall,
        requestSliceCall, revokeCall, suspendStudyCall, vetoCall, withdrawCall,
    },
    limits::{RELEASE_SECONDS, RELEASES_LIVE_MAX},
};
use commonhold_primitives::system::RECORDS;
use commonhold_system::{
    accounts::roles,
    records::interface::IRecords::{Access, eraseCall, openingCall},
};

use crate::world::{
    ANNA, ANNA_TOO, CARL, CITY, COUNTY, DAY, EMIL, EVA, KEY, NOW, RALF, RITA, STRANGER, World, of,
    permit, refused, research,
};

#[test]
fn a_patient_two_hospitals_a_researcher_and_an_ethics_board() {
    let mut world = World::new();
    // Two hospitals hold what they know of Anna, each under its own name for her.
    let labs = world.slice(Class::Labs);
    let genome = world.slice(Class::Genomic);
    let psychiatry = world.slice_of(CITY, ANNA, Class::Problems, Sensitivity::Restricted);
    let county_labs = world.slice_of(COUNTY, ANNA_TOO, Class::Labs, Sensitivity::Normal);
    // Anna lets research on diabetes have her labs after an hour's veto, published and approved; for
    // her genome she wants to be asked. Of the rest she says nothing.
    let mut standing = permit(Manner::Standing);
    standing.terms.classes = of(Class::Labs);
    standing.vetoSeconds = 3_600;
    standing.dataUse = DataUse {
        permission: DS,
        diseases: vec![5_015],
        modifiers: [IRB, PUB]
            .map(|code| Modifier {
                code,
                value: B256::ZERO,
                time: 0,
            })
            .to_vec(),
    };
    let mut asking = permit(Manner::Ask);
    asking.terms.classes = of(Class::Genomic);
    for me in [ANNA, ANNA_TOO] {
        world.consents(me, vec![standing.clone(), asking.clone()]);
    }

    // The board approves Rita's study of type 2 diabetes. She asks both of Anna's names.
    let study = world.approved_study();
    let wanted =
        of(Class::Labs) | of(Class::Genomic) | class_bit(Class::Problems, Sensitivity::Restricted);
    let ask = research(study, wanted);
    let before = decideRequestCall {
        requester: RITA,
        ask: ask.clone(),
        subject: ANNA,
    };
    let before = world.view(before).unwrap();
    let told: Vec<_> = before.iter().map(|d| (d.verdict, d.manner)).collect();
    assert_eq!(
        told,
        [
            (Verdict::Permit, Manner::Standing),
            (Verdict::Permit, Manner::Ask),
            (Verdict::Deny, Manner::Ask)
        ],
        "she knows before she asks"
    );
    assert_eq!(before[0].reasons, [Reason::DiseaseCovered]);
    assert_eq!(before[2].reasons, [Reason::OutsideConsent]);
    let subjects = vec![ANNA, ANNA_TOO];
    let first = world.send(RITA, requestCall { ask, subjects }).unwrap();
    let events = world.bench.events::<Requested>();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].standing, of(Class::Labs));
    assert_eq!(events[0].asking, of(Class::Genomic));
    assert_eq!(events[0].readyAt, NOW + 3_600);
    let shown = world.view(requestOfCall { number: first }).unwrap();
    assert_eq!(shown.obligations, [Duty { code: PUB, time: 0 }]);

    // Within the veto window nothing opens.
    assert_eq!(world.open(RITA, first, labs), Leave::NotYet);
    world.wait(3_600);
    assert_eq!(world.open(RITA, first, labs), Leave::Granted);
    let asked = &world.bench.events::<SliceAsked>()[0];
    assert_eq!(
        (asked.request, asked.reader, asked.subject),
        (first, RITA, ANNA)
    );
    let opening = asked.opening;
    assert_eq!(world.released(opening), Access::Granted);
    // What is written down is the request that it was for.
    let written = openingCall { number: opening };
    let written = world.bench.view(RECORDS, written).unwrap();
    assert_eq!(written.purpose, B256::with_last_byte(1));
    assert_eq!(written.readerKey, KEY);

    // The genome opens when Anna says so; what she never spoke of does not.
    assert_eq!(world.open(RITA, first, genome), Leave::NotCovered);
    let classes = of(Class::Genomic);
    let approve = approveCall {
        number: first,
        classes,
    };
    world.send(ANNA, approve).unwrap();
    assert_eq!(world.open(RITA, first, genome), Leave::Granted);
    assert_eq!(world.open(RITA, first, psychiatry), Leave::NotCovered);
    // Each name is asked for itself.
    assert_eq!(world.open(RITA, first, county_labs), Leave::NotYours);
    assert_eq!(world.open(RITA, first + 1, county_labs), Leave::Granted);
    assert_eq!(world.open(RALF, first, labs), Leave::NotYours);

    // Anna leaves the study under each of her names, which nothing on the ledger ties together, and
    // learns what is out there.
    let leave = withdrawCall {
        study,
        subjects: vec![ANNA, ANNA_TOO],
    };
    refused(
        world.send(ANNA, leave.clone()),
        NotForSubject {
            subject: ANNA_TOO,
            caller: ANNA,
        },
    );
    for (me, copies) in [(ANNA, 2), (ANNA_TOO, 1)] {
        let leave = withdrawCall {
            subjects: vec![me],
            ..leave.clone()
        };
        assert_eq!(world.send(me, leave), Ok(copies));
        let told = &world.bench.events::<WithdrawnFrom>()[0];
        assert_eq!(told.copiesOutstanding, copies);
    }
    assert_eq!(world.released(opening), Access::Revoked);
    assert_eq!(world.open(RITA, first, labs), Leave::Withdrawn);

    // Rita destroys her copies and says so.
    let number = first;
    let evidence = B256::repeat_byte(0x77);
    let attest = attestDestructionCall { number, evidence };
    refused(
        world.send(STRANGER, attest.clone()),
        NotForSubject {
            subject: RITA,
            caller: STRANGER,
        },
    );
    world.send(RITA, attest.clone()).unwrap();
    let destroyed = &world.bench.events::<CopiesDestroyed>()[0];
    assert_eq!((destroyed.number, destroyed.copies), (first, 2));
    let subject = ANNA;
    let left = world.view(participationCall { subject, study }).unwrap();
    assert_eq!((left.outstanding, left.withdrawnAt), (0, NOW + 3_600));
    refused(world.send(RITA, attest), UnfitState { number });
}

/// Anna's labs stand open to Rita's approved study, after a minute.
fn standing() -> (World, u64, u64, B256) {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    let study = world.approved_study();
    let number = world.request(RITA, research(study, of(Class::Labs)), ANNA);
    (world, study, number, labs)
}

#[test]
fn a_veto_stops_what_stands_and_an_approval_does_not_wait() {
    let (mut world, _, number, labs) = standing();
    world.send(ANNA, vetoCall { number }).unwrap();
    world.wait(60);
    assert_eq!(world.open(RITA, number, labs), Leave::Vetoed);
    refused(world.send(ANNA, vetoCall { number }), UnfitState { number });
    // She thinks better of it.
    let classes = of(Class::Labs);
    world.send(ANNA, approveCall { number, classes }).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    let number = world.request(RITA, research(1, classes), ANNA);
    world.wait(60);
    refused(world.send(ANNA, vetoCall { number }), UnfitState { number });
}

#[test]
fn what_is_revoked_ends_with_that_transaction() {
    let (mut world, _, number, labs) = standing();
    world.wait(60);
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    let opening = world.bench.events::<SliceAsked>()[0].opening;
    assert_eq!(world.released(opening), Access::Granted);
    let stranger = world.send(STRANGER, revokeCall { number });
    refused(
        stranger,
        NotForSubject {
            subject: ANNA,
            caller: STRANGER,
        },
    );
    world.send(ANNA, revokeCall { number }).unwrap();
    assert_eq!(world.released(opening), Access::Revoked);
    assert_eq!(world.open(RITA, number, labs), Leave::Revoked);
    let refusal = world.bench.events::<SliceAsked>()[0].opening;
    let written = openingCall { number: refusal };
    let written = world.bench.view(RECORDS, written).unwrap();
    assert_eq!(
        written.access,
        Access::Revoked,
        "a refusal stands on the ledger"
    );
    refused(
        world.send(ANNA, revokeCall { number }),
        UnfitState { number },
    );
}

#[test]
fn ending_the_consent_ends_all_that_was_given_under_it() {
    let (mut world, _, number, labs) = standing();
    world.wait(60);
    let classes = of(Class::Labs);
    world.send(ANNA, approveCall { number, classes }).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    let opening = world.bench.events::<SliceAsked>()[0].opening;
    world.send(ANNA, endConsentCall { subject: ANNA }).unwrap();
    assert_eq!(world.released(opening), Access::Revoked);
    assert_eq!(world.open(RITA, number, labs), Leave::ConsentEnded);
    // A new consent does not bring old grants back.
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    assert_eq!(world.open(RITA, number, labs), Leave::ConsentEnded);
    let refused_now = world.send(ANNA, approveCall { number, classes });
    refused(refused_now, UnfitState { number });
}

#[test]
fn a_narrower_consent_counts_at_once_for_what_stands() {
    let (mut world, _, number, labs) = standing();
    world.wait(60);
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    world.consents(ANNA, vec![permit(Manner::Ask)]);
    assert_eq!(world.open(RITA, number, labs), Leave::ConsentChanged);
    let classes = of(Class::Labs);
    world.send(ANNA, approveCall { number, classes }).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
}

#[test]
fn suspension_expiry_and_a_lost_role_end_it() {
    let (mut world, study, number, labs) = standing();
    world.wait(60);
    let reason = B256::repeat_byte(9);
    let suspend = suspendStudyCall {
        number: study,
        reason,
    };
    world.send(EVA, suspend).unwrap();
    assert_eq!(world.open(RITA, number, labs), Leave::Suspended);

    let (mut world, _, number, labs) = standing();
    world.wait(365 * DAY);
    assert_eq!(world.open(RITA, number, labs), Leave::Expired);

    let (mut world, study, number, labs) = standing();
    // Rita is a researcher for a day only, at the start.
    world.attest(RITA, roles::RESEARCHER, NOW + DAY);
    world.wait(DAY);
    assert_eq!(world.open(RITA, number, labs), Leave::NotQualified);
    let role = roles::RESEARCHER;
    let ask = research(study, of(Class::Labs));
    let subjects = vec![ANNA];
    refused(
        world.send(RITA, requestCall { ask, subjects }),
        RoleMissing { caller: RITA, role },
    );
}

#[test]
fn a_grant_is_good_for_so_many_openings_and_until_its_end() {
    let (mut world, study, _, labs) = standing();
    let mut ask = research(study, of(Class::Labs));
    ask.uses = 1;
    let number = world.request(RITA, ask, ANNA);
    world.wait(60);
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    assert_eq!(world.open(RITA, number, labs), Leave::UsedUp);
    let shown = world.view(requestOfCall { number }).unwrap();
    assert_eq!((shown.used, shown.copies), (1, 1));
}

#[test]
fn so_many_openings_stand_at_a_time() {
    let (mut world, _, number, labs) = standing();
    world.wait(60);
    // What always holds is looked at once, when they all stand.
    for _ in 1..RELEASES_LIVE_MAX {
        let open = requestSliceCall {
            number,
            id: labs,
            readerKey: KEY,
        };
        let opened = world.bench.send(RITA, ADDRESS, open).unwrap();
        assert_eq!(opened.leave, Leave::Granted);
    }
    assert_eq!(world.open(RITA, number, labs), Leave::Granted);
    let id = labs;
    let again = requestSliceCall {
        number,
        id,
        readerKey: KEY,
    };
    let full = world.send(RITA, again.clone());
    refused(full, TooManyReleases { subject: ANNA });
    world.wait(RELEASE_SECONDS);
    assert_eq!(world.send(RITA, again).unwrap().leave, Leave::Granted);
    let shown = world.view(requestOfCall { number }).unwrap();
    assert_eq!(shown.copies, 1, "one slice is one copy, however often");
}

#[test]
fn what_is_very_restricted_opens_by_the_owners_own_word() {
    let mut world = World::new();
    let secret = world.slice_of(CITY, ANNA, Class::Problems, Sensitivity::VeryRestricted);
    let mut everything = permit(Manner::Standing);
    let classes = class_bit(Class::Problems, Sensitivity::VeryRestricted);
    everything.terms.classes = classes;
    world.consents(ANNA, vec![everything]);
    let study = world.approved_study();
    let number = world.request(RITA, research(study, classes), ANNA);
    world.wait(60);
    assert_eq!(world.open(RITA, number, secret), Leave::NotCovered);
    world.send(ANNA, approveCall { number, classes }).unwrap();
    assert_eq!(world.open(RITA, number, secret), Leave::Granted);
}

#[test]
fn a_study_without_approval_gets_nothing() {
    let mut world = World::new();
    world.slice(Class::Labs);
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    let study = world.send(RITA, crate::world::protocol()).unwrap();
    let ask = research(study, of(Class::Labs));
    let look = decideRequestCall {
        requester: RITA,
        ask: ask.clone(),
        subject: ANNA,
    };
    let answer = &world.view(look).unwrap()[0];
    assert_eq!(answer.verdict, Verdict::Needs);
    assert_eq!(answer.reasons, [Reason::EthicsApproval]);
    let number = world.request(RITA, ask, ANNA);
    let shown = world.view(requestOfCall { number }).unwrap();
    assert_eq!(
        (shown.standing, shown.needing, shown.state),
        (0, of(Class::Labs), RequestState::Open)
    );
    let classes = of(Class::Labs);
    refused(
        world.send(ANNA, approveCall { number, classes }),
        NotApprovable { number, classes },
    );
    world.send(ANNA, refuseCall { number }).unwrap();
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let (mut world, study, ..) = standing();
    let mut file = |from, ask| {
        let subjects = vec![ANNA];
        world.send(from, requestCall { ask, subjects })
    };
    let labs = of(Class::Labs);
    let mut care = research(study, labs);
    care.purpose = Purpose::Treatment;
    refused(
        file(CARL, care),
        UnfitPurpose {
            purpose: Purpose::Treatment,
            study,
        },
    );
    let caller = RALF;
    refused(
        file(RALF, research(study, labs)),
        NotInvestigator { study, caller },
    );
    // Eva is a researcher too, but nothing can be sealed to her.
    let mut family = research(0, labs);
    family.purpose = Purpose::FamilyRequest;
    refused(file(EVA, family), NoEncryptionKey { account: EVA });
    let role = roles::RESEARCHER;
    refused(
        file(EMIL, research(study, labs)),
        RoleMissing { caller: EMIL, role },
    );
    assert!(file(RITA, research(study, 0)).is_err());
    assert!(file(RITA, research(study, 1 << 31)).is_err());
    assert!(file(RITA, research(99, labs)).is_err());
    let mut endless = research(study, labs);
    endless.until = 0;
    assert!(file(RITA, endless).is_err());
}

#[test]
fn care_takes_a_permit_for_care() {
    let mut world = World::new();
    let labs = world.slice(Class::Labs);
    world.consents(ANNA, vec![permit(Manner::Standing)]);
    let mut care = research(0, of(Class::Labs));
    care.purpose = Purpose::Treatment;
    let number = world.request(CARL, care.clone(), ANNA);
    assert_eq!(world.open(CARL, number, labs), Leave::NotCovered);
    let mut caring = permit(Manner::Standing);
    caring.dataUse.permission = commonhold_health_contract::duo::NRES;
    caring.vetoSeconds = 0;
    world.consents(ANNA, vec![caring]);
    let number = world.request(CARL, care, ANNA);
    assert_eq!(world.open(CARL, number, labs), Leave::Granted);
}

#[test]
fn obligations_with_dates_bind_the_grant() {
    let mut world = World::new();
    let mut dated = permit(Manner::Standing);
    let modifier = |code, time| Modifier {
        code,
        value: B256::ZERO,
        time,
    };
    let ts = commonhold_health_contract::duo::TS;
    dated.dataUse.modifiers = vec![modifier(MOR, NOW + 9 * DAY), modifier(ts, NOW + 5 * DAY)];
    world.consents(ANNA, vec![dated]);
    let study = world.approved_study();
    let number = world.request(RITA, research(study, of(Class::Labs)), ANNA);
    let shown = world.view(requestOfCall { number }).unwrap();
    let duty = |code, time| Duty { code, time };
    assert_eq!(
        shown.obligations,
        [duty(MOR, NOW + 9 * DAY), duty(ts, NOW + 5 * DAY)]
    );
    assert_eq!(shown.until, NOW + 5 * DAY, "the grant ends with its time");
}

#[test]
fn readers_who_know_only_records_are_served() {
    let (mut world, _, number, labs) = standing();
    world.wait(60);
    let ask = requestOpeningCall {
        id: labs,
        purpose: B256::repeat_byte(1),
        readerKey: KEY,
    };
    let answer = world.send(RITA, ask.clone()).unwrap();
    assert_eq!(answer.access, Access::Granted as u8);
    assert_eq!(world.bench.events::<SliceAsked>()[0].request, number);
    // Anna reads her own, and strangers are written down.
    let own = world.send(ANNA, ask.clone()).unwrap();
    assert_eq!(own.access, Access::Granted as u8);
    assert_eq!(world.bench.events::<SliceAsked>()[0].leave, Leave::Own);
    let stranger = world.send(STRANGER, ask.clone()).unwrap();
    assert_eq!(stranger.access, Access::NoGrant as u8);
    assert_eq!(
        world.bench.events::<SliceAsked>()[0].leave,
        Leave::NoRequest
    );
    // What its custodian erased is not opened, and that is written down too.
    world
        .bench
        .send(CITY, RECORDS, eraseCall { id: labs })
        .unwrap();
    let gone = world.send(RITA, ask).unwrap();
    assert_eq!(gone.access, Access::Erased as u8);
    let reader = RITA;
    let id = labs;
    let leave = world.view(leaveOfCall { number, id, reader }).unwrap();
    assert_eq!(leave, Leave::Erased);
    let subject = ANNA;
    let held = world.view(participationCall { subject, study: 1 }).unwrap();
    assert_eq!(held.outstanding, 1);
}
