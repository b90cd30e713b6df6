//! The runtime on which clients are served.
//!
//! The engine's has as many threads as the machine has cores, and a block occupies them: checking votes,
//! combining a certificate, hashing state. A client's request must not wait for its end, so it has threads
//! of its own, which the operating system gives their turn.

use std::{io, num::NonZeroUsize};

use commonhold_rpc::{Backend, ServeError};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

/// The server, on threads of its own. To be stopped before it is dropped.
#[derive(Debug)]
pub(crate) struct Clients {
    runtime: Runtime,
    server: JoinHandle<Result<(), ServeError>>,
    stop: oneshot::Sender<()>,
}

impl Clients {
    /// Serves clients who come to `listener`.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub(crate) fn serve<B: Backend>(
        listener: TcpListener,
        backend: B,
        config: commonhold_rpc::Config,
        threads: NonZeroUsize,
    ) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.get())
            .thread_name("clients")
            .enable_all()
            .build()?;
        // A socket belongs to the runtime on which it was made.
        let listener = listener.into_std()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let serving = commonhold_rpc::serve(listener, backend, config, async move {
            drop(stopped.await);
        });
        Ok(Self {
            server: runtime.spawn(serving),
            runtime,
            stop,
        })
    }

    /// Ends what is being served, in order.
    ///
    /// # Errors
    /// Where the server had failed.
    pub(crate) async fn stop(self) -> Result<(), ServeError> {
        let Self {
            runtime,
            server,
            stop,
        } = self;
        drop(stop);
        let ended = server.await;
        runtime.shutdown_background();
        ended.unwrap_or(Ok(()))
    }
}
