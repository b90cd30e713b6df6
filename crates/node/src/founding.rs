//! The founding of a network: one member's part in making its two keys, with the real network and the real
//! disk.
//!
//! ```text
//! DATA/ceremony/network  what the member must not forget of the network key's ceremony
//! DATA/ceremony/memory   … of the seal key's; both locked with the member's seal lock
//! DATA/ceremony/signed   the hash of the founding document that this member has signed
//! DATA/ceremony/lock     held while the program runs
//! ```
//!
//! Before: a founding document that this member has signed ([`sign`]). After: the share of the network key
//! (`share`), the share of the seal key (`seal_share`, locked), and the genesis document (`genesis`), the
//! same bytes at every member. Nothing is overwritten.
//!
//! The network key comes first. Who has finished with it goes on to the seal key, and still serves the
//! other ceremony, so that one who died in between finds somebody there. The terms of the seal key's
//! ceremony name the genesis document with the network key in it: only members with the same network key
//! make a seal key together.

use std::{collections::BTreeSet, fs::File, path::PathBuf, sync::Arc, time::Duration};

use alloy_primitives::B256;
use commonhold_ceremony::Event;
use commonhold_primitives::{
    Genesis,
    epoch::Output,
    founding::{Approval, Draft},
};
use commonhold_seal::{
    SealKey,
    ceremony::{Finished, Made, Terms},
};
use commonware_cryptography::ed25519::PrivateKey;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    ceremony::{
        CeremonyFailure, Words,
        files::{self, Files},
        part::{self, Part},
    },
    config::NodeConfig,
    error::NodeError,
    keys,
    seal_share::SealLock,
};

mod documents;
mod error;
mod hosts;
mod running;

pub use commonhold_seal::ceremony::Purpose;
pub use documents::{APPLICATION, check_no_other, member, read_draft, sign};
pub use error::FoundingError;

use hosts::{NetworkHost, SealHost};

/// What an operator says at the start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The round of the network key; none: the one that is remembered, or the first.
    pub network_round: Option<u64>,
    /// The round of the seal key, likewise.
    pub seal_round: Option<u64>,
    /// Leave a round whose key this member has confirmed.
    pub abandon: bool,
    /// Stay until every member has finished.
    pub stay: bool,
    /// How long to wait for each key.
    pub patience: Duration,
}

/// What happens, with how to speak of the members.
#[derive(Debug)]
pub enum News<'a> {
    /// This member begins a round of a key's ceremony, or goes on with it.
    Begins {
        /// Which key.
        key: Purpose,
        /// The round.
        round: u64,
        /// Whether a former run had begun it.
        resumed: bool,
    },
    /// Something happened in it.
    Happens {
        /// Which key.
        key: Purpose,
        /// The round.
        round: u64,
        /// How to speak of the members.
        words: &'a Words,
        /// What.
        event: Event,
    },
}

