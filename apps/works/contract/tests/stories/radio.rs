//! A radio site: sectors are ordered, swept, judged by RADIO-1 and taken; what does not belong is refused.

use commonhold_reading::{Record, Value};
use commonhold_works_contract::{
    acceptance::integrity::Finding,
    arl::RADIO_1,
    interface::IWorks::{
        Design, Kind, MalformedReading, MilestoneState, Outcome, RuleApplied, RuleStatus, Sector,
        UnfitCount, UnfitFigure, UnfitTime, UnreadableFile, Verdict, WrongFile, WrongTrace,
        claimMilestoneCall, decideReviewCall, evidenceCall, factsCall, fibreCall, issueOrderCall,
        milestonesCall, orderOfCall, outcomesCall, settleMilestoneCall, submitEvidenceReturn,
    },
    limits::ORDER_SECTORS_MAX,
    shape::word,
};

use alloy_primitives::{B256, U256};
use sha2::{Digest as _, Sha256};

use crate::world::{BUILDER, NOW, STRANGER, SURVEYOR, WHY, WINDOW, World, pack, record, refused};

fn sector(name: &str, azimuth: i64) -> Sector {
    Sector {
        name: word(name),
        azimuth,
        tilt: 400,
        heightMm: 32_000,
        power: 5_300,
    }
}

/// A sweep whose worst point has a return loss of so many hundredths of a dB.
fn sweep(worst: i64, seed: u64) -> Vec<u8> {
    let mut text = "! made\n# MHz S DB R 50\n".to_owned();
    for (at, noise) in (0..201).zip((seed..).map(|n| n * 7_919 % 90)) {
        let loss = if at == 100 {
            worst
        } else {
            worst + 1 + noise as i64
        };
        text += &format!("{} -{}.{:02} 0.0\n", 3_400 + at, loss / 100, loss % 100);
    }
    text.into_bytes()
}

/// What was found at a sector that is as its design.
#[derive(Clone)]
struct Found {
    name: &'static str,
    azimuth: i64,
    tilt: i64,
    fix: i64,
    fixed: u64,
    north_e7: i64,
    sweep: Vec<u8>,
}

impl Found {
    fn good(world: &World, name: &'static str, azimuth: i64) -> Self {
        Self {
            name,
            azimuth,
            tilt: 400,
            fix: 3,
            fixed: world.bench.now(),
            north_e7: 0,
            sweep: sweep(1_900, world.bench.now()),
        }
    }

    fn pack(&self) -> Vec<Record> {
        let integer = |name, value| record(name, Value::integer(value));
        let hash = Sha256::digest(&self.sweep).to_vec();
        vec![
            record("sha256", Value::Data(hash)),
            record("sector", Value::Text(self.name.to_owned())),
            integer("azimuth", self.azimuth),
            integer("tilt", self.tilt),
            integer("height", 32_100),
            integer("power", 5_250),
            integer("earth", 5_000),
            integer("hdop", 130),
            integer("fix", self.fix),
            integer("fixed", self.fixed.cast_signed()),
            integer("lat", 471_000_000 + self.north_e7),
            integer("lon", 85_000_000),
        ]
    }
}

impl World {
    fn site_order(&mut self, contract: u64, sectors: Vec<Sector>) -> u64 {
        let design = self.site(sectors);
        self.order_of(contract, design)
    }

    fn swept(
        &mut self,
        order: u64,
        found: &Found,
    ) -> commonhold_module::Outcome<submitEvidenceReturn> {
        let nonce = self.nonce(order, found.name);
        let time = self.bench.now();
        let reading = self.near.sign(time, nonce, found.pack());
        self.submit(order, reading, found.sweep.clone())
    }

    fn rules(&mut self, order: u64, name: &str) -> Vec<Outcome> {
        let name = word(name);
        self.view(outcomesCall { order, name }).all
    }
}

