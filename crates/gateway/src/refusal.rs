//! Why a message is not taken.
//!
//! Every refusal has a name under which it is counted, and says whether sending the same again later
//! can help. What cannot is acknowledged as refused, so that no client sends it for ever; what can is
//! never acknowledged to a client whose protocol has no word for a refusal.

use mqtt_protocol_core::mqtt::result_code::{PubackReasonCode, PubrecReasonCode};

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not of the form that its topic or content type says.
    #[error("malformed payload: {0}")]
    Malformed(String),
    /// A value has a unit that the registry does not have, or not the one that the source has.
    #[error("wrong unit: {0}")]
    Unit(String),
    /// It is longer than the limit that is named.
    #[error("too large: {0}")]
    TooLarge(String),
    /// The credential may not write there.
    #[error("not authorized: {0}")]
    NotAuthorized(String),
    /// No rule reads this topic.
    #[error("no rule of the gateway reads topic {0:?}")]
    NoRule(String),
    /// The ledger does not know the device.
    #[error("the ledger does not know device {0}: enrol it and assign it to a stream")]
    UnknownDevice(String),
    /// The device belongs to no stream of this gateway.
    #[error("device {0} belongs to no stream of this gateway")]
    OtherStream(String),
    /// The device was revoked.
    #[error("device {0} was revoked")]
    Revoked(String),
    /// The device's calibration is over, and the gateway is told not to take such readings.
    #[error("the calibration of device {0} is over")]
    PastCalibration(String),
    /// The signature is not the device's.
    #[error("the signature does not verify: {0}")]
    Signature(String),
    /// It was measured longer ago than `bounds.late_max_seconds`.
    #[error("measured {0} s ago, longer than bounds.late_max_seconds")]
    Late(u64),
    /// It says that it was measured further in the future than `bounds.future_max_seconds`.
    #[error("measured {0} s from now, further than bounds.future_max_seconds: set the clock")]
    Future(u64),
    /// Its counter is not above one that was taken so long ago that the gateway has forgotten it.
    #[error("counter {0} is an old one: counters only grow")]
    OldCounter(u64),
    /// Another reading with this counter was taken before.
    #[error("counter {0} was used for another reading")]
    Conflict(u64),
    /// The client sends faster than it may.
    #[error("faster than bounds.readings_per_second allows")]
    Rate,
    /// So much waits for the ledger that no more is taken.
    #[error("the store is full (store.bytes_max): the ledger has to be reachable first")]
    StoreFull,
    /// The disk refuses.
    #[error("the gateway's disk refuses: {0}")]
    Disk(String),
    /// The node cannot be asked about a device that is not known yet.
    #[error("the node does not answer, and the device is not known yet")]
    NodeAway,
    /// So much waits already that this is not even put into line.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// The gateway is stopping.
    #[error("the gateway is stopping")]
    Stopping,
}

impl Refusal {
    /// The name under which it is counted.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_payload",
            Self::Unit(_) => "unit",
            Self::TooLarge(_) => "too_large",
            Self::NotAuthorized(_) => "not_authorized",
            Self::NoRule(_) => "no_rule",
            Self::UnknownDevice(_) => "unknown_device",
            Self::OtherStream(_) => "other_stream",
            Self::Revoked(_) => "revoked",
            Self::PastCalibration(_) => "past_calibration",
            Self::Signature(_) => "signature",
            Self::Late(_) => "late",
            Self::Future(_) => "future",
            Self::OldCounter(_) => "old_counter",
            Self::Conflict(_) => "conflict",
            Self::Rate => "rate",
            Self::StoreFull => "store_full",
            Self::Disk(_) => "disk",
            Self::NodeAway => "node_away",
            Self::Busy(_) => "busy",
            Self::Stopping => "stopping",
        }
    }

    /// Whether the same message may be taken later.
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Rate
                | Self::StoreFull
                | Self::Disk(_)
                | Self::NodeAway
                | Self::Busy(_)
                | Self::Stopping
        )
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::Unit(_) | Self::Late(_) | Self::Future(_) | Self::Signature(_) => 422,
            Self::TooLarge(_) => 413,
            Self::NotAuthorized(_)
            | Self::UnknownDevice(_)
            | Self::OtherStream(_)
            | Self::Revoked(_)
            | Self::PastCalibration(_) => 403,
            Self::NoRule(_) => 404,
            Self::OldCounter(_) | Self::Conflict(_) => 409,
            Self::Rate => 429,
            Self::StoreFull => 507,
            Self::Disk(_) | Self::NodeAway | Self::Busy(_) | Self::Stopping => 503,
        }
    }

    /// The reason in an MQTT 5 acknowledgement of QoS 1.
    pub const fn puback(&self) -> PubackReasonCode {
        match self {
            Self::Malformed(_) | Self::Unit(_) | Self::Signature(_) => {
                PubackReasonCode::PayloadFormatInvalid
            }
            Self::NotAuthorized(_)
            | Self::UnknownDevice(_)
            | Self::OtherStream(_)
            | Self::Revoked(_)
            | Self::PastCalibration(_) => PubackReasonCode::NotAuthorized,
            Self::NoRule(_) => PubackReasonCode::TopicNameInvalid,
            Self::TooLarge(_) | Self::Rate | Self::StoreFull => PubackReasonCode::QuotaExceeded,
            _ => PubackReasonCode::ImplementationSpecificError,
        }
    }

    /// The reason in an MQTT 5 acknowledgement of QoS 2.
    pub const fn pubrec(&self) -> PubrecReasonCode {
        match self.puback() {
            PubackReasonCode::PayloadFormatInvalid => PubrecReasonCode::PayloadFormatInvalid,
            PubackReasonCode::NotAuthorized => PubrecReasonCode::NotAuthorized,
            PubackReasonCode::TopicNameInvalid => PubrecReasonCode::TopicNameInvalid,
            PubackReasonCode::QuotaExceeded => PubrecReasonCode::QuotaExceeded,
            _ => PubrecReasonCode::ImplementationSpecificError,
        }
    }
}
