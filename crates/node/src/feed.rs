//! From the engine to clients: final blocks go to the index, and then the head moves.

use std::sync::Arc;

use commonhold_chain::{Observer, engine::Ledger};
use commonhold_index::{Index, IndexError};
use commonhold_primitives::{Block, Finalised};
use commonhold_rpc::Head;
use commonware_runtime::Clock;
use tokio::sync::{mpsc, watch};
use tracing::{error, info};

use crate::{limits::FEED_BLOCKS_MAX, presence::Presence};

/// The engine's end of the feed.
#[derive(Clone)]
pub struct Feed(mpsc::Sender<Finalised>);

impl Observer for Feed {
    async fn finalised(&mut self, finalised: Finalised) {
        // The receiver goes only when the node stops.
        let _ = self.0.send(finalised).await;
    }
}

/// A feed and its other end.
pub fn channel() -> (Feed, mpsc::Receiver<Finalised>) {
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
/// Where the index cannot be written.
pub async fn prepare(
    index: &Index,
    ledger: &Ledger,
    genesis: &Block,
) -> Result<Arc<Head>, IndexError> {
    let processed = ledger.processed().await.unwrap_or_default();
    catch_up(index, ledger, processed).await?;
    let newest = match processed {
        0 => None,
        number => ledger.block(number).await,
    };
    let newest = newest.unwrap_or_else(|| genesis.clone());
    Ok(head(&newest, newest.timestamp_ms()))
}

/// Indexes what comes until the engine ends, and moves the head.
///
/// # Errors
/// Where the index cannot be written.
pub async fn run(
    clock: impl Clock,
    index: Index,
    ledger: Ledger,
    mut blocks: mpsc::Receiver<Finalised>,
    heads: watch::Sender<Arc<Head>>,
    presence: Presence,
) -> Result<(), IndexError> {
    let now = || commonhold_chain::rules::millis(clock.current());
    while let Some(finalised) = blocks.recv().await {
        let number = finalised.block.number();
        if number > index.height().saturating_add(1) {
            catch_up(&index, &ledger, number.saturating_sub(1)).await?;
        }
        if let Err(e) = index.apply(&finalised) {
            error!(number, error = %e, "cannot index a block");
            return Err(e);
        }
        presence.saw(&finalised.block);
        if number > heads.borrow().number {
            heads.send_replace(head(&finalised.block, now()));
        }
    }
    Ok(())
}

async fn catch_up(index: &Index, ledger: &Ledger, to: u64) -> Result<(), IndexError> {
    let from = index.height().saturating_add(1);
    if from <= to {
        info!(from, to, "indexing blocks");
    }
    for number in from..=to {
        match ledger.finalised(number).await {
            Some(finalised) => index.apply(&finalised)?,
            None => index.skip_to(number)?,
        }
    }
    Ok(())
}
