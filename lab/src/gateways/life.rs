//! One gateway: lives that are begun and ended at any time, on one disk.
//!
//! A life is [`Parts`], as a gateway's process has them, driven by the simulated clock: its writer writes
//! what has gathered while the disk was busy, its batcher steps, its directory follows the ledger. It ends
//! between two awaits, by a kill or with the power, or in the middle of whatever writes when the power
//! fails at a certain operation of the disk.

use std::{future::pending, sync::Arc, time::Duration};

use commonhold_chain::rules::millis;
use commonhold_gateway::{
    clock::Clock,
    directory::Followed,
    journal::{Journal, Writer},
    limits::{FOLLOW_MS, RETRY_MS},
    parts::{Ground, Identity, Parts},
};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::channel::mpsc;
use rand::{SeedableRng as _, rngs::StdRng};
use rand_core::Rng as _;

use super::{
    disk::{self, Disk, End},
    fleet::Fleet,
    node::Node,
};
use crate::{member::Network, world::World};

/// Milliseconds that the disk is busy with one group, at most.
const DISK_MS: u64 = 25;
/// Operations of the disk after which the power fails, at most, where it fails in the middle of them.
const OPERATIONS: u64 = 150;
/// Milliseconds that a gateway is away, at most.
const AWAY_MS: u64 = 1_500;
/// How often somebody looks whether the power has failed.
const LOOK: Duration = Duration::from_millis(5);

struct Simulated(deterministic::Context);

impl Clock for Simulated {
    fn now_ms(&self) -> u64 {
        millis(self.0.current())
    }

    fn passed(&self) -> Duration {
        Duration::from_millis(self.now_ms())
    }
}

/// Runs a gateway until the end of the simulation.
pub(super) async fn lives(mut context: deterministic::Context, network: Network, gateway: usize) {
    let world = network.world.clone();
    let fleet = world.gateways(|g| g.fleet.clone());
    let disk = Disk::new(fleet.deaf);
    let until = std::time::UNIX_EPOCH + fleet.until;
    loop {
        let (goes_on, dice) = (context.current() >= until, context.next_u64());
        let left = (!goes_on && dice.is_multiple_of(2)).then(|| context.next_u64() % OPERATIONS);
        let power = disk.begin(left);
        let seed = context.next_u64();
        let one = Life {
            network: network.clone(),
            gateway,
            member: fleet.at[gateway],
            power: power.clone(),
        };
        world.gateways(|g| g.tally.lives += 1);
        let handle = context
            .child("life")
            .spawn(move |context| one.live(context, seed));
        let ends = match fleet.lives.as_millis() {
            _ if goes_on => None,
            most => u64::try_from(most).ok().map(|most| {
                let lasts = Duration::from_millis(context.next_u64() % most.max(1));
                context.current() + lasts
            }),
        };
        while power.is_on() && ends.is_none_or(|end| context.current() < end) {
            context.sleep(LOOK).await;
        }
        let cut = !power.is_on();
        let how = match context.next_u64() % 2 {
            0 if !fleet.deaf => End::Kill,
            _ => End::Power,
        };
        disk.end(how, &mut context);
        handle.abort();
        world.gateways(|g| {
            g.inlets[gateway] = None;
            g.waits[gateway] = Some("it is down".to_owned());
            g.tally.cut += u64::from(cut);
            match how {
                End::Kill => g.tally.kills += 1,
                End::Power => g.tally.power_failures += 1,
            }
        });
        let away = Duration::from_millis(context.next_u64() % AWAY_MS);
        context.sleep(away).await;
    }
}

struct Life {
    network: Network,
    gateway: usize,
    member: usize,
    power: disk::Life,
}

impl Life {
    async fn live(self, context: deterministic::Context, seed: u64) {
        let Network {
            founding, world, ..
        } = &self.network;
        let gateway = self.gateway;
        let clock: Arc<dyn Clock> = Arc::new(Simulated(context.child("time")));
        let config = Fleet::config(founding, gateway);
        let node = Arc::new(Node::of(
            (world.clone(), founding.clone()),
            (gateway, self.member),
            self.power.clone(),
            (context.child("node_clock"), context.child("node_dice")),
        ));
        let opened = Journal::on(self.power.clone(), config.terms(clock.clone()));
        let opened = opened.map_err(|e| e.to_string());
        let made = opened.and_then(|(journal, writer)| {
            let identity = Identity {
                device: Fleet::gateway_device(gateway),
                account: Fleet::account(gateway).encryption().clone(),
            };
            let ground = Ground {
                ledger: node.clone(),
                node,
                bodies: Box::new(self.power.clone()),
                clock,
                random: StdRng::seed_from_u64(seed),
            };
            let parts = Parts::new(&config, journal, identity, ground);
            Ok((parts.map_err(|e| e.to_string())?, writer))
        });
        let (parts, writer) = match made {
            Ok(made) => made,
            Err(why) => {
                if self.power.is_on() {
                    let why = format!("gateway {gateway} does not start: {why}");
                    world.gateways(|g| g.violations.push(why));
                }
                return;
            }
        };
        self.drive(context, parts, writer).await;
    }

    async fn drive(self, context: deterministic::Context, parts: Parts, writer: Writer) {
        let Parts {
            intake,
            directory,
            mut batches,
            state,
        } = parts;
        let (world, gateway) = (self.network.world.clone(), self.gateway);
        context
            .child("writer")
            .spawn(|context| write(context, writer));
        context.child("follow").spawn(move |context| async move {
            let mut followed = Followed::default();
            loop {
                let done = directory.follow(&mut followed).await;
                let wait = if done.is_ok() { FOLLOW_MS } else { RETRY_MS };
                context.sleep(Duration::from_millis(wait)).await;
            }
        });
        let (journal, idle) = (intake.journal().clone(), world.clone());
        context.child("batches").spawn(move |context| async move {
            loop {
                let wait = batches.step().await;
                let (readings, told) = (journal.waiting().0, state.now());
                idle.gateways(|g| {
                    g.tally.troubles.extend(told.trouble.clone());
                    g.waits[gateway] = (readings > 0 || told.batches_waiting > 0)
                        .then(|| format!("{readings} readings, {told:?}"));
                });
                context.sleep(wait.max(Duration::from_millis(1))).await;
            }
        });
        let (inlet, mut messages) = mpsc::channel(64);
        world.gateways(|g| g.inlets[gateway] = Some(inlet));
        while let Some((bytes, answer)) = messages.recv().await {
            let (intake, world, power) = (intake.clone(), world.clone(), self.power.clone());
            context.child("message").spawn(move |_| async move {
                let outcome = match intake.signed(&bytes).await {
                    Ok(writing) => writing.await,
                    Err(refusal) => Err(refusal),
                };
                if !power.is_on() {
                    pending::<()>().await;
                }
                world.gateways(|g| g.answered(&bytes, &outcome));
                // Who does not wait any more asks again.
                let _ = answer.send(outcome);
            });
        }
    }
}

async fn write(mut context: deterministic::Context, mut writer: Writer) {
    loop {
        let busy = Duration::from_millis(1 + context.next_u64() % DISK_MS);
        context.sleep(busy).await;
        writer.step();
    }
}

/// Whether a world's gateways have begun.
pub(super) fn first(world: &World) -> bool {
    world.with(|w| {
        let gateways = w.gateways.as_mut();
        gateways.is_some_and(|g| !std::mem::replace(&mut g.has_begun, true))
    })
}
