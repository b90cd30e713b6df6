//! The messages about studies: protocols registered before they begin, and what is reported after.
//!
//! Results are compared with the version that was in force at the first enrolment
//! ([`crate::outcomes`]). Enrolment takes the board's approval, results take a locked database.

use alloy_primitives::{B256, U256};
use commonhold_module::{Context, Fault, Outcome, ensure, reject};
use commonhold_system::accounts::{self, roles};

use crate::{
    ethics,
    interface::IHealth::{
        DatabaseLocked, Endpoint, Finding, FirstEnrolled, Level, NotInvestigator, Profile,
        ResultsReported, StudyAmended, StudyRegistered, SwitchFound, Unblinded, UnfitCount,
        UnfitEndpoint, UnfitState, Unknown, amendStudyCall, declareFirstEnrolmentCall,
        lockDatabaseCall, registerStudyCall, reportResultsCall, reportResultsReturn, unblindCall,
    },
    limits::{ENDPOINTS_MAX, REPORTED_MAX, REPORTS_MAX, VERSIONS_MAX},
    outcomes, people, shape,
    state::{
        ENDPOINTS, EndpointRow, FINDINGS, FindingRow, REPORTS, Report, STUDIES, Study, VERSIONS,
        Version,
    },
};

pub(super) fn register_study(ctx: &mut Context<'_>, call: registerStudyCall) -> Outcome<u64> {
    let registerStudyCall {
        usdmHash,
        endpoints,
        profile,
        board,
    } = call;
    people::in_role(ctx, roles::RESEARCHER)?;
    ethics::known(ctx, board)?;
    let study = Study {
        investigator: ctx.caller(),
        registered_at: ctx.now(),
        flags: flags(&profile),
        board,
        disease: profile.disease,
        country: profile.country,
        institution: profile.institution,
        ..Study::default()
    };
    let number = STUDIES.push(ctx, &study)?.saturating_add(1);
    add_version(ctx, number, usdmHash, B256::ZERO, &endpoints)?;
    ctx.emit(StudyRegistered {
        number,
        investigator: study.investigator,
        usdmHash,
        board,
    })?;
    Ok(number)
}

pub(super) fn amend_study(ctx: &mut Context<'_>, call: amendStudyCall) -> Outcome<()> {
    let amendStudyCall {
        number,
        usdmHash,
        endpoints,
        reason,
    } = call;
    investigated(ctx, number)?;
    let version = add_version(ctx, number, usdmHash, reason, &endpoints)?;
    ctx.emit(StudyAmended {
        number,
        version,
        usdmHash,
        reason,
    })
}

fn add_version(
    ctx: &mut Context<'_>,
    study: u64,
    usdm_hash: B256,
    reason: B256,
    endpoints: &[Endpoint],
) -> Outcome<u64> {
    shape::some(endpoints.len(), ENDPOINTS_MAX)?;
    let mut ids: Vec<B256> = endpoints.iter().map(|endpoint| endpoint.id).collect();
    ids.sort_unstable();
    let twice = ids
        .windows(2)
        .find_map(|pair| pair.first().filter(|id| pair.last() == Some(*id)));
    let unfit = ids.iter().find(|id| id.is_zero()).or(twice);
    if let Some(id) = unfit {
        return reject(UnfitEndpoint { id: *id });
    }
    let versions = VERSIONS.at(&study);
    let count = versions.len(ctx)?;
    ensure(count < VERSIONS_MAX, || full(VERSIONS_MAX))?;
    let version = Version {
        usdm_hash,
        reason,
        time: ctx.now(),
    };
    let version = versions.push(ctx, &version)?.saturating_add(1);
    let rows = ENDPOINTS.at(&study).at(&version);
    let upcoming = rows.upcoming(ctx, u64::try_from(endpoints.len()).unwrap_or(u64::MAX))?;
    ctx.fetch(&[&upcoming])?;
    for endpoint in endpoints {
        let row = EndpointRow {
            id: endpoint.id,
            text: endpoint.text,
            time_point: endpoint.timePoint,
            level: endpoint.level as u8,
        };
        rows.push(ctx, &row)?;
    }
    Ok(version)
}

pub(super) fn declare_first_enrolment(
    ctx: &mut Context<'_>,
    call: declareFirstEnrolmentCall,
) -> Outcome<()> {
    let number = call.number;
    let study = investigated(ctx, number)?;
    let now = ctx.now();
    let may = study.first_enrolled == 0 && study.suspended_at == 0 && is_approved(&study, now);
    ensure(may, || UnfitState { number })?;
    let version = VERSIONS.at(&number).len(ctx)?;
    let begun = Study {
        first_enrolled: now,
        ..study
    };
    write(ctx, number, &begun)?;
    ctx.emit(FirstEnrolled { number, version })
}

pub(super) fn lock_database(ctx: &mut Context<'_>, call: lockDatabaseCall) -> Outcome<()> {
    let lockDatabaseCall {
        number,
        datasetHash,
    } = call;
    let study = investigated(ctx, number)?;
    let may = study.first_enrolled != 0 && study.locked == 0;
    ensure(may, || UnfitState { number })?;
    let locked = Study {
        locked: ctx.now(),
        dataset_hash: datasetHash,
        ..study
    };
    write(ctx, number, &locked)?;
    ctx.emit(DatabaseLocked {
        number,
        datasetHash,
    })
}

pub(super) fn unblind(ctx: &mut Context<'_>, call: unblindCall) -> Outcome<()> {
    let number = call.number;
    let study = investigated(ctx, number)?;
    let may = study.first_enrolled != 0 && study.unblinded == 0;
    ensure(may, || UnfitState { number })?;
    let after_lock = study.locked != 0;
    let unblinded = Study {
        unblinded: ctx.now(),
        ..study
    };
    write(ctx, number, &unblinded)?;
    ctx.emit(Unblinded {
        number,
        afterLock: after_lock,
    })
}

