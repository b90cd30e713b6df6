//! Getting stamps from a node.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::{
    Stamp,
    consensus::NetworkKey,
    stamp::Claim,
    system::{DEVICES, RECORDS},
};
use commonhold_system::devices::interface::IDevices::Anchored;

use crate::{
    client::Client,
    error::SdkError,
    stamp::{self, RecordFinding, Statement, slots_of_record},
};

impl From<String> for SdkError {
    /// A stamp that cannot be made of what the node tells.
    fn from(why: String) -> Self {
        Self::Integrity(why)
    }
}

impl Client {
    /// The stamp of a final transaction. It is not checked.
    ///
    /// # Errors
    /// [`SdkError::Refused`] where the node does not know the transaction.
    pub fn stamp(&self, transaction: B256) -> Result<Stamp, SdkError> {
        self.request("commonhold_getStamp", (transaction,))
    }

    /// The transaction that anchored the batch that `record` is of, in this block.
    ///
    /// # Errors
    /// [`SdkError::NotFound`] where the node knows of none.
    pub(crate) fn anchoring(&self, block: u64, record: B256) -> Result<B256, SdkError> {
        let topics = [Some(Anchored::SIGNATURE_HASH), None, Some(record)];
        let found = self.transactions_of(DEVICES, &topics, (block, block))?;
        let transaction = found.first().copied();
        transaction.ok_or_else(|| {
            SdkError::NotFound(format!(
                "no transaction of block {block} anchored record {record}"
            ))
        })
    }

    /// Transactions in which a contract told an event with these topics, in these blocks, newest first.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn transactions_of(
        &self,
        by: Address,
        topics: &[Option<B256>],
        blocks: (u64, u64),
    ) -> Result<Vec<B256>, SdkError> {
        let mut found = Vec::new();
        for log in self.logs(by, topics, blocks)?.into_iter().rev() {
            if let Some(hash) = log.transaction_hash
                && !found.contains(&hash)
            {
                found.push(hash);
            }
        }
        Ok(found)
    }

    /// A stamp of entries of the newest state: of `slots` of an account, or, where there are none, of
    /// the account itself. An entry that is absent is stamped as absent. It is not checked.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn stamp_state(&self, address: Address, slots: &[U256]) -> Result<Stamp, SdkError> {
        self.request("commonhold_getStateStamp", (address, slots))
    }

    /// A stamp that a record is registered, or that it is not. It is not checked.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn stamp_record(&self, id: B256) -> Result<Stamp, SdkError> {
        let slots = slots_of_record(id, |slot| self.storage(RECORDS, slot))?;
        let mut stamp = self.stamp_state(RECORDS, &slots)?;
        stamp.claim = match stamp.claim {
            Claim::State { entries } => Claim::Record { id, entries },
            _ => {
                return Err(SdkError::Integrity(
                    "the node stamps something else".to_owned(),
                ));
            }
        };
        Ok(stamp)
    }

    /// A record, proven with the network key: the node cannot lie about it.
    ///
    /// # Errors
    /// [`SdkError::Stamp`] where the proof does not hold, [`SdkError::NotFound`] where it proves that
    /// there is no such record.
    pub fn proven_record(&self, id: B256, key: &NetworkKey) -> Result<RecordFinding, SdkError> {
        match stamp::verify(&self.stamp_record(id)?, key, self.abis())?.statement {
            Statement::Record {
                record: Some(record),
                ..
            } => Ok(record),
            _ => Err(SdkError::NotFound(format!("no record {id} is registered"))),
        }
    }
}
