//! `commonhold health emergency`: two clinicians open a person's emergency slice, and nothing else.
//!
//! ```text
//! first ── open (keeps a key in a file) ── second, within ten minutes ── confirm ──> the person is told
//!                                       or who is on call, within the hour
//! first ── fetch ── the members' answers are for the key in the file
//! the person, who acts for them, or an auditor ── review, within 72 hours
//! ```

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use alloy_primitives::{Address, B256, hex};
use clap::Subcommand;
use commonhold_health_contract::{
    ADDRESS,
    interface::IHealth::{
        self, CaseState, EmergencyOpened, confirmEmergencyCall, emergencyCall, openEmergencyCall,
        restoreEmergencyRightCall, reviewEmergencyCall,
    },
};
use commonhold_sdk::{
    ReaderSecret, SdkError,
    records::{Ask, Form, Records, reader_secret},
};
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::ledger;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Open an emergency, as a clinician.
    Open {
        /// Whose: an address, an account of your keystore, or a handle.
        who: String,
        /// Why, by the list of your organisation: a number from 1 to 255.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
        reason: u8,
        /// A new file for the key that the answers are for.
        #[arg(short, long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Confirm an emergency, as a second clinician within ten minutes, or within the hour as who has the role
    /// on-call.
    Confirm {
        /// The emergency's number.
        emergency: u64,
    },
    /// Fetch the emergency slice, as who opened it.
    Fetch {
        /// The emergency's number.
        emergency: u64,
        /// The file with the key.
        #[arg(short, long, value_name = "FILE")]
        key: PathBuf,
        /// Where to.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Say whether an emergency was one: as the person, who acts for them, or an auditor.
    #[command(group(clap::ArgGroup::new("finding").required(true).args(["justified", "unjustified"])))]
    Review {
        /// The emergency's number.
        emergency: u64,
        /// It was.
        #[arg(long)]
        justified: bool,
        /// It was not: the clinician loses the right.
        #[arg(long)]
        unjustified: bool,
    },
    /// Give a clinician the right back, as a member of the consortium.
    Restore {
        /// Whom.
        who: String,
    },
    /// Tell of somebody's emergencies.
    List {
        /// Whose [default: those of who acts, and of every pseudonym that they took over].
        #[arg(long, value_name = "WHO")]
        subject: Option<String>,
    },
}

/// Runs the verb.
pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Open { who, reason, key } => open(session, who, *reason, key),
        Verb::Confirm { emergency } => {
            let call = confirmEmergencyCall { number: *emergency };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *emergency)
        }
        Verb::Fetch {
            emergency,
            key,
            output,
        } => fetch(session, *emergency, key, output),
        Verb::Review {
            emergency,
            justified,
            ..
        } => {
            let call = reviewEmergencyCall {
                number: *emergency,
                justified: *justified,
            };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *emergency)
        }
        Verb::Restore { who } => {
            let clinician = session.who(who)?;
            let call = restoreEmergencyRightCall { clinician };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            let data = serde_json::json!({ "clinician": clinician, "restored": true });
            Answer::of(&data, format!("{clinician} may open emergencies again"))
        }
        Verb::List { subject } => {
            let client = session.client()?;
            let subjects = match subject {
                Some(who) => vec![session.who(who)?],
                None => ledger::all_of(&client, session.address()?)?,
            };
            let mut cases = Vec::new();
            for subject in subjects {
                cases.extend(ledger::emergencies(&client, subject)?);
            }
            told(&cases)
        }
    }
}

fn open(session: &dyn Session, who: &str, reason: u8, key: &Path) -> eyre::Result<Answer> {
    let subject = session.who(who)?;
    let (client, account) = (session.client()?, session.account()?);
    let secret = reader_secret()?;
    // On the disk before anybody is told: without it nothing could be read.
    let named = |e: std::io::Error| Refused(format!("{}: {e}", key.display()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(key)
        .map_err(named)?;
    let text = Zeroizing::new(hex::encode(secret.to_bytes().as_slice()));
    file.write_all(text.as_bytes()).map_err(named)?;
    file.sync_all().map_err(named)?;
    let call = openEmergencyCall {
        subject,
        reasonCode: reason,
        readerKey: B256::from(secret.public().0),
    };
    let sent = client.send_for_event(&account, ADDRESS, &call);
    if matches!(sent, Err(SdkError::Reverted { .. })) {
        fs::remove_file(key).map_err(named)?;
    }
    let EmergencyOpened { number, .. } = sent?;
    session.say(&format!(
        "a second clinician confirms within ten minutes: commonhold health emergency confirm {number}"
    ));
    Answer::of(
        &serde_json::json!({ "emergency": number }),
        number.to_string(),
    )
}

fn fetch(session: &dyn Session, number: u64, key: &Path, output: &Path) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let case = client.call(ADDRESS, &emergencyCall { number })?;
    if case.slice.is_zero() {
        let why = format!("emergency {number} is not confirmed by a second clinician");
        return Err(Refused(why).into());
    }
    let secret = read_key(key)?;
    let ask = Ask {
        purpose: B256::ZERO,
        secret: &secret,
        resume: true,
    };
    let records = Records::new(&client, &account);
    let progress = session.progress();
    let opened = records.open_sealed(case.slice, &ask, Form::Plain, output, &*progress)?;
    let data = serde_json::json!({
        "emergency": number,
        "record": case.slice,
        "file": output,
        "bytes": opened.bytes,
    });
    Answer::of(&data, output.display().to_string())
}

fn read_key(path: &Path) -> eyre::Result<ReaderSecret> {
    let unfit = || Refused(format!("{} holds no key of an emergency", path.display()));
    let text = Zeroizing::new(
        fs::read_to_string(path).map_err(|e| Refused(format!("{}: {e}", path.display())))?,
    );
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).map_err(|_| unfit())?;
    Ok(ReaderSecret::from_bytes(&bytes).map_err(|_| unfit())?)
}

/// An emergency as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    emergency: u64,
    subject: Address,
    clinician: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<Address>,
    reason: u8,
    state: &'static str,
    opened_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_due: Option<u64>,
}

impl Shown {
    fn of(case: &IHealth::Case) -> Self {
        Self {
            emergency: case.number,
            subject: case.subject,
            clinician: case.clinician,
            second: (!case.second.is_zero()).then_some(case.second),
            reason: case.reasonCode,
            state: match case.state {
                CaseState::Opened => "opened",
                CaseState::Confirmed => "confirmed",
                CaseState::Justified => "justified",
                CaseState::Unjustified => "unjustified",
                _ => "lapsed",
            },
            opened_at: case.openedAt,
            review_due: (case.reviewDue != 0).then_some(case.reviewDue),
        }
    }

    fn text(&self) -> String {
        let second = match self.second {
            Some(second) => format!(" and {second}"),
            None => String::new(),
        };
        format!(
            "emergency {} of {}: {}{second}, reason {}: {}",
            self.emergency, self.subject, self.clinician, self.reason, self.state
        )
    }
}

fn show(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let case = session.client()?.call(ADDRESS, &emergencyCall { number })?;
    told(core::slice::from_ref(&case))
}

fn told(cases: &[IHealth::Case]) -> eyre::Result<Answer> {
    let shown: Vec<Shown> = cases.iter().map(Shown::of).collect();
    let lines: Vec<String> = shown.iter().map(Shown::text).collect();
    let text = if lines.is_empty() {
        "no emergency".to_owned()
    } else {
        lines.join("\n")
    };
    Answer::of(&serde_json::json!({ "emergencies": shown }), text)
}
