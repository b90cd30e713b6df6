//! Registers of what was built, measured and found.

use commonhold_works_contract::acceptance::integrity::Finding;

use super::cells::{count, hash, head, quantity, somebody, sum, time, word, words, yes};
use crate::{
    audit::gather::{Dealing, Gathered, Ordered},
    ledger::{evidence::weight_name, order::verdict_name, site::said},
    sheet::Cell,
};

fn all_orders(gathered: &Gathered) -> impl Iterator<Item = (&Dealing, &Ordered)> {
    let contracts = gathered.contracts.iter();
    contracts.flat_map(|dealing| dealing.orders.iter().map(move |ordered| (dealing, ordered)))
}

pub(super) fn orders(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "order",
        "contract",
        "milestone",
        "issued by",
        "issued",
        "cable",
        "length m",
        "splices",
        "connectors",
        "wavelengths",
        "both ends",
        "from",
        "until",
        "fibres",
        "accepted",
        "at first try",
        "done",
    ];
    let mut rows = head(&names);
    for (dealing, ordered) in all_orders(gathered) {
        let (order, design) = (&ordered.order, &ordered.order.design);
        let nm: Vec<String> = design.wavelengths.iter().map(u16::to_string).collect();
        rows.push(vec![
            count(ordered.number),
            count(dealing.number),
            count(order.milestone),
            somebody(&order.issuer),
            time(order.issuedAt),
            word(&design.cable),
            quantity(design.lengthMm),
            count(design.splices),
            count(design.connectors),
            words(nm.join(" ")),
            words(yes(design.bidirectional)),
            time(design.windowFrom),
            time(design.windowTo),
            count(ordered.fibres.len() as u64),
            count(order.accepted),
            count(order.first),
            time(order.doneAt),
        ]);
    }
    rows
}

pub(super) fn fibres(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["order", "fibre", "verdict", "rejected", "judged", "nonce"]);
    for (_, ordered) in all_orders(gathered) {
        for (name, fibre) in &ordered.fibres {
            rows.push(vec![
                count(ordered.number),
                word(name),
                words(verdict_name(fibre.verdict)),
                count(fibre.attempt),
                time(fibre.judgedAt),
                hash(&fibre.nonce),
            ]);
        }
    }
    rows
}

pub(super) fn evidence(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "evidence",
        "order",
        "fibre",
        "nm",
        "end",
        "instrument",
        "measured",
        "brought by",
        "brought",
        "sha256",
        "samples sha256",
        "weight",
        "findings",
        "copy of",
    ];
    let mut rows = head(&names);
    for (_, ordered) in all_orders(gathered) {
        for (number, one) in &ordered.evidence {
            let place = usize::from(one.slot.div_euclid(2));
            let nm = ordered.order.design.wavelengths.get(place).copied();
            let end = match (nm, one.slot.rem_euclid(2)) {
                (None, _) => "",
                (_, 0) => "A",
                _ => "B",
            };
            let found = Finding::ALL.iter();
            let found = found.filter(|finding| one.findings & finding.bit() != 0);
            let codes: Vec<&str> = found.map(|finding| finding.code()).collect();
            let original = (one.original != 0).then(|| one.original.to_string());
            rows.push(vec![
                count(*number),
                count(one.order),
                word(&one.fibre),
                nm.map_or_else(|| words(""), count),
                words(end),
                hash(&one.device),
                time(one.time),
                somebody(&one.by),
                time(one.at),
                hash(&one.file),
                hash(&one.samples),
                words(weight_name(one.weight)),
                words(codes.join(" ")),
                words(original.unwrap_or_default()),
            ]);
        }
    }
    rows
}

pub(super) fn instruments(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "device",
        "owner",
        "model",
        "enrolled",
        "calibrated until",
        "certificate",
        "revoked",
    ];
    let mut rows = head(&names);
    for (id, device) in &gathered.instruments {
        rows.push(vec![
            hash(id),
            somebody(&device.owner),
            words(device.model.clone()),
            time(device.enrolledAt),
            time(device.calibratedUntil),
            hash(&device.certificate),
            time(device.revokedAt),
        ]);
    }
    rows
}

pub(super) fn inspections(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "inspection",
        "contract",
        "milestone",
        "asked",
        "due",
        "done",
        "passed",
        "report",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (number, one) in &dealing.inspections {
            rows.push(vec![
                count(*number),
                count(dealing.number),
                count(one.milestone),
                time(one.askedAt),
                time(one.dueAt),
                time(one.doneAt),
                words(said(one.passed)),
                hash(&one.report),
            ]);
        }
    }
    rows
}

pub(super) fn defects(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "defect",
        "contract",
        "milestone",
        "category",
        "raised by",
        "raised",
        "days",
        "mended",
        "closed",
        "what",
        "reason",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (number, one) in &dealing.defects {
            rows.push(vec![
                count(*number),
                count(dealing.number),
                count(one.milestone),
                count(one.category),
                somebody(&one.raisedBy),
                time(one.raisedAt),
                count(one.allowedDays),
                time(one.fixedAt),
                time(one.closedAt),
                hash(&one.what),
                hash(&one.reason),
            ]);
        }
    }
    rows
}

pub(super) fn variations(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "variation",
        "contract",
        "by",
        "at",
        "quantity",
        "rate",
        "omits",
        "extension days",
        "answer",
        "answered",
        "what",
        "reason",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (number, one) in &dealing.variations {
            rows.push(vec![
                count(*number),
                count(dealing.number),
                somebody(&one.by),
                time(one.at),
                quantity(one.quantity),
                sum(one.rate),
                words(yes(one.omits)),
                count(one.extensionDays),
                words(said(one.answer)),
                time(one.answeredAt),
                hash(&one.what),
                hash(&one.reason),
            ]);
        }
    }
    rows
}
