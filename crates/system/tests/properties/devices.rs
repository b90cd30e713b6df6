//! Random lives of devices and streams, against a plain model of whose is what and who may open which
//! day.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use commonhold_module::bench::Bench;
use commonhold_primitives::system::{DEVICES, RECORDS};
use commonhold_reading::{Algorithm, DeviceSecret};
use commonhold_system::{
    devices::interface::IDevices::{
        Batch, Standing, acceptDeviceCall, anchorCall, assignCall, calibrateCall, closeStreamCall,
        deviceCall, enrolCall, openStreamCall, requestOpeningCall, revokeCall, setGatewayCall,
        shareCall, standingCall, streamCall, transferCall, unshareCall,
    },
    records::{
        access::permits,
        interface::IRecords::{eraseCall, mayOpenCall, mayReleaseCall},
        limits::OPENING_SECONDS_MAX,
    },
};
use proptest::prelude::*;

use crate::{PEOPLE, check, network, people, person};

/// How many devices and streams of each owner take part.
const DEVICES_MAX: u8 = 3;
const STREAMS_MAX: u8 = 2;
/// Days that are anchored, from the bench's first on.
const FIRST_DAY: u32 = 9;
const DAYS: u32 = 3;

#[derive(Clone, Debug)]
enum Message {
    Enrol(u8),
    Calibrate(u8, u64),
    Transfer(u8, u8),
    Accept(u8),
    Revoke(u8),
    /// Device; the stream's owner and number.
    Assign(u8, usize),
    /// Name, gateway.
    Open(u8, u8),
    SetGateway(usize, u8),
    Close(usize),
    /// Stream, grantee, first day, days (0: for ever).
    Share(usize, u8, u32, u32),
    Unshare(usize, u8),
    /// Stream, day, which root, which day key.
    Anchor(usize, u32, u8, u8),
    Ask(usize),
    Erase(usize),
}

fn message() -> impl Strategy<Value = Message> {
    let device = 0..DEVICES_MAX;
    let stream = 0..4usize;
    let day = FIRST_DAY..FIRST_DAY + DAYS;
    prop_oneof![
        2 => device.clone().prop_map(Message::Enrol),
        1 => (device.clone(), 0..60u64).prop_map(|(d, t)| Message::Calibrate(d, t)),
        1 => (device.clone(), people()).prop_map(|(d, to)| Message::Transfer(d, to)),
        1 => device.clone().prop_map(Message::Accept),
        1 => device.clone().prop_map(Message::Revoke),
        2 => (device, stream.clone()).prop_map(|(d, s)| Message::Assign(d, s)),
        2 => (0..STREAMS_MAX, people()).prop_map(|(n, g)| Message::Open(n, g)),
        1 => (stream.clone(), people()).prop_map(|(s, g)| Message::SetGateway(s, g)),
        1 => stream.clone().prop_map(Message::Close),
        4 => (stream.clone(), people(), day.clone(), 0..3u32)
            .prop_map(|(s, who, from, days)| Message::Share(s, who, from, days)),
        2 => (stream.clone(), people()).prop_map(|(s, who)| Message::Unshare(s, who)),
        6 => (stream, day, 1..40u8, 0..8u8).prop_map(|(s, d, r, k)| Message::Anchor(s, d, r, k)),
        4 => (0..8usize).prop_map(Message::Ask),
        1 => (0..8usize).prop_map(Message::Erase),
    ]
}

struct Device {
    owner: u8,
    successor: Option<u8>,
    revoked: bool,
    calibrated: u64,
    stream: Option<usize>,
}

struct Stream {
    id: B256,
    owner: u8,
    name: u8,
    gateway: u8,
    closed: bool,
    /// First day, the day after the last (0: for ever), whether it was taken back.
    shares: BTreeMap<u8, (u32, u32, bool)>,
    roots: Vec<u8>,
    keys: BTreeMap<u32, u8>,
}

impl Stream {
    fn opens(&self, who: u8, day: u32) -> bool {
        let stands = |(from, until, revoked): &(u32, u32, bool)| {
            !revoked && *from <= day && (*until == 0 || day < *until)
        };
        who == self.owner || self.shares.get(&who).is_some_and(stands)
    }
}

