//! Outcomes of final blocks, kept for as long as the blocks themselves.
//!
//! State moves on, so what a block did can be computed only once. It is durable before the block is
//! acknowledged to the engine; the index is rebuilt from here. One actor owns the archive.

use std::num::NonZeroUsize;

use bytes::Bytes;
use commonhold_primitives::BlockHash;
use commonware_codec::RangeCfg;
use commonware_runtime::{Handle, Spawner, buffer::paged::CacheRef};
use commonware_storage::{
    Context,
    archive::{Archive as _, Identifier, prunable},
    translator::EightCap,
};
use commonware_utils::{
    NZU64, NZUsize,
    channel::{mpsc, oneshot},
};
use tracing::error;

use crate::limits::MAILBOX_MESSAGES_MAX;

/// Bytes of one outcome: receipts with logs are bounded by the block's gas, the witness by what its
/// transactions can read with it.
const OUTCOME_BYTES_MAX: usize = 1 << 30;
const IO: NonZeroUsize = NZUsize!(1 << 16);

enum Message {
    Put {
        number: u64,
        hash: BlockHash,
        outcome: Bytes,
        stored: oneshot::Sender<()>,
    },
    Get {
        number: u64,
        found: oneshot::Sender<Option<Bytes>>,
    },
}

/// Talks to the actor. Cheap to clone.
#[derive(Clone)]
pub struct Archive(mpsc::Sender<Message>);

impl Archive {
    /// Stores an outcome and waits until it is durable. Storing a height again changes nothing.
    /// `false`: the storage failed, and the node must stop.
    pub async fn put(&self, number: u64, hash: BlockHash, outcome: Bytes) -> bool {
        let (stored, done) = oneshot::channel();
        let sent = self
            .0
            .send(Message::Put {
                number,
                hash,
                outcome,
                stored,
            })
            .await;
        sent.is_ok() && done.await.is_ok()
    }
    /// The outcome at a height, where this node has it.
    pub async fn get(&self, number: u64) -> Option<Bytes> {
        let (found, answer) = oneshot::channel();
        self.0.send(Message::Get { number, found }).await.ok()?;
        answer.await.ok().flatten()
    }
}

/// Opens the archive and starts its actor.
///
/// # Errors
/// Where the storage cannot be opened.
pub async fn start<E: Context + Spawner>(
    context: E,
    prefix: &str,
    page_cache: CacheRef,
) -> Result<(Archive, Handle<()>), commonware_storage::archive::Error> {
    let config = prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{prefix}-outcomes-metadata"),
        key_partition: format!("{prefix}-outcomes-key"),
        key_page_cache: page_cache,
        value_partition: format!("{prefix}-outcomes-value"),
        compression: Some(1),
        codec_config: RangeCfg::from(..=OUTCOME_BYTES_MAX),
        items_per_section: NZU64!(1024),
        key_write_buffer: IO,
        value_write_buffer: IO,
        replay_buffer: IO,
    };
    let archive =
        prunable::Archive::<EightCap, E, BlockHash, Bytes>::init(context.child("outcomes"), config)
            .await?;
    let (sender, receiver) = mpsc::channel(MAILBOX_MESSAGES_MAX);
    let handle = context
        .child("archive")
        .spawn(move |_| run(archive, receiver));
    Ok((Archive(sender), handle))
}

async fn run<E: Context>(
    mut archive: prunable::Archive<EightCap, E, BlockHash, Bytes>,
    mut mailbox: mpsc::Receiver<Message>,
) {
    while let Some(message) = mailbox.recv().await {
        match message {
            Message::Put {
                number,
                hash,
                outcome,
                stored,
            } => {
                archive = match archive.put_sync(number, hash, &outcome).await {
                    Ok(archive) => archive,
                    Err(e) => {
                        error!(number, error = %e, "cannot store the outcome of a block");
                        return;
                    }
                };
                let _ = stored.send(());
            }
            Message::Get { number, found } => match archive.get(Identifier::Index(number)).await {
                Ok(outcome) => drop(found.send(outcome)),
                Err(e) => error!(number, error = %e, "cannot read the outcome of a block"),
            },
        }
    }
}
