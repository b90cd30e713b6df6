//! The keeper: sees to it that this member's vault has what the ledger says it keeps, and nothing that
//! was erased.
//!
//! Everything goes by final blocks; there is no timer.
//!
//! - **Erasures first.** At the start all erasures on the ledger are carried out: those since the vault
//!   last noted how far it came, then the older ones once more, because the vault may have come back from
//!   an old copy. Then those of each new block, before anything is fetched.
//! - **News.** A block's `Registered` and `Granted` events name records that are looked after at once
//!   (those of the newest [`NEWS_BLOCKS_MAX`] blocks, where a member was away).
//! - **The sweep.** [`SWEEP_RECORDS_MAX`] records a block, in the order of the ledger. The first pass
//!   after the start asks only whether what is to be here is here; every further pass, after a rest of
//!   [`SWEEP_REST_BLOCKS`], also reads each body and compares it with its name, [`SWEEP_BYTES_MAX`] bytes
//!   a block.
//! - **Who keeps what** is the ledger's rendezvous order (`commonhold_system::records::placement`). A
//!   keeper that has proposed no block for so many (`limits.absent_blocks`) has the next in that order
//!   stand in, and is a keeper still: it fetches what it missed when it is back. Copies beyond that are
//!   kept, as they are by the node that took the upload; only erasure deletes.
//! - **What is missing** is fetched from the other members' HTTP ports ([`fetch`]), verified as it comes.
//!   What cannot be had is asked for again, after twice as many blocks each time, [`TRIES_MAX`] times;
//!   then the sweep comes by it.
//!
//! Memory is bounded: [`WANTED_MAX`] records wait, and what has no room there the sweep finds.

mod fetch;
mod ledger;
mod look;
mod news;
mod wanted;

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_index::Index;
use commonhold_rpc::Head;
use commonhold_system::records::placement::Member;
use commonhold_vault::{BlobHash, Store, store::Carried};
use commonware_cryptography::ed25519::PrivateKey;
use tokio::sync::{mpsc, watch};
use tracing::{debug, info, warn};

use crate::{
    asking::Asking,
    limits::{
        FETCHES_AT_ONCE_MAX, LOOKS_PER_BLOCK_MAX, NEWS_BLOCKS_MAX, SWEEP_BYTES_MAX,
        SWEEP_RECORDS_MAX, SWEEP_REST_BLOCKS, TRIES_MAX, WANTED_MAX,
    },
    presence::Presence,
    roster::Roster,
};
use fetch::{Fetched, Fetcher};
use ledger::Ledger;
use wanted::{Care, Wanted};

/// What the keeper works with.
pub(crate) struct Config {
    /// This member's identity key.
    pub(crate) me: B256,
    /// The members of each time.
    pub(crate) roster: Roster,
    /// The newest final block.
    pub(crate) head: watch::Receiver<Arc<Head>>,
    pub(crate) index: Index,
    pub(crate) asking: Asking,
    pub(crate) vault: Store,
    pub(crate) presence: Presence,
    /// Base URLs of the other members' HTTP ports.
    pub(crate) peers: Vec<String>,
    /// Signs what is asked of other members.
    pub(crate) identity: PrivateKey,
    /// After how many blocks without one of its own a member counts as away.
    pub(crate) absent_blocks: u64,
}

pub(crate) struct Keeper {
    me: B256,
    roster: Roster,
    head: watch::Receiver<Arc<Head>>,
    index: Index,
    ledger: Ledger,
    vault: Store,
    presence: Presence,
    absent_blocks: u64,
    fetcher: Fetcher,
    fetched: mpsc::Receiver<Fetched>,
    /// The block from which on every one was seen: absence is judged from there on.
    began: u64,
    wanted: Wanted,
    sweep: Sweep,
    carried: u64,
}

