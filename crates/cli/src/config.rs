//! `commonhold config`.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Subcommand;
use commonhold_node::config::{Loaded, load};
use serde::Serialize;

use crate::{node::Overrides, output::Output};

/// Look at a node's configuration.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Print every setting as a node would use it. The output is a configuration file.
    Show {
        /// The configuration file; without it, defaults and environment alone.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Say where each value came from.
        #[arg(long)]
        origin: bool,
        #[command(flatten)]
        overrides: Overrides,
    },
}

#[derive(Serialize)]
struct Setting {
    value: toml::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> eyre::Result<()> {
    let Verb::Show {
        config,
        origin,
        overrides,
    } = &args.verb;
    let loaded = load(config.as_deref(), std::env::vars(), &overrides.pairs())?;
    let show = |loaded: &Loaded| -> BTreeMap<String, Setting> {
        let setting = |(value, from): &(toml::Value, _)| Setting {
            value: value.clone(),
            origin: origin.then(|| format!("{from}")),
        };
        loaded
            .settings
            .iter()
            .map(|(name, entry)| (name.clone(), setting(entry)))
            .collect()
    };
    out.result(&show(&loaded), |settings| {
        let mut text = String::new();
        for (name, Setting { value, origin }) in settings {
            let origin = origin
                .as_ref()
                .map(|o| format!("  # {o}"))
                .unwrap_or_default();
            text.push_str(&format!("{name} = {}{origin}\n", inline(value)));
        }
        text
    })
}

/// A value on one line, as TOML writes it.
fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let entries: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("\"{key}\" = {}", inline(value)))
                .collect();
            if entries.is_empty() {
                "{}".into()
            } else {
                format!("{{ {} }}", entries.join(", "))
            }
        }
        value => value.to_string(),
    }
}
