//! Expressions: what is computed, of which type it is, and what it costs.

use super::{
    lex::Token,
    parse::{Fault, Parser},
    tree::{Both, Expr, Field, Fold, Folded, Function, Type},
};
use crate::limits::{ARL_DEPTH_MAX, ARL_RECORDS_MAX};

/// An expression, its type, and the steps that it takes at most.
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) is: Type,
    pub(super) cost: u64,
}

impl Typed {
    const fn new(expr: Expr, is: Type) -> Self {
        Self { expr, is, cost: 1 }
    }

    fn with(mut self, cost: u64) -> Self {
        self.cost = self.cost.saturating_add(cost);
        self
    }
}

const RECORDS: u64 = ARL_RECORDS_MAX as u64;

impl Function {
    /// By its name: what it takes, what it gives, and what it costs.
    fn named(name: &str) -> Option<(Self, &'static [Type], Type, u64)> {
        use Type::{Events, Number, Sections, Side, Truth};
        Some(match name {
            "div" => (Self::Div, &[Number, Number], Number, 1),
            "floor" => (Self::Floor, &[Number, Number], Number, 1),
            "mod" => (Self::Mod, &[Number, Number], Number, 1),
            "abs" => (Self::Abs, &[Number], Number, 1),
            "larger" => (Self::Larger, &[Number, Number], Number, 1),
            "smaller" => (Self::Smaller, &[Number, Number], Number, 1),
            "mid" => (Self::Mid, &[Number, Number], Number, 1),
            "or" => (Self::Or, &[Number, Number], Number, 1),
            "choose" => (Self::Choose, &[Truth, Number, Number], Number, 1),
            "pulse" => (Self::Pulse, &[Side], Number, 1),
            "length" => (Self::Length, &[Side, Number, Number], Number, RECORDS),
            "pair" => {
                let cost = RECORDS.saturating_mul(RECORDS);
                (Self::Pair, &[Side, Side, Number, Number], Events, cost)
            }
            "sections" => (Self::Sections, &[Side, Side, Number], Sections, RECORDS),
            "near" => (
                Self::Near,
                &[Events, Number, Number, Number],
                Number,
                RECORDS,
            ),
            _ => return None,
        })
    }
}

