//! Messages, from their coming to their acknowledgement.

use std::time::{Duration, Instant};

use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesOrdered};
use mqtt_protocol_core::mqtt::{
    ArcPayload, Version,
    connection::{Event, TimerKind},
    packet::{GenericPacket, Qos},
    result_code::DisconnectReasonCode,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    sync::watch,
};
use tracing::debug;

use super::{
    answer::{self, Packet},
    connection::{Connection, End, READ_BYTES},
    count,
    greeting::Hello,
    seats::Given,
};
use crate::{
    clients::Client,
    journal::{Taken, Writing},
    limits::INFLIGHT_MAX,
    refusal::Refusal,
    stop::stopped,
    topic::is_topic,
};

/// What a message is to be answered with.
struct Message {
    qos: Qos,
    id: u16,
    writing: Result<Writing, Refusal>,
}

type Answered = (Qos, u16, Result<Taken, Refusal>);
type Pending = FuturesOrdered<BoxFuture<'static, Answered>>;

impl Message {
    async fn answered(self) -> Answered {
        (self.qos, self.id, Writing::outcome(self.writing).await)
    }
}

/// A message as it was published.
struct Published {
    topic: String,
    qos: Qos,
    id: Option<u16>,
    again: bool,
    payload: ArcPayload,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<'_, S> {
    /// Takes messages and answers them until the end.
    pub(super) async fn messages(
        &mut self,
        client: &Client,
        given: &mut Given,
        hello: &Hello,
        first: Vec<Event>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), End> {
        let mut pending = Pending::new();
        let mut buffer = [0u8; READ_BYTES];
        // One and a half times what was agreed, as the standard has it.
        let silence = Duration::from_millis(u64::from(hello.keep_alive).saturating_mul(1500));
        let mut heard = Instant::now();
        let mut paused = self.take_all(client, first, &mut pending).await?;
        loop {
            let room = pending.len() < usize::from(INFLIGHT_MAX);
            let pause = paused.saturating_duration_since(Instant::now());
            tokio::select! {
                () = stopped(stop) => {
                    return Err(End::Because(DisconnectReasonCode::ServerShuttingDown));
                }
                _ = &mut given.leave => {
                    return Err(End::Because(DisconnectReasonCode::SessionTakenOver));
                }
                Some(answered) = pending.next(), if !pending.is_empty() => {
                    self.answer(answered).await?;
                }
                () = tokio::time::sleep(silence.saturating_sub(heard.elapsed())) => {
                    for event in self.protocol.notify_timer_fired(TimerKind::PingreqRecv) {
                        self.act(event).await?;
                    }
                    return Err(End::Closed);
                }
                () = tokio::time::sleep(pause), if !pause.is_zero() => {}
                read = self.reader.read(&mut buffer), if room && pause.is_zero() => {
                    let bytes = buffer.get(..read?).unwrap_or_default();
                    if bytes.is_empty() {
                        return Err(End::Closed);
                    }
                    let events = self.feed(bytes);
                    if !events.is_empty() {
                        heard = Instant::now();
                    }
                    paused = self.take_all(client, events, &mut pending).await?;
                }
            }
        }
    }

    /// Takes what came. Gives until when nothing more is to be read.
    async fn take_all(
        &mut self,
        client: &Client,
        events: Vec<Event>,
        pending: &mut Pending,
    ) -> Result<Instant, End> {
        let mut paused = Instant::now();
        for event in events {
            let Event::NotifyPacketReceived(packet) = event else {
                self.act(event).await?;
                continue;
            };
            if let Some(message) = self.take(client, packet).await? {
                let now = Instant::now();
                let wait = client.rate.owe(now);
                paused = paused.max(now.checked_add(wait).unwrap_or(now));
                pending.push_back(message.answered().boxed());
            }
        }
        Ok(paused)
    }

