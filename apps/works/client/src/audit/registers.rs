//! Registers of a project: a table of each kind of thing.
//!
//! Money is in hundredths with its point, quantities in thousandths, times in UTC; what people wrote is told by
//! its hash, as the ledger has it.

use alloy_primitives::{Address, B256};
use commonhold_session::moments;
use commonhold_works_contract::{
    acceptance::integrity::Finding,
    interface::IWorks::{Container, ContractState, MilestoneState, NoticeKind, Ruleset, Silence},
};

use super::gather::{Dealing, Gathered, Ordered};
use crate::{
    ledger::{
        order::{verdict_name, weight_name},
        site::said,
        text,
    },
    sheet::Cell,
    table::{hundredths, thousandths},
};

/// A table.
pub(crate) struct Register {
    /// What it is of.
    pub(crate) name: &'static str,
    /// Its head, and its rows.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// The names of all registers.
pub(crate) const NAMES: [&str; 20] = [
    "project",
    "parties",
    "tenders",
    "bids",
    "contracts",
    "bill",
    "milestones",
    "shares",
    "certificates",
    "orders",
    "fibres",
    "evidence",
    "instruments",
    "inspections",
    "defects",
    "variations",
    "documents",
    "transmittals",
    "notices",
    "diary",
];

/// All registers, in the order of [`NAMES`].
pub(crate) fn registers(gathered: &Gathered) -> Vec<Register> {
    let tables = [
        project(gathered),
        parties(gathered),
        tenders(gathered),
        bids(gathered),
        contracts(gathered),
        bill(gathered),
        milestones(gathered),
        shares(gathered),
        certificates(gathered),
        orders(gathered),
        fibres(gathered),
        evidence(gathered),
        instruments(gathered),
        inspections(gathered),
        defects(gathered),
        variations(gathered),
        documents(gathered),
        transmittals(gathered),
        notices(gathered),
        diary(gathered),
    ];
    let named = NAMES.into_iter().zip(tables);
    named.map(|(name, rows)| Register { name, rows }).collect()
}

fn head(names: &[&str]) -> Vec<Vec<Cell>> {
    let cells = names.iter().map(|name| words(*name));
    vec![cells.collect()]
}

fn words(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn word(word: &B256) -> Cell {
    words(text(word))
}

fn count(number: impl Into<u64>) -> Cell {
    Cell::Number(number.into().to_string())
}

fn money(minor: i64) -> Cell {
    Cell::Number(hundredths(minor))
}

fn sum(minor: u64) -> Cell {
    money(i64::try_from(minor).unwrap_or(i64::MAX))
}

fn quantity(number: u64) -> Cell {
    Cell::Number(thousandths(i64::try_from(number).unwrap_or(i64::MAX)))
}

/// A time; nothing where it has not come.
fn time(seconds: u64) -> Cell {
    words(if seconds == 0 {
        String::new()
    } else {
        moments::show(seconds)
    })
}

fn somebody(who: &Address) -> Cell {
    words(if who.is_zero() {
        String::new()
    } else {
        who.to_string()
    })
}

fn hash(hash: &B256) -> Cell {
    words(if hash.is_zero() {
        String::new()
    } else {
        hash.to_string()
    })
}

const fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn project(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["what", "number", "title", "owner", "opened", "contract"]);
    let project = &gathered.project;
    rows.push(vec![
        words("project"),
        count(gathered.number),
        words(project.title.clone()),
        somebody(&project.owner),
        time(project.openedAt),
        words(""),
    ]);
    for (number, package) in &gathered.packages {
        let contract = (package.contract_ != 0).then(|| package.contract_.to_string());
        rows.push(vec![
            words("package"),
            count(*number),
            words(package.title.clone()),
            somebody(&project.owner),
            words(""),
            words(contract.unwrap_or_default()),
        ]);
    }
    rows
}

fn parties(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&[
        "account",
        "group",
        "credentials",
        "enrolled",
        "until",
        "member",
    ]);
    for party in &gathered.parties {
        rows.push(vec![
            somebody(&party.account),
            hash(&party.group),
            hash(&party.credentials),
            time(party.enrolledAt),
            time(party.until),
            words(yes(party.member)),
        ]);
    }
    rows
}

