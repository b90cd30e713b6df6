//! Every parser of works as a target: bytes in, and in a few words what came of them, so that whoever changes
//! bytes sees which of them got somewhere new.

use commonhold_works_client::{bcf, bill, schedule};
use commonhold_works_contract::{
    acceptance::{
        fibre::{Design, Measured},
        pairs::Side,
        radio::{Sector, SectorDesign},
        sweep::extremes,
    },
    arl::{self, Kind, radio::Swept},
    touchstone,
};
use flate2::Crc;

use crate::everything::everything;

/// A parser that strangers' bytes reach.
pub(crate) struct Target {
    /// Its name, and its folder's in `fuzz/corpus`.
    pub(crate) name: &'static str,
    /// Milliseconds that an input may take in a release build.
    pub(crate) longest_ms: u128,
    /// Reads an input, does with it all that the rules do, and says what came of it.
    pub(crate) run: fn(&[u8]) -> String,
}

/// All of them. What archives hold is reached past their checksums by targets of its own.
pub(crate) const TARGETS: [Target; 10] = [
    target("sor", 50, sor),
    target("s1p", 50, s1p),
    target("arl", 1_000, arl),
    target("bcf", 500, bcf),
    target("bcf-markup", 500, markup),
    target("mspdi", 500, mspdi),
    target("xer", 500, xer),
    target("bill-csv", 500, bill),
    target("bill-xlsx", 500, bill),
    target("bill-sheet", 500, sheet),
];

const fn target(name: &'static str, longest_ms: u128, run: fn(&[u8]) -> String) -> Target {
    Target {
        name,
        longest_ms,
        run,
    }
}

/// What came of it without its figures: two inputs that differ in these alone say the same.
fn came(what: impl std::fmt::Debug) -> String {
    let text = format!("{what:?}");
    text.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .take(200)
        .collect()
}

fn sor(bytes: &[u8]) -> String {
    let parsed = commonhold_works_contract::sor::parse(bytes);
    everything(bytes);
    came(parsed.map(|sor| (sor.format, sor.events.len().min(3), sor.checksum.is_some())))
}

fn s1p(bytes: &[u8]) -> String {
    let sweep = touchstone::read(bytes);
    came(sweep.map(|sweep| {
        sweep.digest();
        let swept = Swept::of(&sweep.points, Some((0, i64::MAX)));
        (
            sweep.format,
            swept.covered,
            extremes(&sweep.points).is_some(),
        )
    }))
}

/// A text that is taken also runs to its end.
fn arl(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let ruleset = match arl::parse(&text) {
        Ok(ruleset) => ruleset,
        Err(fault) => return came(fault.what),
    };
    let judged = if ruleset.kind == Kind::Radio {
        let swept = Swept {
            points: 200,
            covered: true,
            worst: Some(1_800_000_000),
        };
        arl::radio::judge(
            &ruleset,
            &SectorDesign::default(),
            &Sector::default(),
            &swept,
        )
    } else {
        let side = Side {
            pulse_mm: 10_000,
            loss_threshold: 20,
            events: Vec::new(),
        };
        let measured = [1310, 1550].map(|wavelength| Measured {
            wavelength,
            a: Some(&side),
            b: Some(&side),
        });
        let design = Design {
            length_mm: 4_000_000,
            splices: 2,
            connectors: 2,
            wavelengths: vec![1310, 1550],
            bidirectional: true,
        };
        arl::fibre(&ruleset, &design, &measured)
    };
    came(judged.map(|judged| judged.verdict()))
}

fn bcf(bytes: &[u8]) -> String {
    let read = bcf::read(bytes);
    came(read.map(|read| bcf::write(&read).map(|written| written.is_empty())))
}

fn markup(bytes: &[u8]) -> String {
    let entries: [(&str, &[u8]); 2] = [
        (
            "bcf.version",
            b"<Version VersionId=\"2.1\"><DetailedVersion>2.1</DetailedVersion></Version>",
        ),
        ("6d1d6d2c-1f4f-4d8a-9d2e-1a2b3c4d5e6f/markup.bcf", bytes),
    ];
    bcf(&archive(&entries))
}

fn mspdi(bytes: &[u8]) -> String {
    let read = schedule::mspdi::read(bytes);
    came(read.map(|read| {
        let durations = read.tasks.iter().filter_map(|task| task.duration_hours());
        (
            schedule::mspdi::write(&read).is_empty(),
            durations.count().min(3),
        )
    }))
}

fn xer(bytes: &[u8]) -> String {
    let read = schedule::xer::read(bytes);
    came(read.map(|read| {
        (
            read.activities().len().min(3),
            read.relations().len().min(3),
        )
    }))
}

fn bill(bytes: &[u8]) -> String {
    let read = bill::read(bytes);
    came(read.map(|read| read.priced().len().min(3)))
}

fn sheet(bytes: &[u8]) -> String {
    let entries: [(&str, &[u8]); 2] = [
        ("xl/workbook.xml", b"<workbook><sheets/></workbook>"),
        ("xl/worksheets/sheet1.xml", bytes),
    ];
    bill(&archive(&entries))
}

/// A zip archive whose entries are stored as they are.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let mut crc = Crc::new();
        crc.update(content);
        let length = u32::try_from(content.len()).unwrap();
        let name_length = u16::try_from(name.len()).unwrap();
        let place = u32::try_from(out.len()).unwrap();
        // From the version needed up to the extra field's length, the same in both places.
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend(name_length.to_le_bytes());
        head.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(place.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).unwrap();
    let place = u32::try_from(out.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend(place.to_le_bytes());
    out.extend([0, 0]);
    out
}
