//! Work orders and rulesets, as their files have them.

use std::{collections::BTreeMap, path::Path};

use commonhold_session::Refused;
use commonhold_works_contract::{
    acceptance::{
        fibre::{Design, Limits},
        integrity::Terms,
    },
    arl::{self, Ruleset},
    decimal::small,
    trace::Tolerance,
};
use serde::Deserialize;

use crate::refusal::{Refusal, bytes};

/// Whether a ruleset's file is a text of ARL-1, by its name.
pub(crate) fn is_arl(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("arl"))
}

/// A text of ARL-1, and what it says.
///
/// # Errors
/// [`Refused`].
pub(crate) fn arl_text(file: &Path) -> Result<(String, Ruleset), Refused> {
    let bytes = bytes(file).map_err(|refusal| refusal.of(file))?;
    let text = String::from_utf8(bytes).map_err(|_| Refused::file(file, &"is no text"))?;
    let ruleset = arl::parse(&text).map_err(|fault| Refused::file(file, &fault))?;
    Ok((text, ruleset))
}

#[derive(Deserialize)]
pub(crate) struct OrderForm {
    #[serde(default)]
    pub(crate) work_order: String,
    #[serde(default)]
    cable_id: String,
    design_length_mm: i64,
    #[serde(default)]
    design_splices: i64,
    #[serde(default)]
    panel_connectors: i64,
    #[serde(default)]
    pub(crate) connector_polish: String,
    wavelengths_nm: Vec<u16>,
    #[serde(default = "yes")]
    bidirectional: bool,
    fibres: Vec<String>,
    #[serde(default)]
    pub(crate) enrolled_otdr_serials: Vec<String>,
    test_window_unix: Option<(u64, u64)>,
    max_pulse_ns: Option<u16>,
    #[serde(default)]
    min_averaging_time_s: u64,
    #[serde(default)]
    group_index_1e5: BTreeMap<u16, u32>,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
pub(crate) struct RulesetForm {
    pub(crate) ruleset: String,
    pub(crate) version: u32,
    pub(crate) limits: LimitsForm,
    #[serde(default)]
    pub(crate) trace_consistency: ConsistencyForm,
}

/// How far a table may be off its trace; what is left out is as the rules have it.
#[derive(Default, Deserialize)]
pub(crate) struct ConsistencyForm {
    attenuation_tol_db_per_km: Option<Decimal>,
    min_section_m: Option<Decimal>,
    /// `0.05+2*sigma_fit`.
    loss_tol_db: Option<Decimal>,
    loss_min_section_m: Option<Decimal>,
}

/// A figure that JSON gives as a number or as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Decimal {
    Number(serde_json::Number),
    Text(String),
}

impl Decimal {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// Times ten to the places.
    fn scaled(&self, places: i32) -> Option<i64> {
        small(&self.text(), places)
    }
}

impl ConsistencyForm {
    pub(crate) fn tolerance(&self) -> Result<Tolerance, Refusal> {
        let mut tolerance = Tolerance::default();
        let wrong =
            |name: &str| Refusal::malformed(format!("trace_consistency.{name} is no figure"));
        let figures = [
            (
                "attenuation_tol_db_per_km",
                &self.attenuation_tol_db_per_km,
                6,
            ),
            ("min_section_m", &self.min_section_m, 3),
            ("loss_min_section_m", &self.loss_min_section_m, 3),
        ];
        for (name, figure, places) in figures {
            let Some(figure) = figure else { continue };
            let figure = figure.scaled(places).ok_or_else(|| wrong(name))?;
            match name {
                "attenuation_tol_db_per_km" => tolerance.attenuation = figure,
                "min_section_m" => tolerance.attenuation_section_mm = figure,
                _ => tolerance.loss_section_mm = figure,
            }
        }
        if let Some(loss) = &self.loss_tol_db {
            let text = loss.text();
            let (fixed, sigmas) = text.split_once('+').unwrap_or((&text, "0*sigma_fit"));
            let sigmas = sigmas.trim().strip_suffix("*sigma_fit").unwrap_or("");
            let figures = small(fixed, 6).zip(small(sigmas, 0));
            let (fixed, sigmas) = figures.ok_or_else(|| wrong("loss_tol_db"))?;
            tolerance.loss = fixed;
            tolerance.sigmas = sigmas;
        }
        Ok(tolerance)
    }
}

#[derive(Deserialize)]
pub(crate) struct LimitsForm {
    attenuation_max_mdb_per_km: BTreeMap<u16, i64>,
    splice_bidir_p95_mdb: i64,
    splice_bidir_hard_max_mdb: i64,
    splice_bidir_mean_max_mdb: i64,
    connector_bidir_max_mdb: i64,
    reflectance_max_mdb: ByPolish,
    macrobend_1550_minus_1310_max_mdb: i64,
    length_tolerance_mm: i64,
    length_tolerance_ppm: i64,
    budget: BudgetForm,
    #[serde(default)]
    guard: BTreeMap<String, i64>,
}

/// One limit, or one for each polish of a connector.
#[derive(Deserialize)]
#[serde(untagged)]
enum ByPolish {
    One(i64),
    Each(BTreeMap<String, i64>),
}

#[derive(Deserialize)]
struct BudgetForm {
    alpha_mdb_per_km: BTreeMap<u16, i64>,
    splice_mdb: i64,
    connector_mdb: i64,
}

impl OrderForm {
    pub(crate) fn design(&self) -> Design {
        Design {
            length_mm: self.design_length_mm,
            splices: self.design_splices,
            connectors: self.panel_connectors,
            wavelengths: self.wavelengths_nm.clone(),
            bidirectional: self.bidirectional,
        }
    }

    pub(crate) fn terms(&self, tolerance: Tolerance) -> Terms {
        let all = |texts: &[String]| texts.iter().map(|text| text.clone().into_bytes()).collect();
        Terms {
            cable: self.cable_id.clone().into_bytes(),
            fibres: all(&self.fibres),
            wavelengths: self.wavelengths_nm.clone(),
            instruments: all(&self.enrolled_otdr_serials),
            window: self.test_window_unix,
            pulse_ns_max: self.max_pulse_ns,
            averaging_s_min: self.min_averaging_time_s,
            group_index: self.group_index_1e5.clone(),
            tolerance,
        }
    }
}

impl LimitsForm {
    pub(crate) fn limits(self, polish: &str) -> Result<Limits, Refusal> {
        let reflectance = match self.reflectance_max_mdb {
            ByPolish::One(limit) => limit,
            ByPolish::Each(limits) => *limits.get(polish).ok_or_else(|| {
                let what = "reflectance_max_mdb has no limit for the order's connector_polish";
                Refusal::malformed(format!("{what}, {polish:?}"))
            })?,
        };
        Ok(Limits {
            attenuation: self.attenuation_max_mdb_per_km,
            splice_p95: self.splice_bidir_p95_mdb,
            splice_hard: self.splice_bidir_hard_max_mdb,
            splice_mean: self.splice_bidir_mean_max_mdb,
            connector: self.connector_bidir_max_mdb,
            reflectance,
            macrobend: self.macrobend_1550_minus_1310_max_mdb,
            length_tolerance_mm: self.length_tolerance_mm,
            length_tolerance_ppm: self.length_tolerance_ppm,
            budget_alpha: self.budget.alpha_mdb_per_km,
            budget_splice: self.budget.splice_mdb,
            budget_connector: self.budget.connector_mdb,
            guard: self.guard,
        })
    }
}
