//! Payment: applied for, certified by the rules of [`crate::payment`], paid from what the owner set aside.
//!
//! A certificate is computed and never typed in: from the bill, the terms, the variations that both sides
//! agreed to, and the progress that the certifier takes. A line that hangs on a milestone counts nothing before
//! the milestone is certified. The owner's money lies in one escrow of `system::token` that this module
//! controls; subcontractors that agreed to a share get it in the same transaction as the contractor.
//! Retention is certified by the register of defects: when its days are over and none is open.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue as _;
use commonhold_module::{Context, Outcome, ensure, reject, storage::Place};
use commonhold_system::token::{self, interface::IToken};

use crate::{
    book::{self, add, known, stands, write},
    clocks::due,
    contracts::{binds, line, terms},
    credit,
    crediting::{Act, day, days_between, state_fact},
    interface::IWorks::{
        AboveContractSum, Backwards, ContractState, DefectsOpen, Funded, Kind, MilestoneOpen,
        MilestoneState, NotNext, Overflow, Paid, Part, PaymentApplied, PaymentCertified, Refunded,
        Terms, WindowOpen, applyForPaymentCall, certifyPaymentCall, certifyPaymentReturn, fundCall,
        payCall, refundCall, releaseRetentionCall,
    },
    limits::{CERTIFICATES_MAX, LINES_MAX, MILESTONES_MAX, SUBCONTRACTORS_MAX},
    number::int,
    payment::{self, Changes, Earlier, Unpayable},
    people::{CERTIFIER, CONTRACTOR, OWNER, acting},
    shape::{self, computed, kept, told},
    state::{
        CERTIFICATES, CONTRACTS, CertificateRow, ContractRow, LINES, LineRow, MILESTONES, PARTIES,
        SHARES,
    },
};

pub(super) fn fund(ctx: &mut Context<'_>, call: fundCall) -> Outcome<()> {
    let fundCall { number, amount } = call;
    let (row, _) = acting(ctx, number, OWNER)?;
    binds(&row, number)?;
    if row.escrow.is_zero() {
        let hold = IToken::holdCall {
            salt: U256::from(number).into(),
            payer: row.owner,
            controller: ctx.module(),
            amount,
            deadline: 0,
        };
        let escrow = token::hold(ctx, hold)?;
        write(ctx, &CONTRACTS, number, &ContractRow { escrow, ..row })?;
    } else {
        token::add(ctx, row.escrow, amount)?;
    }
    ctx.emit(Funded { number, amount })
}

pub(super) fn refund(ctx: &mut Context<'_>, call: refundCall) -> Outcome<()> {
    let number = call.number;
    let (row, _) = acting(ctx, number, OWNER)?;
    let certificates = CERTIFICATES.at(&number).len(ctx)?;
    let over = row.state == ContractState::Closed as u8 && row.paid == certificates;
    stands(over && !row.escrow.is_zero(), Kind::Contract, number)?;
    let held = token::escrow(ctx, row.escrow)?.held;
    token::refund(ctx, row.escrow, held)?;
    ctx.emit(Refunded {
        contract_: number,
        units: held,
    })
}

pub(super) fn apply_for_payment(ctx: &mut Context<'_>, call: applyForPaymentCall) -> Outcome<()> {
    let applyForPaymentCall {
        contract_: number,
        done,
    } = call;
    let (row, _) = acting(ctx, number, CONTRACTOR)?;
    binds(&row, number)?;
    stands(row.applied_at == 0, Kind::Contract, number)?;
    let lines = LINES.at(&number).len(ctx)?;
    let given = u64::try_from(done.len()).unwrap_or(u64::MAX);
    shape::figure(given == lines, "done", U256::from(given))?;
    let row = ContractRow {
        applied_at: ctx.now(),
        applied: hash(&done),
        ..row
    };
    write(ctx, &CONTRACTS, number, &row)?;
    ctx.emit(PaymentApplied {
        contract_: number,
        done,
    })
}