struct Record {
    id: B256,
    stream: usize,
    day: u32,
    content: u8,
}

struct World {
    bench: Bench,
    devices: BTreeMap<u8, Device>,
    streams: Vec<Stream>,
    records: Vec<Record>,
    /// Who asked for which record, when, and whether it was permitted.
    asked: Vec<(usize, u8, u64, bool)>,
    /// Contents: who registered them first, and whether they are gone.
    contents: BTreeMap<u8, (u8, bool)>,
    /// Records that their owners had erased.
    erased: Vec<usize>,
}

fn secret(n: u8) -> DeviceSecret {
    DeviceSecret::from_bytes(Algorithm::Ed25519, &[n + 1; 32]).unwrap()
}

fn device_id(n: u8) -> B256 {
    secret(n).key().id().0
}

impl World {
    fn gone(&self, record: usize) -> bool {
        let content = self.records[record].content;
        self.erased.contains(&record) || self.contents.get(&content).is_some_and(|c| c.1)
    }

    /// Sends a message to `devices`; tells whether it went through.
    fn send<C: alloy_sol_types::SolCall>(&mut self, who: u8, call: C) -> bool {
        self.bench.send(person(who), DEVICES, call).is_ok()
    }

    /// A device that lives and is `who`'s.
    fn theirs(&mut self, device: u8, who: u8) -> Option<&mut Device> {
        let found = self.devices.get_mut(&device)?;
        (found.owner == who && !found.revoked).then_some(found)
    }

    /// Sends the message; tells whether it went through, and whether the model says it should.
    fn apply(&mut self, who: u8, message: Message) -> (bool, bool) {
        match message {
            Message::Enrol(n) => {
                let secret = secret(n);
                let message = secret.key().enrolment(1_337, DEVICES, person(who));
                let call = enrolCall {
                    algorithm: 1,
                    key: Bytes::copy_from_slice(secret.key().bytes()),
                    model: "m".to_owned(),
                    calibratedUntil: 0,
                    proof: Bytes::copy_from_slice(&secret.sign(message.as_slice())),
                };
                let expected = !self.devices.contains_key(&n);
                self.devices.entry(n).or_insert(Device {
                    owner: who,
                    successor: None,
                    revoked: false,
                    calibrated: 0,
                    stream: None,
                });
                (self.send(who, call), expected)
            }
            Message::Calibrate(n, until) => {
                let until = self.bench.now() + until;
                let call = calibrateCall {
                    device: device_id(n),
                    until,
                    certificate: B256::ZERO,
                };
                let found = self.theirs(n, who);
                let expected = found.map(|d| d.calibrated = until).is_some();
                (self.send(who, call), expected)
            }
            Message::Transfer(n, to) => {
                let call = transferCall {
                    device: device_id(n),
                    to: person(to),
                };
                let found = self.theirs(n, who);
                let expected = found.map(|d| d.successor = Some(to)).is_some();
                (self.send(who, call), expected)
            }
            Message::Accept(n) => {
                let call = acceptDeviceCall {
                    device: device_id(n),
                };
                let offered = |d: &&mut Device| d.successor == Some(who) && !d.revoked;
                let found = self.devices.get_mut(&n).filter(offered);
                let expected = found.is_some();
                if let Some(device) = found {
                    device.owner = who;
                    device.successor = None;
                    device.stream = None;
                }
                (self.send(who, call), expected)
            }
            Message::Revoke(n) => {
                let call = revokeCall {
                    device: device_id(n),
                    reason: B256::ZERO,
                };
                let found = self.theirs(n, who);
                let expected = found.map(|d| d.revoked = true).is_some();
                (self.send(who, call), expected)
            }
            Message::Assign(n, stream) => {
                let open = |s: &&Stream| s.owner == who && !s.closed;
                let target = self.streams.get(stream);
                let call = assignCall {
                    device: device_id(n),
                    stream: target.map(|s| s.id).unwrap_or_default(),
                };
                let fit = target.is_none() || target.filter(open).is_some();
                let to = target.map(|_| stream);
                let found = self.theirs(n, who).filter(|_| fit);
                let expected = found.map(|d| d.stream = to).is_some();
                (self.send(who, call), expected)
            }
            Message::Open(name, gateway) => {
                let call = openStreamCall {
                    name: format!("stream {name}"),
                    gateway: person(gateway),
                };
                let sent = self.bench.send(person(who), DEVICES, call);
                let new = |s: &Stream| (s.owner, s.name) != (who, name);
                let expected = self.streams.iter().all(new);
                if let Ok(id) = sent {
                    self.streams.push(Stream {
                        id,
                        owner: who,
                        name,
                        gateway,
                        closed: false,
                        shares: BTreeMap::new(),
                        roots: Vec::new(),
                        keys: BTreeMap::new(),
                    });
                }
                (sent.is_ok(), expected)
            }
            Message::Ask(record) => self.ask(who, record),
            Message::Erase(record) => self.erase(who, record),
            Message::SetGateway(n, _)
            | Message::Close(n)
            | Message::Share(n, ..)
            | Message::Unshare(n, _)
            | Message::Anchor(n, ..)
                if n >= self.streams.len() =>
            {
                (true, true)
            }
            Message::SetGateway(n, gateway) => {
                let stream = &mut self.streams[n];
                let call = setGatewayCall {
                    stream: stream.id,
                    gateway: person(gateway),
                };
                let expected = stream.owner == who && !stream.closed;
                if expected {
                    stream.gateway = gateway;
                }
                (self.send(who, call), expected)
            }
            Message::Close(n) => {
                let stream = &mut self.streams[n];
                let call = closeStreamCall { stream: stream.id };
                let expected = stream.owner == who && !stream.closed;
                stream.closed |= expected;
                (self.send(who, call), expected)
            }
            Message::Share(n, grantee, from, days) => {
                let until = if days == 0 { 0 } else { from + days };
                let stream = &mut self.streams[n];
                let call = shareCall {
                    stream: stream.id,
                    grantee: person(grantee),
                    fromDay: from,
                    untilDay: until,
                };
                let new = Some((from, until, false));
                let expected = stream.owner == who
                    && grantee != who
                    && stream.shares.get(&grantee).copied() != new;
                if expected {
                    stream.shares.insert(grantee, (from, until, false));
                }
                (self.send(who, call), expected)
            }
            Message::Unshare(n, grantee) => {
                let stream = &mut self.streams[n];
                let call = unshareCall {
                    stream: stream.id,
                    grantee: person(grantee),
                };
                let owner = stream.owner == who;
                let share = stream.shares.get_mut(&grantee).filter(|s| owner && !s.2);
                let expected = share.map(|share| share.2 = true).is_some();
                (self.send(who, call), expected)
            }
            Message::Anchor(n, day, root, key) => self.anchor(who, n, day, (root, key)),
        }
    }

