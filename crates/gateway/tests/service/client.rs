//! An MQTT client that sees every packet.

use std::{collections::VecDeque, net::SocketAddr};

use mqtt_protocol_core::mqtt::{
    Connection, Version,
    common::Cursor,
    connection::{Event, core::GenericConnection},
    packet::{GenericPacket, GenericPacketTrait as _, Qos, v3_1_1, v5_0},
    role,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::PASSWORD;

pub(crate) type Packet = GenericPacket<u16>;

pub(crate) struct Client {
    stream: TcpStream,
    protocol: Connection<role::Client>,
    version: Version,
    came: VecDeque<Packet>,
}

/// How somebody connects.
pub(crate) struct Who<'a> {
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    pub(crate) identifier: &'a str,
    pub(crate) clean: bool,
    pub(crate) version: Version,
}

pub(crate) const fn who(user: &'static str, identifier: &'static str) -> Who<'static> {
    Who {
        user,
        password: PASSWORD,
        identifier,
        clean: true,
        version: Version::V5_0,
    }
}

impl Client {
    /// Connects, and gives the answer too; `None` where there was none.
    pub(crate) async fn greet(address: SocketAddr, who: &Who<'_>) -> (Self, Option<Packet>) {
        let mut client = Self {
            stream: TcpStream::connect(address).await.unwrap(),
            protocol: GenericConnection::new(who.version),
            version: who.version,
            came: VecDeque::new(),
        };
        let packet: Packet = match who.version {
            Version::V5_0 => {
                let expiry = mqtt_protocol_core::mqtt::packet::SessionExpiryInterval::new(600);
                v5_0::Connect::builder()
                    .client_id(who.identifier)
                    .unwrap()
                    .user_name(who.user)
                    .unwrap()
                    .password(who.password)
                    .unwrap()
                    .clean_start(who.clean)
                    .keep_alive(60)
                    .props(vec![expiry.unwrap().into()])
                    .build()
                    .unwrap()
                    .into()
            }
            _ => v3_1_1::Connect::builder()
                .client_id(who.identifier)
                .unwrap()
                .user_name(who.user)
                .unwrap()
                .password(who.password)
                .unwrap()
                .clean_session(who.clean)
                .keep_alive(60)
                .build()
                .unwrap()
                .into(),
        };
        client.send(packet).await;
        let answer = client.next().await;
        (client, answer)
    }

    /// Connects, and is let in.
    pub(crate) async fn connect(address: SocketAddr, who: &Who<'_>) -> Self {
        let (client, answer) = Self::greet(address, who).await;
        match answer {
            Some(Packet::V5_0Connack(a)) => assert_eq!(a.reason_code() as u8, 0),
            Some(Packet::V3_1_1Connack(a)) => assert_eq!(a.return_code() as u8, 0),
            other => panic!("{other:?}"),
        }
        client
    }

    pub(crate) async fn send(&mut self, packet: Packet) {
        for event in self.protocol.send(packet) {
            match event {
                Event::RequestSendPacket { packet, .. } => {
                    self.raw(&packet.to_continuous_buffer()).await;
                }
                Event::NotifyError(e) => panic!("{e}"),
                _ => {}
            }
        }
    }

    /// Sends bytes; the other side may be gone.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next packet; `None` where the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = self.came.pop_front() {
                return Some(packet);
            }
            let mut buffer = [0; 4096];
            let read = self.stream.read(&mut buffer).await.unwrap_or(0);
            if read == 0 {
                return None;
            }
            let mut cursor = Cursor::new(&buffer[..read]);
            while cursor.position() < read as u64 {
                for event in self.protocol.recv(&mut cursor) {
                    if let Event::NotifyPacketReceived(packet) = event {
                        self.came.push_back(packet);
                    }
                }
            }
        }
    }

    /// Publishes, and gives the identifier.
    pub(crate) async fn publish(&mut self, topic: &str, qos: Qos, payload: &[u8]) -> u16 {
        let id = match qos {
            Qos::AtMostOnce => None,
            _ => Some(self.protocol.acquire_packet_id().unwrap()),
        };
        let packet: Packet = match self.version {
            Version::V5_0 => {
                let mut builder = v5_0::Publish::builder()
                    .topic_name(topic)
                    .unwrap()
                    .qos(qos)
                    .payload(payload);
                if let Some(id) = id {
                    builder = builder.packet_id(id);
                }
                builder.build().unwrap().into()
            }
            _ => {
                let mut builder = v3_1_1::Publish::builder()
                    .topic_name(topic)
                    .unwrap()
                    .qos(qos)
                    .payload(payload);
                if let Some(id) = id {
                    builder = builder.packet_id(id);
                }
                builder.build().unwrap().into()
            }
        };
        self.send(packet).await;
        id.unwrap_or(0)
    }

    /// Publishes with QoS 1 and gives the reason of the acknowledgement; `None` where the connection
    /// ended instead.
    pub(crate) async fn deliver(&mut self, topic: &str, payload: &[u8]) -> Option<u8> {
        let id = self.publish(topic, Qos::AtLeastOnce, payload).await;
        match self.next().await? {
            Packet::V5_0Puback(ack) => {
                assert_eq!(ack.packet_id(), id);
                Some(ack.reason_code().map_or(0, |code| code as u8))
            }
            Packet::V3_1_1Puback(ack) => {
                assert_eq!(ack.packet_id(), id);
                Some(0)
            }
            Packet::V5_0Disconnect(_) => None,
            other => panic!("{other:?}"),
        }
    }
}
