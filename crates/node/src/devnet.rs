//! Development networks: a whole network's files in one directory on one machine.
//!
//! ```text
//! DIR/devnet.json        what this directory is; written last, so that it marks a complete one
//! DIR/genesis.json
//! DIR/member-1/          config.toml, identity.key, share.key, seal.share, seal.lock, account.key,
//!                        data/, node.log, node.pid while it runs
//! DIR/member-2/ …
//! DIR/samples/           accounts of the people in the samples, where these are wanted
//! ```
//!
//! Network key and seal key are dealt here, by one party, and the funded accounts' keys are known to the whole
//! world: good for development, for nothing else. A real network's keys come from distributed
//! key generations among its members.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    num::NonZeroU64,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::{Address, B256, U256};
use commonhold_primitives::{
    genesis::{Allocation, Genesis, GenesisError, Member},
    limits::{BLOCK_GAS_DEFAULT, EPOCH_BLOCKS_DEFAULT, HEARTBEAT_DEFAULT_MS, MEMBERS_MAX},
};
use commonware_codec::Encode as _;
use commonware_cryptography::{
    Signer as _,
    bls12381::{
        dkg::feldman_desmedt::deal,
        primitives::{sharing::Mode, variant::MinSig},
    },
    ed25519::PrivateKey,
};
use commonware_utils::{N3f1, NZU64, ordered::Set};
use serde::{Deserialize, Serialize};

use crate::{
    config::{ConfigError, NodeConfig},
    keys::{self, KeyError},
    seal_share::{self, SealShareError},
};

pub mod accounts;
mod ports;

/// EIP-155 chain id of development networks: `0xC000`, where the modules' addresses begin.
pub const CHAIN_ID: u64 = 49_152;
/// HTTP port of the first member where nothing else is asked for.
pub const HTTP_PORT: u16 = 8545;
/// Port of the first member for other members where nothing else is asked for.
pub const P2P_PORT: u16 = 9701;

const MARKER: &str = "devnet.json";
const GENESIS: &str = "genesis.json";
const LOCK: &str = "lock";
const SAMPLES: &str = "samples";
const FORMAT: u32 = 1;
/// 10,000 ether.
const BALANCE: U256 = U256::from_limbs([0x19e0_c9ba_b240_0000, 0x21e, 0, 0]);

/// What may be chosen when a development network is created.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many members.
    pub members: u32,
    /// HTTP port of the first member; the others follow.
    pub http_port: u16,
    /// Port of the first member for other members; the others follow.
    pub p2p_port: u16,
    /// Milliseconds between blocks when idle.
    pub heartbeat_ms: u64,
    /// Blocks of an epoch.
    pub epoch_blocks: NonZeroU64,
    /// Accounts besides the well-known ones.
    pub alloc: BTreeMap<Address, Allocation>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            members: 4,
            http_port: HTTP_PORT,
            p2p_port: P2P_PORT,
            heartbeat_ms: HEARTBEAT_DEFAULT_MS,
            epoch_blocks: NZU64!(EPOCH_BLOCKS_DEFAULT),
            alloc: BTreeMap::new(),
        }
    }
}

/// A development network on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Devnet {
    /// Its genesis document.
    pub genesis: Genesis,
    /// Its members, in the document's order.
    pub members: Vec<DevnetMember>,
    /// Ports that were wanted but taken by another program when the network was created.
    pub taken_ports: Vec<u16>,
}

/// One member of a development network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevnetMember {
    /// Its name.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    /// Its configuration file.
    pub config_file: PathBuf,
    /// Its configuration.
    pub config: NodeConfig,
}

