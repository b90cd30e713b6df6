use std::collections::BTreeMap;

use super::*;
use crate::acceptance::{
    fibre::{Design, Limits, Measured, judge},
    pairs::{Seen, Side},
    radio::{self as native, Sector, SectorDesign},
    sweep::{self, Point, SweepLimits},
};
use crate::trace::Tolerance;

fn limits() -> Limits {
    let table = BTreeMap::from([(1310, 360), (1550, 220)]);
    Limits {
        attenuation: table.clone(),
        splice_p95: 120,
        splice_hard: 200,
        splice_mean: 80,
        connector: 500,
        reflectance: -45_000,
        macrobend: 150,
        length_tolerance_mm: 10_000,
        length_tolerance_ppm: 5_000,
        budget_alpha: table,
        budget_splice: 80,
        budget_connector: 500,
        guard: BTreeMap::new(),
    }
}

/// Numbers that look like noise and are the same every time.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        i64::try_from(self.0 >> 33).unwrap() % bound
    }
}

fn side(noise: &mut Noise) -> Side {
    let mut events = Vec::new();
    let mut at_mm = 0;
    for _ in 0..noise.below(9) {
        at_mm += noise.below(1_500_000);
        let reflective = noise.below(4) == 0;
        events.push(Seen {
            at_mm,
            loss: noise.below(260) - 40,
            slope: 100 + noise.below(300),
            reflectance: (noise.below(3) == 0).then(|| -60_000 + noise.below(20_000)),
            reflective,
            end: noise.below(9) == 0,
        });
    }
    Side {
        pulse_mm: 5_000,
        loss_threshold: 20,
        events,
    }
}

/// Makes all sides of one fibre: the second wavelength sees other losses, the far end the same from behind.
fn related(sides: &mut [Side], noise: &mut Noise) {
    let mut longer = sides[0].clone();
    for event in &mut longer.events {
        event.loss += noise.below(260) - 60;
    }
    let behind = |side: &Side| {
        let length = side.events.last().map_or(0, |event| event.at_mm);
        let mut events = side.events.clone();
        events.reverse();
        for event in &mut events {
            event.at_mm = length - event.at_mm;
        }
        // What lies at this end lay there at the other: the link ends where it began.
        if let Some(last) = events.last_mut() {
            last.at_mm = length;
        }
        Side {
            events,
            ..side.clone()
        }
    };
    sides[1] = behind(&sides[0]);
    sides[3] = behind(&longer);
    sides[2] = longer;
}

#[test]
fn fibre_osp_1_says_what_the_rules_say() {
    let verdicts = says_the_same(parse(FIBRE_OSP_1).unwrap(), limits());
    // Every rule was met and was failed, or the test says little.
    for rule in [
        "LENGTH",
        "SPLICE_HARD",
        "SPLICE_P95",
        "SPLICE_MEAN",
        "CONNECTOR_LOSS",
        "REFLECTANCE",
        "ATTENUATION",
        "BUDGET",
        "MACROBEND",
    ] {
        for status in ["PASS", "FAIL"] {
            if (rule, status) != ("CONNECTOR_LOSS", "FAIL") {
                assert!(
                    verdicts.contains_key(&(rule.to_owned(), status)),
                    "{rule} {status}"
                );
            }
        }
    }
}

#[test]
fn other_limits_and_guard_bands_are_written_into_it() {
    let mut other = limits();
    other.splice_hard = 180;
    other.attenuation = BTreeMap::from([(1550, 260)]);
    other.guard = BTreeMap::from([("SPLICE_MEAN".to_owned(), 20), ("LENGTH".to_owned(), 3_000)]);
    let text = written(&other, &Tolerance::default()).unwrap();
    let ruleset = parse(&text).unwrap();
    assert_eq!(ruleset.tolerance(), Tolerance::default());
    says_the_same(ruleset, other);
    let plain = written(&limits(), &Tolerance::default()).unwrap();
    assert_eq!(plain, FIBRE_OSP_1);
    let unknown = Limits {
        guard: BTreeMap::from([("BENDS".to_owned(), 1)]),
        ..limits()
    };
    assert_eq!(written(&unknown, &Tolerance::default()), None);
}

/// How often each rule said what.
fn says_the_same(ruleset: Ruleset, limits: Limits) -> BTreeMap<(String, &'static str), u32> {
    let mut noise = Noise(7);
    let mut verdicts = BTreeMap::new();
    for round in 0..4_000 {
        let mut sides: Vec<Side> = (0..4).map(|_| side(&mut noise)).collect();
        if round % 2 == 0 {
            related(&mut sides, &mut noise);
        }
        let there = |place: usize| Some(&sides[place]).filter(|_| round % 50 != place);
        let measured = [(1310, 0), (1550, 2)].map(|(wavelength, at)| Measured {
            wavelength,
            a: there(at),
            b: there(at + 1),
        });
        let last = sides[0]
            .events
            .last()
            .map_or(4_000_000, |event| event.at_mm);
        let design = Design {
            length_mm: last.max(1_000) + noise.below(8_000),
            splices: noise.below(4),
            connectors: noise.below(2),
            wavelengths: vec![1310, 1550],
            bidirectional: round % 3 != 0,
        };
        let expected = judge(&design, &limits, &measured).unwrap();
        let found = fibre(&ruleset, &design, &measured).unwrap();
        let told = expected.outcomes.iter().map(|outcome| Ruled {
            rule: outcome.rule.to_owned(),
            wavelength: outcome.wavelength,
            value: outcome.value,
            limit: outcome.limit,
            unit: outcome.unit.to_owned(),
            margin: outcome.margin,
            status: outcome.status,
        });
        assert_eq!(found.outcomes, told.collect::<Vec<_>>(), "round {round}");
        assert_eq!(found.verdict(), expected.verdict());
        assert!(found.steps <= 3 * ruleset.cost());
        for outcome in &found.outcomes {
            *verdicts
                .entry((outcome.rule.clone(), outcome.status.name()))
                .or_insert(0) += 1;
        }
    }
    verdicts
}

