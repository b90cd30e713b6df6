//! What the law says of traces and sweeps, to the integer, as files have it: so a debug build and a release build,
//! and every machine that runs these tests, say the same. Samples of our own are always there; what the shared
//! data has is held against its file where it lies beside the project.

use std::{fmt::Write as _, fs, path::Path};

use alloy_primitives::B256;
use commonhold_reading::{Record, Value as Measured};
use commonhold_works_contract::{
    acceptance::{
        evidence::{Direction, File, assess},
        integrity::Finding,
    },
    arl::{FIBRE_OSP_1, parse as ruleset, written_radio},
    interface::IWorks::{
        Design, RuleStatus, Sector, Verdict, WrongTrace, evidenceCall, fibreCall, outcomesCall,
    },
    orders::{of_evidence, of_fibre},
    shape::word,
    sor::parse,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    data,
    interface::compare,
    law::{Cable, files, text},
    world::{NOW, World, pack, record, refused},
};

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "ACCEPT",
        Verdict::Review => "REVIEW",
        Verdict::Reject => "REJECT",
        _ => "INCOMPLETE",
    }
}

const fn status_name(status: RuleStatus) -> &'static str {
    match status {
        RuleStatus::Pass => "PASS",
        RuleStatus::Marginal => "MARGINAL",
        RuleStatus::Insufficient => "INSUFFICIENT",
        _ => "FAIL",
    }
}

/// What was found of a piece of evidence.
fn findings(world: &mut World, name: &str, number: u64) -> (u8, String) {
    let found = world.view(evidenceCall { number });
    let all = Finding::ALL.iter();
    let codes: Vec<&str> = all
        .filter(|finding| found.findings & finding.bit() != 0)
        .map(|finding| finding.code())
        .collect();
    let line = format!("{name}: {} {}", found.weight, codes.join(" "));
    (found.weight, line.trim_end().to_owned() + "\n")
}

/// What every rule says of a fibre or a sector.
fn rules(world: &mut World, order: u64, name: &str) -> (Verdict, String) {
    let fibre = word(name);
    let verdict = world.view(fibreCall { order, name: fibre }).verdict;
    let mut told = format!("{name} {}\n", verdict_name(verdict));
    for rule in world.view(outcomesCall { order, name: fibre }).all {
        let (nm, id, unit) = (rule.wavelength, text(&rule.rule), text(&rule.unit));
        let (value, limit, margin) = (rule.value, rule.limit, rule.margin);
        let status = status_name(rule.status);
        writeln!(
            told,
            "  {nm} {id} {value} of {limit} {unit}, {margin}: {status}"
        )
        .unwrap();
    }
    (verdict, told)
}

fn golden(name: &str, text: String) {
    compare([(name.to_owned(), text)]);
}

#[test]
fn our_samples_come_to_the_same_integers_everywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/works/traces");
    let mut traces = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        traces.push((parse(&bytes).unwrap().fixed.time, name, bytes));
    }
    traces.sort();
    let mut world = World::new();
    let contract = world.contract();
    let order = world.order(contract, &["K01", "K02"]);
    world.wait(86_400);
    let mut told = String::new();
    // The edited file is of the same samples and the same second as an honest one: it comes by itself.
    for (_, name, bytes) in traces
        .iter()
        .filter(|(_, name, _)| !name.contains("edited"))
    {
        let mut cable = Cable { world, order };
        let end = if name.contains("_AB_") { "A" } else { "B" };
        let number = cable.bring(bytes, end).number;
        world = cable.world;
        told += &findings(&mut world, name, number).1;
    }
    for name in ["K01", "K02"] {
        told += &rules(&mut world, order, name).1;
    }
    for (_, name, bytes) in traces.iter().filter(|(_, name, _)| name.contains("edited")) {
        let mut world = World::new();
        let contract = world.contract();
        let order = world.order(contract, &["K02"]);
        world.wait(86_400);
        let mut cable = Cable { world, order };
        let number = cable.bring(bytes, "A").number;
        told += &findings(&mut cable.world, name, number).1;
    }
    golden("verdicts-samples.txt", told);
}

