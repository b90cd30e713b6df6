//! What every method works on.

use std::sync::Arc;

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;
use commonhold_index::{Entry, Index};
use commonhold_seal::Group;
use tokio::sync::{Semaphore, broadcast};

use crate::{
    backend::{Backend, Head},
    error::{Fault, Outcome},
    filters::Filters,
    finalities::Finalities,
    limits::CALLS_AT_ONCE_MAX,
    metrics::Metrics,
    revert::Reasons,
};

/// The node and what the RPC keeps beside it.
pub(crate) struct Context<B> {
    pub(crate) node: B,
    pub(crate) reasons: Arc<Reasons>,
    pub(crate) filters: Filters,
    pub(crate) finalities: Finalities,
    pub(crate) metrics: Arc<Metrics>,
    /// Read-only executions running at a time.
    pub(crate) calls: Semaphore,
    /// Hashes of transactions as the pool takes them.
    pub(crate) pending: broadcast::Sender<B256>,
}

impl<B: Backend> Context<B> {
    pub(crate) fn new(node: B, metrics: Arc<Metrics>, pending: broadcast::Sender<B256>) -> Self {
        let calls = Semaphore::new(CALLS_AT_ONCE_MAX);
        Self {
            reasons: Arc::new(Reasons::of(node.machine())),
            node,
            filters: Filters::default(),
            finalities: Finalities::default(),
            metrics,
            calls,
            pending,
        }
    }
    pub(crate) fn head(&self) -> Arc<Head> {
        self.node.head().borrow().clone()
    }
    pub(crate) fn index(&self) -> &Index {
        self.node.index()
    }

    /// The public side of the network's seal key.
    pub(crate) fn seal_group(&self) -> Outcome<Group> {
        let none = || Fault::NotFound("this network has no seal key".to_owned());
        let sealing = self.node.genesis().sealing.as_ref().ok_or_else(none)?;
        Group::from_bytes(sealing).map_err(|e| Fault::Internal(e.to_string()))
    }

    /// The number a block tag stands for. Final, safe, latest and pending are one and the same here.
    pub(crate) fn number(&self, tag: BlockNumberOrTag) -> u64 {
        match tag {
            BlockNumberOrTag::Number(number) => number,
            BlockNumberOrTag::Earliest => 0,
            _ => self.head().number,
        }
    }

    /// The block that `id` names, `None` where it is not known.
    pub(crate) fn find_block(&self, id: BlockId) -> Outcome<Option<Arc<Entry>>> {
        match id {
            BlockId::Hash(hash) => Ok(self.index().block_by_hash(&hash.block_hash)?),
            BlockId::Number(tag) => {
                let number = self.number(tag);
                if number > self.head().number {
                    return Ok(None);
                }
                Ok(self.index().block(number)?)
            }
        }
    }

    /// The block that `id` names.
    pub(crate) fn block(&self, id: BlockId) -> Outcome<Arc<Entry>> {
        self.find_block(id)?.ok_or_else(|| unknown_block(id))
    }
}

pub(crate) fn unknown_block(id: BlockId) -> Fault {
    match id {
        BlockId::Hash(hash) => Fault::refused(format!("header not found: {}", hash.block_hash)),
        BlockId::Number(tag) => Fault::refused(format!("header not found: block {tag}")),
    }
}
