//! `commonhold health study`: protocols on the ledger, from registration to results.
//!
//! What is registered is the hash of the protocol's one spelling (RFC 8785) and its endpoints: id, level,
//! hash of the text. Results are compared, by the ledger, with the version that was in force when the
//! first person was enrolled.

use std::path::{Path, PathBuf};

use alloy_primitives::{B256, keccak256};
use clap::Subcommand;
use commonhold_health_contract::{
    ADDRESS, duo,
    interface::IHealth::{
        self, Endpoint, Finding, Profile, ResultsReported, StudyRegistered, amendStudyCall,
        declareFirstEnrolmentCall, lockDatabaseCall, registerStudyCall, reportCall,
        reportResultsCall, studyCall, studyVersionCall, unblindCall,
    },
};
use commonhold_sdk::Client;
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    cdisc::usdm::{Protocol, canonical},
    consent::mondo_term,
    out,
    source::Source,
    study::{self, Checked},
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Hold a report against a protocol, without a network.
    Check {
        /// The protocol: USDM 4.0.
        protocol: PathBuf,
        /// The report: outcome measures as ClinicalTrials.gov has them.
        report: PathBuf,
    },
    /// Register a protocol.
    #[command(after_help = "\
Examples:
  commonhold health study register protocol.json --board 1 --disease MONDO:0005148 --country DE
  commonhold health study register protocol.json --board 1 --commercial --for-profit")]
    Register {
        /// The protocol: USDM 4.0.
        protocol: PathBuf,
        #[command(flatten)]
        about: Box<About>,
    },
    /// Register a further version of a protocol.
    Amend {
        /// The study's number.
        study: u64,
        /// The protocol as it is from now on.
        protocol: PathBuf,
        /// Why: its hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Declare that the first person is enrolled: now.
    Enrol {
        /// The study's number.
        study: u64,
    },
    /// Declare the database locked.
    Lock {
        /// The study's number.
        study: u64,
        /// The datasets that are analysed: the hash of theirs goes to the ledger.
        #[arg(required = true)]
        datasets: Vec<PathBuf>,
    },
    /// Declare the study unblinded.
    Unblind {
        /// The study's number.
        study: u64,
    },
    /// Report results: the ledger compares them with the protocol.
    Results {
        /// The study's number.
        study: u64,
        /// The report: outcome measures as ClinicalTrials.gov has them.
        report: PathBuf,
        /// The protocol that was in force, to tell endpoints by their identifiers.
        #[arg(long, value_name = "FILE")]
        protocol: Option<PathBuf>,
    },
    /// Tell where a study stands.
    Show {
        /// The study's number.
        study: u64,
        /// As FHIR R4 ResearchStudy.
        #[arg(long)]
        fhir: bool,
    },
}

/// What a study declares of itself.
#[derive(clap::Args)]
pub(crate) struct About {
    /// The ethics board that is to approve it.
    #[arg(long, value_name = "NUMBER")]
    board: u64,
    /// The disease that it is about (MONDO:0005148).
    #[arg(long, value_name = "MONDO", value_parser = mondo_term)]
    disease: Option<u32>,
    /// The country that it is in.
    #[arg(
        long,
        value_name = "CODE",
        default_value = "",
        hide_default_value = true
    )]
    country: String,
    /// The institution that it is at (ror:…).
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    institution: String,
    /// It is no research on health.
    #[arg(long)]
    not_health: bool,
    /// It develops methods.
    #[arg(long)]
    methods: bool,
    /// It studies origins or ancestry.
    #[arg(long)]
    ancestry: bool,
    /// It is a genetic study.
    #[arg(long)]
    genetic: bool,
    /// It treats people.
    #[arg(long)]
    care: bool,
    /// It has a commercial purpose.
    #[arg(long)]
    commercial: bool,
    /// It is done by an organisation that is for profit.
    #[arg(long)]
    for_profit: bool,
    /// Its results will not be published.
    #[arg(long)]
    no_publication: bool,
    /// Its results are not returned.
    #[arg(long)]
    no_return: bool,
}