fn tenders(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "tender",
        "package",
        "opened",
        "deadline",
        "opening until",
        "bids",
        "open bids",
        "awarded to",
        "documents",
        "reason",
    ];
    let mut rows = head(&names);
    for (number, (tender, _)) in &gathered.tenders {
        rows.push(vec![
            count(*number),
            count(tender.package),
            time(tender.openedAt),
            time(tender.deadline),
            time(tender.openingUntil),
            count(tender.bids),
            count(tender.opened),
            somebody(&tender.awarded),
            hash(&tender.documents),
            hash(&tender.reason),
        ]);
    }
    rows
}

fn bids(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["tender", "bidder", "made", "commitment", "opened", "sha256"]);
    for (number, (_, bids)) in &gathered.tenders {
        for bid in bids {
            rows.push(vec![
                count(*number),
                somebody(&bid.bidder),
                time(bid.madeAt),
                hash(&bid.commitment),
                words(yes(bid.opened)),
                hash(&bid.content),
            ]);
        }
    }
    rows
}

const fn contract_state(state: ContractState) -> &'static str {
    match state {
        ContractState::Offered => "offered",
        ContractState::Running => "running",
        ContractState::Completed => "completed",
        _ => "closed",
    }
}

fn contracts(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "package",
        "tender",
        "state",
        "owner",
        "contractor",
        "certifier",
        "sum",
        "added",
        "omitted",
        "extension days",
        "offered",
        "accepted",
        "completed",
        "due",
        "retention permille",
        "damages per day",
        "advance permille",
        "paid",
        "ruleset",
        "documents",
    ];
    let mut rows = head(&names);
    for Dealing {
        number, contract, ..
    } in &gathered.contracts
    {
        let (offer, terms) = (&contract.offer, &contract.offer.terms);
        rows.push(vec![
            count(*number),
            count(offer.package),
            count(offer.tender),
            words(contract_state(contract.state)),
            somebody(&contract.owner),
            somebody(&offer.contractor),
            somebody(&offer.certifier),
            sum(contract.sum),
            sum(contract.added),
            sum(contract.omitted),
            count(contract.extensionDays),
            time(contract.formedAt),
            time(contract.acceptedAt),
            time(contract.completedAt),
            time(terms.dueAt),
            count(terms.retention),
            sum(terms.damagesPerDay),
            count(terms.advance),
            sum(contract.paidMinor),
            hash(&offer.ruleset),
            hash(&offer.documents),
        ]);
    }
    rows
}

fn bill(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "line",
        "quantity",
        "rate",
        "milestone",
        "done permille",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (place, line) in (1u64..).zip(&dealing.lines) {
            rows.push(vec![
                count(dealing.number),
                count(place),
                quantity(line.quantity),
                sum(line.rate),
                count(line.milestone),
                count(line.done),
            ]);
        }
    }
    rows
}

/// How a milestone stands.
pub(crate) const fn milestone_state(state: MilestoneState) -> &'static str {
    match state {
        MilestoneState::Open => "open",
        MilestoneState::Claimed => "claimed",
        MilestoneState::Objected => "objected",
        MilestoneState::Certified => "certified",
        _ => "refused",
    }
}

fn milestones(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "milestone",
        "title",
        "due",
        "planned days",
        "by measurement",
        "state",
        "orders",
        "accepted orders",
        "grave defects",
        "claimed",
        "certified",
        "reason",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (place, milestone) in (1u64..).zip(&dealing.milestones) {
            rows.push(vec![
                count(dealing.number),
                count(place),
                word(&milestone.offer.title),
                time(milestone.offer.dueAt),
                count(milestone.offer.plannedDays),
                words(yes(milestone.offer.tested)),
                words(milestone_state(milestone.state)),
                count(milestone.orders),
                count(milestone.accepted),
                count(milestone.graveDefects),
                time(milestone.claimedAt),
                time(milestone.certifiedAt),
                hash(&milestone.reason),
            ]);
        }
    }
    rows
}

