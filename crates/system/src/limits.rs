//! Named limits of the system modules. `commonhold limits` prints them.

use crate::{accounts, devices, members, records, seals};

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    (
        "MEMBER_NAME_BYTES_MAX",
        members::limits::NAME_BYTES_MAX as u64,
    ),
    (
        "MEMBER_ENDPOINT_BYTES_MAX",
        members::limits::ENDPOINT_BYTES_MAX as u64,
    ),
    (
        "ACCOUNT_NAME_BYTES_MAX",
        accounts::limits::NAME_BYTES_MAX as u64,
    ),
    (
        "ACCOUNT_HANDLE_BYTES_MIN",
        accounts::limits::HANDLE_BYTES_MIN as u64,
    ),
    (
        "ACCOUNT_HANDLE_BYTES_MAX",
        accounts::limits::HANDLE_BYTES_MAX as u64,
    ),
    (
        "RECORD_KIND_BYTES_MAX",
        records::limits::KIND_BYTES_MAX as u64,
    ),
    (
        "RECORD_OPENING_SECONDS_MAX",
        records::limits::OPENING_SECONDS_MAX,
    ),
    (
        "DEVICE_MODEL_BYTES_MAX",
        devices::limits::MODEL_BYTES_MAX as u64,
    ),
    (
        "DEVICE_NAME_BYTES_MAX",
        devices::limits::NAME_BYTES_MAX as u64,
    ),
    (
        "BATCHES_PER_CALL_MAX",
        devices::limits::BATCHES_PER_CALL_MAX as u64,
    ),
    (
        "ANCHOR_READINGS_MAX",
        devices::limits::BATCH_READINGS_MAX as u64,
    ),
    (
        "READING_FUTURE_SECONDS_MAX",
        devices::limits::FUTURE_SECONDS_MAX,
    ),
    ("DEVICE_VERIFY_GAS", devices::limits::VERIFY_GAS),
    ("SEAL_CHECK_GAS", seals::limits::CHECK_GAS),
    ("REPLICAS_DEFAULT", records::limits::REPLICAS_DEFAULT as u64),
];
