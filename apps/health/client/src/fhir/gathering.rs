//! Resources that are cut together, and what they refer to.

use std::collections::HashMap;

use super::{
    Person,
    cut::cut,
    resource::{Facts, is_person, path_to},
    types::{self, Role},
};
use crate::{
    Contents, Kind,
    contents::Counts,
    days::Days,
    json::parse,
    limits::{HELD_BYTES_MAX, RESOURCE_VALUES_MAX, RESOURCES_MAX},
    refusal::{Place, Reason, Refusal},
    slice::{Form, Sensitivity},
};

/// A resource.
pub(crate) struct Held {
    pub(crate) facts: Facts,
    /// As it was spelt, without white space between values.
    pub(crate) text: Vec<u8>,
    pub(crate) full_url: Option<String>,
    place: Place,
    /// Which of the gathered resources it refers to; `true`: names it as a part.
    pub(crate) targets: Vec<(usize, bool)>,
    /// Whose it is: a place among the people.
    pub(crate) person: Option<usize>,
}

/// Resources that are cut together.
pub(crate) struct Gathering {
    pub(crate) held: Vec<Held>,
    pub(crate) form: Form,
    /// References out of what was gathered are in order.
    open: bool,
    bytes: usize,
    /// By type and id, and by full address.
    names: HashMap<String, usize>,
    urls: HashMap<String, usize>,
    pub(crate) labelled: Sensitivity,
    outside: u64,
    empty: u64,
    pub(crate) people: Vec<Person>,
}

/// Where a reference leads.
enum Lead {
    Here(usize),
    Outside,
    Nowhere,
}

impl Gathering {
    pub(crate) fn new(form: Form, open: bool) -> Self {
        Self {
            held: Vec::new(),
            form,
            open,
            bytes: 0,
            names: HashMap::new(),
            urls: HashMap::new(),
            labelled: Sensitivity::none(),
            outside: 0,
            empty: 0,
            people: Vec::new(),
        }
    }

    /// Everything is labelled so.
    pub(crate) const fn label(&mut self, label: Sensitivity) {
        self.labelled = self.labelled.and(label);
    }

    /// An entry had no resource.
    pub(crate) const fn without_resource(&mut self) {
        self.empty = self.empty.saturating_add(1);
    }

    /// Takes a resource.
    pub(crate) fn add(
        &mut self,
        text: Vec<u8>,
        full_url: Option<String>,
        place: Place,
    ) -> Result<(), Refusal> {
        let too_much = |what, limit, max: usize| {
            let max = max as u64;
            Refusal::at(place.clone(), Reason::TooMuch { what, limit, max })
        };
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > HELD_BYTES_MAX {
            let what = "bytes of resources together";
            return Err(too_much(what, "HELD_BYTES_MAX", HELD_BYTES_MAX));
        }
        if self.held.len() >= RESOURCES_MAX {
            return Err(too_much(
                "resources together",
                "RESOURCES_MAX",
                RESOURCES_MAX,
            ));
        }
        let facts = Facts::of(&text, &place)?;
        let number = self.held.len();
        if let Some(id) = &facts.id {
            let name = format!("{}/{id}", facts.kind.name);
            if let Some(first) = self.names.insert(name, number) {
                return Err(self.twice(place, "type and id", first));
            }
        }
        if let Some(url) = &full_url
            && let Some(first) = self.urls.insert(url.clone(), number)
        {
            return Err(self.twice(place, "full address", first));
        }
        self.held.push(Held {
            facts,
            text,
            full_url,
            place,
            targets: Vec::new(),
            person: None,
        });
        Ok(())
    }

    fn twice(&self, place: Place, what: &'static str, first: usize) -> Refusal {
        let first = self
            .held
            .get(first)
            .map_or(Place::file(), |held| held.place.clone());
        Refusal::at(place, Reason::Duplicate { what, first })
    }

    /// Resolves the references, and cuts.
    pub(crate) fn finish(mut self, kind: Kind) -> Result<Contents, Refusal> {
        self.resolve()?;
        self.name_people();
        let mut counts = Counts::default();
        let mut days = Days::default();
        for held in &self.held {
            counts.add(held.facts.kind.name, 1);
            days.join(held.facts.days);
        }
        let mut contents = Contents::new(kind);
        if self.outside > 0 {
            let n = self.outside;
            contents.note(format!("{n} references lead out of what was given"));
        }
        if self.empty > 0 {
            let n = self.empty;
            contents.note(format!("{n} entries hold no resource and are passed over"));
        }
        contents.slices = cut(&self)?;
        contents.records = self.held.len() as u64;
        contents.counts = counts;
        contents.days = days;
        contents.people_count = self.people.len() as u64;
        contents.people = self.people;
        Ok(contents)
    }

