//! Votes that nobody honest signs. Such a member has no state: it answers what it hears.

use std::collections::BTreeMap;

use commonhold_chain::Network as Channels;
use commonhold_primitives::{
    BlockHash,
    consensus::{MemberKey, Scheme},
};
use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_consensus::{
    Viewable as _,
    simplex::types::{Finalize, Notarize, Nullify, Proposal, Vote as Message},
};
use commonware_math::algebra::Random as _;
use commonware_p2p::{Receiver, Recipients, Sender};
use commonware_runtime::deterministic;

use super::lane;
use crate::world::World;

/// What it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// For every proposal also another one of the same view.
    Conflicting,
    /// To skip every view, and to finalise it.
    NullifyAndFinalise,
    /// For proposals of views long past.
    Outdated,
}

/// Votes for ever.
pub async fn run<Tx, Rx>(
    mut context: deterministic::Context,
    vote: Vote,
    scheme: Scheme,
    world: World,
    channels: Channels<Tx, Rx>,
) where
    Tx: Sender<PublicKey = MemberKey>,
    Rx: Receiver<PublicKey = MemberKey>,
{
    let (mut sender, mut receiver) = channels.vote;
    let mut heard = BTreeMap::new();
    while let Ok((_, bytes)) = receiver.recv().await {
        let Ok(message) = Message::<Scheme, BlockHash>::decode(Copying(lane::vote(bytes.as_ref())))
        else {
            continue;
        };
        let proposal = match &message {
            Message::Notarize(notarize) => notarize.proposal.clone(),
            Message::Finalize(finalize) => finalize.proposal.clone(),
            Message::Nullify(_) => continue,
        };
        heard.insert(message.view().get(), proposal.clone());
        let votes = match vote {
            Vote::Conflicting => {
                let other = Proposal::new(
                    proposal.round,
                    proposal.parent,
                    BlockHash::random(&mut context),
                );
                [other, proposal]
                    .into_iter()
                    .flat_map(|p| [notarise(&scheme, p.clone()), finalise(&scheme, p)])
                    .collect()
            }
            Vote::NullifyAndFinalise => {
                let nullify = Nullify::sign::<BlockHash>(&scheme, proposal.round);
                vec![nullify.map(Message::Nullify), finalise(&scheme, proposal)]
            }
            Vote::Outdated => {
                let long_past = message.view().get().saturating_sub(5);
                match heard.get(&long_past) {
                    Some(p) => vec![notarise(&scheme, p.clone()), finalise(&scheme, p.clone())],
                    None => Vec::new(),
                }
            }
        };
        for message in votes.into_iter().flatten() {
            let _ = sender.send(Recipients::All, lane::first(&message.encode()), true);
            world.with(|w| w.misdeeds += 1);
        }
    }
}

type Signed = Option<Message<Scheme, BlockHash>>;

fn notarise(scheme: &Scheme, proposal: Proposal<BlockHash>) -> Signed {
    Notarize::sign(scheme, proposal).map(Message::Notarize)
}

fn finalise(scheme: &Scheme, proposal: Proposal<BlockHash>) -> Signed {
    Finalize::sign(scheme, proposal).map(Message::Finalize)
}
