//! Named limits of the gateway. `commonhold limits` prints them.

/// Bytes of a configuration file.
pub const CONFIG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Credentials in a configuration.
pub const CLIENTS_MAX: usize = 100_000;
/// Rules for sources in a configuration.
pub const SOURCES_MAX: usize = 1_000;
/// Streams in a configuration.
pub const STREAMS_MAX: usize = 1_000;
/// Topic filters of one credential.
pub const CLIENT_TOPICS_MAX: usize = 64;
/// Bytes of a user's name.
pub const USER_BYTES_MAX: usize = 128;
/// Bytes of a password as a client sends it.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Memory that checking one password may take, in bytes.
pub const PASSWORD_MEMORY_MAX: u64 = 64 * 1024 * 1024;
/// Passwords that are checked at a time, where checking is made slow on purpose.
pub const PASSWORD_CHECKS_MAX: usize = 2;
/// Wrong passwords of one user a minute; after that none is checked.
pub const WRONG_PASSWORDS_MAX: u32 = 10;

/// Bytes of a topic.
pub const TOPIC_BYTES_MAX: usize = 256;
/// Bytes of a message that an adapter reads.
pub const MESSAGE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of an MQTT packet.
pub const PACKET_BYTES_MAX: u32 = 64 * 1024;
/// Bytes of a client identifier.
pub const CLIENT_ID_BYTES_MAX: usize = 128;
/// MQTT connections at a time.
pub const CONNECTIONS_MAX: usize = 16_384;
/// Connections that have not said who they are yet, at a time.
pub const STRANGERS_MAX: usize = 1_024;
/// Messages of one connection that are not acknowledged yet.
pub const INFLIGHT_MAX: u16 = 64;
/// Names for topics that one connection may give.
pub const TOPIC_ALIASES_MAX: u16 = 16;
/// Sessions that are remembered after their connection.
pub const SESSIONS_MAX: usize = 100_000;
/// Seconds for which a session is remembered after its connection.
pub const SESSION_SECONDS_MAX: u32 = 7 * 24 * 3600;
/// Seconds a connection may take to say who it is.
pub const GREETING_SECONDS_MAX: u64 = 10;
/// Seconds a client that says nothing is waited for, where it asks for no shorter time.
pub const SILENCE_SECONDS_MAX: u16 = 600;
/// Seconds a client may take to take an answer.
pub const ANSWER_SECONDS_MAX: u64 = 30;

/// Bytes of an HTTP request's body.
pub const HTTP_BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Readings in one HTTP request.
pub const HTTP_READINGS_MAX: usize = 4_096;
/// HTTP requests at a time.
pub const HTTP_REQUESTS_MAX: usize = 256;
/// Seconds an HTTP request may take.
pub const HTTP_SECONDS_MAX: u64 = 60;
/// HTTP connections at a time.
pub const HTTP_CONNECTIONS_MAX: usize = 1_024;

/// Readings that wait for the disk.
pub const WAITING_READINGS_MAX: usize = 16_384;
/// Readings that share one write.
pub const GROUP_READINGS_MAX: usize = 4_096;
/// Memory for pages of the journal, in bytes.
pub const JOURNAL_CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Devices that are known at a time.
pub const DEVICES_MAX: usize = 100_000;
/// Unknown devices that are remembered as such.
pub const UNKNOWN_DEVICES_MAX: usize = 10_000;
/// Seconds for which a device that the ledger does not know is not asked for again.
pub const UNKNOWN_SECONDS: u64 = 5;
/// Questions to the node about devices at a time.
pub const LOOKUPS_MAX: usize = 4;
/// Questions about devices that wait.
pub const LOOKUPS_WAITING_MAX: usize = 4_096;
/// Milliseconds between two looks for a new block.
pub const FOLLOW_MS: u64 = 200;
/// Blocks whose log is asked for at a time.
pub const FOLLOW_BLOCKS_MAX: u64 = 1_000;
/// Seconds after which what is known of each device is asked for again.
pub const REFRESH_SECONDS: u64 = 600;
/// Old counters that are forgotten in one write.
pub const FORGET_MAX: usize = 4_096;