fn hash(done: &[u16]) -> B256 {
    keccak256(done.to_vec().abi_encode())
}

pub(super) fn certify_payment(
    ctx: &mut Context<'_>,
    call: certifyPaymentCall,
) -> Outcome<certifyPaymentReturn> {
    let certifyPaymentCall {
        contract_: number,
        done,
        reason,
    } = call;
    let (row, _) = acting(ctx, number, CERTIFIER)?;
    binds(&row, number)?;
    stands(row.applied_at != 0, Kind::Contract, number)?;
    if hash(&done) != row.applied {
        shape::reasoned(&reason)?;
    }
    let terms = terms(ctx, number)?;
    let certificates = CERTIFICATES.at(&number);
    let count = certificates.len(ctx)?;
    shape::room(count, 1, CERTIFICATES_MAX)?;
    let before = match count {
        0 => None,
        _ => Some(known(ctx, &certificates, Kind::Certificate, count)?),
    };
    let net = before.map_or(0, |before| told(before.net));
    let found = valued(ctx, number, &row, &terms, &done, (count, net))?;
    let now = ctx.now();
    let due_at = due(row.applied_at, terms.clocks.paymentDays);
    let entry = CertificateRow {
        gross_work: kept(found.gross_work),
        variations: kept(found.variations),
        retention: kept(found.retention_held),
        advance_paid: kept(found.advance_paid),
        advance_recovered: kept(found.advance_recovered),
        damages: kept(found.damages),
        net: kept(found.net),
        payment: kept(found.payment),
        certified_at: now,
        due_at,
        paid_at: 0,
        reason,
    };
    let certificate = add(ctx, &certificates, &entry)?;
    let applied = row.applied_at;
    let row = ContractRow {
        applied_at: 0,
        applied: B256::ZERO,
        ..row
    };
    write(ctx, &CONTRACTS, number, &row)?;
    ctx.emit(PaymentCertified {
        contract_: number,
        number: certificate,
        net: found.net,
        payment: found.payment,
        dueAt: due_at,
    })?;
    let period = terms.clocks.certificateDays.into();
    let act = Act {
        subject: row.owner,
        counterparty: row.contractor,
        part: Part::Owner,
        dimension: 1,
        outcome: computed(credit::notice(period, days_between(applied, now)))?,
        value: found.payment.max(0).unsigned_abs(),
        verification: 2,
        source: Kind::Contract,
        item: number,
    };
    state_fact(ctx, &act)?;
    Ok(certifyPaymentReturn {
        number: certificate,
        payment: found.payment,
    })
}

/// The next certificate by the rules; and progress written down.
fn valued(
    ctx: &mut Context<'_>,
    number: u64,
    row: &ContractRow,
    terms: &Terms,
    done: &[u16],
    (count, net): (u64, i64),
) -> Outcome<payment::Certificate> {
    let list = LINES.at(&number);
    let lines = book::all(ctx, &list, LINES_MAX)?;
    let given = U256::from(done.len());
    shape::figure(done.len() == lines.len(), "done", given)?;
    let steps = book::all(ctx, &MILESTONES.at(&number), MILESTONES_MAX)?;
    let certified: Vec<bool> = steps
        .iter()
        .map(|step| step.state == MilestoneState::Certified as u8)
        .collect();
    let mut bill = Vec::new();
    for ((place, entry), permille) in (1u64..).zip(&lines).zip(done) {
        bill.push(line(entry.quantity, entry.rate)?);
        let at = usize::from(entry.milestone).checked_sub(1);
        let open = at.is_some_and(|at| certified.get(at) != Some(&true));
        ensure(!open || *permille == 0, || MilestoneOpen {
            line: place,
            milestone: entry.milestone,
        })?;
    }
    let before: Vec<i64> = lines.iter().map(|entry| entry.done.into()).collect();
    let now: Vec<i64> = done.iter().map(|permille| i64::from(*permille)).collect();
    let completed = row.state == ContractState::Completed as u8;
    let sum = computed(int(row.sum).get())?;
    let changes = Changes {
        amount: computed((int(row.added) - row.omitted).get())?,
        extension_days: row.extension_days.into(),
    };
    let rules = rules(terms, completed.then_some(row.completed_at))?;
    let earlier = Earlier {
        valuation: usize::try_from(count).unwrap_or(usize::MAX),
        done: Some(&before),
        net,
    };
    let max: i64 = computed((int(sum) + changes.amount).get())?;
    let found = match payment::value(&bill, sum, &rules, &changes, &earlier, &now) {
        Ok(found) => found,
        Err(error) => return refused(error, max),
    };
    ensure(found.gross <= max, || AboveContractSum {
        line: 0,
        gross: found.gross,
        max,
    })?;
    for ((index, entry), permille) in (0u64..).zip(lines).zip(done) {
        if entry.done != *permille {
            let entry = LineRow {
                done: *permille,
                ..entry
            };
            list.replace(ctx, index, &entry)?;
        }
    }
    Ok(found)
}

