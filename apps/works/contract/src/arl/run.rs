//! Running a ruleset.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    judged::{Judged, Ruled},
    tree::{Both, Expr, Field, Fold, Folded, Function, Item, Kind, Rule, Ruleset},
};
use crate::{
    acceptance::{
        Outcome, Status,
        fibre::{Design, Measured},
        pairs::{Pair, Side, pair, single},
    },
    number::{Int, Overflow, int, mid},
};

/// What a name stands for while it runs.
#[derive(Clone, Debug, Default)]
enum Value<'a> {
    /// Nothing was said of it.
    #[default]
    None,
    Number(Option<i128>),
    Truth(bool),
    Side(&'a Side),
    Events(Rc<Vec<Pair>>),
    Sections(Rc<Vec<(i64, i64)>>),
    Event(Pair),
    Section(i64, i64),
}

impl Value<'_> {
    const fn number(&self) -> Option<i128> {
        match self {
            Self::Number(number) => *number,
            _ => None,
        }
    }

    const fn truth(&self) -> bool {
        matches!(self, Self::Truth(true))
    }
}

fn number<'a>(number: i64) -> Value<'a> {
    Value::Number(Some(number.into()))
}

struct Machine<'a> {
    ruleset: &'a Ruleset,
    slots: Vec<Value<'a>>,
    /// What stood in the slots at the end of each wavelength.
    waves: BTreeMap<i64, Vec<Value<'a>>>,
    passed: Vec<bool>,
    wavelength: Option<u16>,
    judged: Judged,
}

/// Holds what was measured of a fibre against a ruleset of fibres.
///
/// # Errors
/// [`Overflow`].
pub fn fibre<'a>(
    ruleset: &'a Ruleset,
    design: &Design,
    measured: &'a [Measured<'a>],
) -> Result<Judged, Overflow> {
    let mut machine = Machine::new(ruleset);
    for wavelength in &design.wavelengths {
        let found = measured.iter().find(|m| m.wavelength == *wavelength);
        let sides = found.and_then(|m| match (m.a, m.b) {
            (Some(a), Some(b)) => Some((a, Some(b))),
            (Some(side), None) | (None, Some(side)) if !design.bidirectional => Some((side, None)),
            _ => None,
        });
        let sides = sides.filter(|_| ruleset.kind == Kind::Fibre);
        let Some((a, b)) = sides else {
            machine
                .judged
                .outcomes
                .push(Ruled::no_evidence(Some(*wavelength)));
            continue;
        };
        machine.wavelength = Some(*wavelength);
        let known = [
            number((*wavelength).into()),
            number(design.length_mm),
            number(design.splices),
            number(design.connectors),
            Value::Side(a),
            b.map_or(Value::None, Value::Side),
        ];
        machine.each(known)?;
        let slots = machine.slots.clone();
        machine.waves.insert((*wavelength).into(), slots);
    }
    machine.wavelength = None;
    let known = [
        Value::None,
        number(design.length_mm),
        number(design.splices),
        number(design.connectors),
    ];
    machine.known(known);
    machine.section(&ruleset.after)?;
    Ok(machine.judged)
}

/// Holds numbers that are known of something else against a ruleset.
pub(super) fn numbers(
    ruleset: &Ruleset,
    known: impl IntoIterator<Item = Option<i64>>,
) -> Result<Judged, Overflow> {
    let mut machine = Machine::new(ruleset);
    let known = known
        .into_iter()
        .map(|one| Value::Number(one.map(Into::into)));
    machine.each(known)?;
    machine.section(&ruleset.after)?;
    Ok(machine.judged)
}

impl<'a> Machine<'a> {
    fn new(ruleset: &'a Ruleset) -> Self {
        Self {
            ruleset,
            slots: Vec::new(),
            waves: BTreeMap::new(),
            passed: Vec::new(),
            wavelength: None,
            judged: Judged::default(),
        }
    }

