//! One page, as what is drawn on it.

use pdf_writer::{Content, Name, Str};

/// Points of a sheet of A4, across and up.
pub(crate) const SHEET: f32 = 595.0;
pub(crate) const HEIGHT: f32 = 842.0;
/// What is written lies between these.
pub(crate) const LEFT: f32 = 56.0;
pub(crate) const RIGHT: f32 = SHEET - 56.0;
pub(crate) const WIDTH: f32 = RIGHT - LEFT;
pub(crate) const TOP: f32 = HEIGHT - 70.0;
pub(crate) const BOTTOM: f32 = 60.0;

/// Which of the fonts.
#[derive(Clone, Copy)]
pub(crate) enum Face {
    /// Helvetica.
    Plain,
    /// Its bold face.
    Bold,
}

impl Face {
    pub(crate) const fn name(self) -> Name<'static> {
        match self {
            Self::Plain => Name(b"F1"),
            Self::Bold => Name(b"F2"),
        }
    }
}

pub(crate) struct Page(Content);

impl Page {
    pub(crate) fn new() -> Self {
        Self(Content::new())
    }

    pub(crate) fn text(&mut self, left: f32, bottom: f32, face: Face, size: f32, text: &[u8]) {
        self.0
            .begin_text()
            .set_font(face.name(), size)
            .next_line(left, bottom)
            .show(Str(text))
            .end_text();
    }

    pub(crate) fn rule(&mut self, at: f32) {
        self.0
            .set_line_width(0.5)
            .move_to(LEFT, at)
            .line_to(RIGHT, at)
            .stroke();
    }

    pub(crate) fn square(&mut self, left: f32, bottom: f32, side: f32) {
        self.0.rect(left, bottom, side, side).fill_nonzero();
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.finish().to_vec()
    }
}
