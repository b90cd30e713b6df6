//! Ten thousand facts: the sums come to what the facts come to, within what a view may take.

use alloy_primitives::{Address, B256, keccak256};
use commonhold_module::bench::{Bench, account, genesis};

use super::{Act, gather, state_fact};
use crate::{
    ADDRESS,
    credit::{Event, Role, credibility, epoch, score},
    interface::IWorks::{Kind, Part, creditCall, enrolPartyCall, explainCall},
};

const BUILDER: Address = account(0xb1);
const START: u64 = 1_790_000_000;
/// Gas of a call that changes nothing, as nodes allow it.
const CALL_GAS_MAX: u64 = 50_000_000;

fn owner(n: u64) -> Address {
    account(0x10 + u8::try_from(n % 6).unwrap())
}

/// The `n`th of the facts: six owners, every dimension, nine years.
fn act(n: u64) -> Act {
    Act {
        subject: BUILDER,
        counterparty: owner(n),
        part: Part::Executor,
        dimension: u8::try_from(n % 5).unwrap(),
        outcome: u16::try_from(n * 7_919 % 10_001).unwrap(),
        value: n * 37_000,
        verification: u8::try_from(1 + n % 3).unwrap(),
        source: Kind::Contract,
        item: n,
    }
}

fn bench() -> Bench {
    let mut modules = commonhold_system::modules();
    modules.push(crate::module());
    let mut bench = Bench::new(modules).unwrap();
    bench.genesis(&genesis(4)).unwrap();
    bench.at(START);
    for who in (0..6).map(owner).chain([BUILDER]) {
        let call = enrolPartyCall {
            account: who,
            group: keccak256(who),
            credentials: B256::ZERO,
            until: u64::MAX,
        };
        bench.send(account(1), ADDRESS, call).unwrap();
    }
    bench
}

#[test]
fn the_score_of_ten_thousand_facts_is_within_one_call() {
    let mut bench = bench();
    let (count, step) = (10_000u64, 28_000);
    for n in 0..count {
        bench.at(START + n * step);
        bench
            .within(BUILDER, ADDRESS, |ctx| state_fact(ctx, &act(n)))
            .unwrap();
    }
    let now = START + count * step + 15 * 86_400;
    bench.at(now);
    let (party, part) = (BUILDER, Part::Executor);
    let found = bench.view(ADDRESS, creditCall { party, part }).unwrap();
    assert!(bench.gas_used() < CALL_GAS_MAX, "{}", bench.gas_used());
    assert_eq!(found.pending, 0);

    // What the pure rule says of the same facts, one by one.
    let groups: Vec<String> = (0..6).map(|n| keccak256(owner(n)).to_string()).collect();
    let events: Vec<Event<'_>> = (0..count)
        .map(|n| {
            let act = act(n);
            Event {
                id: n + 1,
                dimension: act.dimension.into(),
                group: &groups[usize::try_from(n % 6).unwrap()],
                outcome: act.outcome,
                value: act.value,
                verification: act.verification,
                time: START + n * step,
                counts: true,
            }
        })
        .collect();
    let own = keccak256(BUILDER).to_string();
    let expected = score(Role::Executor, epoch(now), &own, &events, &[], |_| {
        credibility(None)
    })
    .unwrap();
    assert_eq!(
        (found.score, found.micro, found.coverage),
        (expected.score, expected.micro, expected.coverage)
    );
    let means: Vec<u64> = expected
        .dimensions
        .iter()
        .map(|dimension| dimension.mean)
        .collect();
    assert_eq!(found.means, means);

    // And what the heaviest of the newest does.
    let call = explainCall {
        party,
        part,
        from: count - 50,
        max: 50,
    };
    let effects = bench.view(ADDRESS, call).unwrap().page;
    for effect in effects {
        let said = expected
            .explained
            .iter()
            .find(|(id, _)| *id == effect.fact.number);
        assert!(said.is_none_or(|(_, delta)| *delta == effect.delta));
    }
    let gathered = bench
        .within(BUILDER, ADDRESS, |ctx| gather(ctx, BUILDER, part))
        .unwrap();
    assert!(gathered.sums.len() < 4_000);
}
