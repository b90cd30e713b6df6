//! The channels between members, and how large a message on them may be.

use commonhold_primitives::{
    Block, BlockHash,
    consensus::{MemberKey, Scheme},
    limits::MEMBERS_MAX,
};
use commonhold_state::{Cell, CellKey, Family};
use commonware_codec::FixedSize as _;
use commonware_consensus::marshal::{self, standard::Standard};
use commonware_cryptography::{bls12381::primitives::variant::MinSig, sha256::Digest};
use commonware_glue::{
    dkg::{self, orchestrator, probe},
    stateful::db::p2p as state_sync,
};
use commonware_p2p::max_message_size;
use commonware_storage::qmdb::any::ordered::fixed::Operation;
use commonware_utils::{NZU32, NZU64};

use crate::{limits::SYNC_OPERATIONS_MAX, sealing};

/// One (sender, receiver) pair per purpose.
pub struct Network<Tx, Rx> {
    /// Votes.
    pub vote: (Tx, Rx),
    /// Certificates.
    pub certificate: (Tx, Rx),
    /// Fetching certificates that were missed.
    pub resolver: (Tx, Rx),
    /// Fetching blocks that were missed.
    pub backfill: (Tx, Rx),
    /// Blocks.
    pub broadcast: (Tx, Rx),
    /// State operations for a joining member.
    pub state: (Tx, Rx),
    /// Where to start a state sync from.
    pub probe: (Tx, Rx),
    /// What members deal to each other in an epoch.
    pub reshare: (Tx, Rx),
    /// What members deal to each other of the seal key in an epoch.
    pub sealing: (Tx, Rx),
    /// What runs beside the engine.
    pub beside: Beside<Tx, Rx>,
}

/// The channels that the engine leaves to others.
pub struct Beside<Tx, Rx> {
    /// Pending transactions.
    pub gossip: (Tx, Rx),
    /// Questions for openings, and answers.
    pub opening: (Tx, Rx),
}

/// Channel numbers, in the order in which [`Network::register`] makes them.
pub const CHANNELS: [u64; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

impl<Tx, Rx> Network<Tx, Rx> {
    /// Makes every channel with `register`.
    pub fn register(mut register: impl FnMut(u64) -> (Tx, Rx)) -> Self {
        let [
            vote,
            certificate,
            resolver,
            backfill,
            broadcast,
            state,
            probe,
            reshare,
            gossip,
            opening,
            sealing,
        ] = CHANNELS;
        Self {
            vote: register(vote),
            certificate: register(certificate),
            resolver: register(resolver),
            backfill: register(backfill),
            broadcast: register(broadcast),
            state: register(state),
            probe: register(probe),
            reshare: register(reshare),
            beside: Beside {
                gossip: register(gossip),
                opening: register(opening),
            },
            sealing: register(sealing),
        }
    }
}

/// The largest message on any channel. Those on [`Beside::opening`] are smaller than all of these.
pub fn message_bytes_max() -> u32 {
    max_message_size(&[
        orchestrator::max_payload_size::<Scheme, BlockHash>(MEMBERS_MAX),
        dkg::max_payload_size::<MinSig, MemberKey>(NZU32!(MEMBERS_MAX)),
        marshal::max_payload_size::<Standard<Block>, Scheme>(MEMBERS_MAX, &()),
        state_sync::max_payload_size::<Family, Digest>(
            NZU64!(SYNC_OPERATIONS_MAX),
            Operation::<Family, CellKey, Cell>::SIZE,
        ),
        probe::max_payload_size::<Standard<Block>, Scheme>(MEMBERS_MAX, &()),
        commonhold_pool::limits::GOSSIP_BYTES_MAX,
        sealing::message_bytes_max(),
    ])
}
