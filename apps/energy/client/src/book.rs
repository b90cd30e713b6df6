//! Order books in files.
//!
//! JSON: one book, a list of books, or an object with `books` (or `cases`). A book has `bids` and
//! `offers`, and an `id`, or goes by its number. An order is `[id, micro per kWh, Wh]`, or an object with
//! `id` and either `price_micro_per_kwh` and `energy_wh`, or `rate` and `energy` in cents and kWh. Where a
//! rate is finer than a micro, it is rounded so that the limit is kept: a buyer's down, a seller's up.
//!
//! CSV: the columns `side` (B or S), `order`, `price_micro_per_kwh` and `energy_wh`, in any order, and
//! `book` where there are several.

use std::collections::BTreeMap;

use alloy_primitives::keccak256;
use commonhold_energy_contract::{
    clearing::{Order, Side},
    limits::{ORDER_WH_MAX, PRICE_MICRO_MAX},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    limits::{BOOKS_MAX, FILE_ORDERS_MAX, NAME_BYTES_MAX},
    number::Decimal,
    refusal::{Place, Reason, Refusal},
    source::is_json,
};

/// A book, with what its orders are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// What it is called.
    pub id: String,
    /// Who buys.
    pub bids: Vec<Order>,
    /// What the bids are called.
    pub bid_names: Vec<String>,
    /// Who sells.
    pub offers: Vec<Order>,
    /// What the offers are called.
    pub offer_names: Vec<String>,
}

/// Reads a file of books; `name` is what a single book without one is called.
///
/// # Errors
/// [`Refusal`].
pub fn read(text: &str, name: &str) -> Result<Vec<Book>, Refusal> {
    let books = if is_json(text) {
        json(text, name)?
    } else {
        table(text, name)?
    };
    if books.is_empty() {
        return Err(Refusal::file(Reason::Unknown("holds no order book")));
    }
    Ok(books)
}

/// The books of a file that are being gathered.
#[derive(Default)]
struct Gathering {
    books: Vec<Book>,
    /// The number of each book, and where it began.
    named: BTreeMap<String, (usize, Place)>,
    /// Where the orders of each book and side are.
    orders: BTreeMap<(usize, bool, String), Place>,
}

impl Gathering {
    /// Begins a book.
    fn open(&mut self, id: String, place: Place) -> Result<usize, Refusal> {
        if self.books.len() >= BOOKS_MAX {
            return Err(too_much(place, "books", "BOOKS_MAX", BOOKS_MAX as u64));
        }
        if let Some((_, first)) = self.named.get(&id) {
            let first = first.clone();
            return Err(Refusal::at(place, Reason::Duplicate { what: "id", first }));
        }
        let number = self.books.len();
        self.named.insert(id.clone(), (number, place));
        self.books.push(Book {
            id,
            ..Book::default()
        });
        Ok(number)
    }

    /// Adds an order to a book.
    fn add(
        &mut self,
        book: usize,
        side: Side,
        name: String,
        price: i64,
        quantity: i64,
        place: Place,
    ) -> Result<(), Refusal> {
        if self.orders.len() >= FILE_ORDERS_MAX {
            let max = FILE_ORDERS_MAX as u64;
            return Err(too_much(place, "orders", "FILE_ORDERS_MAX", max));
        }
        let out = |what, from, to, unit| {
            Err(Refusal::at(
                place.clone(),
                Reason::OutOfBounds {
                    what,
                    from,
                    to,
                    unit,
                },
            ))
        };
        let most = i64::try_from(ORDER_WH_MAX).unwrap_or(i64::MAX);
        let quantity = match u64::try_from(quantity) {
            Ok(wh) if (1..=ORDER_WH_MAX).contains(&wh) => wh,
            _ => return out("the energy", 1, most, "Wh"),
        };
        if price.unsigned_abs() > PRICE_MICRO_MAX.unsigned_abs() {
            let unit = "micro-currency per kWh";
            return out("the price", -PRICE_MICRO_MAX, PRICE_MICRO_MAX, unit);
        }
        let key = (book, side == Side::Bid, name.clone());
        if let Some(first) = self.orders.get(&key) {
            let (what, first) = ("order id", first.clone());
            return Err(Refusal::at(place, Reason::Duplicate { what, first }));
        }
        self.orders.insert(key, place);
        let order = Order {
            id: keccak256(name.as_bytes()),
            price,
            quantity,
        };
        let Some(book) = self.books.get_mut(book) else {
            return Ok(());
        };
        let (orders, names) = match side {
            Side::Bid => (&mut book.bids, &mut book.bid_names),
            Side::Offer => (&mut book.offers, &mut book.offer_names),
        };
        orders.push(order);
        names.push(name);
        Ok(())
    }
}