#[test]
fn a_site_is_swept_and_taken() {
    let mut world = World::new();
    let contract_ = world.radio_contract(RADIO_1);
    let order = world.site_order(contract_, vec![sector("S1", 3_000), sector("S2", 35_900)]);
    assert_eq!(world.rules(order, "S1")[0].status, RuleStatus::Insufficient);

    // A sector that points elsewhere is rejected, with what is wrong; it is turned and swept again.
    let wrong = Found::good(&world, "S1", 3_620);
    let taken = world.swept(order, &wrong).unwrap();
    assert_eq!((taken.weight, taken.verdict), (0, Verdict::Reject));
    let told = world.bench.events::<RuleApplied>();
    let told: Vec<Outcome> = told.into_iter().map(|said| said.outcome).collect();
    let failed: Vec<&Outcome> = told
        .iter()
        .filter(|outcome| outcome.status == RuleStatus::Fail)
        .collect();
    assert_eq!(failed.len(), 1);
    let azimuth = (failed[0].rule, failed[0].value, failed[0].limit);
    assert_eq!(azimuth, (word("AZIMUTH"), 620, 500));
    assert_eq!((failed[0].unit, failed[0].margin), (word("cdeg"), -120));
    assert_eq!(world.rules(order, "S1"), told, "kept as it was said");

    world.wait(60);
    let turned = Found::good(&world, "S1", 3_010);
    assert_eq!(
        world.swept(order, &turned).unwrap().verdict,
        Verdict::Accept
    );
    // A sweep between the limits is for the certifier.
    world.wait(60);
    let marginal = Found {
        sweep: sweep(1_500, 3),
        ..Found::good(&world, "S2", 100)
    };
    let taken = world.swept(order, &marginal).unwrap();
    assert_eq!(taken.verdict, Verdict::Review);
    let loss = world.rules(order, "S2");
    let loss = loss.iter().find(|o| o.rule == word("RETURN_LOSS")).unwrap();
    assert_eq!(
        (loss.value, loss.limit, loss.status),
        (-1_500_000_000, -1_400_000_000, RuleStatus::Marginal)
    );
    let call = decideReviewCall {
        order,
        fibre: word("S2"),
        accept: true,
        reason: WHY,
    };
    world.send(SURVEYOR, call).unwrap();
    let done = world.view(orderOfCall { number: order });
    assert_eq!((done.accepted, done.first), (2, 1));

    // The milestone follows, and what it says of the builder.
    let milestone = 1;
    let claim = claimMilestoneCall {
        contract_,
        milestone,
    };
    world.send(BUILDER, claim).unwrap();
    world.wait(u64::from(WINDOW) + 1);
    let settle = settleMilestoneCall {
        contract_,
        milestone,
    };
    world.send(STRANGER, settle).unwrap();
    let call = milestonesCall {
        number: contract_,
        from: 0,
        max: 1,
    };
    assert_eq!(world.view(call).page[0].state, MilestoneState::Certified);
    let call = factsCall {
        party: BUILDER,
        from: 0,
        max: 10,
    };
    let facts = world.view(call).page;
    let quality = facts.iter().find(|fact| fact.source == Kind::Order);
    assert_eq!(quality.map(|fact| fact.outcome), Some(5_000));
}

#[test]
fn each_rule_of_a_site_rejects_by_itself() {
    type Change = fn(&mut Found);
    let cases: [(Change, &str, i64); 5] = [
        (|found| found.tilt = 451, "TILT", 51),
        (|found| found.fix = 2, "FIX", 1),
        (|found| found.north_e7 = 1_400, "POSITION", 15_559),
        (
            |found| found.sweep = sweep(1_399, 1),
            "RETURN_LOSS",
            -1_399_000_000,
        ),
        // Half of the band.
        (
            |found| found.sweep.truncate(found.sweep.len() / 2),
            "RETURN_LOSS",
            0,
        ),
    ];
    let mut world = World::new();
    let contract = world.radio_contract(RADIO_1);
    let order = world.site_order(contract, vec![sector("S1", 3_000)]);
    for (change, rule, value) in cases {
        world.wait(60);
        let mut found = Found::good(&world, "S1", 3_000);
        change(&mut found);
        let whole = found.sweep.iter().rposition(|byte| *byte == b'\n').unwrap();
        found.sweep.truncate(whole);
        assert_eq!(world.swept(order, &found).unwrap().verdict, Verdict::Reject);
        let failed: Vec<(B256, i64)> = world
            .rules(order, "S1")
            .iter()
            .filter(|outcome| outcome.status == RuleStatus::Fail)
            .map(|outcome| (outcome.rule, outcome.value))
            .collect();
        assert_eq!(failed, [(word(rule), value)]);
    }
}

#[test]
fn a_sweep_that_was_seen_or_is_late_is_written_down_and_is_no_evidence() {
    let mut world = World::new();
    let contract = world.radio_contract(RADIO_1);
    let order = world.site_order(contract, vec![sector("S1", 3_000), sector("S2", 3_000)]);
    let first = Found::good(&world, "S1", 3_000);
    world.swept(order, &first).unwrap();
    world.wait(60);
    // The same points, with another remark and in another form of the same numbers.
    let text = String::from_utf8(first.sweep.clone()).unwrap();
    let copied = Found {
        sweep: text.replace("! made", "! of another sector").into_bytes(),
        ..Found::good(&world, "S2", 3_000)
    };
    let taken = world.swept(order, &copied).unwrap();
    let found = world.view(evidenceCall {
        number: taken.number,
    });
    assert_eq!((found.weight, found.original), (2, 1));
    assert_eq!(found.findings, Finding::Duplicate.bit());
    assert_eq!(taken.verdict, Verdict::Incomplete);

    let design = Design {
        windowTo: world.bench.now() + 10,
        ..world.site(vec![sector("S1", 3_000)])
    };
    let order = world.order_of(contract, design);
    world.wait(60);
    let late = Found::good(&world, "S1", 3_000);
    let taken = world.swept(order, &late).unwrap();
    let found = world.view(evidenceCall {
        number: taken.number,
    });
    assert_eq!(
        (found.weight, found.findings),
        (2, Finding::OutsideWindow.bit())
    );
}