#[test]
fn the_published_cable_comes_to_the_same_integers_everywhere() {
    if data::json("otdr-synthetic/expected_verdicts.json").is_none() {
        return;
    }
    let mut cable = Cable::laid();
    let mut told = String::new();
    for (name, bytes) in files() {
        let end = if name.contains("_AB_") { "A" } else { "B" };
        let number = cable.bring(&bytes, end).number;
        told += &findings(&mut cable.world, &name, number).1;
    }
    for name in ["F01", "F02", "F03", "F04", "F05", "F06"] {
        told += &rules(&mut cable.world, cable.order, name).1;
    }
    golden("verdicts-cable.txt", told);
}

/// Files of real instruments through the law, each under an order of its own at its own time: a table that does
/// not say what its trace says blocks, the others do not; and the rules say what they say without a ledger.
#[test]
fn files_of_real_instruments_get_their_verdicts_from_the_law() {
    let Some(consistency) = data::json("expected_trace_consistency.json") else {
        return;
    };
    let mut told = String::new();
    let mut all: Vec<_> = data::traces()
        .into_iter()
        .filter(|(name, _, _)| !name.starts_with("SYNA_"))
        .collect();
    assert_eq!(all.len(), 10);
    all.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, bytes, expected) in all {
        let sor = parse(&bytes).unwrap();
        let time = u64::from(sor.fixed.time);
        let mut world = World::new_at(time - 3_600);
        let contract = world.contract();
        let fibre = String::from_utf8(sor.general.fibre.to_vec()).unwrap();
        let nm = sor.general.wavelength_nm;
        let design = Design {
            cable: B256::ZERO,
            fibres: vec![word(if fibre.is_empty() { "F" } else { &fibre })],
            wavelengths: vec![nm],
            bidirectional: false,
            lengthMm: expected["fibre_end_distance_mm"].as_u64().unwrap(),
            pulseMaxNs: 0,
            averagingMinS: 0,
            windowFrom: time - 60,
            windowTo: time + 60,
            ..world.design(&[])
        };
        let mut design = design;
        for instrument in &mut design.instruments {
            instrument.serial = B256::ZERO;
        }
        let order = world.order_of(contract, design.clone());
        world.wait(7_200);
        let mut cable = Cable { world, order };
        if fibre.is_empty() {
            // A file that does not say of which fibre it is proves nothing of any.
            let nonce = cable.world.nonce(order, "F");
            let reading = cable
                .world
                .near
                .sign(time, nonce, pack(&bytes, "F", nm, "A"));
            let outcome = cable.world.submit(order, reading, bytes);
            refused(
                outcome,
                WrongTrace {
                    what: word("fibre"),
                },
            );
            writeln!(told, "{name}: refused, names no fibre").unwrap();
            continue;
        }
        let number = cable.bring(&bytes, "A").number;
        let (weight, found) = findings(&mut cable.world, &name, number);
        let is_consistent = consistency["files"][&name]["verdict"] == "CONSISTENT";
        assert_eq!(is_consistent, !found.contains("INTEGRITY_FAIL"), "{found}");
        assert!(is_consistent || weight == 2, "{found}");
        told += &found;
        let (verdict, rules) = rules(&mut cable.world, order, &fibre);
        told += &rules;

        // The same without a ledger, by the native rules.
        let limits = crate::everything::limits();
        let rules = ruleset(FIBRE_OSP_1).unwrap();
        let direction = Direction::Forth;
        let file = File {
            bytes: &bytes,
            direction,
        };
        let terms = of_evidence(&design, rules.tolerance());
        let dry = assess(&of_fibre(&design), &limits, &terms, &[file]).unwrap();
        let dry = dry.fibres.get(fibre.as_bytes()).map(|found| found.verdict);
        let dry = dry.map_or("INCOMPLETE", |verdict| verdict.name());
        assert_eq!(dry, verdict_name(verdict), "{name}");
    }
    golden("verdicts-real.txt", told);
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap()
}

