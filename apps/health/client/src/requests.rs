//! `commonhold health request` and `review`: asking for slices, and answering who asks.

use alloy_primitives::{Address, B256, U256};
use commonhold_health_contract::{
    ADDRESS, duo,
    interface::IHealth::{
        self, Ask, ClassDecision, Purpose, RequestState, Requested, Verdict, approveCall,
        decideRequestCall, refuseCall, requestCall, revokeCall, vetoCall,
    },
    limits::SUBJECTS_PER_CALL_MAX,
};
use commonhold_sdk::{Client, SdkError, client::events};
use commonhold_session::{Answer, Session};
use serde::Serialize;

use crate::{ledger, moments, words};

/// A request as it is made.
#[derive(clap::Args)]
pub(crate) struct RequestArgs {
    /// Of whom: addresses, accounts of your keystore, handles.
    #[arg(
        long = "from",
        value_name = "WHO",
        required = true,
        value_delimiter = ','
    )]
    subjects: Vec<String>,
    /// What for: research, clinical-trial, public-health, treatment, family-request.
    #[arg(long, value_name = "PURPOSE", value_parser = words::parse_purpose)]
    purpose: Purpose,
    /// Which classes: labs,vitals,labs.restricted; all (nothing restricted); everything.
    #[arg(long, value_name = "CLASSES", value_parser = words::parse_classes)]
    classes: u32,
    /// The study that it is for; research and clinical trials need one.
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    study: u64,
    /// For how many days.
    #[arg(long, value_name = "N", default_value_t = 30, conflicts_with = "until")]
    days: u64,
    /// Until just before this time: 2026-12-31, 2026-12-31T18:00:00Z, +30d, +12h.
    #[arg(long, value_name = "TIME", value_parser = moments::parse)]
    until: Option<u64>,
    /// How many times each slice [default: as often as needed].
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    uses: u32,
    /// Say what would be decided, and send nothing.
    #[arg(long)]
    dry_run: bool,
}

const DAY: u64 = 86_400;

#[derive(Serialize)]
struct Asked {
    subject: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<u64>,
    decisions: Vec<Decided>,
}

/// What is decided of one class.
#[derive(Serialize)]
struct Decided {
    class: String,
    verdict: &'static str,
    reasons: Vec<&'static str>,
    obligations: Vec<String>,
}

impl Decided {
    fn of(decision: &ClassDecision) -> Self {
        Self {
            class: words::class(decision.class),
            verdict: match decision.verdict {
                Verdict::Permit => "PERMIT",
                Verdict::Needs => "NEEDS",
                _ => "DENY",
            },
            reasons: decision.reasons.iter().map(|r| duo::words(*r)).collect(),
            obligations: decision
                .obligations
                .iter()
                .map(|d| duo::term(d.code))
                .collect(),
        }
    }

    fn text(&self) -> String {
        format!(
            "  {:<24} {:<6} {}",
            self.class,
            self.verdict,
            self.reasons.join("; ")
        )
    }
}

/// Asks subjects for slices, and tells what is decided of each class.
pub(crate) fn request(session: &dyn Session, args: &RequestArgs) -> eyre::Result<Answer> {
    let client = session.client()?;
    let requester = session.address()?;
    let subjects = args.subjects.iter().map(|who| session.who(who));
    let subjects = subjects.collect::<eyre::Result<Vec<_>>>()?;
    // The ledger's clock is the one that counts.
    let now = client.block_time()?;
    let ask = Ask {
        study: args.study,
        purpose: args.purpose,
        classes: args.classes,
        until: args
            .until
            .unwrap_or_else(|| now.saturating_add(args.days.saturating_mul(DAY))),
        uses: args.uses,
        reason: B256::ZERO,
    };
    let mut asked = Vec::new();
    for subject in &subjects {
        let call = decideRequestCall {
            requester,
            ask: ask.clone(),
            subject: *subject,
        };
        let decisions = client.call(ADDRESS, &call)?;
        asked.push(Asked {
            subject: *subject,
            request: None,
            decisions: decisions.iter().map(Decided::of).collect(),
        });
    }
    if !args.dry_run {
        send(session, &client, &ask, &subjects, &mut asked)?;
    }
    // Sent requests are told by their numbers, for the next command; what was decided is said beside.
    let told: Vec<String> = asked.iter().map(Asked::text).collect();
    let text = if args.dry_run {
        told.join("\n")
    } else {
        session.say(&told.join("\n"));
        let numbers = asked.iter().filter_map(|one| one.request);
        numbers
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join("\n")
    };
    Answer::of(&serde_json::json!({ "requests": asked }), text)
}

