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
        found: oneshot::Sender<Result<Option<Bytes>, Unreadable>>,
    },
}

/// An outcome that was stored and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the outcome of block {number} cannot be read: {why}")]
pub struct Unreadable {
    /// The block.
    pub number: u64,
    /// What is wrong.
    pub why: String,
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
    ///
    /// # Errors
    /// Where it is damaged, or the archive has stopped.
    pub async fn get(&self, number: u64) -> Result<Option<Bytes>, Unreadable> {
        let (found, answer) = oneshot::channel();
        let stopped = || Unreadable {
            number,
            why: "the archive has stopped".into(),
        };
        let sent = self.0.send(Message::Get { number, found }).await;
        sent.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

/// The archive itself.
pub(crate) type Store<E> = prunable::Archive<EightCap, E, BlockHash, Bytes>;

/// Opens the archive.
///
/// # Errors
/// Where the storage cannot be opened.
pub(crate) async fn open<E: Context>(
    context: &E,
    prefix: &str,
    page_cache: CacheRef,
) -> Result<Store<E>, commonware_storage::archive::Error> {
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
    Store::init(context.child("outcomes"), config).await
}

/// Starts the archive's actor.
pub(crate) fn start<E: Context + Spawner>(context: &E, store: Store<E>) -> (Archive, Handle<()>) {
    let (sender, receiver) = mpsc::channel(MAILBOX_MESSAGES_MAX);
    let handle = context
        .child("archive")
        .spawn(move |_| run(store, receiver));
    (Archive(sender), handle)
}

async fn run<E: Context>(mut store: Store<E>, mut mailbox: mpsc::Receiver<Message>) {
    while let Some(message) = mailbox.recv().await {
        match message {
            Message::Put {
                number,
                hash,
                outcome,
                stored,
            } => {
                store = match store.put_sync(number, hash, &outcome).await {
                    Ok(store) => store,
                    Err(e) => {
                        error!(number, error = %e, "cannot store the outcome of a block");
                        return;
                    }
                };
                let _ = stored.send(());
            }
            Message::Get { number, found } => {
                let outcome = store.get(Identifier::Index(number)).await;
                drop(found.send(outcome.map_err(|e| Unreadable {
                    number,
                    why: e.to_string(),
                })));
            }
        }
    }
}
