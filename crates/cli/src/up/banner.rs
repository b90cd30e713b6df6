//! What `up` shows once its members are healthy.

use commonhold_node::devnet::{Devnet, HTTP_PORT, accounts};
use serde::Serialize;

use super::{
    Args,
    samples::{PASSPHRASE, Person, Sample, Samples},
};
use crate::output::{Output, columns};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Network {
    name: String,
    chain_id: u64,
    network_key: String,
    page: String,
    members: Vec<Member>,
    mnemonic: &'static str,
    accounts: Vec<Account>,
    samples: Vec<Sample>,
    people: Vec<Person>,
    #[serde(skip_serializing_if = "Option::is_none")]
    people_passphrase: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    name: String,
    url: String,
    ws: String,
    public_key: String,
    account: String,
    directory: String,
    /// Whether it could be started.
    running: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    address: String,
    private_key: &'static str,
}

pub(super) fn show(
    args: &Args,
    net: &Devnet,
    running: &[bool],
    samples: Samples,
    out: &mut Output,
) -> eyre::Result<()> {
    let members = net
        .members
        .iter()
        .zip(&net.genesis.members)
        .zip(running)
        .map(|((member, founder), running)| Member {
            name: member.name.clone(),
            url: member.url(),
            ws: member.url().replacen("http", "ws", 1),
            public_key: founder.public_key.to_string(),
            account: founder.account.to_string(),
            directory: member.dir.display().to_string(),
            running: *running,
        });
    let known = accounts::WELL_KNOWN.iter().map(|account| Account {
        address: account.address.to_string(),
        private_key: account.private_key,
    });
    let mut members_running = net.members.iter().zip(running);
    let port = members_running
        .find(|(_, running)| **running)
        .map(|(member, _)| member)
        .map_or(HTTP_PORT, |m| m.config.http.listen.port());
    let network = Network {
        name: net.genesis.name.clone(),
        chain_id: net.genesis.chain_id,
        network_key: net.genesis.network_key.to_string(),
        page: format!("http://localhost:{port}/"),
        members: members.collect(),
        mnemonic: accounts::MNEMONIC,
        accounts: known.collect(),
        samples: samples.records,
        people_passphrase: (!samples.people.is_empty()).then_some(PASSPHRASE),
        people: samples.people,
    };
    let dir = args.dir.display().to_string();
    out.result(&network, |network| text(network, &dir))
}

fn text(network: &Network, dir: &str) -> String {
    let member = |m: &Member| {
        let place = if m.running {
            m.url.as_str()
        } else {
            "not running"
        };
        vec![
            format!("  {}", m.name),
            place.to_owned(),
            m.directory.clone(),
        ]
    };
    let address = |(i, a): (usize, &Account)| format!("  ({i}) {}\n", a.address);
    let key = |(i, a): (usize, &Account)| format!("  ({i}) {}\n", a.private_key);
    let sample = |s: &Sample| format!("Sample         {} is record {}\n", s.file, s.record);
    let person = |p: &Person| {
        vec![
            format!("  {}", p.name),
            p.is.to_owned(),
            p.file.display().to_string(),
        ]
    };
    let people = match network.people_passphrase {
        None => String::new(),
        Some(passphrase) => format!(
            "
People in the samples. Sign in as one of them on the page, under Your account, From a recovery
file, with the passphrase: {passphrase}
{}",
            columns(&network.people.iter().map(person).collect::<Vec<_>>())
        ),
    };
    format!(
        "
{name}

Members
{members}
Accounts (10000 ether each; their keys are public, use them for development only)
{accounts}
Private keys
{keys}
Mnemonic       {mnemonic}
Chain id       {chain_id}
Network key    {network_key}
JSON-RPC       {page} (HTTP and WebSocket, every member alike)
Page           {page}
{samples}{people}
Ctrl-C stops the network; `commonhold up --dir {dir}` resumes it.
",
        name = network.name,
        members = columns(&network.members.iter().map(member).collect::<Vec<_>>()),
        accounts = network
            .accounts
            .iter()
            .enumerate()
            .map(address)
            .collect::<String>(),
        keys = network
            .accounts
            .iter()
            .enumerate()
            .map(key)
            .collect::<String>(),
        mnemonic = network.mnemonic,
        chain_id = network.chain_id,
        network_key = network.network_key,
        page = network.page,
        samples = network.samples.iter().map(sample).collect::<String>(),
    )
}
