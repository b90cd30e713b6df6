//! Asking: what clients' questions come in by.

use std::sync::Arc;

use alloy_primitives::B256;
use commonhold_seal::{Answer, Holding, Partial};
use commonware_utils::channel::{mpsc, oneshot};

use crate::wire::{Refusal, Subject};

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it asks for.
    pub subject: Subject,
    /// Whether to wait for all members, and not only for as many as can open. Who has found false
    /// answers among the first ones asks again in this way.
    pub all: bool,
}

/// What members said. All of it is of one sharing of the seal key, and places are those among its holders.
#[derive(Clone, Debug)]
pub struct Answers {
    /// That sharing.
    pub sharing: Arc<Holding>,
    /// The hash of the block that holds the request; zero where a time was asked for.
    pub block: B256,
    /// Answers to a request, in the order of members' places. Their signatures have been verified.
    pub answers: Vec<Answer>,
    /// Partials of a time, in the order of members' places. They have been verified.
    pub partials: Vec<Partial>,
    /// Members that gave none, by their places, and why.
    pub refused: Vec<(u32, Refusal)>,
    /// Members that said nothing in time, or something false, by their places.
    pub silent: Vec<u32>,
}

impl Answers {
    pub(crate) const fn new(block: B256, sharing: Arc<Holding>) -> Self {
        Self {
            sharing,
            block,
            answers: Vec::new(),
            partials: Vec::new(),
            refused: Vec::new(),
            silent: Vec::new(),
        }
    }
}

/// Why a question got no answers at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// This node itself refuses, by its own final state.
    #[error("{0}")]
    Refused(Refusal),
    /// Too many questions under way.
    #[error("too many questions under way (ASKS_AT_ONCE_MAX)")]
    Busy,
    /// This network has no seal key.
    #[error("this network has no seal key")]
    NoSealKey,
    /// This node joined within the epoch, and learns at its end who holds the seal key.
    #[error("this node does not know yet who holds the seal key in this epoch: ask another")]
    Unknown,
    /// The node stops.
    #[error("the node stops")]
    Stopped,
}

pub(crate) type Ask = (Wanted, oneshot::Sender<Result<Answers, AskError>>);

/// Where questions are handed in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk(Option<mpsc::Sender<Ask>>);

impl Desk {
    pub(crate) const fn new(asks: mpsc::Sender<Ask>) -> Self {
        Self(Some(asks))
    }

    /// The desk of a network that has no seal key.
    pub const fn closed() -> Self {
        Self(None)
    }

    /// Asks all members, and waits for their answers.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn ask(&self, wanted: Wanted) -> Result<Answers, AskError> {
        let asks = self.0.as_ref().ok_or(AskError::NoSealKey)?;
        let (answer, answered) = oneshot::channel();
        asks.try_send((wanted, answer)).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => AskError::Busy,
            mpsc::error::TrySendError::Closed(_) => AskError::Stopped,
        })?;
        answered.await.map_err(|_| AskError::Stopped)?
    }
}
