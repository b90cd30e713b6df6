//! What is watched from outside the members, across their lives.
//!
//! A member that crashes loses its memory; this does not. It keeps what every member was told is
//! final, compares what is told twice, and knows which life of which member acknowledged which
//! transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::Arc,
};

use alloy_primitives::{B256, keccak256};
use commonhold_chain::{Observer, rules::millis};
use commonhold_primitives::{Finalised, finalised::Writes};
use commonhold_seal::{Held, Holdings};
use commonware_runtime::{Clock as _, deterministic};
use commonware_utils::sync::Mutex;

use crate::{
    gateways::Gateways, load::Load, member::Door, readers::Readers, script::Script, town::Town,
};

/// One life of one member: (member, how often it was started before).
pub type Life = (usize, u32);

/// Shared by all members of one run.
#[derive(Clone)]
pub struct World(Arc<Mutex<State>>);

/// What the world knows.
#[derive(Default)]
pub struct State {
    /// Per member, the final blocks that it was told of, by height.
    pub histories: Vec<BTreeMap<u64, Finalised>>,
    /// Broken promises that were seen while they happened.
    pub violations: Vec<String>,
    /// How often each member was started.
    pub starts: Vec<u32>,
    /// The lives that have not ended.
    pub living: BTreeSet<Life>,
    /// Per member, who holds the seal key as its newest life knows it.
    pub holdings: BTreeMap<usize, Holdings>,
    /// Lives that ended by themselves, without being crashed.
    pub collapsed: Vec<Life>,
    /// The lives that are not up yet: opening their storage, or joining.
    pub starting: BTreeSet<Life>,
    /// Lives that ended before they were up.
    pub interrupted: u64,
    /// Blocks that a member was told of again after a restart.
    pub told_again: u64,
    /// What byzantine members did.
    pub misdeeds: u64,
    /// The same by channel, where it was a message.
    pub misdeeds_on: BTreeMap<u64, u64>,
    /// Who cut off whom.
    pub cut_off: BTreeSet<(usize, usize)>,
    /// What twins saw the others sign: by view and block, the members that signed.
    pub signed: BTreeMap<u64, BTreeMap<B256, BTreeSet<usize>>>,
    /// Hashes of blocks that must never be final.
    pub forbidden: BTreeSet<B256>,
    /// Transactions.
    pub load: Load,
    /// People who open what is sealed.
    pub readers: Option<Readers>,
    /// What members vote on.
    pub script: Script,
    /// Gateways and devices.
    pub gateways: Option<Gateways>,
    /// People who use the network by the command line's words.
    pub town: Option<Town>,
    /// The ways into the lives that are up.
    pub doors: BTreeMap<usize, (Life, Door)>,
    /// Per member, when it was first told of each final block: milliseconds of simulated time.
    pub told_at: Vec<BTreeMap<u64, u64>>,
    /// Per member, bytes of the messages that it sent, once for each that they went to.
    pub bytes_sent: Vec<u64>,
    /// Heights of which a member served a certificate that the network key verifies, after the run.
    pub certified: BTreeSet<u64>,
    /// The simulator's counters at the end of the run.
    pub metrics: String,
    last_told: Vec<Option<(u32, u64)>>,
    included: Vec<BTreeSet<B256>>,
}

impl World {
    /// A world of so many members under this load.
    pub fn new(members: usize, load: Load) -> Self {
        Self(Arc::new(Mutex::new(State {
            histories: vec![BTreeMap::new(); members],
            starts: vec![0; members],
            told_at: vec![BTreeMap::new(); members],
            bytes_sent: vec![0; members],
            last_told: vec![None; members],
            included: vec![BTreeSet::new(); members],
            load,
            ..State::default()
        })))
    }

