//! Keeps one process per member running.
//!
//! A process that ends is started again after a pause that doubles from [`RESTART_DELAY_MIN_MS`] to
//! [`RESTART_DELAY_MAX_MS`] and begins anew once the process has run that long. A process that ends
//! because of wrong usage or damaged files (exit codes 2 and 4) would only do so again and is given
//! up. Stopping asks with SIGTERM, waits, and kills what is left.

use std::{io, process::ExitStatus, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::limits::{EVENTS_MAX, RESTART_DELAY_MAX_MS, RESTART_DELAY_MIN_MS, STOP_GRACE_MAX_MS};

const DELAY_MIN: Duration = Duration::from_millis(RESTART_DELAY_MIN_MS);
const DELAY_MAX: Duration = Duration::from_millis(RESTART_DELAY_MAX_MS);
const GRACE: Duration = Duration::from_millis(STOP_GRACE_MAX_MS);

/// What happened to a member's process.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It runs.
    Started {
        member: usize,
        pid: u32,
        restarts: u32,
    },
    /// It ended and will be started again.
    Restarting {
        member: usize,
        status: String,
        delay: Duration,
    },
    /// It ended for good.
    GivenUp {
        member: usize,
        status: String,
        code: Option<i32>,
    },
}

impl Event {
    /// The member that is given up with this.
    pub(super) const fn given_up(&self) -> Option<usize> {
        match self {
            Self::GivenUp { member, .. } => Some(*member),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Run,
    Stop,
    Kill,
}

/// Keeps processes running until told otherwise.
pub(super) struct Supervisor {
    phase: watch::Sender<Phase>,
    tasks: JoinSet<()>,
    events: mpsc::Receiver<Event>,
    sender: mpsc::Sender<Event>,
    kept: usize,
}

impl Supervisor {
    pub(super) fn new() -> Self {
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let phase = watch::Sender::new(Phase::Run);
        Self {
            phase,
            tasks: JoinSet::new(),
            events,
            sender,
            kept: 0,
        }
    }

    /// Starts and keeps a member's process.
    pub(super) fn keep<F>(&mut self, member: usize, command: F)
    where
        F: Fn() -> io::Result<Command> + Send + 'static,
    {
        self.kept += 1;
        self.tasks.spawn(keep(
            member,
            command,
            self.phase.subscribe(),
            self.sender.clone(),
        ));
    }

    /// How many members are not given up.
    pub(super) const fn kept(&self) -> usize {
        self.kept
    }

    /// The next thing that happens.
    pub(super) async fn next(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => {
                if matches!(event, Event::GivenUp { .. }) {
                    self.kept = self.kept.saturating_sub(1);
                }
                event
            }
            // Not reached: this struct holds a sender.
            None => std::future::pending().await,
        }
    }

    /// Asks every process to end and waits until all have, killing those that take too long.
    pub(super) async fn stop(&mut self) {
        self.phase.send_replace(Phase::Stop);
        self.drained().await;
    }

    /// Kills every process and waits until all have ended.
    pub(super) async fn kill(&mut self) {
        self.phase.send_replace(Phase::Kill);
        self.drained().await;
    }

    async fn drained(&mut self) {
        // Events are taken off, so that no task waits for room.
        loop {
            tokio::select! {
                ended = self.tasks.join_next() => if ended.is_none() { return },
                _ = self.events.recv() => {}
            }
        }
    }
}

async fn keep<F>(
    member: usize,
    command: F,
    mut phase: watch::Receiver<Phase>,
    events: mpsc::Sender<Event>,
) where
    F: Fn() -> io::Result<Command>,
{
    let mut delay: Option<Duration> = None;
    let mut restarts = 0u32;
    loop {
        let began = Instant::now();
        let (status, code) = match command().and_then(|mut command| command.spawn()) {
            Ok(mut child) => {
                let pid = child.id().unwrap_or_default();
                let _ = events
                    .send(Event::Started {
                        member,
                        pid,
                        restarts,
                    })
                    .await;
                match watch(&mut child, &mut phase).await {
                    Some(Ok(status)) => (describe(status), status.code()),
                    Some(Err(e)) => (e.to_string(), None),
                    None => return,
                }
            }
            Err(e) => (e.to_string(), None),
        };
        if matches!(code, Some(2 | 4)) {
            let _ = events
                .send(Event::GivenUp {
                    member,
                    status,
                    code,
                })
                .await;
            return;
        }
        let pause = delay.map_or(DELAY_MIN, |last| delay_after(last, began.elapsed()));
        delay = Some(pause);
        let _ = events
            .send(Event::Restarting {
                member,
                status,
                delay: pause,
            })
            .await;
        tokio::select! {
            () = sleep(pause) => {}
            () = left(&mut phase, Phase::Run) => return,
        }
        restarts = restarts.saturating_add(1);
    }
}

/// The pause after a process that ran for `ran`, when the pause before it was `last`.
fn delay_after(last: Duration, ran: Duration) -> Duration {
    if ran >= DELAY_MAX {
        DELAY_MIN
    } else {
        last.saturating_mul(2).min(DELAY_MAX)
    }
}

/// Waits for the process to end by itself (its status) or to be stopped (`None`).
async fn watch(
    child: &mut Child,
    phase: &mut watch::Receiver<Phase>,
) -> Option<io::Result<ExitStatus>> {
    // Held while the process runs: its end is how the process learns that this one is gone.
    let _stdin = child.stdin.take();
    tokio::select! {
        status = child.wait() => return Some(status),
        () = left(phase, Phase::Run) => {}
    }
    if let Some(pid) = child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
    {
        let _ = kill_process(pid, Signal::TERM);
    }
    tokio::select! {
        ended = timeout(GRACE, child.wait()) => if ended.is_ok() { return None },
        () = reached(phase, Phase::Kill) => {}
    }
    let _ = child.kill().await;
    None
}

async fn left(phase: &mut watch::Receiver<Phase>, old: Phase) {
    // An error means that the supervisor is gone, and with it the wish to keep anything running.
    let _ = phase.wait_for(|now| *now != old).await;
}

async fn reached(phase: &mut watch::Receiver<Phase>, wanted: Phase) {
    let _ = phase.wait_for(|now| *now == wanted).await;
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

#[cfg(test)]
mod tests;
