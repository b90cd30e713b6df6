//! Named limits of the system modules. `commonhold limits` prints them.

use crate::{accounts, devices, members, records, seals, token};

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
        "MEMBER_REASON_BYTES_MAX",
        members::limits::REASON_BYTES_MAX as u64,
    ),
    ("VOTE_SECONDS_MIN", members::limits::VOTE_SECONDS_MIN),
    (
        "VOTE_SECONDS_DEFAULT",
        members::limits::VOTE_SECONDS_DEFAULT,
    ),
    ("VOTE_SECONDS_MAX", members::limits::VOTE_SECONDS_MAX),
    ("BLOCK_GAS_MIN", members::limits::BLOCK_GAS_MIN),
    ("BLOCK_GAS_MAX", members::limits::BLOCK_GAS_MAX),
    (
        "PEERS_COMMITTEES_MAX",
        members::limits::PEERS_COMMITTEES_MAX,
    ),
    ("MEMBER_PROOF_GAS", members::limits::PROOF_GAS),
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
    ("ROLE_BYTES_MAX", accounts::limits::ROLE_BYTES_MAX as u64),
    ("ATTESTERS_MAX", accounts::limits::ATTESTERS_MAX),
    ("STANDINGS_PAGE_MAX", accounts::limits::STANDINGS_PAGE_MAX),
    (
        "GUARDIAN_MEMBERS_MIN",
        accounts::limits::GUARDIAN_MEMBERS_MIN,
    ),
    ("GUARDIANS_MAX", accounts::limits::GUARDIANS_MAX),
    (
        "GUARDIANSHIP_SECONDS_MAX",
        accounts::limits::GUARDIANSHIP_SECONDS_MAX,
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
    (
        "TOKEN_REASON_BYTES_MAX",
        token::limits::REASON_BYTES_MAX as u64,
    ),
    ("TOKEN_ISSUE_SECONDS_MAX", token::limits::ISSUE_SECONDS_MAX),
    ("TOKEN_SHARES_MAX", token::limits::SHARES_MAX as u64),
    ("TOKEN_PERMIT_GAS", token::limits::PERMIT_GAS),
    ("REPLICAS_DEFAULT", records::limits::REPLICAS_DEFAULT as u64),
];
