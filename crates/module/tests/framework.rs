//! A small module on the bench: what the framework enforces for every module.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use alloy_primitives::{Address, Bytes, U256, address};
use alloy_sol_types::{SolCall as _, SolEvent as _, SolValue as _, sol};
use commonhold_module::{
    BlockInfo, Context, Fault, Host, Map, Module, Outcome, Registry, RegistryError, Slot,
    bench::{Bench, account, genesis},
    ensure,
    errors::{InputTooLong, MalformedInput, NotPayable, StaticCall, TextTooLong, UnknownSelector},
    limits, reject, storage,
    storage::{Place, Text},
};
use state::{COUNTS, LAST, NOTE};

const HERE: Address = address!("c0000000000000000000000000000000000000f0");
const OTHER: Address = address!("c0000000000000000000000000000000000000f1");

sol! {
    #![sol(abi, all_derives)]

    interface ICounter {
        event Counted(address indexed who, uint64 count);
        error Enough(uint64 count);
        function count(uint64 by) external returns (uint64 total);
        function note(string calldata text) external;
        function notes(string[] calldata texts) external;
        function pay() external payable returns (uint256 value);
        function ofWhom(address who) external view returns (uint64 total);
        function sneak() external view returns (bool done);
        function sum(uint64[] calldata numbers) external view returns (uint64 total);
    }
}

use ICounter::{
    Counted, Enough, ICounterCalls, countCall, noteCall, notesCall, ofWhomCall, payCall, sneakCall,
    sumCall,
};

mod state {
    use super::{Address, Map, Slot, Text, storage};
    storage! {
        COUNTS: Map<Address, u64> = 0;
        LAST: Slot<Address> = 1;
        NOTE: Slot<Text<8>> = 2;
    }
    pub(super) const ALL: &[commonhold_module::storage::Variable] = LAYOUT;
}

fn count(ctx: &mut Context<'_>, call: countCall) -> Outcome<u64> {
    let who = ctx.caller();
    let total = COUNTS.at(&who).read(ctx)?.saturating_add(call.by);
    COUNTS.at(&who).write(ctx, &total)?;
    LAST.write(ctx, &who)?;
    ctx.emit(Counted { who, count: total })?;
    // After the writes on purpose: a rejection must undo them.
    ensure(total <= 100, || Enough { count: total })?;
    Ok(total)
}

fn note(ctx: &mut Context<'_>, call: noteCall) -> Outcome<()> {
    NOTE.write(ctx, &Text::new(call.text)?)
}

fn notes(_: &mut Context<'_>, _: notesCall) -> Outcome<()> {
    Ok(())
}

fn pay(ctx: &mut Context<'_>, _: payCall) -> Outcome<U256> {
    Ok(ctx.value())
}

fn of_whom(ctx: &mut Context<'_>, call: ofWhomCall) -> Outcome<u64> {
    COUNTS.at(&call.who).read(ctx)
}

fn sneak(ctx: &mut Context<'_>, _: sneakCall) -> Outcome<bool> {
    let caller = ctx.caller();
    LAST.write(ctx, &caller)?;
    Ok(true)
}

fn sum(_: &mut Context<'_>, call: sumCall) -> Outcome<u64> {
    match call.numbers.into_iter().try_fold(0, u64::checked_add) {
        Some(total) => Ok(total),
        None => reject(Enough { count: u64::MAX }),
    }
}

fn blank(name: &'static str, address: Address) -> Module {
    Module::new::<ICounterCalls>(name, address, ICounter::abi::contract).storage(state::ALL)
}

fn counter() -> Module {
    blank("counter", HERE)
        .message(count)
        .message(note)
        .message(notes)
        .payable(pay)
        .view(of_whom)
        .view(sneak)
        .view(sum)
        .always(|ctx, findings| {
            let last = LAST.read(ctx)?;
            let count = COUNTS.at(&last).read(ctx)?;
            findings.check(last.is_zero() || count > 0, || {
                format!("{last} never counted")
            });
            Ok(())
        })
        .at_genesis(|ctx, genesis| match genesis.members.first() {
            Some(member) => COUNTS.at(&member.account).write(ctx, &1),
            None => Err(Fault::Fatal("nobody is there".to_owned())),
        })
}

fn bench() -> Bench {
    Bench::new(vec![counter()]).unwrap()
}

