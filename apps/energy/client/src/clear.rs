//! `commonhold energy clear`: what order books come to, by the code that clears slots on the ledger.

use std::path::Path;

use alloy_primitives::{B256, keccak256};
use commonhold_energy_contract::clearing::{Clearing, Fraction, Violation, check, clear};
use serde::Serialize;

use crate::{
    book::{self, Book},
    refusal::Refusal,
    source,
};

/// What books come to.
#[derive(Debug, Serialize)]
pub struct Cleared {
    /// One by one, as they stand in the file.
    pub books: Vec<ClearedBook>,
}

/// What a book comes to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ClearedBook {
    /// What it is called.
    pub id: String,
    /// The price; none where nothing trades.
    pub price_micro_per_kwh: Option<i64>,
    /// The lowest price that would do.
    pub price_lo: Option<i64>,
    /// The highest.
    pub price_hi: Option<i64>,
    /// What trades.
    pub volume_wh: u64,
    /// The highest limit of a bid.
    pub best_bid: Option<i64>,
    /// The lowest limit of an offer.
    pub best_offer: Option<i64>,
    /// Bids in the book.
    pub bids: usize,
    /// Offers in it.
    pub offers: usize,
    /// Who gets and gives how much: bids before offers, by their names. Whoever is not named gets nothing.
    pub fills: Vec<Fill>,
    /// Whether the linear check passes: limits are kept, both sides add up to the volume, and no one price
    /// clears more.
    pub linear_check: bool,
    /// What it finds wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<String>,
}

/// What an order gets or gives.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Fill {
    /// What it is called.
    pub order: String,
    /// Which side it is on.
    pub side: &'static str,
    /// How much of it is filled.
    pub fill_wh: u64,
    /// How much it is of.
    pub energy_wh: u64,
}

/// Clears the books of a file. `key` decides ties; where there is none, each book's name does.
///
/// # Errors
/// [`Refusal`].
pub fn clear_file(path: &Path, k: Fraction, key: Option<B256>) -> Result<Cleared, Refusal> {
    let text = source::text(path)?;
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let books = book::read(&text, stem.unwrap_or("book"))?;
    let books = books.iter().map(|book| clear_book(book, k, key));
    Ok(Cleared {
        books: books.collect::<Result<_, _>>()?,
    })
}

/// Clears one book.
///
/// # Errors
/// [`Refusal`].
pub fn clear_book(book: &Book, k: Fraction, key: Option<B256>) -> Result<ClearedBook, Refusal> {
    let key = key.unwrap_or_else(|| keccak256(book.id.as_bytes()));
    let found = clear(&book.bids, &book.offers, k, &key).map_err(|unfit| {
        let place = crate::refusal::Place::Member(book.id.clone());
        Refusal::malformed(place, format!("cannot be cleared: {unfit:?}"))
    })?;
    let passed = check(
        &book.bids,
        &book.offers,
        found.price,
        found.volume,
        &found.bid_fills,
        &found.offer_fills,
    );
    Ok(ClearedBook {
        id: book.id.clone(),
        price_micro_per_kwh: found.price,
        price_lo: found.bounds.map(|(lo, _)| lo),
        price_hi: found.bounds.map(|(_, hi)| hi),
        volume_wh: found.volume,
        best_bid: found.best_bid,
        best_offer: found.best_offer,
        bids: book.bids.len(),
        offers: book.offers.len(),
        fills: fills(book, &found),
        linear_check: passed.is_ok(),
        violation: passed
            .err()
            .map(|violation: Violation| format!("{violation:?}")),
    })
}

fn fills(book: &Book, found: &Clearing) -> Vec<Fill> {
    let mut all = Vec::new();
    for (side, names, orders, fills) in [
        ("bid", &book.bid_names, &book.bids, &found.bid_fills),
        ("offer", &book.offer_names, &book.offers, &found.offer_fills),
    ] {
        let rows = names.iter().zip(orders).zip(fills);
        let filled = rows.filter(|(_, fill)| **fill != 0);
        let mut of_side: Vec<Fill> = filled
            .map(|((name, order), fill)| Fill {
                order: name.clone(),
                side,
                fill_wh: *fill,
                energy_wh: order.quantity,
            })
            .collect();
        of_side.sort_unstable_by(|a, b| a.order.cmp(&b.order));
        all.append(&mut of_side);
    }
    all
}

impl Cleared {
    /// The answer for people: a line a book.
    pub fn text(&self) -> String {
        let lines = self.books.iter().map(ClearedBook::text);
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl ClearedBook {
    fn text(&self) -> String {
        let orders = format!("{} bids, {} offers", self.bids, self.offers);
        let check = match &self.violation {
            None => "check passes".to_owned(),
            Some(violation) => format!("CHECK FAILS: {violation}"),
        };
        match (self.price_micro_per_kwh, self.price_lo, self.price_hi) {
            (Some(price), Some(lo), Some(hi)) => format!(
                "{}: {} Wh at {price} micro/kWh (any of {lo} to {hi} clears), {} orders filled; {orders}; {check}",
                self.id,
                self.volume_wh,
                self.fills.len(),
            ),
            _ => format!("{}: nothing trades; {orders}; {check}", self.id),
        }
    }
}
