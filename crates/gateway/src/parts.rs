//! Everything of a gateway that decides, put together: what comes in, what is known, what is anchored.
//!
//! Nothing here has a thread, a timer or a socket. Whoever has the parts drives them: a gateway
//! ([`crate::Gateway`]) by threads and tasks of its own, the simulator by its clock.

use std::sync::Arc;

use commonhold_reading::DeviceSecret;
use commonhold_vault::SecretKey;
use rand::rngs::StdRng;

use crate::{
    batch::{Batcher, Work},
    bodies::Bodies,
    clock::Clock,
    config::Config,
    directory::Directory,
    error::GatewayError,
    intake::Intake,
    journal::{Journal, Terms},
    ledger::{Anchoring, Ledger},
    state::State,
};

/// What a gateway stands on.
pub struct Ground {
    /// The ledger, asked about devices.
    pub ledger: Arc<dyn Ledger>,
    /// The node by way of which batches go.
    pub node: Arc<dyn Anchoring>,
    /// Where encrypted batches lie.
    pub bodies: Box<dyn Bodies>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where keys, nonces and salts come from: nobody may know its seed.
    pub random: StdRng,
}

/// Who a gateway is.
pub struct Identity {
    /// Its device's key.
    pub device: DeviceSecret,
    /// The key with which its account reads.
    pub account: SecretKey,
}

/// The parts of a gateway.
pub struct Parts {
    /// The way in.
    pub intake: Arc<Intake>,
    /// The devices that are known. Somebody has to have it follow the ledger.
    pub directory: Arc<Directory>,
    /// The way to the ledger. Somebody has to have it step.
    pub batches: Work,
    /// How that does.
    pub state: Arc<State>,
}

impl Config {
    /// What the journal keeps to.
    pub fn terms(&self, clock: Arc<dyn Clock>) -> Terms {
        Terms {
            bytes_max: self.store.bytes_max,
            late_max_ms: self.bounds.late_max_seconds.saturating_mul(1000),
            clock,
        }
    }
}

impl Parts {
    /// Puts a gateway together that goes on where its journal ends.
    ///
    /// # Errors
    /// Where journal or bodies cannot be read.
    pub fn new(
        config: &Config,
        journal: Journal,
        identity: Identity,
        ground: Ground,
    ) -> Result<Self, GatewayError> {
        let Ground {
            ledger,
            node,
            bodies,
            clock,
            random,
        } = ground;
        let state = Arc::new(State::default());
        let directory = Directory::new(ledger, journal.clone(), clock.clone())?;
        let directory = Arc::new(directory);
        let intake = Arc::new(Intake::new(
            config,
            directory.clone(),
            journal.clone(),
            identity.device,
            clock.clone(),
        ));
        let batches = Batcher {
            node,
            journal,
            bodies,
            secret: identity.account,
            batch: config.batch.clone(),
            store: config.store.clone(),
            state: state.clone(),
            clock,
            random,
        };
        Ok(Self {
            intake,
            directory,
            batches: batches.work()?,
            state,
        })
    }
}
