//! Contracts: what is to be built, for how much, by when, by which rules.
//!
//! The owner of a package writes a contract: terms, bill of quantities, milestones, a ruleset pinned by its
//! hash. It binds from when the contractor agrees to its sum; from then on its bill and milestones stay, and
//! only variations that both sides agree to change what is due.

use alloy_primitives::{Address, B256, U256, keccak256};
use commonhold_module::{Context, Outcome, ensure, reject};

use crate::{
    arl::{self, Ruleset},
    book::{self, add, belongs, concerns, known, stands, write},
    clocks,
    interface::IWorks::{
        AlreadySaid, Clocks, ContractAccepted, ContractOffered, ContractState, Kind, Line,
        MalformedRuleset, NewContract, NewMilestone, NotYours, OtherSum, Profile,
        RulesetRegistered, Silence, SubcontractorNamed, Terms, UnknownRuleset, acceptContractCall,
        addLinesCall, addMilestonesCall, agreeShareCall, formContractCall, nameSubcontractorCall,
        registerRulesetCall,
    },
    limits::{
        ARL_TEXT_BYTES_MAX, LINES_MAX, LINES_PER_CALL_MAX, MILESTONES_MAX, MILESTONES_PER_CALL_MAX,
        SUBCONTRACTORS_MAX,
    },
    number::Overflow,
    payment,
    people::{CONTRACTOR, OWNER, acting, acts, concerns_all, live},
    projects::own_package,
    shape::{self, computed},
    state::{
        CONTRACTS, ContractRow, LINES, LineRow, MILESTONES, MilestoneRow, PACKAGES, PackageRow,
        RULESETS, SHARES, ShareRow, TENDERS, TERMS,
    },
};

/// Gas for each byte of a ruleset's text that is read.
const TEXT_BYTE_GAS: u64 = 8;

pub(super) fn register_ruleset(ctx: &mut Context<'_>, call: registerRulesetCall) -> Outcome<B256> {
    let text = call.ruleset;
    shape::some(text.len(), ARL_TEXT_BYTES_MAX)?;
    read(ctx, &text)?;
    let hash = keccak256(&text);
    let words = RULESETS.at(&hash);
    if words.len(ctx)? == 0 {
        book::keep(ctx, &words, &text)?;
        ctx.emit(RulesetRegistered { ruleset: hash })?;
    }
    Ok(hash)
}

fn read(ctx: &mut Context<'_>, text: &str) -> Outcome<Ruleset> {
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    ctx.charge(bytes.saturating_mul(TEXT_BYTE_GAS))?;
    match arl::parse(text) {
        Ok(ruleset) => Ok(ruleset),
        Err(fault) => reject(MalformedRuleset {
            line: fault.line,
            what: fault.what,
        }),
    }
}

/// The text of this hash.
pub(super) fn ruleset_text(ctx: &mut Context<'_>, hash: B256) -> Outcome<String> {
    let kept: Option<String> = book::kept(ctx, &RULESETS.at(&hash))?;
    match kept {
        Some(text) => Ok(text),
        None => reject(UnknownRuleset { ruleset: hash }),
    }
}

/// The ruleset of this hash.
pub(super) fn ruleset(ctx: &mut Context<'_>, hash: B256) -> Outcome<Ruleset> {
    let text = ruleset_text(ctx, hash)?;
    read(ctx, &text)
}

