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

use alloy_primitives::{Address, B256, U256};
use commonhold_health_contract::{
    codes::{ALL_CLASSES, ALL_NORMAL, ALL_PURPOSES, purpose_bit},
    duo,
    interface::IHealth::{DataUse, Manner, Modifier, Permit, Recipient, Terms},
    limits::{DISEASES_MAX, EXCEPTIONS_MAX, MODIFIERS_MAX, PERMITS_MAX, VETO_SECONDS_MAX},
};
use commonhold_sdk::roles;

use super::terms::{self, ACT_REASON, CONFIDENTIALITY, DUO, MONDO, PARTICIPATION, url};
use crate::{
    json::{Node, parse},
    limits::CONSENT_VALUES_MAX,
    moments::{self, Moment},
    refusal::{Place, Refusal},
    words,
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

type Read<T> = Result<T, Refusal>;

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
    "category",
    "extension",
];
/// Members of a Consent that are read.
const READ: &[&str] = &[
    "resourceType",
    "status",
    "scope",
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

const UNKNOWN: &str = "may change what is meant, and the law has no word for it: leave it out, or say it in \
                       what the law has";

/// A node and where it is.
#[derive(Clone, Debug)]
struct At<'n, 'a> {
    node: &'n Node<'a>,
    path: String,
}

impl<'n, 'a> At<'n, 'a> {
    fn new(node: &'n Node<'a>, path: &str) -> Self {
        Self {
            node,
            path: path.to_owned(),
        }
    }

    fn refuse<T>(&self, why: impl Into<String>) -> Read<T> {
        Err(Refusal::malformed(Place::file().element(&self.path), why))
    }

    /// A place below, whether there is something or not.
    fn at(&self, name: &str) -> Self {
        Self {
            node: self.node,
            path: format!("{}.{name}", self.path),
        }
    }

    fn get(&self, name: &str) -> Option<Self> {
        let node = self.node.get(name)?;
        Some(Self {
            node,
            path: format!("{}.{name}", self.path),
        })
    }

    /// The elements of a list, which FHIR never leaves empty.
    fn list(&self, name: &str) -> Read<Vec<Self>> {
        let Some(list) = self.get(name) else {
            return Ok(Vec::new());
        };
        let elements = list.node.elements();
        if elements.is_empty() {
            return list.refuse("is no list with something in it");
        }
        let at = |(number, node)| Self {
            node,
            path: format!("{}[{number}]", list.path),
        };
        Ok(elements.iter().enumerate().map(at).collect())
    }

    fn str(&self, name: &str) -> Option<&'n str> {
        self.node.str(name)
    }

    /// Refuses every member that is not among these.
    fn only(&self, members: &[&str]) -> Read<()> {
        let mut names = self.node.members().iter().map(|(name, _)| name);
        match names.find(|name| !members.contains(&name.as_ref())) {
            Some(name) => self.at(name).refuse(UNKNOWN),
            None if self.node.is_object() => Ok(()),
            None => self.refuse("is no object"),
        }
    }
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

    /// The terms for each of a rule's actors.
    fn for_each_actor(&self, rule: &At<'_, '_>, terms: &Terms) -> Read<Vec<Terms>> {
        let actors = rule.list("actor")?;
        if actors.is_empty() {
            return Ok(vec![terms.clone()]);
        }
        let one = |actor: &At<'_, '_>| {
            let (kind, recipient) = self.actor(actor)?;
            let grants = rule.str("type") != Some("deny");
            let keyless = || !(self.beside.has_key)(Address::from_word(recipient));
            if grants && kind == Recipient::Account && keyless() {
                let why = "has no key on the ledger, so that nothing can be opened to them: they register \
                           first";
                return actor.at("reference").refuse(why);
            }
            Ok(Terms {
                kind,
                recipient,
                ..terms.clone()
            })
        };
        actors.iter().map(one).collect()
    }

    fn actor(&self, actor: &At<'_, '_>) -> Read<(Recipient, B256)> {
        actor.only(&["id", "role", "reference"])?;
        let codings = actor
            .node
            .at(&["role", "coding"])
            .map_or(&[][..], Node::elements);
        let receives = |coding: &Node<'_>| {
            coding.str("system") == Some(PARTICIPATION)
                && matches!(coding.str("code"), Some("IRCP" | "PRCP"))
        };
        if codings.is_empty() || !codings.iter().all(receives) {
            let why = "is no recipient of information (IRCP, PRCP): the law asks who receives, and nothing \
                       else of them";
            return actor.at("role").refuse(why);
        }
        let Some(reference) = actor.get("reference") else {
            return actor.at("reference").refuse("does not say who");
        };
        let unknown = "names somebody whom the ledger does not know by this name: say with --actor \
                       REFERENCE=WHOM who it is";
        match self.identifier(&reference)? {
            Some(("account", value)) => match value.parse::<Address>() {
                Ok(who) if !who.is_zero() => Ok((Recipient::Account, who.into_word())),
                _ => reference.refuse("is no account"),
            },
            Some(("role", name)) => match roles::role(name) {
                Ok(role) => Ok((Recipient::Role, role)),
                Err(_) => reference.refuse("is no role"),
            },
            Some(("study", number)) => match number.parse::<u64>() {
                Ok(number) if number != 0 => Ok((Recipient::Study, U256::from(number).into())),
                _ => reference.refuse("is no number of a study"),
            },
            Some(_) => reference.refuse(unknown),
            None => {
                let named = reference.str("reference").or_else(|| {
                    reference
                        .node
                        .at(&["identifier", "value"])
                        .and_then(Node::text)
                });
                match named.and_then(|name| (self.beside.known)(name)) {
                    Some(whom) => Ok(whom),
                    None => reference.refuse(unknown),
                }
            }
        }
    }

    /// Kind and value of an identifier of ours.
    fn identifier<'x>(&self, reference: &At<'x, '_>) -> Read<Option<(&'x str, &'x str)>> {
        let Some(identifier) = reference.node.get("identifier") else {
            return Ok(None);
        };
        let kind = identifier
            .str("system")
            .and_then(|system| system.strip_prefix(terms::BASE));
        match (
            kind.and_then(|kind| kind.strip_prefix('/')),
            identifier.str("value"),
        ) {
            (Some(kind), Some(value)) => Ok(Some((kind, value))),
            (Some(_), None) => reference.refuse("has no value"),
            (None, _) => Ok(None),
        }
    }
}

