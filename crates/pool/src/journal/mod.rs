//! A file of what this node has acknowledged to clients and what is not final yet, so that it survives
//! the node's own end.
//!
//! # Format
//! A partition of blobs, named by a number (u64 big-endian) that grows. Each holds records, in the
//! order in which their transactions were taken:
//!
//! ```text
//! length  u32 big-endian, 1..=TRANSACTION_BYTES_MAX
//! body    the EIP-2718 transaction
//! ```
//!
//! A record proves itself by its signature. A record that is cut off ends its blob; one that recovers
//! no sender is passed over.
//!
//! # Promise
//! What [`Pool::saved`](crate::Pool::saved) has returned for is on the disk: it survives the end of the
//! process and of the machine. A blob is removed when all its transactions are final or gone; where a
//! few remain they are carried over into the newest blob first. At a start, everything is admitted
//! again like a client's transaction, so what became final meanwhile is refused by its nonce.
//!
//! # Cost
//! Every write is synced, and a sync costs a disk one or two milliseconds and each core a fraction of
//! one. So one write takes all that has been taken since the last one, and under load the next write
//! waits until more share it ([`JOURNAL_PACE_MS`](crate::limits::JOURNAL_PACE_MS)): at most a hundred
//! syncs a second and member, forty where they are full. Gossip and blocks do not wait for the
//! journal; only the answer to the client does.
//!
//! # A disk that refuses
//! While the journal cannot be written (no room, an input or output error) the node promises clients
//! nothing: who waits for [`Pool::saved`](crate::Pool::saved) is told so, and so is whoever comes with
//! a new transaction ([`NotKept`](crate::NotKept)). Gossip and consensus go on. The same write is tried
//! again in a new blob, first soon, then every few seconds; once it succeeds clients are welcome. A
//! blob that a write failed on is never written to again: what was synced to it before stands, and
//! what may stand after that is cut off or proves itself.

mod replay;
mod segment;
mod writer;

use std::collections::VecDeque;

use commonware_parallel::Strategy;
use commonware_runtime::{Clock, Error, Handle, Spawner, Storage};

use crate::{Pool, gossip::AccountReader};
use segment::Segment;
use writer::Writer;

/// Opens the journal in `partition`, admits what it holds, and writes to it from then on.
///
/// # Errors
/// Where the storage cannot be read or written at the start.
pub async fn start<E, A, S>(
    context: E,
    pool: Pool,
    accounts: A,
    strategy: S,
    partition: String,
) -> Result<Handle<()>, Error>
where
    E: Spawner + Clock + Storage,
    A: AccountReader,
    S: Strategy,
{
    let (old, raws) = segment::read_all(&context, &partition).await?;
    let next = old.last().copied().map_or(0, |last| last.saturating_add(1));
    let newest = Segment::create(&context, &partition, next).await?;
    pool.attach_journal();
    Ok(context.spawn(move |context| async move {
        replay::replay(&context, &pool, raws, accounts, strategy).await;
        let writer = Writer {
            free_at: context.current(),
            context,
            partition,
            pool,
            newest,
            full: VecDeque::new(),
            obsolete: old,
        };
        writer.run().await;
    }))
}
