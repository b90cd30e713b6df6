//! What this member has voted, looked at before it votes again.
//!
//! Consensus writes every vote to its journal before it sends it, and never votes twice in a round that
//! the journal knows. It believes the journal: one that was deleted, cut off, or put back from an old
//! backup would let it vote again, differently; another member's would pass for its own. So before
//! consensus opens it, the journal of the newest epoch that has a final block is looked at:
//!
//! * every vote in it must be this member's, for this network: its signature is checked;
//! * it must reach the round of the last final block. Consensus makes a certificate durable before it
//!   tells anyone of it, so a journal that ends earlier has lost something.
//!
//! What was voted after the last final block cannot be missed this way: of a damaged end there is
//! nothing to be seen (SAFETY.md), but by the blocks that it made final ([`crate::own`]).
//!
//! Nobody votes any more in an epoch before the last one: journals of such are deleted ([`Past`]).

use std::num::{NonZeroU64, NonZeroUsize};

use commonhold_primitives::{BlockHash, consensus::Scheme, epoch};
use commonware_codec::Read;
use commonware_consensus::{
    Viewable as _,
    simplex::types::Artifact,
    types::{Epoch, Round, View},
};
use commonware_cryptography::certificate::{Scheme as _, Verifier as _};
use commonware_parallel::Sequential;
use commonware_runtime::{ReadOptions, Storage, buffer::paged::CacheRef};
use commonware_storage::{
    Context,
    journal::segmented::variable::{Config, Journal},
};
use commonware_utils::NZUsize;
use rand_core::CryptoRng;
use tracing::warn;

use crate::error::StartError;

type Entry = Artifact<Scheme, BlockHash>;

const IO: NonZeroUsize = NZUsize!(1 << 16);

/// The partition of the journal of an epoch, as `dkg::orchestrator` names it.
fn partition(prefix: &str, epoch: Epoch) -> String {
    format!("{prefix}_consensus_{epoch}")
}

/// The journal as consensus opens it.
fn config(
    prefix: &str,
    epoch: Epoch,
    page_cache: CacheRef,
    scheme: &Scheme,
) -> Config<<Entry as Read>::Cfg> {
    Config {
        partition: partition(prefix, epoch),
        compression: None,
        codec_config: scheme.certificate_codec_config(),
        page_cache,
        write_buffer: IO,
    }
}

/// Whether anything was written in an epoch's journal.
async fn is_begun(storage: &impl Storage, prefix: &str, epoch: Epoch) -> bool {
    let blobs = storage.scan(&partition(prefix, epoch)).await;
    blobs.is_ok_and(|blobs| !blobs.is_empty())
}

/// Journals of epochs that are over.
#[derive(Clone, Debug)]
pub struct Past {
    prefix: String,
    epoch_blocks: NonZeroU64,
}

impl Past {
    pub(crate) const fn new(prefix: String, epoch_blocks: NonZeroU64) -> Self {
        Self {
            prefix,
            epoch_blocks,
        }
    }

    /// Deletes what is left where blocks are final up to `epoch`. An epoch's own journal and the one before
    /// it stay: what is final may not be acknowledged yet, and the engine then goes on from there.
    pub(crate) async fn forget_before(&self, storage: &impl Storage, epoch: Epoch) {
        let mut old = epoch.get();
        let last = old.saturating_sub(1);
        // Oldest last, deleted oldest first: what a crash leaves is found again.
        while old > 0
            && (old == epoch.get()
                || old == last
                || is_begun(storage, &self.prefix, Epoch::new(old)).await)
        {
            old -= 1;
        }
        for over in old..last {
            self.forget(storage, Epoch::new(over)).await;
        }
    }

    /// Deletes the journal of the epoch before the last one where `number` is the first block of an epoch.
    pub(crate) async fn passed(&self, storage: &impl Storage, number: u64) {
        let place = epoch::containing(number, self.epoch_blocks);
        if let Some(place) = place.filter(|place| place.first().get() == number)
            && let Some(over) = place.epoch().get().checked_sub(2)
        {
            self.forget(storage, Epoch::new(over)).await;
        }
    }

    async fn forget(&self, storage: &impl Storage, over: Epoch) {
        if is_begun(storage, &self.prefix, over).await
            && let Err(e) = storage.remove(&partition(&self.prefix, over), None).await
        {
            warn!(epoch = over.get(), error = %e, "votes of an epoch that is over cannot be deleted");
        }
    }
}

/// Checks the journal of the epoch of `newest`, in which this member signs with `scheme`; its last final
/// block is of that round. Gives the last round in which this member can have voted.
///
/// # Errors
/// Where the journal cannot be read, or is not this member's or not all of it.
pub(crate) async fn check<E: Context + CryptoRng>(
    mut context: E,
    prefix: &str,
    page_cache: CacheRef,
    scheme: &Scheme,
    newest: Round,
) -> Result<Round, StartError> {
    let epoch = newest.epoch();
    let config = config(prefix, epoch, page_cache, scheme);
    let newest = newest.view();
    let journal = Journal::<_, Entry>::init(context.child("journal"), config).await?;
    let mut replay = journal.replay(0, 0, IO, ReadOptions::DONT_CACHE).await?;
    let mut last = View::zero();
    while let Some(entry) = replay.next().await {
        let (_, _, _, entry) = entry?;
        let round = entry.view();
        if !is_own(&mut context, scheme, &entry) {
            return Err(StartError::ForeignVote { round: round.get() });
        }
        last = last.max(round);
    }
    if last < newest {
        return Err(StartError::VotesMissing {
            journal: last.get(),
            blocks: newest.get(),
        });
    }
    // Where it was in the next epoch already, that one's journal is not looked at.
    if is_begun(&context, prefix, epoch.next()).await {
        return Ok(Round::new(epoch.next(), View::new(u64::MAX)));
    }
    Ok(Round::new(epoch, last))
}

/// Whether an entry is no vote, or a vote of the member that signs with `scheme`.
fn is_own(rng: &mut impl CryptoRng, scheme: &Scheme, entry: &Entry) -> bool {
    let (signer, holds) = match entry {
        Artifact::Notarize(vote) => (
            vote.attestation.signer,
            vote.verify(rng, scheme, &Sequential),
        ),
        Artifact::Nullify(vote) => (
            vote.attestation.signer,
            vote.verify::<_, BlockHash>(rng, scheme, &Sequential),
        ),
        Artifact::Finalize(vote) => (
            vote.attestation.signer,
            vote.verify(rng, scheme, &Sequential),
        ),
        Artifact::Notarization(_)
        | Artifact::Certification(..)
        | Artifact::Nullification(_)
        | Artifact::Finalization(_) => return true,
    };
    holds && scheme.me().is_some_and(|me| me.index() == signer)
}

#[cfg(test)]
mod tests;