    fn anchor(&mut self, who: u8, n: usize, day: u32, (root, key): (u8, u8)) -> (bool, bool) {
        let from = u64::from(day) * 86_400_000;
        // Most use the right key; one in eight another.
        let stream = &self.streams[n];
        let known = stream.keys.get(&day).copied();
        let key = if key == 0 { 200 } else { known.unwrap_or(100) };
        let call = anchorCall {
            batches: vec![Batch {
                stream: stream.id,
                day,
                root: B256::repeat_byte(root),
                count: 1,
                from,
                to: from + 5,
                contentHash: B256::repeat_byte(root),
                contentLength: 1,
                sealedKeyHash: B256::repeat_byte(key),
                salt: B256::with_last_byte(u8::try_from(n).unwrap()),
                custodian: Address::ZERO,
            }],
        };
        let gone = self.contents.get(&root).is_some_and(|c| c.1);
        // Two streams of one owner may have the same content under two salts.
        let expected = !stream.closed
            && stream.gateway == who
            && !stream.roots.contains(&root)
            && known.is_none_or(|known| known == key)
            && !gone;
        let sent = self.bench.send(person(who), DEVICES, call);
        let ids = sent.clone().unwrap_or_default();
        if let Some(id) = ids.first().filter(|_| expected) {
            let stream = &mut self.streams[n];
            stream.roots.push(root);
            stream.keys.insert(day, key);
            let owner = stream.owner;
            self.contents.entry(root).or_insert((owner, false));
            self.records.push(Record {
                id: *id,
                stream: n,
                day,
                content: root,
            });
        }
        (sent.is_ok(), expected)
    }

