//! A founder's share of the network key of the first epoch: read at the first start, and deleted when that epoch
//! is over. Later shares are in the engine's store, encrypted.

use std::{io, num::NonZeroU64, path::PathBuf, sync::Arc};

use commonhold_primitives::Genesis;
use commonhold_rpc::Head;
use commonware_cryptography::{
    Signer as _, bls12381::primitives::group::Share, ed25519::PrivateKey,
};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::{
    config::NodeConfig,
    error::{NodeError, engine_dir},
    keys::{self, KeyError},
    run::Options,
};

/// A founder's share of the first epoch. Once the node has run it is in its store, and once the epoch is over
/// the file is deleted.
///
/// # Errors
/// Where it is another's, or there is neither a share nor a store, and the node does not join.
pub(crate) fn read(
    config: &NodeConfig,
    genesis: &Genesis,
    identity: &PrivateKey,
    options: Options,
) -> Result<Option<Share>, NodeError> {
    let share = match keys::read_share(&config.share) {
        Ok(share) => share,
        Err(KeyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            if options.join || engine_dir(&config.data).exists() {
                return Ok(None);
            }
            return Err(NodeError::Nothing {
                data: config.data.clone(),
                share: config.share.clone(),
            });
        }
        Err(e) => return Err(e.into()),
    };
    if keys::is_own_share(genesis, &identity.public_key(), &share)? {
        Ok(Some(share))
    } else {
        Err(NodeError::WrongShare)
    }
}

/// Deletes a founder's share of the first epoch when that is over: later ones are in the store, encrypted.
pub(crate) async fn forget(
    path: PathBuf,
    mut head: watch::Receiver<Arc<Head>>,
    epoch_blocks: NonZeroU64,
) {
    let over = head
        .wait_for(|head| head.number > epoch_blocks.get())
        .await
        .is_ok();
    if !over {
        return;
    }
    match std::fs::remove_file(&path) {
        Ok(()) => {
            info!(file = %path.display(), "the share of the first epoch is of no use any more: deleted")
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => warn!(
            file = %path.display(), error = %e,
            "the share of the first epoch is of no use any more and cannot be deleted: delete it"
        ),
    }
}
