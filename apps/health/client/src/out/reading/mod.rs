//! A FHIR R4 Consent as a consent of the law: ours, and what others write within what the law can hold.
//!
//! What a consent permits is taken whole or not at all: whatever in it the law has no word for, and
//! whatever can be meant in two ways, is refused with its place and the reason. What only documents it
//! (identifiers, signatures, the text that was signed) stays in the document, whose hash goes to the
//! ledger; it is told by name.
//!
//! - The root denies and permits are nested in it; or it permits, and is a permit itself; or it says
//!   nothing and `policyRule` is OPTIN.
//! - A permit without a purpose is for every purpose, without a class of every class, without an actor
//!   for anyone, without DUO's terms without a restriction (NRES). With several actors it is a permit for
//!   each. FHIR permits without a question: it stands, unless it says otherwise in our extension, or
//!   who imports it wants to be asked.
//! - An end is the last moment that is in the period: a day is over when it is over in UTC.

mod actors;
mod at;
mod uses;

use alloy_primitives::{Address, B256};
use commonhold_health_contract::{
    duo,
    interface::IHealth::{DataUse, Manner, Permit, Recipient, Terms},
    limits::{EXCEPTIONS_MAX, PERMITS_MAX, VETO_SECONDS_MAX},
};

use self::{
    at::{At, Read, UNKNOWN},
    uses::{classes, purposes},
};
use super::terms::{self, url};
use crate::{
    json::{Node, parse},
    limits::CONSENT_VALUES_MAX,
    moments::{self, Moment},
    refusal::Place,
};

/// Whom a foreign reference means: what who imports says of it.
pub(crate) type Known<'a> = dyn Fn(&str) -> Option<(Recipient, B256)> + 'a;

/// What is known beside the document.
pub(crate) struct Beside<'a> {
    /// The network.
    pub(crate) chain: u64,
    /// The time, seconds since 1970.
    pub(crate) now: u64,
    /// Whom references mean.
    pub(crate) known: &'a Known<'a>,
    /// Whether somebody has a key to open data with.
    pub(crate) has_key: &'a dyn Fn(Address) -> bool,
    /// What a permit does that does not say it.
    pub(crate) manner: Manner,
}

/// What a document says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The permits.
    pub(crate) permits: Vec<Permit>,
    /// About whom, where it says so by an account.
    pub(crate) subject: Option<Address>,
    /// Members that stay in the document alone.
    pub(crate) kept: Vec<String>,
}

/// Members of a Consent that say nothing of what is permitted.
const DOCUMENTING: &[&str] = &[
    "id",
    "meta",
    "text",
    "language",
    "identifier",
    "dateTime",
    "performer",
    "organization",
    "sourceAttachment",
    "sourceReference",
    "verification",
    "contained",
    "extension",
];
/// Members of a Consent that are read.
const READ: &[&str] = &[
    "resourceType",
    "status",
    "scope",
    "category",
    "patient",
    "policy",
    "policyRule",
    "provision",
];
/// Members of a permit.
const OF_PERMITS: &[&str] = &[
    "id",
    "type",
    "extension",
    "period",
    "actor",
    "action",
    "securityLabel",
    "purpose",
    "class",
    "provision",
];
/// Members of an exception.
const OF_EXCEPTIONS: &[&str] = &[
    "id",
    "type",
    "period",
    "actor",
    "action",
    "securityLabel",
    "purpose",
    "class",
];

/// Reads a document.
///
/// # Errors
/// The place and the reason.
pub(crate) fn read(text: &[u8], beside: &Beside<'_>) -> Read<Said> {
    let tree = parse(text, CONSENT_VALUES_MAX).map_err(|trouble| {
        trouble.refusal(Place::file(), (CONSENT_VALUES_MAX, "CONSENT_VALUES_MAX"))
    })?;
    let root = At::new(&tree, "Consent");
    if tree.str("resourceType") != Some("Consent") {
        return root.refuse("is no FHIR Consent");
    }
    let mut kept = Vec::new();
    for (name, _) in tree.members() {
        if DOCUMENTING.contains(&name.as_ref()) {
            kept.push(name.to_string());
        } else if !READ.contains(&name.as_ref()) {
            return root.at(name).refuse(UNKNOWN);
        }
    }
    Consent { beside, root }.read(kept)
}

struct Consent<'b, 'n, 'a> {
    beside: &'b Beside<'b>,
    root: At<'n, 'a>,
}

