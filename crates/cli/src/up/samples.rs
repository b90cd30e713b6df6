//! The samples that `up --samples` puts into a network: a record of the first of the well-known accounts, a
//! health system ([`health`]), a street that trades power ([`energy`]) and a network being built ([`works`]).
//! What is in already is not put in again.

mod energy;
mod health;
mod people;
mod town;
mod trace;
mod works;

use std::{io::Write as _, path::Path, thread};

use alloy_primitives::{B256, U256};
use commonhold_node::{
    devnet::{self, Devnet, DevnetMember, accounts::WELL_KNOWN},
    keys,
};
use commonhold_sdk::{
    Client, Keystore, Records, amount,
    records::PutOptions,
    roles::{Claim, role},
    token::IssueState,
};
use eyre::bail;
use serde::Serialize;

use people::EVERYBODY;
pub(super) use people::{PASSPHRASE, Person};
use town::{Town, account_of, joined};

/// A sample record: its file, what it is, and the file's content.
const RECORDS: &[(&str, &str, &[u8])] = &[(
    "health/visit.json",
    "application/fhir+json",
    include_bytes!("../../../../samples/health/visit.json"),
)];

/// What the sample owner is called on the ledger.
const OWNER: &str = "Sample clinic";

/// The name by which the first member acts.
const MEMBER: &str = "member-1";

/// The name by which the member at `at` acts.
fn name_of(at: usize) -> String {
    format!("member-{}", at.saturating_add(1))
}

/// Who gets money from the members, in whole units.
const MONEY: [(&str, u64); 2] = [(energy::MANAGER, 2_000), ("nordnet", 20_000)];

/// What was put in.
#[derive(Default)]
pub(super) struct Samples {
    pub(super) records: Vec<Sample>,
    pub(super) people: Vec<Person>,
}

/// A record that was put in.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sample {
    pub(super) file: &'static str,
    pub(super) record: String,
    pub(super) owner: String,
}

/// Puts the samples in by way of `member` of the network `net` in `dir`.
pub(super) fn put(dir: &Path, net: &Devnet, member: &DevnetMember) -> eyre::Result<Samples> {
    let url = member.url();
    let records = put_records(&url)?;
    let place = tempfile::tempdir()?;
    let keystore = Keystore::open(&devnet::samples(dir))?;
    let mut people = people::recovery_files(&keystore)?;
    let mut town = Town::new(&url, place.path(), &devnet::samples(dir))?;
    for (at, member) in net.members.iter().enumerate() {
        let secret = keys::read_secret(&member.dir.join("account.key"))?;
        town.welcome(&name_of(at), account_of(secret.as_slice())?);
    }
    for somebody in EVERYBODY {
        town.welcome(somebody.key, people::account(somebody.key)?);
    }
    energy::welcome(&mut town)?;
    people.extend(energy::people(&keystore, town.account(energy::MANAGER)?)?);
    if !is_filled(&town)? {
        fill(&town, net)?;
    }
    Ok(Samples { records, people })
}

/// Whether an earlier run came to its end. One that did not is not gone on with.
fn is_filled(town: &Town<'_>) -> eyre::Result<bool> {
    match (health::is_filled(town)?, works::is_filled(town)?) {
        ((_, true), (_, true)) => Ok(true),
        ((false, false), (false, false)) => Ok(false),
        _ => bail!("an earlier start was cut off in the middle; --fresh begins anew"),
    }
}

/// What members do comes first; then all that the others do, side by side.
fn fill(town: &Town<'_>, net: &Devnet) -> eyre::Result<()> {
    they_come(town)?;
    let board = health::board(town, MEMBER)?;
    works::admit(town, MEMBER)?;
    money(town, net)?;
    thread::scope(|scope| {
        let health = scope.spawn(|| health::Health::new(town, board)?.fill());
        let energy = scope.spawn(|| energy::fill(town));
        let works = scope.spawn(|| works::fill(town));
        [health, energy, works].into_iter().try_for_each(joined)
    })
}

/// Everybody registers, and a member attests who is what.
fn they_come(town: &Town<'_>) -> eyre::Result<()> {
    thread::scope(|scope| {
        let coming: Vec<_> = EVERYBODY
            .iter()
            .map(|somebody| {
                scope.spawn(|| {
                    let account = town.account(somebody.key)?;
                    town.client()?.ensure_registered(account, somebody.name)?;
                    Ok::<_, eyre::Report>(())
                })
            })
            .collect();
        coming.into_iter().try_for_each(joined)
    })?;
    let (member, client) = (town.account(MEMBER)?, town.client()?);
    let number = client.member_of(member.address())?.number;
    for somebody in EVERYBODY {
        let Some(name) = somebody.role else { continue };
        let claim = (town.account(somebody.key)?.address(), role(name)?);
        client.attest_role(member, number, claim, Claim::default())?;
    }
    Ok(())
}

/// The members issue what the street and the operator pay with.
fn money(town: &Town<'_>, net: &Devnet) -> eyre::Result<()> {
    let client = town.client()?;
    for (who, whole) in MONEY {
        let to = town.account(who)?.address();
        let value = amount::one_token().saturating_mul(U256::from(whole));
        let mut said = client.propose_issue(town.account(MEMBER)?, to, value, "samples")?;
        for at in 1..net.members.len() {
            if said.state == IssueState::Issued {
                break;
            }
            said = client.approve_issue(town.account(&name_of(at))?, said.number)?;
        }
    }
    Ok(())
}

fn put_records(url: &str) -> eyre::Result<Vec<Sample>> {
    let Some(known) = WELL_KNOWN.first() else {
        return Ok(Vec::new());
    };
    let secret: B256 = known.private_key.parse()?;
    let account = account_of(secret.as_slice())?;
    let client = Client::new(url)?;
    let records = Records::new(&client, &account);
    let present = records.mine(0)?.items;
    let sample = |file, record: String| Sample {
        file,
        record,
        owner: known.address.to_string(),
    };
    if !present.is_empty() {
        let files = RECORDS.iter().map(|(file, _, _)| *file);
        return Ok(files
            .zip(present)
            .map(|(file, id)| sample(file, id.to_string()))
            .collect());
    }
    client.ensure_registered(&account, OWNER)?;
    let mut samples = Vec::new();
    for (file, kind, content) in RECORDS {
        let mut aside = tempfile::NamedTempFile::new()?;
        aside.write_all(content)?;
        let options = PutOptions {
            kind: (*kind).to_owned(),
            ..Default::default()
        };
        let put = records.put(aside.path(), &options, &())?;
        samples.push(sample(*file, put.id.to_string()));
    }
    Ok(samples)
}
