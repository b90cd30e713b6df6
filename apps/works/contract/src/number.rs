//! Integers that cannot go wrong unseen.
//!
//! [`Int`] is a 128-bit integer whose operators are checked: what overflows, or divides by zero, is
//! nothing from there on, whatever is computed with it. The result says so once, at the end, by
//! [`Int::get`]. A debug build and a release build so give the same integers, or the same refusal.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "the operators of Int are what is defined here, each by a checked operation"
)]

use std::ops::{Add, Mul, Neg, Sub};

/// A result that no integer can hold, or a division by zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a figure is larger than the rules compute with; the input is no measurement")]
pub struct Overflow;

/// An integer, or nothing where one could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int(Option<i128>);

impl Int {
    /// Zero.
    pub const ZERO: Self = Self(Some(0));

    /// The integer.
    ///
    /// # Errors
    /// [`Overflow`] where there is none, or where it does not fit.
    pub fn get<T: TryFrom<i128>>(self) -> Result<T, Overflow> {
        self.0.and_then(|n| T::try_from(n).ok()).ok_or(Overflow)
    }

    /// The quotient, rounded down.
    pub fn div_floor(self, by: impl Into<Self>) -> Self {
        self.with(by, |a, b| {
            let quotient = a.checked_div(b)?;
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) {
                quotient.checked_sub(1)
            } else {
                Some(quotient)
            }
        })
    }

    /// The quotient, rounded to the nearest; halves go away from zero. ARL-1 calls it `div`.
    pub fn div_round(self, by: impl Into<Self>) -> Self {
        self.with(by, |a, b| {
            let quotient = a.checked_div(b)?;
            let rest = a.checked_rem(b)?;
            if rest.unsigned_abs() >= b.unsigned_abs().checked_sub(rest.unsigned_abs())? {
                quotient.checked_add(if (a < 0) == (b < 0) { 1 } else { -1 })
            } else {
                Some(quotient)
            }
        })
    }

    /// The quotient, rounded up.
    pub fn div_ceil(self, by: impl Into<Self>) -> Self {
        -((-self).div_floor(by))
    }

    /// The remainder of [`Self::div_floor`].
    pub fn rem_floor(self, by: impl Into<Self>) -> Self {
        let by = by.into();
        self - self.div_floor(by) * by
    }

    /// Its size, without the sign.
    pub fn abs(self) -> Self {
        Self(self.0.and_then(i128::checked_abs))
    }

    /// The largest integer whose square is not larger; of a negative one there is none.
    pub fn sqrt(self) -> Self {
        Self(self.0.and_then(i128::checked_isqrt))
    }

    /// The smaller of two.
    pub fn min(self, other: impl Into<Self>) -> Self {
        self.with(other, |a, b| Some(a.min(b)))
    }

    /// The larger of two.
    pub fn max(self, other: impl Into<Self>) -> Self {
        self.with(other, |a, b| Some(a.max(b)))
    }

    fn with(self, other: impl Into<Self>, f: impl Fn(i128, i128) -> Option<i128>) -> Self {
        Self(self.0.zip(other.into().0).and_then(|(a, b)| f(a, b)))
    }
}

impl<T: Into<i128>> From<T> for Int {
    fn from(n: T) -> Self {
        Self(Some(n.into()))
    }
}

impl<T: Into<Self>> Add<T> for Int {
    type Output = Self;

    fn add(self, other: T) -> Self {
        self.with(other, i128::checked_add)
    }
}

impl<T: Into<Self>> Sub<T> for Int {
    type Output = Self;

    fn sub(self, other: T) -> Self {
        self.with(other, i128::checked_sub)
    }
}

impl<T: Into<Self>> Mul<T> for Int {
    type Output = Self;

    fn mul(self, other: T) -> Self {
        self.with(other, i128::checked_mul)
    }
}

impl Neg for Int {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.and_then(i128::checked_neg))
    }
}

/// An integer.
pub fn int(n: impl Into<Int>) -> Int {
    n.into()
}

/// An integer of a length.
pub fn len(n: usize) -> Int {
    Int(i128::try_from(n).ok())
}

/// The middle of two, rounded down. ARL-1 calls it `mid`.
pub fn mid(a: impl Into<Int>, b: impl Into<Int>) -> Int {
    (a.into() + b).div_floor(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(n: Int) -> i64 {
        n.get().unwrap()
    }

    #[test]
    fn halves_go_away_from_zero() {
        let cases = [(5, 2, 3), (-5, 2, -3), (5, -2, -3), (4, 3, 1), (-4, 3, -1)];
        for (a, b, quotient) in cases {
            assert_eq!(is(int(a).div_round(b)), quotient, "{a} / {b}");
        }
        assert_eq!(is(int(6).div_round(2)), 3);
        assert_eq!(is(int(0).div_round(2)), 0);
    }

    #[test]
    fn the_middle_is_rounded_down() {
        assert_eq!(is(mid(0, -501)), -251);
        assert_eq!(is(mid(3, 4)), 3);
        assert_eq!(is(int(-7).rem_floor(4)), 1);
        assert_eq!(is(int(7).div_ceil(2)), 4);
        assert_eq!(is(int(-7).div_ceil(2)), -3);
    }

    #[test]
    fn what_overflows_is_nothing_from_there_on() {
        let gone = int(i128::MAX) + 1;
        assert_eq!(gone.get::<i128>(), Err(Overflow));
        assert_eq!((gone - i128::MAX).get::<i128>(), Err(Overflow));
        assert_eq!(int(1).div_floor(0).get::<i64>(), Err(Overflow));
        assert_eq!(int(i128::MIN).div_round(-1).get::<i128>(), Err(Overflow));
        assert_eq!(int(-1).sqrt().get::<i64>(), Err(Overflow));
        assert_eq!(int(300).get::<u8>(), Err(Overflow));
    }
}
