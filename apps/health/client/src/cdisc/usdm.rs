//! Study protocols in USDM 4.0: what was promised to be measured.
//!
//! A protocol is nobody's health data. It is registered on the ledger, by its hash and its endpoints;
//! reading it gives these.

use serde::Serialize;

use crate::{
    Contents, Kind,
    json::{self, Node, parse},
    limits::DOCUMENT_VALUES_MAX,
    refusal::{Place, Refusal},
    source::{Coat, Source},
};

/// A study protocol, as far as reports are held against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Protocol {
    /// The study's name.
    pub name: String,
    /// The version of the protocol.
    pub version: String,
    /// Identifiers in registries, as they are written.
    pub identifiers: Vec<String>,
    /// How many amendments it tells of.
    pub amendments: u64,
    /// What is to be measured, in the order of the protocol.
    pub endpoints: Vec<Endpoint>,
}

/// Something that is to be measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its identifier in the protocol.
    pub id: String,
    /// How much hangs on it.
    pub level: Level,
    /// What it is, in the protocol's words.
    pub text: String,
    /// When it is measured, as the text says at its end: `Week 24`, `Weeks 8 and 16`.
    pub time_point: Option<String>,
}

/// How much hangs on an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// The study is judged by it.
    Primary,
    /// It is looked at beside.
    Secondary,
    /// It may be looked at.
    Exploratory,
}

impl Level {
    /// By the code of CDISC's terminology, or by its name.
    fn of(level: &Node<'_>) -> Option<Self> {
        match level.str("code") {
            Some("C94496") => return Some(Self::Primary),
            Some("C139173") => return Some(Self::Secondary),
            Some("C170559") => return Some(Self::Exploratory),
            _ => {}
        }
        let name = level.str("decode")?.to_ascii_lowercase();
        [
            ("primary", Self::Primary),
            ("secondary", Self::Secondary),
            ("exploratory", Self::Exploratory),
        ]
        .into_iter()
        .find_map(|(start, level)| name.starts_with(start).then_some(level))
    }
}

impl Protocol {
    /// Reads a protocol from a file.
    ///
    /// # Errors
    /// As [`Self::of`], and where the file cannot be read.
    pub fn read(source: &Source) -> Result<Self, Refusal> {
        Self::of(&source.document_bytes(source.coat()?)?)
    }

    /// Reads a protocol from its bytes.
    pub fn of(text: &[u8]) -> Result<Self, Refusal> {
        let limit = (DOCUMENT_VALUES_MAX, "DOCUMENT_VALUES_MAX");
        let document = parse(text, limit.0).map_err(|t| t.refusal(Place::file(), limit))?;
        let wrong = |element: &str, what: &str| {
            Err(Refusal::malformed(Place::file().element(element), what))
        };
        if !document
            .str("usdmVersion")
            .is_some_and(|version| version.starts_with("4."))
        {
            return wrong("usdmVersion", "is not 4.0, which alone is taken");
        }
        let Some(study) = document.get("study") else {
            return wrong("study", "is missing");
        };
        let Some(version) = study.list("versions").first() else {
            return wrong("study.versions", "has none");
        };
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for (d, design) in version.list("studyDesigns").iter().enumerate() {
            for (o, objective) in design.list("objectives").iter().enumerate() {
                for (e, endpoint) in objective.list("endpoints").iter().enumerate() {
                    let path = format!(
                        "study.versions[0].studyDesigns[{d}].objectives[{o}].endpoints[{e}]"
                    );
                    let endpoint = Endpoint::of(endpoint, &path)?;
                    if endpoints.iter().any(|other| other.id == endpoint.id) {
                        return wrong(&format!("{path}.id"), "is that of another endpoint");
                    }
                    endpoints.push(endpoint);
                }
            }
        }
        if endpoints.is_empty() {
            return wrong(
                "study.versions[0]",
                "names no endpoint: there is nothing to hold reports against",
            );
        }
        let identifiers = version.list("studyIdentifiers").iter();
        Ok(Self {
            name: study.str("name").unwrap_or_default().to_owned(),
            version: version
                .str("versionIdentifier")
                .unwrap_or_default()
                .to_owned(),
            identifiers: identifiers
                .filter_map(|i| i.str("text"))
                .map(str::to_owned)
                .collect(),
            amendments: version.list("amendments").len() as u64,
            endpoints,
        })
    }
}