fn shares(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["contract", "subcontractor", "permille", "agreed"]);
    for dealing in &gathered.contracts {
        for share in &dealing.shares {
            rows.push(vec![
                count(dealing.number),
                somebody(&share.subcontractor),
                count(share.permille),
                words(yes(share.agreed)),
            ]);
        }
    }
    rows
}

fn certificates(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract",
        "certificate",
        "gross work",
        "variations",
        "retention",
        "advance paid",
        "advance recovered",
        "damages",
        "net",
        "this payment",
        "certified",
        "due",
        "paid",
        "reason",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for (place, one) in (1u64..).zip(&dealing.certificates) {
            rows.push(vec![
                count(dealing.number),
                count(place),
                money(one.grossWork),
                money(one.variations),
                money(one.retention),
                money(one.advancePaid),
                money(one.advanceRecovered),
                money(one.damages),
                money(one.net),
                money(one.payment),
                time(one.certifiedAt),
                time(one.dueAt),
                time(one.paidAt),
                hash(&one.reason),
            ]);
        }
    }
    rows
}

fn all_orders(gathered: &Gathered) -> impl Iterator<Item = (&Dealing, &Ordered)> {
    let contracts = gathered.contracts.iter();
    contracts.flat_map(|dealing| dealing.orders.iter().map(move |ordered| (dealing, ordered)))
}