    fn known(&mut self, known: impl IntoIterator<Item = Value<'a>>) {
        self.slots = known.into_iter().collect();
        self.slots.resize(self.ruleset.slots, Value::None);
        self.passed.clear();
    }

    fn each(&mut self, known: impl IntoIterator<Item = Value<'a>>) -> Result<(), Overflow> {
        self.known(known);
        self.section(&self.ruleset.each)
    }

    fn section(&mut self, items: &'a [Item]) -> Result<(), Overflow> {
        for item in items {
            match item {
                Item::Let(slot, expr) => {
                    let value = self.value(expr)?;
                    self.set(*slot, value);
                }
                Item::Rule(rule) => {
                    let passes = self.rule(rule)?;
                    let place = rule.number;
                    if self.passed.len() <= place {
                        self.passed.resize(place.saturating_add(1), false);
                    }
                    if let Some(passed) = self.passed.get_mut(place) {
                        *passed = passes.unwrap_or(false);
                    }
                    if rule.stop && passes == Some(false) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, slot: usize, value: Value<'a>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    /// Whether a rule is met; nothing where it says nothing.
    fn rule(&mut self, rule: &'a Rule) -> Result<Option<bool>, Overflow> {
        if let Some(when) = &rule.when
            && !self.value(when)?.truth()
        {
            return Ok(None);
        }
        let short = |number: i128| i64::try_from(number).map_err(|_| Overflow);
        let Some(limit) = self.value(&rule.limit)?.number() else {
            return Ok(None);
        };
        let limit = short(limit)?;
        let guard = match &rule.guard {
            Some(guard) => self.value(guard)?.number().map_or(Ok(0), short)?,
            None => 0,
        };
        let value = self.value(&rule.value)?.number();
        if value.is_none() && rule.omit {
            return Ok(None);
        }
        let outcome = match value {
            None => Outcome::insufficient("", self.wavelength, limit, ""),
            Some(value) => Outcome::at_most("", self.wavelength, short(value)?, limit, guard, "")?,
        };
        self.judged.outcomes.push(Ruled {
            rule: rule.name.clone(),
            wavelength: outcome.wavelength,
            value: outcome.value,
            limit,
            unit: rule.unit.clone(),
            margin: outcome.margin,
            status: outcome.status,
        });
        Ok(Some(matches!(
            outcome.status,
            Status::Pass | Status::Marginal
        )))
    }

    fn value(&mut self, expr: &'a Expr) -> Result<Value<'a>, Overflow> {
        self.judged.steps = self.judged.steps.saturating_add(1);
        Ok(match expr {
            Expr::Number(number) => Value::Number(Some((*number).into())),
            Expr::Nothing => Value::Number(None),
            Expr::Slot(slot) => self.slots.get(*slot).cloned().unwrap_or_default(),
            Expr::At(slot, nm) => {
                let wave = self.waves.get(nm).and_then(|slots| slots.get(*slot));
                wave.cloned().unwrap_or_default()
            }
            Expr::Table(name, key) => {
                let key = self.value(key)?.number();
                let key = key.and_then(|key| i64::try_from(key).ok());
                let table = self.ruleset.tables.get(name);
                let found = table.zip(key).and_then(|(table, key)| table.get(&key));
                Value::Number(found.map(|found| (*found).into()))
            }
            Expr::Field(slot, field) => {
                self.slots.get(*slot).map_or(Value::None, |of| field.of(of))
            }
            Expr::Negative(inner) => {
                let inner = self.value(inner)?.number();
                Value::Number(computed(inner.map(|inner| int(0) - inner))?)
            }
            Expr::Not(inner) => Value::Truth(!self.value(inner)?.truth()),
            Expr::Both(both, pair) => self.both(*both, &pair.0, &pair.1)?,
            Expr::Call(function, values) => self.call(*function, values)?,
            Expr::Fold(folded) => Value::Number(self.fold(folded)?),
            Expr::Passed(rule) => Value::Truth(self.passed.get(*rule).copied().unwrap_or(false)),
        })
    }

    fn both(&mut self, both: Both, left: &'a Expr, right: &'a Expr) -> Result<Value<'a>, Overflow> {
        let left = self.value(left)?;
        match both {
            Both::Or if left.truth() => return Ok(Value::Truth(true)),
            Both::And if !left.truth() => return Ok(Value::Truth(false)),
            _ => {}
        }
        let right = self.value(right)?;
        let numbers = left.number().zip(right.number());
        let compare = |is: fn(&i128, &i128) -> bool| {
            Value::Truth(numbers.is_some_and(|(left, right)| is(&left, &right)))
        };
        let compute = |f: fn(Int, i128) -> Int| {
            let result = numbers.map(|(left, right)| f(int(left), right));
            computed(result).map(Value::Number)
        };
        Ok(match both {
            Both::Or | Both::And => Value::Truth(right.truth()),
            Both::Less => compare(i128::lt),
            Both::AtMost => compare(i128::le),
            Both::More => compare(i128::gt),
            Both::AtLeast => compare(i128::ge),
            Both::Same => compare(i128::eq),
            Both::Other => compare(i128::ne),
            Both::Plus => compute(|left, right| left + right)?,
            Both::Minus => compute(|left, right| left - right)?,
            Both::Times => compute(|left, right| left * right)?,
        })
    }

    fn call(&mut self, function: Function, exprs: &'a [Expr]) -> Result<Value<'a>, Overflow> {
        let mut values = Vec::new();
        for expr in exprs {
            values.push(self.value(expr)?);
        }
        let at = |place: usize| values.get(place);
        let numbered = |place: usize| at(place).and_then(Value::number);
        let (one, two) = (numbered(0), numbered(1));
        let two_of = |f: fn(Int, i128) -> Int| computed(one.zip(two).map(|(x, y)| f(int(x), y)));
        let apart = two.is_some_and(|two| two != 0);
        let side = |place: usize| match at(place) {
            Some(Value::Side(side)) => Some(*side),
            _ => None,
        };
        let short = |number: Option<i128>| {
            let short = number.map(|number| i64::try_from(number).map_err(|_| Overflow));
            short.transpose()
        };
        Ok(Value::Number(match function {
            Function::Div | Function::Floor | Function::Mod if !apart => None,
            Function::Div => two_of(|x, y| x.div_round(y))?,
            Function::Floor => two_of(|x, y| x.div_floor(y))?,
            Function::Mod => two_of(|x, y| x.rem_floor(y))?,
            Function::Abs => computed(one.map(|x| int(x).abs()))?,
            Function::Larger => one.max(two),
            Function::Smaller => match (one, two) {
                (Some(x), Some(y)) => Some(x.min(y)),
                _ => one.or(two),
            },
            Function::Mid => two_of(mid)?,
            Function::Or => one.or(two),
            Function::Choose => {
                let holds = at(0).is_some_and(Value::truth);
                numbered(if holds { 1 } else { 2 })
            }
            Function::Known => {
                let known = !matches!(at(0), None | Some(Value::None | Value::Number(None)));
                return Ok(Value::Truth(known));
            }
            Function::Pulse => side(0).map(|side| side.pulse_mm.into()),
            Function::Length => {
                let asked = side(0).zip(short(two)?).zip(short(numbered(2))?);
                let found = asked.map(|((side, design), within)| side.length(design, within));
                found.transpose()?.flatten().map(Into::into)
            }
            Function::Pair => {
                let asked = side(0).zip(short(numbered(2))?).zip(short(numbered(3))?);
                return self.paired(asked.map(|((a, link), within)| (a, side(1), link, within)));
            }
            Function::Sections => {
                let to = short(numbered(2))?;
                return self.sections([side(0), side(1)], to);
            }
            Function::Near => {
                let Some(Value::Events(events)) = at(0) else {
                    return Ok(Value::Number(None));
                };
                self.took(events.len());
                let (place, within) = (short(two)?, short(numbered(2))?);
                let Some((place, within)) = place.zip(within) else {
                    return Ok(Value::Number(None));
                };
                let far = |event: &&Pair| event.at_mm.abs_diff(place);
                let nearest = events.iter().min_by_key(far);
                let nearest = nearest.filter(|event| i128::from(far(event)) <= within.into());
                nearest.map_or(numbered(3), |event| Some(event.loss.into()))
            }
        }))
    }

    fn took(&mut self, steps: usize) {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.judged.steps = self.judged.steps.saturating_add(steps);
    }

    fn paired(
        &mut self,
        asked: Option<(&Side, Option<&Side>, i64, i64)>,
    ) -> Result<Value<'a>, Overflow> {
        let Some((a, b, link, within)) = asked else {
            return Ok(Value::None);
        };
        let others = b.map_or(1, |b| b.events.len().max(1));
        self.took(a.events.len().saturating_mul(others));
        let events = match b {
            Some(b) => pair(a, b, link, within)?,
            None => single(a, link, within)?,
        };
        Ok(Value::Events(Rc::new(events)))
    }

    fn sections(
        &mut self,
        sides: [Option<&Side>; 2],
        to: Option<i64>,
    ) -> Result<Value<'a>, Overflow> {
        let Some(to) = to else {
            return Ok(Value::None);
        };
        let mut sections = Vec::new();
        for side in sides.into_iter().flatten() {
            for (from, event) in side.within(to).zip(side.within(to).skip(1)) {
                let length = (int(event.at_mm) - from.at_mm).get()?;
                sections.push((length, event.slope));
            }
        }
        self.took(sections.len());
        Ok(Value::Sections(Rc::new(sections)))
    }

    fn fold(&mut self, folded: &'a Folded) -> Result<Option<i128>, Overflow> {
        let records: Vec<Value<'a>> = match self.value(&folded.list)? {
            Value::Events(events) => events.iter().map(|event| Value::Event(*event)).collect(),
            Value::Sections(all) => all
                .iter()
                .map(|(mm, slope)| Value::Section(*mm, *slope))
                .collect(),
            _ => return Ok(None),
        };
        let (mut sum, mut best, mut count) = (int(0), None, int(0));
        for record in records {
            self.set(folded.slot, record);
            if let Some(when) = &folded.when
                && !self.value(when)?.truth()
            {
                continue;
            }
            let Some(value) = self.value(&folded.value)?.number() else {
                continue;
            };
            count = count + 1;
            sum = sum + value;
            best = match (folded.fold, best) {
                (Fold::Min, Some(best)) if best < value => Some(best),
                (Fold::Max, Some(best)) if best > value => Some(best),
                _ => Some(value),
            };
        }
        match folded.fold {
            Fold::Max | Fold::Min => Ok(best),
            Fold::Sum => sum.get().map(Some),
            Fold::Count => count.get().map(Some),
        }
    }
}

/// A number that may have become too large on the way.
fn computed(number: Option<Int>) -> Result<Option<i128>, Overflow> {
    number.map(Int::get).transpose()
}

impl Field {
    fn of<'a>(self, record: &Value<'_>) -> Value<'a> {
        let wide = |number: i64| Value::Number(Some(number.into()));
        match (record, self) {
            (Value::Event(event), Self::At) => wide(event.at_mm),
            (Value::Event(event), Self::Loss) => wide(event.loss),
            (Value::Event(event), Self::Ends) => wide(event.directions.into()),
            (Value::Event(event), Self::Connector) => Value::Truth(event.connector),
            (Value::Event(event), Self::Reflectance) => {
                Value::Number(event.reflectance.map(Into::into))
            }
            (Value::Section(length, _), Self::Length) => wide(*length),
            (Value::Section(_, slope), Self::Slope) => wide(*slope),
            _ => Value::None,
        }
    }
}
