//! What readers make of answers, and what is held against the ledger.

use std::collections::BTreeSet;

use commonhold_opening::AskError;
use commonhold_seal::{Answer, Holding, Identity, Partial, Request};

use super::{Opened, Question, Readers, What, story};

impl Readers {
    /// A member answered a request. It had applied the blocks up to `first` when it was asked, and
    /// knows those up to `last`.
    pub fn member_answered(&mut self, member: usize, number: u64, first: u64, last: u64) {
        if self.honest.contains(&member) && !self.law.permits_within(number, first, last) {
            self.violations.push(format!(
                "member {member} answered request {number}, which its states {first} to {last} do not permit"
            ));
        }
    }

    /// A member gave its partial of a time, and knows the final blocks up to `last`.
    pub fn member_timed(&mut self, member: usize, time: u64, last: u64) {
        let reached = self.law.reaches(time).is_some_and(|height| height <= last);
        if self.honest.contains(&member) && !reached {
            self.violations.push(format!(
                "member {member} gave its partial of {time} and knows blocks up to {last} only"
            ));
        }
    }

    /// No answer to a request opens with the key of another one.
    pub fn for_nobody_else(&mut self, request: &Request<'_>, answer: &Answer, sharing: &Holding) {
        let Some((key, _)) = self.at_place(answer.member(), sharing) else {
            return;
        };
        let Ok(opening) = answer.verify(request, key) else {
            return;
        };
        let own = self.law.request(request.sequence).map(|r| r.key);
        let other = self.asked.iter().find(|asked| Some(asked.key) != own);
        if other.is_some_and(|other| opening.open(request, &other.secret).is_ok()) {
            let what = format!("an answer to request {} opens for others", request.sequence);
            self.violations.push(what);
        }
    }

    /// What a reader makes of the answers to a request, as a client does it. False: not enough.
    pub fn read(
        &mut self,
        question: &Question,
        answers: &[Answer],
        sharing: &Holding,
        now_ms: u64,
    ) -> bool {
        let What::Request(at) = question.what else {
            return false;
        };
        if sharing.group.key() != self.group.key() {
            self.violations.push("a sharing of another key".to_owned());
            return false;
        }
        let Some(request) = self.request(at, sharing) else {
            return false;
        };
        let honest_relay = self.honest.contains(&question.life.0);
        let mut from = BTreeSet::new();
        let mut partials: Vec<Partial> = Vec::new();
        for answer in answers {
            let Some((key, member)) = self.at_place(answer.member(), sharing) else {
                continue;
            };
            let Ok(opening) = answer.verify(&request, key) else {
                if honest_relay {
                    let what = format!("{:?} passed on a false answer", question.life);
                    self.violations.push(what);
                }
                continue;
            };
            if let Ok(partial) = opening.open(&request, &self.asked[at].secret) {
                partials.push(partial);
                from.insert(member);
            }
        }
        let target = story::target(request.record);
        let Ok(combined) = sharing.group.combine(&target, &partials) else {
            self.asked[at].attempt.all = true;
            self.asked[at].failed_ms.push(now_ms);
            return false;
        };
        for place in &combined.blamed {
            let Some((_, member)) = self.at_place(*place, sharing) else {
                continue;
            };
            self.blamed.insert(member);
            if self.honest.contains(&member) {
                let what = format!("member {member} is blamed for a false partial");
                self.violations.push(what);
            }
        }
        let story = &self.stories[self.asked[at].story];
        let opened = story.sealed.open(&combined.opening);
        if opened.is_ok_and(|key| key.as_bytes() == story.key.as_bytes()) {
            let opened = Opened {
                at: question.life.0,
                ms: now_ms,
                answers: from,
                sharing: sharing.epoch,
            };
            self.asked[at].opened.get_or_insert(opened);
        } else {
            let what = format!("request {} opened to another key", request.sequence);
            self.violations.push(what);
        }
        true
    }

    /// What a reader makes of the partials of a time. False: not enough.
    pub fn read_time(
        &mut self,
        question: &Question,
        partials: &[Partial],
        sharing: &Holding,
        now_ms: u64,
    ) -> bool {
        let What::Time(time) = question.what else {
            return false;
        };
        let target = Identity::Time(time).here();
        let Ok(combined) = sharing.group.combine(&target, partials) else {
            return false;
        };
        if combined.opening.verify(&self.group.key(), &target).is_err() {
            let what = format!("what combined for {time} does not verify");
            self.violations.push(what);
        }
        let from = partials
            .iter()
            .filter_map(|p| Some(self.at_place(p.member(), sharing)?.1));
        let opened = Opened {
            at: question.life.0,
            ms: now_ms,
            answers: from.collect(),
            sharing: sharing.epoch,
        };
        let timed = self.times.get_mut(&time).expect("it was asked for");
        timed.opened.insert(question.life.0, opened);
        true
    }

    /// Nothing came of a question.
    pub fn refused(&mut self, question: &Question, why: AskError, height: u64) {
        match question.what {
            What::Time(time) => {
                self.times.get_mut(&time).expect("it was asked for").early += 1;
            }
            What::Request(at) => {
                let key = self.asked[at].key;
                let number = self.law.made_with(&key).map(|requested| requested.number);
                let permitted = number.is_some_and(|number| self.law.permits(number, height));
                if !permitted && !matches!(why, AskError::Busy) {
                    self.asked[at].denied_at.insert(question.life.0);
                }
            }
        }
    }
}
