//! Bodies to the vault, batches to the ledger.

use std::time::Duration;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall as _;
use commonhold_sdk::SdkError;
use commonhold_system::{
    devices::interface::IDevices::{Batch as Call, IDevicesErrors, anchorCall},
    records::access::record_id,
};
use commonhold_vault::{BlobHash, BodyId};
use tracing::{info, warn};

use super::{StepError, Work};
use crate::{
    chain::refused,
    journal::{BatchRow, Stage},
    ledger::Deposit,
    limits::{ANCHOR_BATCHES_MAX, HELD_SECONDS},
};

impl Work {
    /// Numbers of batches that have come so far, oldest first.
    fn at(&self, stage: Stage) -> Vec<u64> {
        let these = self.rows.iter().filter(|(_, row)| row.stage == stage);
        these.map(|(number, _)| *number).collect()
    }

    fn row(&self, number: u64) -> Result<BatchRow, StepError> {
        let gone = || StepError::Other(format!("batch {number} is not known"));
        self.rows.get(&number).cloned().ok_or_else(gone)
    }

    fn advance(&mut self, changed: Vec<(u64, BatchRow)>) -> Result<(), StepError> {
        self.it.journal.advance(&changed)?;
        self.rows.extend(changed);
        Ok(())
    }

    /// The owner of a stream, whose records its batches become.
    async fn owner(&mut self, stream: B256) -> Result<Address, StepError> {
        if let Some(owner) = self.owners.get(&stream) {
            return Ok(*owner);
        }
        let owner = self.it.node.owner(stream).await?;
        self.owners.insert(stream, owner);
        Ok(owner)
    }

    async fn record(&mut self, row: &BatchRow) -> Result<B256, StepError> {
        let stream = self.stream(row.stream)?;
        let owner = self.owner(stream).await?;
        let chain_id = self.it.node.chain_id().await?;
        Ok(record_id(chain_id, owner, row.hash, row.salt))
    }

    /// Brings one batch to the node. Whether there was one.
    pub(super) async fn upload(&mut self) -> Result<bool, StepError> {
        let Some(number) = self.at(Stage::Sealed).first().copied() else {
            return Ok(false);
        };
        let mut row = self.row(number)?;
        let record = self.record(&row).await?;
        let (_, sealed) = self.day_key((row.stream, row.day)).await?;
        let deposit = Deposit {
            body: BodyId {
                hash: BlobHash::from(row.hash),
                len: row.length,
            },
            bytes: self.it.bodies.get(row.hash)?,
            record,
            sealed,
        };
        self.it.node.deposit(deposit).await?;
        row.stage = Stage::Uploaded;
        self.advance(vec![(number, row)])?;
        Ok(true)
    }

    /// Anchors what the node has, as much as one transaction takes. Whether there was something.
    pub(super) async fn anchor(&mut self) -> Result<bool, StepError> {
        // What is still to be uploaded shares the transaction.
        if self.at(Stage::Sealed).len() > 1 && self.at(Stage::Uploaded).len() < ANCHOR_BATCHES_MAX {
            return Ok(false);
        }
        if self.in_doubt {
            for number in self.at(Stage::Uploaded) {
                self.look_for(number).await?;
            }
            self.in_doubt = false;
        }
        let (now, wait) = (self.it.clock.passed(), Duration::from_secs(HELD_SECONDS));
        self.held
            .retain(|_, since| now.saturating_sub(*since) < wait);
        let mut numbers = self.at(Stage::Uploaded);
        numbers.retain(|number| !self.held.contains_key(number));
        numbers.truncate(ANCHOR_BATCHES_MAX);
        if numbers.is_empty() {
            return Ok(false);
        }
        match self.send(&numbers).await {
            Ok(()) => Ok(true),
            Err(StepError::Sdk(SdkError::Reverted { .. })) => {
                // One of them may be at fault, and the others not.
                for number in numbers {
                    self.send_alone(number).await?;
                }
                Ok(true)
            }
            Err(e) => Err(e),
        }
    }

    async fn send(&mut self, numbers: &[u64]) -> Result<(), StepError> {
        let mut batches = Vec::with_capacity(numbers.len());
        let mut rows = Vec::with_capacity(numbers.len());
        for number in numbers {
            let mut row = self.row(*number)?;
            batches.push(Call {
                stream: self.stream(row.stream)?,
                day: row.day,
                root: row.root,
                count: row.count,
                from: row.from,
                to: row.to,
                contentHash: row.hash,
                contentLength: row.length,
                sealedKeyHash: row.sealed_hash,
                salt: row.salt,
                custodian: self.it.batch.custodian.unwrap_or_default(),
            });
            row.record = self.record(&row).await?;
            rows.push((*number, row));
        }
        let call = anchorCall { batches };
        let bytes = call.abi_encoded_size() as u64;
        let transaction = self.it.node.anchor(call.batches).await?;
        self.it.state.set(|told| {
            told.transactions = told.transactions.saturating_add(1);
            told.call_bytes = told.call_bytes.saturating_add(bytes);
        });
        self.anchored(rows, Some(transaction))
    }

    fn anchored(
        &mut self,
        mut rows: Vec<(u64, BatchRow)>,
        transaction: Option<B256>,
    ) -> Result<(), StepError> {
        let now = self.it.clock.now_ms() / 1000;
        let mut readings = 0u64;
        for (_, row) in &mut rows {
            row.stage = Stage::Anchored;
            row.transaction = transaction;
            row.anchored_at = now;
            readings = readings.saturating_add(row.count.into());
        }
        let (batches, record) = (rows.len() as u64, rows.last().map(|(_, row)| row.record));
        self.advance(rows)?;
        info!(batches, readings, ?transaction, "anchored");
        self.it.state.set(|told| {
            told.anchored = told.anchored.saturating_add(batches);
            told.anchored_readings = told.anchored_readings.saturating_add(readings);
            told.last_record = record.or(told.last_record);
        });
        Ok(())
    }

    /// Takes note where the ledger has a batch already.
    async fn look_for(&mut self, number: u64) -> Result<bool, StepError> {
        let mut row = self.row(number)?;
        row.record = self.record(&row).await?;
        let found = self.it.node.is_anchored(row.record).await?;
        if found {
            self.anchored(vec![(number, row)], None)?;
        }
        Ok(found)
    }

    /// Anchors one batch of several that were refused together, and finds out which one it was.
    async fn send_alone(&mut self, number: u64) -> Result<(), StepError> {
        if self.look_for(number).await? {
            return Ok(());
        }
        let error = match self.send(&[number]).await {
            Err(StepError::Sdk(e @ SdkError::Reverted { .. })) => e,
            done => return done,
        };
        let mut row = self.row(number)?;
        match refused(&error) {
            // The same readings under another record: this gateway's, from before its disk was copied.
            Some(IDevicesErrors::AlreadyAnchored(known)) => {
                let found = self.it.node.record(known.stream, known.number).await?;
                row.record = found.unwrap_or_default();
                self.anchored(vec![(number, row)], None)
            }
            // Time or the stream's owner can mend these.
            Some(IDevicesErrors::NotGateway(_) | IDevicesErrors::InFuture(_)) | None => {
                warn!(batch = number, %error, "the ledger refuses a batch for now");
                self.held.insert(number, self.it.clock.passed());
                self.it
                    .state
                    .set(|told| told.trouble = Some(error.to_string()));
                Ok(())
            }
            Some(_) => {
                warn!(batch = number, error = %error, "the ledger refuses a batch for good; it is kept");
                row.stage = Stage::Refused;
                row.why = Some(error.to_string());
                self.advance(vec![(number, row)])
            }
        }
    }
}
