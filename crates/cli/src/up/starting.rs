//! Waiting for the members of a network that is starting.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use alloy_primitives::B256;
use commonhold_node::{
    devnet::{Devnet, DevnetMember},
    keys,
};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    exit::Failure,
    http::{Asker, Health},
    limits::START_MAX_S,
    output::Output,
};

/// How often members that are starting are asked whether they are healthy.
const HEALTH_INTERVAL: Duration = Duration::from_millis(100);

fn key(member: &DevnetMember) -> Option<B256> {
    let identity = keys::read_identity(&member.config.identity).ok()?;
    Some(keys::public(&identity))
}

/// Waits for every member to be healthy and in step with the others, showing how many are.
pub(super) struct Starting {
    asker: Arc<Asker>,
    urls: Vec<String>,
    /// Each member's identity key, where it can be read.
    keys: Vec<Option<B256>>,
    /// The last final block of each member that is healthy.
    blocks: Vec<Option<u64>>,
    /// The highest of them when the last member became healthy: all are to reach it.
    target: Option<u64>,
    /// Members that are not waited for any more.
    left_out: BTreeSet<usize>,
    progress: indicatif::ProgressBar,
}

impl Starting {
    pub(super) fn new(net: &Devnet, out: &Output) -> Self {
        let urls: Vec<String> = net.members.iter().map(DevnetMember::url).collect();
        Self {
            asker: Arc::new(Asker::new(Duration::from_secs(2))),
            keys: net.members.iter().map(key).collect(),
            blocks: vec![None; urls.len()],
            target: None,
            left_out: BTreeSet::new(),
            progress: out.progress(urls.len() as u64, "Starting members"),
            urls,
        }
    }

    /// Asks once, after a pause; whether all are up.
    pub(super) async fn next(&mut self) -> bool {
        sleep(HEALTH_INTERVAL).await;
        let (asker, urls) = (self.asker.clone(), self.urls.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let block = |url: &String| {
                let health = asker.health(url).ok().filter(Health::is_good)?;
                health.block
            };
            urls.iter().map(block).collect::<Vec<_>>()
        });
        if let Ok(blocks) = asked.await {
            self.blocks = blocks;
        }
        let answers = || {
            self.awaited()
                .map(|i| self.blocks.get(i).copied().flatten())
        };
        if self.target.is_none() && answers().all(|block| block.is_some()) {
            self.target = answers().flatten().max();
        }
        let up = self.awaited().filter(|i| self.is_up(*i)).count();
        self.progress.set_position(up as u64);
        self.target.is_some() && up == self.awaited().count()
    }

    /// Members that are behind because they are members no more: their nodes stand where their last epoch
    /// ended. Whoever is furthest ahead is asked.
    pub(super) async fn gone(&self) -> Vec<usize> {
        let block = |i: usize| self.blocks.get(i).copied().flatten();
        let furthest = (0..self.urls.len()).max_by_key(|i| block(*i));
        let newest = furthest.and_then(block);
        let behind: Vec<usize> = self.awaited().filter(|i| block(*i) < newest).collect();
        let Some(url) = furthest.and_then(|i| self.urls.get(i)) else {
            return Vec::new();
        };
        if behind.is_empty() {
            return Vec::new();
        }
        let (asker, url) = (self.asker.clone(), format!("{url}/api/members"));
        let asked = tokio::task::spawn_blocking(move || asker.get(&url)).await;
        let Ok(Ok(Value::Array(members))) = asked else {
            return Vec::new();
        };
        let key = |member: &Value| member.get("publicKey")?.as_str()?.parse::<B256>().ok();
        let members: Vec<B256> = members.iter().filter_map(key).collect();
        let is_gone = |i: &usize| {
            let own = self.keys.get(*i).copied().flatten();
            own.is_some_and(|own| !members.contains(&own))
        };
        behind.into_iter().filter(is_gone).collect()
    }

    /// A member that cannot run is not waited for.
    pub(super) fn leave_out(&mut self, member: usize) {
        self.left_out.insert(member);
        self.progress.set_length(self.awaited().count() as u64);
    }

    /// For each member whether it was not left out.
    pub(super) fn running(&self) -> Vec<bool> {
        let all = 0..self.urls.len();
        all.map(|i| !self.left_out.contains(&i)).collect()
    }

    fn awaited(&self) -> impl Iterator<Item = usize> {
        (0..self.urls.len()).filter(|i| !self.left_out.contains(i))
    }

    fn is_up(&self, member: usize) -> bool {
        let block = self.blocks.get(member).copied().flatten();
        block.is_some_and(|block| block >= self.target.unwrap_or_default())
    }

    /// Says who is late, and where to look for the reason.
    pub(super) fn late(&self, net: &Devnet) -> Failure {
        let members = || {
            self.awaited()
                .filter(|i| !self.is_up(*i))
                .filter_map(|i| net.members.get(i))
        };
        let names: Vec<&str> = members().map(|m| m.name.as_str()).collect();
        let log = members()
            .next()
            .map(DevnetMember::log_file)
            .unwrap_or_default();
        let names = names.join(", ");
        Failure::Unavailable(format!(
            "not healthy after {START_MAX_S} s: {names}; see {}",
            log.display()
        ))
    }

    pub(super) fn finish(&self) {
        self.progress.finish_and_clear();
    }
}
