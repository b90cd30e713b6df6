//! Gateways beside members, and devices that send to them.
//!
//! Everything of a gateway that decides is the production code: intake, directory, journal, batches
//! (`commonhold_gateway::parts`). Simulated are its clock, its disk ([`disk`]), the node that it talks to
//! (`node`: a member's final state and pool), and its devices' messages. Gateways and members end and
//! begin again at any time, messages are lost on the way there or back, and devices send again what was
//! not acknowledged, and sometimes what was.
//!
//! What must hold is in [`books`]: every reading that a gateway acknowledged is in exactly one anchored
//! batch, which opens; nothing is counted twice, and nothing that no device made. Besides, no gateway may
//! take as new what was acknowledged before, or find its disk unusable, and none may refuse a reading for
//! anything but that it does not know the device yet, or cannot write or ask.
//!
//! A run is over only when every device has everything acknowledged and nothing waits at any gateway.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, keccak256};
use commonhold_gateway::{Refusal, journal::Taken, ledger::Deposit};
use commonhold_reading::Envelope;
use commonware_runtime::{Spawner as _, Supervisor as _, deterministic};
use commonware_utils::channel::{mpsc, oneshot};

use crate::{founding::Founding, member::Network, model::Model};

pub mod books;
mod device;
pub mod disk;
pub mod fleet;
mod life;
mod node;

use books::Key;
pub use fleet::{Cut, Fleet};

type Message = (Vec<u8>, oneshot::Sender<Result<Taken, Refusal>>);

/// What happened, for tests to prove that it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lives of gateways that began.
    pub lives: u64,
    /// Those that were killed.
    pub kills: u64,
    /// Those whose power failed.
    pub power_failures: u64,
    /// Of both, those that ended in the middle of an operation of the disk.
    pub cut: u64,
    /// Answers that said that a reading is on the disk now.
    pub taken: u64,
    /// Answers that said that it was before.
    pub duplicates: u64,
    /// Messages that got no answer.
    pub unanswered: u64,
    /// Questions and answers between gateways and members that were lost.
    pub ways_lost: u64,
    /// Transactions of gateways that they saw final.
    pub anchorings: u64,
    /// Those of which a gateway learnt nothing.
    pub doubts: u64,
    /// Those that were refused.
    pub reverted: u64,
    /// Batches that the ledger had when a gateway asked.
    pub found: u64,
    /// Refusals of readings, by reason.
    pub refused: BTreeMap<String, u64>,
    /// What stood in the way of batches.
    pub troubles: BTreeSet<String>,
}

/// All gateways of a run.
pub struct Gateways {
    /// What is wanted.
    pub fleet: Fleet,
    /// What happened.
    pub tally: Tally,
    /// Promises that were broken while somebody looked.
    pub violations: Vec<String>,
    /// What was brought, by record. Members keep it for one another.
    pub vault: BTreeMap<B256, Deposit>,
    /// What devices made.
    pub made: BTreeMap<Key, B256>,
    /// What gateways acknowledged.
    pub acknowledged: BTreeMap<Key, B256>,
    /// Readings that are anchored, once a run was checked.
    pub anchored: usize,
    /// Batches that they are in.
    pub batches: usize,
    sent: BTreeSet<B256>,
    inlets: Vec<Option<mpsc::Sender<Message>>>,
    /// What waits at each gateway.
    waits: Vec<Option<String>>,
    devices_done: usize,
    has_begun: bool,
}

/// Begins with gateways and devices where a network has some and they have not begun.
pub fn start(context: &deterministic::Context, network: &Network) {
    if !life::first(&network.world) {
        return;
    }
    let fleet = network.world.gateways(|g| g.fleet.clone());
    for gateway in 0..fleet.at.len() {
        let of_gateway = network.clone();
        context
            .child("gateway")
            .with_attribute("number", gateway)
            .spawn(move |context| life::lives(context, of_gateway, gateway));
        for number in 0..fleet.devices {
            let device = device::Device {
                world: network.world.clone(),
                gateway,
                secret: Fleet::device(gateway, number),
            };
            context
                .child("device")
                .with_attribute("gateway", gateway)
                .with_attribute("number", number)
                .spawn(move |context| device.run(context));
        }
    }
}

