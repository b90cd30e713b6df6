//! Readers beside one life of a member, for as long as that life lasts.

use std::{sync::Arc, time::Duration};

use commonhold_chain::rules::millis;
use commonhold_opening::{Answers, Desk, Wanted};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::sync::Mutex;
use rand_core::Rng as _;

use super::{Question, Readers, What, deceit::Deceiver};
use crate::world::{Applied, Known, Life, World};

/// Time between two looks at what is final.
const PAUSE: Duration = Duration::from_millis(10);

/// What readers beside a life need.
#[derive(Clone)]
pub struct Client {
    /// Who watches.
    pub world: World,
    /// Which life they stand beside.
    pub life: Life,
    /// Whom they ask.
    pub desk: Desk,
    /// Where the member lies to them: how.
    pub deceiver: Option<Arc<Mutex<Deceiver>>>,
}

impl Client {
    /// Asks for everything that is final here.
    pub async fn run(self, mut context: deterministic::Context) {
        loop {
            context.sleep(PAUSE).await;
            let now = millis(context.current());
            let life = self.life;
            let due = self
                .world
                .read(|readers, known| readers.due(life, known.height(life.0), now));
            let mut due = due.unwrap_or_default();
            // In any order: a member that starts again must not ask for the same under the same number.
            let first = usize::try_from(context.next_u64() % 64).unwrap_or_default();
            let count = due.len().max(1);
            due.rotate_left(first % count);
            for question in due {
                let asking = Asking {
                    world: self.world.clone(),
                    question,
                    is_over: false,
                };
                let client = self.clone();
                context
                    .child("reader")
                    .spawn(move |context| client.ask(context, asking));
            }
        }
    }

    async fn ask(self, mut context: deterministic::Context, mut asking: Asking) {
        let question = asking.question;
        let applied = self.world.applied().await;
        let wanted = Wanted {
            subject: question.subject,
            all: question.all,
        };
        let said = self.desk.ask(wanted).await;
        let (now, dice) = (millis(context.current()), context.next_u64());
        asking.is_over = true;
        self.world.read(|readers, known| {
            let in_vain = match said {
                Ok(answers) => {
                    watch(readers, &question, &answers, &applied, known);
                    !self.make_of(readers, &question, answers, dice, now)
                }
                Err(why) => {
                    readers.refused(&question, why, known.height(question.life.0));
                    true
                }
            };
            readers.over(&question, in_vain, now);
        });
    }

    /// False: not enough.
    fn make_of(
        &self,
        readers: &mut Readers,
        question: &Question,
        answers: Answers,
        dice: u64,
        now: u64,
    ) -> bool {
        let What::Request(at) = question.what else {
            return readers.read_time(question, &answers.partials, &answers.sharing, now);
        };
        let mut shown = answers.answers;
        if let (Some(deceiver), Some(request)) =
            (&self.deceiver, readers.request(at, &answers.sharing))
        {
            let to = readers.asked[at].secret.public();
            shown = deceiver.lock().falsify(dice, &request, &to, shown);
            readers.deceived += 1;
        }
        readers.read(question, &shown, &answers.sharing, now)
    }
}

/// What members answered is held against what they may answer.
fn watch(
    readers: &mut Readers,
    question: &Question,
    answers: &Answers,
    applied: &Applied,
    known: &Known,
) {
    match question.what {
        What::Request(at) => {
            let Some(request) = readers.request(at, &answers.sharing) else {
                return;
            };
            for answer in &answers.answers {
                if let Some((_, member)) = readers.at_place(answer.member(), &answers.sharing) {
                    let first = known.still(applied, member);
                    let last = known.height(member);
                    readers.member_answered(member, request.sequence, first, last);
                    readers.for_nobody_else(&request, answer, &answers.sharing);
                }
            }
        }
        What::Time(time) => {
            for partial in &answers.partials {
                if let Some((_, member)) = readers.at_place(partial.member(), &answers.sharing) {
                    readers.member_timed(member, time, known.height(member));
                }
            }
        }
    }
}

/// A question that is under way. Where it ends with the life of the member, it was interrupted.
struct Asking {
    world: World,
    question: Question,
    is_over: bool,
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.is_over {
            let question = self.question;
            self.world.read(|readers, _| {
                readers.interrupted += 1;
                readers.over(&question, false, 0);
            });
        }
    }
}