/// Where the sweep is.
#[derive(Default)]
struct Sweep {
    /// The number of the record that comes next.
    next: u64,
    /// Passes that are done.
    passes: u64,
    /// No record is looked at before this block.
    rest_until: u64,
    /// Bytes that were read beyond what a block allows.
    debt: u64,
}

impl Keeper {
    pub(crate) fn new(config: Config) -> Self {
        let (tell, fetched) = mpsc::channel(FETCHES_AT_ONCE_MAX);
        let began = config.head.borrow().number;
        let fetcher = Fetcher::new(config.vault.clone(), config.peers, config.identity, tell);
        Self {
            me: config.me,
            roster: config.roster,
            head: config.head,
            index: config.index,
            ledger: Ledger::new(config.asking),
            vault: config.vault,
            presence: config.presence,
            absent_blocks: config.absent_blocks,
            fetcher,
            fetched,
            began,
            wanted: Wanted::new(WANTED_MAX),
            sweep: Sweep::default(),
            carried: 0,
        }
    }

    /// Works until the node stops showing blocks.
    pub(crate) async fn run(mut self) {
        let mark = look::off(&self.vault, Store::carried).await;
        for from in [mark.map_or(0, |mark| mark.count), 0] {
            self.carried = from;
            self.carry_out().await;
        }
        let mut seen = self.began;
        loop {
            let height = self.head.borrow_and_update().number;
            self.carry_out().await;
            if height.saturating_sub(seen) > self.absent_blocks {
                // A member that joined has not seen whose turns went by.
                self.began = height;
            }
            let news = seen.max(height.saturating_sub(NEWS_BLOCKS_MAX));
            for number in news.saturating_add(1)..=height {
                self.hear(number, height);
            }
            seen = seen.max(height);
            self.sweep(height).await;
            self.look_after(height).await;
            tokio::select! {
                moved = self.head.changed() => if moved.is_err() {
                    return;
                },
                Some(done) = self.fetched.recv() => self.settle(done, height).await,
            }
        }
    }

    /// Deletes what was erased, from the erasure on that comes next.
    async fn carry_out(&mut self) {
        loop {
            let block = self.head.borrow().number;
            let Some((page, total)) = self.ledger.erasures(self.carried).await else {
                return;
            };
            let count = u64::try_from(page.len()).unwrap_or(u64::MAX);
            if count == 0 {
                return;
            }
            let to = self.carried.saturating_add(count);
            let erased = look::off(&self.vault, move |vault| {
                let mut found = 0u64;
                for erasure in &page {
                    let body = BlobHash::from(erasure.bodyHash);
                    if !erasure.contentHash.is_zero() {
                        found += u64::from(vault.erase(&body)?);
                    } else if !erasure.sealedKeyHash.is_zero() {
                        found += u64::from(vault.erase_sealed(&body, &erasure.sealedKeyHash)?);
                    }
                }
                if to > vault.carried()?.count {
                    vault.set_carried(Carried { count: to, block })?;
                }
                Ok(found)
            });
            match erased.await {
                Ok(0) => {}
                Ok(found) => info!(found, "content was erased on its owners' word"),
                Err(error) => {
                    warn!(%error, "an erasure could not be carried out; it is tried again");
                    return;
                }
            }
            self.carried = to;
            if to >= total {
                return;
            }
        }
    }

    /// Takes note of what a block says of records.
    fn hear(&mut self, number: u64, height: u64) {
        match self.index.block(number) {
            Ok(Some(entry)) => {
                for (id, care) in news::of(&entry) {
                    self.wanted.add(id, care, height);
                }
            }
            // A block that this node never had, or that cannot be read: the sweep comes by its records.
            Ok(None) => {}
            Err(error) => warn!(number, %error, "a block cannot be read"),
        }
    }

