//! What a node knows of a block once it is final: the stream that the index and the RPC live on.

use std::sync::Arc;

use alloy_primitives::Address;

use crate::{Block, Receipt, StateKey, StateValue};

/// Entries of the state as a block found them, sorted by key: enough to execute the block again.
pub type Witness = Vec<(StateKey, Option<StateValue>)>;

/// A final block and what its execution gave on this node.
#[derive(Clone, Debug)]
pub struct Finalised {
    /// The block.
    pub block: Block,
    /// Who sent each transaction, in the block's order.
    pub senders: Vec<Address>,
    /// What each transaction did, in the block's order.
    pub receipts: Arc<Vec<Receipt>>,
    /// The state that the block read, as it was before it.
    pub witness: Arc<Witness>,
}