pub(super) fn form_contract(ctx: &mut Context<'_>, call: formContractCall) -> Outcome<u64> {
    let NewContract {
        package,
        tender,
        contractor,
        certifier,
        documents,
        ruleset: pinned,
        terms,
    } = call.offer;
    let (place, project) = own_package(ctx, package)?;
    stands(place.contract == 0, Kind::Package, package)?;
    let owner = project.owner;
    for who in [owner, contractor, certifier] {
        live(ctx, who)?;
    }
    let apart = owner != contractor && contractor != certifier;
    stands(apart, Kind::Package, package)?;
    if tender != 0 {
        let row = known(ctx, &TENDERS, Kind::Tender, tender)?;
        let won = row.package == package && row.awarded == contractor;
        stands(won, Kind::Tender, tender)?;
    }
    let rules = ruleset(ctx, pinned)?;
    let terms = fit_terms(terms, ctx.now())?;
    let row = ContractRow {
        owner,
        package,
        contractor,
        tender,
        certifier,
        formed_at: ctx.now(),
        documents,
        ruleset: pinned,
        radio: rules.kind == arl::Kind::Radio,
        ..ContractRow::default()
    };
    let number = add(ctx, &CONTRACTS, &row)?;
    book::keep(ctx, &TERMS.at(&number), &terms)?;
    belongs(ctx, Kind::Contract, package, number)?;
    concerns_all(ctx, Kind::Contract, &row, number)?;
    ctx.emit(ContractOffered {
        number,
        owner,
        contractor,
        certifier,
        ruleset: pinned,
        documents,
    })?;
    Ok(number)
}

/// Terms that can be meant so, with their clocks written out.
fn fit_terms(terms: Terms, now: u64) -> Outcome<Terms> {
    for (share, what) in [
        (terms.retention, "retention"),
        (terms.retentionCap, "retentionCap"),
        (terms.releaseAtCompletion, "releaseAtCompletion"),
        (terms.damagesCap, "damagesCap"),
        (terms.advance, "advance"),
        (terms.advanceRecovery, "advanceRecovery"),
    ] {
        shape::permille(share, what)?;
    }
    let unit = terms.unitsPerMinor;
    shape::figure(unit != 0, "unitsPerMinor", U256::from(unit))?;
    let damages = terms.damagesPerDay;
    shape::figure(
        i64::try_from(damages).is_ok(),
        "damagesPerDay",
        U256::from(damages),
    )?;
    shape::future(terms.dueAt, now)?;
    let clocks = match terms.profile {
        Profile::Nec4 => written(&clocks::NEC4),
        Profile::Fidic => written(&clocks::FIDIC),
        _ => terms.clocks.clone(),
    };
    for (days, what) in [
        (terms.defectsDays, "defectsDays"),
        (terms.deemedDays, "deemedDays"),
        (clocks.noticeBarDays, "noticeBarDays"),
        (clocks.detailDays, "detailDays"),
        (clocks.replyDays, "replyDays"),
        (clocks.quotationDays, "quotationDays"),
        (clocks.certificateDays, "certificateDays"),
        (clocks.paymentDays, "paymentDays"),
        (
            terms.objectionSeconds.div_euclid(86_400),
            "objectionSeconds",
        ),
    ] {
        shape::days(days, what)?;
    }
    shape::figure(clocks.replyDays != 0, "replyDays", U256::ZERO)?;
    Ok(Terms { clocks, ..terms })
}

/// A profile as terms write it.
fn written(profile: &clocks::Profile) -> Clocks {
    Clocks {
        noticeBarDays: profile.notice_bar_days.unwrap_or_default(),
        detailDays: profile.detail_days.unwrap_or_default(),
        replyDays: profile.reply_days,
        quotationDays: profile.quotation_days.unwrap_or_default(),
        certificateDays: profile.certificate_days,
        paymentDays: profile.payment_days,
        silence: match profile.silence {
            clocks::Silence::Accepts => Silence::Accepts,
            clocks::Silence::Rejects => Silence::Rejects,
            clocks::Silence::Escalates => Silence::Escalates,
        },
    }
}

/// And for the rules.
pub(super) fn profile(clocks: &Clocks) -> clocks::Profile {
    let days = |days: u32| (days != 0).then_some(days);
    clocks::Profile {
        notice_bar_days: days(clocks.noticeBarDays),
        detail_days: days(clocks.detailDays),
        reply_days: clocks.replyDays,
        quotation_days: days(clocks.quotationDays),
        certificate_days: clocks.certificateDays,
        payment_days: clocks.paymentDays,
        silence: match clocks.silence {
            Silence::Accepts => clocks::Silence::Accepts,
            Silence::Rejects => clocks::Silence::Rejects,
            _ => clocks::Silence::Escalates,
        },
    }
}

