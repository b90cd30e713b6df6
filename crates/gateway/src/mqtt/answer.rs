//! Packets that the gateway sends, in the client's version of the protocol.

use mqtt_protocol_core::mqtt::{
    Version,
    packet::{
        AssignedClientIdentifier, GenericPacket, Property, Qos, ReasonString, ServerKeepAlive,
        SessionExpiryInterval, SharedSubscriptionAvailable, SubscriptionIdentifierAvailable,
        TopicAliasMaximum, WildcardSubscriptionAvailable, v3_1_1, v5_0,
    },
    result_code::{
        ConnectReasonCode, ConnectReturnCode, DisconnectReasonCode, MqttError, SubackReasonCode,
        SubackReturnCode, UnsubackReasonCode,
    },
};

use crate::{limits::TOPIC_ALIASES_MAX, refusal::Refusal};

/// A packet.
pub(super) type Packet = GenericPacket<u16>;

/// Why subscriptions are refused.
const NO_SUBSCRIPTIONS: &str = "this gateway takes readings and gives none";

fn reason(text: &str) -> Result<Vec<Property>, MqttError> {
    // A reason is for people: what does not fit into a packet is not needed.
    let short: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    Ok(vec![ReasonString::new(short.as_str())?.into()])
}

/// What a connection is welcomed with.
pub(super) struct Welcome<'a> {
    pub(super) session_present: bool,
    pub(super) keep_alive: Option<u16>,
    pub(super) expiry: Option<u32>,
    pub(super) assigned: Option<&'a str>,
}

pub(super) fn welcome(version: Version, welcome: &Welcome<'_>) -> Result<Packet, MqttError> {
    if version != Version::V5_0 {
        return Ok(v3_1_1::Connack::builder()
            .session_present(welcome.session_present)
            .return_code(ConnectReturnCode::Accepted)
            .build()?
            .into());
    }
    let mut props: Vec<Property> = vec![
        TopicAliasMaximum::new(TOPIC_ALIASES_MAX)?.into(),
        WildcardSubscriptionAvailable::new(0)?.into(),
        SubscriptionIdentifierAvailable::new(0)?.into(),
        SharedSubscriptionAvailable::new(0)?.into(),
    ];
    if let Some(seconds) = welcome.keep_alive {
        props.push(ServerKeepAlive::new(seconds)?.into());
    }
    if let Some(seconds) = welcome.expiry {
        props.push(SessionExpiryInterval::new(seconds)?.into());
    }
    if let Some(identifier) = welcome.assigned {
        props.push(AssignedClientIdentifier::new(identifier)?.into());
    }
    Ok(v5_0::Connack::builder()
        .session_present(welcome.session_present)
        .reason_code(ConnectReasonCode::Success)
        .props(props)
        .build()?
        .into())
}

pub(super) fn turned_away(
    version: Version,
    code: ConnectReasonCode,
    why: &str,
) -> Result<Packet, MqttError> {
    if version != Version::V5_0 {
        let code = match code {
            ConnectReasonCode::ClientIdentifierNotValid => ConnectReturnCode::IdentifierRejected,
            ConnectReasonCode::BadUserNameOrPassword => ConnectReturnCode::BadUserNameOrPassword,
            ConnectReasonCode::ServerUnavailable | ConnectReasonCode::ServerBusy => {
                ConnectReturnCode::ServerUnavailable
            }
            _ => ConnectReturnCode::NotAuthorized,
        };
        return Ok(v3_1_1::Connack::builder()
            .session_present(false)
            .return_code(code)
            .build()?
            .into());
    }
    Ok(v5_0::Connack::builder()
        .session_present(false)
        .reason_code(code)
        .props(reason(why)?)
        .build()?
        .into())
}

/// The acknowledgement of a message.
pub(super) fn acknowledge(
    version: Version,
    qos: Qos,
    id: u16,
    refused: Option<&Refusal>,
    reasons: bool,
) -> Result<Option<Packet>, MqttError> {
    let v5 = version == Version::V5_0;
    let why = |refusal: &Refusal| match reasons {
        true => reason(&refusal.to_string()),
        false => Ok(Vec::new()),
    };
    Ok(Some(match (qos, refused) {
        (Qos::AtMostOnce, _) => return Ok(None),
        (Qos::AtLeastOnce, Some(refusal)) if v5 => v5_0::Puback::builder()
            .packet_id(id)
            .reason_code(refusal.puback())
            .props(why(refusal)?)
            .build()?
            .into(),
        (Qos::ExactlyOnce, Some(refusal)) if v5 => v5_0::Pubrec::builder()
            .packet_id(id)
            .reason_code(refusal.pubrec())
            .props(why(refusal)?)
            .build()?
            .into(),
        (Qos::AtLeastOnce, _) if v5 => v5_0::Puback::builder().packet_id(id).build()?.into(),
        (Qos::ExactlyOnce, _) if v5 => v5_0::Pubrec::builder().packet_id(id).build()?.into(),
        (Qos::AtLeastOnce, _) => v3_1_1::Puback::builder().packet_id(id).build()?.into(),
        (Qos::ExactlyOnce, _) => v3_1_1::Pubrec::builder().packet_id(id).build()?.into(),
    }))
}

/// The end of a message of QoS 2.
pub(super) fn complete(version: Version, id: u16) -> Result<Packet, MqttError> {
    Ok(if version == Version::V5_0 {
        v5_0::Pubcomp::builder().packet_id(id).build()?.into()
    } else {
        v3_1_1::Pubcomp::builder().packet_id(id).build()?.into()
    })
}

/// No to a subscription to so many filters.
pub(super) fn no_subscription(
    version: Version,
    id: u16,
    filters: usize,
) -> Result<Packet, MqttError> {
    Ok(if version == Version::V5_0 {
        v5_0::Suback::builder()
            .packet_id(id)
            .reason_codes(vec![SubackReasonCode::NotAuthorized; filters])
            .props(reason(NO_SUBSCRIPTIONS)?)
            .build()?
            .into()
    } else {
        v3_1_1::Suback::builder()
            .packet_id(id)
            .return_codes(vec![SubackReturnCode::Failure; filters])
            .build()?
            .into()
    })
}

/// The end of subscriptions that there never were.
pub(super) fn unsubscribed(version: Version, id: u16, filters: usize) -> Result<Packet, MqttError> {
    Ok(if version == Version::V5_0 {
        v5_0::Unsuback::builder()
            .packet_id(id)
            .reason_codes(vec![UnsubackReasonCode::NoSubscriptionExisted; filters])
            .build()?
            .into()
    } else {
        v3_1_1::Unsuback::builder().packet_id(id).build()?.into()
    })
}

/// The end of a connection, where the client's version has a word for it.
pub(super) fn goodbye(
    version: Version,
    code: DisconnectReasonCode,
) -> Result<Option<Packet>, MqttError> {
    if version != Version::V5_0 {
        return Ok(None);
    }
    let packet = v5_0::Disconnect::builder().reason_code(code).build()?;
    Ok(Some(packet.into()))
}
