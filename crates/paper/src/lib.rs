//! Papers: text, tables and codes of squares on pages of A4, as PDF.
//!
//! What is written is laid out from the top down, page after page; each page ends with a line of its own and
//! its number. The same calls make the same bytes: there is no clock and no name of a machine in them.
//! Fonts are those that every reader has, so that a paper takes few kilobytes; letters that they have not
//! (beyond Latin-1 and a few more) are shown as `?`.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")
)]

mod letters;
pub mod limits;
mod page;

use pdf_writer::{Finish as _, Name, Pdf, Rect, Ref, TextStr};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::{
    letters::{encoded, width},
    limits::{CODE_BYTES_MAX, COLUMNS_MAX, PAGES_MAX},
    page::{BOTTOM, Face, HEIGHT, LEFT, Page, RIGHT, TOP, WIDTH},
};

/// Why a paper is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It would have too many pages.
    #[error("has more than {PAGES_MAX} pages (PAGES_MAX); make several papers of it")]
    Pages,
    /// A table has no columns, or too many.
    #[error("a table has no columns, or more than {COLUMNS_MAX} (COLUMNS_MAX)")]
    Columns,
    /// A code of squares would say too much.
    #[error("a code says more than {CODE_BYTES_MAX} bytes (CODE_BYTES_MAX)")]
    Code,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// What stands above it.
    pub head: &'a str,
    /// How wide it is beside the others.
    pub parts: u8,
    /// Whether it stands in line at its right, as figures do.
    pub right: bool,
}

/// A paper that is being written.
pub struct Paper {
    title: String,
    foot: String,
    pages: Vec<Page>,
    /// Where the next line goes, from the bottom of the page.
    at: f32,
}

const TEXT: f32 = 10.0;
const SMALL: f32 = 8.0;
const LINE: f32 = 14.0;
const ROW: f32 = 12.0;
const CODE_SIDE: f32 = 110.0;

impl Paper {
    /// An empty paper. `title` stands on the first page, `foot` at the end of each.
    pub fn new(title: &str, foot: &str) -> Self {
        let mut paper = Self {
            title: title.to_owned(),
            foot: foot.to_owned(),
            pages: vec![Page::new()],
            at: TOP,
        };
        paper.put(LEFT, Face::Bold, 18.0, &encoded(title));
        paper.at -= 30.0;
        paper
    }

    /// A heading of what follows.
    pub fn heading(&mut self, text: &str) {
        self.room(LINE * 4.0);
        self.at -= 8.0;
        self.put(LEFT, Face::Bold, 12.0, &encoded(text));
        self.at -= LINE + 2.0;
    }

    /// A paragraph, in as many lines as it takes.
    pub fn text(&mut self, text: &str) {
        for line in lines(text, WIDTH, TEXT) {
            self.room(LINE);
            self.put(LEFT, Face::Plain, TEXT, &line);
            self.at -= LINE;
        }
    }

    /// What things are, each on a line: a word and its value.
    pub fn pairs(&mut self, pairs: &[(&str, String)]) {
        for (word, value) in pairs {
            self.room(LINE);
            self.put(LEFT, Face::Plain, TEXT, &encoded(word));
            let from = LEFT + WIDTH * 0.35;
            let value = fitting(&encoded(value), RIGHT - from, TEXT);
            self.put(from, Face::Plain, TEXT, &value);
            self.at -= LINE;
        }
        self.at -= 4.0;
    }

