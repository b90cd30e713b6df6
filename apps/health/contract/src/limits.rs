//! Named limits of `health`. `commonhold limits` prints them.

/// Slices registered in one call.
pub const SLICES_PER_CALL_MAX: usize = 16;
/// Subjects that one request asks. With all of them a call must not make a proposer load state more
/// often than it has patience for; so with the next.
pub const SUBJECTS_PER_CALL_MAX: usize = 2;
/// Subjects that leave a study in one call.
pub const WITHDRAWALS_PER_CALL_MAX: usize = 2;
/// Permits of one consent.
pub const PERMITS_MAX: usize = 8;
/// Exceptions of one permit.
pub const EXCEPTIONS_MAX: usize = 8;
/// Diseases that one permit names.
pub const DISEASES_MAX: usize = 16;
/// Modifiers of one permit, one value each.
pub const MODIFIERS_MAX: usize = 16;
/// Seconds that an owner may keep for a veto: thirty days.
pub const VETO_SECONDS_MAX: u32 = 30 * 86_400;
/// Seconds that a grant may last: five years.
pub const GRANT_SECONDS_MAX: u64 = 5 * 366 * 86_400;
/// Seconds within which members answer one opening of a slice. Until then they may answer although a
/// study was suspended meanwhile; what its owner takes back ends at once.
pub const RELEASE_SECONDS: u64 = 300;
/// Openings of one subject's slices that may stand at a time: as many as a revocation takes back.
pub const RELEASES_LIVE_MAX: u64 = 64;
/// Openings that a release is good for.
pub const RELEASE_USES: u32 = 1;
/// Endpoints of one version of a protocol.
pub const ENDPOINTS_MAX: usize = 64;
/// Versions of one protocol.
pub const VERSIONS_MAX: u64 = 32;
/// Outcomes of one report.
pub const REPORTED_MAX: usize = 128;
/// Reports of one study.
pub const REPORTS_MAX: u64 = 32;
/// Members of one ethics board.
pub const BOARD_MEMBERS_MAX: usize = 32;
/// Seconds that a board's approval may last: three years.
pub const APPROVAL_SECONDS_MAX: u64 = 3 * 366 * 86_400;
/// Seconds that a ballot stays open: ninety days.
pub const BALLOT_SECONDS: u64 = 90 * 86_400;
/// Terms above a disease that are looked at; what lies further up does not count.
pub const ANCESTORS_MAX: usize = 128;
/// Levels above a disease that are looked at.
pub const ANCESTOR_LEVELS_MAX: usize = 10;
/// Parents of a MONDO term.
pub const PARENTS_MAX: usize = 7;
/// MONDO terms that members state in one call.
pub const TERMS_PER_CALL_MAX: usize = 64;
/// Seconds within which a second clinician confirms an emergency: ten minutes.
pub const EMERGENCY_SECOND_SECONDS: u64 = 600;
/// Seconds within which who is on call confirms one: an hour.
pub const EMERGENCY_ON_CALL_SECONDS: u64 = 3_600;
/// Seconds within which an emergency is reviewed: 72 hours.
pub const EMERGENCY_REVIEW_SECONDS: u64 = 72 * 3_600;
/// Seconds that an emergency slice stays open to the clinician.
pub const EMERGENCY_ACCESS_SECONDS: u64 = 3_600;
/// Openings that an emergency is good for.
pub const EMERGENCY_USES: u32 = 3;
/// Emergencies of one clinician that wait for their review at a time.
pub const EMERGENCIES_PENDING_MAX: u32 = 16;
/// Reviewed emergencies that one review passes over on the way to the next that waits.
pub const EMERGENCIES_PASSED_MAX: u64 = 64;

/// Every limit of this crate by name, for printing.
pub const ALL: &[(&str, u64)] = &[
    ("SLICES_PER_CALL_MAX", SLICES_PER_CALL_MAX as u64),
    ("SUBJECTS_PER_CALL_MAX", SUBJECTS_PER_CALL_MAX as u64),
    ("WITHDRAWALS_PER_CALL_MAX", WITHDRAWALS_PER_CALL_MAX as u64),
    ("PERMITS_MAX", PERMITS_MAX as u64),
    ("EXCEPTIONS_MAX", EXCEPTIONS_MAX as u64),
    ("DISEASES_MAX", DISEASES_MAX as u64),
    ("MODIFIERS_MAX", MODIFIERS_MAX as u64),
    ("VETO_SECONDS_MAX", VETO_SECONDS_MAX as u64),
    ("GRANT_SECONDS_MAX", GRANT_SECONDS_MAX),
    ("RELEASE_SECONDS", RELEASE_SECONDS),
    ("RELEASES_LIVE_MAX", RELEASES_LIVE_MAX),
    ("RELEASE_USES", RELEASE_USES as u64),
    ("ENDPOINTS_MAX", ENDPOINTS_MAX as u64),
    ("VERSIONS_MAX", VERSIONS_MAX),
    ("REPORTED_MAX", REPORTED_MAX as u64),
    ("REPORTS_MAX", REPORTS_MAX),
    ("BOARD_MEMBERS_MAX", BOARD_MEMBERS_MAX as u64),
    ("APPROVAL_SECONDS_MAX", APPROVAL_SECONDS_MAX),
    ("BALLOT_SECONDS", BALLOT_SECONDS),
    ("ANCESTORS_MAX", ANCESTORS_MAX as u64),
    ("ANCESTOR_LEVELS_MAX", ANCESTOR_LEVELS_MAX as u64),
    ("PARENTS_MAX", PARENTS_MAX as u64),
    ("TERMS_PER_CALL_MAX", TERMS_PER_CALL_MAX as u64),
    ("EMERGENCY_SECOND_SECONDS", EMERGENCY_SECOND_SECONDS),
    ("EMERGENCY_ON_CALL_SECONDS", EMERGENCY_ON_CALL_SECONDS),
    ("EMERGENCY_REVIEW_SECONDS", EMERGENCY_REVIEW_SECONDS),
    ("EMERGENCY_ACCESS_SECONDS", EMERGENCY_ACCESS_SECONDS),
    ("EMERGENCY_USES", EMERGENCY_USES as u64),
    ("EMERGENCIES_PENDING_MAX", EMERGENCIES_PENDING_MAX as u64),
    ("EMERGENCIES_PASSED_MAX", EMERGENCIES_PASSED_MAX),
];
