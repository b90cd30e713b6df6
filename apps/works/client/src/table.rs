//! Tables for people.

/// Rows under a head, in columns as wide as what stands in them. Columns whose head begins with `>` are
/// aligned to the right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let title = |name: &str| name.trim_start_matches('>').to_owned();
    let mut all = vec![head.iter().map(|name| title(name)).collect::<Vec<_>>()];
    all.extend_from_slice(rows);
    let width = |column: usize| {
        let cells = all.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(head).zip(&widths);
        let cells = cells.map(|((cell, head), width)| {
            if head.starts_with('>') {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let line: Vec<String> = cells.collect();
        line.join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A number of thousandths with its point: `12345` is `12.345`.
pub(crate) fn thousandths(number: i64) -> String {
    decimal(number, 3)
}

/// A number of hundredths with its point.
pub(crate) fn hundredths(number: i64) -> String {
    decimal(number, 2)
}

fn decimal(number: i64, places: u32) -> String {
    let unit = 10_u64.pow(places);
    let (size, sign) = (number.unsigned_abs(), if number < 0 { "-" } else { "" });
    let places = places as usize;
    format!("{sign}{}.{:0places$}", size / unit, size % unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [
            vec!["a".into(), "1".into()],
            vec!["bcd".into(), "10".into()],
        ];
        assert_eq!(
            table(&["name", ">n"], &rows),
            "name   n\na      1\nbcd   10"
        );
    }

    #[test]
    fn points_stand_where_they_belong() {
        assert_eq!(thousandths(-5), "-0.005");
        assert_eq!(hundredths(12_345), "123.45");
    }
}
