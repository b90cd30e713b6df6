//! `commonhold health consent`: what somebody lets others do with their records.
//!
//! A consent denies what no permit covers. `set` puts one permit beside those that stand, or in place of
//! them; `end` takes everything back, and with it what was given under it.

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
use commonhold_sdk::{Client, clock::now_ms, roles};
use serde::Serialize;

use crate::{
    session::{Answer, Refused, Session},
    words,
};

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
    #[arg(long, value_name = "N")]
    days: Option<u64>,
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
        let (kind, recipient) = self.recipient(session)?;
        let purposes = self.purposes.iter();
        let until = self.days.map_or(0, |days| {
            (now_ms() / 1000).saturating_add(days.saturating_mul(DAY))
        });
        Ok(Permit {
            terms: Terms {
                purposes: purposes.fold(0, |set, purpose| set | purpose_bit(*purpose)),
                classes: self.classes,
                kind,
                recipient,
                notBefore: 0,
                until,
            },
            exceptions: Vec::new(),
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

    fn recipient(&self, session: &dyn Session) -> eyre::Result<(Recipient, B256)> {
        if self.to == "anyone" {
            return Ok((Recipient::Anyone, B256::ZERO));
        }
        if let Some(name) = self.to.strip_prefix("role:") {
            return Ok((Recipient::Role, roles::role(name)?));
        }
        if let Some(number) = self.to.strip_prefix("study:") {
            let number: u64 = number
                .parse()
                .map_err(|_| Refused(format!("{number:?} is no study's number")))?;
            return Ok((Recipient::Study, U256::from(number).into()));
        }
        Ok((Recipient::Account, session.who(&self.to)?.into_word()))
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
    let mut permits = match replace || standing.endedAt != 0 {
        true => Vec::new(),
        false => standing.permits,
    };
    permits.push(args.permit(session)?);
    let call = setConsentCall {
        subject,
        permits,
        documentHash: B256::ZERO,
    };
    client.send_call(&account, ADDRESS, &call)?;
    show_of(&client, subject)
}

/// Ends a subject's consent.
pub(crate) fn end(session: &dyn Session, subject: Option<&str>) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let subject = whose(session, subject, account.address())?;
    client.send_call(&account, ADDRESS, &endConsentCall { subject })?;
    show_of(&client, subject)
}

/// Tells a subject's consent.
pub(crate) fn show(session: &dyn Session, subject: Option<&str>) -> eyre::Result<Answer> {
    let subject = session.whose(subject)?;
    show_of(&session.client()?, subject)
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    subject: Address,
    version: u64,
    in_force: bool,
    permits: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    purposes: Vec<&'static str>,
    classes: Vec<String>,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    data_use: Vec<String>,
    standing: bool,
    veto_seconds: u32,
}

impl Row {
    fn of(permit: &Permit) -> Self {
        let terms = &permit.terms;
        let data_use = &permit.dataUse;
        let used = core::iter::once(duo::term(data_use.permission))
            .chain(
                data_use
                    .diseases
                    .iter()
                    .map(|term| format!("MONDO:{term:07}")),
            )
            .chain(data_use.modifiers.iter().map(|row| duo::term(row.code)));
        Self {
            purposes: words::purposes(terms.purposes),
            classes: words::classes(terms.classes),
            to: match terms.kind {
                Recipient::Account => Address::from_word(terms.recipient).to_string(),
                Recipient::Role => format!("role:{}", roles::role_name(&terms.recipient)),
                Recipient::Study => format!("study:{}", U256::from_be_bytes(terms.recipient.0)),
                _ => "anyone".to_owned(),
            },
            until: (terms.until != 0).then_some(terms.until),
            data_use: used.collect(),
            standing: permit.manner == Manner::Standing,
            veto_seconds: permit.vetoSeconds,
        }
    }

    fn text(&self) -> String {
        let manner = if self.standing {
            format!("stands after {} h", self.veto_seconds / HOUR)
        } else {
            "you are asked".to_owned()
        };
        format!(
            "{} may use {} for {} under {}: {manner}",
            self.to,
            self.classes.join(", "),
            self.purposes.join(", "),
            self.data_use.join(" ")
        )
    }
}

fn show_of(client: &Client, subject: Address) -> eyre::Result<Answer> {
    let consent = consent(client, subject)?;
    let in_force = consent.version != 0 && consent.endedAt == 0;
    let permits: Vec<Row> = match in_force {
        true => consent.permits.iter().map(Row::of).collect(),
        false => Vec::new(),
    };
    let text = match in_force {
        true => permits.iter().map(Row::text).collect::<Vec<_>>().join("\n"),
        false => "no consent: every request is denied".to_owned(),
    };
    let shown = Shown {
        subject,
        version: consent.version,
        in_force,
        permits,
    };
    Answer::of(&shown, text)
}
