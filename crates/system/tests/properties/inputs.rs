//! Whatever bytes are sent, the answer is a result or a rejection, and a rejection leaves nothing.

use alloy_primitives::U256;
use commonhold_module::Fault;
use proptest::prelude::*;

use crate::{check, network, person};

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
        module in 0..5usize,
        function in any::<prop::sample::Index>(),
        words in prop::collection::vec(word(), 0..16),
        cut in 0..32usize,
        is_static in any::<bool>(),
    ) {
        let mut bench = network();
        let module = &commonhold_system::modules()[module];
        let mut input = function.get(module.selectors()).to_vec();
        input.extend(words.concat());
        input.truncate(input.len().saturating_sub(cut));
        let before = bench.stored().clone();
        let address = module.address();
        match bench.raw(person(0), address, U256::ZERO, is_static, &input) {
            Ok(_) => prop_assert!(!is_static || *bench.stored() == before),
            Err(Fault::Reject(data)) => {
                prop_assert_eq!(bench.stored(), &before);
                let selector = data.first_chunk::<4>().unwrap();
                let declared = module.abi().errors().any(|error| error.selector() == *selector);
                prop_assert!(declared, "an error outside the ABI: {}", data);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
        check(&mut bench)?;
    }
}
