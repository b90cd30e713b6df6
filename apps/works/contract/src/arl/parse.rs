//! From a text to what is run. A text that could fail by anything but an overflow is not taken.

use std::collections::BTreeMap;

use super::{
    expression::Typed,
    lex::{Token, Word, words},
    tree::{Expr, Item, Kind, Rule, Ruleset, TRACE_ATTENUATION, TRACE_LOSS, Type},
};
use crate::limits::{ARL_COST_MAX, ARL_ITEMS_MAX, ARL_TEXT_BYTES_MAX};

/// Why a text is not taken, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Fault {
    /// From 1.
    pub line: u32,
    /// What is wrong.
    pub what: String,
}

impl Fault {
    pub(super) fn at(line: u32, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { line, what }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) slot: usize,
    pub(super) is: Type,
}

/// A text that is being read.
pub(super) struct Parser {
    words: Vec<Word>,
    at: usize,
    pub(super) names: BTreeMap<String, Named>,
    /// Lists of `each`, for `x@1550`.
    pub(super) lists: BTreeMap<String, Named>,
    pub(super) numbers: BTreeMap<String, i64>,
    pub(super) tables: BTreeMap<String, BTreeMap<i64, i64>>,
    pub(super) rules: BTreeMap<String, usize>,
    pub(super) slots: usize,
    pub(super) depth: usize,
    all_rules: usize,
    cost: u64,
}

/// What is known of a fibre, by its slots.
const FIBRE: [(&str, Type); 6] = [
    ("nm", Type::Number),
    ("design", Type::Number),
    ("splices", Type::Number),
    ("connectors", Type::Number),
    ("a", Type::Side),
    ("b", Type::Side),
];
/// Of these: what is known of it without a wavelength.
const FIBRE_WHOLE: [&str; 3] = ["design", "splices", "connectors"];

/// Reads a text.
///
/// # Errors
/// [`Fault`].
pub fn parse(text: &str) -> Result<Ruleset, Fault> {
    if text.len() > ARL_TEXT_BYTES_MAX {
        let what =
            format!("the text is longer than {ARL_TEXT_BYTES_MAX} bytes (ARL_TEXT_BYTES_MAX)");
        return Err(Fault::at(1, what));
    }
    let parser = Parser {
        words: words(text)?,
        at: 0,
        names: BTreeMap::new(),
        lists: BTreeMap::new(),
        numbers: BTreeMap::new(),
        tables: BTreeMap::new(),
        rules: BTreeMap::new(),
        slots: 0,
        depth: 0,
        all_rules: 0,
        cost: 0,
    };
    parser.ruleset()
}

impl Parser {
    fn ruleset(mut self) -> Result<Ruleset, Fault> {
        self.keyword("ruleset")?;
        let name = self.text()?;
        let version = self.number()?;
        let kind = match self.name()?.as_str() {
            "fibre" => Kind::Fibre,
            "radio" => Kind::Radio,
            other => return Err(self.fault(format!("{other} is neither fibre nor radio"))),
        };
        while self.takes("const") {
            self.constant()?;
        }
        match kind {
            Kind::Fibre => {
                FIBRE
                    .into_iter()
                    .try_for_each(|(name, is)| self.bind(name, is).map(|_| ()))?;
                for name in [TRACE_ATTENUATION, TRACE_LOSS] {
                    let fits = self.numbers.get(name).is_some_and(|number| *number >= 0);
                    if !fits {
                        return Err(self.fault(format!("const {name} is missing, or below zero")));
                    }
                }
            }
            Kind::Radio => {
                let mut known = super::radio::NAMES.into_iter();
                known.try_for_each(|name| self.bind(name, Type::Number).map(|_| ()))?;
            }
        }
        self.keyword("each")?;
        let each = self.items()?;
        let mut after = Vec::new();
        if self.takes("after") {
            let mut names = std::mem::take(&mut self.names);
            names.retain(|name, _| kind == Kind::Fibre && FIBRE_WHOLE.contains(&name.as_str()));
            self.names = names;
            self.rules.clear();
            after = self.items()?;
        }
        if let Some(word) = self.words.get(self.at) {
            return Err(Fault::at(word.line, "begins nothing that is known here"));
        }
        if self.all_rules == 0 {
            return Err(self.fault("there is no rule"));
        }
        if self.cost > ARL_COST_MAX {
            let what = format!(
                "takes up to {} steps, more than {ARL_COST_MAX} (ARL_COST_MAX)",
                self.cost
            );
            return Err(self.fault(what));
        }
        Ok(Ruleset {
            name,
            version,
            kind,
            numbers: self.numbers,
            tables: self.tables,
            each,
            after,
            slots: self.slots,
            cost: self.cost,
        })
    }

    fn constant(&mut self) -> Result<(), Fault> {
        let name = self.name()?;
        self.is_free(&name)?;
        self.sign("=")?;
        if !self.takes_sign("{") {
            let number = self.signed()?;
            self.numbers.insert(name, number);
            return Ok(());
        }
        let mut table = BTreeMap::new();
        loop {
            let key = self.number()?;
            self.sign(":")?;
            let value = self.signed()?;
            if table.insert(key, value).is_some() {
                return Err(self.fault(format!("{key} stands twice")));
            }
            if !self.takes_sign(",") {
                break;
            }
        }
        self.sign("}")?;
        self.tables.insert(name, table);
        Ok(())
    }

