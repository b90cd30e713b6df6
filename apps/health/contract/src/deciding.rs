//! What is decided of a request, from what the ledger knows: consent, study, board, diseases, roles.
//!
//! A study takes its board's approval for everything, whatever consent says of IRB. What is asked
//! without a study has the profile of its purpose.

use alloy_primitives::{Address, B256};
use commonhold_module::{Context, Outcome, storage::Place};
use commonhold_system::accounts;

use crate::{
    codes::{self, needs_study},
    consent::{self, Party, Question},
    duo,
    interface::IHealth::{
        Ask, Circumstances, ClassDecision, Permit, Profile, Purpose, Reason, Recipient, Verdict,
    },
    ontology, people, policy,
    state::{COLLABORATIONS, CONSENTS, PSEUDONYMS, RULES, STUDIES, Study, USES, WITHDRAWN},
    studies,
};

/// Says what deciding on requests to these subjects will touch.
pub(super) fn announce(ctx: &mut Context<'_>, study: u64, subjects: &[Address]) -> Outcome<()> {
    let mut places: Vec<Box<dyn Place>> = vec![
        Box::new(STUDIES),
        Box::new(STUDIES.place(study.saturating_sub(1))),
    ];
    for subject in subjects {
        places.push(Box::new(CONSENTS.at(subject)));
        places.push(Box::new(PSEUDONYMS.at(subject)));
        places.push(Box::new(WITHDRAWN.at(subject).at(&study)));
        places.push(Box::new(COLLABORATIONS.at(subject).at(&study)));
    }
    fetch(ctx, &places)?;
    let mut places: Vec<Box<dyn Place>> = Vec::new();
    for subject in subjects {
        let version = CONSENTS.at(subject).read(ctx)?.version;
        places.push(Box::new(RULES.at(subject).at(&version)));
        places.push(Box::new(USES.at(subject).at(&version)));
    }
    fetch(ctx, &places)?;
    let mut places: Vec<Box<dyn Place>> = Vec::new();
    for subject in subjects {
        let version = CONSENTS.at(subject).read(ctx)?.version;
        let (rules, uses) = (
            RULES.at(subject).at(&version),
            USES.at(subject).at(&version),
        );
        for index in 0..rules.len(ctx)? {
            places.push(Box::new(rules.place(index)));
        }
        for index in 0..uses.len(ctx)? {
            places.push(Box::new(uses.place(index)));
        }
    }
    fetch(ctx, &places)
}

/// Says that these are about to be touched.
pub(super) fn fetch(ctx: &mut Context<'_>, places: &[Box<dyn Place>]) -> Outcome<()> {
    let places: Vec<&dyn Place> = places.iter().map(|place| &**place).collect();
    ctx.fetch(&places)
}

/// Decides for each class that `requester` asks `subject` for.
pub(super) fn decide(
    ctx: &mut Context<'_>,
    requester: Address,
    ask: &Ask,
    subject: Address,
) -> Outcome<Vec<ClassDecision>> {
    let all = |reason| {
        let classes = codes::codes(ask.classes);
        Ok(classes
            .map(|class| consent::denied(class, reason))
            .collect())
    };
    let study = match ask.study {
        0 => None,
        number => Some(studies::known(ctx, number)?),
    };
    if study.as_ref().is_some_and(|study| study.suspended_at != 0) {
        return all(Reason::StudySuspended);
    }
    if WITHDRAWN.at(&subject).at(&ask.study).read(ctx)? != 0 {
        return all(Reason::WithdrawnFromStudy);
    }
    let stored = CONSENTS.at(&subject).read(ctx)?;
    if stored.version == 0 || stored.ended_at != 0 {
        return all(Reason::NoConsent);
    }
    if !people::acts_for(ctx, stored.set_by, subject)? {
        return all(Reason::ConsentLapsed);
    }
    let permits = policy::load(ctx, subject, stored.version)?;
    let party = Party {
        account: requester,
        study: ask.study,
        roles: roles(ctx, requester, &permits)?,
    };
    let now = ctx.now();
    let approved = study.as_ref().is_some_and(|s| studies::is_approved(s, now));
    let given = Circumstances {
        ethicsApproval: approved,
        collaborationAgreed: COLLABORATIONS.at(&subject).at(&ask.study).read(ctx)?,
        user: duo::user(requester),
        project: duo::project(ask.study),
        date: now,
    };
    let profile = profile(ask.purpose, study.as_ref());
    let lineage = ontology::lineage(ctx, profile.disease)?;
    let question = Question {
        party: &party,
        purpose: ask.purpose,
        profile: &profile,
        given: &given,
        lineage: &lineage,
    };
    let decided = codes::codes(ask.classes).map(|class| {
        let decision = consent::decide(&permits, &question, class);
        if needs_study(ask.purpose) && !approved {
            unapproved(decision)
        } else {
            decision
        }
    });
    Ok(decided.collect())
}

/// What a study without its board's approval gets: nothing before it has it.
fn unapproved(decision: ClassDecision) -> ClassDecision {
    if decision.verdict == Verdict::Permit {
        ClassDecision {
            verdict: Verdict::Needs,
            reasons: vec![Reason::EthicsApproval],
            ..decision
        }
    } else {
        decision
    }
}

/// Which of the roles that permits name somebody has.
fn roles(ctx: &mut Context<'_>, who: Address, permits: &[Permit]) -> Outcome<Vec<B256>> {
    let terms = permits
        .iter()
        .flat_map(|permit| permit.exceptions.iter().chain([&permit.terms]));
    let mut named: Vec<B256> = terms
        .filter(|terms| terms.kind == Recipient::Role)
        .map(|terms| terms.recipient)
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut held = Vec::new();
    for role in named {
        if accounts::may_act(ctx, who, role, 0)? {
            held.push(role);
        }
    }
    Ok(held)
}

/// What a request says of itself: a study's own words, or what its purpose is.
fn profile(purpose: Purpose, study: Option<&Study>) -> Profile {
    if let Some(study) = study {
        return studies::profile(study);
    }
    let public_health = purpose == Purpose::PublicHealth;
    Profile {
        research: public_health,
        healthBiomedical: public_health,
        methodsDevelopment: false,
        populationAncestry: false,
        geneticStudy: false,
        clinicalCare: purpose == Purpose::Treatment,
        commercial: false,
        forProfit: false,
        willPublish: false,
        returnsResults: false,
        disease: 0,
        country: B256::ZERO,
        institution: B256::ZERO,
    }
}
