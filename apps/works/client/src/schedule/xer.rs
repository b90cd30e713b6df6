//! Primavera's exchange format: tables of texts between tabs.
//!
//! A line is `%T name` (a table begins), `%F` and its columns, `%R` and a row, `%E` (the end). Relations have
//! the types of Microsoft Project, lags in tenths of minutes.

use commonhold_works_contract::decimal::small;

use crate::{
    check::text,
    limits::{COLUMNS_MAX, ROWS_MAX},
    refusal::Refusal,
};

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Xer {
    /// In the file's order.
    pub tables: Vec<Table>,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// An activity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// `A1000`.
    pub code: String,
    /// What it is.
    pub name: String,
    /// `TT_Task`, ….
    pub kind: String,
    /// As planned.
    pub start: Option<String>,
    /// As planned.
    pub end: Option<String>,
}

/// What an activity follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The activity that follows.
    pub task: String,
    /// The one that it follows.
    pub predecessor: String,
    /// 0 finish to finish, 1 finish to start, 2 start to finish, 3 start to start.
    pub kind: i64,
    /// Tenths of minutes.
    pub lag: i64,
}

/// Reads a file.
///
/// # Errors
/// [`Refusal`].
pub fn read(bytes: &[u8]) -> Result<Xer, Refusal> {
    let text = text(bytes);
    if !text.starts_with("ERMHDR") {
        return Err(Refusal::malformed(
            "does not begin as a Primavera export does",
        ));
    }
    let mut xer = Xer::default();
    let (mut count, mut ended) = (0_usize, false);
    for (number, line) in (1..).zip(text.lines()) {
        let mut cells = line.trim_end_matches('\r').split('\t');
        let wrong = |what: &str| Refusal::malformed(format!("line {number}: {what}"));
        match cells.next() {
            Some("%T") => xer.tables.push(Table {
                name: cells.next().unwrap_or_default().trim().to_owned(),
                ..Table::default()
            }),
            Some("%F") => {
                let table = xer.tables.last_mut();
                let table = table.ok_or_else(|| wrong("columns before a table"))?;
                table.columns = cells.map(str::to_owned).collect();
                if table.columns.len() > COLUMNS_MAX {
                    return Err(Refusal::TooMuch {
                        what: "columns",
                        limit: "COLUMNS_MAX",
                        max: COLUMNS_MAX,
                    });
                }
            }
            Some("%R") => {
                count = count.saturating_add(1);
                if count > ROWS_MAX {
                    return Err(Refusal::TooMuch {
                        what: "rows",
                        limit: "ROWS_MAX",
                        max: ROWS_MAX,
                    });
                }
                let table = xer.tables.last_mut();
                let table = table.ok_or_else(|| wrong("a row before a table"))?;
                table.rows.push(cells.map(str::to_owned).collect());
            }
            Some("%E") => {
                ended = true;
                break;
            }
            // The head, and texts that go over several lines.
            _ => {}
        }
    }
    if !ended {
        return Err(Refusal::malformed("has no end line (%E); it was cut off"));
    }
    Ok(xer)
}

impl Table {
    /// Rows.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no row.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn cell<'a>(&self, row: &'a [String], column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|name| name == column)?;
        row.get(at)
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    }
}

impl Xer {
    fn rows(&self, name: &str) -> impl Iterator<Item = (&Table, &Vec<String>)> {
        let tables = self.tables.iter().filter(move |table| table.name == name);
        tables.flat_map(|table| table.rows.iter().map(move |row| (table, row)))
    }

    /// All activities.
    pub fn activities(&self) -> Vec<Activity> {
        let activity = |(table, row): (&Table, &Vec<String>)| {
            let cell = |name: &str| table.cell(row, name).map(str::to_owned);
            Activity {
                code: cell("task_code").unwrap_or_default(),
                name: cell("task_name").unwrap_or_default(),
                kind: cell("task_type").unwrap_or_default(),
                start: cell("target_start_date").or_else(|| cell("early_start_date")),
                end: cell("target_end_date").or_else(|| cell("early_end_date")),
            }
        };
        self.rows("TASK").map(activity).collect()
    }

    /// All relations, by the codes of the activities.
    pub fn relations(&self) -> Vec<Relation> {
        let codes = self.rows("TASK").filter_map(|(table, row)| {
            Some((table.cell(row, "task_id")?, table.cell(row, "task_code")?))
        });
        let codes: std::collections::BTreeMap<&str, &str> = codes.collect();
        let relation = |(table, row): (&Table, &Vec<String>)| {
            let code = |name: &str| {
                let id = table.cell(row, name).unwrap_or_default();
                codes.get(id).copied().unwrap_or(id).to_owned()
            };
            let hours = table
                .cell(row, "lag_hr_cnt")
                .and_then(|hours| small(hours, 3));
            Relation {
                task: code("task_id"),
                predecessor: code("pred_task_id"),
                kind: match table.cell(row, "pred_type") {
                    Some("PR_FF") => 0,
                    Some("PR_SF") => 2,
                    Some("PR_SS") => 3,
                    _ => 1,
                },
                // Thousandths of hours are 0.6 tenths of minutes.
                lag: hours.unwrap_or(0).saturating_mul(6) / 10,
            }
        };
        self.rows("TASKPRED").map(relation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activities_follow_each_other() {
        let file = "ERMHDR\t19\n%T\tTASK\n%F\ttask_id\ttask_code\ttask_name\n\
            %R\t1\tA10\tDig\n%R\t2\tA20\tLay\n%T\tTASKPRED\n\
            %F\ttask_id\tpred_task_id\tpred_type\tlag_hr_cnt\n%R\t2\t1\tPR_SS\t8\n%E\n";
        let xer = read(file.as_bytes()).unwrap();
        assert_eq!(xer.activities().len(), 2);
        let relation = &xer.relations()[0];
        assert_eq!(
            (relation.task.as_str(), relation.predecessor.as_str()),
            ("A20", "A10")
        );
        assert_eq!((relation.kind, relation.lag), (3, 4800));
    }

    #[test]
    fn what_was_cut_off_is_refused() {
        assert!(read(b"ERMHDR\t19\n%T\tTASK\n").is_err());
        assert!(read(b"%T\tTASK\n%E\n").is_err());
        assert!(read(b"ERMHDR\n%R\t1\n%E\n").is_err());
    }
}