    fn resolve(&mut self) -> Result<(), Refusal> {
        for number in 0..self.held.len() {
            let Some(held) = self.held.get(number) else {
                break;
            };
            let mut targets = Vec::new();
            let mut outside = 0;
            for reference in &held.facts.references {
                match self.lead(&reference.target) {
                    Lead::Here(to) => targets.push((to, reference.part)),
                    Lead::Outside => outside += 1,
                    Lead::Nowhere => return Err(nowhere(held, &reference.target)),
                }
            }
            self.outside = self.outside.saturating_add(outside);
            if let Some(held) = self.held.get_mut(number) {
                held.targets = targets;
            }
        }
        Ok(())
    }

    /// The gathered resource that a reference names.
    pub(crate) fn find(&self, target: &str) -> Option<usize> {
        let target = target
            .split_once("/_history/")
            .map_or(target, |(target, _)| target);
        let exact = self.urls.get(target).or_else(|| self.names.get(target));
        exact.copied().or_else(|| {
            // A full address ends with type and id.
            let mut parts = target.rsplitn(3, '/');
            let (id, kind) = (parts.next()?, parts.next()?);
            parts.next()?;
            self.names.get(&format!("{kind}/{id}")).copied()
        })
    }

    fn lead(&self, target: &str) -> Lead {
        if let Some(number) = self.find(target) {
            return Lead::Here(number);
        }
        if target.starts_with("http://") || target.starts_with("https://") {
            return Lead::Outside;
        }
        if target.starts_with("urn:") {
            return if self.form == Form::Ndjson {
                Lead::Outside
            } else {
                Lead::Nowhere
            };
        }
        let kind = target.split(['/', '?']).next().unwrap_or_default();
        match types::of(kind) {
            Some(_) if target.contains('?') => Lead::Outside,
            Some(kind) if self.open || kind.role == Role::Directory => Lead::Outside,
            _ => Lead::Nowhere,
        }
    }

    /// Finds out who the people are, and whose each resource is.
    fn name_people(&mut self) {
        let mut known: HashMap<String, usize> = HashMap::new();
        for number in 0..self.held.len() {
            let Some(reference) = self.owner(number) else {
                continue;
            };
            let next = self.people.len();
            let person = *known.entry(reference.clone()).or_insert(next);
            if person == next {
                self.people.push(Person {
                    reference,
                    born: None,
                });
            }
            if let Some(held) = self.held.get_mut(number) {
                held.person = Some(person);
            }
        }
        for held in &self.held {
            let entry = held.person.filter(|_| held.facts.kind.role == Role::Person);
            if let Some(person) = entry.and_then(|number| self.people.get_mut(number)) {
                let resource = parse(&held.text, RESOURCE_VALUES_MAX).ok();
                person.born = resource.and_then(|r| r.str("birthDate").map(str::to_owned));
            }
        }
        if self.people.len() == 1 {
            for held in &mut self.held {
                held.person = Some(0);
            }
        }
    }

    /// How the person whom a resource is about is known.
    fn owner(&self, number: usize) -> Option<String> {
        let held = self.held.get(number)?;
        if held.facts.kind.role == Role::Person {
            return Some(self.person_name(number));
        }
        let target = held.facts.person.as_deref()?;
        if let Some(to) = self.find(target) {
            let is_person = self.held.get(to)?.facts.kind.role == Role::Person;
            return is_person.then(|| self.person_name(to));
        }
        if !is_person(target) && !target.starts_with("urn:") {
            return None;
        }
        let target = target
            .split_once("/_history/")
            .map_or(target, |(target, _)| target);
        Some(target.to_owned())
    }

    fn person_name(&self, number: usize) -> String {
        let held = self.held.get(number);
        let id = held.and_then(|held| held.facts.id.as_deref());
        let url = held.and_then(|held| held.full_url.clone());
        id.map(|id| format!("Patient/{id}"))
            .or(url)
            .unwrap_or_else(|| format!("#{number}"))
    }
}

/// The refusal of a reference to nowhere, with its path.
fn nowhere(held: &Held, target: &str) -> Refusal {
    let resource = parse(&held.text, RESOURCE_VALUES_MAX).ok();
    let path = resource
        .and_then(|resource| path_to(&resource, target))
        .unwrap_or_default();
    let place = held.place.clone().element(&path);
    Refusal::at(place, Reason::Nowhere)
}
