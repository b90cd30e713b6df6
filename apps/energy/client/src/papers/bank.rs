//! What a supplier's bank collects: a customer direct debit initiation, pain.008.001.08 of ISO 20022, as the
//! SEPA core scheme takes it.
//!
//! Each household with a mandate that owes its supplier something for the month is one transaction, in
//! cents, rounded once; the sums of group and payment are the sums of those. Who is owed something, or has
//! no mandate, is told and not collected from.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use serde::{Deserialize, Serialize};

use super::cents;
use crate::{
    limits::MANDATES_MAX,
    refusal::{Place, Reason, Refusal},
};

/// The message's name space.
pub const NAME_SPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08";
/// Characters of a name.
const NAME_MAX: usize = 70;
/// Characters of a reference.
const REFERENCE_MAX: usize = 35;
/// The most that one collection may be, in cents.
const CENTS_MAX: u64 = 99_999_999_999;

/// Who collects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creditor {
    /// Its name.
    pub name: String,
    /// Its account.
    pub iban: String,
    /// Its bank; where there is none, the bank knows by the account.
    pub bic: Option<String>,
    /// Its creditor identifier.
    pub id: String,
}

/// Whose leave it is to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// The account holder's name.
    pub name: String,
    /// The account.
    pub iban: String,
    /// The bank.
    pub bic: Option<String>,
    /// The mandate's reference.
    pub reference: String,
    /// When it was signed, `2026-01-31`.
    pub signed: String,
}

/// A collection that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// From whom.
    pub household: Address,
    /// How much.
    pub cents: u64,
}

/// What becomes of a month's bills.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// The file.
    #[serde(skip)]
    pub xml: String,
    /// Transactions in it.
    pub transactions: usize,
    /// What they come to.
    pub cents: u64,
    /// Who owes something and has no mandate.
    pub without_mandate: Vec<Address>,
}

/// What a file is for.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Names the message; another for each.
    pub message: &'a str,
    /// When it is made, `2026-07-01T08:00:00Z`.
    pub created: &'a str,
    /// When it is collected, `2026-07-05`.
    pub collected: &'a str,
    /// What stands on the account statement.
    pub purpose: &'a str,
    /// The currency: EUR in SEPA.
    pub currency: &'a str,
}

/// Reads mandates: CSV with the columns `household`, `name`, `iban`, `bic` (may be empty), `mandate` and
/// `signed`. `who` says whom the first means.
///
/// # Errors
/// [`Refusal`].
pub fn mandates(
    text: &str,
    who: impl Fn(&str) -> Option<Address>,
) -> Result<BTreeMap<Address, Mandate>, Refusal> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| Refusal::of_csv(&e))?.clone();
    let column = |name: &'static str| {
        let missing = || Refusal::at(Place::Line(1), Reason::Missing(name));
        header
            .iter()
            .position(|head| head == name)
            .ok_or_else(missing)
    };
    let columns = [
        column("household")?,
        column("name")?,
        column("iban")?,
        column("bic")?,
        column("mandate")?,
        column("signed")?,
    ];
    let mut found: BTreeMap<Address, Mandate> = BTreeMap::new();
    for row in reader.records() {
        let row = row.map_err(|e| Refusal::of_csv(&e))?;
        let place = Place::Line(row.position().map_or(0, csv::Position::line));
        if found.len() >= MANDATES_MAX {
            let (what, limit, max) = ("mandates", "MANDATES_MAX", MANDATES_MAX as u64);
            return Err(Refusal::at(place, Reason::TooMuch { what, limit, max }));
        }
        let [household, name, iban, bic, reference, signed] =
            columns.map(|n| row.get(n).unwrap_or_default().to_owned());
        let bad = |what: &str| Refusal::malformed(place.clone(), what);
        let household = who(&household).ok_or_else(|| bad("the household is nobody here"))?;
        let mandate = Mandate {
            name,
            iban: account(&iban).ok_or_else(|| bad("the IBAN is none: its check digits fail"))?,
            bic: Some(bic).filter(|bic| !bic.is_empty()),
            reference,
            signed,
        };
        if !mandate.bic.as_deref().is_none_or(is_bic) {
            return Err(bad("the BIC is none"));
        }
        if !is_reference(&mandate.reference) {
            return Err(bad(
                "a mandate has 1 to 35 letters, figures and signs of SEPA",
            ));
        }
        if mandate.signed.parse::<jiff::civil::Date>().is_err() || mandate.signed.len() != 10 {
            return Err(bad("a mandate is signed on a day such as 2026-01-31"));
        }
        if found.insert(household, mandate).is_some() {
            return Err(bad("the household has a mandate above"));
        }
    }
    Ok(found)
}

