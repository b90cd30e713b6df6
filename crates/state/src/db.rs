//! The database itself: QMDB's ordered `current` variant over fixed cells.

use commonware_cryptography::{Sha256, sha256::Digest};
use commonware_parallel::Strategy;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_storage::{
    journal::contiguous::fixed::Config as JournalConfig,
    mmr::{self, full::Config as MmrConfig},
    qmdb::{any::value::FixedEncoding, current},
    translator::EightCap,
};
use commonware_utils::{NZU64, NZUsize};

use crate::cell::{Cell, CellKey};

/// The Merkle family of the operation log.
pub type Family = mmr::Family;
/// Bytes of a chunk of the activity bitmap.
pub const CHUNK_BYTES: usize = 32;
/// The state database over runtime `E` with parallelism `S`.
pub type Db<E, S> =
    current::ordered::fixed::Db<Family, E, CellKey, Cell, Sha256, EightCap, CHUNK_BYTES, S>;
/// The encoding of values inside operations.
pub type Values = FixedEncoding<Cell>;
/// The digest of every root.
pub type Root = Digest;

/// The database's configuration under the partition prefix `prefix`.
///
/// Sizes of pages, blobs and sections are fixed for the life of a data directory: changing one
/// would misread what is there.
pub fn config<S: Strategy>(
    prefix: &str,
    page_cache: CacheRef,
    strategy: S,
) -> current::FixedConfig<EightCap, S> {
    let io = NZUsize!(1 << 16);
    current::FixedConfig {
        merkle_config: MmrConfig {
            journal_partition: format!("{prefix}-state-mmr-journal"),
            metadata_partition: format!("{prefix}-state-mmr-metadata"),
            items_per_blob: NZU64!(1 << 20),
            write_buffer: io,
            replay_buffer: io,
            strategy,
            page_cache: page_cache.clone(),
        },
        journal_config: JournalConfig {
            partition: format!("{prefix}-state-log"),
            items_per_blob: NZU64!(1 << 18),
            page_cache,
            write_buffer: NZUsize!(1 << 20),
            replay_buffer: NZUsize!(1 << 20),
        },
        grafted_metadata_partition: format!("{prefix}-state-graft"),
        translator: EightCap,
        init_cache: Some(NZUsize!(1 << 16)),
        init_buffer: NZUsize!(1 << 21),
        init_concurrency: (),
    }
}
