//! Classes, sensitivities and purposes as sets in bits.

use crate::interface::IHealth::{Class, Purpose, Sensitivity};

/// Classes there are.
pub const CLASSES: u8 = Class::Emergency as u8 + 1;
/// Purposes there are.
pub const PURPOSES: u8 = Purpose::FamilyRequest as u8 + 1;
/// How far the bits of restricted slices lie above those of normal ones.
pub const RESTRICTED_SHIFT: u8 = 16;
/// Every normal slice.
pub const ALL_NORMAL: u32 = (1 << CLASSES) - 1;
/// Every slice, also the restricted ones.
pub const ALL_CLASSES: u32 = ALL_NORMAL | (ALL_NORMAL << RESTRICTED_SHIFT);
/// Every purpose.
pub const ALL_PURPOSES: u16 = (1 << PURPOSES) - 1;

/// The number of the bit of slices of this class and sensitivity.
pub const fn class_code(class: Class, sensitivity: Sensitivity) -> u8 {
    let code = class as u8;
    match sensitivity {
        Sensitivity::Normal => code,
        _ => code.saturating_add(RESTRICTED_SHIFT),
    }
}

/// The set of one class.
pub const fn class_bit(class: Class, sensitivity: Sensitivity) -> u32 {
    bit(class_code(class, sensitivity))
}

/// The set with this one bit; empty beyond the last.
pub const fn bit(code: u8) -> u32 {
    match 1u32.checked_shl(code as u32) {
        Some(bit) => bit,
        None => 0,
    }
}

/// The set of one purpose.
pub const fn purpose_bit(purpose: Purpose) -> u16 {
    match 1u16.checked_shl(purpose as u32) {
        Some(bit) => bit,
        None => 0,
    }
}

/// The numbers of the bits in a set of classes, lowest first.
pub fn codes(classes: u32) -> impl Iterator<Item = u8> {
    (0u8..32).filter(move |code| classes & bit(*code) != 0)
}

/// Whether a set of classes has something in it, and nothing that means nothing.
pub const fn are_classes(classes: u32) -> bool {
    classes != 0 && classes & !ALL_CLASSES == 0
}

/// Whether a set of purposes has something in it, and nothing that means nothing.
pub const fn are_purposes(purposes: u16) -> bool {
    purposes != 0 && purposes & !ALL_PURPOSES == 0
}

/// Whether a purpose goes with a study: others go without.
pub const fn needs_study(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Research | Purpose::ClinicalTrial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restricted_slices_have_bits_of_their_own() {
        assert_eq!(class_bit(Class::Labs, Sensitivity::Normal), 1 << 5);
        assert_eq!(class_bit(Class::Labs, Sensitivity::Restricted), 1 << 21);
        assert_eq!(class_bit(Class::Labs, Sensitivity::VeryRestricted), 1 << 21);
        assert_eq!(codes(ALL_CLASSES).count(), 2 * usize::from(CLASSES));
        assert_eq!(
            codes((1 << 5) | (1 << 21)).collect::<Vec<_>>(),
            [5, 21],
            "lowest first"
        );
    }

    #[test]
    fn bits_that_mean_nothing_are_no_set() {
        for classes in [0, 1 << 13, 1 << 15, 1 << 31, u32::MAX] {
            assert!(!are_classes(classes), "{classes:#x}");
        }
        assert!(are_classes(ALL_CLASSES) && are_classes(1));
        assert!(!are_purposes(0) && !are_purposes(1 << 5));
        assert!(are_purposes(ALL_PURPOSES));
        assert_eq!(purpose_bit(Purpose::FamilyRequest), 1 << 4);
    }
}
