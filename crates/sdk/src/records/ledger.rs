//! What the ledger tells of records. Everybody may ask, so no account is needed.

use alloy_primitives::{Address, B256};
use commonhold_primitives::system::RECORDS;
use commonhold_system::records::interface::IRecords::{
    Access, Grant, LogEntry, Record, accessCall, grantsCall, isErasedCall, keepersCall, logCall,
    recordCall, recordsOfCall, sharedWithCall,
};

use crate::{
    client::Client,
    error::SdkError,
    page::{PAGE, Page},
};

impl Client {
    /// A record.
    ///
    /// # Errors
    /// Where there is none.
    pub fn record(&self, id: B256) -> Result<Record, SdkError> {
        self.call(RECORDS, &recordCall { id })
    }

    /// Whether somebody may open a record now, and why or why not.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn record_access(&self, id: B256, who: Address) -> Result<Access, SdkError> {
        self.call(RECORDS, &accessCall { id, who, at: 0 })
    }

    /// Whether a record was erased, or its content.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn record_is_erased(&self, id: B256) -> Result<bool, SdkError> {
        self.call(RECORDS, &isErasedCall { id })
    }

    /// Accounts of the members that keep a record's content; none where it was erased.
    ///
    /// # Errors
    /// Where there is no such record.
    pub fn record_keepers(&self, id: B256) -> Result<Vec<Address>, SdkError> {
        self.call(RECORDS, &keepersCall { id })
    }

    /// Ids of somebody's records, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn records_of(&self, owner: Address, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(RECORDS, &recordsOfCall { owner, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// Ids of the records that somebody was ever let into, from number `from` on.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn records_shared_with(&self, grantee: Address, from: u64) -> Result<Page<B256>, SdkError> {
        let max = PAGE;
        let answer = self.call(RECORDS, &sharedWithCall { grantee, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// A record's access list, from number `from` on.
    ///
    /// # Errors
    /// Where there is no such record.
    pub fn record_grants(&self, id: B256, from: u64) -> Result<Page<Grant>, SdkError> {
        let max = PAGE;
        let answer = self.call(RECORDS, &grantsCall { id, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }

    /// A record's log, oldest first, from number `from` on.
    ///
    /// # Errors
    /// Where there is no such record.
    pub fn record_log(&self, id: B256, from: u64) -> Result<Page<LogEntry>, SdkError> {
        let max = PAGE;
        let answer = self.call(RECORDS, &logCall { id, from, max })?;
        Ok(Page::new(answer.page, answer.total))
    }
}
