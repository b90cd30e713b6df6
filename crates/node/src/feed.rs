//! From the engine to clients: final blocks go to the index and to what is kept in memory, and then the
//! head moves.

use std::sync::Arc;

use commonhold_chain::{
    Observer,
    archive::Unreadable,
    engine::Ledger,
    own::{Own, Unknown},
};
use commonhold_index::{Index, IndexError};
use commonhold_primitives::{Block, Finalised, finalised::Writes};
use commonhold_rpc::Head;
use commonware_runtime::Clock;
use tokio::sync::{mpsc, watch};
use tracing::{error, info};

use crate::{hot::Hot, limits::FEED_BLOCKS_MAX, presence::Presence};

/// A final block and what it wrote.
pub type News = (Finalised, Arc<Writes>);

/// The engine's end of the feed.
#[derive(Clone)]
pub struct Feed(mpsc::Sender<News>);

impl Observer for Feed {
    async fn finalised(&mut self, finalised: Finalised, writes: Arc<Writes>) {
        // The receiver goes only when the node stops.
        let _ = self.0.send((finalised, writes)).await;
    }
}

/// Why blocks do not reach the index.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// What the index is rebuilt from.
    #[error(transparent)]
    Outcome(#[from] Unreadable),
    /// This member has made a block that its store knows nothing of.
    #[error(transparent)]
    Stale(#[from] Unknown),
}

/// A feed and its other end.
pub fn channel() -> (Feed, mpsc::Receiver<News>) {
    let (sender, receiver) = mpsc::channel(FEED_BLOCKS_MAX);
    (Feed(sender), receiver)
}

/// The head that a block makes, known to be final at `now_ms`.
pub fn head(block: &Block, now_ms: u64) -> Arc<Head> {
    Arc::new(Head {
        number: block.number(),
        hash: block.hash(),
        header: block.header().clone(),
        timestamp_ms: block.timestamp_ms(),
        finality_ms: now_ms.saturating_sub(block.timestamp_ms()),
    })
}

/// Brings the index up to the last block that the engine handed out before this start, and gives the
/// head to begin with. Blocks that this node never executed (it joined later) are passed over.
///
/// # Errors
/// Where the index cannot be written, or what it is rebuilt from cannot be read.
pub async fn prepare(
    index: &Index,
    ledger: &Ledger,
    genesis: &Block,
) -> Result<Arc<Head>, FeedError> {
    let processed = ledger.processed().await.unwrap_or_default();
    catch_up(index, ledger, processed).await?;
    let newest = match processed {
        0 => None,
        number => ledger.block(number).await,
    };
    let newest = newest.unwrap_or_else(|| genesis.clone());
    Ok(head(&newest, newest.timestamp_ms()))
}

/// Who follows final blocks.
pub struct Followers {
    /// The head, for clients.
    pub heads: watch::Sender<Arc<Head>>,
    /// What is kept in memory.
    pub hot: Hot,
    /// Who takes turns.
    pub presence: Presence,
    /// Which blocks are this member's own.
    pub own: Own,
}

/// Indexes what comes until the engine ends, and moves the head.
///
/// # Errors
/// As [`prepare`].
pub async fn run(
    clock: impl Clock,
    index: Index,
    ledger: Ledger,
    mut blocks: mpsc::Receiver<News>,
    followers: Followers,
) -> Result<(), FeedError> {
    let Followers {
        heads,
        hot,
        presence,
        own,
    } = followers;
    let now = || commonhold_chain::rules::millis(clock.current());
    while let Some((finalised, writes)) = blocks.recv().await {
        let number = finalised.block.number();
        own.check(&finalised.block)?;
        if number > index.height().saturating_add(1) {
            catch_up(&index, &ledger, number.saturating_sub(1)).await?;
        }
        if let Err(e) = index.apply(&finalised) {
            error!(number, error = %e, "cannot index a block");
            return Err(e.into());
        }
        presence.saw(&finalised.block);
        if number > heads.borrow().number {
            // The state is there before the head that it belongs to is shown.
            hot.advance(number, finalised.block.header().state_root, &writes);
            heads.send_replace(head(&finalised.block, now()));
        }
    }
    Ok(())
}

async fn catch_up(index: &Index, ledger: &Ledger, to: u64) -> Result<(), FeedError> {
    let from = index.height().saturating_add(1);
    if from <= to {
        info!(from, to, "indexing blocks");
    }
    for number in from..=to {
        match ledger.finalised(number).await? {
            Some(finalised) => index.apply(&finalised)?,
            None => index.skip_to(number)?,
        }
    }
    Ok(())
}
