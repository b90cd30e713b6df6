//! `commonhold works radio`: a radio site held against its design, by the names of
//! `expected_site_verdicts.json`.

use std::path::Path;

use commonhold_session::{Answer, Refused};
use commonhold_works_contract::{
    acceptance::{
        Verdict,
        radio::{Judged, Limits, Sector, SectorDesign, judge},
        sweep::{self, SweepLimits},
    },
    touchstone::read,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    check::shown::of_outcome,
    refusal::{Refusal, bytes, json as document},
    table::{hundredths, table, thousandths},
    touchstone::sweep_name,
};

/// A site's design. An order takes all of it but the limits, a ruleset the limits alone.
#[derive(Deserialize)]
pub(crate) struct DesignForm {
    #[serde(default)]
    site: String,
    pub(crate) lat_e7: i64,
    pub(crate) lon_e7: i64,
    pub(crate) sectors: Vec<SectorForm>,
    pub(crate) limits: LimitsForm,
    /// The licensed band, where the design says.
    pub(crate) band_hz: Option<(u64, u64)>,
    /// When it may be measured, first and last second.
    pub(crate) test_window_unix: Option<(u64, u64)>,
    /// Seconds between an instrument's sweeps at least.
    #[serde(default)]
    pub(crate) min_averaging_time_s: u32,
}

#[derive(Deserialize)]
pub(crate) struct SectorForm {
    pub(crate) id: String,
    pub(crate) azimuth_cdeg: i64,
    pub(crate) mtilt_cdeg: i64,
    pub(crate) height_mm: i64,
    pub(crate) rated_power_cdbm: i64,
}

#[derive(Deserialize)]
pub(crate) struct LimitsForm {
    return_loss_accept_cdb: i64,
    return_loss_reject_cdb: i64,
    azimuth_tol_cdeg: i64,
    tilt_tol_cdeg: i64,
    height_tol_mm: i64,
    power_tol_cdb: i64,
    position_tol_mm: i64,
    hdop_max_centi: i64,
    earth_max_milliohm: i64,
}

impl LimitsForm {
    pub(crate) const fn limits(&self) -> Limits {
        Limits {
            azimuth: self.azimuth_tol_cdeg,
            tilt: self.tilt_tol_cdeg,
            height: self.height_tol_mm,
            power: self.power_tol_cdb,
            position: self.position_tol_mm,
            hdop: self.hdop_max_centi,
            earth: self.earth_max_milliohm,
        }
    }

    pub(crate) const fn sweep(&self, band: Option<(i64, i64)>) -> SweepLimits {
        SweepLimits {
            accept: self.return_loss_accept_cdb,
            reject: self.return_loss_reject_cdb,
            band,
        }
    }
}