    /// Takes one packet. Messages are put into line here, in their order.
    async fn take(&mut self, client: &Client, packet: Packet) -> Result<Option<Message>, End> {
        let version = self.protocol.get_protocol_version();
        let published = match packet {
            GenericPacket::V5_0Publish(p) => Published {
                topic: p.topic_name().to_owned(),
                qos: p.qos(),
                id: p.packet_id(),
                again: p.dup(),
                payload: p.payload().clone(),
            },
            GenericPacket::V3_1_1Publish(p) => Published {
                topic: p.topic_name().to_owned(),
                qos: p.qos(),
                id: p.packet_id(),
                again: p.dup(),
                payload: p.payload().clone(),
            },
            GenericPacket::V5_0Pubrel(p) => {
                self.send(answer::complete(version, p.packet_id())?).await?;
                return Ok(None);
            }
            GenericPacket::V3_1_1Pubrel(p) => {
                self.send(answer::complete(version, p.packet_id())?).await?;
                return Ok(None);
            }
            GenericPacket::V5_0Subscribe(p) => {
                count(&self.server.happened.subscriptions);
                let no = answer::no_subscription(version, p.packet_id(), p.entries().len())?;
                self.send(no).await?;
                return Ok(None);
            }
            GenericPacket::V3_1_1Subscribe(p) => {
                count(&self.server.happened.subscriptions);
                let no = answer::no_subscription(version, p.packet_id(), p.entries().len())?;
                self.send(no).await?;
                return Ok(None);
            }
            GenericPacket::V5_0Unsubscribe(p) => {
                let done = answer::unsubscribed(version, p.packet_id(), p.entries().len())?;
                self.send(done).await?;
                return Ok(None);
            }
            GenericPacket::V3_1_1Unsubscribe(p) => {
                let done = answer::unsubscribed(version, p.packet_id(), p.entries().len())?;
                self.send(done).await?;
                return Ok(None);
            }
            GenericPacket::V5_0Disconnect(_) | GenericPacket::V3_1_1Disconnect(_) => {
                return Err(End::Closed);
            }
            _ => return Ok(None),
        };
        let id = published.id.unwrap_or(0);
        if published.qos == Qos::ExactlyOnce {
            self.unsaved.insert(id);
        }
        Ok(Some(Message {
            qos: published.qos,
            id,
            writing: self.intake(client, &published).await,
        }))
    }

    async fn intake(&self, client: &Client, published: &Published) -> Result<Writing, Refusal> {
        let intake = &self.server.intake;
        let topic = published.topic.as_str();
        let refusal = if !is_topic(topic) {
            Refusal::NoRule(topic.chars().take(64).collect())
        } else if !client.may_write(topic) {
            Refusal::NotAuthorized(format!("{} may not write to {topic}", client.user))
        } else {
            return intake
                .message(topic, published.payload.as_slice(), published.again)
                .await;
        };
        intake.refused(&refusal);
        Err(refusal)
    }

    /// Answers a message whose fate is known.
    async fn answer(&mut self, (qos, id, outcome): Answered) -> Result<(), End> {
        if qos == Qos::ExactlyOnce {
            self.unsaved.remove(&id);
        }
        let version = self.protocol.get_protocol_version();
        let refusal = outcome.err();
        if let Some(refusal) = &refusal
            && refusal.is_temporary()
        {
            let told = version == Version::V5_0 && *refusal == Refusal::StoreFull;
            if qos != Qos::AtMostOnce && !told {
                debug!(%refusal, "a message is left to be sent again");
                return Err(End::Because(match refusal {
                    Refusal::Stopping => DisconnectReasonCode::ServerShuttingDown,
                    Refusal::StoreFull => DisconnectReasonCode::QuotaExceeded,
                    _ => DisconnectReasonCode::ServerBusy,
                }));
            }
        }
        match answer::acknowledge(version, qos, id, refusal.as_ref(), self.reasons)? {
            Some(packet) => self.send(packet).await,
            None => Ok(()),
        }
    }
}
