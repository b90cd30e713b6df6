//! One connection, from its first byte to its last.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use commonhold_sdk::clock::now_ms;
use mqtt_protocol_core::mqtt::{
    Connection as Protocol, Version,
    common::Cursor,
    connection::{ConnectionOptions, Event, core::GenericConnection},
    packet::{GenericPacket, GenericPacketTrait as _},
    result_code::{ConnectReasonCode, DisconnectReasonCode, MqttError},
    role::Server as Role,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf},
    sync::{OwnedSemaphorePermit, watch},
};
use tracing::debug;

use super::{
    Server,
    answer::{self, Packet, Welcome},
    count,
    greeting::{self, Hello},
    seats::{Given, NoSeat},
};
use crate::{
    clients::{Client, Denied},
    limits::{ANSWER_SECONDS_MAX, GREETING_SECONDS_MAX, INFLIGHT_MAX, PACKET_BYTES_MAX},
};

/// Bytes that are read at a time.
pub(super) const READ_BYTES: usize = 4096;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The other side is gone, or was told why.
    Closed,
    /// The other side is to be told this.
    Because(DisconnectReasonCode),
}

impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> Self {
        Self::Closed
    }
}

impl From<MqttError> for End {
    fn from(_: MqttError) -> Self {
        Self::Because(DisconnectReasonCode::UnspecifiedError)
    }
}

/// A connection.
pub(super) struct Connection<'s, S> {
    pub(super) server: &'s Server,
    pub(super) protocol: Protocol<Role>,
    pub(super) reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    /// Messages of QoS 2 that are not on the disk yet.
    pub(super) unsaved: HashSet<u16>,
    /// Whether the client wants to be told reasons in words.
    pub(super) reasons: bool,
}

/// Serves a connection until it ends.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send>(
    server: &Server,
    stream: S,
    peer: SocketAddr,
    stranger: OwnedSemaphorePermit,
    mut stop: watch::Receiver<bool>,
) {
    let options = ConnectionOptions::new()
        .maximum_packet_size_recv(PACKET_BYTES_MAX)
        .receive_maximum(INFLIGHT_MAX);
    let mut protocol = GenericConnection::with_options(Version::Undetermined, options);
    protocol.set_auto_ping_response(true);
    let (reader, writer) = tokio::io::split(stream);
    let mut connection = Connection {
        server,
        protocol,
        reader,
        writer,
        unsaved: HashSet::new(),
        reasons: true,
    };
    let wait = Duration::from_secs(GREETING_SECONDS_MAX);
    let greeted = tokio::time::timeout(wait, connection.greet()).await;
    drop(stranger);
    let Ok(Ok((client, mut given, hello, rest))) = greeted else {
        debug!(%peer, "a connection was not let in");
        let _ = connection.writer.shutdown().await;
        return;
    };
    count(&server.happened.connections);
    debug!(%peer, user = client.user, client = given.identifier, "connected");
    let end = connection
        .messages(&client, &mut given, &hello, rest, &mut stop)
        .await;
    debug!(%peer, client = given.identifier, ?end, "the connection ends");
    if let Err(End::Because(code)) = end {
        connection.say_goodbye(code).await;
    }
    if hello.expiry > 0 {
        let key = session_key(&client, &given);
        server
            .intake
            .journal()
            .session(&key, session_until(&hello))
            .await;
    }
    let _ = connection.writer.shutdown().await;
}

fn session_key(client: &Client, given: &Given) -> String {
    format!("{}/{}", client.user, given.identifier)
}

fn session_until(hello: &Hello) -> u64 {
    (now_ms() / 1000).saturating_add(hello.expiry.into())
}