/// Batches in one transaction: as many as the ledger takes.
pub const ANCHOR_BATCHES_MAX: usize = commonhold_system::devices::limits::BATCHES_PER_CALL_MAX;
/// Milliseconds between two looks for batches to close.
pub const BATCH_PACE_MS: u64 = 250;
/// Seconds after which a batch that the ledger refused for now is tried again.
pub const HELD_SECONDS: u64 = 30;
/// Seconds that a step on the way to the ledger is waited for at the end.
pub const STOP_SECONDS_MAX: u64 = 10;
/// Milliseconds to wait after the node could not be reached.
pub const RETRY_MS: u64 = 2_000;
/// Batches that are kept in mind after they are anchored.
pub const ANCHORED_KEPT_MAX: usize = 100_000;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("CONFIG_BYTES_MAX", CONFIG_BYTES_MAX),
    ("CLIENTS_MAX", CLIENTS_MAX as u64),
    ("SOURCES_MAX", SOURCES_MAX as u64),
    ("STREAMS_MAX", STREAMS_MAX as u64),
    ("CLIENT_TOPICS_MAX", CLIENT_TOPICS_MAX as u64),
    ("USER_BYTES_MAX", USER_BYTES_MAX as u64),
    ("PASSWORD_BYTES_MAX", PASSWORD_BYTES_MAX as u64),
    ("PASSWORD_MEMORY_MAX", PASSWORD_MEMORY_MAX),
    ("PASSWORD_CHECKS_MAX", PASSWORD_CHECKS_MAX as u64),
    ("WRONG_PASSWORDS_MAX", WRONG_PASSWORDS_MAX as u64),
    ("TOPIC_BYTES_MAX", TOPIC_BYTES_MAX as u64),
    ("MESSAGE_BYTES_MAX", MESSAGE_BYTES_MAX as u64),
    ("PACKET_BYTES_MAX", PACKET_BYTES_MAX as u64),
    ("CLIENT_ID_BYTES_MAX", CLIENT_ID_BYTES_MAX as u64),
    ("CONNECTIONS_MAX", CONNECTIONS_MAX as u64),
    ("STRANGERS_MAX", STRANGERS_MAX as u64),
    ("INFLIGHT_MAX", INFLIGHT_MAX as u64),
    ("TOPIC_ALIASES_MAX", TOPIC_ALIASES_MAX as u64),
    ("SESSIONS_MAX", SESSIONS_MAX as u64),
    ("SESSION_SECONDS_MAX", SESSION_SECONDS_MAX as u64),
    ("GREETING_SECONDS_MAX", GREETING_SECONDS_MAX),
    ("SILENCE_SECONDS_MAX", SILENCE_SECONDS_MAX as u64),
    ("ANSWER_SECONDS_MAX", ANSWER_SECONDS_MAX),
    ("HTTP_BODY_BYTES_MAX", HTTP_BODY_BYTES_MAX as u64),
    ("HTTP_READINGS_MAX", HTTP_READINGS_MAX as u64),
    ("HTTP_REQUESTS_MAX", HTTP_REQUESTS_MAX as u64),
    ("HTTP_SECONDS_MAX", HTTP_SECONDS_MAX),
    ("HTTP_CONNECTIONS_MAX", HTTP_CONNECTIONS_MAX as u64),
    ("WAITING_READINGS_MAX", WAITING_READINGS_MAX as u64),
    ("GROUP_READINGS_MAX", GROUP_READINGS_MAX as u64),
    ("JOURNAL_CACHE_BYTES", JOURNAL_CACHE_BYTES as u64),
    ("DEVICES_MAX", DEVICES_MAX as u64),
    ("UNKNOWN_DEVICES_MAX", UNKNOWN_DEVICES_MAX as u64),
    ("UNKNOWN_SECONDS", UNKNOWN_SECONDS),
    ("LOOKUPS_MAX", LOOKUPS_MAX as u64),
    ("LOOKUPS_WAITING_MAX", LOOKUPS_WAITING_MAX as u64),
    ("FOLLOW_MS", FOLLOW_MS),
    ("FOLLOW_BLOCKS_MAX", FOLLOW_BLOCKS_MAX),
    ("REFRESH_SECONDS", REFRESH_SECONDS),
    ("FORGET_MAX", FORGET_MAX as u64),
    ("ANCHOR_BATCHES_MAX", ANCHOR_BATCHES_MAX as u64),
    ("BATCH_PACE_MS", BATCH_PACE_MS),
    ("HELD_SECONDS", HELD_SECONDS),
    ("STOP_SECONDS_MAX", STOP_SECONDS_MAX),
    ("RETRY_MS", RETRY_MS),
    ("ANCHORED_KEPT_MAX", ANCHORED_KEPT_MAX as u64),
];
