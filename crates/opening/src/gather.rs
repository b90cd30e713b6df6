//! Gathering what members say in one round, and telling the true from the false.

use std::{pin::pin, sync::Arc, time::Duration};

use alloy_primitives::B256;
use commonhold_seal::{Holding, Identity, Request};
use commonware_runtime::Clock;
use commonware_utils::channel::mpsc;
use futures::future::{Either, select};

use crate::{ask::Answers, limits::ASK_MILLIS_MAX, wire::Reply};

/// What is asked.
pub(crate) enum Question {
    Request(Request<'static>),
    Time(u64),
}

/// One round.
pub(crate) struct Gathering {
    question: Question,
    holding: Arc<Holding>,
    all: bool,
    heard: Vec<bool>,
    answers: Answers,
    false_ones: Vec<u32>,
}

impl Gathering {
    pub(crate) fn new(question: Question, holding: Arc<Holding>, all: bool) -> Self {
        let block = match &question {
            Question::Request(request) => request.block,
            Question::Time(_) => B256::ZERO,
        };
        Self {
            question,
            heard: vec![false; holding.holders.len()],
            all,
            answers: Answers::new(block, holding.clone()),
            holding,
            false_ones: Vec::new(),
        }
    }

    /// Listens until there is enough, everybody has spoken, or the time is up. Gives what there is,
    /// and who said something false.
    pub(crate) async fn run(
        mut self,
        clock: &impl Clock,
        mut saying: mpsc::Receiver<(u32, Reply)>,
    ) -> (Answers, Vec<u32>) {
        let mut patience = pin!(clock.sleep(Duration::from_millis(ASK_MILLIS_MAX)));
        while !self.enough() {
            let next = pin!(saying.recv());
            match select(next, patience).await {
                Either::Left((Some((place, reply)), still)) => {
                    patience = still;
                    self.take(place, reply);
                }
                Either::Left((None, _)) | Either::Right(_) => break,
            }
        }
        self.finish()
    }

    fn enough(&self) -> bool {
        let good = self.answers.answers.len().max(self.answers.partials.len());
        let threshold = usize::try_from(self.holding.group.threshold()).unwrap_or(usize::MAX);
        (!self.all && good >= threshold) || self.heard.iter().all(|heard| *heard)
    }

    fn take(&mut self, place: u32, reply: Reply) {
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let (Some(heard), Some(key)) = (self.heard.get_mut(at), self.holding.holder(place)) else {
            return;
        };
        // The first word counts.
        if std::mem::replace(heard, true) {
            return;
        }
        let kept = match (reply, &self.question) {
            (Reply::Answer(answer), Question::Request(request)) => {
                let good = answer.member() == place && answer.verify(request, key).is_ok();
                if good {
                    self.answers.answers.push(*answer);
                }
                good
            }
            (Reply::Partial(partial), Question::Time(seconds)) => {
                let target = Identity::Time(*seconds).here();
                let good = partial.member() == place
                    && partial.verify(&self.holding.group, &target).is_ok();
                if good {
                    self.answers.partials.push(*partial);
                }
                good
            }
            (Reply::Refusal(refusal), _) => {
                self.answers.refused.push((place, refusal));
                true
            }
            _ => false,
        };
        if !kept {
            self.false_ones.push(place);
        }
    }

    fn finish(self) -> (Answers, Vec<u32>) {
        let Self {
            heard,
            mut answers,
            false_ones,
            ..
        } = self;
        let places = (0..).zip(heard);
        answers.silent = places
            .filter(|(place, heard)| !heard || false_ones.contains(place))
            .map(|(place, _)| place)
            .collect();
        answers
            .answers
            .sort_unstable_by_key(|answer| answer.member());
        answers
            .partials
            .sort_unstable_by_key(|partial| partial.member());
        answers.refused.sort_unstable_by_key(|(place, _)| *place);
        (answers, false_ones)
    }
}
