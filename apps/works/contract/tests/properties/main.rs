//! Whatever a stranger sends: the parser and everything that is computed of a file answer or refuse.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod acting;
mod everything;
#[allow(dead_code, reason = "the samples need the rest")]
mod made;
#[allow(dead_code, reason = "the stories need the rest")]
#[path = "../stories/world.rs"]
mod world;

use commonhold_works_contract::{
    acceptance::{
        Verdict,
        evidence::{Assessment, Direction, File, assess},
        integrity::{Finding, Terms},
    },
    number::{Int, int},
    sor::{SorError, parse},
    trace::{Tolerance, derive},
};
use everything::{design, everything, limits, terms};
use made::fibre;
use proptest::prelude::*;

/// The four files of a fibre.
fn four(losses: [u64; 2]) -> Vec<(Vec<u8>, Direction)> {
    let mut files = Vec::new();
    for (number, wavelength) in (0_u32..).zip([1310, 1550]) {
        for (back, direction) in [(false, Direction::Forth), (true, Direction::Back)] {
            let time = 1_790_000_100 + 60 * number + 3_600 * u32::from(back);
            let made = fibre("K01", wavelength, back, losses, time);
            files.push((made.file(), direction));
        }
    }
    files
}

fn assessed(files: &[(Vec<u8>, Direction)], terms: &Terms) -> Assessment {
    let files: Vec<_> = files
        .iter()
        .map(|(bytes, direction)| File {
            bytes,
            direction: *direction,
        })
        .collect();
    assess(&design(), &limits(), terms, &files).unwrap()
}

fn verdict(assessment: &Assessment) -> Verdict {
    assessment.fibres[b"K01".as_slice()].verdict
}

#[test]
fn a_made_fibre_is_judged_by_its_splices() {
    let good = assessed(&four([40, 60]), &terms());
    assert!(
        good.files.iter().all(|file| file.findings.is_empty()),
        "{good:#?}"
    );
    assert_eq!(verdict(&good), Verdict::Accept);
    let bad = assessed(&four([40, 260]), &terms());
    assert_eq!(verdict(&bad), Verdict::Reject);
}

#[test]
fn what_is_wrong_with_the_evidence_is_found() {
    let files = four([40, 60]);
    let of = |change: &dyn Fn(&mut Terms)| {
        let mut terms = terms();
        change(&mut terms);
        assessed(&files, &terms).files[0].findings.clone()
    };
    assert_eq!(
        of(&|terms| terms.instruments = vec![b"SN-C".to_vec()]),
        [Finding::NotEnrolled]
    );
    assert_eq!(
        of(&|terms| terms.cable = b"OTHER".to_vec()),
        [Finding::WrongCable]
    );
    assert_eq!(
        of(&|terms| terms.fibres = vec![b"K02".to_vec()]),
        [Finding::WrongFibre]
    );
    assert_eq!(
        of(&|terms| terms.window = Some((0, 1_789_999_999))),
        [Finding::OutsideWindow]
    );
    assert_eq!(
        of(&|terms| terms.pulse_ns_max = Some(49)),
        [Finding::LongPulse]
    );
    assert_eq!(
        of(&|terms| terms.wavelengths = vec![1550]),
        [Finding::WrongWavelength]
    );
    let index = |terms: &mut Terms| terms.group_index = [(1310, 146_700)].into();
    assert_eq!(of(&index), [Finding::WrongGroupIndex]);
    // The second file of each end follows its first by a minute.
    let hasty = |terms: &mut Terms| terms.averaging_s_min = 61;
    let hasty = |number: usize| {
        let mut terms = terms();
        hasty(&mut terms);
        assessed(&files, &terms).files[number].findings.clone()
    };
    assert_eq!([hasty(0), hasty(2)], [vec![], vec![Finding::TooSoon]]);
}

#[test]
fn a_copy_for_another_fibre_or_end_is_a_duplicate() {
    let mut files = four([40, 60]);
    let (bytes, _) = files[0].clone();
    files[1] = (bytes, Direction::Back);
    let found = assessed(&files, &terms());
    assert!(found.files[1].findings.contains(&Finding::Duplicate));
    assert_eq!(found.files[1].original, Some(0));
    assert_eq!(verdict(&found), Verdict::Incomplete);
}

#[test]
fn a_lie_in_the_table_is_found_and_the_splice_in_doubt_named() {
    let mut made = fibre("K01", 1310, false, [40, 260], 1_790_000_100);
    made.said = Some((1, 50));
    let file = made.file();
    let derived = derive(&parse(&file).unwrap(), &Tolerance::default()).unwrap();
    let lies: Vec<_> = derived
        .losses
        .iter()
        .filter(|loss| !loss.agrees())
        .collect();
    assert_eq!(lies.len(), 1);
    assert_eq!(lies[0].at_mm, 2_600_006);
    assert!(lies[0].derived.abs_diff(260_000) < 5_000);
}

#[test]
fn declared_lengths_allocate_nothing() {
    let file = fibre("K01", 1310, false, [40, 60], 1_790_000_100).file();
    let at = file.windows(8).rposition(|w| w == b"DataPts\0").unwrap() + 8;
    let mut huge = file.clone();
    huge[at + 6..at + 10].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(parse(&huge).unwrap_err(), SorError::Truncated("DataPts"));
    let at = file.windows(10).rposition(|w| w == b"KeyEvents\0").unwrap() + 10;
    let mut many = file.clone();
    many[at..at + 2].copy_from_slice(&u16::MAX.to_le_bytes());
    assert!(matches!(parse(&many), Err(SorError::TooMany { .. })));
    let mut more = file;
    more[at..at + 2].copy_from_slice(&500_u16.to_le_bytes());
    assert_eq!(parse(&more).unwrap_err(), SorError::Truncated("KeyEvents"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Bytes changed, taken out and put in: an answer or a refusal.
    #[test]
    fn a_changed_file_is_read_or_refused(
        seed in 0_u32..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = fibre("K01", 1310, seed % 2 == 1, [40, 60], 1_790_000_100 + seed).file();
        // Nine of ten bytes are samples; what decides stands before them.
        let head = file.len() - 5_600;
        for (at, byte, how) in changes {
            let at = at.index(head.min(file.len()).max(1));
            match how {
                0 => { file.remove(at); }
                1 => file.insert(at, byte),
                _ => file[at] = byte,
            }
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        everything(&file);
    }

    /// Bytes of no meaning.
    #[test]
    fn noise_is_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        named in any::<bool>(),
    ) {
        let mut file = if named { b"Map\0\xc8\0".to_vec() } else { b"\x64\0".to_vec() };
        file.extend(bytes);
        everything(&file);
    }

    /// The operators of `Int` are those of numbers, or nothing.
    #[test]
    fn integers_are_integers(a in any::<i64>(), b in any::<i64>()) {
        let (x, y) = (i128::from(a), i128::from(b));
        let is = |n: Int| n.get::<i128>().ok();
        prop_assert_eq!(is(int(a) * b), Some(x * y));
        if b != 0 {
            prop_assert_eq!(is(int(a).div_floor(b)), Some(x.div_euclid(y) - i128::from(y < 0 && x.rem_euclid(y) != 0)));
            let twice = 2 * (x.abs() % y.abs());
            let nearest = x.abs() / y.abs() + i128::from(twice >= y.abs());
            let sign = if (x < 0) == (y < 0) { 1 } else { -1 };
            prop_assert_eq!(is(int(a).div_round(b)), Some(sign * nearest));
        }
    }
}
