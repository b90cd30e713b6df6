//! Who may do what in `seals`: what counts is the time and the key, not who brings it.

use alloy_sol_types::SolCall as _;
use commonhold_system::seals::interface::ISeals::publishCall;

use crate::{
    Part, Row,
    world::{NOW, World},
};

pub(crate) const PART: Part = Part {
    module: "seals",
    prepare: |_| {},
    rows,
};

fn publish(world: &World, time: u64, of: u64) -> Vec<u8> {
    publishCall {
        time,
        openingKey: world.opening_key(of),
    }
    .abi_encode()
}

fn rows() -> Vec<Row> {
    vec![
        Row::new("publish", |world| publish(world, NOW, NOW)),
        Row::new("publish, of a time to come", |world| {
            publish(world, NOW + 1, NOW + 1)
        }),
        Row::new("publish, the key of another time", |world| {
            publish(world, NOW, NOW + 1)
        }),
    ]
}