impl About {
    fn profile(&self) -> Profile {
        let named = |text: &str| match text {
            "" => B256::ZERO,
            text => duo::name(text),
        };
        Profile {
            research: true,
            healthBiomedical: !self.not_health,
            methodsDevelopment: self.methods,
            populationAncestry: self.ancestry,
            geneticStudy: self.genetic,
            clinicalCare: self.care,
            commercial: self.commercial,
            forProfit: self.for_profit,
            willPublish: !self.no_publication,
            returnsResults: !self.no_return,
            disease: self.disease.unwrap_or(0),
            country: named(&self.country),
            institution: named(&self.institution),
        }
    }
}

/// A protocol as it goes to the ledger.
struct Spelled {
    hash: B256,
    endpoints: Vec<Endpoint>,
    protocol: Protocol,
}

impl Spelled {
    fn read(path: &Path) -> eyre::Result<Self> {
        let source = Source::File(path.to_owned());
        let refused = |refusal| Refused::file(path, &refusal);
        let text = source
            .coat()
            .and_then(|coat| source.document_bytes(coat))
            .map_err(refused)?;
        let protocol = Protocol::of(&text).map_err(refused)?;
        let spelled = canonical(&text).map_err(refused)?;
        Ok(Self {
            hash: sha256(&spelled),
            endpoints: protocol.endpoints.iter().map(|e| e.on_ledger()).collect(),
            protocol,
        })
    }
}

fn sha256(bytes: &[u8]) -> B256 {
    B256::from(<[u8; 32]>::from(Sha256::digest(bytes)))
}

/// Runs the verb.
pub(crate) fn run(session: &dyn Session, verb: &Verb) -> eyre::Result<Answer> {
    match verb {
        Verb::Check { protocol, report } => check(protocol, report),
        Verb::Register { protocol, about } => register(session, protocol, about),
        Verb::Amend {
            study,
            protocol,
            reason,
        } => {
            let spelled = Spelled::read(protocol)?;
            let call = amendStudyCall {
                number: *study,
                usdmHash: spelled.hash,
                endpoints: spelled.endpoints,
                reason: keccak256(reason),
            };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *study)
        }
        Verb::Enrol { study } => {
            let call = declareFirstEnrolmentCall { number: *study };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *study)
        }
        Verb::Lock { study, datasets } => {
            let call = lockDatabaseCall {
                number: *study,
                datasetHash: dataset_hash(datasets)?,
            };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *study)
        }
        Verb::Unblind { study } => {
            let call = unblindCall { number: *study };
            session
                .client()?
                .send_call(&session.account()?, ADDRESS, &call)?;
            show(session, *study)
        }
        Verb::Results {
            study,
            report,
            protocol,
        } => results(session, *study, report, protocol.as_deref()),
        Verb::Show { study, fhir: false } => show(session, *study),
        Verb::Show { study, fhir: true } => resource(session, *study),
    }
}

fn check(protocol: &Path, report: &Path) -> eyre::Result<Answer> {
    let source = |path: &Path| Source::File(path.to_owned());
    let checked = study::check(&source(protocol), &source(report)).map_err(
        |(which, refusal)| match which {
            study::Which::Protocol => Refused::file(protocol, &refusal),
            study::Which::Report => Refused::file(report, &refusal),
        },
    )?;
    Answer::of(&checked, checked.text())
}

/// SHA-256 of the SHA-256 of each file, in the order given.
fn dataset_hash(datasets: &[PathBuf]) -> eyre::Result<B256> {
    let mut all = Sha256::new();
    for path in datasets {
        let mut one = Sha256::new();
        let mut file =
            std::fs::File::open(path).map_err(|e| Refused(format!("{}: {e}", path.display())))?;
        std::io::copy(&mut file, &mut digest_io(&mut one))?;
        all.update(one.finalize());
    }
    Ok(B256::from(<[u8; 32]>::from(all.finalize())))
}

/// A hash as a place to write to.
fn digest_io(hash: &mut Sha256) -> impl std::io::Write + '_ {
    struct Into<'h>(&'h mut Sha256);
    impl std::io::Write for Into<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    Into(hash)
}

fn register(session: &dyn Session, protocol: &Path, about: &About) -> eyre::Result<Answer> {
    let spelled = Spelled::read(protocol)?;
    let (client, account) = (session.client()?, session.account()?);
    let call = registerStudyCall {
        usdmHash: spelled.hash,
        endpoints: spelled.endpoints,
        profile: about.profile(),
        board: about.board,
    };
    let StudyRegistered { number, .. } = client.send_for_event(&account, ADDRESS, &call)?;
    session.say(&format!(
        "{} is study {number}, with {} endpoints",
        spelled.protocol.name,
        spelled.protocol.endpoints.len()
    ));
    let data = serde_json::json!({ "study": number, "protocol": spelled.hash });
    Answer::of(&data, number.to_string())
}