fn raw(bench: &mut Bench, value: u64, is_static: bool, input: &[u8]) -> Outcome<Bytes> {
    bench.raw(account(1), HERE, U256::from(value), is_static, input)
}

#[test]
fn messages_and_views_run() {
    let mut bench = bench();
    assert_eq!(bench.send(account(1), HERE, countCall { by: 2 }), Ok(2));
    assert_eq!(bench.send(account(1), HERE, countCall { by: 3 }), Ok(5));
    assert_eq!(
        bench.events::<Counted>(),
        [Counted {
            who: account(1),
            count: 5
        }]
    );
    assert_eq!(bench.logs()[0].address, HERE);
    assert_eq!(bench.logs()[0].topics()[0], Counted::SIGNATURE_HASH);
    assert_eq!(bench.view(HERE, ofWhomCall { who: account(1) }), Ok(5));
    assert_eq!(bench.view(HERE, ofWhomCall { who: account(2) }), Ok(0));
    assert_eq!(bench.invariants(), Ok(vec![]));
}

#[test]
fn a_rejection_undoes_everything() {
    let mut bench = bench();
    bench.send(account(1), HERE, countCall { by: 60 }).unwrap();
    let before = bench.stored().clone();
    let error = bench
        .send(account(2), HERE, countCall { by: 101 })
        .unwrap_err();
    assert_eq!(error.decode(), Some(Enough { count: 101 }));
    assert_eq!(bench.stored(), &before);
    assert!(bench.logs().is_empty());
    let error = bench
        .gas_limit(25_000)
        .send(account(2), HERE, countCall { by: 1 })
        .unwrap_err();
    assert_eq!(error, Fault::OutOfGas);
    assert_eq!(bench.stored(), &before);
}

#[test]
fn nothing_changes_in_a_static_call() {
    let mut bench = bench();
    let error = raw(&mut bench, 0, true, &countCall { by: 1 }.abi_encode()).unwrap_err();
    assert_eq!(error.decode(), Some(StaticCall {}));
    let input = ofWhomCall { who: account(1) }.abi_encode();
    assert_eq!(
        raw(&mut bench, 0, true, &input),
        raw(&mut bench, 0, false, &input)
    );
}

#[test]
fn a_view_cannot_write_however_it_is_called() {
    let mut bench = bench();
    for is_static in [true, false] {
        let error = raw(&mut bench, 0, is_static, &sneakCall {}.abi_encode()).unwrap_err();
        assert_eq!(error.decode(), Some(StaticCall {}));
    }
    assert!(bench.stored().is_empty());
}

#[test]
fn value_goes_only_where_it_is_taken() {
    let mut bench = bench();
    let paid = raw(&mut bench, 7, false, &payCall {}.abi_encode()).unwrap();
    assert_eq!(payCall::abi_decode_returns(&paid).unwrap(), U256::from(7));
    for input in [
        countCall { by: 1 }.abi_encode(),
        ofWhomCall { who: account(1) }.abi_encode(),
    ] {
        let error = raw(&mut bench, 7, false, &input).unwrap_err();
        assert_eq!(error.decode(), Some(NotPayable {}));
    }
}

#[test]
fn inputs_that_name_no_function_are_turned_away() {
    let mut bench = bench();
    for (input, selector) in [
        (&[][..], [0, 0, 0, 0]),
        (&[0xab, 0xcd], [0xab, 0xcd, 0, 0]),
        (&[0xde, 0xad, 0xbe, 0xef, 1, 2], [0xde, 0xad, 0xbe, 0xef]),
    ] {
        let error = raw(&mut bench, 0, false, input).unwrap_err();
        assert_eq!(
            error.decode(),
            Some(UnknownSelector {
                selector: selector.into()
            })
        );
    }
}

#[test]
fn malformed_arguments_are_turned_away() {
    let mut bench = bench();
    let good = countCall { by: 1 }.abi_encode();
    let mut dirty = good.clone();
    dirty[4] = 1;
    let mut far = noteCall {
        text: "a".to_owned(),
    }
    .abi_encode();
    far[4..36].copy_from_slice(&[0xff; 32]);
    for input in [&good[..4], &good[..35], &dirty, &far] {
        let error = raw(&mut bench, 0, false, input).unwrap_err();
        assert_eq!(error.decode(), Some(MalformedInput {}));
    }
    let error = raw(
        &mut bench,
        0,
        false,
        &noteCall {
            text: "too long a note".to_owned(),
        }
        .abi_encode(),
    );
    let expected = TextTooLong {
        bytesGiven: U256::from(15),
        bytesMax: U256::from(8),
    };
    assert_eq!(error.unwrap_err().decode(), Some(expected));
}

