//! How money came and went: the module's `Transfer` events, newest first.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{BlockNumberOrTag, Filter, Log};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::interface::IToken::Transfer;

use crate::{client::Client, error::SdkError, limits::LOG_BLOCKS_MAX};

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// In which block.
    pub block: u64,
    /// By which transaction.
    pub transaction: B256,
    /// From whom; the zero address: it was issued; the token's own: it left an escrow.
    pub from: Address,
    /// To whom; the zero address: it was given back; the token's own: it was set aside.
    pub to: Address,
    /// How much.
    pub value: U256,
}

impl Client {
    /// The newest `last` movements of somebody's money, newest first.
    ///
    /// # Errors
    /// Where the node does not answer, or with what it does not mean.
    pub fn token_history(&self, who: Address, last: usize) -> Result<Vec<Movement>, SdkError> {
        let mut found = BTreeMap::new();
        let mut to = self.block_number()?;
        let mut span = LOG_BLOCKS_MAX;
        loop {
            let from = to.saturating_sub(span.saturating_sub(1));
            match self.transfers(who, from, to) {
                Ok(logs) => found.extend(logs),
                // Too many for one answer.
                Err(SdkError::Refused { .. }) if span > 1 => {
                    span /= 2;
                    continue;
                }
                Err(error) => return Err(error),
            }
            match from.checked_sub(1) {
                Some(before) if found.len() < last => to = before,
                _ => break,
            }
        }
        Ok(found.into_values().rev().take(last).collect())
    }

    /// Movements of somebody's money in these blocks, by their places.
    fn transfers(
        &self,
        who: Address,
        from: u64,
        to: u64,
    ) -> Result<BTreeMap<(u64, u64), Movement>, SdkError> {
        let base = Filter::new()
            .address(TOKEN)
            .event_signature(Transfer::SIGNATURE_HASH)
            .from_block(BlockNumberOrTag::Number(from))
            .to_block(BlockNumberOrTag::Number(to));
        let word = who.into_word();
        let mut found = BTreeMap::new();
        for filter in [base.clone().topic1(word), base.topic2(word)] {
            let logs: Vec<Log> = self.request("eth_getLogs", (filter,))?;
            for log in logs {
                let (place, movement) = movement(&log).ok_or_else(|| {
                    SdkError::Integrity("a log that was not asked for".to_owned())
                })?;
                found.insert(place, movement);
            }
        }
        Ok(found)
    }
}

fn movement(log: &Log) -> Option<((u64, u64), Movement)> {
    let Transfer { from, to, value } = Transfer::decode_log_data(log.data()).ok()?;
    let block = log.block_number?;
    let movement = Movement {
        block,
        transaction: log.transaction_hash?,
        from,
        to,
        value,
    };
    Some(((block, log.log_index?), movement))
}