impl Consent<'_, '_, '_> {
    fn read(&self, kept: Vec<String>) -> Read<Said> {
        let root = &self.root;
        if root.str("status") != Some("active") {
            let why =
                "is not active: nothing is permitted by it; `consent end` takes a consent back";
            return root.at("status").refuse(why);
        }
        self.scope()?;
        let opted_in = self.policy_rule()?;
        let Some(rule) = root.get("provision") else {
            return root
                .at("provision")
                .refuse("says nothing of what is permitted");
        };
        let permits = match (rule.str("type"), opted_in) {
            (Some("deny"), _) | (None, true) => self.denying_root(&rule)?,
            (Some("permit"), _) => self.permit(&rule, (0, 0))?,
            (None, false) => {
                let why =
                    "does not say what holds at the root: write deny, and nest the permits in it";
                return rule.at("type").refuse(why);
            }
            (Some(_), _) => return rule.at("type").refuse("is neither deny nor permit"),
        };
        if permits.len() > PERMITS_MAX {
            let why = "comes to more than PERMITS_MAX permits, one for each actor";
            return rule.refuse(why);
        }
        self.network(&permits)?;
        Ok(Said {
            permits,
            subject: self.subject()?,
            kept,
        })
    }

    fn scope(&self) -> Read<()> {
        let fits = |code: &str| matches!(code, "research" | "patient-privacy" | "treatment");
        let scope = self.root.at("scope");
        let codings = self
            .root
            .node
            .at(&["scope", "coding"])
            .map_or(&[][..], Node::elements);
        match codings
            .iter()
            .all(|coding| coding.str("code").is_some_and(fits))
            && !codings.is_empty()
        {
            true => Ok(()),
            false => {
                scope.refuse("is about something else than sharing data, or does not say what")
            }
        }
    }

    /// Whether the base policy is that nothing is shared but what is opted in to.
    fn policy_rule(&self) -> Read<bool> {
        let Some(rule) = self.root.get("policyRule") else {
            return Ok(false);
        };
        let codings = rule.node.list("coding");
        let fits = |code: Option<&str>| matches!(code, Some("OPTIN" | "OPTINR"));
        match codings.iter().all(|coding| fits(coding.str("code"))) && !codings.is_empty() {
            true => Ok(true),
            false => rule
                .refuse("is another base policy than OPTIN: the law denies what nothing permits"),
        }
    }

    fn subject(&self) -> Read<Option<Address>> {
        let Some(patient) = self.root.get("patient") else {
            return Ok(None);
        };
        match self.identifier(&patient)? {
            Some(("account", value)) => match value.parse() {
                Ok(subject) => Ok(Some(subject)),
                Err(_) => patient.refuse("is no account"),
            },
            _ => Ok(None),
        }
    }

    /// Refuses numbers of studies that are another network's.
    fn network(&self, permits: &[Permit]) -> Read<()> {
        let here = terms::law(self.beside.chain);
        let policies = self.root.list("policy")?;
        let laws = policies
            .iter()
            .filter_map(|policy| Some((policy, policy.str("uri")?)));
        let mut named = false;
        for (policy, uri) in laws.filter(|(_, uri)| uri.starts_with("eip155:")) {
            if !uri.eq_ignore_ascii_case(&here) {
                return policy.at("uri").refuse("is the law of another network");
            }
            named = true;
        }
        let terms = permits
            .iter()
            .flat_map(|p| core::iter::once(&p.terms).chain(&p.exceptions));
        let mut kinds = terms.map(|terms| terms.kind);
        if kinds.any(|kind| kind == Recipient::Study) && !named {
            let why = "names no network, so that the numbers of studies may be another's: say \
                       policy.uri, as `consent export` writes it";
            return self.root.at("policy").refuse(why);
        }
        Ok(())
    }

    fn denying_root(&self, rule: &At<'_, '_>) -> Read<Vec<Permit>> {
        let mut names = rule.node.members().iter().map(|(name, _)| name);
        let known = ["id", "type", "period", "provision"];
        if let Some(name) = names.find(|name| !known.contains(&name.as_ref())) {
            let why = "narrows the denial at the root, which leaves open what holds for the rest: the \
                       root denies everything, and permits are nested in it";
            return rule.at(name).refuse(why);
        }
        let window = self.period(rule)?;
        let mut permits = Vec::new();
        for nested in rule.list("provision")? {
            if nested.str("type") != Some("permit") {
                let why =
                    "denies beside permits: nest it in the permit that it is an exception from";
                return nested.at("type").refuse(why);
            }
            permits.extend(self.permit(&nested, window)?);
        }
        Ok(permits)
    }

    fn permit(&self, rule: &At<'_, '_>, within: (u64, u64)) -> Read<Vec<Permit>> {
        rule.only(OF_PERMITS)?;
        let (manner, veto) = self.manner(rule)?;
        let mut data_use = DataUse {
            permission: 0,
            diseases: Vec::new(),
            modifiers: Vec::new(),
        };
        let mut base = self.terms(rule, Some(&mut data_use))?;
        if data_use.permission == 0 {
            if !data_use.diseases.is_empty() || !data_use.modifiers.is_empty() {
                let why = "narrows a permission of DUO that it does not name";
                return rule.at("purpose").refuse(why);
            }
            data_use.permission = duo::NRES;
        }
        if (data_use.permission == duo::DS) == data_use.diseases.is_empty() {
            let why = "names diseases without DUO:0000007, or that without diseases";
            return rule.at("purpose").refuse(why);
        }
        self.clip(rule, &mut base, within)?;
        let mut exceptions = Vec::new();
        for nested in rule.list("provision")? {
            if nested.str("type") != Some("deny") {
                return nested
                    .at("type")
                    .refuse("permits within a permit: write it beside");
            }
            nested.only(OF_EXCEPTIONS)?;
            let terms = self.terms(&nested, None)?;
            exceptions.extend(self.for_each_actor(&nested, &terms)?);
        }
        if exceptions.len() > EXCEPTIONS_MAX {
            return rule
                .at("provision")
                .refuse("is more than EXCEPTIONS_MAX exceptions");
        }
        let all = self.for_each_actor(rule, &base)?;
        let one = |terms| Permit {
            terms,
            exceptions: exceptions.clone(),
            dataUse: data_use.clone(),
            manner,
            vetoSeconds: veto,
        };
        Ok(all.into_iter().map(one).collect())
    }

    /// What a permit does: what it says in our extension, or what who imports it says.
    fn manner(&self, rule: &At<'_, '_>) -> Read<(Manner, u32)> {
        let (mut manner, mut veto) = (None, None);
        for extension in rule.list("extension")? {
            match extension.str("url") {
                Some(name) if name == url("manner") => {
                    manner = Some(match extension.str("valueCode") {
                        Some("ask") => Manner::Ask,
                        Some("standing") => Manner::Standing,
                        _ => return extension.refuse("is neither ask nor standing"),
                    });
                }
                Some(name) if name == url("veto-seconds") => {
                    let seconds = extension.node.get("valueUnsignedInt").and_then(Node::whole);
                    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
                    match seconds.filter(|seconds| *seconds <= VETO_SECONDS_MAX) {
                        Some(seconds) => veto = Some(seconds),
                        None => return extension.refuse("is no time up to VETO_SECONDS_MAX"),
                    }
                }
                _ => return extension.refuse(UNKNOWN),
            }
        }
        Ok((manner.unwrap_or(self.beside.manner), veto.unwrap_or(0)))
    }

    /// Everything but the actor.
    fn terms(&self, rule: &At<'_, '_>, data_use: Option<&mut DataUse>) -> Read<Terms> {
        self.actions(rule)?;
        let (not_before, until) = self.period(rule)?;
        Ok(Terms {
            purposes: purposes(rule, data_use)?,
            classes: classes(rule)?,
            kind: Recipient::Anyone,
            recipient: B256::ZERO,
            notBefore: not_before,
            until,
        })
    }

    fn actions(&self, rule: &At<'_, '_>) -> Read<()> {
        let denies = rule.str("type") == Some("deny");
        for action in rule.list("action")? {
            let codes = action.node.list("coding");
            let fits = |code: Option<&str>| matches!(code, Some("access" | "use"));
            if denies || codes.is_empty() || !codes.iter().all(|coding| fits(coding.str("code"))) {
                let why = "is about single acts: who is let in has the data, and the law cannot tell \
                           what they do with it";
                return action.refuse(why);
            }
        }
        Ok(())
    }

    /// From when, and until just before when.
    fn period(&self, rule: &At<'_, '_>) -> Read<(u64, u64)> {
        let Some(period) = rule.get("period") else {
            return Ok((0, 0));
        };
        period.only(&["start", "end", "extension"])?;
        let moment = |name: &str| match period.str(name).map(moments::read) {
            None if period.get(name).is_some() => period.at(name).refuse("is no text"),
            None => Ok(None),
            Some(Some(moment)) => Ok(Some(moment)),
            Some(None) => period.at(name).refuse("is no date and no time of FHIR"),
        };
        let whole = |name: &str, seconds: Option<u64>| match seconds {
            Some(seconds) => Ok(seconds),
            None => period
                .at(name)
                .refuse("is finer than a second, which the law does not know"),
        };
        let mut from = match moment("start")? {
            Some(Moment { first, .. }) => whole("start", first)?,
            None => 0,
        };
        let mut until = match moment("end")? {
            Some(Moment { after, .. }) => whole("end", after)?,
            None => 0,
        };
        for extension in period.list("extension")? {
            let seconds = extension
                .str("valueString")
                .and_then(|text| text.parse::<u64>().ok());
            match (extension.str("url"), seconds) {
                (Some(name), Some(seconds)) if name == url("start-seconds") && from == 0 => {
                    from = seconds
                }
                (Some(name), Some(seconds)) if name == url("end-seconds") && until == 0 => {
                    until = seconds.saturating_add(1);
                }
                _ => return extension.refuse(UNKNOWN),
            }
        }
        let ends = until != 0 || period.get("end").is_some();
        if ends && from >= until {
            return period.refuse("ends before it begins");
        }
        if ends && until <= self.beside.now {
            return period.refuse("is over already");
        }
        Ok((from, until))
    }

    /// Holds a permit's period within the root's.
    fn clip(&self, rule: &At<'_, '_>, terms: &mut Terms, (from, until): (u64, u64)) -> Read<()> {
        let outside = "lies outside the period of the rule that it is nested in";
        if terms.notBefore == 0 {
            terms.notBefore = from;
        }
        if terms.until == 0 {
            terms.until = until;
        }
        let late = until != 0 && terms.until > until;
        if terms.notBefore < from || late || (terms.until != 0 && terms.notBefore >= terms.until) {
            return rule.at("period").refuse(outside);
        }
        Ok(())
    }
}