/// Makes the file.
///
/// # Errors
/// What cannot stand in it, in words.
pub fn file(
    creditor: &Creditor,
    run: &Run<'_>,
    collections: &[Collection],
    mandates: &BTreeMap<Address, Mandate>,
) -> Result<Collected, String> {
    let iban = account(&creditor.iban).ok_or("the creditor's IBAN is none")?;
    if !creditor.bic.as_deref().is_none_or(is_bic) {
        return Err("the creditor's BIC is none".to_owned());
    }
    if !is_reference(&creditor.id) || !is_reference(run.message) {
        return Err("an identifier has 1 to 35 letters, figures and signs of SEPA".to_owned());
    }
    let mut made = Vec::new();
    let mut without_mandate = Vec::new();
    let mut all = 0u64;
    for one in collections.iter().filter(|one| one.cents != 0) {
        if one.cents > CENTS_MAX {
            return Err(format!(
                "{} owes more than one collection may be",
                one.household
            ));
        }
        match mandates.get(&one.household) {
            Some(mandate) => {
                all = all.checked_add(one.cents).ok_or("the sum is too large")?;
                made.push((one, mandate));
            }
            None => without_mandate.push(one.household),
        }
    }
    if made.is_empty() {
        return Err("there is nothing to collect: nobody with a mandate owes anything".to_owned());
    }
    let mut xml = Xml::new();
    let count = made.len().to_string();
    let sum = cents(all.into());
    xml.root(|xml| {
        xml.node("GrpHdr", |xml| {
            xml.leaf("MsgId", run.message);
            xml.leaf("CreDtTm", run.created);
            xml.leaf("NbOfTxs", &count);
            xml.leaf("CtrlSum", &sum);
            xml.node("InitgPty", |xml| xml.name(&creditor.name));
        });
        xml.node("PmtInf", |xml| {
            xml.leaf("PmtInfId", run.message);
            xml.leaf("PmtMtd", "DD");
            xml.leaf("NbOfTxs", &count);
            xml.leaf("CtrlSum", &sum);
            xml.node("PmtTpInf", |xml| {
                xml.node("SvcLvl", |xml| xml.leaf("Cd", "SEPA"));
                xml.node("LclInstrm", |xml| xml.leaf("Cd", "CORE"));
                xml.leaf("SeqTp", "RCUR");
            });
            xml.leaf("ReqdColltnDt", run.collected);
            xml.node("Cdtr", |xml| xml.name(&creditor.name));
            xml.node("CdtrAcct", |xml| xml.iban(&iban));
            xml.node("CdtrAgt", |xml| xml.bank(creditor.bic.as_deref()));
            xml.leaf("ChrgBr", "SLEV");
            xml.node("CdtrSchmeId", |xml| {
                xml.node("Id", |xml| {
                    xml.node("PrvtId", |xml| {
                        xml.node("Othr", |xml| {
                            xml.leaf("Id", &creditor.id);
                            xml.node("SchmeNm", |xml| xml.leaf("Prtry", "SEPA"));
                        });
                    });
                });
            });
            for (number, (one, mandate)) in (1u64..).zip(&made) {
                xml.node("DrctDbtTxInf", |xml| {
                    let id = format!("{number}");
                    let id: String = [run.message, "-", &id].concat();
                    let cut = id.len().saturating_sub(REFERENCE_MAX);
                    xml.node("PmtId", |xml| {
                        xml.leaf("EndToEndId", id.get(cut..).unwrap_or(&id))
                    });
                    xml.amount("InstdAmt", run.currency, &cents(one.cents.into()));
                    xml.node("DrctDbtTx", |xml| {
                        xml.node("MndtRltdInf", |xml| {
                            xml.leaf("MndtId", &mandate.reference);
                            xml.leaf("DtOfSgntr", &mandate.signed);
                        });
                    });
                    xml.node("DbtrAgt", |xml| xml.bank(mandate.bic.as_deref()));
                    xml.node("Dbtr", |xml| xml.name(&mandate.name));
                    xml.node("DbtrAcct", |xml| xml.iban(&mandate.iban));
                    xml.node("RmtInf", |xml| {
                        let text: String = latin(run.purpose).chars().take(140).collect();
                        xml.leaf("Ustrd", &text);
                    });
                });
            }
        });
    });
    Ok(Collected {
        xml: xml.finish()?,
        transactions: made.len(),
        cents: all,
        without_mandate,
    })
}

