//! `commonhold health consent`: what somebody lets others do with their records.
//!
//! A consent denies what no permit covers. `set` puts one permit beside those that stand, or in place of
//! them; `end` takes everything back, and with it what was given under it. `export` and `import` do it
//! with FHIR ([`files`]); what a consent means is told in words ([`shown`]).

mod exceptions;
mod files;
mod shown;

use alloy_primitives::{Address, B256, U256};
use commonhold_health_contract::{
    ADDRESS,
    codes::purpose_bit,
    duo,
    interface::IHealth::{
        self, DataUse, Manner, Modifier, Permit, Purpose, Recipient, Terms, consentOfCall,
        endConsentCall, setConsentCall,
    },
};
use commonhold_sdk::{Client, SdkError, roles};
use commonhold_session::{Answer, Refused, Session};

use crate::{moments, out::document, words};

use exceptions::Exception;
pub(crate) use files::{ImportArgs, export, import};
pub(crate) use shown::{DocumentArgs, show, text as in_words};

/// A permit as it is asked for.
#[derive(clap::Args)]
pub(crate) struct PermitArgs {
    /// What for: research, clinical-trial, public-health, treatment, family-request.
    #[arg(long = "purpose", value_name = "PURPOSE", required = true, value_parser = words::parse_purpose, value_delimiter = ',')]
    purposes: Vec<Purpose>,
    /// Which classes: labs,vitals,labs.restricted; all (nothing restricted); everything.
    #[arg(long, value_name = "CLASSES", value_parser = words::parse_classes)]
    classes: u32,
    /// Whom: anyone, role:NAME, study:NUMBER, or an address, an account of your keystore, a handle.
    #[arg(long, value_name = "WHOM", default_value = "anyone")]
    to: String,
    /// For how many days [default: until it is taken back].
    #[arg(long, value_name = "N", conflicts_with = "until")]
    days: Option<u64>,
    /// Until just before this time: 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h.
    #[arg(long, value_name = "TIME", value_parser = moments::parse)]
    until: Option<u64>,
    /// From this time on.
    #[arg(long, value_name = "TIME", value_parser = moments::parse)]
    from: Option<u64>,
    /// Except for some: classes=…, purpose=…, to=…, from=…, until=…, with blanks between; what is not said
    /// is as in the permit, and for anyone. As often as needed.
    #[arg(long = "except", value_name = "WHAT", value_parser = exceptions::parse)]
    exceptions: Vec<Exception>,
    /// The data use permission (DUO): NRES 4, GRU 42, HMB 6, DS 7, POA 11.
    #[arg(long, value_name = "DUO", default_value = "DUO:0000042", value_parser = duo_term)]
    duo: u16,
    /// A disease that DS names (MONDO:0005148); as often as there are.
    #[arg(long = "disease", value_name = "MONDO", value_parser = mondo_term)]
    diseases: Vec<u32>,
    /// A modifier (DUO:0000019), with its value where it has one (DUO:0000022=DE); as often as needed.
    #[arg(long = "modifier", value_name = "DUO[=VALUE]", value_parser = modifier)]
    modifiers: Vec<Modifier>,
    /// Let in without asking, once the veto window is over [default: you are asked each time].
    #[arg(long)]
    standing: bool,
    /// Hours in which you may veto what --standing lets in.
    #[arg(
        long,
        value_name = "HOURS",
        default_value_t = 72,
        requires = "standing"
    )]
    veto: u32,
}

/// Times are in seconds on the ledger.
const HOUR: u32 = 3_600;
const DAY: u64 = 86_400;

fn term<N: core::str::FromStr>(text: &str, ontology: &str) -> Result<N, String> {
    let digits = text
        .strip_prefix(ontology)
        .and_then(|rest| rest.strip_prefix(':'));
    digits
        .unwrap_or(text)
        .parse()
        .map_err(|_| format!("{text:?} is no term of {ontology}, as {ontology}:0000042"))
}

fn duo_term(text: &str) -> Result<u16, String> {
    term(text, "DUO")
}

pub(crate) fn mondo_term(text: &str) -> Result<u32, String> {
    term(text, "MONDO")
}

fn modifier(text: &str) -> Result<Modifier, String> {
    let (code, value) = match text.split_once('=') {
        Some((code, value)) => (duo_term(code)?, Some(value)),
        None => (duo_term(text)?, None),
    };
    let row = |value, time| Ok(Modifier { code, value, time });
    match value {
        Some(value) if duo::has_values(code) => row(duo::name(value), 0),
        Some(value) if duo::has_date(code) => {
            let unknown = || format!("{value:?} is no date: write 2026-12-31");
            row(B256::ZERO, words::midnight(value).ok_or_else(unknown)?)
        }
        Some(_) => Err(format!("{} takes no value", duo::term(code))),
        None if duo::has_values(code) || duo::has_date(code) => {
            let term = duo::term(code);
            Err(format!("{term} needs a value: {term}=DE, or a date"))
        }
        None => row(B256::ZERO, 0),
    }
}

