//! Who the members are now, by the newest final state.
//!
//! Members change at the borders of epochs alone; so the ledger is asked at the start and when an epoch
//! begins, and what it said last holds until it says something else.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc};

use alloy_primitives::{Address, B256};
use commonhold_primitives::{Genesis, epoch, system::MEMBERS};
use commonhold_rpc::Head;
use commonhold_system::members::{
    forms::version,
    interface::IMembers::{committeeOfCall, membersCall, versionAtCall},
};
use parking_lot::RwLock;
use tokio::sync::watch;

use crate::asking::Asking;

/// This program's version.
pub(crate) const OWN: &str = env!("CARGO_PKG_VERSION");

/// A member as it takes part in this epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The organisation's name.
    pub name: String,
    /// Its node's identity key.
    pub key: B256,
    /// Where its node listens for other members.
    pub endpoint: String,
    /// The account that acts for it.
    pub account: Address,
}

/// The members now. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Roster(Arc<RwLock<Arc<Vec<Seat>>>>);

impl Roster {
    /// The founders, until the ledger is asked.
    pub fn new(genesis: &Genesis) -> Self {
        let founders = genesis.members.iter().map(|founder| Seat {
            name: founder.name.clone(),
            key: founder.public_key,
            endpoint: founder.endpoint.clone(),
            account: founder.account,
        });
        Self(Arc::new(RwLock::new(Arc::new(founders.collect()))))
    }

    /// The members, in the order of admission.
    pub fn seats(&self) -> Arc<Vec<Seat>> {
        self.0.read().clone()
    }

    /// Asks the ledger now and at the beginning of every epoch, until nobody moves the head any more, or the
    /// members need a newer version of this program: that version is then given.
    pub(crate) async fn follow(
        self,
        asking: Asking,
        mut head: watch::Receiver<Arc<Head>>,
        epoch_blocks: NonZeroU64,
    ) -> Option<String> {
        let mut asked = None;
        loop {
            let number = head.borrow_and_update().number;
            // What is asked is of the next block.
            let now = epoch::containing(number.saturating_add(1), epoch_blocks);
            let now = now.map(|place| place.epoch());
            if asked != now
                && let Some(epoch) = now
                && let Some(seats) = seats(&asking, epoch.get()).await
                // Block 1 writes who founded the network: before it the ledger knows nobody.
                && !seats.is_empty()
            {
                *self.0.write() = Arc::new(seats);
                asked = now;
                let call = versionAtCall { epoch: epoch.get() };
                let needed = asking.ask(MEMBERS, call).await.flatten();
                if let Some(needed) = needed.filter(|needed| version(needed) > version(OWN)) {
                    return Some(needed);
                }
            }
            if head.changed().await.is_err() {
                return None;
            }
        }
    }
}

async fn seats(asking: &Asking, epoch: u64) -> Option<Vec<Seat>> {
    let committee = asking.ask(MEMBERS, committeeOfCall { epoch }).await??;
    let mut names = BTreeMap::new();
    let mut from = 0;
    loop {
        let max = u64::MAX;
        let found = asking.ask(MEMBERS, membersCall { from, max }).await??;
        from = from.saturating_add(u64::try_from(found.page.len()).unwrap_or(u64::MAX));
        let done = found.page.is_empty() || from >= found.total;
        names.extend(
            found
                .page
                .into_iter()
                .map(|member| (member.number, member.name)),
        );
        if done {
            break;
        }
    }
    let seats = committee.into_iter().map(|seat| Seat {
        name: names.remove(&seat.number).unwrap_or_default(),
        key: seat.publicKey,
        endpoint: seat.endpoint,
        account: seat.account,
    });
    Some(seats.collect())
}
