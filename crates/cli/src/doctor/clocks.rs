//! Clocks: members need them close together.
//!
//! Members whose clocks are 5 s apart do not connect, and a member votes for a block only when the
//! block's time is at most `CLOCK_DRIFT_MAX_MS` ahead of its own clock: a fast clock makes every block
//! of its member late. Three clocks and more are held against the one in their middle, so that one
//! that is off, or this machine's, is told from the rest. Fewer are held against this machine's.

use std::collections::BTreeSet;

use commonhold_node::config::NodeConfig;
use commonhold_primitives::limits::CLOCK_DRIFT_MAX_MS;
use commonhold_sdk::{Client, Clock};

use super::{Finding, Level};
use crate::limits::CLOCK_OFF_WARN_MS;

const CHECK: &str = "clock";
const REMEDY: &str = "run a time service there (chrony, systemd-timesyncd)";

/// Looks at the clocks of `nodes`, and of the members that their configurations name besides. The nodes
/// at the addresses `silent` do not answer, which is known.
pub(super) fn examine(
    nodes: &[(String, NodeConfig)],
    silent: BTreeSet<String>,
    findings: &mut Vec<Finding>,
) {
    let own = nodes
        .iter()
        .map(|(name, config)| (name.clone(), super::base(config)));
    let peers = nodes
        .iter()
        .flat_map(|(_, config)| &config.http.peers)
        .map(|url| (url.clone(), url.trim_end_matches('/').to_owned()));
    let mut asked = silent;
    let mut clocks = Vec::new();
    for (name, url) in own.chain(peers) {
        if !asked.insert(url.clone()) {
            continue;
        }
        match Client::new(&url).and_then(|client| client.clock()) {
            Ok(clock) => clocks.push((name, clock)),
            Err(e) => findings.push(finding(name, Level::Warn, e.to_string())),
        }
    }
    findings.extend(judge(clocks));
}

fn finding(node: String, level: Level, detail: String) -> Finding {
    Finding {
        node,
        check: CHECK,
        level,
        detail,
    }
}

fn judge(clocks: Vec<(String, Clock)>) -> Vec<Finding> {
    let mut sorted: Vec<i64> = clocks.iter().map(|(_, clock)| clock.ahead_ms).collect();
    sorted.sort_unstable();
    let middle = match sorted.get(sorted.len() / 2) {
        Some(middle) if sorted.len() >= 3 => Some(*middle),
        _ => None,
    };
    let mut findings = Vec::new();
    if let Some(middle) = middle {
        let here = Clock {
            ahead_ms: middle.saturating_neg(),
            within_ms: 0,
        };
        // A machine that is no member's may show what it likes.
        let (level, detail) = judge_one(here, "the members' clocks");
        findings.push(finding(
            "this machine".into(),
            level.min(Level::Warn),
            detail,
        ));
    }
    for (node, clock) in clocks {
        let (ahead_ms, against) = match middle {
            Some(middle) => (clock.ahead_ms.saturating_sub(middle), "the other members'"),
            None => (clock.ahead_ms, "this machine's clock"),
        };
        let (level, detail) = judge_one(Clock { ahead_ms, ..clock }, against);
        findings.push(finding(node, level, detail));
    }
    findings
}

fn judge_one(clock: Clock, against: &str) -> (Level, String) {
    let apart = clock.ahead_ms.unsigned_abs();
    let side = if clock.ahead_ms < 0 {
        "behind"
    } else {
        "ahead of"
    };
    let seen = format!("{apart} ± {} ms {side} {against}", clock.within_ms);
    // Only what is certain is held against a clock: a slow answer is no wrong clock.
    match apart.saturating_sub(clock.within_ms) {
        0..=CLOCK_OFF_WARN_MS => (Level::Ok, seen),
        off if off <= CLOCK_DRIFT_MAX_MS => (
            Level::Warn,
            format!("{seen}, more than CLOCK_OFF_WARN_MS ({CLOCK_OFF_WARN_MS}): {REMEDY}"),
        ),
        _ => (
            Level::Refused,
            format!(
                "{seen}: above CLOCK_DRIFT_MAX_MS ({CLOCK_DRIFT_MAX_MS}) blocks are late, above 5 s \
                 members do not connect: {REMEDY}"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(ahead: &[i64]) -> Vec<&'static str> {
        let clock = |(i, ahead_ms): (usize, &i64)| {
            let clock = Clock {
                ahead_ms: *ahead_ms,
                within_ms: 2,
            };
            (format!("Member {i}"), clock)
        };
        let found = judge(ahead.iter().enumerate().map(clock).collect());
        let level = |f: Finding| match f.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Refused => "refused",
            _ => "other",
        };
        found.into_iter().map(level).collect()
    }

    #[test]
    fn one_clock_is_held_against_this_machines() {
        assert_eq!(levels(&[0]), ["ok"]);
        assert_eq!(levels(&[202]), ["ok"]);
        assert_eq!(levels(&[-203]), ["warn"]);
        assert_eq!(levels(&[502]), ["warn"]);
        assert_eq!(levels(&[503]), ["refused"]);
        assert_eq!(levels(&[i64::MIN]), ["refused"]);
        assert!(levels(&[]).is_empty());
    }

    #[test]
    fn of_many_the_one_that_is_off_is_named() {
        assert_eq!(
            levels(&[0, 1, 3_000, -1]),
            ["ok", "ok", "ok", "refused", "ok"]
        );
    }

    #[test]
    fn where_all_are_off_alike_it_is_this_machine() {
        assert_eq!(levels(&[9_000, 9_001, 8_999]), ["warn", "ok", "ok", "ok"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        let clock = Clock {
            ahead_ms: -6_000,
            within_ms: 4,
        };
        let found = judge(vec![("Member 1".into(), clock)]);
        assert!(
            found
                .iter()
                .all(|f| f.detail.contains("6000 ± 4 ms behind") && f.detail.contains("chrony"))
        );
        assert_eq!(found.len(), 1);
    }
}