/// The terms of a contract.
pub(super) fn terms(ctx: &mut Context<'_>, number: u64) -> Outcome<Terms> {
    book::surely(ctx, &TERMS.at(&number))
}

/// A contract that its owner still writes.
fn offered(ctx: &mut Context<'_>, number: u64) -> Outcome<ContractRow> {
    let (row, _) = acting(ctx, number, OWNER)?;
    stands(
        row.state == ContractState::Offered as u8,
        Kind::Contract,
        number,
    )?;
    Ok(row)
}

pub(super) fn add_lines(ctx: &mut Context<'_>, call: addLinesCall) -> Outcome<()> {
    let addLinesCall { number, lines } = call;
    let row = offered(ctx, number)?;
    shape::some(lines.len(), LINES_PER_CALL_MAX)?;
    let (bill, milestones) = (LINES.at(&number), MILESTONES.at(&number));
    let have = bill.len(ctx)?;
    shape::room(have, lines.len(), LINES_MAX)?;
    let known_milestones = milestones.len(ctx)?;
    let mut sum = row.sum;
    let mut rows = Vec::new();
    for Line {
        quantity,
        rate,
        milestone,
        done,
    } in lines
    {
        shape::figure(done == 0, "done", U256::from(done))?;
        let fits = u64::from(milestone) <= known_milestones;
        shape::figure(fits, "milestone", U256::from(milestone))?;
        let line = line(quantity, rate)?;
        let amount = computed(line.amount())?;
        let grown = u64::try_from(amount)
            .ok()
            .and_then(|amount| sum.checked_add(amount));
        let grown = grown.filter(|sum| i64::try_from(*sum).is_ok());
        shape::figure(grown.is_some(), "rate", U256::from(rate))?;
        sum = grown.unwrap_or_default();
        rows.push(LineRow {
            quantity,
            rate,
            milestone,
            done: 0,
        });
    }
    book::extend(ctx, &bill, &rows)?;
    write(ctx, &CONTRACTS, number, &ContractRow { sum, ..row })
}

/// A line of a bill, for the rules.
pub(super) fn line(quantity: u64, rate: u64) -> Outcome<payment::Line> {
    let signed = |figure: u64| i64::try_from(figure).map_err(|_| Overflow);
    Ok(payment::Line {
        quantity: computed(signed(quantity))?,
        rate: computed(signed(rate))?,
    })
}

pub(super) fn add_milestones(ctx: &mut Context<'_>, call: addMilestonesCall) -> Outcome<()> {
    let addMilestonesCall { number, milestones } = call;
    offered(ctx, number)?;
    shape::some(milestones.len(), MILESTONES_PER_CALL_MAX)?;
    let list = MILESTONES.at(&number);
    let have = list.len(ctx)?;
    shape::room(have, milestones.len(), MILESTONES_MAX)?;
    let mut rows = Vec::new();
    for NewMilestone {
        title,
        dueAt,
        plannedDays,
        tested,
        signers,
    } in milestones
    {
        shape::plain(&title, "title")?;
        shape::future(dueAt, ctx.now())?;
        shape::days(plannedDays, "plannedDays")?;
        let fits = signers < 8 && (tested || signers != 0);
        shape::figure(fits, "signers", U256::from(signers))?;
        rows.push(MilestoneRow {
            title,
            due_at: dueAt,
            planned_days: plannedDays,
            tested,
            signers,
            ..MilestoneRow::default()
        });
    }
    book::extend(ctx, &list, &rows)
}

