//! Which community, which household, which time.

use std::{collections::BTreeMap, fs, path::PathBuf};

use alloy_primitives::{Address, U256};
use commonhold_sdk::Client;
use commonhold_session::{Refused, Session};

use crate::{ledger, moments};

/// Which community.
#[derive(clap::Args, Clone, Copy)]
pub(crate) struct CommunityArg {
    /// The community's number; not needed where there is one only.
    #[arg(long, value_name = "N")]
    community: Option<u64>,
}

impl CommunityArg {
    pub(crate) fn meant(self, client: &Client) -> eyre::Result<u64> {
        ledger::meant(client, self.community)
    }

    pub(crate) const fn named(self) -> Option<u64> {
        self.community
    }
}

/// Which time.
#[derive(clap::Args, Clone)]
pub(crate) struct TimeArgs {
    /// A month.
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["from", "to"])]
    month: Option<String>,
    /// By which offset from UTC the month begins and ends.
    #[arg(long, value_name = "OFFSET", default_value = "+00:00", value_parser = moments::offset)]
    #[arg(allow_hyphen_values = true)]
    offset: i32,
    /// From when: 2026-06-01, 2026-06-01T12:00+02:00.
    #[arg(long, value_name = "TIME", requires = "to", value_parser = moments::parse)]
    from: Option<u64>,
    /// Until just before when.
    #[arg(long, value_name = "TIME", requires = "from", value_parser = moments::parse)]
    to: Option<u64>,
}

impl TimeArgs {
    /// From when to when, and in words.
    pub(crate) fn meant(&self) -> eyre::Result<((u64, u64), String)> {
        if let Some(month) = &self.month {
            let window = moments::month(month, self.offset).map_err(Refused)?;
            return Ok((window, month.clone()));
        }
        let Some((from, to)) = self.from.zip(self.to) else {
            let why = "say which time: --month 2026-06, or --from and --to";
            return Err(Refused(why.to_owned()).into());
        };
        if from >= to {
            return Err(Refused("--from is before --to".to_owned()).into());
        }
        let words = format!("{} to {}", moments::show(from), moments::show(to));
        Ok(((from, to), words))
    }
}

/// What households are called at this keystore, by address.
pub(crate) type Names = BTreeMap<Address, String>;

fn file(session: &dyn Session, number: u64) -> eyre::Result<Option<PathBuf>> {
    let place = session.place()?;
    Ok(place.map(|place| place.join(format!("community-{number}.json"))))
}

/// What a community's households are called at this keystore.
pub(crate) fn names(session: &dyn Session, number: u64) -> eyre::Result<Names> {
    let Some(path) = file(session, number)? else {
        return Ok(Names::new());
    };
    match fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)
            .map_err(|_| Refused(format!("{}: is no list of names", path.display())))?),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Names::new()),
        Err(e) => Err(e.into()),
    }
}

/// Remembers what a community's households are called.
pub(crate) fn remember(session: &dyn Session, number: u64, names: &Names) -> eyre::Result<()> {
    if let Some(path) = file(session, number)? {
        fs::write(path, serde_json::to_vec_pretty(names)?)?;
    }
    Ok(())
}

/// Whom a text means in a community: a name that is remembered of it, or whomever it means elsewhere.
pub(crate) fn household(
    session: &dyn Session,
    number: u64,
    text: Option<&str>,
) -> eyre::Result<(Address, String)> {
    let names = names(session, number)?;
    let Some(text) = text else {
        let address = session.address()?;
        let name = names.get(&address).cloned();
        return Ok((address, name.unwrap_or_else(|| address.to_string())));
    };
    if let Some((address, name)) = names.iter().find(|(_, name)| *name == text) {
        return Ok((*address, name.clone()));
    }
    Ok((session.who(text)?, text.to_owned()))
}

/// Reads an amount of money: up to nine decimal places.
pub(crate) fn money(text: &str) -> Result<U256, String> {
    let units = commonhold_sdk::amount::parse(text).map_err(|e| e.to_string())?;
    if units.is_zero() {
        return Err("an amount of nothing".to_owned());
    }
    Ok(units)
}
