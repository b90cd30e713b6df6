//! Members that a test starts and stops one by one.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
};

use alloy_primitives::{Address, B256, U256};
use commonhold_node::devnet::{self, Devnet, DevnetMember, accounts::WELL_KNOWN};
use commonhold_sdk::{Account, Client, SdkError, transaction::Draft};
use rustix::process::{Signal, kill_process};

use crate::{commonhold, pid};

/// A transaction and the block that a client was told it is final in.
pub(crate) type Told = (B256, B256);

/// Creates a network of four with ports from `port` on.
pub(crate) fn network(dir: &Path, port: u16) -> Devnet {
    let options = devnet::Options {
        http_port: port,
        p2p_port: port + 100,
        heartbeat_ms: 200,
        ..Default::default()
    };
    devnet::create(&dir.join("data"), &options).unwrap()
}

/// The command that runs a member.
pub(crate) fn command(dir: &Path, member: &DevnetMember) -> Command {
    let mut node = commonhold(dir);
    node.arg("node").arg("--config").arg(&member.config_file);
    node
}

/// Starts what runs a member, with its log at the end of the member's.
pub(crate) fn spawn(command: &mut Command, member: &DevnetMember) -> Child {
    let log = File::options()
        .append(true)
        .create(true)
        .open(member.log_file())
        .unwrap();
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

pub(crate) fn start(dir: &Path, member: &DevnetMember) -> Child {
    spawn(&mut command(dir, member), member)
}

/// Creates a network of four, starts its members, and waits until each answers.
pub(crate) fn running(dir: &Path, port: u16) -> (Devnet, Vec<Child>) {
    let network = network(dir, port);
    let start = |member| start(dir, member);
    let mut running: Vec<Child> = network.members.iter().map(start).collect();
    for (node, member) in running.iter_mut().zip(&network.members) {
        wait_for_answer(node, member).unwrap();
    }
    (network, running)
}

/// Stops a member as its operator does.
pub(crate) fn stop(node: &mut Child) {
    kill_process(pid(node.id()), Signal::TERM).unwrap();
    let ended = node.wait().unwrap();
    assert!(ended.success(), "{ended}");
}

pub(crate) fn wait_until(mut met: impl FnMut() -> bool) {
    while !met() {
        thread::yield_now();
    }
}

/// Whether a member answers; how its process ended where it does not run any more.
pub(crate) fn wait_for_answer(node: &mut Child, member: &DevnetMember) -> Result<(), ExitStatus> {
    let client = Client::new(&member.url()).unwrap();
    loop {
        if let Some(ended) = node.try_wait().unwrap() {
            return Err(ended);
        }
        if client.block_number().is_ok() {
            return Ok(());
        }
        thread::yield_now();
    }
}

/// The account of a well-known key, which every development network funds.
pub(crate) fn account(number: usize) -> Account {
    let secret: B256 = WELL_KNOWN[number].private_key.parse().unwrap();
    Account::from_secret(secret.as_slice()).unwrap()
}

/// Sends a transfer, and gives what the client was told.
pub(crate) fn transfer(client: &Client, account: &Account) -> Result<Told, SdkError> {
    let draft = Draft::transfer(Address::repeat_byte(0xee), U256::from(1));
    let receipt = client.send(account, draft)?;
    Ok((receipt.transaction_hash, receipt.block_hash.unwrap()))
}

/// Waits until a member has every receipt, each in the block that was told.
pub(crate) fn wait_for_receipts(member: &DevnetMember, told: &[Told]) {
    let client = Client::new(&member.url()).unwrap();
    for (hash, block) in told {
        wait_until(|| client.receipt(*hash).is_ok());
        let receipt = client.receipt(*hash).unwrap();
        assert_eq!(receipt.block_hash, Some(*block), "{} {hash}", member.name);
    }
}

/// Copies a directory with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    // A member refuses what is open to others.
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
