#![allow(clippy::panic, reason = "tests")]

use super::*;

const US_COUNTRY: &str = "US";

fn modifier(code: u16) -> Modifier {
    Modifier {
        code,
        value: B256::ZERO,
        time: 0,
    }
}

fn listing(code: u16, value: &str) -> Modifier {
    Modifier {
        value: name(value),
        ..modifier(code)
    }
}

fn dated(code: u16, time: u64) -> Modifier {
    Modifier {
        time,
        ..modifier(code)
    }
}

fn data(permission: u16, modifiers: &[Modifier]) -> DataUse {
    DataUse {
        permission,
        diseases: vec![5_015],
        modifiers: modifiers.to_vec(),
    }
}

fn research() -> Profile {
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
        disease: 0,
        country: name(US_COUNTRY),
        institution: name("ror:03vek6s52"),
    }
}

fn care() -> Profile {
    Profile {
        research: false,
        clinicalCare: true,
        ..research()
    }
}

fn given() -> Circumstances {
    Circumstances {
        ethicsApproval: false,
        collaborationAgreed: false,
        user: name("0xa1"),
        project: name("study-1"),
        date: 1_000,
    }
}

#[track_caller]
fn check(data: &DataUse, profile: &Profile, verdict: Verdict, reasons: &[Reason]) -> Decision {
    check_given(data, profile, &given(), verdict, reasons)
}

#[track_caller]
fn check_given(
    data: &DataUse,
    profile: &Profile,
    given: &Circumstances,
    verdict: Verdict,
    reasons: &[Reason],
) -> Decision {
    let lineage = match profile.disease {
        0 => vec![],
        5_148 => vec![5_148, 5_015, 5_066],
        disease => vec![disease],
    };
    let decision = decide(data, profile, given, &lineage);
    assert_eq!(
        (decision.verdict, &decision.reasons[..]),
        (verdict, reasons)
    );
    decision
}

#[test]
fn permissions_allow_what_the_table_says() {
    let methods = Profile {
        healthBiomedical: false,
        methodsDevelopment: true,
        ..research()
    };
    let ancestry = Profile {
        populationAncestry: true,
        ..research()
    };
    let nothing = Profile {
        research: false,
        ..research()
    };
    for (permission, profile, verdict, reason) in [
        (NRES, &nothing, Verdict::Permit, Reason::NoRestriction),
        (NRES, &care(), Verdict::Permit, Reason::NoRestriction),
        (GRU, &methods, Verdict::Permit, Reason::GeneralResearch),
        (GRU, &ancestry, Verdict::Permit, Reason::GeneralResearch),
        (GRU, &nothing, Verdict::Deny, Reason::NotResearch),
        (HMB, &research(), Verdict::Permit, Reason::HealthResearch),
        (HMB, &methods, Verdict::Deny, Reason::NotHealth),
        (HMB, &ancestry, Verdict::Deny, Reason::AncestryExcluded),
        (POA, &ancestry, Verdict::Permit, Reason::AncestryResearch),
        (POA, &research(), Verdict::Deny, Reason::NotAncestryStudy),
        (DS, &research(), Verdict::Deny, Reason::NoDisease),
        (0, &research(), Verdict::Deny, Reason::UnknownTerm),
        (CC, &research(), Verdict::Deny, Reason::UnknownTerm),
    ] {
        check(&data(permission, &[]), profile, verdict, &[reason]);
    }
}

#[test]
fn consent_to_a_disease_covers_its_kinds_and_not_what_is_broader() {
    let on = |disease| Profile {
        disease,
        ..research()
    };
    for (disease, verdict, reason) in [
        (5_015, Verdict::Permit, Reason::DiseaseCovered),
        (5_148, Verdict::Permit, Reason::DiseaseCovered),
        (5_066, Verdict::Deny, Reason::DiseaseNotCovered),
        (4_992, Verdict::Deny, Reason::DiseaseNotCovered),
    ] {
        check(&data(DS, &[]), &on(disease), verdict, &[reason]);
    }
}

#[test]
fn care_takes_nres_or_cc() {
    let both = Profile {
        clinicalCare: true,
        ..research()
    };
    let cc = [modifier(CC)];
    for (permission, modifiers, profile, verdict, reasons) in [
        (
            GRU,
            &[][..],
            &care(),
            Verdict::Deny,
            vec![Reason::CareNotAllowed],
        ),
        (HMB, &[], &both, Verdict::Deny, vec![Reason::CareNotAllowed]),
        (DS, &cc, &care(), Verdict::Permit, vec![Reason::CareAllowed]),
        (DS, &cc, &both, Verdict::Deny, vec![Reason::NoDisease]),
        (
            HMB,
            &cc,
            &both,
            Verdict::Permit,
            vec![Reason::CareAllowed, Reason::HealthResearch],
        ),
    ] {
        check(&data(permission, modifiers), profile, verdict, &reasons);
    }
}

