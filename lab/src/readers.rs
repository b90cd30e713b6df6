//! People who seal records to the network, let others in, and ask members to open.
//!
//! A [`Plot`] says what is done with one record; its transactions are part of the load. Beside living
//! members stand readers: as soon as a request is final there they ask that member's desk for it, verify
//! and combine what they get as a client does, and ask again later where it was not enough. What may
//! not be answered they ask for once beside every member.
//!
//! What is watched, of every answer that anybody gets:
//!
//! * An honest member answers only where [`Law`] permits it by the state after a block that the member
//!   had applied when it was asked, or a later one that it knew when the answer came. So nobody is
//!   answered who was refused, and no answer comes from a member that holds it to be final that the
//!   reader is let in no longer.
//! * An honest member gives its partial of a time only where it knows a final block of that time or
//!   later.
//! * What an honest member's desk passes on is signed by the members that it is said to come from.
//! * No answer opens with the key of another reader.
//! * What combines is the right key; no honest member is blamed.
//!
//! A run is over only when every request that may be answered has been opened.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use commonhold_opening::Subject;
use commonhold_primitives::{Finalised, consensus::MemberKey};
use commonhold_seal::{Group, Holding, Namespace, Request};
use commonhold_system::records::interface::IRecords::Access;

use crate::{
    founding::{CHAIN_ID, Founding},
    load::Call,
    world::Life,
};

mod asked;
pub mod client;
pub mod deceit;
pub mod law;
pub mod story;
mod watch;

use asked::Attempt;
pub use asked::{Asked, Opened, Question, Timed, What, Wishes};
pub use law::Law;
pub use story::{Plot, Story};

/// Milliseconds after which a reader asks again that got nothing.
const AGAIN_MS: u64 = 100;

/// All readers of a run.
pub struct Readers {
    /// What is wanted.
    pub wishes: Wishes,
    /// What the ledger says.
    pub law: Law,
    /// The stories.
    pub stories: Vec<Story>,
    /// Requests in the order in which they were made.
    pub asked: Vec<Asked>,
    /// Times that are asked for.
    pub times: BTreeMap<u64, Timed>,
    /// Members that were found to have given a false partial.
    pub blamed: BTreeSet<usize>,
    /// Questions that ended with the life of the member that was asked.
    pub interrupted: u64,
    /// Questions that a member answered its client with lies.
    pub deceived: u64,
    /// Answers that somebody got who asked all members without a judgement of their own.
    pub pried: u64,
    /// Partials of times that they got.
    pub pried_times: u64,
    /// How often they were refused.
    pub pried_in_vain: u64,
    /// Promises that were broken.
    pub violations: Vec<String>,
    group: Group,
    /// Everybody's identity key, and which member it is.
    members: BTreeMap<MemberKey, usize>,
    honest: BTreeSet<usize>,
}

impl Readers {
    /// The readers of a network in which these members are honest.
    pub fn new(founding: &Founding, wishes: Wishes, honest: BTreeSet<usize>) -> Self {
        let seal = founding.group.key();
        let plots = wishes.plots.iter().enumerate();
        let stories = plots
            .map(|(number, plot)| Story::new(number, *plot, founding.people.clone(), &seal))
            .collect();
        let members = founding.keys.iter().cloned().zip(0..).collect();
        Self {
            law: Law::default(),
            stories,
            asked: Vec::new(),
            times: wishes
                .times
                .iter()
                .map(|t| (*t, Timed::default()))
                .collect(),
            blamed: BTreeSet::new(),
            interrupted: 0,
            deceived: 0,
            pried: 0,
            pried_times: 0,
            pried_in_vain: 0,
            violations: Vec::new(),
            group: founding.group.clone(),
            members,
            honest,
            wishes,
        }
    }

    /// The requests of the stories that go like this, in order.
    pub fn of(&self, plot: Plot) -> Vec<&Asked> {
        let asked = self.asked.iter();
        asked
            .filter(|a| self.stories[a.story].plot == plot)
            .collect()
    }

    /// Simulated milliseconds from when a request was seen to be final until it was open, of all that
    /// were opened, in order.
    pub fn took_ms(&self) -> Vec<u64> {
        let took = |asked: &Asked| Some(asked.opened.as_ref()?.ms.saturating_sub(asked.seen_ms?));
        let mut took: Vec<u64> = self.asked.iter().filter_map(took).collect();
        took.sort_unstable();
        took
    }

    /// What the access list said to a request.
    pub fn access(&self, asked: &Asked) -> Option<Access> {
        Some(self.law.made_with(&asked.key)?.access)
    }

    /// Whether anybody wants to ask beside this member.
    pub fn stand_beside(&self, member: usize) -> bool {
        let wanted = !self.wishes.plots.is_empty() || !self.wishes.times.is_empty();
        wanted && (self.wishes.beside.is_empty() || self.wishes.beside.contains(&member))
    }

    /// The next transaction of a story, by the story's number, where it is time for one.
    pub fn next(&mut self, is_final: impl Fn(&B256) -> bool) -> Option<(usize, Call)> {
        for (number, story) in self.stories.iter_mut().enumerate() {
            let Some((call, secret)) = story.next(&is_final, self.asked.len()) else {
                continue;
            };
            if let Some(secret) = secret {
                self.asked.push(Asked {
                    story: number,
                    seen_ms: None,
                    opened: None,
                    failed_ms: Vec::new(),
                    denied_at: BTreeSet::new(),
                    key: secret.public().0.into(),
                    secret,
                    attempt: Attempt::default(),
                });
            }
            return Some((number, call));
        }
        None
    }

