//! Where results and messages go: results to standard output (as text or as JSON), messages to
//! standard error. A closed pipe is an ordinary end: [`crate::exit`] takes it for success.

use std::io::{self, IsTerminal as _, StdoutLock, Write as _};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Standard output and standard error as the verbs use them.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    out: io::BufWriter<StdoutLock<'static>>,
}

/// Says something to the person at the terminal, from any thread.
#[derive(Clone, Copy)]
pub(crate) struct Voice {
    quiet: bool,
}

impl Voice {
    pub(crate) fn say(self, message: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "{}", message.as_ref());
        }
    }
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            out: io::BufWriter::new(io::stdout().lock()),
        }
    }

    /// Gives a result: `value` as JSON, or what `text` makes of it.
    pub(crate) fn result<T: Serialize>(
        &mut self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> eyre::Result<()> {
        if self.json {
            serde_json::to_writer_pretty(&mut self.out, value).map_err(io::Error::from)?;
            writeln!(self.out)?;
        } else {
            let text = text(value);
            self.out.write_all(text.as_bytes())?;
            if !text.is_empty() && !text.ends_with('\n') {
                writeln!(self.out)?;
            }
        }
        self.flush()
    }

    /// Gives bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> eyre::Result<()> {
        self.out.write_all(bytes)?;
        self.flush()
    }

    /// Says something to the person at the terminal.
    pub(crate) fn say(&self, message: impl AsRef<str>) {
        self.voice().say(message);
    }

    /// What says something from where this cannot be.
    pub(crate) const fn voice(&self) -> Voice {
        Voice { quiet: self.quiet }
    }

    /// A progress bar for `total` steps: on a terminal only, and not where silence was asked for.
    pub(crate) fn progress(&self, total: u64, message: &'static str) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
        let bar = ProgressBar::new(total).with_message(message);
        style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
    }

    /// A progress bar for `total` bytes, likewise.
    pub(crate) fn progress_bytes(&self, total: u64, message: &'static str) -> ProgressBar {
        let bar = self.progress(total, message);
        let template = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}";
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// Gives all that a reader has.
    pub(crate) fn copy(&mut self, from: &mut impl io::Read) -> eyre::Result<()> {
        io::copy(from, &mut self.out)?;
        self.flush()
    }

    fn flush(&mut self) -> eyre::Result<()> {
        Ok(self.out.flush()?)
    }

    /// Flushes what is left.
    pub(crate) fn finish(mut self) -> eyre::Result<()> {
        self.flush()
    }
}

/// Lays rows out in columns, two spaces apart.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(i) {
                Some(widest) => *widest = (*widest).max(width),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
