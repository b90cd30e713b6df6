//! `commonhold health collaborate` and `disease`: what is stated of studies and of diseases for decisions.

use alloy_sol_types::SolEvent as _;
use clap::Subcommand;
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        Disease, DiseasesStated, agreeCollaborationCall, isKindOfCall, stateDiseasesCall,
    },
    limits::TERMS_PER_CALL_MAX,
};
use commonhold_session::{Answer, Session};

use crate::consent::mondo_term;

/// Says that a subject's investigators work with a study (DUO:0000020), or no longer.
pub(crate) fn collaborate(
    session: &dyn Session,
    study: u64,
    subject: Option<&str>,
    agreed: bool,
) -> eyre::Result<Answer> {
    let subject = session.whose(subject)?;
    let (client, account) = (session.client()?, session.account()?);
    let call = agreeCollaborationCall {
        subject,
        study,
        agreed,
    };
    client.send_call(&account, ADDRESS, &call)?;
    let data = serde_json::json!({ "subject": subject, "study": study, "collaboration": agreed });
    let text = if agreed {
        format!("{subject} works with study {study}")
    } else {
        format!("{subject} does not work with study {study}")
    };
    Answer::of(&data, text)
}

/// Statements about diseases.
#[derive(Subcommand)]
pub(crate) enum Verb {
    /// State, as a member, of which diseases others are kinds; in force when a quorum states the same.
    #[command(after_help = "\
Examples:
  commonhold health disease state MONDO:0005148=MONDO:0005015 MONDO:0005015=MONDO:0005151 --account member-1")]
    State {
        /// A disease, and what it is a kind of: TERM=PARENT,PARENT. Without parents it is a kind of nothing.
        #[arg(required = true, num_args = 1..=TERMS_PER_CALL_MAX, value_name = "TERM=PARENTS", value_parser = disease)]
        diseases: Vec<Disease>,
    },
    /// Tell whether the ledger takes a disease for a kind of another.
    Is {
        /// The disease.
        #[arg(value_parser = mondo_term)]
        term: u32,
        /// The other.
        #[arg(value_parser = mondo_term)]
        of: u32,
    },
}

fn disease(text: &str) -> Result<Disease, String> {
    let (term, parents) = text.split_once('=').unwrap_or((text, ""));
    let parents = parents.split(',').filter(|parent| !parent.is_empty());
    Ok(Disease {
        term: mondo_term(term)?,
        parents: parents.map(mondo_term).collect::<Result<_, _>>()?,
    })
}

/// Runs the verb.
pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    let client = session.client()?;
    match verb {
        Verb::State { diseases } => {
            let account = session.account()?;
            let diseases = diseases.clone();
            let call = stateDiseasesCall { diseases };
            let receipt = client.send_call(&account, ADDRESS, &call)?;
            let logs = receipt.inner.logs().iter();
            let mut said = logs.filter_map(|log| DiseasesStated::decode_log(&log.inner).ok());
            let in_force = said.any(|event| event.inForce);
            let text = if in_force {
                "it is in force"
            } else {
                "it is said; it is in force when a quorum of the members says the same"
            };
            Answer::of(&serde_json::json!({ "inForce": in_force }), text)
        }
        Verb::Is { term, of } => {
            let call = isKindOfCall {
                term: *term,
                of_: *of,
            };
            let answer = client.call(ADDRESS, &call)?;
            let text = if answer { "yes" } else { "no" };
            Answer::of(&serde_json::json!({ "isKindOf": answer }), text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diseases_are_read_with_their_parents() {
        let read = disease("MONDO:0005148=MONDO:0005015,5151").unwrap();
        assert_eq!((read.term, read.parents), (5_148, vec![5_015, 5_151]));
        assert!(disease("MONDO:0005148").unwrap().parents.is_empty());
        for wrong in ["", "DUO:1", "MONDO:5148=x", "=MONDO:1"] {
            assert!(disease(wrong).is_err(), "{wrong}");
        }
    }
}
