//! A project's defects as BCF, and its milestones as a programme of Microsoft Project.

use alloy_primitives::Address;
use commonhold_session::moments;
use commonhold_works_contract::interface::IWorks::MilestoneState;
use sha2::{Digest as _, Sha256};

use super::gather::{Dealing, Gathered};
use crate::{
    bcf::{Bcf, Topic},
    ledger::text,
    schedule::mspdi::{Link, Project, Task},
};

/// Finish to start.
const FOLLOWS: i64 = 1;
/// Hours of a day of work.
const DAY_HOURS: u64 = 8;

/// Defects as issues.
pub(crate) fn issues(gathered: &Gathered) -> Bcf {
    let contracts = gathered.contracts.iter();
    let topics = contracts.flat_map(|dealing| of_contract(gathered.number, dealing));
    Bcf {
        topics: topics.collect(),
        ..Bcf::default()
    }
}

fn of_contract(project: u64, dealing: &Dealing) -> Vec<Topic> {
    let mut topics = Vec::new();
    for (number, defect) in &dealing.defects {
        let modified = defect.fixedAt.max(defect.closedAt);
        let milestone = usize::from(defect.milestone).checked_sub(1);
        let milestone = milestone.and_then(|at| dealing.milestones.get(at));
        let due = u64::from(defect.allowedDays).saturating_mul(86_400);
        let mut labels = vec![format!("contract {}", dealing.number)];
        labels.extend(milestone.map(|milestone| text(&milestone.offer.title)));
        topics.push(Topic {
            guid: guid(project, *number, &defect.raisedBy),
            kind: Some("Defect".to_owned()),
            status: Some(
                match (defect.closedAt, defect.fixedAt) {
                    (0, 0) => "Open",
                    (0, _) => "Resolved",
                    _ => "Closed",
                }
                .to_owned(),
            ),
            title: Some(format!("Defect {number} of contract {}", dealing.number)),
            priority: Some(
                match defect.category {
                    1 => "Grave",
                    2 => "Normal",
                    _ => "Low",
                }
                .to_owned(),
            ),
            creation_date: Some(moments::show(defect.raisedAt)),
            creation_author: Some(defect.raisedBy.to_string()),
            modified_date: (modified != 0).then(|| moments::show(modified)),
            assigned_to: Some(dealing.contract.offer.contractor.to_string()),
            due_date: Some(moments::show(defect.raisedAt.saturating_add(due))),
            description: Some(format!("keccak-256 of what it is: {}", defect.what)),
            labels,
            ..Topic::default()
        });
    }
    topics
}

/// A name that a defect has in every export.
fn guid(project: u64, number: u64, by: &Address) -> String {
    let mut hash = Sha256::new();
    hash.update(b"works defect");
    hash.update(project.to_be_bytes());
    hash.update(number.to_be_bytes());
    hash.update(by);
    let digest = hash.finalize();
    // Version 8, of our own making.
    let hex = digest
        .iter()
        .take(16)
        .enumerate()
        .map(|(place, byte)| match place {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        });
    let hex: Vec<String> = hex.map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().concat();
    [
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 16),
    ]
    .join("-")
}

/// Milestones as tasks, contract by contract, each after the one before it.
pub(crate) fn programme(gathered: &Gathered) -> Project {
    let mut tasks = Vec::new();
    let mut uid = 0i64;
    for (place, dealing) in (1u64..).zip(&gathered.contracts) {
        let mut before: Option<i64> = None;
        for (number, milestone) in (1u64..).zip(&dealing.milestones) {
            uid = uid.saturating_add(1);
            let (due, days) = (
                milestone.offer.dueAt,
                u64::from(milestone.offer.plannedDays),
            );
            let start = due.saturating_sub(days.saturating_mul(86_400));
            let links = before.into_iter().map(|uid| Link {
                uid,
                kind: FOLLOWS,
                lag: 0,
            });
            tasks.push(Task {
                uid,
                id: uid,
                name: Some(text(&milestone.offer.title)),
                outline: Some(format!("{place}.{number}")),
                start: Some(plain(start)),
                finish: Some(plain(due)),
                duration: Some(format!("PT{}H0M0S", days.saturating_mul(DAY_HOURS))),
                milestone: days == 0,
                percent: if milestone.state == MilestoneState::Certified {
                    100
                } else {
                    0
                },
                predecessors: links.collect(),
            });
            before = Some(uid);
        }
    }
    Project {
        title: Some(gathered.project.title.clone()),
        tasks,
        ..Project::default()
    }
}

/// A time as Microsoft Project writes it.
fn plain(seconds: u64) -> String {
    let shown = moments::show(seconds);
    shown.trim_end_matches('Z').to_owned()
}
