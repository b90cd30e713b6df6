//! `commonhold works party`, `project` and `package`.

use alloy_primitives::keccak256;
use clap::Subcommand;
use commonhold_sdk::page::every;
use commonhold_session::{Answer, Session};
use commonhold_works_contract::{
    ADDRESS,
    interface::IWorks::{
        Kind, PackageAdded, PartyEnrolled, ProjectOpened, addPackageCall, enrolPartyCall,
        numbersByCall, numbersOfCall, openProjectCall, packageCall, partyCall, projectCall,
    },
};
use serde_json::json;

use super::{act, ask, hashed, made};
use crate::table::table;

#[derive(Subcommand)]
pub(crate) enum PartyVerb {
    /// Admit a party, or change its standing, as a member of the consortium.
    Enrol {
        /// Whom.
        who: String,
        /// Its beneficial owner, by any name that stays the same: its hash goes to the ledger.
        #[arg(long, value_name = "NAME")]
        group: String,
        /// For how many days its credentials hold.
        #[arg(long, value_name = "N", default_value_t = 365)]
        days: u64,
        /// Its credentials: their hash goes to the ledger.
        #[arg(long, value_name = "TEXT")]
        credentials: Option<String>,
    },
    /// Tell how a party stands.
    Show {
        /// Who [default: who acts].
        who: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum ProjectVerb {
    /// Open a project of yours.
    Open {
        /// What it is called.
        title: String,
    },
    /// Tell what a project has.
    Show {
        /// Its number.
        project: u64,
    },
    /// Tell which projects somebody opened.
    List {
        /// Who [default: who acts].
        who: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum PackageVerb {
    /// Add a package to your project.
    Add {
        /// The project's number.
        project: u64,
        /// What it is called.
        title: String,
    },
    /// Tell what a package has.
    Show {
        /// Its number.
        package: u64,
    },
}

pub(crate) fn party(session: &dyn Session, verb: &PartyVerb) -> eyre::Result<Answer> {
    match verb {
        PartyVerb::Enrol {
            who,
            group,
            days,
            credentials,
        } => {
            let now = session.client()?.block_time()?;
            let call = enrolPartyCall {
                account: session.who(who)?,
                group: keccak256(group),
                credentials: hashed(credentials.as_deref()),
                until: now.saturating_add(days.saturating_mul(86_400)),
            };
            let told: PartyEnrolled = act(session, &call)?;
            let data = json!({ "party": told.account, "group": told.group, "until": told.until });
            Answer::of(&data, format!("{} until {}", told.account, told.until))
        }
        PartyVerb::Show { who } => {
            let account = session.whose(who.as_deref())?;
            let found = ask(session, &partyCall { account })?;
            let data = json!({
                "party": account,
                "group": found.group,
                "until": found.until,
                "enrolledAt": found.enrolledAt,
                "member": found.member,
            });
            Answer::of(
                &data,
                format!("{account}, group {}, until {}", found.group, found.until),
            )
        }
    }
}

pub(crate) fn project(session: &dyn Session, verb: &ProjectVerb) -> eyre::Result<Answer> {
    match verb {
        ProjectVerb::Open { title } => {
            let title = title.clone();
            let told: ProjectOpened = act(session, &openProjectCall { title })?;
            made("project", told.number)
        }
        ProjectVerb::Show { project } => {
            let found = ask(session, &projectCall { number: *project })?;
            let packages = numbers(session, Kind::Package, *project)?;
            let documents = numbers(session, Kind::Document, *project)?;
            let data = json!({
                "project": project,
                "owner": found.owner,
                "openedAt": found.openedAt,
                "title": found.title,
                "packages": packages,
                "documents": documents,
            });
            let text = format!(
                "project {project}, {}: {} packages, {} documents",
                found.title,
                packages.len(),
                documents.len(),
            );
            Answer::of(&data, text)
        }
        ProjectVerb::List { who } => {
            let who = session.whose(who.as_deref())?;
            let client = session.client()?;
            let numbers = every(|from, max| {
                let what = Kind::Project;
                let call = numbersByCall {
                    what,
                    who,
                    from,
                    max,
                };
                let told = client.call(ADDRESS, &call)?;
                Ok((told.page, told.total))
            })?;
            let (mut rows, mut all) = (Vec::new(), Vec::new());
            for number in numbers {
                let found = ask(session, &projectCall { number })?;
                rows.push(vec![number.to_string(), found.title.clone()]);
                all.push(json!({ "project": number, "title": found.title }));
            }
            Answer::of(&all, table(&[">project", "title"], &rows))
        }
    }
}

pub(crate) fn package(session: &dyn Session, verb: &PackageVerb) -> eyre::Result<Answer> {
    match verb {
        PackageVerb::Add { project, title } => {
            let call = addPackageCall {
                project: *project,
                title: title.clone(),
            };
            let told: PackageAdded = act(session, &call)?;
            made("package", told.number)
        }
        PackageVerb::Show { package } => {
            let found = ask(session, &packageCall { number: *package })?;
            let data = json!({
                "package": package,
                "project": found.project,
                "title": found.title,
                "tender": found.tender,
                "contract": found.contract_,
            });
            let text = format!(
                "package {package}, {}, of project {}",
                found.title, found.project
            );
            Answer::of(&data, text)
        }
    }
}

/// Numbers of what belongs to something.
pub(super) fn numbers(session: &dyn Session, what: Kind, item: u64) -> eyre::Result<Vec<u64>> {
    let client = session.client()?;
    Ok(every(|from, max| {
        let call = numbersOfCall {
            what,
            item,
            from,
            max,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok((told.page, told.total))
    })?)
}
