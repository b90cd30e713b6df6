//! A text that was read.

use std::collections::BTreeMap;

use crate::trace::Tolerance;

/// What a ruleset judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Fibres.
    Fibre,
    /// Sectors of radio sites.
    Radio,
}

/// A ruleset.
#[derive(Clone, Debug)]
pub struct Ruleset {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i64,
    /// What it judges.
    pub kind: Kind,
    /// Its numbers by name.
    pub(super) numbers: BTreeMap<String, i64>,
    /// Its tables by name.
    pub(super) tables: BTreeMap<String, BTreeMap<i64, i64>>,
    /// What is run for each wavelength.
    pub(super) each: Vec<Item>,
    /// What is run after that.
    pub(super) after: Vec<Item>,
    /// Names that values have while it runs.
    pub(super) slots: usize,
    /// Steps that it takes at most, for one wavelength and after them.
    pub(super) cost: u64,
}

impl Ruleset {
    /// How far a table may be off its trace.
    pub fn tolerance(&self) -> Tolerance {
        let number = |name: &str, usual: i64| self.numbers.get(name).copied().unwrap_or(usual);
        let usual = Tolerance::default();
        Tolerance {
            attenuation: number(TRACE_ATTENUATION, usual.attenuation),
            loss: number(TRACE_LOSS, usual.loss),
            ..usual
        }
    }

    /// Steps that it takes at most, for each wavelength.
    pub const fn cost(&self) -> u64 {
        self.cost
    }
}

/// See [`Ruleset::tolerance`].
pub(super) const TRACE_ATTENUATION: &str = "trace_attenuation";
/// Likewise.
pub(super) const TRACE_LOSS: &str = "trace_loss";

/// What is run.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A name for a value.
    Let(usize, Expr),
    /// A rule.
    Rule(Box<Rule>),
}

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) omit: bool,
    pub(super) stop: bool,
    pub(super) when: Option<Expr>,
    pub(super) guard: Option<Expr>,
    pub(super) value: Expr,
    pub(super) limit: Expr,
}

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Number,
    Truth,
    Side,
    Events,
    Sections,
    Event,
    Section,
}

/// What a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    At,
    Loss,
    Reflectance,
    Connector,
    Ends,
    Length,
    Slope,
}

/// What becomes of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Max,
    Min,
    Sum,
    Count,
}

/// What becomes of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Both {
    Or,
    And,
    Less,
    AtMost,
    More,
    AtLeast,
    Same,
    Other,
    Plus,
    Minus,
    Times,
}

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Div,
    Floor,
    Mod,
    Abs,
    Larger,
    Smaller,
    Mid,
    Or,
    Choose,
    Known,
    Pulse,
    Length,
    Pair,
    Sections,
    Near,
}

/// What is computed.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    Number(i64),
    Nothing,
    /// A value by its slot.
    Slot(usize),
    /// A list of a wavelength.
    At(usize, i64),
    /// An entry of a table.
    Table(String, Box<Expr>),
    /// A field of the record in a slot.
    Field(usize, Field),
    Negative(Box<Expr>),
    Not(Box<Expr>),
    Both(Both, Box<(Expr, Expr)>),
    Call(Function, Vec<Expr>),
    /// Of the list, each record in turn in the slot.
    Fold(Box<Folded>),
    /// Whether a rule passed.
    Passed(usize),
}

/// See [`Expr::Fold`].
#[derive(Clone, Debug)]
pub(super) struct Folded {
    pub(super) fold: Fold,
    pub(super) value: Expr,
    pub(super) slot: usize,
    pub(super) list: Expr,
    pub(super) when: Option<Expr>,
}
