//! The energy part of the samples: a street of five homes, two days of it, and a vote that waits.
//!
//! ```text
//! whoever runs the street ── replay: homes move in ── two days of signed readings, cleared, settled, certified
//! a home proposes other rules ── the others have a vote to cast
//! ```
//! The time played is past, as in every rehearsal: the day before yesterday, and yesterday until three.

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
        "sunny/lena.csv",
        include_bytes!("../../../../../samples/energy/sunny/lena.csv"),
    ),
    (
        "sunny/mira.csv",
        include_bytes!("../../../../../samples/energy/sunny/mira.csv"),
    ),
    (
        "sunny/tom.csv",
        include_bytes!("../../../../../samples/energy/sunny/tom.csv"),
    ),
    (
        "sunny/iris.csv",
        include_bytes!("../../../../../samples/energy/sunny/iris.csv"),
    ),
    (
        "sunny/omar.csv",
        include_bytes!("../../../../../samples/energy/sunny/omar.csv"),
    ),
];

/// Who runs the street; its homes' keys follow from this one's.
pub(super) const MANAGER: &str = "grid";

/// Who would have other rules.
const PROPOSER: &str = "tom";

/// The community: on a network of its own it is the first.
const COMMUNITY: u64 = 1;

/// The homes, as the folder names them, and what people call them.
const HOMES: &[Cast] = &[
    Cast::new("lena", "Lena Vogt", "a home with solar power", None),
    Cast::new("mira", "Mira Novak", "a home with solar power", None),
    Cast::new("tom", "Tom Berger", "a home without a roof", None),
    Cast::new("iris", "Iris Lang", "a home without a roof", None),
    Cast::new("omar", "Omar Haddad", "a home without a roof", None),
];

const DAY: u64 = 86_400;

/// The homes move in with everybody else.
pub(super) fn welcome(town: &mut Town<'_>) -> eyre::Result<()> {
    let manager = town.account(MANAGER)?.clone();
    for home in HOMES {
        town.welcome(home.key, account(&manager, home)?);
    }
    Ok(())
}

fn account(manager: &Account, home: &Cast) -> eyre::Result<Account> {
    Ok(home_account(manager, COMMUNITY, home.key)?)
}

/// The recovery files of the homes.
pub(super) fn people(keystore: &Keystore, manager: &Account) -> eyre::Result<Vec<Person>> {
    let one = |home: &Cast| person(keystore, home.key, home, &account(manager, home)?);
    HOMES.iter().map(one).collect()
}

/// Says all of it. What is there already is not said again; the last to be done is that everybody has a name.
pub(super) fn fill(town: &Town<'_>) -> eyre::Result<()> {
    let client = town.client()?;
    let last = HOMES.last().ok_or_eyre("the street has no homes")?;
    if client.is_registered(town.account(last.key)?.address())? {
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
    town.say(PROPOSER, &format!("{propose} {community}"))?;
    for home in HOMES {
        client.ensure_registered(town.account(home.key)?, home.name)?;
    }
    Ok(())
}