/// An IBAN without spaces, where its check digits hold.
fn account(text: &str) -> Option<String> {
    let iban: String = text.chars().filter(|c| *c != ' ').collect();
    let plain = iban
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let begins = matches!(iban.as_bytes(), [a, b, c, d, ..]
        if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit());
    if !(15..=34).contains(&iban.len()) || !plain || !begins {
        return None;
    }
    let (head, tail) = iban.split_at_checked(4)?;
    let rest = tail
        .chars()
        .chain(head.chars())
        .try_fold(0u32, |rest, letter| {
            let value = letter.to_digit(36)?;
            let shift = if value < 10 { 10 } else { 100 };
            rest.checked_mul(shift)?.checked_add(value)?.checked_rem(97)
        })?;
    (rest == 1).then_some(iban)
}

fn is_bic(text: &str) -> bool {
    let plain = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    let bank = text.get(..6).unwrap_or_default();
    matches!(text.len(), 8 | 11)
        && plain(text)
        && bank.len() == 6
        && bank.bytes().all(|b| b.is_ascii_uppercase())
}

/// Letters, figures and signs that every bank of SEPA takes.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || " /-?:().,'+".contains(letter)
}

fn is_reference(text: &str) -> bool {
    (1..=REFERENCE_MAX).contains(&text.len())
        && text.chars().all(is_plain)
        && !text.starts_with('/')
}

/// A text with a full stop for each letter that banks do not take.
fn latin(text: &str) -> String {
    text.chars()
        .map(|letter| if is_plain(letter) { letter } else { '.' })
        .collect()
}

/// XML that is written; the first fault is told at the end.
struct Xml {
    writer: Writer<Vec<u8>>,
    fault: Option<String>,
}

impl Xml {
    fn new() -> Self {
        let mut xml = Self {
            writer: Writer::new_with_indent(Vec::new(), b' ', 1),
            fault: None,
        };
        xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    fn put(&mut self, event: Event<'_>) {
        if let Err(e) = self.writer.write_event(event) {
            self.fault.get_or_insert(e.to_string());
        }
    }

    fn root(&mut self, inner: impl FnOnce(&mut Self)) {
        let start =
            quick_xml::events::BytesStart::new("Document").with_attributes([("xmlns", NAME_SPACE)]);
        let end = start.to_end().into_owned();
        self.put(Event::Start(start.borrow()));
        self.node("CstmrDrctDbtInitn", inner);
        self.put(Event::End(end));
    }

    fn node(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        let start = quick_xml::events::BytesStart::new(name);
        self.put(Event::Start(start.borrow()));
        inner(self);
        self.put(Event::End(start.to_end()));
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.node(name, |xml| xml.put(Event::Text(BytesText::new(text))));
    }

    fn amount(&mut self, name: &str, currency: &str, text: &str) {
        let start = quick_xml::events::BytesStart::new(name).with_attributes([("Ccy", currency)]);
        self.put(Event::Start(start.borrow()));
        self.put(Event::Text(BytesText::new(text)));
        self.put(Event::End(start.to_end()));
    }

    fn name(&mut self, name: &str) {
        let text: String = latin(name).chars().take(NAME_MAX).collect();
        self.leaf("Nm", &text);
    }

    fn iban(&mut self, iban: &str) {
        self.node("Id", |xml| xml.leaf("IBAN", iban));
    }

    fn bank(&mut self, bic: Option<&str>) {
        self.node("FinInstnId", |xml| match bic {
            Some(bic) => xml.leaf("BICFI", bic),
            None => xml.node("Othr", |xml| xml.leaf("Id", "NOTPROVIDED")),
        });
    }

    fn finish(self) -> Result<String, String> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut text = String::from_utf8(self.writer.into_inner()).map_err(|e| e.to_string())?;
        text.push('\n');
        Ok(text)
    }
}