fn refused<T>(error: Unpayable, max: i64) -> Outcome<T> {
    let number = |line: usize| u64::try_from(line).unwrap_or(u64::MAX);
    match error {
        Unpayable::Over { line, permille, .. } => reject(AboveContractSum {
            line: number(line),
            gross: permille,
            max,
        }),
        Unpayable::Backwards { line, .. } => reject(Backwards { line: number(line) }),
        _ => reject(Overflow {}),
    }
}

/// Terms, for the rules.
fn rules(terms: &Terms, completed: Option<u64>) -> Outcome<payment::Terms> {
    Ok(payment::Terms {
        retention: terms.retention.into(),
        retention_cap: terms.retentionCap.into(),
        release_at_completion: terms.releaseAtCompletion.into(),
        damages_per_day: computed(int(terms.damagesPerDay).get())?,
        damages_cap: terms.damagesCap.into(),
        planned_day: day(terms.dueAt),
        actual_day: completed.map(day),
        advance: terms.advance.into(),
        advance_recovery: terms.advanceRecovery.into(),
    })
}

pub(super) fn pay(ctx: &mut Context<'_>, call: payCall) -> Outcome<()> {
    let payCall {
        contract_: number,
        number: certificate,
    } = call;
    let row = known(ctx, &CONTRACTS, Kind::Contract, number)?;
    let certificates = CERTIFICATES.at(&number);
    let entry = known(ctx, &certificates, Kind::Certificate, certificate)?;
    let next = row.paid.saturating_add(1);
    ensure(certificate == next, || NotNext {
        number: certificate,
        next,
    })?;
    // What a certificate takes back is kept from the next ones.
    let net = u64::try_from(told(entry.net)).unwrap_or_default();
    let minor = net.saturating_sub(row.paid_minor);
    let unit = terms(ctx, number)?.unitsPerMinor;
    let units = paid_out(ctx, number, &row, minor, unit)?;
    let now = ctx.now();
    let due_at = entry.due_at;
    let entry = CertificateRow {
        paid_at: now,
        ..entry
    };
    write(ctx, &certificates, certificate, &entry)?;
    let row = ContractRow {
        paid: certificate,
        paid_minor: row.paid_minor.saturating_add(minor),
        ..row
    };
    write(ctx, &CONTRACTS, number, &row)?;
    ctx.emit(Paid {
        contract_: number,
        number: certificate,
        minor,
        units,
    })?;
    if minor == 0 {
        return Ok(());
    }
    let act = Act {
        subject: row.owner,
        counterparty: row.contractor,
        part: Part::Owner,
        dimension: 0,
        outcome: computed(credit::payment(days_between(due_at, now)))?,
        value: minor,
        verification: 2,
        source: Kind::Contract,
        item: number,
    };
    state_fact(ctx, &act)
}