    /// A table. Its head is written again on each page that it goes on to; a value that is wider than its
    /// column is cut and ends in dots.
    ///
    /// # Errors
    /// [`Unfit::Columns`].
    pub fn table(&mut self, columns: &[Column<'_>], rows: &[Vec<String>]) -> Result<(), Unfit> {
        if columns.is_empty() || columns.len() > COLUMNS_MAX {
            return Err(Unfit::Columns);
        }
        let heads: Vec<String> = columns.iter().map(|c| c.head.to_owned()).collect();
        self.room(ROW * 3.0);
        self.head(columns, &heads);
        for row in rows {
            if self.room(ROW) {
                self.head(columns, &heads);
            }
            self.row(columns, row);
        }
        self.at -= 8.0;
        Ok(())
    }

    /// A code of squares that telephones read, and what it says below it.
    ///
    /// # Errors
    /// [`Unfit::Code`].
    pub fn code(&mut self, says: &str, below: &str) -> Result<(), Unfit> {
        let code = QrCode::encode_text(says, QrCodeEcc::Medium).map_err(|_| Unfit::Code)?;
        self.room(CODE_SIDE + LINE * 2.0);
        let size = u8::try_from(code.size()).map_err(|_| Unfit::Code)?;
        let side = CODE_SIDE / f32::from(size);
        let top = self.at;
        for y in 0..size {
            for x in 0..size {
                if code.get_module(x.into(), y.into()) {
                    let left = LEFT + side * f32::from(x);
                    let bottom = top - side * f32::from(y) - side;
                    self.on(|page| page.square(left, bottom, side));
                }
            }
        }
        self.at -= CODE_SIDE + LINE;
        for line in lines(below, WIDTH, SMALL) {
            self.put(LEFT, Face::Plain, SMALL, &line);
            self.at -= ROW;
        }
        Ok(())
    }

    /// The paper's bytes.
    ///
    /// # Errors
    /// [`Unfit::Pages`].
    pub fn finish(self) -> Result<Vec<u8>, Unfit> {
        let count = self.pages.len();
        if count > PAGES_MAX {
            return Err(Unfit::Pages);
        }
        let mut numbers = (1..).map(Ref::new);
        let mut next = || numbers.next().unwrap_or(Ref::new(1));
        let (catalog, tree, info) = (next(), next(), next());
        let (plain, bold) = (next(), next());
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(&self.title));
        for (font, name) in [(plain, "Helvetica"), (bold, "Helvetica-Bold")] {
            let mut written = pdf.type1_font(font);
            written.base_font(Name(name.as_bytes()));
            written.encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let mut kids = Vec::new();
        for (number, mut page) in self.pages.into_iter().enumerate() {
            let of = format!("{} / {count}", number.saturating_add(1));
            let of = encoded(&of);
            page.text(RIGHT - points(&of, SMALL), 36.0, Face::Plain, SMALL, &of);
            let foot = fitting(&encoded(&self.foot), WIDTH * 0.85, SMALL);
            page.text(LEFT, 36.0, Face::Plain, SMALL, &foot);
            let (id, content) = (next(), next());
            kids.push(id);
            let mut written = pdf.page(id);
            written.media_box(Rect::new(0.0, 0.0, page::SHEET, HEIGHT));
            written.parent(tree);
            written.contents(content);
            let mut resources = written.resources();
            let mut fonts = resources.fonts();
            fonts.pair(Face::Plain.name(), plain);
            fonts.pair(Face::Bold.name(), bold);
            fonts.finish();
            resources.finish();
            written.finish();
            pdf.stream(content, &page.into_bytes());
        }
        let all = i32::try_from(count).map_err(|_| Unfit::Pages)?;
        pdf.pages(tree).kids(kids).count(all);
        Ok(pdf.finish())
    }

    fn head(&mut self, columns: &[Column<'_>], heads: &[String]) {
        self.row(columns, heads);
        let at = self.at + ROW - 4.0;
        self.on(|page| page.rule(at));
        self.at -= 3.0;
    }

    fn row(&mut self, columns: &[Column<'_>], row: &[String]) {
        let all = columns
            .iter()
            .map(|column| f32::from(column.parts))
            .sum::<f32>();
        let mut left = LEFT;
        for (column, cell) in columns.iter().zip(row) {
            let wide = WIDTH * f32::from(column.parts) / all.max(1.0);
            let cell = fitting(&encoded(cell), wide - 6.0, SMALL);
            let from = if column.right {
                left + wide - 6.0 - points(&cell, SMALL)
            } else {
                left
            };
            self.put(from, Face::Plain, SMALL, &cell);
            left += wide;
        }
        self.at -= ROW;
    }

    /// Begins a page where there is no room for so much; says whether it did.
    fn room(&mut self, height: f32) -> bool {
        if self.at - height >= BOTTOM {
            return false;
        }
        // What is beyond is counted, and refused at the end.
        if self.pages.len() <= PAGES_MAX {
            self.pages.push(Page::new());
        }
        self.at = TOP;
        true
    }

    fn put(&mut self, from: f32, face: Face, size: f32, text: &[u8]) {
        let at = self.at;
        self.on(|page| page.text(from, at, face, size, text));
    }

    fn on(&mut self, write: impl FnOnce(&mut Page)) {
        if let Some(page) = self.pages.last_mut() {
            write(page);
        }
    }
}

/// How wide an encoded text is at a size.
fn points(text: &[u8], size: f32) -> f32 {
    // Lines are shorter than what this type counts exactly.
    let width = u16::try_from(width(text)).unwrap_or(u16::MAX);
    f32::from(width) * size / 1000.0
}

/// A text that is no wider than `wide`.
fn fitting(text: &[u8], wide: f32, size: f32) -> Vec<u8> {
    if points(text, size) <= wide {
        return text.to_vec();
    }
    let mut kept = text.to_vec();
    kept.truncate(200);
    let dots = [0x85];
    while !kept.is_empty() && points(&kept, size) + points(&dots, size) > wide {
        kept.pop();
    }
    kept.extend(dots);
    kept
}

/// A text in lines that are no wider than `wide`.
fn lines(text: &str, wide: f32, size: f32) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut line: Vec<u8> = Vec::new();
    for word in text.split_whitespace() {
        let word = fitting(&encoded(word), wide, size);
        let mut longer = line.clone();
        if !longer.is_empty() {
            longer.push(b' ');
        }
        longer.extend(&word);
        if points(&longer, size) > wide && !line.is_empty() {
            lines.push(core::mem::replace(&mut line, word));
        } else {
            line = longer;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests;