    /// A story's transaction was made.
    pub fn wrote(&mut self, story: usize, transaction: B256) {
        self.stories[story].wrote(transaction);
    }

    /// A member was told of a final block.
    pub fn told(&mut self, told: &Finalised) {
        self.law.write(told);
    }

    /// What to ask for now beside a member that knows the final blocks up to `height`. It counts as
    /// under way until [`Self::over`].
    pub fn due(&mut self, life: Life, height: u64, now_ms: u64) -> Vec<Question> {
        let mut due = Vec::new();
        let early = now_ms < self.wishes.from_ms;
        let is_honest = self.honest.contains(&life.0);
        for (at, asked) in self.asked.iter_mut().enumerate() {
            let Some(requested) = self.law.made_with(&asked.key) else {
                continue;
            };
            if requested.height > height {
                continue;
            }
            asked.seen_ms.get_or_insert(now_ms);
            let number = requested.number;
            let attempt = &mut asked.attempt;
            let wanted = if self.law.permits(number, height) {
                // Whoever lies keeps nobody else from asking.
                let busy = attempt
                    .under_way
                    .iter()
                    .any(|by| self.honest.contains(&by.0));
                asked.opened.is_none() && !(busy && is_honest)
            } else {
                !asked.denied_at.contains(&life.0)
            };
            if !early && wanted && now_ms >= attempt.not_before_ms && attempt.under_way.insert(life)
            {
                due.push(Question {
                    life,
                    what: What::Request(at),
                    subject: Subject::Request(number),
                    all: attempt.all,
                });
            }
        }
        for (time, timed) in &mut self.times {
            let attempt = timed.attempts.entry(life.0).or_default();
            if !early
                && !timed.opened.contains_key(&life.0)
                && now_ms >= attempt.not_before_ms
                && attempt.under_way.insert(life)
            {
                due.push(Question {
                    life,
                    what: What::Time(*time),
                    subject: Subject::Time(*time),
                    all: true,
                });
            }
        }
        due
    }

    /// A question is over.
    pub fn over(&mut self, question: &Question, in_vain: bool, now_ms: u64) {
        let attempt = match question.what {
            What::Request(at) => &mut self.asked[at].attempt,
            What::Time(time) => {
                let timed = self.times.get_mut(&time).expect("it was asked for");
                timed.attempts.entry(question.life.0).or_default()
            }
        };
        attempt.under_way.remove(&question.life);
        if in_vain {
            attempt.not_before_ms = now_ms + AGAIN_MS;
        }
    }

    /// The member at a place in a sharing.
    pub fn at_place<'a>(&self, place: u32, sharing: &'a Holding) -> Option<(&'a MemberKey, usize)> {
        let key = sharing.holder(place)?;
        Some((key, *self.members.get(key)?))
    }

    /// The request made at a place, as answers under a sharing are bound to it.
    pub fn request(&self, at: usize, sharing: &Holding) -> Option<Request<'static>> {
        Some(bound(self.law.made_with(&self.asked[at].key)?, sharing))
    }

    /// The request of a number on the ledger, as answers under a sharing are bound to it.
    pub fn request_of(&self, number: u64, sharing: &Holding) -> Option<Request<'static>> {
        Some(bound(self.law.request(number)?, sharing))
    }

    /// A promise was broken.
    pub fn broken(&mut self, what: String) {
        self.violations.push(what);
    }

    /// Whether everything that may be opened was, and what may not be was denied.
    ///
    /// # Errors
    /// Names what is open.
    pub fn settled(&self, present: &BTreeSet<usize>) -> Result<(), String> {
        if let Some(open) = self.stories.iter().find(|story| !story.is_told()) {
            return Err(format!(
                "the story of {} goes on ({:?})",
                open.record, open.plot
            ));
        }
        let asking: Vec<usize> = present
            .iter()
            .copied()
            .filter(|member| self.stand_beside(*member))
            .collect();
        let top = self.law.top();
        for asked in &self.asked {
            let Some(requested) = self.law.made_with(&asked.key) else {
                return Err("a request is not on the ledger".into());
            };
            let number = requested.number;
            if self.law.permits(number, top) {
                if asked.opened.is_none() {
                    return Err(format!("request {number} may be opened and is not"));
                }
            } else if let Some(m) = asking.iter().find(|m| !asked.denied_at.contains(m)) {
                return Err(format!(
                    "request {number} is not to be opened, and not denied at {m}"
                ));
            }
        }
        for (time, timed) in &self.times {
            if let Some(m) = asking.iter().find(|m| !timed.opened.contains_key(m)) {
                return Err(format!("{time} is not opened beside member {m}"));
            }
        }
        Ok(())
    }
}

fn bound(requested: &law::Requested, sharing: &Holding) -> Request<'static> {
    Request {
        namespace: Namespace::COMMONHOLD,
        chain_id: CHAIN_ID,
        sequence: requested.number,
        record: requested.id,
        block: requested.block,
        sharing: sharing.group.digest(),
    }
}
