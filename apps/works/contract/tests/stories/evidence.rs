//! What instruments say: what is taken, what is found, and what is turned away.

use alloy_primitives::B256;
use alloy_sol_types::SolCall as _;
use commonhold_primitives::{
    limits::{TRANSACTION_BYTES_MAX, TRANSACTION_GAS_MAX},
    system::DEVICES,
};
use commonhold_reading::Value;
use commonhold_system::devices::interface::IDevices::{calibrateCall, revokeCall};
use commonhold_works_contract::{
    acceptance::integrity::Finding,
    interface::IWorks::{
        FibreJudged, FutureTime, InstrumentRevoked, Kind, MalformedReading, NonceUsed, NotYours,
        OldReading, OutOfCalibration, Outcome, RuleApplied, RuleStatus, TooSoon, UnfitState,
        UnreadableFile, Verdict, WrongFile, WrongInstrument, WrongNonce, WrongSite, WrongTrace,
        decideReviewCall, evidenceCall, fibreCall, orderOfCall, outcomesCall, submitEvidenceCall,
    },
    limits::EVIDENCE_BYTES_MAX,
    shape::word,
};

use crate::{
    made::{Made, fibre},
    world::{
        BUILDER, DAY, HOUR, NOW, OPERATOR, RIVAL, SURVEYOR, WHY, World, pack, record, refused,
    },
};

/// A trace of the first fibre at 1310 nm from end A, taken now.
fn trace(world: &World) -> Made {
    let time = u32::try_from(world.bench.now()).unwrap();
    fibre("K01", 1310, false, [40, 60], time)
}

#[test]
fn every_rule_says_value_limit_unit_and_margin() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    assert_eq!(world.measure(order, "K01", [40, 300]), Verdict::Reject);
    let judged = world.bench.events::<FibreJudged>();
    assert_eq!(judged[0].verdict, Verdict::Reject);
    let told: Vec<Outcome> = world
        .bench
        .events::<RuleApplied>()
        .into_iter()
        .map(|e| e.outcome)
        .collect();
    let name = word("K01");
    let shown = world.view(outcomesCall { order, name });
    assert_eq!((shown.verdict, &shown.all), (Verdict::Reject, &told));
    let hard = told
        .iter()
        .find(|o| o.rule == word("SPLICE_HARD") && o.wavelength == 1310)
        .unwrap();
    assert_eq!(
        (hard.limit, hard.unit, hard.status),
        (200, word("mdB"), RuleStatus::Fail)
    );
    assert_eq!(hard.margin, hard.limit - hard.value);
    assert!((295..=305).contains(&hard.value));
}

#[test]
fn a_rejected_fibre_is_measured_again_under_another_nonce() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    let first = world.nonce(order, "K01");
    world.measure(order, "K01", [40, 300]);
    let second = world.nonce(order, "K01");
    assert_ne!(first, second);
    world.wait(60);
    let made = trace(&world);
    refused(
        world.bring_under(order, &made, first),
        NonceUsed {
            nonce: first,
            slot: 0,
        },
    );
    let given = B256::repeat_byte(9);
    refused(
        world.bring_under(order, &made, given),
        WrongNonce {
            given,
            asked: second,
        },
    );
    world.bring(order, &made).unwrap();
    world.wait(60);
    let again = trace(&world);
    refused(
        world.bring(order, &again),
        NonceUsed {
            nonce: second,
            slot: 0,
        },
    );
    assert_eq!(world.measured_rest(order), Verdict::Accept);
    let order = world.view(orderOfCall { number: order });
    assert_eq!((order.accepted, order.first), (1, 0));
}

impl World {
    /// The other three files of the first fibre.
    fn measured_rest(&mut self, order: u64) -> Verdict {
        let mut verdict = Verdict::Incomplete;
        for (wavelength, back) in [(1310, true), (1550, false), (1550, true)] {
            self.wait(60);
            let time = u32::try_from(self.bench.now()).unwrap();
            let made = fibre("K01", wavelength, back, [40, 60], time);
            verdict = self.bring(order, &made).unwrap().verdict;
        }
        verdict
    }
}

#[test]
fn an_edited_table_is_written_down_and_is_no_evidence() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    let mut made = fibre("K01", 1310, false, [40, 300], u32::try_from(NOW).unwrap());
    made.said = Some((1, 50));
    let taken = world.bring(order, &made).unwrap();
    assert_eq!((taken.weight, taken.verdict), (2, Verdict::Incomplete));
    let found = world.view(evidenceCall {
        number: taken.number,
    });
    assert_eq!(found.findings, Finding::Inconsistent.bit());
    let name = word("K01");
    assert_eq!(world.view(fibreCall { order, name }).files, 0);

    // The same samples under a table that tells the truth were seen before.
    world.wait(60);
    let honest = Made {
        said: None,
        time: u32::try_from(NOW + 60).unwrap(),
        ..made
    };
    let taken = world.bring(order, &honest).unwrap();
    let found = world.view(evidenceCall {
        number: taken.number,
    });
    assert_eq!((found.weight, found.original), (2, 1));
    assert_ne!(found.findings & Finding::Duplicate.bit(), 0);

    // It is shot again, and does not count as the first try.
    assert_eq!(world.measure(order, "K01", [40, 60]), Verdict::Accept);
    assert_eq!(world.view(orderOfCall { number: order }).first, 0);
}

