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
//! nothing to be seen (SAFETY.md).

use std::num::NonZeroUsize;

use commonhold_primitives::{BlockHash, consensus::Scheme};
use commonware_codec::Read;
use commonware_consensus::{
    Viewable as _,
    simplex::types::Artifact,
    types::{Epoch, Round, View},
};
use commonware_cryptography::certificate::{Scheme as _, Verifier as _};
use commonware_parallel::Sequential;
use commonware_runtime::{ReadOptions, buffer::paged::CacheRef};
use commonware_storage::{
    Context,
    journal::segmented::variable::{Config, Journal},
};
use commonware_utils::NZUsize;
use rand_core::CryptoRng;

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

/// Checks the journal of the epoch of `newest`, in which this member signs with `scheme`; its last final
/// block is of that round.
///
/// # Errors
/// Where the journal cannot be read, or is not this member's or not all of it.
pub(crate) async fn check<E: Context + CryptoRng>(
    mut context: E,
    prefix: &str,
    page_cache: CacheRef,
    scheme: &Scheme,
    newest: Round,
) -> Result<(), StartError> {
    let config = config(prefix, newest.epoch(), page_cache, scheme);
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
    Ok(())
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
