//! One scenario: a network, its faults, its load, and when it is over.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    ops::Range,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use alloy_primitives::B256;
use commonhold_primitives::{
    Finalised,
    consensus::MemberKey,
    epoch::{Ceremony, EpochInfo, Output},
    sealing::Sealing,
};
use commonhold_seal::Held;
use commonware_glue::simulate::{
    action::Crash, exit::ExitCondition, plan::PlanBuilder, processed::ProcessedHeight as _,
    property::Property, tracker::ProgressTracker,
};
use commonware_p2p::simulated::Link;
use commonware_runtime::{Clock as _, Metrics as _, deterministic};

use crate::{
    byzantine::Conduct,
    checker,
    faults::GOOD,
    figures::Figures,
    founding::{Founding, found},
    gateways::{Fleet, Gateways},
    load::{Load, PAUSE_MS},
    member::{Member, Network},
    readers::{Readers, Wishes},
    script::Script,
    town::{Tale, Town},
    world::World,
};

/// What to simulate.
#[derive(Clone)]
pub struct Scenario {
    /// The network.
    pub founding: Founding,
    /// Every link at the start.
    pub link: Link,
    /// What happens to members and links.
    pub crashes: Vec<Crash<MemberKey>>,
    /// Faults of every disk from the start.
    pub faults: Option<deterministic::FaultConfig>,
    /// Members that break the rules.
    pub byzantine: BTreeMap<usize, Conduct>,
    /// Whether members cut off a peer that misbehaves. Where they do not, its misdeeds go on.
    pub cut_off: bool,
    /// Bytes per second that each member can send, and receive. None: as many as there are.
    pub bandwidth: Option<usize>,
    /// Members that join late, by state sync.
    pub late: BTreeSet<usize>,
    /// Members that need not be there at the end.
    pub absent: BTreeSet<usize>,
    /// Transactions that people want to make.
    pub transactions: usize,
    /// How long each client waits until it sends another.
    pub pause_ms: Range<u64>,
    /// What people want to have opened besides.
    pub openings: Wishes,
    /// What members vote on.
    pub script: Script,
    /// Gateways and devices.
    pub gateways: Option<Fleet>,
    /// What people do who use the network by the words of the command line.
    pub tale: Option<Tale>,
    /// Blocks that there must be at least.
    pub height: u64,
    /// Not over before this much time has passed: later than the last fault.
    pub not_before: Duration,
    /// Simulated time after which the network counts as stuck.
    pub limit: Duration,
}

impl Scenario {
    /// Four members, good links, no faults.
    pub fn new() -> Self {
        Self {
            founding: found(4, 6),
            link: GOOD,
            crashes: Vec::new(),
            faults: None,
            byzantine: BTreeMap::new(),
            cut_off: true,
            bandwidth: None,
            late: BTreeSet::new(),
            absent: BTreeSet::new(),
            transactions: 60,
            pause_ms: PAUSE_MS,
            openings: Wishes::default(),
            script: Script::default(),
            gateways: None,
            tale: None,
            height: 15,
            not_before: Duration::ZERO,
            limit: Duration::from_secs(120),
        }
    }

    /// Runs with one seed and checks every promise.
    ///
    /// # Panics
    /// Where a promise was broken, or the network was stuck; the message names the seed.
    pub fn run(&self, seed: u64) -> Outcome {
        self.outcome(seed)
            .unwrap_or_else(|why| panic!("seed {seed}: {why}"))
    }

