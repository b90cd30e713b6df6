//! Whatever bytes are sent, the answer is a result or a rejection, and a rejection leaves nothing.

use alloy_primitives::U256;
use commonhold_health_contract::{ADDRESS, module};
use commonhold_module::{Fault, bench::account};
use proptest::prelude::*;

use crate::network;

/// Words that decoders stumble over, among random ones.
fn word() -> impl Strategy<Value = [u8; 32]> {
    prop_oneof![
        Just([0; 32]),
        Just([0xff; 32]),
        (0u64..512).prop_map(|n| U256::from(n).to_be_bytes()),
        any::<[u8; 32]>(),
    ]
}

proptest! {
    #[test]
    fn any_input_is_answered(
        function in any::<prop::sample::Index>(),
        words in prop::collection::vec(word(), 0..24),
        cut in 0..32usize,
        is_static in any::<bool>(),
    ) {
        let mut bench = network();
        let module = module();
        let mut input = function.get(module.selectors()).to_vec();
        input.extend(words.concat());
        input.truncate(input.len().saturating_sub(cut));
        let before = bench.stored().clone();
        match bench.raw(account(1), ADDRESS, U256::ZERO, is_static, &input) {
            Ok(_) => prop_assert!(!is_static || *bench.stored() == before),
            Err(Fault::Reject(data)) => {
                prop_assert_eq!(bench.stored(), &before);
                let selector = data.first_chunk::<4>().unwrap();
                let mut modules = commonhold_system::modules();
                modules.push(module);
                let declared = modules
                    .iter()
                    .any(|m| m.abi().errors().any(|error| error.selector() == *selector));
                prop_assert!(declared, "an error that nobody declares: {}", data);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
        prop_assert_eq!(bench.invariants(), Ok(vec![]));
    }
}
