//! What has to be known of a resource to file it: found in one walk over it.

use super::{
    filing, types,
    types::{Role, Type},
    version,
};
use crate::{
    days::{Day, Days},
    json::{Node, parse},
    limits::RESOURCE_VALUES_MAX,
    refusal::{Place, Reason, Refusal},
    slice::{Class, Sensitivity, codes, sensitivity},
};

/// What has to be known of a resource.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) kind: &'static Type,
    pub(crate) id: Option<String>,
    pub(crate) class: Class,
    /// What labels say.
    pub(crate) labelled: Sensitivity,
    /// What codes say.
    pub(crate) coded: Sensitivity,
    /// It is part of an emergency slice.
    pub(crate) emergency: bool,
    /// Whom it is about, as it refers to them.
    pub(crate) person: Option<String>,
    /// In which visit it was recorded.
    pub(crate) encounter: Option<String>,
    /// What it refers to, once each.
    pub(crate) references: Vec<Reference>,
    pub(crate) days: Days,
}

/// A reference to another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) target: String,
    /// It names a part of the one that refers: what is said of the whole holds for the part.
    pub(crate) part: bool,
}

/// Elements by which a resource says whom it is about, the most telling first.
const SUBJECTS: &[&str] = &["subject", "patient", "beneficiary", "individual", "for"];

impl Facts {
    /// Looks at a resource. A place is where to say that something is wrong.
    pub(crate) fn of(text: &[u8], place: &Place) -> Result<Self, Refusal> {
        let limit = (RESOURCE_VALUES_MAX, "RESOURCE_VALUES_MAX");
        let resource =
            parse(text, limit.0).map_err(|trouble| trouble.refusal(place.clone(), limit))?;
        let wrong = |element: &str, what: &str| {
            Err(Refusal::malformed(place.clone().element(element), what))
        };
        if !resource.is_object() {
            return wrong("", "is no FHIR resource: an object must stand here");
        }
        let Some(name) = resource.str("resourceType") else {
            return wrong("resourceType", "is missing: this is no FHIR resource");
        };
        if let Err(what) = version::check(&resource) {
            return Err(Refusal::at(place.clone(), Reason::Version(what)));
        }
        let Some(kind) = types::of(name) else {
            return wrong("resourceType", "is none of FHIR R4");
        };
        let id = match resource.get("id") {
            None => None,
            Some(Node::String(id)) if is_id(id) => Some(id.to_string()),
            Some(_) => {
                return wrong(
                    "id",
                    "is none: 1 to 64 letters, digits, dashes and dots make one",
                );
            }
        };
        let mut walk = Walk::default();
        walk.node(&resource, None, 0);
        if let Some(target) = walk.dangling(&resource) {
            let place = place
                .clone()
                .element(&path_to(&resource, target).unwrap_or_default());
            return Err(Refusal::malformed(
                place,
                "refers to a contained resource that is not there",
            ));
        }
        let subject = |key: &&str| reference(&resource, key);
        let person = SUBJECTS
            .iter()
            .find_map(subject)
            .or_else(|| walk.only_person());
        Ok(Self {
            kind,
            id,
            class: filing::class(kind, &resource),
            labelled: walk.labelled,
            coded: walk.coded,
            emergency: filing::emergency(kind, &resource),
            person: if kind.role == Role::Record {
                person
            } else {
                None
            },
            encounter: reference(&resource, "encounter"),
            references: walk.references,
            days: walk.days,
        })
    }
}

/// The target of a reference that is a member of a resource.
fn reference(resource: &Node<'_>, key: &str) -> Option<String> {
    let target = resource.at(&[key, "reference"])?.text()?;
    (!target.starts_with('#')).then(|| target.to_owned())
}

fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    (1..=64).contains(&id.len()) && id.bytes().all(plain)
}

#[derive(Default)]
struct Walk {
    labelled: Sensitivity,
    coded: Sensitivity,
    references: Vec<Reference>,
    /// References within the resource.
    inner: Vec<String>,
    days: Days,
    /// How deep it stands in what is no time of the record.
    untimed: usize,
}

/// Elements whose codings are labels.
const LABELS: &[&str] = &["security", "securityLabel"];

/// Elements that list the parts of a whole.
const PARTS: &[&str] = &["result", "hasMember"];

