//! What a consent must look like to be taken: values in, a rejection or nothing out.

use alloy_primitives::{B256, U256};
use commonhold_module::{Outcome, ensure};
use commonhold_system::accounts::roles::is_role;

use crate::{
    codes::{are_classes, are_purposes},
    duo::{DS, has_date, has_values, is_modifier, is_permission},
    interface::IHealth::{
        DataUse, Permit, Recipient, Terms, UnfitCount, UnfitMask, UnfitRecipient, UnfitTerm,
        UnfitWindow,
    },
    limits::{DISEASES_MAX, EXCEPTIONS_MAX, MODIFIERS_MAX, PERMITS_MAX, VETO_SECONDS_MAX},
};

/// Rejects a list that has more than it may.
pub(super) fn at_most(given: usize, max: usize) -> Outcome<()> {
    ensure(given <= max, || UnfitCount {
        given: U256::from(given),
        max: U256::from(max),
    })
}

/// Rejects a list that has none, or more than it may.
pub(super) fn some(given: usize, max: usize) -> Outcome<()> {
    at_most(if given == 0 { usize::MAX } else { given }, max)
}

/// Rejects permits that cannot be meant so at the time `now`, where there are so many studies.
pub(super) fn permits(permits: &[Permit], now: u64, studies: u64) -> Outcome<()> {
    at_most(permits.len(), PERMITS_MAX)?;
    for permit in permits {
        terms(&permit.terms, now, studies)?;
        at_most(permit.exceptions.len(), EXCEPTIONS_MAX)?;
        for exception in &permit.exceptions {
            terms(exception, now, studies)?;
        }
        let veto = permit.vetoSeconds;
        ensure(veto <= VETO_SECONDS_MAX, || UnfitWindow {
            notBefore: 0,
            until: u64::from(veto),
        })?;
        data_use(&permit.dataUse)?;
    }
    Ok(())
}

fn terms(terms: &Terms, now: u64, studies: u64) -> Outcome<()> {
    let Terms {
        purposes,
        classes,
        kind,
        recipient,
        notBefore,
        until,
    } = *terms;
    ensure(are_purposes(purposes), || UnfitMask {
        mask: U256::from(purposes),
    })?;
    ensure(are_classes(classes), || UnfitMask {
        mask: U256::from(classes),
    })?;
    ensure(until == 0 || (notBefore < until && now < until), || {
        UnfitWindow { notBefore, until }
    })?;
    let number = U256::from_be_bytes(recipient.0);
    let fits = match kind {
        Recipient::Anyone => recipient.is_zero(),
        Recipient::Account => !recipient.is_zero() && number.bit_len() <= 160,
        Recipient::Role => is_role(&recipient),
        Recipient::Study => !recipient.is_zero() && number <= U256::from(studies),
        Recipient::__Invalid => false,
    };
    ensure(fits, || UnfitRecipient { kind, recipient })
}

/// Rejects a use that is longer than any consent's.
pub(super) fn bounded(data_use: &DataUse) -> Outcome<()> {
    at_most(data_use.diseases.len(), DISEASES_MAX)?;
    at_most(data_use.modifiers.len(), MODIFIERS_MAX)
}

/// Rejects a use that DUO does not have.
pub(super) fn data_use(data_use: &DataUse) -> Outcome<()> {
    let DataUse {
        permission,
        diseases,
        modifiers,
    } = data_use;
    let code = *permission;
    bounded(data_use)?;
    let fits = is_permission(code) && (code == DS) != diseases.is_empty() && !diseases.contains(&0);
    ensure(fits, || UnfitTerm { code })?;
    for modifier in modifiers {
        let code = modifier.code;
        let fits = is_modifier(code)
            && has_values(code) != (modifier.value == B256::ZERO)
            && has_date(code) == (modifier.time != 0);
        ensure(fits, || UnfitTerm { code })?;
    }
    Ok(())
}
