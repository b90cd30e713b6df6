#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

//! Members that run a ceremony on a simulated network, with simulated time and disks that can fail.

mod choice;
mod faults;
mod liars;
mod lives;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use alloy_primitives::B256;
use commonhold_primitives::consensus::MemberKey;
use commonhold_seal::{
    Group, Identity,
    ceremony::{Body, Ceremony, Finished, Purpose, Terms},
};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};
use commonware_p2p::{
    Message as Received, Receiver as _,
    simulated::{Config as NetworkConfig, Control, Link, Network, Oracle, Receiver, Sender},
};
use commonware_runtime::{
    Clock as _, Handle, Quota, Runner as _, Spawner as _, Supervisor as _, deterministic,
};
use commonware_utils::{NZU32, NZUsize, Probability, probability};
use parking_lot::Mutex;
use rand::{SeedableRng as _, rngs::StdRng};

use crate::{
    Config, End, Event, Host, RunError,
    limits::{MESSAGES_PER_SECOND_MAX, WIRE_BYTES_MAX},
    wire::Wire,
};

pub(super) type Context = deterministic::Context;
pub(super) type Channel = (Sender<MemberKey, Context>, Receiver<MemberKey>);
pub(super) type Ran = Result<End, RunError<DiskError>>;

pub(super) const NETWORK: B256 = B256::repeat_byte(0x11);
/// Longer than any good ceremony takes.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the disk has failed")]
pub(super) struct DiskError;

/// What outlives a member's process.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) memory: Option<Vec<u8>>,
    /// The result's digest and the share.
    pub(super) result: Option<(B256, [u8; 32])>,
    pub(super) events: Vec<Event>,
    /// How often the memory was written.
    pub(super) writes: u32,
    /// The number of the write at which the disk fails, and whether that write is on it all the same.
    pub(super) fails: Option<(u32, bool)>,
    /// Whether writing the result fails the next time.
    pub(super) refuses_result: bool,
}

#[derive(Clone, Default)]
pub(super) struct Machine(pub(super) Arc<Mutex<Disk>>);

impl Host for Machine {
    type Error = DiskError;

    fn remember(&mut self, ceremony: &Ceremony) -> Result<(), DiskError> {
        let mut disk = self.0.lock();
        disk.writes += 1;
        match disk.fails {
            Some((at, written)) if at == disk.writes => {
                disk.fails = None;
                if written {
                    disk.memory = Some(ceremony.memory().to_vec());
                }
                Err(DiskError)
            }
            _ => {
                disk.memory = Some(ceremony.memory().to_vec());
                Ok(())
            }
        }
    }

    fn finish(&mut self, finished: &Finished) -> Result<(), DiskError> {
        let mut disk = self.0.lock();
        if std::mem::take(&mut disk.refuses_result) {
            return Err(DiskError);
        }
        let (group, share) = finished.made.seal().unwrap();
        let result = (group.digest(), *share.secret_bytes());
        assert!(disk.result.is_none_or(|known| known == result));
        disk.result = Some(result);
        Ok(())
    }

    fn tell(&mut self, event: Event) {
        self.0.lock().events.push(event);
    }
}

/// Sender, receiver, round, and whether it was a dealing.
type What = (u32, u32, u64, bool);

/// What was dealt and confirmed in the sight of the others.
#[derive(Clone, Default)]
pub(super) struct Seen(Arc<Mutex<BTreeMap<What, BTreeSet<Vec<u8>>>>>);

/// A receiver that writes down what it passes on.
#[derive(Debug)]
struct Watched {
    receiver: Receiver<MemberKey>,
    seen: Seen,
    me: u32,
    members: Vec<MemberKey>,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seen")
    }
}

impl commonware_p2p::Receiver for Watched {
    type Error = <Receiver<MemberKey> as commonware_p2p::Receiver>::Error;
    type PublicKey = MemberKey;

