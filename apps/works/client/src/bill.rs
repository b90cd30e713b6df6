//! Bills of quantities, from CSV or a spreadsheet.
//!
//! Columns are known by their heads: `item`, `description`, `unit`, `quantity`, `rate`, `amount`, and the
//! other words that people use for them. Quantities have three places, rates two; the amount is computed, and
//! what the bill says of it is compared.

use commonhold_works_contract::{limits::BILL_LINES_MAX, payment::Line};

use crate::{
    decimal::written,
    refusal::Refusal,
    sheet::{Rows, rows},
};

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillLine {
    /// `2.03`.
    pub item: String,
    /// What it is.
    pub description: String,
    /// `m`, `each`, `sum`.
    pub unit: String,
    /// Thousandths.
    pub quantity: i64,
    /// Minor units.
    pub rate: i64,
    /// Minor units.
    pub amount: i64,
}

/// A bill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Its lines.
    pub lines: Vec<BillLine>,
    /// Lines whose amount the bill says otherwise.
    pub notes: Vec<String>,
}

/// What a column is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Item,
    Description,
    Unit,
    Quantity,
    Rate,
    Amount,
}

fn column(head: &str) -> Option<Column> {
    let head = head.trim().to_lowercase();
    let head = head.split(['(', '[']).next().unwrap_or_default().trim();
    match head {
        "item" | "item no" | "item no." | "no" | "no." | "ref" | "code" | "pos" | "编号" => {
            Some(Column::Item)
        }
        "description" | "desc" | "text" | "work" | "名称" => Some(Column::Description),
        "unit" | "uom" | "单位" => Some(Column::Unit),
        "quantity" | "qty" | "qty." | "数量" => Some(Column::Quantity),
        "rate" | "unit rate" | "unit price" | "price" | "单价" => Some(Column::Rate),
        "amount" | "total" | "sum" | "合价" => Some(Column::Amount),
        _ => None,
    }
}

/// Reads a bill.
///
/// # Errors
/// [`Refusal`].
pub fn read(bytes: &[u8]) -> Result<Bill, Refusal> {
    of_rows(&rows(bytes)?)
}

fn of_rows(rows: &Rows) -> Result<Bill, Refusal> {
    let heads = |row: &Vec<String>| -> Vec<Option<Column>> {
        row.iter().map(|cell| column(cell)).collect()
    };
    let is_head = |row: &Vec<String>| {
        let known = heads(row);
        [Column::Quantity, Column::Rate]
            .iter()
            .all(|c| known.contains(&Some(*c)))
    };
    let head = rows.iter().position(is_head);
    let head = head.ok_or_else(|| {
        Refusal::malformed("no line has the heads item, description, unit, quantity, rate")
    })?;
    let columns = rows.get(head).map(heads).unwrap_or_default();
    let mut bill = Bill::default();
    for (number, row) in rows.iter().enumerate().skip(head + 1) {
        let cell = |column: Column| {
            let at = columns.iter().position(|known| *known == Some(column))?;
            row.get(at)
                .map(|cell| cell.trim())
                .filter(|cell| !cell.is_empty())
        };
        let (Some(quantity), Some(rate)) = (cell(Column::Quantity), cell(Column::Rate)) else {
            // Headings and totals between the lines.
            continue;
        };
        let wrong = |what: &str, text: &str| {
            Refusal::malformed(format!("row {}: {what} {text:?} is no number", number + 1))
        };
        let quantity = written(quantity, 3).ok_or_else(|| wrong("quantity", quantity))?;
        let rate = written(rate, 2).ok_or_else(|| wrong("rate", rate))?;
        let amount = Line { quantity, rate }.amount();
        let amount = amount.map_err(|e| Refusal::malformed(e.to_string()))?;
        let text = |column| cell(column).unwrap_or_default().to_owned();
        let item = text(Column::Item);
        if let Some(said) = cell(Column::Amount)
            && written(said, 2) != Some(amount)
        {
            let note =
                format!("item {item}: the bill says {said}, quantity times rate is not that");
            bill.notes.push(note);
        }
        bill.lines.push(BillLine {
            item,
            description: text(Column::Description),
            unit: text(Column::Unit),
            quantity,
            rate,
            amount,
        });
        if bill.lines.len() > BILL_LINES_MAX {
            return Err(Refusal::TooMuch {
                what: "lines",
                limit: "BILL_LINES_MAX",
                max: BILL_LINES_MAX,
            });
        }
    }
    if bill.lines.is_empty() {
        return Err(Refusal::malformed(
            "holds no line with a quantity and a rate",
        ));
    }
    Ok(bill)
}

impl Bill {
    /// As the rules know it.
    pub fn priced(&self) -> Vec<Line> {
        let line = |line: &BillLine| Line {
            quantity: line.quantity,
            rate: line.rate,
        };
        self.lines.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sloppy_bill_is_read() {
        let text = "\u{feff}Bill of Quantities;;;;\n\
            Ref;Description;Unit;Qty;Unit Rate;Total\n\
            A;Trench;;;;\n\
            1.1;\"dig; fill\";m;1.234,5;12,45;15.369,53\n\
            1.2;pipe;m;2;0,99;2,00\n\
            ;Total;;;;15.371,53\n";
        let bill = read(text.as_bytes()).unwrap();
        assert_eq!(bill.lines.len(), 2);
        assert_eq!(bill.lines[0].description, "dig; fill");
        assert_eq!(bill.lines[0].quantity, 1_234_500);
        assert_eq!(bill.lines[0].amount, 1_536_953);
        assert_eq!(bill.notes.len(), 1);
    }

    #[test]
    fn what_is_no_bill_is_refused() {
        assert!(read(b"a,b\n1,2\n").is_err());
        assert!(read(b"item,quantity,rate\n1,many,2\n").is_err());
        assert!(read(b"item,quantity,rate\n").is_err());
    }
}