impl PermitArgs {
    fn permit(&self, session: &dyn Session) -> eyre::Result<Permit> {
        let (kind, recipient) = recipient(session, &self.to)?;
        let purposes = self.purposes.iter();
        let until = match (self.until, self.days) {
            (Some(until), _) => until,
            (None, Some(days)) => {
                let now = session.client()?.block_time()?;
                now.saturating_add(days.saturating_mul(DAY))
            }
            (None, None) => 0,
        };
        let terms = Terms {
            purposes: purposes.fold(0, |set, purpose| set | purpose_bit(*purpose)),
            classes: self.classes,
            kind,
            recipient,
            notBefore: self.from.unwrap_or(0),
            until,
        };
        let exceptions = self.exceptions.iter();
        let exceptions = exceptions.map(|exception| exception.terms(session, &terms));
        Ok(Permit {
            exceptions: exceptions.collect::<eyre::Result<_>>()?,
            terms,
            dataUse: DataUse {
                permission: self.duo,
                diseases: self.diseases.clone(),
                modifiers: self.modifiers.clone(),
            },
            manner: if self.standing {
                Manner::Standing
            } else {
                Manner::Ask
            },
            vetoSeconds: if self.standing {
                self.veto.saturating_mul(HOUR)
            } else {
                0
            },
        })
    }
}

/// Whom a text means: anyone, a role, a study, somebody.
fn recipient(session: &dyn Session, text: &str) -> eyre::Result<(Recipient, B256)> {
    if text == "anyone" {
        return Ok((Recipient::Anyone, B256::ZERO));
    }
    if let Some(name) = text.strip_prefix("role:") {
        return Ok((Recipient::Role, roles::role(name)?));
    }
    if let Some(number) = text.strip_prefix("study:") {
        let number: u64 = number
            .parse()
            .map_err(|_| Refused(format!("{number:?} is no study's number")))?;
        return Ok((Recipient::Study, U256::from(number).into()));
    }
    Ok((Recipient::Account, session.who(text)?.into_word()))
}

/// Whether somebody has a key on the ledger that data can be opened to.
fn has_key(client: &Client, who: Address) -> Result<bool, SdkError> {
    match client.encryption_key(who) {
        Ok(_) => Ok(true),
        Err(SdkError::NotFound(_)) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Puts a permit into a subject's consent, in place of what stands where `replace` says so.
pub(crate) fn set(
    session: &dyn Session,
    subject: Option<&str>,
    args: &PermitArgs,
    replace: bool,
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let subject = whose(session, subject, account.address())?;
    let standing = consent(&client, subject)?;
    let permit = args.permit(session)?;
    let to = Address::from_word(permit.terms.recipient);
    if permit.terms.kind == Recipient::Account && !has_key(&client, to)? {
        let why =
            format!("{to} has no key on the ledger to open anything with: they register first");
        return Err(Refused(why).into());
    }
    let mut permits = match replace || standing.endedAt != 0 {
        true => Vec::new(),
        false => standing_on(standing.permits, client.block_time()?),
    };
    permits.push(permit);
    let hash = document::of_permits(subject, client.chain_id()?, &permits);
    let call = setConsentCall {
        subject,
        permits,
        documentHash: hash.map_err(|refusal| Refused(refusal.to_string()))?,
    };
    client.send_call(&account, ADDRESS, &call)?;
    shown::of(&client, subject)
}

/// What of permits is not over: the law takes nothing that is.
fn standing_on(mut permits: Vec<Permit>, now: u64) -> Vec<Permit> {
    let stands = |terms: &Terms| terms.until == 0 || now < terms.until;
    permits.retain(|permit| stands(&permit.terms));
    for permit in &mut permits {
        permit.exceptions.retain(stands);
    }
    permits
}

/// Ends a subject's consent.
pub(crate) fn end(session: &dyn Session, subject: Option<&str>) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let subject = whose(session, subject, account.address())?;
    client.send_call(&account, ADDRESS, &endConsentCall { subject })?;
    shown::of(&client, subject)
}

fn whose(session: &dyn Session, subject: Option<&str>, me: Address) -> eyre::Result<Address> {
    match subject {
        Some(who) => session.who(who),
        None => Ok(me),
    }
}

fn consent(client: &Client, subject: Address) -> eyre::Result<IHealth::Consent> {
    Ok(client.call(ADDRESS, &consentOfCall { subject })?)
}
