//! Views of modules, run on proven entries.

use alloy_primitives::{B256, U256};
use commonhold_module::BlockInfo;
use commonhold_sdk::{
    RECORDS, SdkError,
    light::{Fault, Lie},
    records_module,
    stamp::{Slots, ViewError},
};
use commonhold_system::records::interface::IRecords::logCall;

use crate::{
    chain::state_stamp,
    network::Network,
    node::{Node, light},
};

fn call() -> logCall {
    logCall {
        id: B256::repeat_byte(1),
        from: 0,
        max: 10,
    }
}

/// The slot that says how long a record's log is.
fn count() -> U256 {
    match Slots::default().call(&records_module(), &call(), BlockInfo::default()) {
        Err(ViewError::Missing { slot, .. }) => slot,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_view_is_run_here_on_what_is_proven() {
    let (network, node) = (Network::new(1), Node::start());
    node.says("eth_getStorageAt", &B256::ZERO);
    node.says(
        "commonhold_getStateStamp",
        &state_stamp(&network, &[(RECORDS, Some(count()))]),
    );
    let mut asking = light(network.key, &[&node]);
    let told = asking.view(&records_module(), &call()).unwrap();
    assert_eq!((told.answer.0.number, told.answer.1.total), (42, 0));
    assert_eq!(asking.seen().unwrap().number, 42);
}

#[test]
fn a_node_cannot_choose_what_a_view_says() {
    let (network, forger, node) = (Network::new(1), Network::new(100), Node::start());
    // It says that there is an entry, and cannot prove it.
    node.says("eth_getStorageAt", &B256::with_last_byte(1));
    node.says(
        "commonhold_getStateStamp",
        &state_stamp(&forger, &[(RECORDS, Some(count()))]),
    );
    let mut asking = light(network.key, &[&node]);
    let Err(SdkError::Light(none)) = asking.view(&records_module(), &call()) else {
        panic!()
    };
    assert!(
        matches!(none.faults[0].fault, Fault::Lie(Lie::Unproven(_))),
        "{none}"
    );
}
