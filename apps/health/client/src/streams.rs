//! `commonhold health import --stream`: days of a device's stream as slices.
//!
//! ```text
//! device ── gateway ── batches anchored, sealed to the stream's day ── the stream's owner opens the day
//!   ── its readings, as they were signed, one to a line ── a slice of the class `device` with its own key
//! ```
//! A request of somebody's is asked for each slice, so each day, by itself: what is taken back today does
//! not open for tomorrow's day, and nothing that is there is encrypted anew. Who has a share of the stream
//! itself ([`commonhold_sdk::IDevices`]) opens its days beside all this: share it with nobody.
//!
//! What was imported of a day is remembered batch by batch: what is anchored late is a further slice of that
//! day. Days that are not over yet are left for tomorrow, unless they are named.

use std::{collections::BTreeMap, io::Read as _, path::Path};

use alloy_primitives::{Address, B256, hex};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use commonhold_health_contract::interface::IHealth::{self, NewSlice};
use commonhold_sdk::{
    Account, Client, IDevices, SdkError,
    clock::now_ms,
    page::all,
    reading::{Batch, DeviceId, Entry, Record, Value, limits::BATCH_BYTES_MAX},
    records::{Ask, Records, reader_secret},
};
use commonhold_session::{Answer, Refused, Session};
use serde::Serialize;

use crate::{
    Class, Sensitivity,
    days::{Day, Days},
    import::{About, Row, Way},
    limits::SLICED_BYTES_MAX,
    slice::{Content, Form, Slice, content::pad},
};

const DAY: u64 = 86_400;
/// The purpose that the opening of a day is written down for.
const PURPOSE: B256 = {
    let mut word = [0; 32];
    let text = *b"health import";
    let mut at = 0;
    while at < text.len() {
        #[allow(clippy::indexing_slicing, reason = "both are longer")]
        {
            word[at] = text[at];
        }
        at += 1;
    }
    B256::new(word)
};

/// A stream, or a device's readings in the stream that they go to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which {
    stream: B256,
    device: Option<DeviceId>,
}

/// A day as it came in.
#[derive(Serialize)]
struct Imported {
    day: String,
    batches: usize,
    #[serde(flatten)]
    row: Row,
}

/// A line of a slice.
#[derive(Serialize)]
struct Line<'a> {
    device: DeviceId,
    counter: u64,
    /// By the device's clock, milliseconds since 1970.
    time: u64,
    /// By the gateway's.
    received: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
    /// SenML (RFC 8428), resolved; times in seconds after the reading's.
    pack: Vec<SenMl<'a>>,
    /// What the device signed: a `COSE_Sign1`, in hex.
    signed: String,
    /// The record of the batch that it was anchored in.
    batch: B256,
}

#[derive(Default, Serialize)]
struct SenMl<'a> {
    n: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    u: Option<&'a str>,
    /// A number with the digits that it was signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    v: Option<Box<serde_json::value::RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vs: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vb: Option<bool>,
    /// Data, in base64url as SenML has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    vd: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    t: i32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_zero(offset: &i32) -> bool {
    *offset == 0
}

impl Which {
    /// The stream that an id names, or the stream of the device that it names.
    fn find(client: &Client, id: B256) -> Result<Self, SdkError> {
        match client.stream(id) {
            Ok(_) => {
                let device = None;
                return Ok(Self { stream: id, device });
            }
            Err(SdkError::Reverted { .. }) => {}
            Err(e) => return Err(e),
        }
        let stream = client.device(DeviceId(id))?.stream;
        if stream.is_zero() {
            let why =
                format!("the readings of device {id} go to no stream: `stream assign` says which");
            return Err(SdkError::Usage(why));
        }
        Ok(Self {
            stream,
            device: Some(DeviceId(id)),
        })
    }
}

/// Imports what is anchored of a stream: of one day, or of all that are over.
pub(crate) fn import(
    session: &dyn Session,
    id: B256,
    day: Option<u32>,
    about: &About,
) -> eyre::Result<Answer> {
    let (client, account) = (session.client()?, session.account()?);
    let from = Which::find(&client, id)?;
    let mut way = Way::open(session, &client, &account, about)?;
    let subject = way.subject.ok_or_else(|| {
        let why = "a stream names nobody: say by --subject or --person whose it is";
        Refused(why.to_owned())
    })?;
    let mut imported = Vec::new();
    for (day, anchors) in days(&client, from.stream, day)? {
        let one = OneDay {
            session,
            way: &mut way,
            subject,
            from,
            day,
        };
        imported.extend(one.import(&client, &account, &anchors)?);
    }
    let lines: Vec<String> = imported.iter().map(Imported::text).collect();
    let text = if lines.is_empty() {
        "nothing is anchored that is over: --day says which day, today's too".to_owned()
    } else {
        lines.join("\n")
    };
    Answer::of(&serde_json::json!({ "days": imported }), text)
}

