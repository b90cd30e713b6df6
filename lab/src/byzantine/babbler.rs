//! Says on one channel what nobody honest says there, beside an honest engine.
//!
//! It listens to the channel: what it hears it sends to everybody with something wrong in it, and
//! questions it answers with nonsense under the right number. Between that, bytes that mean nothing.

use std::time::Duration;

use commonware_p2p::{Receiver as _, Recipients, Sender as _};
use commonware_runtime::{Clock as _, IoBuf, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::channel::mpsc;

use super::{Inlet, Outlet, garbage, lane};
use crate::world::World;

/// Time between two volleys of garbage.
const PAUSE: Duration = Duration::from_millis(25);
/// Messages that are sent on spoiled at a time. More would be an echo without end: honest members
/// answer what looks like a question.
const HEARD_MAX: usize = 4;

/// Starts to talk on one channel.
pub fn start(
    context: &deterministic::Context,
    world: World,
    channel: u64,
    outlet: Outlet,
    mut tap: Inlet,
) {
    let (hear, mut heard) = mpsc::channel::<IoBuf>(HEARD_MAX);
    let (mut answers, told) = (outlet.clone(), world.clone());
    context
        .child("listening")
        .spawn(move |mut context| async move {
            while let Ok((peer, message)) = tap.recv().await {
                let body = garbage::noise(&mut context);
                let (epoch, question) = lane::split(channel, message.as_ref());
                if let Some(answer) = garbage::answer(question, body) {
                    let answer = [epoch, &answer].concat();
                    answers.send(Recipients::One(peer), answer, true);
                    told.with(|w| w.misdeed(channel));
                }
                let _ = hear.try_send(message);
            }
        });
    let mut outlet = outlet;
    context
        .child("talking")
        .spawn(move |mut context| async move {
            loop {
                context.sleep(PAUSE).await;
                let mut volley = vec![
                    garbage::noise(&mut context),
                    garbage::question(&mut context),
                ];
                if lane::has(channel) {
                    volley = volley.iter().map(|m| lane::first(m)).collect();
                }
                while let Ok(message) = heard.try_recv() {
                    volley.push(garbage::spoil(&mut context, message.as_ref()));
                }
                for message in volley {
                    outlet.send(Recipients::All, message, false);
                    world.with(|w| w.misdeed(channel));
                }
            }
        });
}
