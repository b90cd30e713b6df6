//! Data use: may data that was given under these terms of the Data Use Ontology (DUO) be used so?
//! Values in, a decision out.
//!
//! A permission says what kind of use is allowed, modifiers narrow it:
//!
//! | permission | allows |
//! |---|---|
//! | NRES (4) | everything, care too |
//! | GRU (42) | research, methods and ancestry included |
//! | HMB (6) | research on health, not on ancestry |
//! | DS (7) | research on one of the consented diseases or a kind of it, never on a broader one |
//! | POA (11) | research on ancestry |
//!
//! Care is allowed by NRES and by the modifier CC (43), and by nothing else. What is both care and
//! research must be allowed as both.
//!
//! DENY outranks NEEDS, which outranks PERMIT: everything is looked at, all reasons of the outcome's
//! rank are told, in the order of the terms. NEEDS is what would be PERMIT once the named thing is
//! there. PUB, RTN, MOR (while it lasts) and TS are carried on as obligations by what is permitted.
//! Terms that are not known deny.

use alloy_primitives::{Address, B256, U256, keccak256};

use crate::interface::IHealth::{
    Circumstances, DataUse, Decision, Duty, Modifier, Profile, Reason, Verdict,
};

/// No restriction.
pub const NRES: u16 = 4;
/// Health, medical and biomedical research.
pub const HMB: u16 = 6;
/// Research on the named diseases.
pub const DS: u16 = 7;
/// Population origins or ancestry research.
pub const POA: u16 = 11;
/// Only studies of a certain type: for the owner to judge.
pub const RS: u16 = 12;
/// No methods development.
pub const NMDS: u16 = 15;
/// Genetic studies only.
pub const GSO: u16 = 16;
/// Neither commercial use nor by those who are for profit.
pub const NPUNCU: u16 = 18;
/// Results are published.
pub const PUB: u16 = 19;
/// With the owner's own investigators.
pub const COL: u16 = 20;
/// With an ethics board's approval.
pub const IRB: u16 = 21;
/// In certain countries.
pub const GS: u16 = 22;
/// No publication before a date.
pub const MOR: u16 = 24;
/// Until a date.
pub const TS: u16 = 25;
/// By certain users.
pub const US: u16 = 26;
/// For certain projects.
pub const PS: u16 = 27;
/// At certain institutions.
pub const IS: u16 = 28;
/// Results are returned.
pub const RTN: u16 = 29;
/// General research.
pub const GRU: u16 = 42;
/// Clinical care.
pub const CC: u16 = 43;
/// No population origins or ancestry research.
pub const NPOA: u16 = 44;
/// Not by those who are for profit.
pub const NPU: u16 = 45;
/// No commercial use.
pub const NCU: u16 = 46;

/// Whether this is a permission.
pub const fn is_permission(code: u16) -> bool {
    matches!(code, NRES | GRU | HMB | DS | POA)
}

/// Whether this is a modifier.
pub const fn is_modifier(code: u16) -> bool {
    matches!(
        code,
        RS | NMDS
            | GSO
            | NPUNCU
            | PUB
            | COL
            | IRB
            | GS
            | MOR
            | TS
            | US
            | PS
            | IS
            | RTN
            | CC
            | NPOA
            | NPU
            | NCU
    )
}

/// Whether a modifier lists what it allows, one value a row.
pub const fn has_values(code: u16) -> bool {
    matches!(code, GS | US | PS | IS)
}

/// Whether a modifier has a date.
pub const fn has_date(code: u16) -> bool {
    matches!(code, MOR | TS)
}

/// A country, institution or other name as 32 bytes: up to 31 bytes as they are, filled up with
/// zeros; what is longer is hashed (keccak-256).
pub fn name(text: &str) -> B256 {
    let bytes = text.as_bytes();
    if bytes.len() > 31 {
        return keccak256(bytes);
    }
    let mut word = B256::ZERO;
    word.0
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    word
}

/// A user on the ledger, as US lists them.
pub fn user(account: Address) -> B256 {
    account.into_word()
}

/// A study on the ledger, as PS lists them.
pub fn project(study: u64) -> B256 {
    U256::from(study).into()
}

/// Decides. `lineage` is what was found of the requested disease: itself and everything that it is a
/// kind of ([`crate::diseases`]); empty where none is requested.
pub fn decide(
    data_use: &DataUse,
    profile: &Profile,
    given: &Circumstances,
    lineage: &[u32],
) -> Decision {
    let mut weighed = Weighed::default();
    weighed.permission(data_use, profile, lineage);
    weighed.modifiers(&data_use.modifiers, profile, given);
    weighed.decision()
}

