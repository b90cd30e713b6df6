//! Consents out and in again, and what is refused.

use alloy_primitives::{Address, B256, U256};
use commonhold_health_contract::{
    codes::{ALL_CLASSES, ALL_PURPOSES},
    duo,
    interface::IHealth::{DataUse, Manner, Modifier, Permit, Recipient, Terms},
    limits::VETO_SECONDS_MAX,
};
use commonhold_sdk::{Account, bundle, roles};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::{
    consent::consent,
    document,
    reading::{Beside, Said, read},
    terms,
};
use crate::refusal::Refusal;

const CHAIN: u64 = 31_337;
const NOW: u64 = 1_800_000_000;

fn beside(manner: Manner) -> Beside<'static> {
    Beside {
        chain: CHAIN,
        now: NOW,
        known: &|reference| {
            let role = roles::role("clinician").unwrap();
            (reference == "Practitioner/13").then_some((Recipient::Role, role))
        },
        has_key: &|who| who != Address::repeat_byte(0xee),
        manner,
    }
}

fn said(document: &Value) -> Result<Said, Refusal> {
    read(document.to_string().as_bytes(), &beside(Manner::Standing))
}

fn recipient() -> impl Strategy<Value = (Recipient, B256)> {
    prop_oneof![
        Just((Recipient::Anyone, B256::ZERO)),
        (1..=u64::MAX).prop_map(|n| {
            let account = Address::from_word(B256::from(U256::from(n)));
            (Recipient::Account, account.into_word())
        }),
        "[a-z]([a-z0-9]{0,10})(-[a-z0-9]{1,8})?"
            .prop_map(|name| (Recipient::Role, roles::role(&name).unwrap())),
        (1..=u64::MAX).prop_map(|n| (Recipient::Study, U256::from(n).into())),
    ]
}

/// A time: any, and often one of this century.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1..4_000_000_000u64, any::<u64>()]
}

prop_compose! {
    fn rule()(
        purposes in 1..=ALL_PURPOSES,
        classes in any::<u32>().prop_map(|set| set & ALL_CLASSES).prop_filter("none", |set| *set != 0),
        (kind, recipient) in recipient(),
        not_before in time(),
        until in time(),
    ) -> Terms {
        let ends = until > not_before && until > NOW;
        Terms {
            purposes,
            classes,
            kind,
            recipient,
            notBefore: not_before,
            until: if ends { until } else { 0 },
        }
    }
}

fn modifier() -> impl Strategy<Value = Modifier> {
    let codes: Vec<u16> = (0..64).filter(|code| duo::is_modifier(*code)).collect();
    let value = prop_oneof![
        "[ -~]{1,31}".prop_map(|text| duo::name(&text)),
        any::<[u8; 32]>().prop_map(B256::from),
        (1..100u64).prop_map(duo::project),
    ];
    let value = value.prop_filter("none", |value| !value.is_zero());
    (proptest::sample::select(codes), value, 1..=u64::MAX).prop_map(|(code, value, time)| {
        Modifier {
            code,
            value: if duo::has_values(code) {
                value
            } else {
                B256::ZERO
            },
            time: if duo::has_date(code) { time } else { 0 },
        }
    })
}

fn data_use() -> impl Strategy<Value = DataUse> {
    let permissions = [duo::NRES, duo::GRU, duo::HMB, duo::DS, duo::POA];
    (
        proptest::sample::select(permissions.to_vec()),
        vec(1..=u32::MAX, 1..=16),
        vec(modifier(), 0..=16),
    )
        .prop_map(|(permission, diseases, modifiers)| DataUse {
            permission,
            diseases: if permission == duo::DS {
                diseases
            } else {
                Vec::new()
            },
            modifiers,
        })
}

