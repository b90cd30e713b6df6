//! `commonhold works audit` and `works register`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use commonhold_sdk::{
    Client, DEVICES,
    bundle::{Entry, INDEX, pretty, write},
    stamp::BlockFinding,
};
use commonhold_session::{Answer, Refused, Session};
use commonhold_works_contract::ADDRESS;
use serde_json::json;

use super::{
    again::{Again, again},
    exchange::{issues, programme},
    files::files as made_files,
    gather::{Gathered, gather, standing},
    index::{files, read},
    online::Online,
    proof::{ABOUT, About, DIRECTORY, Views},
    registers::{NAMES, Register, registers},
};
use crate::{
    bcf,
    limits::AUDIT_ROUNDS_MAX,
    refusal::Refusal,
    schedule::mspdi,
    sheet::{write_csv, write_workbook},
};

#[derive(clap::Args)]
pub(crate) struct AuditArgs {
    /// The project's number.
    project: u64,
    /// The directory; what an earlier run that was ended has left in it is used.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct RegisterArgs {
    /// The project's number.
    project: u64,
    /// Which register; without it all, each a sheet.
    #[arg(value_parser = NAMES)]
    register: Option<String>,
    /// The file: .csv of one, .xlsx of one or all, .bcf of defects, .xml (Microsoft Project) of milestones.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
}

/// Writes all of a project, with its proof.
pub(crate) fn audit(session: &dyn Session, args: &AuditArgs) -> eyre::Result<Answer> {
    let (client, out) = (session.client()?, &args.out);
    let proof = out.join(DIRECTORY);
    let foreign = out.exists() && !proof.is_dir() && fs::read_dir(out)?.next().is_some();
    if foreign {
        let what = format!(
            "{} holds something else: take another directory",
            out.display()
        );
        return Err(Refused(what).into());
    }
    fs::create_dir_all(&proof)?;
    // Until all is there it is nothing that can be checked.
    for name in [proof.join(ABOUT), out.join(INDEX)] {
        if name.exists() {
            fs::remove_file(name)?;
        }
    }
    let about = About {
        version: 1,
        chain: client.chain_id()?,
        project: args.project,
    };
    let (gathered, again, as_of) = whole(session, &client, &proof, args.project)?;
    let made = made_files(&gathered, &again)?;
    for (path, content) in &made {
        write(&out.join(path), content)?;
    }
    let mut others = files(out)?.into_iter();
    let other = others.find(|path| !path.starts_with("proof/") && !made.contains_key(path));
    if let Some(path) = other {
        let what = format!("{path} in {} is no part of it: move it away", out.display());
        return Err(Refused(what).into());
    }
    write(&proof.join(ABOUT), &pretty(&about)?)?;
    let mut entries = Vec::new();
    for path in files(out)? {
        entries.push(Entry::of(&path, &read(&out.join(&path))?));
    }
    write(&out.join(INDEX), &pretty(&entries)?)?;
    let block = as_of.map(|block| block.number);
    let data = json!({
        "project": args.project,
        "asOfBlock": block,
        "contracts": gathered.contracts.len(),
        "transactions": gathered.acts.len(),
        "traces": again.read,
        "verdicts": again.judged,
        "hidden": again.hidden,
        "files": entries.len().saturating_add(1),
    });
    let text = format!(
        "{}: {} contracts, {} acts, {} raw files, {} verdicts computed again.\nThat is all up to block {} at \
         least. Anybody checks it: commonhold verify {}",
        out.display(),
        gathered.contracts.len(),
        gathered.acts.len(),
        again.read,
        again.judged,
        block.unwrap_or_default(),
        out.display(),
    );
    Answer::of(&data, text)
}

/// Gathers until all that was gathered fits together: who works meanwhile makes some of it newer than the rest.
fn whole(
    session: &dyn Session,
    client: &Client,
    proof: &Path,
    project: u64,
) -> eyre::Result<(Gathered, Again, Option<BlockFinding>)> {
    let mut rounds = 1..AUDIT_ROUNDS_MAX;
    loop {
        let mut online = Online::new(session, client, proof)?;
        let gathered = gather(&mut online, project)?;
        match again(&gathered) {
            Ok(again) => return Ok((gathered, again, online.finish()?)),
            Err(e) if rounds.next().is_none() => return Err(e.into()),
            Err(e) => session.say(&format!(
                "Read once more, as somebody may have worked on: {e}"
            )),
        }
    }
}

/// A node that is believed.
struct Believed<'a>(&'a Client);

impl Believed<'_> {
    fn ask<C: SolCall>(&self, to: Address, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        let mut answers = Vec::new();
        for call in calls {
            answers.push(self.0.call(to, call)?);
        }
        Ok(answers)
    }
}

impl Views for Believed<'_> {
    fn works<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        self.ask(ADDRESS, calls)
    }

    fn devices<C: SolCall>(&mut self, calls: &[C]) -> eyre::Result<Vec<C::Return>> {
        self.ask(DEVICES, calls)
    }
}

/// Writes a project's registers in the form that the file's name asks for.
pub(crate) fn register(session: &dyn Session, args: &RegisterArgs) -> eyre::Result<Answer> {
    let client = session.client()?;
    let gathered = standing(&mut Believed(&client), args.project)?;
    let mut all = registers(&gathered);
    if let Some(name) = &args.register {
        all.retain(|register| register.name == name);
    }
    let written = form(&gathered, &all, &args.out).map_err(|refusal| refusal.of(&args.out))?;
    fs::write(&args.out, &written).map_err(|e| Refused(format!("{}: {e}", args.out.display())))?;
    let rows = all
        .iter()
        .map(|register| register.rows.len().saturating_sub(1));
    let rows: usize = rows.sum();
    let names: Vec<&str> = all.iter().map(|register| register.name).collect();
    let data = json!({ "registers": names, "rows": rows, "size": written.len() });
    Answer::of(&data, format!("{}: {rows} rows", args.out.display()))
}

fn form(gathered: &Gathered, all: &[Register], out: &Path) -> Result<Vec<u8>, Refusal> {
    let ending = out.extension().unwrap_or_default().to_ascii_lowercase();
    match (ending.to_str().unwrap_or_default(), all) {
        ("csv", [one]) => write_csv(&one.rows),
        ("xlsx", all) => {
            let sheets: Vec<_> = all.iter().map(|one| (one.name, one.rows.as_slice())).collect();
            write_workbook(&sheets)
        }
        ("bcf" | "bcfzip", [one]) if one.name == "defects" => bcf::write(&issues(gathered)),
        ("xml", [one]) if one.name == "milestones" => {
            Ok(mspdi::write(&programme(gathered)))
        }
        _ => Err(Refusal::Unknown(
            "is no form of these registers: .xlsx of any, .csv of one, .bcf of defects, .xml of milestones"
                .to_owned(),
        )),
    }
}
