//! Consent: what an owner's policy says of a request. Values in, a decision out.
//!
//! Everything is denied at the root. Permits except from that, each for certain purposes, classes,
//! recipients and times; within a permit exceptions deny again. A permit says for what use in DUO's
//! terms ([`crate::duo`]), and in what manner: it asks the owner, or it *stands*: then who asks is let
//! in when the owner's veto window is over.
//!
//! Each class that is asked for is decided for itself. Where several permits apply the best answer
//! counts: a standing permission before one that asks, both before what is needed, that before a
//! denial; between equals the first permit's.

use alloy_primitives::{Address, B256};

use crate::{
    codes::{bit, purpose_bit},
    duo,
    interface::IHealth::{
        Circumstances, ClassDecision, Decision, Manner, Permit, Profile, Purpose, Reason,
        Recipient, Terms, Verdict,
    },
};

/// Who asks.
#[derive(Clone, Debug)]
pub struct Party {
    /// The account.
    pub account: Address,
    /// For which study; zero: for none.
    pub study: u64,
    /// Roles that the account has, among those that the consent names.
    pub roles: Vec<B256>,
}

/// What is asked, beside the class.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub party: &'a Party,
    /// What for.
    pub purpose: Purpose,
    /// What the study declares of itself.
    pub profile: &'a Profile,
    /// What is known beside; its date is the moment asked about.
    pub given: &'a Circumstances,
    /// The requested disease and what it is a kind of.
    pub lineage: &'a [u32],
}

/// Decides on the class with the bit `class`.
pub fn decide(permits: &[Permit], question: &Question<'_>, class: u8) -> ClassDecision {
    let mut best = denied(class, Reason::OutsideConsent);
    for permit in permits {
        if !applies(&permit.terms, question, class) {
            continue;
        }
        let excluded = |terms: &Terms| applies(terms, question, class);
        let answer = if permit.exceptions.iter().any(excluded) {
            denied(class, Reason::ExcludedByConsent)
        } else {
            permitted(permit, question, class)
        };
        // Whatever a permit says tells more than that none applies.
        if rank(&answer) > rank(&best) || best.reasons == [Reason::OutsideConsent] {
            best = answer;
        }
    }
    best
}

/// A denial for one reason.
pub fn denied(class: u8, reason: Reason) -> ClassDecision {
    ClassDecision {
        class,
        verdict: Verdict::Deny,
        manner: Manner::Ask,
        vetoSeconds: 0,
        reasons: vec![reason],
        obligations: Vec::new(),
    }
}

/// Whether a rule speaks of a request.
pub fn applies(terms: &Terms, question: &Question<'_>, class: u8) -> bool {
    let party = question.party;
    let recipient = match terms.kind {
        Recipient::Anyone => true,
        Recipient::Account => terms.recipient == duo::user(party.account),
        Recipient::Role => party.roles.contains(&terms.recipient),
        Recipient::Study => party.study != 0 && terms.recipient == duo::project(party.study),
        Recipient::__Invalid => false,
    };
    let at = question.given.date;
    recipient
        && terms.purposes & purpose_bit(question.purpose) != 0
        && terms.classes & bit(class) != 0
        && terms.notBefore <= at
        && (terms.until == 0 || at < terms.until)
}

fn permitted(permit: &Permit, question: &Question<'_>, class: u8) -> ClassDecision {
    let Decision {
        mut verdict,
        mut reasons,
        obligations,
    } = duo::decide(
        &permit.dataUse,
        question.profile,
        question.given,
        question.lineage,
    );
    let mut manner = permit.manner;
    // What the owner has to judge the owner is asked.
    if reasons == [Reason::OwnersReview] {
        (verdict, manner) = (Verdict::Permit, Manner::Ask);
    } else if verdict == Verdict::Permit && manner == Manner::Ask {
        reasons.push(Reason::OwnerDecides);
    }
    ClassDecision {
        class,
        verdict,
        manner,
        vetoSeconds: permit.vetoSeconds,
        reasons,
        obligations,
    }
}

const fn rank(decision: &ClassDecision) -> u8 {
    match (decision.verdict, decision.manner) {
        (Verdict::Permit, Manner::Standing) => 3,
        (Verdict::Permit, _) => 2,
        (Verdict::Needs, _) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
