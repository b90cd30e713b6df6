//! People who live beside a simulated network and use it by the command line's own words.
//!
//! What they say runs in the production client, whose requests go to the production RPC over what a
//! living member was told is final; so a story that is told here can be told to the binary as it is
//! ([`commonhold_health_story`]). Simulated are the way between people and members, and that content
//! reaches the members that keep it, for which `node::keeper` sees: here all of them have one vault.
//!
//! People think on a thread of their own, and while they do the whole simulation stands still: it goes on
//! only where somebody waits for it ([`clerk`]). So what they do takes no simulated time, and happens in
//! the order that the seed gives. Their secrets are the operating system's all the same, so two runs of
//! one seed are alike, and not the same to the last bit.
//!
//! A person's node may go away while they wait for it. Then they ask another member's, as people do, and
//! send their transaction once more where that one does not know it. They never ask a member that knows
//! less than what they have been told before.
//!
//! Watched is that the ledger says of every slice that somebody fetched that it was opened to them, once,
//! and of nothing else that it was opened.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use alloy_primitives::{Address, B256};
use commonhold_primitives::{Finalised, finalised::Writes};
use commonhold_system::records::interface::IRecords::Access;
use commonhold_vault::{Store, store::Bounds};
use commonware_runtime::{Spawner as _, Supervisor as _, deterministic};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::{founding::Founding, member::Network, readers::Law};

pub mod clerk;
mod stage;
mod window;

use clerk::{Clerk, Errand};
pub use stage::Street;
use window::Shown;

/// A story.
pub type Tale = fn(&Street);

/// The town of a run.
pub struct Town {
    /// How the story ended, once it has.
    pub over: Option<Result<(), String>>,
    /// Who fetched which record, and how often.
    pub opened: BTreeMap<(Address, B256), usize>,
    /// Requests of people.
    pub errands: u64,
    /// Those that were begun again, because the member went away.
    pub begun_again: u64,
    tale: Option<Tale>,
    shown: Vec<Arc<Shown>>,
    vault: Store,
    runtime: Arc<Runtime>,
    place: TempDir,
}

impl Town {
    /// The town beside a network, in which this happens.
    ///
    /// # Panics
    /// Where the machine has no room for it.
    pub fn new(founding: &Founding, tale: Tale) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let bounds = Bounds {
            bytes_max: 1 << 30,
            disk_reserve: 0,
            account_bytes_max: 1 << 30,
        };
        let vault = Store::open_with(&place.path().join("vault"), bounds).expect("a vault");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .expect("threads");
        Self {
            over: None,
            opened: BTreeMap::new(),
            errands: 0,
            begun_again: 0,
            tale: Some(tale),
            shown: founding.keys.iter().map(|_| Shown::new(founding)).collect(),
            vault,
            runtime: Arc::new(runtime),
            place,
        }
    }

    /// A member was told of a final block, and of what it wrote.
    pub fn told(&self, member: usize, told: &Finalised, writes: &Writes) {
        self.shown[member].tell(told, writes);
    }

    /// Whether the story has been told.
    ///
    /// # Errors
    /// That it goes on.
    pub fn settled(&self) -> Result<(), String> {
        match self.over {
            Some(_) => Ok(()),
            None => Err(format!("the story goes on after {} requests", self.errands)),
        }
    }

    /// Checks that what was opened is what the ledger says.
    ///
    /// # Errors
    /// How the story went wrong; or the first opening that only one of both knows.
    pub fn check(&self, law: &Law) -> Result<(), String> {
        match &self.over {
            Some(Err(why)) => return Err(format!("the story: {why}")),
            Some(Ok(())) => {}
            None => return self.settled(),
        }
        let mut granted: BTreeMap<(Address, B256), usize> = BTreeMap::new();
        for request in law.numbers().filter_map(|number| law.request(number)) {
            if request.access == Access::Granted {
                *granted.entry((request.reader, request.id)).or_default() += 1;
            }
        }
        if granted != self.opened {
            return Err(format!(
                "opened to people: {:?}; by the ledger: {granted:?}",
                self.opened
            ));
        }
        Ok(())
    }
}

/// Begins with the story where a network has a town and it has not begun.
pub fn start(context: &deterministic::Context, network: &Network) {
    let begun = network.world.with(|w| {
        let town = w.town.as_mut()?;
        let tale = town.tale.take()?;
        let place = town.place.path().to_owned();
        Some((tale, place))
    });
    let Some((tale, place)) = begun else { return };
    let (errands, inbox) = mpsc::channel::<Errand>();
    let street = Street::new(network, errands, place);
    let world = network.world.clone();
    thread::spawn(move || {
        let told = catch_unwind(AssertUnwindSafe(|| tale(&street)));
        let over = told.map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            text.unwrap_or_else(|| "it ended without a word".to_owned())
        });
        world.with(|w| {
            if let Some(town) = &mut w.town {
                town.over = Some(over);
            }
        });
        // Only now does the clerk stop waiting for them.
        drop(street);
    });
    let clerk = Clerk::new(context.child("town"), network);
    context.child("clerk").spawn(move |_| clerk.attend(inbox));
}