    /// As [`Self::run`].
    ///
    /// # Errors
    /// Where a promise was broken, or the network was stuck.
    pub fn outcome(&self, seed: u64) -> Result<Outcome, String> {
        println!("seed {seed}");
        // Members with bad disks panic by the dozen; naming every frame of the engine takes minutes.
        std::panic::set_hook(Box::new(|what| {
            eprintln!("{}", what.to_string().chars().take(600).collect::<String>());
        }));
        let mut load = Load::new(self.founding.people.clone(), self.transactions);
        load.pause_ms = self.pause_ms.clone();
        let world = World::new(self.founding.keys.len(), load);
        let network = Network {
            founding: self.founding.clone(),
            world: world.clone(),
            byzantine: self.byzantine.clone(),
            cut_off: self.cut_off,
            bandwidth: self.bandwidth,
        };
        let is_honest = |member: &usize| !self.byzantine.contains_key(member);
        let all_honest: BTreeSet<usize> = (0..self.founding.keys.len()).filter(is_honest).collect();
        let honest = all_honest.difference(&self.absent).copied().collect();
        let readers = Readers::new(&self.founding, self.openings.clone(), all_honest);
        world.with(|w| {
            w.readers = Some(readers);
            w.script = self.script.clone();
            if let Some(fleet) = &self.gateways {
                for call in fleet.calls(&self.founding) {
                    w.load.ask_for(call);
                }
                w.gateways = Some(Gateways::new(fleet.clone()));
            }
            w.town = self.tale.map(|tale| Town::new(&self.founding, tale));
        });
        let end = End {
            scenario: self.clone(),
            world: world.clone(),
            honest,
        };
        let mut plan = PlanBuilder::new(network)
            .seed(seed)
            .link(self.link.clone())
            .exit_condition(end.clone())
            .property(end)
            .timeout(self.limit * 2);
        for crash in &self.crashes {
            plan = plan.crash(crash.clone());
        }
        if let Some(faults) = &self.faults {
            plan = plan.with_storage_fault(faults.clone());
        }
        let result = plan.run()?.pop().expect("one seed, one result");
        Ok(world.with(|w| Outcome {
            figures: Figures::of(w),
            hash: result.state,
            crashes: result.crashes,
            actions: result.scheduled_actions,
            histories: std::mem::take(&mut w.histories),
            starts: w.starts.clone(),
            collapsed: w.collapsed.len(),
            interrupted: w.interrupted,
            told_again: w.told_again,
            sent_again: w.load.sent_again,
            misdeeds: w.misdeeds,
            misdeeds_on: w.misdeeds_on.clone(),
            cut_off: w.cut_off.clone(),
            signed: w.signed.clone(),
            forbidden: w.forbidden.clone(),
            readers: w.readers.take().expect("readers"),
            gateways: w.gateways.take(),
            town: w.town.take(),
            certified: std::mem::take(&mut w.certified),
            held: w.held(),
            metrics: std::mem::take(&mut w.metrics),
        }))
    }

    /// Runs with every seed.
    pub fn run_all(&self, seeds: impl IntoIterator<Item = u64>) -> Vec<Outcome> {
        seeds.into_iter().map(|seed| self.run(seed)).collect()
    }

    /// Runs with a seed twice, which must give the same.
    pub fn run_twice(&self, seed: u64) -> Outcome {
        let outcome = self.run(seed);
        assert_eq!(
            outcome.hash,
            self.run(seed).hash,
            "seed {seed} does not fix everything"
        );
        outcome
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self::new()
    }
}

/// What a run gave, for tests to prove that the fault happened.
pub struct Outcome {
    /// How fast it was.
    pub figures: Figures,
    /// Of everything that happened.
    pub hash: String,
    /// Lives that were ended from outside.
    pub crashes: u64,
    /// Scheduled actions that were applied.
    pub actions: u64,
    /// What each member was told is final.
    pub histories: Vec<BTreeMap<u64, Finalised>>,
    /// How often each member was started.
    pub starts: Vec<u32>,
    /// Lives that ended by themselves.
    pub collapsed: usize,
    /// Lives that ended before they were up.
    pub interrupted: u64,
    /// Blocks that a member was told of again.
    pub told_again: u64,
    /// Transactions that were sent again.
    pub sent_again: u64,
    /// What byzantine members did.
    pub misdeeds: u64,
    /// The same by channel, where it was a message.
    pub misdeeds_on: BTreeMap<u64, u64>,
    /// Who cut off whom.
    pub cut_off: BTreeSet<(usize, usize)>,
    signed: BTreeMap<u64, BTreeMap<B256, BTreeSet<usize>>>,
    /// Blocks that break the rules.
    pub forbidden: BTreeSet<B256>,
    /// What people had opened, and what they had not.
    pub readers: Readers,
    /// What gateways did, where there were any.
    pub gateways: Option<Gateways>,
    /// What people did who use the command line's words, where there were any.
    pub town: Option<Town>,
    /// Heights of which a member served a certificate that the network key verifies, after the run.
    pub certified: BTreeSet<u64>,
    /// Who holds the seal key at the end, as each member's newest life knows it.
    pub held: BTreeMap<usize, Arc<Held>>,
    metrics: String,
}