    async fn recv(&mut self) -> Result<Received<MemberKey>, Self::Error> {
        let (from, bytes) = self.receiver.recv().await?;
        if let Some(Wire::Step(message)) = Wire::from_bytes(bytes.as_ref())
            && let deals @ (Body::Deal(..) | Body::Confirm(_)) = &message.body
        {
            let place = self.members.iter().position(|member| *member == from);
            let from = u32::try_from(place.unwrap()).unwrap();
            let deals = matches!(deals, Body::Deal(..));
            let what = (from, self.me, message.round, deals);
            let mut seen = self.seen.0.lock();
            seen.entry(what)
                .or_default()
                .insert(message.to_bytes().to_vec());
        }
        Ok((from, bytes))
    }

    fn capacity(&self) -> std::num::NonZeroUsize {
        self.receiver.capacity()
    }
}

/// How a member is started.
#[derive(Clone, Copy)]
pub(super) struct How {
    pub(super) round: u64,
    pub(super) patience: Duration,
    pub(super) stay: bool,
}

impl Default for How {
    fn default() -> Self {
        Self {
            round: 0,
            patience: PATIENCE,
            stay: false,
        }
    }
}

pub(super) struct Net {
    pub(super) context: Context,
    /// In their order, so that a key's position is its member's place.
    pub(super) keys: Vec<PrivateKey>,
    pub(super) oracle: Oracle<MemberKey, Context>,
    pub(super) disks: Vec<Machine>,
    pub(super) seen: Seen,
    starts: u64,
}

pub(super) fn keys(members: u64) -> Vec<PrivateKey> {
    let mut keys: Vec<_> = (0..members).map(PrivateKey::from_seed).collect();
    keys.sort_by_key(|key| key.public_key());
    keys
}

impl Net {
    pub(super) async fn new(context: Context, members: u64, success_rate: Probability) -> Self {
        let keys = keys(members);
        let config = NetworkConfig {
            max_size: u32::try_from(WIRE_BYTES_MAX).unwrap(),
            max_peers_per_set: NZUsize!(8),
            disconnect_on_block: true,
            tracked_peer_sets: NZUsize!(1),
        };
        let public: Vec<MemberKey> = keys.iter().map(|key| key.public_key()).collect();
        let (network, oracle) =
            Network::new_with_peers(context.child("network"), config, public.clone()).await;
        network.start();
        for from in &public {
            for to in public.iter().filter(|to| *to != from) {
                let link = Link {
                    latency: Duration::from_millis(20),
                    jitter: Duration::from_millis(10),
                    success_rate,
                };
                oracle
                    .add_link(from.clone(), to.clone(), link)
                    .await
                    .unwrap();
            }
        }
        Self {
            context,
            disks: keys.iter().map(|_| Machine::default()).collect(),
            keys,
            oracle,
            seen: Seen::default(),
            starts: 0,
        }
    }

    pub(super) fn terms(&self, round: u64) -> Terms {
        let keys = self.keys.iter().map(|key| key.public_key());
        Terms::new(Purpose::Seal, NETWORK, round, keys).unwrap()
    }

    pub(super) async fn channel(&self, place: usize) -> (Control<MemberKey, Context>, Channel) {
        let control = self.oracle.control(self.keys[place].public_key());
        let quota = Quota::per_second(NZU32!(MESSAGES_PER_SECOND_MAX));
        let channel = control.register(0, quota).await.unwrap();
        (control, channel)
    }

    /// The member's ceremony, from its disk where there is a memory of that round.
    pub(super) fn ceremony(&mut self, place: usize, round: u64) -> Ceremony {
        self.starts += 1;
        let mut rng = StdRng::seed_from_u64(self.starts);
        let key = self.keys[place].clone();
        let memory = self.disks[place].0.lock().memory.clone();
        let remembered = memory.map(|m| Ceremony::resume(&m, key.clone(), &mut rng).unwrap());
        match remembered.filter(|ceremony| ceremony.terms().round() == round) {
            Some(ceremony) => ceremony,
            None => Ceremony::begin(self.terms(round), key, &mut rng).unwrap(),
        }
    }