    fn ask(&mut self, who: u8, record: usize) -> (bool, bool) {
        let Some(found) = self.records.get(record) else {
            return (true, true);
        };
        let call = requestOpeningCall {
            id: found.id,
            purpose: B256::ZERO,
            readerKey: B256::repeat_byte(0x42),
        };
        let expected = self.streams[found.stream].opens(who, found.day) && !self.gone(record);
        let answer = self.bench.send(person(who), DEVICES, call).unwrap();
        let access =
            commonhold_system::records::interface::IRecords::Access::try_from(answer.access);
        self.asked.push((record, who, self.bench.now(), expected));
        (permits(access.unwrap()), expected)
    }

    fn erase(&mut self, who: u8, record: usize) -> (bool, bool) {
        let Some(found) = self.records.get(record) else {
            return (true, true);
        };
        let (id, content) = (found.id, found.content);
        let owner = self.streams[found.stream].owner == who;
        let expected = owner && !self.erased.contains(&record);
        let sent = self.bench.send(person(who), RECORDS, eraseCall { id });
        if expected {
            self.erased.push(record);
            let first = self.contents.get_mut(&content).unwrap();
            first.1 |= first.0 == who;
        }
        (sent.is_ok(), expected)
    }

    /// Everything that can be asked gets the model's answer.
    fn agree(&mut self) -> Result<(), TestCaseError> {
        let now = self.bench.now();
        for (n, device) in &self.devices {
            let id = device_id(*n);
            let shown = self.bench.view(DEVICES, deviceCall { id }).unwrap();
            prop_assert_eq!(shown.owner, person(device.owner));
            let stream = device.stream.map(|s| self.streams[s].id);
            prop_assert_eq!(shown.stream, stream.unwrap_or_default());
            let call = standingCall { device: id, at: 0 };
            let standing = self.bench.view(DEVICES, call).unwrap();
            let past = device.calibrated != 0 && now >= device.calibrated;
            let expected = match (device.revoked, past) {
                (true, _) => Standing::Revoked,
                (false, true) => Standing::PastCalibration,
                (false, false) => Standing::Good,
            };
            prop_assert_eq!(standing, expected);
        }
        for stream in &self.streams {
            let call = streamCall { id: stream.id };
            let shown = self.bench.view(DEVICES, call).unwrap();
            prop_assert_eq!(shown.anchors, u64::try_from(stream.roots.len()).unwrap());
            prop_assert_eq!(shown.gateway, person(stream.gateway));
        }
        for record in 0..self.records.len() {
            let Record {
                id, stream, day, ..
            } = self.records[record];
            for who in 0..PEOPLE {
                let expected = self.streams[stream].opens(who, day) && !self.gone(record);
                let call = mayOpenCall {
                    id,
                    who: person(who),
                    at: 0,
                };
                let may = self.bench.view(RECORDS, call).unwrap();
                prop_assert_eq!(may, expected, "{} day {}", who, day);
            }
        }
        // Members answer what was permitted and still stands.
        for number in 0..self.asked.len() {
            let (record, who, time, permitted) = self.asked[number];
            let found = &self.records[record];
            let stands = self.streams[found.stream].opens(who, found.day);
            let fresh = now - time <= OPENING_SECONDS_MAX;
            let expected = permitted && stands && fresh && !self.gone(record);
            let number = u64::try_from(number).unwrap();
            let call = mayReleaseCall { number };
            let answer = self.bench.view(RECORDS, call).unwrap();
            prop_assert_eq!(permits(answer), expected, "opening {}", number);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn days_open_for_whom_they_should(
        messages in prop::collection::vec((people(), message(), 0..15u64), 1..50)
    ) {
        let mut world = World {
            bench: network(),
            devices: BTreeMap::new(),
            streams: Vec::new(),
            records: Vec::new(),
            asked: Vec::new(),
            contents: BTreeMap::new(),
            erased: Vec::new(),
        };
        for (who, message, wait) in messages {
            let time = world.bench.now() + if wait == 14 { 2_000 } else { wait };
            world.bench.at(time);
            let (sent, expected) = world.apply(who, message.clone());
            prop_assert_eq!(sent, expected, "{:?} by {}", message, who);
            check(&mut world.bench)?;
        }
        world.agree()?;
    }
}
