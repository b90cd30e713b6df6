//! `commonhold works apply`, `certify`, `pay` and `release`.

use commonhold_sdk::page::every;
use commonhold_session::{Answer, Session};
use commonhold_works_contract::{
    ADDRESS,
    interface::IWorks::{
        Certificate, Paid, PaymentCertified, applyForPaymentCall, certificatesCall,
        certifyPaymentCall, contractOfCall, payCall, releaseRetentionCall,
    },
};
use serde_json::{Value, json};

use super::{act, ask, done, hashed};
use crate::table::{hundredths, table};

#[derive(clap::Args)]
pub(crate) struct Done {
    /// The contract's number.
    contract: u64,
    /// How much of each line is done, in permille, in the bill's order.
    #[arg(required = true, value_delimiter = ',', value_name = "PERMILLE")]
    done: Vec<u16>,
}

pub(crate) fn apply(session: &dyn Session, args: &Done) -> eyre::Result<Answer> {
    let call = applyForPaymentCall {
        contract_: args.contract,
        done: args.done.clone(),
    };
    let data = json!({ "contract": args.contract, "done": args.done });
    done(session, &call, data, "applied for")
}

pub(crate) fn certify(
    session: &dyn Session,
    args: &Done,
    reason: Option<&str>,
) -> eyre::Result<Answer> {
    let call = certifyPaymentCall {
        contract_: args.contract,
        done: args.done.clone(),
        reason: hashed(reason),
    };
    let told: PaymentCertified = act(session, &call)?;
    certified(&told)
}

fn certified(told: &PaymentCertified) -> eyre::Result<Answer> {
    let data = json!({
        "contract": told.contract_,
        "certificate": told.number,
        "netMinor": told.net,
        "paymentMinor": told.payment,
        "dueAt": told.dueAt,
    });
    let text = format!(
        "certificate {}: this payment {}",
        told.number,
        hundredths(told.payment)
    );
    Answer::of(&data, text)
}

pub(crate) fn release(session: &dyn Session, contract: u64) -> eyre::Result<Answer> {
    let call = releaseRetentionCall {
        contract_: contract,
    };
    let told: PaymentCertified = act(session, &call)?;
    certified(&told)
}

pub(crate) fn pay(session: &dyn Session, contract: u64) -> eyre::Result<Answer> {
    let paid = ask(session, &contractOfCall { number: contract })?.paid;
    let call = payCall {
        contract_: contract,
        number: paid.saturating_add(1),
    };
    let told: Paid = act(session, &call)?;
    let data = json!({
        "contract": contract,
        "certificate": told.number,
        "minor": told.minor,
        "units": told.units.to_string(),
    });
    let minor = i64::try_from(told.minor).unwrap_or(i64::MAX);
    Answer::of(
        &data,
        format!("certificate {}: {} paid", told.number, hundredths(minor)),
    )
}

pub(crate) fn list(session: &dyn Session, contract: u64) -> eyre::Result<Answer> {
    let client = session.client()?;
    let page = every(|from, max| {
        let call = certificatesCall {
            number: contract,
            from,
            max,
        };
        let told = client.call(ADDRESS, &call)?;
        Ok((told.page, told.total))
    })?;
    let mut rows = Vec::new();
    let one = |(number, entry): (u64, &Certificate)| -> Value {
        rows.push(vec![
            number.to_string(),
            hundredths(entry.grossWork.saturating_add(entry.variations)),
            hundredths(entry.retention),
            hundredths(entry.net),
            hundredths(entry.payment),
            if entry.paidAt == 0 {
                "due".to_owned()
            } else {
                "paid".to_owned()
            },
        ]);
        json!({
            "certificate": number,
            "gross_work_minor": entry.grossWork,
            "variations_minor": entry.variations,
            "retention_held_minor": entry.retention,
            "advance_paid_minor": entry.advancePaid,
            "advance_recovered_minor": entry.advanceRecovered,
            "ld_minor": entry.damages,
            "net_cumulative_minor": entry.net,
            "this_payment_minor": entry.payment,
            "certifiedAt": entry.certifiedAt,
            "dueAt": entry.dueAt,
            "paidAt": entry.paidAt,
        })
    };
    let all: Vec<Value> = (1..).zip(&page).map(one).collect();
    let head = [
        ">certificate",
        ">gross",
        ">retention",
        ">net",
        ">this payment",
        "state",
    ];
    Answer::of(&all, table(&head, &rows))
}
