//! What the files of contracts and orders have.

use std::path::Path;

use alloy_primitives::{B256, keccak256};
use commonhold_session::{Refused, Session};
use commonhold_works_contract::{
    arl,
    interface::IWorks::{
        Clocks, Design, Instrument, Line, NewContract, NewMilestone, Profile, Sector, Silence,
        Terms,
    },
};
use serde::Deserialize;
use serde_json::Value;

use super::short;
use crate::{
    bill::Bill,
    check::forms::{OrderForm, RulesetForm, arl_text, is_arl},
    radio::{DesignForm, SectorForm},
    refusal::json as document,
};

/// A contract as its file has it; money in minor units, shares in permille, times in seconds since 1970.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContractForm {
    package: u64,
    #[serde(default)]
    tender: u64,
    contractor: String,
    certifier: String,
    #[serde(default)]
    documents: String,
    terms: TermsForm,
    milestones: Vec<MilestoneForm>,
    /// The milestone of each line of the bill, from 1; 0 or left out: none.
    #[serde(default)]
    line_milestones: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsForm {
    #[serde(default)]
    retention_permille: u16,
    #[serde(default = "whole")]
    retention_cap_permille_of_contract: u16,
    #[serde(default)]
    retention_release_at_completion_permille: u16,
    #[serde(default)]
    ld_minor_per_day: u64,
    #[serde(default = "whole")]
    ld_cap_permille: u16,
    #[serde(default)]
    advance_permille: u16,
    #[serde(default)]
    advance_recovery_permille_of_each_gross: u16,
    due_unix: u64,
    #[serde(default = "two_days")]
    objection_seconds: u32,
    #[serde(default = "year")]
    defects_days: u32,
    #[serde(default = "deemed")]
    deemed_days: u32,
    #[serde(default = "cent")]
    units_per_minor: u64,
    #[serde(default)]
    profile: ProfileForm,
}

const fn whole() -> u16 {
    1_000
}

const fn two_days() -> u32 {
    48 * 3_600
}

const fn year() -> u32 {
    365
}

const fn deemed() -> u32 {
    2
}

