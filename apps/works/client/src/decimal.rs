//! Figures of bills, as people write them.

use commonhold_works_contract::decimal::small;

/// A number of a bill, which people write with spaces, apostrophes or commas between thousands.
pub(crate) fn written(text: &str, places: i32) -> Option<i64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\'')
        .collect();
    let plain = plain.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-' && c != '.');
    let plain = match (plain.rfind(','), plain.rfind('.')) {
        // The last of the two is the point; a lone comma before other than three digits is one.
        (Some(comma), Some(point)) if comma > point => plain.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => plain.replace(',', ""),
        (Some(comma), None) => {
            let groups = plain.matches(',').count();
            if groups == 1 && plain.len() - comma != 4 {
                plain.replace(',', ".")
            } else {
                plain.replace(',', "")
            }
        }
        _ => plain.to_owned(),
    };
    small(&plain, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bills_are_read_as_people_write_them() {
        let read = |text| written(text, 2);
        assert_eq!(read("185000.00"), Some(18_500_000));
        assert_eq!(read("185,000.00"), Some(18_500_000));
        assert_eq!(read("185.000,00"), Some(18_500_000));
        assert_eq!(read("12,45"), Some(1245));
        assert_eq!(read("1,245"), Some(124_500));
        assert_eq!(read("CNY 89.2"), Some(8920));
        assert_eq!(read("-2.5"), Some(-250));
        assert_eq!(read("by agreement"), None);
    }
}
