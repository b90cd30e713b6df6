//! What can go wrong with the index.

use std::path::PathBuf;

/// Why the index could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file is damaged or is not an index.
    #[error(
        "the index {path} is damaged ({why}); delete the file: it will be rebuilt from the chain"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file belongs to another network.
    #[error(
        "the index {path} belongs to another network; delete the file: it will be rebuilt from the chain"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the file.
    #[error("the index {path} is in use by another process")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged where it was read.
    #[error("the index is damaged; delete the file: it will be rebuilt from the chain")]
    Unreadable,
    /// The file system refused.
    #[error("the index cannot be read or written: {0}")]
    Storage(String),
    /// A block was added out of order.
    #[error("block {got} was added to the index where {want} comes next")]
    Gap {
        /// The number that comes next.
        want: u64,
        /// The number that was added.
        got: u64,
    },
    /// A finalised block whose parts do not belong together.
    #[error(
        "block {number} has {transactions} transactions, {senders} senders and {receipts} receipts"
    )]
    Mismatch {
        /// The block.
        number: u64,
        /// Its transactions.
        transactions: usize,
        /// Its senders.
        senders: usize,
        /// Its receipts.
        receipts: usize,
    },
    /// A query goes over a named limit.
    #[error("the query exceeds {limit} ({max}): {advice}")]
    Limit {
        /// The limit's name.
        limit: &'static str,
        /// Its value.
        max: u64,
        /// What to do instead.
        advice: &'static str,
    },
    /// Blocks that this node never had.
    #[error("blocks before {floor} are not kept here: this node joined the network later")]
    BelowFloor {
        /// The first block from which on none is left out.
        floor: u64,
    },
    /// A range that ends before it begins.
    #[error("invalid block range: {from} is after {to}")]
    Range {
        /// First block asked for.
        from: u64,
        /// Last block asked for.
        to: u64,
    },
}

macro_rules! storage {
    ($($error:ty),*) => { $(impl From<$error> for IndexError {
        fn from(error: $error) -> Self {
            Self::Storage(error.to_string())
        }
    })* };
}
storage!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::SetDurabilityError,
    std::io::Error
);

/// Runs `work` on the file. The database panics on some damaged pages; that too is an error here.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    ran.unwrap_or_else(|_| Err(IndexError::Unreadable))
}
