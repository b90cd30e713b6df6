#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{path::Path, process::Stdio};

use super::*;

/// A shell script as a member's process.
fn script(text: &str) -> impl Fn() -> io::Result<Command> + Send + 'static {
    let text = text.to_owned();
    move || {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(&text)
            .stdin(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }
}

fn alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn a_process_that_dies_is_reported_and_started_again() {
    let mut supervisor = Supervisor::new();
    supervisor.keep(7, script("read line"));
    let Event::Started {
        member: 7,
        pid,
        restarts: 0,
    } = supervisor.next().await
    else {
        panic!()
    };
    kill_process(
        Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(),
        Signal::KILL,
    )
    .unwrap();
    let restarting = Event::Restarting {
        member: 7,
        status: "signal 9".into(),
        delay: DELAY_MIN,
    };
    assert_eq!(supervisor.next().await, restarting);
    let Event::Started {
        pid: again,
        restarts: 1,
        ..
    } = supervisor.next().await
    else {
        panic!()
    };
    assert_ne!(pid, again);
    supervisor.stop().await;
    assert!(!alive(again));
}

#[test]
fn the_pause_doubles_up_to_its_limit_and_begins_anew_after_a_long_run() {
    let mut delays = vec![DELAY_MIN];
    while delays.len() < 9 {
        delays.push(delay_after(*delays.last().unwrap(), Duration::ZERO));
    }
    let delays: Vec<u128> = delays.iter().map(Duration::as_millis).collect();
    assert_eq!(
        delays,
        [
            500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000
        ]
    );
    assert_eq!(
        delay_after(DELAY_MAX, DELAY_MAX - Duration::from_millis(1)),
        DELAY_MAX
    );
    assert_eq!(delay_after(DELAY_MAX, DELAY_MAX), DELAY_MIN);
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_tried_again() {
    let mut supervisor = Supervisor::new();
    supervisor.keep(3, || Err(io::Error::other("no such program")));
    let status = "no such program".to_owned();
    let event = Event::Restarting {
        member: 3,
        status,
        delay: DELAY_MIN,
    };
    assert_eq!(supervisor.next().await, event);
    supervisor.stop().await;
}

#[tokio::test]
async fn damaged_files_and_wrong_usage_are_not_tried_again() {
    for code in [2, 4] {
        let mut supervisor = Supervisor::new();
        supervisor.keep(1, script(&format!("exit {code}")));
        assert!(matches!(supervisor.next().await, Event::Started { .. }));
        let status = format!("exit code {code}");
        assert_eq!(supervisor.kept(), 1);
        let given_up = Event::GivenUp {
            member: 1,
            status,
            code: Some(code),
        };
        assert_eq!(supervisor.next().await, given_up);
        assert_eq!(supervisor.kept(), 0);
        supervisor.stop().await;
    }
}

#[tokio::test]
async fn stopping_lets_a_process_finish_its_work() {
    let dir = tempfile::tempdir().unwrap();
    let (ready, done) = (dir.path().join("ready"), dir.path().join("done"));
    let text = format!(
        "trap 'echo > {}; exit 0' TERM; echo > {}; while :; do :; done",
        done.display(),
        ready.display()
    );
    let mut supervisor = Supervisor::new();
    supervisor.keep(0, script(&text));
    assert!(matches!(supervisor.next().await, Event::Started { .. }));
    while !ready.exists() {
        tokio::task::yield_now().await;
    }
    supervisor.stop().await;
    assert!(done.exists());
}

#[tokio::test]
async fn what_does_not_stop_is_killed() {
    let mut supervisor = Supervisor::new();
    let dir = tempfile::tempdir().unwrap();
    let ready = dir.path().join("ready");
    supervisor.keep(
        0,
        script(&format!(
            "trap '' TERM; echo > {}; read line",
            ready.display()
        )),
    );
    let Event::Started { pid, .. } = supervisor.next().await else {
        panic!()
    };
    while !ready.exists() {
        tokio::task::yield_now().await;
    }
    // Asked first, then killed while it still ignores the question.
    supervisor.phase.send_replace(Phase::Stop);
    tokio::task::yield_now().await;
    assert!(alive(pid));
    supervisor.kill().await;
    assert!(!alive(pid));
}
