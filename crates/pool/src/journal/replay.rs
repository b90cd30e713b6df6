//! Taking again what the journal held at the start.

use std::time::Duration;

use alloy_primitives::Bytes;
use commonhold_primitives::transaction::recover;
use commonware_parallel::Strategy;
use commonware_runtime::Clock;
use tracing::{debug, info, warn};

use crate::{Origin, Pool, gossip::AccountReader};

/// How long a start waits between two attempts to read the state.
const RETRY: Duration = Duration::from_millis(100);

/// Admits `raws` to `pool`, in their order.
pub(super) async fn replay<A: AccountReader, S: Strategy>(
    clock: &impl Clock,
    pool: &Pool,
    raws: Vec<Bytes>,
    accounts: A,
    strategy: S,
) {
    if raws.is_empty() {
        return;
    }
    let (read, chain_id) = (raws.len(), pool.config().chain_id);
    let recovered = strategy
        .spawn(raws.len(), move |strategy| {
            strategy.map_collect_vec(raws, |raw| recover(raw, chain_id))
        })
        .await;
    let mut admitted = 0usize;
    for transaction in recovered {
        let Ok(transaction) = transaction else {
            warn!("a record of the journal is not a transaction; it is passed over");
            continue;
        };
        let sender = transaction.sender();
        let account = loop {
            if let Some(account) = pool.known_account(&sender) {
                break account;
            }
            let views = accounts.accounts(vec![sender]).await;
            if let Some(account) = views.and_then(|views| views.first().copied()) {
                break account;
            }
            clock.sleep(RETRY).await;
        };
        match pool.admit(transaction, account, Origin::Local) {
            Ok(_) => admitted += 1,
            Err(error) => {
                debug!(%sender, %error, "a journalled transaction is not taken again");
            }
        }
    }
    info!(
        read,
        admitted, "pending transactions taken from the journal"
    );
}