const fn too_much(place: Place, what: &'static str, limit: &'static str, max: u64) -> Refusal {
    Refusal::at(place, Reason::TooMuch { what, limit, max })
}

/// Checks a name: something that can be shown.
fn name(text: &str, place: &Place) -> Result<String, Refusal> {
    if text.is_empty() || text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
        let what = format!("an id has 1 to {NAME_BYTES_MAX} bytes and no control characters");
        return Err(Refusal::malformed(place.clone(), what));
    }
    Ok(text.to_owned())
}

// JSON

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    books: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    cases: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct RawBook<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    bids: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    offers: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct RawOrder<'a> {
    #[serde(borrow, alias = "order")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    price_micro_per_kwh: Option<&'a RawValue>,
    #[serde(borrow)]
    energy_wh: Option<&'a RawValue>,
    #[serde(borrow)]
    rate: Option<&'a RawValue>,
    #[serde(borrow)]
    energy: Option<&'a RawValue>,
}

fn json(text: &str, single: &str) -> Result<Vec<Book>, Refusal> {
    let wrong = |error: serde_json::Error| Refusal::of_json(&error);
    let mut gathering = Gathering::default();
    let (list, member) = if text.trim_start().starts_with('[') {
        (serde_json::from_str(text).map_err(wrong)?, "")
    } else {
        let document: Document<'_> = serde_json::from_str(text).map_err(wrong)?;
        match (document.books, document.cases) {
            (Some(books), None) => (books, "books"),
            (None, Some(cases)) => (cases, "cases"),
            (Some(_), Some(_)) => {
                let what = "has both books and cases; give one of them";
                return Err(Refusal::file(Reason::Unknown(what)));
            }
            (None, None) => {
                let book: &RawValue = serde_json::from_str(text).map_err(wrong)?;
                one(&mut gathering, book, "", single)?;
                return Ok(gathering.books);
            }
        }
    };
    for (number, book) in list.into_iter().enumerate() {
        let path = format!("{member}[{number}]");
        let fallback = format!("book-{}", number.saturating_add(1));
        one(&mut gathering, book, &path, &fallback)?;
    }
    Ok(gathering.books)
}

fn one(
    gathering: &mut Gathering,
    raw: &RawValue,
    path: &str,
    fallback: &str,
) -> Result<(), Refusal> {
    let place = if path.is_empty() {
        Place::File
    } else {
        Place::Member(path.to_owned())
    };
    let book: RawBook<'_> = serde_json::from_str(raw.get())
        .map_err(|_| Refusal::malformed(place.clone(), "is no order book"))?;
    let id = match book.id {
        Some(id) => label(id, &place)?,
        None => name(fallback, &place)?,
    };
    let number = gathering.open(id, place.clone())?;
    let sides = [
        (Side::Bid, "bids", book.bids),
        (Side::Offer, "offers", book.offers),
    ];
    for (side, member, orders) in sides {
        let orders = orders.ok_or_else(|| Refusal::at(place.clone(), Reason::Missing(member)))?;
        let dot = if path.is_empty() { "" } else { "." };
        for (row, order) in orders.into_iter().enumerate() {
            let place = Place::Member(format!("{path}{dot}{member}[{row}]"));
            let (name, price, wh) = order_of(order, side, &place)?;
            gathering.add(number, side, name, price, wh, place)?;
        }
    }
    Ok(())
}

/// What an order says: its name, its limit in micro, its energy in Wh.
fn order_of(raw: &RawValue, side: Side, place: &Place) -> Result<(String, i64, i64), Refusal> {
    let malformed = |what: &str| Refusal::malformed(place.clone(), what);
    if raw.get().starts_with('[') {
        let row: Vec<&RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| malformed("is no order"))?;
        let [id, price, energy] = row.as_slice() else {
            return Err(malformed("an order is [id, price, energy]"));
        };
        return Ok((
            label(id, place)?,
            micro(price.get(), place)?,
            watt_hours(energy.get(), 0, place)?,
        ));
    }
    let order: RawOrder<'_> =
        serde_json::from_str(raw.get()).map_err(|_| malformed("is no order"))?;
    let missing = |what| Refusal::at(place.clone(), Reason::Missing(what));
    let id = label(order.id.ok_or_else(|| missing("id"))?, place)?;
    match (
        order.price_micro_per_kwh,
        order.energy_wh,
        order.rate,
        order.energy,
    ) {
        (Some(price), Some(energy), None, None) => Ok((
            id,
            micro(price.get(), place)?,
            watt_hours(energy.get(), 0, place)?,
        )),
        (None, None, Some(rate), Some(energy)) => Ok((
            id,
            from_cents(rate.get(), side, place)?,
            watt_hours(energy.get(), 3, place)?,
        )),
        (price, energy, None, None) if price.is_some() || energy.is_some() => {
            Err(missing("price_micro_per_kwh or energy_wh"))
        }
        (None, None, _, _) => Err(missing("rate or energy")),
        _ => Err(Refusal::at(place.clone(), Reason::MixedUnits)),
    }
}