    /// A name for a value that is known while it runs.
    pub(super) fn bind(&mut self, name: &str, is: Type) -> Result<usize, Fault> {
        self.is_free(name)?;
        let slot = self.slots;
        self.slots = self.slots.saturating_add(1);
        self.names.insert(name.to_owned(), Named { slot, is });
        Ok(slot)
    }

    fn is_free(&self, name: &str) -> Result<(), Fault> {
        let taken = self.names.contains_key(name)
            || self.numbers.contains_key(name)
            || self.tables.contains_key(name);
        if taken || name == "nothing" {
            return Err(self.fault(format!("{name} is something already")));
        }
        Ok(())
    }

    fn items(&mut self) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        loop {
            if self.takes("let") {
                let name = self.name()?;
                self.is_free(&name)?;
                self.sign("=")?;
                let value = self.expression()?;
                self.pay(&value);
                let slot = self.bind(&name, value.is)?;
                if matches!(value.is, Type::Events | Type::Sections) {
                    self.lists.insert(name, Named { slot, is: value.is });
                }
                items.push(Item::Let(slot, value.expr));
            } else if self.takes("rule") {
                items.push(Item::Rule(Box::new(self.rule()?)));
            } else {
                return Ok(items);
            }
            if items.len() > ARL_ITEMS_MAX {
                return Err(self.fault("has more than ARL_ITEMS_MAX rules and names"));
            }
        }
    }

    fn rule(&mut self) -> Result<Rule, Fault> {
        let name = self.name()?;
        // Rules are words of 32 bytes on the ledger.
        if name.len() > 32 || self.rules.contains_key(&name) {
            return Err(self.fault(format!(
                "rule {name} is there already, or its name is too long"
            )));
        }
        let unit = self.text()?;
        let (omit, stop) = (self.takes("omit"), self.takes("stop"));
        let when = if self.takes("if") {
            Some(self.of(Type::Truth)?)
        } else {
            None
        };
        let guard = if self.takes("guard") {
            Some(self.of(Type::Number)?)
        } else {
            None
        };
        self.sign(":")?;
        let value = self.sum_of(Type::Number)?;
        self.sign("<=")?;
        let limit = self.sum_of(Type::Number)?;
        let number = self.all_rules;
        self.all_rules = self.all_rules.saturating_add(1);
        self.rules.insert(name.clone(), number);
        Ok(Rule {
            number,
            name,
            unit,
            omit,
            stop,
            when,
            guard,
            value,
            limit,
        })
    }

    /// An expression of a type.
    fn of(&mut self, is: Type) -> Result<Expr, Fault> {
        let value = self.expression()?;
        self.pay(&value);
        self.expect(&value, is)?;
        Ok(value.expr)
    }

    /// One without comparisons of its own.
    fn sum_of(&mut self, is: Type) -> Result<Expr, Fault> {
        let value = self.sum()?;
        self.pay(&value);
        self.expect(&value, is)?;
        Ok(value.expr)
    }

    fn pay(&mut self, value: &Typed) {
        self.cost = self.cost.saturating_add(value.cost);
    }

    pub(super) fn expect(&self, value: &Typed, is: Type) -> Result<(), Fault> {
        if value.is == is {
            return Ok(());
        }
        Err(self.fault(format!("is {:?}, and should be {is:?}", value.is)))
    }

    pub(super) fn fault(&self, what: impl Into<String>) -> Fault {
        let last = self.words.get(self.at).or_else(|| self.words.last());
        Fault::at(last.map_or(1, |word| word.line), what)
    }

    fn peek(&self) -> Option<&Token> {
        self.words.get(self.at).map(|word| &word.token)
    }

    /// Where it reads.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    /// Reads on from there.
    pub(super) const fn go_to(&mut self, place: usize) {
        self.at = place;
    }

    pub(super) fn next(&mut self) -> Result<Token, Fault> {
        let token = self.peek().cloned();
        let token = token.ok_or_else(|| self.fault("the text ends too early"))?;
        self.at = self.at.saturating_add(1);
        Ok(token)
    }

    pub(super) fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at = self.at.saturating_add(usize::from(found));
        found
    }

    /// Which of some signs comes next; it is taken.
    pub(super) fn takes_one(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let found = signs.iter().find(|sign| self.takes_sign(sign));
        found.copied()
    }

    pub(super) fn takes(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(found)) if found == keyword);
        self.at = self.at.saturating_add(usize::from(found));
        found
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if self.takes(keyword) {
            return Ok(());
        }
        Err(self.fault(format!("here must be {keyword}")))
    }

    pub(super) fn sign(&mut self, sign: &str) -> Result<(), Fault> {
        if self.takes_sign(sign) {
            return Ok(());
        }
        Err(self.fault(format!("here must be {sign}")))
    }

    pub(super) fn name(&mut self) -> Result<String, Fault> {
        match self.next()? {
            Token::Name(name) => Ok(name),
            _ => Err(self.fault("here must be a name")),
        }
    }

    fn text(&mut self) -> Result<String, Fault> {
        match self.next()? {
            Token::Text(text) if text.len() <= 32 => Ok(text),
            _ => Err(self.fault("here must be a text in quotes of at most 32 letters")),
        }
    }

    pub(super) fn number(&mut self) -> Result<i64, Fault> {
        match self.next()? {
            Token::Number(number) => Ok(number),
            _ => Err(self.fault("here must be a number")),
        }
    }

    fn signed(&mut self) -> Result<i64, Fault> {
        let negative = self.takes_sign("-");
        let number = self.number()?;
        Ok(if negative {
            number.saturating_neg()
        } else {
            number
        })
    }
}
