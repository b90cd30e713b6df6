//! Asks all members for every opening there is, and for times that have not come, beside an honest
//! engine and without a judgement of its own. What it gets is held against the ledger.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use commonhold_opening::Subject;
use commonhold_seal::{Answer, Holding, Partial};
use commonware_p2p::{Receiver as _, Recipients, Sender as _};
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::sync::Mutex;
use rand_core::Rng as _;

use super::{Inlet, OPENING, Outlet};
use crate::{
    founding::Founding,
    readers::Readers,
    world::{Applied, World},
};

/// Time between two volleys of questions.
const PAUSE: Duration = Duration::from_millis(60);
/// Questions in a volley.
const VOLLEY: u64 = 4;
/// Its questions have other numbers than those of its desk.
const FIRST: u64 = 1 << 63;

const QUESTION: u8 = 0;
const ANSWER: u8 = 1;
const PARTIAL: u8 = 2;

/// By number, what was asked, and what members had applied then.
type Questions = Arc<Mutex<BTreeMap<u64, (Subject, Arc<Applied>)>>>;

/// Starts to ask.
pub fn start(
    context: &deterministic::Context,
    founding: Founding,
    world: World,
    mut outlet: Outlet,
    mut tap: Inlet,
) {
    let questions = Questions::default();
    let (asked, heard) = (questions.clone(), world.clone());
    // It runs in the first epoch.
    let sharing = Arc::new(founding.first_holding(None));
    let answered = sharing.clone();
    context.child("listening").spawn(move |_| async move {
        while let Ok((peer, message)) = tap.recv().await {
            let Some(member) = founding.keys.iter().position(|key| *key == peer) else {
                continue;
            };
            hear(&heard, &asked, member, message.as_ref(), &answered);
        }
    });
    context
        .child("asking")
        .spawn(move |mut context| async move {
            let mut number = FIRST;
            loop {
                context.sleep(PAUSE).await;
                let applied = Arc::new(world.applied().await);
                for _ in 0..VOLLEY {
                    let dice = context.next_u64();
                    let subject = world.read(|readers, _| pick(readers, dice)).flatten();
                    let Some(subject) = subject else { continue };
                    questions.lock().insert(number, (subject, applied.clone()));
                    outlet.send(Recipients::All, question(number, subject, &sharing), true);
                    world.with(|w| w.misdeed(OPENING));
                    number += 1;
                }
            }
        });
}

/// A request that was made or will be, or a time.
fn pick(readers: &Readers, dice: u64) -> Option<Subject> {
    let requests = readers.law.numbers().map(Subject::Request);
    let next = Subject::Request(readers.law.numbers().count() as u64);
    let times = readers.times.keys().map(|time| Subject::Time(*time));
    let all: Vec<Subject> = requests.chain([next]).chain(times).collect();
    let which = usize::try_from(dice >> 1).unwrap_or_default() % all.len();
    all.get(which).copied()
}

fn question(number: u64, subject: Subject, sharing: &Holding) -> Vec<u8> {
    let (kind, value) = match subject {
        Subject::Request(number) => (0, number),
        Subject::Time(seconds) => (1, seconds),
    };
    let mut bytes = vec![QUESTION];
    bytes.extend(number.to_be_bytes());
    bytes.push(kind);
    bytes.extend(value.to_be_bytes());
    bytes.extend(sharing.group.digest());
    bytes
}

fn hear(world: &World, asked: &Questions, member: usize, message: &[u8], sharing: &Holding) {
    let Some((&kind, rest)) = message.split_first() else {
        return;
    };
    let Some((number, body)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let question = asked.lock().get(&u64::from_be_bytes(*number)).cloned();
    let Some((subject, applied)) = question.filter(|_| kind != QUESTION) else {
        return;
    };
    world.read(|readers, known| {
        let (first, last) = (known.still(&applied, member), known.height(member));
        match (kind, subject) {
            (ANSWER, Subject::Request(number)) => {
                readers.pried += 1;
                readers.member_answered(member, number, first, last);
                match (
                    readers.request_of(number, sharing),
                    Answer::from_bytes(body),
                ) {
                    (Some(request), Ok(answer)) => {
                        readers.for_nobody_else(&request, &answer, sharing);
                    }
                    _ => readers.broken(format!("member {member} answered {number} with nothing")),
                }
            }
            (PARTIAL, Subject::Time(time)) => {
                readers.pried_times += 1;
                readers.member_timed(member, time, last);
                if Partial::from_bytes(body).is_err() {
                    readers.broken(format!("member {member} answered {time} with nothing"));
                }
            }
            (ANSWER | PARTIAL, _) => {
                readers.broken(format!("member {member} answered something else"));
            }
            _ => readers.pried_in_vain += 1,
        }
    });
}
