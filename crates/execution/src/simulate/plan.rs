//! The order of simulated blocks.

use alloy_consensus::Header;
use alloy_primitives::U256;
use alloy_rpc_types_eth::{BlockOverrides, simulate::SimBlock};

use super::codes::{self, SimulationError, refuse};
use crate::limits::SIMULATED_BLOCKS_MAX;

/// Seconds between simulated blocks.
const BLOCK_SECONDS: u64 = 12;

/// The blocks to simulate, each with its number and time, gaps filled in.
pub(super) fn plan(parent: &Header, blocks: &[SimBlock]) -> Result<Vec<SimBlock>, SimulationError> {
    let (mut number, mut time) = (parent.number, parent.timestamp);
    let mut plan = Vec::new();
    for block in blocks {
        let mut block = block.clone();
        let overrides = block.block_overrides.get_or_insert_default();
        let next = number.saturating_add(1);
        let wanted = overrides
            .number
            .map_or(next, |number| number.saturating_to());
        if wanted <= number {
            return refuse(
                codes::BLOCK_ORDER,
                format!("block numbers must be in order: {wanted} <= {number}"),
            );
        }
        if wanted.saturating_sub(parent.number) > SIMULATED_BLOCKS_MAX {
            return refuse(codes::TOO_MANY_BLOCKS, "too many blocks");
        }
        for number in next..wanted {
            time = time.saturating_add(BLOCK_SECONDS);
            let overrides = BlockOverrides {
                number: Some(U256::from(number)),
                time: Some(time),
                ..BlockOverrides::default()
            };
            plan.push(SimBlock::default().with_block_overrides(overrides));
        }
        let at = overrides
            .time
            .unwrap_or_else(|| time.saturating_add(BLOCK_SECONDS));
        if at <= time {
            return refuse(
                codes::TIME_ORDER,
                format!("block timestamps must be in order: {at} <= {time}"),
            );
        }
        overrides.number = Some(U256::from(wanted));
        overrides.time = Some(at);
        (number, time) = (wanted, at);
        plan.push(block);
    }
    Ok(plan)
}
