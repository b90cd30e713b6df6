//! Sends as much as it can, beside an honest engine.

use std::{sync::Arc, time::Duration};

use commonhold_chain::network::message_bytes_max;
use commonhold_primitives::{
    Block, BlockHash,
    consensus::Scheme,
    limits::{BLOCK_BYTES_MAX, TRANSACTION_BYTES_MAX},
};
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_consensus::{
    Viewable as _,
    simplex::types::{Finalize, Notarize, Nullify, Proposal, Vote},
    types::{Epoch, Round, View},
};
use commonware_math::algebra::Random as _;
use commonware_p2p::{Receiver as _, Recipients, Sender as _};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::sync::Mutex;

use super::{BACKFILL, BROADCAST, GOSSIP, Inlet, Outlet, RESOLVER, STATE, VOTE, garbage, lane};
use crate::{
    checker::genesis_block, founding::Founding, member::MESSAGES_PER_SECOND_MAX, world::World,
};

/// What it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storm {
    /// For a second, as many votes as the channel takes, for views of now and later. Their form is
    /// right; their signatures are its own, for other proposals.
    Votes,
    /// Messages as large as there can be, on every channel.
    Bulk,
}

/// Time between two gusts.
const PAUSE: Duration = Duration::from_millis(10);
/// Gusts of votes.
const GUSTS: u32 = 100;
/// Large blocks: more than members keep of one peer.
const BLOCKS: u32 = 18;
/// Large messages on each other channel.
const BULK: u32 = 4;

/// The storm on one channel.
pub struct Wind {
    /// What is sent.
    pub storm: Storm,
    /// The network.
    pub founding: Founding,
    /// Who sends.
    pub index: usize,
    /// Who watches.
    pub world: World,
    /// The channel.
    pub channel: u64,
}

impl Wind {
    /// Starts it.
    pub fn start(self, context: &deterministic::Context, outlet: Outlet, tap: Inlet) {
        let context = context.child("storm");
        match self.storm {
            Storm::Votes if self.channel != VOTE => {}
            Storm::Votes => {
                let view = follow(&context, tap);
                context.spawn(move |context| self.votes(context, view, outlet));
            }
            Storm::Bulk => {
                context.spawn(move |context| self.bulk(context, outlet));
            }
        }
    }

    async fn votes(self, mut context: deterministic::Context, view: Highest, mut outlet: Outlet) {
        let scheme = &self.founding.schemes[self.index];
        let mut gusts = 0;
        while gusts < GUSTS {
            context.sleep(PAUSE).await;
            let view = *view.lock();
            if view == 0 {
                continue;
            }
            gusts += 1;
            for vote in votes(&mut context, scheme, view) {
                outlet.send(Recipients::All, lane::first(&vote.encode()), true);
                self.world.with(|w| w.misdeed(self.channel));
            }
        }
    }

    async fn bulk(self, context: deterministic::Context, mut outlet: Outlet) {
        let count = if self.channel == BROADCAST {
            BLOCKS
        } else {
            BULK
        };
        for number in 0..count {
            context.sleep(PAUSE).await;
            let message = large(&self.founding, self.channel, number);
            outlet.send(Recipients::All, message, false);
            self.world.with(|w| w.misdeed(self.channel));
        }
    }
}

/// The highest view that was voted in.
type Highest = Arc<Mutex<u64>>;

fn follow(context: &deterministic::Context, mut tap: Inlet) -> Highest {
    let highest = Highest::default();
    let seen = highest.clone();
    context.child("listening").spawn(move |_| async move {
        while let Ok((_, message)) = tap.recv().await {
            if let Ok(vote) =
                Vote::<Scheme, BlockHash>::decode(Copying(lane::vote(message.as_ref())))
            {
                let mut seen = seen.lock();
                *seen = vote.view().get().max(*seen);
            }
        }
    });
    highest
}

/// A hundredth of what the channel takes in a second. One signature serves them all.
fn votes(
    context: &mut deterministic::Context,
    scheme: &Scheme,
    view: u64,
) -> Vec<Vote<Scheme, BlockHash>> {
    let round = |ahead: u32| Round::new(Epoch::zero(), View::new(view + u64::from(ahead)));
    let mut proposal = |ahead| {
        let parent = View::new(view.saturating_sub(1));
        Proposal::new(round(ahead), parent, BlockHash::random(&mut *context))
    };
    let signed = Notarize::sign(scheme, proposal(0));
    let Some(Notarize { attestation, .. }) = signed else {
        return Vec::new();
    };
    (0..=MESSAGES_PER_SECOND_MAX / GUSTS)
        .map(|ahead| {
            let attestation = attestation.clone();
            match ahead % 3 {
                0 => Vote::Notarize(Notarize {
                    proposal: proposal(ahead),
                    attestation,
                }),
                1 => Vote::Finalize(Finalize {
                    proposal: proposal(ahead),
                    attestation,
                }),
                _ => Vote::Nullify(Nullify {
                    round: round(ahead),
                    attestation,
                }),
            }
        })
        .collect()
}

/// The largest message of a channel, in the right frame where the channel has one. No two are equal.
fn large(founding: &Founding, channel: u64, number: u32) -> Vec<u8> {
    let max = usize::try_from(message_bytes_max()).unwrap_or_default();
    let mut filling = vec![0xc0; max];
    filling[..4].copy_from_slice(&number.to_be_bytes());
    match channel {
        BROADCAST => {
            let full = BLOCK_BYTES_MAX / TRANSACTION_BYTES_MAX;
            filling.truncate(TRANSACTION_BYTES_MAX);
            let genesis = genesis_block(founding);
            let transactions = vec![filling.into(); full];
            let (header, extra) = (genesis.header().clone(), genesis.extra().clone());
            Block::seal(header, extra, transactions, None, None)
                .encode()
                .into()
        }
        RESOLVER | BACKFILL | STATE => {
            // Room for the frame.
            filling.truncate(max - 32);
            let answer = garbage::answer(&[0; 9], filling).expect("a question");
            if lane::has(channel) {
                lane::first(&answer)
            } else {
                answer
            }
        }
        GOSSIP => {
            filling.truncate(4 + TRANSACTION_BYTES_MAX);
            let length = u32::try_from(TRANSACTION_BYTES_MAX).unwrap_or(u32::MAX);
            filling[..4].copy_from_slice(&length.to_be_bytes());
            filling[4..8].copy_from_slice(&number.to_be_bytes());
            filling
        }
        _ => filling,
    }
}