/// What was found, by rank.
#[derive(Default)]
struct Weighed {
    permits: Vec<Reason>,
    denies: Vec<Reason>,
    needs: Vec<Reason>,
    duties: Vec<Duty>,
}

impl Weighed {
    fn permission(&mut self, data_use: &DataUse, profile: &Profile, lineage: &[u32]) {
        let code = data_use.permission;
        if code == NRES {
            self.permits.push(Reason::NoRestriction);
            return;
        }
        let care = data_use.modifiers.iter().any(|m| m.code == CC);
        if profile.clinicalCare {
            self.weigh(care, Reason::CareAllowed, Reason::CareNotAllowed);
            if !profile.research {
                return;
            }
        }
        if !is_permission(code) {
            self.denies.push(Reason::UnknownTerm);
            return;
        }
        if !profile.research {
            self.denies.push(Reason::NotResearch);
            return;
        }
        match code {
            GRU => self.permits.push(Reason::GeneralResearch),
            POA => {
                let fits = profile.populationAncestry;
                self.weigh(fits, Reason::AncestryResearch, Reason::NotAncestryStudy);
            }
            HMB => {
                let fits = profile.healthBiomedical;
                self.weigh(fits, Reason::HealthResearch, Reason::NotHealth);
                self.deny_where(profile.populationAncestry, Reason::AncestryExcluded);
            }
            _ => {
                if profile.disease == 0 {
                    self.denies.push(Reason::NoDisease);
                } else {
                    let fits = data_use.diseases.iter().any(|d| lineage.contains(d));
                    self.weigh(fits, Reason::DiseaseCovered, Reason::DiseaseNotCovered);
                }
                self.deny_where(profile.populationAncestry, Reason::AncestryExcluded);
            }
        }
    }

    fn modifiers(&mut self, modifiers: &[Modifier], profile: &Profile, given: &Circumstances) {
        let mut seen: Vec<u16> = Vec::new();
        for modifier in modifiers {
            let code = modifier.code;
            // A modifier with several values is one modifier.
            if has_values(code) && seen.contains(&code) {
                continue;
            }
            seen.push(code);
            let listed = |value: B256| {
                let rows = modifiers.iter().filter(|m| m.code == code);
                !value.is_zero() && rows.into_iter().any(|m| m.value == value)
            };
            let over = given.date >= modifier.time;
            match code {
                RS => self.needs.push(Reason::OwnersReview),
                NMDS => self.deny_where(profile.methodsDevelopment, Reason::MethodsExcluded),
                GSO => self.deny_where(!profile.geneticStudy, Reason::NotGenetic),
                NPUNCU => {
                    self.deny_where(profile.commercial, Reason::CommercialExcluded);
                    self.deny_where(profile.forProfit, Reason::ForProfitExcluded);
                }
                PUB => self.bind(profile.willPublish, Reason::RefusesToPublish, modifier),
                COL => self.need(given.collaborationAgreed, Reason::Collaboration),
                IRB => self.need(given.ethicsApproval, Reason::EthicsApproval),
                GS => self.deny_where(!listed(profile.country), Reason::CountryNotListed),
                MOR if over && modifier.time != 0 => {}
                MOR => self.bind(true, Reason::TimeIsOver, modifier),
                TS => self.bind(modifier.time == 0 || !over, Reason::TimeIsOver, modifier),
                US => self.deny_where(!listed(given.user), Reason::UserNotListed),
                PS => self.deny_where(!listed(given.project), Reason::ProjectNotListed),
                IS => self.deny_where(!listed(profile.institution), Reason::InstitutionNotListed),
                RTN => self.bind(profile.returnsResults, Reason::RefusesToReturn, modifier),
                CC => {}
                NPOA => self.deny_where(profile.populationAncestry, Reason::AncestryExcluded),
                NPU => self.deny_where(profile.forProfit, Reason::ForProfitExcluded),
                NCU => self.deny_where(profile.commercial, Reason::CommercialExcluded),
                _ => self.denies.push(Reason::UnknownTerm),
            }
        }
    }

    fn weigh(&mut self, fits: bool, yes: Reason, no: Reason) {
        if fits {
            self.permits.push(yes);
        } else {
            self.denies.push(no);
        }
    }

