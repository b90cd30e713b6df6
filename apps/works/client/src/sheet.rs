//! Tables in files: CSV with whatever stands between its columns, and spreadsheets (XLSX).
//!
//! Of a spreadsheet the first sheet is read, every cell as the text that stands in it: numbers as they are
//! stored, formulas as their last result. What is written has numbers as numbers.

use crate::{
    archive::{self, Archive},
    limits::{COLUMNS_MAX, ROWS_MAX},
    refusal::Refusal,
    xml::{Element, Writer, read as xml},
};

/// Rows of cells.
pub(crate) type Rows = Vec<Vec<String>>;

/// Reads a table, whichever of the two it is.
pub(crate) fn rows(bytes: &[u8]) -> Result<Rows, Refusal> {
    if Archive::is(bytes) {
        spreadsheet(bytes)
    } else {
        csv(bytes)
    }
}

fn too_many(what: &'static str, limit: &'static str, max: usize) -> Refusal {
    Refusal::TooMuch { what, limit, max }
}

fn csv(bytes: &[u8]) -> Result<Rows, Refusal> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // What stands most often in the first lines parts columns.
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let count = |separator: u8| head.iter().filter(|byte| **byte == separator).count();
    let separator = *b";\t,"
        .iter()
        .max_by_key(|byte| count(**byte))
        .unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(bytes);
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|e| Refusal::malformed(e.to_string()))?;
        if rows.len() >= ROWS_MAX {
            return Err(too_many("rows", "ROWS_MAX", ROWS_MAX));
        }
        if record.len() > COLUMNS_MAX {
            return Err(too_many("columns", "COLUMNS_MAX", COLUMNS_MAX));
        }
        rows.push(record.iter().map(crate::check::text).collect());
    }
    Ok(rows)
}

fn spreadsheet(bytes: &[u8]) -> Result<Rows, Refusal> {
    let archive = Archive::read(bytes)?;
    let part = |name: &str| {
        let entry = archive.find(name)?;
        Some(archive.content(entry).and_then(|content| xml(&content)))
    };
    let name = first_sheet(&archive)?;
    let shared = match part("xl/sharedStrings.xml").transpose()? {
        None => Vec::new(),
        Some(table) => table.all("si").map(rich).collect(),
    };
    let sheet = part(&name).transpose()?;
    let sheet = sheet.ok_or_else(|| Refusal::malformed("the spreadsheet has no sheet"))?;
    let mut rows = Vec::new();
    let data = sheet.child("sheetData");
    for row in data.into_iter().flat_map(|data| data.all("row")) {
        let number = row.attribute("r").and_then(|r| r.parse::<usize>().ok());
        let number = number.map_or(rows.len(), |number| number.saturating_sub(1));
        if number >= ROWS_MAX {
            return Err(too_many("rows", "ROWS_MAX", ROWS_MAX));
        }
        if number >= rows.len() {
            rows.resize(number, Vec::new());
        }
        let mut cells: Vec<String> = Vec::new();
        for cell in row.all("c") {
            let at = cell.attribute("r").and_then(column).unwrap_or(cells.len());
            if at >= COLUMNS_MAX {
                return Err(too_many("columns", "COLUMNS_MAX", COLUMNS_MAX));
            }
            if cells.len() <= at {
                cells.resize(at + 1, String::new());
            }
            if let Some(place) = cells.get_mut(at) {
                *place = value(cell, &shared);
            }
        }
        rows.push(cells);
    }
    Ok(rows)
}

/// The part that holds the first sheet of the workbook.
fn first_sheet(archive: &Archive<'_>) -> Result<String, Refusal> {
    let read = |name: &str| {
        let entry = archive.find(name)?;
        Some(archive.content(entry).and_then(|content| xml(&content)))
    };
    let usual = || "xl/worksheets/sheet1.xml".to_owned();
    let book = read("xl/workbook.xml").transpose()?;
    let Some(book) = book else {
        return Err(Refusal::malformed("is an archive, but no spreadsheet"));
    };
    let sheet = book
        .child("sheets")
        .and_then(|sheets| sheets.child("sheet"));
    // The relation's attribute is `r:id`; a sheet has no other `id`.
    let Some(id) = sheet.and_then(|sheet| sheet.attribute("id")) else {
        return Ok(usual());
    };
    let relations = read("xl/_rels/workbook.xml.rels").transpose()?;
    let target = relations.as_ref().and_then(|relations| {
        let mut all = relations.all("Relationship");
        all.find(|relation| relation.attribute("Id") == Some(id))?
            .attribute("Target")
    });
    Ok(
        target.map_or_else(usual, |target| match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("xl/{target}"),
        }),
    )
}

/// A text, with whatever formatting parts it.
fn rich(element: &Element) -> String {
    let own = element.all("t").map(|t| t.text.as_str());
    let runs = element
        .all("r")
        .flat_map(|run| run.all("t"))
        .map(|t| t.text.as_str());
    own.chain(runs).collect()
}

fn value(cell: &Element, shared: &[String]) -> String {
    let plain = || {
        cell.child("v")
            .map(|v| v.text.trim().to_owned())
            .unwrap_or_default()
    };
    match cell.attribute("t") {
        Some("s") => {
            let number = plain().parse::<usize>().ok();
            number
                .and_then(|number| shared.get(number))
                .cloned()
                .unwrap_or_default()
        }
        Some("inlineStr") => cell.child("is").map(rich).unwrap_or_default(),
        _ => plain(),
    }
}