const fn cent() -> u64 {
    10_000_000
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ProfileForm {
    #[default]
    Nec4,
    Fidic,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MilestoneForm {
    title: String,
    due_unix: u64,
    planned_days: u32,
    #[serde(default)]
    tested: bool,
    #[serde(default)]
    signers: Vec<SignerForm>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SignerForm {
    Owner,
    Certifier,
    Contractor,
}

impl SignerForm {
    const fn bit(self) -> u8 {
        match self {
            Self::Owner => 1,
            Self::Certifier => 2,
            Self::Contractor => 4,
        }
    }
}

impl ContractForm {
    /// As the law takes it, under a ruleset.
    pub(super) fn offer(&self, session: &dyn Session, ruleset: B256) -> eyre::Result<NewContract> {
        let terms = &self.terms;
        Ok(NewContract {
            package: self.package,
            tender: self.tender,
            contractor: session.who(&self.contractor)?,
            certifier: session.who(&self.certifier)?,
            documents: keccak256(&self.documents),
            ruleset,
            terms: Terms {
                retention: terms.retention_permille,
                retentionCap: terms.retention_cap_permille_of_contract,
                releaseAtCompletion: terms.retention_release_at_completion_permille,
                damagesPerDay: terms.ld_minor_per_day,
                damagesCap: terms.ld_cap_permille,
                advance: terms.advance_permille,
                advanceRecovery: terms.advance_recovery_permille_of_each_gross,
                dueAt: terms.due_unix,
                objectionSeconds: terms.objection_seconds,
                defectsDays: terms.defects_days,
                deemedDays: terms.deemed_days,
                unitsPerMinor: terms.units_per_minor,
                profile: match terms.profile {
                    ProfileForm::Nec4 => Profile::Nec4,
                    ProfileForm::Fidic => Profile::Fidic,
                },
                // The profile's own are written in their place.
                clocks: Clocks {
                    noticeBarDays: 0,
                    detailDays: 0,
                    replyDays: 0,
                    quotationDays: 0,
                    certificateDays: 0,
                    paymentDays: 0,
                    silence: Silence::Escalates,
                },
            },
        })
    }

    pub(super) fn milestones(&self) -> eyre::Result<Vec<NewMilestone>> {
        let one = |form: &MilestoneForm| {
            Ok(NewMilestone {
                title: short(&form.title)?,
                dueAt: form.due_unix,
                plannedDays: form.planned_days,
                tested: form.tested,
                signers: form
                    .signers
                    .iter()
                    .fold(0, |all, signer| all | signer.bit()),
            })
        };
        self.milestones.iter().map(one).collect()
    }

    pub(super) fn lines(&self, bill: &Bill) -> eyre::Result<Vec<Line>> {
        let milestones = self.line_milestones.iter().copied();
        let milestones = milestones.chain(std::iter::repeat(0));
        let one = |(line, milestone): (&crate::bill::BillLine, u16)| {
            let wrong = |_| Refused(format!("line {} of the bill is below zero", line.item));
            Ok(Line {
                quantity: u64::try_from(line.quantity).map_err(wrong)?,
                rate: u64::try_from(line.rate).map_err(wrong)?,
                milestone,
                done: 0,
            })
        };
        bill.lines.iter().zip(milestones).map(one).collect()
    }
}

/// A ruleset's file, as the law takes it: a text of ARL-1 as it is; limits of FIBRE-OSP-1, or those in the design
/// of a radio site, written into its text; or one of their names.
pub(super) fn ruleset(file: &Path, polish: &str) -> eyre::Result<String> {
    match file.to_str() {
        Some("FIBRE-OSP-1") => return Ok(arl::FIBRE_OSP_1.to_owned()),
        Some("RADIO-1") => return Ok(arl::RADIO_1.to_owned()),
        _ if is_arl(file) => return Ok(arl_text(file)?.0),
        _ => {}
    }
    let form: Value = document(file)?;
    let malformed = |e: serde_json::Error| Refused::file(file, &e);
    let text = if form.get("sectors").is_some() {
        let form: DesignForm = serde_json::from_value(form).map_err(malformed)?;
        arl::written_radio(&form.limits.limits(), &form.limits.sweep(None))
    } else {
        let form: RulesetForm = serde_json::from_value(form).map_err(malformed)?;
        let tolerance = form.trace_consistency.tolerance();
        let tolerance = tolerance.map_err(|refusal| refusal.of(file))?;
        let limits = form.limits.limits(polish);
        let limits = limits.map_err(|refusal| refusal.of(file))?;
        let unknown =
            || Refused::file(file, &"has a guard band of a rule that FIBRE-OSP-1 has not");
        arl::written(&limits, &tolerance).ok_or_else(unknown)?
    };
    arl::parse(&text).map_err(|fault| Refused::file(file, &fault))?;
    Ok(text)
}

/// Where instruments have to be: latitude and longitude in 1e-7 degrees, and millimetres around it.
pub(super) struct Site {
    pub(super) latitude: i64,
    pub(super) longitude: i64,
    pub(super) radius_mm: u64,
}

/// A work order's file, as the law takes it: of fibres, or the design of a radio site.
pub(super) fn design(file: &Path, devices: &[B256], site: Option<&Site>) -> eyre::Result<Design> {
    let form: Value = document(file)?;
    let malformed = |e: serde_json::Error| Refused::file(file, &e);
    if form.get("sectors").is_none() {
        let form: OrderForm = serde_json::from_value(form).map_err(malformed)?;
        return fibres(file, &form, devices, site);
    }
    if site.is_some() {
        return Err(Refused::file(file, &"has its place; leave --site out").into());
    }
    let form: DesignForm = serde_json::from_value(form).map_err(malformed)?;
    sectors(&form, devices)
}

/// The sectors of a radio site.
fn sectors(form: &DesignForm, devices: &[B256]) -> eyre::Result<Design> {
    let sector = |sector: &SectorForm| {
        Ok(Sector {
            name: short(&sector.id)?,
            azimuth: sector.azimuth_cdeg,
            tilt: sector.mtilt_cdeg,
            heightMm: sector.height_mm,
            power: sector.rated_power_cdbm,
        })
    };
    let instrument = |device: &B256| Instrument {
        device: *device,
        serial: B256::ZERO,
    };
    let (from, to) = form.test_window_unix.unwrap_or((0, u64::MAX));
    let (band_from, band_to) = form.band_hz.unwrap_or_default();
    Ok(Design {
        cable: B256::ZERO,
        fibres: Vec::new(),
        sectors: form
            .sectors
            .iter()
            .map(sector)
            .collect::<eyre::Result<_>>()?,
        bandFromHz: band_from,
        bandToHz: band_to,
        wavelengths: Vec::new(),
        groupIndices: Vec::new(),
        bidirectional: false,
        lengthMm: 0,
        splices: 0,
        connectors: 0,
        pulseMaxNs: 0,
        averagingMinS: form.min_averaging_time_s,
        windowFrom: from,
        windowTo: to,
        latitude: form.lat_e7,
        longitude: form.lon_e7,
        radiusMm: 0,
        instruments: devices.iter().map(instrument).collect(),
    })
}

/// Fibres; instruments in the order of the file's serial numbers.
fn fibres(
    file: &Path,
    form: &OrderForm,
    devices: &[B256],
    site: Option<&Site>,
) -> eyre::Result<Design> {
    let (design, terms) = (
        form.design(),
        form.terms(commonhold_works_contract::trace::Tolerance::default()),
    );
    if devices.len() != form.enrolled_otdr_serials.len() {
        let what = format!(
            "the order has {} instruments (enrolled_otdr_serials); name as many --device, in their order",
            form.enrolled_otdr_serials.len()
        );
        return Err(Refused::file(file, &what).into());
    }
    let instruments = devices.iter().zip(&form.enrolled_otdr_serials);
    let instruments = instruments.map(|(device, serial)| {
        Ok(Instrument {
            device: *device,
            serial: short(serial)?,
        })
    });
    let words = |texts: &[Vec<u8>]| -> eyre::Result<Vec<B256>> {
        texts
            .iter()
            .map(|text| short(&String::from_utf8_lossy(text)))
            .collect()
    };
    let cable = String::from_utf8_lossy(&terms.cable).into_owned();
    let wrong = |_| Refused::file(file, &"a figure is larger than the law takes");
    let indices = design
        .wavelengths
        .iter()
        .filter_map(|nm| terms.group_index.get(nm).copied());
    let (from, to) = terms.window.unwrap_or((0, u64::MAX));
    Ok(Design {
        cable: if cable.is_empty() {
            B256::ZERO
        } else {
            short(&cable)?
        },
        fibres: words(&terms.fibres)?,
        sectors: Vec::new(),
        bandFromHz: 0,
        bandToHz: 0,
        groupIndices: indices.collect(),
        wavelengths: design.wavelengths,
        bidirectional: design.bidirectional,
        lengthMm: u64::try_from(design.length_mm).map_err(wrong)?,
        splices: u32::try_from(design.splices).map_err(wrong)?,
        connectors: u32::try_from(design.connectors).map_err(wrong)?,
        pulseMaxNs: terms.pulse_ns_max.unwrap_or_default(),
        averagingMinS: u32::try_from(terms.averaging_s_min).map_err(wrong)?,
        windowFrom: from,
        windowTo: to,
        latitude: site.map_or(0, |site| site.latitude),
        longitude: site.map_or(0, |site| site.longitude),
        radiusMm: site.map_or(0, |site| site.radius_mm),
        instruments: instruments.collect::<eyre::Result<_>>()?,
    })
}
