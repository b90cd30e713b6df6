//! Messages as real sources send them.

use commonhold_reading::Value;

use super::*;

const RECEIVED: u64 = 1_764_136_800_123;

fn around<'a>(tail: &'a str, units: &'a BTreeMap<String, String>) -> Around<'a> {
    Around {
        tail,
        received: RECEIVED,
        utc_offset_minutes: 60,
        units,
    }
}

fn said(kind: AdapterKind, tail: &str, message: &str) -> Result<Option<Said>, Refusal> {
    read(kind, message.as_bytes(), &around(tail, &BTreeMap::new()))
}

/// Records as `name value unit`.
fn shown(said: &Said) -> Vec<String> {
    let show = |record: &Record| {
        let unit = record.unit.as_deref().unwrap_or("-");
        let offset = match record.offset {
            0 => String::new(),
            offset => format!(" @{offset}"),
        };
        format!("{} {} {unit}{offset}", record.name, record.value)
    };
    said.records.iter().map(show).collect()
}

#[track_caller]
fn refused(kind: AdapterKind, tail: &str, message: &str, why: &str) {
    let refusal = said(kind, tail, message).unwrap_err();
    assert!(refusal.to_string().contains(why), "{refusal}");
}

#[test]
fn senml_is_resolved() {
    let message = r#"[{"bn":"urn:dev:mac:0024befffe804ff1:","bt":1735689600,"n":"heart-rate","u":"beat/min","v":70},
        {"n":"spo2","u":"%","v":96.80},{"n":"skin-temp","u":"Cel","v":36.59,"t":5},{"n":"on","vb":true},{"n":"id","vs":"x"}]"#;
    let said = said(AdapterKind::Senml, "", message).unwrap().unwrap();
    assert_eq!(said.time, Some(1_735_689_600_000));
    assert_eq!(
        shown(&said),
        [
            "urn:dev:mac:0024befffe804ff1:heart-rate 70 beat/min",
            "urn:dev:mac:0024befffe804ff1:spo2 96.80 %",
            "urn:dev:mac:0024befffe804ff1:skin-temp 36.59 Cel @5",
            "urn:dev:mac:0024befffe804ff1:on true -",
            "urn:dev:mac:0024befffe804ff1:id x -",
        ]
    );
}

#[test]
fn senml_bases_add_up_and_times_can_be_relative() {
    let message =
        r#"[{"bn":"m:","bu":"Wh","bv":1000000,"n":"a","v":0.25,"t":-60},{"n":"b","v":-1}]"#;
    let said = said(AdapterKind::Senml, "", message).unwrap().unwrap();
    assert_eq!(said.time, None);
    assert_eq!(shown(&said), ["m:a 1000000.25 Wh", "m:b 999999 Wh @60"]);
}

