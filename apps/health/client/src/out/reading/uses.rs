//! What for, and of which classes: codes of v3-ActReason, DUO, MONDO, ours, and labels.

use alloy_primitives::B256;
use commonhold_health_contract::{
    codes::{ALL_CLASSES, ALL_NORMAL, ALL_PURPOSES, purpose_bit},
    duo,
    interface::IHealth::{DataUse, Modifier},
    limits::{DISEASES_MAX, MODIFIERS_MAX},
};

use super::at::{At, Read, UNKNOWN};
use crate::{
    moments,
    out::terms::{self, ACT_REASON, CONFIDENTIALITY, DUO, MONDO, url},
    words,
};

/// Purposes, and into `data_use` what DUO says of the use.
pub(super) fn purposes(rule: &At<'_, '_>, mut data_use: Option<&mut DataUse>) -> Read<u16> {
    let mut set = 0u16;
    for coding in rule.list("purpose")? {
        let Some(code) = coding.str("code") else {
            return coding.refuse("has no code");
        };
        match (coding.str("system"), data_use.as_deref_mut()) {
            (Some(ACT_REASON), _) => {
                match words::PURPOSES.iter().find(|(_, _, known)| *known == code) {
                    Some((purpose, ..)) => set |= purpose_bit(*purpose),
                    None => {
                        let why =
                            "is no purpose of the law: HRESCH, CLINTRCH, PUBHLTH, TREAT, FAMRQT";
                        return coding.refuse(why);
                    }
                }
            }
            (Some(DUO | MONDO), None) => {
                return coding.refuse(
                    "narrows an exception by DUO, which the law cannot: narrow the permit",
                );
            }
            (Some(DUO), Some(data_use)) => duo_term(&coding, code, data_use)?,
            (Some(MONDO), Some(data_use)) => {
                let number = code
                    .strip_prefix("MONDO:")
                    .and_then(|digits| digits.parse().ok());
                match number.filter(|number| *number != 0) {
                    Some(_) if data_use.diseases.len() >= DISEASES_MAX => {
                        return coding.refuse("is more than DISEASES_MAX diseases");
                    }
                    Some(number) => data_use.diseases.push(number),
                    None => return coding.refuse("is no term of MONDO"),
                }
            }
            _ => return coding.refuse("is of a code system that the law does not know"),
        }
    }
    Ok(if set == 0 { ALL_PURPOSES } else { set })
}

fn duo_term(coding: &At<'_, '_>, code: &str, data_use: &mut DataUse) -> Read<()> {
    let digits = code
        .strip_prefix("DUO:")
        .or_else(|| code.strip_prefix("DUO_"));
    let Some(code) = digits.and_then(|digits| digits.parse::<u16>().ok()) else {
        return coding.refuse("is no term of DUO");
    };
    let extensions = coding.list("extension")?;
    if duo::is_permission(code) {
        if data_use.permission != 0 {
            return coding.refuse("is a second permission: write a permit for each");
        }
        if !extensions.is_empty() {
            return coding.at("extension").refuse(UNKNOWN);
        }
        data_use.permission = code;
        return Ok(());
    }
    if !duo::is_modifier(code) {
        return coding.refuse("is a term of DUO that the law does not know");
    }
    if data_use.modifiers.len() >= MODIFIERS_MAX {
        return coding.refuse("is more than MODIFIERS_MAX modifiers");
    }
    let mut modifier = Modifier {
        code,
        value: B256::ZERO,
        time: 0,
    };
    for extension in extensions {
        let text = extension.str("valueString");
        match extension.str("url") {
            Some(name) if name == url("duo-value") && duo::has_values(code) => {
                match text.and_then(terms::unword) {
                    Some(value) => modifier.value = value,
                    None => {
                        return extension.refuse(
                            "is longer than 31 bytes: write its keccak-256, 0x and 64 digits",
                        );
                    }
                }
            }
            Some(name) if name == url("duo-date") && duo::has_date(code) => {
                let moment = extension.str("valueDateTime").and_then(moments::read);
                match moment.and_then(|moment| moment.first) {
                    Some(seconds) => modifier.time = seconds,
                    None => return extension.refuse("is no date in whole seconds"),
                }
            }
            Some(name) if name == url("duo-seconds") && duo::has_date(code) => {
                match text.and_then(|text| text.parse().ok()) {
                    Some(seconds) => modifier.time = seconds,
                    None => return extension.refuse("is no time"),
                }
            }
            _ => return extension.refuse(UNKNOWN),
        }
    }
    if duo::has_values(code) == modifier.value.is_zero()
        || duo::has_date(code) == (modifier.time == 0)
    {
        return coding.refuse("has no value, or no date, where DUO's term needs one");
    }
    data_use.modifiers.push(modifier);
    Ok(())
}

/// Classes, as far as labels of confidentiality let them.
pub(super) fn classes(rule: &At<'_, '_>) -> Read<u32> {
    let mut set = 0u32;
    let codings = rule.list("class")?;
    for coding in &codings {
        let known = match coding.str("system") {
            Some(system) if system == url("class") => coding.str("code").map(words::parse_class),
            _ => None,
        };
        match known {
            Some(Some(class)) => set |= class,
            _ => {
                let why = "is none of the law's classes: it cannot be told which slices are meant";
                return coding.refuse(why);
            }
        }
    }
    if codings.is_empty() {
        set = ALL_CLASSES;
    }
    let labels = rule.list("securityLabel")?;
    if labels.is_empty() {
        return Ok(set);
    }
    let mut seen = [false; 3];
    for label in &labels {
        let level = match (label.str("system"), label.str("code")) {
            (Some(CONFIDENTIALITY), Some("N")) => seen.get_mut(0),
            (Some(CONFIDENTIALITY), Some("R")) => seen.get_mut(1),
            (Some(CONFIDENTIALITY), Some("V")) => seen.get_mut(2),
            _ => None,
        };
        match level {
            Some(level) => *level = true,
            None => return label.refuse("is no label that slices are cut by: N, R, V"),
        }
    }
    let narrowed = match seen {
        [true, false, false] => set & ALL_NORMAL,
        [false, true, true] => set & !ALL_NORMAL,
        [true, true, true] => set,
        _ => {
            let why = "tells restricted from very restricted, which the law's classes do not: R and V \
                       together";
            return rule.at("securityLabel").refuse(why);
        }
    };
    if narrowed == 0 {
        return rule
            .at("securityLabel")
            .refuse("leaves nothing of the classes");
    }
    Ok(narrowed)
}
