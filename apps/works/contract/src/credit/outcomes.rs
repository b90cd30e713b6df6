//! What a fact comes to, in basis points. Divisions truncate.

use crate::number::{Overflow, int};

/// All.
const WHOLE: i64 = 10_000;

/// What is left of all after a loss.
fn left(loss: crate::number::Int) -> Result<u16, Overflow> {
    (int(WHOLE) - loss.max(0).min(WHOLE)).get()
}

/// T: days late against the due day, after extensions, of so many planned.
///
/// # Errors
/// [`Overflow`].
pub fn timeliness(due_day: i64, actual_day: i64, planned_days: i64) -> Result<u16, Overflow> {
    let late = (int(actual_day) - due_day).max(0);
    left((late * 40_000).div_floor(int(planned_days).max(1)))
}

/// Q: of what was submitted, what passed at the first try. Nothing submitted is nothing passed.
///
/// # Errors
/// [`Overflow`].
pub fn quality(submitted: u64, passed_first: u64) -> Result<u16, Overflow> {
    let passed = int(passed_first).min(submitted);
    (passed * WHOLE).div_floor(int(submitted).max(1)).get()
}

/// D: days that a defect took, of those allowed.
///
/// # Errors
/// [`Overflow`].
pub fn closure(allowed_days: i64, taken_days: i64) -> Result<u16, Overflow> {
    let over = (int(taken_days) - allowed_days).max(0);
    left((over * WHOLE).div_floor(int(allowed_days).max(1)))
}

/// N: days that an answer took, of the period; half within two, nothing after.
///
/// # Errors
/// [`Overflow`].
pub fn notice(period_days: i64, taken_days: i64) -> Result<u16, Overflow> {
    let over_one: i64 = (int(taken_days) - period_days).get()?;
    let over_two: i64 = (int(over_one) - period_days).get()?;
    Ok(match (over_one <= 0, over_two <= 0) {
        (true, _) => 10_000,
        (false, true) => 5_000,
        (false, false) => 0,
    })
}

/// P: days that a payment was late; nothing is left after thirty.
///
/// # Errors
/// [`Overflow`].
pub fn payment(days_late: i64) -> Result<u16, Overflow> {
    left((int(days_late).max(0) * WHOLE).div_floor(30))
}

/// L: of what was in dispute, what the subject was awarded.
///
/// # Errors
/// [`Overflow`].
pub fn dispute(awarded: u64, disputed: u64) -> Result<u16, Overflow> {
    quality(disputed, awarded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_count_half_in_the_second_period() {
        assert_eq!(
            [notice(7, 7), notice(7, 8), notice(7, 14)],
            [Ok(10_000), Ok(5_000), Ok(5_000)]
        );
        assert_eq!(notice(7, 15), Ok(0));
        assert_eq!(dispute(1, 3), Ok(3_333));
        assert_eq!(quality(0, 0), Ok(0));
    }
}