type Greeted = (std::sync::Arc<Client>, Given, Hello, Vec<Event>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<'_, S> {
    /// Reads the first packet, and lets its sender in or turns it away. Gives what came after it, too.
    async fn greet(&mut self) -> Result<Greeted, End> {
        let mut buffer = [0u8; READ_BYTES];
        let (hello, rest) = loop {
            let read = self.reader.read(&mut buffer).await?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                return Err(End::Closed);
            }
            let mut events = self.feed(bytes).into_iter();
            let mut hello = None;
            for event in events.by_ref() {
                match event {
                    Event::NotifyPacketReceived(packet) => {
                        hello = greeting::read(&packet);
                        break;
                    }
                    event => self.act(event).await?,
                }
            }
            if let Some(hello) = hello {
                break (hello, events.collect());
            }
        };
        let hello = match hello {
            Ok(hello) => hello,
            Err((code, why)) => return self.turn_away(code, why).await,
        };
        let server = self.server;
        let client = match server
            .clients
            .by_password(&hello.user, &hello.password)
            .await
        {
            Ok(client) => client,
            Err(denied) => {
                let code = match denied {
                    Denied::Wrong => ConnectReasonCode::BadUserNameOrPassword,
                    Denied::Blocked => ConnectReasonCode::ConnectionRateExceeded,
                };
                return self.turn_away(code, &denied.to_string()).await;
            }
        };
        let given = match server
            .seats
            .take(&hello.identifier, &client.user, client.connections)
        {
            Ok(given) => given,
            Err(NoSeat::CredentialInUse) => {
                count(&server.happened.credential_in_use);
                let why = "this credential is in use on another connection";
                return self.turn_away(ConnectReasonCode::QuotaExceeded, why).await;
            }
            Err(NoSeat::IdentifierInUse) => {
                count(&server.happened.identifier_in_use);
                let why = "another user is connected with this identifier";
                let code = ConnectReasonCode::ClientIdentifierNotValid;
                return self.turn_away(code, why).await;
            }
        };
        if given.took_over {
            count(&server.happened.taken_over);
        }
        let journal = server.intake.journal();
        let key = session_key(&client, &given);
        let until = if hello.expiry > 0 {
            session_until(&hello)
        } else {
            0
        };
        // A session that is not to be remembered may have been before.
        let known = journal.session(&key, until).await;
        let welcome = Welcome {
            session_present: known && !hello.clean,
            keep_alive: hello.keep_alive_told,
            expiry: hello.expiry_told,
            assigned: hello.assigned.then_some(given.identifier.as_str()),
        };
        let packet = answer::welcome(self.protocol.get_protocol_version(), &welcome);
        self.send(packet?).await?;
        self.reasons = hello.reasons;
        Ok((client, given, hello, rest))
    }

    async fn turn_away<T>(&mut self, code: ConnectReasonCode, why: &str) -> Result<T, End> {
        let packet = answer::turned_away(self.protocol.get_protocol_version(), code, why)?;
        self.send(packet).await?;
        Err(End::Closed)
    }

    /// What the protocol makes of bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut cursor = Cursor::new(bytes);
        let mut events = Vec::new();
        while cursor.position() < bytes.len() as u64 {
            let more = self.protocol.recv(&mut cursor);
            let broken = more.iter().any(|e| matches!(e, Event::NotifyError(_)));
            events.extend(more);
            if broken {
                count(&self.server.happened.protocol_errors);
                break;
            }
        }
        events
    }

    /// Does what the protocol asks for.
    pub(super) async fn act(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::RequestSendPacket { packet, .. } => {
                // A client that sends a message of QoS 2 again while it is being written is answered when
                // it is on the disk, and not before.
                if let GenericPacket::V3_1_1Pubrec(rec) = &packet
                    && self.unsaved.contains(&rec.packet_id())
                {
                    return Ok(());
                }
                if let GenericPacket::V5_0Pubrec(rec) = &packet
                    && rec.reason_code().is_none()
                    && self.unsaved.contains(&rec.packet_id())
                {
                    return Ok(());
                }
                self.write(&packet).await
            }
            Event::RequestClose | Event::NotifyError(_) => Err(End::Closed),
            _ => Ok(()),
        }
    }

    async fn write(&mut self, packet: &Packet) -> Result<(), End> {
        let bytes = packet.to_continuous_buffer();
        let wait = Duration::from_secs(ANSWER_SECONDS_MAX);
        match tokio::time::timeout(wait, self.writer.write_all(&bytes)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(End::Closed),
        }
    }

    /// Sends a packet of our own.
    pub(super) async fn send(&mut self, packet: Packet) -> Result<(), End> {
        for event in self.protocol.send(packet) {
            match event {
                Event::RequestSendPacket { packet, .. } => self.write(&packet).await?,
                Event::RequestClose => return Err(End::Closed),
                Event::NotifyError(e) => {
                    debug!(error = %e, "a packet could not be sent");
                    return Err(End::Closed);
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn say_goodbye(&mut self, code: DisconnectReasonCode) {
        if let Ok(Some(packet)) = answer::goodbye(self.protocol.get_protocol_version(), code) {
            // Whether it arrives is of no importance any more.
            let _ = self.send(packet).await;
        }
    }
}
