//! `commonhold works bids`: whether revealed bids are those that were committed to.

use std::path::Path;

use commonhold_session::Answer;
use commonhold_works_contract::tender::commitment;
use serde::Deserialize;
use serde_json::json;

use crate::{
    check::hex,
    refusal::{Refusal, json as document},
    table::table,
};

#[derive(Deserialize)]
struct BidsForm {
    bids: Vec<BidForm>,
}

#[derive(Deserialize)]
struct BidForm {
    bid_canonical_json: String,
    salt_hex: String,
    commitment_sha256_hex: String,
}

/// Holds bids against their commitments.
///
/// # Errors
/// [`commonhold_session::Refused`].
pub fn check(file: &Path) -> eyre::Result<Answer> {
    let form: BidsForm = document(file)?;
    let (mut bids, mut rows) = (Vec::new(), Vec::new());
    for (number, bid) in (1..).zip(&form.bids) {
        let salt = salt(&bid.salt_hex).ok_or_else(|| {
            let what = format!("bid {number}: a salt has 64 hexadecimal digits");
            Refusal::malformed(what).of(file)
        })?;
        let found = hex(&commitment(&salt, bid.bid_canonical_json.as_bytes()));
        let valid = found.eq_ignore_ascii_case(&bid.commitment_sha256_hex);
        let reveal = if valid {
            "valid"
        } else {
            "INVALID (content changed after commit)"
        };
        rows.push(vec![number.to_string(), reveal.to_owned(), found.clone()]);
        bids.push(json!({ "commitment_sha256_hex": found, "reveal": reveal }));
    }
    Answer::of(
        &json!({ "bids": bids }),
        table(&[">bid", "reveal", "commitment"], &rows),
    )
}

fn salt(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let pairs = digits?;
    let bytes: Vec<u8> = pairs
        .chunks(2)
        .filter_map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect();
    if pairs.len() != 64 {
        return None;
    }
    bytes.try_into().ok()
}
