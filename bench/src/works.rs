//! Works: a fibre's evidence parsed, derived again and judged, and a long history scored.

use std::{fs, path::Path, time::Instant};

use commonhold_works_contract::{
    acceptance::{
        Verdict,
        evidence::{Direction, File, assess},
        fibre::{Design, Limits},
        integrity::Terms,
    },
    credit::{EPOCH_SECONDS, Event, Role, score},
};
use eyre::{ensure, eyre};

use crate::report::{Bar, Report};

/// Rounds, of which the fastest counts.
const ROUNDS: u32 = 50;
/// Milliseconds that a fibre of two wavelengths from both ends may take.
const FIBRE_MS: f64 = 20.0;
/// Events of a long history, and milliseconds that its score may take, each event explained.
const EVENTS: u64 = 10_000;
const SCORE_MS: f64 = 50.0;

/// The traces of a fibre, and what it is called.
struct Fibre {
    files: Vec<(Vec<u8>, Direction)>,
    name: &'static str,
    cable: &'static str,
    length_mm: i64,
}

/// The four traces of a fibre: as large as an instrument's where the shared data is on this machine, otherwise
/// our own samples.
fn traces() -> eyre::Result<Fibre> {
    let shared = Path::new("../shared/data/works/otdr-synthetic");
    let (folder, fibre, length_mm, cable) = if shared.is_dir() {
        (shared, "SYNA_F01", 12_400_000, "CBL-SYN-A-12")
    } else {
        (
            Path::new("samples/works/traces"),
            "K01",
            4_000_000,
            "KABEL-1",
        )
    };
    let mut files = Vec::new();
    for wavelength in ["1310", "1550"] {
        for (end, direction) in [("AB", Direction::Forth), ("BA", Direction::Back)] {
            let path = folder.join(format!("{fibre}_{end}_{wavelength}.sor"));
            files.push((fs::read(path)?, direction));
        }
    }
    let name = if shared.is_dir() { "F01" } else { "K01" };
    Ok(Fibre {
        files,
        name,
        cable,
        length_mm,
    })
}

pub(crate) fn run(report: &mut Report) -> eyre::Result<()> {
    report.part("Works, one core");
    fibre(report)?;
    history(report)
}

fn fibre(report: &mut Report) -> eyre::Result<()> {
    let Fibre {
        files,
        name,
        cable,
        length_mm,
    } = traces()?;
    let design = Design {
        length_mm,
        splices: 3,
        connectors: 2,
        wavelengths: vec![1310, 1550],
        bidirectional: true,
    };
    let limits = Limits {
        attenuation: [(1310, 360), (1550, 220)].into(),
        splice_p95: 120,
        splice_hard: 200,
        splice_mean: 80,
        connector: 500,
        reflectance: -45_000,
        macrobend: 150,
        length_tolerance_mm: 10_000,
        length_tolerance_ppm: 5_000,
        budget_alpha: [(1310, 360), (1550, 220)].into(),
        budget_splice: 80,
        budget_connector: 500,
        ..Limits::default()
    };
    let terms = Terms {
        cable: cable.into(),
        fibres: vec![name.into()],
        wavelengths: vec![1310, 1550],
        ..Terms::default()
    };
    let brought = files.iter().map(|(bytes, direction)| File {
        bytes,
        direction: *direction,
    });
    let brought: Vec<_> = brought.collect();
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let found = assess(&design, &limits, &terms, &brought).map_err(|e| eyre!("{e}"))?;
        fastest = fastest.min(since.elapsed().as_secs_f64() * 1e3);
        let found = found.fibres.values().next();
        ensure!(
            found.is_some_and(|found| found.verdict == Verdict::Accept),
            "the fibre is not accepted"
        );
    }
    let bytes: usize = files.iter().map(|(bytes, _)| bytes.len()).sum();
    let beside = format!("four traces of {name}, {bytes} bytes; fastest of {ROUNDS}");
    report.figure(
        "parse, derive again and judge a fibre",
        fastest,
        "ms",
        Bar::AtMost(FIBRE_MS),
        &beside,
    )
}

fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

fn history(report: &mut Report) -> eyre::Result<()> {
    let now = 700;
    let owners = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let event = |number: u64| Event {
        id: number,
        dimension: small(number % 6).into(),
        group: owners
            .get(usize::from(small(number / 6 % 8)))
            .copied()
            .unwrap_or("A"),
        outcome: u16::try_from(number * 7_919 % 10_001).unwrap_or_default(),
        value: number * 104_729 % 90_000_000,
        verification: small(number % 4),
        time: (now - number % 60) * EPOCH_SECONDS,
        counts: true,
    };
    let events: Vec<Event<'_>> = (0..EVENTS).map(event).collect();
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let found = score(Role::Executor, now, "S", &events, &[], |_| 900);
        fastest = fastest.min(since.elapsed().as_secs_f64() * 1e3);
        ensure!(
            found.is_ok_and(|found| found.counterparties == 8),
            "no score"
        );
    }
    report.figure(
        "score of 10,000 events, each explained",
        fastest,
        "ms",
        Bar::AtMost(SCORE_MS),
        &format!("fastest of {ROUNDS}"),
    )
}