    /// Starts a member's program.
    pub(super) async fn start(&mut self, place: usize, how: How) -> Handle<Ran> {
        let ceremony = self.ceremony(place, how.round);
        let (blocker, (sender, receiver)) = self.channel(place).await;
        let me = u32::try_from(place).unwrap();
        let receiver = Watched {
            receiver,
            seen: self.seen.clone(),
            me,
            members: self.keys.iter().map(|key| key.public_key()).collect(),
        };
        let mut host = self.disks[place].clone();
        let context = self
            .context
            .child("member")
            .with_attribute("index", place)
            .with_attribute("start", self.starts);
        context.spawn(move |context| async move {
            let config = Config {
                ceremony,
                me,
                host: &mut host,
                blocker,
                patience: how.patience,
                stay: how.stay,
            };
            crate::run(context, config, (sender, receiver)).await
        })
    }

    pub(super) async fn start_all(&mut self, how: How) -> Vec<Handle<Ran>> {
        let mut started = Vec::new();
        for place in 0..self.keys.len() {
            started.push(self.start(place, how).await);
        }
        started
    }

    /// Lets simulated time pass until `met`.
    pub(super) async fn until(&self, what: &str, met: impl Fn(&Self) -> bool) {
        for _ in 0..60_000 {
            if met(self) {
                return;
            }
            self.context.sleep(Duration::from_millis(1)).await;
        }
        panic!("{what}: not within a simulated minute");
    }

    pub(super) fn disk<T>(&self, place: usize, look: impl FnOnce(&mut Disk) -> T) -> T {
        look(&mut self.disks[place].0.lock())
    }

    /// Whether a member was told this.
    pub(super) fn told(&self, place: usize, what: &Event) -> bool {
        self.disk(place, |disk| disk.events.contains(what))
    }

    /// Whether a member holds this one's dealing and acknowledgement, by its own disk.
    pub(super) fn has_from(&self, place: usize, other: u32) -> bool {
        let Some(memory) = self.disk(place, |disk| disk.memory.clone()) else {
            return false;
        };
        let mut rng = StdRng::seed_from_u64(0);
        let key = self.keys[place].clone();
        let missing = Ceremony::resume(&memory, key, &mut rng).unwrap().missing();
        !missing.dealings.contains(&other) && !missing.acks.contains(&other)
    }

    /// Checks what must hold of members that have finished: one group, on every disk, whose shares open;
    /// and that nobody was ever seen to deal or confirm two things.
    pub(super) fn check(&self, round: u64, ends: &[(usize, End)]) -> Group {
        let group = ends[0].1.finished.made.seal().unwrap().0.clone();
        let target = Identity::Time(1).here();
        let mut partials = Vec::new();
        for (place, End { finished, .. }) in ends {
            let (own, share) = finished.made.seal().unwrap();
            assert_eq!(*own, group);
            assert_eq!(share.member() as usize, *place);
            group.check(share).unwrap();
            self.terms(round)
                .check_confirmations(group.digest(), &finished.confirmations)
                .unwrap();
            let written = self.disk(*place, |disk| disk.result);
            let secret = *share.secret_bytes();
            assert_eq!(written, Some((group.digest(), secret)));
            partials.push(share.partial(&target));
        }
        let opening = group.combine(&target, &partials).unwrap().opening;
        opening.verify(&group.key(), &target).unwrap();
        for (what, sent) in self.seen.0.lock().iter() {
            assert_eq!(sent.len(), 1, "{what:?}");
        }
        group
    }
}

/// Waits until all have ended with a result.
pub(super) async fn ended(
    handles: impl IntoIterator<Item = (usize, Handle<Ran>)>,
) -> Vec<(usize, End)> {
    let mut ends = Vec::new();
    for (place, handle) in handles {
        ends.push((place, handle.await.unwrap().unwrap()));
    }
    ends
}

/// Runs a test in simulated time.
pub(super) fn run<F: Future<Output = ()>>(seed: u64, test: impl FnOnce(Context) -> F) {
    let config = deterministic::Config::new()
        .with_seed(seed)
        .with_timeout(Some(Duration::from_secs(3_600)));
    deterministic::Runner::new(config).start(test);
}

/// Nothing is lost.
pub(super) const GOOD: Probability = probability!(1.0);
