use super::*;

const HEAD: &str = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>
<link rel="self" href="r/1"/><link rel="related" href="t/1"/><content><MeterReading/></content></entry>"#;

fn kind(uom: i64, power: i64, flow: i64) -> String {
    format!(
        r#"<entry><link rel="self" href="t/1"/><content><ReadingType xmlns="http://naesb.org/espi">
<flowDirection>{flow}</flowDirection><powerOfTenMultiplier>{power}</powerOfTenMultiplier>
<uom>{uom}</uom></ReadingType></content></entry>"#
    )
}

fn block(readings: &[(i64, i64, &str)]) -> String {
    let mut text = r#"<entry><link rel="up" href="r/1/IntervalBlock"/><content><IntervalBlock>
<interval><duration>1</duration><start>0</start></interval>"#
        .to_owned();
    for (start, seconds, value) in readings {
        text.push_str(&format!(
            "<IntervalReading><timePeriod><duration>{seconds}</duration><start>{start}</start>\
             </timePeriod><value>{value}</value></IntervalReading>"
        ));
    }
    text + "</IntervalBlock></content></entry>"
}

fn feed(parts: &[String]) -> String {
    format!("{HEAD}{}</feed>", parts.concat())
}

fn refused(parts: &[String]) -> String {
    read(&feed(parts)).unwrap_err().to_string()
}

#[test]
fn powers_of_ten_lose_nothing() {
    let rows = [
        (0, 3_600, "1500"),
        (3_600, 3_600, "1500"),
        (7_200, 3_600, "1500"),
    ];
    let profile = read(&feed(&[kind(72, -3, 1), block(&rows)])).unwrap();
    let wh: Vec<u64> = profile.intervals.iter().map(|i| i.import_wh).collect();
    assert_eq!(wh, [1, 2, 1]);
    let profile = read(&feed(&[kind(72, 3, 19), block(&rows)])).unwrap();
    assert_eq!(profile.totals(), (0, 4_500_000));
}

#[test]
fn days_of_23_and_25_hours_are_days() {
    let rows = [
        (0, 82_800, "1"),
        (82_800, 90_000, "2"),
        (172_800, 86_400, "3"),
    ];
    let profile = read(&feed(&[kind(72, 0, 1), block(&rows)])).unwrap();
    assert_eq!((profile.totals(), profile.gaps.len()), ((6, 0), 0));
}

#[test]
fn blocks_may_come_in_any_order_and_leave_times_out() {
    let later = block(&[(7_200, 3_600, "4")]);
    let profile = read(&feed(&[later, kind(72, 0, 1), block(&[(0, 3_600, "3")])])).unwrap();
    assert_eq!(profile.totals(), (7, 0));
    assert_eq!(
        (profile.gaps[0].start, profile.gaps[0].seconds),
        (3_600, 3_600)
    );
}

#[test]
fn feeds_that_cannot_be_trusted_are_refused() {
    let row = || block(&[(0, 3_600, "3")]);
    for (parts, expected) in [
        (vec![row()], "nothing says of which reading type"),
        (vec![kind(38, 0, 1), row()], "values are in W"),
        (vec![kind(169, 0, 1), row()], "values are in another unit"),
        (vec![kind(72, 99, 1), row()], "the power of ten"),
        (vec![kind(72, 0, 4), row()], "the flow is neither"),
        (vec![kind(72, 0, 1)], "holds no interval reading"),
        (vec![kind(72, 0, 1), row(), row()], "begins before"),
        (
            vec![
                kind(72, 0, 1),
                block(&[(0, 3_600, "1"), (1_800, 3_600, "1")]),
            ],
            "begins before",
        ),
        (
            vec![kind(72, 0, 1), block(&[(0, 1_234, "1")])],
            "an interval takes",
        ),
        (
            vec![kind(72, 0, 1), block(&[(0, 3_600, "-1")])],
            "the value is no number",
        ),
        (
            vec![kind(72, 0, 1), block(&[(0, 3_600, "&x;")])],
            "an entity stands",
        ),
    ] {
        let found = refused(&parts);
        assert!(found.contains(expected), "{expected}: {found}");
    }
    for text in ["<html></html>", "<feed>", "<feed><entry>", "<feed></wrong>"] {
        assert!(read(text).is_err(), "{text}");
    }
    let deep = format!("<feed>{}", "<a>".repeat(XML_DEPTH_MAX));
    assert!(
        read(&deep)
            .unwrap_err()
            .to_string()
            .contains("XML_DEPTH_MAX")
    );
}