impl DevnetMember {
    /// The base URL of the member's HTTP port.
    pub fn url(&self) -> String {
        format!("http://{}", self.config.http.listen)
    }
    /// Where the member's log goes.
    pub fn log_file(&self) -> PathBuf {
        self.dir.join("node.log")
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    commonhold_devnet: u32,
    members: u32,
    #[serde(default)]
    taken_ports: Vec<u16>,
}

/// Why a development network could not be created, opened or wiped.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// Too few or too many members.
    #[error("a network has 1 to {MEMBERS_MAX} members, not {0}")]
    Members(u32),
    /// The directory holds something else.
    #[error("{} holds {entry:?}, which is no part of a development network: choose another --dir", dir.display())]
    Foreign {
        /// The directory.
        dir: PathBuf,
        /// A name in it.
        entry: String,
    },
    /// The directory holds a network already.
    #[error("{} holds a development network already", .0.display())]
    Exists(PathBuf),
    /// A file of the network is damaged.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No free ports.
    #[error("no free port among the {tries} from {first} on")]
    Ports {
        /// The first that was tried.
        first: u16,
        /// How many were tried.
        tries: u64,
    },
    /// The network key could not be dealt.
    #[error("dealing the network key failed: {0}")]
    Deal(String),
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A share of the seal key.
    #[error(transparent)]
    SealShare(#[from] SealShareError),
    /// A configuration file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The genesis document.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> DevnetError + '_ {
    |source| DevnetError::Io {
        path: path.to_path_buf(),
        source,
    }
}

/// Creates a network in `dir`, which must be absent, empty, or hold what an interrupted creation left.
///
/// # Errors
/// [`DevnetError`]; nothing that was there before is touched.
pub fn create(dir: &Path, options: &Options) -> Result<Devnet, DevnetError> {
    if !(1..=MEMBERS_MAX).contains(&options.members) {
        return Err(DevnetError::Members(options.members));
    }
    if open(dir)?.is_some() {
        return Err(DevnetError::Exists(dir.to_path_buf()));
    }
    wipe(dir)?;
    keys::create_private_dir(dir)?;
    let count = options.members as usize;
    let mut taken_ports = Vec::new();
    let http = ports::choose(options.http_port, count, &[], &mut taken_ports)?;
    let p2p = ports::choose(options.p2p_port, count, &http, &mut taken_ports)?;

    let identities = (0..count)
        .map(|_| keys::new_identity())
        .collect::<Result<Vec<PrivateKey>, _>>()?;
    let set = Set::from_iter_dedup(identities.iter().map(PrivateKey::public_key));
    let (output, shares) = deal::<MinSig, _, N3f1>(keys::os_rng()?, Mode::NonZeroCounter, set)
        .map_err(|e| DevnetError::Deal(e.to_string()))?;
    let (group, seal_shares) = commonhold_seal::deal(options.members, &mut keys::os_rng()?)
        .map_err(|e| DevnetError::Deal(e.to_string()))?;

    let mut members = Vec::new();
    for (i, (identity, (http_port, p2p_port))) in
        identities.iter().zip(http.iter().zip(&p2p)).enumerate()
    {
        let member_dir = dir.join(format!("member-{}", i + 1));
        keys::create_private_dir(&member_dir)?;
        keys::write_identity(&member_dir.join("identity.key"), identity)?;
        let share = shares
            .get_value(&identity.public_key())
            .ok_or_else(|| DevnetError::Deal("a member got no share".into()))?;
        keys::write_share(&member_dir.join("share.key"), share)?;
        let account = accounts::create(&member_dir.join("account.key"))?;
        members.push(Member {
            name: format!("Member {}", i + 1),
            public_key: B256::from_slice(identity.public_key().as_ref()),
            endpoint: format!("127.0.0.1:{p2p_port}"),
            account,
        });
        let mut config = NodeConfig {
            genesis: Path::new("..").join(GENESIS),
            ..Default::default()
        };
        config.p2p.listen.set_port(*p2p_port);
        config.http.listen.set_port(*http_port);
        config.http.peers = http
            .iter()
            .filter(|port| *port != http_port)
            .map(|port| format!("http://127.0.0.1:{port}"))
            .collect();
        write_file(
            &member_dir.join("config.toml"),
            config.to_toml()?.as_bytes(),
        )?;
    }
    let mut alloc = options.alloc.clone();
    let funded = accounts::WELL_KNOWN.iter().map(|account| account.address);
    for address in funded.chain(members.iter().map(|member| member.account)) {
        alloc.entry(address).or_insert(Allocation {
            balance: BALANCE,
            ..Default::default()
        });
    }
    let genesis = Genesis {
        name: "Commonhold development network".into(),
        chain_id: CHAIN_ID,
        timestamp: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |t| t.as_secs()),
        gas_limit: BLOCK_GAS_DEFAULT,
        base_fee_per_gas: 0,
        heartbeat_ms: options.heartbeat_ms,
        network_key: output.public().public().encode().to_vec().into(),
        output: output.encode().to_vec().into(),
        epoch_blocks: options.epoch_blocks,
        sealing: Some(group.to_bytes().into()),
        members,
        alloc,
    };
    // The shares lie in the order of the members' keys, and are bound to the genesis document.
    for (i, identity) in identities.iter().enumerate() {
        let place = seal_share::place(&genesis, &identity.public_key())?;
        let share = usize::try_from(place)
            .ok()
            .and_then(|place| seal_shares.get(place))
            .ok_or_else(|| DevnetError::Deal("a member got no share of the seal key".into()))?;
        let dir = dir.join(format!("member-{}", i + 1));
        let (file, lock) = (dir.join("seal.share"), dir.join("seal.lock"));
        seal_share::write(share, &genesis, &file, &lock)?;
    }
    write_json(&dir.join(GENESIS), &genesis)?;
    let marker = Marker {
        commonhold_devnet: FORMAT,
        members: options.members,
        taken_ports,
    };
    write_json(&dir.join(MARKER), &marker)?;
    open(dir)?.ok_or_else(|| DevnetError::Damaged {
        path: dir.join(MARKER),
        why: "it vanished while the network was created".into(),
    })
}

