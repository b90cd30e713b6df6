//! Load profiles.

use commonhold_energy_client::inspect;

use crate::data;

#[test]
fn nine_days_of_green_button_come_to_the_watt_hour() {
    let Some(path) = data("greenbutton/TestGBDataHourlyNineDaysBinnedDaily.xml") else {
        return;
    };
    let report = inspect(&path, false).unwrap();
    assert_eq!((report.form, report.intervals), ("green-button", 216));
    assert_eq!((report.import_wh, report.export_wh), (199_563, 0));
    assert_eq!(report.lengths, [(3_600, 216)]);
}

#[test]
fn an_abridged_feed_tells_what_it_leaves_out() {
    let Some(path) = data("greenbutton/electric_containerized.xml") else {
        return;
    };
    let report = inspect(&path, false).unwrap();
    assert_eq!((report.intervals, report.import_wh), (8, 4_086));
    assert_eq!(report.gaps.len(), 1);
    assert_eq!(report.gaps[0].seconds, 8 * 3_600);
}

#[test]
fn half_hours_of_a_real_home_are_read() {
    let Some(path) = data("ausgrid_customer12/halfhourly.csv") else {
        return;
    };
    // Its rows go by a clock on which no hour is missing.
    let report = inspect(&path, false).unwrap();
    assert_eq!(report.lengths, [(1_800, 184 * 48)]);
    assert_eq!((report.form, report.gaps.len()), ("csv", 0));
}