/// The protocol's document in its one spelling (RFC 8785): what is hashed when it is registered.
pub fn canonical(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    let limit = (DOCUMENT_VALUES_MAX, "DOCUMENT_VALUES_MAX");
    json::canonical(text, limit.0).map_err(|t| t.refusal(Place::file(), limit))
}

impl Endpoint {
    fn of(endpoint: &Node<'_>, path: &str) -> Result<Self, Refusal> {
        let wrong = |element: &str, what: &str| {
            let place = Place::file().element(&format!("{path}.{element}"));
            Err(Refusal::malformed(place, what))
        };
        let Some(id) = endpoint.str("id").filter(|id| !id.is_empty()) else {
            return wrong("id", "is missing");
        };
        let Some(text) = endpoint.str("text").filter(|text| !text.trim().is_empty()) else {
            return wrong("text", "is missing");
        };
        let Some(level) = endpoint.get("level").and_then(Level::of) else {
            return wrong("level", "is none: primary, secondary or exploratory");
        };
        Ok(Self {
            id: id.to_owned(),
            level,
            text: text.to_owned(),
            time_point: time_point(text).map(str::to_owned),
        })
    }
}

/// What begins a time point, after the word that leads to it.
const UNITS: &[&str] = &[
    "baseline", "day", "hour", "minute", "month", "visit", "week", "year",
];

/// The time point at the end of a text: from `at`, `from`, `through`, `until`, `over` or `to` on, where a
/// unit of time follows.
pub fn time_point(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let leads = [" at ", " from ", " through ", " until ", " over ", " to "];
    let mut first: Option<usize> = None;
    for lead in leads {
        for (at, _) in lower.match_indices(lead) {
            let start = at + lead.len();
            let rest = lower.get(start..).unwrap_or_default();
            if UNITS.iter().any(|unit| rest.starts_with(unit)) {
                first = Some(first.map_or(start, |first| first.min(start)));
            }
        }
    }
    let end = |c: char| c.is_whitespace() || ").,;".contains(c);
    text.get(first?..).map(|rest| rest.trim_end_matches(end))
}

/// Reads a file.
pub(crate) fn read(source: &Source, coat: Coat) -> Result<Contents, Refusal> {
    let text = source.document_bytes(coat)?;
    let protocol = Protocol::of(&text)?;
    let mut contents = Contents::new(Kind::Usdm);
    for endpoint in &protocol.endpoints {
        let level = match endpoint.level {
            Level::Primary => "primary endpoints",
            Level::Secondary => "secondary endpoints",
            Level::Exploratory => "exploratory endpoints",
        };
        contents.counts.add(level, 1);
    }
    contents.counts.add("amendments", protocol.amendments);
    contents.records = protocol.endpoints.len() as u64;
    contents.note(
        "a protocol is nobody's health data: `commonhold health study register` registers it",
    );
    contents.protocol = Some(protocol);
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_points_stand_at_the_end() {
        for (text, expected) in [
            ("CIBIC+ at Week 24", Some("Week 24")),
            ("ADAS-Cog (11) at Weeks 8 and 16", Some("Weeks 8 and 16")),
            (
                "Mean NPI-X from Week 4 to Week 24",
                Some("Week 4 to Week 24"),
            ),
            ("Change from Baseline at Week 8", Some("Baseline at Week 8")),
            ("Laboratory (change from Baseline)", Some("Baseline")),
            ("Adverse events", None),
            ("Weight at rest", None),
        ] {
            assert_eq!(time_point(text), expected, "{text}");
        }
    }
}
