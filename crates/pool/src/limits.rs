//! Named limits of the pool. `commonhold limits` prints them.

/// Transactions that wait in the pool.
pub const POOL_TRANSACTIONS_MAX: usize = 65_536;
/// Memory that waiting transactions may take, as [`memory`] counts it.
pub const POOL_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Transactions of one sender.
pub const LANE_TRANSACTIONS_MAX: usize = 1_024;
/// Memory of one sender's transactions.
pub const LANE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How far a nonce may run ahead of its account's. Twice the length of a lane, so that a node that is
/// a few blocks behind still takes what the others took.
pub const LANE_GAP_MAX: u64 = 2_048;
/// A lane up to this length never waits for room below the pool's hard limit.
pub const LANE_SHORT_MAX: usize = 16;
/// Strangers (accounts that the state does not know) may have one part in so many of the pool: what a
/// quarter of three default blocks takes of transfers.
pub const STRANGER_PART: usize = 8;
/// There may be one sender for so many places of the pool: as many as three default blocks serve.
pub const LANE_PART: usize = 2;
/// Part of a block that strangers get, in percent.
pub const STRANGER_SHARE_PERCENT: u64 = 25;
/// From this filling of the pool on, in percent, long lanes wait for room.
pub const POOL_SOFT_PERCENT: usize = 75;
/// How much more a replacement must offer, in percent, of both fee and tip.
pub const REPLACEMENT_PERCENT: u64 = 10;
/// Bytes of init code (EIP-3860).
pub const INIT_CODE_BYTES_MAX: usize = 2 * commonhold_primitives::limits::CODE_BYTES_MAX;
/// Times that a builder may find a transaction unexecutable before it is dropped.
pub const REJECTIONS_MAX: u8 = 3;
/// Blocks that a transaction may wait before it is dropped.
pub const PENDING_BLOCKS_MAX: u64 = 20_000;
/// Blocks after which a local transaction that still waits is sent to the other members again.
pub const REANNOUNCE_BLOCKS: u64 = 8;
/// Transactions that are announced again after one block.
pub const REANNOUNCE_MAX: usize = 4_096;
/// Hashes of final transactions that are remembered.
pub const FINAL_HASHES_MAX: usize = 131_072;
/// Accounts that are remembered as the latest blocks left them.
pub const RECENT_ACCOUNTS_MAX: usize = 131_072;
/// Heads of lanes that may be passed over in one selection because they do not fit.
pub const MISFITS_MAX: usize = 1_024;
/// Subscribers to hashes of new transactions.
pub const SUBSCRIBERS_MAX: usize = 1_024;
/// Hashes that wait for a slow subscriber; the oldest are lost to it first.
pub const SUBSCRIPTION_QUEUE_MAX: usize = 16_384;
/// Bytes of one gossip message: one transaction of the greatest length, or many shorter ones.
pub const GOSSIP_BYTES_MAX: usize = 4 + commonhold_primitives::limits::TRANSACTION_BYTES_MAX;
/// Bytes at which a gossip message is not filled further.
pub const GOSSIP_BATCH_BYTES: usize = 64 * 1024;
/// Transactions in one gossip message.
pub const GOSSIP_TRANSACTIONS_MAX: usize = 1_024;

/// Clients' transactions may wait in line for room in the pool, one for so many of its places. With
/// [`LANE_PART`] this makes as many as three default blocks serve: who has a place in the line is in a
/// final block within three.
pub const LINE_PART: usize = 8;
/// Milliseconds that a client's transaction waits in line before it is refused: three full blocks take
/// less, and many clients give up after ten seconds.
pub const SUBMIT_WAIT_MAX_MS: u64 = 8_000;
/// Milliseconds that a sender without an account waits for the next block before it is refused.
pub const SETTLE_WAIT_MAX_MS: u64 = 300;

/// Bytes at which a blob of the journal is full.
pub const JOURNAL_BLOB_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of a blob of the journal, with the last write and what was carried over.
pub const JOURNAL_BLOB_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of transactions in one write to the journal, and one transaction.
pub const JOURNAL_WRITE_BYTES: usize = 1024 * 1024;
/// Bytes from which on a journal that holds nothing pending is emptied.
pub const JOURNAL_IDLE_BYTES: u64 = 256 * 1024;
/// Transactions from which on the queue for the journal is rid of what waits no more.
pub const UNSAVED_MAX: usize = 2 * POOL_TRANSACTIONS_MAX;
/// Milliseconds from the begin of one write to the journal to the next, for each transaction that was
/// in the first: the more there are, the more share one sync of the disk.
pub const JOURNAL_PACE_MS: u64 = 1;
/// The least of that. A transaction that comes alone does not wait at all.
pub const JOURNAL_PACE_MIN_MS: u64 = 10;
/// The most of it.
pub const JOURNAL_PACE_MAX_MS: u64 = 25;
/// Milliseconds after which a write that the disk has refused is tried again; each time twice as many.
pub const JOURNAL_RETRY_MIN_MS: u64 = 100;
/// The most of them.
pub const JOURNAL_RETRY_MAX_MS: u64 = 5_000;