/// Purposes, and into `data_use` what DUO says of the use.
fn purposes(rule: &At<'_, '_>, mut data_use: Option<&mut DataUse>) -> Read<u16> {
    let mut set = 0u16;
    for coding in rule.list("purpose")? {
        let Some(code) = coding.str("code") else {
            return coding.refuse("has no code");
        };
        match (coding.str("system"), data_use.as_deref_mut()) {
            (Some(ACT_REASON), _) => {
                match words::PURPOSES.iter().find(|(_, _, known)| *known == code) {
                    Some((purpose, ..)) => set |= purpose_bit(*purpose),
                    None => {
                        let why =
                            "is no purpose of the law: HRESCH, CLINTRCH, PUBHLTH, TREAT, FAMRQT";
                        return coding.refuse(why);
                    }
                }
            }
            (Some(DUO | MONDO), None) => {
                return coding.refuse(
                    "narrows an exception by DUO, which the law cannot: narrow the permit",
                );
            }
            (Some(DUO), Some(data_use)) => duo_term(&coding, code, data_use)?,
            (Some(MONDO), Some(data_use)) => {
                let number = code
                    .strip_prefix("MONDO:")
                    .and_then(|digits| digits.parse().ok());
                match number.filter(|number| *number != 0) {
                    Some(_) if data_use.diseases.len() >= DISEASES_MAX => {
                        return coding.refuse("is more than DISEASES_MAX diseases");
                    }
                    Some(number) => data_use.diseases.push(number),
                    None => return coding.refuse("is no term of MONDO"),
                }
            }
            _ => return coding.refuse("is of a code system that the law does not know"),
        }
    }
    Ok(if set == 0 { ALL_PURPOSES } else { set })
}