/// Gives out of the escrow: everybody their share. Tells how much in units.
fn paid_out(
    ctx: &mut Context<'_>,
    number: u64,
    row: &ContractRow,
    minor: u64,
    unit: u64,
) -> Outcome<U256> {
    if minor == 0 {
        return Ok(U256::ZERO);
    }
    stands(!row.escrow.is_zero(), Kind::Contract, number)?;
    let shares = book::all(ctx, &SHARES.at(&number), SUBCONTRACTORS_MAX)?;
    let agreed: Vec<_> = shares.into_iter().filter(|share| share.agreed).collect();
    let places: Vec<_> = agreed
        .iter()
        .map(|share| PARTIES.at(&share.subcontractor))
        .collect();
    let places: Vec<&dyn Place> = places.iter().map(|place| place as _).collect();
    ctx.fetch(&places)?;
    let permille: Vec<i64> = agreed.iter().map(|share| share.permille.into()).collect();
    let amount = computed(int(minor).get())?;
    let (rest, parts) = match payment::split(amount, &permille) {
        Ok(split) => split,
        Err(error) => return refused(error, amount),
    };
    let in_units =
        |minor: i64| U256::from(minor.max(0).unsigned_abs()).saturating_mul(U256::from(unit));
    let mut given = vec![(row.contractor, rest)];
    given.extend(
        agreed
            .iter()
            .map(|share| share.subcontractor)
            .zip(parts.iter().copied()),
    );
    let out: Vec<IToken::Share> = given
        .iter()
        .filter(|(_, minor)| *minor > 0)
        .map(|(to, minor)| IToken::Share {
            to: *to,
            amount: in_units(*minor),
        })
        .collect();
    token::split(ctx, row.escrow, out)?;
    for (share, part) in agreed.iter().zip(parts) {
        let act = Act {
            subject: row.contractor,
            counterparty: share.subcontractor,
            part: Part::Executor,
            dimension: 4,
            outcome: computed(credit::payment(0))?,
            value: part.max(0).unsigned_abs(),
            verification: 2,
            source: Kind::Contract,
            item: number,
        };
        state_fact(ctx, &act)?;
    }
    Ok(in_units(amount))
}

pub(super) fn release_retention(ctx: &mut Context<'_>, call: releaseRetentionCall) -> Outcome<u64> {
    let number = call.contract_;
    let row = known(ctx, &CONTRACTS, Kind::Contract, number)?;
    let waits = row.state == ContractState::Completed as u8 && row.applied_at == 0;
    stands(waits, Kind::Contract, number)?;
    let terms = terms(ctx, number)?;
    let (until, now) = (due(row.completed_at, terms.defectsDays), ctx.now());
    ensure(now > until, || WindowOpen { until })?;
    let open = row.open_defects;
    ensure(open == 0, || DefectsOpen { open })?;
    let certificates = CERTIFICATES.at(&number);
    let count = certificates.len(ctx)?;
    shape::room(count, 1, CERTIFICATES_MAX)?;
    let last = known(ctx, &certificates, Kind::Certificate, count)?;
    // What was left undone is not waited for: it is certified as long as the contract is not closed.
    let lines = book::all(ctx, &LINES.at(&number), LINES_MAX)?;
    let whole = lines
        .iter()
        .all(|line| i64::from(line.done) == payment::WHOLE);
    stands(whole, Kind::Contract, number)?;
    let held = told(last.retention);
    let net = computed((int(told(last.net)) + held).get())?;
    let due_at = due(now, terms.clocks.paymentDays);
    let entry = CertificateRow {
        retention: 0,
        net: kept(net),
        payment: kept(held),
        certified_at: now,
        due_at,
        paid_at: 0,
        reason: B256::ZERO,
        ..last
    };
    let certificate = add(ctx, &certificates, &entry)?;
    let row = ContractRow {
        state: ContractState::Closed as u8,
        ..row
    };
    write(ctx, &CONTRACTS, number, &row)?;
    ctx.emit(PaymentCertified {
        contract_: number,
        number: certificate,
        net,
        payment: held,
        dueAt: due_at,
    })?;
    Ok(certificate)
}
