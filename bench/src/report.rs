//! The table on standard output and the JSON lines beside it.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

/// What a figure has to reach.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    /// It must not be larger.
    AtMost(f64),
    /// It must not be smaller.
    AtLeast(f64),
    /// It only informs.
    None,
}

impl Bar {
    fn holds(self, value: f64) -> Option<bool> {
        match self {
            Self::AtMost(bar) => Some(value <= bar),
            Self::AtLeast(bar) => Some(value >= bar),
            Self::None => None,
        }
    }
    fn text(self) -> String {
        match self {
            Self::AtMost(bar) => format!("<= {}", number(bar)),
            Self::AtLeast(bar) => format!(">= {}", number(bar)),
            Self::None => String::new(),
        }
    }
}

/// Where figures go.
pub(crate) struct Report {
    file: File,
    part: &'static str,
    missed: usize,
    judged: usize,
}

impl Report {
    pub(crate) fn create(dir: &Path) -> eyre::Result<Self> {
        fs::create_dir_all(dir)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let path = dir.join(format!("{now}.jsonl"));
        let mut report = Self {
            file: File::create_new(&path)?,
            part: "",
            missed: 0,
            judged: 0,
        };
        let machine = machine();
        println!("{machine}; figures also in {}", path.display());
        report.line(&json!({ "machine": machine, "time": now }))?;
        Ok(report)
    }

    /// Begins a part.
    pub(crate) fn part(&mut self, name: &'static str) {
        self.part = name;
        println!("\n{name}");
    }

    /// One figure. `beside` puts its limit or its peers beside it.
    pub(crate) fn figure(
        &mut self,
        name: &str,
        value: f64,
        unit: &str,
        bar: Bar,
        beside: &str,
    ) -> eyre::Result<()> {
        let verdict = match bar.holds(value) {
            None => "",
            Some(true) => "ok",
            Some(false) => "MISSES",
        };
        self.judged += usize::from(!verdict.is_empty());
        self.missed += usize::from(verdict == "MISSES");
        let (shown, bar_text) = (number(value), bar.text());
        println!("  {name:<46} {shown:>9} {unit:<9} {bar_text:<10} {verdict:<6} {beside}");
        self.line(&json!({
            "part": self.part, "name": name, "value": value, "unit": unit,
            "bar": bar_text, "verdict": verdict, "beside": beside,
        }))
    }

    /// A line of a table that is no figure of its own.
    pub(crate) fn row(&mut self, text: &str, data: Value) -> eyre::Result<()> {
        println!("  {text}");
        self.line(&json!({ "part": self.part, "row": data }))
    }

    fn line(&mut self, value: &Value) -> eyre::Result<()> {
        writeln!(self.file, "{value}")?;
        Ok(())
    }

    /// Says how it went; the number of bars missed.
    pub(crate) fn finish(self) -> eyre::Result<usize> {
        self.file.sync_all()?;
        let held = self.judged.saturating_sub(self.missed);
        println!("\n{held} of {} bars hold", self.judged);
        Ok(self.missed)
    }
}

/// Three digits are enough to compare.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 || v == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// How many processors there are.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!("{} cores of {model}, load before {load}", cores())
}
