//! Tables of what everybody may do, as text.
//!
//! ```text
//! grant, of a record with a policy
//!   allowed     policy
//!   NotManager  stranger, registered, owner
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::cast::CAST;

/// Outcomes by row and actor.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    rows: Vec<(String, BTreeMap<String, String>)>,
}

/// Where a line of actors goes on.
const WIDTH: usize = 96;

impl Table {
    /// Notes what a cell ends in.
    pub(crate) fn enter(&mut self, row: &str, actor: &str, outcome: String) {
        let at = self.rows.iter().position(|(name, _)| name == row);
        let at = at.unwrap_or_else(|| {
            self.rows.push((row.to_owned(), BTreeMap::new()));
            self.rows.len() - 1
        });
        let old = self.rows[at].1.insert(actor.to_owned(), outcome);
        assert!(old.is_none(), "{row} is there twice");
    }

    fn row(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        let found = self.rows.iter().find(|(row, _)| row == name);
        found.map(|(_, cells)| cells)
    }

    /// Reads a table.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        let mut row = None;
        let mut outcome = None;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let Some(cells) = line.strip_prefix("  ") else {
                if table.row(line).is_some() {
                    return Err(format!("{line} is there twice"));
                }
                table.rows.push((line.to_owned(), BTreeMap::new()));
                (row, outcome) = (Some(table.rows.len() - 1), None);
                continue;
            };
            let Some(row) = row else {
                return Err(format!("no row before {line:?}"));
            };
            // A line that goes on is indented further.
            let actors = if cells.starts_with(' ') {
                cells.trim_start()
            } else {
                let (name, actors) = cells.split_once("  ").unwrap_or((cells, ""));
                outcome = Some(name.to_owned());
                actors.trim_start()
            };
            let Some(outcome) = &outcome else {
                return Err(format!("no outcome before {line:?}"));
            };
            let (name, cells) = &mut table.rows[row];
            for actor in actors.split(',').map(str::trim).filter(|a| !a.is_empty()) {
                if !CAST.iter().any(|known| known.name == actor) {
                    return Err(format!("{name}: nobody is called {actor:?}"));
                }
                if cells.insert(actor.to_owned(), outcome.clone()).is_some() {
                    return Err(format!("{name}: {actor} is there twice"));
                }
            }
        }
        Ok(table)
    }

    /// Writes it: first who is allowed, then the others.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, cells) in &self.rows {
            let blank = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{blank}{name}").unwrap();
            let mut outcomes: Vec<&String> = cells.values().collect();
            outcomes.sort_by_key(|outcome| (!outcome.starts_with("allowed"), *outcome));
            outcomes.dedup();
            let width = outcomes.iter().map(|outcome| outcome.len()).max();
            let width = width.unwrap_or_default();
            for outcome in outcomes {
                let mut line = format!("  {outcome:<width$}  ");
                let all = CAST.iter().filter(|a| cells.get(a.name) == Some(outcome));
                let mut separator = "";
                for actor in all {
                    line.push_str(separator);
                    if line.len() + actor.name.len() > WIDTH {
                        writeln!(text, "{}", line.trim_end()).unwrap();
                        line = " ".repeat(width + 4);
                    }
                    line.push_str(actor.name);
                    separator = ", ";
                }
                writeln!(text, "{}", line.trim_end()).unwrap();
            }
        }
        text
    }
}

/// What is wrong: functions without a row, cells without an expectation, expectations that nothing
/// performs or that are not met.
pub(crate) fn findings(functions: &[String], expected: &Table, actual: &Table) -> Vec<String> {
    let mut wrong = Vec::new();
    let known = |row: &str| {
        let function = row.split(',').next().unwrap_or_default();
        functions.iter().any(|name| name == function)
    };
    let covered: BTreeSet<&str> = actual
        .rows
        .iter()
        .filter_map(|(row, _)| row.split(',').next())
        .collect();
    for function in functions {
        if !covered.contains(function.as_str()) {
            wrong.push(format!("nobody tries {function}"));
        }
    }
    for (row, cells) in &actual.rows {
        if !known(row) {
            wrong.push(format!("{row} is no function that changes anything"));
        }
        for actor in CAST {
            let expectation = expected.row(row).and_then(|cells| cells.get(actor.name));
            match (expectation, cells.get(actor.name)) {
                (Some(expected), Some(actual)) if expected == actual => {}
                (None, _) => wrong.push(format!("{row} by {}: no expectation", actor.name)),
                (Some(_), None) => wrong.push(format!("{row} by {}: not tried", actor.name)),
                (Some(expected), Some(actual)) => {
                    let who = actor.name;
                    wrong.push(format!("{row} by {who}: {actual}, not {expected}"));
                }
            }
        }
    }
    for (row, _) in &expected.rows {
        if actual.row(row).is_none() {
            wrong.push(format!("{row} is not tried"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Table {
        let mut table = Table::default();
        for actor in CAST {
            let outcome = if actor.name == "owner" {
                "allowed"
            } else {
                "NotOwner"
            };
            table.enter("erase", actor.name, outcome.to_owned());
            table.enter("grant, a case", actor.name, "allowed".to_owned());
        }
        table
    }

    fn functions() -> Vec<String> {
        vec!["erase".to_owned(), "grant".to_owned()]
    }

    #[test]
    fn a_table_is_read_as_it_is_written() {
        let table = full();
        assert_eq!(Table::parse(&table.text()).unwrap(), table);
        assert!(table.text().lines().all(|line| line.len() <= WIDTH + 2));
        assert!(findings(&functions(), &table, &table).is_empty());
    }

    #[test]
    fn an_untested_cell_is_found() {
        let table = full();
        for (row, actor) in [(0, "owner"), (0, "stranger"), (1, "member")] {
            let mut less = table.clone();
            less.rows[row].1.remove(actor).unwrap();
            let name = &table.rows[row].0;
            let text = Table::parse(&less.text()).unwrap();
            assert_eq!(
                findings(&functions(), &text, &table),
                [format!("{name} by {actor}: no expectation")]
            );
            assert_eq!(
                findings(&functions(), &table, &less),
                [format!("{name} by {actor}: not tried")]
            );
        }
    }

    #[test]
    fn a_function_or_row_without_the_other_is_found() {
        let table = full();
        let more = [&functions()[..], &["revoke".to_owned()]].concat();
        assert_eq!(findings(&more, &table, &table), ["nobody tries revoke"]);
        let fewer = &functions()[..1];
        assert_eq!(
            findings(fewer, &table, &table),
            ["grant, a case is no function that changes anything"]
        );
        let mut less = table.clone();
        less.rows.remove(1);
        let found = findings(&functions(), &table, &less);
        assert_eq!(found, ["nobody tries grant", "grant, a case is not tried"]);
    }

    #[test]
    fn an_expectation_that_is_not_met_is_found() {
        let table = full();
        let mut other = table.clone();
        let cells = &mut other.rows[0].1;
        cells.insert("stranger".to_owned(), "allowed".to_owned());
        assert_eq!(
            findings(&functions(), &table, &other),
            ["erase by stranger: allowed, not NotOwner"]
        );
    }

    #[test]
    fn a_table_that_contradicts_itself_is_not_read() {
        for (text, why) in [
            ("a\n  allowed  nobody-such", "nobody is called"),
            ("a\n  allowed  owner\n  X  owner", "owner is there twice"),
            ("a\n\na\n", "a is there twice"),
            ("  allowed  owner", "no row"),
            ("a\n      owner", "no outcome"),
        ] {
            let error = Table::parse(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
