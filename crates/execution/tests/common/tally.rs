//! A module for tests.

use alloy_primitives::{Address, U256};
use alloy_sol_types::sol;
use commonhold_module::{Context, Fault, Module, Outcome};

pub const TALLY: Address = Address::repeat_byte(0xcc);

sol! {
    #![sol(abi, all_derives)]
    /// A module for tests.
    interface ITally {
        event Added(address indexed who, uint256 by, uint256 total);
        error TooMuch(uint256 by);
        function add(uint256 by) external payable returns (uint256 total);
        function total(address who) external view returns (uint256);
        function burn() external;
        function stuck() external;
    }
}

mod layout {
    use alloy_primitives::{Address, U256};
    use commonhold_module::{Map, Slot, storage};

    storage! {
        TOTALS: Map<Address, U256> = 0;
        FOUNDED: Slot<u64> = 1;
    }
}
use layout::{FOUNDED, LAYOUT, TOTALS};

fn add(ctx: &mut Context<'_>, call: ITally::addCall) -> Outcome<U256> {
    let who = ctx.caller();
    let slot = TOTALS.at(&who);
    let total = slot.read(ctx)? + call.by;
    slot.write(ctx, &total)?;
    ctx.emit(ITally::Added {
        who,
        by: call.by,
        total,
    })?;
    if call.by > U256::from(1_000) {
        return Err(Fault::reject(&ITally::TooMuch { by: call.by }));
    }
    Ok(total)
}

fn total(ctx: &mut Context<'_>, call: ITally::totalCall) -> Outcome<U256> {
    TOTALS.at(&call.who).read(ctx)
}

fn burn(ctx: &mut Context<'_>, _: ITally::burnCall) -> Outcome<ITally::burnReturn> {
    ctx.charge(u64::MAX)?;
    Ok(ITally::burnReturn {})
}

fn stuck(_: &mut Context<'_>, _: ITally::stuckCall) -> Outcome<ITally::stuckReturn> {
    Err(Fault::Fatal("a limit of the machine".into()))
}

pub fn tally() -> Module {
    Module::new::<ITally::ITallyCalls>("tally", TALLY, ITally::abi::contract)
        .payable(add)
        .view(total)
        .message(burn)
        .message(stuck)
        .storage(LAYOUT)
        .at_genesis(|ctx, genesis| FOUNDED.write(ctx, &genesis.chain_id))
}
