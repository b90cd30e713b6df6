//! The word that ends everything.

use tokio::sync::watch;

/// Returns when `stop` is said, or nobody can say it any more.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // What it gives is a lock that must not be held while waiting for other things.
    let _ = stop.wait_for(|stop| *stop).await;
}