fn duo_term(coding: &At<'_, '_>, code: &str, data_use: &mut DataUse) -> Read<()> {
    let digits = code
        .strip_prefix("DUO:")
        .or_else(|| code.strip_prefix("DUO_"));
    let Some(code) = digits.and_then(|digits| digits.parse::<u16>().ok()) else {
        return coding.refuse("is no term of DUO");
    };
    let extensions = coding.list("extension")?;
    if duo::is_permission(code) {
        if data_use.permission != 0 {
            return coding.refuse("is a second permission: write a permit for each");
        }
        if !extensions.is_empty() {
            return coding.at("extension").refuse(UNKNOWN);
        }
        data_use.permission = code;
        return Ok(());
    }
    if !duo::is_modifier(code) {
        return coding.refuse("is a term of DUO that the law does not know");
    }
    if data_use.modifiers.len() >= MODIFIERS_MAX {
        return coding.refuse("is more than MODIFIERS_MAX modifiers");
    }
    let mut modifier = Modifier {
        code,
        value: B256::ZERO,
        time: 0,
    };
    for extension in extensions {
        let text = extension.str("valueString");
        match extension.str("url") {
            Some(name) if name == url("duo-value") && duo::has_values(code) => {
                match text.and_then(terms::unword) {
                    Some(value) => modifier.value = value,
                    None => {
                        return extension.refuse(
                            "is longer than 31 bytes: write its keccak-256, 0x and 64 digits",
                        );
                    }
                }
            }
            Some(name) if name == url("duo-date") && duo::has_date(code) => {
                let moment = extension.str("valueDateTime").and_then(moments::read);
                match moment.and_then(|moment| moment.first) {
                    Some(seconds) => modifier.time = seconds,
                    None => return extension.refuse("is no date in whole seconds"),
                }
            }
            Some(name) if name == url("duo-seconds") && duo::has_date(code) => {
                match text.and_then(|text| text.parse().ok()) {
                    Some(seconds) => modifier.time = seconds,
                    None => return extension.refuse("is no time"),
                }
            }
            _ => return extension.refuse(UNKNOWN),
        }
    }
    if duo::has_values(code) == modifier.value.is_zero()
        || duo::has_date(code) == (modifier.time == 0)
    {
        return coding.refuse("has no value, or no date, where DUO's term needs one");
    }
    data_use.modifiers.push(modifier);
    Ok(())
}

/// Classes, as far as labels of confidentiality let them.
fn classes(rule: &At<'_, '_>) -> Read<u32> {
    let mut set = 0u32;
    let codings = rule.list("class")?;
    for coding in &codings {
        let known = match coding.str("system") {
            Some(system) if system == url("class") => coding.str("code").map(words::parse_class),
            _ => None,
        };
        match known {
            Some(Some(class)) => set |= class,
            _ => {
                let why = "is none of the law's classes: it cannot be told which slices are meant";
                return coding.refuse(why);
            }
        }
    }
    if codings.is_empty() {
        set = ALL_CLASSES;
    }
    let labels = rule.list("securityLabel")?;
    if labels.is_empty() {
        return Ok(set);
    }
    let mut seen = [false; 3];
    for label in &labels {
        let level = match (label.str("system"), label.str("code")) {
            (Some(CONFIDENTIALITY), Some("N")) => seen.get_mut(0),
            (Some(CONFIDENTIALITY), Some("R")) => seen.get_mut(1),
            (Some(CONFIDENTIALITY), Some("V")) => seen.get_mut(2),
            _ => None,
        };
        match level {
            Some(level) => *level = true,
            None => return label.refuse("is no label that slices are cut by: N, R, V"),
        }
    }
    let narrowed = match seen {
        [true, false, false] => set & ALL_NORMAL,
        [false, true, true] => set & !ALL_NORMAL,
        [true, true, true] => set,
        _ => {
            let why = "tells restricted from very restricted, which the law's classes do not: R and V \
                       together";
            return rule.at("securityLabel").refuse(why);
        }
    };
    if narrowed == 0 {
        return rule
            .at("securityLabel")
            .refuse("leaves nothing of the classes");
    }
    Ok(narrowed)
}