/// Who hears of what happens.
pub(crate) type Tell = Arc<Mutex<dyn FnMut(News<'_>) + Send>>;

/// What a founding has given.
#[derive(Clone, Debug)]
pub struct Report {
    /// The genesis document.
    pub genesis: PathBuf,
    /// Its hash, the same at every member.
    pub genesis_hash: B256,
    /// The network key, encoded.
    pub network_key: Vec<u8>,
    /// The seal key.
    pub seal_key: SealKey,
    /// How many members certify, and open what is sealed.
    pub threshold: u32,
    /// This member's share of the network key.
    pub share: PathBuf,
    /// This member's share of the seal key.
    pub seal_share: PathBuf,
    /// What unlocks it.
    pub lock: PathBuf,
    /// Members of whom it is not known that they have all that, by place.
    pub lacking: BTreeSet<u32>,
    /// Whether a former run had come to it.
    pub already: bool,
}

/// A founding that is ready to run: everything is read and checked, and nothing was sent.
pub struct Prepared {
    founder: Founder,
    network: Part,
    /// The seal key's part, where a former run has the network key.
    seal: Option<(Part, Genesis)>,
    _held: File,
}

/// What both ceremonies need.
#[derive(Clone)]
struct Founder {
    config: NodeConfig,
    options: Options,
    draft: Draft,
    identity: PrivateKey,
    seal_lock: Arc<SealLock>,
    me: u32,
}

/// Reads and checks everything.
///
/// # Errors
/// [`FoundingError`] says what to mend. Nothing has been written but an empty directory and, where there
/// was none, the key that is to unlock shares.
pub fn prepare(
    config: &NodeConfig,
    draft: &Draft,
    approvals: &[Approval],
    options: &Options,
) -> Result<Prepared, FoundingError> {
    let (identity, own) = member(config, draft)?;
    documents::check_signed(config, draft)?;
    documents::check_approvals(draft, approvals)?;

    let keys = draft.member_keys().map_err(NodeError::Genesis)?;
    let first = Terms::new(Purpose::Network, draft.hash(), 0, keys)?;
    let own_key = own.public_key;
    let me = (0..)
        .zip(first.members())
        .find_map(|(place, key)| (key.as_ref() == own_key.as_slice()).then_some(place))
        .ok_or(FoundingError::NotIn(own_key))?;
    let dir = part::directory(config);
    keys::create_private_dir(&dir).map_err(NodeError::Key)?;
    let held = part::hold(&dir)?;
    let memory = part::network_memory(config);
    let seal_lock = part::seal_lock(config, &[&memory, &part::seal_memory(config)])?;
    let founder = Founder {
        config: config.clone(),
        options: options.clone(),
        draft: draft.clone(),
        identity,
        seal_lock: Arc::new(seal_lock),
        me,
    };
    let choice = (options.network_round, options.abandon);
    let network = part::take(
        &first,
        me,
        &memory,
        &founder.seal_lock,
        &founder.identity,
        choice,
    )?;
    // One that was only begun has to be remembered first, although a network of one is done at once.
    let made = network.ceremony.finished().filter(|_| network.resumed);
    let seal = match &made {
        None => {
            for path in [&config.share, &config.seal_share, &config.genesis] {
                files::is_free(path)?;
            }
            None
        }
        Some(made) => Some(founder.seal_part(made)?),
    };
    Ok(Prepared {
        founder,
        network,
        seal,
        _held: held,
    })
}

/// The output of a finished ceremony of the network key.
fn output(finished: &Finished) -> Result<&Output, CeremonyFailure> {
    match &finished.made {
        Made::Network { output, .. } => Ok(output),
        Made::Seal { .. } => Err(CeremonyFailure::Network),
    }
}

impl Founder {
    /// The genesis document without a seal key.
    fn unsealed(&self, made: &Finished) -> Result<Genesis, CeremonyFailure> {
        Ok(Genesis::found(&self.draft, output(made)?, None).map_err(NodeError::Genesis)?)
    }

    /// This member's part in the seal key's ceremony.
    fn seal_part(&self, made: &Finished) -> Result<(Part, Genesis), CeremonyFailure> {
        let genesis = self.unsealed(made)?;
        let members = genesis.member_keys().map_err(NodeError::Genesis)?;
        let first = Terms::new(Purpose::Seal, genesis.hash(), 0, members)?;
        let memory = part::seal_memory(&self.config);
        let choice = (self.options.seal_round, self.options.abandon);
        let part = part::take(
            &first,
            self.me,
            &memory,
            &self.seal_lock,
            &self.identity,
            choice,
        )?;
        if part.ceremony.finished().is_none() {
            for path in [&self.config.seal_share, &self.config.genesis] {
                files::is_free(path)?;
            }
        }
        Ok((part, genesis))
    }

    fn words(&self, terms: &Terms) -> Words {
        let members = self.draft.members.iter();
        let said = members.map(|member| (member.public_key, member.name.as_str()));
        let option = match terms.purpose() {
            Purpose::Network => "--network-round",
            Purpose::Seal => "--seal-round",
        };
        Words::new(said, terms, self.me, option)
    }

    fn network_host(&self, part: &Part, tell: &Tell) -> (NetworkHost, oneshot::Receiver<Finished>) {
        let (made, receiver) = oneshot::channel();
        let host = NetworkHost {
            me: self.me,
            lock: part.lock.clone(),
            memory: part::network_memory(&self.config),
            share: self.config.share.clone(),
            made: Some(made),
            round: part.ceremony.terms().round(),
            words: self.words(part.ceremony.terms()),
            tell: tell.clone(),
        };
        (host, receiver)
    }

    /// What the seal key's ceremony writes.
    fn files(&self, part: &Part, genesis: &Genesis) -> Files {
        Files {
            genesis: genesis.clone(),
            me: self.me,
            lock: part.lock.clone(),
            seal_lock: self.seal_lock.clone(),
            memory: part::seal_memory(&self.config),
            share: self.config.seal_share.clone(),
            output: self.config.genesis.clone(),
            made: None,
            lacking: BTreeSet::new(),
            tell: Box::new(|_| {}),
        }
    }

    fn seal_host(&self, part: &Part, genesis: &Genesis, tell: &Tell) -> SealHost {
        let terms = part.ceremony.terms();
        SealHost {
            files: self.files(part, genesis),
            round: terms.round(),
            words: self.words(terms),
            tell: tell.clone(),
        }
    }

    fn report(
        &self,
        files: &Files,
        finished: &Finished,
        lacking: BTreeSet<u32>,
        already: bool,
    ) -> Result<Report, CeremonyFailure> {
        let sealed = files.sealed(finished)?;
        let (group, _) = files::seal(finished)?;
        Ok(Report {
            genesis: self.config.genesis.clone(),
            genesis_hash: sealed.hash(),
            network_key: sealed.network_key.to_vec(),
            seal_key: group.key(),
            threshold: group.threshold(),
            share: self.config.share.clone(),
            seal_share: self.config.seal_share.clone(),
            lock: self.config.seal_lock.clone(),
            lacking,
            already,
        })
    }
}

impl Prepared {
    /// How to speak of the members.
    pub fn words(&self) -> Words {
        self.founder.words(self.network.ceremony.terms())
    }

    /// Where the other members' programs are listened for.
    pub const fn listen(&self) -> std::net::SocketAddr {
        self.founder.config.p2p.listen
    }

    /// The result, where a former run has come to it. What that run could not write any more is written.
    ///
    /// # Errors
    /// Where something else stands in the place of a file.
    pub fn finished(&self) -> Result<Option<Report>, FoundingError> {
        let Some((part, genesis)) = &self.seal else {
            return Ok(None);
        };
        let network = self.network.ceremony.finished();
        let seal = part.ceremony.finished().filter(|_| part.resumed);
        let (Some(network), Some(seal)) = (network, seal) else {
            return Ok(None);
        };
        hosts::write_share(&self.founder.config.share, &network)?;
        let files = self.founder.files(part, genesis);
        files.write(&seal)?;
        let confirmed: BTreeSet<u32> = seal.confirmations.keys().copied().collect();
        let all = 0..self.words().count();
        let lacking = all.filter(|place| !confirmed.contains(place)).collect();
        Ok(Some(self.founder.report(&files, &seal, lacking, true)?))
    }
}

#[cfg(test)]
mod tests {
    use commonhold_primitives::limits::{MEMBER_ENDPOINT_BYTES_MAX, MEMBER_NAME_BYTES_MAX};
    use commonhold_system::members::limits::{ENDPOINT_BYTES_MAX, NAME_BYTES_MAX};

    /// Whoever can apply can become a member.
    #[test]
    fn applications_have_the_bounds_of_the_module() {
        assert_eq!(MEMBER_NAME_BYTES_MAX, NAME_BYTES_MAX);
        assert_eq!(MEMBER_ENDPOINT_BYTES_MAX, ENDPOINT_BYTES_MAX);
    }
}