impl Parser {
    pub(super) fn expression(&mut self) -> Result<Typed, Fault> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > ARL_DEPTH_MAX {
            return Err(self.fault("goes deeper than ARL_DEPTH_MAX"));
        }
        let mut left = self.conjunction()?;
        while self.takes_sign("||") {
            let right = self.conjunction()?;
            left = self.both(Both::Or, left, right, Type::Truth, Type::Truth)?;
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Typed, Fault> {
        let mut left = self.comparison()?;
        while self.takes_sign("&&") {
            let right = self.comparison()?;
            left = self.both(Both::And, left, right, Type::Truth, Type::Truth)?;
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Typed, Fault> {
        let left = self.sum()?;
        let both = match self.takes_one(&["<=", ">=", "==", "!=", "<", ">"]) {
            None => return Ok(left),
            Some("<=") => Both::AtMost,
            Some(">=") => Both::AtLeast,
            Some("==") => Both::Same,
            Some("!=") => Both::Other,
            Some("<") => Both::Less,
            Some(_) => Both::More,
        };
        let right = self.sum()?;
        self.both(both, left, right, Type::Number, Type::Truth)
    }

    pub(super) fn sum(&mut self) -> Result<Typed, Fault> {
        let mut left = self.product()?;
        while let Some(sign) = self.takes_one(&["+", "-"]) {
            let both = if sign == "+" { Both::Plus } else { Both::Minus };
            let right = self.product()?;
            left = self.both(both, left, right, Type::Number, Type::Number)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Typed, Fault> {
        let mut left = self.unary()?;
        while self.takes_sign("*") {
            let right = self.unary()?;
            left = self.both(Both::Times, left, right, Type::Number, Type::Number)?;
        }
        Ok(left)
    }

    fn both(
        &self,
        both: Both,
        left: Typed,
        right: Typed,
        takes: Type,
        gives: Type,
    ) -> Result<Typed, Fault> {
        self.expect(&left, takes)?;
        self.expect(&right, takes)?;
        let cost = left.cost.saturating_add(right.cost);
        let expr = Expr::Both(both, Box::new((left.expr, right.expr)));
        Ok(Typed::new(expr, gives).with(cost))
    }

    fn unary(&mut self) -> Result<Typed, Fault> {
        let (negative, not) = (self.takes_sign("-"), self.takes_sign("!"));
        let value = self.value()?;
        let cost = value.cost;
        if negative && !not {
            self.expect(&value, Type::Number)?;
            let expr = Expr::Negative(Box::new(value.expr));
            return Ok(Typed::new(expr, Type::Number).with(cost));
        }
        if not {
            self.expect(&value, Type::Truth)?;
            if negative {
                return Err(self.fault("a truth has no sign"));
            }
            let expr = Expr::Not(Box::new(value.expr));
            return Ok(Typed::new(expr, Type::Truth).with(cost));
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<Typed, Fault> {
        match self.next()? {
            Token::Number(number) => Ok(Typed::new(Expr::Number(number), Type::Number)),
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.sign(")")?;
                Ok(inner)
            }
            Token::Name(name) => self.named(&name),
            _ => Err(self.fault("here must be a value")),
        }
    }

    fn named(&mut self, name: &str) -> Result<Typed, Fault> {
        if name == "nothing" {
            return Ok(Typed::new(Expr::Nothing, Type::Number));
        }
        if let Some(number) = self.numbers.get(name) {
            return Ok(Typed::new(Expr::Number(*number), Type::Number));
        }
        if self.tables.contains_key(name) {
            self.sign("[")?;
            let key = self.expression()?;
            self.expect(&key, Type::Number)?;
            self.sign("]")?;
            let expr = Expr::Table(name.to_owned(), Box::new(key.expr));
            return Ok(Typed::new(expr, Type::Number).with(key.cost));
        }
        if self.takes_sign("(") {
            return self.called(name);
        }
        if self.takes_sign("@") {
            let nm = self.number()?;
            let list = self.lists.get(name).copied();
            let list = list.ok_or_else(|| self.fault(format!("{name} is no list of `each`")))?;
            return Ok(Typed::new(Expr::At(list.slot, nm), list.is));
        }
        let found = self.names.get(name).copied();
        let found =
            found.ok_or_else(|| self.fault(format!("{name} is nothing that is known here")))?;
        if matches!(found.is, Type::Event | Type::Section) {
            self.sign(".")?;
            let field = self.name()?;
            let (field, is) = self.field(found.is, &field)?;
            return Ok(Typed::new(Expr::Field(found.slot, field), is));
        }
        Ok(Typed::new(Expr::Slot(found.slot), found.is))
    }

    fn field(&self, of: Type, name: &str) -> Result<(Field, Type), Fault> {
        Ok(match (of, name) {
            (Type::Event, "at") => (Field::At, Type::Number),
            (Type::Event, "loss") => (Field::Loss, Type::Number),
            (Type::Event, "reflectance") => (Field::Reflectance, Type::Number),
            (Type::Event, "connector") => (Field::Connector, Type::Truth),
            (Type::Event, "ends") => (Field::Ends, Type::Number),
            (Type::Section, "length") => (Field::Length, Type::Number),
            (Type::Section, "slope") => (Field::Slope, Type::Number),
            _ => return Err(self.fault(format!("there is no field {name}"))),
        })
    }

    /// A function, a fold, or whether a rule passed; behind its bracket.
    fn called(&mut self, name: &str) -> Result<Typed, Fault> {
        let fold = match name {
            "max" => Some(Fold::Max),
            "min" => Some(Fold::Min),
            "sum" => Some(Fold::Sum),
            "count" => Some(Fold::Count),
            _ => None,
        };
        if let Some(fold) = fold {
            return self.folded(fold);
        }
        if name == "passed" {
            let rule = self.name()?;
            self.sign(")")?;
            let number = self.rules.get(&rule).copied();
            let number =
                number.ok_or_else(|| self.fault(format!("there is no rule {rule} above")))?;
            return Ok(Typed::new(Expr::Passed(number), Type::Truth));
        }
        if name == "known" {
            let value = self.expression()?;
            self.sign(")")?;
            let whether = matches!(value.is, Type::Number | Type::Side | Type::Events);
            if !whether {
                return Err(self.fault("that is always known"));
            }
            let expr = Expr::Call(Function::Known, vec![value.expr]);
            return Ok(Typed::new(expr, Type::Truth).with(value.cost));
        }
        let function = Function::named(name);
        let (function, takes, gives, mut cost) =
            function.ok_or_else(|| self.fault(format!("there is no function {name}")))?;
        let mut values = Vec::new();
        for (place, takes) in takes.iter().enumerate() {
            if place > 0 {
                self.sign(",")?;
            }
            let value = self.expression()?;
            self.expect(&value, *takes)?;
            cost = cost.saturating_add(value.cost);
            values.push(value.expr);
        }
        self.sign(")")?;
        Ok(Typed::new(Expr::Call(function, values), gives).with(cost))
    }

    /// The value is read before the name of its record is: so its words are read again once that is known.
    fn folded(&mut self, fold: Fold) -> Result<Typed, Fault> {
        let value_at = self.place();
        self.skip_to_for()?;
        let record = self.name()?;
        self.keyword("in")?;
        let list = self.expression()?;
        let of = match list.is {
            Type::Events => Type::Event,
            Type::Sections => Type::Section,
            _ => return Err(self.fault("that is no list")),
        };
        let slot = self.bind(&record, of)?;
        let mut each = 1u64;
        let when = if self.takes("if") {
            let when = self.expression()?;
            self.expect(&when, Type::Truth)?;
            each = each.saturating_add(when.cost);
            Some(when.expr)
        } else {
            None
        };
        self.sign(")")?;
        let end = self.place();
        self.go_to(value_at);
        let value = self.expression()?;
        self.expect(&value, Type::Number)?;
        self.keyword("for")?;
        self.go_to(end);
        self.names.remove(&record);
        each = each.saturating_add(value.cost);
        let cost = list.cost.saturating_add(each.saturating_mul(RECORDS));
        let folded = Folded {
            fold,
            value: value.expr,
            slot,
            list: list.expr,
            when,
        };
        Ok(Typed::new(Expr::Fold(Box::new(folded)), Type::Number).with(cost))
    }

    /// Passes over words up to the `for` of this fold.
    fn skip_to_for(&mut self) -> Result<(), Fault> {
        let mut open = 0usize;
        loop {
            match self.next()? {
                Token::Sign("(") => open = open.saturating_add(1),
                Token::Sign(")") if open == 0 => return Err(self.fault("a fold has no `for`")),
                Token::Sign(")") => open = open.saturating_sub(1),
                Token::Name(name) if name == "for" && open == 0 => return Ok(()),
                _ => {}
            }
        }
    }
}