#[test]
fn another_fibres_trace_is_found_under_its_new_name() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01", "K02"]);
    world.measure(order, "K01", [40, 60]);
    world.wait(60);
    let copied = Made {
        fibre: "K02",
        seed: u64::from(u32::try_from(NOW + 60).unwrap()),
        ..trace(&world)
    };
    let taken = world.bring(order, &copied).unwrap();
    let found = world.view(evidenceCall {
        number: taken.number,
    });
    assert_eq!((found.weight, found.original), (2, 1));
}

#[test]
fn what_is_not_of_the_order_leaves_nothing_behind() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    let made = trace(&world);
    let nonce = world.nonce(order, "K01");
    let file = made.file();

    // A reading that says too little, of another file, of another fibre.
    let mut short = pack(&file, "K01", 1310, "A");
    short.remove(0);
    let reading = world.near.sign(NOW, nonce, short);
    refused(
        world.submit(order, reading, file.clone()),
        MalformedReading {
            missing: word("sha256"),
        },
    );
    let reading = world
        .near
        .sign(NOW, nonce, pack(b"another", "K01", 1310, "A"));
    let Err(fault) = world.submit(order, reading, file.clone()) else {
        panic!("taken")
    };
    assert!(fault.decode::<WrongFile>().is_some());
    let reading = world.near.sign(NOW, nonce, pack(&file, "K09", 1310, "A"));
    refused(
        world.submit(order, reading, file.clone()),
        WrongTrace {
            what: word("fibre"),
        },
    );
    let reading = world.near.sign(NOW, nonce, pack(&file, "K01", 1625, "A"));
    refused(
        world.submit(order, reading, file.clone()),
        WrongTrace { what: word("nm") },
    );
    let reading = world.near.sign(NOW, nonce, pack(&file, "K01", 1550, "A"));
    refused(
        world.submit(order, reading, file.clone()),
        WrongTrace { what: word("nm") },
    );

    // A file that was cut off.
    let cut = file[..file.len() / 2].to_vec();
    let reading = world.near.sign(NOW, nonce, pack(&cut, "K01", 1310, "A"));
    let Err(fault) = world.submit(order, reading, cut) else {
        panic!("taken")
    };
    assert!(fault.decode::<UnreadableFile>().is_some());

    // Nobody but the contractor brings evidence.
    let reading = world.near.sign(NOW, nonce, pack(&file, "K01", 1310, "A"));
    let call = submitEvidenceCall {
        order,
        reading: reading.clone(),
        file: file.clone().into(),
    };
    refused(
        world.send(RIVAL, call),
        NotYours {
            what: Kind::Contract,
            number: contract,
            caller: RIVAL,
        },
    );
    world.submit(order, reading, file).unwrap();
}

#[test]
fn an_instrument_is_enrolled_calibrated_and_where_it_says() {
    let mut world = World::new();
    let contract = world.contract();
    let mut design = world.design(&["K01"]);
    design.radiusMm = 50_000;
    let order = world.order_of(contract, design);
    let nonce = world.nonce(order, "K01");
    let file = trace(&world).file();
    let at = |lat, lon| {
        let mut pack = pack(&file, "K01", 1310, "A");
        pack.push(record("lat", Value::integer(lat)));
        pack.push(record("lon", Value::integer(lon)));
        pack
    };
    // A hundredth of a degree north is more than a kilometre.
    let reading = world.near.sign(NOW, nonce, at(471_100_000, 85_000_000));
    let away = WrongSite {
        distanceMm: 1_111_330,
        radiusMm: 50_000,
    };
    refused(world.submit(order, reading, file.clone()), away);
    let reading = world.near.sign(NOW, nonce, pack(&file, "K01", 1310, "A"));
    refused(
        world.submit(order, reading, file.clone()),
        MalformedReading {
            missing: word("lat"),
        },
    );
    let device = world.far.device.0;
    let here = at(471_000_100, 85_000_100);
    // An instrument that another order names is none of this one's.
    let reading = world.near.sign(NOW, nonce, here.clone());
    let mut stranger = world.design(&["K01"]);
    stranger.instruments.truncate(1);
    stranger.instruments[0].device = device;
    let narrow = world.order_of(contract, stranger);
    let near = world.near.device.0;
    let under = world.nonce(narrow, "K01");
    let foreign = world.near.sign(NOW, under, here.clone());
    refused(
        world.submit(narrow, foreign, file.clone()),
        WrongInstrument { device: near },
    );

    // Its calibration ran out yesterday; then it is revoked.
    let until = NOW - DAY;
    let call = calibrateCall {
        device: near,
        until,
        certificate: WHY,
    };
    world.bench.send(BUILDER, DEVICES, call).unwrap();
    refused(
        world.submit(order, reading.clone(), file.clone()),
        OutOfCalibration {
            device: near,
            time: NOW,
        },
    );
    let call = revokeCall {
        device: near,
        reason: WHY,
    };
    world.bench.send(BUILDER, DEVICES, call).unwrap();
    refused(
        world.submit(order, reading, file),
        InstrumentRevoked { device: near },
    );
}