/// What was found at a sector.
#[derive(Deserialize)]
pub(crate) struct EvidenceForm {
    pub(crate) sector: String,
    pub(crate) azimuth_cdeg: i64,
    pub(crate) mtilt_cdeg: i64,
    pub(crate) height_mm: i64,
    pub(crate) power_cdbm: i64,
    pub(crate) gnss: GnssForm,
    pub(crate) earth_milliohm: i64,
    pub(crate) sweep: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct GnssForm {
    pub(crate) lat_e7: i64,
    pub(crate) lon_e7: i64,
    pub(crate) hdop_centi: i64,
    fix: String,
    /// When the place was fixed, which is when the sweep was made.
    pub(crate) unix_time: Option<u64>,
}

impl GnssForm {
    /// Whether the fix is one in three dimensions.
    pub(crate) fn is_3d(&self) -> bool {
        self.fix.eq_ignore_ascii_case("3D")
    }
}

/// Judges a site.
///
/// # Errors
/// [`Refused`].
pub fn site(design_file: &Path, evidence_file: &Path) -> eyre::Result<Answer> {
    let design: DesignForm = document(design_file)?;
    let evidence: Vec<EvidenceForm> = document(evidence_file)?;
    let folder = evidence_file.parent().unwrap_or(Path::new("."));
    let sweeps = sweep_limits(&design).map_err(|refusal| refusal.of(design_file))?;
    let (mut data, mut rows) = (Vec::new(), Vec::new());
    for found in &evidence {
        let sector = design
            .sectors
            .iter()
            .find(|sector| sector.id == found.sector);
        let sector = sector.ok_or_else(|| {
            let what = format!("the design has no sector {:?}", found.sector);
            Refusal::malformed(what).of(evidence_file)
        })?;
        let verdict = match &found.sweep {
            None => Verdict::Incomplete,
            Some(name) => swept(&folder.join(name), &sweeps)?,
        };
        let judged = judged(&design, sector, found, verdict);
        let judged = judged.map_err(|e| Refusal::malformed(e.to_string()).of(evidence_file))?;
        rows.push(row(found, &judged));
        data.push(of_sector(found, &judged));
    }
    let head = [
        "sector",
        "verdict",
        "sweep",
        ">azimuth off deg",
        ">position off m",
        "fails",
    ];
    let text = format!("RADIO-1, site {}\n\n{}", design.site, table(&head, &rows));
    Answer::of(&data, text)
}

fn sweep_limits(design: &DesignForm) -> Result<SweepLimits, Refusal> {
    let millihertz = |hertz: u64| {
        let millihertz = i64::try_from(hertz).ok()?;
        millihertz.checked_mul(1000)
    };
    let band = match design.band_hz {
        None => None,
        Some((from, to)) => {
            let band = millihertz(from).zip(millihertz(to));
            let band = band.filter(|(from, to)| from <= to);
            Some(band.ok_or_else(|| Refusal::malformed("band_hz is no band"))?)
        }
    };
    Ok(design.limits.sweep(band))
}

fn swept(path: &Path, limits: &SweepLimits) -> Result<Verdict, Refused> {
    let sweep =
        bytes(path).and_then(|bytes| read(&bytes).map_err(|e| Refusal::malformed(e.to_string())));
    let sweep = sweep.map_err(|refusal| refusal.of(path))?;
    sweep::judge(&sweep.points, limits).map_err(|e| Refusal::malformed(e.to_string()).of(path))
}

fn judged(
    site: &DesignForm,
    sector: &SectorForm,
    found: &EvidenceForm,
    sweep: Verdict,
) -> Result<Judged, commonhold_works_contract::number::Overflow> {
    judge(
        &SectorDesign {
            latitude: site.lat_e7,
            longitude: site.lon_e7,
            azimuth: sector.azimuth_cdeg,
            tilt: sector.mtilt_cdeg,
            height: sector.height_mm,
            power: sector.rated_power_cdbm,
        },
        &site.limits.limits(),
        &Sector {
            latitude: found.gnss.lat_e7,
            longitude: found.gnss.lon_e7,
            hdop: found.gnss.hdop_centi,
            fix_3d: found.gnss.is_3d(),
            azimuth: found.azimuth_cdeg,
            tilt: found.mtilt_cdeg,
            height: found.height_mm,
            power: found.power_cdbm,
            earth: found.earth_milliohm,
        },
        sweep,
    )
}

fn of_sector(found: &EvidenceForm, judged: &Judged) -> Value {
    let rules: Vec<Value> = judged.outcomes.iter().map(of_outcome).collect();
    json!({
        "sector": found.sector,
        "azimuth_delta_cdeg": judged.azimuth_delta,
        "position_error_mm": judged.position_error,
        "sweep": sweep_name(judged.sweep),
        "failed": judged.failed(),
        "verdict": judged.verdict().name(),
        "rules": rules,
    })
}

fn row(found: &EvidenceForm, judged: &Judged) -> Vec<String> {
    vec![
        found.sector.clone(),
        judged.verdict().name().to_owned(),
        sweep_name(judged.sweep).to_owned(),
        hundredths(judged.azimuth_delta),
        thousandths(judged.position_error),
        judged.failed().join(", "),
    ]
}