/// What something is called: a text, or a number as it is written.
fn label(raw: &RawValue, place: &Place) -> Result<String, Refusal> {
    if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
        return name(&text, place);
    }
    if serde_json::from_str::<serde_json::Number>(raw.get()).is_ok() {
        return name(raw.get(), place);
    }
    Err(Refusal::malformed(
        place.clone(),
        "an id is a text or a number",
    ))
}

fn micro(text: &str, place: &Place) -> Result<i64, Refusal> {
    let whole = Decimal::parse(text).and_then(Decimal::whole);
    whole.ok_or_else(|| not_whole("the price", "micro-currency per kWh", place))
}

fn from_cents(text: &str, side: Side, place: &Place) -> Result<i64, Refusal> {
    let rounded = || {
        let micro = Decimal::parse(text)?.shift(4)?;
        match side {
            Side::Bid => micro.floor().map(|(floor, _)| floor),
            Side::Offer => micro.ceiling(),
        }
    };
    rounded().ok_or_else(|| Refusal::malformed(place.clone(), "the rate is no number of cents"))
}

/// Energy in Wh, of a number that counts `10^power` of them.
fn watt_hours(text: &str, power: i32, place: &Place) -> Result<i64, Refusal> {
    let whole = || Decimal::parse(text)?.shift(power)?.whole();
    whole().ok_or_else(|| not_whole("the energy", "Wh", place))
}

fn not_whole(what: &'static str, unit: &'static str, place: &Place) -> Refusal {
    Refusal::at(place.clone(), Reason::NotWhole { what, unit })
}

// Tables

fn table(text: &str, single: &str) -> Result<Vec<Book>, Refusal> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| Refusal::of_csv(&e))?.clone();
    let column = |name: &'static str| {
        let mut found = header.iter().enumerate().filter(|(_, head)| *head == name);
        let first = found.next().map(|(number, _)| number);
        let twice = found.next().is_some();
        match first {
            Some(number) if !twice => Ok(number),
            Some(_) => Err(Refusal::malformed(Place::Line(1), "names a column twice")),
            None => Err(Refusal::at(Place::Line(1), Reason::Missing(name))),
        }
    };
    let columns = [
        column("side")?,
        column("order")?,
        column("price_micro_per_kwh")?,
        column("energy_wh")?,
    ];
    let by_book = if header.iter().any(|head| head == "book") {
        Some(column("book")?)
    } else {
        None
    };
    let mut gathering = Gathering::default();
    if by_book.is_none() {
        gathering.open(name(single, &Place::File)?, Place::File)?;
    }
    for row in reader.records() {
        let row = row.map_err(|e| Refusal::of_csv(&e))?;
        let place = Place::Line(row.position().map_or(0, csv::Position::line));
        let [side, order, price, energy] = columns.map(|n| row.get(n).unwrap_or_default());
        let side = match side.to_ascii_lowercase().as_str() {
            "b" | "bid" | "buy" => Side::Bid,
            "s" | "o" | "offer" | "sell" => Side::Offer,
            _ => return Err(Refusal::malformed(place, "a side is B or S")),
        };
        let book = match by_book {
            None => 0,
            Some(column) => {
                let id = name(row.get(column).unwrap_or_default(), &place)?;
                match gathering.named.get(&id) {
                    Some((number, _)) => *number,
                    None => gathering.open(id, place.clone())?,
                }
            }
        };
        let (id, price) = (name(order, &place)?, micro(price, &place)?);
        let energy = watt_hours(energy, 0, &place)?;
        gathering.add(book, side, id, price, energy, place)?;
    }
    Ok(gathering.books)
}

#[cfg(test)]
mod tests;