impl Outcome {
    /// The sum of a counter over all members and labels.
    pub fn counted(&self, name: &str) -> u64 {
        self.metrics
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .filter(|(series, _)| series.split('{').next().is_some_and(|n| n.ends_with(name)))
            .filter_map(|(_, value)| value.parse::<u64>().ok())
            .sum()
    }
    /// Final blocks.
    pub fn height(&self) -> u64 {
        self.histories
            .iter()
            .filter_map(|h| h.keys().next_back())
            .max()
            .copied()
            .unwrap_or(0)
    }
    /// Views in which honest members signed for different blocks: their leader showed different faces.
    pub fn split_views(&self) -> usize {
        self.signed
            .values()
            .filter(|blocks| blocks.len() > 1)
            .count()
    }
    /// Final blocks proposed by a member in a span of simulated time, by the blocks' own clock.
    pub fn proposed(&self, leader: &MemberKey, from: Duration, until: Duration) -> usize {
        let longest = self.histories.iter().max_by_key(|h| h.len());
        let within = |time: u64| (from..until).contains(&Duration::from_millis(time));
        longest.map_or(0, |history| {
            history
                .values()
                .filter(|f| within(f.block.timestamp_ms()))
                .filter(|f| f.block.extra().context.leader == *leader)
                .count()
        })
    }
    /// Who signs in each epoch but the first, as the last block of the one before says.
    pub fn epochs(&self) -> Vec<EpochInfo> {
        let longest = self.histories.iter().max_by_key(|h| h.len());
        let blocks = longest.into_iter().flat_map(BTreeMap::values);
        let carried = blocks.filter_map(|told| match told.block.ceremony() {
            Some(Ceremony::EpochInfo(info)) => Some(info.clone()),
            _ => None,
        });
        carried.collect()
    }
    /// The sharing of the seal key in force in each epoch but the first, as the last block of the one before
    /// says.
    pub fn sealings(&self) -> Vec<Output> {
        let longest = self.histories.iter().max_by_key(|h| h.len());
        let blocks = longest.into_iter().flat_map(BTreeMap::values);
        let carried = blocks.filter_map(|told| match told.block.sealing() {
            Some(Sealing::Sharing(output)) => Some((**output).clone()),
            _ => None,
        });
        carried.collect()
    }
    /// Views that went by without a final block, where there was one epoch.
    pub fn skipped_views(&self) -> u64 {
        let last = self
            .histories
            .iter()
            .filter_map(|h| h.values().next_back())
            .max_by_key(|f| f.block.number());
        last.map_or(0, |f| {
            f.block.extra().context.round.view().get() - f.block.number()
        })
    }
}

/// When a run is over: the load is made, everything owed is final on every honest member, and there
/// are enough blocks.
#[derive(Clone)]
struct End {
    scenario: Scenario,
    world: World,
    honest: BTreeSet<usize>,
}

