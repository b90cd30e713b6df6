//! The energy part of the samples: a street of five homes, two days of it, and a vote that waits.
//!
//! ```text
//! whoever runs the street ── replay: homes move in ── two days of signed readings, cleared, settled, certified
//! a home proposes other rules ── the others have a vote to cast
//! ```
//! The time played is past, as in every rehearsal: yesterday and the day before.

use commonhold_energy_client::home_account;
use commonhold_sdk::{Account, Keystore};
use eyre::OptionExt as _;

use super::{
    people::{Cast, Person, person},
    town::{Town, number},
};

/// Files of `samples/energy/sunny`.
const FILES: &[(&str, &[u8])] = &[
    (
        "sunny/community.json",
        include_bytes!("../../../../../samples/energy/sunny/community.json"),
    ),
    (
        "sunny/tariffs.json",
        include_bytes!("../../../../../samples/energy/sunny/tariffs.json"),
    ),
    (
        "sunny/anna.csv",
        include_bytes!("../../../../../samples/energy/sunny/anna.csv"),
    ),
    (
        "sunny/bert.csv",
        include_bytes!("../../../../../samples/energy/sunny/bert.csv"),
    ),
    (
        "sunny/carl.csv",
        include_bytes!("../../../../../samples/energy/sunny/carl.csv"),
    ),
    (
        "sunny/dora.csv",
        include_bytes!("../../../../../samples/energy/sunny/dora.csv"),
    ),
    (
        "sunny/emre.csv",
        include_bytes!("../../../../../samples/energy/sunny/emre.csv"),
    ),
];

/// Who runs the street; its homes' keys follow from this one's.
pub(super) const MANAGER: &str = "sunny";

/// The community: on a network of its own it is the first.
const COMMUNITY: u64 = 1;

/// The homes, as the folder names them, and what people call them.
const HOMES: &[Cast] = &[
    Cast::new("anna", "Home of Anna", "a home with solar power", None),
    Cast::new("bert", "Home of Bert", "a home with solar power", None),
    Cast::new("carl", "Home of Carl", "a home with solar power", None),
    Cast::new("dora", "Home of Dora", "a home without solar power", None),
    Cast::new("emre", "Home of Emre", "a home without solar power", None),
];

const DAY: u64 = 86_400;

/// The key of a home in the town, beside those of the other applications.
fn key(home: &Cast) -> String {
    format!("home-{}", home.key)
}

/// The homes move in with everybody else.
pub(super) fn welcome(town: &mut Town<'_>) -> eyre::Result<()> {
    let manager = town.account(MANAGER)?.clone();
    for home in HOMES {
        town.welcome(&key(home), account(&manager, home)?);
    }
    Ok(())
}

fn account(manager: &Account, home: &Cast) -> eyre::Result<Account> {
    Ok(home_account(manager, COMMUNITY, home.key)?)
}

/// The recovery files of the homes.
pub(super) fn people(keystore: &Keystore, manager: &Account) -> eyre::Result<Vec<Person>> {
    let one = |home: &Cast| person(keystore, &key(home), home, &account(manager, home)?);
    HOMES.iter().map(one).collect()
}

/// Says all of it. What is there already is not said again; the last to be done is that everybody has a name.
pub(super) fn fill(town: &Town<'_>) -> eyre::Result<()> {
    let client = town.client()?;
    let last = HOMES.last().ok_or_eyre("the street has no homes")?;
    if client.is_registered(town.account(&key(last))?.address())? {
        return Ok(());
    }
    for (name, content) in FILES {
        town.lay(name, content)?;
    }
    let folder = town.file("sunny")?;
    let today = client.block_time()?.div_euclid(DAY);
    let start = today.saturating_sub(2).saturating_mul(DAY).to_string();
    let replay = ["energy", "replay", &folder, "--start", &start];
    let community = number(&town.says(MANAGER, &replay)?, "community")?;
    let propose = "energy community propose --mode dynamic --local-price 120000 --community";
    town.say(&key(last), &format!("{propose} {community}"))?;
    for home in HOMES {
        client.ensure_registered(town.account(&key(home))?, home.name)?;
    }
    Ok(())
}
