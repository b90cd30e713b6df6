//! A network of the measured binary, one process per member.

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use alloy_primitives::B256;
use commonhold_sdk::Account;
use eyre::{bail, eyre};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::process;

/// A running network. It stops when this is dropped.
pub(crate) struct Network {
    child: Child,
    pub(crate) dir: PathBuf,
    pub(crate) urls: Vec<String>,
}

/// A port from which on ports are likely to be free.
pub(crate) fn free_port() -> eyre::Result<u16> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    Ok(port.min(60_000))
}

impl Network {
    /// Starts the network in `dir`, a new one of `members` where there is none, and waits until every
    /// member is healthy.
    pub(crate) fn up(bin: &Path, dir: &Path, members: u32) -> eyre::Result<Self> {
        let mut child = Command::new(bin)
            .args(["up", "--json", "--members", &members.to_string(), "--dir"])
            .arg(dir)
            .args(["--port-base", &free_port()?.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(dir.with_extension("log"))?)
            .spawn()?;
        let mut output = child.stdout.take().ok_or_else(|| eyre!("no output"))?;
        let mut network = Self {
            child,
            dir: dir.to_owned(),
            urls: Vec::new(),
        };
        // One JSON document, printed once every member is healthy.
        let mut text = Vec::new();
        let mut buffer = [0; 4096];
        let description: Value = loop {
            let read = output.read(&mut buffer)?;
            if read == 0 {
                let log = fs::read_to_string(dir.with_extension("log")).unwrap_or_default();
                bail!("{} up ended: {}", bin.display(), log.trim());
            }
            text.extend_from_slice(buffer.get(..read).unwrap_or_default());
            if let Ok(description) = serde_json::from_slice(&text) {
                break description;
            }
        };
        let members = description.get("members").and_then(Value::as_array);
        for member in members.into_iter().flatten() {
            let url = member.get("url").and_then(Value::as_str);
            network.urls.extend(url.map(str::to_owned));
        }
        Ok(network)
    }

    /// The account that acts for a member.
    pub(crate) fn account(&self, member: u32) -> eyre::Result<Account> {
        let path = self.dir.join(format!("member-{member}/account.key"));
        let key: B256 = fs::read_to_string(path)?.trim().parse()?;
        Ok(Account::from_secret(key.as_slice())?)
    }

    /// The members' processes.
    pub(crate) fn pids(&self) -> Vec<u32> {
        process::children(self.child.id())
    }

    /// Stops the network and waits for its end.
    pub(crate) fn stop(mut self) -> eyre::Result<()> {
        self.interrupt();
        let status = self.child.wait()?;
        eyre::ensure!(status.success(), "the network ended with {status}");
        Ok(())
    }

    fn interrupt(&self) {
        // Where it has ended already there is nothing to interrupt.
        kill_process(Pid::from_child(&self.child), Signal::INT).ok();
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.interrupt();
            self.child.wait().ok();
        }
    }
}