    /// Goes on with the sweep where nothing else is to be done.
    async fn sweep(&mut self, height: u64) {
        if self.sweep.debt > 0 {
            self.sweep.debt = self.sweep.debt.saturating_sub(SWEEP_BYTES_MAX);
            return;
        }
        if height < self.sweep.rest_until || self.wanted.is_due(height) {
            return;
        }
        let asked = self
            .ledger
            .records(self.sweep.next, SWEEP_RECORDS_MAX)
            .await;
        let Some((page, total)) = asked else {
            return;
        };
        let care = Care {
            verify: self.sweep.passes > 0,
            ..Care::default()
        };
        for id in page {
            self.sweep.next = self.sweep.next.saturating_add(1);
            self.wanted.add(id, care, height);
        }
        if self.sweep.next >= total {
            self.sweep.next = 0;
            self.sweep.passes = self.sweep.passes.saturating_add(1);
            self.sweep.rest_until = height.saturating_add(SWEEP_REST_BLOCKS);
        }
    }

    /// Looks after the records that are due, and has fetched what is missing of them.
    async fn look_after(&mut self, height: u64) {
        for _ in 0..LOOKS_PER_BLOCK_MAX {
            if self.fetcher.is_busy() {
                return;
            }
            let Some((id, care)) = self.wanted.next(height) else {
                return;
            };
            let Some(record) = self.ledger.record(id).await else {
                // The ledger cannot be asked now.
                self.wanted.retry(id, care, height);
                return;
            };
            let Some(record) = record.filter(|record| self.keeps(record, height)) else {
                self.wanted.done(&id, care);
                continue;
            };
            let want = look::off(&self.vault, move |vault| look::look(vault, &record, care));
            match want.await {
                Ok((want, read)) => {
                    self.sweep.debt = self.sweep.debt.saturating_add(read);
                    match want {
                        None => self.wanted.done(&id, care),
                        Some(want) => {
                            if !self.fetcher.start(id, care, want) {
                                self.wanted.retry(id, care, height);
                            }
                        }
                    }
                }
                Err(error) => {
                    warn!(%id, %error, "the vault cannot be read");
                    self.wanted.retry(id, care, height);
                }
            }
        }
    }

    /// Whether this member is one of a record's keepers, or stands in for one that is away.
    fn keeps(&self, record: &ledger::Found, height: u64) -> bool {
        let proposed = self.presence.snapshot();
        let away = |member: &B256| {
            let last = proposed.get(member).copied().unwrap_or(0).max(self.began);
            *member != self.me && last.saturating_add(self.absent_blocks) < height
        };
        let seats = self.roster.seats();
        let members: Vec<Member> = seats.iter().map(|seat| (seat.account, seat.key)).collect();
        look::keepers(record, &members, away).contains(&self.me)
    }

    /// Takes note of how a fetch went.
    async fn settle(&mut self, done: Fetched, height: u64) {
        let Fetched {
            id,
            care,
            want,
            outcome,
        } = done;
        self.fetcher.ended(&id);
        let (hash, sealed_key) = (want.id.hash, want.sealed_key);
        // It may have been erased while it was on its way.
        let body = self.ledger.is_erased_name(hash.into()).await == Some(true);
        let key = self.ledger.is_erased_name(sealed_key).await == Some(true);
        let gone = look::off(&self.vault, move |vault| {
            Ok((body && vault.erase(&hash)?) | (key && vault.erase_sealed(&hash, &sealed_key)?))
        });
        match gone.await {
            Ok(false) => {}
            Ok(true) => info!(%id, %hash, "what was erased on its way is not kept"),
            Err(error) => {
                warn!(%hash, %error, "what was erased could not be deleted: it is at the next start");
            }
        }
        match outcome {
            Ok(()) => {
                debug!(%id, %hash, "a record's content is kept here");
                self.wanted.done(&id, care);
            }
            Err(error) => {
                debug!(%id, %hash, %error, "a record's content cannot be had now");
                if !self.wanted.retry(id, care, height) {
                    warn!(%id, %hash, %error, tries = TRIES_MAX, "a record's content cannot be had");
                }
            }
        }
    }
}