#[test]
fn bytes_after_the_arguments_are_ignored_as_solidity_does() {
    let mut bench = bench();
    let mut input = countCall { by: 1 }.abi_encode();
    input.extend([0xab; 7]);
    assert!(raw(&mut bench, 0, false, &input).is_ok());
}

#[test]
fn an_input_cannot_unfold_into_much_more_than_it_is() {
    // Two thousand offsets that all point at the same long text.
    let mut bench = bench();
    let (entries, text) = (2_000usize, "x".repeat(30_000));
    let mut input = notesCall::SELECTOR.to_vec();
    input.extend(U256::from(32).abi_encode());
    input.extend(U256::from(entries).abi_encode());
    for _ in 0..entries {
        input.extend(U256::from(entries * 32).abi_encode());
    }
    input.extend(U256::from(text.len()).abi_encode());
    input.extend(text.as_bytes());
    input.resize(input.len().next_multiple_of(32) + 4, 0);
    let error = raw(&mut bench, 0, false, &input).unwrap_err();
    assert_eq!(error.decode(), Some(MalformedInput {}));
}

#[test]
fn gas_for_the_input_is_taken_before_it_is_read() {
    let mut bench = bench();
    let long = vec![0xab; limits::INPUT_BYTES_MAX + 1];
    let error = raw(&mut bench, 0, false, &long).unwrap_err();
    assert!(error.decode::<InputTooLong>().is_some());
    let cost = 200 + 6 * u64::try_from(long.len().div_ceil(32)).unwrap();
    assert_eq!(bench.gas_used(), cost);
    assert_eq!(
        raw(bench.gas_limit(cost - 1), 0, false, &long),
        Err(Fault::OutOfGas)
    );
}

#[test]
fn a_declaration_that_contradicts_itself_is_refused() {
    let defects = |module: Module| match Registry::new(vec![module]) {
        Err(RegistryError::Defects { defects, .. }) => defects,
        other => panic!("{other:?}"),
    };
    let missing = blank("m", HERE)
        .message(note)
        .message(notes)
        .payable(pay)
        .view(of_whom);
    assert_eq!(
        defects(missing.clone().view(sneak).view(sum)),
        ["count(uint64) is not dispatched"]
    );
    let twice = missing
        .clone()
        .view(sneak)
        .view(sum)
        .message(count)
        .message(count);
    assert_eq!(defects(twice), ["count(uint64) is dispatched twice"]);
    let as_view = missing.view(sneak).view(sum).view(count);
    assert_eq!(
        defects(as_view),
        ["count(uint64) is NonPayable in the interface, but dispatched as View"]
    );
    sol! { function stray() external; }
    let stray = counter().message(|_, _: strayCall| Ok(()));
    assert_eq!(defects(stray), ["stray() is not in the interface"]);
}

#[test]
fn names_and_addresses_are_unique() {
    let named = |name, address| counter_at(name, address);
    assert_eq!(
        Registry::new(vec![named("a", HERE), named("a", OTHER)]).unwrap_err(),
        RegistryError::Name("a")
    );
    assert_eq!(
        Registry::new(vec![named("a", HERE), named("b", HERE)]).unwrap_err(),
        RegistryError::Address(HERE)
    );
    let registry = Registry::new(vec![named("b", OTHER), named("a", HERE)]).unwrap();
    assert_eq!(registry.addresses().collect::<Vec<_>>(), [HERE, OTHER]);
    assert_eq!(registry.get(&OTHER).unwrap().name(), "b");
    assert_eq!(registry.by_name("a").unwrap().address(), HERE);
}

fn counter_at(name: &'static str, address: Address) -> Module {
    blank(name, address)
        .message(count)
        .message(note)
        .message(notes)
        .payable(pay)
        .view(of_whom)
        .view(sneak)
        .view(sum)
}