/// The column of `AB12`, from zero.
fn column(place: &str) -> Option<usize> {
    let mut column = 0_usize;
    for letter in place.chars().take_while(char::is_ascii_alphabetic) {
        let digit = letter.to_ascii_uppercase().to_digit(36)?.checked_sub(9)?;
        column = column
            .checked_mul(26)?
            .checked_add(usize::try_from(digit).ok()?)?;
    }
    column.checked_sub(1)
}

/// A cell that is written.
pub(crate) enum Cell {
    Text(String),
    /// A number, as it is to stand.
    Number(String),
}

/// A table as CSV.
pub(crate) fn write_csv(rows: &[Vec<Cell>]) -> Result<Vec<u8>, Refusal> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => guarded(text),
            Cell::Number(number) => number.clone(),
        });
        let written = writer.write_record(cells);
        written.map_err(|e| Refusal::malformed(e.to_string()))?;
    }
    writer
        .into_inner()
        .map_err(|e| Refusal::malformed(e.to_string()))
}

/// A text that no spreadsheet takes for a formula when it opens the CSV.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A table as a spreadsheet of one sheet.
pub(crate) fn write_spreadsheet(name: &str, rows: &[Vec<Cell>]) -> Result<Vec<u8>, Refusal> {
    write_workbook(&[(name, rows)])
}

/// Tables as a spreadsheet of as many sheets.
pub(crate) fn write_workbook(sheets: &[(&str, &[Vec<Cell>])]) -> Result<Vec<u8>, Refusal> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
    const BOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
    const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
    let numbered = || (1u32..).zip(sheets);
    let mut types = Writer::new();
    types.start("Types", &[("xmlns", TYPES)]);
    let rels = "application/vnd.openxmlformats-package.relationships+xml";
    types.start("Default", &[("Extension", "rels"), ("ContentType", rels)]);
    types.end();
    let parts = numbered().map(|(n, _)| (format!("/xl/worksheets/sheet{n}.xml"), SHEET));
    for (part, kind) in std::iter::once(("/xl/workbook.xml".to_owned(), BOOK)).chain(parts) {
        types.start("Override", &[("PartName", &part), ("ContentType", kind)]);
        types.end();
    }
    let relations = |kind: &str, targets: &[String]| {
        let mut writer = Writer::new();
        writer.start("Relationships", &[("xmlns", RELATIONS)]);
        let kind = format!("{OFFICE}/{kind}");
        for (number, target) in (1u32..).zip(targets) {
            let id = format!("rId{number}");
            let attributes = [("Id", id.as_str()), ("Type", &kind), ("Target", target)];
            writer.start("Relationship", &attributes);
            writer.end();
        }
        writer.finish()
    };
    let mut book = Writer::new();
    book.start("workbook", &[("xmlns", MAIN), ("xmlns:r", OFFICE)]);
    book.start("sheets", &[]);
    for (number, (name, _)) in numbered() {
        let (number, id) = (number.to_string(), format!("rId{number}"));
        let attributes = [("name", *name), ("sheetId", &number), ("r:id", &id)];
        book.start("sheet", &attributes);
        book.end();
    }
    let targets: Vec<String> = numbered()
        .map(|(number, _)| format!("worksheets/sheet{number}.xml"))
        .collect();
    let mut files = vec![
        ("[Content_Types].xml".into(), types.finish()),
        (
            "_rels/.rels".into(),
            relations("officeDocument", &["xl/workbook.xml".to_owned()]),
        ),
        ("xl/workbook.xml".into(), book.finish()),
        (
            "xl/_rels/workbook.xml.rels".into(),
            relations("worksheet", &targets),
        ),
    ];
    for (target, (_, rows)) in targets.iter().zip(sheets) {
        files.push((format!("xl/{target}"), written(MAIN, rows)));
    }
    archive::write(&files)
}

/// A sheet's part.
fn written(namespace: &str, rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut sheet = Writer::new();
    sheet.start("worksheet", &[("xmlns", namespace)]);
    sheet.start("sheetData", &[]);
    for row in rows {
        sheet.start("row", &[]);
        for cell in row {
            match cell {
                Cell::Text(text) => {
                    sheet.start("c", &[("t", "inlineStr")]);
                    sheet.start("is", &[]);
                    sheet.start("t", &[("xml:space", "preserve")]);
                    sheet.text(text);
                    sheet.end();
                    sheet.end();
                }
                Cell::Number(number) => {
                    sheet.start("c", &[]);
                    sheet.leaf("v", number);
                }
            }
            sheet.end();
        }
        sheet.end();
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        assert_eq!(
            [column("A1"), column("Z9"), column("AA1")],
            [Some(0), Some(25), Some(26)]
        );
        assert_eq!(column("12"), None);
    }

    #[test]
    fn both_forms_say_the_same() {
        let table = || {
            vec![
                vec![Cell::Text("a;b".into()), Cell::Text(" x & \"y\"".into())],
                vec![Cell::Number("1.25".into()), Cell::Text("z, w".into())],
            ]
        };
        let csv = rows(&write_csv(&table()).unwrap()).unwrap();
        let sheet = rows(&write_spreadsheet("Bill", &table()).unwrap()).unwrap();
        assert_eq!(csv, sheet);
        assert_eq!(sheet[0], ["a;b", " x & \"y\""]);
    }

    #[test]
    fn a_text_is_never_a_formula() {
        let written = write_csv(&[vec![Cell::Text("=1+1".into())]]).unwrap();
        assert_eq!(written, b"'=1+1\n");
    }
}
