//! One member's part in the key ceremony, with the real network and the real disk.
//!
//! ```text
//! DATA/ceremony/memory   what the member must not forget, locked with the member's seal lock
//! DATA/ceremony/lock     held while the program runs
//! ```
//!
//! Before: a genesis document without `sealing`, the member's identity key, and what is to unlock its
//! share (`seal_lock`; where there is no such file, a new key is made in it). After: the share file
//! (`seal_share`), and beside the genesis document another with `sealing`, the same bytes at every member.
//! Nothing is overwritten. No node runs meanwhile: the ceremony takes its port.

use std::{collections::BTreeSet, fs::File, path::PathBuf, sync::Arc, time::Duration};

use alloy_primitives::B256;
use commonhold_ceremony::{End, RunError};
use commonhold_primitives::Genesis;
use commonhold_seal::{
    SealKey,
    ceremony::{Ceremony, Finished, Purpose, Terms},
};
use commonware_cryptography::{Signer as _, ed25519::PrivateKey};
use commonware_runtime::{
    Runner as _, Supervisor as _,
    tokio::{self as runtime, Context},
};

use crate::{config::NodeConfig, error::NodeError, keys, p2p, read_genesis, run::asked_to_stop};

mod error;
pub(crate) mod files;
pub(crate) mod part;
mod words;

pub use commonhold_ceremony::{Event, Fault};
pub use error::CeremonyFailure;
pub use part::memories;
pub use words::Words;

use files::Files;
use part::Part;

/// Threads of the ceremony's program.
pub(crate) const THREADS: usize = 2;
/// What a genesis document with a seal key is called after the one without.
const SEALED: &str = "sealed.json";

/// What an operator says at the start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The round; none: the one that is remembered, or the first.
    pub round: Option<u64>,
    /// Where the sealed genesis document goes; none: beside the one without a seal key.
    pub output: Option<PathBuf>,
    /// Leave a round whose key this member has confirmed.
    pub abandon: bool,
    /// Stay until every member has finished.
    pub stay: bool,
    /// How long to wait for a result.
    pub patience: Duration,
}

/// What a ceremony has given.
#[derive(Clone, Debug)]
pub struct Report {
    /// The round that gave the key.
    pub round: u64,
    /// The genesis document with the seal key.
    pub genesis: PathBuf,
    /// Its hash, the same at every member.
    pub genesis_hash: B256,
    /// The key.
    pub seal_key: SealKey,
    /// How many members open what is sealed to it.
    pub threshold: u32,
    /// This member's share.
    pub share: PathBuf,
    /// What unlocks it.
    pub lock: PathBuf,
    /// Members whose confirmation is here, by place.
    pub confirmed: BTreeSet<u32>,
    /// Members of whom it is not known that they have the result, by place.
    pub lacking: BTreeSet<u32>,
}

/// A ceremony that is ready to run: everything is read and checked, and nothing was sent.
pub struct Prepared {
    config: NodeConfig,
    options: Options,
    genesis: Genesis,
    identity: PrivateKey,
    ceremony: Ceremony,
    files: Files,
    words: Words,
    resumed: bool,
    _held: File,
}

/// Reads and checks everything.
///
/// # Errors
/// [`CeremonyFailure`] says what to mend. Nothing has been written but an empty directory and, where
/// there was none, the key that is to unlock the share.
pub fn prepare(config: &NodeConfig, options: &Options) -> Result<Prepared, CeremonyFailure> {
    let genesis = read_genesis(&config.genesis)?;
    if genesis.sealing.is_some() {
        return Err(CeremonyFailure::HasKey(config.genesis.clone()));
    }
    let identity = keys::read_identity(&config.identity).map_err(NodeError::Key)?;
    let me = identity.public_key();
    let members = genesis.member_keys().map_err(NodeError::Genesis)?;
    let first = Terms::new(Purpose::Seal, genesis.hash(), 0, members)?;
    let place = first
        .place(&me)
        .ok_or_else(|| NodeError::NotMember(B256::from_slice(me.as_ref())))?;

    let dir = part::directory(config);
    keys::create_private_dir(&dir).map_err(NodeError::Key)?;
    let held = part::hold(&dir)?;
    let memory = part::seal_memory(config);
    let seal_lock = part::seal_lock(config, &[&memory])?;
    let choice = (options.round, options.abandon);
    let Part {
        ceremony,
        lock,
        resumed,
    } = part::take(&first, place, &memory, &seal_lock, &identity, choice)?;
    let files = Files {
        genesis: genesis.clone(),
        me: place,
        lock,
        seal_lock: Arc::new(seal_lock),
        memory,
        share: config.seal_share.clone(),
        output: output(config, options),
        made: None,
        lacking: BTreeSet::new(),
        tell: Box::new(|_| {}),
    };
    if ceremony.finished().is_none() {
        files.are_free()?;
    }
    Ok(Prepared {
        words: Words::new(names(&genesis), ceremony.terms(), place, "--round"),
        config: config.clone(),
        options: options.clone(),
        genesis,
        identity,
        ceremony,
        files,
        resumed,
        _held: held,
    })
}