#[test]
fn a_call_between_modules_changes_caller_and_storage() {
    let mut bench = bench();
    let seen = bench.within(account(9), OTHER, |ctx| {
        let total = count(&mut ctx.enter(HERE), countCall { by: 4 })?;
        Ok((total, COUNTS.at(&OTHER).read(ctx)?))
    });
    // Its own storage has nothing at that slot: the count is in the other's, under its address.
    assert_eq!(seen, Ok((4, 0)));
    assert_eq!(bench.view(HERE, ofWhomCall { who: OTHER }), Ok(4));
    assert_eq!(bench.logs().len(), 0, "the view was the last call");
}

#[test]
fn genesis_and_invariants_reach_the_module() {
    let mut bench = bench();
    assert_eq!(
        bench.genesis(&genesis(0)),
        Err(Fault::Fatal("nobody is there".to_owned()))
    );
    bench.genesis(&genesis(1)).unwrap();
    assert_eq!(bench.view(HERE, ofWhomCall { who: account(1) }), Ok(1));
    bench
        .within(account(1), HERE, |ctx| LAST.write(ctx, &account(5)))
        .unwrap();
    assert_eq!(
        bench.invariants(),
        Ok(vec![format!("{} never counted", account(5))])
    );
}

#[test]
fn the_abi_carries_the_errors_of_the_framework() {
    let abi = counter().abi();
    for name in [
        "Enough",
        "UnknownSelector",
        "MalformedInput",
        "StaticCall",
        "TextTooLong",
    ] {
        assert!(abi.errors.contains_key(name), "{name}");
    }
    assert_eq!(abi.functions().count(), 7);
    assert!(
        counter()
            .abi_json()
            .contains("\"stateMutability\": \"payable\"")
    );
    assert_eq!(counter().selectors().len(), 7);
}

#[test]
fn what_is_announced_is_loaded_at_once_as_far_as_the_gas_goes() {
    let mut bench = bench();
    let places = [account(1), account(2), account(3)].map(|who| COUNTS.at(&who));
    let stops = |bench: &mut Bench, gas, announced: usize| {
        bench.gas_limit(gas).within(HERE, HERE, |ctx| {
            let places: Vec<&dyn Place> = places.iter().map(|place| place as _).collect();
            ctx.fetch(&places[..announced])?;
            places_read(ctx)
        })
    };
    fn places_read(ctx: &mut Context<'_>) -> Outcome<u64> {
        let mut total = 0;
        for n in 1..=3 {
            total += COUNTS.at(&account(n)).read(ctx)?;
        }
        Ok(total)
    }
    for (gas, announced, expected) in [(10_000, 3, 1), (10_000, 2, 2), (10_000, 0, 3)] {
        assert_eq!(stops(&mut bench, gas, announced), Ok(0));
        assert_eq!(bench.stops(), expected);
    }
    assert_eq!(stops(&mut bench, 2_099, 3), Err(Fault::OutOfGas));
    assert_eq!(
        bench.stops(),
        1,
        "the read that could not be paid, and no announcement"
    );
    assert_eq!(stops(&mut bench, 4_200, 3), Err(Fault::OutOfGas));
    assert_eq!(
        bench.stops(),
        2,
        "two that could be paid at once, and the third"
    );
}

/// A machine without the optional parts.
struct Bare;

impl Host for Bare {
    fn block(&self) -> BlockInfo {
        BlockInfo::default()
    }
    fn charge(&mut self, _: u64) -> Outcome<()> {
        Ok(())
    }
    fn gas_left(&self) -> u64 {
        u64::MAX
    }
    fn sload(&mut self, _: Address, _: U256) -> Outcome<U256> {
        Err(Fault::Fatal("not loaded".to_owned()))
    }
    fn sstore(&mut self, _: Address, _: U256, _: U256) -> Outcome<()> {
        Ok(())
    }
    fn emit(&mut self, _: alloy_primitives::Log) -> Outcome<()> {
        Ok(())
    }
}

#[test]
fn what_the_machine_cannot_do_is_passed_on() {
    let input = ofWhomCall { who: account(1) }.abi_encode();
    let outcome = counter().call(&mut Bare, account(1), U256::ZERO, true, &input);
    assert_eq!(outcome, Err(Fault::Fatal("not loaded".to_owned())));
}