fn read(bytes: &[u8]) -> (Key, B256) {
    let envelope = Envelope::parse(bytes).expect("a reading");
    let key = (envelope.subject(), envelope.reading().counter);
    (key, keccak256(bytes))
}

impl Gateways {
    /// The gateways of a network in which this is wanted.
    pub fn new(fleet: Fleet) -> Self {
        let count = fleet.at.len();
        Self {
            fleet,
            tally: Tally::default(),
            violations: Vec::new(),
            vault: BTreeMap::new(),
            made: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            anchored: 0,
            batches: 0,
            sent: BTreeSet::new(),
            inlets: vec![None; count],
            waits: vec![Some("it has not begun".to_owned()); count],
            devices_done: 0,
            has_begun: false,
        }
    }

    fn made(&mut self, bytes: &[u8]) {
        let (key, digest) = read(bytes);
        self.made.insert(key, digest);
    }

    /// A gateway answers its device.
    fn answered(&mut self, bytes: &[u8], outcome: &Result<Taken, Refusal>) {
        let (key, digest) = read(bytes);
        match outcome {
            Ok(Taken::New(_)) => {
                self.tally.taken += 1;
                if self.acknowledged.insert(key, digest).is_some() {
                    self.violations.push(format!(
                        "reading {key:?} was acknowledged, and is taken as new"
                    ));
                }
            }
            Ok(Taken::Duplicate) => {
                self.tally.duplicates += 1;
                self.acknowledged.insert(key, digest);
            }
            Ok(Taken::Ignored) => self.violations.push(format!("{key:?} is ignored")),
            Err(_) => {}
        }
    }

    /// A device is told that its reading was not taken.
    fn refused(&mut self, refusal: &Refusal) {
        let reason = refusal.reason().to_owned();
        *self.tally.refused.entry(reason).or_default() += 1;
        // The ledger may not have it yet; the node may be away; the power may be about to fail.
        let is_fair = matches!(
            refusal,
            Refusal::UnknownDevice(_)
                | Refusal::OtherStream(_)
                | Refusal::NodeAway
                | Refusal::Disk(_)
                | Refusal::Stopping
        );
        if !is_fair {
            self.violations.push(format!("a device is told: {refusal}"));
        }
    }

    /// Whether everything is acknowledged and nothing waits. `is_final`: on any member, and on all.
    ///
    /// # Errors
    /// Names what is open.
    pub fn settled(&self, is_final: impl Fn(&B256) -> (bool, bool)) -> Result<(), String> {
        let devices = self.fleet.at.len() * self.fleet.devices;
        if self.devices_done < devices {
            return Err(format!(
                "{} of {devices} devices are done: {:?}",
                self.devices_done, self.tally
            ));
        }
        // A gateway that has lost the key of a day never anchors any more of it.
        let waits = self.waits.iter().flatten().next();
        if let Some(what) = waits.filter(|_| !self.fleet.deaf) {
            return Err(format!("a gateway waits: {what}; {:?}", self.tally));
        }
        match self
            .sent
            .iter()
            .find(|hash| is_final(hash) == (true, false))
        {
            Some(hash) => Err(format!("{hash} is not final everywhere")),
            None => Ok(()),
        }
    }

    /// Checks the books, by the state that every member has.
    ///
    /// # Errors
    /// The first promise that was broken.
    pub fn check(&mut self, founding: &Founding, model: &Model) -> Result<(), String> {
        if let Some(first) = self.violations.first() {
            return Err(first.clone());
        }
        let gateways = 0..self.fleet.at.len();
        let streams: Vec<B256> = gateways
            .flat_map(|gateway| Fleet::streams(founding, gateway))
            .collect();
        let opened = books::open(founding, model, &self.vault, &streams)?;
        self.batches = opened.len();
        self.anchored = opened.iter().map(|o| o.batch.entries().len()).sum();
        books::audit(&self.made, &self.acknowledged, &opened)
    }
}
