//! Errors and exit codes: 0 done, 1 refused, 2 wrong usage, 3 unavailable, 4 integrity failure.

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use commonhold_gateway::{GatewayError, journal::JournalError};
use commonhold_node::{
    NodeError, backup::BackupError, ceremony::CeremonyFailure, config::ConfigError,
    devnet::DevnetError, founding::FoundingError, seal_share::SealShareError, store::StoreError,
};
use commonhold_primitives::{
    application::ApplicationError,
    founding::{ApprovalError, DraftError},
    genesis::GenesisError,
};
use commonhold_sdk::{KeystoreError, SdkError, StampError};

/// A failure whose class this crate decides.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request was understood and is not granted.
    #[error("{0}")]
    Refused(String),
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Something needed is not there now; trying again may help.
    #[error("{0}")]
    Unavailable(String),
    /// Something is not what it claims to be.
    #[error("{0}")]
    Integrity(String),
}

const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const UNAVAILABLE: u8 = 3;
const INTEGRITY: u8 = 4;

/// Reports a command line that does not parse, or prints the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Help cut short by a closed pipe is help enough.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::SUCCESS
    }
}

/// Reports a failure and gives the exit code of `result`.
pub(crate) fn code(result: eyre::Result<()>) -> ExitCode {
    let Err(report) = result else {
        return ExitCode::SUCCESS;
    };
    if is_broken_pipe(&report) {
        return ExitCode::SUCCESS;
    }
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let (red, plain) = if colour {
        ("\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "")
    };
    let mut text = String::new();
    let mut last = String::new();
    for cause in report.chain().map(ToString::to_string) {
        // A wrapper that repeats what it wraps is said once.
        if !last.ends_with(&cause) {
            text = if text.is_empty() {
                cause.clone()
            } else {
                format!("{text}: {cause}")
            };
        }
        last = cause;
    }
    let _ = writeln!(io::stderr(), "{red}error:{plain} {text}");
    ExitCode::from(class(&report))
}

fn is_broken_pipe(report: &eyre::Report) -> bool {
    let io_error = report
        .chain()
        .find_map(|cause| cause.downcast_ref::<io::Error>());
    io_error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn class(report: &eyre::Report) -> u8 {
    for cause in report.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return match failure {
                Failure::Refused(_) => REFUSED,
                Failure::Usage(_) => USAGE,
                Failure::Unavailable(_) => UNAVAILABLE,
                Failure::Integrity(_) => INTEGRITY,
            };
        }
        if let Some(error) = cause.downcast_ref::<SdkError>()
            && !matches!(error, SdkError::Keystore(_))
        {
            return error.kind().exit_code();
        }
        if let Some(error) = cause.downcast_ref::<KeystoreError>() {
            return if matches!(error, KeystoreError::Name(_)) {
                USAGE
            } else {
                REFUSED
            };
        }
        if let Some(error) = cause.downcast_ref::<NodeError>() {
            return node(error);
        }
        if let Some(error) = cause.downcast_ref::<GatewayError>() {
            return gateway(error);
        }
        if let Some(error) = cause.downcast_ref::<FoundingError>() {
            return founding(error);
        }
        if cause.is::<ApplicationError>() || cause.is::<ApprovalError>() {
            return INTEGRITY;
        }
        if let Some(error) = cause.downcast_ref::<DraftError>() {
            return match error {
                DraftError::Application(_) => INTEGRITY,
                _ => REFUSED,
            };
        }
        if let Some(error) = cause.downcast_ref::<CeremonyFailure>() {
            return ceremony(error);
        }
        if let Some(error) = cause.downcast_ref::<BackupError>() {
            return backup(error);
        }
        if let Some(error) = cause.downcast_ref::<SealShareError>() {
            return seal_share(error);
        }
        if cause.is::<GenesisError>() || cause.is::<StampError>() {
            return INTEGRITY;
        }
        if cause.is::<ConfigError>() {
            return USAGE;
        }
        if let Some(error) = cause.downcast_ref::<DevnetError>() {
            return match error {
                DevnetError::Members(_) | DevnetError::Config(_) => USAGE,
                DevnetError::Damaged { .. } | DevnetError::Genesis(_) => INTEGRITY,
                DevnetError::Ports { .. } => UNAVAILABLE,
                _ => REFUSED,
            };
        }
    }
    REFUSED
}

/// A node that can be put right by its operator alone ends with [`USAGE`] or [`INTEGRITY`], and whoever
/// runs it does not start it again.
const fn node(error: &NodeError) -> u8 {
    match error {
        NodeError::Read { .. }
        | NodeError::Key(_)
        | NodeError::NotMember(_)
        | NodeError::Nothing { .. }
        | NodeError::Outdated { .. }
        | NodeError::WrongShare
        | NodeError::Endpoint { .. } => USAGE,
        NodeError::SealShare(error) => seal_share(error),
        NodeError::Store(StoreError::Io { .. } | StoreError::Create(_)) => UNAVAILABLE,
        NodeError::Genesis(_)
        | NodeError::Store(_)
        | NodeError::Damaged { .. }
        | NodeError::Stale { .. } => INTEGRITY,
        _ => UNAVAILABLE,
    }
}

fn gateway(error: &GatewayError) -> u8 {
    match error {
        GatewayError::Config(_)
        | GatewayError::Setting { .. }
        | GatewayError::File { .. }
        | GatewayError::Bodies(_) => USAGE,
        GatewayError::Journal(JournalError::Damaged { .. }) => INTEGRITY,
        GatewayError::Sdk(error) => error.kind().exit_code(),
        GatewayError::Journal(_) | GatewayError::Listen { .. } | GatewayError::System(_) => {
            UNAVAILABLE
        }
    }
}

const fn backup(error: &BackupError) -> u8 {
    match error {
        BackupError::Node(error) => node(error),
        BackupError::Share(error) => seal_share(error),
        BackupError::Key(_) | BackupError::Config(_) => USAGE,
        BackupError::Locked { .. } | BackupError::Malformed { .. } => INTEGRITY,
        BackupError::Exists(_) => REFUSED,
        BackupError::Io { .. } => UNAVAILABLE,
    }
}

const fn seal_share(error: &SealShareError) -> u8 {
    match error {
        SealShareError::Key(_) => USAGE,
        _ => INTEGRITY,
    }
}

const fn founding(error: &FoundingError) -> u8 {
    match error {
        FoundingError::Draft { .. }
        | FoundingError::OtherApplication { .. }
        | FoundingError::SignedOther { .. }
        | FoundingError::Approval(_) => INTEGRITY,
        FoundingError::NotIn(_) | FoundingError::NotSigned(_) | FoundingError::Unsigned(_) => {
            REFUSED
        }
        FoundingError::Ceremony(failure) => ceremony(failure),
    }
}

const fn ceremony(failure: &CeremonyFailure) -> u8 {
    match failure {
        CeremonyFailure::Node(error) => node(error),
        CeremonyFailure::Share(error) => seal_share(error),
        CeremonyFailure::LockGone { .. } => USAGE,
        CeremonyFailure::Memory { .. } | CeremonyFailure::Ceremony(_) => INTEGRITY,
        CeremonyFailure::Incomplete(_) | CeremonyFailure::Stopped | CeremonyFailure::Network => {
            UNAVAILABLE
        }
        CeremonyFailure::HasKey(_)
        | CeremonyFailure::Running(_)
        | CeremonyFailure::Choice(_)
        | CeremonyFailure::InTheWay(_) => REFUSED,
    }
}