/// What members are called, by their identity keys.
fn names(genesis: &Genesis) -> impl Iterator<Item = (B256, &str)> {
    let members = genesis.members.iter();
    members.map(|member| (member.public_key, member.name.as_str()))
}

/// Where the sealed genesis document goes.
fn output(config: &NodeConfig, options: &Options) -> PathBuf {
    options
        .output
        .clone()
        .unwrap_or_else(|| config.genesis.with_extension(SEALED))
}

impl Prepared {
    /// How to speak of the members.
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// The round.
    pub const fn round(&self) -> u64 {
        self.ceremony.terms().round()
    }

    /// Whether the round was begun by a former run.
    pub const fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// Where the other members' programs are listened for.
    pub const fn listen(&self) -> std::net::SocketAddr {
        self.config.p2p.listen
    }

    /// The result, where a former run has come to it. What that run could not write any more is written.
    ///
    /// # Errors
    /// Where something else stands in the place of a file.
    pub fn finished(&mut self) -> Result<Option<Report>, CeremonyFailure> {
        // One that was only begun has to be remembered first, although a network of one is done at once.
        let Some(finished) = self.ceremony.finished().filter(|_| self.resumed) else {
            return Ok(None);
        };
        self.files.write(&finished)?;
        let all = 0..self.words.count();
        let confirmed: BTreeSet<u32> = finished.confirmations.keys().copied().collect();
        let lacking = all.filter(|place| !confirmed.contains(place)).collect();
        self.report(&finished, lacking).map(Some)
    }

    /// Runs until the result is known to all that are there, or until SIGTERM or SIGINT. `tell` hears
    /// what happens.
    ///
    /// # Errors
    /// [`CeremonyFailure`] says what to do.
    pub fn run(
        mut self,
        tell: impl FnMut(Event) + Send + 'static,
    ) -> Result<Report, CeremonyFailure> {
        self.files.tell = Box::new(tell);
        let settings = runtime::Config::new()
            .with_worker_threads(THREADS)
            .with_tcp_nodelay(Some(true))
            .with_storage_directory(self.config.data.join("ceremony"));
        runtime::Runner::new(settings).start(|context| self.run_on(context))
    }

    async fn run_on(self, context: Context) -> Result<Report, CeremonyFailure> {
        let Self {
            config,
            options,
            genesis,
            identity,
            ceremony,
            mut files,
            words,
            ..
        } = self;
        let (blocker, link, _network) =
            p2p::start_ceremony(&context, &config.p2p, &genesis, identity)?;
        let terms = ceremony.terms().clone();
        let ended = {
            let running = commonhold_ceremony::Config {
                ceremony,
                me: files.me,
                host: &mut files,
                blocker,
                patience: options.patience,
                stay: options.stay,
            };
            ::tokio::select! {
                ended = commonhold_ceremony::run(context.child("ceremony"), running, link) => Some(ended),
                () = asked_to_stop() => None,
            }
        };
        match (ended, files.made.take()) {
            (Some(Ok(End { finished, lacking })), _) => {
                report(&config, &options, &terms, &files, &finished, lacking)
            }
            // It was asked to stop while it stayed for others.
            (None, Some(finished)) => {
                let lacking = files.lacking.clone();
                report(&config, &options, &terms, &files, &finished, lacking)
            }
            (None, None) => Err(CeremonyFailure::Stopped),
            (Some(Err(e)), _) => Err(match e {
                RunError::Host(e) => e,
                RunError::Ceremony(e) => e.into(),
                RunError::Network => CeremonyFailure::Network,
                RunError::Incomplete(incomplete) => {
                    CeremonyFailure::Incomplete(words.incomplete(&incomplete))
                }
            }),
        }
    }

    fn report(
        &self,
        finished: &Finished,
        lacking: BTreeSet<u32>,
    ) -> Result<Report, CeremonyFailure> {
        report(
            &self.config,
            &self.options,
            self.ceremony.terms(),
            &self.files,
            finished,
            lacking,
        )
    }
}

fn report(
    config: &NodeConfig,
    options: &Options,
    terms: &Terms,
    files: &Files,
    finished: &Finished,
    lacking: BTreeSet<u32>,
) -> Result<Report, CeremonyFailure> {
    let (group, _) = files::seal(finished)?;
    Ok(Report {
        round: terms.round(),
        genesis: output(config, options),
        genesis_hash: files.sealed(finished)?.hash(),
        seal_key: group.key(),
        threshold: group.threshold(),
        share: config.seal_share.clone(),
        lock: config.seal_lock.clone(),
        confirmed: finished.confirmations.keys().copied().collect(),
        lacking,
    })
}
