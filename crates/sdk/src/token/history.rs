//! How money came and went: the module's `Transfer` events, newest first.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{Filter, Log};
use alloy_sol_types::SolEvent as _;
use commonhold_primitives::system::TOKEN;
use commonhold_system::token::interface::IToken::Transfer;

use crate::{client::Client, error::SdkError, logs::Span};

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
        let (mut span, mut to) = (Span::new(), self.block_number()?);
        loop {
            let (from, some) = span.of(|blocks| {
                let from = to.saturating_sub(blocks.saturating_sub(1));
                Ok((from, self.transfers(who, from, to)?))
            })?;
            found.extend(some);
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
            .event_signature(Transfer::SIGNATURE_HASH);
        let word = who.into_word();
        let mut found = BTreeMap::new();
        for filter in [base.clone().topic1(word), base.topic2(word)] {
            for log in self.in_blocks(&filter, from, to)? {
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
