//! Lookups over final blocks: blocks, transactions, receipts, logs, what an address did.
//!
//! Outside consensus, and rebuildable: everything here is derived from the stream of
//! [`Finalised`](commonhold_primitives::Finalised) blocks that the node feeds in, in order. A block
//! can be read as soon as [`Index::apply`] returns. It is written to the file a moment later, many
//! blocks in one transaction together with their height: after a crash the file is consistent at
//! some earlier height, and the node feeds the blocks after [`Index::height`] again.
//!
//! What the file holds (keys and values of `redb` tables, numbers little-endian as `redb` orders
//! them):
//!
//! ```text
//! meta       "genesis" -> hash, "height", "floor" and "version" -> u64
//! blocks     number -> zstd(RLP [header, transactions, senders, receipts])
//! hashes     (first 8 bytes of the block hash, number)
//! positions  (first 8 bytes of the transaction hash, position)
//! sent       (first 8 bytes of the address, nonce) -> position
//! touched    (first 8 bytes of the address, position): received, or created by
//! logs       (8 bytes of keccak-256(kind ‖ address or topic), number)
//! witnesses  number -> zstd(RLP): a bounded number of the newest
//! ```
//!
//! A position is `number × 16384 + index in the block`. Eight bytes of a hash keep an entry small;
//! two values that share them are told apart by looking at the block itself.

mod codec;
mod entry;
mod error;
mod history;
pub mod limits;
mod logs;
mod open;
mod read;
mod recent;
mod tables;
mod write;

pub use entry::Entry;
pub use error::IndexError;
pub use history::Page;
pub use logs::{FoundLog, LogQuery};
pub use tables::Position;
pub use write::Index;