fn send(
    session: &dyn Session,
    client: &Client,
    ask: &Ask,
    subjects: &[Address],
    asked: &mut [Asked],
) -> eyre::Result<()> {
    let account = session.account()?;
    for subjects in subjects.chunks(SUBJECTS_PER_CALL_MAX) {
        let call = requestCall {
            ask: ask.clone(),
            subjects: subjects.to_vec(),
        };
        let receipt = client.send_call(&account, ADDRESS, &call)?;
        for event in events::<Requested>(&receipt, ADDRESS) {
            let mut of_subject = asked.iter_mut();
            if let Some(one) = of_subject.find(|one| one.subject == event.subject) {
                one.request = Some(event.number);
            }
        }
    }
    Ok(())
}

impl Asked {
    fn text(&self) -> String {
        let mut lines = vec![match self.request {
            Some(number) => format!("request {number} to {}", self.subject),
            None => format!("a request to {} would be decided so", self.subject),
        }];
        lines.extend(self.decisions.iter().map(Decided::text));
        lines.join("\n")
    }
}

/// A request as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    request: u64,
    requester: Address,
    subject: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    study: Option<u64>,
    purpose: &'static str,
    state: &'static str,
    /// What opens without a question, from `ready_at` on.
    standing: Vec<String>,
    /// What the owner is asked.
    asking: Vec<String>,
    /// What something is missing for.
    needing: Vec<String>,
    approved: Vec<String>,
    ready_at: u64,
    until: u64,
    used: u32,
    obligations: Vec<String>,
}

impl Shown {
    fn of(request: &IHealth::Request) -> Self {
        Self {
            request: request.number,
            requester: request.requester,
            subject: request.subject,
            study: (request.study != 0).then_some(request.study),
            purpose: words::purpose(request.purpose),
            state: match request.state {
                RequestState::Open => "open",
                RequestState::Vetoed => "vetoed",
                RequestState::Refused => "refused",
                _ => "revoked",
            },
            standing: words::classes(request.standing),
            asking: words::classes(request.asking & !request.approved),
            needing: words::classes(request.needing),
            approved: words::classes(request.approved),
            ready_at: request.readyAt,
            until: request.until,
            used: request.used,
            obligations: request
                .obligations
                .iter()
                .map(|d| duo::term(d.code))
                .collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "request {} of {} for {}: {}",
            self.request, self.requester, self.purpose, self.state
        );
        for (what, classes) in [
            ("asks you for", &self.asking),
            ("opens by itself", &self.standing),
            ("lacks something for", &self.needing),
            ("approved", &self.approved),
        ] {
            if !classes.is_empty() {
                text.push_str(&format!("\n  {what}: {}", classes.join(", ")));
            }
        }
        text
    }
}

/// What an owner says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Approve(Option<u32>),
    Refuse,
    Veto,
    Revoke,
}

/// Tells what was asked of `subject`; of who acts and their pseudonyms, where there is none. `all`: also
/// what is over.
pub(crate) fn list(
    session: &dyn Session,
    subject: Option<&str>,
    all: bool,
) -> eyre::Result<Answer> {
    let client = session.client()?;
    let subjects = match subject {
        Some(who) => vec![session.who(who)?],
        None => ledger::all_of(&client, session.address()?)?,
    };
    let mut requests = Vec::new();
    for subject in subjects {
        requests.extend(ledger::requests_to(&client, subject)?);
    }
    told(
        requests
            .iter()
            .filter(|r| all || r.state == RequestState::Open),
    )
}

/// Tells what who acts has asked for.
pub(crate) fn made(session: &dyn Session) -> eyre::Result<Answer> {
    let requests = ledger::requests_by(&session.client()?, session.address()?)?;
    told(requests.iter())
}

fn told<'r>(requests: impl Iterator<Item = &'r IHealth::Request>) -> eyre::Result<Answer> {
    let shown: Vec<Shown> = requests.map(Shown::of).collect();
    let lines: Vec<String> = shown.iter().map(Shown::text).collect();
    let text = if lines.is_empty() {
        "nothing is asked".to_owned()
    } else {
        lines.join("\n")
    };
    Answer::of(&serde_json::json!({ "requests": shown }), text)
}

/// Answers a request.
pub(crate) fn answer(session: &dyn Session, number: u64, word: Word) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let done = match word {
        Word::Approve(classes) => {
            let classes = match classes {
                Some(classes) => classes,
                None => ledger::request(&client, number)?.asking,
            };
            client.send_call(&account, ADDRESS, &approveCall { number, classes })
        }
        Word::Refuse => client.send_call(&account, ADDRESS, &refuseCall { number }),
        Word::Veto => client.send_call(&account, ADDRESS, &vetoCall { number }),
        Word::Revoke => client.send_call(&account, ADDRESS, &revokeCall { number }),
    };
    done.map_err(|e: SdkError| eyre::Report::new(e))?;
    let request = ledger::request(&client, number)?;
    told(core::iter::once(&request))
}

/// The purpose under which `records` knows openings of a request.
pub(crate) fn purpose_of(number: u64) -> B256 {
    B256::from(U256::from(number))
}