#[test]
fn modifiers_narrow() {
    let with = |change: fn(&mut Profile)| {
        let mut profile = research();
        change(&mut profile);
        profile
    };
    let commercial = with(|p| p.commercial = true);
    let profit = with(|p| p.forProfit = true);
    let genetic = with(|p| p.geneticStudy = true);
    for (code, profile, denied) in [
        (
            NMDS,
            with(|p| p.methodsDevelopment = true),
            Some(Reason::MethodsExcluded),
        ),
        (NMDS, research(), None),
        (GSO, research(), Some(Reason::NotGenetic)),
        (GSO, genetic, None),
        (NPUNCU, commercial.clone(), Some(Reason::CommercialExcluded)),
        (NPUNCU, profit.clone(), Some(Reason::ForProfitExcluded)),
        (NPU, commercial.clone(), None),
        (NPU, profit.clone(), Some(Reason::ForProfitExcluded)),
        (NCU, commercial, Some(Reason::CommercialExcluded)),
        (NCU, profit, None),
        (
            NPOA,
            with(|p| p.populationAncestry = true),
            Some(Reason::AncestryExcluded),
        ),
        (
            PUB,
            with(|p| p.willPublish = false),
            Some(Reason::RefusesToPublish),
        ),
        (
            RTN,
            with(|p| p.returnsResults = false),
            Some(Reason::RefusesToReturn),
        ),
        (GS, research(), Some(Reason::CountryNotListed)),
        (999, research(), Some(Reason::UnknownTerm)),
    ] {
        let data = data(GRU, &[modifier(code)]);
        match denied {
            Some(reason) => check(&data, &profile, Verdict::Deny, &[reason]),
            None => check(&data, &profile, Verdict::Permit, &[Reason::GeneralResearch]),
        };
    }
}

#[test]
fn lists_allow_what_is_on_them() {
    let cases = [
        (GS, "US", "DE", Reason::CountryNotListed),
        (US, "0xa1", "0xb2", Reason::UserNotListed),
        (PS, "study-1", "study-2", Reason::ProjectNotListed),
        (
            IS,
            "ror:03vek6s52",
            "ror:000000000",
            Reason::InstitutionNotListed,
        ),
    ];
    for (code, yes, no, reason) in cases {
        let both = data(GRU, &[listing(code, no), listing(code, yes)]);
        check(
            &both,
            &research(),
            Verdict::Permit,
            &[Reason::GeneralResearch],
        );
        let other = data(GRU, &[listing(code, no), listing(code, no)]);
        check(&other, &research(), Verdict::Deny, &[reason]);
    }
}

#[test]
fn what_is_needed_permits_once_it_is_there() {
    let both = data(GRU, &[modifier(IRB), modifier(COL), modifier(PUB)]);
    let needs = [Reason::EthicsApproval, Reason::Collaboration];
    let decision = check(&both, &research(), Verdict::Needs, &needs);
    assert_eq!(decision.obligations, [Duty { code: PUB, time: 0 }]);
    let half = Circumstances {
        ethicsApproval: true,
        ..given()
    };
    check_given(
        &both,
        &research(),
        &half,
        Verdict::Needs,
        &[Reason::Collaboration],
    );
    let all = Circumstances {
        collaborationAgreed: true,
        ..half
    };
    check_given(
        &both,
        &research(),
        &all,
        Verdict::Permit,
        &[Reason::GeneralResearch],
    );
    let rs = data(GRU, &[modifier(RS)]);
    check(&rs, &research(), Verdict::Needs, &[Reason::OwnersReview]);
}

#[test]
fn a_denial_outranks_a_need_and_carries_no_obligation() {
    let data = data(
        HMB,
        &[
            modifier(IRB),
            listing(GS, "DE"),
            modifier(PUB),
            modifier(NCU),
        ],
    );
    let profile = Profile {
        commercial: true,
        ..research()
    };
    let reasons = [Reason::CountryNotListed, Reason::CommercialExcluded];
    let decision = check(&data, &profile, Verdict::Deny, &reasons);
    assert!(decision.obligations.is_empty());
}

#[test]
fn obligations_are_carried_on() {
    let all = data(
        GRU,
        &[
            modifier(PUB),
            modifier(RTN),
            dated(MOR, 1_001),
            dated(TS, 1_001),
        ],
    );
    let decision = check(
        &all,
        &research(),
        Verdict::Permit,
        &[Reason::GeneralResearch],
    );
    let duty = |code, time| Duty { code, time };
    assert_eq!(
        decision.obligations,
        [
            duty(PUB, 0),
            duty(RTN, 0),
            duty(MOR, 1_001),
            duty(TS, 1_001)
        ]
    );
    // A moratorium that is over binds nobody; a time limit that is over lets nobody in.
    let over = data(GRU, &[dated(MOR, 1_000)]);
    let decision = check(
        &over,
        &research(),
        Verdict::Permit,
        &[Reason::GeneralResearch],
    );
    assert!(decision.obligations.is_empty());
    let late = data(GRU, &[dated(TS, 1_000)]);
    check(&late, &research(), Verdict::Deny, &[Reason::TimeIsOver]);
}

#[test]
fn names_are_words() {
    assert!(name("US").starts_with(b"US\0"));
    let long = "x".repeat(32);
    assert_eq!(name(&long), keccak256(&long));
    let short = "x".repeat(31);
    assert!(name(&short).starts_with(short.as_bytes()));
    assert_ne!(user(Address::repeat_byte(1)), project(1));
}

#[test]
fn every_term_has_its_names() {
    for code in 0..60 {
        let known = is_permission(code) || is_modifier(code);
        assert_eq!(!short(code).is_empty(), known, "{code}");
    }
    assert_eq!(term(4), "DUO:0000004");
}