prop_compose! {
    fn permit()(
        terms in rule(),
        exceptions in vec(rule(), 0..=8),
        data_use in data_use(),
        standing in any::<bool>(),
        veto in 0..=VETO_SECONDS_MAX,
    ) -> Permit {
        Permit {
            terms,
            exceptions,
            dataUse: data_use,
            manner: if standing { Manner::Standing } else { Manner::Ask },
            vetoSeconds: veto,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Everything that the law can hold comes back as it was, whoever reads the document.
    #[test]
    fn what_goes_out_comes_in(permits in vec(permit(), 0..=8), subject in any::<[u8; 20]>(), ask in any::<bool>()) {
        let subject = Address::from(subject);
        let document = consent(subject, CHAIN, Some(&permits));
        let manner = if ask { Manner::Ask } else { Manner::Standing };
        let said = read(document.to_string().as_bytes(), &beside(manner)).unwrap();
        prop_assert_eq!(&said.permits, &permits);
        prop_assert_eq!(said.subject, Some(subject));
        prop_assert!(said.kept.is_empty());
        // However it is laid out, it is the document that the ledger has the hash of.
        let account = Account::random();
        let pretty = bundle::pretty(&document).unwrap();
        let hashed = document::of_file(&account, (subject, CHAIN), &permits, &pretty).unwrap();
        prop_assert_eq!(hashed.salt, None);
        prop_assert_eq!(hashed.hash, document::of_permits(subject, CHAIN, &permits).unwrap());
    }

    /// No bytes do more than be refused.
    #[test]
    fn damage_is_refused_or_means_something(permits in vec(permit(), 1..=2), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = consent(Address::ZERO, CHAIN, Some(&permits)).to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        let _ = read(&text, &beside(Manner::Ask));
        text.truncate(at);
        prop_assert!(read(&text, &beside(Manner::Ask)).is_err());
    }
}

fn permit_of(terms: Terms) -> Permit {
    Permit {
        terms,
        exceptions: Vec::new(),
        dataUse: DataUse {
            permission: duo::NRES,
            diseases: Vec::new(),
            modifiers: Vec::new(),
        },
        manner: Manner::Standing,
        vetoSeconds: 0,
    }
}

/// A hospital's consent, of no ledger.
fn foreign() -> Value {
    json!({
        "resourceType": "Consent",
        "id": "c1",
        "identifier": [{ "value": "4711" }],
        "status": "active",
        "scope": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy" }] },
        "category": [{ "coding": [{ "system": "http://loinc.org", "code": "59284-0" }] }],
        "patient": { "reference": "Patient/1", "display": "Somebody" },
        "dateTime": "2026-11-26",
        "policyRule": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN" }] },
        "provision": {
            "type": "deny",
            "period": { "start": "2026-01-01", "end": "2030-12-31" },
            "provision": [{
                "type": "permit",
                "actor": [{
                    "role": { "coding": [{ "system": terms::PARTICIPATION, "code": "PRCP" }] },
                    "reference": { "reference": "Practitioner/13" },
                }],
                "purpose": [{ "system": terms::ACT_REASON, "code": "TREAT" }],
                "securityLabel": [{ "system": terms::CONFIDENTIALITY, "code": "N" }],
            }],
        },
    })
}

#[test]
fn what_others_write_is_read_for_what_it_says() {
    let said = said(&foreign()).unwrap();
    let [permit] = said.permits.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(permit.terms.purposes, 1 << 3);
    assert_eq!(
        permit.terms.classes,
        ALL_CLASSES & 0xffff,
        "nothing restricted"
    );
    assert_eq!(permit.terms.kind, Recipient::Role);
    assert_eq!(permit.terms.notBefore, 1_767_225_600, "the root's period");
    assert_eq!(permit.terms.until, 1_924_992_000, "the last day is in it");
    assert_eq!(permit.dataUse.permission, duo::NRES);
    assert_eq!(
        permit.manner,
        Manner::Standing,
        "FHIR permits without a question"
    );
    let mut kept = said.kept;
    kept.sort();
    assert_eq!(kept, ["dateTime", "id", "identifier"]);
}

#[test]
fn a_document_that_says_more_is_hashed_behind_a_salt() {
    let text = foreign().to_string();
    let account = Account::random();
    let permits = said(&foreign()).unwrap().permits;
    let about = (Address::ZERO, CHAIN);
    let hashed = document::of_file(&account, about, &permits, text.as_bytes()).unwrap();
    let salt = hashed.salt.unwrap();
    let spelled = document::spelled(text.as_bytes()).unwrap();
    assert_ne!(
        hashed.hash,
        document::sha256(&spelled),
        "it could be guessed"
    );
    assert_eq!(hashed.hash, document::salted(&salt, &spelled));
    let again = document::of_file(&account, about, &permits, text.as_bytes()).unwrap();
    assert_eq!(again, hashed, "who set it need not keep the salt");
    let other = document::of_file(&Account::random(), about, &permits, text.as_bytes()).unwrap();
    assert_ne!(other.hash, hashed.hash);
}

#[test]
fn two_recipients_are_two_permits() {
    let mut document = foreign();
    let actor = document["provision"]["provision"][0]["actor"][0].clone();
    let mut second = actor.clone();
    second["reference"] = terms::account(Address::repeat_byte(1));
    document["provision"]["provision"][0]["actor"] = json!([actor, second]);
    let said = said(&document).unwrap();
    let kinds: Vec<Recipient> = said
        .permits
        .iter()
        .map(|permit| permit.terms.kind)
        .collect();
    assert_eq!(kinds, [Recipient::Role, Recipient::Account]);
}

/// What the law cannot hold, by the change that says it, the place and a word of the reason.
#[test]
fn what_the_law_cannot_hold_is_refused_where_it_stands() {
    let permit = "/provision/provision/0";
    let loinc = json!([{ "coding": [{ "system": "http://loinc.org", "code": "34133-9" }] }]);
    let keyless = json!([{
        "role": { "coding": [{ "system": terms::PARTICIPATION, "code": "IRCP" }] },
        "reference": terms::account(Address::repeat_byte(0xee)),
    }]);
    let stranger = json!([{
        "role": { "coding": [{ "system": terms::PARTICIPATION, "code": "IRCP" }] },
        "reference": { "reference": "Practitioner/14" },
    }]);
    let custodian = json!([{
        "role": { "coding": [{ "system": terms::PARTICIPATION, "code": "CST" }] },
        "reference": { "reference": "Practitioner/13" },
    }]);
    let optout = json!({ "coding": [{ "code": "OPTOUT" }] });
    let cases = [
        ("", "status", json!("draft"), "Consent.status", "not active"),
        (
            "",
            "resourceType",
            json!("Contract"),
            "Consent",
            "no FHIR Consent",
        ),
        (
            "",
            "modifierExtension",
            json!([]),
            "Consent.modifierExtension",
            "no word",
        ),
        (
            "",
            "implicitRules",
            json!("x"),
            "Consent.implicitRules",
            "no word",
        ),
        ("", "policyRule", optout, "Consent.policyRule", "OPTIN"),
        (
            "/provision",
            "type",
            json!("allow"),
            "Consent.provision.type",
            "neither",
        ),
        (
            "/provision",
            "actor",
            stranger.clone(),
            "Consent.provision.actor",
            "narrows the denial",
        ),
        (
            "/provision",
            "period",
            json!({ "start": "2030-01-01", "end": "2026-01-01" }),
            "Consent.provision.period",
            "ends before it begins",
        ),
        (
            "/provision",
            "period",
            json!({ "end": "2020-01-01" }),
            "Consent.provision.period",
            "over already",
        ),
        (
            "/provision",
            "period",
            json!({ "start": "soon" }),
            "Consent.provision.period.start",
            "no date",
        ),
        (
            "/provision",
            "period",
            json!({ "start": "2026-01-01T00:00:00.5Z" }),
            "Consent.provision.period.start",
            "finer",
        ),
        (
            permit,
            "period",
            json!({ "end": "2031-01-01" }),
            "Consent.provision.provision[0].period",
            "outside",
        ),
        (
            permit,
            "type",
            json!("deny"),
            "Consent.provision.provision[0].type",
            "beside permits",
        ),
        (
            permit,
            "code",
            loinc,
            "Consent.provision.provision[0].code",
            "no word",
        ),
        (
            permit,
            "dataPeriod",
            json!({}),
            "Consent.provision.provision[0].dataPeriod",
            "no word",
        ),
        (
            permit,
            "actor",
            stranger,
            "Consent.provision.provision[0].actor[0].reference",
            "--actor",
        ),
        (
            permit,
            "actor",
            keyless,
            "Consent.provision.provision[0].actor[0].reference",
            "no key",
        ),
        (
            permit,
            "actor",
            custodian,
            "Consent.provision.provision[0].actor[0].role",
            "recipient",
        ),
        (
            permit,
            "actor",
            json!([]),
            "Consent.provision.provision[0].actor",
            "no list",
        ),
        (
            permit,
            "purpose",
            json!([{ "system": terms::ACT_REASON, "code": "HPAYMT" }]),
            "Consent.provision.provision[0].purpose[0]",
            "no purpose",
        ),
        (
            permit,
            "purpose",
            json!([{ "system": terms::DUO, "code": "DUO:0000019" }]),
            "Consent.provision.provision[0].purpose",
            "permission",
        ),
        (
            permit,
            "purpose",
            json!([{ "system": terms::DUO, "code": "DUO:0000007" }]),
            "Consent.provision.provision[0].purpose",
            "diseases",
        ),
        (
            permit,
            "purpose",
            json!([{ "system": terms::DUO, "code": "DUO:0000042" }, { "system": terms::DUO, "code": "DUO:0000022" }]),
            "Consent.provision.provision[0].purpose[1]",
            "needs one",
        ),
        (
            permit,
            "class",
            json!([{ "system": "http://hl7.org/fhir/resource-types", "code": "Observation" }]),
            "Consent.provision.provision[0].class[0]",
            "which slices",
        ),
        (
            permit,
            "securityLabel",
            json!([{ "system": terms::CONFIDENTIALITY, "code": "R" }]),
            "Consent.provision.provision[0].securityLabel",
            "R and V",
        ),
        (
            permit,
            "action",
            json!([{ "coding": [{ "code": "disclose" }] }]),
            "Consent.provision.provision[0].action[0]",
            "single acts",
        ),
        (
            permit,
            "extension",
            json!([{ "url": "https://hospital.example/x" }]),
            "Consent.provision.provision[0].extension[0]",
            "no word",
        ),
        (
            permit,
            "provision",
            json!([{ "type": "permit" }]),
            "Consent.provision.provision[0].provision[0].type",
            "within a permit",
        ),
        (
            permit,
            "provision",
            json!([{ "type": "deny", "provision": [] }]),
            "Consent.provision.provision[0].provision[0].provision",
            "no word",
        ),
    ];
    for (at, member, value, place, why) in cases {
        let mut document = foreign();
        document.pointer_mut(at).unwrap()[member] = value.clone();
        let refusal = said(&document).unwrap_err();
        assert_eq!(
            refusal.place.to_string(),
            place,
            "{member}: {value}: {refusal}"
        );
        assert!(
            refusal.reason.to_string().contains(why),
            "{member}: {value}: {refusal}"
        );
    }
}

#[test]
fn numbers_of_studies_are_those_of_one_network() {
    let study = Terms {
        purposes: 1,
        classes: 1,
        kind: Recipient::Study,
        recipient: U256::from(3).into(),
        notBefore: 0,
        until: 0,
    };
    let here = consent(Address::ZERO, CHAIN, Some(&[permit_of(study.clone())]));
    assert!(said(&here).is_ok());
    let there = consent(Address::ZERO, CHAIN + 1, Some(&[permit_of(study)]));
    assert_eq!(
        said(&there).unwrap_err().place.to_string(),
        "Consent.policy[0].uri"
    );
    let mut nowhere = here;
    nowhere.as_object_mut().unwrap().remove("policy");
    assert_eq!(
        said(&nowhere).unwrap_err().place.to_string(),
        "Consent.policy"
    );
}

#[test]
fn words_are_read_as_they_are_written() {
    for text in ["DE", "ror:03yrm5c26", "0x00", "a"] {
        assert_eq!(terms::word(&duo::name(text)), text);
        assert_eq!(terms::unword(text), Some(duo::name(text)));
    }
    let user = duo::user(Address::repeat_byte(7));
    assert_eq!(terms::unword(&terms::word(&user)), Some(user));
    assert_eq!(
        terms::unword(&"x".repeat(32)),
        None,
        "the ledger would have its hash alone"
    );
}
