//! Whether who is at the terminal has asked for an end.
//!
//! Nothing listens until a command asks for the first time: until then a signal ends the program as ever. The
//! first signal after that is an answer to [`asked`], and the second ends the program.

use std::{
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustix::process::{Signal, getpid, kill_process};
use tokio::{
    runtime::Builder,
    select,
    signal::unix::{SignalKind, signal},
};

static ASKED: AtomicBool = AtomicBool::new(false);
static LISTENING: Once = Once::new();

/// Whether an end was asked for since this was first called.
pub(crate) fn asked() -> bool {
    LISTENING.call_once(|| {
        // Where nothing can listen a signal ends the program, as ever.
        let runtime = Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            thread::spawn(move || runtime.block_on(listen()));
        }
    });
    ASKED.load(Ordering::Relaxed)
}

async fn listen() {
    let kinds = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    let (Ok(mut interrupt), Ok(mut terminate)) = kinds else {
        return;
    };
    loop {
        select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // Who asks twice does not want to wait, and what is done is on the ledger.
        if ASKED.swap(true, Ordering::Relaxed) {
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}