#[test]
fn what_is_not_of_the_site_leaves_nothing_behind() {
    let mut world = World::new();
    let contract = world.radio_contract(RADIO_1);
    let order = world.site_order(contract, vec![sector("S1", 3_000)]);
    let good = Found::good(&world, "S1", 3_000);
    let nonce = world.nonce(order, "S1");

    for missing in ["azimuth", "earth", "fixed", "lat"] {
        let mut pack = good.pack();
        pack.retain(|record| record.name != missing);
        let reading = world.near.sign(NOW, nonce, pack);
        let missing = word(missing);
        refused(
            world.submit(order, reading, good.sweep.clone()),
            MalformedReading { missing },
        );
    }
    // A place that was fixed an hour ago, a trace of a fibre, a file that is no sweep, another sector.
    let old = Found {
        fixed: NOW - 3_600,
        ..good.clone()
    };
    let unfit = UnfitTime {
        time: NOW - 3_600,
        now: NOW,
    };
    refused(world.swept(order, &old), unfit);
    let reading = world
        .near
        .sign(NOW, nonce, pack(&good.sweep, "S1", 1310, "A"));
    let what = word("fibre");
    refused(
        world.submit(order, reading, good.sweep.clone()),
        WrongTrace { what },
    );
    let no_sweep = Found {
        sweep: b"# MHz S DB R 50\n1 2".to_vec(),
        ..good.clone()
    };
    let why = "line 2: is not a frequency and two numbers; a file of one port is asked for";
    let why = why.to_owned();
    refused(world.swept(order, &no_sweep), UnreadableFile { why });
    let mut other = good.pack();
    other[1] = record("sector", Value::Text("S9".to_owned()));
    let reading = world.near.sign(NOW, nonce, other);
    let what = word("sector");
    refused(
        world.submit(order, reading, good.sweep.clone()),
        WrongTrace { what },
    );
    let reading = world.near.sign(NOW, nonce, good.pack());
    let Err(fault) = world.submit(order, reading, sweep(1_900, 1)) else {
        panic!("taken")
    };
    assert!(fault.decode::<WrongFile>().is_some());
    // Nothing of it stays.
    let name = word("S1");
    assert_eq!(world.view(fibreCall { order, name }).files, 0);
    assert_eq!(world.swept(order, &good).unwrap().verdict, Verdict::Accept);
}

#[test]
fn an_order_is_of_what_its_contracts_ruleset_is_of() {
    let mut world = World::new();
    let (radio, fibre) = (world.radio_contract(RADIO_1), world.contract());
    let issue = |contract_, design| issueOrderCall {
        contract_,
        milestone: 1,
        design,
    };
    let fibres = world.design(&["K01"]);
    let site = world.site(vec![sector("S1", 3_000)]);
    let count = |given: usize, max: usize| UnfitCount {
        given: U256::from(given),
        max: U256::from(max),
    };
    let outcome = world.send(SURVEYOR, issue(radio, fibres));
    refused(outcome, count(usize::MAX, ORDER_SECTORS_MAX));
    refused(
        world.send(SURVEYOR, issue(fibre, site.clone())),
        count(1, 0),
    );
    let mixed = Design {
        fibres: vec![word("K01")],
        ..site.clone()
    };
    refused(world.send(SURVEYOR, issue(radio, mixed)), count(1, 0));
    let twice = world.site(vec![sector("S1", 3_000), sector("S1", 3_000)]);
    let unfit = |what, given: u64| UnfitFigure {
        what: word(what),
        given: U256::from(given),
    };
    refused(
        world.send(SURVEYOR, issue(radio, twice)),
        unfit("fibres", 2),
    );
    let round = world.site(vec![sector("S1", 36_000)]);
    refused(
        world.send(SURVEYOR, issue(radio, round)),
        unfit("azimuth", 36_000),
    );
    let backwards = Design {
        bandToHz: 1,
        ..site
    };
    refused(
        world.send(SURVEYOR, issue(radio, backwards)),
        unfit("bandToHz", 1),
    );
}