pub(super) fn accept_contract(ctx: &mut Context<'_>, call: acceptContractCall) -> Outcome<()> {
    let acceptContractCall { number, sum } = call;
    let (row, _) = acting(ctx, number, CONTRACTOR)?;
    stands(
        row.state == ContractState::Offered as u8,
        Kind::Contract,
        number,
    )?;
    live(ctx, row.contractor)?;
    ensure(sum == row.sum, || OtherSum {
        agreed: sum,
        sum: row.sum,
    })?;
    let whole = LINES.at(&number).len(ctx)? != 0 && MILESTONES.at(&number).len(ctx)? != 0;
    stands(whole, Kind::Contract, number)?;
    let package = known(ctx, &PACKAGES, Kind::Package, row.package)?;
    stands(package.contract == 0, Kind::Package, row.package)?;
    let package = PackageRow {
        contract: number,
        ..package
    };
    write(ctx, &PACKAGES, row.package, &package)?;
    let row = ContractRow {
        state: ContractState::Running as u8,
        accepted_at: ctx.now(),
        ..row
    };
    write(ctx, &CONTRACTS, number, &row)?;
    ctx.emit(ContractAccepted { number, sum })
}

pub(super) fn name_subcontractor(
    ctx: &mut Context<'_>,
    call: nameSubcontractorCall,
) -> Outcome<()> {
    let nameSubcontractorCall {
        number,
        subcontractor,
        permille,
    } = call;
    let (row, _) = acting(ctx, number, CONTRACTOR)?;
    stands(
        row.state != ContractState::Closed as u8,
        Kind::Contract,
        number,
    )?;
    live(ctx, subcontractor)?;
    let others = [row.owner, row.contractor, row.certifier];
    stands(!others.contains(&subcontractor), Kind::Contract, number)?;
    let list = SHARES.at(&number);
    let all = book::all(ctx, &list, SUBCONTRACTORS_MAX)?;
    shape::room(
        u64::try_from(all.len()).unwrap_or(u64::MAX),
        1,
        SUBCONTRACTORS_MAX,
    )?;
    let twice = all.iter().any(|share| share.subcontractor == subcontractor);
    stands(!twice, Kind::Contract, number)?;
    let given = all.iter().map(|share| share.permille);
    let given = given.fold(permille, u16::saturating_add);
    shape::permille(given, "permille")?;
    shape::figure(permille != 0, "permille", U256::ZERO)?;
    let share = ShareRow {
        subcontractor,
        permille,
        agreed: false,
    };
    list.push(ctx, &share)?;
    concerns(ctx, Kind::Contract, subcontractor, number)?;
    ctx.emit(SubcontractorNamed {
        number,
        subcontractor,
        permille,
        agreed: false,
    })
}

pub(super) fn agree_share(ctx: &mut Context<'_>, call: agreeShareCall) -> Outcome<()> {
    let number = call.number;
    let list = SHARES.at(&number);
    let all = book::all(ctx, &list, SUBCONTRACTORS_MAX)?;
    let mut found: Option<(u64, Address, u16)> = None;
    for (index, share) in (0u64..).zip(&all) {
        if !share.agreed && acts(ctx, share.subcontractor)? {
            found = Some((index, share.subcontractor, share.permille));
            break;
        }
    }
    let Some((index, subcontractor, permille)) = found else {
        let (what, caller) = (Kind::Contract, ctx.caller());
        return reject(NotYours {
            what,
            number,
            caller,
        });
    };
    let agreed = ShareRow {
        subcontractor,
        permille,
        agreed: true,
    };
    list.replace(ctx, index, &agreed)?;
    ctx.emit(SubcontractorNamed {
        number,
        subcontractor,
        permille,
        agreed: true,
    })
}

/// A contract that binds, whatever its milestones.
pub(super) fn binds(row: &ContractRow, number: u64) -> Outcome<()> {
    let states = [ContractState::Running as u8, ContractState::Completed as u8];
    stands(states.contains(&row.state), Kind::Contract, number)
}

/// A contract whose work goes on.
pub(super) fn runs(row: &ContractRow, number: u64) -> Outcome<()> {
    stands(
        row.state == ContractState::Running as u8,
        Kind::Contract,
        number,
    )
}

/// Rejects what was said already.
pub(super) fn once(first: bool, what: Kind, number: u64) -> Outcome<()> {
    ensure(first, || AlreadySaid { what, number })
}