#[test]
fn radio_1_says_what_the_rules_say() {
    let ruleset = parse(RADIO_1).unwrap();
    let limits = native::Limits {
        azimuth: 500,
        tilt: 50,
        height: 500,
        power: 200,
        position: 15_000,
        hdop: 250,
        earth: 10_000,
    };
    let mut noise = Noise(11);
    for _ in 0..5_000 {
        let design = SectorDesign {
            azimuth: noise.below(36_000),
            ..SectorDesign::default()
        };
        let found = Sector {
            azimuth: design.azimuth + noise.below(1_400) - 700,
            tilt: noise.below(140) - 70,
            height: noise.below(1_400) - 700,
            power: noise.below(500) - 250,
            latitude: noise.below(2_000),
            longitude: noise.below(2_000),
            hdop: 100 + noise.below(200),
            fix_3d: noise.below(5) != 0,
            earth: noise.below(12_000),
        };
        let worst = 1_300_000_000 + noise.below(600_000_000);
        let point = |n: i64| Point {
            millihertz: n,
            return_loss: Some(worst + n),
        };
        let points: Vec<Point> = (0..95 + noise.below(20)).map(point).collect();
        let band = Some((0, 90));
        let swept = SweepLimits {
            accept: 1_770,
            reject: 1_400,
            band,
        };
        let swept = sweep::judge(&points, &swept).unwrap();
        let expected = native::judge(&design, &limits, &found, swept).unwrap();
        let told =
            radio::judge(&ruleset, &design, &found, &radio::Swept::of(&points, band)).unwrap();
        assert_eq!(told.verdict(), expected.verdict());
        assert_eq!(told.failed(), expected.failed());
    }
}

#[test]
fn a_text_that_could_go_wrong_is_not_taken() {
    let head = "ruleset \"X\" 1 fibre\nconst trace_attenuation = 1\nconst trace_loss = 1\neach\n";
    let of = |rest: &str| parse(&format!("{head}{rest}"));
    assert!(of("rule A \"mm\" : design <= 3").is_ok());
    for (text, line, why) in [
        ("", 4, "no rule"),
        ("rule A \"mm\" : a <= 3", 5, "Side"),
        ("rule A \"mm\" : lenght <= 3", 5, "known"),
        (
            "rule A \"mm\" : design <= 3\nrule A \"mm\" : design <= 3",
            6,
            "already",
        ),
        ("let design = 3", 5, "already"),
        ("rule A \"mm\" : design <= 3 $", 5, "letter"),
        ("rule A \"mm\" : max(e.loss for e in a) <= 3", 5, "list"),
        ("rule A \"mm\" if design : design <= 3", 5, "Truth"),
        ("rule A \"mm\" if passed(B) : design <= 3", 5, "no rule B"),
        (
            "rule A \"mm\" : design <= 99999999999999999999",
            5,
            "letter",
        ),
        ("rule A \"mm\" : div(design) <= 3", 5, "must be ,"),
        ("rule A \"mm\" : design <= 3 design", 5, "begins"),
    ] {
        let fault = of(text).unwrap_err();
        assert!(fault.what.contains(why), "{text}: {fault}");
        assert_eq!(fault.line, line, "{text}: {fault}");
    }
    let deep = format!(
        "rule A \"mm\" : {}1{} <= 3",
        "(".repeat(100),
        ")".repeat(100)
    );
    assert!(of(&deep).unwrap_err().what.contains("ARL_DEPTH_MAX"));
    let nested = "let e = pair(a, b, 1, 1)\nrule A \"mm\" : sum(sum(sum(1 for x in e) for y in e) for z in e) <= 3";
    assert!(of(nested).unwrap_err().what.contains("ARL_COST_MAX"));
    assert!(
        parse("ruleset \"X\" 1 fibre\neach\n").is_err(),
        "no tolerances"
    );
    assert!(
        parse(&"#".repeat(20_000))
            .unwrap_err()
            .what
            .contains("ARL_TEXT_BYTES_MAX")
    );
}

#[test]
fn a_text_that_is_taken_runs_to_its_end() {
    let mut noise = Noise(23);
    let words: Vec<&str> = FIBRE_OSP_1.split_inclusive([' ', '\n', '(', ')']).collect();
    let mut taken = 0;
    for _ in 0..4_000 {
        // Words are left out, repeated and put into each other's place.
        let mut text: Vec<&str> = words.clone();
        for _ in 0..=noise.below(2) {
            let length = i64::try_from(text.len()).unwrap();
            let at = usize::try_from(noise.below(length)).unwrap();
            let other = text[usize::try_from(noise.below(length)).unwrap()];
            match noise.below(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, other),
                _ => text[at] = other,
            }
        }
        let Ok(ruleset) = parse(&text.concat()) else {
            continue;
        };
        taken += 1;
        let sides: Vec<Side> = (0..4).map(|_| side(&mut noise)).collect();
        let measured = [(1310, 0), (1550, 2)].map(|(wavelength, at)| Measured {
            wavelength,
            a: Some(&sides[at]),
            b: Some(&sides[at + 1]),
        });
        let design = Design {
            length_mm: 4_000_000,
            splices: 3,
            connectors: 2,
            wavelengths: vec![1310, 1550],
            bidirectional: true,
        };
        if let Ok(judged) = fibre(&ruleset, &design, &measured) {
            assert!(judged.steps <= 3 * ruleset.cost());
        }
    }
    assert!(taken > 100, "{taken}: too few to say anything");
}