    /// Looks at, or changes, the world. Never waits inside.
    pub fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock())
    }

    /// Lets the readers of this run look at something that happened, and at what members know.
    pub fn read<T>(&self, f: impl FnOnce(&mut Readers, &Known) -> T) -> Option<T> {
        self.with(|w| {
            let known = Known {
                told: w
                    .histories
                    .iter()
                    .map(|h| h.keys().next_back().copied().unwrap_or(0))
                    .collect(),
                living: w.living.clone(),
            };
            w.readers.as_mut().map(|readers| f(readers, &known))
        })
    }

    /// Lets the gateways of this run note something.
    ///
    /// # Panics
    /// Where the run has none.
    pub fn gateways<T>(&self, f: impl FnOnce(&mut Gateways) -> T) -> T {
        self.with(|w| f(w.gateways.as_mut().expect("a run with gateways")))
    }

    /// Lets the town of this run note something.
    ///
    /// # Panics
    /// Where the run has none.
    pub fn town<T>(&self, f: impl FnOnce(&mut Town) -> T) -> T {
        self.with(|w| f(w.town.as_mut().expect("a run with a town")))
    }

    /// The way into a member's life that is up now, if there is one.
    pub fn door(&self, member: usize) -> Option<(Life, Door)> {
        self.with(|w| {
            let found = w.doors.get(&member).cloned();
            found.filter(|(life, _)| w.living.contains(life))
        })
    }

    /// What living members have applied now.
    pub async fn applied(&self) -> Applied {
        let doors = self.with(|w| {
            let mut doors = w.doors.clone();
            doors.retain(|_, (life, _)| w.living.contains(life));
            doors
        });
        let mut applied = BTreeMap::new();
        for (member, (life, door)) in doors {
            if let Some(height) = door.ledger.processed().await {
                applied.insert(member, (life, height));
            }
        }
        Applied(applied)
    }

    /// A member starts. The guard ends its life when it is dropped, that is: when its task ends or is
    /// aborted.
    pub fn born(&self, member: usize) -> Alive {
        let life = self.with(|w| {
            let life = (member, w.starts[member]);
            w.starts[member] += 1;
            w.living.insert(life);
            w.starting.insert(life);
            life
        });
        Alive {
            world: self.clone(),
            life,
        }
    }

    /// An observer of final blocks for one life.
    pub fn recorder(&self, life: Life, clock: deterministic::Context) -> Recorder {
        Recorder {
            world: self.clone(),
            life,
            clock: Arc::new(clock),
        }
    }
}

/// Heights that members had applied at one time.
pub struct Applied(BTreeMap<usize, (Life, u64)>);

/// What is known now.
pub struct Known {
    told: Vec<u64>,
    living: BTreeSet<Life>,
}

impl Known {
    /// The last final block that a member was told of.
    pub fn height(&self, member: usize) -> u64 {
        self.told[member]
    }

    /// What a member had applied then, if it lives on; else 0: whoever starts again may have less.
    pub fn still(&self, applied: &Applied, member: usize) -> u64 {
        let then = applied.0.get(&member);
        let then = then.filter(|(life, _)| self.living.contains(life));
        then.map_or(0, |(_, height)| *height)
    }
}

/// A member's life as long as this exists.
pub struct Alive {
    world: World,
    /// Which life it is.
    pub life: Life,
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.world.with(|w| {
            w.living.remove(&self.life);
            w.interrupted += u64::from(w.starting.remove(&self.life));
        });
    }
}

/// Writes down what one life of a member is told.
#[derive(Clone)]
pub struct Recorder {
    world: World,
    life: Life,
    clock: Arc<deterministic::Context>,
}

impl Observer for Recorder {
    fn finalised(
        &mut self,
        finalised: Finalised,
        writes: Arc<Writes>,
    ) -> impl Future<Output = ()> + Send {
        let now = millis(self.clock.current());
        self.world.with(|w| {
            let told_at = &mut w.told_at[self.life.0];
            told_at.entry(finalised.block.number()).or_insert(now);
            if let Some(town) = &w.town {
                town.told(self.life.0, &finalised, &writes);
            }
            w.told(self.life, finalised);
        });
        std::future::ready(())
    }
}

impl State {
    /// A member was told of a final block.
    pub fn told(&mut self, (member, start): Life, told: Finalised) {
        let number = told.block.number();
        // Within one life heights follow one another.
        if let Some((last_start, last)) = self.last_told[member] {
            if last_start == start && number != last + 1 {
                self.violations
                    .push(format!("member {member} was told of {number} after {last}"));
            }
            if last_start != start && number > last + 1 {
                self.violations.push(format!(
                    "member {member} was told of {number} after its restart, and of {last} before"
                ));
            }
        }
        self.last_told[member] = Some((start, number));
        for raw in told.block.transactions() {
            self.included[member].insert(keccak256(raw));
        }
        if let Some(readers) = &mut self.readers {
            readers.told(&told);
        }
        match self.histories[member].get(&number) {
            None => {
                self.histories[member].insert(number, told);
            }
            Some(before) => {
                self.told_again += 1;
                if let Some(difference) = difference(before, &told) {
                    self.violations.push(format!(
                        "member {member} was told of block {number} twice, with another {difference}"
                    ));
                }
            }
        }
    }