#[test]
fn time_goes_forward_for_instruments_too() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    world.wait(HOUR);
    let now = world.bench.now();
    let soon = fibre(
        "K01",
        1310,
        false,
        [40, 60],
        u32::try_from(now + 601).unwrap(),
    );
    refused(
        world.bring(order, &soon),
        FutureTime {
            time: now + 601,
            now,
        },
    );
    let made = trace(&world);
    world.bring(order, &made).unwrap();

    // Fourteen seconds later the same instrument cannot have averaged again; nor before.
    let last = now;
    for time in [now + 14, now - 60] {
        let made = fibre("K01", 1550, false, [40, 60], u32::try_from(time).unwrap());
        let device = world.near.device.0;
        refused(world.bring(order, &made), TooSoon { device, time, last });
    }
    // A reading that comes again, or out of its counter's order.
    world.wait(60);
    let made = fibre(
        "K01",
        1550,
        false,
        [40, 60],
        u32::try_from(now + 60).unwrap(),
    );
    let last = {
        let taken = world.near.counter;
        world.near.counter = 0;
        taken - 2
    };
    let device = world.near.device.0;
    refused(
        world.bring(order, &made),
        OldReading {
            device,
            counter: 1,
            last,
        },
    );
}

#[test]
fn what_looks_made_up_is_for_a_person() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    // The same losses from both ends, the same round number of averages, and not one reading of noise.
    let mut weights = Vec::new();
    for (wavelength, back) in [(1310, false), (1310, true), (1550, false), (1550, true)] {
        world.wait(60);
        let time = u32::try_from(world.bench.now()).unwrap();
        let mut made = fibre("K01", wavelength, back, [40, 40], time);
        made.emulated = true;
        weights.push(world.bring(order, &made).unwrap().weight);
    }
    assert_eq!(weights[1..], [1, 0, 1]);
    let name = word("K01");
    let shown = world.view(fibreCall { order, name });
    assert_eq!(shown.verdict, Verdict::Review);
    let decide = |accept, reason| decideReviewCall {
        order,
        fibre: name,
        accept,
        reason,
    };
    let no_part = NotYours {
        what: Kind::Contract,
        number: contract,
        caller: OPERATOR,
    };
    refused(world.send(OPERATOR, decide(true, WHY)), no_part);
    // The surveyor says nothing for five days: it goes to the owner, and is not accepted by itself.
    world.wait(5 * DAY + 1);
    assert_eq!(
        world.view(fibreCall { order, name }).verdict,
        Verdict::Review
    );
    world.send(OPERATOR, decide(false, WHY)).unwrap();
    let over = UnfitState {
        what: Kind::Order,
        number: order,
    };
    refused(world.send(SURVEYOR, decide(true, WHY)), over);
    assert_eq!(world.measure(order, "K01", [40, 60]), Verdict::Accept);
}

#[test]
fn a_raw_file_of_two_hundred_and_forty_kilobytes_fits_one_transaction() {
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01"]);
    let mut made = trace(&world);
    made.own_block = EVIDENCE_BYTES_MAX - made.file().len() - 64;
    let file = made.file();
    assert!(
        (242_000..=EVIDENCE_BYTES_MAX).contains(&file.len()),
        "{}",
        file.len()
    );
    let taken = world.bring(order, &made).unwrap();
    assert_eq!(taken.weight, 0);
    // With the gas of its bytes (EIP-2028, EIP-7623) it is within what a transaction may take.
    let used = world.bench.gas_used();
    let bytes = u64::try_from(file.len()).unwrap();
    assert!(21_000 + 16 * bytes + used < TRANSACTION_GAS_MAX, "{used}");
    assert!(21_000 + 40 * (bytes + 1_024) < TRANSACTION_GAS_MAX);
    let call = submitEvidenceCall {
        order,
        reading: vec![0; 1_024].into(),
        file: file.into(),
    };
    let encoded = call.abi_encode().len();
    assert!(encoded + 512 < TRANSACTION_BYTES_MAX, "{encoded}");
    let stops = world.bench.stops();
    assert!(stops <= 32, "{stops} stops");
}