/// What is anchored, by day.
fn days(
    client: &Client,
    stream: B256,
    day: Option<u32>,
) -> Result<BTreeMap<u32, Vec<IDevices::Anchor>>, SdkError> {
    let today = u32::try_from(now_ms() / 1000 / DAY).unwrap_or(u32::MAX);
    let anchors = match day {
        Some(day) => all(|from| client.anchors_of_day(stream, day, from))?,
        None => all(|from| client.anchors(stream, from))?,
    };
    let mut days: BTreeMap<u32, Vec<IDevices::Anchor>> = BTreeMap::new();
    for anchor in anchors {
        if day.is_some() || anchor.day < today {
            days.entry(anchor.day).or_default().push(anchor);
        }
    }
    Ok(days)
}

/// A day to be imported.
struct OneDay<'w, 'a> {
    session: &'a dyn Session,
    way: &'w mut Way<'a>,
    subject: Address,
    from: Which,
    day: u32,
}

impl OneDay<'_, '_> {
    /// Makes a slice of what is new of the day; where nothing is, tells which there are.
    fn import(
        self,
        client: &Client,
        account: &Account,
        anchors: &[IDevices::Anchor],
    ) -> eyre::Result<Vec<Imported>> {
        let mut before: BTreeMap<B256, (bool, usize)> = BTreeMap::new();
        let mut fresh = Vec::new();
        for anchor in anchors {
            // A device's part of a batch is not what the whole batch is.
            let hash = match self.from.device {
                Some(device) => alloy_primitives::keccak256([anchor.record, device.0].concat()),
                None => anchor.record,
            };
            let word = self.way.book.word_of(self.subject, hash)?;
            match self.way.before(word)? {
                Some((id, registered)) => before.entry(id).or_insert((registered, 0)).1 += 1,
                None => fresh.push((word, anchor.record)),
            }
        }
        let mut done = Vec::new();
        for (id, (registered, batches)) in before {
            if !registered {
                self.tell(id)?;
            }
            done.push(self.told(id, batches, None, registered));
        }
        if fresh.is_empty() {
            return Ok(done);
        }
        let records: Vec<B256> = fresh.iter().map(|(_, record)| *record).collect();
        let Some(slice) = self.slice(client, account, &records)? else {
            return Ok(done);
        };
        let id = self.way.put(&slice, Path::new("stream"))?;
        for (word, _) in &fresh {
            self.way.book.imported(*word, id)?;
        }
        self.tell(id)?;
        done.push(self.told(id, fresh.len(), Some(&slice), false));
        Ok(done)
    }

    fn tell(&self, id: B256) -> Result<(), SdkError> {
        let slice = NewSlice {
            id,
            class: IHealth::Class::Device,
            sensitivity: IHealth::Sensitivity::Normal,
        };
        self.way.register(self.subject, &[slice])
    }

    /// The slice of batches; nothing, where the device has no reading in them.
    fn slice(
        &self,
        client: &Client,
        account: &Account,
        records: &[B256],
    ) -> eyre::Result<Option<Slice>> {
        let secret = reader_secret()?;
        let ask = Ask {
            purpose: PURPOSE,
            secret: &secret,
            resume: false,
        };
        let progress = self.session.progress();
        let files = Records::new(client, account).unseal_day(
            records,
            &ask,
            &std::env::temp_dir(),
            &*progress,
        )?;
        let (mut text, mut count) = (Vec::new(), 0);
        for (batch, file) in records.iter().zip(files) {
            let mut content = Vec::new();
            file.take(BATCH_BYTES_MAX as u64 + 1)
                .read_to_end(&mut content)?;
            let read = Batch::decode(&content).map_err(SdkError::from)?;
            let wanted = |entry: &&Entry| {
                let device = self.from.device;
                device.is_none_or(|device| entry.envelope.subject() == device)
            };
            for entry in read.entries().iter().filter(wanted) {
                serde_json::to_writer(&mut text, &line(entry, *batch)?)?;
                text.push(b'\n');
                count += 1;
            }
            if text.len() > SLICED_BYTES_MAX {
                let why = "the day has more readings than SLICED_BYTES_MAX bytes hold";
                return Err(Refused(why.to_owned()).into());
            }
        }
        if count == 0 {
            return Ok(None);
        }
        let bytes = text.len() as u64;
        pad(&mut text, false);
        let mut days = Days::default();
        days.add(Day::of_unix(i64::from(self.day).saturating_mul(86_400)));
        Ok(Some(Slice {
            class: Class::Device,
            restricted: false,
            sensitivity: Sensitivity::none(),
            person: None,
            form: Form::Readings,
            resources: count,
            days,
            bytes,
            content: Content::Made(text),
        }))
    }