    /// Denies, once for each reason.
    fn deny_where(&mut self, hits: bool, no: Reason) {
        if hits && !self.denies.contains(&no) {
            self.denies.push(no);
        }
    }

    fn need(&mut self, there: bool, what: Reason) {
        if !there && !self.needs.contains(&what) {
            self.needs.push(what);
        }
    }

    /// Carries an obligation on, or denies to who would not keep it.
    fn bind(&mut self, keeps: bool, no: Reason, modifier: &Modifier) {
        let (code, time) = (modifier.code, modifier.time);
        if keeps {
            self.duties.push(Duty { code, time });
        } else {
            self.deny_where(true, no);
        }
    }

    fn decision(self) -> Decision {
        let (verdict, reasons) = if !self.denies.is_empty() {
            (Verdict::Deny, self.denies)
        } else if !self.needs.is_empty() {
            (Verdict::Needs, self.needs)
        } else {
            (Verdict::Permit, self.permits)
        };
        let obligations = match verdict {
            Verdict::Deny => Vec::new(),
            _ => self.duties,
        };
        Decision {
            verdict,
            reasons,
            obligations,
        }
    }
}

/// The name of a term as DUO writes it.
pub fn term(code: u16) -> String {
    format!("DUO:{code:07}")
}

/// The short name of a term.
pub const fn short(code: u16) -> &'static str {
    match code {
        NRES => "NRES",
        HMB => "HMB",
        DS => "DS",
        POA => "POA",
        RS => "RS",
        NMDS => "NMDS",
        GSO => "GSO",
        NPUNCU => "NPUNCU",
        PUB => "PUB",
        COL => "COL",
        IRB => "IRB",
        GS => "GS",
        MOR => "MOR",
        TS => "TS",
        US => "US",
        PS => "PS",
        IS => "IS",
        RTN => "RTN",
        GRU => "GRU",
        CC => "CC",
        NPOA => "NPOA",
        NPU => "NPU",
        NCU => "NCU",
        _ => "",
    }
}

/// A reason in words.
pub const fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::NoRestriction => "NRES: no restriction",
        Reason::GeneralResearch => "GRU: research is allowed, methods and ancestry included",
        Reason::HealthResearch => "HMB: health research is allowed",
        Reason::DiseaseCovered => "DS: the disease is a consented one, or a kind of it",
        Reason::AncestryResearch => "POA: ancestry research is allowed",
        Reason::CareAllowed => "CC: clinical care is allowed",
        Reason::NotResearch => "not research",
        Reason::NotHealth => "not health/medical/biomedical",
        Reason::NotAncestryStudy => "POA: not an ancestry study",
        Reason::AncestryExcluded => "ancestry research is not allowed",
        Reason::NoDisease => "DS: the request names no disease",
        Reason::DiseaseNotCovered => "DS: the disease is neither a consented one nor a kind of it",
        Reason::CareNotAllowed => "clinical care is not allowed without CC",
        Reason::MethodsExcluded => "NMDS: methods development",
        Reason::NotGenetic => "GSO: not a genetic study",
        Reason::CommercialExcluded => "commercial use is not allowed",
        Reason::ForProfitExcluded => "for-profit organisations are not allowed",
        Reason::RefusesToPublish => "PUB: refuses to publish",
        Reason::RefusesToReturn => "RTN: refuses to return results",
        Reason::CountryNotListed => "GS: country not listed",
        Reason::UserNotListed => "US: user not listed",
        Reason::ProjectNotListed => "PS: project not listed",
        Reason::InstitutionNotListed => "IS: institution not listed",
        Reason::UnknownTerm => "a term that is not known",
        Reason::TimeIsOver => "TS: the time is over",
        Reason::EthicsApproval => "IRB: ethics approval is needed",
        Reason::Collaboration => "COL: collaboration must be agreed",
        Reason::OwnersReview => "RS: the owner judges the type of research",
        Reason::NoConsent => "there is no consent",
        Reason::OutsideConsent => "no permit of the consent covers it",
        Reason::ExcludedByConsent => "the consent excludes it",
        Reason::ConsentLapsed => "who consented may no longer act for the subject",
        Reason::OwnerDecides => "the owner is asked",
        Reason::WithdrawnFromStudy => "the subject left the study",
        Reason::StudySuspended => "the study is suspended",
        Reason::__Invalid => "",
    }
}

#[cfg(test)]
mod tests;
