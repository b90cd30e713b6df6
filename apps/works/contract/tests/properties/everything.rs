//! An order, and all that the rules do with a file for it.

use commonhold_works_contract::{
    acceptance::{
        evidence::{Direction, File, assess},
        fibre::{Design, Limits},
        integrity::{Terms, signs},
        pairs::Side,
    },
    sor::parse,
    trace::{Tolerance, derive},
};

/// Everything that the rules do with a file.
pub(crate) fn everything(bytes: &[u8]) {
    let Ok(sor) = parse(bytes) else { return };
    let _ = derive(&sor, &Tolerance::default());
    let _ = Side::of(&sor);
    let _ = signs(&sor, bytes.len(), Some(&sor));
    let _ = sor.samples.digest();
    for direction in [Direction::Forth, Direction::Back] {
        let file = File { bytes, direction };
        let _ = assess(&design(), &limits(), &terms(), &[file, file]);
    }
}

pub(crate) fn design() -> Design {
    Design {
        length_mm: 4_000_000,
        splices: 2,
        connectors: 2,
        wavelengths: vec![1310, 1550],
        bidirectional: true,
    }
}

pub(crate) fn limits() -> Limits {
    Limits {
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
        guard: Default::default(),
    }
}

pub(crate) fn terms() -> Terms {
    Terms {
        cable: b"KABEL-1".to_vec(),
        fibres: vec![b"K01".to_vec()],
        wavelengths: vec![1310, 1550],
        instruments: vec![b"SN-A".to_vec(), b"SN-B".to_vec()],
        window: Some((1_790_000_000, 1_790_086_400)),
        pulse_ns_max: Some(100),
        averaging_s_min: 15,
        ..Terms::default()
    }
}
