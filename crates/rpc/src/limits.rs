//! Named limits of the RPC. `commonhold limits` prints them.

/// Bytes of one JSON-RPC request, single or batch, over HTTP or WebSocket.
pub const REQUEST_BYTES_MAX: u32 = 1024 * 1024;
/// Bytes of one JSON-RPC answer, single or batch.
pub const RESPONSE_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Calls in one batch.
pub const BATCH_ENTRIES_MAX: u32 = 200;
/// How deep the JSON of a request may nest.
pub const JSON_DEPTH_MAX: usize = 32;
/// Connections open at a time.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Connections open at a time from one address that is not loopback.
pub const CONNECTIONS_PER_IP_MAX: usize = 64;
/// Seconds that a client may take to send a request's header, and that a connection may idle.
pub const HEADER_SECONDS_MAX: u64 = 10;
/// Seconds that a client may take to send a JSON body.
pub const BODY_SECONDS_MAX: u64 = 30;
/// Seconds between two parts of a streamed body.
pub const STREAM_SECONDS_MAX: u64 = 30;
/// Seconds that a client may refuse to take in an answer.
pub const SEND_SECONDS_MAX: u64 = 30;
/// Seconds for which a connection that the node closes is still read, so that the client gets to hear
/// why.
pub const LINGER_SECONDS_MAX: u64 = 2;
/// Bytes that are read from a connection that the node closes.
pub const LINGER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a request's header.
pub const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Header lines of a request.
pub const HEADERS_MAX: usize = 64;
/// WebSocket connections open at a time.
pub const WEBSOCKETS_MAX: usize = 256;
/// Subscriptions of one WebSocket connection.
pub const SUBSCRIPTIONS_PER_CONNECTION_MAX: u32 = 32;
/// Messages that wait for a slow WebSocket client; above it its subscriptions end.
pub const SUBSCRIPTION_QUEUE_MAX: u32 = 1_024;
/// Filters kept at a time; the one unused for longest goes first.
pub const FILTERS_MAX: usize = 1_024;
/// Seconds after which an unused filter is forgotten.
pub const FILTER_SECONDS_MAX: u64 = 300;
/// Hashes of pending transactions kept for one filter.
pub const FILTER_HASHES_MAX: usize = 16_384;
/// Blocks of one fee history.
pub const FEE_HISTORY_BLOCKS_MAX: u64 = 1_024;
/// Percentiles of one fee history.
pub const FEE_HISTORY_PERCENTILES_MAX: usize = 100;
/// Blocks back from the latest for which state can be read.
pub const STATE_BLOCKS_KEPT: u64 = 128;
/// Entries of the state that one call may touch.
pub const CALL_KEYS_MAX: usize = 65_536;
/// Milliseconds that one read-only call may take.
pub const CALL_MILLIS_MAX: u64 = 5_000;
/// Milliseconds after which the calls of a batch that are left are refused.
pub const BATCH_MILLIS_MAX: u64 = 10_000;
/// Read-only executions and log searches that run at a time; others wait.
pub const CALLS_AT_ONCE_MAX: usize = 8;
/// Milliseconds that `eth_sendRawTransactionSync` waits where the caller does not say.
pub const SYNC_MILLIS_DEFAULT: u64 = 20_000;
/// Milliseconds that `eth_sendRawTransactionSync` waits at most.
pub const SYNC_MILLIS_MAX: u64 = 60_000;
/// Slots of one `eth_getStorageValues`.
pub const STORAGE_VALUES_MAX: usize = 1_024;
/// Proofs in one `commonhold_getStateProof`.
pub const STATE_PROOFS_MAX: usize = 64;
/// Blocks, records or transactions on one REST page.
pub const PAGE_MAX: usize = 100;
/// Blocks that one page of transactions looks through.
pub const SCAN_BLOCKS_MAX: u64 = 1_000;
/// Blocks back from the latest of which the time to finality is known.
pub const FINALITIES_KEPT: usize = 1_024;
/// Transactions of the pool in one `txpool_content` answer.
pub const POOL_CONTENT_MAX: usize = 8_192;
/// Other members asked for a blob that is not here.
pub const BLOB_SOURCES_MAX: usize = 16;