impl End {
    async fn open(&self, states: &[&Member]) -> Result<(), String> {
        for index in &self.honest {
            let Some(member) = states.iter().find(|m| m.index == *index) else {
                return Err(format!("member {index} is down"));
            };
            let height = member.processed_height().await;
            if member.door().is_none() || height < self.scenario.height {
                return Err(format!("member {index} is at height {height}"));
            }
        }
        self.world.with(|w| {
            if !w.script.is_over() {
                return Err("members still vote".to_owned());
            }
            if !w.load.is_made() {
                return Err(format!("{} transactions were made", w.load.submissions.len()));
            }
            for (hash, submission) in &w.load.submissions {
                let late = &self.scenario.late;
                if let Some(m) = self.honest.difference(late).find(|m| !w.is_final_on(**m, hash)) {
                    return Err(format!(
                        "{hash} (person {}, nonce {}, acknowledged by {:?}) is not final on member {m}",
                        submission.person, submission.nonce, submission.acknowledged
                    ));
                }
            }
            if let Some(readers) = &w.readers {
                readers.settled(&self.honest)?;
            }
            if let Some(gateways) = &w.gateways {
                let on = |member: &usize, hash: &B256| w.is_final_on(*member, hash);
                gateways.settled(|hash| {
                    let anywhere = self.honest.iter().any(|member| on(member, hash));
                    (anywhere, self.honest.iter().all(|member| on(member, hash)))
                })?;
            }
            if let Some(town) = &w.town {
                town.settled()?;
            }
            // Also what a member acknowledged that joined late and lags behind the others.
            let mut owed = w.owed().into_iter();
            match owed.find(|(life, _)| self.honest.contains(&life.0)) {
                Some((life, hash)) => Err(format!("{life:?} acknowledged {hash}, not yet final")),
                None => Ok(()),
            }
        })
    }
}

impl ExitCondition<MemberKey, Member> for End {
    fn name(&self) -> &str {
        "settled"
    }
    fn requires_polling(&self) -> bool {
        true
    }
    fn reached<'a>(
        &'a self,
        _tracker: &'a ProgressTracker<MemberKey>,
        states: &'a [&'a Member],
        _target_count: usize,
    ) -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send + 'a>> {
        Box::pin(async move {
            let Some(member) = states.first() else {
                return Ok(false);
            };
            let now = member.clock.current();
            if now < SystemTime::UNIX_EPOCH + self.scenario.not_before {
                return Ok(false);
            }
            let broken = self
                .world
                .read(|readers, _| readers.violations.first().cloned());
            if let Some(what) = broken.flatten() {
                return Err(what);
            }
            let taken = self
                .world
                .with(|w| Some(w.gateways.as_ref()?.violations.first()?.clone()));
            if let Some(what) = taken {
                return Err(what);
            }
            match self.open(states).await {
                Ok(()) => Ok(true),
                Err(why) if now > SystemTime::UNIX_EPOCH + self.scenario.limit => Err(format!(
                    "stuck: {why}; at {:?}, alive {:?}; {:?}",
                    self.world.with(|w| w.heights()),
                    self.world.with(|w| w.living.clone()),
                    self.world.with(|w| w.violations.clone())
                )),
                Err(_) => Ok(false),
            }
        })
    }
}

impl Property<MemberKey, Member> for End {
    fn name(&self) -> &str {
        "promises"
    }
    fn check<'a>(
        &'a self,
        _tracker: &'a ProgressTracker<MemberKey>,
        states: &'a [&'a Member],
    ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(async move {
            let honest: Vec<&Member> = states
                .iter()
                .filter(|m| self.honest.contains(&m.index))
                .copied()
                .collect();
            if let Some(member) = states.first() {
                let metrics = member.clock.encode();
                self.world.with(|w| w.metrics = metrics);
            }
            let Scenario {
                founding,
                late,
                byzantine,
                ..
            } = &self.scenario;
            let breaks_rules = |member| byzantine.contains_key(&member);
            checker::check(founding, &self.world, late, breaks_rules, &honest)
                .await
                .map_err(|v| format!("{v:?}"))
        })
    }
}