/// Elements that say when.
const TIMES: &[&str] = &[
    "abatementDateTime",
    "authoredOn",
    "created",
    "date",
    "dateAsserted",
    "effectiveDateTime",
    "effectiveInstant",
    "end",
    "issued",
    "occurrenceDateTime",
    "onsetDateTime",
    "performedDateTime",
    "recorded",
    "recordedDate",
    "sent",
    "start",
    "started",
    "whenHandedOver",
];

/// Elements whose times are not about what happened: since when somebody has an address.
const NOT_TIMES: &[&str] = &[
    "name",
    "address",
    "telecom",
    "identifier",
    "contact",
    "qualification",
];

impl Walk {
    fn node(&mut self, node: &Node<'_>, key: Option<&str>, depth: usize) {
        match node {
            Node::Object(members) => self.object(node, members, key, depth),
            Node::Array(elements) => {
                for element in elements {
                    self.node(element, key, depth);
                }
            }
            Node::String(text) => match key {
                Some("confidentiality") => {
                    let said = sensitivity::of_confidentiality(text);
                    self.labelled = self.labelled.and(said);
                }
                Some(key) if self.untimed == 0 && TIMES.contains(&key) => {
                    self.days.add(Day::of(text));
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn object(
        &mut self,
        node: &Node<'_>,
        members: &[(std::borrow::Cow<'_, str>, Node<'_>)],
        key: Option<&str>,
        depth: usize,
    ) {
        if key.is_some_and(|key| LABELS.contains(&key)) {
            self.labelled = self.labelled.and(sensitivity::of_label(node));
            for coding in node.list("coding") {
                self.labelled = self.labelled.and(sensitivity::of_label(coding));
            }
        } else {
            self.coded = self.coded.and(sensitivity::of_coding(node));
            if key == Some("medicationCodeableConcept") || (key == Some("code") && depth == 1) {
                self.medicine(node);
            }
        }
        if let Some(target) = node.str("reference") {
            self.reference(target, key.is_some_and(|key| PARTS.contains(&key)));
        }
        for (key, value) in members {
            let untimed = usize::from(NOT_TIMES.contains(&key.as_ref()));
            self.untimed += untimed;
            self.node(value, Some(key), depth + 1);
            self.untimed -= untimed;
        }
    }

    fn medicine(&mut self, concept: &Node<'_>) {
        let displays = concept
            .list("coding")
            .iter()
            .filter_map(|c| c.str("display"));
        for name in displays.chain(concept.str("text")) {
            self.coded = self.coded.and(codes::of_medicine(name));
        }
    }

    fn reference(&mut self, target: &str, part: bool) {
        if target.starts_with('#') {
            self.inner.push(target.to_owned());
            return;
        }
        let reference = Reference {
            target: target.to_owned(),
            part,
        };
        if !self.references.contains(&reference) {
            self.references.push(reference);
        }
    }

    /// A reference within the resource that leads nowhere. `#` alone is the resource itself.
    fn dangling(&self, resource: &Node<'_>) -> Option<&str> {
        let there = |id: &str| {
            let mut contained = resource.list("contained").iter();
            id.is_empty() || contained.any(|c| c.str("id") == Some(id))
        };
        let mut inner = self.inner.iter().map(String::as_str);
        inner.find(|target| !there(target.trim_start_matches('#')))
    }

    /// The one person that it refers to anywhere.
    fn only_person(&self) -> Option<String> {
        let mut people = self.references.iter().filter(|r| is_person(&r.target));
        let person = people.next()?;
        people.next().is_none().then(|| person.target.clone())
    }
}

/// A reference says by itself that it is one to a patient.
pub(crate) fn is_person(target: &str) -> bool {
    target.starts_with("Patient/") || target.contains("/Patient/")
}

/// The path of the first reference to a target, as FHIR writes paths.
pub(crate) fn path_to(node: &Node<'_>, target: &str) -> Option<String> {
    if node.str("reference") == Some(target) {
        return Some("reference".into());
    }
    for (key, value) in node.members() {
        let inner = match value {
            Node::Array(elements) => elements.iter().enumerate().find_map(|(i, element)| {
                path_to(element, target).map(|path| format!("{key}[{i}].{path}"))
            }),
            _ => path_to(value, target).map(|path| format!("{key}.{path}")),
        };
        if inner.is_some() {
            return inner;
        }
    }
    None
}
