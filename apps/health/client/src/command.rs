//! The verb `commonhold health`, for the binary to hang in.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use crate::{
    Options, Source,
    inspect::{Report, inspect, together},
    limits::FILES_MAX,
};

/// Health records, genomes, trial data and wearables: what they hold, and how they are shared.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Say what files are, what they hold and how they would be sliced, or where and why they are refused.
    Inspect(Inspect),
}

#[derive(clap::Args)]
struct Inspect {
    /// The files: FHIR R4, VCF, BCF, SAM, BAM, CRAM, FASTQ, Dataset-JSON, Define-XML, USDM, Open mHealth,
    /// Apple Health, Fitbit, Withings.
    #[arg(required = true, num_args = 1..=FILES_MAX)]
    files: Vec<PathBuf>,
    /// Bundles are increments: what they refer to may have been imported before.
    #[arg(long)]
    partial: bool,
}

/// What a command answers.
pub struct Answer {
    reports: Vec<Report>,
    /// What several files of one export make together.
    together: Option<Report>,
}

/// Runs the command.
pub fn run(args: &Args) -> Answer {
    let Verb::Inspect(args) = &args.verb;
    let options = Options {
        partial: args.partial,
    };
    let sources: Vec<Source> = args.files.iter().cloned().map(Source::File).collect();
    let named = args.files.iter().map(|path| path.display().to_string());
    let look = |(file, source): (String, &Source)| inspect(file, source, options);
    let reports: Vec<Report> = named.zip(&sources).map(look).collect();
    let together = together(&sources, &reports);
    Answer { reports, together }
}

impl Answer {
    /// For people.
    pub fn text(&self) -> String {
        let texts: Vec<String> = self.all().map(Report::text).collect();
        texts.join("\n")
    }

    fn all(&self) -> impl Iterator<Item = &Report> {
        self.reports.iter().chain(&self.together)
    }

    /// Why the command ends as refused.
    pub fn refused(&self) -> Option<String> {
        let refused = self.all().filter(|report| report.is_refused()).count();
        match (refused, self.reports.len()) {
            (0, _) => None,
            (1, 1) => Some("the file is refused".into()),
            (n, all) => Some(format!("of {all} files {n} are refused")),
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Files<'a> {
            files: &'a [Report],
            #[serde(skip_serializing_if = "Option::is_none")]
            together: Option<&'a Report>,
        }
        Files {
            files: &self.reports,
            together: self.together.as_ref(),
        }
        .serialize(serializer)
    }
}
