//! A member that follows the chain honestly, and is false in the ceremonies of its epochs: as one that deals, or
//! as one that is dealt to.

use std::{collections::BTreeMap, sync::Arc};

use commonhold_primitives::{
    consensus::{MemberKey, NAMESPACE},
    epoch::Ceremony,
    limits::MEMBERS_MAX,
};
use commonware_codec::{Copying, Decode as _, Encode as _};
use commonware_cryptography::bls12381::{
    dkg::feldman_desmedt::{Dealer, DealerPrivMsg, DealerPubMsg, Info, Reveal},
    primitives::{group::Scalar, sharing::Mode, variant::MinSig},
};
use commonware_glue::dkg::types::Message;
use commonware_math::algebra::Random as _;
use commonware_p2p::Recipients;
use commonware_utils::{N3f1, NZU32, TestRng, sync::Mutex};

use super::{RESHARE, lane, server::Verdict};
use crate::founding::Founding;

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misdeal {
    /// To these members it gives shares that are not of its polynomial.
    Wrong(&'static [usize]),
    /// In the first epoch it gives these members another dealing than the others, right in itself.
    Two(&'static [usize]),
    /// It deals to nobody.
    Nothing,
    /// It acknowledges no dealing.
    Unacknowledged,
    /// It makes blocks without its log.
    NoLog,
    /// In every epoch it makes blocks with the log of the first one in which it made any.
    OldLog,
}

/// The second dealing of the first epoch: what is public of it, and each member's share.
struct Second {
    public: DealerPubMsg<MinSig>,
    private: BTreeMap<MemberKey, DealerPrivMsg>,
}

/// One such member's hand. Clones share what it dealt.
#[derive(Clone)]
pub struct Cheat {
    misdeal: Misdeal,
    /// Who is cheated.
    those: Arc<Vec<MemberKey>>,
    second: Arc<Option<Second>>,
}

impl Cheat {
    /// The hand of member `index`.
    pub fn new(misdeal: Misdeal, founding: &Founding, index: usize) -> Self {
        let (those, second) = match misdeal {
            Misdeal::Wrong(those) => (those, None),
            Misdeal::Two(those) => (those, Some(second(founding, index))),
            _ => (&[][..], None),
        };
        let those = those.iter().map(|member| founding.keys[*member].clone());
        Self {
            misdeal,
            those: Arc::new(those.collect()),
            second: Arc::new(second),
        }
    }

    /// What becomes of a message that its engine sends.
    pub fn judge(
        &self,
        channel: u64,
        recipients: &Recipients<MemberKey>,
        message: &[u8],
    ) -> Verdict {
        if channel != RESHARE {
            return Verdict::Pass;
        }
        let (lane, message) = lane::split(channel, message);
        let (Recipients::One(to), Ok(said)) = (recipients, decode(message)) else {
            return Verdict::Pass;
        };
        let cheated = self.those.contains(to);
        match (self.misdeal, said) {
            (Misdeal::Nothing, Message::Dealer(..))
            | (Misdeal::Unacknowledged, Message::Ack(_)) => Verdict::Drop,
            (Misdeal::Wrong(_), Message::Dealer(public, _)) if cheated => {
                let share = DealerPrivMsg::new(Scalar::random(TestRng::new(1)));
                instead(lane, public, share)
            }
            (Misdeal::Two(_), Message::Dealer(..)) if cheated && lane::epoch(lane) == Some(0) => {
                let second = self.second.as_ref().as_ref();
                let share =
                    second.and_then(|s| Some((s.public.clone(), s.private.get(to)?.clone())));
                share.map_or(Verdict::Pass, |(public, share)| {
                    instead(lane, public, share)
                })
            }
            _ => Verdict::Pass,
        }
    }
}

type Said = Message<MinSig, MemberKey>;

fn decode(message: &[u8]) -> Result<Said, commonware_codec::Error> {
    Said::decode_cfg(Copying(message), &NZU32!(MEMBERS_MAX))
}

fn instead(lane: &[u8], public: DealerPubMsg<MinSig>, share: DealerPrivMsg) -> Verdict {
    let lie = Said::Dealer(public, share).encode();
    Verdict::Instead([lane, &lie].concat())
}

/// Another dealing of the same share in the first epoch.
fn second(founding: &Founding, index: usize) -> Second {
    let first = founding.genesis.first_epoch().expect("the first epoch");
    let info = Info::new::<N3f1>(
        NAMESPACE,
        0,
        Some(first.output.clone()),
        Mode::NonZeroCounter,
        Reveal::V1,
        first.output.players().clone(),
        first.players.clone(),
    )
    .expect("a ceremony");
    let identity = founding.identities[index].clone();
    let share = founding.shares[index].clone();
    let (_, public, private) =
        Dealer::start::<N3f1>(TestRng::new(2), info, identity, Some(share)).expect("a dealer");
    let private = private.into_iter().collect();
    Second { public, private }
}

/// What such a member puts into its blocks.
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Option<Ceremony>>>);

impl Logs {
    /// In the place of what its engine wants to put there; and whether that is a misdeed.
    pub fn instead(&self, misdeal: Misdeal, wanted: Option<Ceremony>) -> (Option<Ceremony>, bool) {
        let Some(log @ Ceremony::DealerLog(_)) = wanted else {
            return (wanted, false);
        };
        match misdeal {
            Misdeal::NoLog => (None, true),
            Misdeal::OldLog => {
                let mut first = self.0.lock();
                let old = first.get_or_insert_with(|| log.clone()).clone();
                let is_old = old != log;
                (Some(old), is_old)
            }
            _ => (Some(log), false),
        }
    }
}