/// A study as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    study: u64,
    investigator: alloy_primitives::Address,
    board: u64,
    versions: u64,
    /// SHA-256 of the protocol in force.
    protocol: B256,
    endpoints: usize,
    registered_at: u64,
    first_enrolled: Option<u64>,
    locked: Option<u64>,
    unblinded: Option<u64>,
    /// The version that the board approved, and until when.
    approved_version: Option<u64>,
    approved_until: Option<u64>,
    suspended_at: Option<u64>,
    reports: u64,
}

/// A study and its latest version.
fn latest(session: &dyn Session, number: u64) -> eyre::Result<(IHealth::Study, IHealth::Version)> {
    let client = session.client()?;
    let study = client.call(ADDRESS, &studyCall { number })?;
    let version = studyVersionCall {
        number,
        version: study.versions,
    };
    let version = client.call(ADDRESS, &version)?;
    Ok((study, version))
}

/// A study as FHIR.
fn resource(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let (study, version) = latest(session, number)?;
    let resource = out::study::study(&study, &version);
    Answer::of(&resource, serde_json::to_string_pretty(&resource)?)
}

fn show(session: &dyn Session, number: u64) -> eyre::Result<Answer> {
    let (study, version) = latest(session, number)?;
    let some = |time: u64| (time != 0).then_some(time);
    let shown = Shown {
        study: number,
        investigator: study.investigator,
        board: study.board,
        versions: study.versions,
        protocol: version.usdmHash,
        endpoints: version.endpoints.len(),
        registered_at: study.registeredAt,
        first_enrolled: some(study.firstEnrolled),
        locked: some(study.locked),
        unblinded: some(study.unblinded),
        approved_version: some(study.approvedVersion),
        approved_until: some(study.approvedUntil),
        suspended_at: some(study.suspendedAt),
        reports: study.reports,
    };
    Answer::of(&shown, shown.text())
}

impl Shown {
    fn text(&self) -> String {
        let mut text = format!(
            "study {}: version {} of its protocol, {} endpoints",
            self.study, self.versions, self.endpoints
        );
        let mut tell = |what: &str, holds: bool| {
            if holds {
                text.push_str(&format!("\n  {what}"));
            }
        };
        let approved = self.approved_version == Some(self.versions);
        tell("this version is approved", approved);
        tell("this version is not approved", !approved);
        tell("suspended", self.suspended_at.is_some());
        tell("people are enrolled", self.first_enrolled.is_some());
        tell("the database is locked", self.locked.is_some());
        tell("unblinded", self.unblinded.is_some());
        tell("results are reported", self.reports > 0);
        text
    }
}

fn results(
    session: &dyn Session,
    number: u64,
    report: &Path,
    protocol: Option<&Path>,
) -> eyre::Result<Answer> {
    let source = Source::File(report.to_owned());
    let refused = |refusal| Refused::file(report, &refusal);
    let text = source
        .coat()
        .and_then(|coat| source.document_bytes(coat))
        .map_err(refused)?;
    let outcomes = study::reported(&source).map_err(refused)?;
    let endpoints = match protocol {
        Some(path) => Spelled::read(path)?.protocol.endpoints,
        None => Vec::new(),
    };
    let (client, account) = (session.client()?, session.account()?);
    let call = reportResultsCall {
        number,
        reportHash: sha256(&canonical(&text).map_err(refused)?),
        outcomes,
    };
    let reported: ResultsReported = client.send_for_event(&account, ADDRESS, &call)?;
    let found = found(&client, number, reported.report)?;
    let checked = Checked::of(found.verdict, &found.findings, |finding: &Finding| {
        let mut known = endpoints.iter();
        let known = known.find(|endpoint| keccak256(&endpoint.id) == finding.endpoint);
        match known {
            Some(endpoint) => Some(endpoint.id.clone()),
            None if finding.endpoint.is_zero() => None,
            None => Some(finding.endpoint.to_string()),
        }
    });
    Answer::of(&checked, checked.text())
}

fn found(client: &Client, number: u64, index: u64) -> eyre::Result<IHealth::Report> {
    Ok(client.call(ADDRESS, &reportCall { number, index })?)
}
