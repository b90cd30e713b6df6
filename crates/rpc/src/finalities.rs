//! How long the newest blocks took to be final, as this node saw it.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{backend::Head, limits::FINALITIES_KEPT};

/// Milliseconds by block number, of up to [`FINALITIES_KEPT`] blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finalities(Arc<Mutex<BTreeMap<u64, u64>>>);

impl Finalities {
    /// Notes what becomes final from now on. The head that is there already says nothing: a node that
    /// was just started did not see it become final.
    pub(crate) async fn follow(self, mut heads: watch::Receiver<Arc<Head>>) {
        heads.mark_unchanged();
        while heads.changed().await.is_ok() {
            let head = heads.borrow_and_update().clone();
            self.note(head.number, head.finality_ms);
        }
    }

    fn note(&self, number: u64, millis: u64) {
        let mut known = self.0.lock();
        known.insert(number, millis);
        while known.len() > FINALITIES_KEPT {
            known.pop_first();
        }
    }

    /// Milliseconds from the block's time until the node knew it was final, where it saw that.
    pub(crate) fn of(&self, number: u64) -> Option<u64> {
        self.0.lock().get(&number).copied()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let known = Finalities::default();
        let kept = u64::try_from(FINALITIES_KEPT).unwrap();
        for number in 1..=kept + 2 {
            known.note(number, number * 10);
        }
        assert_eq!(known.of(2), None);
        assert_eq!(known.of(3), Some(30));
        assert_eq!(known.of(kept + 2), Some((kept + 2) * 10));
    }
}
