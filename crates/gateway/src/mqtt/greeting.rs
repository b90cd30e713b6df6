//! Who a connection says it is.

use mqtt_protocol_core::mqtt::{
    packet::{GenericPacket, Property, v3_1_1, v5_0},
    result_code::ConnectReasonCode,
};
use rand::TryRng as _;
use zeroize::Zeroizing;

use super::answer::Packet;
use crate::limits::{
    CLIENT_ID_BYTES_MAX, PASSWORD_BYTES_MAX, SESSION_SECONDS_MAX, SILENCE_SECONDS_MAX,
    USER_BYTES_MAX,
};

/// What a CONNECT says.
pub(super) struct Hello {
    pub(super) identifier: String,
    /// Whether the gateway gave the identifier.
    pub(super) assigned: bool,
    pub(super) user: String,
    pub(super) password: Zeroizing<Vec<u8>>,
    /// Whether an earlier session is to be forgotten.
    pub(super) clean: bool,
    /// Seconds for which the session is remembered after the connection.
    pub(super) expiry: u32,
    /// What the gateway makes of the wish, where it differs.
    pub(super) expiry_told: Option<u32>,
    /// The time between signs of life that the gateway asks for, where it differs from the client's.
    pub(super) keep_alive_told: Option<u16>,
    /// The same, in force.
    pub(super) keep_alive: u16,
    /// Whether the client wants to be told reasons in words.
    pub(super) reasons: bool,
}

/// Why a CONNECT is not even looked at.
pub(super) type Wrong = (ConnectReasonCode, &'static str);

/// Reads a CONNECT; `None` where it is another packet.
pub(super) fn read(packet: &Packet) -> Option<Result<Hello, Wrong>> {
    match packet {
        GenericPacket::V5_0Connect(connect) => Some(v5(connect)),
        GenericPacket::V3_1_1Connect(connect) => Some(v3(connect)),
        _ => None,
    }
}

fn v5(connect: &v5_0::Connect) -> Result<Hello, Wrong> {
    let (mut expiry, mut reasons) = (0, true);
    for property in connect.props() {
        match property {
            Property::SessionExpiryInterval(seconds) => expiry = seconds.val(),
            Property::RequestProblemInformation(wanted) => reasons = wanted.val() != 0,
            Property::AuthenticationMethod(_) => {
                let why = "only user and password are taken";
                return Err((ConnectReasonCode::BadAuthenticationMethod, why));
            }
            _ => {}
        }
    }
    hello(&Said {
        identifier: connect.client_id(),
        user: connect.user_name(),
        password: connect.password(),
        clean: connect.clean_start(),
        expiry,
        keep_alive: connect.keep_alive(),
        reasons,
        may_be_named: true,
    })
}

fn v3(connect: &v3_1_1::Connect) -> Result<Hello, Wrong> {
    let clean = connect.clean_session();
    hello(&Said {
        identifier: connect.client_id(),
        user: connect.user_name(),
        password: connect.password(),
        clean,
        expiry: if clean { 0 } else { u32::MAX },
        keep_alive: connect.keep_alive(),
        reasons: false,
        may_be_named: clean,
    })
}

struct Said<'a> {
    identifier: &'a str,
    user: Option<&'a str>,
    password: Option<&'a [u8]>,
    clean: bool,
    expiry: u32,
    keep_alive: u16,
    reasons: bool,
    may_be_named: bool,
}

fn hello(said: &Said<'_>) -> Result<Hello, Wrong> {
    if said.identifier.len() > CLIENT_ID_BYTES_MAX
        || said.identifier.chars().any(char::is_control)
        || (said.identifier.is_empty() && !said.may_be_named)
    {
        let why = "the client identifier is too long (CLIENT_ID_BYTES_MAX), missing or unreadable";
        return Err((ConnectReasonCode::ClientIdentifierNotValid, why));
    }
    let wrong = (
        ConnectReasonCode::BadUserNameOrPassword,
        "user and password are needed",
    );
    let (user, password) = (said.user.ok_or(wrong)?, said.password.ok_or(wrong)?);
    if user.len() > USER_BYTES_MAX || password.len() > PASSWORD_BYTES_MAX {
        return Err(wrong);
    }
    let assigned = said.identifier.is_empty();
    let identifier = if assigned {
        let busy = (ConnectReasonCode::ServerUnavailable, "no random bytes");
        let mut bytes = [0u8; 12];
        rand::rngs::SysRng
            .try_fill_bytes(&mut bytes)
            .map_err(|_| busy)?;
        format!("assigned-{}", hex::encode(bytes))
    } else {
        said.identifier.to_owned()
    };
    let expiry = said.expiry.min(SESSION_SECONDS_MAX);
    let keep_alive = match said.keep_alive {
        0 => SILENCE_SECONDS_MAX,
        seconds => seconds.min(SILENCE_SECONDS_MAX),
    };
    Ok(Hello {
        identifier,
        assigned,
        user: user.to_owned(),
        password: Zeroizing::new(password.to_vec()),
        clean: said.clean,
        expiry,
        expiry_told: (expiry != said.expiry).then_some(expiry),
        keep_alive_told: (keep_alive != said.keep_alive).then_some(keep_alive),
        keep_alive,
        reasons: said.reasons,
    })
}
