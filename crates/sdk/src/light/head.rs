//! Final blocks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alloy_eips::BlockNumberOrTag;
use alloy_primitives::{B256, Bytes};
use commonhold_primitives::consensus::NetworkKey;
use commonware_codec::Encode as _;
use serde::{Deserialize, Serialize};

use super::{LightClient, Told, fault::Lie, fault::Question};
use crate::{
    error::SdkError,
    stamp::{BlockFinding, FinalBlock},
};

/// What a node answers for a final block.
#[derive(Deserialize)]
pub(super) struct FinalAnswer {
    pub(super) header: Bytes,
    pub(super) descendants: Vec<Bytes>,
    pub(super) certificate: Bytes,
}

/// A final block, checked: its header and that it is final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Which it is.
    #[serde(flatten)]
    pub block: BlockFinding,
    /// Hash of the block before it.
    pub parent_hash: B256,
    /// Root of the state after it.
    pub state_root: B256,
    /// Root of the trie of its transactions.
    pub transactions_root: B256,
    /// Root of the trie of their receipts.
    pub receipts_root: B256,
}

impl Head {
    pub(super) fn new(block: &FinalBlock, key: &NetworkKey) -> Self {
        Self {
            block: block.finding(key),
            parent_hash: block.header.parent_hash,
            state_root: block.header.state_root,
            transactions_root: block.header.transactions_root,
            receipts_root: block.header.receipts_root,
        }
    }

    /// How old it is by the caller's clock; nothing where that is behind the block's time. A network that is idle
    /// makes a block at every heartbeat: a head that is older means that the network stands still, or that who
    /// shows it withholds what came after.
    pub fn age(&self, now: SystemTime) -> Duration {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        now.saturating_sub(Duration::from_millis(self.block.timestamp_ms))
    }
}

/// A key as it is written.
pub(super) fn bytes(key: &NetworkKey) -> Bytes {
    Bytes::copy_from_slice(&key.encode())
}

impl LightClient {
    /// The newest final block: no older than what was seen, but perhaps the same.
    ///
    /// # Errors
    /// [`SdkError::Light`] where no node shows one.
    pub fn head(&mut self) -> Result<Told<Head>, SdkError> {
        let told = self.ask(Question::Head, |light, node| {
            let head = light.newest(node)?;
            light.is_new(&head.block)?;
            Ok(head)
        })?;
        self.raise(&told.answer.block);
        Ok(told)
    }

    /// What a node shows as the newest final block, checked, but for its age.
    pub(super) fn newest(&self, node: &crate::client::Client) -> Result<Head, super::Fault> {
        let asked = (BlockNumberOrTag::Latest,);
        self.checked(&node.request("commonhold_getCertificate", asked)?)
    }

    /// The final block of a number.
    ///
    /// # Errors
    /// [`SdkError::Light`] where no node shows it.
    pub fn header(&mut self, number: u64) -> Result<Told<Head>, SdkError> {
        let told = self.ask(Question::Header(number), |light, node| {
            let asked = (BlockNumberOrTag::Number(number),);
            let head = light.checked(&node.request("commonhold_getCertificate", asked)?)?;
            if head.block.number != number {
                return Err(Lie::Other(format!("block {}", head.block.number)).into());
            }
            Ok(head)
        })?;
        self.raise(&told.answer.block);
        Ok(told)
    }
}
