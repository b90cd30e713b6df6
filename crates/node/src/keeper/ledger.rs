//! What the ledger says of records, by the newest state that this node holds to be final.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{
    Erasure, erasuresCall, isErasedCall, recordCall, recordsCall, registrantCall,
};

use crate::asking::Asking;

/// A record whose content is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) content: B256,
    pub(super) length: u64,
    pub(super) sealed_key: B256,
    pub(super) custodian: Address,
    /// Who registered the content first.
    pub(super) first: Address,
}

/// Asks the records module. `None` everywhere: it cannot be asked now.
pub(super) struct Ledger(Asking);

impl Ledger {
    pub(super) const fn new(asking: Asking) -> Self {
        Self(asking)
    }

    /// Erasures from number `from` on, and how many there are.
    pub(super) async fn erasures(&self, from: u64) -> Option<(Vec<Erasure>, u64)> {
        let max = u64::MAX;
        let found = self.ask(erasuresCall { from, max }).await??;
        Some((found.page, found.total))
    }

    /// Up to `max` ids of records from number `from` on, and how many there are.
    pub(super) async fn records(&self, from: u64, max: u64) -> Option<(Vec<B256>, u64)> {
        let found = self.ask(recordsCall { from, max }).await??;
        Some((found.page, found.total))
    }

    /// A record, where there is one that was not erased.
    pub(super) async fn record(&self, id: B256) -> Option<Option<Found>> {
        let Some(record) = self.ask(recordCall { id }).await? else {
            return Some(None);
        };
        if self.ask(isErasedCall { id }).await?? {
            return Some(None);
        }
        let name = record.contentHash;
        let registrant = self.ask(registrantCall { name }).await??;
        let name = record.sealedKeyHash;
        let sealed = self.ask(registrantCall { name }).await??;
        Some(Some(Found {
            content: record.contentHash,
            length: record.length,
            // A sealed key that went with another record does not come back with this one.
            sealed_key: if sealed.erased { B256::ZERO } else { name },
            custodian: record.custodian,
            first: registrant.first,
        }))
    }

    /// Whether content or a sealed key was erased.
    pub(super) async fn is_erased_name(&self, name: B256) -> Option<bool> {
        Some(self.ask(registrantCall { name }).await??.erased)
    }

    /// The inner `None` stands for a rejection.
    async fn ask<C: SolCall>(&self, call: C) -> Option<Option<C::Return>> {
        self.0.ask(RECORDS, call).await
    }
}