#[test]
fn senml_that_is_not_understood_is_refused() {
    let senml = AdapterKind::Senml;
    for (message, why) in [
        ("[]", "records are expected"),
        ("{}", "JSON"),
        ("[{\"n\":\"a\",\"v\":1", "JSON"),
        (r#"[{"n":"a"}]"#, "exactly one"),
        (r#"[{"n":"a","v":1,"vs":"x"}]"#, "exactly one"),
        (r#"[{"n":"a","v":"1"}]"#, "another kind"),
        (r#"[{"n":"a","v":1,"s":1}]"#, "sums"),
        (r#"[{"n":"a","v":1,"must_":1}]"#, "must be understood"),
        (r#"[{"bver":11,"n":"a","v":1}]"#, "version 10"),
        (r#"[{"n":"a","u":"horsepower","v":1}]"#, "SenML registry"),
        (r#"[{"n":"a","v":1e99}]"#, "no number"),
        (
            r#"[{"bt":1735689600,"n":"a","v":1},{"n":"b","v":1,"t":0.5}]"#,
            "parts of a second",
        ),
    ] {
        refused(senml, "", message, why);
    }
    let long = format!("[{}]", vec![r#"{"n":"a","v":1}"#; 65].join(","));
    refused(senml, "", &long, "PACK_RECORDS_MAX");
    refused(
        senml,
        "",
        &" ".repeat(MESSAGE_BYTES_MAX + 1),
        "MESSAGE_BYTES_MAX",
    );
    let deep = "[".repeat(1_000);
    refused(senml, "", &deep, "JSON");
}

#[test]
fn units_that_were_agreed_are_demanded() {
    let units = BTreeMap::from([("a".to_owned(), "kWh".to_owned())]);
    let read = |message: &str| {
        read(AdapterKind::Senml, message.as_bytes(), &around("", &units)).map(|_| ())
    };
    assert_eq!(read(r#"[{"n":"a","u":"kWh","v":1}]"#), Ok(()));
    for wrong in [
        r#"[{"n":"a","u":"Wh","v":1}]"#,
        r#"[{"n":"a","v":1}]"#,
        r#"[{"n":"a","vs":"1"}]"#,
    ] {
        assert!(matches!(read(wrong), Err(Refusal::Unit(_))), "{wrong}");
    }
}

#[test]
fn tasmota_says_everything_it_measures() {
    let message = r#"{"Time":"2026-11-26T07:00:10","ENERGY":{"TotalStartTime":"2025-01-01T00:00:00",
        "Total":1234.567,"Yesterday":3.210,"Today":0.421,"Period":5,"Power":[60,2],"ApparentPower":88,
        "ReactivePower":50,"Factor":0.70,"Voltage":231,"Current":0.380},
        "DS18B20":{"Id":"0316A279","Temperature":20.6},"BME280":{"Pressure":1013.2},
        "PressureUnit":"hPa","TempUnit":"C"}"#;
    let said = said(AdapterKind::Tasmota, "SENSOR", message)
        .unwrap()
        .unwrap();
    // Seven o'clock local time is six in UTC.
    assert_eq!(said.time, Some(1_795_672_810_000));
    let mut shown = shown(&said);
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            "BME280/Pressure 1013.2 hPa",
            "DS18B20/Temperature 20.6 Cel",
            "ENERGY/ApparentPower 88 VA",
            "ENERGY/Current 0.380 A",
            "ENERGY/Factor 0.70 /",
            "ENERGY/Period 5 Wh",
            "ENERGY/Power/1 60 W",
            "ENERGY/Power/2 2 W",
            "ENERGY/ReactivePower 50 var",
            "ENERGY/Today 0.421 kWh",
            "ENERGY/Total 1234.567 kWh",
            "ENERGY/Voltage 231 V",
            "ENERGY/Yesterday 3.210 kWh",
        ]
    );
}

#[test]
fn tasmota_in_fahrenheit_is_refused_and_without_sensors_says_nothing() {
    let tasmota = AdapterKind::Tasmota;
    let fahrenheit =
        r#"{"Time":"2026-11-26T07:00:10","AM2301":{"Temperature":68.0},"TempUnit":"F"}"#;
    refused(tasmota, "", fahrenheit, "degF");
    refused(
        tasmota,
        "",
        r#"{"Time":"yesterday","A":{"Temperature":1}}"#,
        "no time",
    );
    let zoned = r#"{"Time":"2026-11-26T07:00:10Z","A":{"Temperature":1}}"#;
    let read = said(tasmota, "", zoned).unwrap().unwrap();
    assert_eq!(read.time, Some(1_795_676_410_000));
    assert_eq!(
        said(tasmota, "", r#"{"Time":"2026-11-26T07:00:10"}"#),
        Ok(None)
    );
    let untimed = said(tasmota, "", r#"{"A":{"Temperature":1}}"#)
        .unwrap()
        .unwrap();
    assert_eq!(untimed.time, None);
}

#[test]
fn shelly_of_the_first_generation_has_a_topic_for_each_value() {
    let shelly = AdapterKind::Shelly;
    for (tail, message, shown_as) in [
        ("relay/0/power", "23.45", "relay/0/power 23.45 W"),
        ("relay/0/energy", "1042", "relay/0/energy 62520 J"),
        ("relay/0", "on", "relay/0 true -"),
        ("emeter/2/total", "123456.7", "emeter/2/total 123456.7 Wh"),
        ("emeter/2/pf", "0.98", "emeter/2/pf 0.98 /"),
        ("sensor/temperature", "21.5", "sensor/temperature 21.5 Cel"),
    ] {
        let said = said(shelly, tail, message).unwrap().unwrap();
        assert_eq!(said.time, None);
        assert_eq!(shown(&said), [shown_as]);
    }
    for (tail, message) in [
        ("online", "true"),
        ("announce", "{\"id\":\"x\"}"),
        ("", "1"),
    ] {
        assert_eq!(said(shelly, tail, message), Ok(None), "{tail}");
    }
    refused(shelly, "relay/0/power", "much", "no number");
}

#[test]
fn shelly_of_the_second_generation_notifies() {
    let message = r#"{"src":"shellyplus1pm-a8032ab1","dst":"shellyplus1pm-a8032ab1/events","method":"NotifyStatus",
        "params":{"ts":1764136800.25,"switch:0":{"id":0,"source":"init","output":true,"apower":12.3,"voltage":230.1,
        "current":0.054,"aenergy":{"total":1234.567,"by_minute":[1.0,2.0,3.0],"minute_ts":1764136740},
        "temperature":{"tC":41.2,"tF":106.2}},"em:0":{"id":0,"a_act_power":5.1,"total_act_power":15.3,"user_calibrated_phase":[]},
        "emdata:0":{"id":0,"total_act":99.01,"a_total_act_energy":33.0}}}"#;
    let said = said(AdapterKind::Shelly, "", message).unwrap().unwrap();
    assert_eq!(said.time, Some(1_764_136_800_250));
    assert_eq!(
        shown(&said),
        [
            "em:0/a_act_power 5.1 W",
            "em:0/total_act_power 15.3 W",
            "emdata:0/a_total_act_energy 33.0 Wh",
            "emdata:0/total_act 99.01 Wh",
            "switch:0/aenergy/total 1234.567 Wh",
            "switch:0/apower 12.3 W",
            "switch:0/current 0.054 A",
            "switch:0/output true -",
            "switch:0/temperature/tC 41.2 Cel",
            "switch:0/voltage 230.1 V",
        ]
    );
    let event = r#"{"src":"x","method":"NotifyEvent","params":{"ts":1.0}}"#;
    assert_eq!(super::tests::said(AdapterKind::Shelly, "", event), Ok(None));
    refused(
        AdapterKind::Shelly,
        "",
        r#"{"method":"NotifyStatus"}"#,
        "params",
    );
}

#[test]
fn numbers_are_never_rounded() {
    let exact = r#"[{"n":"a","v":0.100000000000000005}]"#;
    let said = said(AdapterKind::Senml, "", exact).unwrap().unwrap();
    let value = said.records[0].value.clone();
    assert_eq!(
        value,
        Value::Number {
            mantissa: 100_000_000_000_000_005,
            exponent: -18
        }
    );
}
