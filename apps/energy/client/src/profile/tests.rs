use super::*;

fn taken(text: &str) -> Profile {
    read(text, false).unwrap()
}

fn refused(text: &str) -> String {
    read(text, false).unwrap_err().to_string()
}

#[test]
fn imports_and_exports_are_read_in_their_unit() {
    let profile =
        taken("time,import_wh,export_wh,note\n2026-06-01T00:00Z,5,0,x\n2026-06-01T00:15Z,0,7,y\n");
    assert_eq!(profile.totals(), (5, 7));
    assert_eq!(profile.intervals[1].seconds, 900);
    assert_eq!(profile.intervals[0].start, 1_780_272_000);
    let local =
        taken("local_start,consumption_kwh\n2011-07-01T00:00,0.1966\n2011-07-01T00:30,0.2894\n");
    let wh: Vec<u64> = local.intervals.iter().map(|i| i.import_wh).collect();
    assert_eq!(wh, [196, 290], "what does not divide is carried over");
}

#[test]
fn offsets_are_kept_over_the_change_of_clocks() {
    // The hour from 01:00 occurs twice; with offsets it is two hours.
    let profile = taken(
        "time,import_wh\n2015-11-01T01:00-04:00,1\n2015-11-01T01:00-05:00,2\n2015-11-01T02:00-05:00,3\n",
    );
    assert_eq!(profile.intervals.len(), 3);
}

#[test]
fn what_is_missing_is_refused_or_told() {
    let text = "time,import_wh\n2026-06-01T00:00Z,5\n2026-06-01T01:00Z,5\n2026-06-01T04:00Z,5\n";
    assert!(refused(text).starts_with("line 4: 2 slots are missing"));
    let profile = read(text, true).unwrap();
    assert_eq!(
        profile.gaps,
        [Gap {
            start: 1_780_279_200,
            seconds: 7_200
        }]
    );
}

#[test]
fn tables_that_cannot_be_trusted_are_refused() {
    let two = "\n2026-06-01T00:00Z,1,1\n2026-06-01T01:00Z,1,1\n";
    for (text, expected) in [
        (
            format!("time,import_wh,export_kwh{two}"),
            "line 1: columns are in different units",
        ),
        (
            format!("time,import_w,note{two}"),
            "line 1: a column holds power",
        ),
        (
            format!("time,import,note{two}"),
            "line 1: a column of energy does not name its unit",
        ),
        (format!("time,import_mwh,note{two}"), "line 1: mWh and MWh"),
        (
            format!("when,import_wh,note{two}"),
            "line 1: a column of time is missing",
        ),
        (
            format!("time,a,b{two}"),
            "line 1: a column of energy (import_wh",
        ),
        (
            format!("time,import_wh,consumption_wh{two}"),
            "line 1: has two columns of one",
        ),
        (
            format!("time,start,import_wh{two}"),
            "line 1: has two columns of time",
        ),
        (
            "time,import_wh\n2026-06-01T00:00Z,1\n".to_owned(),
            "the file: has fewer than two",
        ),
        (
            "time,import_wh\nyesterday,1\n".to_owned(),
            "line 2: the time is not",
        ),
        (
            "time,import_wh\n2026-06-01T00:00Z,-1\n".to_owned(),
            "line 2: the energy is no number",
        ),
        (
            "time,import_wh\n2026-06-01T00:00Z,x\n".to_owned(),
            "line 2: the energy is no number",
        ),
        (
            "time,import_wh\n2026-06-01T00:00Z,1\n2026-06-01T01:00,1\n".to_owned(),
            "line 3: some times have an offset",
        ),
        (
            "time,import_wh\n2026-06-01T01:00Z,1\n2026-06-01T00:00Z,1\n".to_owned(),
            "line 3: begins before",
        ),
        (
            "time,import_wh\n2026-06-01T00:00Z,1\n2026-06-01T01:00Z,1\n2026-06-01T01:00Z,1\n"
                .to_owned(),
            "line 4: begins before",
        ),
        (
            "time,import_wh\n2026-06-01T00:00Z,1\n2026-06-01T00:07Z,1\n".to_owned(),
            "line 3: intervals take",
        ),
    ] {
        let found = refused(&text);
        assert!(found.starts_with(expected), "{text}: {found}");
    }
}