pub(super) fn report_results(
    ctx: &mut Context<'_>,
    call: reportResultsCall,
) -> Outcome<reportResultsReturn> {
    let reportResultsCall {
        number,
        reportHash,
        outcomes: reported,
    } = call;
    shape::at_most(reported.len(), REPORTED_MAX)?;
    let study = investigated(ctx, number)?;
    ensure(study.locked != 0, || UnfitState { number })?;
    let reports = REPORTS.at(&number);
    ensure(reports.len(ctx)? < REPORTS_MAX, || full(REPORTS_MAX))?;

    let versions = VERSIONS.at(&number).page(ctx, 0, VERSIONS_MAX)?;
    let times: Vec<u64> = versions.iter().map(|version| version.time).collect();
    let base = outcomes::in_force(&times, study.first_enrolled);
    let base = base.and_then(|index| u64::try_from(index).ok());
    let Some(base) = base.and_then(|index| index.checked_add(1)) else {
        return Err(Fault::Fatal(
            "a study without a version in force".to_owned(),
        ));
    };
    let last = u64::try_from(versions.len()).unwrap_or(u64::MAX);
    let registered = endpoints(ctx, number, base)?;
    let amended = if last == base {
        Vec::new()
    } else {
        endpoints(ctx, number, last)?
    };
    let findings = outcomes::compare(&registered, &amended, &reported);
    let verdict = outcomes::verdict(&findings);

    let row = Report {
        report_hash: reportHash,
        time: ctx.now(),
        version: base,
        verdict: verdict as u8,
    };
    let report = reports.push(ctx, &row)?;
    ctx.emit(ResultsReported {
        number,
        report,
        reportHash,
        verdict,
    })?;
    let rows = FINDINGS.at(&number).at(&report);
    let upcoming = rows.upcoming(ctx, u64::try_from(findings.len()).unwrap_or(u64::MAX))?;
    ctx.fetch(&[&upcoming])?;
    for Finding {
        endpoint,
        what,
        declared,
    } in findings
    {
        let row = FindingRow {
            endpoint,
            what: what as u8,
            declared,
        };
        rows.push(ctx, &row)?;
        ctx.emit(SwitchFound {
            number,
            report,
            endpoint,
            what,
            declared,
        })?;
    }
    Ok(reportResultsReturn { report, verdict })
}

/// The endpoints of a version.
pub(super) fn endpoints(ctx: &mut Context<'_>, study: u64, version: u64) -> Outcome<Vec<Endpoint>> {
    let max = u64::try_from(ENDPOINTS_MAX).unwrap_or(u64::MAX);
    let rows = ENDPOINTS.at(&study).at(&version).page(ctx, 0, max)?;
    let show = |row: EndpointRow| {
        Ok(Endpoint {
            id: row.id,
            level: Level::try_from(row.level)
                .map_err(|_| Fault::Fatal(format!("an endpoint of level {}", row.level)))?,
            text: row.text,
            timePoint: row.time_point,
        })
    };
    rows.into_iter().map(show).collect()
}

/// Whether a study has its board's approval, suspended or not.
pub(super) const fn is_approved(study: &Study, now: u64) -> bool {
    now < study.approved_until
}

/// What a study declares of itself, as a bit for each word.
fn flags(profile: &Profile) -> u16 {
    let words = [
        profile.research,
        profile.healthBiomedical,
        profile.methodsDevelopment,
        profile.populationAncestry,
        profile.geneticStudy,
        profile.clinicalCare,
        profile.commercial,
        profile.forProfit,
        profile.willPublish,
        profile.returnsResults,
    ];
    words
        .into_iter()
        .rev()
        .fold(0, |flags, word| (flags << 1) | u16::from(word))
}

/// What a study declares of itself.
pub(super) const fn profile(study: &Study) -> Profile {
    let flags = study.flags;
    Profile {
        research: flags & 1 != 0,
        healthBiomedical: flags & 2 != 0,
        methodsDevelopment: flags & 4 != 0,
        populationAncestry: flags & 8 != 0,
        geneticStudy: flags & 16 != 0,
        clinicalCare: flags & 32 != 0,
        commercial: flags & 64 != 0,
        forProfit: flags & 128 != 0,
        willPublish: flags & 256 != 0,
        returnsResults: flags & 512 != 0,
        disease: study.disease,
        country: study.country,
        institution: study.institution,
    }
}

/// The study of this number, where the caller may act for its investigator.
pub(super) fn investigated(ctx: &mut Context<'_>, number: u64) -> Outcome<Study> {
    let study = known(ctx, number)?;
    let caller = ctx.caller();
    let acts = accounts::may_act_for(ctx, caller, study.investigator, 0)?;
    ensure(acts, || NotInvestigator {
        study: number,
        caller,
    })?;
    Ok(study)
}

/// The study of this number.
pub(super) fn known(ctx: &mut Context<'_>, number: u64) -> Outcome<Study> {
    let found = match number.checked_sub(1) {
        Some(index) => STUDIES.get(ctx, index)?,
        None => None,
    };
    match found {
        Some(study) => Ok(study),
        None => reject(Unknown { number }),
    }
}

/// Writes a study anew.
pub(super) fn write(ctx: &mut Context<'_>, number: u64, study: &Study) -> Outcome<()> {
    let index = number.saturating_sub(1);
    STUDIES.replace(ctx, index, study).map(|_| ())
}

fn full(max: u64) -> UnfitCount {
    UnfitCount {
        given: U256::from(max.saturating_add(1)),
        max: U256::from(max),
    }
}