/// Uploads to the vault at a time.
pub const UPLOADS_MAX: usize = 32;
/// Requests passed on to other members' nodes at a time.
pub const FORWARDS_MAX: usize = 32;
/// Bodies given to other members at a time.
pub const REPLICAS_AT_ONCE_MAX: usize = 8;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("REQUEST_BYTES_MAX", REQUEST_BYTES_MAX as u64),
    ("RESPONSE_BYTES_MAX", RESPONSE_BYTES_MAX as u64),
    ("BATCH_ENTRIES_MAX", BATCH_ENTRIES_MAX as u64),
    ("JSON_DEPTH_MAX", JSON_DEPTH_MAX as u64),
    ("CONNECTIONS_MAX", CONNECTIONS_MAX as u64),
    ("CONNECTIONS_PER_IP_MAX", CONNECTIONS_PER_IP_MAX as u64),
    ("HEADER_SECONDS_MAX", HEADER_SECONDS_MAX),
    ("BODY_SECONDS_MAX", BODY_SECONDS_MAX),
    ("STREAM_SECONDS_MAX", STREAM_SECONDS_MAX),
    ("SEND_SECONDS_MAX", SEND_SECONDS_MAX),
    ("LINGER_SECONDS_MAX", LINGER_SECONDS_MAX),
    ("LINGER_BYTES_MAX", LINGER_BYTES_MAX as u64),
    ("HEADER_BYTES_MAX", HEADER_BYTES_MAX as u64),
    ("HEADERS_MAX", HEADERS_MAX as u64),
    ("WEBSOCKETS_MAX", WEBSOCKETS_MAX as u64),
    (
        "SUBSCRIPTIONS_PER_CONNECTION_MAX",
        SUBSCRIPTIONS_PER_CONNECTION_MAX as u64,
    ),
    ("SUBSCRIPTION_QUEUE_MAX", SUBSCRIPTION_QUEUE_MAX as u64),
    ("FILTERS_MAX", FILTERS_MAX as u64),
    ("FILTER_SECONDS_MAX", FILTER_SECONDS_MAX),
    ("FILTER_HASHES_MAX", FILTER_HASHES_MAX as u64),
    ("FEE_HISTORY_BLOCKS_MAX", FEE_HISTORY_BLOCKS_MAX),
    (
        "FEE_HISTORY_PERCENTILES_MAX",
        FEE_HISTORY_PERCENTILES_MAX as u64,
    ),
    ("STATE_BLOCKS_KEPT", STATE_BLOCKS_KEPT),
    ("CALL_KEYS_MAX", CALL_KEYS_MAX as u64),
    ("CALL_MILLIS_MAX", CALL_MILLIS_MAX),
    ("BATCH_MILLIS_MAX", BATCH_MILLIS_MAX),
    ("CALLS_AT_ONCE_MAX", CALLS_AT_ONCE_MAX as u64),
    ("SYNC_MILLIS_DEFAULT", SYNC_MILLIS_DEFAULT),
    ("SYNC_MILLIS_MAX", SYNC_MILLIS_MAX),
    ("STORAGE_VALUES_MAX", STORAGE_VALUES_MAX as u64),
    ("STATE_PROOFS_MAX", STATE_PROOFS_MAX as u64),
    ("PAGE_MAX", PAGE_MAX as u64),
    ("SCAN_BLOCKS_MAX", SCAN_BLOCKS_MAX),
    ("FINALITIES_KEPT", FINALITIES_KEPT as u64),
    ("POOL_CONTENT_MAX", POOL_CONTENT_MAX as u64),
    ("BLOB_SOURCES_MAX", BLOB_SOURCES_MAX as u64),
    ("UPLOADS_MAX", UPLOADS_MAX as u64),
    ("FORWARDS_MAX", FORWARDS_MAX as u64),
    ("REPLICAS_AT_ONCE_MAX", REPLICAS_AT_ONCE_MAX as u64),
];
