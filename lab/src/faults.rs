//! Links, and what happens to links and members at set times.

use std::time::Duration;

use commonhold_primitives::consensus::MemberKey;
use commonware_glue::simulate::action::{Action, Crash, Schedule};
use commonware_p2p::simulated::Link;
use commonware_utils::{Probability, probability};

/// What happens when.
pub type Event = (Duration, Action<MemberKey>);

/// A link between members.
pub const fn link(latency_ms: u64, jitter_ms: u64, success: Probability) -> Link {
    Link {
        latency: Duration::from_millis(latency_ms),
        jitter: Duration::from_millis(jitter_ms),
        success_rate: success,
    }
}

/// A link of a good network.
pub const GOOD: Link = link(10, 5, probability!(1.0));
/// A link over which nothing comes.
pub const CUT: Link = link(10, 0, probability!(0.0));

/// So many milliseconds.
pub const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Events in the order of their times.
pub fn schedule(events: impl IntoIterator<Item = Event>) -> Crash<MemberKey> {
    let mut events: Vec<Event> = events.into_iter().collect();
    events.sort_by_key(|(at, _)| *at);
    let schedule = events.into_iter();
    Crash::Schedule(schedule.fold(Schedule::new(), |s, (at, action)| s.at(at, action)))
}

/// Cuts the links in both directions between `those` and the others.
pub fn cut(keys: &[MemberKey], those: &[usize], at: Duration) -> Vec<Event> {
    let mut events = Vec::new();
    for (i, from) in keys.iter().enumerate() {
        for (j, to) in keys.iter().enumerate() {
            if those.contains(&i) != those.contains(&j) {
                let (from, to, link) = (from.clone(), to.clone(), CUT);
                events.push((at, Action::UpdateLink { from, to, link }));
            }
        }
    }
    events
}

/// `key` is down from one time to another.
pub fn down(key: &MemberKey, from: Duration, until: Duration) -> [Event; 2] {
    [
        (from, Action::Crash(key.clone())),
        (until, Action::Restart(key.clone())),
    ]
}