/// Memory that a transaction of `raw` bytes takes: its bytes, their decoded form, its places in maps.
pub const fn memory(raw: usize) -> usize {
    raw.saturating_mul(2).saturating_add(1_024)
}

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("POOL_TRANSACTIONS_MAX", POOL_TRANSACTIONS_MAX as u64),
    ("POOL_BYTES_MAX", POOL_BYTES_MAX as u64),
    ("LANE_TRANSACTIONS_MAX", LANE_TRANSACTIONS_MAX as u64),
    ("LANE_BYTES_MAX", LANE_BYTES_MAX as u64),
    ("LANE_GAP_MAX", LANE_GAP_MAX),
    ("LANE_SHORT_MAX", LANE_SHORT_MAX as u64),
    (
        "STRANGER_TRANSACTIONS_MAX",
        (POOL_TRANSACTIONS_MAX / STRANGER_PART) as u64,
    ),
    ("POOL_LANES_MAX", (POOL_TRANSACTIONS_MAX / LANE_PART) as u64),
    ("STRANGER_SHARE_PERCENT", STRANGER_SHARE_PERCENT),
    ("POOL_SOFT_PERCENT", POOL_SOFT_PERCENT as u64),
    ("REPLACEMENT_PERCENT", REPLACEMENT_PERCENT),
    ("INIT_CODE_BYTES_MAX", INIT_CODE_BYTES_MAX as u64),
    ("REJECTIONS_MAX", REJECTIONS_MAX as u64),
    ("PENDING_BLOCKS_MAX", PENDING_BLOCKS_MAX),
    ("REANNOUNCE_BLOCKS", REANNOUNCE_BLOCKS),
    ("REANNOUNCE_MAX", REANNOUNCE_MAX as u64),
    ("FINAL_HASHES_MAX", FINAL_HASHES_MAX as u64),
    ("RECENT_ACCOUNTS_MAX", RECENT_ACCOUNTS_MAX as u64),
    ("MISFITS_MAX", MISFITS_MAX as u64),
    ("SUBSCRIBERS_MAX", SUBSCRIBERS_MAX as u64),
    ("SUBSCRIPTION_QUEUE_MAX", SUBSCRIPTION_QUEUE_MAX as u64),
    ("GOSSIP_BYTES_MAX", GOSSIP_BYTES_MAX as u64),
    ("GOSSIP_BATCH_BYTES", GOSSIP_BATCH_BYTES as u64),
    ("GOSSIP_TRANSACTIONS_MAX", GOSSIP_TRANSACTIONS_MAX as u64),
    ("LINE_MAX", (POOL_TRANSACTIONS_MAX / LINE_PART) as u64),
    ("LINE_BYTES_MAX", (POOL_BYTES_MAX / LINE_PART) as u64),
    ("SUBMIT_WAIT_MAX_MS", SUBMIT_WAIT_MAX_MS),
    ("SETTLE_WAIT_MAX_MS", SETTLE_WAIT_MAX_MS),
    ("JOURNAL_BLOB_BYTES", JOURNAL_BLOB_BYTES),
    ("JOURNAL_BLOB_BYTES_MAX", JOURNAL_BLOB_BYTES_MAX as u64),
    ("JOURNAL_WRITE_BYTES", JOURNAL_WRITE_BYTES as u64),
    ("JOURNAL_IDLE_BYTES", JOURNAL_IDLE_BYTES),
    ("UNSAVED_MAX", UNSAVED_MAX as u64),
    ("JOURNAL_PACE_MS", JOURNAL_PACE_MS),
    ("JOURNAL_PACE_MIN_MS", JOURNAL_PACE_MIN_MS),
    ("JOURNAL_PACE_MAX_MS", JOURNAL_PACE_MAX_MS),
    ("JOURNAL_RETRY_MIN_MS", JOURNAL_RETRY_MIN_MS),
    ("JOURNAL_RETRY_MAX_MS", JOURNAL_RETRY_MAX_MS),
];