    fn told(&self, record: B256, batches: usize, slice: Option<&Slice>, before: bool) -> Imported {
        let day = Day::of_unix(i64::from(self.day).saturating_mul(86_400));
        Imported {
            day: day.map(|day| day.to_string()).unwrap_or_default(),
            batches,
            row: Row {
                subject: self.subject,
                slice: Class::Device.name().to_owned(),
                record,
                resources: slice.map_or(0, |slice| slice.resources),
                bytes: slice.map_or(0, Slice::padded_bytes),
                before,
            },
        }
    }
}

fn line(entry: &Entry, batch: B256) -> eyre::Result<Line<'_>> {
    let reading = entry.envelope.reading();
    let pack = reading.pack.iter().map(senml);
    Ok(Line {
        device: entry.envelope.subject(),
        counter: reading.counter,
        time: reading.time,
        received: entry.received,
        flags: entry.flags.names().collect(),
        pack: pack.collect::<eyre::Result<_>>()?,
        signed: hex::encode(entry.envelope.bytes()),
        batch,
    })
}

fn senml(record: &Record) -> eyre::Result<SenMl<'_>> {
    let mut said = SenMl {
        n: &record.name,
        u: record.unit.as_deref(),
        t: record.offset,
        ..SenMl::default()
    };
    match &record.value {
        Value::Text(text) => said.vs = Some(text),
        Value::Flag(flag) => said.vb = Some(*flag),
        Value::Data(data) => said.vd = Some(URL_SAFE_NO_PAD.encode(data)),
        number @ Value::Number { .. } => {
            let digits = number.to_string();
            said.v = Some(serde_json::value::RawValue::from_string(digits)?);
        }
    }
    Ok(said)
}

impl Imported {
    fn text(&self) -> String {
        let Self { day, batches, row } = self;
        let what = match row.before {
            true => "in already".to_owned(),
            false => format!("{} readings", row.resources),
        };
        format!("{day} {} {what}, {batches} batches", row.record)
    }
}

#[cfg(test)]
mod tests {
    use commonhold_sdk::reading::{Algorithm, DeviceSecret, Envelope, Flags, Reading};

    use super::*;

    #[test]
    fn a_line_says_what_was_signed_digit_by_digit_and_has_the_signature() {
        let secret = DeviceSecret::from_bytes(Algorithm::Ed25519, &[7; 32]).unwrap();
        let record = |name: &str, value| Record {
            name: name.to_owned(),
            unit: None,
            value,
            offset: 0,
        };
        let reading = Reading {
            counter: 9,
            time: 1_700_000_000_000,
            pack: vec![
                Record {
                    unit: Some("/min".to_owned()),
                    offset: -5,
                    ..record("heart-rate", "72.50".parse().unwrap())
                },
                record("lead", Value::Flag(false)),
                record("mode", Value::Text("adult".to_owned())),
                record("raw", Value::Data(vec![0xfb, 0xff])),
            ],
            nonce: None,
            origin: None,
        };
        let entry = Entry {
            received: 1_700_000_000_500,
            flags: Flags::default(),
            envelope: Envelope::sign(&secret, reading).unwrap(),
        };
        let text = serde_json::to_string(&line(&entry, B256::ZERO).unwrap()).unwrap();
        let pack = r#""pack":[{"n":"heart-rate","u":"/min","v":72.50,"t":-5},{"n":"lead","vb":false},{"n":"mode","vs":"adult"},{"n":"raw","vd":"-_8"}]"#;
        assert!(text.contains(pack), "{text}");
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        let signed = hex::decode(told["signed"].as_str().unwrap()).unwrap();
        let signed = Envelope::parse(&signed).unwrap();
        signed.verify(secret.key()).unwrap();
        assert_eq!(
            (told["counter"].as_u64(), signed.subject()),
            (Some(9), secret.key().id())
        );
    }
}
