//! `commonhold works certificates`: what is paid at each valuation, by the names of
//! `expected_certificates.json`.

use std::path::Path;

use commonhold_session::Answer;
use commonhold_works_contract::payment::{Certificate, Terms, Variation, certify, contract_sum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    bill::{Bill, BillLine, read},
    refusal::{Refusal, bytes, json as document},
    table::{hundredths, table},
};

#[derive(Deserialize)]
struct ContractForm {
    #[serde(default)]
    contract: String,
    terms: TermsForm,
    #[serde(default)]
    variations: Vec<VariationForm>,
    progress_permille_by_item: Vec<Vec<i64>>,
}

#[derive(Deserialize)]
struct TermsForm {
    #[serde(default)]
    currency: String,
    #[serde(default)]
    retention_permille: i64,
    #[serde(default = "whole")]
    retention_cap_permille_of_contract: i64,
    #[serde(default)]
    retention_release_at_completion_permille: i64,
    #[serde(default)]
    ld_minor_per_day: i64,
    #[serde(default = "whole")]
    ld_cap_permille: i64,
    #[serde(default)]
    planned_completion_day: i64,
    actual_completion_day: Option<i64>,
    #[serde(default)]
    advance_permille: i64,
    #[serde(default)]
    advance_recovery_permille_of_each_gross: i64,
}

const fn whole() -> i64 {
    1000
}

#[derive(Deserialize)]
struct VariationForm {
    add_qty_milli: i64,
    rate_minor: i64,
    approved_in_valuation: usize,
    #[serde(default)]
    eot_days: i64,
}

/// Computes all certificates of a contract.
///
/// # Errors
/// [`commonhold_session::Refused`].
pub fn certificates(contract_file: &Path, bill_file: &Path) -> eyre::Result<Answer> {
    let form: ContractForm = document(contract_file)?;
    let bill = bytes(bill_file).and_then(|bytes| read(&bytes));
    let bill = bill.map_err(|refusal| refusal.of(bill_file))?;
    let terms = &form.terms;
    let lines = bill.priced();
    let variation = |form: &VariationForm| Variation {
        quantity: form.add_qty_milli,
        rate: form.rate_minor,
        from: form.approved_in_valuation,
        extension_days: form.eot_days,
    };
    let variations: Vec<_> = form.variations.iter().map(variation).collect();
    let refused = |e: commonhold_works_contract::payment::Unpayable| {
        Refusal::malformed(e.to_string()).of(contract_file)
    };
    let sum = contract_sum(&lines).map_err(refused)?;
    let terms_of = Terms {
        retention: terms.retention_permille,
        retention_cap: terms.retention_cap_permille_of_contract,
        release_at_completion: terms.retention_release_at_completion_permille,
        damages_per_day: terms.ld_minor_per_day,
        damages_cap: terms.ld_cap_permille,
        planned_day: terms.planned_completion_day,
        actual_day: terms.actual_completion_day,
        advance: terms.advance_permille,
        advance_recovery: terms.advance_recovery_permille_of_each_gross,
    };
    let progress = &form.progress_permille_by_item;
    let certified = certify(&lines, &terms_of, &variations, progress).map_err(refused)?;
    let data = json!({
        "contract_sum_minor": sum,
        "lines": bill.lines.iter().map(of_line).collect::<Vec<_>>(),
        "certificates": certified.iter().map(of_certificate).collect::<Vec<_>>(),
        "notes": bill.notes,
    });
    Answer::of(&data, report(&form, sum, &bill, &certified))
}

pub(crate) fn of_line(line: &BillLine) -> Value {
    json!({
        "item": line.item,
        "description": line.description,
        "unit": line.unit,
        "qty_milli": line.quantity,
        "rate_minor": line.rate,
        "amount_minor": line.amount,
    })
}

fn of_certificate(certificate: &Certificate) -> Value {
    json!({
        "valuation": certificate.valuation,
        "gross_work_minor": certificate.gross_work,
        "variations_minor": certificate.variations,
        "gross_total_minor": certificate.gross,
        "retention_held_minor": certificate.retention_held,
        "advance_paid_minor": certificate.advance_paid,
        "advance_recovered_minor": certificate.advance_recovered,
        "ld_minor": certificate.damages,
        "net_cumulative_minor": certificate.net,
        "previous_minor": certificate.previous,
        "this_payment_minor": certificate.payment,
    })
}

fn report(form: &ContractForm, sum: i64, bill: &Bill, certified: &[Certificate]) -> String {
    let row = |certificate: &Certificate| {
        let figures = [
            certificate.gross,
            certificate.retention_held,
            certificate.advance_recovered,
            certificate.damages,
            certificate.net,
            certificate.payment,
        ];
        let mut row = vec![certificate.valuation.to_string()];
        row.extend(figures.map(hundredths));
        row
    };
    let rows: Vec<_> = certified.iter().map(row).collect();
    let head = [
        ">valuation",
        ">gross",
        ">retention held",
        ">advance recovered",
        ">damages",
        ">net",
        ">this payment",
    ];
    let mut text = format!(
        "contract {}, {} lines, sum {} {}\n\n{}",
        form.contract,
        bill.lines.len(),
        hundredths(sum),
        form.terms.currency,
        table(&head, &rows),
    );
    for note in &bill.notes {
        text += "\n";
        text += note;
    }
    text
}
