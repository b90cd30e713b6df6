//! A consent of the law as FHIR R4 Consent.
//!
//! Everything is denied at the root, permits are nested in it, and exceptions deny again within:
//!
//! | of the law | in FHIR |
//! |---|---|
//! | purposes | `purpose`, v3-ActReason, each code by itself and without those below it |
//! | DUO permission, diseases, modifiers | `purpose`, of DUO and MONDO; a value or date in an extension of the code |
//! | classes | `class`, of a code system of ours: `labs`, `labs.restricted` |
//! | account, role, study | `actor`, an information recipient by an identifier of ours; none: anyone |
//! | from, until | `period`, whose end is the last second that is still in it |
//! | asks or stands, veto window | extensions of the permit |
//! | the network and its law | `policy.uri` |
//!
//! The document says what stands on the ledger and no more, not even when it was set: two that say the
//! same are the same, byte for byte in RFC 8785's spelling. When and by whom is in the Provenance beside.

use alloy_primitives::Address;
use commonhold_health_contract::{
    codes::purpose_bit,
    duo,
    interface::IHealth::{DataUse, Manner, Modifier, Permit, Terms},
};
use serde_json::{Map, Value, json};

use super::terms::{self, DUO, MONDO, PARTICIPATION, coding, concept, url};
use crate::words;

/// The Consent of a subject on the network `chain`; without permits that stand it is inactive.
pub(crate) fn consent(subject: Address, chain: u64, permits: Option<&[Permit]>) -> Value {
    let mut root = json!({ "type": "deny" });
    let permits_in: Vec<Value> = permits.unwrap_or_default().iter().map(permit).collect();
    add(&mut root, "provision", permits_in);
    json!({
        "resourceType": "Consent",
        "status": if permits.is_some() { "active" } else { "inactive" },
        "scope": concept(
            "http://terminology.hl7.org/CodeSystem/consentscope",
            "patient-privacy",
            "Privacy Consent",
        ),
        "category": [{ "coding": [{ "system": "http://loinc.org", "code": "59284-0" }] }],
        "patient": terms::patient(subject),
        "policy": [{ "uri": terms::law(chain) }],
        "provision": root,
    })
}

/// Adds a member, unless it is empty: FHIR has no empty lists.
fn add(object: &mut Value, name: &str, list: Vec<Value>) {
    if let (Some(members), false) = (object.as_object_mut(), list.is_empty()) {
        members.insert(name.to_owned(), list.into());
    }
}

fn permit(permit: &Permit) -> Value {
    let mut provision = rule("permit", &permit.terms, data_use(&permit.dataUse));
    let manner = match permit.manner {
        Manner::Standing => "standing",
        _ => "ask",
    };
    let mut extensions = vec![json!({ "url": url("manner"), "valueCode": manner })];
    if permit.vetoSeconds != 0 {
        extensions
            .push(json!({ "url": url("veto-seconds"), "valueUnsignedInt": permit.vetoSeconds }));
    }
    add(&mut provision, "extension", extensions);
    let exception = |terms: &Terms| rule("deny", terms, Vec::new());
    let exceptions = permit.exceptions.iter().map(exception).collect();
    add(&mut provision, "provision", exceptions);
    provision
}

fn rule(kind: &str, terms: &Terms, data_use: Vec<Value>) -> Value {
    let mut rule = json!({ "type": kind });
    if let Some(period) = period(terms.notBefore, terms.until)
        && let Some(members) = rule.as_object_mut()
    {
        members.insert("period".to_owned(), period);
    }
    let actor = terms::recipient(terms.kind, terms.recipient).map(|reference| {
        let role = concept(PARTICIPATION, "IRCP", "information recipient");
        json!({ "role": role, "reference": reference })
    });
    add(&mut rule, "actor", actor.into_iter().collect());
    let asked = words::PURPOSES.iter().map(|(purpose, ..)| *purpose);
    let asked = asked.filter(|purpose| terms.purposes & purpose_bit(*purpose) != 0);
    let purposes = asked.map(terms::purpose).chain(data_use).collect();
    add(&mut rule, "purpose", purposes);
    let class = |name: String| json!({ "system": url("class"), "code": name });
    let classes = words::classes(terms.classes).into_iter().map(class);
    add(&mut rule, "class", classes.collect());
    rule
}

/// From when to when; nothing for always.
fn period(from: u64, until: u64) -> Option<Value> {
    let mut period = Map::new();
    let mut beyond = Vec::new();
    let mut add = |name: &str, seconds: u64| match terms::time(seconds) {
        Some(time) => drop(period.insert(name.to_owned(), time.into())),
        // Years that FHIR has no digits for.
        None => beyond.push(
            json!({ "url": url(&format!("{name}-seconds")), "valueString": seconds.to_string() }),
        ),
    };
    if from != 0 {
        add("start", from);
    }
    if let Some(last) = until.checked_sub(1) {
        add("end", last);
    }
    if !beyond.is_empty() {
        period.insert("extension".to_owned(), beyond.into());
    }
    (!period.is_empty()).then(|| period.into())
}

fn data_use(data_use: &DataUse) -> Vec<Value> {
    let permission = coding(
        DUO,
        &duo::term(data_use.permission),
        duo::short(data_use.permission),
    );
    let disease = |term: &u32| json!({ "system": MONDO, "code": format!("MONDO:{term:07}") });
    core::iter::once(permission)
        .chain(data_use.diseases.iter().map(disease))
        .chain(data_use.modifiers.iter().map(modifier))
        .collect()
}

fn modifier(modifier: &Modifier) -> Value {
    let code = modifier.code;
    let mut coding = coding(DUO, &duo::term(code), duo::short(code));
    let extension = if duo::has_values(code) {
        json!({ "url": url("duo-value"), "valueString": terms::word(&modifier.value) })
    } else if !duo::has_date(code) {
        return coding;
    } else if let Some(time) = terms::time(modifier.time) {
        json!({ "url": url("duo-date"), "valueDateTime": time })
    } else {
        json!({ "url": url("duo-seconds"), "valueString": modifier.time.to_string() })
    };
    add(&mut coding, "extension", vec![extension]);
    coding
}
