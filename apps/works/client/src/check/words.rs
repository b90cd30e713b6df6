//! Findings in words.

use commonhold_works_contract::{
    acceptance::{evidence::Examined, integrity::Finding},
    sor::Sor,
    trace::{Tolerance, derive},
};

use crate::table::thousandths;

/// A finding in words.
pub(super) fn what(
    finding: Finding,
    examined: &Examined,
    tolerance: &Tolerance,
    sor: Option<&Sor<'_>>,
) -> String {
    let plain = match finding {
        Finding::Unreadable => {
            let error = examined.error.map(|error| error.to_string());
            return error.unwrap_or_default();
        }
        Finding::Inconsistent => return inconsistency(sor, tolerance),
        Finding::NotEnrolled => "the instrument is not enrolled for this order",
        Finding::WrongCable => "it is of another cable",
        Finding::WrongFibre => "the order has no such fibre",
        Finding::OutsideWindow => "it was not measured within the order's window",
        Finding::TooSoon => {
            "the same instrument measured something else less than the averaging time before"
        }
        Finding::Duplicate => "DataPts digest already registered for another fibre",
        Finding::WrongWavelength => "the order does not ask for this wavelength",
        Finding::LongPulse => "the pulse is longer than the order allows",
        Finding::WrongGroupIndex => "the group index is not the design's",
        Finding::ShortRange => "the range is shorter than 1.2 times what it measured",
        Finding::Emulated => {
            "three or more signs of an emulated trace: manual review, no auto-acceptance"
        }
        Finding::Checksum => {
            "the checksum is wrong, and this instrument's other files carry a right one"
        }
        Finding::OwnChecksum => {
            "the checksum is not the plain one; most instruments write their own"
        }
    };
    plain.to_owned()
}

fn inconsistency(sor: Option<&Sor<'_>>, tolerance: &Tolerance) -> String {
    let whole = "trace/event-table inconsistency";
    let Some(derived) = sor.and_then(|sor| derive(sor, tolerance).ok()) else {
        return whole.to_owned();
    };
    if derived.disordered {
        return format!("{whole}: the table goes forth and back");
    }
    let losses = derived
        .losses
        .iter()
        .filter(|loss| !loss.agrees())
        .map(|loss| {
            format!(
                "at {} m the table says {} dB, the samples {} dB",
                thousandths(loss.at_mm),
                thousandths(loss.table / 1000),
                thousandths(loss.derived / 1000),
            )
        });
    let sections = derived.sections.iter().filter(|section| !section.agrees());
    let sections = sections.map(|section| {
        format!(
            "before event {} the table says {} dB/km, the samples {} dB/km",
            section.event,
            thousandths(section.table / 1000),
            thousandths(section.derived / 1000),
        )
    });
    let all: Vec<String> = losses.chain(sections).collect();
    format!("{whole}: {}", all.join("; "))
}