    /// The newest final block of each member.
    pub fn heights(&self) -> Vec<u64> {
        let newest = |history: &BTreeMap<u64, Finalised>| history.keys().next_back().copied();
        self.histories
            .iter()
            .map(|history| newest(history).unwrap_or_default())
            .collect()
    }
    /// Who holds the seal key now, as each member knows it.
    pub fn held(&self) -> BTreeMap<usize, Arc<Held>> {
        let all = self.holdings.iter();
        all.map(|(member, holdings)| (*member, holdings.now()))
            .collect()
    }

    /// Where the newest life of a member says who holds the seal key.
    pub fn holds(&mut self, life: Life, holdings: Holdings) {
        self.holdings.insert(life.0, holdings);
    }

    /// A byzantine member sent something on a channel, or sent nothing where it had to.
    pub fn misdeed(&mut self, channel: u64) {
        self.misdeeds += 1;
        *self.misdeeds_on.entry(channel).or_default() += 1;
    }

    /// A member signed for a block in a view.
    pub fn sees_signed(&mut self, view: u64, block: B256, member: usize) {
        let view = self.signed.entry(view).or_default();
        view.entry(block).or_default().insert(member);
    }

    /// Whether a transaction is in a block that this member was told is final.
    pub fn is_final_on(&self, member: usize, hash: &B256) -> bool {
        self.included[member].contains(hash)
    }

    /// Whether a transaction is in a block that any member was told is final.
    pub fn is_final(&self, hash: &B256) -> bool {
        self.included.iter().any(|hashes| hashes.contains(hash))
    }

    /// Whether a transaction did what it should, in a block that this member was told is final.
    pub fn outcome_on(&self, member: usize, hash: &B256) -> Option<bool> {
        if !self.is_final_on(member, hash) {
            return None;
        }
        let newest_first = self.histories[member].values().rev();
        newest_first
            .flat_map(|told| told.block.transactions().iter().zip(told.receipts.iter()))
            .find(|(raw, _)| keccak256(raw) == *hash)
            .map(|(_, receipt)| receipt.success)
    }

    /// Makes the next transaction of a reader's story, where it is time for one.
    pub fn go_on(&mut self) -> Option<B256> {
        let Self {
            readers,
            load,
            included,
            script,
            histories,
            ..
        } = self;
        let is_final = |hash: &B256| included.iter().any(|hashes| hashes.contains(hash));
        let tops = histories.iter().filter_map(|h| h.keys().next_back());
        let height = tops.max().copied().unwrap_or_default();
        for call in script.next(height, is_final) {
            let hash = load.ask_for(call);
            script.waiting.push(hash);
        }
        let readers = readers.as_mut()?;
        let (story, call) = readers.next(is_final)?;
        let hash = load.ask_for(call);
        readers.wrote(story, hash);
        Some(hash)
    }

    /// Transactions that a living member acknowledged and that it does not know as final.
    pub fn owed(&self) -> Vec<(Life, B256)> {
        let mut owed = Vec::new();
        for (hash, submission) in &self.load.submissions {
            for life in &submission.acknowledged {
                if self.living.contains(life) && !self.is_final_on(life.0, hash) {
                    owed.push((*life, *hash));
                }
            }
        }
        owed
    }
}

/// Names the first part in which two accounts of one block differ. The witness is not among them: a
/// builder reads more than a verifier. The checker compares its values instead.
pub fn difference(a: &Finalised, b: &Finalised) -> Option<&'static str> {
    match () {
        () if a.block.hash() != b.block.hash() => Some("hash"),
        () if a.block.header().state_root != b.block.header().state_root => Some("state root"),
        () if a.block != b.block => Some("body"),
        () if a.senders != b.senders => Some("list of senders"),
        () if a.receipts != b.receipts => Some("list of receipts"),
        () => None,
    }
}
