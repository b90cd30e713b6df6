//! Reading what is final.

use commonhold_primitives::{
    Block, Finalised,
    consensus::{Certificate, Scheme},
};
use commonware_consensus::{
    marshal::{core::Mailbox as Marshal, standard::Standard},
    types::Height,
};

use crate::archive::{Archive, Unreadable};

/// Reads final blocks, certificates and outcomes. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) marshal: Marshal<Scheme, Standard<Block>>,
    pub(crate) archive: Archive,
}

impl Ledger {
    /// The final block at a height, where this node has it.
    pub async fn block(&self, number: u64) -> Option<Block> {
        let found = self.marshal.get_block(Height::new(number)).await?;
        Some(found.inner().clone())
    }
    /// The certificate made for exactly this height. Not every final block has one of its own: a
    /// certificate covers all ancestors of its block.
    pub async fn certificate(&self, number: u64) -> Option<Certificate> {
        self.marshal.get_finalization(Height::new(number)).await
    }
    /// Height up to which blocks were handed to the application.
    pub async fn processed(&self) -> Option<u64> {
        self.marshal
            .get_processed()
            .await
            .map(|processed| processed.height().get())
    }
    /// A final block with its outcome; `None` where this node never executed it.
    ///
    /// # Errors
    /// Where the outcome is damaged.
    pub async fn finalised(&self, number: u64) -> Result<Option<Finalised>, Unreadable> {
        let Some(block) = self.block(number).await else {
            return Ok(None);
        };
        let Some(outcome) = self.archive.get(number).await? else {
            return Ok(None);
        };
        let whole = Finalised::from_parts(block, &outcome);
        whole.map(Some).map_err(|e| Unreadable {
            number,
            why: e.to_string(),
        })
    }
}
