//! What is wanted of a run, what was asked, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use commonhold_opening::Subject;
use commonhold_seal::ReaderSecret;

use super::Plot;
use crate::world::Life;

/// What is wanted of a run.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The stories.
    pub plots: Vec<Plot>,
    /// Times that are asked for, in seconds.
    pub times: Vec<u64>,
    /// Beside which members readers stand; empty: beside all.
    pub beside: BTreeSet<usize>,
    /// Readers ask from this time on, in milliseconds.
    pub from_ms: u64,
}

/// An opening that a reader put together.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Beside which member.
    pub at: usize,
    /// When, in milliseconds.
    pub ms: u64,
    /// Members whose answers were used or could have been.
    pub answers: BTreeSet<usize>,
    /// The epoch from which on the sharing is in force by which they answered.
    pub sharing: u64,
}

/// A request that was made.
#[derive(Clone)]
pub struct Asked {
    /// The number of its story.
    pub story: usize,
    /// Since when a reader knows that it is final, in milliseconds.
    pub seen_ms: Option<u64>,
    /// When it was opened first.
    pub opened: Option<Opened>,
    /// When readers got too little, in milliseconds.
    pub failed_ms: Vec<u64>,
    /// Members beside which nobody got anything when it was not to be answered.
    pub denied_at: BTreeSet<usize>,
    pub(super) secret: ReaderSecret,
    pub(super) key: B256,
    pub(super) attempt: Attempt,
}

/// A time that is asked for.
#[derive(Clone, Debug, Default)]
pub struct Timed {
    /// How often it was asked for in vain.
    pub early: u64,
    /// By member, what a reader beside it put together.
    pub opened: BTreeMap<usize, Opened>,
    pub(super) attempts: BTreeMap<usize, Attempt>,
}

/// What is known of the attempts so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempt {
    pub(super) under_way: BTreeSet<Life>,
    /// Whether all members are to be waited for.
    pub(super) all: bool,
    pub(super) not_before_ms: u64,
}

/// What a reader asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The request made at this place.
    Request(usize),
    /// A time.
    Time(u64),
}

/// One question to a desk.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Who asks, by the life of the member that is asked.
    pub life: Life,
    /// What for.
    pub what: What,
    /// The same, as members understand it.
    pub subject: Subject,
    /// Whether to wait for all members.
    pub all: bool,
}