/// What the app signs of a sector.
fn signed(found: &Value, sweep: &[u8]) -> Vec<Record> {
    let integer = |name, value| record(name, Measured::integer(value));
    let gnss = &found["gnss"];
    let fix = if gnss["fix"] == "3D" { 3 } else { 2 };
    vec![
        record("sha256", Measured::Data(Sha256::digest(sweep).to_vec())),
        record(
            "sector",
            Measured::Text(found["sector"].as_str().unwrap().to_owned()),
        ),
        integer("azimuth", number(found, "azimuth_cdeg")),
        integer("tilt", number(found, "mtilt_cdeg")),
        integer("height", number(found, "height_mm")),
        integer("power", number(found, "power_cdbm")),
        integer("earth", number(found, "earth_milliohm")),
        integer("hdop", number(gnss, "hdop_centi")),
        integer("fix", fix),
        integer("fixed", number(gnss, "unix_time")),
        integer("lat", number(gnss, "lat_e7")),
        integer("lon", number(gnss, "lon_e7")),
    ]
}

#[test]
fn the_published_site_gets_its_verdicts_from_the_law() {
    let Some(expected) = data::json("radio/expected_site_verdicts.json") else {
        return;
    };
    let design = data::json("radio/site_design.json").unwrap();
    let mut evidence = data::json("radio/site_evidence.json").unwrap();
    let limits = &design["limits"];
    let text = written_radio(
        &commonhold_works_contract::acceptance::radio::Limits {
            azimuth: number(limits, "azimuth_tol_cdeg"),
            tilt: number(limits, "tilt_tol_cdeg"),
            height: number(limits, "height_tol_mm"),
            power: number(limits, "power_tol_cdb"),
            position: number(limits, "position_tol_mm"),
            hdop: number(limits, "hdop_max_centi"),
            earth: number(limits, "earth_max_milliohm"),
        },
        &commonhold_works_contract::acceptance::sweep::SweepLimits {
            accept: number(limits, "return_loss_accept_cdb"),
            reject: number(limits, "return_loss_reject_cdb"),
            band: None,
        },
    );
    // The published limits are those of the text as it stands.
    assert_eq!(text, commonhold_works_contract::arl::RADIO_1);
    let mut world = World::new();
    let contract = world.radio_contract(&text);
    let sectors = design["sectors"].as_array().unwrap().iter();
    let sectors = sectors.map(|sector| Sector {
        name: word(sector["id"].as_str().unwrap()),
        azimuth: number(sector, "azimuth_cdeg"),
        tilt: number(sector, "mtilt_cdeg"),
        heightMm: number(sector, "height_mm"),
        power: number(sector, "rated_power_cdbm"),
    });
    let site = Design {
        latitude: number(&design, "lat_e7"),
        longitude: number(&design, "lon_e7"),
        bandFromHz: 0,
        bandToHz: 0,
        ..world.site(sectors.collect())
    };
    let order = world.order_of(contract, site);
    world.wait(86_400);
    let found = evidence.as_array_mut().unwrap();
    found.sort_by_key(|found| number(&found["gnss"], "unix_time"));
    let mut told = String::new();
    for found in found {
        let name = found["sector"].as_str().unwrap().to_owned();
        let sweep = found["sweep"].as_str().unwrap();
        let sweep = data::file(&format!("radio/{sweep}")).unwrap();
        let time = found["gnss"]["unix_time"].as_u64().unwrap();
        assert!(time > NOW);
        let nonce = world.nonce(order, &name);
        let reading = world.near.sign(time, nonce, signed(found, &sweep));
        world.submit(order, reading, sweep).unwrap();
        let (verdict, rules) = rules(&mut world, order, &name);
        let expected = expected.as_array().unwrap().iter();
        let expected = expected.clone().find(|one| one["sector"] == name.as_str());
        let expected = expected.unwrap();
        assert_eq!(expected["verdict"], verdict_name(verdict), "{name}");
        let all = world.view(outcomesCall {
            order,
            name: word(&name),
        });
        let failed = all
            .all
            .iter()
            .filter(|rule| rule.status == RuleStatus::Fail);
        let failed: Vec<String> = failed.map(|rule| self::text(&rule.rule)).collect();
        assert_eq!(expected["failed"], serde_json::json!(failed), "{name}");
        told += &rules;
    }
    golden("verdicts-site.txt", told);
}