/// Opens the network in `dir`; `None` where there is none, or an incomplete one that never ran.
///
/// # Errors
/// Where the directory holds something else, or the network's files are damaged.
pub fn open(dir: &Path) -> Result<Option<Devnet>, DevnetError> {
    let path = dir.join(MARKER);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            own_entries(dir)?;
            return Ok(None);
        }
        Err(e) => return Err(io_error(&path)(e)),
    };
    let damaged = |why: String| DevnetError::Damaged {
        path: path.clone(),
        why,
    };
    let marker: Marker = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if marker.commonhold_devnet != FORMAT {
        return Err(damaged(format!(
            "format {}, not {FORMAT}",
            marker.commonhold_devnet
        )));
    }
    let genesis_path = dir.join(GENESIS);
    let genesis = Genesis::parse(&fs::read(&genesis_path).map_err(io_error(&genesis_path))?)?;
    if u32::try_from(genesis.members.len()) != Ok(marker.members) {
        return Err(damaged(
            "its number of members is not the genesis document's".into(),
        ));
    }
    let mut members = Vec::new();
    for (i, member) in genesis.members.iter().enumerate() {
        let dir = dir.join(format!("member-{}", i + 1));
        let config_file = dir.join("config.toml");
        let config = NodeConfig::read(&config_file)?;
        members.push(DevnetMember {
            name: member.name.clone(),
            dir,
            config_file,
            config,
        });
    }
    Ok(Some(Devnet {
        genesis,
        members,
        taken_ports: marker.taken_ports,
    }))
}

/// Removes the network in `dir`, complete or not, and leaves the directory with its lock.
///
/// # Errors
/// Where the directory holds anything that is no part of a network; then nothing is removed.
pub fn wipe(dir: &Path) -> Result<(), DevnetError> {
    let mut entries = own_entries(dir)?;
    // The marker goes first: what an interrupted removal leaves is then known to be incomplete.
    entries.retain(|path| !path.ends_with(LOCK));
    entries.sort_by_key(|path| !path.ends_with(MARKER));
    for path in entries {
        let metadata = fs::symlink_metadata(&path).map_err(io_error(&path))?;
        if metadata.is_dir() {
            fs::remove_dir_all(&path).map_err(io_error(&path))?;
        } else {
            fs::remove_file(&path).map_err(io_error(&path))?;
        }
    }
    Ok(())
}

/// The path of the file that whoever runs the network keeps locked.
pub fn lock_file(dir: &Path) -> PathBuf {
    dir.join(LOCK)
}

/// The directory of the accounts of the people in the samples.
pub fn samples(dir: &Path) -> PathBuf {
    dir.join(SAMPLES)
}

/// The directory's entries, all of which belong to a network.
fn own_entries(dir: &Path) -> Result<Vec<PathBuf>, DevnetError> {
    let listing = match fs::read_dir(dir) {
        Ok(listing) => listing,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io_error(dir)(e)),
    };
    let mut entries = Vec::new();
    for entry in listing {
        let entry = entry.map_err(io_error(dir))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let member = |n: &str| {
            n.parse::<u32>()
                .is_ok_and(|n| (1..=MEMBERS_MAX).contains(&n))
        };
        if ![MARKER, GENESIS, LOCK, SAMPLES].contains(&name.as_str())
            && !name.strip_prefix("member-").is_some_and(member)
        {
            return Err(DevnetError::Foreign {
                dir: dir.to_path_buf(),
                entry: name,
            });
        }
        entries.push(entry.path());
    }
    Ok(entries)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), DevnetError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| io_error(path)(e.into()))?;
    text.push(b'\n');
    write_file(path, &text)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), DevnetError> {
    let mut file = fs::File::create_new(path).map_err(io_error(path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(io_error(path))
}

#[cfg(test)]
mod tests;