fn orders(gathered: &Gathered) -> Vec<Vec<Cell>> {
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

fn fibres(gathered: &Gathered) -> Vec<Vec<Cell>> {
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

fn evidence(gathered: &Gathered) -> Vec<Vec<Cell>> {
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
            let end = if one.slot.rem_euclid(2) == 0 {
                "A"
            } else {
                "B"
            };
            let found = Finding::ALL.iter();
            let found = found.filter(|finding| one.findings & finding.bit() != 0);
            let codes: Vec<&str> = found.map(|finding| finding.code()).collect();
            let original = (one.original != 0).then(|| one.original.to_string());
            rows.push(vec![
                count(*number),
                count(one.order),
                word(&one.fibre),
                count(nm.unwrap_or_default()),
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

fn instruments(gathered: &Gathered) -> Vec<Vec<Cell>> {
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

fn inspections(gathered: &Gathered) -> Vec<Vec<Cell>> {
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

fn defects(gathered: &Gathered) -> Vec<Vec<Cell>> {
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

fn variations(gathered: &Gathered) -> Vec<Vec<Cell>> {
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

/// A container's name by ISO 19650.
pub(crate) fn container(container: &Container) -> String {
    let fields = [
        &container.project,
        &container.originator,
        &container.volume,
        &container.level,
        &container.kind,
        &container.role,
        &container.number,
    ];
    fields.map(text).join("-")
}

fn documents(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "document",
        "container",
        "owner",
        "revision",
        "status",
        "sha256",
        "record",
        "by",
        "at",
    ];
    let mut rows = head(&names);
    for (number, (document, revisions)) in &gathered.documents {
        for one in revisions {
            rows.push(vec![
                count(*number),
                words(container(&document.container)),
                somebody(&document.owner),
                word(&one.revision),
                word(&one.status),
                hash(&one.content),
                hash(&one.record),
                somebody(&one.by),
                time(one.at),
            ]);
        }
    }
    rows
}

fn transmittals(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "transmittal",
        "by",
        "at",
        "for",
        "documents",
        "recipient",
        "acknowledged",
        "received",
    ];
    let mut rows = head(&names);
    for (number, one) in &gathered.transmittals {
        let sheets = one.sheets.iter();
        let sheets = sheets.map(|sheet| format!("{}:{}", sheet.document, sheet.revision));
        let sheets: Vec<String> = sheets.collect();
        for receipt in &one.receipts {
            rows.push(vec![
                count(*number),
                somebody(&one.by),
                time(one.at),
                word(&one.reason),
                words(sheets.join(" ")),
                somebody(&receipt.recipient),
                time(receipt.acknowledgedAt),
                time(receipt.receivedAt),
            ]);
        }
    }
    rows
}

const fn notice_kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::EarlyWarning => "early warning",
        NoticeKind::Claim => "claim",
        NoticeKind::Detail => "detail",
        NoticeKind::Quotation => "quotation",
        NoticeKind::Question => "rfi",
        _ => "general",
    }
}

/// What silence means by a contract.
const fn silence(silence: Silence) -> &'static str {
    match silence {
        Silence::Accepts => "accepts",
        Silence::Rejects => "rejects",
        _ => "escalates",
    }
}

fn notices(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "notice",
        "contract",
        "kind",
        "from",
        "to",
        "given",
        "known",
        "about",
        "acknowledged",
        "received",
        "reply due",
        "answer",
        "answered",
        "silence",
        "content",
        "answer content",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        let means = silence(dealing.contract.offer.terms.clocks.silence);
        for (number, one) in &dealing.notices {
            rows.push(vec![
                count(*number),
                count(dealing.number),
                words(notice_kind(one.kind)),
                somebody(&one.from),
                somebody(&one.to),
                time(one.at),
                time(one.aware),
                count(one.about),
                time(one.acknowledgedAt),
                time(one.receivedAt),
                time(one.replyDue),
                words(said(one.answer)),
                time(one.answeredAt),
                words(means),
                hash(&one.content),
                hash(&one.answerContent),
            ]);
        }
    }
    rows
}

fn diary(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let names = [
        "contract", "day", "people", "machines", "weather", "by", "at", "content",
    ];
    let mut rows = head(&names);
    for dealing in &gathered.contracts {
        for page in &dealing.diary {
            let day: String = moments::show(u64::from(page.day).saturating_mul(86_400));
            rows.push(vec![
                count(dealing.number),
                words(day.chars().take(10).collect::<String>()),
                count(page.crew),
                count(page.plant),
                count(page.weather),
                somebody(&page.by),
                time(page.at),
                hash(&page.content),
            ]);
        }
    }
    rows
}

/// What was done: when, by whom, in which transaction.
pub(crate) fn acts(gathered: &Gathered) -> Vec<Vec<Cell>> {
    let mut rows = head(&["block", "time", "transaction", "signed by", "what"]);
    for act in &gathered.acts {
        let (did, happened) = (&act.happened.did, &act.happened);
        let event = happened.log(&act.wanted).and_then(|log| log.event.as_ref());
        rows.push(vec![
            count(happened.block.number),
            time(happened.seconds()),
            hash(&did.hash),
            somebody(&did.sender),
            words(event.map(|event| event.code()).unwrap_or_default()),
        ]);
    }
    rows
}

/// A ruleset as `works check --ruleset` reads it.
pub(crate) fn ruleset(found: &Ruleset) -> serde_json::Value {
    let table = |rows: &[commonhold_works_contract::interface::IWorks::ByWavelength]| {
        let rows = rows
            .iter()
            .map(|row| (row.nm.to_string(), row.value.into()));
        rows.collect::<serde_json::Map<String, serde_json::Value>>()
    };
    let db = |micro: u32| {
        format!(
            "{}.{:06}",
            micro.div_euclid(1_000_000),
            micro.rem_euclid(1_000_000)
        )
    };
    serde_json::json!({
        "ruleset": "FIBRE-OSP-1",
        "version": 1,
        "limits": {
            "attenuation_max_mdb_per_km": table(&found.attenuation),
            "splice_bidir_p95_mdb": found.spliceP95,
            "splice_bidir_hard_max_mdb": found.spliceHard,
            "splice_bidir_mean_max_mdb": found.spliceMean,
            "connector_bidir_max_mdb": found.connector,
            "reflectance_max_mdb": found.reflectance,
            "macrobend_1550_minus_1310_max_mdb": found.macrobend,
            "length_tolerance_mm": found.lengthMm,
            "length_tolerance_ppm": found.lengthPpm,
            "budget": {
                "alpha_mdb_per_km": table(&found.budgetAlpha),
                "splice_mdb": found.budgetSplice,
                "connector_mdb": found.budgetConnector,
            },
        },
        "trace_consistency": {
            "attenuation_tol_db_per_km": db(found.traceAttenuation),
            "loss_tol_db": format!("{}+2*sigma_fit", db(found.traceLoss)),
        },
    })
}
