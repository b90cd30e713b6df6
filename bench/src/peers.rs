//! Foreign programs: the node to compare with, and the load tool.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use eyre::ensure;
use serde_json::{Value, json};

use crate::{network::free_port, rpc::Rpc};

/// A running anvil. It ends when this is dropped.
pub(crate) struct Anvil {
    child: Child,
    pub(crate) url: String,
}

impl Anvil {
    /// Starts it with blocks of one second: with a block per transaction it collapses under load.
    pub(crate) fn start(program: &Path) -> eyre::Result<Self> {
        let port = free_port()?;
        let child = Command::new(program)
            .args(["--silent", "--block-time", "1", "--gas-limit", "300000000"])
            .args(["--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut anvil = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        let rpc = Rpc::new(&anvil.url);
        while rpc.call("eth_chainId", json!([])).is_err() {
            ensure!(anvil.child.try_wait()?.is_none(), "anvil ended");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(anvil)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs `peerload` against all members; what it measured.
pub(crate) fn peerload(
    program: &Path,
    urls: &[String],
    pids: &[u32],
    count: usize,
) -> eyre::Result<Value> {
    let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
    let output = Command::new(program)
        .args(["--rpc", &urls.join(","), "--pid", &pids.join(",")])
        .args([
            "--count",
            &count.to_string(),
            "--senders",
            "200",
            "--conns",
            "4",
        ])
        .args(["--max-fee", "100000000000", "--name", "commonhold"])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let result = serde_json::from_slice(&output.stdout);
    ensure!(result.is_ok(), "peerload said: {}", text.trim());
    Ok(result?)
}
