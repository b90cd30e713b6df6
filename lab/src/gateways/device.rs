//! A device: it makes readings, and sends each until it is acknowledged, in any order; sometimes also
//! what was.

use std::{collections::BTreeMap, time::Duration};

use commonhold_chain::rules::millis;
use commonhold_gateway::{Refusal, journal::Taken};
use commonhold_reading::{DeviceSecret, Envelope, Reading, Record, Value};
use commonware_runtime::{Clock as _, deterministic};
use commonware_utils::channel::oneshot;
use futures::future::join_all;
use rand_core::Rng as _;

use crate::world::World;

/// Messages that a device has under way at once.
const BURST: usize = 4;
/// Milliseconds that a message is under way, at most.
const LATENCY_MS: u64 = 40;

/// One device.
pub(super) struct Device {
    pub(super) world: World,
    pub(super) gateway: usize,
    pub(super) secret: DeviceSecret,
}

/// What happens to one message.
struct Trip {
    there: Option<Duration>,
    back: Option<Duration>,
}

impl Device {
    pub(super) async fn run(self, mut context: deterministic::Context) {
        let (wanted, lost, again) = self
            .world
            .gateways(|g| (g.fleet.readings, g.fleet.lost, g.fleet.again));
        let mut waiting: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        let mut acknowledged: Vec<(u64, Vec<u8>)> = Vec::new();
        let (mut made, mut counter) = (0, 0);
        while made < wanted || !waiting.is_empty() {
            let pause = Duration::from_millis(30 + context.next_u64() % 120);
            context.sleep(pause).await;
            if made < wanted {
                made += 1;
                counter += 1 + context.next_u64() % 3;
                let bytes = self.reading(counter, millis(context.current()), context.next_u64());
                self.world.gateways(|g| g.made(&bytes));
                waiting.insert(counter, bytes);
            }
            let mut picked: Vec<(u64, Vec<u8>)> = Vec::new();
            let skip = context.next_u64() % waiting.len().max(1) as u64;
            let skip = usize::try_from(skip).unwrap_or_default();
            for (counter, bytes) in waiting.iter().skip(skip).take(BURST) {
                picked.push((*counter, bytes.clone()));
            }
            if context.next_u64() % 100 < again && !acknowledged.is_empty() {
                let at = context.next_u64() % acknowledged.len() as u64;
                picked.push(acknowledged[usize::try_from(at).unwrap_or_default()].clone());
            }
            let trips: Vec<Trip> = picked.iter().map(|_| trip(&mut context, lost)).collect();
            let sent = picked.iter().zip(trips);
            let sent = sent.map(|((_, bytes), trip)| self.send(&context, bytes.clone(), trip));
            let answers = join_all(sent).await;
            for ((counter, bytes), answer) in picked.into_iter().zip(answers) {
                match answer {
                    Some(Ok(_)) => {
                        if waiting.remove(&counter).is_some() {
                            acknowledged.push((counter, bytes));
                        }
                    }
                    Some(Err(refusal)) => self.world.gateways(|g| g.refused(&refusal)),
                    None => self.world.gateways(|g| g.tally.unanswered += 1),
                }
            }
        }
        self.world.gateways(|g| g.devices_done += 1);
    }

    fn reading(&self, counter: u64, time: u64, value: u64) -> Vec<u8> {
        let reading = Reading {
            counter,
            time,
            pack: vec![Record {
                name: "power".to_owned(),
                unit: Some("W".to_owned()),
                value: Value::integer(i64::try_from(value % 10_000).unwrap_or_default()),
                offset: 0,
            }],
            nonce: None,
            origin: None,
        };
        let envelope = Envelope::sign(&self.secret, reading).expect("a reading");
        envelope.bytes().to_vec()
    }

    /// What the gateway answers, where message and answer come through.
    async fn send(
        &self,
        clock: &deterministic::Context,
        bytes: Vec<u8>,
        trip: Trip,
    ) -> Option<Result<Taken, Refusal>> {
        clock.sleep(trip.there?).await;
        let inlet = self.world.gateways(|g| g.inlets[self.gateway].clone())?;
        let (answer, answered) = oneshot::channel();
        inlet.send((bytes, answer)).await.ok()?;
        // A gateway that ends answers nothing.
        let answer = answered.await.ok()?;
        clock.sleep(trip.back?).await;
        Some(answer)
    }
}

fn trip(context: &mut deterministic::Context, lost: u64) -> Trip {
    let mut way = || {
        let takes = Duration::from_millis(1 + context.next_u64() % LATENCY_MS);
        (context.next_u64() % 100 >= lost).then_some(takes)
    };
    Trip {
        there: way(),
        back: way(),
    }
}
