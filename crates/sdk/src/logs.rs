//! What contracts told, asked for as many blocks at a time as a node answers for.

use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::{BlockNumberOrTag, Filter, FilterSet, Log};

use crate::{client::Client, error::SdkError, limits::LOG_BLOCKS_MAX};

/// How many blocks are asked for at a time: half as many from where that is too much for one answer.
pub(crate) struct Span(u64);

impl Span {
    pub(crate) const fn new() -> Self {
        Self(LOG_BLOCKS_MAX)
    }

    /// What `ask` answers for so many blocks.
    ///
    /// # Errors
    /// As `ask`, where it refuses a single block too.
    pub(crate) fn of<T>(
        &mut self,
        ask: impl Fn(u64) -> Result<T, SdkError>,
    ) -> Result<T, SdkError> {
        loop {
            match ask(self.0) {
                Err(SdkError::Refused { .. }) if self.0 > 1 => self.0 /= 2,
                answer => return answer,
            }
        }
    }
}

impl Client {
    /// What a contract told with these topics, in these blocks, in the chain's order.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn logs(
        &self,
        by: Address,
        topics: &[Option<B256>],
        blocks: (u64, u64),
    ) -> Result<Vec<Log>, SdkError> {
        let mut filter = Filter::new().address(by);
        for (place, topic) in filter.topics.iter_mut().zip(topics) {
            *place = topic.map_or_else(FilterSet::default, FilterSet::from);
        }
        self.filtered(&filter, blocks)
    }

    /// What passes a filter in these blocks, in the chain's order.
    ///
    /// # Errors
    /// Where the node does not answer.
    pub fn filtered(
        &self,
        filter: &Filter,
        (first, last): (u64, u64),
    ) -> Result<Vec<Log>, SdkError> {
        let mut found = Vec::new();
        let (mut span, mut from) = (Span::new(), first);
        while from <= last {
            let (to, logs) = span.of(|blocks| {
                let to = from.saturating_add(blocks.saturating_sub(1)).min(last);
                Ok((to, self.in_blocks(filter, from, to)?))
            })?;
            found.extend(logs);
            if to == last {
                break;
            }
            from = to.saturating_add(1);
        }
        Ok(found)
    }

    /// One question: what passes a filter in blocks that a node answers for at once.
    pub(crate) fn in_blocks(
        &self,
        filter: &Filter,
        from: u64,
        to: u64,
    ) -> Result<Vec<Log>, SdkError> {
        let filter = filter
            .clone()
            .from_block(BlockNumberOrTag::Number(from))
            .to_block(BlockNumberOrTag::Number(to));
        self.request("eth_getLogs", (filter,))
    }
}
